"""The single pages: what the board, a municipality and the monthly meeting get on paper.

Belongs here: the board page's choice out of a document, and the shape of a page in columns that
other pages fill. Does not belong here: compiling (`pdf`), the look (`typst/`), a municipality's
words (`reports.municipal`) or the month's (`reports.progress_page`).
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reports import theme
from reports.blocks import Chart
from reports.document import Document
from reports.export import pdf_tables
from reports.export.pdf_views import (
    DECISION,
    WORKBOOK,
    Report,
    View,
    answer_view,
    base_view,
    front_view,
    is_long,
    quotas_view,
)
from reports.export.pictures import Pictures
from reports.figures import Bullet, Grid, Part, Ruler, Sentence
from reports.municipal import MunicipalView
from reports.progress_page import progress_view

HALF_PT = 225.0
"""Width of one of two columns (points)."""
_MARK_SHARE = 0.24
"""Width of the drawings of a grid as a share of its own."""
_FULL_WIDTH = ("pace", "decisions")
"""Parts of the month's progress that take the whole width."""
BOARD_CHART = "demand-yearly"
BOARD_POINTS = 2
"""Open points that are written out where not all of them have room."""
_ROW_GAP_PT = 10.0
_DENSE_GAP_PT = 6.0
DENSE_SIZES = {"answer": 9.0, "sentence": 8.5, "lead": 12.0}
"""Sizes of a page whose parts stand close (points)."""
_BETWEEN_PT = 20.0
"""Room between two columns (points)."""
_LEFT_SHARE = 0.58
"""Share of the width of the first of two columns, whose tables need more than half."""
_AGREEMENTS = "agreements"
_DECIDED = "vastgesteld"
"""State of an agreement about which nobody still has to decide (a code, not a word)."""
BOARD_WIDTHS_PT = (430.0, 400.0, 370.0, 340.0, 310.0, 280.0, 250.0)
"""Widths of its picture (points), the widest first: the one with which all stands on one page."""


def page_view(
    document: Document,
    *,
    kind: str,
    heading: str,
    rows: Sequence[View],
    front: View | None = None,
    until: str = "",
    lead: str = "",
) -> View:
    """Give a page: who and when above, a headline where it has one, then rows of columns.

    Args:
        document: The release as a document.
        kind: What the page is, for the running head.
        heading: Its title.
        rows: Rows from top to bottom, made by `row`.
        front: The headline, `front_view`'s shape.
        until: Up to when its figures go; in the report's words where it is not given.
        lead: The sentence to remember, where it has no headline.
    """
    words = document.words
    title = f"{heading} {document.region}, {document.month}"
    return {
        **base_view(document, title, kind),
        "heading": heading,
        "until": until
        or words.text(
            "pdf.until",
            month=document.month,
            period=document.period,
            scenario=document.facts.run["scenario_label"],
        ),
        "lead": lead,
        "front": front,
        "headline_level": 0 if front is None else 1,
        "rows": list(rows),
        "row_gap": _ROW_GAP_PT,
    }


def row(*columns: Sequence[View], heading: str = "", shares: Sequence[float] | None = None) -> View:
    """Give a row of one or two columns of parts, equally wide unless their shares are given."""
    return {
        "heading": heading,
        "columns": [list(column) for column in columns],
        "shares": None if shares is None else list(shares),
    }


def figures_part(part: Part, *, room: float) -> View:
    """Give a part of a small page (`reports.figures`) as the typst files set it.

    Args:
        part: The part.
        room: Width that it takes (points).
    """
    bars = part.bars
    return {
        "part": "figures",
        "heading": part.heading,
        "lead": _sentence(part.finding),
        "kind": part.kind,
        "sentences": [_sentence(one) for one in part.sentences],
        "table": None if part.grid is None else grid_view(part.grid, room),
        "bars": None
        if bars is None
        else {
            "unit": bars.unit,
            "bars": [
                {
                    "label": bar.label,
                    "year": bar.year,
                    "figure": str(bar.figure),
                    "height": bar.height,
                    "part": bar.part,
                }
                for bar in bars.bars
            ],
        },
        "ruler": None if part.ruler is None else ruler_view(part.ruler),
        "hundred": None
        if part.hundred is None
        else {"filled": part.hundred.filled, "alternative": part.hundred.alternative},
        "room": room,
        "notes": list(part.notes),
    }


def grid_view(grid: Grid, room: float) -> View:
    """Give a small table, with its drawings in a last column where it has any."""
    drawn = any(line.bullet is not None for line in grid.lines)
    mark = _MARK_SHARE * room if drawn else 0.0
    view = pdf_tables.plain_view(
        grid.heads,
        [[line.label, *map(str, line.cells)] for line in grid.lines],
        room=room - mark,
        total_rows=sum(line.is_total for line in grid.lines),
        texts=(0, *grid.texts),
    )
    if not drawn:
        return view
    head = {"text": grid.bullet_head, "number": False, "breaks": True}
    marks = [_bullet(line.bullet) for line in grid.lines]
    half = view["gap"] / 2
    widths = [*view["widths"][:-1], view["widths"][-1] + half]
    return {
        **view,
        "widths": widths,
        "marks": marks,
        "mark_head": head,
        "mark_width": mark - half,
    }


def ruler_view(ruler: Ruler) -> View:
    """Give a single bar with its marks named, each in its own colour."""
    marks = (("realised", ruler.bar), ("ink", ruler.norm), ("cap", ruler.most))
    return {
        "bullet": _bullet(ruler.bullet),
        "alternative": ruler.alternative,
        "marks": [{"kind": kind, "text": str(said)} for kind, said in marks if said is not None],
    }


def _bullet(bullet: Bullet | None) -> View | None:
    if bullet is None:
        return None
    return {"bar": bullet.bar, "norm": bullet.norm, "most": bullet.most}


def _sentence(sentence: Sentence) -> str:
    return f"{str(sentence).rstrip('.')}."


def progress_pdf_view(document: Document, *, dense: bool = False) -> View:
    """Give the month's progress: the way of applications, then its parts.

    Args:
        document: The release as a document.
        dense: Whether its parts stand as close as they can, so that they share one page.
    """
    words, found = document.words, progress_view(document)
    rows = []
    if found.stages:
        stages = [
            {
                "label": stage.label,
                "figure": str(stage.figure),
                "more": str(stage.more),
                "kind": stage.kind,
            }
            for stage in found.stages
        ]
        way = {"part": "stages", "heading": found.stages_label, "stages": stages}
        rows.append(row([way]))
    rows += _dense_rows(found.parts) if dense else _progress_rows(found.parts)
    view = page_view(
        document,
        kind=words.text("pdf.kind.progress"),
        heading=found.title,
        rows=rows,
        until=found.stand,
        lead=_sentence(found.lead),
    )
    if dense:
        view["row_gap"] = _DENSE_GAP_PT
        view["theme"]["sizes"] |= DENSE_SIZES
        view["dense"] = True
    return view


def _progress_rows(parts: Sequence[Part]) -> list[View]:
    rows: list[View] = []
    halves: list[View] = []
    for part in parts:
        if part.part_id in _FULL_WIDTH:
            rows += _pairs(halves)
            halves = []
            rows.append(row([figures_part(part, room=pdf_tables.PAGE_PT)]))
        else:
            halves.append(figures_part(part, room=HALF_PT))
    return rows + _pairs(halves)


def _dense_rows(parts: Sequence[Part]) -> list[View]:
    """Give the parts in two columns that end at about the same height, then the wide ones.

    A part of no more than a sentence stands at the end of the first column.
    """
    halves = [part for part in parts if part.part_id not in _FULL_WIDTH]
    short = [part for part in parts if part.part_id in _FULL_WIDTH and part.grid is None]
    wide = [part for part in parts if part.part_id in _FULL_WIDTH and part.grid is not None]
    both = pdf_tables.PAGE_PT - _BETWEEN_PT
    shares = (_LEFT_SHARE, 1.0 - _LEFT_SHARE)
    columns = [halves[::2] + short, halves[1::2]]
    made = [
        [figures_part(part, room=share * both) for part in column]
        for column, share in zip(columns, shares, strict=True)
    ]
    rows = [row(*made, shares=shares)] if halves else []
    for part in wide if halves else (*wide, *short):
        rows.append(row([{**figures_part(part, room=pdf_tables.PAGE_PT), "joined": True}]))
    return rows


def municipal_pdf_view(document: Document, found: MunicipalView) -> View:
    """Give the page of one municipality: its number, what belongs to it, then its parts."""
    words = document.words
    halves = [figures_part(part, room=HALF_PT) for part in found.parts]
    front = {
        "headline": str(found.big),
        "headline_label": found.big_label,
        "kind": {"cap": "cap", "owed": "demand"}.get(found.big_kind, "quiet"),
        "is_known": found.big_kind != "none",
    }
    text = {"part": "text", "heading": "", "strong": "", "texts": [_sentence(found.second)]}
    view = page_view(
        document,
        kind=words.text("pdf.kind.municipal", municipality=found.name),
        heading=found.title,
        rows=[row([text]), *_pairs(halves)],
        front=front,
        until=found.stand,
    )
    sizes = view["theme"]["sizes"]
    sizes["sentence"] = sizes["answer"] = theme.TYPE_PT["body"]
    view["row_gap"] = 2 * _ROW_GAP_PT
    return view


def _pairs(parts: Sequence[View]) -> list[View]:
    return [row(*([part] for part in parts[at : at + 2])) for at in range(0, len(parts), 2)]


def board_view(
    document: Document,
    pictures: Pictures,
    *,
    width: float = BOARD_WIDTHS_PT[0],
    most_points: int | None = None,
) -> tuple[View, dict[str, str]]:
    """Give the board's page and its pictures: one number, one chart, this year, what to decide.

    Args:
        document: The release as a document.
        pictures: Its pictures.
        width: Width of the chart (points); 0 for none, where so many municipalities share the
            homes that their numbers take its place.
        most_points: Most points that nobody agreed or confirmed; the others are counted.
    """
    words, front = document.words, document.front
    report = Report(document, pictures)
    chart = next((one for one in document.charts if one.chart_id == BOARD_CHART), None)
    answers = {answer.target: answer for answer in front.answers}
    said = {"part": "text", "heading": "", "strong": front.range_sentence}
    told = [{**said, "texts": [front.definition]}]
    matters = [
        {"part": "answer", **answer_view(answer)}
        for target, answer in answers.items()
        if target == "sensitivity"
    ]
    quotas = {"part": "quotas", **quotas_view(front.quotas, words)}
    quotas["notes"] = quotas["notes"][:1]
    bottom = [{"part": "answer", **open_answer(document, most=most_points)}]
    if DECISION in answers:
        bottom.insert(0, {"part": "answer", **answer_view(answers[DECISION])})
    rows = [row([*told, *matters], [quotas])]
    if not front.quotas.rows:
        rows = [row(told, [quotas, *matters])]
    if is_long(front.quotas):
        rows = [row(told, matters), row([quotas])]
    if chart is not None and width:
        rows.append(row([{"part": "chart", **_board_chart(document, report, chart, width)}]))
    rows.append(row(*([part] for part in bottom)))
    view = page_view(
        document,
        kind=words.text("pdf.kind.board"),
        heading=words.text("page.heading", persons=document.persons),
        rows=rows,
        front=front_view(document),
    )
    return view, report.drawn


def _board_chart(document: Document, report: Report, chart: Chart, width: float) -> View:
    """Give the board's chart; where its table stands in its place, only the years to come."""
    view = report.chart(chart, room=width)
    view["number"] = ""
    if view["panels"]:
        return {**view, "notes": []}
    table, year = chart.picture.table, document.facts.as_of_year
    if "year" not in table.frame.columns:
        return {**view, "notes": []}
    frame = table.frame.filter(pl.col("year") > year)
    known = tuple(one for one in table.columns if frame[one.key].null_count() < frame.height)
    ahead = replace(table, frame=frame, columns=known)
    note = document.words.text("pdf.years_ahead", year=year, workbook=WORKBOOK)
    shown = pdf_tables.table_view(
        ahead, document.words, workbook=WORKBOOK, room=pdf_tables.FRAME_PT
    )
    return {**view, "table": shown, "notes": [note]}


def open_answer(document: Document, *, most: int | None = None) -> View:
    """Say what nobody has agreed or confirmed yet; of more than `most` points how many more."""
    words, points = document.words, open_points(document)
    shown = points if most is None or len(points) <= most + 1 else points[:most]
    more = words.numbers.whole(len(points) - len(shown))
    shown = [*shown, *([words.text("pdf.open_more", count=more)] if shown != points else [])]
    lead = {0: "open_lead_none", 1: "open_lead_one"}.get(len(points), "open_lead")
    return {
        "heading": words.text("pdf.open_heading"),
        "lead": words.text(f"pdf.{lead}", count=words.numbers.whole(len(points))),
        "sentences": shown or [words.text("pdf.open_none")],
        "kind": "reference",
        "bars": [],
    }


def open_points(document: Document) -> list[str]:
    """List what is not agreed, not decided or not confirmed yet."""
    words, facts = document.words, document.facts
    said = []
    if facts.cap is None:
        said.append(words.text("summary.cap_none"))
    if facts.promise_months is None:
        said.append(words.text("summary.promise_none"))
    if not document.front.quotas.rows:
        said += document.front.quotas.notes
    decided, yes = words.code("state", _DECIDED), words.text("yes_no.yes")
    for section in document.build([_AGREEMENTS]):
        for titled in section.tables:
            for one in titled.table.frame.to_dicts():
                if one["state"] != decided:
                    said.append(words.text("pdf.open_state", **one))
                elif one["confirmed"] != yes:
                    said.append(words.text("pdf.open_unconfirmed", **one))
    if not document.front.quotas.rows:
        return said
    return said + [note for note in document.front.quotas.notes[1:]]
