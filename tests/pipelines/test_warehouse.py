"""The engine: the laws of a core SQL file, each kept and broken, and the swap of the warehouse."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.tables import MARTS
from pipelines.faults import VARIABLE
from pipelines.warehouse import build_warehouse, open_warehouse, run_core

ROOT = Path(__file__).parents[2]

STAYS = pl.DataFrame(
    {
        "stay_id": ["s1", "s2", "s3"],
        "client_id": ["c1", "c2", "c3"],
        "place": ["north", "south", "north"],
        "started_on": [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
        "beds": [1, 2, 3],
    }
)
HOMES = pl.DataFrame({"home_id": ["h1", "h2"], "client_id": ["c1", "c1"]})
PLACES = pl.DataFrame({"place": ["north", "south"], "code": ["GM0001", "GM0002"]})

HEADER = {
    "about": "a row",
    "reads": "raw_stays",
    "key": "stay_id",
    "rows": "= raw_stays",
}
COPY = "SELECT * FROM raw_stays ORDER BY stay_id"


def write_file(folder: Path, table: str, query: str, /, **lines: str | list[str]) -> Path:
    """Write a SQL file with a header; a line given as a list is repeated."""
    header: list[str] = []
    for word, text in {"table": table, **HEADER, **lines}.items():
        texts = text if isinstance(text, list) else [text]
        header += [f"-- {word}: {one}" for one in texts]
    path = folder / f"{table}.sql"
    path.write_text("\n".join([*header, "", query, ""]), encoding="utf-8")
    return path


def run(
    folder: Path, /, parameters: dict[str, object] | None = None, **inputs: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Run a folder of SQL files on the small tables of this module, or on others."""
    tables = {"raw_stays": STAYS, "raw_homes": HOMES, "raw_places": PLACES, **inputs}
    return run_core(folder, tables, parameters=parameters or {})


# --- running -------------------------------------------------------------------------------------


@pytest.mark.unit
def test_files_run_after_the_tables_that_they_read_whatever_their_names(tmp_path: Path) -> None:
    write_file(
        tmp_path, "core_a", "SELECT * FROM core_b ORDER BY stay_id", reads="core_b", rows="= core_b"
    )
    write_file(tmp_path, "core_b", COPY)
    tables = run(tmp_path)
    assert list(tables) == ["core_b", "core_a"]
    assert tables["core_a"].equals(STAYS)


@pytest.mark.unit
def test_parameters_are_bound_and_never_become_sql(tmp_path: Path) -> None:
    query = "SELECT * FROM raw_stays WHERE place = $place ORDER BY stay_id"
    write_file(tmp_path, "core_a", query, rows="<= raw_stays")
    assert run(tmp_path, {"place": "north", "unused": 1})["core_a"]["stay_id"].to_list() == [
        "s1",
        "s3",
    ]
    assert run(tmp_path, {"place": "north' OR 'a' = 'a"})["core_a"].is_empty()


@pytest.mark.unit
def test_an_empty_result_keeps_its_columns_and_types(tmp_path: Path) -> None:
    query = "SELECT * FROM raw_stays WHERE false ORDER BY stay_id"
    write_file(tmp_path, "core_a", query, rows="<= raw_stays")
    assert run(tmp_path)["core_a"].schema == STAYS.schema


@pytest.mark.unit
@pytest.mark.parametrize(
    ("query", "lines", "part"),
    [
        (COPY, {"reads": "raw_stays, raw_homes"}, "reads other tables than the header says"),
        (COPY.replace("raw_stays", "raw_homes"), {}, "reads other tables"),
        (COPY, {"reads": "raw_stays, raw_nothing"}, "reads tables that nobody makes"),
        (COPY, {"table": "core_other"}, "the same name"),
        (COPY, {"key": ""}, "this line of the header is unknown"),
        (COPY, {"key": ["stay_id", "stay_id"]}, "needs one line 'key'"),
        (COPY, {"key": "stay_id; place"}, "no list of names"),
        (COPY, {"wish": "to be fast"}, "this line of the header is unknown"),
        (COPY, {"rows": "about raw_stays"}, "this law cannot be read"),
        (COPY, {"rows": "= count raw_stays"}, "this part of a law cannot be read"),
        (COPY, {"rows": "= raw_homes"}, "names tables that it does not read"),
        (COPY, {"cardinality": "raw_stays many raw_homes"}, "this cardinality cannot be read"),
        (COPY, {"requires": "raw_stays.place"}, "this requirement cannot be read"),
        (COPY, {"key": "stay_id, nothing"}, "must order by its key"),
        (COPY, {"total": "nothing = raw_stays"}, "lacks columns of its header"),
        (COPY, {"nullable": "place"}, "only columns of the key are nullable"),
        ("SELECT * FROM raw_stays", {}, "must order by its key"),
        (COPY.replace("stay_id", "place"), {}, "must order by its key"),
        (COPY.replace("ORDER", "WHERE place = $place ORDER"), {}, "unknown parameters"),
        ("CREATE TABLE x AS SELECT 1", {}, "a core file holds one query"),
        (f"{COPY}; {COPY}", {}, "a core file holds one query"),
        ("SELEC * FROM raw_stays", {}, "the engine cannot run the query"),
        (COPY.replace("*", "stay_id, nothing"), {}, "the engine cannot run the query"),
    ],
)
def test_a_file_that_does_not_do_what_its_header_says_is_not_run(
    tmp_path: Path, query: str, lines: dict[str, str | list[str]], part: str
) -> None:
    path = write_file(tmp_path, "core_a", query, **lines)
    with pytest.raises(UitstroomError, match=part) as caught:
        run(tmp_path)
    assert path.name in str(caught.value)
    assert not isinstance(caught.value, RefusedError)


@pytest.mark.unit
def test_tables_that_read_each_other_are_named(tmp_path: Path) -> None:
    for table, other in (("core_a", "core_b"), ("core_b", "core_a")):
        query = f"SELECT * FROM {other} ORDER BY stay_id"
        write_file(tmp_path, table, query, reads=other, rows=f"= {other}")
    with pytest.raises(UitstroomError, match=r"ring; found .*core_a.*core_b"):
        run(tmp_path)


@pytest.mark.unit
def test_a_query_reaches_the_given_tables_and_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("stay_id\ns9\n", encoding="utf-8")
    query = f"SELECT stay_id FROM read_csv('{secret}') UNION SELECT stay_id FROM raw_stays"
    write_file(tmp_path, "core_a", f"{query} ORDER BY stay_id", rows="<= raw_stays")
    with pytest.raises(UitstroomError, match="cannot run the query; found PermissionException"):
        run(tmp_path)


# --- joins and their cardinality -----------------------------------------------------------------

HOMES_OF_STAYS = """
SELECT home_id, stay_id
FROM raw_homes LEFT JOIN raw_stays USING (client_id)
ORDER BY home_id
"""
HOMES_LINES = {
    "reads": "raw_homes, raw_stays",
    "key": "home_id",
    "rows": "= raw_homes",
    "cardinality": "raw_homes n:1 raw_stays on client_id",
}


@pytest.mark.unit
def test_a_join_to_a_unique_key_keeps_its_rows(tmp_path: Path) -> None:
    write_file(tmp_path, "core_a", HOMES_OF_STAYS, **HOMES_LINES)
    assert run(tmp_path)["core_a"].rows() == [("h1", "s1"), ("h2", "s1")]


@pytest.mark.unit
def test_a_join_to_a_double_key_is_refused_before_it_is_made(tmp_path: Path) -> None:
    write_file(tmp_path, "core_a", HOMES_OF_STAYS, **HOMES_LINES, todo="End one of the stays.")
    twice = STAYS.with_columns(client_id=pl.lit("pseudonym-1"))
    with pytest.raises(RefusedError) as caught:
        run(tmp_path, raw_stays=twice)
    assert str(caught.value) == (
        "core_a: joining raw_homes to raw_stays on client_id would multiply rows; "
        "found 1 key on several rows of raw_stays; "
        "expected each once (raw_homes n:1 raw_stays). End one of the stays."
    )


@pytest.mark.unit
def test_a_double_key_without_rows_to_meet_is_refused_all_the_same(tmp_path: Path) -> None:
    write_file(tmp_path, "core_a", HOMES_OF_STAYS, **HOMES_LINES)
    unmet = STAYS.with_columns(client_id=pl.Series(["c1", "c9", "c9"]))
    with pytest.raises(RefusedError, match="would multiply rows"):
        run(tmp_path, raw_stays=unmet)


@pytest.mark.unit
def test_empty_join_keys_are_no_double_keys(tmp_path: Path) -> None:
    write_file(tmp_path, "core_a", HOMES_OF_STAYS, **HOMES_LINES)
    empty = STAYS.with_columns(client_id=pl.Series(["c1", None, None], dtype=pl.String))
    assert run(tmp_path, raw_stays=empty)["core_a"].height == 2


@pytest.mark.unit
@pytest.mark.parametrize(
    ("kind", "homes", "is_refused"),
    [
        ("n:1", ["c1", "c1"], False),
        ("1:1", ["c1", "c2"], False),
        ("1:1", ["c1", "c1"], True),
        ("1:n", ["c1", "c1"], True),
        ("1:n", ["c1", "c2"], False),
    ],
)
def test_each_kind_of_cardinality_asks_for_uniqueness_on_its_own_sides(
    tmp_path: Path, kind: str, homes: list[str], is_refused: bool
) -> None:
    lines = HOMES_LINES | {"cardinality": f"raw_homes {kind} raw_stays on client_id"}
    write_file(tmp_path, "core_a", HOMES_OF_STAYS, **lines)
    tables = {"raw_homes": HOMES.with_columns(client_id=pl.Series(homes))}
    if is_refused:
        with pytest.raises(RefusedError, match="joining raw_stays to raw_homes on client_id"):
            run(tmp_path, **tables)
    else:
        assert run(tmp_path, **tables)["core_a"].height == 2


@pytest.mark.unit
@pytest.mark.parametrize(
    ("join", "found"),
    [
        ("raw_homes, raw_stays", "cross raw_stays"),
        ("raw_homes CROSS JOIN raw_stays", "cross raw_stays"),
        ("raw_homes JOIN raw_stays ON true", "regular raw_stays"),
        ("raw_homes JOIN raw_stays ON raw_homes.client_id >= raw_stays.client_id", "regular raw"),
        ("raw_homes NATURAL JOIN raw_stays", "natural raw_stays"),
        ("raw_homes JOIN raw_stays USING (client_id) JOIN raw_stays AS s ON true", "regular raw"),
        ("raw_homes JOIN (SELECT * FROM raw_stays) AS s USING (client_id)", "a query"),
    ],
)
def test_a_cartesian_product_or_any_other_join_than_the_stated_one_is_not_run(
    tmp_path: Path, join: str, found: str
) -> None:
    query = f"SELECT home_id, count(*) AS n FROM {join} GROUP BY home_id ORDER BY home_id"
    write_file(tmp_path, "core_a", query, **HOMES_LINES)
    with pytest.raises(UitstroomError, match="joins otherwise than the header states") as caught:
        run(tmp_path)
    assert found in caught.value.found


@pytest.mark.unit
def test_a_stated_cross_join_multiplies_exactly_as_it_says(tmp_path: Path) -> None:
    query = "SELECT place, home_id FROM raw_places CROSS JOIN raw_homes ORDER BY place, home_id"
    lines = {
        "reads": "raw_places, raw_homes",
        "key": "place, home_id",
        "cardinality": "raw_places cross raw_homes",
    }
    write_file(tmp_path, "core_a", query, rows="= raw_places x raw_homes", **lines)
    assert run(tmp_path)["core_a"].height == 4
    write_file(tmp_path, "core_a", query, rows="= raw_places + raw_homes", **lines)
    assert run(tmp_path)["core_a"].height == 4
    write_file(tmp_path, "core_a", query, rows="= raw_places", **lines)
    with pytest.raises(RefusedError, match=r"number of rows; found 4; expected = raw_places \(2\)"):
        run(tmp_path)


# --- keys, rows, totals, required matches --------------------------------------------------------


@pytest.mark.unit
def test_a_double_key_is_refused_with_up_to_three_examples(tmp_path: Path) -> None:
    query = "SELECT place, beds FROM raw_stays ORDER BY place"
    write_file(tmp_path, "core_a", query, key="place")
    with pytest.raises(RefusedError) as caught:
        run(tmp_path)
    assert caught.value.found == "1 key on several rows, such as north"
    places = [f"place-{number}" for number in range(5)] * 2
    many = pl.DataFrame({"place": places, "beds": list(range(10))})
    with pytest.raises(RefusedError) as caught:
        run(tmp_path, raw_stays=many)
    assert caught.value.found == ("5 keys on several rows, such as place-0, place-1, place-2")
    assert caught.value.where == "core_a"
    assert caught.value.todo
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    query = "SELECT place, stay_id FROM raw_stays ORDER BY stay_id, place"
    write_file(tmp_path, "core_a", query, key="stay_id, place")
    assert run(tmp_path)["core_a"].height == 3
    holed = STAYS.with_columns(place=pl.Series(["north", None, None], dtype=pl.String))
    with pytest.raises(RefusedError, match="the key stay_id, place is not filled; found 2 rows"):
        run(tmp_path, raw_stays=holed)


@pytest.mark.unit
def test_an_empty_value_is_one_more_value_of_a_key_that_may_be_empty(tmp_path: Path) -> None:
    query = "SELECT place, stay_id FROM raw_stays ORDER BY stay_id, place"
    write_file(tmp_path, "core_a", query, key="stay_id, place", nullable="place")
    holed = STAYS.with_columns(place=pl.Series(["north", None, None], dtype=pl.String))
    assert run(tmp_path, raw_stays=holed)["core_a"].height == 3
    with pytest.raises(RefusedError, match="the key stay_id, place is not unique; found 1 key"):
        run(tmp_path, raw_stays=pl.concat([holed, holed.tail(1)]))
    unnamed = holed.with_columns(stay_id=pl.lit(None, dtype=STAYS.schema["stay_id"]))
    with pytest.raises(RefusedError, match="the key stay_id is not filled; found 3 rows"):
        run(tmp_path, raw_stays=unnamed)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("law", "is_kept"),
    [
        ("= raw_stays", False),
        ("<= raw_stays", True),
        ("= count of raw_stays.place", True),
        ("= count of raw_stays.place, beds", False),
        ("<= count of raw_stays.place, beds", True),
        ("= count of raw_stays.place x count of raw_stays.place", False),
    ],
)
def test_the_row_law_counts_rows_and_distinct_values(
    tmp_path: Path, law: str, is_kept: bool
) -> None:
    query = "SELECT DISTINCT place FROM raw_stays ORDER BY place"
    write_file(tmp_path, "core_a", query, key="place", rows=law)
    if is_kept:
        assert run(tmp_path)["core_a"].height == 2
    else:
        with pytest.raises(RefusedError, match="does not keep its stated number of rows; found 2"):
            run(tmp_path)


@pytest.mark.unit
def test_a_total_that_grows_inside_a_count_is_refused(tmp_path: Path) -> None:
    query = "SELECT place, {} AS persons FROM raw_stays GROUP BY place ORDER BY place"
    lines = {"key": "place", "rows": "<= raw_stays", "total": "persons = raw_stays"}
    write_file(tmp_path, "core_a", query.format("count(*)"), **lines)
    assert run(tmp_path)["core_a"].rows() == [("north", 2), ("south", 1)]
    write_file(tmp_path, "core_a", query.format("2 * count(*)"), **lines)
    with pytest.raises(RefusedError, match=r"persons in all; found 6; expected = raw_stays \(3\)"):
        run(tmp_path)


@pytest.mark.unit
def test_a_value_without_its_required_match_is_refused(tmp_path: Path) -> None:
    write_file(tmp_path, "core_a", COPY, requires="raw_stays.place in raw_places.place")
    assert run(tmp_path)["core_a"].height == 3
    empty = STAYS.with_columns(place=pl.lit(None, dtype=pl.String))
    assert run(tmp_path, raw_stays=empty)["core_a"].height == 3
    strays = STAYS.with_columns(place=pl.Series(["north", "west", "west"]))
    with pytest.raises(RefusedError) as caught:
        run(tmp_path, raw_stays=strays)
    assert str(caught.value).startswith(
        "core_a: raw_stays.place holds values that are not in raw_places.place; "
        "found 2 rows, such as west; expected every value in raw_places."
    )


@pytest.mark.unit
def test_no_message_shows_what_may_point_at_a_person(tmp_path: Path) -> None:
    persons = ["pseudonym-1", "pseudonym-1", "pseudonym-2"]
    table = STAYS.with_columns(client_id=pl.Series(persons), place=pl.lit("north"))
    faults: list[str] = []
    for lines in (
        {"key": "client_id"},
        {"key": "place, client_id"},
        {"requires": "raw_stays.client_id in raw_homes.client_id"},
    ):
        key = lines.get("key", "stay_id")
        write_file(tmp_path, "core_a", f"SELECT * FROM raw_stays ORDER BY {key}", **lines)
        with pytest.raises(RefusedError) as caught:
            run(tmp_path, raw_stays=table)
        faults.append(str(caught.value))
    assert not any("pseudonym" in fault for fault in faults)
    assert "such as north" in faults[1]


# --- the warehouse -------------------------------------------------------------------------------

LETTINGS = "mart_letting__yearly_municipality"
SOURCES = "mart_source"


def lettings(region: str, *codes: str, dwellings: int = 10) -> pl.DataFrame:
    """Make rows of a mart."""
    return pl.DataFrame(
        {
            "region_id": [region] * len(codes),
            "year": [2025] * len(codes),
            "municipality_code": list(codes),
            "ground": ["outflow"] * len(codes),
            "months_covered": [12] * len(codes),
            "dwellings": [dwellings] * len(codes),
        }
    )


def write_edition(root: Path, region: str, **tables: pl.DataFrame) -> Path:
    """Write an edition of a region."""
    folder = root / region
    folder.mkdir(exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def regions(tmp_path: Path) -> dict[str, Path]:
    """Two regions, the second with fewer tables and with one that is no mart."""
    source = pl.DataFrame(
        {
            "region_id": ["noord"],
            "source_id": ["huishoudens"],
            "title": ["Huishoudens"],
            "producer": ["CBS"],
            "licence": ["CC BY 4.0"],
            "vintage": ["2021"],
            "accessed": ["2026-11-01"],
            "sha256": ["0" * 64],
        }
    )
    return {
        "zuid": write_edition(
            tmp_path,
            "zuid",
            **{LETTINGS: lettings("zuid", "GM0002"), "core_stay__care": STAYS, "raw_stays": STAYS},
        ),
        "noord": write_edition(
            tmp_path,
            "noord",
            **{LETTINGS: lettings("noord", "GM0009", "GM0001"), SOURCES: source},
        ),
    }


@pytest.mark.integration
def test_the_warehouse_holds_the_marts_of_all_regions_in_order_of_their_keys(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    assert build_warehouse(regions, target) == {LETTINGS: 3, SOURCES: 1}
    with open_warehouse(target) as engine:
        tables = engine.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        rows = engine.execute(f"SELECT region_id, municipality_code FROM {LETTINGS}").fetchall()
    assert tables == [(LETTINGS,), (SOURCES,)]
    assert rows == [("noord", "GM0001"), ("noord", "GM0009"), ("zuid", "GM0002")]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "noord",
        "uitstroom.duckdb",
        "zuid",
    ]


@pytest.mark.integration
def test_every_table_and_column_carries_its_declared_description(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    with open_warehouse(target) as engine:
        tables = dict(engine.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        columns = engine.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert tables[SOURCES] == "Public statistics and their editions."
    declared = {
        (name, column, (kind.metadata or {})["description"])
        for name in (LETTINGS, SOURCES)
        for column, kind in MARTS[name].columns().items()
    }
    assert set(columns) == declared
    assert ("mart_source", "region_id", "region (its folder's name)") in declared


@pytest.mark.integration
def test_a_reader_keeps_the_old_file_during_the_swap_and_finds_the_new_one_after(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    script = (
        "import sys; from pathlib import Path; from pipelines.warehouse import open_warehouse\n"
        "def total():\n"
        f"    return engine.execute('SELECT sum(dwellings) FROM {LETTINGS}').fetchall()[0][0]\n"
        "for _ in range(2):\n"
        "    with open_warehouse(Path(sys.argv[1])) as engine:\n"
        "        for _ in range(2):\n"
        "            sys.stdout.write(f'{total()}\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        seen = [int(reader.stdout.readline())]
        write_edition(tmp_path, "zuid", **{LETTINGS: lettings("zuid", "GM0002", dwellings=70)})
        build_warehouse(regions, target)
        for _ in range(3):
            reader.stdin.write("\n")
            reader.stdin.flush()
            seen.append(int(reader.stdout.readline()))
        reader.stdin.write("\n")
        reader.stdin.flush()
        reader.wait(timeout=30)
    assert seen == [30, 30, 90, 90]


@pytest.mark.integration
def test_a_build_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    before, names = target.read_bytes(), sorted(path.name for path in tmp_path.iterdir())
    bad = lettings("zuid", "Zuid")
    for broken, part in (
        (bad, "does not meet its declaration"),
        (bad.drop("dwellings"), "does not have its declared columns"),
        (lettings("noord", "GM0002"), "rows of another region; found noord; expected zuid"),
        (b"no parquet", "cannot be read"),
    ):
        file = regions["zuid"] / f"{LETTINGS}.parquet"
        if isinstance(broken, bytes):
            file.write_bytes(broken)
        else:
            broken.write_parquet(file)
        with pytest.raises(UitstroomError, match=part):
            build_warehouse(regions, target)
        assert target.read_bytes() == before
        assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.integration
def test_a_full_disk_is_told_in_a_sentence_and_leaves_the_old_file(
    tmp_path: Path, regions: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    before = target.read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("pipelines.warehouse._flush", full)
    with pytest.raises(UitstroomError, match="cannot be built; found No space left on device"):
        build_warehouse(regions, target)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".uitstroom*"))


@pytest.mark.integration
def test_a_build_killed_at_any_point_leaves_the_old_file_whole(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    before = target.read_bytes()
    script = (
        "import sys; from pathlib import Path; from pipelines.warehouse import build_warehouse\n"
        "folders = [Path(text) for text in sys.argv[2:]]\n"
        "build_warehouse({folder.name: folder for folder in folders}, Path(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", script, str(target), *map(str, regions.values())]
    for point in ("K9", "K10", "K11"):
        fault = {**os.environ, VARIABLE: f"{point}:kill"}
        killed = subprocess.run(command, cwd=ROOT, env=fault, timeout=60, check=False)
        assert killed.returncode == -signal.SIGKILL, point
        assert target.read_bytes() == before, point
    assert (tmp_path / ".uitstroom.duckdb.building").exists()
    assert build_warehouse(regions, target)[LETTINGS] == 3
    assert not list(tmp_path.glob(".uitstroom*"))


@pytest.mark.integration
def test_what_a_killed_build_left_does_not_stop_the_next_one(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    for name in (".uitstroom.duckdb.building", ".uitstroom.duckdb.building.wal"):
        (tmp_path / name).write_bytes(b"half a file")
    assert build_warehouse(regions, target)[LETTINGS] == 3
    assert not list(tmp_path.glob(".uitstroom*"))


@pytest.mark.integration
def test_a_journal_beside_the_old_file_is_never_paired_with_the_new_one(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    build_warehouse(regions, target)
    before = target.read_bytes()
    journal = tmp_path / "uitstroom.duckdb.wal"
    journal.write_bytes(b"journal")
    with pytest.raises(RefusedError, match=r"uitstroom\.duckdb\.wal: a journal lies beside"):
        build_warehouse(regions, target)
    assert target.read_bytes() == before
    journal.unlink()
    build_warehouse(regions, target)


@pytest.mark.integration
def test_an_opened_warehouse_can_be_read_and_nothing_else(
    tmp_path: Path, regions: dict[str, Path]
) -> None:
    target = tmp_path / "uitstroom.duckdb"
    with (
        pytest.raises(UitstroomError, match="the warehouse cannot be opened"),
        open_warehouse(target),
    ):
        pass
    build_warehouse(regions, target)
    for statement in (
        f"DELETE FROM {LETTINGS}",
        f"SELECT * FROM read_parquet('{regions['noord'] / LETTINGS}.parquet')",
        "SET enable_external_access = true",
    ):
        with open_warehouse(target) as engine, pytest.raises(Exception, match=r"(?i)error"):
            engine.execute(statement).fetchall()
