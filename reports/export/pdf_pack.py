"""Where the charts of a section stand among its paragraphs, so that few pages stay half empty.

Belongs here: choosing the order from heights that typst measured. Does not belong here: measuring
(`pdf`), the look (`typst/`), what a section says.

A chart never breaks over pages. Where it does not fit on what is left of one, paragraphs of its
section that stood behind it fill that room. Charts, paragraphs and tables each keep their order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

PAGE_HEIGHT_PT = 717.0
"""Height between the margins of A4 (points): 297 mm less twice 22 mm."""
_SAFE_PT = 5.0
"""Room that is left over on purpose: typst sets, this module only adds up."""
_GAPS_PT = {"text": 12.1, "chart": 12.1, "table": 15.0, "elsewhere": 12.1}
"""Room above a part."""
_HEADING_PT = 19.0
"""Room above the heading of a section, its rule included."""
_LINES_PT = 36.0
"""Two lines of text: the least that stands together."""
_MOVED_PT = 6.0
"""What a section in another order than its own costs (points): no more than it must save."""
_MOST_STATES = 200
_MOST_ORDERS = 150

View = dict[str, Any]


@dataclass(frozen=True)
class Heights:
    """How high the parts of a section stand (points).

    Attributes:
        head: Its heading, and its finding where no chart says that.
        parts: Its parts, in the order of the view.
    """

    head: float
    parts: tuple[float, ...]


class _Block(NamedTuple):
    """A part: its height and the room above it (points), and whether it breaks over pages."""

    height: float
    gap: float
    breaks: bool


class _State(NamedTuple):
    """What a number of sections take: pages, height on the last one, the orders chosen."""

    pages: int
    used: float
    moved: int
    orders: tuple[tuple[int, ...], ...]


def pack(sections: Sequence[View], heights: Sequence[Heights], *, start: float = 0.0) -> list[View]:
    """Give the sections with their parts in the order that takes the fewest pages.

    Of orders that take about as much, the one that leaves most sections as they stood.

    Args:
        sections: The sections, as `pdf_views.Report.section` gives them.
        heights: Their heights.
        start: What already stands on the page where the first one begins (points).
    """
    states = [_State(1, start, 0, ())]
    for section, height in zip(sections, heights, strict=True):
        found: dict[tuple[int, int], _State] = {}
        tries = [
            (order, moved > 0, _blocks(section["parts"], height, order))
            for moved, order in enumerate(_orders(section["parts"]))
        ]
        for state in states:
            begun = _begin(state, height.head, tries[0][2])
            for order, is_moved, blocks in tries:
                pages, used = (
                    begun if blocks[:1] == tries[0][2][:1] else _begin(state, height.head, blocks)
                )
                for block in blocks:
                    pages, used = _put(block, pages, used)
                key = pages, round(used)
                count = state.moved + is_moved
                if key not in found or count < found[key].moved:
                    found[key] = _State(pages, used, count, (*state.orders, order))
        states = sorted(found.values(), key=_cost)
        states = states[:_MOST_STATES]
    best = min(states, key=_cost)
    return [
        {**section, "parts": [section["parts"][at] for at in order]}
        for section, order in zip(sections, best.orders, strict=True)
    ]


def _cost(state: _State) -> float:
    return state.pages * PAGE_HEIGHT_PT + state.used + _MOVED_PT * state.moved


def _orders(parts: Sequence[View]) -> list[tuple[int, ...]]:
    """Give the lawful orders: the one of the view first, then all that keep every kind's own."""
    usual = tuple(range(len(parts)))
    kinds = [[at for at in usual if parts[at]["kind"] == kind] for kind in ("chart", "text")]
    kinds.append([at for at in usual if parts[at]["kind"] not in ("chart", "text")])
    found = [usual, *islice(_merged(tuple(map(tuple, kinds))), _MOST_ORDERS)]
    return list(dict.fromkeys(found))


def _merged(kinds: tuple[tuple[int, ...], ...]) -> Iterator[tuple[int, ...]]:
    """Merge sequences in every way that keeps the order of each."""
    if not any(kinds):
        yield ()
    for place, kind in enumerate(kinds):
        if kind:
            rest = (*kinds[:place], kind[1:], *kinds[place + 1 :])
            for others in _merged(rest):
                yield kind[0], *others


def _blocks(parts: Sequence[View], height: Heights, order: Sequence[int]) -> tuple[_Block, ...]:
    return tuple(
        _Block(height.parts[at], _GAPS_PT[parts[at]["kind"]], _is_breakable(parts[at]))
        for at in order
    )


def _begin(state: _State, head: float, blocks: Sequence[_Block]) -> tuple[int, float]:
    """Set the heading of a section, which stays with what stands first under it."""
    first = blocks[0] if blocks else _Block(0.0, 0.0, breaks=True)
    together = head + first.gap + (min(_LINES_PT, first.height) if first.breaks else first.height)
    if not state.used:
        return state.pages, head
    if state.used + _HEADING_PT + together > PAGE_HEIGHT_PT - _SAFE_PT:
        return state.pages + 1, head
    return state.pages, state.used + _HEADING_PT + head


def _put(block: _Block, pages: int, used: float) -> tuple[int, float]:
    """Set a block behind what stands on a page already."""
    room = PAGE_HEIGHT_PT - _SAFE_PT
    top = used + block.gap
    if top + block.height <= room:
        return pages, top + block.height
    if not block.breaks or top + _LINES_PT > room:
        pages, top = pages + 1, 0.0
    while top + block.height > room:
        if not block.breaks and top == 0.0:
            return pages, room
        block = _Block(block.height - (room - top), block.gap, block.breaks)
        pages, top = pages + 1, 0.0
    return pages, top + block.height


def _is_breakable(part: View) -> bool:
    if part["kind"] in ("chart", "text"):
        return bool(part["breakable"])
    return part["kind"] != "table" or bool(part["table"]["breakable"])
