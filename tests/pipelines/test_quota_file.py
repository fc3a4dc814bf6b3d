"""Splitting and linting the key in a file: the result, faults by line and column, exit codes."""

import signal
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from models.quota import apportion, apportion_years
from pipelines import cli
from pipelines.quota_file import lint_file, quota_file
from pipelines.quota_request import Request

pytestmark = pytest.mark.unit

LINES = [
    "municipality_code,municipality_name,households,social,druk_index",
    "GM0453,Velsen,30521,12010,1.1",
    "GM0377,Bloemendaal,9763,1744,0.7",
    "GM0392,Haarlem,77310,24961,1.4",
]
KEY = {"GM0377": (9763, 1744, 0.7), "GM0392": (77310, 24961, 1.4), "GM0453": (30521, 12010, 1.1)}
ALL = "households=1,social=1,druk_index=0"
Call = Callable[..., tuple[int, str, str]]


def write(folder: Path, lines: list[str], name: str = "key.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, LINES)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uitstroom", *(str(each) for each in arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def base(households: float, social: float) -> dict[str, Fraction]:
    """Give the shares by hand, from the two weights."""
    sums = [sum(column) for column in zip(*KEY.values(), strict=True)]
    weights = Fraction(str(households)), Fraction(str(social))
    return {
        code: (weights[0] * each[0] / sums[0] + weights[1] * each[1] / sums[1]) / sum(weights)
        for code, each in KEY.items()
    }


def test_one_year_is_split_by_largest_remainder_of_the_weighted_shares(
    tmp_path: Path, file: Path
) -> None:
    target = tmp_path / "out.csv"
    weights = "households=0.3,social=0.7,druk_index=0"
    quota_file(file, target, Request("178", weights))
    shares = base(0.3, 0.7)
    made = pl.read_csv(target)
    assert made.columns == ["municipality_code", "year", "exact", "quota"]
    assert made["municipality_code"].to_list() == sorted(KEY)
    assert made["year"].to_list() == [1, 1, 1]
    assert made["exact"].to_list() == [float(share * 178) for share in shares.values()]
    assert made["quota"].to_list() == list(apportion(shares, 178).values())


def test_the_correction_divides_by_the_column_and_is_no_factor(tmp_path: Path, file: Path) -> None:
    frame = quota_file(file, tmp_path / "o.csv", Request("100", correct="druk_index"))
    shares = base(1, 1)
    corrected = {code: share / Fraction(str(KEY[code][2])) for code, share in shares.items()}
    total = sum(corrected.values())
    expected = [float(100 * share / total) for share in corrected.values()]
    assert frame["exact"].to_list() == pytest.approx(expected, rel=1e-12)
    assert frame["exact"][0] > float(100 * shares["GM0377"])


def test_several_years_take_the_quota_method_or_the_running_claim(
    tmp_path: Path, file: Path
) -> None:
    for method in (None, "quota-method", "running-claim"):
        request = Request("17", ALL, method=method, years=4)
        frame = quota_file(file, tmp_path / "o.csv", request)
        expected = apportion_years(base(1, 1), [17] * 4, method or "quota-method")
        assert frame["quota"].to_list() == expected.ravel().tolist()
        assert frame["year"].to_list() == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3


def test_totals_come_from_a_file_with_its_own_years(tmp_path: Path, file: Path) -> None:
    totals = write(tmp_path, ["year;total", "2027;150", "2026;100"], "totals.csv")
    frame = quota_file(file, tmp_path / "o.csv", Request(str(totals), ALL))
    sums = frame.group_by("year").agg(pl.col("quota").sum()).sort("year")
    assert sums.rows() == [(2026, 100), (2027, 150)]
    with pytest.raises(UsageError, match="another number of years; found 3; expected 2"):
        quota_file(file, tmp_path / "o.csv", Request(str(totals), ALL, years=3))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2026,x", "line 3, column total: this is no whole number of 0 or more; found 'x'"),
        ("2027,-3", "line 3, column total: this is no whole number of 0 or more; found '-3'"),
        ("2027,1.5", "line 3, column total: this is no whole number of 0 or more; found '1.5'"),
        ("2026,3", "line 3, column year: this year stands more than once; found '2026'"),
    ],
)
def test_a_fault_in_the_totals_names_line_and_column(
    tmp_path: Path, file: Path, line: str, sentence: str
) -> None:
    totals = write(tmp_path, ["year,total", "2026,100", line], "totals.csv")
    with pytest.raises(RefusedError) as caught:
        quota_file(file, tmp_path / "o.csv", Request(str(totals), ALL))
    assert sentence in str(caught.value)


def test_minima_and_maxima_stand_in_the_file(tmp_path: Path) -> None:
    lines = ["municipality_code,households,minimum,maximum", "A,10,12,", "B,80,,60", "C,10,,"]
    frame = quota_file(write(tmp_path, lines), tmp_path / "o.csv", Request("100"))
    assert frame["quota"].to_list() == [20, 60, 20]
    assert frame["exact"].to_list() == [20.0, 60.0, 20.0]
    with pytest.raises(RefusedError, match="minima"):
        quota_file(write(tmp_path, lines), tmp_path / "o.csv", Request("11"))


def test_files_that_say_the_same_give_the_same_bytes(tmp_path: Path, file: Path) -> None:
    table = tmp_path / "key.parquet"
    pl.read_csv(file).write_parquet(table)
    semicolons = write(tmp_path, [line.replace(",", ";") for line in LINES], "s.csv")
    turned = write(tmp_path, [LINES[0], *reversed(LINES[1:])], "r.csv")
    marked = tmp_path / "bom.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(LINES).encode() + b"\r\n,,,,\r\n")
    made = []
    for number, source in enumerate((file, table, semicolons, turned, marked)):
        target = tmp_path / f"out{number}.csv"
        quota_file(source, target, Request("41", ALL, years=3))
        made.append(target.read_bytes())
    assert len(set(made)) == 1
    quota_file(file, tmp_path / "out.parquet", Request("41", ALL, years=3))
    assert pl.read_parquet(tmp_path / "out.parquet").write_csv().encode() == made[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("GM1,x,-5,1,1", "line 5, column households: this is negative; found '-5'"),
        ("GM1,x,many,1,1", "line 5, column households: this is no number; found 'many'"),
        ('GM1,x,"1,5",1,1', "found '1,5'; expected a number with a point as decimal mark"),
        ("GM1,x,1.234.567,1,1", "line 5, column households: this is no number"),
        ("GM1,x,inf,1,1", "line 5, column households: this is no number"),
        ("GM1,x,,1,1", "line 5, column households: the value is missing"),
        ("GM1,x,1,1,0", "line 5, column druk_index: nothing can be divided by this pressure"),
        ("GM1,x,1,1,", "line 5, column druk_index: the value is missing"),
        (",x,1,1,1", "line 5, column municipality_code: the municipality has no code"),
        ("GM0377,x,1,1,1", "column municipality_code: this code is also on line 3"),
        ("GM1,x,1,1", "line 5: the row has another number of cells than the header; found 4"),
    ],
)
def test_a_fault_in_the_key_names_line_and_column(tmp_path: Path, line: str, sentence: str) -> None:
    target = tmp_path / "o.csv"
    with pytest.raises(RefusedError) as caught:
        quota_file(write(tmp_path, [*LINES, line]), target, Request("9", correct="druk_index"))
    assert sentence in str(caught.value)
    assert not target.exists()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([""], "the file is empty"),
        (["municipality_code,households"], "the file holds no rows"),
        (["code,households", "A,1"], "column municipality_code is missing"),
        (["municipality_code,a,a", "A,1,2"], "column a stands more than once"),
        (["municipality_code,", "A,1"], "a column has no name"),
        (["municipality_code,municipality_name", "A,x"], "the file has no factor"),
        (["municipality_code,a", "A,0", "B,0"], "column a: the values are 0 for every"),
    ],
)
def test_a_file_that_holds_no_key_is_refused(
    tmp_path: Path, lines: list[str], sentence: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        quota_file(write(tmp_path, lines), tmp_path / "o.csv", Request("9"))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weights": "households=1,social=1"}, "factor 'druk_index' has no weight"),
        ({"weights": "households=1,socal=1,druk_index=0"}, "Did you mean 'social'?"),
        ({"weights": "households=0,social=0,druk_index=0"}, "all weights are 0"),
        ({"weights": "households=-1,social=1,druk_index=0"}, "found households=-1"),
        ({"weights": "households"}, "this is no column with a number"),
        ({"weights": f"{ALL},social=2"}, "factor 'social' stands more than once"),
        ({"method": "largest-remainders"}, "Did you mean 'largest-remainder'?"),
        ({"method": "quota-method"}, "does not split one total"),
        ({"method": "dhondt", "years": 2}, "expected quota-method or running-claim"),
        ({"years": 0}, "there are no years to split"),
        ({"total": "-1"}, "--total: this is negative"),
        ({"total": "1.5"}, "--total: this is not a whole number"),
        ({"total": "many"}, "--total: this is neither a number nor a file"),
        ({"total": "none.csv"}, "--total: there is no such file"),
        ({"total": "2", "method": "huntington-hill"}, "expected at least 3"),
        ({"total": "2", "method": "dean"}, "expected at least 3"),
        ({"correct": "druk", "weights": None}, "Did you mean 'druk_index'?"),
        ({"correct": "municipality_name", "weights": None}, "is no care pressure"),
        ({"correct": "druk_index"}, "there is no factor 'druk_index' in the file"),
    ],
)
def test_flags_that_do_not_fit_are_wrong_usage(
    tmp_path: Path, file: Path, change: dict[str, object], sentence: str
) -> None:
    target = tmp_path / "o.csv"
    request = Request(**({"total": "100", "weights": ALL} | change))  # type: ignore[arg-type]
    with pytest.raises(UsageError) as caught:
        quota_file(file, target, request)
    assert sentence in str(caught.value)
    assert not target.exists()


@pytest.mark.parametrize("name", ["out.txt", "nowhere/out.csv", "key.csv", "totals.csv"])
def test_a_target_that_cannot_be_is_wrong_usage_and_nothing_is_overwritten(
    tmp_path: Path, file: Path, name: str
) -> None:
    totals = write(tmp_path, ["year,total", "2026,100"], "totals.csv")
    with pytest.raises(UsageError):
        quota_file(file, tmp_path / name, Request(str(totals), ALL))
    assert file.read_text(encoding="utf-8").splitlines() == LINES
    assert totals.read_text(encoding="utf-8").startswith("year")


def test_the_linter_reads_the_same_flags_and_names_municipalities(file: Path) -> None:
    findings, lines = lint_file(file, Request("41", ALL, years=10))
    assert lines[0] == "key.csv: 10 years of 41 homes a year by quota-method"
    assert len(lines) > len(findings)
    with pytest.raises(UitstroomError, match="Did you mean 'social'"):
        lint_file(file, Request("41", ALL, rounded="socal=100"))


def test_a_declared_rounding_makes_the_last_home_a_warning(tmp_path: Path) -> None:
    lines = ["municipality_code,households", "A,5021", "B,5017", "C,9962"]
    source = write(tmp_path, lines)
    told = {
        rounded: [
            str(finding.severity)
            for finding in lint_file(source, Request("6", rounded=rounded))[0]
            if finding.law == "hangs-on-rounding"
        ]
        for rounded in (None, "households=1", "households=100")
    }
    assert told == {None: [], "households=1": [], "households=100": ["warning"]}


def test_the_commands_split_and_say_where(tmp_path: Path, file: Path, call: Call) -> None:
    target = tmp_path / "out.csv"
    flags = ("--total", 178, "--weights", ALL, "--years", 2, "--out", target)
    code, out, err = call("quota", file, *flags)
    assert (code, err) == (0, "")
    assert "356 homes in 2 years" in out
    assert pl.read_csv(target)["quota"].sum() == 356


def test_the_linter_shows_6_6_2_and_refuses_only_what_is_not_defensible(
    tmp_path: Path, call: Call
) -> None:
    lines = ["municipality_code,households", "A,6", "B,6", "C,2"]
    code, out, _ = call("lint-key", write(tmp_path, lines), "--total", 10)
    assert code == 0
    assert "4 / 4 / 2 becomes 5 / 5 / 1" in out
    assert "warning" in out
    lines = ["municipality_code,base,inverse,load", "A,80,1,1", "B,10,0.5,2", "C,10,0.5,2"]
    weights = "base=0.9,inverse=0.1,load=0"
    code, out, err = call("lint-key", write(tmp_path, lines), "--weights", weights)
    assert code == 3
    assert "80.0 % to 77.0 %" in out
    assert "breaks a law" in err
    code, out, _ = call("lint-key", write(tmp_path, lines), "--total", 0, "--weights", weights)
    assert "Traceback" not in out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--total", "9"), 0),
        (("--total", "9", "--metod", "dhondt"), 2),
        (("--total", "nine"), 2),
        (("--total", "9", "--years", "x"), 2),
        ((), 2),
    ],
)
def test_exit_codes_of_flags(
    tmp_path: Path, file: Path, call: Call, arguments: tuple[str, ...], code: int
) -> None:
    source = write(tmp_path, ["municipality_code,a", "A,1", "B,2"], "small.csv")
    found, _, err = call("quota", source, "--out", tmp_path / "o.csv", *arguments)
    assert found == code
    assert "Traceback" not in err
    assert call("quota", tmp_path / "no.csv", "--total", 9, "--out", tmp_path / "o.csv")[0] == 2
    bad = write(tmp_path, [*LINES, "GM1,x,-1,1,1"], "bad.csv")
    assert call("quota", bad, "--total", 9, "--out", tmp_path / "o.csv")[0] == 3
