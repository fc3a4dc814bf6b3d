"""The index site: every edition of every region, newest first, with links to what is there."""

import re
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from models.errors import UsageError
from reports import theme
from reports.labels import Labels
from reports.site import FILES, EditionEntry, build_site, site_view, write_site
from tests.reports.small_pages import read_page

pytestmark = pytest.mark.unit


def entry(region: str, month: str, release: str, **facts: object) -> EditionEntry:
    known = EditionEntry(
        region_id=region,
        region_name=region.capitalize(),
        release_id=release,
        as_of=month,
        release_class="concept",
        is_final=False,
        is_current=False,
        synthetic=True,
        folder=f"{region}/{release}",
        files=FILES,
    )
    return replace(known, **facts)


ENTRIES = [
    entry("duinstreek", "2026-09", "r2", is_final=True, release_class="openbaar"),
    entry("duinstreek", "2026-10", "r3", is_current=True),
    entry("duinstreek", "2026-10", "r9", changed="2026-11-03"),
    entry("duinstreek", "2026-10", "r1", changed="2026-11-04"),
    entry("duinstreek", "2026-10", "r3", folder="duinstreek/r3-en", language="en", is_current=True),
    entry("duinstreek", "2026-08", "r5", is_steering=False),
    entry("aastreek", "2025-12", "r4", retracted=True),
]


def test_regions_stand_by_name_and_editions_newest_first_with_the_current_one_on_top(
    words: Labels,
) -> None:
    for order in list(permutations(ENTRIES))[::97]:
        regions = site_view(order, words)
        assert [region.name for region in regions] == ["Aastreek", "Duinstreek"]
        told = [edition.state.split()[1].rstrip(",") for edition in regions[1].editions]
        assert told == ["r3", "r1", "r9", "r2", "r5"]


def test_every_file_that_is_there_is_linked_and_no_other() -> None:
    places = {"velsen": "Velsen", "haarlem": "Haarlem", "gone": "Weg"}
    files = [*FILES[:3], "gemeenten/velsen.html", "gemeenten/velsen.pdf", "gemeenten/haarlem.html"]
    one = entry("duinstreek", "2026-10", "r3", files=files, municipalities=places)
    page = read_page(build_site([one]))
    links = [link for link in page.links if not link.startswith("#")]
    assert sorted(links) == sorted(f"duinstreek/r3/{name}" for name in files)
    assert "Weg" not in page.text


@pytest.mark.parametrize(
    ("facts", "marks"),
    [
        ({}, ["newest", "concept", "synthetic"]),
        ({"is_current": True}, ["current", "steering", "concept", "synthetic"]),
        ({"is_final": True, "synthetic": False}, ["newest", "final"]),
        (
            {"is_final": True, "retracted": True},
            ["newest", "final", "retracted", "synthetic"],
        ),
        ({"is_steering": False}, ["progress", "concept", "synthetic"]),
        (
            {"is_steering": False, "is_current": True},
            ["current", "progress", "concept", "synthetic"],
        ),
        (
            {"is_steering": False, "is_final": True},
            ["newest", "final", "synthetic"],
        ),
    ],
)
def test_concept_and_final_are_different_marks(
    words: Labels, facts: dict, marks: list[str]
) -> None:
    ((region),) = site_view([entry("a", "2026-10", "r1", **facts)], words)
    assert [mark.kind for mark in region.editions[0].marks] == marks


def test_the_newest_edition_of_the_steering_group_is_marked_once(words: Labels) -> None:
    """Later months that are not the steering group's come first, and do not take its mark."""
    months = [("2026-12", False), ("2026-11", False), ("2026-10", True), ("2026-04", True)]
    own = [
        entry("a", month, f"r{month}", is_steering=is_steering, is_current=month == "2026-12")
        for month, is_steering in months
    ]
    for order in permutations(own):
        ((region),) = site_view(order, words)
        kinds = [[mark.kind for mark in edition.marks][:2] for edition in region.editions]
        assert kinds == [
            ["current", "progress"],
            ["progress", "concept"],
            ["newest", "concept"],
            ["steering", "concept"],
        ]


@pytest.mark.parametrize(("is_steering", "is_final"), [(True, False), (False, True)])
def test_of_a_month_that_counts_in_full_nothing_is_folded_away(
    words: Labels, is_steering: bool, is_final: bool
) -> None:
    one = entry("a", "2026-10", "r1", is_steering=is_steering, is_final=is_final)
    (report,) = site_view([one], words)[0].editions[0].reports
    assert [link.address for link in report.links] == [f"a/r1/{name}" for name in FILES]
    assert report.more == ()


def test_of_another_month_the_progress_stands_out_and_the_rest_stays_within_reach(
    words: Labels,
) -> None:
    one = entry("a", "2026-11", "r1", is_steering=False)
    (report,) = site_view([one], words)[0].editions[0].reports
    assert [link.address for link in report.links] == ["a/r1/voortgang.html", "a/r1/voortgang.pdf"]
    others = {link.address for link in report.more}
    assert others == {f"a/r1/{name}" for name in FILES} - {link.address for link in report.links}
    older = entry("a", "2026-11", "r1", is_steering=False, files=["index.html"])
    (report,) = site_view([older], words)[0].editions[0].reports
    assert [link.address for link in report.links] == ["a/r1/index.html"]


def test_reports_of_one_release_in_several_languages_are_one_edition(words: Labels) -> None:
    places = {"velsen": "Velsen"}
    dutch = entry("a", "2026-10", "r1", files=["index.html"], municipalities=places)
    english = replace(
        dutch, folder="a/r1-en", language="en", files=["index.html", "gemeenten/velsen.html"]
    )
    for order in ([dutch, english], [english, dutch]):
        ((edition),) = site_view(order, words)[0].editions
        assert [(one.language, one.heading) for one in edition.reports] == [
            ("nl", ""),
            ("en", words.text("site_language.en")),
        ]
        assert [one.links[0].address for one in edition.reports] == [
            "a/r1/index.html",
            "a/r1-en/index.html",
        ]
        assert [len(one.places) for one in edition.reports] == [0, 1]
    page = build_site([english, dutch])
    assert words.text("site_language.en") in page
    assert 'href="a/r1-en/index.html" hreflang="en"' in page
    ((alone),) = site_view([english], words)[0].editions
    assert [one.language for one in alone.reports] == ["en"]


def test_without_editions_the_page_says_so() -> None:
    assert "Er is nog geen rapport gemaakt." in build_site([])


def test_the_same_editions_give_the_same_bytes_in_any_order() -> None:
    assert len({build_site(order) for order in permutations(ENTRIES[:4])}) == 1


def test_hostile_names_stay_text_and_addresses_stay_addresses() -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    one = entry(
        "a",
        "2026-10",
        evil,
        region_name=evil,
        release_class=evil,
        folder=f"a/{evil}",
        files=["index.html", "gemeenten/x.html"],
        municipalities={"x": evil},
    )
    read = read_page(build_site([one]))
    assert not {"script", "img"} & set(read.tags)
    assert read.text.count(evil) >= 4
    assert all(re.fullmatch(r"[#A-Za-z0-9/._%-]+", link) for link in read.links)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match="nl"):
        build_site([], language="fy")


def test_the_font_lies_beside_the_page(tmp_path: Path) -> None:
    files = write_site(ENTRIES, tmp_path)
    assert {file.name for file in files} == {
        "index.html",
        theme.FONT_FILE,
        theme.FONT_LICENCE_FILE,
    }
    assert theme.FONT_FILE in files[0].read_text(encoding="utf-8")


def test_the_page_is_one_that_everybody_can_read() -> None:
    page = build_site(ENTRIES)
    read = read_page(page)
    assert '<html lang="nl">' in page
    assert read.headings.count(1) == 1
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert "script" not in read.tags
