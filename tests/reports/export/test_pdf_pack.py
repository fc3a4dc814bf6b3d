"""Parts of a section change places only to save room, and never among their own kind."""

import random
from typing import Any

import pytest

from reports.export.pdf_pack import PAGE_HEIGHT_PT, Heights, pack

pytestmark = pytest.mark.unit

Section = dict[str, Any]


def part(kind: str, name: str) -> dict[str, Any]:
    held = {"kind": kind, "name": name, "breakable": False}
    return {**held, "table": {"breakable": False}} if kind == "table" else held


def section(name: str, *kinds: str) -> Section:
    return {"id": name, "parts": [part(kind, f"{name}{at}") for at, kind in enumerate(kinds)]}


def names(sections: list[Section]) -> list[str]:
    return [one["name"] for item in sections for one in item["parts"]]


def pages(sections: list[Section], heights: dict[str, float]) -> int:
    """Count pages by a plain sum: no gaps, headings of ten points, nothing breaks."""
    count, used = 1, 0.0
    for item in sections:
        for place, one in enumerate(item["parts"]):
            high = heights[one["name"]] + (10.0 if place == 0 else 0.0)
            if used + high > PAGE_HEIGHT_PT - 40:
                count, used = count + 1, 0.0
            used += high
    return count


def test_a_paragraph_fills_the_room_that_a_chart_leaves() -> None:
    first, second = section("a", "chart"), section("b", "chart", "text")
    heights = [Heights(10.0, (500.0,)), Heights(10.0, (500.0, 120.0))]
    assert names(pack([first, second], heights)) == ["a0", "b1", "b0"]


def test_what_fits_stays_as_it_was() -> None:
    sections = [section("a", "chart", "text", "table"), section("b", "text", "chart")]
    heights = [Heights(10.0, (200.0, 40.0, 60.0)), Heights(10.0, (40.0, 150.0))]
    assert pack(sections, heights) == sections


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_and_every_kind_keeps_its_order(seed: int) -> None:
    draw = random.Random(seed)
    sections = [
        section(chr(97 + at), *draw.choices(["chart", "text", "table"], k=draw.randint(0, 6)))
        for at in range(8)
    ]
    high = {"chart": (150.0, 560.0), "text": (10.0, 80.0), "table": (60.0, 250.0)}
    heights = [
        Heights(20.0, tuple(draw.uniform(*high[one["kind"]]) for one in item["parts"]))
        for item in sections
    ]
    made = pack(sections, heights, start=draw.uniform(0.0, 600.0))
    assert [item["id"] for item in made] == [item["id"] for item in sections]
    for before, after in zip(sections, made, strict=True):
        for kind in high:
            old, new = (
                [one["name"] for one in item["parts"] if one["kind"] == kind]
                for item in (before, after)
            )
            assert old == new
        assert sorted(names([before])) == sorted(names([after]))
    assert pack(sections, heights) == pack(sections, heights)
    by_name = {
        one["name"]: high
        for item, held in zip(sections, heights, strict=True)
        for one, high in zip(item["parts"], held.parts, strict=True)
    }
    assert pages(made, by_name) <= pages(sections, by_name) + 1


def test_a_part_higher_than_a_page_is_set_all_the_same() -> None:
    sections = [section("a", "chart", "text"), section("b", "text")]
    heights = [Heights(10.0, (3 * PAGE_HEIGHT_PT, 20.0)), Heights(10.0, (20.0,))]
    assert sorted(names(pack(sections, heights))) == ["a0", "a1", "b0"]


def test_a_report_without_sections_is_packed() -> None:
    assert pack([], []) == []
