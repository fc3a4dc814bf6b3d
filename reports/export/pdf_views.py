"""What a PDF holds: a document as plain texts, numbers and lists, in the order that it is printed.

Belongs here: views for the typst files, which know no table and no label. Does not belong here:
compiling (`pdf`), widths (`pdf_tables`), what a section says.
"""

from collections.abc import Iterable
from typing import Any

from reports import theme
from reports.blocks import Chart, Panel, Section, TitledTable
from reports.document import Document
from reports.export import pdf_tables
from reports.export.pictures import Pictures, size_px
from reports.labels import Labels, capital
from reports.sections.summary import Answer, Quotas

View = dict[str, Any]

WORKBOOK = "cijfers.xlsx"
_CONCEPT, _FINAL = "site.concept", "site.final"
"""Labels of the mark of an edition; how far decisions are stands beside it."""
DECISION = "decision"
"""Section of the answer that stands below the others, over the whole width."""
_POINT_IN_PX = 0.75
_MEASURE_PT = 430.0
"""Width of running text (points): some 75 characters of the body size."""
_MOST_WHOLE = 700
"""Letters of a paragraph that stays on one page."""
_TALLEST_PT = 560.0
"""Height of the tallest picture (points): a page less the words of its chart."""
_PANELS_PT = 378.0
"""Height of all pictures of a chart together where they stand in three lines or four: with their
labels, the words of the chart and the heading of a section they fill a page."""
_MANY_LINES, _MOST_LINES = 3, 4
_MOST_PANELS = 8
"""Pictures that fit on one page, two by two."""
_ANSWER_PT = 10.0
"""Size of the leading sentence of an answer (points)."""
FRONT_SIZES: tuple[dict[str, float], ...] = (
    {},
    {"answer": 9.0},
    {"answer": 9.0, "sentence": 8.0},
)
"""Sizes of the answers, the largest first: those with which the first page is one page."""
_TINY_PT = 8.0
"""Size of the words of a stop on the way of applications (points)."""
_COLUMN_LETTERS = 46
"""Letters of small text on a line of one of two columns."""
_MOST_QUOTAS = 12
"""Municipalities whose numbers stand in one of two columns; more of them take both."""
_MOST_IN_TWO = 19
"""Rows that stand in two tables beside each other; more of them stand in three."""
_BESIDE_PT = 20.0
"""Room between tables beside each other (points)."""
_LEAD_LETTERS = 41
"""Letters of a leading sentence on such a line."""
_QUOTAS_PT = 225.0
"""Width of the table of this year's numbers on the first page (points)."""


def base_view(document: Document, title: str, kind: str, *, has_cover: bool = False) -> View:
    """Give what every PDF of a document holds: its look, language, running head and foot."""
    words = document.words
    manifest = document.release.manifest
    language, _, country = words.text("html_lang").partition("-")
    return {
        "theme": theme_view(),
        "lang": language,
        "country": country or None,
        "title": title,
        "author": words.text("pdf.author"),
        "description": words.text("pdf.description", region=document.region, month=document.month),
        "has_cover": has_cover,
        "headline_level": 2 if has_cover else 1,
        "head_left": document.region,
        "head_right": synthetic(document),
        "synthetic": synthetic(document),
        "foot_left": words.text(
            "pdf.foot",
            kind=kind,
            release=manifest["release_id"],
            month=document.month,
            state=state(document),
        ),
        "page_of": {"page": words.text("pdf.page"), "of": words.text("pdf.of")},
        "banners": list(document.banners),
        "words": {
            "contents": words.text("page.contents"),
            "annex": words.text("pdf.annex"),
            "annex_why": words.text("pdf.annex_why"),
            "annex_wide": words.text("pdf.annex_wide"),
            "unprinted": words.text("pdf.unprinted_heading", workbook=WORKBOOK),
        },
    }


def theme_view() -> View:
    """Give the tokens of the look that the typst files use."""
    return {
        "font": theme.FONT_NAME,
        "colours": dict(theme.COLOURS),
        "tints": {
            name: theme.blend(colour, theme.OUTER_TINT) for name, colour in theme.COLOURS.items()
        },
        "sizes": {
            **theme.TYPE_PT,
            "answer": _ANSWER_PT,
            "sentence": theme.TYPE_PT["small"],
            "tiny": _TINY_PT,
        },
        "measure": _MEASURE_PT,
    }


def synthetic(document: Document) -> str:
    """Give what stands on every page: for whom it is, and that figures are invented."""
    return document.band


def state(document: Document) -> str:
    """Say whether this edition may still change."""
    return capital(document.words.text(_FINAL if document.release.is_final else _CONCEPT))


class Report:
    """Makes the view of the steering group's report.

    Args:
        document: The release as a document.
        pictures: Its pictures; where one is missing the chart's table stands in its place.
    """

    def __init__(self, document: Document, pictures: Pictures) -> None:
        self.document, self.pictures = document, pictures
        self.words: Labels = document.words
        self.drawn: dict[str, str] = {}
        self.wide: list[View] = []
        self.unprinted: list[str] = []

    def view(self) -> View:
        """Give the whole report; afterwards `drawn` holds its pictures by name."""
        document, words = self.document, self.words
        title = words.text("page.title", region=document.region, month=document.month)
        sections = [section for section in document.sections if not section.is_missing]
        lists = (("missing", document.missing), ("withheld", document.withheld))
        notes = [words.text(f"page.{label}_list", names=names) for label, names in lists if names]
        lack = self.pictures.note(words)
        return {
            **base_view(document, title, words.text("pdf.kind.report"), has_cover=True),
            "cover": self.cover(),
            "front": front_view(document),
            "page_width": pdf_tables.PAGE_PT,
            "contents_notes": [
                *notes,
                words.text("pdf.contents_note", workbook=WORKBOOK),
                *([lack] if lack else []),
            ],
            "sections": [self.section(section) for section in sections],
            "annex": self.folded(sections),
            "wide": self.wide,
            "unprinted": self.unprinted,
            "provenance": list(document.footer),
        }

    def cover(self) -> View:
        """Give the cover."""
        document, words = self.document, self.words
        facts = {
            "state": state(document),
            "decisions": capital(document.front.decision_states),
            "month": document.month,
            "period": document.period,
            "scenario": document.facts.run["scenario_label"],
            "release": document.release.manifest["release_id"],
            "release_class": capital(words.code("release_class", document.release.release_class)),
        }
        return {
            "region": document.region,
            "title": words.text("page.heading", persons=document.persons),
            "subtitle": words.text("pdf.kind.report"),
            "facts": [
                {"name": words.text(f"pdf.fact.{name}"), "value": str(value)}
                for name, value in facts.items()
            ],
        }

    def section(self, section: Section) -> View:
        """Give a section: its finding, unless a chart says it, and its parts in order."""
        titles = {chart.title.rstrip(".") for chart in section.charts}
        said = section.finding.rstrip(".")
        charts = [{"kind": "chart", **self.chart(chart)} for chart in section.charts]
        parts = charts[:1]
        parts += [
            {"kind": "text", "text": text, "breakable": len(text) > _MOST_WHOLE}
            for text in section.paragraphs
        ]
        parts += charts[1:]
        parts += [self.upright(titled) for titled in section.tables if not titled.folded]
        return {
            "id": section.section_id,
            "heading": section.heading,
            "finding": "" if said in titles else f"{said}.",
            "parts": parts,
        }

    def folded(self, sections: Iterable[Section]) -> list[View]:
        """Give the tables that the web page shows on demand; long ones are only named.

        The first rows of a list to look things up in would tell a reader nothing.
        """
        folded = [one for section in sections for one in section.tables if one.folded]
        views = []
        for titled in folded:
            rows = titled.table.frame.height
            if rows <= pdf_tables.MOST_ROWS:
                views.append(self.upright(titled))
                continue
            count = self.words.numbers.whole(rows)
            self.unprinted.append(self.words.text("pdf.unprinted", title=titled.title, rows=count))
        return [view for view in views if view["kind"] == "table"]

    def upright(self, titled: TitledTable) -> View:
        """Give a table, or where it stands if it needs a page on its side."""
        view = self.titled(titled)
        if not view["table"]["is_wide"]:
            return {"kind": "table", **view}
        self.wide.append(view)
        text = self.words.text("pdf.elsewhere", title=titled.title)
        return {"kind": "elsewhere", "id": titled.table_id, "text": text}

    def titled(self, titled: TitledTable) -> View:
        """Give a table that stands on its own."""
        return {
            "id": titled.table_id,
            "title": titled.title,
            "notes": list(titled.notes),
            "table": pdf_tables.table_view(
                titled.table,
                self.words,
                workbook=WORKBOOK,
                may_turn=True,
            ),
        }

    def chart(self, chart: Chart, *, room: float = pdf_tables.FRAME_PT) -> View:
        """Give a chart: its pictures where all are there, else its table and why."""
        panels = chart_panels(chart, self.pictures, room)
        for panel, (key, svg) in zip(
            panels, _keyed(chart, self.pictures) if panels else (), strict=True
        ):
            panel["picture"] = key
            self.drawn[key] = svg
        known = [one.chart_id for one in self.document.charts]
        view: View = {
            "number": self.words.text("page.figure", number=known.index(chart.chart_id) + 1),
            "title": chart.title,
            "subtitle": chart.subtitle,
            "notes": list(chart.notes),
            "source": self.words.text("page.source", source=chart.source),
            "panels": panels,
            "breakable": len(panels) > _MOST_PANELS or not panels,
        }
        if not panels:
            lack = self.pictures.note(self.words) or self.words.text("pdf.no_picture")
            view["lack"] = lack
            view["table"] = pdf_tables.table_view(
                chart.picture.table, self.words, workbook=WORKBOOK, room=room
            )
            view["breakable"] = view["table"]["breakable"]
        return view


def _keyed(chart: Chart, pictures: Pictures) -> Iterable[tuple[str, str]]:
    for place, svg in enumerate(pictures.of_chart(chart)):
        yield f"picture-{chart.chart_id}-{place}", svg.decode("utf-8")


def chart_panels(chart: Chart, pictures: Pictures, room: float) -> list[View]:
    """Give the pictures of a chart with their sizes on paper (points); none if one is missing."""
    if not pictures.of_chart(chart):
        return []
    several = len(chart.picture.panels) > 1
    each = (room - 14) / 2 if several else room
    lines = (len(chart.picture.panels) + 1) // 2
    tallest = _TALLEST_PT if lines < _MANY_LINES or lines > _MOST_LINES else _PANELS_PT / lines
    return [_panel(chart, panel, each, tallest) for panel in chart.picture.panels]


def _panel(chart: Chart, panel: Panel, room: float, tallest: float) -> View:
    width, height = size_px(chart, panel)
    shown = min(room, width * _POINT_IN_PX)
    return {
        "label": panel.label,
        "width": shown,
        "height": min(shown * height / width, tallest),
        "alternative": f"{panel.label}. {chart.alternative}" if panel.label else chart.alternative,
    }


def front_view(document: Document) -> View:
    """Give the first page: headline, three ways of counting, this year's numbers, the answers."""
    front, words = document.front, document.words
    decisions = [answer for answer in front.answers if answer.target == DECISION]
    others = [answer for answer in front.answers if answer.target != DECISION]
    quotas = {"part": "quotas", **quotas_view(front.quotas, words)}
    parts = [{"part": "answer", **answer_view(answer)} for answer in others]
    return {
        "heading": words.text("page.front"),
        "headline": front.headline,
        "kind": "demand",
        "is_known": True,
        "headline_label": front.headline_label,
        "range_sentence": front.range_sentence,
        "definition": front.definition,
        "measure_heads": [
            words.text(f"summary.column_{name}") for name in ("what", "mean", "range")
        ]
        + [""],
        "measures": [
            {
                name: getattr(row, name)
                for name in (
                    "label",
                    "value",
                    "span",
                    "kind",
                    "is_headline",
                    "low",
                    "mean",
                    "high",
                    "zero",
                )
            }
            for row in front.measures
        ],
        "first": [quotas] if is_long(front.quotas) else [],
        "after": [],
        "next": "",
        "next_page": words.text("pdf.next_page", heading=front.quotas.heading),
        "columns": balance(parts if is_long(front.quotas) else [quotas, *parts]),
        "last": [{"part": "answer", **answer_view(answer)} for answer in decisions],
        "brackets": words.text("summary.brackets"),
    }


def balance(parts: Iterable[View]) -> list[list[View]]:
    """Put parts in two columns, in order, each where there is the most room left."""
    columns: list[list[View]] = [[], []]
    heights = [0.0, 0.0]
    for part in parts:
        at = 0 if heights[0] <= heights[1] else 1
        columns[at].append(part)
        heights[at] += _height(part)
    return columns


def _height(part: View) -> float:
    """Estimate how high a part stands, in lines of small text."""
    if part["part"] == "quotas":
        rows = sum(len(table["rows"]) + 1 for table in part["tables"])
        return 3.5 + 1.2 * rows + sum(lines(note) for note in part["notes"])
    bars = 6.0 if part["bars"] else 0.0
    lead = 1.4 * lines(part["lead"], _LEAD_LETTERS)
    return 4.5 + bars + lead + sum(lines(text) for text in part["sentences"])


def lines(text: str, letters: int = _COLUMN_LETTERS) -> int:
    """Estimate on how many lines a text stands."""
    return len(text) // letters + 1


def answer_view(answer: Answer) -> View:
    """Give one of the answers of the first page."""
    return {
        "heading": answer.heading,
        "lead": answer.lead,
        "sentences": list(answer.sentences),
        "kind": answer.kind if answer.kind in theme.COLOURS else "ink",
        "bars": [
            {"label": bar.label, "value": bar.value, "height": bar.height} for bar in answer.bars
        ],
    }


def quotas_view(quotas: Quotas, words: Labels, *, room: float = _QUOTAS_PT) -> View:
    """Give this year's numbers per municipality; no table where no split was agreed."""
    if not quotas.rows or quotas.total is None:
        return {"heading": quotas.heading, "tables": [], "notes": list(quotas.notes)}
    heads = [
        words.text("column.municipality"),
        words.text("summary.quota_at_most"),
        words.text("summary.quota_owed"),
    ]
    rows = [[row.name, row.at_most, row.owed] for row in (*quotas.rows, quotas.total)]
    has_ceiling = any(row.has_ceiling for row in quotas.rows)
    if not has_ceiling:  # the note below the table says that none was agreed
        heads, rows = [heads[0], heads[2]], [[row[0], row[2]] for row in rows]
    beside = 1 if not is_long(quotas) else 2 if len(rows) <= _MOST_IN_TWO else 3
    each = -(-len(rows) // beside)
    parts = [rows[at : at + each] for at in range(0, len(rows), each)]
    if beside > 1:
        room = (pdf_tables.PAGE_PT - (beside - 1) * _BESIDE_PT) / beside
    return {
        "heading": quotas.heading,
        "notes": list(quotas.notes),
        "tables": [
            pdf_tables.plain_view(
                heads,
                part,
                room=room,
                total_rows=int(part is parts[-1]),
                kinds={1: "cap"} if has_ceiling else {},
            )
            for part in parts
        ],
    }


def is_long(quotas: Quotas) -> bool:
    """Say whether this year's numbers stand side by side, over the whole width."""
    return len(quotas.rows) > _MOST_QUOTAS
