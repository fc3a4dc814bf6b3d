"""Cases 1 to 8, 53 to 58: how numbers are written, and rows that are no data.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    QUARANTINE,
    REFUSED,
    WAITING,
    WARNING,
    Case,
    Expected,
    Paper,
    as_csv,
    as_xlsx,
    both,
    changed,
    csv_text,
    good,
    with_cells,
)
from tests.pipelines.sources.cabinet.tables import Row

PLAIN = Expected(ACCEPTED)
STOCK = "association_stock"


def _two(number, title, contract, bad, fine, expected, *, same=False, **envelope) -> list[Case]:
    return [
        Case(
            number,
            title,
            make(contract, bad, **envelope),
            make(contract, fine, **envelope),
            expected,
            same=same,
        )
        for make in (as_csv, as_xlsx)
    ]


def _total(rows: list[Row], label: str, wrong: int = 0) -> Row:
    counts = ("woningen", "sociale_huurwoningen", "mutaties", "passende_mutaties")
    row: Row = dict.fromkeys(rows[0], "")
    row["corporatie"] = label
    for name in counts:
        row[name] = str(sum(int(one[name]) for one in rows))
    row["woningen"] = str(int(row["woningen"]) + wrong)
    return row


def _subtotals(wrong: int = 0) -> list[Row]:
    rows = good(STOCK)
    first, second = rows[:3], rows[3:]
    blank = dict.fromkeys(rows[0], "")
    return [
        *first,
        _total(first, "Subtotaal Pré Wonen", wrong),
        blank,
        *second,
        _total(second, "Subtotaal Elan Wonen"),
        blank,
        _total(rows, "Totaal"),
    ]


def _languages() -> list[Case]:
    found = []
    for make in (as_csv, as_xlsx):
        dutch = make("agreements", delimiter=";")
        found.append(
            Case(
                1,
                "decimal comma under another language",
                changed(dutch, number_language="en"),
                dutch,
                Expected(REFUSED, "wrong_number_language", 4, "value"),
            )
        )
    english = [{**row, "waarde": row["waarde"].replace(",", ".")} for row in good("agreements")]
    found.append(
        Case(
            1,
            "decimal comma as declared",
            as_csv("agreements"),
            as_csv("agreements", english, number_language="en"),
            PLAIN,
            same=True,
        )
    )
    plain = csv_text(with_cells(STOCK, {(2, "woningen"): "1450"}), ",")
    quoted = plain.replace("1450", '"1,450"').encode()
    english_envelope = {"number_language": "en"}
    found.append(
        Case(
            3,
            "thousands comma without quotes",
            Paper(STOCK, plain.replace("1450", "1,450").encode(), envelope=english_envelope),
            Paper(STOCK, quoted, envelope=english_envelope),
            Expected(REFUSED, "broken_structure", 2),
        )
    )
    return found


CASES: list[Case] = [
    *_languages(),
    *both(
        2,
        "thousands point in a count",
        STOCK,
        {(2, "woningen"): "1.450"},
        PLAIN,
        good_cells={(2, "woningen"): "1450"},
        same=True,
    ),
    *both(
        2,
        "point in a decimal number",
        "agreements",
        {(2, "waarde"): "1.450"},
        Expected(WAITING, "ambiguous_number", 2, "value"),
        good_cells={(2, "waarde"): "1450"},
    ),
    *both(
        4,
        "thousands and decimals in one column",
        STOCK,
        {(2, "woningen"): "1.450", (3, "woningen"): "1450", (4, "woningen"): "1,45"},
        Expected(REFUSED, "wrong_number_language", 4, "dwellings"),
        good_cells={(2, "woningen"): "1.450", (3, "woningen"): "1450", (4, "woningen"): "1451"},
    ),
    *both(
        5,
        "spaces between thousands",
        STOCK,
        {(2, "woningen"): "1 450", (3, "woningen"): "1\u00a0451", (4, "woningen"): "1\u2009452"},
        PLAIN,
        good_cells={(2, "woningen"): "1450", (3, "woningen"): "1451", (4, "woningen"): "1452"},
        same=True,
    ),
    *both(
        6,
        "unicode minus",
        "capacity_plan",
        {(2, "verandering_plaatsen"): "\u22126"},
        PLAIN,
        good_cells={(2, "verandering_plaatsen"): "-6"},
        same=True,
    ),
    *both(
        6,
        "number in brackets",
        "capacity_plan",
        {(3, "verandering_plaatsen"): "(3)"},
        Expected(WAITING, "ambiguous_number", 3, "places_change"),
        good_cells={(3, "verandering_plaatsen"): "-3"},
    ),
    *_two(
        7,
        "row of totals",
        STOCK,
        [*good(STOCK), _total(good(STOCK), "Totaal")],
        good(STOCK),
        PLAIN,
        same=True,
    ),
    *_two(
        7,
        "row of totals that is no sum",
        STOCK,
        [*good(STOCK), _total(good(STOCK), "Totaal", 1)],
        [*good(STOCK), _total(good(STOCK), "Totaal")],
        Expected(REFUSED, "total_mismatch", 8, "dwellings"),
    ),
    *_two(8, "subtotals and blank rows", STOCK, _subtotals(), good(STOCK), PLAIN, same=True),
    *_two(
        8,
        "subtotal that is no sum",
        STOCK,
        _subtotals(2),
        _subtotals(),
        Expected(REFUSED, "total_mismatch", 5, "dwellings"),
    ),
    *both(
        53,
        "half a person",
        "capacity",
        {(3, "bezet"): "2,5"},
        Expected(QUARANTINE, "not_whole", 3, "occupied_persons"),
    ),
    *both(
        53,
        "half a place",
        "capacity",
        {(3, "plaatsen"): "22,5"},
        Expected(QUARANTINE, "not_whole", 3, "places"),
    ),
    *(
        Case(
            53,
            "places in fte, as declared",
            make("capacity", units={"places": "fte"}),
            make("capacity", units={"places": "places"}),
            Expected(REFUSED, "unknown_unit", None, "places"),
        )
        for make in (as_csv, as_xlsx)
    ),
    *both(
        54,
        "percentage where a share is declared",
        "agreements",
        {(4, "waarde"): "85%"},
        Expected(REFUSED, "mixed_percent", 4, "value"),
    ),
    *both(
        54,
        "a share and a percentage in one file",
        "agreements",
        {(6, "waarde"): "90"},
        Expected(REFUSED, "mixed_percent", 6, "value"),
    ),
    *both(
        55,
        "unknown unit",
        "agreements",
        {(3, "eenheid"): "dagen"},
        Expected(REFUSED, "unknown_unit", 3, "unit"),
    ),
    *both(
        55,
        "missing unit",
        "agreements",
        {(3, "eenheid"): ""},
        Expected(REFUSED, "unknown_unit", 3, "unit"),
    ),
    *(
        Case(
            55,
            "another unit in the envelope",
            make("projects", units={"stay_months_mean": "days"}),
            make("projects", units={"stay_months_mean": "months"}),
            Expected(REFUSED, "unknown_unit", None, "stay_months_mean"),
        )
        for make in (as_csv, as_xlsx)
    ),
    *both(
        56,
        "fewer than five",
        STOCK,
        {(3, "passende_mutaties"): "<5"},
        Expected(WARNING, "missing_words", 3, "suitable_relets"),
    ),
    *both(
        56,
        "fewer than five in a required count",
        STOCK,
        {(3, "mutaties"): "<5"},
        Expected(QUARANTINE, "suppressed_count", 3, "relets"),
    ),
    *both(
        56,
        "words for unknown",
        STOCK,
        {
            (3, "passende_mutaties"): "n.v.t.",
            (4, "passende_mutaties"): "-",
            (5, "passende_mutaties"): "x",
            (6, "passende_mutaties"): "onbekend",
        },
        Expected(WARNING, "missing_words", 3, "suitable_relets"),
    ),
    *both(
        57,
        "empty cell in a required count",
        STOCK,
        {(3, "mutaties"): ""},
        Expected(QUARANTINE, "missing_value", 3, "relets"),
    ),
    *both(
        57, "empty cell in a count that may be empty", STOCK, {(3, "passende_mutaties"): ""}, PLAIN
    ),
    *both(
        58,
        "inf in a count",
        STOCK,
        {(3, "mutaties"): "inf"},
        Expected(QUARANTINE, "bad_number", 3, "relets"),
    ),
    *both(
        58,
        "power of ten in a count",
        STOCK,
        {(3, "mutaties"): "1E5"},
        Expected(QUARANTINE, "bad_number", 3, "relets"),
    ),
    *both(
        58,
        "power of ten in an id",
        "stays",
        {(3, "cliëntnummer"): "1,23E+05"},
        Expected(QUARANTINE, "bad_id", 3, "client_id"),
    ),
]
