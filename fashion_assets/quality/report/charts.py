"""The report's charts as SVG with real text: no script, no font file, readable on light and dark backgrounds.

Text and axes have `currentColor`, the colour of the surrounding text; marks have tones between light and dark. Each
chart has a description of its content for people who cannot see it.
"""

from html import escape
from typing import TYPE_CHECKING

from fashion_assets.quality.labels.accuracy import wilson_interval
from fashion_assets.quality.labels.calibration import Calibration
from fashion_assets.quality.report.contents import Distribution

if TYPE_CHECKING:
    import altair as alt

_INK = "currentColor"
_NOW, _BEFORE = "#5b8fc7", "#c98a3b"
_FONT = "system-ui, sans-serif"
_LABEL_WIDTH = 122
"""Pixels. The reader's fonts are unknown here, and labels measured with other fonts would be cut off."""

_NARROWEST_SCALE = 0.5


def distribution_chart(distribution: Distribution) -> str:
    """Bars of the current shares, with a mark at each share of the last accepted run, if there was one."""
    import altair as alt

    rows = [
        {
            "value": value.value,
            "share": value.share,
            "before": value.before,
            "end": max(value.share, value.before or 0),
            "label": f"{value.share:.0%}",
        }
        for value in distribution.shares
    ]
    content = ", ".join(
        f"{value.value} {value.share:.0%}" + ("" if value.before is None else f" (was {value.before:.0%})")
        for value in distribution.shares
        if value.share or value.before
    )
    scale = alt.Scale(domain=[0, max(_NARROWEST_SCALE, *(row["end"] for row in rows))], nice=False)
    label_axis = alt.Axis(title=None, minExtent=_LABEL_WIDTH, maxExtent=_LABEL_WIDTH)
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("value:N", sort=None, axis=label_axis))
    layers = [
        base.mark_bar(color=_NOW, height=11, cornerRadiusEnd=2).encode(x=alt.X("share:Q", scale=scale, axis=None)),
        base.mark_text(align="left", dx=6, color=_INK, fontSize=12).encode(
            x=alt.X("end:Q", scale=scale, axis=None), text="label:N"
        ),
    ]
    if any(value.before is not None for value in distribution.shares):
        at = alt.X("before:Q", scale=scale, axis=None)
        layers.append(base.mark_tick(color=_BEFORE, thickness=3, size=17).encode(x=at))
    chart = alt.layer(*layers).properties(width=130, height=alt.Step(20))
    return _svg(chart, f"Shares of {distribution.attribute.replace('_', ' ')}: {content or 'no answers'}.")


def calibration_chart(attribute: str, calibration: Calibration) -> str:
    """The share of right answers over the probability: for each tenth a circle, sized by its number of answers, with
    the 95 % interval of the share."""
    import altair as alt

    rows = []
    for group in calibration.bins:
        if group.count:
            low, high = wilson_interval(round(group.accuracy * group.count), group.count)
            point = {"probability": group.probability, "accuracy": group.accuracy, "answers": group.count}
            rows.append({**point, "low": low, "high": high})
    content = ", ".join(f"{row['accuracy']:.0%} right at {row['probability']:.2f}" for row in rows)
    unit = alt.Scale(domain=[0, 1])
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "format": "%", "labelFlush": False}
    x = alt.X("probability:Q", scale=unit, axis=alt.Axis(title="probability", **axis))
    y_axis = alt.Axis(title="right answers", minExtent=38, **axis)
    ideal = (
        alt.Chart(alt.Data(values=[{"probability": 0, "accuracy": 0}, {"probability": 1, "accuracy": 1}]))
        .mark_line(color=_INK, opacity=0.4, strokeDash=[3, 3], strokeWidth=1)
        .encode(x=x, y=alt.Y("accuracy:Q", scale=unit, axis=y_axis))
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    size = alt.Size("answers:Q", legend=None, scale=alt.Scale(type="sqrt", range=[25, 260], domainMin=0))
    interval = base.mark_rule(color=_NOW, strokeWidth=2, opacity=0.5).encode(
        y=alt.Y("low:Q", scale=unit, axis=y_axis), y2="high:Q"
    )
    dots = base.mark_circle(color=_NOW, opacity=1).encode(y=alt.Y("accuracy:Q", scale=unit, axis=y_axis), size=size)
    chart = alt.layer(ideal, interval, dots).properties(width=200, height=170)
    return _svg(chart, f"Calibration of {attribute.replace('_', ' ')}: {content}.")


def _svg(chart: "alt.LayerChart | alt.FacetChart", description: str) -> str:
    """The chart as SVG; the description becomes its accessible name."""
    import altair as alt
    import vl_convert

    styled = (
        chart.properties(background="transparent", padding=2)
        .configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            titleFontWeight="normal",
            titleFontSize=12,
            labelFontSize=12,
            labelLimit=170,
            gridColor=_INK,
            gridOpacity=0.12,
            domain=False,
            ticks=False,
            labelPadding=6,
        )
    )
    # Validation takes longer than drawing, and Vega-Lite refuses an invalid chart anyway.
    spec = styled.to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(spec, vl_version=".".join(alt.SCHEMA_VERSION.split(".")[:2]))
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)
