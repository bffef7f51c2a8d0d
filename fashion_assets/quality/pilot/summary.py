"""The outcome of a pilot for people and for Dagster: sentences, a table, a judgement."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fashion_assets.errors import PilotRefused
from fashion_assets.extraction.pilot_guard import PilotRecord, PilotVerdict
from fashion_assets.gates.gate import Judgement, judge_condition
from fashion_assets.orchestration.markdown import inert
from fashion_assets.orchestration.progress import spoken_time
from fashion_assets.shop.limits import PilotLimits
from fashion_assets.shop.profile import SHIPPED

if TYPE_CHECKING:
    from fashion_assets.quality.pilot.run import Pilot

PILOT, PROCEEDS = PilotRefused.missing_check
"""The asset and its check."""

WHY_PROCEED = "Without it, these prompts and this model may describe no more than one batch."

NEXT_STEP = {
    PilotVerdict.PROCEED: "Next: `fashion run`",
    PilotVerdict.REFINE: "Change a prompt in `prompts/` (or FASHION_PROMPTS), then `fashion pilot` again; "
    "`fashion pilot --compare OTHER_PROMPTS_DIR` shows whether the change helps.",
    PilotVerdict.RECONSIDER: "Another model (FASHION_VLM) or other photos will help more than other prompts; "
    "look at single answers with `fashion journal show PRODUCT_ID`.",
}


def judge_pilot(record: PilotRecord) -> Judgement:
    """The judgement of the check PROCEEDS."""
    return judge_condition(PROCEEDS, record.verdict is PilotVerdict.PROCEED, record.in_words())


def criteria_rows(
    figures: Mapping[str, Any], limits: PilotLimits = SHIPPED.limits.pilot
) -> list[tuple[str, str, str, str]]:
    """Criterion, figure, bound for PROCEED and bound for RECONSIDER as texts, from the figures of a record."""
    rows = []
    for criterion in figures["criteria"]:
        at_least, value, reconsider = criterion["at_least"], criterion["value"], criterion["reconsider"]
        below, wanted = ("<", "≥") if at_least else (">", "≤" if criterion["includes_proceed"] else "<")
        figure = "-" if value is None else f"{value:.1%} of {criterion['rows']}"
        hopeless = "" if reconsider is None else f"{below} {reconsider:.0%}"
        rows.append((criterion["name"], figure, f"{wanted} {criterion['proceed']:.0%}", hopeless))
    control = figures["grounding"]
    most_sure, fewest = _in_words(limits.most_sure_about_nothing), _in_words(limits.fewest_following)
    rows.append(
        (
            "sure of a material in empty photos",
            f"{control['sure_about_blanks']} of {control['blanks']}",
            f"≤ {most_sure}",
            f"> {most_sure}",
        )
    )
    rows.append(
        (
            "answers that follow another product's photo",
            f"{control['following']} of {control['different']}",
            f"≥ {fewest}",
            f"< {fewest}",
        )
    )
    return rows


def _in_words(share: float) -> str:
    return "half" if share == 0.5 else f"{share:.0%}"


def forecast_lines(figures: Mapping[str, Any]) -> list[str]:
    """The forecast for the full catalog in sentences, with its 95 % intervals."""
    forecast = figures["forecast"]
    if forecast is None:
        return ["No forecast: most answers came from the journal, so too few photos were timed."]
    seconds, pace = forecast["seconds"], forecast["products_per_minute"]
    lines = [
        f"The full catalog, {forecast['photos']:,} different photos: {spoken_time(seconds['estimate'])} "
        f"({spoken_time(seconds['low'])} to {spoken_time(seconds['high'])}) at {pace['estimate']:,.0f} products "
        "a minute, for `extracted_attributes` without loading the models.",
        f"Tokens: {forecast['tokens_in']['estimate']:,.0f} in ({forecast['tokens_in']['low']:,.0f} to "
        f"{forecast['tokens_in']['high']:,.0f}), {forecast['tokens_out']['estimate']:,.0f} out "
        f"({forecast['tokens_out']['low']:,.0f} to {forecast['tokens_out']['high']:,.0f}).",
    ]
    if forecast["cost"] is None:
        return [*lines, "FASHION_PRICE_PER_HOUR, the price of an hour of the machine, would add the cost."]
    cost = forecast["cost"]
    return [*lines, f"Cost: {cost['estimate']:,.2f} ({cost['low']:,.2f} to {cost['high']:,.2f})."]


def pilot_in_markdown(pilot: "Pilot", limits: PilotLimits = SHIPPED.limits.pilot) -> str:
    """Verdict, reasons, criteria and forecast, for the Dagster UI."""
    record = pilot.record
    table = ["| criterion | found | for PROCEED | RECONSIDER if |", "| --- | --- | --- | --- |"]
    table += [f"| {' | '.join(map(inert, row))} |" for row in criteria_rows(record.figures, limits)]
    reasons = [f"- {inert(reason)}" for reason in record.reasons if record.verdict is not PilotVerdict.PROCEED]
    return "\n".join(
        [
            f"**{record.verdict}**",
            "",
            *reasons,
            "",
            *table,
            "",
            *map(inert, forecast_lines(record.figures)),
            "",
            NEXT_STEP[record.verdict],
        ]
    )
