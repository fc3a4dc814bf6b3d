"""Figures of a key in the boundaries of any date: sums, shares, and what is missing."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines.sources.key_figures import facts_at, key_factors
from pipelines.sources.open_data import municipal_facts, municipalities

ROOT = Path(__file__).parents[3] / "data" / "raw" / "open"
NOW, THEN = date(2026, 10, 31), date(2021, 12, 31)
ALKMAAR_NOW = ["GM0361", "GM0373", "GM0383", "GM0399", "GM0450", "GM1980"]
ALKMAAR_THEN = ["GM0361", "GM0373", "GM0383", "GM0398", "GM0399", "GM0416", "GM0450"]
HOUSEHOLDS = {"households"}


def households(codes: list[str], year: int, at: date) -> dict[str, int]:
    frame = key_factors(ROOT, codes, year, at=at, factors=HOUSEHOLDS)
    return dict(frame.select("municipality_code", "households").iter_rows())


@pytest.mark.reference
def test_households_of_2021_of_dijk_en_waard_are_those_of_its_two_predecessors() -> None:
    now = households(ALKMAAR_NOW, 2021, NOW)
    then = households(ALKMAAR_THEN, 2021, THEN)
    assert now["GM1980"] == then["GM0398"] + then["GM0416"] == 24_166 + 11_822
    assert sum(now.values()) == sum(then.values()) == 134_957
    assert {code: now[code] for code in ALKMAAR_NOW[:5]} == {
        code: then[code] for code in ALKMAAR_NOW[:5]
    }


@pytest.mark.reference
def test_households_of_2025_are_shared_out_over_the_municipalities_of_2021() -> None:
    now, then = households(ALKMAAR_NOW, 2025, NOW), households(ALKMAAR_THEN, 2025, THEN)
    assert now["GM1980"] == 38_466
    assert then["GM0398"] + then["GM0416"] == 38_466
    assert then["GM0398"] == round(38_466 * 25_826 / (25_826 + 12_294))  # addresses of 2021
    assert sum(now.values()) == sum(then.values())


@pytest.mark.reference
def test_amsterdam_has_weesp_from_its_day_on() -> None:
    assert households(["GM0363"], 2021, date(2022, 3, 24))["GM0363"] == 474_875 + 9_374
    before = households(["GM0363", "GM0457"], 2021, date(2022, 3, 23))
    assert before == {"GM0363": 474_875, "GM0457": 9_374}
    both = key_factors(ROOT, ["GM0363"], 2021, at=NOW).row(0, named=True)
    parts = key_factors(ROOT, ["GM0363", "GM0457"], 2021)
    for column in ("households", "population", "dwellings", "association_dwellings"):
        assert both[column] == parts[column].sum()
    assert both["composed_of"] == "GM0457"


@pytest.mark.reference
def test_a_municipality_that_took_in_a_part_of_another_gets_that_part() -> None:
    facts = municipal_facts(ROOT)
    stock = facts.filter((pl.col("measure") == "dwellings_1jan") & (pl.col("year") == 2020))
    own = dict(stock.select("municipality_code", "value").iter_rows())
    parts = ["GM0757", "GM0824", "GM0855", "GM0865"]
    frame = key_factors(ROOT, parts, 2020, at=NOW, factors={"dwellings"})
    made = dict(frame.select("municipality_code", "dwellings").iter_rows())
    assert sum(made.values()) == sum(own[code] for code in [*parts, "GM0788"])
    assert made["GM0757"] == own["GM0757"] + round(own["GM0788"] * 840 / 5594)
    assert frame["composed_of"].to_list() == ["GM0788"] * 4


@pytest.mark.unit
def test_only_the_figures_that_a_key_uses_have_to_be_there() -> None:
    row = key_factors(ROOT, ["GM0392"], 2025, factors=HOUSEHOLDS).row(0, named=True)
    assert row["households"] == 81_464
    assert row["dwellings"] is row["association_dwellings"] is None
    with pytest.raises(UitstroomError, match="no dwellings_1jan of 2025 for GM0392"):
        key_factors(ROOT, ["GM0392"], 2025, factors={"association_dwellings"})


@pytest.mark.reference
def test_a_series_of_stocks_goes_on_through_a_merger() -> None:
    facts, boundaries = municipal_facts(ROOT), municipalities(ROOT).boundaries
    made = facts_at(facts, boundaries, ["GM1980", "GM0392"], NOW)
    stock = made.filter(
        (pl.col("measure") == "dwellings_1jan") & (pl.col("municipality_code") == "GM1980")
    )
    values = dict(stock.select("year", "value").iter_rows())
    assert list(values) == [*range(2012, 2022), 2024]
    assert values[2021] == 24_439 + 11_773
    assert values[2024] == 38_007
    gone = made.filter(pl.col("municipality_code").is_in(["GM0398", "GM0416"]))
    assert set(gone["measure"]).isdisjoint({"dwellings_1jan", "households", "population"})


@pytest.mark.reference
def test_unchanged_municipalities_keep_all_their_figures() -> None:
    facts, boundaries = municipal_facts(ROOT), municipalities(ROOT).boundaries
    covenant = ["GM0375", "GM0377", "GM0392", "GM0396", "GM0397", "GM0453", "GM0473"]
    made = facts_at(facts, boundaries, covenant, NOW)
    assert made.equals(facts.select(made.columns))
