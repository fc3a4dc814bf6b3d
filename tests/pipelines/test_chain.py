"""Lines that are never changed: read back, chained, counted; every loss and change is found."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RefusedError
from pipelines.chain import COUNT, Chain
from pipelines.faults import VARIABLE
from pipelines.paths import CHECKOUT

NAME = "ledger.jsonl"


def open_chain(folder: Path) -> Chain:
    return Chain(folder / NAME, what="the ledger", where=NAME, counted=True)


def fill(folder: Path, number: int = 3) -> Chain:
    chain = open_chain(folder)
    for nth in range(number):
        chain.append({"note": f"line {nth}"})
    return chain


@pytest.mark.unit
def test_lines_are_read_back_in_order_and_lie_closed(tmp_path: Path) -> None:
    fill(tmp_path / "closed")
    found = open_chain(tmp_path / "closed")
    assert [line["note"] for line in found.lines] == ["line 0", "line 1", "line 2"]
    assert [line["sequence"] for line in found.lines] == [1, 2, 3]
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o700
    for name in (NAME, COUNT):
        assert (tmp_path / "closed" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.unit
def test_every_changed_byte_is_found_wherever_it_stands(tmp_path: Path) -> None:
    fill(tmp_path)
    for name in (NAME, COUNT):
        whole = (tmp_path / name).read_bytes()
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1
            (tmp_path / name).write_bytes(changed)
            with pytest.raises(RefusedError):
                open_chain(tmp_path)
        (tmp_path / name).write_bytes(whole)
    assert len(open_chain(tmp_path).lines) == 3


@pytest.mark.unit
@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_tail_that_was_cut_off_is_found_through_the_count(tmp_path: Path, kept: int) -> None:
    fill(tmp_path)
    lines = (tmp_path / NAME).read_bytes().splitlines(keepends=True)
    (tmp_path / NAME).write_bytes(b"".join(lines[:kept]))
    with pytest.raises(RefusedError, match=f"missing; found {kept} lines; expected 3 lines"):
        open_chain(tmp_path)
    (tmp_path / NAME).unlink()
    with pytest.raises(RefusedError, match="missing; found 0 lines"):
        open_chain(tmp_path)


@pytest.mark.unit
def test_a_count_that_was_taken_away_or_put_back_is_found(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    old = (tmp_path / COUNT).read_bytes()
    fill(tmp_path, 2)
    (tmp_path / COUNT).unlink()
    with pytest.raises(RefusedError, match="the count beside the ledger"):
        open_chain(tmp_path)
    (tmp_path / COUNT).write_bytes(old)
    with pytest.raises(RefusedError, match="the count beside the ledger"):
        open_chain(tmp_path)


@pytest.mark.unit
@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.lists(st.text())))
def test_whatever_a_line_says_is_read_back_as_one_line(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("chain")
    chain = open_chain(folder)
    chain.append(fields)
    chain.append({})
    own = {"sequence", "before"}
    found = open_chain(folder).lines
    assert len(found) == 2
    assert {name: fact for name, fact in found[0].items() if name not in own} == {
        name: json.loads(json.dumps(fact)) for name, fact in fields.items() if name not in own
    }


@pytest.mark.integration
def test_a_kill_at_any_point_of_an_entry_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pipelines.chain import Chain\n"
        "chain = Chain(Path(sys.argv[1]), what='it', where='here', counted=True)\n"
        "chain.append({'note': 'killed'})\n"
    )
    ended = {}
    for fault in ("K7:1", "K5:1", "K5:2"):
        folder = tmp_path / fault.replace(":", "-")
        fill(folder)
        command = [sys.executable, "-c", script, str(folder / NAME)]
        environ = {**os.environ, VARIABLE: f"{fault}:kill"}
        done = subprocess.run(command, cwd=CHECKOUT, env=environ, timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL, fault
        ended[fault] = len(open_chain(folder).lines)
        fill(folder, 1)
        assert open_chain(folder).lines[-1]["note"] == "line 0"
        assert len(open_chain(folder).lines) == ended[fault] + 1
    assert ended == {"K7:1": 3, "K5:1": 4, "K5:2": 4}
