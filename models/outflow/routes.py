"""Which way people go: demand by product, destinations of leavers, projects, assessment tables.

Belongs here: these marts. Does not belong here: total demand (`demand`), lists and the promise
(`waits`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.outflow.engine import Run
from models.outflow.figures import covered, groups_and_all, spread
from models.outflow.inputs import OutflowInputs, Tables
from models.outflow.keyed import F64
from models.outflow.sampler import Sample
from models.outflow.state import PRODUCT_SHARES, PROJECT_KINDS
from models.registry import Resolved
from models.units import Unit

ELSEWHERE = ("own_network", "other_care", "other_region", "left", "died")
"""Destinations that are no home of the region and no in-between facility."""


def products(inputs: OutflowInputs, sample: Sample, run: Run) -> pl.DataFrame:
    """Make `mart_demand__yearly_product` (without region and scenario).

    Ordinary homes are split by the share that Housing First has of them; projects count who asks
    for them, whether or not there is a place.
    """
    housing_first = _housing_first(inputs, sample)
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        for group, of in groups_and_all(inputs.groups):
            ordinary = run.flows["offered"][at, of].astype(np.float64)
            first = ordinary * housing_first[of]
            special = {name: run.flows[f"to_{name}"][at, of] for name in ("skaeve_huse", "domus")}
            asked = run.flows["to_projects"][at, of] - sum(special.values())
            between = run.flows["to_in_between"][at, of] + asked
            found = {
                "independent": (ordinary - first, Unit.DWELLINGS),
                "housing_first": (first, Unit.DWELLINGS),
                "in_between": (between, Unit.PERSONS),
                **{name: (count, Unit.PERSONS) for name, count in special.items()},
            }
            rows += [
                {"year": year, "months_covered": months, "target_group": group}
                | {"product": name, "unit": unit.value, **spread(count.sum(axis=0))}
                for name, (count, unit) in found.items()
            ]
    return pl.DataFrame(rows)


def _housing_first(inputs: OutflowInputs, sample: Sample) -> F64:
    """Give the share of Housing First among ordinary homes; shape (G, D)."""
    others = np.sum(
        [sample.by_group(name, inputs.groups) for name in PRODUCT_SHARES.values()]
        if inputs.projects
        else [np.zeros((len(inputs.groups), sample.points.shape[0]))],
        axis=0,
    )
    share = sample.by_group("product_share_housing_first", inputs.groups)
    part: F64 = np.clip(share / np.maximum(1.0 - others, 1e-12), 0.0, 1.0)
    return part


def destinations(inputs: OutflowInputs, sample: Sample, run: Run) -> pl.DataFrame:
    """Make `mart_stay__yearly_destination` (without region and scenario), under the cap.

    Who leaves elsewhere is split by shares that change no demand.
    """
    shares = np.stack(
        [sample.by_group(f"elsewhere_share_{name}", inputs.groups) for name in ELSEWHERE]
    )
    shares = shares / np.maximum(shares.sum(axis=0), 1e-12)
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        for group, of in groups_and_all(inputs.groups):
            away = run.flows["left_elsewhere"][at, of].astype(np.float64)
            found = {
                "own_home": run.flows["ready"][at, of],
                "in_between": run.flows["to_in_between"][at, of],
                **{name: away * shares[nth, of] for nth, name in enumerate(ELSEWHERE)},
            }
            rows += [
                {"year": year, "months_covered": months, "target_group": group}
                | {"destination": name, "unit": Unit.PERSONS.value, **spread(count.sum(axis=0))}
                for name, count in found.items()
            ]
    return pl.DataFrame(rows)


def projects(inputs: OutflowInputs, run: Run) -> pl.DataFrame:
    """Make `mart_project__yearly_region` (without region and scenario); empty without projects."""
    rows = [
        {
            "year": year,
            "months_covered": months,
            "kind": kind,
            "places_mean": float(run.projects[at, 0, nth].mean()),
            "residents_mean": float(run.projects[at, 1, nth].mean()),
            "waiting_mean": float(run.projects[at, 2, nth].mean()),
        }
        for at, (year, months) in enumerate(covered(inputs).items())
        for nth, kind in enumerate(PROJECT_KINDS)
        if run.projects.shape[2] and run.projects[:, :, nth].any()
    ]
    return pl.DataFrame(rows) if rows else _no_projects()


def _no_projects() -> pl.DataFrame:
    means = dict.fromkeys(("places_mean", "residents_mean", "waiting_mean"), pl.Float64)
    return pl.DataFrame(
        schema={"year": pl.Int32, "months_covered": pl.Int32, "kind": pl.String, **means}
    )


def assessment_tables(inputs: OutflowInputs, core: Tables, run: Run) -> pl.DataFrame:
    """Make `mart_application__yearly_table` (without region and scenario).

    The assessments of a year, shared over the tables as in the last 24 months.
    """
    counts = core["core_application__table"]
    total = int(counts["assessments"].sum())
    rows: list[dict[str, object]] = []
    for at, (year, months) in enumerate(covered(inputs).items()):
        decided = run.flows["decided"][at].sum(axis=0)
        for table, seen in counts.select("assessment_table", "assessments").iter_rows():
            rows.append(
                {"year": year, "months_covered": months, "assessment_table": table}
                | {"unit": Unit.PERSONS.value, **spread(decided * (seen / total))}
            )
    schema = {"year": pl.Int32, "months_covered": pl.Int32, "assessment_table": pl.String}
    figures = dict.fromkeys(("mean", "p10", "p50", "p90"), pl.Float64)
    return pl.DataFrame(rows, schema={**schema, "unit": pl.String, **figures})


def classes(resolved: Resolved, inputs: OutflowInputs, run: Run) -> pl.DataFrame:
    """Make `mart_wait__yearly_class` (without region and scenario); no rows with one class."""
    rows: list[dict[str, object]] = []
    own = np.arange(run.cohort_month.size) >= run.backlog_cohorts
    for nth in range(run.class_joined.shape[0]):
        item = resolved.region.priority_classes[nth]
        for year, months in covered(inputs).items():
            cohort = own & (run.cohort_month // 12 == year)
            joined = run.class_joined[nth][cohort].sum(axis=0)
            within = run.class_within[nth][cohort].sum(axis=0)
            share = np.where(joined == 0, 1.0, within / np.maximum(joined, 1))
            rows.append(
                {"year": year, "months_covered": months, "priority_class": item.id}
                | {"label": item.label, "position": nth + 1}
                | {"cohort_mean": float(joined.mean()), "within_share_mean": float(share.mean())}
            )
    schema: Mapping[str, type[pl.DataType]] = {
        "year": pl.Int32,
        "months_covered": pl.Int32,
        "priority_class": pl.String,
        "label": pl.String,
        "position": pl.Int32,
        "cohort_mean": pl.Float64,
        "within_share_mean": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema)
