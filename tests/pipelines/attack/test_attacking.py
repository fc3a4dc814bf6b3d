"""The attack on a folder: a safe report passes, and one bad figure in any format stops it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.attack import MODES, Flaw
from models.errors import RefusedError, UsageError
from models.months import parse_month
from pipelines.attack import AttackReport, attack_folder, attack_folders, attack_lines
from tests.pipelines.attack.published_folder import WORDS, Published, write

pytestmark = pytest.mark.integration

TOTAL = "letting/2026/all/outflow"
SMALL = "letting/2026/GM9002/outflow"
EVERY_LANGUAGE = pytest.mark.parametrize("language", WORDS)


def flaws(report: AttackReport) -> set[tuple[Flaw, str]]:
    return {(one.flaw, one.cell) for one in report.findings}


def change(said: Published, **changes: object) -> None:
    for name, value in changes.items():
        setattr(said, name, value)


@EVERY_LANGUAGE
def test_a_safe_report_passes_every_way_of_attacking(language: str, tmp_path: Path) -> None:
    report = attack_folder(write(tmp_path / "report", Published(language=language)))
    assert report.findings == ()
    assert [one.mode for one in report.results] == ["reading", *MODES]
    (attacked,) = report.releases
    assert attacked.base == 5
    assert attacked.release.issue.release_class == "openbaar"
    assert attacked.release.issue.as_of == parse_month("2026-10")
    assert attacked.release.languages == (language,)
    outsider = report.results[1]
    assert (outsider.cells, outsider.pinned, outsider.narrowest) == (4, 0, 8)


@EVERY_LANGUAGE
def test_the_first_page_says_the_month_and_not_one_of_another_name(
    language: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "report", Published(language=language))
    said = {"nl": "Volgende keer: stand april 2027.", "en": "The next one is as of April 2027."}
    (folder / "gemeenten").mkdir()
    page = f'<html lang="{language}"><p>{said[language]}</p></html>'
    (folder / "gemeenten" / "bosdorp.html").write_text(page, encoding="utf-8")
    (attacked,) = attack_folder(folder, ()).releases
    assert attacked.release.issue.as_of == parse_month("2026-10")


@EVERY_LANGUAGE
@pytest.mark.parametrize("total", [40, 1455])
def test_every_format_is_read_back_to_its_cells(total: int, language: str, tmp_path: Path) -> None:
    """Files write thousands in three ways: 1455, 1.455 and 1,455."""
    said = Published(language=language, sentence=str(total))
    said.realised.update(GM9001=str(total - 15), all=str(total))
    report = attack_folder(write(tmp_path / "report", said), ("outsider",))
    assert report.is_clean
    (attacked,) = report.releases
    read = {
        one.file.partition("#")[0]: one.value.whole
        for one in attacked.release.readings
        if one.cell.column == "realised" and one.cell.row == "2026/all"
    }
    assert read == dict.fromkeys(
        ("index.html", "charts/progress.csv", "cijfers.xlsx", "presentatie.pptx", "rapport.pdf"),
        total,
    )
    assert attacked.release.pictures == 1


def test_one_table_says_the_same_in_every_language(tmp_path: Path) -> None:
    read = {
        language: attack_folder(write(tmp_path / language, Published(language=language)), ())
        for language in WORDS
    }
    said = {
        language: {
            (one.file.partition("#")[0], one.cell, one.value)
            for one in report.releases[0].release.readings
        }
        for language, report in read.items()
    }
    assert said["en"] == said["nl"]


LEAKS: dict[str, tuple[Callable[[Published], object], tuple[Flaw, str]]] = {
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
    "a large number in the page": (
        lambda said: said.realised.update(GM9001="1443", all="1458"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "a large number in a sentence": (
        lambda said: change(said, sentence="1458"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "a number in the CSV file": (
        lambda said: said.data.update(GM9002="7"),
        (Flaw.UNROUNDED, SMALL),
    ),
    "a large number in the CSV file": (
        lambda said: said.data.update(all="1458"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "a number in the CSV file as people read it in Dutch": (
        lambda said: said.data.update(all="1.458"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "a number in the CSV file as people read it in English": (
        lambda said: said.data.update(all="1,458"),
        (Flaw.UNROUNDED, TOTAL),
    ),
    "a large number on a hidden sheet": (
        lambda said: said.sheet.update(all="1458"),
        (Flaw.UNROUNDED, TOTAL),
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


@EVERY_LANGUAGE
@pytest.mark.parametrize("leak", LEAKS)
def test_one_bad_figure_is_found_in_any_format(leak: str, language: str, tmp_path: Path) -> None:
    plant, expected = LEAKS[leak]
    said = Published(language=language)
    if leak == "a total that was rounded apart":
        said.realised["GM9002"] = "10"
        said.realised["GM9003"] = "20"
    plant(said)
    report = attack_folder(write(tmp_path / "report", said), ("outsider",))
    assert expected in flaws(report)


@EVERY_LANGUAGE
def test_homes_let_are_exact_for_the_parties_to_the_agreement(
    language: str, tmp_path: Path
) -> None:
    said = Published(language=language, release_class="partijen", sentence="38")
    said.realised.update(GM9001="24", GM9002="3", GM9003="11", all="38")
    report = attack_folder(write(tmp_path / "report", said))
    assert report.is_clean
    assert report.results[1].cells == 0


@EVERY_LANGUAGE
def test_a_class_that_a_report_does_not_name_is_held_to_the_strictest(
    language: str, tmp_path: Path
) -> None:
    said = Published(language=language, release_class="concept", sentence="38")
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
    assert lines[0].startswith(
        "report (openbaar, base 5, nl): 1 csv, 1 html, 1 pdf, 1 pptx, 1 xlsx;"
    )
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


@pytest.mark.parametrize(
    ("lang", "found"), [('lang="de"', "lang='de'"), ("", "no language"), ('lang="nl"', "nl, en")]
)
def test_a_report_in_another_language_or_in_two_is_a_refusal(
    lang: str, found: str, tmp_path: Path
) -> None:
    """It would be read with the wrong form of numbers and the wrong words."""
    folder = write(tmp_path / "report", Published(language="en"))
    page = (folder / "index.html").read_text(encoding="utf-8")
    (folder / "voortgang.html").write_text(page.replace('lang="en-GB"', lang), encoding="utf-8")
    with pytest.raises(RefusedError, match="in a language that is not read here") as refusal:
        attack_folder(folder)
    assert all(part in str(refusal.value) for part in found.split(", "))


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
