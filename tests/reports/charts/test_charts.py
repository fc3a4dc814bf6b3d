"""Charts as pictures of their tables: what is drawn is what stands in the table."""

import math
from pathlib import Path

import pytest

from reports.blocks import Chart
from reports.charts.rows import axis_start
from reports.document import read_document
from reports.labels import Labels

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def charts(release_folder: Path) -> list[Chart]:
    return list(read_document(release_folder).charts)


def test_every_number_that_a_pointer_can_read_stands_in_the_table(charts: list[Chart]) -> None:
    for chart in charts:
        known = {
            round(float(value), 6)
            for row in chart.picture.table.frame.iter_rows()
            for value in row
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        for panel in chart.picture.panels:
            for trace in panel.figure.data:
                if chart.chart_id in {"drivers", "places"} or trace.hovertext is None:
                    continue
                along = trace.x if trace.orientation == "h" or _is_row(panel) else trace.y
                for value, said in zip(along, trace.hovertext, strict=True):
                    assert not said or round(float(value), 6) in known | {0.0}, chart.chart_id


def _is_row(panel: object) -> bool:
    return bool(panel.narrow.get("yaxis.showticklabels") is False)  # type: ignore[attr-defined]


def test_all_that_is_drawn_is_finite_and_inside_its_axis(charts: list[Chart]) -> None:
    for chart in charts:
        for panel in chart.picture.panels:
            top = max(panel.figure.layout.yaxis.range)
            for trace in panel.figure.data:
                values = [float(value) for value in [*trace.x, *trace.y]]
                assert all(math.isfinite(value) for value in values), chart.chart_id
                assert max(float(value) for value in trace.y) <= top, chart.chart_id


def test_value_axes_start_at_zero(charts: list[Chart]) -> None:
    for chart in charts:
        for panel in chart.picture.panels:
            layout = panel.figure.layout
            if layout.xaxis.visible is False and layout.yaxis.visible is False:
                continue  # a map has no values on its axes
            low = layout.xaxis.range[0] if _is_row(panel) else layout.yaxis.range[0]
            # Spans count by their ends: they may begin elsewhere, and then say so.
            is_told = chart.chart_id == "sensitivity" and "niet bij nul" in chart.subtitle
            assert low <= 0 or is_told, chart.chart_id


@pytest.mark.parametrize(
    ("ends", "start"),
    [([10.0, 40.0], 0.0), ([1100.0, 1300.0], 1070.0), ([-50.0, 20.0], -50.0), ([7.0, 7.0], 0.0)],
)
def test_spans_begin_at_zero_unless_they_lie_further_from_it_than_they_are_wide(
    ends: list[float], start: float
) -> None:
    assert axis_start(ends) == pytest.approx(start)


def test_titles_and_alternatives_are_whole_sentences_without_gaps(charts: list[Chart]) -> None:
    assert len({chart.chart_id for chart in charts}) == len(charts)
    for chart in charts:
        assert chart.title[0].isupper() or chart.title[0].isdigit()
        assert not chart.title.endswith(".")
        assert chart.title in chart.alternative
        assert "{" not in chart.title + chart.subtitle + chart.alternative


def test_every_chart_has_a_narrow_form_or_is_small(charts: list[Chart], words: Labels) -> None:
    for chart in charts:
        for panel in chart.picture.panels:
            assert panel.narrow or panel.narrow_height or len(chart.picture.panels) > 1, (
                chart.chart_id
            )
            assert panel.label or len(chart.picture.panels) == 1
