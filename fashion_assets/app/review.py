"""The page on which people correct products and label a random sample: opening a session, and serving it."""

from fashion_assets.errors import NotComputed, OptionError, UnknownBatch
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.review import LOOPBACK_NAMES
from fashion_assets.quality.review.session import ReviewSession
from fashion_assets.settings import Settings
from fashion_assets.shop.file import shop_profile
from fashion_assets.storage.store import TableStore

FIRST_PORT = 3100


def open_session(settings: Settings, store: TableStore, by: str, batch: str | None = None) -> ReviewSession:
    """A session of the reviewer `by`, with the disagreements of `batch`, or of all.

    Raises OptionError when nobody is named, NotComputed before anything was extracted, and UnknownBatch when nothing of
    this batch was.
    """
    require_author(by)
    batches = store.batches(EXTRACTED_ATTRIBUTES)
    if not batches:
        raise NotComputed(
            value="No product has been described yet",
            rule="a review shows answers about photos",
            remedy="run `fashion run` first",
        )
    if batch is not None and batch not in batches:
        raise UnknownBatch(
            value=f"batch (--batch) is '{batch}', of which nothing was extracted",
            rule="a review shows answers about photos",
            remedy=f"use one of {', '.join(batches)}",
        )
    shop = shop_profile(settings)
    questions = load_questions(settings.prompts or default_prompts_folder(), shop.taxonomy)
    return ReviewSession(store, settings.photos_root, questions, by.strip(), batch, shop)


def require_author(by: str) -> None:
    """Raise OptionError when nobody is named."""
    if not by.strip():
        raise OptionError(
            value="by (--by) is empty",
            rule="corrections and labels need an author",
            remedy="give a name that colleagues know",
        )


def require_loopback(host: str) -> None:
    """Raise OptionError for an address that other machines can reach, because the page has no accounts."""
    if host not in LOOPBACK_NAMES:
        raise OptionError(
            value=f"host (--host) is '{host}'",
            rule="the page has no accounts and is served to this machine only",
            remedy=f"use one of {', '.join(LOOPBACK_NAMES)}, and an SSH tunnel from elsewhere",
        )


def serve(session: ReviewSession, host: str, port: int) -> None:
    """Serve the page until it is interrupted; raises OptionError as `require_loopback` does."""
    import uvicorn

    from fashion_assets.quality.review.app import build_app

    require_loopback(host)
    uvicorn.run(build_app(session), host=host, port=port, log_level="warning")
