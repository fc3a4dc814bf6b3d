"""Changes of municipal boundaries as dated steps, and where addresses lie before and after them.

Belongs here: the dated steps, the life of a code, address weights between two days, and figures
brought from one day's boundaries to another's. Does not belong here: names and spellings
(`municipalities.py`), reading files (`open_data.py`), rows of deliveries (`pipelines.composition`).

A step moves shares of municipalities' addresses on one day. Onward, a municipality's figure is
shared out as its addresses lie later; back, as the addresses of the later municipality lay before
(CBS and VNG weigh by addresses: neither people nor dwellings). A share below one percent that
leaves a municipality is a corrected border of single addresses and counts as none.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from models.errors import RefusedError, UitstroomError

CHANGES_FILE = "municipality_changes/boundary_changes.csv"
LEAST_SHARE = Fraction(1, 100)
"""What goes elsewhere below this share of a municipality's addresses is left where it was."""

Shares = dict[str, Fraction]
"""Code -> share; all shares together are 1, and there are none where nothing is known."""


@dataclass(frozen=True)
class Step:
    """What changed on one day.

    Args:
        day: The first day of the new boundaries.
        addresses: Code before -> code after -> addresses, for every municipality that the change
            touches; one that stays and gives or takes also goes to itself.
    """

    day: date
    addresses: Mapping[str, Mapping[str, int]]

    def onward(self, code: str) -> Shares:
        """Give where the addresses of a municipality lie after the step."""
        return _shares(self.addresses.get(code, {code: 1}))

    def back(self, code: str) -> Shares:
        """Give where the addresses of a municipality of after the step lay before it."""
        parts = {before: after[code] for before, after in self.addresses.items() if code in after}
        return _shares(parts or {code: 1})


class Boundaries:
    """All known changes in order of their days.

    Args:
        steps: The steps; at most one a day.
        ended: Code -> day on which a municipality ended of which no step tells where it went.
    """

    def __init__(self, steps: Iterable[Step], ended: Mapping[str, date] | None = None) -> None:
        self.steps = tuple(sorted(steps, key=lambda step: step.day))
        if len({step.day for step in self.steps}) < len(self.steps):
            raise UitstroomError("two steps of boundaries fall on one day", where=CHANGES_FILE)
        self._begins: dict[str, date] = {}
        self._ends: dict[str, date] = dict(ended or {})
        self._lost = frozenset(self._ends)
        for step in self.steps:
            before = set(step.addresses)
            after = {code for parts in step.addresses.values() for code in parts}
            self._begins |= dict.fromkeys(after - before, step.day)
            self._ends |= dict.fromkeys(before - after, step.day)

    def begins(self, code: str) -> date | None:
        """Give the first day of a municipality, None where it always was there."""
        return self._begins.get(code)

    def ends(self, code: str) -> date | None:
        """Give the day from which a municipality is no more, None where it goes on."""
        return self._ends.get(code)

    def exists(self, code: str, day: date) -> bool:
        """Tell whether a code that is known stood for a municipality on a day."""
        begins, ends = self.begins(code), self.ends(code)
        return (begins is None or begins <= day) and (ends is None or day < ends)

    def shares(self, code: str, at: date, *, drawn: date | None = None) -> Shares:
        """Give where the addresses of a municipality lie in the boundaries of a day.

        Args:
            code: A known code.
            at: The day whose boundaries are wanted.
            drawn: The day of the boundaries in which `code` was meant. A code that did not exist
                then is meant as it was on the nearest day on which it did; without a day, as it is
                last known.

        Returns:
            Code -> share of the addresses; none where no change table tells.
        """
        since = self.meant(code, drawn)
        if code in self._lost and not self.exists(code, at):
            return {}
        found: Shares = {code: Fraction(1)}
        passed = [step for step in self.steps if min(since, at) < step.day <= max(since, at)]
        for step in passed if since <= at else reversed(passed):
            found = _through(found, step.onward if since <= at else step.back)
        return found

    def predecessors(self, codes: Iterable[str]) -> frozenset[str]:
        """Give every code of which addresses lay, at any time, in today's area of these codes."""
        found = set(codes)
        for step in reversed(self.steps):
            found |= {before for code in found for before in step.back(code)}
        return frozenset(found)

    def successors(self, codes: Iterable[str]) -> frozenset[str]:
        """Give every code in which addresses of these codes lie at any later time."""
        found = set(codes)
        for step in self.steps:
            found |= {after for code in found for after in step.onward(code)}
        return frozenset(found)

    def convert(self, values: Mapping[str, Fraction], at: date, *, drawn: date) -> Shares:
        """Bring figures that can be added up to the boundaries of another day.

        Args:
            values: Code -> figure, in the boundaries of `drawn`.
            at: The day whose boundaries are wanted.
            drawn: The day of the boundaries that the figures are in.

        Returns:
            Code -> figure, sorted; the total is kept. A municipality of which only a part of the
            area was given gets that part.

        Raises:
            RefusedError: A municipality of which no change table tells where it went.
        """
        total: Shares = {}
        for code, value in sorted(values.items()):
            for to, share in self._known_shares(code, at, drawn).items():
                total[to] = total.get(to, Fraction(0)) + value * share
        return dict(sorted(total.items()))

    def convert_whole(self, values: Mapping[str, int], at: date, *, drawn: date) -> dict[str, int]:
        """Bring whole numbers to the boundaries of another day, as whole numbers.

        Every municipality's number is split by largest remainder, ties by code, so that no unit
        is lost or doubled.

        Raises:
            RefusedError: See `convert`.
        """
        total: dict[str, int] = {}
        for code, value in sorted(values.items()):
            for to, part in split_whole(value, self._known_shares(code, at, drawn)).items():
                total[to] = total.get(to, 0) + part
        return dict(sorted(total.items()))

    def _known_shares(self, code: str, at: date, drawn: date) -> Shares:
        shares = self.shares(code, at, drawn=drawn)
        if not shares:
            raise RefusedError(
                f"no change table tells where municipality {code} went",
                where=CHANGES_FILE,
                found=f"{code} ended on {self.ends(code)}",
                expected=f"its addresses in the boundaries of {at}",
                todo="Add the change with its source, or take figures of a later year.",
            )
        return shares

    def meant(self, code: str, drawn: date | None) -> date:
        """Give the day nearest to another on which a municipality existed; the last without one."""
        begins, ends = self.begins(code), self.ends(code)
        day = date.max if drawn is None else drawn
        if ends is not None and day >= ends:
            day = ends - timedelta(days=1)
        return begins if begins is not None and day < begins else day


def split_whole(number: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Split a whole number by shares that add up to 1: largest remainder, ties by code.

    Args:
        number: What is split (any unit), 0 or more.
        shares: Code -> share.

    Returns:
        Code -> whole part; together exactly the number.
    """
    exact = {code: number * share for code, share in sorted(shares.items())}
    parts = {code: int(value) for code, value in exact.items()}
    rest = number - sum(parts.values())
    by_remainder = sorted(exact, key=lambda code: (parts[code] - exact[code], code))
    for code in by_remainder[:rest]:
        parts[code] += 1
    return parts


def read_steps(
    changes: pl.DataFrame, last_years: Mapping[str, int], days: Mapping[str, date]
) -> tuple[list[Step], dict[str, date]]:
    """Make dated steps out of the table of address-weighted changes between pairs of years.

    The pairs of the table overlap. A municipality that ended is read from the pair with the fewest
    years between; where that is more than one, the last year in which statistics list it tells the
    day. Changes fall on 1 January but for those that `days` names.

    Args:
        changes: from_year, to_year, from_gm, to_gm, addresses.
        last_years: Code -> last year in which statistics list the municipality.
        days: Code of a municipality that ended -> its day, where that is not 1 January.

    Returns:
        The steps in order, and the days of municipalities that ended without a change on record.
    """
    pairs = _pairs(changes)
    ended: dict[str, tuple[date, tuple[int, int]]] = {}
    for pair in sorted(pairs, key=lambda years: (years[1] - years[0], years)):
        remaining = {to for parts in pairs[pair].values() for to in parts}
        for code in sorted(set(pairs[pair]) - remaining - set(ended)):
            day = days.get(code) or date(_year_of_end(code, pair, last_years), 1, 1)
            ended[code] = (day, pair)
    steps = [
        Step(day, _addresses_of([code for code in ended if ended[code][0] == day], ended, pairs))
        for day in sorted({day for day, _ in ended.values()})
    ]
    latest = max(last_years.values(), default=0)
    lost = {
        code: days.get(code, date(year + 1, 1, 1))
        for code, year in last_years.items()
        if year < latest and code not in ended
    }
    return steps, lost


def _year_of_end(code: str, pair: tuple[int, int], last_years: Mapping[str, int]) -> int:
    first, last = pair
    year = last_years.get(code, first) + 1 if last - first > 1 else last
    return min(max(year, first + 1), last)


def _pairs(changes: pl.DataFrame) -> dict[tuple[int, int], dict[str, dict[str, int]]]:
    """Give pair of years -> code before -> code after -> addresses, without single addresses."""
    raw: dict[tuple[int, int], dict[str, dict[str, int]]] = {}
    for first, last, before, after, count in changes.select(
        "from_year", "to_year", "from_gm", "to_gm", "addresses"
    ).iter_rows():
        raw.setdefault((int(first), int(last)), {}).setdefault(before, {})[after] = int(count)
    return {
        pair: {
            before: {
                after: count
                for after, count in parts.items()
                if count >= LEAST_SHARE * sum(parts.values())
            }
            for before, parts in table.items()
        }
        for pair, table in raw.items()
    }


def _addresses_of(
    codes: list[str],
    ended: Mapping[str, tuple[date, tuple[int, int]]],
    pairs: Mapping[tuple[int, int], Mapping[str, Mapping[str, int]]],
) -> dict[str, dict[str, int]]:
    """Give the addresses of one day's step: of those that ended, and of those that took them in."""
    found = {code: dict(pairs[ended[code][1]][code]) for code in codes}
    for code in codes:
        pair = pairs[ended[code][1]]
        for after in found[code]:
            if after in pair and after not in found and after not in ended:
                found[after] = dict(pair[after])
    return dict(sorted(found.items()))


def _shares(parts: Mapping[str, int]) -> Shares:
    total = sum(parts.values())
    return {code: Fraction(count, total) for code, count in sorted(parts.items())}


def _through(found: Shares, step: Callable[[str], Shares]) -> Shares:
    passed: Shares = {}
    for code, share in found.items():
        for to, part in step(code).items():
            passed[to] = passed.get(to, Fraction(0)) + share * part
    return dict(sorted(passed.items()))
