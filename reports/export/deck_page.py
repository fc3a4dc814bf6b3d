"""One slide: its title, texts, charts, tables, foot and notes, placed by measured text.

Belongs here: putting things on a slide so that nothing is cut or overlaps. Does not belong here:
what a slide says (`deck_slides`), the template (`deck_template`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation
from pptx.util import Inches

from reports import theme
from reports.export import deck_template as template
from reports.export.deck_charts import ChartData, NativeChart
from reports.export.deck_text import height, plain, shorten, width

_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_SPACE_PT = 6
_TITLE_LINES = 3
_TITLE_GAP = 0.15
_BAND_WIDE, _BAND_RIGHT = 3.2, 0.9
_CELL = 0.06
_RULE_POINTS = 1.0
_BULLET = 0.25


@dataclass(frozen=True)
class Said:
    """A paragraph: its words, size (points), weight, colour, and whether it is a list's item."""

    text: str
    size: float = template.TEXT_PT
    bold: bool = False
    colour: str = theme.INK
    item: bool = False

    def height(self, room: float) -> float:
        """Give its height with the space above it (inches)."""
        inner = room - (_BULLET if self.item else 0.0)
        return height(plain(self.text), self.size, inner, bold=self.bold) + _SPACE_PT / 72


@dataclass(frozen=True)
class Box:
    """A place on the slide (inches)."""

    x: float
    y: float
    wide: float
    high: float


@dataclass(frozen=True)
class Grid:
    """A table: its heads, rows of texts, which columns are numbers, how many rows are totals."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]
    totals: int = 0


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of every slide: the edition, and the band while data is invented."""

    text: str
    band: str


class Page:
    """A slide under construction.

    Args:
        presentation: The presentation to which the slide is added.
        kind: The layout, one of `deck_template.LAYOUTS`.
        title: The finding.
        foot: The foot.
        language: Language of the words, for readers aloud.
        moment: What stands for the clock in workbooks.
    """

    def __init__(
        self,
        presentation: Presentation,
        kind: str,
        title: str,
        foot: Foot,
        *,
        language: str,
        moment: datetime,
    ) -> None:
        self.slide = presentation.slides.add_slide(template.layout(presentation, kind))
        self._language, self._moment, self._foot = language, moment, foot
        self._number = len(presentation.slides)
        self.top = template.MARGIN
        holder = self.slide.shapes.title
        if kind == "title":
            self._write(holder, [Said(title, template.COVER_PT, bold=True)])
            return
        written = shorten(plain(title), template.TITLE_PT, template.ROOM, _TITLE_LINES, bold=True)
        high = height(written, template.TITLE_PT, template.ROOM, bold=True)
        self._set(holder, Box(template.MARGIN, template.MARGIN, template.ROOM, high))
        self._write(holder, [Said(written, template.TITLE_PT, bold=True)])
        self.top += high + _TITLE_GAP

    @property
    def bottom(self) -> float:
        """Give where the room for content ends (inches)."""
        return template.BODY_BOTTOM

    def body(self, said: Sequence[Said], *, number: int = 1, box: Box | None = None) -> float:
        """Write paragraphs into a placeholder of the layout; give where they end (inches)."""
        holder = next(
            one for one in self.slide.placeholders if one.placeholder_format.idx == number
        )
        if box is None:
            box = Box(template.MARGIN, self.top, template.ROOM, self.bottom - self.top)
        taken = sum(one.height(box.wide) for one in said)
        self._set(holder, Box(box.x, box.y, box.wide, min(taken, box.high)))
        self._write(holder, said)
        return box.y + taken

    def text(self, said: Sequence[Said], box: Box) -> None:
        """Write paragraphs into a box of their own."""
        shape = self.slide.shapes.add_textbox(*self._emu(box))
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap = True
        self._write(shape, said)

    def chart(self, chart: NativeChart, box: Box, *, name: str, alternative: str) -> None:
        """Place a native chart."""
        data: Any = ChartData(chart, self._moment)
        frame = self.slide.shapes.add_chart(XL_CHART_TYPE.LINE, *self._emu(box), data)
        _describe(frame, name, alternative)

    def table(self, grid: Grid, box: Box, *, size: float, alternative: str, name: str) -> float:
        """Place a table; give where it ends (inches)."""
        widths = column_widths(grid, box.wide, size)
        heights = row_heights(grid, widths, size)
        frame = self.slide.shapes.add_table(
            len(grid.rows) + 1,
            len(grid.heads),
            *self._emu(Box(box.x, box.y, box.wide, sum(heights))),
        )
        _describe(frame, name, alternative)
        table = frame.table
        properties = table._tbl.tblPr
        for child in list(properties):
            properties.remove(child)
        properties.set("bandRow", "0")
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = Inches(wide)
        first_total = len(grid.rows) - grid.totals
        for place, (cells, high) in enumerate(zip([grid.heads, *grid.rows], heights, strict=True)):
            table.rows[place].height = Inches(high)
            is_total = place > first_total
            for number, text in enumerate(cells):
                colour = theme.QUIET if place == 0 else theme.INK
                self._cell(
                    table.cell(place, number),
                    Said(text, size, bold=is_total, colour=colour),
                    right=grid.numbers[number],
                    above=place == 1 or (place == first_total + 1 and grid.totals > 0),
                    below=place in (0, len(grid.rows)),
                )
        return box.y + sum(heights)

    def finish(self, notes: Sequence[str]) -> None:
        """Write the foot and the speaker's notes; take out placeholders that hold nothing."""
        for holder in list(self.slide.placeholders):
            if not holder.has_text_frame or not holder.text_frame.text:
                holder._element.getparent().remove(holder._element)
        band = max(_BAND_WIDE, width(self._foot.band, template.SMALL_PT) + 0.3)
        wide = template.ROOM - band - _BAND_RIGHT - 0.2
        self._holder("ftr", 11, shorten(plain(self._foot.text), template.SMALL_PT, wide, 1))
        if self._foot.band:
            shape = self.slide.shapes.add_shape(
                MSO_SHAPE.RECTANGLE,
                *self._emu(
                    Box(
                        template.WIDTH - template.MARGIN - _BAND_RIGHT - band,
                        template.FOOT_TOP,
                        band,
                        template.FOOT,
                    )
                ),
            )
            shape.fill.solid()
            shape.fill.fore_color.rgb = _colour(theme.GROUND)
            shape.line.fill.background()
            shape.shadow.inherit = False
            frame = shape.text_frame
            frame.margin_left = frame.margin_right = Inches(0.1)
            frame.margin_top = frame.margin_bottom = 0
            self._write(shape, [Said(self._foot.band, template.SMALL_PT, colour=theme.QUIET)])
            shape._element.txBody.bodyPr.set("anchor", "ctr")
            shape.name = "band"
        self._holder("sldNum", 12, str(self._number))
        said = [plain(one) for one in notes if one]
        self.slide.notes_slide.notes_text_frame.text = "\n".join(said)

    def _holder(self, kind: str, number: int, text: str) -> None:
        """Add a placeholder of the foot, which the library does not copy from the layout."""
        tree = self.slide.shapes._spTree
        place = max(int(one.get("id")) for one in tree.iter() if one.tag.endswith("}cNvPr")) + 1
        run = (
            f'<a:rPr lang="{self._language}" sz="{template.SMALL_PT * 100}"/>'
            f"<a:t>{escape(text)}</a:t>"
        )
        body = f"<a:r>{run}</a:r>"
        if kind == "sldNum":
            body = f'<a:fld id="{template.NUMBER_FIELD}" type="slidenum">{run}</a:fld>'
        tree.append(
            parse_xml(
                f'<p:sp {_NAMESPACES}><p:nvSpPr><p:cNvPr id="{place}" name="{kind} {place}"/>'
                '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
                f'<p:ph type="{kind}" idx="{number}"/></p:nvPr></p:nvSpPr><p:spPr/>'
                f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p>{body}</a:p></p:txBody></p:sp>"
            )
        )

    def _cell(self, cell: Any, said: Said, *, right: bool, above: bool, below: bool) -> None:
        cell.margin_left = cell.margin_right = Inches(_CELL)
        cell.margin_top = cell.margin_bottom = Inches(_CELL / 2)
        self._fill(cell.text_frame, [said], right=right, spaced=False)
        properties = cell._tc.get_or_add_tcPr()
        properties.set("anchor", "ctr")
        for name, here in (("lnL", False), ("lnR", False), ("lnT", above), ("lnB", below)):
            inside = "<a:noFill/>"
            if here:
                inside = f'<a:solidFill><a:srgbClr val="{theme.REFERENCE[1:]}"/></a:solidFill>'
            properties.append(
                parse_xml(
                    f'<a:{name} {_NAMESPACES} w="{round(_RULE_POINTS * 12700)}">{inside}</a:{name}>'
                )
            )
        properties.append(parse_xml(f"<a:noFill {_NAMESPACES}/>"))

    def _write(self, shape: Any, said: Sequence[Said]) -> None:
        self._fill(shape.text_frame, said)

    def _fill(
        self, frame: Any, said: Sequence[Said], *, right: bool = False, spaced: bool = True
    ) -> None:
        body = frame._txBody
        for old in list(body.p_lst):
            body.remove(old)
        for one in said:
            bullet = "<a:buNone/>"
            indent = ' marL="0" indent="0"'
            if one.item:
                step = Inches(_BULLET)
                bullet = '<a:buFont typeface="Arial"/><a:buChar char="•"/>'
                indent = f' marL="{step}" indent="-{step}"'
            space = _SPACE_PT * 100 if spaced else 0
            align = "r" if right else "l"
            runs = "<a:br/>".join(
                f'<a:r><a:rPr lang="{self._language}" sz="{round(one.size * 100)}" '
                f'b="{int(one.bold)}"><a:solidFill><a:srgbClr val="{one.colour[1:]}"/>'
                f"</a:solidFill></a:rPr><a:t>{escape(line)}</a:t></a:r>"
                for line in plain(one.text).split("\n")
            )
            body.append(
                parse_xml(
                    f'<a:p {_NAMESPACES}><a:pPr algn="{align}"{indent}><a:lnSpc>'
                    '<a:spcPct val="100000"/></a:lnSpc><a:spcBef>'
                    f'<a:spcPts val="{space}"/></a:spcBef>{bullet}</a:pPr>{runs}</a:p>'
                )
            )

    def _set(self, shape: Any, box: Box) -> None:
        shape.left, shape.top, shape.width, shape.height = self._emu(box)

    @staticmethod
    def _emu(box: Box) -> tuple[int, int, int, int]:
        return Inches(box.x), Inches(box.y), Inches(box.wide), Inches(box.high)


def column_widths(grid: Grid, room: float, size: float) -> list[float]:
    """Give the width of each column: numbers as wide as they need, the rest goes to texts."""
    wanted = []
    for place, head in enumerate(grid.heads):
        cells = [width(plain(row[place]), size, bold=True) for row in grid.rows]
        widest_word = max(width(word, size) for word in [*head.split(), "."])
        need = max([widest_word, *cells])
        wanted.append(need + 2 * _CELL + 0.12)
    total = sum(wanted)
    if total <= room:
        texts = [place for place, number in enumerate(grid.numbers) if not number] or [0]
        heads = [width(head, size) + 2 * _CELL + 0.12 for head in grid.heads]
        for place in range(len(wanted)):
            more = min(max(heads[place] - wanted[place], 0.0), room - sum(wanted))
            if grid.numbers[place]:
                wanted[place] += max(more, 0.0)
        spare = room - sum(wanted)
        return [
            wide + (spare / len(texts) if place in texts else 0.0)
            for place, wide in enumerate(wanted)
        ]
    texts = [place for place, number in enumerate(grid.numbers) if not number]
    fixed = sum(wide for place, wide in enumerate(wanted) if place not in texts)
    share = max(room - fixed, 0.3 * room) / max(sum(wanted[place] for place in texts), 1e-9)
    narrowed = [wide * share if place in texts else wide for place, wide in enumerate(wanted)]
    scale = room / sum(narrowed)
    return [wide * scale for wide in narrowed]


def row_heights(grid: Grid, widths: Sequence[float], size: float) -> list[float]:
    """Give the height of the head and of every row (inches)."""
    return [
        max(
            height(plain(text), size, wide - 2 * _CELL, bold=True)
            for text, wide in zip(cells, widths, strict=True)
        )
        + _CELL
        + 0.04
        for cells in [grid.heads, *grid.rows]
    ]


def table_height(grid: Grid, room: float, size: float) -> float:
    """Give the height of a table in so much width (inches)."""
    return sum(row_heights(grid, column_widths(grid, room, size), size))


def _describe(frame: Any, name: str, alternative: str) -> None:
    marks = frame._element.nvGraphicFramePr.cNvPr
    marks.set("name", plain(name))
    marks.set("descr", plain(alternative))


def _colour(text: str) -> Any:
    made: Any = RGBColor
    return made(*bytes.fromhex(text[1:]))
