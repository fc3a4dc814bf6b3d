"""How often a home goes elsewhere when the inputs move inside their rounding.

Belongs here: perturbed cases and the table of what they do. Does not belong here: the unit in which
a column was rounded (`columns`), whether the table is worth a warning (`findings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import polars as pl

from models.quota.lint.columns import rounding_units
from models.quota.lint.rules import PRESSURE, KeyCase, KeySplit, SplitRule, Value, split_all
from models.quota.lint.search import Floats, Homes
from models.quota.lint.trials import affordable_draws

Units = Mapping[str, tuple[float, ...]]
DRAWS = 200
"""Perturbed cases that a table rests on."""


@dataclass(frozen=True)
class Perturbed:
    """A case, its perturbations, and everybody's homes over all years in each.

    Attributes:
        cases: The perturbed cases that the rule can split.
        base: Homes of the case as it is, shape (municipalities,).
        homes: Homes of the perturbed cases, shape (cases, municipalities).
    """

    cases: tuple[KeyCase, ...]
    base: Homes
    homes: Homes

    @property
    def moved(self) -> Floats:
        """Share of the cases in which each municipality has another number."""
        if not self.cases:
            return np.zeros(len(self.base))
        return np.asarray((self.homes != self.base).mean(axis=0), dtype=np.float64)


def stability(
    case: KeyCase, rule: SplitRule, draws: int = DRAWS, seed: int = 0, units: Units | None = None
) -> pl.DataFrame:
    """Tell how often each municipality's homes change when inputs move inside their rounding.

    Every value moves by at most half a unit either way, all alike and independently. The moves
    follow from the codes, the names of the factors and the seed.

    Args:
        case: The inputs; `roundings` holds declared units, else the digits of a column show one.
        rule: What splits them.
        draws: Number of perturbed cases, fewer where splits are long.
        seed: Seed of the moves.
        units: Other units by factor, one for every municipality.

    Returns:
        One row a municipality, in the order of the case: municipality_code, municipality_name,
        homes (over all years), share_moved (0 to 1: perturbed cases with another number), lowest
        and highest (homes), perturbations.

    Raises:
        UitstroomError: The rule refuses the case as it is.
    """
    split = rule(case)
    found = perturb(
        case, rule, split, draws, seed, rounding_units(case) if units is None else units
    )
    rows = found.homes if len(found.homes) else found.base[None, :]
    return pl.DataFrame(
        {
            "municipality_code": case.codes,
            "municipality_name": case.names,
            "homes": found.base,
            "share_moved": found.moved,
            "lowest": np.minimum(rows.min(axis=0), found.base),
            "highest": np.maximum(rows.max(axis=0), found.base),
            "perturbations": [len(found.cases)] * len(case.codes),
        }
    )


def perturb(
    case: KeyCase, rule: SplitRule, split: KeySplit, draws: int, seed: int, units: Units
) -> Perturbed:
    """Split a case with its inputs moved inside their rounding; see `stability`.

    Args:
        case: The inputs.
        rule: What splits them.
        split: The split of the case as it is.
        draws: Number of perturbed cases, fewer where splits are long.
        seed: Seed of the moves.
        units: Units of rounding by factor, one for every municipality.
    """
    base = split.cumulative[-1]
    moved = perturbed_cases(case, affordable_draws(case, draws), seed, units)
    splits = split_all(rule, moved)
    pairs = [(each, made) for each, made in zip(moved, splits, strict=True) if made is not None]
    homes = [made.cumulative[-1] for _, made in pairs]
    table = np.array(homes, dtype=np.int64).reshape(len(homes), len(case.codes))
    return Perturbed(tuple(each for each, _ in pairs), base, table)


def perturbed_cases(case: KeyCase, draws: int, seed: int, units: Units) -> list[KeyCase]:
    """Make cases with every input moved by at most half a unit; codes decide, not rows."""
    order = sorted(range(len(case.codes)), key=lambda at: case.codes[at])
    names = sorted(units)
    text = "/".join([str(seed), *(case.codes[at] for at in order), *names])
    generator = np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8], "big"))
    moves = generator.uniform(-0.5, 0.5, size=(draws, len(names), len(order)))
    places = np.argsort(order)
    columns: dict[str, list[list[float]]] = {}
    for at, name in enumerate(names):
        values = _values(case, name)
        moved = values + moves[:, at, places] * np.asarray(units[name])
        least = 0.01 * values if name == PRESSURE else 0.0
        columns[name] = np.maximum(moved, least).tolist()
    return [_with_columns(case, {name: rows[draw] for name, rows in columns.items()})
            for draw in range(draws)]  # fmt: skip


def _values(case: KeyCase, name: str) -> Floats:
    values = case.pressures if name == PRESSURE else case.factors[name]
    return np.asarray(values, dtype=np.float64)


def _with_columns(case: KeyCase, columns: Mapping[str, list[float]]) -> KeyCase:
    factors: dict[str, tuple[Value, ...]] = {
        name: tuple(columns.get(name, values)) for name, values in case.factors.items()
    }
    pressures = tuple(columns[PRESSURE]) if PRESSURE in columns else case.pressures
    return replace(case, factors=factors, pressures=pressures)
