"""A year's homes by municipality and target group: both totals, no dependence on order."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.quota.apportion import apportion
from models.quota.groups import split_over_groups


@pytest.mark.properties
@settings(deadline=None, max_examples=80)
@given(
    homes=st.lists(st.integers(0, 40), min_size=1, max_size=7).filter(any),
    people=st.lists(st.floats(0, 90), min_size=1, max_size=5).filter(lambda row: max(row) > 0.01),
)
def test_every_municipality_keeps_its_quota_and_every_group_its_total(homes, people) -> None:
    quotas = {f"GM{at:04d}": number for at, number in enumerate(homes)}
    expected = {f"group-{at}": number for at, number in enumerate(people)}
    table = split_over_groups(quotas, expected)
    rows = dict(table.group_by("municipality_code").agg(pl.col("dwellings").sum()).iter_rows())
    assert rows == quotas
    wanted = {group: number for group, number in expected.items() if number > 0}
    totals = apportion(wanted, sum(homes), "sainte-lague")
    columns = dict(table.group_by("target_group").agg(pl.col("dwellings").sum()).iter_rows())
    assert columns == totals
    turned = split_over_groups(dict(reversed(quotas.items())), dict(reversed(expected.items())))
    keys = ["municipality_code", "target_group"]
    assert turned.sort(keys).equals(table.sort(keys))


@pytest.mark.unit
def test_whole_shares_are_split_as_they_are() -> None:
    table = split_over_groups({"A": 8, "B": 4}, {"shelter": 3.0, "youth": 1.0})
    assert table["dwellings"].to_list() == [6, 2, 3, 1]
    assert table["exact"].to_list() == [6.0, 2.0, 3.0, 1.0]


@pytest.mark.unit
def test_nothing_to_split_gives_no_rows() -> None:
    assert split_over_groups({"A": 0}, {"shelter": 3.0}).is_empty()
    assert split_over_groups({"A": 5}, {"shelter": 0.0}).is_empty()
