"""What everybody may read of homes let: levels, ratios and states made anew from rounded ones.

Belongs here: what is done to the tables of `openbaar` only. Does not belong here: what is done for
every class (`protected_figures`), the declaration (`classes`).
"""

from collections.abc import Callable, Mapping

import polars as pl

from models.months import MONTHS_PER_YEAR
from models.protect import LEAST_SHOWN
from models.quota.pacing import Course
from models.together import members
from pipelines.protected_counts import (
    ALL,
    CLAIMS,
    LETTINGS,
    LISTS,
    OUTFLOW,
    PACE,
    REFERENCE,
    RUN,
    month_of_run,
    reference_cells,
)
from pipelines.protected_figures import Given, Tables, digits, with_columns

TOGETHER = 3
"""Years that a municipality's state rests on."""

_TEN_YEARS = 10
_HUNDRED = 100.0
_EXTRA = "extra_current_lettings"
_LEVELS = ("mean", "p10", "p50", "p90")


def _lettings_shift(tables: Tables, given: Given) -> None:
    """Count the extra from the rounded homes let: all levels that hold the exact ones move."""
    if RUN not in tables or tables[RUN].is_empty() or tables[RUN]["national_rates"].any():
        return
    run = tables[RUN].row(0, named=True)
    cells = reference_cells(run, given.truths)
    homes = given.figures[REFERENCE] if cells is None else sum(given.figures[one] for one in cells)
    exact = float(run["current_lettings_yearly"])
    rounded = homes / (run["reference_last_year"] - run["reference_first_year"] + 1)
    with_columns(tables, RUN, pl.lit(rounded).alias("current_lettings_yearly"))
    up = _TEN_YEARS * (exact - rounded)
    is_extra = pl.col("measure").cast(pl.String) == _EXTRA
    for table in ("mart_demand__ten_year", "mart_demand__published"):
        with_columns(tables, table, *_moved(_LEVELS, pl.when(is_extra).then(up).otherwise(0.0)))
    with_columns(
        tables,
        "mart_demand__ten_year",
        pl.when(is_extra)
        .then(_TEN_YEARS * rounded)
        .otherwise(pl.col("reference"))
        .alias("reference"),
    )
    yearly = (exact - rounded) * pl.col("months_covered") / MONTHS_PER_YEAR
    with_columns(
        tables,
        "mart_demand__yearly_region",
        *_moved(_LEVELS, pl.when(is_extra).then(yearly).otherwise(0.0)),
    )
    driver = pl.col("driver").cast(pl.String)
    bar = pl.when(driver == "reference").then(-up).when(driver == "todays_outflow").then(up)
    with_columns(
        tables, "mart_demand__drivers", *_moved(("mean", "p10", "p90"), bar.otherwise(0.0))
    )
    with_columns(
        tables,
        "mart_sensitivity__region",
        *_moved(("headline_low", "headline_high"), pl.lit(up)),
    )
    _bridge(tables, up)
    _inverse(tables, up, rounded)


def _moved(columns: tuple[str, ...], by: pl.Expr) -> list[pl.Expr]:
    return [(pl.col(name) + by).alias(name) for name in columns]


def _bridge(tables: Tables, up: float) -> None:
    """Move our end of the bridge, and the step that holds the reference."""
    step, reading = pl.col("step").cast(pl.String), pl.col("reading").cast(pl.String)
    is_moved = (
        (step == "ours")
        | ((step == "reference") & (reading != _EXTRA))
        | ((step == "unexplained") & (reading == _EXTRA))
    )
    by = pl.when(is_moved).then(up).otherwise(0.0)
    with_columns(tables, "mart_demand__bridge", *_moved(("mean", "p10", "p90"), by))


def _inverse(tables: Tables, up: float, rounded: float) -> None:
    table = "mart_demand__inverse"
    is_reference = pl.col("parameter") == "current_lettings"
    most = 2.0 * rounded
    with_columns(
        tables,
        table,
        (pl.col("headline_in_force") + up).alias("headline_in_force"),
        pl.when(is_reference)
        .then(pl.col("headline_at_low"))
        .otherwise(pl.col("headline_at_low") + up)
        .alias("headline_at_low"),
        (pl.col("headline_at_high") + pl.when(is_reference).then(2.0 * up).otherwise(up)).alias(
            "headline_at_high"
        ),
        pl.when(is_reference)
        .then(rounded)
        .otherwise(pl.col("value_in_force"))
        .alias("value_in_force"),
        pl.when(is_reference).then(most).otherwise(pl.col("highest")).alias("highest"),
        digits("value_needed"),
    )
    is_within = pl.col("value_needed").is_not_null() & (
        ~is_reference | (pl.col("value_needed") <= pl.col("highest"))
    )
    with_columns(tables, table, is_within.alias("reachable"))
    with_columns(
        tables, table, pl.when("reachable").then(pl.col("value_needed")).alias("value_needed")
    )


def _lists(tables: Tables, given: Given) -> None:
    """Round what is expected of the lists too: their next months start from the observed ones."""
    ahead = ~pl.col("is_observed")
    with_columns(
        tables,
        LISTS,
        *(
            pl.when(ahead)
            .then((pl.col(name) / given.base).round(0) * given.base)
            .otherwise(pl.col(name))
            .alias(name)
            for name in _LEVELS
        ),
    )


def _claims(tables: Tables, given: Given) -> None:
    """Hold rounded homes let, from ten up, against the homes that came free."""
    known = pl.col("dwellings")
    if given.carries_lettings:  # next year's quota would tell this year's homes let
        known = pl.when(~pl.col("is_expected")).then(known)
    is_known = pl.col("is_expected") | (pl.col("dwellings") >= LEAST_SHOWN)
    ratios = {"per_100_relets": "relets", "per_100_suitable": "suitable_relets"}
    with_columns(tables, CLAIMS, known.alias("dwellings"))
    with_columns(
        tables,
        CLAIMS,
        *(
            pl.when((pl.col(free) > 0) & is_known)
            .then(_HUNDRED * pl.col("dwellings") / pl.col(free))
            .alias(name)
            for name, free in ratios.items()
        ),
    )


def _pace(tables: Tables, given: Given) -> None:
    """Pace the whole year, and say of three years together only: on course, or behind.

    A state needs a cap in each of these years: before, nothing was owed. Half-years and their
    backlog would give the homes let of the first.
    """
    if PACE not in tables or tables[PACE].is_empty():
        return
    month = int(month_of_run(tables)[5:])
    states = [
        _state(tables, given, row, row["quota"] * month / MONTHS_PER_YEAR)
        for row in tables[PACE].iter_rows(named=True)
    ]
    schema = tables[PACE].schema
    with_columns(
        tables,
        PACE,
        pl.lit(month, schema["months_passed"]).alias("months_passed"),
        pl.lit(MONTHS_PER_YEAR, schema["of_months"]).alias("of_months"),
        (pl.col("quota") * month / MONTHS_PER_YEAR).alias("norm"),
        pl.lit(None, schema["backlog"]).alias("backlog"),
        pl.lit(None, schema["difference"]).alias("difference"),
        pl.Series("state", states, dtype=schema["state"]),
    )


def _state(tables: Tables, given: Given, row: Mapping[str, object], norm: float) -> str | None:
    """Say whether homes let in three years keep up with what was owed; None where not all owed."""
    year, code = int(str(row["year"])), str(row["municipality_code"])
    share = _share(tables, code)
    let = {
        (at, where): homes
        for at, where, homes in tables[LETTINGS]
        .filter(pl.col("ground") == OUTFLOW)
        .select("year", "municipality_code", "dwellings")
        .iter_rows()
    }
    homes, owed = int(str(row["realised"])), norm
    for before in range(year - TOGETHER + 1, year):
        cap = _cap(tables, before)
        own = [
            number for (at, where), number in let.items() if at == before and code in (where, ALL)
        ]
        if cap is None or share is None or not own:
            return None
        homes, owed = homes + sum(own), owed + share * cap
    return Course.BEHIND.value if homes < owed - given.base else Course.ON_COURSE.value


def _share(tables: Tables, code: str) -> float | None:
    """Give the share of the cap under the key in force, of all behind a code."""
    if code == ALL:
        return 1.0
    shares = tables.get("mart_quota__key_share")
    if shares is None:
        return None
    known = 0.0
    for one in members(code):
        own = shares.filter(pl.col("is_in_force") & (pl.col("municipality_code") == one))
        if own.is_empty():
            return None
        known += float(own["key_share"][0])
    return known


def _cap(tables: Tables, year: int) -> float | None:
    """Give the cap that was agreed for the whole of a year."""
    agreed = tables.get("mart_agreement")
    if agreed is None:
        return None
    whole = agreed.filter(
        (pl.col("kind") == "cap")
        & pl.col("value").is_not_null()
        & (pl.col("valid_from") <= f"{year}-01")
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= f"{year}-12"))
    )
    return float(whole.sort("valid_from")["value"][-1]) if whole.height else None


PUBLIC_STEPS: tuple[Callable[[Tables, Given], None], ...] = (
    _lettings_shift,
    _lists,
    _claims,
    _pace,
)
"""What is done to the tables for everybody besides, in order."""
