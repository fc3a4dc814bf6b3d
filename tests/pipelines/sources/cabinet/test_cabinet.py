"""Every file of the cabinet gets the verdict, code, line and column that are declared for it."""

import hashlib
import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipelines.sources import CONTRACTS, Deliveries
from pipelines.sources.envelope import Envelope
from tests.pipelines.sources.cabinet.__main__ import PAGE, page_with_table, write_files
from tests.pipelines.sources.cabinet.cases import NUMBERED, ODD
from tests.pipelines.sources.cabinet.papers import Case, Expected, Paper
from tests.pipelines.sources.cabinet.reading import read

CASES = [*NUMBERED, *ODD]


def told(result: Deliveries, paper: Paper) -> list[Expected]:
    """Give everything that was told of a file, gravest first; one plain outcome without any."""
    row = result.files.filter(pl.col("file") == paper.file).row(0, named=True)
    verdict = row["verdict"]
    found: list[Expected] = []
    if verdict == "refused":
        for one in result.refusals:
            line, column = getattr(one, "line", None), getattr(one, "column", "")
            found.append(Expected(verdict, str(getattr(one, "reason", "")), line, column))
    notices = result.notices.filter(pl.col("file") == paper.file)
    if verdict == "waiting":
        notices = notices.filter(pl.col("kind") == "waits")
        found += [Expected(verdict, *of) for of in notices.select("reason", "row", "column").rows()]
    if verdict == "accepted_with_quarantine":
        apart = result.quarantine.filter(pl.col("file") == paper.file)
        found += [Expected(verdict, *of) for of in apart.select("reason", "row", "column").rows()]
    if verdict == "accepted_with_warning":
        found += [Expected(verdict, *of) for of in notices.select("reason", "row", "column").rows()]
    return found or [Expected(verdict)]


def check_counts(result: Deliveries) -> None:
    """No row is lost: rows in = accepted + quarantined + no data, for every file."""
    for row in result.files.rows(named=True):
        kept = row["accepted"] + row["quarantined"] + row["non_data"]
        assert row["rows_in"] == kept, row


def rows_of(result: Deliveries, paper: Paper) -> pl.DataFrame:
    """Give the accepted rows of a file without where they stood."""
    frame = result.accepted[paper.contract].filter(pl.col("_file") == paper.file)
    return frame.drop("_file", "_row")


TWINS: dict[str, tuple[list[Expected], pl.DataFrame]] = {}
"""What was told of a good twin, and its rows; many cases share one."""


def outcome(case: Case, paper: Paper, folder: Path) -> tuple[list[Expected], pl.DataFrame]:
    """Read a paper of a case; give what was told of it, and its accepted rows."""
    result = read(folder, [*case.beside, paper], case.before)
    check_counts(result)
    return told(result, paper), rows_of(result, paper)


def faults_of(case: Case, folder: Path) -> list[str]:
    """Hold one case against its declaration, and its twin against acceptance."""
    found, rows = outcome(case, case.paper, folder / "bad")
    name = hashlib.sha256(repr((case.twin, case.beside, case.before)).encode()).hexdigest()
    if name not in TWINS:
        TWINS[name] = outcome(case, case.twin, folder / "good")
    fine, fine_rows = TWINS[name]
    faults = []
    if case.expected not in found:
        faults.append(f"{case.id}: expected {case.expected}, found {found}")
    if fine != [Expected("accepted")]:
        faults.append(f"{case.id}: the twin is {fine}")
    if case.same and not rows.equals(fine_rows):
        faults.append(f"{case.id}: its rows are not those of its twin")
    return faults


@pytest.mark.unit
def test_the_cabinet_holds_every_case_in_both_forms_where_both_apply():
    assert {case.number for case in NUMBERED} == set(range(1, 73))
    assert len(NUMBERED) >= 110
    assert len(ODD) >= 20
    forms = Counter((case.number, case.title, case.paper.suffix) for case in CASES)
    assert max(forms.values()) == 1
    bad = [case for case in NUMBERED if not case.expected.verdict.startswith("accepted")]
    assert all(case.twin != case.paper for case in bad)


@pytest.mark.unit
def test_the_page_for_senders_shows_the_declared_cases():
    page = PAGE.read_text(encoding="utf-8")
    assert page_with_table(page) == page, "write it anew: python -m ...sources.cabinet --page"
    for field in Envelope.model_fields:
        assert f"`{field}`" in page, f"the page does not tell of {field!r}"
    for contract in CONTRACTS:
        assert f"`{contract}`" in page


@pytest.mark.unit
def test_the_files_can_be_written_with_what_is_expected_beside_them(tmp_path):
    cases = [case for case in NUMBERED if case.number == 68]
    assert write_files(tmp_path, cases) == 8  # csv and xlsx: bad, good, and what lies there in both
    told = tomllib.loads((tmp_path / cases[0].id / "expected.toml").read_text(encoding="utf-8"))
    assert (told["case"], told["verdict"]) == (68, "known")


@pytest.mark.integration
@pytest.mark.parametrize("number", sorted({case.number for case in CASES}))
def test_a_file_gets_the_verdict_that_is_declared_and_its_twin_comes_in(number, tmp_path):
    cases = [case for case in CASES if case.number == number]
    faults = [faults_of(case, tmp_path / str(at)) for at, case in enumerate(cases)]
    assert [one for of_case in faults for one in of_case] == []
