"""A small published report in every format, with figures that were rounded together.

Belongs here: writing it, and planting what should not be there. Does not belong here: the attack.
"""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import typst
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

MUNICIPALITIES = {"GM9001": "Duinstad", "GM9002": "Bosdorp", "GM9003": "Veenwijk"}
HEADS = ("Gemeente", "Opgave (woningen)", "Verhuurd tot nu (woningen)")
TOTAL = "Samen"


@dataclass
class Published:
    """What a folder says, format by format.

    Attributes:
        realised: Homes let, by code, as texts; `all` too.
        quota: Homes owed.
        release_class: Class of the release.
        month: As-of month in words.
        year: As-of year.
        steps: What figures are multiples of, in words.
        sentence: Homes let in the sentence of the pages.
        paper: The same in the PDF.
        data: The same cells in the CSV file, where they differ.
        sheet: A hidden sheet of the workbook.
        chart: Numbers of the chart in the slides, where they differ.
        dropped: Whether a table stands there that should have stayed behind.
    """

    realised: dict[str, str] = field(
        default_factory=lambda: {"GM9001": "25", "GM9002": "<10", "GM9003": "10", "all": "40"}
    )
    quota: dict[str, str] = field(
        default_factory=lambda: {"GM9001": "28", "GM9002": "6", "GM9003": "11", "all": "45"}
    )
    release_class: str = "openbaar"
    month: str = "oktober"
    year: int = 2026
    steps: str = "vijftallen"
    sentence: str = "40"
    paper: str = ""
    data: dict[str, str] = field(default_factory=dict)
    sheet: dict[str, str] = field(default_factory=dict)
    chart: dict[str, float] = field(default_factory=dict)
    dropped: bool = False


def write(folder: Path, said: Published) -> Path:
    """Write the report in every format."""
    (folder / "charts").mkdir(parents=True)
    (folder / "index.html").write_text(_page(said), encoding="utf-8")
    content = io.StringIO(newline="")
    csv.writer(content, delimiter=";").writerows(rows(said, {**said.realised, **said.data}))
    (folder / "charts" / "progress.csv").write_text(content.getvalue(), encoding="utf-8-sig")
    _write_book(folder / "cijfers.xlsx", said)
    _write_slides(folder / "presentatie.pptx", said)
    _write_paper(folder / "rapport.pdf", said)
    (folder / "charts" / "progress.png").write_bytes(b"\x89PNG")
    return folder


def rows(said: Published, realised: dict[str, str]) -> list[list[str]]:
    """Give the table with its heads."""
    names = {**MUNICIPALITIES, "all": TOTAL}
    body = [[name, said.quota[code], realised[code]] for code, name in names.items()]
    return [list(HEADS), *body]


def _sentence(said: Published, figure: str) -> str:
    return f"Tot en met {said.month} zijn in de regio {figure} woningen verhuurd aan uitstromers."


def _page(said: Published) -> str:
    def cell(code: str, column: str, text: str) -> str:
        place = f'data-table="mart_quota__progress" data-row="{said.year}/{code}"'
        return f'<td {place} data-column="{column}">{text.replace("<", "&lt;")}</td>'

    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    body = "".join(
        f"<tr><th>{name}</th>{cell(code, 'quota', said.quota[code])}"
        f"{cell(code, 'realised', said.realised[code])}</tr>"
        for code, name in {**MUNICIPALITIES, "all": TOTAL}.items()
    )
    figure = (
        f'<data value="{said.sentence}" data-table="mart_quota__progress" '
        f'data-row="{said.year}/all" data-column="realised">{said.sentence}</data>'
    )
    left = (
        "<table><tr><th>Gemeente</th><th>Voor anderen</th></tr><tr><th>Bosdorp</th>"
        f'<td data-table="mart_quota__origin" data-row="{said.year}/GM9001/GM9002" '
        'data-column="dwellings">3</td></tr></table>'
        if said.dropped
        else ""
    )
    return (
        f"<html><body><p>Aantallen zijn afgerond op {said.steps}; onder de 10 staat er &lt;10.</p>"
        f"<p>{_sentence(said, figure)}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{left}"
        f"<p>Uitgave 1234, klasse {said.release_class}. Stand {said.month} {said.year}.</p>"
        "</body></html>"
    )


def _write_book(path: Path, said: Published) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Een titel boven de tabel"])
    sheet.append([])
    for row in rows(said, said.realised):
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    hidden = book.create_sheet("Werkblad")
    hidden.sheet_state = "veryHidden"
    if said.sheet:
        for row in rows(said, {**said.realised, **said.sheet}):
            hidden.append(row)
    book.save(path)


def _write_slides(path: Path, said: Published) -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    data = CategoryChartData()
    data.categories = [*MUNICIPALITIES.values(), TOTAL]
    for column, texts in ((1, said.quota), (2, said.realised)):
        numbers = {code: 5 if "<" in text else int(text) for code, text in texts.items()}
        data.add_series(
            HEADS[column], [*{**numbers, **(said.chart if column == 2 else {})}.values()]
        )
    slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(1), Inches(5), Inches(4), data
    )
    box = slide.shapes.add_textbox(Inches(1), Inches(5), Inches(5), Inches(1))
    box.text_frame.text = _sentence(said, said.sentence)
    slides.save(path)


def _write_paper(path: Path, said: Published) -> None:
    text = _sentence(said, said.paper or said.sentence)
    path.write_bytes(typst.compile(text.encode(), format="pdf"))
