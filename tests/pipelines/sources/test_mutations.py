"""Damaged deliveries: whatever happens to a file, the door answers with counts and sentences."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import UitstroomError
from pipelines.sources import Verdict

pytestmark = pytest.mark.properties

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
    max_examples=30,
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
    max_examples=30,
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
