"""The catalog that a shop reads: its own source, or the demo's, which is rendered where it is missing."""

from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.orchestration.progress import reporting
from fashion_assets.settings import Settings


def ensure_catalog(settings: Settings) -> None:
    """Check that there is a source; render the demo catalog if that is it and none is there yet, of whatever size."""
    source = settings.require_source()
    if settings.is_demo_catalog and not source.exists():
        render_catalog(settings)


def render_catalog(settings: Settings) -> None:
    """Render the demo catalog in the size of the settings, unless just that one is there."""
    with reporting("rendering the demo catalog") as progress:
        write_demo_catalog(settings.require_source().parent, settings.demo_products, settings.demo_seed, progress)
