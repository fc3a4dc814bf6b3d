"""The look, declared once: colours by kind, type, spacing, chart anatomy.

Belongs here: the tokens, the CSS variables and the plotly template made from them, and the measure
of contrast that tests hold them to. Does not belong here: a chart, a label, or the page's layout.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import fontpkg_ibm_plex_sans
import plotly.graph_objects as go

INK = "#14213D"
QUIET = "#54606E"
DEMAND = "#0A5EA8"
REALISED = "#1A7F5A"
CAP = "#B4500B"
WAITING = "#7B3F8C"
ALARM = "#B3261E"
REFERENCE = "#6B7480"
PAPER = "#FFFFFF"
GROUND = "#F4F6F8"
HAIRLINE = "#DCE1E6"

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "ink": INK,
        "quiet": QUIET,
        "demand": DEMAND,
        "realised": REALISED,
        "cap": CAP,
        "waiting": WAITING,
        "alarm": ALARM,
        "reference": REFERENCE,
        "paper": PAPER,
        "ground": GROUND,
        "hairline": HAIRLINE,
    }
)
"""Every colour by the kind of number that it stands for; the same kind is the same everywhere."""

TEXT_COLOURS = (INK, QUIET, DEMAND, REALISED, CAP, WAITING, ALARM, REFERENCE)
"""Colours that may carry text on paper (contrast of at least 4.5)."""

OUTER_TINT = 0.18
"""Strength of a range of eight in ten draws."""
INNER_TINT = 0.32
"""Strength of the narrower part of a range, and of a bar that holds part of a whole."""

FONT_NAME = "IBM Plex Sans"
FONT_STACK = f'"{FONT_NAME}", Arial, "Liberation Sans", sans-serif'
FONT_FILE = "ibm-plex-sans.ttf"
FONT_LICENCE_FILE = "ibm-plex-sans-licence.txt"

TYPE_PT: Mapping[str, float] = MappingProxyType(
    {
        "small": 9,
        "body": 11,
        "lead": 14,
        "section": 17.5,
        "title": 22,
        "page": 27,
        "headline": 48,
    }
)
"""Type sizes in points: a scale of 1.25 above the body text."""

LINE_PT = 16.0
"""Line height of body text (points)."""

RHYTHM_PX = 8
GUTTER_PX = 24
PAGE_WIDTH_PX = 1120
MEASURE_CH = 72
NARROW_PX = 640
"""Width of the screen (pixels) below which a chart takes its narrow form."""

LINE_WIDTH_PX = 2.5
THIN_WIDTH_PX = 1.5
CHART_TEXT_PX = 13
CHART_HEIGHT_PX = 312

_POINT_IN_REM = 4 / 3 / 16


def tint(colour: str, strength: float) -> str:
    """Give a colour as a see-through tint, for ranges (strength between 0 and 1)."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{strength:g})"


def blend(colour: str, strength: float, ground: str = PAPER) -> str:
    """Give the solid colour that a tint of `colour` shows on a ground."""
    over, under = _channels(colour), _channels(ground)
    mixed = (round(strength * a + (1 - strength) * b) for a, b in zip(over, under, strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def contrast(colour: str, ground: str = PAPER) -> float:
    """Give the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def font_file() -> Path:
    """Give the font (variable weight and width) that every format loads by its path."""
    return Path(fontpkg_ibm_plex_sans.ROOT) / "files" / "IBMPlexSans[wdth,wght].ttf"


def font_licence() -> Path:
    """Give the licence of the font, which travels with every copy of it."""
    return Path(fontpkg_ibm_plex_sans.ROOT) / "LICENSE"


def css_variables() -> str:
    """Give every token as a CSS custom property, for the `:root` of a page."""
    lines = [f"--{name}: {value};" for name, value in COLOURS.items()]
    for name in ("demand", "realised", "cap", "waiting", "alarm", "reference"):
        lines.append(f"--{name}-tint: {blend(COLOURS[name], OUTER_TINT)};")
    lines += [f"--type-{name}: {size * _POINT_IN_REM:.4f}rem;" for name, size in TYPE_PT.items()]
    lines += [
        f"--line: {LINE_PT / TYPE_PT['body']:.4f};",
        f"--rhythm: {RHYTHM_PX / 16:g}rem;",
        f"--gutter: {GUTTER_PX / 16:g}rem;",
        f"--page: {PAGE_WIDTH_PX / 16:g}rem;",
        f"--measure: {MEASURE_CH}ch;",
        f"--font: {FONT_STACK};",
    ]
    return "\n".join(lines)


@cache
def plotly_template() -> go.layout.Template:
    """Make the template that every chart takes: sober, no legend, horizontal hairlines only."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "linecolor": REFERENCE,
        "linewidth": 1,
        "tickcolor": REFERENCE,
        "tickfont": {"color": QUIET, "size": CHART_TEXT_PX},
        "title": {"text": ""},
    }
    layout = go.Layout(
        font={"family": FONT_STACK, "size": CHART_TEXT_PX, "color": INK},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        separators=",.",
        showlegend=False,
        hovermode="closest",
        hoverdistance=40,
        dragmode=False,
        bargap=0.3,
        barmode="overlay",
        hoverlabel={
            "bgcolor": PAPER,
            "bordercolor": REFERENCE,
            "font": {"family": FONT_STACK, "size": CHART_TEXT_PX, "color": INK},
            "align": "left",
        },
        xaxis={**axis, "ticks": "outside", "ticklen": 4},
        yaxis={**axis, "showgrid": True, "gridcolor": HAIRLINE, "gridwidth": 1, "showline": False},
    )
    return go.layout.Template(layout=layout)
