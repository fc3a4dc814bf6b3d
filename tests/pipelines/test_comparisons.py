"""Questions on the command line: scenarios side by side, a number reconciled; nothing stored."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from models.outflow.compare import MEASURES
from models.outflow.engine import Run
from pipelines import cli
from pipelines.comparisons import read_region
from pipelines.paths import DATA_VARIABLE, DataRoot
from tests.invented import REGION_ID, build_data_root, spoil_delivery
from tests.models.outflow.fake_runs import fake_map

pytestmark = pytest.mark.unit

Call = Callable[..., tuple[int, str, str]]
DRAWS = ("--draws", "16")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    monkeypatch.setenv(DATA_VARIABLE, str(build_data_root(tmp_path)))
    return DataRoot(tmp_path)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no model run: what is asked and said is the matter."""

    @contextmanager
    def task_map(_draws: int) -> Iterator[Callable[..., list[Run]]]:
        yield fake_map()

    monkeypatch.setattr("pipelines.workers.task_map", task_map)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line as the shell does: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uitstroom", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def compare(call: Call, *arguments: str) -> tuple[int, str, str]:
    return call("compare", *arguments, "--region", REGION_ID, *DRAWS)


def test_two_scenarios_stand_side_by_side_in_words_and_in_a_file(
    root: DataRoot, call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "verschil.csv"
    code, out, err = compare(call, "baseline", "longer-stays", "--out", str(file))
    assert (code, err) == (0, "")
    assert "Basis (baseline) naast Langer verblijf (longer-stays)" in out
    assert "Bekend tot en met juni 2025" in out
    table = pl.read_csv(file)
    assert table.filter(pl.col("year").is_null())["measure"].to_list() == list(MEASURES)
    assert f"table: {file}" in out or "table: verschil.csv" in out
    assert not root.marts.exists(), "a comparison stores nothing in the data folder"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["baseline", "longer-stay"], "Did you mean 'longer-stays'"),
        (["baseline", "baseline"], "a scenario is compared with itself"),
        (["baseline", "longer-stays", "--as-of", "2025-07"], "do not reach the as-of month"),
        (["baseline", "longer-stays", "--as-of", "2025"], "this is not a month"),
        (["baseline", "longer-stays", "--draws", "100"], "Take 128"),
        (["baseline"], "SCENARIO"),
    ],
)
def test_wrong_usage_of_compare_exits_2(
    arguments: list[str], words: str, root: DataRoot, call: Call
) -> None:
    code, _, err = call("compare", *arguments, "--region", REGION_ID)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_an_unknown_region_exits_2(root: DataRoot, call: Call) -> None:
    code, _, err = call("compare", "baseline", "longer-stays", "--region", "proeftuyn")
    assert code == 2
    assert "Did you mean 'proeftuin'" in err


def test_a_refused_delivery_exits_3(root: DataRoot, call: Call) -> None:
    spoil_delivery(root.region(REGION_ID))
    for arguments in (["compare", "baseline", "longer-stays"], ["bridge", "--to", "60"]):
        code, _, err = call(*arguments, "--region", REGION_ID, *DRAWS)
        assert code == 3
        assert "Traceback" not in err


@pytest.mark.usefixtures("fake")
def test_a_file_that_cannot_be_written_is_a_sentence(
    root: DataRoot, call: Call, tmp_path: Path
) -> None:
    missing = tmp_path / "nergens" / "a.csv"
    code, _, err = compare(call, "baseline", "longer-stays", "--out", str(missing))
    assert code == 1
    assert "the table cannot be written" in err


@pytest.mark.usefixtures("fake")
def test_the_published_number_is_read_as_of_its_own_month(root: DataRoot, call: Call) -> None:
    code, out, err = call("bridge", "--region", REGION_ID, "--to", "60", *DRAWS)
    assert (code, err) == (0, "")
    assert "Het getal is van december 2023; onze uitkomst kent alles tot en met juni 2025" in out
    for word in ("Niet verklaard", "Onze uitkomst", "Wat moet waar zijn voor 60", "december 2023"):
        assert word in out
    assert not root.marts.exists()


@pytest.mark.usefixtures("fake")
def test_another_number_is_read_as_of_now(root: DataRoot, call: Call) -> None:
    code, out, _ = call("bridge", "--region", REGION_ID, "--to", "61", *DRAWS)
    assert code == 0
    assert "Het getal is van juni 2025" in out


def test_a_number_of_nothing_is_wrong_usage(root: DataRoot, call: Call) -> None:
    assert call("bridge", "--region", REGION_ID, "--to", "0")[0] == 2


def test_reading_a_region_leaves_its_folder_and_the_marts_alone(root: DataRoot) -> None:
    before = sorted(path for path in root.path.rglob("*"))
    reading = read_region(root, REGION_ID, as_of="2024-06")
    standing = reading.stand_at(["baseline"])
    assert standing.core["core_intake__monthly"]["month"].max() == "2024-06"
    assert sorted(path for path in root.path.rglob("*")) == before
