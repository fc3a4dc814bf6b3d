"""What the full model answers, for the invented region: searches, routes, checks, bridges.

Belongs here: frames of tables that came with the full model. Does not belong here: the tables that
every region has had from the start (`invented_release.py`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

OTHER = "faster-closing"
"""The scenario beside the default one."""


def answer_frames(
    region: str,
    covered: Mapping[int, int],
    groups: Mapping[str, float],
    *,
    with_other: bool = True,
) -> dict[str, pl.DataFrame]:
    """Make the frames.

    Args:
        region: The region's id.
        covered: Months covered by year.
        groups: Target groups with their share of people.
        with_other: Whether there is a scenario beside the default one.
    """
    run = {"region_id": region, "scenario_id": "baseline"}
    years = list(covered.items())
    return {
        "mart_demand__scenario_difference": _differences(region).filter(pl.lit(with_other)),
        "mart_demand__bridge": _bridge(region),
        "mart_demand__inverse": _inverse(region),
        "mart_demand__definition": _definitions(run),
        "mart_demand__eligibility": _eligibility(run, years),
        "mart_demand__cross_check": _checks(run),
        "mart_demand__yearly_product": _products(run, years, groups),
        "mart_promise__quota_search": _search(run),
        "mart_wait__yearly_class": _classes(run, years),
        "mart_stay__yearly_destination": _destinations(run, years, groups),
        "mart_project__yearly_region": _projects(run, years),
        "mart_application__yearly_table": _tables(run, years),
        "mart_sensitivity__variance": pl.DataFrame(
            [
                {
                    **run,
                    "measure": "gross",
                    "unit": "dwellings",
                    "standard_deviation": 322.0,
                    "parameter_share": 0.84,
                    "chance_share": 0.16,
                }
            ]
        ),
        "mart_forecast__hindcast": _hindcasts(region),
    }


def _rows(start: Mapping[str, Any], columns: tuple[str, ...], rows: list[Any]) -> pl.DataFrame:
    made = [{**start, **dict(zip(columns, row, strict=True))} for row in rows]
    return pl.DataFrame(made, infer_schema_length=None)


def _eligibility(run: Mapping[str, str], years: list[tuple[int, int]]) -> pl.DataFrame:
    rules = (
        ("binding", "Minstens drie jaar binding met de regio", True, 0.2, 33.0),
        ("own-home-before", "Eerder een eigen woning gehad", False, 0.3, 51.0),
    )
    return pl.DataFrame(
        [
            {**run, "rule_id": rule, "label": label, "is_in_force": holds, "outside_share": share}
            | {"confirmed": False, "year": year, "months_covered": months, "unit": "households"}
            | {"mean": mean, "p10": mean * 0.6, "p50": mean, "p90": mean * 1.5}
            for rule, label, holds, share, mean in rules
            for year, months in years
        ]
    )


def _differences(region: str) -> pl.DataFrame:
    columns = ("measure", "unit", "mean", "p10", "p90", "share_above")
    rows = [
        ("gross", "dwellings", 116.2, 31.0, 205.0, 0.94),
        ("extra_current_lettings", "dwellings", 116.2, 31.0, 205.0, 0.94),
        ("extra_constant_capacity", "dwellings", 44.0, -20.0, 90.0, 0.78),
        ("unmet_persons", "persons", -61.0, -140.0, 12.0, 0.12),
        ("let", "dwellings", 0.0, 0.0, 0.0, 0.0),
        ("list_end", "dwellings", 88.0, 12.0, 160.0, 1.0),
        ("within_share", "share", -0.062, -0.11, -0.01, 0.04),
        ("support_end", "persons", 0.4, -3.0, 4.0, 0.5),
    ]
    return _rows({"region_id": region, "scenario_id": OTHER}, columns, rows)


def _bridge(region: str) -> pl.DataFrame:
    shared = [
        ("plan", -42.4, -133.8, 18.0),
        ("backlog", 72.4, 66.0, 78.0),
        ("inflow", -95.8, -405.6, 240.6),
        ("longer_stays", 6.8, -15.0, 31.0),
        ("moment", 144.2, 12.0, 310.0),
    ]
    readings = {
        "gross": (-580.0, 491.2),
        "extra_current_lettings": (0.0, -88.8),
        "extra_constant_capacity": (920.0, -1008.8),
    }
    rows = []
    for reading, (reference, unexplained) in readings.items():
        steps = [
            ("published", 1450.0, 1450.0, 1450.0),
            ("reference", reference, reference, reference),
            *shared,
            ("unexplained", unexplained, unexplained - 190.0, unexplained + 180.0),
            ("ours", 1446.4, 1002.0, 1824.0),
        ]
        rows += [
            (reading, place, *step, reading == "extra_current_lettings")
            for place, step in enumerate(steps, start=1)
        ]
    start = {
        "region_id": region,
        "as_of_then": "2021-12",
        "as_of": "2026-10",
        "unit": "dwellings",
    }
    columns = ("reading", "position", "step", "mean", "p10", "p90", "is_headline_reading")
    return _rows(start, columns, rows)


def _inverse(region: str) -> pl.DataFrame:
    columns = (
        *("parameter", "target_group", "unit", "value_in_force", "lowest", "highest"),
        *("headline_at_low", "headline_at_high", "reachable", "value_needed"),
    )
    rows = [
        ("closing_share", "all", "factor", 1.0, 0.0, 2.0, 1086.9, 1380.3, False, None),
        ("current_lettings", "all", "dwellings", 58.0, 0.0, 116.0, 1857.0, 697.0, True, 40.7),
        ("inflow_factor", "all", "factor", 1.0, 0.5, 2.0, 356.6, 2891.6, True, 1.08),
        ("own_home_share", "sheltered_living", "share", 0.4, 0.0, 1.0, 835.8, 1901.8, True, 0.58),
    ]
    start = {
        "region_id": region,
        "as_of": "2021-12",
        "wanted": 1450.0,
        "headline_in_force": 1276.9,
    }
    return _rows(start, columns, rows)


def _definitions(run: Mapping[str, str]) -> pl.DataFrame:
    columns = (
        *("definition", "position", "observed", "mean", "p10", "p90"),
        *("level_mean", "level_p10", "level_p90"),
    )
    empty = (None, None, None)
    rows = [
        ("usual", 1, None, 2026.4, 1582.0, 2404.0, *empty),
        ("with_ambulant", 2, 240, 104.0, 90.0, 118.0, 2130.4, 1680.0, 2510.0),
        ("with_interested", 3, 0, 0.0, 0.0, 0.0, 2026.4, 1582.0, 2404.0),
        ("any_home", 4, None, 610.0, 560.0, 660.0, 2636.4, 2170.0, 3030.0),
        ("interaction", 5, None, 31.0, 27.0, 35.0, *empty),
        ("all_together", 6, None, 2771.4, 2290.0, 3190.0, *empty),
    ]
    return _rows({**run, "unit": "dwellings"}, columns, rows)


def _checks(run: Mapping[str, str]) -> pl.DataFrame:
    columns = ("method", "measure", "value", "difference_share", "note")
    rows = [
        ("simulation", "gross", 2026.4, 0.0, "agrees"),
        ("simulation", "list_end", 470.0, 0.0, "agrees"),
        ("fluid", "gross", 2101.0, 0.0368, "agrees"),
        ("fluid", "list_end", 368.0, -0.217, "fluid_knows_no_chance"),
        ("rates_only", "gross", 1231.0, -0.3925, "rates_only_knows_no_change"),
    ]
    return _rows({**run, "unit": "dwellings"}, columns, rows)


def _products(
    run: Mapping[str, str], years: list[tuple[int, int]], groups: Mapping[str, float]
) -> pl.DataFrame:
    kinds = {
        "independent": ("dwellings", 160.0),
        "housing_first": ("dwellings", 8.0),
        "in_between": ("persons", 21.0),
        "skaeve_huse": ("persons", 0.0),
        "domus": ("persons", 0.0),
    }
    rows = [
        (year, months, group, kind, unit, mean, mean * 0.8, mean, mean * 1.2)
        for year, months in years
        for group, share in [("all", 1.0), *groups.items()]
        for kind, (unit, yearly) in kinds.items()
        for mean in [yearly * share * months / 12]
    ]
    columns = ("year", "months_covered", "target_group", "product", "unit")
    return _rows(run, (*columns, "mean", "p10", "p50", "p90"), rows)


def _search(run: Mapping[str, str]) -> pl.DataFrame:
    columns = ("yearly_homes", "lowest_probability", "joint_probability", "is_smallest")
    rows = [
        (238, 0.8711, 0.8106, False),
        (244, 0.8931, 0.8433, False),
        (245, 0.9018, 0.8501, True),
        (246, 0.9057, 0.8569, False),
    ]
    return _rows(run, columns, rows)


def _classes(run: Mapping[str, str], years: list[tuple[int, int]]) -> pl.DataFrame:
    columns = (
        *("year", "months_covered", "priority_class", "label", "position"),
        *("cohort_mean", "within_share_mean"),
    )
    rows = [
        (year, months, name, label, place, mean * months / 12, share)
        for year, months in years
        for place, (name, label, mean, share) in enumerate(
            [("urgent", "met spoed", 40.0, 0.97), ("other", "overig", 140.0, 0.31)], start=1
        )
    ]
    return _rows(run, columns, rows)


def _destinations(
    run: Mapping[str, str], years: list[tuple[int, int]], groups: Mapping[str, float]
) -> pl.DataFrame:
    flows = {
        "own_home": 131.0,
        "in_between": 0.0,
        "own_network": 101.0,
        "other_care": 85.0,
        "other_region": 53.0,
        "left": 99.0,
        "died": 6.3,
    }
    rows = [
        (year, months, group, name, mean, mean * 0.9, mean, mean * 1.1)
        for year, months in years
        for group, share in [("all", 1.0), *groups.items()]
        for name, yearly in flows.items()
        for mean in [yearly * share * months / 12]
    ]
    columns = ("year", "months_covered", "target_group", "destination")
    start = {**run, "unit": "persons"}
    return _rows(start, (*columns, "mean", "p10", "p50", "p90"), rows)


def _projects(run: Mapping[str, str], years: list[tuple[int, int]]) -> pl.DataFrame:
    columns = (
        *("year", "months_covered", "kind"),
        *("places_mean", "residents_mean", "waiting_mean"),
    )
    rows = [(year, months, "in_between", 38.0, 35.5, 6.2) for year, months in years]
    return _rows(run, columns, rows)


def _tables(run: Mapping[str, str], years: list[tuple[int, int]]) -> pl.DataFrame:
    columns = ("year", "months_covered", "assessment_table", "mean", "p10", "p50", "p90")
    rows = [
        (year, months, name, mean, mean * 0.8, mean, mean * 1.2)
        for year, months in years
        for name, yearly in [("Duinstad", 120.0), ("Haven & Polder", 64.0)]
        for mean in [yearly * months / 12]
    ]
    return _rows({**run, "unit": "persons"}, columns, rows)


def _hindcasts(region: str) -> pl.DataFrame:
    measures = {
        "registrations": ("persons", 560.0, 60.0, 574.0),
        "approved": ("dwellings", 190.0, 30.0, 171.0),
        "let": ("dwellings", 172.0, 0.0, 168.0),
        "housing_list": ("dwellings", 120.0, 40.0, 86.0),
    }
    rows = []
    for as_of, first, part in (("2021-12", 2022, 12), ("2022-10", 2022, 2), ("2024-10", 2024, 2)):
        for year in range(first, 2027):
            for name, (unit, mean, width, known) in measures.items():
                observed = None if year == 2026 else known + year - 2024
                low, high = mean - width, mean + width
                inside = None if observed is None else low <= observed <= high
                months = part if year == first else 12
                rows.append((as_of, year, months, name, unit, mean, low, high, observed, inside))
    columns = ("as_of", "year", "months_covered", "measure", "unit")
    columns = (*columns, "mean", "p10", "p90", "observed", "inside")
    return _rows({"region_id": region}, columns, rows)
