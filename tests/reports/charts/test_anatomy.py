"""The parts of every chart: scales from zero, labels that do not touch, harmless text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import theme
from reports.charts import anatomy, rows

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("highest", "tick"), [(229, 100), (2404, 1000), (820, 250), (30, 10), (3.0, 1), (1.0, 0.25)]
)
def test_gridlines_stand_at_round_numbers(highest: float, tick: float) -> None:
    axis = anatomy.scale([0, highest])
    assert axis.tick == tick
    assert axis.top >= highest


def test_an_empty_chart_still_has_a_scale() -> None:
    assert anatomy.scale([]).top > 0
    assert anatomy.scale([0, 0]).top > 0


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(1, 50)), min_size=1, max_size=6))
def test_labels_never_touch_and_keep_their_order(items: list[tuple[float, float]]) -> None:
    wanted, gaps = [place for place, _ in items], [gap for _, gap in items]
    moved = anatomy.spread(wanted, gaps)
    order = sorted(range(len(items)), key=lambda item: (wanted[item], item))
    for before, after in pairwise(order):
        room = (gaps[before] + gaps[after]) / 2
        assert moved[after] - moved[before] >= room - 1e-6


def test_labels_with_room_stay_where_they_are() -> None:
    assert anatomy.spread([10, 50, 90], [5, 5, 5]) == [10, 50, 90]


def test_text_from_data_cannot_become_markup() -> None:
    assert anatomy.safe("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"
    assert anatomy.wrap("een <i> twee drie", 8) == "een &lt;i&gt;<br>twee<br>drie"


def test_months_and_years_share_one_axis() -> None:
    assert anatomy.position("2026-12") == 2027.0
    assert anatomy.bar_position("2026-12") == 2026.5
    assert anatomy.bar_position("2026-10") == pytest.approx(2026.5 - 2 / 12)


def test_bars_start_at_zero_and_ceilings_are_dashed_in_their_own_colour() -> None:
    panel = rows.bullets([rows.Row("A", 80, "80", mark=84), rows.Row("B", 20, "20")])
    assert panel.figure.layout.xaxis.range[0] == 0
    marks = [shape for shape in panel.figure.layout.shapes if shape.name == "mark"]
    assert [(shape.x0, shape.line.color) for shape in marks] == [(84, theme.CAP)]
    assert marks[0].line.dash != "solid"


def test_a_negative_part_leaves_room_at_the_left() -> None:
    panel = rows.waterfall([rows.Row("A", -40, "-40", low=-90, high=10)], solid=[])
    assert panel.figure.layout.xaxis.range[0] < -90


def test_on_a_narrow_screen_names_stand_above_thinner_bars() -> None:
    panel = rows.bullets([rows.Row("Naam", 80, "80 lang", narrow_text="80")])
    notes = panel.figure.layout.annotations
    assert [note.visible for note in notes] == [True, False]
    assert panel.narrow["annotations[1].visible"] is True
    assert panel.narrow["annotations[0].text"] == "80"
    assert panel.narrow["yaxis.showticklabels"] is False
    assert panel.narrow["data[0].width"] < panel.figure.data[0].width


@pytest.mark.parametrize("colour", [theme.DEMAND, theme.WAITING, theme.ALARM])
def test_a_range_is_a_tint_of_its_own_colour(colour: str) -> None:
    figure = anatomy.new_figure("")
    anatomy.band(figure, [1, 2], [1, 2], [3, 4], colour)
    assert figure.data[0].fillcolor == theme.tint(colour, theme.OUTER_TINT)
    assert list(figure.data[0].y) == [3, 4, 2, 1]
