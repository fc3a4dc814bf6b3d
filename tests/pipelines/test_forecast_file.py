"""Forecasting a file: suffixes, dates, gaps, and faults that name line and column."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError, UsageError
from pipelines import cli
from pipelines.forecast_file import forecast_file, read_series

pytestmark = pytest.mark.unit

VALUES = (12.0, 13.5, 12.8, 14.1, 15.0, 15.2, 16.3, 16.1)
LINES = ["series_id,t,value", *(f"a,{2000 + at},{value}" for at, value in enumerate(VALUES))]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, LINES)


def write(folder: Path, lines: list[str], name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: object) -> tuple[int, str, str]:
        words = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "argv", ["uitstroom", "forecast", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_csv_and_parquet_in_and_out_say_the_same(tmp_path: Path, file: Path) -> None:
    table = tmp_path / "in.parquet"
    pl.read_csv(file).write_parquet(table)
    made = []
    for source in (file, table):
        for suffix in ("csv", "parquet"):
            target = tmp_path / f"out.{suffix}"
            found = forecast_file(source, target, horizon=3, freq="Y")
            assert (found.series, found.left_out) == (1, {})
            made.append(pl.read_csv(target) if suffix == "csv" else pl.read_parquet(target))
    assert all(frame.equals(made[0]) for frame in made)
    assert made[0]["horizon"].to_list() == [1, 2, 3]


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, file: Path) -> None:
    for suffix in ("csv", "parquet"):
        one, two = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
        for target in (one, two):
            forecast_file(file, target, horizon=4, freq="Y")
        assert one.read_bytes() == two.read_bytes()


def test_spellings_of_a_file_that_mean_the_same(tmp_path: Path, file: Path) -> None:
    plain = read_series(file, "Y")
    semicolons = write(tmp_path, [line.replace(",", ";") for line in LINES], "s.csv")
    swapped = write(tmp_path, [",".join(reversed(line.split(","))) for line in LINES], "r.csv")
    days = [line.replace(",20", ",20", 1) for line in LINES[1:]]
    dated = write(
        tmp_path,
        [LINES[0], *(line.replace(",", ",", 1).replace(f"20{line[4:6]}", f"20{line[4:6]}-12-31", 1)
                     for line in days)],
        "d.csv",
    )  # fmt: skip
    marked = tmp_path / "bom.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(LINES).encode() + b"\r\n\r\n")
    for other in (semicolons, swapped, dated, marked):
        assert read_series(other, "Y").equals(plain), other.name


def test_a_cell_without_a_value_is_a_gap(tmp_path: Path) -> None:
    lines = [*LINES, "a,2008,", "a,2009,NaN", "a,2010,17"]
    series = read_series(write(tmp_path, lines), "Y")
    assert series["value"].to_list() == [*VALUES, None, None, 17.0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a,2008,abc", "line 10, column value: this is no number; found 'abc'"),
        ("a,2008,\"1,5\"", "line 10, column value: this is no number; found '1,5'"),
        ("a,2008,inf", "line 10, column value: this is no number"),
        ("a,2008,1_000", "line 10, column value: this is no number"),
        ("a,soon,3", "line 10, column t: this is no period; found 'soon'"),
        ("a,,3", "line 10, column t: the period is empty"),
        (",2008,3", "line 10, column series_id: the series has no id"),
        ("a,2003,3", "line 10, column t: series 'a' has a second value for a period; found 2003, "
                     "which is also on line 5"),
        ("a,2008", "line 10: the row has another number of cells than the header; found 2"),
        ("a,2008,3,4", "line 10: the row has another number of cells than the header; found 4"),
        ("a,2008,\"3", "the file is no CSV"),
    ],
)  # fmt: skip
def test_a_fault_names_line_column_and_what_is_expected(
    tmp_path: Path, line: str, sentence: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_series(write(tmp_path, [*LINES, line]), "Y")
    assert sentence in str(caught.value)
    assert "in.csv" in str(caught.value)


def test_faults_are_told_together(tmp_path: Path) -> None:
    lines = [*LINES, "a,2008,x", ",2009,1", "a,2010,y"]
    with pytest.raises(Exception, match="line 10") as caught:
        read_series(write(tmp_path, lines), "Y")
    for place in ("line 10", "line 11", "line 12"):
        assert place in str(caught.value)
    assert caught.value.exit_code == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"series_id,t\na,1\n", "column value is missing"),
        (b"series_id,t,value,value\n", "column value stands more than once"),
        (b"series_id,t,value\na,1,\xff\n", "line 2: the file is no text in UTF-8"),
        (b"series_id,t,value\na,1,\x00\n", "line 2: the file holds a zero byte"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    with pytest.raises(RefusedError) as caught:
        read_series(path, "Y")
    assert sentence in str(caught.value)


def test_a_parquet_that_is_none_or_holds_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(RefusedError, match=r"in\.parquet: the file is no Parquet"):
        read_series(path, "Y")
    pl.DataFrame({"series_id": ["a"], "t": [1], "value": ["x"]}).write_parquet(path)
    with pytest.raises(RefusedError, match="row 1, column value: this is no number; found 'x'"):
        read_series(path, "Y")


@pytest.mark.parametrize("name", ["out.txt", "nowhere/out.csv", "in.csv"])
def test_a_target_that_cannot_be_is_wrong_usage(tmp_path: Path, file: Path, name: str) -> None:
    with pytest.raises(UsageError):
        forecast_file(file, tmp_path / name, horizon=3, freq="Y")
    assert file.read_text(encoding="utf-8").splitlines() == LINES


def test_the_command_names_series_that_are_too_short_and_ends_with_0(
    tmp_path: Path, call: Call
) -> None:
    lines = [*LINES, *(f"short,{2000 + at},1" for at in range(5))]
    target = tmp_path / "out.csv"
    code, out, err = call(write(tmp_path, lines), "--horizon", 2, "--freq", "Y", "--out", target)
    assert code == 0
    assert "1 series" in out
    assert "'short'" in err
    assert "at least 6" in err
    assert pl.read_csv(target)["series_id"].to_list() == ["a", "a"]


def test_the_command_ends_with_3_when_nothing_can_be_forecast(tmp_path: Path, call: Call) -> None:
    target = tmp_path / "out.csv"
    code, _, err = call(write(tmp_path, LINES[:4]), "--horizon", 2, "--freq", "Y", "--out", target)
    assert code == 3
    assert "'a'" in err
    assert not target.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"--freq": "W"}, 2),
        ({"--horizon": "0"}, 2),
        ({"--horizon": "x"}, 2),
        ({"--horizon": None}, 2),
        ({"--out": None}, 2),
        ({"--unknown": "1"}, 2),
    ],
)
def test_exit_codes_of_flags(
    tmp_path: Path, file: Path, call: Call, change: dict[str, str | None], code: int
) -> None:
    flags = {"--horizon": "2", "--freq": "Y", "--out": str(tmp_path / "out.csv")} | change
    words = [word for flag, value in flags.items() if value is not None for word in (flag, value)]
    found, _, err = call(file, *words)
    assert found == code
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_wrong_usage_and_a_bad_one_is_refused(
    tmp_path: Path, call: Call
) -> None:
    flags = ("--horizon", 2, "--freq", "Y", "--out", tmp_path / "out.csv")
    assert call(tmp_path / "none.csv", *flags)[0] == 2
    assert call(write(tmp_path, [*LINES, "a,2009,abc"]), *flags)[0] == 3
