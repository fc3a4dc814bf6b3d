"""What is read of a table: figures as published, symbols apart, codes bare, editions apart."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from models.errors import UitstroomError
from pipelines.paths import DataRoot
from pipelines.sources.cbs import AnswerRefusedError, Table, load_tables, stock_and_flow
from pipelines.sources.cbs.declarations import Dimension
from pipelines.sources.cbs.odata3 import FEED, Odata3
from pipelines.sources.cbs.pages import PageFolder, download_pages
from pipelines.sources.cbs.schema import Topic, find_measures, make_wanted
from pipelines.sources.open_data import load_open_sources
from tests.pipelines.sources.cbs.bench import (
    SECOND_DAY,
    SOURCE,
    declared,
    fetch,
    make_client,
    make_root,
)
from tests.pipelines.sources.cbs.server import Answer, Content, Service

pytestmark = pytest.mark.unit

BERGEN_SHELTER = ("GM0373", "stay_and_shelter")


def rows(root: DataRoot, file: str = "figures.csv", source: str = SOURCE) -> list[dict[str, str]]:
    """Read a stored file."""
    text = (root.open_data / source / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def cell(root: DataRoot, region: str, category: str, period: str, measure: str) -> dict[str, str]:
    """Give the one row of a figure."""
    wanted = (region, category, period, measure)
    names = ("region_code", "category", "period", "measure")
    (found,) = [row for row in rows(root) if tuple(row[name] for name in names) == wanted]
    return found


@pytest.fixture(params=["v4", "v3"])
def root(request: pytest.FixtureRequest, tmp_path: Path, service: Service) -> DataRoot:
    """Give a root with the table, read over one version of the service."""
    if request.param == "v3":
        service.script.fault = lambda version, path, nth: (
            Answer(b"gone", 410) if version == "v4" else None
        )
    made = make_root(tmp_path)
    assert fetch(made, service).error is None
    return made


def test_symbols_stay_four_different_things_and_none_is_zero(root: DataRoot) -> None:
    expected = {
        ("2023JJ00", "stock"): ("", "unknown"),
        ("2023JJ00", "inflow"): ("", "secret"),
        ("2024JJ00", "stock"): ("", "nil"),
        ("2025JJ00", "stock"): ("0", "given"),
        ("2025JJ00", "inflow"): ("0.5", "given"),
    }
    for (period, measure), facts in expected.items():
        found = cell(root, *BERGEN_SHELTER, period, measure)
        assert (found["value"], found["value_status"]) == facts
    with pytest.raises(ValueError, match="not enough values"):
        cell(root, *BERGEN_SHELTER, "2024JJ00", "inflow")  # a blank cannot exist: no row


def test_codes_are_bare_and_names_are_those_of_cbs(root: DataRoot) -> None:
    found = {(row["region_code"], row["region_name"]) for row in rows(root)}
    assert found == {("NL01", "Nederland"), ("GM0361", "Alkmaar"), ("GM0373", "Bergen (NH.)")}


def test_every_period_keeps_its_status(root: DataRoot) -> None:
    assert {(row["period"], row["period_status"]) for row in rows(root)} == {
        ("2023JJ00", "final"),
        ("2024JJ00", "further_provisional"),
        ("2025JJ00", "provisional"),
    }


def test_only_what_is_wanted_is_stored_once_each_and_in_order(root: DataRoot) -> None:
    found = [
        (row["region_code"], row["period"], row["category"], row["measure"]) for row in rows(root)
    ]
    assert len(set(found)) == len(found) == 3 * 2 * 3 * 2 - 1
    assert found == sorted(found)
    assert {row["measure"] for row in rows(root)} == {"stock", "inflow"}


def test_the_declaration_names_edition_day_and_provisional_periods(root: DataRoot) -> None:
    (source,) = load_open_sources(root.open_data)
    assert "tabel 99001NED, uitgave van 2026-03-01" in source.vintage
    assert "voorlopig: 2025; nader voorlopig: 2024" in source.vintage
    assert source.accessed.isoformat() == "2026-11-01"
    (edition,) = rows(root, "edition.csv")
    assert edition["edition"] == "2026-03-01T02:00:00"
    assert edition["retrieved_on"] == "2026-11-01"


def test_a_period_without_a_status_says_so_and_is_not_called_final(
    tmp_path: Path, service: Service
) -> None:
    """The regional core figures (70072ned) state none: it differs by measure."""
    service.script.edit = lambda version, path, page: (
        {"value": [{**row, "Status": None} for row in page["value"]]}
        if path == "PeriodenCodes"
        else page
    )
    root = make_root(tmp_path)
    assert fetch(root, service).error is None
    assert {row["period_status"] for row in rows(root)} == {"not_stated"}
    (source,) = load_open_sources(root.open_data)
    assert "oorlopig" not in source.vintage


def test_positions_of_the_third_version_may_change_with_every_edition(
    tmp_path: Path, service: Service
) -> None:
    plain = Content()
    moved = tuple((*measure[:3], f"{measure[1]}_{place}") for measure, place in
                  zip(plain.measures, (42, 43), strict=True))  # fmt: skip
    service.script.content = replace(plain, measures=moved)
    service.script.fault = lambda version, path, nth: (
        Answer(b"gone", 404) if version == "v4" else None
    )
    root = make_root(tmp_path)
    assert fetch(root, service).error is None
    assert cell(root, "GM0361", "all", "2023JJ00", "stock")["value"] == "400"


def test_an_edition_shows_what_it_changed_and_the_one_before_is_kept(
    tmp_path: Path, service: Service
) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    before = (root.open_data / SOURCE / "figures.csv").read_bytes()
    content = Content(modified="2026-11-20T02:00:00")
    content.periods["2024JJ00"] = "Definitief"
    content.figures["GM0361", "A019508", "2025JJ00"] = (255.0, 50.5)
    content.figures["GM0373", "A019508", "2023JJ00"] = (110.0, "x")
    service.script.content = content
    found = fetch(root, service, SECOND_DAY)
    assert "2 revised, 11 with another status, 0 withdrawn, 0 new" in found.sentence
    changed = [row for row in rows(root, "revisions.csv") if row["change"] == "revised"]
    assert [
        (row["region_code"], row["value_before"], row["value_status_before"], row["value"])
        for row in changed
    ] == [("GM0361", "202", "given", "255"), ("GM0373", "", "unknown", "110")]
    (source,) = load_open_sources(root.open_data)
    assert "2 herzien, 11 met andere status, 0 vervallen, 0 nieuw" in source.vintage
    (kept,) = (root.open_data / ".editions" / SOURCE).iterdir()
    assert (kept / "figures.csv").read_bytes() == before


def test_an_edition_that_is_stored_already_is_not_fetched_again(
    tmp_path: Path, service: Service
) -> None:
    root = make_root(tmp_path)
    fetch(root, service)
    (before,) = load_open_sources(root.open_data)
    service.script.asked.clear()
    assert "nothing new" in fetch(root, service, SECOND_DAY).sentence
    assert service.script.asked == ["v4 Properties"]
    (source,) = load_open_sources(root.open_data)
    assert source.accessed == SECOND_DAY
    assert source.sha256 == before.sha256  # the same edition of the source ...
    assert source.state_sha256 != before.state_sha256  # ... but another input of a run
    other = declared(period_kinds=["JJ", "HJ"])
    fetch(root, service, SECOND_DAY, table=other)
    assert "v4 Observations" in service.script.asked  # another question is asked


def test_periods_of_another_length_are_left_out_unless_they_are_wanted(
    tmp_path: Path, service: Service
) -> None:
    content = Content()
    content.periods["2025HJ01"] = "Voorlopig"
    content.figures["GM0361", "T001024", "2025HJ01"] = (7.0, 7.0)
    service.script.content = content
    root = make_root(tmp_path)
    fetch(root, service)
    assert "2025HJ01" not in {row["period"] for row in rows(root)}
    fetch(root, service, table=declared(period_kinds=["JJ", "HJ"]))
    assert cell(root, "GM0361", "all", "2025HJ01", "stock")["value"] == "7"
    (source,) = load_open_sources(root.open_data)
    assert "voorlopig: 2025, 2025 1e halfjaar" in source.vintage


def test_pages_without_end_are_refused(tmp_path: Path, service: Service) -> None:
    folder = PageFolder(tmp_path / "pages")
    url = f"{service.hosts.v4}/99001NED/Observations?$filter=(Measure%20eq%20'M000001')"
    with pytest.raises(AnswerRefusedError, match="no end to the pages"):
        download_pages(make_client(pages=2), url, folder)


def test_a_measure_is_told_from_its_namesake_by_its_group() -> None:
    table = load_tables()["cbs_municipalities_2026"]
    topics = [
        Topic("Code_1", "Code", "", "Landsdelen"),
        Topic("Naam_2", "Naam", "", "Landsdelen"),
        Topic("Code_28", "Code", "", "Provincies"),
        Topic("Naam_29", "Naam", "", "Provincies"),
    ]
    found = {key: measure.name for key, measure in find_measures(table, topics).items()}
    assert found == {"Code_28": "province_code", "Naam_29": "province_name"}
    with pytest.raises(UitstroomError, match="there 0 times") as refused:
        find_measures(table, topics[:2])
    assert refused.value.exit_code == 3
    with pytest.raises(AnswerRefusedError, match="there 2 times"):
        find_measures(table, [*topics, topics[2]])


def test_text_and_tables_without_region_or_period_are_read_from_padded_rows(
    tmp_path: Path,
) -> None:
    table = load_tables()["cbs_municipalities_2026"]
    topics = [
        Topic("Code_28", "Code", "", "Provincies"),
        Topic("Naam_29", "Naam", "", "Provincies"),
    ]
    lists = {"RegioS": [{"Key": "GM0392    ", "Title": "Haarlem"}]}
    wanted = make_wanted(table, find_measures(table, topics), lists, key="Key")
    pages = PageFolder(tmp_path / "pages")
    row = {"ID": 0, "RegioS": "GM0392    ", "Code_28": "PV27  ", "Naam_29": "Noord-Holland   "}
    pages.put(1, json.dumps({"value": [row]}).encode())
    cells = list(Odata3(make_client(), FEED, table).cells(wanted, pages))
    assert [(item.measure.name, item.value) for item in cells] == [
        ("province_code", "PV27"),
        ("province_name", "Noord-Holland"),
    ]
    assert [dict(item.keys) for item in cells] == [{"RegioS": "GM0392"}] * 2
    assert dict(wanted.period_status) == {"2026JJ00": "final"}


def test_codes_are_asked_for_as_the_service_writes_them() -> None:
    table = declared()
    lists = {
        "TypeMaatwerkvoorziening": [
            {"Key": "T001024   ", "Title": "Totaal"},
            {"Key": "A019508   ", "Title": "Verblijf en opvang "},
        ],
        "RegioS": [{"Key": "NL01  ", "Title": "Nederland"}],
        "Perioden": [{"Key": "2024JJ00", "Status": "Voorlopig"}],
    }
    wanted = make_wanted(table, {}, lists, key="Key")
    assert wanted.asked["TypeMaatwerkvoorziening"] == ("A019508   ", "T001024   ")
    assert wanted.categories["TypeMaatwerkvoorziening"]["A019508"] == "stay_and_shelter"
    assert wanted.region_names == {"NL01": "Nederland"}


def test_stock_of_one_edition_is_never_set_beside_flows_of_another() -> None:
    """Alkmaar 2020 was published twice: 550/240/565 and 450/220/345."""
    published = {"A": (550, 240, 565), "B": (450, 220, 345)}
    frames = [
        pl.DataFrame(
            {
                "table_id": "83268NED",
                "edition": edition,
                "region_code": "GM0361",
                "period": "2020JJ00",
                "category": "stay_and_shelter",
                "measure": ["stock", "inflow", "outflow"],
                "value": [str(value) for value in values],
                "value_status": "given",
            }
        )
        for edition, values in published.items()
    ]
    joined = stock_and_flow(frames)
    assert {
        row["edition"]: (row["stock"], row["inflow"], row["outflow"])
        for row in joined.iter_rows(named=True)
    } == published
    without = [frames[0].filter(pl.col("measure") == "stock"), frames[1].slice(1)]
    assert stock_and_flow(without).select("stock", "inflow").rows() == [
        (550.0, None),
        (None, 220.0),
    ]


def test_every_shipped_declaration_says_what_it_rests_on() -> None:
    tables = load_tables()
    assert {table.table for table in tables.values()} >= {
        "71486ned", "82900NED", "86286NED", "86051NED", "85044NED", "83268NED", "80799ned",
        "70072ned", "86247NED",
    }  # fmt: skip
    for table in tables.values():
        assert "live service" in table.basis
        assert table.until_fetched
    successors = {table.table: table.successor for table in tables.values() if table.successor}
    predecessors = {
        table.predecessor: table.table for table in tables.values() if table.predecessor
    }
    assert {new: old for old, new in successors.items()} == {
        new: old for old, new in predecessors.items()
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"measures": []}, "at least 1 item"),
        ({"table": "99001"}, "match pattern"),
        ({"period_dimension": ""}, "give either"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_declaration_with_a_fault_is_refused(
    changes: dict[str, object], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=expected):
        declared(**changes)
    (tmp_path / "x.toml").write_text('id = "y"', encoding="utf-8")
    with pytest.raises(UitstroomError, match=r"x\.toml"):
        load_tables(tmp_path)


def test_only_one_dimension_may_make_categories() -> None:
    two = Dimension.model_validate({"name": "A", "codes": [{"code": "1"}, {"code": "2"}]})
    with pytest.raises(ValueError, match="at most one dimension"):
        Table.model_validate({**declared().model_dump(), "dimensions": (two, two)})


def test_a_run_gets_the_given_figures_of_municipalities_and_whole_years(
    tmp_path: Path, service: Service
) -> None:
    content = Content()
    content.periods["2025HJ01"] = "Voorlopig"
    content.figures["GM0361", "T001024", "2025HJ01"] = (7.0, 7.0)
    service.script.content = content
    plain = declared(period_kinds=["JJ", "HJ"]).model_dump()
    plain["measures"][0]["fact"] = "wmo_stock"
    plain["dimensions"][0]["codes"] = plain["dimensions"][0]["codes"][1:]
    root = make_root(tmp_path)
    assert fetch(root, service, table=Table.model_validate(plain)).error is None
    assert [tuple(row.values()) for row in rows(root, "municipal_figures.csv")] == [
        ("GM0361", "Alkmaar", "2023", "wmo_stock", "200", "given"),
        ("GM0361", "Alkmaar", "2024", "wmo_stock", "201", "given"),
        ("GM0361", "Alkmaar", "2025", "wmo_stock", "202", "given"),
        ("GM0373", "Bergen (NH.)", "2025", "wmo_stock", "0", "given"),
    ]


def test_what_a_broken_fetch_left_is_no_part_of_the_next_one(
    tmp_path: Path, service: Service
) -> None:
    root = make_root(tmp_path)
    left = root.open_data / ".fetch" / SOURCE / "new" / SOURCE
    left.mkdir(parents=True)
    (left / "half.csv").write_text("a,b\n1", encoding="utf-8")
    assert fetch(root, service).error is None
    assert not (root.open_data / SOURCE / "half.csv").exists()
