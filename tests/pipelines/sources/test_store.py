"""The stored rows of deliveries: closed, whole, and the same again changes nothing."""

from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines import faults
from pipelines.sources.store import ROWS, open_store, read_delivery, store_delivery

pytestmark = pytest.mark.unit

SHA = "a" * 64
ROWS_OF = pl.DataFrame({"stay_id": ["p", "q"], "_row": [2, 3]})


@pytest.fixture(autouse=True)
def _no_passages() -> None:
    faults._passages.clear()


def test_rows_and_record_come_back_as_they_were(tmp_path: Path) -> None:
    store = open_store(tmp_path / "private" / "noord")
    store_delivery(store, SHA, ROWS_OF, {"sender": "Kern"})
    found = read_delivery(store, SHA)
    assert found is not None
    assert found.rows.equals(ROWS_OF)
    assert found.record["sender"] == "Kern"
    assert read_delivery(store, "b" * 64) is None


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    store = open_store(tmp_path / "private" / "noord")
    place = store_delivery(store, SHA, ROWS_OF, {})
    for folder in (store, store.parent, store.parent.parent, place):
        assert folder.stat().st_mode & 0o777 == 0o700
    for file in place.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600


def test_the_same_again_touches_nothing_and_other_rows_take_their_place(tmp_path: Path) -> None:
    store = open_store(tmp_path / "noord")
    place = store_delivery(store, SHA, ROWS_OF, {"n": 1})
    before = {file.name: file.stat().st_ino for file in place.iterdir()}
    store_delivery(store, SHA, ROWS_OF, {"n": 1})
    assert {file.name: file.stat().st_ino for file in place.iterdir()} == before
    store_delivery(store, SHA, ROWS_OF.head(1), {"n": 2})
    found = read_delivery(store, SHA)
    assert found is not None
    assert (found.rows.height, found.record["n"]) == (1, 2)
    assert [path.name for path in store.iterdir()] == [SHA]


@pytest.mark.parametrize("fault", ["K4:1:eio", "K5:1:eio", "K5:2:eio"])
def test_a_fault_on_the_way_leaves_the_old_or_the_new_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    store = open_store(tmp_path / "noord")
    store_delivery(store, SHA, ROWS_OF, {"n": 1})
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, fault)
        with pytest.raises(OSError):
            store_delivery(store, SHA, ROWS_OF.head(1), {"n": 2})
    found = read_delivery(store, SHA)
    assert found is not None
    assert (found.rows.height, found.record["n"]) in {(2, 1), (1, 2)}
    store_delivery(store, SHA, ROWS_OF.head(1), {"n": 2})
    assert [path.name for path in store.iterdir()] == [SHA]


def test_rows_that_were_changed_on_the_disk_are_never_used(tmp_path: Path) -> None:
    store = open_store(tmp_path / "noord")
    place = store_delivery(store, SHA, ROWS_OF, {})
    content = bytearray((place / ROWS).read_bytes())
    content[len(content) // 2] ^= 1
    (place / ROWS).write_bytes(content)
    with pytest.raises(UitstroomError, match="not what was stored"):
        read_delivery(store, SHA)
