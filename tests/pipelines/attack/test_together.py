"""The attack on a release in which small municipalities are one line: it reads what they are.

The report is a real one, rendered from an invented release for everybody.
"""

import re
from pathlib import Path

import pytest

from models.attack import (
    HISTORY,
    INSIDER,
    OUTSIDER,
    Flaw,
    Publication,
    Relation,
    attack_method,
    attack_neighbour,
)
from pipelines.attack import attack_folder, attack_folders
from pipelines.attack.attacking import Attacked, publish_again
from pipelines.attack.knowledge import lines_together, relations, stand_alone
from pipelines.attack.releases import read_release
from tests.pipelines.attack.published_folder import MUNICIPALITIES, Published, write
from tests.pipelines.attack.rendered import coherent, protected_release, render
from tests.reports import invented_release

SMALL = ("GM9004", "GM9005")
GROUP = "GM9004+GM9005"
PLACE = re.compile(r"GM\d{4}(?:\+GM\d{4})*")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grouped")
    frames = coherent(invented_release.build_frames())
    return render(protected_release(folder, frames, together=SMALL), folder / "report")


@pytest.fixture(scope="module")
def attacked(report: Path) -> Attacked:
    return publish_again(read_release(report), 5)


@pytest.mark.integration
def test_the_attacker_sees_the_line_and_no_cell_of_a_single_one(attacked: Attacked) -> None:
    named = [place for cell in attacked.publication.cells for place in PLACE.findall(cell)]
    assert set(named) == {"GM9001", "GM9002", "GM9003", GROUP}
    kinds = {cell.split("/")[0] for cell in attacked.publication.cells if GROUP in cell}
    assert kinds == {"letting", "progress"}


@pytest.mark.integration
def test_the_line_is_a_part_of_the_region(attacked: Attacked) -> None:
    sums = [one for one in attacked.publication.relations if any(GROUP in c for c in one.parts)]
    assert len(sums) > 3
    for one in sums:
        assert {PLACE.findall(part)[0] for part in one.parts} == {
            "GM9001", "GM9002", "GM9003", GROUP,
        }  # fmt: skip


@pytest.mark.integration
def test_a_grouped_release_is_attacked_with_no_finding(report: Path, attacked: Attacked) -> None:
    """The costly ways of attacking take the sums in which the line is a part."""
    found = attack_folder(report, (OUTSIDER, INSIDER, HISTORY))
    assert [str(one) for one in found.findings] == []
    assert all(one.cells for one in found.results)
    sums = [
        one for one in attacked.publication.relations if any(GROUP in part for part in one.parts)
    ]
    named = {cell for one in sums for cell in (one.total, *one.parts)}
    shown = [one for one in attacked.publication.shown if one.cell in named]
    part = Publication(tuple(shown), tuple(sums))
    for result in (attack_neighbour(part), attack_method([part])):
        assert result.findings == ()
        assert result.cells


def said(**changes: str) -> Published:
    """Give a report in which the two small municipalities are one line."""
    realised = {"GM9001": "25", "GM9002+GM9003": "15", "all": "40"} | changes
    quota = {"GM9001": "28", "GM9002+GM9003": "17", "all": "45"} | dict.fromkeys(changes, "6")
    return Published(realised=realised, quota=quota)


@pytest.fixture
def two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"GM9001": "Duinstad", "GM9002+GM9003": "Overige gemeenten"}
    monkeypatch.setattr("tests.pipelines.attack.published_folder.MUNICIPALITIES", names)


@pytest.mark.integration
@pytest.mark.usefixtures("two_lines")
def test_one_of_them_by_itself_stops_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = attack_folder(write(tmp_path / "clean", said()), ("outsider",))
    assert clean.findings == ()
    names = {**MUNICIPALITIES, "GM9002+GM9003": "Overige gemeenten"}
    del names["GM9003"]
    monkeypatch.setattr("tests.pipelines.attack.published_folder.MUNICIPALITIES", names)
    leaky = attack_folder(write(tmp_path / "leaky", said(GM9002="10")), ("outsider",))
    assert (Flaw.DROPPED, "letting/2026/GM9002/outflow") in {
        (one.flaw, one.cell) for one in leaky.findings
    }


@pytest.mark.integration
def test_an_earlier_release_that_had_them_apart_is_held_against_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6 to 14 homes let in each; 26 to 34 in both: then at least 12 in each, whatever the total."""
    apart = Published(month="december", sentence="45")
    apart.realised.update(GM9002="10", GM9003="10", all="45")
    write(tmp_path / "1", apart)
    lines = {"GM9001": "Duinstad", "GM9002+GM9003": "Overige gemeenten"}
    monkeypatch.setattr("tests.pipelines.attack.published_folder.MUNICIPALITIES", lines)
    later = said()
    later.realised.update({"GM9001": "20", "GM9002+GM9003": "30", "all": "50"})
    later.month, later.sentence = "december", "50"
    write(tmp_path / "2", later)
    found = attack_folders([tmp_path / "1", tmp_path / "2"], ("history",))
    flaws = {(one.cell, one.flaw, one.least, one.most) for one in found.findings}
    for code in ("GM9002", "GM9003"):
        assert (f"letting/2026/{code}/outflow", Flaw.NARROW, 12, 14) in flaws


@pytest.mark.unit
def test_lines_are_what_each_of_them_is_where_all_are_known() -> None:
    line = "letting/2024/GM9002+GM9003/outflow"
    parts = ("letting/2024/GM9002/outflow", "letting/2024/GM9003/outflow")
    assert lines_together([line], [line, *parts]) == (Relation(line, parts),)
    assert lines_together([line], [line, parts[0]]) == ()
    assert lines_together(parts, parts) == ()


@pytest.mark.unit
def test_a_line_counts_as_one_municipality_in_the_sum_over_all() -> None:
    names = ["letting/2024/all/outflow", "letting/2024/GM9001/outflow"]
    line = "letting/2024/GM9002+GM9003/outflow"
    (found,) = relations([*names, line])
    assert found == Relation(names[0], (names[1], line))


@pytest.mark.unit
def test_who_stands_alone_beside_a_line_is_named_in_any_year_and_kind() -> None:
    line, alone = (
        "letting/2024/GM9002+GM9003/outflow",
        "progress/2026-10/GM9003/first_two_years/end",
    )
    assert stand_alone([line, alone, "letting/2024/GM9001/outflow", "definition/x"]) == (alone,)
    assert stand_alone([alone, "letting/2024/GM9001/outflow"]) == ()
