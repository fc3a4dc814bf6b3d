"""The pages of the explanation: one a municipality, beside the report's own page.

Belongs here: their addresses, and what the template is filled with. Does not belong here: the
sentences (`explained`), the steps (`ladder`), writing files (`build`).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from reports import ladder
from reports.charts.explained import draw_balance, draw_ruler
from reports.explained import Explanation, Explanations, home_cell
from reports.labels import Labels
from reports.ladder import Row, cell_of, homes
from reports.told import tell

FOLDER = "uitleg"
"""Folder of the pages, beside the report's page."""
TEMPLATE = "explanation.html.j2"
_MOST_IN_GRID = 400
_LONGEST_NAME = 60
"""A longer list of homes is not drawn: its squares would be too many to look at."""
_DIGITS = 2


def page_addresses(names: Mapping[str, str]) -> dict[str, str]:
    """Give the address of every municipality's page by code, as seen from the report's folder."""
    bare = {code: _plain_letters(name) or code.lower() for code, name in names.items()}
    said = list(bare.values())
    return {
        code: f"{FOLDER}/{name if said.count(name) == 1 else f'{name}-{code.lower()}'}.html"
        for code, name in bare.items()
    }


def _plain_letters(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:_LONGEST_NAME].strip("-")


def render_pages(
    found: Explanations, as_of_year: int, words: Labels, render: Callable[..., str]
) -> dict[str, str]:
    """Render the page of every municipality.

    Args:
        found: The stored explanations; without any there are no pages.
        as_of_year: Calendar year of the as-of month.
        words: Labels.
        render: Renders the template with what is given and what all pages share.

    Returns:
        HTML by address.
    """
    if found.is_empty:
        return {}
    year = found.year_of(as_of_year)
    addresses = page_addresses(found.names)
    pages = {}
    for code, address in addresses.items():
        others = [
            {"name": found.names[other], "address": place.partition("/")[2]}
            for other, place in addresses.items()
            if other != code
        ]
        view = page_view(found.explain(code, year), words)
        pages[address] = render(others=others, **view)
    return pages


def page_view(item: Explanation, words: Labels) -> dict[str, Any]:
    """Give what the template shows of one explanation."""
    row = item.row
    return {
        "item": item,
        "row": row,
        "title": words.text(
            "explained.page_title",
            municipality=row["municipality_name"],
            homes=homes(row["quota"], words),
            year=row["year"],
        ),
        "quota": tell(words.numbers.whole(row["quota"]), cell_of(row, "quota")),
        "ruler": _ruler(item, words),
        "grid": _grid(item, words),
        "balance": _balance(item, words),
        "years": _years(item, words),
    }


def _ruler(item: Explanation, words: Labels) -> dict[str, Any]:
    row, digits = item.row, item.home_steps[0].digits
    shown = {
        "exact": ladder.decimal(row["exact"], digits, words, cell_of(row, "exact")),
        "claim": ladder.decimal(row["claim"], digits, words, cell_of(row, "claim")),
        "quota": tell(words.numbers.whole(row["quota"]), cell_of(row, "quota")),
    }
    return {
        "drawn": draw_ruler(row["exact"], row["claim"], row["quota"]),
        "quota": row["quota"],
        "alternative": words.text("explained.ruler_alternative", **shown),
        "exact_label": words.text("explained.ruler_exact", **shown),
        "claim_label": words.text("explained.ruler_claim", **shown),
        "quota_label": words.text("explained.ruler_quota", **shown),
    }


def _grid(item: Explanation, words: Labels) -> list[dict[str, str]]:
    """Give a square for every home of the year and, dashed, for the next one."""
    last = item.row["total"] if item.next_home is None else item.next_home - 1
    if not 0 < last <= _MOST_IN_GRID:
        return []
    own = set(item.places)
    squares = [
        {
            "kind": "own" if home in own else "",
            "text": tell(words.numbers.whole(home), home_cell(item.row, home)),
        }
        for home in range(1, last + 1)
    ]
    if item.next_home is not None:
        text = tell(words.numbers.whole(item.next_home), home_cell(item.row, item.next_home))
        squares.append({"kind": "next", "text": text})
    return squares


def _balance(item: Explanation, words: Labels) -> dict[str, Any]:
    drawn = draw_balance([row["carried_on"] for row in item.years])
    labels = [
        ladder.signed(row["carried_on"], _DIGITS, words, cell_of(row, "carried_on"))
        for row in item.years
    ]
    parts = [
        words.text("explained.balance_part", year=row["year"], value=label)
        for row, label in zip(item.years, labels, strict=True)
    ]
    return {
        "drawn": drawn,
        "bars": [
            {"bar": bar, "label": label, "year": row["year"], "is_now": row is item.row}
            for bar, label, row in zip(drawn.bars, labels, item.years, strict=True)
        ],
        "alternative": words.text("explained.balance_alternative", parts=words.numbers.join(parts)),
    }


def _years(item: Explanation, words: Labels) -> dict[str, Any]:
    """Give the rows of all years, with their totals, and whether they add up as shown."""
    rows = item.years
    numbers = words.numbers

    def decimal(value: float) -> str:
        return ladder.decimal(value, _DIGITS, words)

    def signed(value: float) -> str:
        return ladder.signed(value, _DIGITS, words)

    writers: dict[str, Callable[[float], str]] = {
        "total": numbers.whole,
        "exact": decimal,
        "carried": signed,
        "claim": decimal,
        "quota": numbers.whole,
        "carried_on": signed,
        "at_most": numbers.whole,
    }

    def cells(row: Row) -> list[str]:
        return [
            words.text("not_agreed")
            if row[column] is None
            else tell(write(row[column]), cell_of(row, column))
            for column, write in writers.items()
        ]

    return {
        "rows": [
            {"year": row["year"], "is_now": row is item.row, "cells": cells(row)} for row in rows
        ],
        "is_rounded": not ladder.rows_add_up(rows),
    }
