"""The ledger: lines that are added and never changed, and what they come to."""

import json
from pathlib import Path

import pytest

from models.errors import RefusedError
from pipelines import faults
from pipelines.sources.ledger import LEDGER, Event, Ledger, stand

pytestmark = pytest.mark.unit

A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture(autouse=True)
def _no_passages() -> None:
    faults._passages.clear()


def accept(ledger: Ledger, sha256: str, file: str = "x.csv", **facts: object) -> None:
    told = {"contract": "stays", "file": file, "sender": "Kern", "round": 1, "nth": 1, "of": 1}
    ledger.append(Event.ACCEPTED, at="2026-11-05", sha256=sha256, **{**told, **facts})


def lines(folder: Path) -> list[bytes]:
    return (folder / LEDGER).read_bytes().splitlines(keepends=True)


def test_what_was_entered_is_read_back_in_order(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    accept(ledger, A)
    ledger.append(Event.RETRACTED, at="earlier", sha256=A, why="wrong", by="bureau")
    found = Ledger(tmp_path).entries
    assert [(one.sequence, one.event, one.sha256) for one in found] == [
        (1, Event.ACCEPTED, A),
        (2, Event.RETRACTED, A),
    ]
    assert found[0].name == "stays/x.csv"
    assert found[1].facts["why"] == "wrong"
    assert (tmp_path / LEDGER).stat().st_mode & 0o777 == 0o600


def test_adding_never_touches_what_was_there(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for digest in (A, B, C):
        before = (tmp_path / LEDGER).read_bytes() if ledger.entries else b""
        accept(ledger, digest)
        assert (tmp_path / LEDGER).read_bytes().startswith(before)


def test_every_line_carries_the_hash_of_the_one_before(tmp_path: Path) -> None:
    for digest in (A, B, C):
        accept(Ledger(tmp_path), digest)
    assert len({json.loads(line)["before"] for line in lines(tmp_path)}) == 3
    assert len(Ledger(tmp_path).entries) == 3


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_changed_character_is_found(tmp_path: Path, place: int) -> None:
    for digest in (A, B, C):
        accept(Ledger(tmp_path), digest)
    found = lines(tmp_path)
    found[place] = found[place].replace(b"Kern", b"Kirn")
    (tmp_path / LEDGER).write_bytes(b"".join(found))
    is_last = place == 2
    if is_last:  # nothing follows that holds its hash: the next line would not fit
        accept(Ledger(tmp_path), A)
        (tmp_path / LEDGER).write_bytes(
            (tmp_path / LEDGER).read_bytes().replace(b"Kirn", b"Kern", 1)
        )
    with pytest.raises(RefusedError, match=f"line {4 if is_last else place + 2}"):
        Ledger(tmp_path)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_line_that_was_taken_out_is_found(tmp_path: Path, gone: int) -> None:
    for digest in (A, B, C):
        accept(Ledger(tmp_path), digest)
    found = lines(tmp_path)
    del found[gone]
    (tmp_path / LEDGER).write_bytes(b"".join(found))
    with pytest.raises(RefusedError, match="not what was written"):
        Ledger(tmp_path)


def test_a_line_cut_anywhere_is_passed_over_and_taken_away_by_the_next_writer(
    tmp_path: Path,
) -> None:
    ledger = Ledger(tmp_path)
    accept(ledger, A)
    whole = (tmp_path / LEDGER).read_bytes()
    accept(ledger, B)
    both = (tmp_path / LEDGER).read_bytes()
    for length in range(len(whole) + 1, len(both)):
        (tmp_path / LEDGER).write_bytes(both[:length])
        torn = Ledger(tmp_path)
        assert [one.sha256 for one in torn.entries] == [A]
        accept(torn, B)
        assert (tmp_path / LEDGER).read_bytes() == both


def test_a_full_disk_half_way_a_line_is_mended_by_the_same_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path)
    accept(ledger, A)
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, "K7:1:enospc")
        with pytest.raises(OSError):
            accept(ledger, B)
    accept(ledger, B)
    assert [one.sha256 for one in Ledger(tmp_path).entries] == [A, B]


def test_a_content_that_comes_back_is_a_new_version(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for number, digest in enumerate((A, B, A), start=1):
        assert stand(ledger).before("stays/x.csv", digest)[1] == number
        accept(ledger, digest, round=number)
        assert stand(ledger).before("stays/x.csv", digest)[1] == number
    assert stand(ledger).before("stays/x.csv", A) == (B, 3)
    assert stand(ledger).before("stays/x.csv", C) == (A, 4)
    assert stand(ledger).before("stays/y.csv", C) == (None, 1)


def test_what_came_together_is_not_one_after_the_other(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    accept(ledger, A, "one.csv", round=1, nth=1, of=2)
    cut_short = stand(ledger)
    assert cut_short.round == 1
    assert cut_short.last_of("stays", "Kern", B) is None
    accept(ledger, B, "two.csv", round=1, nth=2, of=2)
    known = stand(ledger)
    assert known.round == 2
    assert known.last_of("stays", "Kern", B) is None
    assert known.last_of("stays", "Kern", C) == B
    assert known.last_of("stays", "Other", C) is None


def test_confirmed_reasons_add_up_and_retracted_and_expired_are_told_apart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for reasons in (["capacity_jump"], ["periods_missing"]):
        ledger.append(Event.CONFIRMED, at="", sha256=A, reasons=reasons)
    ledger.append(Event.RETRACTED, at="", sha256=B)
    ledger.append(Event.EXPIRED, at="", sha256=C)
    found = stand(ledger)
    assert found.confirmed == {A: {"capacity_jump", "periods_missing"}}
    assert (found.retracted, found.expired) == ({B}, {C})


def test_the_clock_decides_nothing(tmp_path: Path) -> None:
    for place, moments in (("one", ("2026", "2027")), ("other", ("2027", "1999"))):
        ledger = Ledger(tmp_path / place)
        for at, digest in zip(moments, (A, B), strict=True):
            ledger.append(Event.ACCEPTED, at=at, sha256=digest, contract="stays", file="x")
    one, other = (stand(Ledger(tmp_path / place)) for place in ("one", "other"))
    assert one == other
