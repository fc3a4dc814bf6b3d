"""The attack on real pages, in both languages, of one invented release for everybody.

In its as-of year more homes were let than the agreement counts.
"""

import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from models.attack import Flaw, attack_outsider
from pipelines.attack import attack_folder
from pipelines.attack.attacking import Attacked, publish_again
from pipelines.attack.editions import join_editions
from pipelines.attack.releases import read_release
from pipelines.release import LANGUAGES
from tests.pipelines.attack.rendered import coherent, counted_apart, protected_release, render
from tests.reports import invented_release

pytestmark = pytest.mark.integration

NUMBER = "00c0ffee00c0ffee"
LET, COUNTED = "letting/2026/{}/outflow", "letting/2026/{}/counted"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Render the release in each language; a folder for each."""
    folder = tmp_path_factory.mktemp("rendered")
    frames = counted_apart(coherent(invented_release.build_frames()))
    release = protected_release(folder, frames, release_id=NUMBER)
    return {
        language: render(
            release, folder / language, language=language, formats=("progress", "workbook")
        )
        for language in LANGUAGES
    }


@pytest.fixture(scope="module")
def attacked(reports: dict[str, Path]) -> dict[str, Attacked]:
    return {language: publish_again(read_release(folder)) for language, folder in reports.items()}


def test_every_language_gives_the_same_counts_under_rows_of_its_own(
    attacked: dict[str, Attacked],
) -> None:
    dutch, english = attacked["nl"], attacked["en"]
    assert dutch.release.number == english.release.number == NUMBER
    assert dutch.release.issue == english.release.issue
    assert dutch.findings == english.findings == ()
    assert len(dutch.publication.shown) == len(english.publication.shown) > 100
    assert set(dutch.publication.relations) == set(english.publication.relations)
    assert len(dutch.open_cells) == len(english.open_cells)
    both = set(dutch.publication.cells) & set(english.publication.cells)
    closed = set(dutch.publication.cells) - dutch.open_cells
    assert closed <= both
    assert any(cell.startswith("inflow/sheltered_living|") for cell in closed)
    assert {one for one in dutch.publication.shown if one.cell in both} == {
        one for one in english.publication.shown if one.cell in both
    }


def test_both_together_are_one_release_with_the_cells_of_either(
    attacked: dict[str, Attacked],
) -> None:
    ((_, joined),) = join_editions([one.release for one in attacked.values()])
    together = publish_again(joined)
    assert together.findings == ()
    assert set(together.publication.shown) == set(attacked["nl"].publication.shown)
    assert set(together.publication.relations) == set(attacked["nl"].publication.relations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_homes_let_that_the_agreement_does_not_count_leave_its_sums_whole(
    language: str, attacked: dict[str, Attacked]
) -> None:
    """Homes of each municipality that count are no parts of all homes that were let."""
    publication = attacked[language].publication
    shown = {one.cell: one.figure or 0 for one in publication.shown}
    assert shown[LET.format("all")] > shown[COUNTED.format("all")] > 0
    codes = [cell.split("/")[2] for cell in shown if cell.endswith("/counted")]
    assert len(codes) == len(set(codes)) > 3
    sums = {one.total: set(one.parts) for one in publication.relations}
    assert sums[COUNTED.format("all")] == {COUNTED.format(code) for code in codes if code != "all"}
    assert LET.format("all") not in sums
    found = attack_outsider(publication)
    assert [str(one) for one in found.findings] == []
    assert found.cells >= len(shown)


def _page(folder: Path) -> None:
    page = folder / "voortgang.html"
    source = page.read_text(encoding="utf-8")
    figure = re.compile(
        r'(data-table="mart_progress__monthly" data-row="2026-10/all/on_list/end" '
        r'data-column="dwellings">)([^<]*)'
    )
    assert figure.search(source)
    page.write_text(figure.sub(r"\g<1>1,043", source), encoding="utf-8")


def _data(folder: Path) -> None:
    file = folder / "charts" / "inflow.csv"
    rows = file.read_text(encoding="utf-8-sig").split("\n")
    words = rows[1].split(";")
    assert words[3] == "known"
    words[4] = str(int(words[4]) + 1)
    file.write_text("\n".join([rows[0], ";".join(words), *rows[2:]]), encoding="utf-8-sig")


def _book(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "cijfers.xlsx")
    (row,) = [
        row
        for sheet in book
        for row in sheet.iter_rows()
        if [cell.value for cell in row[:2]] == ["Women's refuge", 2019] and row[3].value == "known"
    ]
    row[4].value += 1
    book.save(folder / "cijfers.xlsx")


def test_true_figures_on_an_english_page_and_in_its_files_are_found(
    reports: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(reports["en"], tmp_path / "report")
    for plant in (_page, _data, _book):
        plant(folder)
    findings = attack_folder(folder, ()).findings
    assert {one.flaw for one in findings} == {Flaw.UNROUNDED}
    files = {one.cell.partition("|known")[0]: one.by or "" for one in findings}
    assert sorted(files) == [
        "inflow/refuge|2019",
        "inflow/sheltered_living|2017",
        "progress/2026-10/all/on_list/end",
    ]
    assert "cijfers.xlsx" in files["inflow/refuge|2019"]
    assert "charts/inflow.csv" in files["inflow/sheltered_living|2017"]
    assert "voortgang.html" in files["progress/2026-10/all/on_list/end"]
