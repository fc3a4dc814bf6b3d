"""Retention: what is past its time goes in whole files, once, and a killed purge is ended later."""

import json
import shutil
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from models.params import Retention
from pipelines import faults
from pipelines.basis import BASIS
from pipelines.paths import DataRoot
from pipelines.private import open_private, write_private
from pipelines.purge import Purge, add_months, purge_region
from pipelines.sources.ledger import Event, Ledger, stand
from pipelines.sources.store import open_store, store_delivery
from pipelines.storage import digest_folder, sha256_of

pytestmark = pytest.mark.unit

REGION = "zuid"
OLD, NEW = sha256_of(b"old"), sha256_of(b"new")
ROWS = pl.DataFrame({"client_id": ["a1b2", "c3d4"], "_row": [2, 3]})


def deliver(
    root: DataRoot, sha256: str, file: str, day: str, *, contract: str = "stays", real: bool = True
) -> None:
    store = open_store(open_private(root.private(REGION)))
    facts = {"contract": contract, "file": file, "sender": "Kern Wonen", "verdict": "accepted"}
    record = {**facts, "synthetic": not real, "delivered_on": day}
    store_delivery(store, sha256, ROWS, record)
    Ledger(store).append(Event.ACCEPTED, at=day, sha256=sha256, **facts)


def run_tables(root: DataRoot, *files: str) -> None:
    private = open_private(root.private(REGION))
    rows = pl.DataFrame({"client_id": list(files), "_file": list(files)})
    empty = rows.clear()
    raw = {"raw_delivery__stays": rows, "raw_delivery__intake": empty}
    write_private(private, {**raw, "raw_delivery__quarantine": ROWS}, layer="raw")
    write_private(private, {"core_stay__as_of": rows, "core_intake": empty}, layer="core")


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    made = DataRoot(tmp_path)
    deliver(made, OLD, "oud.csv", "2025-10-31")
    deliver(made, NEW, "nieuw.csv", "2026-11-05")
    run_tables(made, "oud.csv", "nieuw.csv")
    return made


def purge(root: DataRoot, day: str, **settings: bool) -> Purge:
    return purge_region(root, REGION, Retention(), date.fromisoformat(day), **settings)


def left(root: DataRoot) -> list[str]:
    return sorted(digest_folder(root.private(REGION)))


def test_nothing_goes_before_its_day(root: DataRoot) -> None:
    before = digest_folder(root.private(REGION))
    done = purge(root, "2026-11-29")
    assert (done.expired, done.raw_tables, done.core_tables) == ((), 0, 0)
    assert digest_folder(root.private(REGION)) == before


def test_on_its_day_a_delivery_goes_whole_and_the_tables_that_hold_it_too(root: DataRoot) -> None:
    done = purge(root, "2026-11-30")
    assert [(one.name, one.rows) for one in done.expired] == [("stays/oud.csv", 2)]
    assert [(one.name, one.until) for one in done.kept] == [("stays/nieuw.csv", date(2027, 12, 5))]
    assert (done.raw_tables, done.core_tables) == (3, 0)
    assert not [name for name in left(root) if OLD in name or name.startswith("raw_")]
    assert stand(Ledger(root.private(REGION) / "deliveries")).expired == {OLD}


def test_core_tables_go_when_their_longer_time_is_over(root: DataRoot) -> None:
    purge(root, "2026-11-30")
    assert purge(root, "2027-10-30").core_tables == 0
    assert purge(root, "2027-10-31").core_tables == 2


def test_core_tables_of_a_run_after_the_expiry_stay(root: DataRoot) -> None:
    purge(root, "2026-11-30")
    run_tables(root, "nieuw.csv")
    done = purge(root, "2027-11-01")
    assert (done.raw_tables, done.core_tables) == (0, 0)


def test_a_new_delivery_under_an_expired_name_keeps_its_tables(root: DataRoot) -> None:
    purge(root, "2026-11-30")
    deliver(root, sha256_of(b"again"), "oud.csv", "2026-12-05")
    run_tables(root, "oud.csv", "nieuw.csv")
    assert purge(root, "2026-12-06").raw_tables == 0


def test_synthetic_deliveries_and_those_about_nobody_stay(tmp_path: Path) -> None:
    root = DataRoot(tmp_path)
    deliver(root, OLD, "oud.csv", "2020-01-01", real=False)
    deliver(root, NEW, "woningen.csv", "2020-01-01", contract="association_stock")
    assert purge(root, "2030-01-01") == Purge()


def test_the_period_of_the_region_counts(root: DataRoot) -> None:
    done = purge_region(root, REGION, Retention(raw_months=1), date(2026, 12, 5))
    assert len(done.expired) == 2


def test_what_no_store_holds_is_nothing_to_purge(tmp_path: Path) -> None:
    assert purge(DataRoot(tmp_path), "2030-01-01") == Purge()


def test_the_file_in_the_drop_folder_is_named_and_goes_only_when_asked(root: DataRoot) -> None:
    box = root.region(REGION) / "deliveries" / "stays"
    box.mkdir(parents=True)
    (box / "oud.csv").write_bytes(b"old")
    (box / "oud.csv.toml").write_text("x = 1")
    assert purge(root, "2026-11-30").in_drop_folder == ("deliveries/stays/oud.csv",)
    assert (box / "oud.csv").is_file()
    done = purge(root, "2026-11-30", drop_folder=True)
    assert done.removed_files == ("deliveries/stays/oud.csv",)
    assert list(box.iterdir()) == []


def test_what_is_left_is_closed_to_others(root: DataRoot) -> None:
    purge(root, "2026-11-30")
    private = root.private(REGION)
    paths = [private, *private.rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {0o700, 0o600}


def test_the_report_says_what_went_and_until_when_the_rest_stays(root: DataRoot) -> None:
    text = "\n".join(purge(root, "2026-11-30").lines(REGION))
    assert "1 deliveries with 2 rows removed" in text
    assert "kept until 2027-12-05: stays/nieuw.csv" in text


@pytest.mark.parametrize("passage", range(1, 9))
def test_a_purge_broken_half_way_is_ended_by_the_next_one(
    root: DataRoot, passage: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = DataRoot(tmp_path / "whole")
    shutil.copytree(root.marts, whole.marts)
    purge(whole, "2027-11-30")
    faults._passages.clear()
    monkeypatch.setenv(faults.VARIABLE, f"K20:{passage}:eio")
    with pytest.raises(OSError):
        purge(root, "2027-11-30")
    monkeypatch.delenv(faults.VARIABLE)
    purge(root, "2027-11-30")
    assert digest_folder(root.private(REGION)) == digest_folder(whole.private(REGION))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 13, "2025-02-28"),
        ("2026-11-05", 13, "2027-12-05"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2028-02-29", 24, "2030-02-28"),
    ],
)
def test_months_are_counted_by_the_calendar(day: str, months: int, expected: str) -> None:
    reach: Callable[[date, int], date] = add_months
    assert reach(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize("months", [0, -1, 121])
def test_a_period_that_is_none_is_refused(months: int) -> None:
    with pytest.raises(ValidationError):
        Retention(raw_months=months)


def test_what_editions_were_computed_from_goes_when_its_rows_are_over(root: DataRoot) -> None:
    bases = root.private(REGION) / BASIS
    for name, since in (("old", "2024-10-31"), ("new", "2026-10-31"), ("invented", "")):
        folder = bases / name
        folder.mkdir(parents=True)
        (folder / "basis.json").write_text(json.dumps({"rows_since": since}), encoding="utf-8")
        (folder / "core_stay__open.parquet").touch()
    assert purge(root, "2026-10-30").bases == 0
    told = purge(root, "2026-10-31")
    assert told.bases == 1
    assert sorted(path.name for path in bases.iterdir()) == ["invented", "new"]
    assert any("1 earlier editions" in line for line in told.lines(REGION))


def test_what_a_killed_purge_left_of_an_edition_goes_with_the_next_one(root: DataRoot) -> None:
    left = root.private(REGION) / BASIS / ".old.gone" / "core_stay__open.parquet"
    left.parent.mkdir(parents=True)
    left.touch()
    purge(root, "2026-10-30")
    assert not left.parent.exists()
