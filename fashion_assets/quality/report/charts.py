"""The report's charts as SVG with real text: no script, no font file, readable on light and dark backgrounds.

Text and axes have `currentColor`, the colour of the surrounding text; marks have tones between light and dark. Each
chart has a description of its content for people who cannot see it.

The charts are Vega-Lite specifications, written as they are: building one with Altair takes longer than drawing it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fashion_assets.quality.labels.accuracy import wilson_interval
from fashion_assets.quality.labels.calibration import Calibration
from fashion_assets.quality.report.contents import Distribution

_INK = "currentColor"
_NOW, _BEFORE = "#5b8fc7", "#c98a3b"
_FONT = "system-ui, sans-serif"
_LABEL_WIDTH = 122
"""Pixels. The reader's fonts are unknown here, and labels measured with other fonts would be cut off."""

_NARROWEST_SCALE = 0.5

_CONFIG = {
    "font": _FONT,
    "view": {"continuousWidth": 300, "continuousHeight": 300, "stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelFontSize": 12,
        "labelLimit": 170,
        "gridColor": _INK,
        "gridOpacity": 0.12,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
}

Spec = Mapping[str, Any]
"""A Vega-Lite specification, or a part of one."""


def distribution_chart(distribution: Distribution) -> str:
    """Bars of the current shares, with a mark at each share of the last accepted run, if there was one."""
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
    scale = {"domain": [0, max(_NARROWEST_SCALE, *(row["end"] for row in rows))], "nice": False}
    label_axis = {"title": None, "minExtent": _LABEL_WIDTH, "maxExtent": _LABEL_WIDTH}
    y = {"field": "value", "type": "nominal", "sort": None, "axis": label_axis}

    def at(field: str) -> dict[str, Any]:
        return {"x": {"field": field, "type": "quantitative", "scale": scale, "axis": None}, "y": y}

    layers = [
        _layer("bar", at("share"), color=_NOW, height=11, cornerRadiusEnd=2),
        _layer(
            "text",
            at("end") | {"text": {"field": "label", "type": "nominal"}},
            align="left",
            dx=6,
            color=_INK,
            fontSize=12,
        ),
    ]
    if any(value.before is not None for value in distribution.shares):
        layers.append(_layer("tick", at("before"), color=_BEFORE, thickness=3, size=17))
    chart = {"data": {"values": rows}, "layer": layers, "width": 130, "height": {"step": 20}}
    return _svg(chart, f"Shares of {distribution.attribute.replace('_', ' ')}: {content or 'no answers'}.")


def calibration_chart(attribute: str, calibration: Calibration) -> str:
    """The share of right answers over the probability: for each tenth a circle, sized by its number of answers, with
    the 95 % interval of the share."""
    rows = []
    for group in calibration.bins:
        if group.count:
            low, high = wilson_interval(round(group.accuracy * group.count), group.count)
            point = {"probability": group.probability, "accuracy": group.accuracy, "answers": group.count}
            rows.append({**point, "low": low, "high": high})
    content = ", ".join(f"{row['accuracy']:.0%} right at {row['probability']:.2f}" for row in rows)
    ideal = [{"probability": 0, "accuracy": 0}, {"probability": 1, "accuracy": 1}]
    size = {
        "field": "answers",
        "type": "quantitative",
        "legend": None,
        "scale": {"type": "sqrt", "range": [25, 260], "domainMin": 0},
    }
    layers = [
        _layer("line", _right_answers("accuracy"), ideal, color=_INK, opacity=0.4, strokeDash=[3, 3], strokeWidth=1),
        _layer("rule", _right_answers("low") | {"y2": {"field": "high"}}, rows, color=_NOW, strokeWidth=2, opacity=0.5),
        _layer("circle", _right_answers("accuracy") | {"size": size}, rows, color=_NOW, opacity=1),
    ]
    chart = {"layer": layers, "width": 200, "height": 170}
    return _svg(chart, f"Calibration of {attribute.replace('_', ' ')}: {content}.")


def _right_answers(field: str) -> dict[str, Any]:
    """A share of right answers over the probability, both from 0 to 1."""
    unit = {"domain": [0, 1]}
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "format": "%", "labelFlush": False}
    x_axis, y_axis = {"title": "probability", **axis}, {"title": "right answers", "minExtent": 38, **axis}
    return {
        "x": {"field": "probability", "type": "quantitative", "scale": unit, "axis": x_axis},
        "y": {"field": field, "type": "quantitative", "scale": unit, "axis": y_axis},
    }


def _layer(mark: str, encoding: Spec, rows: Sequence[Spec] | None = None, **style: object) -> Spec:
    """Marks of one kind; `rows` are its own data, without which it has the chart's."""
    data = {} if rows is None else {"data": {"values": rows}}
    return {**data, "mark": {"type": mark, **style}, "encoding": encoding}


def _svg(chart: Spec, description: str) -> str:
    """The chart as SVG; the description becomes its accessible name."""
    import vl_convert

    spec = {**chart, "background": "transparent", "padding": 2, "config": _CONFIG}
    svg = vl_convert.vegalite_to_svg(spec)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)
