"""Receiving: one list, each file read once, and a file that changes under our hands is refused."""

import hashlib
import os
import threading
from pathlib import Path

import pytest

from pipelines.sources import receiving
from pipelines.sources.parcels import find_parcels
from pipelines.sources.receiving import receive, received_digests

pytestmark = pytest.mark.unit

ENVELOPE = """contract = "stays"
sender = "Kern"
region = "noord"
period_from = 2026-01-01
period_to = 2026-10-31
delivered_on = 2026-11-05
synthetic = true
number_language = "nl-NL"
date_formats = ["dd-mm-yyyy"]
encoding = "utf-8"
"""


def deliver(folder: Path, name: str = "stays.csv", content: bytes = b"a;b\r\n1;2\r\n") -> Path:
    box = folder / "deliveries" / "stays"
    box.mkdir(parents=True, exist_ok=True)
    (box / name).write_bytes(content)
    (box / f"{name}.toml").write_text(ENVELOPE)
    return box / name


def reasons(folder: Path) -> list[str]:
    return [getattr(one, "reason", "") for parcel in receive(folder) for one in parcel.refusals]


def test_a_file_comes_with_its_bytes_their_hash_and_the_envelopes(tmp_path: Path) -> None:
    file = deliver(tmp_path)
    (parcel,) = receive(tmp_path)
    assert parcel.content == file.read_bytes()
    assert parcel.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    envelope = file.with_name("stays.csv.toml").read_bytes()
    assert received_digests([parcel]) == {
        "deliveries/stays/stays.csv": parcel.sha256,
        "deliveries/stays/stays.csv.toml": hashlib.sha256(envelope).hexdigest(),
    }


def test_unfinished_and_hidden_files_and_markers_are_not_taken(tmp_path: Path) -> None:
    box = deliver(tmp_path).parent
    for name in (".x.csv", "x.csv.part", "x.tmp", "~$x.xlsx", "stays.csv.ok", "x.part.toml"):
        (box / name).write_text("half")
    assert [parcel.file for parcel in find_parcels(tmp_path)] == ["stays.csv"]
    assert reasons(tmp_path) == []


def test_what_arrives_after_the_list_was_made_is_the_next_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path)
    find = receiving.find_parcels

    def find_and_deliver(folder: Path) -> object:
        found = find(folder)
        deliver(tmp_path, "later.csv")
        return found

    monkeypatch.setattr(receiving, "find_parcels", find_and_deliver)
    assert [parcel.file for parcel in receive(tmp_path)] == ["stays.csv"]


def test_a_file_over_the_limit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deliver(tmp_path)
    with file.open("r+b") as stream:
        stream.truncate(50_000_001)
    (parcel,) = receive(tmp_path)
    assert parcel.content is None
    assert "50000001 bytes" in str(parcel.refusals[0])


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, kind: str) -> None:
    file = deliver(tmp_path)
    file.unlink()
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes(b"a;b\r\n1;2\r\n")
        file.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    assert reasons(tmp_path) == ["unreadable"]


@pytest.mark.parametrize("what", ["content", "same_tick", "replaced", "gone", "envelope"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The fault point between reading and hashing is the moment at which somebody writes."""
    file = deliver(tmp_path)
    other = tmp_path / "other"
    other.write_bytes(file.read_bytes())

    def write(point: str) -> None:
        if point != "K1":
            return
        if what == "content":
            with file.open("ab") as stream:
                stream.write(b"3;4\r\n")
        elif what == "same_tick":  # as many bytes, so soon that the time stamp is the same
            stamp = file.stat().st_mtime_ns
            file.write_bytes(file.read_bytes().replace(b"1", b"9"))
            os.utime(file, ns=(stamp, stamp))
        elif what == "replaced":
            other.replace(file)
        elif what == "gone":
            file.unlink()
        else:
            file.with_name("stays.csv.toml").write_text(ENVELOPE.replace("Kern", "Other"))

    monkeypatch.setattr(receiving, "fault_point", write)
    if what == "same_tick":  # however slow this machine is just now
        monkeypatch.setattr(receiving, "_SAME_TICK_SECONDS", 60.0)
        monkeypatch.setattr(receiving.time, "sleep", lambda _: None)
    (parcel,) = receive(tmp_path)
    assert [one.reason for one in parcel.refusals] == ["changed_while_read"]
    assert parcel.content is None


@pytest.mark.parametrize("in_place", [False, True])
def test_a_thread_that_swaps_the_file_never_gets_a_mixture_through(
    tmp_path: Path, in_place: bool
) -> None:
    """Two versions take turns. A file put there by a rename is received whole or not at all.

    One that is written in place can lie there half for as long as its writer likes: what is
    received is the beginning of one version, which row count, hash or last line give away.
    """
    versions = [bytes([letter]) * 100_000 + b"\r\n" for letter in b"ab"]
    file = deliver(tmp_path, content=versions[0])
    stop = threading.Event()

    def swap() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            target = file if in_place else tmp_path / "beside"
            target.write_bytes(versions[turn % 2])
            if not in_place:
                target.replace(file)

    thread = threading.Thread(target=swap)
    thread.start()
    found = []
    try:
        for _ in range(40):
            found += receive(tmp_path)
    finally:
        stop.set()
        thread.join()
    for parcel in found:
        if parcel.refusals:
            assert {one.reason for one in parcel.refusals} <= {"changed_while_read", "unreadable"}
            assert parcel.content is None
            continue
        content = parcel.content
        assert content is not None
        assert content in versions or (in_place and any(v.startswith(content) for v in versions))
        assert parcel.sha256 == hashlib.sha256(content).hexdigest()
    assert any(parcel.refusals for parcel in found)
    assert not receive(tmp_path)[0].refusals
