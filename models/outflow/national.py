"""The start of a region that has delivered nothing: national rates times its inhabitants.

Belongs here: core tables made of rates, so that the model has a first order of size to run on. Does
not belong here: a region with deliveries (nothing of this is ever mixed with delivered rows), the
rates themselves (`models/parameters/national.toml`).

The region is taken to be in a steady state: as many people come as leave, nobody waits, no place is
planned to close or open. Places are not known, so they bound nobody: the high end of the rate.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from models.errors import RefusedError
from models.months import MONTHS_PER_YEAR, format_month
from models.outflow.keyed import F64, I64
from models.quota import apportion
from models.registry import Resolved

Tables = Mapping[str, pl.DataFrame]

RESIDENTS = "residents_per_10000"
INHABITANTS = 10_000
HISTORY_MONTHS = 120
"""Months of steady inflow and lettings before the as-of month."""
_LONGEST_STAYS = 4
"""Stays of more than so many times the mean are left out of the start."""
_UNKNOWN = "unknown"
_OUTFLOW = "outflow"


def national_core(
    core: Tables, resolved: Resolved, *, inhabitants: int, municipality: str, as_of: int
) -> dict[str, pl.DataFrame]:
    """Fill the core of a region without deliveries from national rates.

    Args:
        core: Its core tables: every table empty but that of the municipalities.
        resolved: The parameters in force, with the national rates (`RESIDENTS`) among them.
        inhabitants: People who live in the region's municipalities.
        municipality: CBS code under which lettings are counted; the split asks for none.
        as_of: Last month that counts as known.

    Returns:
        The core with places, residents, registrations and lettings.

    Raises:
        RefusedError: There is no national rate for one of the region's target groups.
    """
    groups = resolved.region.target_groups
    steady = {group: _Steady(resolved, group, inhabitants) for group in groups}
    months = list(range(as_of - HISTORY_MONTHS + 1, as_of + 1))
    filled = {
        "core_capacity__quarterly": _rows(
            core,
            "core_capacity__quarterly",
            (
                {"target_group": group, "month": format_month(as_of), "facilities": 1}
                | {"places": item.places, "occupied_persons": item.residents}
                for group, item in steady.items()
            ),
        ),
        "core_stay__open": _rows(
            core,
            "core_stay__open",
            (
                {"target_group": group, "complexity": _UNKNOWN, "months_in_stay": month}
                | {"birth_year": None, "persons": persons}
                for group, item in steady.items()
                for month, persons in enumerate(item.by_months_in_stay())
                if persons
            ),
        ),
        "core_intake__monthly": _rows(
            core,
            "core_intake__monthly",
            (
                {"target_group": group, "month": format_month(month), "registrations": count}
                for group, item in steady.items()
                for month, count in zip(months, _evenly(item.inflow, len(months)), strict=True)
            ),
        ),
        "core_letting__monthly": _rows(
            core,
            "core_letting__monthly",
            (
                {"target_group": group, "month": format_month(month), "dwellings": count}
                | {"municipality_code": municipality, "ground": _OUTFLOW}
                for group, item in steady.items()
                for month, count in zip(months, _evenly(item.homes, len(months)), strict=True)
                if count
            ),
        ),
    }
    return {**core, **filled}


class _Steady:
    """One target group in a steady state: who lives there, who comes and who leaves for a home.

    Attributes:
        residents: Persons in places.
        places: Places that bound nobody.
        stay_months: Mean stay.
        inflow: Registrations a month.
        homes: Homes let a month.
    """

    def __init__(self, resolved: Resolved, group: str, inhabitants: int) -> None:
        rate = resolved.values.get(RESIDENTS, {}).get(group)
        if rate is None:
            raise RefusedError(
                f"there is no national rate for target group {group!r}",
                where=f"{resolved.region.id}/region.toml, target_groups",
                expected=", ".join(sorted(resolved.values.get(RESIDENTS, {}))),
                todo="Deliver capacity and registrations, or leave the group out until then.",
            )
        most = rate.value if rate.high is None else rate.high
        self.residents = round(rate.value * inhabitants / INHABITANTS)
        self.places = round(most * inhabitants / INHABITANTS)
        self.stay_months = MONTHS_PER_YEAR * _stay_years(resolved, group)
        staying = self.residents / self.stay_months
        self.inflow = staying / (1.0 - min(resolved.middle("divert_door_share", group), 0.99))
        home = resolved.middle("own_home_share", group)
        approved = resolved.middle("assessment_positive_share", group)
        self.homes = staying * home * approved * resolved.middle("homes_per_person", group)

    def by_months_in_stay(self) -> I64:
        """Spread the residents over the months since they came, as a steady inflow would."""
        months = np.arange(int(np.ceil(_LONGEST_STAYS * self.stay_months)) + 1)
        weights: F64 = np.exp(-months / self.stay_months)
        return np.array(apportion(weights.round(9).tolist(), self.residents), dtype=np.int64)


def _stay_years(resolved: Resolved, group: str) -> float:
    if resolved.target_groups[group].stay_ends == "age":
        entry = resolved.middle("entry_age_years", group)
        return max(resolved.middle("exit_age_years", group) - entry, 1 / MONTHS_PER_YEAR)
    single = resolved.middle("stay_years_single", group)
    if group not in resolved.values["stay_years_complex"]:
        return single
    share = resolved.middle("complex_share_now", group)
    return (1 - share) * single + share * resolved.middle("stay_years_complex", group)


def _evenly(per_month: float, months: int) -> I64:
    """Spread a steady stream over months in whole numbers, never off by one from the start."""
    reached = np.floor(per_month * np.arange(months + 1) + 0.5)
    counts: I64 = np.diff(reached).astype(np.int64)
    return counts


def _rows(core: Tables, name: str, rows: Iterator[dict[str, object]]) -> pl.DataFrame:
    schema = core[name].schema
    return pl.DataFrame(list(rows), schema=schema).select(list(schema))
