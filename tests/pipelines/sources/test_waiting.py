"""Files that wait for a person, that were taken back, and that may have been cut."""

import hashlib

import pytest

from models.errors import RefusedError
from pipelines.sources import Verdict

pytestmark = pytest.mark.unit


def digest(region, contract, file):
    """Give the hash of a delivered file."""
    return hashlib.sha256(region.path(contract, file).read_bytes()).hexdigest()


def test_a_file_that_waits_adds_nothing_until_these_very_bytes_are_confirmed(region):
    region.deliver("agreements", region.rows("agreements", waarde="1.450"))
    waiting = region.read()
    assert waiting.files["verdict"].to_list() == [Verdict.WAITING]
    assert waiting.files.select("rows_in", "accepted", "quarantined").row(0) == (1, 0, 1)
    assert waiting.accepted["agreements"].is_empty()
    assert waiting.notices.select("kind", "row", "column", "reason").rows() == [
        ("waits", 2, "value", "ambiguous_number")
    ]
    with pytest.raises(RefusedError, match="confirm"):
        waiting.raise_if_refused()
    mine = digest(region, "agreements", "agreements.csv")
    other_reason = region.read(confirmed={mine: frozenset({"mojibake"})})
    assert other_reason.files["verdict"].to_list() == [Verdict.WAITING]
    confirmed = region.read(confirmed={mine: frozenset({"ambiguous_number"})})
    assert confirmed.files["verdict"].to_list() == [Verdict.WITH_WARNING]
    assert confirmed.accepted["agreements"]["value"].to_list() == [1450.0]
    assert confirmed.notices["kind"].to_list() == ["warning"]
    confirmed.raise_if_refused()
    region.deliver("agreements", region.rows("agreements", waarde="1.451"))
    changed = region.read(confirmed={mine: frozenset({"ambiguous_number"})})
    assert changed.files["verdict"].to_list() == [Verdict.WAITING]


def test_rows_of_a_waiting_file_do_nothing_to_those_of_others(region):
    rows = region.rows("agreements", 5, waarde="2")
    region.deliver("agreements", rows, file="a.csv")
    region.deliver("agreements", [{**rows[0], "waarde": "1.450"}], file="b.csv")
    assert region.verdicts() == {"a.csv": Verdict.ACCEPTED, "b.csv": Verdict.WAITING}
    mine = digest(region, "agreements", "b.csv")
    both = region.verdicts(confirmed={mine: frozenset({"ambiguous_number"})})
    assert set(both.values()) == {Verdict.WITH_QUARANTINE}


@pytest.mark.parametrize("why", [Verdict.RETRACTED, Verdict.EXPIRED])
def test_a_file_that_no_longer_counts_is_not_even_read(region, why):
    region.deliver("stays", region.rows("stays", 3), file="a.csv")
    region.deliver("stays", b"a;b\r\n1;2;3\r\n", file="b.csv", synthetic=False)
    gone = {digest(region, "stays", "b.csv"): why}
    result = region.read(passed_over=gone)
    assert dict(result.files.select("file", "verdict").rows()) == {
        "a.csv": Verdict.ACCEPTED,
        "b.csv": why,
    }
    assert result.files["rows_in"].to_list() == [3, 0]
    assert result.accepted["stays"].height == 3
    result.raise_if_refused()


def test_a_file_whose_last_row_has_no_end_is_believed_as_far_as_the_envelope_vouches_for_it(region):
    content = region.csv(region.rows("stays", 3)).encode()
    cut = content.rstrip(b"\r\n")
    for whole in (content, content.replace(b"\r\n", b"\n"), content.replace(b"\r\n", b"\r")):
        region.deliver("stays", whole, rows=3)
        assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
    region.deliver("stays", cut)
    result = region.read()
    assert result.files["verdict"].to_list() == [Verdict.WITH_WARNING]
    assert result.notices.select("row", "reason").rows() == [(4, "incomplete_end")]
    region.deliver("stays", cut, rows=3)
    (refused,) = region.read().refusals
    assert (refused.reason, refused.line) == ("incomplete_end", 4)
    region.deliver("stays", cut, rows=3, sha256=hashlib.sha256(cut).hexdigest())
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
