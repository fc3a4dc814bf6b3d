"""Twenty files that are odd and good: every notation that is declared is read.

Belongs here: files that must be accepted with the rows of their plain twin. Does not belong here:
what is refused (`cases_*.py`).
"""

import csv
import io
from datetime import datetime

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    Case,
    Expected,
    Paper,
    as_csv,
    as_xlsx,
    csv_text,
    good,
    with_cells,
)
from tests.pipelines.sources.cabinet.tables import Row

PLAIN = Expected(ACCEPTED)
STOCK = "association_stock"


def _quoted(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(
        out, list(rows[0]), delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _odd(title: str, contract: str, content: str | bytes, twin: Paper | None = None, **envelope):
    data = content.encode() if isinstance(content, str) else content
    paper = Paper(contract, data, envelope=envelope)
    return Case(0, title, paper, twin or as_csv(contract), PLAIN, same=True)


def _pair(title: str, contract: str, rows: list[Row], fine: list[Row] | None = None, **envelope):
    twin = as_csv(contract, fine, **envelope)
    return Case(0, title, as_csv(contract, rows, **envelope), twin, PLAIN, same=True)


def _typed_stays() -> list[Row]:
    rows = good("stays")
    for row in rows:
        for name in ("datum_start", "datum_einde"):
            if row[name]:
                row[name] = datetime.strptime(row[name], "%d-%m-%Y")
        for name in ("geboortejaar", "huishoudgrootte"):
            row[name] = int(row[name])
    return rows


def _everything() -> str:
    """Several notations at once, as a real export has them."""
    rows = [
        {
            "Corporatie ": f" {row['corporatie']}\u00a0",
            "GM-code": row["gemeentecode"][3:].lstrip("0"),
            "PEILJAAR": row["jaar"],
            "Aantal woningen": f"{int(row['woningen']):,}".replace(",", "."),
            "DAEB woningen": row["sociale_huurwoningen"],
            "mutaties": row["mutaties"],
            "Passende mutaties": row["passende_mutaties"],
        }
        for row in reversed(good(STOCK))
    ]
    return "\ufeffsep=;\r\n" + csv_text(rows)


STOCKS = csv_text(good(STOCK))
STAYS = csv_text(good("stays"))
BLANK = dict.fromkeys(good(STOCK)[0], "")
NAME = "Woon-Zorg 't Hof (Noord & Zuid)"

CASES: list[Case] = [
    _odd("byte order mark and line feeds", STOCK, "\ufeff" + STOCKS.replace("\r\n", "\n")),
    _odd("sep line with byte order mark", STOCK, "\ufeffsep=;\r\n" + STOCKS),
    _odd("cp1252 as declared", STOCK, STOCKS.encode("cp1252"), encoding="cp1252"),
    _odd(
        "utf-16 little endian", STOCK, b"\xff\xfe" + STOCKS.encode("utf-16-le"), encoding="utf-16"
    ),
    _odd("utf-16 big endian", STOCK, b"\xfe\xff" + STOCKS.encode("utf-16-be"), encoding="utf-16"),
    _odd("carriage returns only", "stays", STAYS.replace("\r\n", "\r")),
    _odd("every cell in quotes", "stays", _quoted(good("stays"))),
    _odd("tabs between the cells", "stays", csv_text(good("stays"), "\t"), delimiter="\t"),
    _odd(
        "english numbers and commas",
        STOCK,
        csv_text([{**row, "woningen": f"{int(row['woningen']):,}"} for row in good(STOCK)], ","),
        number_language="en",
    ),
    _odd("several notations at once", STOCK, _everything()),
    _pair("blank separator rows", STOCK, [row for one in good(STOCK) for row in (one, BLANK)]),
    _pair("identical row twice", "stays", [*good("stays"), good("stays")[2]], good("stays")),
    _odd(
        "days without zeros",
        "stays",
        csv_text(
            [
                {**row, "datum_start": row["datum_start"].replace("-02-", "-2-")}
                for row in good("stays")
            ]
        ),
        date_formats=["d-m-yyyy"],
    ),
    Case(
        0,
        "names with marks and hyphens",
        as_csv("capacity", [{**row, "aanbieder": NAME} for row in good("capacity")], sender=NAME),
        as_csv("capacity"),
        PLAIN,
    ),
    _pair(
        "months in words",
        "capacity_plan",
        with_cells(
            "capacity_plan", {(2, "ingangsmaand"): "januari 2027", (3, "ingangsmaand"): "02-2027"}
        ),
    ),
    _pair(
        "quarters in other ways",
        "capacity",
        with_cells("capacity", {(2, "kwartaal"): "2026-Q1", (3, "kwartaal"): "2e kwartaal 2026"}),
    ),
    _pair(
        "percentages as declared",
        "agreements",
        with_cells("agreements", {(4, "waarde"): "85%", (6, "waarde"): "90 %"}),
        with_cells("agreements", {(4, "waarde"): "85", (6, "waarde"): "90"}),
        percent="percent",
    ),
    _pair("no end of an agreement", "agreements", good("agreements")),
    _pair(
        "two stays that share a day",
        "stays",
        with_cells(
            "stays",
            {
                (6, "cliëntnummer"): "C-300",
                (6, "geboortejaar"): "1965",
                (6, "datum_start"): "10-03-2026",
            },
        ),
        with_cells(
            "stays",
            {
                (6, "cliëntnummer"): "C-300",
                (6, "geboortejaar"): "1965",
                (6, "datum_start"): "10-03-2026",
            },
        ),
    ),
    _pair(
        "list of municipalities in other marks",
        "applications",
        with_cells("applications", {(3, "voorkeursgemeenten"): "392, 453"}),
    ),
    Case(
        0,
        "workbook with typed cells",
        as_xlsx("stays", _typed_stays()),
        as_csv("stays"),
        PLAIN,
        same=True,
    ),
    Case(
        0,
        "workbook with numbers for counts",
        as_xlsx(
            STOCK,
            [
                {name: int(value) if value.isdigit() else value for name, value in row.items()}
                for row in good(STOCK)
            ],
        ),
        as_csv(STOCK),
        PLAIN,
        same=True,
    ),
    _pair("trailing separators", STOCK, [{**row, "": ""} for row in good(STOCK)], good(STOCK)),
]
