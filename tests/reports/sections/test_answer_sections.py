"""Sections of the full model's answers: titles hold against tables, and tables are the marts.

Every title is held against the table of its own chart by a check that shares no code with the
section; a planted false title must fail it.
"""

import dataclasses
import math
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from reports.blocks import Chart, Section
from reports.document import read_document
from reports.labels import Labels
from tests.reports import invented_release
from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

KEYS = ("mean", "p10", "p90")
Holds = Callable[[Chart], bool]


@pytest.fixture(scope="module")
def sections(release_folder: Path) -> dict[str, Section]:
    made = read_document(release_folder).sections
    return {section.section_id: section for section in made}


@pytest.fixture(scope="module")
def charts(sections: dict[str, Section]) -> dict[str, Chart]:
    return {chart.chart_id: chart for part in sections.values() for chart in part.charts}


def frame_of(chart: Chart) -> pl.DataFrame:
    return chart.picture.table.frame


def number(text: str) -> float:
    return float(text.replace(".", "").replace(",", ".").replace("\N{MINUS SIGN}", "-"))


def largest(rows: pl.DataFrame) -> dict[str, float]:
    return rows.sort(pl.col("mean").abs()).row(-1, named=True)


def names_the_largest_part(chart: Chart) -> bool:
    """The name and the signed number of the largest part stand in the title, doubt with zero."""
    rows = frame_of(chart)
    part = largest(rows.slice(1, rows.height - 2).filter(~pl.col("name").str.contains("Samenloop")))
    said = re.findall(r"\(([+\N{MINUS SIGN}][\d.]+) woningen", chart.title)
    width = max(1.0, (part["p90"] - part["p10"]) / 50)
    is_doubted = "sluit nul niet uit" in chart.subtitle
    return (
        str(part["name"]).lower() in chart.title.lower()
        and len(said) == 1
        and abs(number(said[0]) - part["mean"]) <= width
        and is_doubted == (part["p10"] <= 0 <= part["p90"])
    )


def counts_the_outcomes_inside(chart: Chart) -> bool:
    rows = frame_of(chart).filter(
        (pl.col("months_covered") == 12) & pl.col("observed").is_not_null()
    )
    inside = rows.filter(pl.col("observed").is_between(pl.col("p10"), pl.col("p90"))).height
    return f"in {inside} van de {rows.height} metingen" in chart.title


def bounds_the_distance(chart: Chart) -> bool:
    rows = frame_of(chart).drop_nulls("kaplan_meier")
    gap = 100 * (rows["fitted"] - rows["kaplan_meier"]).abs().max()
    said = re.search(r"nergens meer dan (\d+) procentpunt", chart.title)
    return said is not None and int(said[1]) == math.ceil(round(gap, 6))


def names_the_largest_difference(chart: Chart) -> bool:
    part = largest(frame_of(chart))
    return f"maakt {part['label']}" in chart.title and (("+" in chart.title) == (part["mean"] > 0))


def counts_homes_of_leavers(chart: Chart) -> bool:
    rows = frame_of(chart)
    year = int(re.search(r"in (\d{4}) vertrekt", chart.title)[1])  # type: ignore[index]
    now = rows.filter(pl.col("year") == year)
    home = now.filter(pl.col("destination") == "own_home")["mean"].sum()
    is_most = now["mean"].max() == home
    share = round(100 * home / now["mean"].sum())
    return (
        f"gemiddeld {share}% naar" in chart.title
        and f"gaan er {round(home)} naar" in chart.subtitle
        and ("dat is de grootste groep" in chart.subtitle) == is_most
    )


def names_the_busiest_table(chart: Chart) -> bool:
    rows = frame_of(chart)
    now = rows.filter(pl.col("year") == rows["year"].min())
    return chart.title.startswith(str(largest(now)["assessment_table"]))


def says_whether_supply_changes(chart: Chart) -> bool:
    rows = frame_of(chart).filter(pl.col("measure") == "suitable_relets").sort("year")
    past = rows.filter(~pl.col("is_forecast")).row(-1, named=True)
    last = rows.filter(pl.col("is_forecast")).row(-1, named=True)
    verdict = (
        "een stijging van"
        if last["lo80"] > past["mean"]
        else "een daling van"
        if last["hi80"] < past["mean"]
        else "staat niet vast"
    )
    return verdict in chart.title


TITLES: dict[str, tuple[Holds, tuple[str, str]]] = {
    "bridge": (names_the_largest_part, ("van toen naar nu", "wachtlijst bij de start")),
    "definitions": (names_the_largest_part, ("+610", "+160")),
    "drivers": (names_the_largest_part, ("(+", "(\N{MINUS SIGN}")),
    "hindcast": (counts_the_outcomes_inside, ("in 24", "in 23")),
    "stays": (bounds_the_distance, ("meer dan ", "meer dan 1")),
    "scenario-differences": (names_the_largest_difference, ("+", "\N{MINUS SIGN}")),
    "destinations": (counts_homes_of_leavers, ("dat is de grootste groep", "niet de grootste")),
    "assessments": (names_the_busiest_table, ("Duinstad", "Haven & Polder")),
    "supply": (says_whether_supply_changes, ("staat niet vast", "staat vast")),
}


@pytest.mark.parametrize("name", sorted(TITLES))
def test_a_title_holds_against_the_table_of_its_chart(charts: dict[str, Chart], name: str) -> None:
    holds, _ = TITLES[name]
    assert holds(charts[name]), charts[name].title


@pytest.mark.parametrize("name", sorted(TITLES))
def test_a_planted_false_title_is_caught(charts: dict[str, Chart], name: str) -> None:
    holds, (said, planted) = TITLES[name]
    chart = charts[name]
    assert said in f"{chart.title} {chart.subtitle}"
    wrong = dataclasses.replace(
        chart,
        title=chart.title.replace(said, planted, 1),
        subtitle=chart.subtitle.replace(said, planted, 1),
    )
    assert not holds(wrong), wrong.title


def same(table: pl.DataFrame, mart: pl.DataFrame, columns: tuple[str, ...]) -> bool:
    """Whether two frames hold the same rows in these columns, in any order."""
    return sorted(table.select(columns).rows(), key=repr) == sorted(
        mart.select(columns).rows(), key=repr
    )


def test_tables_of_new_charts_are_their_marts(charts: dict[str, Chart], frames: Frames) -> None:
    bridge = frames["mart_demand__bridge"].filter(pl.col("is_headline_reading"))
    assert same(frame_of(charts["bridge"]), bridge, KEYS)
    definitions = frames["mart_demand__definition"]
    assert same(frame_of(charts["definitions"]), definitions, (*KEYS, "observed"))
    whole = ("as_of", "measure", "year", "months_covered", *KEYS, "observed")
    hindcast = frames["mart_forecast__hindcast"].cast({"measure": pl.String})
    assert same(frame_of(charts["hindcast"]).cast({"measure": pl.String}), hindcast, whole)
    headline = frames["mart_demand__scenario_difference"].filter(
        pl.col("measure") == "extra_current_lettings"
    )
    assert same(frame_of(charts["scenario-differences"]), headline, (*KEYS, "share_above"))
    load = frames["mart_application__yearly_table"].filter(pl.col("months_covered") == 12)
    assert same(frame_of(charts["assessments"]), load, ("year", "assessment_table", *KEYS))
    supply = frames["mart_supply__yearly_municipality"].filter(
        (pl.col("municipality_code") == "all") & (pl.col("association") == "all")
    )
    assert same(frame_of(charts["supply"]), supply, ("year", "mean", "lo80", "hi80"))
    leavers = frames["mart_stay__yearly_destination"].filter(
        (pl.col("target_group") == "all") & (pl.col("months_covered") == 12)
    )
    assert same(frame_of(charts["destinations"]), leavers, ("year", *KEYS))


def test_survival_shows_its_mart_and_leaves_the_step_out_where_too_few_are_in_sight(
    charts: dict[str, Chart], frames: Frames
) -> None:
    chart, mart = charts["stays"], frames["mart_stay__survival"]
    shown = frame_of(chart).drop("name")
    assert shown.join(mart, on=shown.columns, how="anti", nulls_equal=True).is_empty()
    left_out = mart.join(shown, on=["target_group", "complexity", "month"], how="anti")
    assert left_out["kaplan_meier"].null_count() == left_out.height
    seen = mart.drop_nulls("kaplan_meier").group_by("target_group", "complexity").len()
    drawn = [
        len(trace.x)
        for panel in chart.picture.panels
        for trace in panel.figure.data
        if trace.line.shape == "hv"
    ]
    assert sorted(drawn) == sorted(seen["len"].to_list())
    assert all(panel.figure.data for panel in chart.picture.panels)


def test_waterfalls_end_where_their_parts_add_up(charts: dict[str, Chart]) -> None:
    for name in ("drivers", "bridge", "definitions"):
        bars = charts[name].picture.panels[0].figure.data
        ends = [bar.base[0] + bar.x[0] for bar in bars]
        assert ends[-2] == pytest.approx(ends[-1], abs=1.5), name
        assert bars[0].base[0] == bars[-1].base[0] == 0


def test_every_range_of_a_hindcast_stands_in_its_table(charts: dict[str, Chart]) -> None:
    rows = frame_of(charts["hindcast"])
    ranges = {(row["p10"], row["p90"]) for row in rows.iter_rows(named=True)}
    count = 0
    for panel in charts["hindcast"].picture.panels:
        for trace in panel.figure.data:
            if trace.type == "bar":
                drawn = zip(trace.base, trace.y, strict=True)
                assert all((low, low + height) in ranges for low, height in drawn)
                count += len(trace.y)
    known = rows.filter((pl.col("months_covered") == 12) & pl.col("observed").is_not_null())
    assert count == known.height > 0


def test_the_joint_chance_never_stands_under_a_year(
    sections: dict[str, Section], words: Labels
) -> None:
    section = sections["promise"]
    yearly = section.charts[0].picture.table
    assert not any("joint" in column.key for column in yearly.columns)
    joint = [text for text in section.paragraphs if "alle" in text and "samen" in text]
    assert len(joint) == 2
    assert all("over de jaren samen" in text for text in joint)
    (search, *_) = section.tables
    heads = {column.key: column.head for column in search.table.columns}
    assert heads["joint_probability"] == "Kans op alle getelde jaren samen"
    assert heads["lowest_probability"] == words.text("column.lowest_certainty")


def test_no_mart_of_the_answers_is_needed_and_each_missing_one_is_left_out_by_name(
    reader: Reader, frames: Frames
) -> None:
    for section_id, names in {
        "bridge": ("mart_demand__bridge", "mart_demand__inverse"),
        "definitions": ("mart_demand__definition",),
        "scores": ("mart_forecast__scorecard", "mart_forecast__hindcast"),
        "stays": ("mart_stay__survival", "mart_estimate__parameter"),
        "supply": ("mart_supply__yearly_municipality", "mart_forecast__households"),
        "checks": ("mart_demand__cross_check",),
        "routes": (
            "mart_stay__yearly_destination",
            "mart_demand__yearly_product",
            "mart_project__yearly_region",
            "mart_application__yearly_table",
        ),
    }.items():
        less = {name: frame.clear() if name in names else frame for name, frame in frames.items()}
        section = reader.section(section_id, less)
        assert section.is_missing, section_id
        assert section.heading


def test_one_row_of_an_answer_is_enough(reader: Reader, frames: Frames) -> None:
    frames["mart_forecast__hindcast"] = frames["mart_forecast__hindcast"].filter(
        (pl.col("measure") == "let") & (pl.col("year") == 2023) & (pl.col("as_of") == "2021-12")
    )
    frames["mart_stay__survival"] = frames["mart_stay__survival"].filter(
        (pl.col("target_group") == "shelter") & (pl.col("month") == 3)
    )
    frames["mart_application__yearly_table"] = frames["mart_application__yearly_table"].filter(
        (pl.col("year") == 2027) & (pl.col("assessment_table") == "Duinstad")
    )
    assert "de enige meting" in reader.section("scores", frames).finding
    assert "procentpunt" in reader.section("stays", frames).finding
    load = reader.section("routes", frames).charts[1]
    assert load.title == "Duinstad beoordeelt in 2027 gemiddeld 120 aanvragen"


def test_a_region_that_tells_no_assessment_table_gets_a_sentence_and_no_chart(
    reader: Reader, frames: Frames
) -> None:
    name = "mart_application__yearly_table"
    frames[name] = frames[name].filter(pl.col("assessment_table") == "Duinstad")
    frames[name] = frames[name].with_columns(assessment_table=pl.lit("onbekend"))
    section = reader.section("routes", frames)

    assert "assessments" not in {chart.chart_id for chart in section.charts}
    assert any("120" in text and "niet geleverd" in text for text in section.paragraphs)
    assert not any("onbekend beoordeelt" in text for text in (section.finding, *section.paragraphs))


def test_differences_of_a_scenario_stand_beside_the_default(reader: Reader, frames: Frames) -> None:
    section = reader.section("scenarios", frames)
    _, apart = section.charts
    assert apart.title == "Het meeste verschil maakt Sneller sluiten: +116 woningen"
    assert apart.subtitle.startswith("Dit scenario komt in 9 van de 10 doorrekeningen hoger uit. ")
    assert "met het scenario Basis" in apart.subtitle
    table = section.tables[1].table.frame
    said = dict(table.select("measure", "often").iter_rows())
    assert said["Wachtlijst voor een woning aan het einde"] == "in alle doorrekeningen"
    assert said["Woningen verhuurd, onder het maximum"] == "in geen enkele doorrekening"
    assert table.height == frames["mart_demand__scenario_difference"].height


def test_the_page_keeps_its_order(sections: dict[str, Section]) -> None:
    order = ["demand", "drivers", "waiting", "promise", "places", "quota", "scenarios", "scores"]
    order += ["published", "bridge", "definitions", "stays", "routes", "supply", "checks"]
    places = [list(sections).index(name) for name in order]
    assert places == sorted(places)


def test_a_region_without_a_promise_searches_for_nothing(reader: Reader, frames: Frames) -> None:
    invented_release.without_agreements(frames)
    section = reader.section("promise", frames)
    assert not section.tables
    assert not section.paragraphs
