"""Lists, waits, the promise, places and support, from the run under the cap.

Definitions of clock, cohort and kept are those of the decision record on the promise: a cohort is
everybody whose clock starts in a calendar year; its share is offered in time / cohort; an empty
cohort counts as kept and is flagged. Belongs here: these marts. Does not belong here: demand.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.months import HORIZON_MONTHS, MONTHS_PER_YEAR, format_month, year_of
from models.outflow.engine import Run
from models.outflow.figures import covered, spread
from models.outflow.inputs import OutflowInputs, Tables
from models.outflow.keyed import F64, I32, I64
from models.outflow.offers import USE, capped_offers
from models.outflow.smallest import Smallest
from models.registry import Resolved
from models.units import ALL_GROUPS, Unit

_LIKELY = 0.5
_ROUNDING = 1e-9
_STILL_WAITING = 0.02
"""Share of a cohort that may still wait at the end of the run for its mean wait to be shown."""


def _year_rows(run: Run, year: int, inputs: OutflowInputs) -> np.ndarray:
    """Positions of the cohorts of a year, the backlog and months past the horizon left out."""
    own = np.arange(run.cohort_month.size) >= run.backlog_cohorts
    inside = run.cohort_month <= inputs.as_of + HORIZON_MONTHS
    of_year = run.cohort_month // MONTHS_PER_YEAR == year
    return np.flatnonzero(own & inside & of_year)


def _share(within: I32, joined: I32) -> tuple[F64, np.ndarray]:
    """Share offered in time per draw, and which draws have an empty cohort (they count as kept)."""
    cohort = joined.sum(axis=0)
    empty = cohort == 0
    share = within.sum(axis=0) / np.maximum(cohort, 1)
    return np.where(empty, 1.0, share), empty


def yearly(resolved: Resolved, inputs: OutflowInputs, run: Run) -> pl.DataFrame:
    """Make `mart_wait__yearly_region` (without region and scenario)."""
    norm = _norm(resolved)
    offers = capped_offers(resolved, inputs.as_of + 1, HORIZON_MONTHS)
    rows = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        cohort = _year_rows(run, year, inputs)
        share, empty = _share(run.offered_within[cohort], run.joined[cohort])
        joined = run.joined[cohort].sum(axis=0) if cohort.size else _joined(run, at)
        low, high = np.quantile(share, (0.1, 0.9))
        list_end = spread(run.stocks["housing_list"][at].sum(axis=0))
        rows.append(
            {
                "year": year,
                "months_covered": months,
                "cohort_mean": float(joined.mean()),
                "within_share_mean": float(share.mean()),
                "within_share_p10": float(low),
                "within_share_p90": float(high),
                "kept_probability": float((share >= norm - _ROUNDING).mean()),
                "empty_share": float(empty.mean()) if cohort.size else 0.0,
                "waiting_months_mean": _mean_wait(run, cohort),
                "offered_mean": float(run.flows["offered"][at].sum(axis=0).mean()),
                "cap_dwellings": None if offers is None else _in_year(offers, inputs, year),
                **{f"list_end_{key}": value for key, value in list_end.items()},
            }
        )
    return pl.DataFrame(rows, schema_overrides={"cap_dwellings": pl.Int64})


def _mean_wait(run: Run, cohort: np.ndarray) -> float | None:
    """Mean months from clock to offer; None while too many of the cohort still wait at the end.

    Averaging over those who were offered only would make a growing list look fast.
    """
    if run.cohort_month.size == 0:
        return 0.0
    joined, offered, left, waited = (
        int(counts[cohort].sum(dtype=np.int64))
        for counts in (run.joined, run.offered, run.left, run.waited)
    )
    still = joined - offered - left
    if offered == 0 or still > _STILL_WAITING * joined:
        return None
    return waited / offered


def _joined(run: Run, at: int) -> I64:
    """Without a cap there are no cohorts: everybody is offered a home at once."""
    joined: I64 = run.flows["joined"][at].sum(axis=0, dtype=np.int64)
    return joined


def _in_year(offers: np.ndarray, inputs: OutflowInputs, year: int) -> int:
    months = np.arange(inputs.as_of + 1, inputs.as_of + 1 + HORIZON_MONTHS)
    return int(offers[months // MONTHS_PER_YEAR == year].sum())


def _norm(resolved: Resolved) -> float:
    promise = resolved.region.promise
    return 0.0 if promise is None else promise.share_norm.value


def promise(
    resolved: Resolved, inputs: OutflowInputs, run: Run, smallest: Smallest | None
) -> pl.DataFrame:
    """Make `mart_promise__region`: cap against promise in one row."""
    agreed = resolved.region.promise
    row: dict[str, object] = {
        "cap_dwellings": resolved.cap_value,
        "promise_months": None,
        "share_norm": None,
        "certainty": None,
        "clock_start": None,
        "clock_confirmed": None,
        "share_norm_confirmed": None,
        "first_year_broken": None,
        "joint_probability": None,
        **_smallest(smallest),
        "backlog_persons": int(inputs.backlog.applications.sum()),
        "backlog_within_share": None,
        **_cap_use(resolved),
    }
    if agreed is not None:
        kept = _kept_by_year(resolved, inputs, run)
        likely_broken = [year for year, draws in kept.items() if draws.mean() < _LIKELY]
        row["promise_months"] = resolved.promise_months
        row["share_norm"] = agreed.share_norm.value
        row["certainty"] = agreed.certainty
        row["clock_start"] = agreed.clock_start
        row["clock_confirmed"] = agreed.clock_confirmed
        row["share_norm_confirmed"] = agreed.share_norm.confirmed
        row["first_year_broken"] = min(likely_broken, default=None)
        if kept:
            row["joint_probability"] = float(np.all(list(kept.values()), axis=0).mean())
        backlog = slice(0, run.backlog_cohorts)
        if run.joined[backlog].any():
            share, _ = _share(run.offered_within[backlog], run.joined[backlog])
            row["backlog_within_share"] = float(share.mean())
    return pl.DataFrame(
        [row],
        schema_overrides={
            "cap_dwellings": pl.Int64,
            "promise_months": pl.Int64,
            "share_norm": pl.Float64,
            "certainty": pl.Float64,
            "clock_start": pl.String,
            "clock_confirmed": pl.Boolean,
            "share_norm_confirmed": pl.Boolean,
            "first_year_broken": pl.Int32,
            "joint_probability": pl.Float64,
            "smallest_quota": pl.Int64,
            "smallest_quota_exact": pl.Boolean,
            "smallest_quota_probability": pl.Float64,
            "probability_below": pl.Float64,
            "joint_probability_at_smallest": pl.Float64,
            "counted_from_year": pl.Int32,
            "smallest_quota_error": pl.Float64,
            "backlog_within_share": pl.Float64,
            "cap_use": pl.Float64,
            "cap_use_low": pl.Float64,
            "cap_use_high": pl.Float64,
        },
    )


def _cap_use(resolved: Resolved) -> dict[str, float | None]:
    """Say which part of the cap is believed to be offered; empty where all of it is."""
    share = resolved.parameter(USE) if resolved.cap_value is not None else None
    if share is None:
        return {"cap_use": None, "cap_use_low": None, "cap_use_high": None}
    low = share.value if share.low is None else share.low
    high = share.value if share.high is None else share.high
    return {"cap_use": share.value, "cap_use_low": low, "cap_use_high": high}


def _smallest(found: Smallest | None) -> dict[str, object]:
    """Say what the search found; empty where there was none, or no tried number is enough."""
    homes = None if found is None else found.homes
    at, below = (
        (None, None) if found is None or homes is None else (found.of(homes), found.of(homes - 1))
    )
    return {
        "smallest_quota": homes,
        "smallest_quota_exact": None if found is None or homes is None else found.is_exact,
        "smallest_quota_probability": None if at is None else at.lowest,
        "probability_below": None if below is None else below.lowest,
        "joint_probability_at_smallest": None if at is None else at.joint,
        "counted_from_year": None if at is None else at.counted_from,
        "smallest_quota_error": None if found is None else found.error_homes,
    }


def quota_search(found: Smallest | None) -> pl.DataFrame:
    """Make `mart_promise__quota_search` (without region and scenario); empty without a search."""
    rows = [
        {
            "yearly_homes": item.homes,
            "lowest_probability": item.lowest,
            "joint_probability": item.joint,
            "is_smallest": found is not None and item.homes == found.homes,
        }
        for item in (() if found is None else found.tried)
    ]
    shares = dict.fromkeys(("lowest_probability", "joint_probability"), pl.Float64)
    return pl.DataFrame(
        rows, schema={"yearly_homes": pl.Int64, **shares, "is_smallest": pl.Boolean}
    )


def _kept_by_year(resolved: Resolved, inputs: OutflowInputs, run: Run) -> dict[int, np.ndarray]:
    """Whether the promise is kept, per full calendar year and draw."""
    norm = _norm(resolved)
    kept = {}
    for year, months in covered(inputs).items():
        cohort = _year_rows(run, year, inputs)
        if months == MONTHS_PER_YEAR and cohort.size:
            share, _ = _share(run.offered_within[cohort], run.joined[cohort])
            kept[year] = share >= norm - _ROUNDING
    return kept


def monthly_lists(inputs: OutflowInputs, core: Tables, run: Run) -> pl.DataFrame:
    """Make `mart_wait__monthly_list`: both lists, observed and computed."""
    units = {"housing_list": Unit.DWELLINGS, "intake_list": Unit.PERSONS}
    rows: list[dict[str, object]] = []
    observed = {
        "housing_list": core["core_application__list_monthly"].select("month", "applications"),
        "intake_list": core["core_intake__list_monthly"].select("month", "persons"),
    }
    for measure, table in observed.items():
        for month, count in table.iter_rows():
            value = dict.fromkeys(("mean", "p10", "p50", "p90"), float(count))
            rows.append({"month": month, "is_observed": True, "measure": measure, **value})
    for measure, cube in (("housing_list", run.housing_list), ("intake_list", run.intake_list)):
        for ahead in range(HORIZON_MONTHS):
            month = format_month(inputs.as_of + 1 + ahead)
            rows.append(
                {"month": month, "is_observed": False, "measure": measure, **spread(cube[ahead])}
            )
    return pl.DataFrame([{**row, "unit": units[str(row["measure"])].value} for row in rows])


def capacity(inputs: OutflowInputs, run: Run) -> pl.DataFrame:
    """Make `mart_capacity__yearly_region`: places, residents and who waits, at each year's end."""
    rows: list[dict[str, object]] = []
    names = {"occupied_mean": "residents", "blocked_mean": "blocked", "intake_list_mean": "intake"}
    for at, (year, months) in enumerate(covered(inputs).items()):
        for position, group in enumerate((*inputs.groups, ALL_GROUPS)):
            rows_of = slice(None) if group == ALL_GROUPS else slice(position, position + 1)
            means = {
                column: float(run.stocks[stock][at, rows_of].sum(axis=0).mean())
                for column, stock in names.items()
            }
            places = float(run.places[at, rows_of].sum(axis=0).mean())
            shared = {"year": year, "months_covered": months, "target_group": group}
            rows.append({**shared, "places_mean": places, **means})
    return pl.DataFrame(rows)


def support(resolved: Resolved, inputs: OutflowInputs, run: Run) -> pl.DataFrame:
    """Make `mart_support__yearly_region`: the caseload at each year's end, and what it costs.

    A month of support costs the region's tariff, where it has one; a time-out is support too.
    """
    tariff = resolved.parameter("support_tariff")
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        given = run.support_months[at]
        euro = None if tariff is None else spread(given * tariff.value)
        caseload = (run.stocks["support"][at] + run.stocks["away"][at]).sum(axis=0)
        rows.append(
            {"year": year, "months_covered": months, "unit": Unit.PERSONS.value}
            | spread(caseload)
            | {"support_months_mean": float(given.mean())}
            | {f"euro_{key}": None if euro is None else euro[key] for key in ("mean", "p10", "p90")}
        )
    euros = dict.fromkeys(("euro_mean", "euro_p10", "euro_p90"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=euros)


def expected_applications(inputs: OutflowInputs, run: Run) -> Mapping[int, float]:
    """Give the approved applications that can be served in each calendar year (dwellings).

    On the list when the year begins plus joining in it, mean over the draws. In the as-of year
    what was let before and what was already offered count too.
    """
    this_year = year_of(inputs.as_of)
    out = {this_year: float(inputs.let_this_year + inputs.moving.sum())}
    waiting = float(inputs.backlog.applications.sum())
    for at, year in enumerate(covered(inputs)):
        joined = float(run.flows["joined"][at].sum(axis=0).mean())
        out[year] = out.get(year, 0.0) + waiting + joined
        waiting = float(run.stocks["housing_list"][at].sum(axis=0).mean())
    return out


def joined_by_group(inputs: OutflowInputs, run: Run) -> dict[int, dict[str, float]]:
    """Give the approved applications of each calendar year by target group, mean over the draws."""
    means = run.flows["joined"].mean(axis=2)
    return {
        year: dict(zip(inputs.groups, means[at].tolist(), strict=True))
        for at, year in enumerate(covered(inputs))
    }
