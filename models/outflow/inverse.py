"""What must be true for a number: one assumption moved until the mean headline is that number.

All else stays as it is, on the same luck. Belongs here: the assumptions that are moved, their
allowed ranges, and the search. Does not belong here: which assumption matters most (`sensitivity`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, format_month
from models.outflow.bridge import gross_of, ten_years_of_lettings
from models.outflow.compare import Case, Luck, run_cases
from models.outflow.keyed import F64
from models.params import GroupValues
from models.records import Parameter
from models.registry import Resolved
from models.units import ALL_GROUPS, BOUNDED, Unit

CLOSE_ENOUGH = 2.0
"""Homes in ten years by which the mean headline may miss the wanted number."""
MOST_ROUNDS = 3
"""Evaluations after both ends of the range."""
INVERSE_DRAWS = 64
"""Most draws of an evaluation: the first of those of the run it starts from. Common luck makes the
curve smooth, and its level is set to that of all draws."""

Move = Callable[[Resolved, float], Resolved]


@dataclass(frozen=True)
class Lever:
    """An assumption that can be moved.

    Attributes:
        parameter: Name of the parameter, or of several moved together.
        target_group: The group it is moved for.
        unit: Unit of the value.
        in_force: The value now; 1 for a factor on what is in force.
        lowest: Lowest allowed value.
        highest: Highest allowed value.
        move: Puts a value in force.
    """

    parameter: str
    target_group: str
    unit: Unit
    in_force: float
    lowest: float
    highest: float
    move: Move


@dataclass
class _Search:
    """The values that were tried of a lever, with the mean headline of each."""

    lever: Lever
    tried: dict[float, float] = field(default_factory=dict)

    def bracket(self, wanted: float) -> tuple[float, float] | None:
        """Give the neighbouring values between which the headline passes the number."""
        for low, high in pairwise(sorted(self.tried)):
            if (self.tried[low] - wanted) * (self.tried[high] - wanted) <= 0.0:
                return low, high
        return None

    def hit(self, wanted: float) -> float | None:
        """Give the tried value that gives the number: the nearest, of equals the least moved."""

        def misses(value: float) -> tuple[float, float]:
            return abs(self.tried[value] - wanted), abs(value - self.lever.in_force)

        best = min(self.tried, key=misses)
        return best if abs(self.tried[best] - wanted) <= CLOSE_ENOUGH else None

    def guess(self, wanted: float) -> float | None:
        """Interpolate between the values around the number; None where none are around it.

        With a third value beside them the curve through the three is taken, as long as it stays
        between the two (inverse quadratic interpolation).
        """
        found = self.bracket(wanted)
        if found is None:
            return None
        low, high = found
        rise = self.tried[high] - self.tried[low]
        line = low + (high - low) * (wanted - self.tried[low]) / rise if rise else low
        others = [value for value in self.tried if value not in found]
        if not others:
            return line
        third = min(others, key=lambda value: min(abs(value - low), abs(value - high)))
        curve = self._through(wanted, (low, high, third))
        return curve if curve is not None and low < curve < high else line

    def _through(self, wanted: float, values: tuple[float, float, float]) -> float | None:
        """Give the value at the number on the parabola through three values (Lagrange)."""
        total = 0.0
        for value in values:
            weight = 1.0
            for other in values:
                if other != value:
                    apart = self.tried[value] - self.tried[other]
                    if apart == 0.0:
                        return None
                    weight *= (wanted - self.tried[other]) / apart
            total += weight * value
        return total

    def answer(self, wanted: float) -> float | None:
        """Give the value that is needed; None where none gives the number."""
        hit = self.hit(wanted)
        return self.guess(wanted) if hit is None else hit


def find_levers(case: Case) -> list[Lever]:
    """List the assumptions that are moved, with their allowed ranges.

    Shares go from 0 to 1 for the group with most places. Factors go from a half to twice what is in
    force, for all groups; the planned closing from nothing to twice. A share and the closing are
    then the same in every draw, what is multiplied keeps its range.
    """
    resolved, inputs = case.resolved, case.inputs
    largest = inputs.groups[int(np.argmax(inputs.places))]
    closing, stays = "closing_share", ("stay_years_single", "stay_years_complex")
    factor = (ALL_GROUPS, Unit.FACTOR)
    levers = [
        Lever(closing, *factor, resolved.middle(closing), 0.0, 2.0, _value(closing, ALL_GROUPS)),
        Lever("inflow_factor", *factor, 1.0, 0.5, 2.0, _factor("inflow_factor")),
        Lever("stay_years", *factor, 1.0, 0.5, 2.0, _factor(*stays)),
    ]
    for name in ("divert_unplaced_share", "own_home_share"):
        now = resolved.middle(name, largest)
        levers.append(Lever(name, largest, Unit.SHARE, now, 0.0, 1.0, _value(name, largest)))
    return levers


def search_levers(wanted: float, case: Case, luck: Luck, gross: F64) -> pl.DataFrame:
    """Find for each assumption the value at which the mean headline is a number.

    Both ends of the range are tried, then the interpolation between the two values around the
    number, at most `MOST_ROUNDS` times. The first draws say how the headline moves; where it stands
    they are corrected by what they miss of all draws. The reference needs no run: the headline is
    gross demand less ten years of lettings.

    Args:
        wanted: The number (dwellings in ten years).
        case: The region, all drivers on.
        luck: Draws and seed of its run.
        gross: Gross demand of that run, shape (D,).

    Returns:
        `mart_demand__inverse` (without region).
    """
    lettings = ten_years_of_lettings(case)
    headline = float(gross.mean()) - lettings
    few = replace(luck, draws=min(INVERSE_DRAWS, luck.draws))
    level = headline - float(gross[: few.draws].mean())
    searches = [_Search(lever) for lever in find_levers(case)]
    ends: list[tuple[_Search, float]] = []
    for search in searches:
        search.tried[search.lever.in_force] = headline
        ends += [(search, search.lever.lowest), (search, search.lever.highest)]
    _try(ends, case, few, level)
    for _ in range(MOST_ROUNDS):
        open_ones = [search for search in searches if search.hit(wanted) is None]
        guesses = [(search, search.guess(wanted)) for search in open_ones]
        _try([(search, at) for search, at in guesses if at is not None], case, few, level)
    rows = [_row(search, wanted) for search in searches]
    rows.append(_reference_row(wanted, headline, lettings))
    shared = {"wanted": wanted, "headline_in_force": headline, "as_of": format_month(case.as_of)}
    return pl.DataFrame(
        [{**row, **shared} for row in rows], schema_overrides={"value_needed": pl.Float64}
    )


def _try(asked: Sequence[tuple[_Search, float]], case: Case, luck: Luck, level: float) -> None:
    """Evaluate values that were not tried yet, all in one go."""
    fresh = [(search, value) for search, value in asked if value not in search.tried]
    cases = [
        replace(case, resolved=search.lever.move(case.resolved, value)) for search, value in fresh
    ]
    for (search, value), gross in zip(fresh, _mean_gross(cases, luck), strict=True):
        search.tried[value] = gross + level


def _mean_gross(cases: Sequence[Case], luck: Luck) -> list[float]:
    runs = run_cases({str(at): case for at, case in enumerate(cases)}, luck)
    return [float(gross_of(run).mean()) for run in runs.values()]


def _row(search: _Search, wanted: float) -> dict[str, object]:
    lever, needed = search.lever, search.answer(wanted)
    return {
        "parameter": lever.parameter,
        "target_group": lever.target_group,
        "unit": lever.unit.value,
        "value_in_force": lever.in_force,
        "lowest": lever.lowest,
        "highest": lever.highest,
        "headline_at_low": search.tried[lever.lowest],
        "headline_at_high": search.tried[lever.highest],
        "reachable": needed is not None,
        "value_needed": needed,
    }


def _reference_row(wanted: float, now: float, lettings: float) -> dict[str, object]:
    """The lettings a year that the extra is counted from: gross demand less the number."""
    years = HORIZON_MONTHS / MONTHS_PER_YEAR
    highest = 2.0 * lettings / years
    needed = (now + lettings - wanted) / years
    reachable = 0.0 <= needed <= highest
    return {
        "parameter": "current_lettings",
        "target_group": ALL_GROUPS,
        "unit": Unit.DWELLINGS.value,
        "value_in_force": lettings / years,
        "lowest": 0.0,
        "highest": highest,
        "headline_at_low": now + lettings,
        "headline_at_high": now - lettings,
        "reachable": reachable,
        "value_needed": needed if reachable else None,
    }


def _value(name: str, group: str) -> Move:
    """Put one value in force in every draw."""

    def move(resolved: Resolved, value: float) -> Resolved:
        old = resolved.parameter(name, group)
        if old is None:
            raise ValueError(f"{name} has no value for {group}")
        fixed = old.model_copy(update={"value": value, "low": None, "high": None})
        return _with(resolved, name, {**resolved.values[name], group: fixed})

    return move


def _factor(*names: str) -> Move:
    """Multiply parameters of all groups, range and all."""

    def move(resolved: Resolved, value: float) -> Resolved:
        for name in names:
            scaled = {group: _scaled(old, value) for group, old in resolved.values[name].items()}
            resolved = _with(resolved, name, scaled)
        return resolved

    return move


def _scaled(old: Parameter, factor: float) -> Parameter:
    if old.unit in BOUNDED:
        raise ValueError("a share is moved by its value, not by a factor")
    numbers: Mapping[str, float | None] = {
        key: None if number is None else number * factor
        for key, number in (("value", old.value), ("low", old.low), ("high", old.high))
    }
    return old.model_copy(update=dict(numbers))


def _with(resolved: Resolved, name: str, groups: GroupValues) -> Resolved:
    return replace(resolved, values={**resolved.values, name: groups})
