"""Cases 50 to 52 and 59 to 69: capacity, municipalities, periods, wrong boxes.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

from dataclasses import replace

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    KNOWN,
    QUARANTINE,
    REFUSED,
    WAITING,
    WARNING,
    Case,
    Expected,
    as_csv,
    as_xlsx,
    both,
    good,
    with_cells,
    with_column,
)
from tests.pipelines.sources.cabinet.tables import Row

PLAIN = Expected(ACCEPTED)
CAPACITY, STOCK = "capacity", "association_stock"


def _capacity() -> list[Case]:
    jump = {(line, "plaatsen"): "220" for line in (5, 6, 7)}
    closed = {(line, name): "0" for line in (5, 6, 7) for name in ("plaatsen", "bezet")}
    before = (replace(as_csv(CAPACITY), name="capaciteit-juli"),)
    found = [
        *both(
            50,
            "negative places",
            CAPACITY,
            {(4, "plaatsen"): "-3"},
            Expected(REFUSED, "negative_capacity", 4, "places"),
        ),
        *both(
            51,
            "a fifth more people than places",
            CAPACITY,
            {(4, "bezet"): "26"},
            Expected(WARNING, "occupancy", 4, "occupied_persons"),
        ),
        *both(
            51,
            "three times the people",
            CAPACITY,
            {(4, "bezet"): "63"},
            Expected(REFUSED, "occupancy", 4, "occupied_persons"),
        ),
    ]
    for title, cells in (("ten times the places", jump), ("no place left", closed)):
        for make in (as_csv, as_xlsx):
            found.append(
                Case(
                    52,
                    title,
                    make(CAPACITY, with_cells(CAPACITY, cells)),
                    make(CAPACITY, with_cells(CAPACITY, {(5, "plaatsen"): "23"})),
                    Expected(WAITING, "capacity_jump", None, "places"),
                    before=before,
                )
            )
    return found


def _municipalities() -> list[Case]:
    code, origin = "gemeentecode", "gemeente_van_herkomst"
    return [
        *both(
            59,
            "name of a municipality",
            "intake",
            {(3, origin): "'s-Gravenhage"},
            PLAIN,
            good_cells={(3, origin): "GM0518"},
            same=True,
        ),
        *both(
            59,
            "other name of a municipality",
            "intake",
            {(3, origin): "den haag"},
            PLAIN,
            good_cells={(3, origin): "GM0518"},
            same=True,
        ),
        *both(
            59,
            "slip in a name",
            "intake",
            {(3, origin): "Haarlen"},
            Expected(REFUSED, "unknown_municipality", 3, "municipality_of_origin"),
            good_cells={(3, origin): "Haarlem"},
        ),
        *both(
            60,
            "municipality that went into another",
            "intake",
            {(3, origin): "GM0398"},
            PLAIN,
            good_cells={(3, origin): "GM1980"},
            same=True,
        ),
        *both(
            60,
            "municipality that was divided",
            "intake",
            {(3, origin): "GM0365"},
            Expected(QUARANTINE, "split_municipality", 3, "municipality_of_origin"),
        ),
        *both(
            61,
            "code without zeros",
            CAPACITY,
            {(2, code): "392", (3, code): "0392", (4, code): "gm0392"},
            PLAIN,
            good_cells={(2, code): "GM0392", (3, code): "GM0392", (4, code): "GM0392"},
            same=True,
        ),
        *(
            Case(
                62,
                "code and name differ",
                make(CAPACITY, _named("Haarlem", wrong=True)),
                make(CAPACITY, _named("Haarlem")),
                Expected(QUARANTINE, "code_and_name_differ", 3, "municipality_code"),
            )
            for make in (as_csv, as_xlsx)
        ),
        *both(
            63,
            "letting outside the region",
            "lettings",
            {(3, code): "GM0363"},
            Expected(REFUSED, "foreign_municipality", 3, "municipality_code"),
        ),
        *both(63, "origin outside the region", "intake", {(3, origin): "GM0363"}, PLAIN),
        *both(
            63, "origin given as outside the region", "intake", {(3, origin): "buiten regio"}, PLAIN
        ),
        *both(
            64,
            "unknown target group",
            CAPACITY,
            {(3, "doelgroep"): "BW-plus"},
            Expected(QUARANTINE, "unknown_value", 3, "target_group"),
        ),
    ]


def _named(_name: str, wrong: bool = False) -> list[Row]:
    names = {"GM0392": "Haarlem", "GM0453": "Velsen"}
    rows = good(CAPACITY)
    codes = [row["gemeentecode"] for row in rows]
    return with_column(
        CAPACITY,
        "gemeentenaam",
        lambda at: "Velsen" if wrong and at == 1 else names[codes[at]],
    )


def _year(rows: list[Row], year: int) -> list[Row]:
    return [{**row, "jaar": str(year)} for row in rows]


def _quarters(*left_out: tuple[int, int], years: tuple[int, ...] = (2024, 2025, 2026)):
    """Give twelve quarters of one facility without some."""
    return [
        {**good(CAPACITY)[0], "kwartaal": f"{year}K{quarter}"}
        for year in years
        for quarter in (1, 2, 3, 4)
        if (year, quarter) not in left_out
    ]


def _periods() -> list[Case]:
    span = {"period_from": "2024-01-01", "period_to": "2026-12-31", "delivered_on": "2027-01-05"}
    one, three = ((2025, 2),), ((2025, 2), (2025, 3), (2026, 1))
    rows = good(CAPACITY)
    twice = [*rows, {**rows[4], "bezet": "11"}]
    found = []
    for make in (as_csv, as_xlsx):
        found += [
            Case(
                65,
                "one quarter missing",
                make(CAPACITY, _quarters(*one), **span),
                make(CAPACITY, _quarters(), **span),
                Expected(WARNING, "periods_missing", None, "period"),
            ),
            Case(
                65,
                "three quarters of twelve missing",
                make(CAPACITY, _quarters(*three), **span),
                make(CAPACITY, _quarters(), **span),
                Expected(WAITING, "periods_missing", None, "period"),
            ),
            Case(
                66,
                "one quarter twice with other figures",
                make(CAPACITY, twice),
                make(CAPACITY, [*rows, rows[4]]),
                Expected(REFUSED, "same_period_twice", 6, "period"),
            ),
            Case(
                69,
                "figures of another year",
                make(STOCK, _year(good(STOCK), 2019)),
                make(STOCK),
                Expected(REFUSED, "outside_period", 2),
            ),
            Case(
                69,
                "another region in the envelope",
                make(STOCK, region="alkmaar"),
                make(STOCK),
                Expected(REFUSED, "wrong_box"),
            ),
            Case(
                69,
                "another contract in the envelope",
                make(STOCK, contract="misses"),
                make(STOCK),
                Expected(REFUSED, "wrong_box"),
            ),
            Case(
                69,
                "capacity of another organisation",
                make(CAPACITY, [{**row, "aanbieder": "De Andere"} for row in rows]),
                make(CAPACITY),
                Expected(REFUSED, "wrong_box", 2, "provider"),
            ),
        ]
    return found


def _versions() -> list[Case]:
    others = [{**row, "locatie_id": f"1{row['locatie_id']}"} for row in good(CAPACITY)]
    changed = {(line, "bezet"): "15" for line in range(2, 11)}
    changed |= {(line, "soort_plek"): "ambulant" for line in range(2, 11)}
    found = []
    for make in (as_csv, as_xlsx):
        before = make(CAPACITY)
        found += [
            Case(
                67,
                "other figures of closed quarters under the same name",
                make(CAPACITY, with_cells(CAPACITY, changed)),
                make(CAPACITY, with_cells(CAPACITY, {(10, "bezet"): "20"})),
                Expected(WAITING, "closed_periods_changed"),
                before=(before,),
            ),
            Case(
                68,
                "same content under another name",
                replace(before, name="capaciteit-2"),
                replace(make(CAPACITY, others), name="capaciteit-2"),
                Expected(KNOWN),
                beside=(replace(before, name="capaciteit-1"),),
            ),
        ]
    return found


CASES: list[Case] = [*_capacity(), *_municipalities(), *_periods(), *_versions()]
