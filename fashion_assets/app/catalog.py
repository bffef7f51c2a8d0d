"""The catalog that a shop reads: its own source, or the demo catalog, which is rendered if it is missing."""

from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.orchestration.progress import reporting
from fashion_assets.settings import Settings


def ensure_catalog(settings: Settings) -> None:
    """Check that a source is set; render the demo catalog if that is the source and none of any size exists yet.

    Raises SettingsError when no source is set.
    """
    source = settings.require_source()
    if settings.is_demo_catalog and not source.exists():
        render_catalog(settings)


def render_catalog(settings: Settings) -> None:
    """Render the demo catalog in the size that the settings give, unless exactly that one exists."""
    with reporting("rendering the demo catalog") as progress:
        write_demo_catalog(settings.require_source().parent, settings.demo_products, settings.demo_seed, progress)
