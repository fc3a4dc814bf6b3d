"""Changes of boundaries: laws of every conversion, the dated steps, and real cases."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError
from pipelines.sources.boundaries import Boundaries, Step, read_steps, split_whole
from pipelines.sources.open_data import municipal_facts, municipalities

ROOT = Path(__file__).parents[3] / "data" / "raw" / "open"
REAL = municipalities(ROOT).boundaries
FIRST, SECOND = date(2020, 1, 1), date(2022, 1, 1)
BEFORE, BETWEEN, AFTER = date(2019, 6, 1), date(2021, 6, 1), date(2023, 6, 1)
CODES = [f"GM000{at}" for at in range(6)]
# GM0000 and GM0001 merge into GM0006; GM0006 and GM0002 then merge into GM0007; GM0003 is split
# over GM0004 and GM0005 in the second step.
WHOLE = {"GM0000": {"GM0006": 30}, "GM0001": {"GM0006": 70}}
SECOND_STEP = {
    "GM0006": {"GM0007": 100},
    "GM0002": {"GM0007": 50},
    "GM0003": {"GM0004": 25, "GM0005": 75},
    "GM0004": {"GM0004": 75},
    "GM0005": {"GM0005": 225},
}
INVENTED = Boundaries([Step(FIRST, WHOLE), Step(SECOND, SECOND_STEP)])
counts = st.dictionaries(st.sampled_from(CODES), st.integers(0, 10_000), min_size=1)


def fractions(values: Mapping[str, int]) -> dict[str, Fraction]:
    return {code: Fraction(value) for code, value in values.items()}


@pytest.mark.properties
@settings(max_examples=60, deadline=None)
@given(counts)
def test_every_conversion_keeps_the_total(values: dict[str, int]) -> None:
    total = sum(values.values())
    for at in (BETWEEN, AFTER):
        assert sum(INVENTED.convert(fractions(values), at, drawn=BEFORE).values()) == total
        whole = INVENTED.convert_whole(values, at, drawn=BEFORE)
        assert sum(whole.values()) == total
        back = INVENTED.convert_whole(whole, BEFORE, drawn=at)
        assert sum(back.values()) == total


@pytest.mark.properties
@settings(max_examples=60, deadline=None)
@given(counts)
def test_two_conversions_are_one_and_whole_numbers_stay_near_the_exact_ones(
    values: dict[str, int],
) -> None:
    exact = fractions(values)
    between = INVENTED.convert(exact, BETWEEN, drawn=BEFORE)
    direct = INVENTED.convert(exact, AFTER, drawn=BEFORE)
    assert INVENTED.convert(between, AFTER, drawn=BETWEEN) == direct
    whole = INVENTED.convert_whole(values, AFTER, drawn=BEFORE)
    assert all(abs(whole[code] - direct[code]) < 1 for code in direct)


@pytest.mark.properties
@settings(max_examples=60, deadline=None)
@given(counts)
def test_whole_changes_in_two_steps_and_in_one_give_the_same_whole_numbers(
    values: dict[str, int],
) -> None:
    merging = {code: value for code, value in values.items() if code < "GM0003"}
    between = INVENTED.convert_whole(merging, BETWEEN, drawn=BEFORE)
    direct = INVENTED.convert_whole(merging, AFTER, drawn=BEFORE)
    assert INVENTED.convert_whole(between, AFTER, drawn=BETWEEN) == direct
    assert direct == ({"GM0007": sum(merging.values())} if merging else {})


@pytest.mark.properties
@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.integers(1, 999), min_size=1, max_size=6),
)
def test_a_split_of_a_whole_number_loses_no_unit(number: int, weights: list[int]) -> None:
    shares = {f"GM{at:04d}": Fraction(part, sum(weights)) for at, part in enumerate(weights)}
    parts = split_whole(number, shares)
    assert sum(parts.values()) == number
    assert all(abs(parts[code] - number * share) < 1 for code, share in shares.items())


@pytest.mark.unit
def test_equal_remainders_go_by_code() -> None:
    assert split_whole(1, {"GM0002": Fraction(1, 2), "GM0001": Fraction(1, 2)}) == {
        "GM0001": 1,
        "GM0002": 0,
    }


@pytest.mark.unit
def test_going_back_shares_by_the_addresses_that_came_from_each() -> None:
    assert INVENTED.shares("GM0006", BEFORE) == {
        "GM0000": Fraction(3, 10),
        "GM0001": Fraction(7, 10),
    }
    assert INVENTED.shares("GM0005", BETWEEN) == {
        "GM0003": Fraction(1, 4),
        "GM0005": Fraction(3, 4),
    }
    assert INVENTED.shares("GM0007", BEFORE) == {
        "GM0000": Fraction(2, 10),
        "GM0001": Fraction(14, 30),
        "GM0002": Fraction(1, 3),
    }


@pytest.mark.unit
def test_a_code_is_meant_on_the_nearest_day_on_which_it_existed() -> None:
    assert INVENTED.shares("GM0000", AFTER, drawn=AFTER) == {"GM0007": Fraction(1)}
    assert INVENTED.shares("GM0007", BETWEEN, drawn=BEFORE) == {
        "GM0002": Fraction(1, 3),
        "GM0006": Fraction(2, 3),
    }
    assert INVENTED.shares("GM0005", AFTER, drawn=BEFORE) == {"GM0005": Fraction(1)}
    assert INVENTED.shares("GM9999", BEFORE, drawn=AFTER) == {"GM9999": Fraction(1)}


@pytest.mark.unit
def test_a_municipality_that_ended_without_a_trace_is_refused_not_dropped() -> None:
    lost = Boundaries([], {"GM0458": date(2015, 1, 1)})
    assert lost.shares("GM0458", AFTER) == {}
    assert lost.shares("GM0458", date(2014, 1, 1)) == {"GM0458": Fraction(1)}
    with pytest.raises(RefusedError, match="no change table tells where municipality GM0458 went"):
        lost.convert({"GM0458": Fraction(1)}, AFTER, drawn=date(2014, 1, 1))


@pytest.mark.unit
def test_overlapping_pairs_of_years_become_single_steps_on_their_days() -> None:
    changes = pl.DataFrame(
        [
            (2016, 2024, "GM0001", "GM0002", 10),  # ended in 2018, by the list of names
            (2016, 2024, "GM0002", "GM0002", 90),
            (2016, 2024, "GM0003", "GM0004", 50),
            (2020, 2021, "GM0003", "GM0004", 55),  # the closer pair tells the year
            (2020, 2021, "GM0004", "GM0004", 45),
            (2020, 2021, "GM0004", "GM0005", 0),
            (2022, 2023, "GM0006", "GM0004", 5),
            (2022, 2023, "GM0004", "GM0004", 999),
            (2022, 2023, "GM0004", "GM0005", 1),  # a single address: no change
        ],
        schema=["from_year", "to_year", "from_gm", "to_gm", "addresses"],
        orient="row",
    )
    years = {"GM0001": 2018, "GM0002": 2024, "GM0007": 2013}
    moved = date(2022, 3, 24)
    steps, lost = read_steps(changes, years, {"GM0001": date(2018, 1, 1), "GM0006": moved})
    assert [(step.day, set(step.addresses)) for step in steps] == [
        (date(2018, 1, 1), {"GM0001", "GM0002"}),
        (date(2021, 1, 1), {"GM0003", "GM0004"}),
        (moved, {"GM0004", "GM0006"}),
    ]
    assert steps[1].addresses["GM0003"] == {"GM0004": 55}
    assert steps[2].back("GM0004") == {"GM0004": Fraction(999, 1004), "GM0006": Fraction(5, 1004)}
    assert lost == {"GM0007": date(2014, 1, 1)}


REAL_CASES = [
    ("GM0398", date(2021, 12, 31), date(2022, 1, 1), {"GM1980"}),
    ("GM0416", date(2021, 12, 31), date(2022, 1, 1), {"GM1980"}),
    ("GM0457", date(2022, 3, 23), date(2022, 3, 24), {"GM0363"}),
    ("GM0003", date(2020, 12, 31), date(2021, 1, 1), {"GM1979"}),
    ("GM0009", date(2018, 12, 31), date(2019, 1, 1), {"GM0014"}),
    ("GM0788", date(2020, 12, 31), date(2021, 1, 1), {"GM0757", "GM0824", "GM0855", "GM0865"}),
    ("GM0140", date(2017, 12, 31), date(2018, 1, 1), {"GM0080", "GM1900", "GM1949"}),
    ("GM0844", date(2016, 12, 31), date(2017, 1, 1), {"GM1948"}),
    ("GM0392", date(2012, 1, 1), date(2026, 1, 1), {"GM0392"}),
]


@pytest.mark.reference
@pytest.mark.parametrize(("code", "last", "first", "into"), REAL_CASES)
def test_real_municipalities_end_on_their_day(
    code: str, last: date, first: date, into: set[str]
) -> None:
    assert REAL.exists(code, last)
    assert set(REAL.shares(code, last)) == {code}
    assert set(REAL.shares(code, first, drawn=last)) == into
    assert REAL.exists(code, first) == (code in into)


@pytest.mark.reference
def test_the_weights_of_a_real_split_are_those_of_the_table() -> None:
    shares = REAL.shares("GM0788", date(2021, 1, 1))
    table = {"GM0757": 840, "GM0824": 2369, "GM0855": 469, "GM0865": 1916}  # of 5594 addresses
    assert shares == {code: Fraction(count, 5594) for code, count in table.items()}


@pytest.mark.reference
def test_households_of_the_country_are_kept_from_any_year_to_any_boundaries() -> None:
    facts = municipal_facts(ROOT).filter(pl.col("measure") == "households")
    for year, total in ((2021, 8_043_443), (2025, 8_430_352)):
        rows = facts.filter(pl.col("year") == year)
        values = {
            code: int(value) for code, value in rows.select("municipality_code", "value").rows()
        }
        drawn = date(year, 1, 1)
        for at in (date(2016, 1, 1), date(2019, 1, 1), date(2021, 12, 31), date(2026, 6, 30)):
            whole = REAL.convert_whole(values, at, drawn=drawn)
            assert sum(whole.values()) == total
            assert all(REAL.exists(code, at) for code in whole)
        assert REAL.convert_whole(values, drawn, drawn=drawn) == values


@pytest.mark.reference
def test_the_steps_turn_the_municipalities_of_each_year_into_those_of_the_next() -> None:
    facts = municipal_facts(ROOT).filter(
        ((pl.col("measure") == "dwellings_1jan") & (pl.col("year") <= 2020))
        | ((pl.col("measure") == "households") & (pl.col("year") == 2021))
        | ((pl.col("measure") == "population_70072ned") & pl.col("year").is_in([2022, 2023]))
        | ((pl.col("measure") == "population") & (pl.col("year") == 2024))
    )
    lists = {
        int(str(year)): set(rows["municipality_code"]) for (year,), rows in facts.group_by("year")
    }
    for year in range(2016, 2024):
        at, drawn = date(year + 1, 1, 1), date(year, 1, 1)
        following = {to for code in lists[year] for to in REAL.shares(code, at, drawn=drawn)}
        assert following == lists[year + 1], year
