"""Damaged deliveries: whatever happens to a file, no figure becomes wrong without a word."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import UitstroomError
from pipelines.sources import Verdict
from tests.pipelines.sources.cabinet.mutations import (
    OPERATORS,
    Sheet,
    aggregates,
    good_aggregates,
    mutated,
    outcome_of,
)
from tests.pipelines.sources.cabinet.reading import read
from tests.pipelines.sources.cabinet.tables import TABLES

pytestmark = pytest.mark.properties

FILES = 150
"""Spoilt files here; `make soak` reads two thousand."""

BYTES = [
    b";",
    b",",
    b'"',
    b"\r",
    b"\n",
    b"\0",
    b"\xff",
    b"=",
    b"-",
    b"9",
    b"\xe2\x80\xae",
    b"sep=",
    b"",
]
"""What a mutation puts in the place of some bytes."""

mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(BYTES)), min_size=1, max_size=3
)
"""(where in the file, how many bytes go, what comes instead)."""


def damaged(content: bytes, changes) -> bytes:
    """Apply mutations one after the other."""
    for where, gone, put in changes:
        at = int(where * len(content))
        content = content[:at] + put + content[at + gone :]
    return content


@pytest.mark.parametrize("victim", ["stays.csv", "stays.csv.toml", "stays.xlsx", "stays.xlsx.toml"])
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=mutations)
def test_a_damaged_delivery_is_answered_and_never_crashes(region, victim, changes):
    file = victim.removesuffix(".toml")
    region.deliver("stays", region.rows("stays", 20), file=file)
    path: Path = region.path("stays", victim)
    path.write_bytes(damaged(path.read_bytes(), changes))
    try:
        result = region.read()
    except UitstroomError:
        return
    for row in result.files.rows(named=True):
        assert row["rows_in"] == row["accepted"] + row["quarantined"] + row["non_data"]
        assert row["verdict"] in set(Verdict)
    assert result.files["accepted"].sum() == result.accepted["stays"].height
    refused = result.files.filter(result.files["verdict"] == Verdict.REFUSED)
    assert bool(result.refusals) == bool(refused.height)
    frames = [result.accepted["stays"], result.quarantine, result.changes]
    text = "\n".join([*(frame.write_csv() for frame in frames), *map(str, result.refusals)])
    assert "C-900001" not in text


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    order=st.permutations(range(12)),
    cut=st.integers(1, 11),
    spaces=st.sampled_from(["", " ", "\u00a0", "\u200b"]),
)
def test_order_division_over_files_and_invisible_marks_change_no_value(region, order, cut, spaces):
    rows = region.rows("stays", 12)
    region.deliver("stays", rows, file="a.csv")
    region.path("stays", "b.csv").unlink(missing_ok=True)
    region.path("stays", "b.csv.toml").unlink(missing_ok=True)
    plain = region.read().accepted["stays"].drop("_file", "_row")
    mixed = [{name: f"{spaces}{cell}{spaces}" for name, cell in rows[at].items()} for at in order]
    region.deliver("stays", mixed[:cut], file="a.csv")
    region.deliver("stays", mixed[cut:], file="b.csv")
    assert region.read().accepted["stays"].drop("_file", "_row").equals(plain)


def test_forty_operators_work_on_ten_good_files_and_each_is_used():
    assert len(OPERATORS) == 40
    assert len(TABLES) == 10
    spoilt = [mutated(number)[0] for number in range(FILES)]
    assert {sheet.contract for sheet in spoilt} == set(TABLES)
    assert {name for sheet in spoilt for name in sheet.done} == set(OPERATORS)
    assert {len(sheet.done) for sheet in spoilt} == {1, 2, 3}


def test_a_spoilt_file_is_told_of_or_gives_the_figures_of_the_good_one(tmp_path):
    outcomes = [outcome_of(number, tmp_path / str(number)) for number in range(FILES)]
    assert [outcome for outcome in outcomes if outcome.is_silent] == []
    verdicts = {outcome.verdict for outcome in outcomes}
    assert {"accepted", "refused", "accepted_with_quarantine"} <= verdicts


def test_a_figure_that_nobody_is_told_of_is_seen_in_the_sums(tmp_path):
    sheet = Sheet.of("capacity")
    sheet.rows[3][sheet.header.index("bezet")] = "17"
    paper = replace(sheet.paper(), envelope={})
    result = read(tmp_path, [paper])
    assert result.files["verdict"].to_list() == [Verdict.ACCEPTED]
    assert aggregates(result.accepted["capacity"]) != good_aggregates("capacity")
