"""Judging what a table says of itself against its declaration, before any figure is believed.

Belongs here: finding the declared measures and codes, units, the status of periods, the meaning of
symbols. Does not belong here: asking (`odata4`, `odata3`), the figures (`reading`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.errors import FaultList
from models.registry import nearest
from pipelines.sources.cbs.client import AnswerRefusedError
from pipelines.sources.cbs.declarations import Code, Dimension, Measure, Table

GIVEN = "given"
IMPOSSIBLE = "impossible"
NOT_GIVEN = "not_given"

SYMBOLS: Mapping[str, str] = {
    ".": "unknown",
    "x": "secret",
    "-": "nil",
    "": IMPOSSIBLE,
}
"""What CBS writes instead of a number: unknown (also too unreliable, or secret), secret, nil, and a
blank where no figure can exist. Four different things, and none of them is 0."""

ATTRIBUTES: Mapping[str, str] = {
    "Unknown": "unknown",
    "Secret": "secret",
    "Confidential": "secret",
    "Nil": "nil",
    "Impossible": IMPOSSIBLE,
    "Unreliable": "unreliable",
}
"""Value attributes of the fourth version; any other one is `not_given` and keeps its own name."""

STATUSES: Mapping[str, str] = {
    "definitief": "final",
    "nadervoorlopig": "further_provisional",
    "voorlopig": "provisional",
    "": "not_stated",
}
"""Status of a period; none is stated where it differs by measure (the regional core figures)."""

_PERIOD = re.compile(r"[0-9]{4}[A-Z]{2}[0-9]{2}")
_POSITION = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Topic:
    """A measure as the service describes it.

    Attributes:
        key: Its code (v4) or its key with the position (v3).
        title: Its title.
        unit: Its unit.
        group: Title of the group it stands in, empty where there is none.
    """

    key: str
    title: str
    unit: str
    group: str


@dataclass(frozen=True)
class Wanted:
    """A declaration with the keys that the service uses for it today.

    Attributes:
        table: The declaration.
        measures: Declared measure by key.
        categories: For each dimension beside region and period: our category by code.
        asked: The same codes as the service writes them, padding and all: so it is asked for them.
        period_status: final, further_provisional, provisional or not_stated, by code of the period.
        region_names: Name by code of the region.
    """

    table: Table
    measures: Mapping[str, Measure]
    categories: Mapping[str, Mapping[str, str]]
    asked: Mapping[str, tuple[str, ...]]
    period_status: Mapping[str, str]
    region_names: Mapping[str, str]


def plain(text: str) -> str:
    """Write a title without marks, spaces and case: "Totale woningvoorraad" is its key's stem."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in bare.casefold() if letter.isalnum())


def check_title(table: Table, found_id: str, title: str) -> None:
    """Refuse another table than the one that was asked for.

    Raises:
        AnswerRefusedError: Id or title is another one.
    """
    if found_id.strip().casefold() != table.table.casefold():
        raise AnswerRefusedError(
            "this is another table", where=table.table, found=found_id or "no id"
        )
    if not plain(title).startswith(plain(table.cbs_title)):
        raise AnswerRefusedError(
            "the table has another title",
            where=table.table,
            found=title,
            expected=table.cbs_title,
            todo="Look whether it still holds the same figures; then change its declaration.",
        )


def check_dimensions(table: Table, found: Iterable[str]) -> None:
    """Refuse a table whose dimensions are not the declared ones.

    Raises:
        AnswerRefusedError: One is new, gone or has another name.
    """
    names = frozenset(found)
    if names != table.all_dimensions:
        raise AnswerRefusedError(
            "the dimensions are not the declared ones",
            where=table.table,
            found=", ".join(sorted(names)),
            expected=", ".join(sorted(table.all_dimensions)),
        )


def find_measures(table: Table, topics: list[Topic]) -> dict[str, Measure]:
    """Find the declared measures among those that the table has.

    Returns:
        Declared measure by key of the service.

    Raises:
        AnswerRefusedError: One is gone, was renamed, stands there twice or has another unit.
    """
    faults = FaultList()
    found: dict[str, Measure] = {}
    for measure in table.measures:
        matches = [topic for topic in topics if _is_meant(measure, topic)]
        if len(matches) != 1:
            titles = [topic.title for topic in topics]
            faults.add(
                AnswerRefusedError(
                    f"measure {measure.title!r} is there {len(matches)} times",
                    where=table.table,
                    expected="exactly once",
                    todo=_measure_hint(measure, titles, len(matches)),
                )
            )
            continue
        topic = matches[0]
        if plain(topic.unit) != plain(measure.cbs_unit):
            faults.add(
                AnswerRefusedError(
                    f"measure {measure.title!r} has another unit",
                    where=table.table,
                    found=repr(topic.unit),
                    expected=repr(measure.cbs_unit),
                )
            )
        found[topic.key] = measure
    faults.raise_if_any()
    return found


def _measure_hint(measure: Measure, titles: list[str], matches: int) -> str:
    if matches:
        return "Declare its group."
    if measure.group is not None:
        return f"Look whether group {measure.group!r} is still called so."
    return nearest(measure.title, titles)


def _is_meant(measure: Measure, topic: Topic) -> bool:
    if measure.group is not None and plain(measure.group) != plain(topic.group):
        return False
    titles = {plain(topic.title), plain(_POSITION.sub("", topic.key))}
    if measure.code is not None and topic.key == measure.code:
        return plain(topic.title) == plain(measure.title)
    return plain(measure.title) in titles


def make_wanted(
    table: Table,
    measures: Mapping[str, Measure],
    lists: Mapping[str, list[dict[str, Any]]],
    *,
    key: str,
) -> Wanted:
    """Find the declared codes in the code lists of a table.

    Args:
        table: The declaration.
        measures: What `find_measures` gave.
        lists: Rows of the code list, by dimension.
        key: Field of the code: Identifier (v4) or Key (v3).

    Raises:
        AnswerRefusedError: A code is gone or means something else, a period has no status.
    """

    def titles(dimension: str) -> dict[str, str]:
        return {str(row.get(key) or ""): str(row.get("Title") or "") for row in lists[dimension]}

    found = {item.name: _find_codes(table, item, titles(item.name)) for item in table.dimensions}
    region = table.region_dimension
    names = titles(region) if region else {}
    return Wanted(
        table=table,
        measures=measures,
        categories={
            name: {code.strip(): category for code, category in codes.items()}
            for name, codes in found.items()
        },
        asked={name: tuple(sorted(codes)) for name, codes in found.items()},
        period_status=_read_periods(table, lists[table.period_dimension], key)
        if table.period_dimension
        else {table.period: "final"},
        region_names={code.strip(): name.strip() for code, name in names.items()},
    )


def _find_codes(table: Table, dimension: Dimension, rows: Mapping[str, str]) -> dict[str, str]:
    """Find the declared codes of a dimension.

    Args:
        table: The declaration.
        dimension: The dimension.
        rows: Title by code, as the service lists them, padding and all.

    Returns:
        Our category by code, as the service writes it.

    Raises:
        AnswerRefusedError: A code is gone or means something else now.
    """
    faults = FaultList()
    found: dict[str, str] = {}
    for wanted in dimension.codes:
        matches = [code for code, title in rows.items() if _is_code(wanted, code, title)]
        if len(matches) == 1:
            found[matches[0]] = wanted.category
            continue
        named = wanted.title or wanted.code or ""
        now = next((name for code, name in rows.items() if code.strip() == wanted.code), "")
        faults.add(
            AnswerRefusedError(
                f"code {wanted.code or named!r} of {dimension.name} is not what was declared",
                where=table.table,
                found=f"{len(matches)} codes" + (f"; it is called {now!r} now" if now else ""),
                expected=f"one, called {named!r}",
            )
        )
    faults.raise_if_any()
    return found


def _is_code(wanted: Code, code: str, title: str) -> bool:
    if wanted.code is not None and wanted.code != code.strip():
        return False
    return wanted.title is None or plain(wanted.title) == plain(title)


def _read_periods(table: Table, rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, str]:
    """Read the status of every period.

    Args:
        table: The declaration.
        rows: The list of periods: code (under `key`) and Status.
        key: Identifier (v4) or Key (v3).

    Raises:
        AnswerRefusedError: A period has no code or a status that is not known.
    """
    found: dict[str, str] = {}
    for row in rows:
        code = str(row.get(key) or "").strip()
        status = STATUSES.get(plain(str(row.get("Status") or "")), "")
        if not _PERIOD.fullmatch(code) or not status:
            raise AnswerRefusedError(
                "a period cannot be read",
                where=f"{table.table}, {table.period_dimension}",
                found=f"{code!r} with status {row.get('Status')!r}",
                expected=f"a code such as 2024JJ00; {', '.join(filter(None, STATUSES))} or none",
            )
        found[code] = status
    return found
