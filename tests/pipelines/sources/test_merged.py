"""Municipalities that were no more on the day of their row (case 60)."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.convert import FAULTS, Converted
from pipelines.sources.merged import day_of, read_on_their_day
from pipelines.sources.open_data import municipalities
from pipelines.sources.reasons import Reason, Rule

pytestmark = pytest.mark.unit

KNOWN = municipalities(Path(__file__).parents[3] / "data" / "raw" / "open")


def converted(rows: pl.DataFrame) -> Converted:
    """Put rows as they come out of the conversion, on the lines from 2 on."""
    return Converted(
        lines=pl.Series(range(2, rows.height + 2), dtype=pl.Int64),
        rows=rows,
        faulty=pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True),
        faults=pl.DataFrame(schema=FAULTS),
    )


def test_a_home_in_a_merged_municipality_is_read_row_by_row_from_its_day_on() -> None:
    rows = pl.DataFrame(
        {
            "municipality_code": ["GM0398", "GM0398", "GM0416", "GM1980", "GM0398"],
            "moved_on": [
                date(2021, 12, 31),
                date(2022, 1, 1),
                date(2025, 3, 1),
                date(2020, 1, 1),
                None,
            ],
        }
    )
    file = converted(rows)
    read_on_their_day(file, CONTRACTS["lettings"], KNOWN)
    found = file.rows["municipality_code"].to_list()
    assert found == ["GM0398", "GM1980", "GM1980", "GM1980", "GM0398"]
    assert [(change.line, change.rule, change.examples) for change in file.changes] == [
        (3, Rule.MERGED_MUNICIPALITY, ("'GM0398' -> GM1980",)),
        (4, Rule.MERGED_MUNICIPALITY, ("'GM0416' -> GM1980",)),
    ]
    assert file.faults.is_empty()
    assert not file.faulty.any()


def test_a_split_municipality_sets_the_row_apart_and_names_its_parts() -> None:
    rows = pl.DataFrame(
        {
            "municipality_of_origin": ["GM0788", "GM0788", None],
            "registered_on": [date(2020, 12, 31), date(2021, 1, 1), date(2021, 1, 1)],
        }
    )
    file = converted(rows)
    read_on_their_day(file, CONTRACTS["intake"], KNOWN)
    assert file.rows["municipality_of_origin"].to_list() == ["GM0788", "GM0788", None]
    assert file.faulty.to_list() == [False, True, False]
    fault = file.faults.row(0, named=True)
    assert (fault["place"], fault["reason"]) == (1, Reason.SPLIT_MUNICIPALITY.value)
    assert fault["found"] == "GM0788 on 2021-01-01"
    assert "GM0855 Tilburg" in fault["expected"]
    assert file.changes == []


def test_counts_by_municipality_are_left_to_the_core() -> None:
    rows = pl.DataFrame({"municipality_code": ["GM0398", "GM0416"], "year": [2023, 2023]})
    file = converted(rows)
    read_on_their_day(file, CONTRACTS["association_stock"], KNOWN)
    assert file.rows.equals(rows)
    assert file.changes == []


def test_the_day_of_a_quarter_is_its_last_and_of_a_year_its_first() -> None:
    quarters = pl.DataFrame({"period": ["2021K4", "2022K1"]})
    days = quarters.select(day=day_of(CONTRACTS["capacity"]))["day"].to_list()
    assert days == [date(2021, 12, 31), date(2022, 3, 31)]
    years = pl.DataFrame({"year": [2022]}, schema={"year": pl.Int64})
    stock = years.select(day=day_of(CONTRACTS["association_stock"]))["day"].to_list()
    assert stock == [date(2022, 1, 1)]


def test_a_facility_that_reports_on_under_its_old_code_is_read_in_the_new_one() -> None:
    rows = pl.DataFrame(
        {"municipality_code": ["GM0457"] * 2, "period": ["2021K4", "2022K1"], "facility_id": "F"}
    )
    file = converted(rows)
    read_on_their_day(file, CONTRACTS["capacity"], KNOWN)
    assert file.rows["municipality_code"].to_list() == ["GM0457", "GM0363"]
