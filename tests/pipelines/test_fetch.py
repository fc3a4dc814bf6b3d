"""Refreshing the public statistics: what is told of each source, and that a run never fetches."""

import ast
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.cli import app
from pipelines.fetch import Fetch, Fetched
from pipelines.locks import locked
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot
from pipelines.sources.cbs import Hosts, load_tables
from pipelines.sources.open_data import load_open_sources
from pipelines.storage import digest_folder
from tests.pipelines.sources.cbs.bench import (
    FIRST_DAY,
    SECOND_DAY,
    SOURCE,
    Patience,
    declared,
    fetch,
    make_client,
    make_root,
    stored,
)
from tests.pipelines.sources.cbs.server import Answer, Service, serving

pytestmark = pytest.mark.unit

NOWHERE = Hosts("http://127.0.0.1:1/v4", "http://127.0.0.1:1/feed", "http://127.0.0.1:1/api")


@pytest.fixture
def service() -> Iterator[Service]:
    """Run the scripted service."""
    with serving() as running:
        yield running


@pytest.fixture
def shipped(tmp_path: Path) -> DataRoot:
    """Give a root with the public sources that ship with the product."""
    root = make_root(tmp_path)
    for folder in (CHECKOUT / "data" / "raw" / "open").iterdir():
        if folder.is_dir() and not folder.name.startswith((".", "cbs_flow")):
            shutil.copytree(folder, root.open_data / folder.name)
    return root


def test_without_a_network_every_source_says_of_which_day_it_is_and_nothing_changes(
    shipped: DataRoot,
) -> None:
    before, patience = digest_folder(shipped.open_data), Patience()
    told = list(Fetch(shipped, SECOND_DAY, make_client(patience), NOWHERE).refresh())
    assert [found.error for found in told] == [None] * len(told)
    assert all(found.sentence.startswith("stand van 2026-") for found in told)
    ids = {found.source_id for found in told}
    assert ids == {*load_tables(), *(item.id for item in load_open_sources(shipped.open_data))}
    assert digest_folder(shipped.open_data) == before
    assert len(patience.waits) <= 4  # the host is found dead once, not for every table


def test_a_source_that_was_never_fetched_and_has_no_stand_in_has_failed(
    tmp_path: Path, service: Service
) -> None:
    service.script.fault = lambda version, path, nth: Answer(b"down", 503)
    found = fetch(make_root(tmp_path), service)
    assert found.error is not None
    assert found.error.exit_code == 1
    assert "never fetched" in str(found.error)


def test_a_table_that_cbs_took_away_names_its_successor_and_stays(
    tmp_path: Path, service: Service
) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    before = stored(root)
    service.script.fault = lambda version, path, nth: Answer(b"gone", 404)
    found = fetch(root, service, SECOND_DAY, table=declared(successor="99002NED"))
    assert found.error is None
    assert "its successor is 99002NED" in found.sentence
    assert "stand van 2026-11-01" in found.sentence
    assert stored(root) == before


def test_a_refused_answer_ends_with_three_and_says_which_copy_is_in_use(
    tmp_path: Path, service: Service
) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    wrong = declared(cbs_title="Jeugdzorg")
    found = fetch(root, service, table=wrong)
    assert isinstance(found.error, RefusedError)
    assert "the stored copy stays in use" in found.sentence


def test_no_edition_is_switched_while_a_run_reads(tmp_path: Path, service: Service) -> None:
    root = make_root(tmp_path)
    (root.region("x") / "region.toml").parent.mkdir(parents=True)
    (root.region("x") / "region.toml").write_text("", encoding="utf-8")
    with locked(root.lock("x"), "x", wait_seconds=0):
        found = fetch(root, service)
    assert isinstance(found.error, RefusedError)
    assert "a run of x is in progress" in str(found.error)
    assert not (root.open_data / SOURCE).exists()
    assert fetch(root, service).error is None


def test_a_second_fetch_at_the_same_time_is_refused(tmp_path: Path, service: Service) -> None:
    root = make_root(tmp_path)
    with (
        locked(root.lock("fetch"), "fetch", wait_seconds=0),
        pytest.raises(RefusedError, match="in progress"),
    ):
        fetch(root, service)


def test_a_stored_copy_that_was_touched_is_named_and_left(tmp_path: Path, service: Service) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    file = root.open_data / SOURCE / "figures.csv"
    file.write_bytes(file.read_bytes().replace(b"400", b"401"))
    touched = stored(root)
    found = fetch(root, service, SECOND_DAY)
    assert found.error is not None
    assert "not the one that was declared" in str(found.error)
    assert stored(root) == touched


def test_a_source_that_does_not_exist_brings_the_nearest_one(tmp_path: Path) -> None:
    round_ = Fetch(make_root(tmp_path), FIRST_DAY, make_client(), NOWHERE)
    with pytest.raises(UsageError, match="cbs_homeless_80799ned"):
        list(round_.refresh(["cbs_homeles_80799ned"]))


def test_the_command_tells_a_sentence_a_source_and_its_worst_code(
    monkeypatch: pytest.MonkeyPatch, shipped: DataRoot
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(shipped.path))
    told = CliRunner().invoke(app, ["fetch", "--source", "care_figures"])
    assert told.exit_code == 0
    assert "care_figures: stand van 2026-11-21; read by hand, not fetched" in told.output

    def refresh(self: Fetch, asked: object = ()) -> Iterator[Fetched]:
        assert self.today >= date(2026, 1, 1)
        yield Fetched("a", "stand van 2026-11-21", RefusedError("another unit"))
        yield Fetched("b", "never fetched", UitstroomError("never fetched"))

    monkeypatch.setattr(Fetch, "refresh", refresh)
    told = CliRunner().invoke(app, ["fetch"])
    assert told.exit_code == 1
    assert "a: stand van 2026-11-21" in told.output
    assert "uitstroom: a: another unit." in told.output


def test_only_the_command_reaches_the_connector() -> None:
    """A run works on stored copies: nothing that it imports can ask a network."""
    asking = ("pipelines.sources.cbs", "pipelines.fetch", "urllib3", "requests", "http.client")
    reach = set()
    for path in (CHECKOUT / "pipelines").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not any(name in text for name in asking):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(item.name for item in node.names)]
                if any(name.startswith(asking) for name in names):
                    reach.add(path.relative_to(CHECKOUT).as_posix())
    outside = {name for name in reach if not name.startswith("pipelines/sources/cbs/")}
    assert outside == {"pipelines/fetch.py", "pipelines/commands/receiving.py"}
