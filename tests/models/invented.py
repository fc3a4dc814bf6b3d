"""An invented small region, built in code: parameters, core tables and inflow for the tests.

Belongs here: the region, and small ways to change one thing of it. Does not belong here: a test, or
a figure of a real region.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import brentq

from models.forecast import InflowForecast, SeriesForecast
from models.forecast.levels import Belief
from models.forecast.members import to_intensity
from models.months import HORIZON_MONTHS, format_month, month_of
from models.outflow.engine import Observer, Run, run_chunk
from models.outflow.inputs import OutflowInputs, read_inputs
from models.outflow.sampler import Sample, sobol_points
from models.outflow.setting import Chunk, Switches
from models.params import National, Region, Scenario
from models.records import Parameter
from models.registry import Resolved, load_national, load_region, resolve
from models.units import ALL_GROUPS

AS_OF = month_of(2025, 6)
SEED = 1
GROUPS = ("sheltered_living", "shelter", "refuge")
CAPPED = Switches(capped=True)

RATES = {"sheltered_living": 4.0, "shelter": 6.0, "refuge": 2.0}
"""Registrations a month."""
PLACES = {"sheltered_living": 70, "shelter": 40, "refuge": 11}

AGREEMENT_TOML = """
[[agreements]]
agreement_id = "{id}"
kind = "{kind}"
scope = "Een verzonnen afspraak"
value = {value}
unit = "{unit}"
valid_from = "2022-01"
commitment = "inspanning"
body = "Verzonnen overleg"
decided_on = 2021-10-07
state = "vastgesteld"
source = {{ title = "Verzonnen convenant", publisher = "Proeftuin", year = 2021 }}
"""

CAP_TOML = (
    AGREEMENT_TOML.format(id="cap", kind="cap", value=30, unit="dwellings")
    + """
[cap]
agreement_id = "cap"
unused_offers = "lost_at_month_end"
"""
)

PROMISE_TOML = (
    AGREEMENT_TOML.format(id="promise", kind="promise", value=6, unit="months")
    + """
[promise]
agreement_id = "promise"

[promise.share_norm]
value = 0.9
unit = "share"
kind = "assumption"
source = { title = "Verzonnen norm", publisher = "Proeftuin", year = 2021 }
"""
)

BASE_TOML = """
id = "proeftuin"
name = "Proeftuin"
person_word = "uitstromer"
default_scenario = "baseline"
target_groups = [{groups}]
associations = []
providers = []

[[municipalities]]
code = "GM9001"
name = "Dorp"
assessment_table = "Dorp"
allocation_system = "Eigen"

[[compositions]]
purpose = "quota"
valid_from = "2022-01"
municipalities = ["GM9001"]

[lettings_reference]
first_year = 2022
last_year = 2024
why = "De drie jaren voor de afspraak"
"""


def region_toml(
    groups: Sequence[str] = GROUPS, *, cap: bool = True, promise: bool = True, more: str = ""
) -> str:
    """Write the file of the invented region, with or without a cap and a promise."""
    head = BASE_TOML.format(groups=", ".join(f'"{group}"' for group in groups))
    return head + (CAP_TOML if cap else "") + (PROMISE_TOML if promise else "") + more


def make_scenario(name: str = "baseline", **changes: object) -> Scenario:
    """Make a scenario of the invented region."""
    return Scenario.model_validate(
        {
            "id": name,
            "label": name,
            "why": "Een verzonnen scenario",
            "author": "Proeftuin",
            "date": date(2025, 7, 1),
            **changes,
        }
    )


def make_resolved(
    groups: Sequence[str] = GROUPS,
    *,
    cap: bool = True,
    promise: bool = True,
    scenario: Scenario | None = None,
) -> Resolved:
    """Resolve a scenario of the invented region on the real national values."""
    national: National = load_national()
    region: Region = load_region(
        region_toml(groups, cap=cap, promise=promise), "region.toml", national
    )
    chosen = scenario or make_scenario()
    return resolve(national, region, {"baseline": make_scenario(), chosen.id: chosen}, chosen.id)


def fix(resolved: Resolved, **values: float | Mapping[str, float]) -> Resolved:
    """Fix parameters: a number for all groups, or numbers by group; the range is dropped."""
    merged = dict(resolved.values)
    for name, value in values.items():
        model = next(iter(merged[name].values()))
        by_group = value if isinstance(value, Mapping) else {ALL_GROUPS: value}
        merged[name] = {
            group: Parameter.model_validate(
                {**model.model_dump(), "value": number, "low": None, "high": None}
            )
            for group, number in by_group.items()
        }
    return replace(resolved, values=merged)


def fix_all(resolved: Resolved) -> Resolved:
    """Drop the range of every parameter: the same values in every draw."""
    return replace(
        resolved,
        values={
            name: {
                group: item.model_copy(update={"low": None, "high": None})
                for group, item in groups.items()
            }
            for name, groups in resolved.values.items()
        },
    )


def set_cap(resolved: Resolved, homes: int | None) -> Resolved:
    """Set the homes a year under the cap."""
    return replace(resolved, cap_value=homes)


def set_blocking(resolved: Resolved, *, blocks: bool) -> Resolved:
    """Let those who are ready keep their place, or not, in every group."""
    return replace(
        resolved,
        target_groups={
            name: group.model_copy(update={"blocks_place": blocks})
            for name, group in resolved.target_groups.items()
        },
    )


def make_series(group: str, monthly: float, *, level_sd: float = 0.0) -> SeriesForecast:
    """Make a forecast that stays at one level (registrations a month)."""
    blocks = 48

    def excess(level: float) -> float:
        return float(to_intensity(np.array([level]))[0]) - 3.0 * monthly

    level = 0.0 if monthly == 0.0 else float(brentq(excess, 1.0, 1000.0, xtol=1e-12))
    return SeriesForecast(
        series_id=group,
        centre=np.full(blocks, level),
        level_sd=level_sd,
        disagreement=np.zeros(blocks),
        believed=Belief.certain(0.05),
        after=Belief.certain(0.05 * 0.5**0.5),
        points=40,
        yearly={2024: (round(12 * monthly), 12)},
        base_rate=monthly,
        models=("local_level",),
        weights=(1.0,),
    )


def make_inflow(rates: Mapping[str, float] = RATES, *, level_sd: float = 0.2) -> InflowForecast:
    """Make the forecast of all groups; a group at rate 0 has no referrals in any draw."""
    return InflowForecast(
        as_of=AS_OF,
        series={
            group: make_series(group, rate, level_sd=level_sd if rate else 0.0)
            for group, rate in rates.items()
        },
        drift=0.05,
    )


def _table(columns: Mapping[str, type[pl.DataType]], rows: Sequence[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(columns), orient="row")


STAY_COLUMNS: dict[str, type[pl.DataType]] = {
    "target_group": pl.String,
    "complexity": pl.String,
    "months_in_stay": pl.Int64,
    "birth_year": pl.Int64,
    "persons": pl.Int64,
}
PROJECT_COLUMNS: dict[str, type[pl.DataType]] = {
    "project_id": pl.String,
    "kind": pl.String,
    "places": pl.Int64,
    "age_max": pl.Int64,
    "stay_months_mean": pl.Float64,
    "expected_open_month": pl.String,
    "status": pl.String,
}


def make_core(
    groups: Sequence[str] = GROUPS, *, scale: float = 1.0, preparing: int = 0
) -> dict[str, pl.DataFrame]:
    """Make the core tables.

    Args:
        groups: Target groups; those without a rate in `RATES` have no rows.
        scale: Multiplies lists, lettings and registrations, not places.
        preparing: People per group who are ready in a stay and have not applied yet.
    """
    text, whole = pl.String, pl.Int64

    def sized(number: float) -> int:
        return round(number * scale)

    known = [group for group in groups if group in RATES]
    past = [AS_OF - age for age in range(48)]
    stays = [
        (group, complexity, months, None, persons)
        for group in known
        for complexity, months, persons in (
            ("single", 2, round(0.2 * PLACES[group])),
            ("single", 9, round(0.15 * PLACES[group])),
            ("unknown", 5, round(0.3 * PLACES[group])),
            ("unknown", 20, round(0.2 * PLACES[group])),
        )
    ]
    applications = [
        (
            group,
            state,
            blocks,
            format_month(AS_OF - age),
            "",
            "" if state == "preparing" else "independent",
            format_month(AS_OF - age - 4) if state == "on_list" else None,
            format_month(AS_OF - age - 2) if state == "on_list" else None,
            sized(count),
        )
        for group in known
        for state, blocks, age, count in (
            ("in_assessment", True, 0, 2),
            ("in_assessment", False, 0, 1),
            ("offered", True, 1, 1),
            ("on_list", False, 7, 2),
            ("on_list", False, 1, 3),
            ("on_list", True, 3, 2),
            ("on_list", True, 0, 2),
            *([("preparing", True, 1, preparing)] if preparing else []),
        )
    ]
    closing = [
        ("sheltered_living", 10, "closed_attrition", -6),
        ("sheltered_living", 34, "closed_move_out", -12),
        ("shelter", 22, "closed_attrition", -5),
        ("shelter", 60, "opened", 4),
        ("sheltered_living", 40, "relabelled_wlz", -9),
    ]
    return {
        "core_capacity__quarterly": _table(
            {"target_group": text, "month": text, "places": whole, "facilities": whole},
            [
                (group, month, PLACES[group] + more, 2)
                for group in known
                for month, more in (("2025-03", 3), ("2025-06", 0))
            ],
        ),
        "core_capacity__plan": _table(
            {
                "target_group": text,
                "effective_month": text,
                "change_kind": text,
                "status": text,
                "places_change": whole,
            },
            [
                (group, format_month(AS_OF + ahead), kind, "besloten", change)
                for group, ahead, kind, change in closing
                if group in known
            ],
        ),
        "core_intake__waiting": _table(
            {"target_group": text, "months_waiting": whole, "persons": whole},
            [
                (group, months, sized(count))
                for group in known
                for months, count in ((0, 1), (1, 1), (9, 2))
            ],
        ),
        "core_stay__open": _table(
            STAY_COLUMNS,
            stays,
        ),
        "core_application__open": _table(
            {
                "target_group": text,
                "state": text,
                "blocks_place": pl.Boolean,
                "since_month": text,
                "priority_class": text,
                "product": text,
                "clock_ready_month": text,
                "clock_applied_month": text,
                "applications": whole,
            },
            applications,
        ),
        "core_application__table": _table(
            {"assessment_table": text, "assessments": whole},
            [("Dorp", sized(120)), ("onbekend", sized(9))],
        ),
        "core_application__product": _table(
            {"target_group": text, "product": text, "applications": whole},
            [
                (group, product, sized(count))
                for group in known
                for product, count in (("housing_first", 6), ("in_between", 9), ("independent", 75))
            ],
        ),
        "core_project__places": _table(PROJECT_COLUMNS, []),
        "core_letting__monthly": _table(
            {"month": text, "ground": text, "target_group": text, "dwellings": whole},
            [
                row
                for month in past
                for row in (
                    (format_month(month), "outflow", known[0], sized(2)),
                    (format_month(month), "outflow", "unknown", sized(1)),
                    (format_month(month), "status_holder", "unknown", 5),
                )
            ],
        ),
        "core_intake__monthly": _table(
            {"target_group": text, "month": text, "registrations": whole},
            [
                (group, format_month(month), sized(RATES[group] + (month % 3 - 1)))
                for group in known
                for month in past[::-1]
            ],
        ),
        "core_application__list_monthly": _table(
            {"month": text, "applications": whole},
            [(format_month(AS_OF - 1), 25), (format_month(AS_OF), 27)],
        ),
        "core_intake__list_monthly": _table(
            {"month": text, "persons": whole},
            [(format_month(AS_OF - 1), 11), (format_month(AS_OF), 12)],
        ),
    }


def make_youth_stays(
    persons: Mapping[int | None, int], *, group: str = "youth", months: int = 6
) -> pl.DataFrame:
    """Make the open stays of a group whose stays end by age.

    Args:
        persons: Year of birth (None: not delivered) -> people.
        group: The target group.
        months: Whole months since each stay began.

    Returns:
        Rows of `core_stay__open`, sorted as the core sorts them.
    """
    years = sorted(persons, key=lambda year: (year is None, year or 0))
    return _table(STAY_COLUMNS, [(group, "unknown", months, year, persons[year]) for year in years])


@dataclass(frozen=True)
class World:
    """A region that can be run: change one part with `replace`."""

    resolved: Resolved
    core: Mapping[str, pl.DataFrame]
    inflow: InflowForecast

    @property
    def inputs(self) -> OutflowInputs:
        """The start of a run."""
        return read_inputs(self.resolved, self.core, as_of=AS_OF)

    def run(
        self,
        switches: Switches = CAPPED,
        *,
        draws: int = 64,
        seed: int = SEED,
        yearly_homes: int | None = None,
        observe: Observer | None = None,
    ) -> Run:
        """Run one chunk of draws."""
        return run_chunk(
            self.inputs,
            self.inflow,
            make_chunk(self.resolved, draws, seed),
            switches,
            yearly_homes=yearly_homes,
            observe=observe,
        )

    def with_values(self, **values: float | Mapping[str, float]) -> "World":
        """Fix parameters (see `fix`)."""
        return replace(self, resolved=fix(self.resolved, **values))

    def with_table(self, name: str, table: pl.DataFrame) -> "World":
        """Replace a core table."""
        return replace(self, core={**self.core, name: table})

    def without_rows(self, *names: str) -> "World":
        """Empty core tables."""
        emptied = {name: self.core[name].clear() for name in names}
        return replace(self, core={**self.core, **emptied})


def make_chunk(resolved: Resolved, draws: int, seed: int = SEED) -> Chunk:
    """Make the chunk of all draws."""
    return Chunk(seed, 0, Sample(resolved, sobol_points(seed, resolved.region.id, draws)))


def make_world(
    groups: Sequence[str] = GROUPS,
    *,
    cap: bool = True,
    promise: bool = True,
    scenario: Scenario | None = None,
) -> World:
    """Make the invented region."""
    rates = {group: RATES.get(group, 0.0) for group in groups}
    return World(
        make_resolved(groups, cap=cap, promise=promise, scenario=scenario),
        make_core(groups),
        make_inflow(rates),
    )


def total(run: Run, name: str) -> np.ndarray:
    """Add up a flow over years and groups; shape (D,)."""
    return run.flows[name].sum(axis=(0, 1), dtype=np.int64)


HORIZON = HORIZON_MONTHS
