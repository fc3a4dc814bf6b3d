"""Every format holds the same figures: those of the release, written alike.

The expected figures are read from the tables of the release, not from the document; one changed
digit in any format is found.
"""

import csv
import datetime
import html
import io
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import polars as pl
import pypdf
import pytest

from reports.build import write_pages
from reports.document import Document, read_document
from reports.export import FORMATS
from reports.export.pictures import Pictures
from reports.numbers import Estimate
from tests.reports import invented_release
from tests.reports.invented_release import MUNICIPALITIES

pytestmark = pytest.mark.integration

WITH_FIGURES = ("report_pdf", "board_pdf", "municipal", "municipal_pdf", "deck", "workbook")
MEASURES = ("gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons")
YEAR = 2026
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DECIMALS = 6
NUMBER = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")


@pytest.fixture(scope="module")
def folder(
    document: Document, pictures: Pictures, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("formats") / "report"
    write_pages(document, folder)
    for name in WITH_FIGURES:
        FORMATS[name].write(document, pictures, folder)
    return folder


# --- what the release says ------------------------------------------------------------------------


def _expected(document: Document) -> dict[str, list[str]]:
    """Give the runs of figures that must stand side by side, from the release's own files."""
    numbers, release = document.words.numbers, document.release.path
    ten = pl.read_parquet(release / "mart_demand__ten_year.parquet").filter(
        (pl.col("scenario_id") == "baseline") & (pl.col("target_group") == "all")
    )
    rows = {row["measure"]: row for row in ten.to_dicts()}
    whole = {
        name: Estimate(rows[name]["mean"], rows[name]["p10"], rows[name]["p90"])
        for name in MEASURES
    }
    quotas = pl.read_parquet(release / "mart_quota__yearly_municipality.parquet").filter(
        (pl.col("scenario_id") == "baseline") & (pl.col("year") == YEAR)
    )
    return {
        "headline": [numbers.about(whole["extra_current_lettings"])],
        "measures": [f"{numbers.value(one)}{numbers.span(one)}" for one in whole.values()],
        "municipalities": [
            f"{row['municipality_name']}{numbers.whole(row['at_most'])}"
            f"{numbers.whole(row['quota'])}"
            for row in quotas.to_dicts()
        ],
        "total": [
            f"{numbers.whole(quotas['at_most'].sum())}{numbers.whole(quotas['quota'].sum())}"
        ],
    }


SAID = {
    "index.html": ("headline", "measures", "municipalities", "total"),
    "rapport.pdf": ("headline", "measures", "municipalities", "total"),
    "bestuur.pdf": ("headline", "municipalities", "total"),
    "presentatie.pptx": ("headline", "measures", "municipalities", "total"),
}
"""Which figures stand as words in which file."""


# --- what the files say ---------------------------------------------------------------------------


def _bare(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad-]", "", text).casefold()


def _text(file: Path) -> str:
    if file.suffix == ".pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(file).pages[:3])
    if file.suffix == ".html":
        return html.unescape(re.sub(r"<[^>]+>", "", file.read_text(encoding="utf-8")))
    with zipfile.ZipFile(file) as package:
        return "".join(
            element.text or ""
            for name in sorted(package.namelist())
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)
            for element in ElementTree.fromstring(package.read(name)).iter(f"{DRAWING}t")
        )


def _plain(value: object) -> str:
    """Write a cell of a workbook as the CSV file does."""
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        written = f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"
        return written.rstrip("0").rstrip(".").replace(".", ",")
    return "" if value is None else str(value)


def _csv(file: Path) -> list[list[str]]:
    text = file.read_text(encoding="utf-8-sig")
    return [
        [cell.removeprefix("'") for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")
    ]


def _is_same(written: str, shown: str, missing: str) -> bool:
    is_day = bool(re.fullmatch(r"\d{4}-\d\d(-\d\d)?", written))
    return (shown[: len(written)] if is_day else shown) == (written or missing)


# --- the comparison -------------------------------------------------------------------------------


def differences(folder: Path, document: Document) -> list[str]:
    """Say which figure is not the same in which file."""
    return [
        one
        for compare in (*map(_compare_words, SAID), _compare_book, _compare_charts, _compare_pages)
        for one in compare(folder, document)
    ]


def _compare_words(name: str) -> Callable[[Path, Document], list[str]]:
    """Give the comparison of the figures that a file says in words."""

    def compare(folder: Path, document: Document) -> list[str]:
        expected, said = _expected(document), _bare(_text(folder / name))
        return [
            f"{name}: {part}"
            for part in SAID[name]
            for figures in expected[part]
            if _bare(figures) not in said
        ]

    return compare


def _compare_book(folder: Path, document: Document) -> list[str]:
    book = openpyxl.load_workbook(folder / "cijfers.xlsx", read_only=True)
    first = "".join(_plain(row[0]) for row in book.worksheets[0].iter_rows(values_only=True))
    is_there = _bare(_expected(document)["headline"][0]) in _bare(first)
    found = [] if is_there else ["cijfers.xlsx: headline"]
    for (name, table), sheet in zip(document.tables, book.worksheets[2:], strict=False):
        shown = [[_plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        missing = [column.missing for column in table.columns]
        if not _holds(shown, _csv(folder / "charts" / f"{name}.csv"), missing):
            found.append(f"cijfers.xlsx: {name}")
    return found


def _compare_charts(folder: Path, document: Document) -> list[str]:
    tables = [_csv(folder / "charts" / f"{chart.chart_id}.csv") for chart in document.charts]
    return [
        f"presentatie.pptx: chart {place}"
        for place, rows in enumerate(_native(folder / "presentatie.pptx"))
        if not any(_begins(rows, table) for table in tables)
    ]


def _compare_pages(folder: Path, document: Document) -> list[str]:
    found = []
    for page in sorted((folder / "gemeenten").glob("*.html")):
        figures = re.findall(r"<data [^>]*>([^<]*)</data>", page.read_text(encoding="utf-8"))
        asked = Counter(number for one in figures for number in NUMBER.findall(one))
        assert asked.total() > 5
        lacking = asked - Counter(NUMBER.findall(_text(page.with_suffix(".pdf"))))
        found += [f"gemeenten: {page.stem}, {one}" for one in lacking]
    return found


def _holds(shown: list[list[str]], table: list[list[str]], missing: list[str]) -> bool:
    """Say whether a sheet holds a table, somewhere below its words."""
    width, heads = len(table[0]), table[0]
    start = next((place for place, row in enumerate(shown) if row[:width] == heads), None)
    if start is None:
        return False
    body = [row[:width] for row in shown[start + 1 :]]
    return len(body) == len(table) - 1 and all(
        _is_same(written, cell, nothing)
        for row, found in zip(table[1:], body, strict=True)
        for written, cell, nothing in zip(row, found, missing, strict=True)
    )


def _native(file: Path) -> list[list[list[str]]]:
    """Give the rows of the workbook of every chart in the slides."""
    found = []
    with zipfile.ZipFile(file) as package:
        names = [name for name in package.namelist() if name.endswith(".xlsx")]
        for name in names:
            book = openpyxl.load_workbook(io.BytesIO(package.read(name)), read_only=True)
            rows = book.worksheets[0].iter_rows(values_only=True)
            found.append([[_plain(cell) for cell in row] for row in rows])
    return found


def _begins(rows: list[list[str]], table: list[list[str]]) -> bool:
    """Say whether the left columns of a chart's workbook are a table."""
    width = len(table[0])
    return len(rows) == len(table) and all(
        _is_same(written, cell, "")
        for row, found in zip(table, rows, strict=True)
        for written, cell in zip(row, found[:width], strict=True)
    )


def test_every_format_holds_the_figures_of_the_release(folder: Path, document: Document) -> None:
    assert differences(folder, document) == []
    assert len(_native(folder / "presentatie.pptx")) > 8
    assert len(list((folder / "gemeenten").glob("*.pdf"))) == len(MUNICIPALITIES)


# --- one changed digit ----------------------------------------------------------------------------


def _in_package(file: Path, part: str, pattern: str, new: str) -> None:
    """Change the first place in the first part of a package where a pattern stands."""
    with zipfile.ZipFile(file) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name in sorted(parts):
        if re.fullmatch(part, name):
            changed = re.sub(pattern, new, parts[name].decode(), count=1)
            if changed.encode() != parts[name]:
                parts[name] = changed.encode()
                break
    else:
        raise AssertionError("nothing to change")
    with zipfile.ZipFile(file, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def _in_native(file: Path) -> None:
    with zipfile.ZipFile(file) as package:
        name = sorted(name for name in package.namelist() if name.endswith(".xlsx"))[0]
        inner = file.with_name("inner.xlsx")
        inner.write_bytes(package.read(name))
        parts = {one: package.read(one) for one in package.namelist()}
    _in_package(inner, r"xl/worksheets/sheet1\.xml", r"(<c r=\"[B-D]\d+\"><v>)\d", r"\g<1>77")
    parts[name] = inner.read_bytes()
    inner.unlink()
    with zipfile.ZipFile(file, "w") as package:
        for one, content in parts.items():
            package.writestr(one, content)


CELL = r"(<c r=\"[B-D]\d+\" s=\"\d+\"><v>)\d+"
CHANGES: dict[str, tuple[Callable[[Path], None], Callable[[Path, Document], list[str]]]] = {
    "presentatie.pptx: measures": (
        lambda file: _in_package(file, r"ppt/slides/slide2\.xml", r">2\.030<", ">2.040<"),
        _compare_words("presentatie.pptx"),
    ),
    "presentatie.pptx: chart": (lambda file: _in_native(file), _compare_charts),
    "cijfers.xlsx: headline": (
        lambda file: _in_package(
            file, r"xl/sharedStrings\.xml", r"ngeveer 1\.450", "ngeveer 1.460"
        ),
        _compare_book,
    ),
    "cijfers.xlsx: ": (
        lambda file: _in_package(file, r"xl/worksheets/sheet9\.xml", CELL, r"\g<1>777777"),
        _compare_book,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_digit_is_found(
    change: str, folder: Path, document: Document, tmp_path: Path
) -> None:
    copy = tmp_path / "report"
    shutil.copytree(folder, copy)
    spoil, compare = CHANGES[change]
    spoil(copy / change.partition(":")[0])
    (found,) = compare(copy, document)
    assert found.startswith(change)


def test_a_changed_digit_in_a_pdf_is_found(
    folder: Path, document: Document, tmp_path: Path
) -> None:
    """The PDFs of a release with one other quota stand in the place of the right ones."""
    frames = invented_release.build_frames()
    key = "mart_quota__yearly_municipality"
    is_one = (pl.col("municipality_code") == "GM9001") & (pl.col("year") == YEAR)
    frames[key] = frames[key].with_columns(
        pl.when(is_one).then(pl.col("quota") - 1).otherwise(pl.col("quota")).alias("quota")
    )
    other = read_document(invented_release.write_release(tmp_path / "release", frames))
    copy = tmp_path / "report"
    shutil.copytree(folder, copy)
    for name in ("report_pdf", "board_pdf", "municipal_pdf"):
        FORMATS[name].write(other, Pictures(), copy)
    names = ("rapport.pdf", "bestuur.pdf")
    found = [one for name in names for one in _compare_words(name)(copy, document)]
    assert any(one.startswith("gemeenten: duinstad") for one in _compare_pages(copy, document))
    assert {"rapport.pdf: municipalities", "bestuur.pdf: municipalities"} <= set(found)
