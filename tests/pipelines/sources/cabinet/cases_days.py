"""Cases 39 to 49: days, and what days say of people.

Belongs here: these cases. Does not belong here: how a file is built (`papers.py`).
"""

from dataclasses import replace
from datetime import datetime

from tests.pipelines.sources.cabinet.papers import (
    ACCEPTED,
    QUARANTINE,
    REFUSED,
    WAITING,
    WARNING,
    Case,
    Expected,
    as_csv,
    as_xlsx,
    both,
    changed,
    good,
    with_cells,
)

PLAIN = Expected(ACCEPTED)
START, END = "datum_start", "datum_einde"


def _serials() -> list[Case]:
    numbers = with_cells("stays", {(at + 2, START): 45698 + at for at in range(8)})
    plain = good("stays")
    typed = with_cells("stays", {(3, START): datetime(2025, 2, 11)})
    late = with_cells("stays", {(3, START): 99999})
    old = {"date_1904": True}
    return [
        Case(
            39,
            "day as its number",
            as_csv("stays", numbers),
            as_csv("stays", plain),
            PLAIN,
            same=True,
        ),
        Case(
            39,
            "day as its number",
            as_xlsx("stays", numbers),
            as_xlsx("stays", plain),
            PLAIN,
            same=True,
        ),
        Case(
            39,
            "day that counts from 1904",
            as_xlsx("stays", typed, options=old),
            as_xlsx("stays", plain),
            PLAIN,
            same=True,
        ),
        Case(
            39,
            "number far from any day",
            as_csv("stays", late),
            as_csv("stays", plain),
            Expected(QUARANTINE, "bad_date", 3, "started_on"),
        ),
        Case(
            39,
            "number far from any day",
            as_xlsx("stays", late),
            as_xlsx("stays", plain),
            Expected(QUARANTINE, "bad_date", 3, "started_on"),
        ),
    ]


def _notations() -> list[Case]:
    two = ["dd-mm-yyyy", "yyyy-mm-dd"]
    turned = ["dd-mm-yyyy", "mm-dd-yyyy"]
    mixed, plain = {(3, START): "2025-02-11"}, {(3, START): "11-02-2025"}
    american = {
        (at + 2, name): f"{row[name][3:5]}/{row[name][:2]}/{row[name][6:]}"
        for at, row in enumerate(good("stays"))
        for name in (START, END)
        if row[name]
    }
    slashes = with_cells("stays", american)
    found = [
        *both(
            40,
            "two declared notations",
            "stays",
            mixed,
            Expected(WARNING, "mixed_dates", 3, "started_on"),
            good_cells=plain,
            same=True,
            date_formats=two,
        ),
        *both(
            41,
            "day and month turned, by proof",
            "stays",
            {(5, START): "02-13-2025"},
            Expected(REFUSED, "wrong_date_order", 5, "started_on"),
        ),
    ]
    for make in (as_csv, as_xlsx):
        ambiguous = make("stays", date_formats=turned)
        found += [
            Case(
                40,
                "two notations that read two days",
                ambiguous,
                make("stays"),
                Expected(REFUSED, "ambiguous_date", 2, "started_on"),
            ),
            Case(
                41,
                "american days",
                make("stays", slashes),
                make("stays", slashes, date_formats=["mm/dd/yyyy"]),
                Expected(REFUSED, "wrong_date_order", 2, "started_on"),
            ),
        ]
    return found


def _impossible() -> list[Case]:
    def apart(number, title, text, reason, name=START, column="started_on"):
        expected = Expected(QUARANTINE, reason, 3, column)
        return both(number, title, "stays", {(3, name): text}, expected)

    return [
        *apart(42, "29 February of a common year", "29-02-2023", "bad_date"),
        *apart(42, "31 April", "31-04-2025", "bad_date"),
        *apart(42, "year 24", "11-02-0024", "date_out_of_range"),
        *apart(42, "year 2204", "11-02-2204", "date_out_of_range"),
        *apart(
            42,
            "no end where the contract has none",
            "31-12-9999",
            "date_out_of_range",
            END,
            "ended_on",
        ),
        *apart(43, "start after the delivery", "06-10-2026", "future_date"),
        *apart(44, "end before the start", "10-02-2025", "end_before_start", END, "ended_on"),
    ]


def _people() -> list[Case]:
    overlap = {
        (6, "cliëntnummer"): "C-300",
        (6, "geboortejaar"): "1965",
        (6, START): "01-03-2026",
        (6, END): "01-04-2026",
    }
    same_day = {**overlap, (6, START): "10-03-2026"}
    repeated = [*good("applications"), good("applications")[3]]
    differs = [*good("applications"), {**good("applications")[3], "huishoudgrootte": "2"}]
    twice = {(7, "cliëntnummer"): "C-403", (7, "geboortejaar"): "1977"}
    other_year = {(8, "cliëntnummer"): "C-305", (8, "geboortejaar"): "1999"}
    long = {(9, START): "01-06-2008"}
    elsewhere = [{**row, "verblijf_id": f"W{row['verblijf_id']}"} for row in good("stays")[:2]]
    earlier = [
        {**row, "datum_start": "01-01-2024"} if not at else row
        for at, row in enumerate(good("stays"))
    ]
    found = [
        *both(
            45,
            "stays that overlap",
            "stays",
            overlap,
            Expected(QUARANTINE, "overlapping_stays", 2, "started_on"),
            good_cells=same_day,
        ),
        *both(45, "stays that share the day of the move", "stays", same_day, PLAIN),
        *both(
            46,
            "one person twice on the list",
            "applications",
            twice,
            Expected(QUARANTINE, "twice_on_the_list", 5, "client_id"),
        ),
        *both(
            47,
            "one number with two years of birth",
            "stays",
            other_year,
            Expected(WAITING, "different_persons", 7, "client_id"),
        ),
        *both(
            49,
            "stay of eighteen years",
            "stays",
            long,
            Expected(WARNING, "long_stay", 9, "ended_on"),
        ),
    ]
    for make in (as_csv, as_xlsx):
        found += [
            Case(
                46,
                "one row twice",
                make("applications", repeated),
                make("applications"),
                PLAIN,
                same=True,
            ),
            Case(
                46,
                "one row twice with another figure",
                make("applications", differs),
                make("applications", repeated),
                Expected(QUARANTINE, "duplicate_key", 5, "application_id"),
            ),
        ]
        other = replace(make("stays", elsewhere, sender="De Andere"), name="stays-andere")
        found.append(
            Case(
                48,
                "one person at two organisations",
                other,
                changed(other, client_numbers="sender"),
                Expected(WARNING, "person_at_two_senders", 2, "client_id"),
                beside=(make("stays", earlier),),
            )
        )
    return found


CASES: list[Case] = [*_serials(), *_notations(), *_impossible(), *_people()]
