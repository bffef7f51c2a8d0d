"""Pictures of demo products: stand-ins for missing photos, and contact sheets."""

from dataclasses import fields
from pathlib import Path

from fashion_assets.catalog.dry_run import dry_run
from fashion_assets.catalog.source import open_source
from fashion_assets.demo.contact_sheet import write_contact_sheet
from fashion_assets.demo.models import SIDE
from fashion_assets.demo.stand_ins import Listed, Written, write_stand_ins
from fashion_assets.errors import OptionError
from fashion_assets.orchestration.progress import reporting
from fashion_assets.settings import Settings
from fashion_assets.shop.file import catalog_rules

_PICTURES = (".png", ".jpg", ".jpeg")


def draw_stand_ins(settings: Settings, folder: Path, existing: Path | None = None) -> Written:
    """Write a photo below `folder` for each product of the source: copied from `existing`, otherwise drawn.

    Raises SettingsError when no source is set, and SourceError when it cannot be read.
    """
    names = [field.name for field in fields(Listed)]
    with dry_run(open_source(settings.require_source(), catalog_rules(settings))) as run:
        listed = [Listed(**row) for part in run.parts() for row in part.select(names).iter_rows(named=True)]
    with reporting("drawing stand-ins") as progress:
        return write_stand_ins(folder, listed, existing, settings.demo_seed, progress)


def draw_sheet(
    settings: Settings,
    file: Path,
    columns: int = 7,
    rows: int = 3,
    seed: int | None = None,
    is_balanced: bool = False,
    as_models_see: bool = False,
) -> None:
    """Draw a labelled contact sheet of demo products; `as_models_see` draws them at the resolution of the demo models.

    `seed` defaults to that of the settings; with `is_balanced` all values are about equally frequent, as in training.
    Raises OptionError for a file name that is not a picture's.
    """
    if file.suffix.lower() not in _PICTURES:
        raise OptionError(
            value=f"The picture to write is '{file}'",
            rule=f"its name must end in {' or '.join(_PICTURES)}",
            remedy=f"name it {file.stem}.png",
        )
    world = settings.demo_seed if seed is None else seed
    mix = "balanced" if is_balanced else "catalog"
    write_contact_sheet(file, columns, rows, world, mix, SIDE if as_models_see else None)
