"""Static pictures: every panel of every chart as an SVG, drawn by one installed browser a command.

Belongs here: what a picture is and how large, the pictures of a document and what they lack. Does
not belong here: the browser (`pictures_browser`), what stands around a picture (`chart_files` and
the other formats).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reports.blocks import Chart, Panel
from reports.export.pictures_browser import Drawn, Lack, one_browser
from reports.export.pictures_svg import png_of
from reports.labels import Labels

__all__ = ["Lack", "Pictures", "draw_pictures", "one_browser", "png_of", "size_px"]

WIDTH_PX = 720
"""Width of the picture of a chart with one panel: 13 px text is 8.5 pt on A4, 16 pt on a slide."""

GAP_PX = 24
COLUMNS = 2
LIMIT_SECONDS = 60.0
SEVERAL_WIDTH_PX = (WIDTH_PX - GAP_PX * (COLUMNS - 1)) // COLUMNS
"""Width of the picture of one panel out of several, which stand two by two."""

_FLAT = 0.8
"""Height of one of several pictures as a share of that on a screen, where it stands wider."""


@dataclass(frozen=True)
class Pictures(Mapping[tuple[str, int], bytes]):
    """The pictures of one document: SVG bytes by chart id and place of the panel in its chart.

    A missing key means that there is no such picture: its table stands in the picture's place,
    under `note`.

    Attributes:
        drawn: SVG bytes by (chart id, place of the panel), in reading order.
        lack: Why there are none, or fewer than asked; None if all are here.
        detail: What the browser said of it, for the log (English, not for readers of a report).
    """

    drawn: Mapping[tuple[str, int], bytes] = field(default_factory=lambda: MappingProxyType({}))
    lack: Lack | None = None
    detail: str = ""

    def __getitem__(self, key: tuple[str, int]) -> bytes:
        """Give the SVG of a panel."""
        return self.drawn[key]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Go through the keys, in reading order."""
        return iter(self.drawn)

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.drawn)

    def of_chart(self, chart: Chart) -> tuple[bytes, ...]:
        """Give the pictures of a chart in order, or nothing if one of them is missing."""
        keys = [(chart.chart_id, place) for place in range(len(chart.picture.panels))]
        if any(key not in self.drawn for key in keys):
            return ()
        return tuple(self.drawn[key] for key in keys)

    def note(self, words: Labels) -> str:
        """Say in one sentence why tables stand where pictures should; empty if nothing lacks."""
        return "" if self.lack is None else words.text(f"pictures.{self.lack}")


def size_px(chart: Chart, panel: Panel) -> tuple[int, int]:
    """Give the width and height (pixels) in which a panel is drawn."""
    if len(chart.picture.panels) > 1:
        return SEVERAL_WIDTH_PX, round(panel.height * _FLAT)
    return WIDTH_PX, panel.height


def draw_pictures(
    charts: Sequence[Iterable[Chart]], *, limit_seconds: float = LIMIT_SECONDS
) -> tuple[Pictures, ...]:
    """Draw the charts of several documents with one browser: one `Pictures` for each, in order.

    Never fails for want of a browser: what could not be drawn is missing, with the reason. The
    browser is that of the block of `one_browser` around it; without such a block nothing of it runs
    or is left on disk when this returns.

    Args:
        charts: The charts of each document (`document.charts`).
        limit_seconds: How long the browser may take for any one picture, its start included.
    """
    asked: list[dict[tuple[str, int], str]] = []
    figures: dict[str, dict[str, Any]] = {}
    for document_charts in charts:
        keys = {}
        for chart in document_charts:
            for place, panel in enumerate(chart.picture.panels):
                name, figure = _figure(panel, *size_px(chart, panel))
                keys[chart.chart_id, place] = name
                figures[name] = figure
        asked.append(keys)
    drawn = Drawn({})
    if figures:
        with one_browser() as browser:
            drawn = browser.draw(figures, limit_seconds)
    return tuple(_pictures(keys, drawn) for keys in asked)


def _pictures(keys: Mapping[tuple[str, int], str], drawn: Drawn) -> Pictures:
    found = {key: drawn.pictures[name] for key, name in keys.items() if name in drawn.pictures}
    if len(found) == len(keys):
        return Pictures(MappingProxyType(found))
    return Pictures(MappingProxyType(found), drawn.lack, drawn.detail)


def _figure(panel: Panel, width: int, height: int) -> tuple[str, dict[str, Any]]:
    """Give what the child draws, and its name: a hash of all that the picture depends on."""
    drawn = {"figure": json.loads(panel.figure.to_json()), "width": width, "height": height}
    name = hashlib.sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()
    return name, {**drawn, "seed": int(name[:8], 16)}
