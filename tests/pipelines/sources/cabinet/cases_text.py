"""Cases 70 and 71: personal data, and text that is more than text.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

from tests.pipelines.sources.cabinet.papers import (
    REFUSED,
    Case,
    Expected,
    as_csv,
    as_xlsx,
    both,
    with_cells,
    with_column,
)

PAYLOADS = {
    "formula": '=HYPERLINK("x")',
    "script": "<script>alert(1)</script>",
    "statement": "'; DROP TABLE stays",
    "template": "{{7*7}}",
    "command of typesetting": "$\\href{x}$",
}


def _personal() -> list[Case]:
    numbers = (
        "111222333",
        "123456782",
        "100000009",
        "100000010",
        "100000022",
        "100000034",
        "100000046",
        "100000058",
    )
    found = []
    for make in (as_csv, as_xlsx):
        fine = make("stays")
        found += [
            Case(
                70,
                "citizen numbers for client numbers",
                make(
                    "stays",
                    with_cells(
                        "stays",
                        {(at + 2, "cliëntnummer"): number for at, number in enumerate(numbers)},
                    ),
                ),
                fine,
                Expected(REFUSED, "personal_data", 2, "client_id"),
            ),
            Case(
                70,
                "column with names",
                make("stays", with_column("stays", "naam cliënt", "J. de Vries")),
                fine,
                Expected(REFUSED, "personal_data", 2, "column 10"),
            ),
            Case(
                70,
                "column with remarks",
                make(
                    "stays",
                    with_column(
                        "stays", "opmerking", "heeft schulden, zie dossier van de begeleider"
                    ),
                ),
                fine,
                Expected(REFUSED, "personal_data", 2, "column 10"),
            ),
            Case(
                70,
                "birth dates for birth years",
                make(
                    "stays",
                    with_cells(
                        "stays", {(at + 2, "geboortejaar"): f"1{at}-03-1980" for at in range(8)}
                    ),
                ),
                fine,
                Expected(REFUSED, "personal_data", 2, "birth_year"),
            ),
        ]
    return found


CASES: list[Case] = [
    *_personal(),
    *(
        case
        for title, text in PAYLOADS.items()
        for case in both(
            71,
            title,
            "association_stock",
            {(3, "corporatie"): text},
            Expected(REFUSED, "unsafe_text", 3, "association"),
        )
    ),
]
