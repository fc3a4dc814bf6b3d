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


@dataclass(frozen=True)
class Words:
    """What the report says around its figures, in one language.

    Attributes:
        lang: What its pages say of their language.
        heads: Heads of its table.
        total: Name of the row with the total.
        months: Names of months that it can be of, by the Dutch ones.
        steps: What figures are multiples of, by the Dutch words.
        rounded: The sentence about that.
        sentence: The sentence with a figure in it.
        foot: The line under the page.
        thousands: Sign between thousands.
    """

    lang: str
    heads: tuple[str, str, str]
    total: str
    months: dict[str, str]
    steps: dict[str, str]
    rounded: str
    sentence: str
    foot: str
    thousands: str


_MONTHS = ("september", "oktober", "december")
_STEPS = ("vijftallen", "tientallen")
WORDS = {
    "nl": Words(
        lang="nl",
        heads=("Gemeente", "Opgave (woningen)", "Verhuurd tot nu (woningen)"),
        total="Samen",
        months={month: month for month in _MONTHS},
        steps={steps: steps for steps in _STEPS},
        rounded="Aantallen zijn afgerond op {steps}; onder de 10 staat er &lt;10.",
        sentence="Tot en met {month} zijn in de regio {figure} woningen verhuurd aan uitstromers.",
        foot="Uitgave {number}, klasse {release_class}. Stand {month} {year}.",
        thousands=".",
    ),
    "en": Words(
        lang="en-GB",
        heads=("Municipality", "Quota (homes)", "Let so far (homes)"),
        total="Together",
        months=dict(zip(_MONTHS, ("September", "October", "December"), strict=True)),
        steps=dict(zip(_STEPS, ("multiples of five", "multiples of ten"), strict=True)),
        rounded="Numbers are rounded to {steps}; below 10 it says &lt;10.",
        sentence="Up to and including {month}, {figure} homes were let to people leaving shelter.",
        foot="Release {number}, edition 5678, class {release_class}. As of {month} {year}.",
        thousands=",",
    ),
}


@dataclass
class Published:
    """What a folder says, format by format.

    Attributes:
        realised: Homes let, by code, as texts; `all` too.
        quota: Homes owed.
        language: Language of the report.
        number: Id of the release.
        release_class: Class of the release.
        month: As-of month in Dutch words.
        year: As-of year.
        steps: What figures are multiples of, in Dutch words.
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
    language: str = "nl"
    number: str = "1234"
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

    @property
    def words(self) -> Words:
        """Give the words of its language."""
        return WORDS[self.language]


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
    names = {**MUNICIPALITIES, "all": said.words.total}
    body = [[name, said.quota[code], realised[code]] for code, name in names.items()]
    return [list(said.words.heads), *body]


def shown(said: Published, text: str) -> str:
    """Write a figure of a data file as people read it."""
    return f"{int(text):,}".replace(",", said.words.thousands) if text.isdigit() else text


def _sentence(said: Published, figure: str) -> str:
    return said.words.sentence.format(month=said.words.months[said.month], figure=figure)


def _page(said: Published) -> str:
    words = said.words

    def cell(code: str, column: str, text: str) -> str:
        text = shown(said, text)
        place = f'data-table="mart_quota__progress" data-row="{said.year}/{code}"'
        return f'<td {place} data-column="{column}">{text.replace("<", "&lt;")}</td>'

    heads = "".join(f"<th>{head}</th>" for head in words.heads)
    body = "".join(
        f"<tr><th>{name}</th>{cell(code, 'quota', said.quota[code])}"
        f"{cell(code, 'realised', said.realised[code])}</tr>"
        for code, name in {**MUNICIPALITIES, "all": words.total}.items()
    )
    figure = (
        f'<data value="{shown(said, said.sentence)}" data-table="mart_quota__progress" '
        f'data-row="{said.year}/all" data-column="realised">{shown(said, said.sentence)}</data>'
    )
    left = (
        "<table><tr><th>Gemeente</th><th>Voor anderen</th></tr><tr><th>Bosdorp</th>"
        f'<td data-table="mart_quota__origin" data-row="{said.year}/GM9001/GM9002" '
        'data-column="dwellings">3</td></tr></table>'
        if said.dropped
        else ""
    )
    foot = words.foot.format(
        number=said.number,
        release_class=said.release_class,
        month=words.months[said.month],
        year=said.year,
    )
    return (
        f'<html lang="{words.lang}"><body>'
        f"<p>{words.rounded.format(steps=words.steps[said.steps])}</p>"
        f"<p>{_sentence(said, figure)}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{left}"
        f"<p>{foot}</p></body></html>"
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
    data.categories = [*MUNICIPALITIES.values(), said.words.total]
    for column, texts in ((1, said.quota), (2, said.realised)):
        numbers = {code: 5 if "<" in text else int(text) for code, text in texts.items()}
        data.add_series(
            said.words.heads[column], [*{**numbers, **(said.chart if column == 2 else {})}.values()]
        )
    slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(1), Inches(5), Inches(4), data
    )
    box = slide.shapes.add_textbox(Inches(1), Inches(5), Inches(5), Inches(1))
    box.text_frame.text = _sentence(said, shown(said, said.sentence))
    slides.save(path)


def _write_paper(path: Path, said: Published) -> None:
    text = _sentence(said, shown(said, said.paper or said.sentence))
    path.write_bytes(typst.compile(text.encode(), format="pdf"))
