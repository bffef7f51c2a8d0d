"""Renders a report as one self-contained HTML page: no script, no other file, no network.

Jinja2 escapes everything, because product names are untrusted text; only the charts of `charts.py` are inserted as they
are.
"""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_assets.quality.report.charts import calibration_chart, distribution_chart
from fashion_assets.quality.report.contents import WANTED_PRECISION, QualityReport

if TYPE_CHECKING:
    import jinja2

TEMPLATE = "report.html.j2"
NO_NAMES: Mapping[int, str] = {}

_COST_WORDS = {
    "products": "Products",
    "products_asked": "Products inferred",
    "questions_asked": "Questions asked",
    "journal_hits": "Answers from the journal",
    "products_per_minute": "Products a minute",
    "seconds": "Seconds",
    "model_seconds": "Seconds in the model",
    "embedding_seconds": "Seconds for CLIP",
    "tokens_in": "Tokens in",
    "tokens_out": "Tokens out",
    "micro_batch": "Photos in a micro-batch",
    "device_name": "Device",
    "peak_gpu_memory": "Peak GPU memory",
    "peak_memory": "Peak memory of the process",
    "percent_of_peak_arithmetic": "Percent of the GPU's peak arithmetic",
    "cost": "Cost",
    "cost_per_1000_products": "Cost of 1,000 products",
}
"""The figures of `cost_figures` that are shown, with their captions."""


def render(report: QualityReport, photos: Mapping[int, str], names: Mapping[int, str] = NO_NAMES) -> str:
    """The page; `photos` maps product ids to a `data:` URI or, without a colon, to the code of the photo's problem.

    `names` are the shop's own ids of `report.named_products`; a product without one is named by its key.
    """
    from markupsafe import Markup

    return _template().render(
        report=report,
        photos=photos,
        name_of=lambda product: names.get(product, str(product)),
        joined_names=lambda products: ", ".join(names.get(product, str(product)) for product in products),
        distribution_charts=[Markup(distribution_chart(each)) for each in report.distributions if each.applicable],
        calibration_charts={
            each.attribute: Markup(calibration_chart(each.attribute, each.calibration)) for each in report.calibrations
        },
        cost=[(words, report.cost[name]) for name, words in _COST_WORDS.items() if name in report.cost],
        wanted_precision=WANTED_PRECISION,
    )


@cache
def _template() -> "jinja2.Template":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "sentence": _sentence,
        "words": _words,
        "percent": _percent,
        "points": _points,
        "figure": _figure,
    }
    return environment.get_template(TEMPLATE)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _sentence(name: str) -> str:
    """A gate's name as a sentence: "Material agrees with CLIP"."""
    words = _words(name).replace(" clip", " CLIP").replace("tshirts", "t-shirts")
    return words[:1].upper() + words[1:].replace(" percent", "%")


def _percent(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else f"{share:.1%}"


def _points(worse_by: float) -> str:
    points = round(100 * abs(worse_by), 1)
    return "the same" if not points else f"{points:.1f} points {'worse' if worse_by > 0 else 'better'}"


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}" if value >= 0.01 or not value else f"{value:.6f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
