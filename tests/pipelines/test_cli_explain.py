"""`uitstroom explain`: the explanation of a number from the current release alone."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.paths import DATA_VARIABLE, DataRoot
from tests.invented import REGION_ID, build_data_root
from tests.reports import invented_release

pytestmark = pytest.mark.unit

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    root = DataRoot(build_data_root(tmp_path))
    monkeypatch.setenv(DATA_VARIABLE, str(root.path))
    return root


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uitstroom", "explain", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def released(root: DataRoot) -> DataRoot:
    folder = root.releases(REGION_ID) / "0123456789abcdef"
    folder.parent.mkdir(parents=True)
    invented_release.write_release(folder, invented_release.build_frames())
    (root.releases(REGION_ID) / "current").symlink_to(folder.name)
    return root


def test_it_prints_the_same_number_by_code_and_by_name(released: DataRoot, call: Call) -> None:
    code, out, err = call("--region", REGION_ID, "--municipality", "GM9001", "--year", "2027")
    assert (code, err) == (0, "")
    assert out.startswith("Duinstad in 2027: waarom ")
    assert "De som, stap voor stap" in out
    assert "Welke woningen zijn voor Duinstad?" in out
    assert call("--region", REGION_ID, "--municipality", "duinstad", "--year", "2027")[1] == out


def test_it_needs_nothing_but_the_release(released: DataRoot, call: Call) -> None:
    shutil.rmtree(released.region(REGION_ID) / "deliveries")
    assert not released.editions(REGION_ID).exists()
    assert call("--region", REGION_ID, "--municipality", "GM9001", "--year", "2026")[0] == 0


@pytest.mark.parametrize(
    ("municipality", "year", "words"),
    [
        ("Havendrop", "2027", "Did you mean 'Havendorp' (GM9002)?"),
        ("GM9009", "2027", "Did you mean"),
        ("GM9001", "2040", "The nearest one is 2036."),
    ],
)
def test_what_is_not_there_exits_2_with_the_nearest_one(
    municipality: str, year: str, words: str, released: DataRoot, call: Call
) -> None:
    code, out, err = call("--region", REGION_ID, "--municipality", municipality, "--year", year)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_an_unknown_region_or_a_missing_flag_exits_2(root: DataRoot, call: Call) -> None:
    code, _, err = call("--region", "proeftuyn", "--municipality", "GM9001", "--year", "2027")
    assert (code, "Did you mean" in err) == (2, True)
    assert call("--region", REGION_ID, "--year", "2027")[0] == 2


def test_without_a_release_it_says_how_to_make_one(root: DataRoot, call: Call) -> None:
    code, _, err = call("--region", REGION_ID, "--municipality", "GM9001", "--year", "2027")
    assert code == 1
    assert f"uitstroom run --region {REGION_ID}" in err
