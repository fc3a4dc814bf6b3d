"""The attack on a folder: a safe report passes, and one bad figure in any format stops it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.attack import MODES, Flaw
from models.errors import RefusedError, UsageError
from pipelines.attack import AttackReport, attack_folder, attack_folders, attack_lines
from tests.pipelines.attack.published_folder import Published, write

pytestmark = pytest.mark.integration

TOTAL = "letting/2026/all/outflow"
SMALL = "letting/2026/GM9002/outflow"


def flaws(report: AttackReport) -> set[tuple[Flaw, str]]:
    return {(one.flaw, one.cell) for one in report.findings}


def change(said: Published, **changes: object) -> None:
    for name, value in changes.items():
        setattr(said, name, value)


def test_a_safe_report_passes_every_way_of_attacking(tmp_path: Path) -> None:
    report = attack_folder(write(tmp_path / "report", Published()))
    assert report.findings == ()
    assert [one.mode for one in report.results] == ["reading", *MODES]
    (attacked,) = report.releases
    assert attacked.base == 5
    assert attacked.release.issue.release_class == "openbaar"
    outsider = report.results[1]
    assert (outsider.cells, outsider.pinned, outsider.narrowest) == (4, 0, 8)


def test_every_format_is_read_back_to_its_cells(tmp_path: Path) -> None:
    (attacked,) = attack_folder(write(tmp_path / "report", Published()), ("outsider",)).releases
    read = {
        one.file.partition("#")[0]
        for one in attacked.release.readings
        if one.cell.column == "realised" and one.cell.row == "2026/all"
    }
    assert read == {
        "index.html", "charts/progress.csv", "cijfers.xlsx", "presentatie.pptx", "rapport.pdf",
    }  # fmt: skip
    assert attacked.release.pictures == 1


LEAKS: dict[str, tuple[Callable[[Published], None], tuple[Flaw, str]]] = {
    "a number in the page that was not rounded": (
        lambda said: said.realised.update(GM9002="7"),
        (Flaw.UNROUNDED, SMALL),
    ),
    "a total in a sentence that was not rounded": (
        lambda said: change(said, sentence="38"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "another number in the PDF": (
        lambda said: change(said, paper="38"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "another rounded number in the PDF": (
        lambda said: change(said, paper="35"),
        (Flaw.CONTRADICTION, TOTAL),
    ),
    "a number in the CSV file": (
        lambda said: said.data.update(GM9002="7"),
        (Flaw.UNROUNDED, SMALL),
    ),
    "a number on a hidden sheet": (
        lambda said: said.sheet.update(GM9002="7"),
        (Flaw.PINNED, SMALL),
    ),
    "a number in the workbook behind a chart": (
        lambda said: said.chart.update(GM9002=7),
        (Flaw.UNROUNDED, SMALL),
    ),
    "a total that was rounded apart": (
        lambda said: (change(said, sentence="45"), said.realised.update(all="45"))[0],
        (Flaw.NOT_ADDITIVE, TOTAL),
    ),
    "a table that should have stayed behind": (
        lambda said: change(said, dropped=True),
        (Flaw.DROPPED, "mart_quota__origin/2026/GM9001/GM9002/dwellings"),
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_one_bad_figure_is_found_in_any_format(leak: str, tmp_path: Path) -> None:
    plant, expected = LEAKS[leak]
    said = Published()
    if leak == "a total that was rounded apart":
        said.realised["GM9002"] = "10"
        said.realised["GM9003"] = "20"
    plant(said)
    report = attack_folder(write(tmp_path / "report", said), ("outsider",))
    assert expected in flaws(report)


def test_homes_let_are_exact_for_the_parties_to_the_agreement(tmp_path: Path) -> None:
    said = Published(release_class="partijen", sentence="38")
    said.realised.update(GM9001="24", GM9002="3", GM9003="11", all="38")
    report = attack_folder(write(tmp_path / "report", said))
    assert report.is_clean
    assert report.results[1].cells == 0


def test_a_class_that_a_report_does_not_name_is_held_to_the_strictest(tmp_path: Path) -> None:
    said = Published(release_class="concept", sentence="38")
    said.realised.update(GM9001="24", GM9002="3", GM9003="11", all="38")
    report = attack_folder(write(tmp_path / "report", said), ("outsider",))
    assert {(Flaw.UNROUNDED, TOTAL), (Flaw.PINNED, SMALL)} <= flaws(report)


def test_releases_of_a_closed_year_are_laid_over_each_other(tmp_path: Path) -> None:
    """The year 2026 is closed in both: 40 and 45 for one count leave 41 to 44."""
    first = write(tmp_path / "1", Published(month="december"))
    later = Published(month="december", sentence="45")
    later.realised.update(GM9003="15", all="45")
    second = write(tmp_path / "2", later)
    report = attack_folder(tmp_path, ("history",))
    assert [one.release.name for one in report.releases] == ["1", "2"]
    assert report.results[-1].narrowest == 3
    assert report.is_clean
    assert attack_folders([first, second], ("history",)).results == report.results
    alone = attack_folders([first, second], ("outsider", "history"), new=1).results
    assert [one.cells for one in alone[1:]] == [4, 4]
    assert attack_folders([first, second], ("outsider",)).results[-1].cells == 8


def test_an_exact_figure_of_an_old_release_pins_the_new_one(tmp_path: Path) -> None:
    old = Published(month="december", sentence="38")
    old.realised.update(GM9001="25", GM9002="3", GM9003="10", all="38")
    write(tmp_path / "1", old)
    write(tmp_path / "2", Published(month="december"))
    report = attack_folder(tmp_path, ("history",))
    assert (Flaw.PINNED, SMALL) in flaws(report)


def test_a_year_that_still_runs_is_another_count_in_every_release(tmp_path: Path) -> None:
    write(tmp_path / "1", Published(month="september"))
    later = Published(sentence="45")
    later.realised.update(GM9003="15", all="45")
    write(tmp_path / "2", later)
    assert attack_folder(tmp_path, ("history",)).results[-1].cells == 8


def test_the_command_says_what_was_read_and_what_was_found(tmp_path: Path) -> None:
    lines, is_clean = attack_lines(write(tmp_path / "report", Published()), None)
    assert is_clean
    assert lines[0].startswith("report (openbaar, base 5): 1 csv, 1 html, 1 pdf, 1 pptx, 1 xlsx;")
    assert lines[-1] == "Nothing was found."
    said = Published()
    said.realised["GM9002"] = "7"
    lines, is_clean = attack_lines(write(tmp_path / "bad", said), "outsider")
    assert not is_clean
    assert f"outsider: {SMALL} is known: 7." in lines
    assert lines[-1] == "This may not be published: findings above."
    assert not any(line.startswith("method") for line in lines)


def test_an_empty_folder_and_an_unknown_way_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no HTML page"):
        attack_folder(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        attack_folder(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="outsider, insider"):
        attack_folder(write(tmp_path / "report", Published()), ("guess",))


def test_a_file_that_cannot_be_read_is_a_refusal(tmp_path: Path) -> None:
    folder = write(tmp_path / "report", Published())
    (folder / "cijfers.xlsx").write_bytes(b"no package")
    with pytest.raises(RefusedError, match=r"cijfers\.xlsx"):
        attack_folder(folder)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "report", Published())
    (folder / "rows.parquet").write_bytes(b"x")
    lines, _ = attack_lines(folder, "outsider")
    assert "Not read at all: rows.parquet." in lines[0]
