"""Rows of any year in the municipalities of the as-of date, and who a region is when."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError
from models.months import parse_month
from models.params import Composition, Municipality, Region
from pipelines.compositions import (
    Landed,
    composition,
    land,
    last_day,
    place_names,
    quota_members,
    region_codes,
    region_facts,
)
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.sources.columns import Kind
from pipelines.sources.contracts import CONTRACTS
from pipelines.sources.open_data import municipalities
from tests.invented import REGION_ID, build_data_root

DATA = Path(__file__).parents[2] / "data"
KNOWN = municipalities(DATA / "raw" / "open")
NOW, THEN = date(2026, 10, 31), date(2021, 12, 31)
ALKMAAR = frozenset({"GM0361", "GM0373", "GM1980"})
DAYS: dict[str, object] = {
    "capacity": "2020K1",
    "misses": "2020K1",
    "association_stock": 2020,
    **dict.fromkeys(("intake", "applications", "lettings"), date(2020, 5, 1)),
}
"""A day of before 2022 in the column of each contract that says its day."""
STOCK = ("dwellings", "social_dwellings", "relets", "suitable_relets", "new_lettings")


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Give an invented region whose municipalities are replaced by those of a case."""
    root = DataRoot(build_data_root(tmp_path_factory.mktemp("region") / "data"))
    return read_region_folder(root.region(REGION_ID)).region


def of(region: Region, *compositions: tuple[str, str, str | None, tuple[str, ...]]) -> Region:
    """Give the region with these compositions: purpose, from, to, codes."""
    made = tuple(
        Composition(purpose=purpose, valid_from=first, valid_to=last, municipalities=codes)  # type: ignore[arg-type]
        for purpose, first, last, codes in compositions
    )
    described = Municipality(
        code=made[-1].municipalities[0],
        name="Eigen naam",
        assessment_table="A",
        allocation_system="S",
    )
    return region.model_copy(update={"compositions": made, "municipalities": (described,)})


def stock(*rows: tuple[str, str, int, int | None]) -> pl.DataFrame:
    """Give rows of the stock: association, code, year, and one number for all counts."""
    made = [
        {"association": who, "municipality_code": code, "year": year} | dict.fromkeys(STOCK, number)
        for who, code, year, number in rows
    ]
    schema = {"association": pl.String, "municipality_code": pl.String, "year": pl.Int64}
    return pl.DataFrame(made, schema=schema | dict.fromkeys(STOCK, pl.Int64))


def misses(*rows: tuple[str, str, str, str, int]) -> pl.DataFrame:
    columns = ["association", "municipality_code", "period", "reason", "dwellings"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def lettings(*rows: tuple[str, date]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["municipality_code", "moved_on"], orient="row")


def landed(at: date = NOW, codes: frozenset[str] = ALKMAAR, **accepted: pl.DataFrame) -> Landed:
    return land(accepted, KNOWN, codes, at)


# --- counts --------------------------------------------------------------------------------------


@pytest.mark.unit
def test_stocks_of_merged_municipalities_are_added_up_for_every_year() -> None:
    frame = stock(
        ("W", "GM0398", 2021, 100),
        ("W", "GM0416", 2021, 40),
        ("W", "GM1980", 2022, 150),
        ("W", "GM0361", 2021, 7),
        ("V", "GM0416", 2021, None),
    )
    found = landed(association_stock=frame).accepted["association_stock"]
    rows = found.select("association", "municipality_code", "year", "dwellings").rows()
    assert rows == [
        ("V", "GM1980", 2021, None),
        ("W", "GM0361", 2021, 7),
        ("W", "GM1980", 2021, 140),
        ("W", "GM1980", 2022, 150),
    ]
    assert found.columns == frame.columns


@pytest.mark.unit
def test_a_count_that_is_unknown_in_one_part_is_unknown_in_the_sum() -> None:
    frame = stock(("W", "GM0398", 2021, 100), ("W", "GM0416", 2021, 40)).with_columns(
        relets=pl.Series([5, None], dtype=pl.Int64)
    )
    row = landed(association_stock=frame).accepted["association_stock"].row(0, named=True)
    assert (row["dwellings"], row["relets"]) == (140, None)


@pytest.mark.unit
def test_misses_of_merged_municipalities_are_added_up_by_reason_and_quarter() -> None:
    frame = misses(
        ("W", "GM0398", "2021K4", "no_match", 3),
        ("W", "GM0416", "2021K4", "no_match", 2),
        ("W", "GM0416", "2021K4", "no_vacancy", 4),
        ("W", "GM0416", "2021K3", "no_match", 1),
        ("W", "GM0398", "2022K1", "no_match", 6),  # still under the name of before
        ("W", "GM1980", "2022K1", "no_match", 5),
        ("V", "GM0361", "2021K4", "no_match", 7),
    )
    found = landed(misses=frame).accepted["misses"]
    assert found.columns == frame.columns
    assert sorted(found.rows()) == [
        ("V", "GM0361", "2021K4", "no_match", 7),
        ("W", "GM1980", "2021K3", "no_match", 1),
        ("W", "GM1980", "2021K4", "no_match", 5),
        ("W", "GM1980", "2021K4", "no_vacancy", 4),
        ("W", "GM1980", "2022K1", "no_match", 11),
    ]
    assert landed(THEN, misses=frame.head(1)).accepted["misses"].rows() == frame.head(1).rows()


@pytest.mark.unit
def test_misses_of_a_split_municipality_are_split_by_addresses_and_add_up() -> None:
    frame = misses(("W", "GM0788", "2020K4", "no_match", 10))
    found = landed(misses=frame).accepted["misses"]
    shares = KNOWN.boundaries.shares("GM0788", NOW, drawn=date(2020, 12, 31))
    homes = dict(found.select("municipality_code", "dwellings").iter_rows())
    assert sum(homes.values()) == 10
    assert set(homes) == set(shares) == {"GM0757", "GM0824", "GM0855", "GM0865"}
    assert all(abs(homes[code] - 10 * share) < 1 for code, share in shares.items())


@pytest.mark.unit
def test_counts_of_which_a_part_lies_outside_the_region_wait() -> None:
    """Haaren went to four: to Oisterwijk and Tilburg of one region, and to two others."""
    frame = stock(("W", "GM0788", 2020, 100))
    parts = {"GM0757", "GM0824", "GM0855", "GM0865"}
    with pytest.raises(RefusedError, match=r"GM0788 \(Haaren\) in association_stock"):
        landed(association_stock=frame, codes=frozenset({"GM0824", "GM0855"}))
    whole = landed(association_stock=frame, codes=frozenset(parts))
    assert set(whole.accepted["association_stock"]["municipality_code"]) == parts


@pytest.mark.unit
def test_every_municipality_of_every_contract_lands() -> None:
    """What names a municipality and would not be carried over is a gap that nobody sees."""
    kinds = {Kind.MUNICIPALITY, Kind.MUNICIPALITIES}
    named = [
        (contract.name, column.name, column.kind)
        for contract in CONTRACTS.values()
        for column in contract.columns
        if column.kind in kinds
    ]
    assert len(named) == 8
    for contract, column, kind in named:
        plain = {one.name: None for one in CONTRACTS[contract].columns}
        counted = {"dwellings": 1} if "dwellings" in plain else {}
        day = {CONTRACTS[contract].day: DAYS[contract]} if CONTRACTS[contract].day else {}
        several = "GM0398|GM0392" if kind is Kind.MUNICIPALITIES else "GM0398"
        row = {**plain, **counted, **day, column: several}
        found = landed(**{contract: pl.DataFrame([row])}).accepted[contract]
        assert found[column].to_list() == [several.replace("GM0398", "GM1980")], contract


@pytest.mark.properties
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B"]),
            st.sampled_from(["GM0398", "GM0416", "GM1980", "GM0363", "GM0457", "GM0788", "GM0392"]),
            st.integers(2018, 2025),
            st.integers(0, 5_000),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[:3],
    ),
    st.sampled_from([THEN, NOW, date(2019, 3, 31)]),
)
def test_no_home_of_a_stock_is_lost_or_doubled_at_any_date(
    rows: list[tuple[str, str, int, int]], at: date
) -> None:
    frame = stock(*rows)
    found = landed(at, association_stock=frame).accepted["association_stock"]
    for name in STOCK:
        assert found[name].sum() == frame[name].sum()
    by_year = ["association", "year"]
    before = frame.group_by(by_year).agg(pl.col("dwellings").sum()).sort(by_year)
    assert found.group_by(by_year).agg(pl.col("dwellings").sum()).sort(by_year).equals(before)
    assert all(KNOWN.boundaries.exists(code, at) for code in found["municipality_code"])


# --- single things and people --------------------------------------------------------------------


@pytest.mark.unit
def test_homes_land_where_their_whole_municipality_went() -> None:
    frame = lettings(
        ("GM0398", date(2020, 5, 1)),
        ("GM0416", date(2019, 5, 1)),
        ("GM0361", date(2020, 5, 1)),
        ("GM0457", date(2022, 3, 23)),
    )
    found = landed(lettings=frame).accepted["lettings"]
    assert found["municipality_code"].to_list() == ["GM1980", "GM1980", "GM0361", "GM0363"]
    assert found["moved_on"].equals(frame["moved_on"])


@pytest.mark.unit
def test_rows_that_no_change_touches_are_the_same_frames() -> None:
    frame = lettings(("GM0361", date(2020, 5, 1)), ("GM0373", date(2012, 1, 1)))
    stays = pl.DataFrame({"stay_id": ["S"]})
    found = landed(lettings=frame, stays=stays).accepted
    assert found["lettings"] is frame
    assert found["stays"] is stays


@pytest.mark.unit
def test_a_home_of_a_split_municipality_goes_to_the_regions_part_else_the_run_waits() -> None:
    frame = lettings(("GM0788", date(2020, 5, 1)))
    tilburg = landed(lettings=frame, codes=frozenset({"GM0855", "GM0797"}))
    assert tilburg.accepted["lettings"]["municipality_code"].to_list() == ["GM0855"]
    for codes in (frozenset({"GM0855", "GM0757"}), frozenset({"GM0392"})):
        with pytest.raises(RefusedError, match=r"GM0788 \(Haaren\) in lettings"):
            landed(lettings=frame, codes=codes)


@pytest.mark.unit
def test_a_home_of_a_later_municipality_keeps_its_code_in_an_earlier_month() -> None:
    frame = lettings(("GM1980", date(2020, 5, 1)), ("GM0398", date(2020, 5, 1)))
    codes = frozenset({"GM0361", "GM0398", "GM0416"})
    found = landed(THEN, codes, lettings=frame)
    assert found.accepted["lettings"]["municipality_code"].to_list() == ["GM1980", "GM0398"]
    assert found.later == {"GM1980"}
    assert landed(NOW, lettings=frame).later == frozenset()


@pytest.mark.unit
def test_origins_networks_and_wishes_land_and_no_person_is_dropped() -> None:
    day = date(2020, 5, 1)
    origins = ["GM0398", "GM0788", "GM0518", None]
    intake = pl.DataFrame({"municipality_of_origin": origins, "registered_on": [day] * 4})
    applications = pl.DataFrame(
        {
            "preferred_municipalities": ["GM0416|GM0398|GM0361", "GM0788", None],
            "network_municipality": ["GM0416", "GM0788", None],
            "applied_on": [day] * 3,
        }
    )
    found = landed(intake=intake, applications=applications).accepted
    came_from = found["intake"]["municipality_of_origin"].to_list()
    assert came_from == ["GM1980", "GM0788", "GM0518", None]  # Haaren is outside this region
    wishes = found["applications"]["preferred_municipalities"].to_list()
    assert wishes == ["GM1980|GM0361", "GM0757|GM0824|GM0855|GM0865", None]
    assert found["applications"]["network_municipality"].to_list() == ["GM1980", "GM0788", None]
    boxtel = landed(intake=intake, codes=frozenset({"GM0757"})).accepted["intake"]
    assert boxtel["municipality_of_origin"].to_list()[1] is None  # perhaps of the region


@pytest.mark.unit
def test_facilities_and_projects_land_too() -> None:
    capacity = pl.DataFrame({"municipality_code": ["GM0457"] * 2, "period": ["2021K4", "2022K1"]})
    projects = pl.DataFrame({"municipality_code": ["GM0416"]})
    found = landed(capacity=capacity, projects=projects).accepted
    assert found["capacity"]["municipality_code"].to_list() == ["GM0363", "GM0363"]
    assert found["projects"]["municipality_code"].to_list() == ["GM1980"]
    then = land({"capacity": capacity}, KNOWN, frozenset(), THEN).accepted["capacity"]
    assert then["municipality_code"].to_list() == ["GM0457", "GM0457"]


# --- who the region is ---------------------------------------------------------------------------


@pytest.mark.unit
def test_a_region_is_what_lies_in_its_area_at_the_date(region: Region) -> None:
    merged = of(region, ("quota", "2022-01", None, ("GM0361", "GM1980")))
    assert region_codes(merged, KNOWN, NOW) == {"GM0361", "GM1980"}
    assert region_codes(merged, KNOWN, THEN) == {"GM0361", "GM0398", "GM0416"}
    both = of(
        region,
        ("quota", "2012-01", "2021-12", ("GM0361", "GM0398", "GM0416")),
        ("quota", "2022-01", None, ("GM0361", "GM1980")),
    )
    for at in (NOW, THEN):
        assert region_codes(both, KNOWN, at) == region_codes(merged, KNOWN, at)


@pytest.mark.unit
def test_each_purpose_and_month_has_its_own_composition(region: Region) -> None:
    case = of(
        region,
        ("care", "2012-01", "2024-12", ("GM0392",)),
        ("care", "2025-01", None, ("GM0392", "GM0394")),
        ("quota", "2022-01", None, ("GM0392",)),
    )

    def codes(purpose: str, month: str) -> tuple[str, ...]:
        return composition(case, KNOWN, purpose, parse_month(month), NOW)

    assert codes("care", "2024-12") == codes("quota", "2026-01") == ("GM0392",)
    assert codes("care", "2025-01") == ("GM0392", "GM0394")
    assert codes("quota", "2021-12") == ()
    assert region_codes(case, KNOWN, NOW, purpose="quota") == {"GM0392"}
    before = composition(case, KNOWN, "care", parse_month("2025-01"), date(2018, 12, 31))
    assert before == ("GM0392", "GM0394")
    assert "GM0393" in region_codes(case, KNOWN, date(2018, 12, 31))  # later a part of GM0394


@pytest.mark.unit
def test_a_merger_moves_a_composition_and_never_takes_in_a_neighbour(region: Region) -> None:
    month = parse_month("2020-01")
    amsterdam = of(region, ("quota", "2017-01", None, ("GM0363",)))
    assert composition(amsterdam, KNOWN, "quota", month, THEN) == ("GM0363",)
    both = of(region, ("quota", "2017-01", None, ("GM0363", "GM0457")))
    assert composition(both, KNOWN, "quota", month, THEN) == ("GM0363", "GM0457")
    assert composition(both, KNOWN, "quota", month, NOW) == ("GM0363",)
    gooi = of(region, ("quota", "2017-01", None, ("GM0402", "GM0457")))
    assert composition(gooi, KNOWN, "quota", month, NOW) == ("GM0402",)
    assert "GM0363" not in KNOWN.predecessors_inside(["GM0402", "GM0457"])
    merged = of(region, ("quota", "2022-01", None, ("GM0361", "GM1980")))
    assert composition(merged, KNOWN, "quota", parse_month("2022-01"), THEN) == (
        "GM0361",
        "GM0398",
        "GM0416",
    )


@pytest.mark.unit
def test_the_quota_is_shared_by_who_is_in_force_in_each_year(region: Region) -> None:
    case = of(
        region,
        ("quota", "2020-01", "2021-12", ("GM0361", "GM0398", "GM0416")),
        ("quota", "2022-01", "2027-12", ("GM0361", "GM1980")),
        ("quota", "2028-01", None, ("GM0361", "GM0373", "GM1980")),
    )
    found = quota_members(case, KNOWN, range(2019, 2030), as_of=parse_month("2026-10"))
    two, three = {"GM0361", "GM1980"}, {"GM0361", "GM0373", "GM1980"}
    assert [found[year] for year in range(2019, 2030)] == [two] * 9 + [three] * 2
    running = quota_members(case, KNOWN, [2027], as_of=parse_month("2027-12"))
    assert running == {2027: three}  # what is left of it lies after the as-of month
    assert (
        quota_members(
            of(region, ("care", "2020-01", None, ("GM0361",))),
            KNOWN,
            [2026],
            as_of=parse_month("2026-10"),
        )
        == {}
    )


@pytest.mark.unit
def test_names_that_the_region_does_not_give_are_the_public_ones(region: Region) -> None:
    case = of(region, ("care", "2025-01", None, ("GM0392", "GM0394")))
    names = place_names(DataRoot(DATA), case)
    assert names == {
        "GM0392": "Eigen naam",
        "GM0393": "Haarlemmerliede en Spaarnwoude",
        "GM0394": "Haarlemmermeer",
    }


@pytest.mark.unit
@pytest.mark.parametrize(
    ("month", "day"), [("2024-02", date(2024, 2, 29)), ("2021-12", date(2021, 12, 31))]
)
def test_the_last_day_of_a_month(month: str, day: date) -> None:
    assert last_day(parse_month(month)) == day


@pytest.mark.integration
def test_the_households_of_the_seven_of_the_covenant_are_as_published() -> None:
    folder: RegionFolder = read_region_folder(DataRoot(DATA).region("zk-ijmond"))
    facts, codes = region_facts(DataRoot(DATA), folder.region, as_of=parse_month("2026-10"))
    assert "GM0394" in codes
    rows: dict[str, Any] = dict(
        facts.filter((pl.col("measure") == "households") & (pl.col("year") == 2025))
        .select("municipality_code", "value")
        .iter_rows()
    )
    assert rows["GM0392"] == 81_464
