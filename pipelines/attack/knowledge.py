"""What everybody may know: which cells are rounded, which are exact, and what follows from what.

Belongs here: reading the public declaration of the classes (`pipelines.classes`), the words of a
report about itself, and the sums that follow from what a cell is. Does not belong here: reading
files, the words of a language (`language`), solving (`models.attack`); nothing here knows how
figures are made.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.attack import Relation
from models.marts.progress import FLOWS, REFUSALS
from models.months import MONTHS_PER_YEAR, format_month, parse_month
from models.together import PLACES, are_together, members
from pipelines.attack.language import CALCULATED, EXPECTED, KNOWN, OWED, Language
from pipelines.attack.readings import Cell, File
from pipelines.classes import CLASSES, COUNTS, OPENBAAR, PARTIJEN, TREATMENTS
from pipelines.sources.contracts import CONTRACTS

OWN_TABLES: Mapping[str, str] = {
    "definitions": "mart_demand__definition",
    "deliveries": "mart_delivery",
    "deliveries-reasons": "mart_delivery__quarantine",
    "deliveries-reasons-files": "mart_delivery__quarantine",
    "demand-yearly": "mart_letting__yearly_municipality",
    "estimates": "mart_estimate__parameter",
    "hindcast": "mart_forecast__hindcast",
    "housing-list": "mart_wait__monthly_list",
    "inflow": "mart_forecast__inflow",
    "origin": "mart_quota__override",
    "stays": "mart_stay__survival",
}
"""Tables of a report whose rows are not always named by a mart, and the mart behind their columns.

They name a column as the mart does."""

_EXPECTED = frozenset({EXPECTED, CALCULATED, OWED})
"""Names of words by which a row says that it is no observation."""
_PERIOD = re.compile(r"\b(?:19|20)\d{2}(?:-\d{2})?(?![\w-])")
_LETTING, _CLAIM, _PACE = (
    "mart_letting__yearly_municipality",
    "mart_quota__claim",
    "mart_quota__progress",
)
_BY_PLACE = ("letting", "progress")
"""How names of counts begin that name a municipality, as their third word."""
EVERY_ROW = "*"
"""Stands in the name of a row for every value of a part of its key: their sum."""
_PROGRESS, _LIST = "mart_progress__monthly", "mart_wait__monthly_list"
_INFLOW, _HINDCAST, _PROMISE = (
    "mart_forecast__inflow",
    "mart_forecast__hindcast",
    "mart_promise__region",
)
_MOMENT = frozenset(
    {
        "mart_delivery", "mart_delivery__quarantine", "mart_delivery__version",
        "mart_estimate__parameter", "mart_stay__survival", "mart_demand__definition",
        "mart_promise__region", "mart_run",
    }
)  # fmt: skip
"""Tables of the moment: their counts are others in every release."""


class Rule(StrEnum):
    """How a cell leaves the building."""

    ROUNDED = "rounded"
    EXACT = "exact"
    DROPPED = "dropped"
    NO_COUNT = "no-count"


@dataclass(frozen=True)
class Issue:
    """What a release says of itself.

    Attributes:
        release_class: Its class; the strictest one where it says none.
        as_of: Last month that counts as known; None where it does not say so.
        base: What figures are multiples of, where it says so.
    """

    release_class: str
    as_of: int | None
    base: int | None


def read_issue(files: Iterable[File], language: Language) -> Issue:
    """Read class, month and base from the words of a release's pages.

    Args:
        files: The pages, the first one first: its title names the month.
        language: The language of all of them.
    """
    said = " ".join(" ".join(token.text for token in text) for file in files for text in file.texts)
    small = said.casefold()
    named = [name for name in language.named_class.findall(small) if name in CLASSES]
    if language.parties in small:
        named = [PARTIJEN]
    stand = language.stand.search(said)
    base = next((base for words, base in language.steps.items() if words in small), None)
    as_of = None
    if stand:
        month = [one.casefold() for one in language.months].index(stand[1].casefold()) + 1
        as_of = parse_month(f"{stand[2]}-{month:02d}")
    return Issue(named[0] if named else OPENBAAR, as_of, base)


def rule_of(cell: Cell, words: Sequence[str], issue: Issue) -> Rule:
    """Say how a cell leaves in the class of a release, by the public declaration.

    Args:
        cell: The cell.
        words: Other words of its row, by their names that are the same in every language.
        issue: The release.
    """
    mart = OWN_TABLES.get(cell.table, cell.table)
    if mart not in TREATMENTS or cell.column not in COUNTS.get(mart, ()):
        return Rule.NO_COUNT
    if is_expected(cell, words, issue) or is_about_no_one(cell):
        return Rule.NO_COUNT
    how = TREATMENTS[mart][issue.release_class]
    if how.dropped:
        return Rule.DROPPED
    keys = set(cell.row.split("/"))
    kept = any(str(value) in keys for values in how.exact_where.values() for value in values)
    if cell.column in how.rounded:
        return Rule.EXACT if kept else Rule.ROUNDED
    return Rule.NO_COUNT if cell.column in how.touched else Rule.EXACT


def is_about_no_one(cell: Cell) -> bool:
    """Say whether a cell counts rows of a delivery in which no row is about a person."""
    contract = CONTRACTS.get(cell.row.split("/", 1)[0])
    is_delivery = cell.table.startswith("mart_delivery")
    return is_delivery and contract is not None and not contract.is_about_persons


def is_expected(cell: Cell, words: Sequence[str], issue: Issue) -> bool:
    """Say whether a cell is no observation: its row says so, or its period is still to come."""
    if not _EXPECTED.isdisjoint(words):
        return True
    last = last_month(cell, words)
    return last is not None and issue.as_of is not None and first_month(last) > issue.as_of


def last_month(cell: Cell, words: Sequence[str] = ()) -> str | None:
    """Give the period that a cell is about, "2026" or "2026-10"; None for a state of now.

    A hindcast's row names the month that it looked from first, then the year.
    """
    named = _PERIOD.findall(cell.row)
    if not named and not cell.table.startswith("mart_"):
        named = [period for word in words for period in _PERIOD.findall(word)]
    return named[-1] if named else None


def first_month(period: str) -> int:
    """Give the first month of a period."""
    return parse_month(period if "-" in period else f"{period}-01")


def is_closed(cell: Cell, words: Sequence[str], issue: Issue) -> bool:
    """Say whether a cell's period is over, so that later releases show the same count."""
    if OWN_TABLES.get(cell.table, cell.table) in _MOMENT or issue.as_of is None:
        return False
    period = last_month(cell, words)
    if period is None:
        return False
    end = parse_month(period) if "-" in period else parse_month(f"{period}-12")
    return end <= issue.as_of


# --- one count under several names ----------------------------------------------------------------


def count_name(cell: Cell, issue: Issue, apart: frozenset[str] = frozenset()) -> str:
    """Give the name of the count behind a cell: the same one for tables that show the same.

    Args:
        cell: The cell.
        issue: The release.
        apart: Years of which the agreement counts other homes than all that were let.
    """
    keys = ["all" if key == EVERY_ROW else key for key in cell.row.split("/")]
    if cell.table in (_LETTING, _CLAIM) and len(keys) == 3:
        return f"letting/{keys[0]}/{keys[1]}/{keys[2]}"
    if cell.table == _PACE and len(keys) == 2:
        return f"letting/{keys[0]}/{keys[1]}/{'counted' if keys[0] in apart else 'outflow'}"
    if cell.table == "demand-yearly" and keys:
        return f"letting/{last_month(cell, keys)}/all/outflow"
    if cell.table == _PROGRESS:
        return f"progress/{cell.row}"
    if cell.table in (_LIST, "housing-list") and keys[-1] == "housing_list":
        return f"progress/{keys[0]}/all/on_list/end"
    if cell.table == _LIST:
        return f"list/{cell.row}"
    if cell.table in (_INFLOW, "inflow"):
        return f"inflow/{_up_to_known(cell.row)}"
    if cell.table == _PROMISE and issue.as_of is not None:
        return f"progress/{format_month(issue.as_of)}/all/on_list/end"
    if cell.table == _HINDCAST and len(keys) == 3:
        return _past_name(keys[1], keys[2])
    return cell.name


def _up_to_known(row: str) -> str:
    """Leave out of the words of a row what a forecast weighs: that is another in every release."""
    words = row.split("|")
    return "|".join(words[: words.index(KNOWN) + 1]) if KNOWN in words else row


def is_pace(cell: Cell) -> bool:
    """Say whether a cell counts the homes that an agreement counts."""
    return cell.table == _PACE


def _past_name(year: str, measure: str) -> str:
    """Name what a hindcast sets its forecast of a full year beside."""
    if measure == "let":
        return f"letting/{year}/all/outflow"
    if measure == "housing_list":
        return f"progress/{year}-12/all/on_list/end"
    if measure in FLOWS:
        return f"progress/{year}-12/all/{measure}/year"
    return f"past/{year}/{measure}"


def relations(names: Iterable[str]) -> tuple[Relation, ...]:
    """Give the sums that follow from the names of counts.

    A year is its months (also months that were never published, when several years share them), all
    is the municipalities together, where each of them is there.
    """
    known = set(names)
    return (*_years(known), *_municipalities(known))


def _years(known: set[str]) -> Iterator[Relation]:
    """Twelve months up to a month are these months."""
    flows = {*FLOWS, *REFUSALS}
    for name in sorted(known):
        keys = name.split("/")
        if keys[0] == "progress" and keys[-1] == "year" and keys[-2] in flows:
            last = parse_month(keys[1])
            months = range(last - MONTHS_PER_YEAR + 1, last + 1)
            yield Relation(
                name,
                tuple(
                    "/".join(("progress", format_month(month), *keys[2:-1], "month"))
                    for month in months
                ),
            )


def _municipalities(known: set[str]) -> Iterator[Relation]:
    """All is the municipalities together, where as many are named as anywhere in the release.

    Some that are published as one are one of them.
    """
    parts: dict[str, list[str]] = {}
    for name in sorted(known):
        keys = name.split("/")
        if keys[0] in _BY_PLACE and re.fullmatch(PLACES, keys[2]):
            parts.setdefault("/".join((*keys[:2], "all", *keys[3:])), []).append(name)
    whole = max(map(len, parts.values()), default=0)
    for total, cells in parts.items():
        if total in known and len(cells) == whole:
            yield Relation(total, tuple(cells))


def lines_together(names: Iterable[str], known: Iterable[str]) -> tuple[Relation, ...]:
    """Say of counts of several municipalities that they are those of each, where all are known.

    Args:
        names: Names of counts of a release.
        known: Names of counts of all releases: an earlier one may have had them apart.
    """
    held = set(known)
    found = []
    for name in sorted(names):
        parts = tuple(_apart(name))
        if parts and held.issuperset(parts):
            found.append(Relation(name, parts))
    return tuple(found)


def stand_alone(names: Iterable[str]) -> tuple[str, ...]:
    """Name the counts of a single municipality in a release that counts it together with others."""
    placed = [(name, name.split("/")) for name in sorted(names)]
    places = [(name, keys[2]) for name, keys in placed if keys[0] in _BY_PLACE]
    hidden = {one for _, code in places if are_together(code) for one in members(code)}
    return tuple(name for name, code in places if code in hidden)


def _apart(name: str) -> Iterator[str]:
    """Name the counts of each municipality behind a count of several; none for any other count."""
    keys = name.split("/")
    if keys[0] in _BY_PLACE and are_together(keys[2]):
        for code in members(keys[2]):
            yield "/".join((*keys[:2], code, *keys[3:]))


def guesses(names: Iterable[str]) -> tuple[Relation, ...]:
    """Give sums that may hold: an attacker keeps those of which the figures add up.

    Registrations of a year are those of the groups; decisions of twelve months are approvals,
    refusals and returns; those who moved waited for it. A missing day breaks each of these.
    """
    known = set(names)
    found = []
    groups: dict[str, list[str]] = {}
    for name in sorted(known):
        period = last_month(Cell("", name, "")) if name.startswith("inflow/") else None
        groups.setdefault(f"past/{period}/registrations", []).append(name)
        if name.endswith("/all/wait_decision/year"):
            start = name.removesuffix("wait_decision/year")
            parts = tuple(f"{start}{flow}/year" for flow in ("approved", "rejected", "returned"))
            found.append(Relation(name, parts))
        if name.endswith("/all/wait_move/year"):
            found.append(Relation(name, (name.replace("wait_move", "moved"),)))
    found += [Relation(total, tuple(parts)) for total, parts in groups.items()]
    return tuple(one for one in found if known >= {one.total, *one.parts})


# --- what can be worked back ----------------------------------------------------------------------


@dataclass(frozen=True)
class Formula:
    """A count that follows from numbers beside it.

    Attributes:
        table: Mart of all of them.
        column: The count.
        factors: Columns that are multiplied to give it.
        terms: Columns that are added to give it.
        scale: What the product is divided by.
    """

    table: str
    column: str
    factors: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    scale: float = 1.0


FORMULAS = (
    Formula(_CLAIM, "dwellings", factors=("per_100_relets", "relets"), scale=100.0),
    Formula(_CLAIM, "dwellings", factors=("per_100_suitable", "suitable_relets"), scale=100.0),
    Formula(_PACE, "realised", terms=("difference", "norm")),
)
"""Formulas that the method's own pages publish."""
