"""What the slides say: one idea each, in the order in which a meeting asks.

Belongs here: the choice of what stands on a slide, from the document. Does not belong here: how it
is placed (`deck_page`) or drawn (`deck_charts`, `deck_series`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pptx.presentation import Presentation

from reports import theme
from reports.blocks import Chart, Section
from reports.document import Document
from reports.export import deck_decision
from reports.export import deck_template as template
from reports.export.deck_page import Box, Foot, Grid, Page, Said, table_height
from reports.export.deck_parts import Size
from reports.export.deck_series import DRAWERS
from reports.export.deck_text import height, shorten
from reports.export.deck_years import places_of_group
from reports.labels import capital
from reports.sections import sensitivity

_MOST_GROUPS = 6
_SIDE = 4.2
_GAP = 0.12
_HEAD = 0.34
_NUMBER_PT = int(theme.TYPE_PT["headline"])


@dataclass
class Deck:
    """The document, the presentation that is filled, and what every slide shares."""

    document: Document
    presentation: Presentation
    foot: Foot
    sections: dict[str, Section] = field(init=False)
    charts: dict[str, Chart] = field(init=False)

    def __post_init__(self) -> None:
        """Find sections and charts by their ids."""
        self.sections = {one.section_id: one for one in self.document.sections}
        self.charts = {one.chart_id: one for one in self.document.charts}

    def page(self, kind: str, title: str) -> Page:
        """Add a slide."""
        return Page(
            self.presentation,
            kind,
            title,
            self.foot,
            language=self.say("html_lang"),
            moment=template.last_moment(self.document.facts.as_of),
        )

    def say(self, path: str, /, **values: object) -> str:
        """Give a text of the label file."""
        return self.document.words.text(path, **values)


def add_slides(deck: Deck) -> None:
    """Add every slide that the release can fill, in order."""
    for add in _SLIDES:
        add(deck)


def _cover(deck: Deck) -> None:
    document = deck.document
    page = deck.page("title", document.region)
    until = deck.say(
        "deck.until",
        month=document.month,
        period=document.period,
        scenario=document.facts.run["scenario_label"],
    )
    edition = deck.say("site.final" if document.release.is_final else "site.concept")
    said = [
        Said(deck.say("page.heading", persons=document.persons), template.TITLE_PT),
        Said(until, colour=theme.QUIET),
        Said(f"{capital(edition)}. {document.front.decisions}", colour=theme.QUIET),
        *(Said(text, template.SMALL_PT, colour=theme.QUIET) for text in document.banners),
    ]
    page.body(said, box=Box(template.MARGIN, 3.3, template.ROOM, 3.0))
    page.finish([*document.banners, *document.footer])


def _answer(deck: Deck) -> None:
    front = deck.document.front
    page = deck.page(
        "columns", deck.say("deck.headline", headline=front.headline, label=front.headline_label)
    )
    left = 5.5
    page.body(
        [
            Said(front.headline, _NUMBER_PT, bold=True, colour=theme.DEMAND),
            Said(front.range_sentence),
            Said(front.definition),
        ],
        box=Box(template.MARGIN, page.top, left, page.bottom - page.top),
    )
    x = template.MARGIN + left + template.GAP
    room = template.ROOM - left - template.GAP
    end = page.body(
        [Said(deck.say("deck.measures"), bold=True)],
        number=2,
        box=Box(x, page.top, room, 1.0),
    )
    if front.measures:
        grid = Grid(
            (deck.say("deck.what"), deck.say("column.mean"), deck.say("deck.range")),
            [(row.label, row.value, row.span) for row in front.measures],
            (False, True, True),
        )
        end = page.table(
            grid,
            Box(x, end + _GAP, room, 3.0),
            size=template.SMALL_PT,
            name=deck.say("deck.measures"),
            alternative=deck.say("deck.measures_alternative"),
        )
    said = [Said(text) for text in front.answers[0].sentences[:2]]
    if end + 0.25 + sum(one.height(room) for one in said) < page.bottom:
        page.text(said, Box(x, end + 0.25, room, page.bottom - end - 0.25))
    notes = [front.definition, *_paragraphs(deck, "demand"), *_source(deck, "demand-yearly")]
    page.finish(notes)


def _of_chart(chart_id: str) -> Callable[[Deck], None]:
    def add(deck: Deck) -> None:
        if chart_id in deck.charts:
            _chart_slide(deck, deck.charts[chart_id])

    return add


def _chart_slide(deck: Deck, chart: Chart) -> None:
    page = deck.page("idea", chart.title)
    own = f"deck.subtitle.{chart.chart_id}"
    subtitle = deck.say(own) if deck.document.words.has(own) else chart.subtitle
    if chart.chart_id == "sensitivity":
        rows = chart.picture.table.frame.to_dicts()
        subtitle = " ".join([subtitle, *sensitivity.axis_note(rows, deck.document.words)])
    top = page.body([Said(subtitle, template.SMALL_PT, colour=theme.QUIET)]) + _GAP
    source, bottom = _source_line(deck, chart)
    size = Size(template.ROOM, bottom - _GAP - top)
    drawn = DRAWERS[chart.chart_id](chart, deck.document, size)
    hidden = drawn.sheet.height - len(drawn.rows) - chart.picture.table.total_rows
    if drawn.horizontal and hidden > 0:
        source = f"{deck.say('deck.more_rows', count=hidden)} {source}"
    page.chart(
        drawn,
        Box(template.MARGIN, top, size.wide, size.high),
        name=chart.chart_id,
        alternative=chart.alternative,
    )
    _write_source(page, source, bottom)
    page.finish(_notes(deck, chart))


def _list_and_promise(deck: Deck) -> None:
    """Show the list and the promise side by side; one of them alone takes the whole slide."""
    found = [deck.charts[one] for one in ("housing-list", "promise") if one in deck.charts]
    if len(found) < 2:
        for chart in found:
            _chart_slide(deck, chart)
        return
    page = deck.page("columns", found[0].title)
    source, bottom = _source_line(deck, found[0])
    heads = (deck.sections["waiting"].heading, found[1].title)
    tops = []
    for place, head in enumerate(heads):
        box = Box(
            template.MARGIN + place * (template.HALF + template.GAP),
            page.top,
            template.HALF,
            bottom - page.top,
        )
        tops.append((page.body([Said(head, bold=True)], number=place + 1, box=box), box))
    top = max(end for end, _ in tops) + _GAP
    for chart, (_, box) in zip(found, tops, strict=True):
        size = Size(box.wide, bottom - _GAP - top)
        page.chart(
            DRAWERS[chart.chart_id](chart, deck.document, size),
            Box(box.x, top, size.wide, size.high),
            name=chart.chart_id,
            alternative=chart.alternative,
        )
    _write_source(page, f"{deck.say('deck.band_note')} {source}", bottom)
    page.finish([*_notes(deck, found[0]), *_notes(deck, found[1])])


def _places(deck: Deck) -> None:
    """Show places and residents of every target group as small multiples."""
    if "places" not in deck.charts:
        return
    chart = deck.charts["places"]
    groups = list(dict.fromkeys(chart.picture.table.frame["target_group"].to_list()))
    page = deck.page("idea", chart.title)
    top = page.body([Said(chart.subtitle, template.SMALL_PT, colour=theme.QUIET)]) + _GAP
    source, bottom = _source_line(deck, chart)
    shown = groups
    if len(groups) > _MOST_GROUPS:
        shown = [*groups[: _MOST_GROUPS - 1], groups[-1]]
    if len(groups) > len(shown):
        source = f"{deck.say('deck.more_rows', count=len(groups) - len(shown))} {source}"
    columns = min(3, len(shown))
    lines = -(-len(shown) // columns)
    wide = (template.ROOM - (columns - 1) * template.GAP) / columns
    high = (bottom - _GAP - top - (lines - 1) * 0.2) / lines
    for place, group in enumerate(shown):
        x = template.MARGIN + (place % columns) * (wide + template.GAP)
        y = top + (place // columns) * (high + 0.2)
        name = shorten(group, template.SMALL_PT, wide, 1, bold=True)
        page.text([Said(name, template.SMALL_PT, bold=True)], Box(x, y, wide, _HEAD))
        page.chart(
            places_of_group(chart, deck.document, Size(wide, high - _HEAD), group),
            Box(x, y + _HEAD, wide, high - _HEAD),
            name=f"{chart.chart_id}-{place + 1}",
            alternative=deck.say("deck.group_alternative", group=group, text=chart.alternative),
        )
    _write_source(page, source, bottom)
    page.finish(_notes(deck, chart))


def _quotas(deck: Deck) -> None:
    """Show this year's number of every municipality, in one table or two beside each other."""
    quotas = deck.document.front.quotas
    section = deck.sections.get("quota")
    title = quotas.heading if section is None or section.is_missing else section.finding
    page = deck.page("table", title)
    notes = [*quotas.notes, *_paragraphs(deck, "quota"), *_source(deck, "quota")]
    whole = Box(template.MARGIN, page.top, template.ROOM, page.bottom - page.top)
    if not quotas.rows:
        page.text([Said(text) for text in quotas.notes], whole)
        page.finish(notes)
        return
    heads = [deck.say(f"column.{name}") for name in ("municipality", "at_most", "quota")]
    rows = [(row.name, row.at_most, row.owed) for row in quotas.rows]
    ends = [] if quotas.total is None else [quotas.total]
    totals = [(row.name, row.at_most, row.owed) for row in ends]
    grid = Grid(heads, [*rows, *totals], (False, True, True), len(totals))
    room = template.ROOM - _SIDE - template.GAP
    sizes = (template.SMALL_PT + 2, template.SMALL_PT)
    fitting = [size for size in sizes if table_height(grid, room, size) <= whole.high]
    if fitting:
        page.table(
            grid,
            replace(whole, wide=room),
            size=fitting[0],
            name="quota-1",
            alternative=quotas.caption,
        )
        said = [Said(quotas.caption), *(Said(text, template.SMALL_PT) for text in quotas.notes)]
        page.text(said, replace(whole, x=template.MARGIN + room + template.GAP, wide=_SIDE))
    else:
        _two_tables(deck, page, grid, whole)
    page.finish(notes)


def _two_tables(deck: Deck, page: Page, grid: Grid, whole: Box) -> None:
    """Place a long table as two halves, with what they leave out below them."""
    rows, totals = grid.rows[: len(grid.rows) - grid.totals], grid.rows[-grid.totals :]
    below = 0.6
    most = len(rows)
    while True:
        kept = [*rows[:most], *(totals if grid.totals else ())]
        middle = (len(kept) + 1) // 2
        halves = (
            replace(grid, rows=kept[:middle], totals=0),
            replace(grid, rows=kept[middle:]),
        )
        tallest = max(table_height(half, template.HALF, template.SMALL_PT) for half in halves)
        if tallest <= whole.high - below or most == 1:
            break
        most -= 1
    quotas = deck.document.front.quotas
    for place, half in enumerate(halves):
        x = template.MARGIN + place * (template.HALF + template.GAP)
        page.table(
            half,
            replace(whole, x=x, wide=template.HALF),
            size=template.SMALL_PT,
            name=f"quota-{place + 1}",
            alternative=quotas.caption,
        )
    left_out = [deck.say("deck.more_rows", count=len(rows) - most)] if most < len(rows) else []
    text = shorten(" ".join([*left_out, *quotas.notes]), template.SMALL_PT, template.ROOM, 2)
    box = replace(whole, y=page.bottom - below + 0.05, high=below - 0.05)
    page.text([Said(text, template.SMALL_PT)], box)


def _decision(deck: Deck) -> None:
    """Say what is to be decided, and what nobody confirmed yet."""
    page = deck.page("columns", deck_decision.question(deck.document))
    why = [Said(deck.say("deck.why"), bold=True)]
    why += [Said(text, item=True) for text in deck_decision.reasons(deck.document)]
    unsettled = [Said(deck.say("deck.open"), bold=True)]
    unsettled += [Said(text, item=True) for text in deck_decision.open_points(deck.document)]
    _columns(page, why, unsettled)
    page.finish([*_paragraphs(deck, "promise"), *_paragraphs(deck, "agreements")])


def _columns(page: Page, left: Sequence[Said], right: Sequence[Said]) -> None:
    """Fill both columns, in smaller type where one is long; the rest is in the notes."""
    sides = [list(left), list(right)]
    high = page.bottom - page.top
    if any(_taken(side) > high for side in sides):
        sides = [
            [one if one.bold else replace(one, size=template.SMALL_PT) for one in side]
            for side in sides
        ]
    for place, side in enumerate(sides):
        while len(side) > 2 and _taken(side) > high:
            side.pop()
        x = template.MARGIN + place * (template.HALF + template.GAP)
        page.body(side, number=place + 1, box=Box(x, page.top, template.HALF, high))


def _taken(side: Sequence[Said]) -> float:
    return sum(one.height(template.HALF) for one in side)


def _sources(deck: Deck) -> None:
    document = deck.document
    method = deck.sections["method"]
    page = deck.page("columns", method.finding)
    left = [Said(method.heading, bold=True)]
    left += [Said(text, template.SMALL_PT) for text in method.paragraphs]
    right = [Said(deck.say("deck.sources"), bold=True)]
    for section_id in ("sources", "deliveries"):
        section = deck.sections.get(section_id)
        if section is not None and not section.is_missing:
            right.append(Said(f"{section.finding}.", template.SMALL_PT))
    right += [Said(text, template.SMALL_PT) for text in document.footer[:3]]
    for label, names in (("missing", document.missing), ("withheld", document.withheld)):
        if names:
            text = deck.say(f"page.{label}_list", names=names)
            right.append(Said(text, template.SMALL_PT))
    right.append(Said(deck.say("deck.elsewhere"), template.SMALL_PT))
    _columns(page, left, right)
    page.finish([*method.paragraphs, *document.footer])


_SLIDES: tuple[Callable[[Deck], None], ...] = (
    _cover,
    _answer,
    _of_chart("demand-yearly"),
    _of_chart("demand-cumulative"),
    _list_and_promise,
    _of_chart("drivers"),
    _places,
    _of_chart("unmet-yearly"),
    _quotas,
    _of_chart("sensitivity"),
    _of_chart("scenarios"),
    _of_chart("progress"),
    _decision,
    _sources,
)
"""The slides, in order; one without data is left out."""


def _notes(deck: Deck, chart: Chart) -> list[str]:
    """Give the speaker's notes of a chart: what it shows, how to read it, definition, source."""
    section = next(one for one in deck.sections.values() if chart in one.charts)
    return [
        chart.title,
        chart.subtitle,
        *chart.notes,
        *section.paragraphs,
        deck.say("page.source", source=chart.source),
    ]


def _paragraphs(deck: Deck, section_id: str) -> tuple[str, ...]:
    return deck.sections[section_id].paragraphs if section_id in deck.sections else ()


def _source(deck: Deck, chart_id: str) -> list[str]:
    if chart_id not in deck.charts:
        return []
    return [deck.say("page.source", source=deck.charts[chart_id].source)]


def _source_line(deck: Deck, chart: Chart) -> tuple[str, float]:
    """Give the source of a chart and where its line begins (inches)."""
    text = capital(deck.say("page.source", source=chart.source))
    return text, template.BODY_BOTTOM - height("x", template.SMALL_PT, template.ROOM) - 0.09


def _write_source(page: Page, text: str, top: float) -> None:
    line = shorten(text, template.SMALL_PT, template.ROOM, 1)
    page.text(
        [Said(line, template.SMALL_PT, colour=theme.QUIET)],
        Box(template.MARGIN, top, template.ROOM, template.BODY_BOTTOM - top),
    )
