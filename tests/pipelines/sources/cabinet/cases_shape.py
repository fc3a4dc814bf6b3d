"""Cases 9 to 15 and 25 to 30: headers, columns, lines.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    QUARANTINE,
    REFUSED,
    WARNING,
    Case,
    Expected,
    Paper,
    as_csv,
    as_xlsx,
    changed,
    csv_text,
    good,
    with_column,
)

PLAIN = Expected(ACCEPTED)
CAPACITY = "capacity"
TITLES = (["Overzicht capaciteit"], [])


def _csv(contract: str, text: str, **envelope) -> Paper:
    return Paper(contract, text.encode(), envelope=envelope)


def _titles() -> list[Case]:
    text = "Overzicht capaciteit\r\n\r\n" + csv_text(good(CAPACITY))
    paper, book = _csv(CAPACITY, text), as_xlsx(CAPACITY, above=TITLES)
    return [
        Case(
            9,
            "title lines above the header",
            paper,
            changed(paper, header_row=3),
            Expected(REFUSED, "broken_structure", 3),
        ),
        Case(
            9,
            "title lines above the header",
            book,
            changed(book, header_row=3),
            Expected(REFUSED, "unknown_column", 1),
        ),
    ]


def _two_headers() -> list[Case]:
    rows = good(CAPACITY)
    names = list(rows[0])
    groups = dict(zip(names, ["Locatie", *[""] * 6, "Capaciteit", "", ""], strict=True))
    under = [dict(zip(names, names, strict=True)), *rows]
    text = ";".join(groups.values()) + "\r\n" + csv_text(rows)
    book = as_xlsx(CAPACITY, above=[list(groups.values())])
    again = [*rows[:4], dict(zip(names, names, strict=True)), *rows[4:]]

    def merge(_book, sheet):
        sheet.merge_range(0, 7, 0, 8, "plaatsen")

    return [
        Case(
            10,
            "two header rows",
            _csv(CAPACITY, text),
            _csv(CAPACITY, csv_text(rows)),
            Expected(REFUSED, "several_header_rows", 1),
        ),
        Case(
            10,
            "two header rows",
            book,
            as_xlsx(CAPACITY),
            Expected(REFUSED, "several_header_rows", 1),
        ),
        Case(
            10,
            "header again under itself",
            as_csv(CAPACITY, under),
            as_csv(CAPACITY),
            Expected(REFUSED, "several_header_rows", 2),
        ),
        Case(
            10,
            "header again between the rows",
            as_xlsx(CAPACITY, again),
            as_xlsx(CAPACITY),
            Expected(REFUSED, "several_header_rows", 6),
        ),
        Case(
            10,
            "merged header cells",
            as_xlsx(CAPACITY, adorn=merge),
            as_xlsx(CAPACITY),
            Expected(REFUSED, "several_header_rows", 1),
        ),
    ]


def _merged_side() -> list[Case]:
    rows = good(CAPACITY)
    gaps = [
        {**row, "gemeentecode": "" if at in {1, 2} else row["gemeentecode"]}
        for at, row in enumerate(rows)
    ]

    def merge(_book, sheet):
        sheet.merge_range(1, 3, 3, 3, "GM0392")

    return [
        Case(
            11,
            "merged cells down the side",
            as_xlsx(CAPACITY, gaps, adorn=merge),
            as_xlsx(CAPACITY),
            PLAIN,
            same=True,
        ),
        Case(
            11,
            "empty cells under a municipality",
            as_xlsx(CAPACITY, gaps),
            as_xlsx(CAPACITY),
            Expected(QUARANTINE, "missing_value", 3, "municipality_code"),
        ),
        Case(
            11,
            "empty cells under a municipality",
            as_csv(CAPACITY, gaps),
            as_csv(CAPACITY),
            Expected(QUARANTINE, "missing_value", 3, "municipality_code"),
        ),
    ]


def _renamed(contract: str, old: str, new: str) -> list[dict]:
    return [
        {new if name == old else name: value for name, value in row.items()}
        for row in good(contract)
    ]


def _headers() -> list[Case]:
    doubled = csv_text(good(CAPACITY)).replace("bezet;", "plaatsen;", 1)
    synonyms = [
        {
            "Locatiecode" if name == "locatie_id" else name.upper(): value
            for name, value in row.items()
        }
        for row in good(CAPACITY)
    ]
    turned = [dict(reversed(row.items())) for row in good(CAPACITY)]
    found = [
        Case(
            12,
            "one header twice",
            _csv(CAPACITY, doubled),
            as_csv(CAPACITY),
            Expected(REFUSED, "duplicate_header", 1, "places"),
        ),
        Case(
            15,
            "byte order mark",
            _csv(CAPACITY, "\ufeff" + csv_text(good(CAPACITY))),
            as_csv(CAPACITY),
            PLAIN,
            same=True,
        ),
    ]
    for make in (as_csv, as_xlsx):
        fine = make(CAPACITY)
        found += [
            Case(
                12,
                "two headers for one column",
                make(CAPACITY, with_column(CAPACITY, "aantal_plaatsen", "9")),
                fine,
                Expected(REFUSED, "duplicate_header", 1, "places"),
            ),
            Case(13, "synonyms in capitals", make(CAPACITY, synonyms), fine, PLAIN, same=True),
            Case(
                13,
                "slip in a required header",
                make(CAPACITY, _renamed(CAPACITY, "plaatsen", "plaatsne")),
                fine,
                Expected(REFUSED, "unknown_column", 1),
            ),
            Case(
                13,
                "slip in a header that may be missing",
                make("stays", _renamed("stays", "datum_einde", "datum_eind")),
                make("stays"),
                Expected(REFUSED, "unknown_column", 1),
            ),
            Case(
                13,
                "required column missing",
                make(
                    CAPACITY,
                    [
                        {name: value for name, value in row.items() if name != "wet"}
                        for row in good(CAPACITY)
                    ],
                ),
                fine,
                Expected(REFUSED, "missing_column", 1, "law"),
            ),
            Case(
                13,
                "extra column",
                make(CAPACITY, with_column(CAPACITY, "verdieping", "2")),
                fine,
                Expected(WARNING, "unknown_column", 1),
                same=True,
            ),
            Case(14, "columns in another order", make(CAPACITY, turned), fine, PLAIN, same=True),
        ]
    return found


def _lines() -> list[Case]:
    text = csv_text(good(CAPACITY))
    fine = as_csv(CAPACITY)
    lines = text.split("\r\n")
    short = [*lines[:3], lines[3].rsplit(";", 1)[0], *lines[4:]]
    long = [*lines[:3], lines[3].replace("Kern Wonen", "Kern;Wonen"), *lines[4:]]
    quote = text.replace("2026K2;Kern Wonen", '2026K2;"Kern Wonen', 1)
    scope = [{**row, "reikwijdte": "De corporaties\nsamen, per jaar"} for row in good("agreements")]
    key = [
        {**row, "afspraak_id": row["afspraak_id"].replace("-", "\n")} if at == 2 else row
        for at, row in enumerate(good("agreements"))
    ]
    found = [
        Case(
            25,
            "short row",
            _csv(CAPACITY, "\r\n".join(short)),
            fine,
            Expected(REFUSED, "broken_structure", 4),
        ),
        Case(
            26,
            "separator inside a name",
            _csv(CAPACITY, "\r\n".join(long)),
            fine,
            Expected(REFUSED, "broken_structure", 4),
        ),
        Case(
            27,
            "quote that never closes",
            _csv(CAPACITY, quote),
            fine,
            Expected(REFUSED, "broken_structure", 3),
        ),
        Case(
            29,
            "CR only line ends",
            _csv(CAPACITY, csv_text(good(CAPACITY), end="\r")),
            fine,
            PLAIN,
            same=True,
        ),
        Case(30, "sep line first", _csv(CAPACITY, "sep=;\r\n" + text), fine, PLAIN, same=True),
        Case(
            30,
            "sep line that contradicts the envelope",
            _csv(CAPACITY, "sep=,\r\n" + text),
            _csv(CAPACITY, "sep=;\r\n" + text),
            Expected(REFUSED, "broken_structure", 1),
        ),
    ]
    for make in (as_csv, as_xlsx):
        found += [
            Case(
                28,
                "line end in a text",
                make("agreements", scope),
                make("agreements"),
                PLAIN,
                same=True,
            ),
            Case(
                28,
                "line end in a key",
                make("agreements", key),
                make("agreements"),
                Expected(REFUSED, "broken_key", 4, "agreement_id"),
            ),
        ]
    return found


CASES: list[Case] = [*_titles(), *_two_headers(), *_merged_side(), *_headers(), *_lines()]
