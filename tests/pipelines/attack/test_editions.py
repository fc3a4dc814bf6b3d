"""One release in several languages, attacked together: it has the same cells and figures."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from models.attack import MODES, Flaw
from pipelines.attack import AttackReport, attack_folder, attack_folders, report_lines
from pipelines.attack.editions import join_editions
from pipelines.attack.releases import read_release
from tests.pipelines.attack.published_folder import Published, write

pytestmark = pytest.mark.integration

NUMBER, LATER = "00c0ffee00c0ffee", "11c0ffee11c0ffee"
TOTAL = "letting/2026/all/outflow"
ROWS = {
    "nl": (("Aanmeldingen", "aangenomen"), ("Aanmeldingen", "aangenomen"), ("Aanvragen", "apart")),
    "en": (("Referrals", "accepted"), ("Referrals", "set apart"), ("Applications", "set apart")),
}
"""Rows of a table of the page's own, which are told by their words; in Dutch two say the same."""
INFLOW = {
    "nl": ("Beschermd wonen", "Vrouwenopvang", "bekend", "verwacht"),
    "en": ("Sheltered living", "Women's refuge", "known", "expected"),
}


def edition(
    folder: Path,
    language: str,
    number: str = NUMBER,
    *,
    rows: tuple[int, ...] = (310, 420, 15),
    inflow: tuple[int, int] = (150, 45),
    **changes: str,
) -> Path:
    """Write an edition, with two tables of its own."""
    said = Published(language=language, number=number)
    for name, value in changes.items():
        setattr(said, name, value)
    write(folder, said)
    page = folder / "index.html"
    own = _table("deliveries", "accepted", zip(ROWS[language], rows, strict=True))
    first, second, known, expected = INFLOW[language]
    years = [((first, "2025", known), inflow[0]), ((second, "2025", known), inflow[1])]
    own += _table("inflow", "mean", [*years, ((first, "2026", expected), 147)])
    source = page.read_text(encoding="utf-8").replace("</body>", f"{own}</body>")
    page.write_text(source, encoding="utf-8")
    return folder


def _table(name: str, column: str, rows: Iterable[tuple[tuple[str, ...], int]]) -> str:
    body = "".join(
        f"<tr>{''.join(f'<td>{word}</td>' for word in words)}"
        f'<td class="number" data-table="{name}" data-row="{number}" data-column="{column}">'
        f"{figure}</td></tr>"
        for number, (words, figure) in enumerate(rows, start=1)
    )
    return f"<table><tr><th>A</th><th>B</th><th>C</th></tr>{body}</table>"


def flaws(report: AttackReport) -> set[tuple[Flaw, str]]:
    return {(one.flaw, one.cell) for one in report.findings}


def test_two_languages_of_a_release_have_the_same_cells_and_nothing_is_found(
    tmp_path: Path,
) -> None:
    dutch = edition(tmp_path / NUMBER, "nl")
    english = edition(tmp_path / f"{NUMBER}-en", "en")
    alone = [attack_folder(folder) for folder in (dutch, english)]
    both = attack_folder(tmp_path)
    assert [one.is_clean for one in (*alone, both)] == [True] * 3
    (joined,) = both.releases
    assert joined.release.languages == ("nl", "en")
    assert joined.publication == alone[0].releases[0].publication
    assert len(joined.publication.cells) == 4 + 3 + 2
    assert joined.open_cells == alone[0].releases[0].open_cells
    for result, *others in zip(both.results, *(one.results for one in alone), strict=True):
        assert [one.cells for one in others] == [result.cells] * 2, result.mode
    assert sum(joined.release.files.values()) == 2 * 5
    assert report_lines(both)[0].startswith(
        f"{NUMBER} (openbaar, base 5, nl and en): 2 csv, 2 html"
    )


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"sentence": "45", "paper": "40"}, TOTAL),
        ({"paper": "35"}, TOTAL),
        ({"rows": (310, 425, 15)}, "deliveries/Aanmeldingen|aangenomen#2/accepted"),
        ({"inflow": (150, 40)}, "inflow/refuge|2025|known"),
    ],
)
def test_languages_that_do_not_say_the_same_are_found(
    changes: dict[str, Any], cell: str, tmp_path: Path
) -> None:
    """A rounded figure beside another one of the same count tells more than either."""
    edition(tmp_path / NUMBER, "nl")
    edition(tmp_path / f"{NUMBER}-en", "en", **changes)
    assert (Flaw.CONTRADICTION, cell) in flaws(attack_folder(tmp_path, ("outsider",)))


def test_a_figure_that_was_not_rounded_is_found_in_either_language(tmp_path: Path) -> None:
    edition(tmp_path / NUMBER, "nl")
    edition(tmp_path / f"{NUMBER}-en", "en", rows=(311, 420, 15))
    (found,) = attack_folder(tmp_path, ("outsider",)).results[0].findings
    assert (found.flaw, found.cell) == (
        Flaw.UNROUNDED,
        "deliveries/Aanmeldingen|aangenomen/accepted",
    )
    assert found.by is not None
    assert found.by.startswith("index.html, ")
    assert f"{NUMBER}-en/index.html" in found.by


def test_only_languages_of_one_release_that_say_the_same_of_it_are_one(tmp_path: Path) -> None:
    folders = [
        edition(tmp_path / "1", "nl"),
        edition(tmp_path / "2", "nl", LATER),
        edition(tmp_path / "3", "nl"),
        edition(tmp_path / "4", "en"),
        edition(tmp_path / "5", "en", LATER, month="december"),
        edition(tmp_path / "6", "nl", "1234"),
        edition(tmp_path / "7", "en", "1234"),
    ]
    found = join_editions([read_release(folder) for folder in folders])
    assert [(place, one.name, one.languages) for place, one in found] == [
        (1, "2", ("nl",)),
        (2, "3", ("nl",)),
        (3, "1", ("nl", "en")),
        (4, "5", ("en",)),
        (5, "6", ("nl",)),
        (6, "7", ("en",)),
    ]


def test_a_new_language_of_a_release_is_attacked_by_itself_with_the_older_one(
    tmp_path: Path,
) -> None:
    first = edition(tmp_path / "1", "nl", LATER)
    dutch = edition(tmp_path / "2", "nl")
    english = edition(tmp_path / "3", "en")
    report = attack_folders([first, dutch, english], ("outsider", "history"), new=1)
    assert len(report.releases) == 2
    assert report.results[1].cells == 9
    assert attack_folders([dutch, english, first], ("outsider",), new=1).results[1].cells == 9
    assert attack_folders([dutch, english, first], ("outsider",)).results[1].cells == 18


def test_a_closed_count_is_the_same_in_a_later_release_in_another_language(tmp_path: Path) -> None:
    """Known inflow of 2025: two figures of one count, whatever the language that they are in."""
    edition(tmp_path / "1", "nl")
    edition(tmp_path / "2", "en", LATER, inflow=(155, 45))
    report = attack_folder(tmp_path, (*MODES,))
    assert len(report.releases) == 2
    closed = 2
    history = next(one for one in report.results if one.mode == "history")
    assert history.cells == 2 * 9 - closed
    assert history.narrowest == 3
