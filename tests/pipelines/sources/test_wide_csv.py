"""Wide CSV files: exports of StatLine's website and of Swing, read by a mapping or refused."""

from pathlib import Path

import pytest

from models.errors import FaultsError, RefusedError, UitstroomError
from pipelines.fetch import take_up_file
from pipelines.paths import CHECKOUT
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.open_data import (
    load_open_sources,
    municipal_facts,
    municipalities,
    verify_source,
)
from pipelines.sources.wide_csv import Mapping, WideTable, load_mapping, read_wide_csv
from tests.pipelines.sources.cbs.bench import FIRST_DAY, make_root

pytestmark = pytest.mark.unit

OPEN = CHECKOUT / "data" / "raw" / "open"
PEOPLE = "Bevolking/Bevolkingssamenstelling op 1 januari/Totale bevolking (aantal)"
SIZE = (
    "Bevolking/Particuliere huishoudens/Gemiddelde huishoudensgrootte (personen per 1 huishouden)"
)

ABOUT = """
id = "statline_people"
title = "Inwoners en huishoudensgrootte"
producer = "CBS"
publisher = "CBS"
licence = "CC BY 4.0"
vintage = "export van 11 december 2025"
citation = "CBS, Regionale kerncijfers Nederland (70072ned)."
"""
STATLINE = f"""{ABOUT}
layout = "column_a_measure"
region_column = "Regio's"
period_column = "Perioden"
ignored_columns = ["Onderwijs/*"]
other_areas = ["Nederland", "*(PV)"]
[missing]
"" = "impossible"
"." = "unknown"
"x" = "secret"
"-" = "nil"
[[measures]]
header = "{PEOPLE}"
measure = "population"
unit = "persons"
[[measures]]
header = "{SIZE}"
measure = "household_size"
unit = "persons per household"
is_whole = false
"""
SWING = f"""{ABOUT}
layout = "column_a_period"
region_column = "Gemeente"
period = '1-1-(20\\d\\d)'
thousands = "."
[missing]
"?" = "unknown"
"x" = "secret"
"-" = "nil"
[[measures]]
measure = "social_homes"
unit = "dwellings"
"""
STATLINE_ROWS = [
    f'"Perioden";"Regio\'s";"{PEOPLE}";"{SIZE}";"Onderwijs/Leerlingen (aantal)"',
    '"2025";"Nederland";18044027;2,1;',
    '"2025";"Groningen (PV)";596000;2,0;',
    '"2025";"Groningen (gemeente)";245000;1,78;4',
    '"2025";"Bergen (L.)";13062;2,24;',
    '"2025";"Bergen (NH.)";29722;2,03;',
    '"2025";"\'s-Gravenhage (gemeente)";566221;2,02;',
    '"2025";"Heerhugowaard";;;',
    '"2025";"Wittem";;;',
    '"2021";"Heerhugowaard";58387;.;',
    '"2025";"Zandvoort";x;-;',
]
SWING_ROWS = [
    "Gemeente;1-1-2023;1-1-2024",
    "Haarlem;1.450;?",
    "Velsen;950;-",
    "GM0473;x;0",
]


@pytest.fixture(scope="module")
def known() -> Municipalities:
    """Give all municipalities."""
    return municipalities(OPEN)


def mapped(text: str, folder: Path) -> Mapping:
    """Read a mapping from text."""
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    return load_mapping(folder / "mapping.toml")


def read(
    lines: list[str], mapping: str, known: Municipalities, folder: Path, start: str = "\ufeff"
) -> WideTable:
    """Read lines as the export they are."""
    content = (start + "\r\n".join([*lines, ""])).encode()
    return read_wide_csv(content, mapped(mapping, folder), known, where="export.csv")


def values(table: WideTable) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Give value and status by code, year and measure."""
    return {
        (row["municipality_code"], row["year"], row["measure"]): (row["value"], row["status"])
        for row in table.facts.iter_rows(named=True)
    }


def test_an_export_of_statline_is_read_by_name_with_comma_and_symbols(
    known: Municipalities, tmp_path: Path
) -> None:
    table = read(STATLINE_ROWS, STATLINE, known, tmp_path)
    assert values(table) == {
        ("GM0014", "2025", "population"): ("245000", "given"),
        ("GM0014", "2025", "household_size"): ("1.78", "given"),
        ("GM0893", "2025", "population"): ("13062", "given"),
        ("GM0893", "2025", "household_size"): ("2.24", "given"),
        ("GM0373", "2025", "population"): ("29722", "given"),
        ("GM0373", "2025", "household_size"): ("2.03", "given"),
        ("GM0518", "2025", "population"): ("566221", "given"),
        ("GM0518", "2025", "household_size"): ("2.02", "given"),
        ("GM0398", "2021", "population"): ("58387", "given"),
        ("GM0398", "2021", "household_size"): ("", "unknown"),
        ("GM0473", "2025", "population"): ("", "secret"),
        ("GM0473", "2025", "household_size"): ("", "nil"),
    }
    assert (table.rows, table.area_rows) == (10, 2)
    assert table.cells == table.facts.height + table.blank_cells == 16
    assert table.facts["name"].to_list()[0] == known.name("GM0014")


def test_an_export_of_swing_has_a_column_a_period(known: Municipalities, tmp_path: Path) -> None:
    table = read(SWING_ROWS, SWING, known, tmp_path, start="")
    assert values(table) == {
        ("GM0392", "2023", "social_homes"): ("1450", "given"),
        ("GM0392", "2024", "social_homes"): ("", "unknown"),
        ("GM0453", "2023", "social_homes"): ("950", "given"),
        ("GM0453", "2024", "social_homes"): ("", "nil"),
        ("GM0473", "2023", "social_homes"): ("", "secret"),
        ("GM0473", "2024", "social_homes"): ("0", "given"),
    }


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        (3, '"2025";"Groningen (gem";245000;1,78;4', 'line 4, column "Regio\'s": this is no mun'),
        (4, '"2025";"Wittem";7;;', 'line 5, column "Regio\'s": this is no municipality'),
        (4, '"2025";"Bergen";13062;2,24;', "GM0373"),
        (4, '"2025";"Bergen (L.)";13.062;2,24;', f"line 5, column {PEOPLE!r}: this is no figure"),
        (4, '"2025";"Bergen (L.)";13062;2.24;', "found '2.24'"),
        (4, '"2025";"Bergen (L.)";13062,5;2,24;', "expected a whole number"),
        (4, '"2025";"Bergen (L.)";?;2,24;', "found '?'"),
        (4, '"2025*";"Bergen (L.)";13062;2,24;', "line 5, column 'Perioden': this is no period"),
        (4, '"2025";"Bergen (L.)";13062;2,24', "found 4 fields; expected 5 fields"),
        (4, '"2025";"Bergen (NH.)";1;1;', "GM0373 has two figures of 2025; found the other one in"),
        (4, '"2025";"Bergen (L.)"x;1;1;', "line 5: this line cannot be read"),
        (0, '"Perioden";"Regio\'s";"A";"B";"C"', "line 1, column 'A': the mapping does not name"),
        (0, f'"Perioden";"Naam";"{PEOPLE}";"{SIZE}";"Onderwijs/x"', '"Regio\'s": the column is n'),
        (0, f'"Perioden";"Regio\'s";"{PEOPLE}";"{PEOPLE}";"x"', "two columns have the same name"),
        (0, f'"Perioden";"Regio\'s";"{PEOPLE[:-9]} (x 1 000)";"{SIZE}";"x"', "(x 1 000)'"),
    ],
)
def test_what_the_mapping_does_not_name_is_refused_with_line_and_column(
    line: int, text: str, expected: str, known: Municipalities, tmp_path: Path
) -> None:
    rows = list(STATLINE_ROWS)
    rows[line] = text
    with pytest.raises((RefusedError, FaultsError)) as refused:
        read(rows, STATLINE, known, tmp_path)
    assert expected in str(refused.value)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "ends in the middle"),
        (b"Gemeente;1-1-2023\nHaarlem;1", "ends in the middle"),
        (b"Gemeente;1-1-2023\n", "holds no rows"),
        (b"Gemeente;1-1-2023\nS\xfadwest-Frysl\xe2n;1\n", "not utf-8"),
        (b"Gemeente;1-1-2023\nHaarlem;1\0\n", "NUL"),
        (b"Gemeente;2023\nHaarlem;1\n", "column '2023'"),
        ("Gemeente;1-1-2023\nHaarlem;1\n".encode("utf-16"), "ends in the middle|not utf-8"),
        (b"Gemeente;1-1-2023\n" + b"Niemandsland;1\n" * 50, "no municipality that is known"),
    ],
)
def test_a_file_that_is_not_whole_or_something_else_is_refused(
    content: bytes, expected: str, known: Municipalities, tmp_path: Path
) -> None:
    with pytest.raises(UitstroomError, match=expected) as refused:
        read_wide_csv(content, mapped(SWING, tmp_path), known, where="export.csv")
    assert len(str(refused.value).splitlines()) <= 20


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('layout = "column_a_period"', 'layout = "sideways"', "layout"),
        ("thousands", "thousand", "Extra inputs"),
        ("1-1-(20\\d\\d)", "2023", "needs one group"),
        ('thousands = "."', 'thousands = ","', "same mark"),
        ('measure = "social_homes"', 'header = "x"\nmeasure = "social_homes"', "one measure"),
        ('"?" = "unknown"', '"?" = "zero"', "missing"),
        ("layout", "layout =", "not valid TOML"),
    ],
)
def test_a_mapping_with_a_fault_is_refused(
    old: str, new: str, expected: str, tmp_path: Path
) -> None:
    assert old in SWING
    with pytest.raises(RefusedError, match=expected):
        mapped(SWING.replace(old, new), tmp_path)


def test_a_file_that_is_taken_up_becomes_a_verified_source(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for folder in OPEN.iterdir():
        if folder.name in {"cbs_municipal_facts", "municipality_changes", "municipality_names"}:
            (root.open_data / folder.name).symlink_to(folder)
    (tmp_path / "export.csv").write_text("\n".join([*SWING_ROWS, ""]), encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(SWING, encoding="utf-8")
    found = take_up_file(root, tmp_path / "export.csv", tmp_path / "mapping.toml", FIRST_DAY)
    assert "stand van 2026-11-01; 6 figures out of 3 rows" in found.sentence
    (source,) = [s for s in load_open_sources(root.open_data) if s.id == "statline_people"]
    assert verify_source(source) == {"municipal_figures.csv": 6, "measures.csv": 1}
    assert "export.csv (sha256 " in source.derived[0]
    before = source.sha256
    (tmp_path / "export.csv").write_text("Gemeente;1-1-2023\nVelsen;95?\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="no figure"):
        take_up_file(root, tmp_path / "export.csv", tmp_path / "mapping.toml", FIRST_DAY)
    (source,) = [s for s in load_open_sources(root.open_data) if s.id == "statline_people"]
    assert source.sha256 == before


@pytest.mark.parametrize("name", ["cbs_municipal_facts", "cbs_homeless_80799ned"])
def test_an_export_never_takes_the_place_of_another_source(name: str, tmp_path: Path) -> None:
    root = make_root(tmp_path)
    (root.open_data / "cbs_municipal_facts").symlink_to(OPEN / "cbs_municipal_facts")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(SWING.replace("statline_people", name), encoding="utf-8")
    with pytest.raises(RefusedError, match="not made of exported files"):
        take_up_file(root, tmp_path / "export.csv", mapping, FIRST_DAY)


def test_a_run_reads_fetched_figures_before_shipped_ones_and_keeps_the_shipped_names(
    tmp_path: Path,
) -> None:
    root = make_root(tmp_path)
    for name in ("cbs_municipal_facts", "municipality_changes", "municipality_names"):
        (root.open_data / name).symlink_to(OPEN / name)
    shipped = municipal_facts(root.open_data)
    lines = [
        "Gemeente;1-1-2011;1-1-2024;1-1-2025",
        "Groningen (gemeente);1;7;?",
        "Haarlem;2;8;9",
    ]
    (tmp_path / "export.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    for source, factor in (("b_second", ""), ("a_first", "1")):
        text = SWING.replace("statline_people", source).replace("social_homes", "population")
        mapping.write_text(text, encoding="utf-8")
        (tmp_path / "export.csv").write_text(
            "\n".join([lines[0], *(line.replace(";7", f";{factor}7") for line in lines[1:]), ""]),
            encoding="utf-8",
        )
        take_up_file(root, tmp_path / "export.csv", mapping, FIRST_DAY)
    facts = municipal_facts(root.open_data)
    assert facts.height == shipped.height
    changed = facts.join(shipped, on=facts.columns, how="anti", nulls_equal=True)
    assert changed.select("municipality_code", "year", "value", "source_id").rows() == [
        ("GM0014", 2024, 7.0, "b_second"),
        ("GM0392", 2024, 8.0, "b_second"),
        ("GM0392", 2025, 9.0, "b_second"),
    ]
    assert municipalities(root.open_data).name("GM0014") == municipalities(OPEN).name("GM0014")
