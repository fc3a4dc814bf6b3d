"""Small good tables of every contract, as senders write them, and the envelope around them.

Belongs here: rows that are accepted as they stand. Does not belong here: what goes wrong in them.
"""

from typing import Any

Row = dict[str, Any]

REGION = "zk-ijmond"
OWN_CODES = frozenset({"GM0392", "GM0394", "GM0453"})
SENDER = "Kern Wonen"

ENVELOPE: dict[str, Any] = {
    "sender": SENDER,
    "region": REGION,
    "period_from": "2026-01-01",
    "period_to": "2026-09-30",
    "delivered_on": "2026-10-05",
    "synthetic": True,
    "number_language": "nl-NL",
    "date_formats": ["dd-mm-yyyy"],
    "encoding": "utf-8",
}
"""A good envelope; days are written bare, as TOML has them."""


def capacity() -> list[Row]:
    """Three facilities in three quarters."""
    return [
        {
            "locatie_id": f"K-0{facility}",
            "kwartaal": f"2026K{quarter}",
            "aanbieder": SENDER,
            "gemeentecode": code,
            "doelgroep": "beschermd wonen",
            "wet": "Wmo",
            "soort_plek": "intramuraal",
            "plaatsen": str(20 + facility),
            "bezet": str(18 + facility),
            "geheim_adres": "nee",
        }
        for facility, code in ((1, "GM0392"), (2, "GM0392"), (3, "GM0453"))
        for quarter in (1, 2, 3)
    ]


def capacity_plan() -> list[Row]:
    """Six changes of three facilities."""
    return [
        {
            "locatie_id": f"K-0{1 + at % 3}",
            "ingangsmaand": f"2027-0{1 + at}",
            "soort_wijziging": "afbouw door uitstroom",
            "verandering_plaatsen": f"-{1 + at}",
            "status": "besloten",
        }
        for at in range(6)
    ]


def intake() -> list[Row]:
    """Eight registrations, two of which ended."""
    return [
        {
            "aanmelding_id": f"A-{100 + at}",
            "cliëntnummer": f"C-{200 + at}",
            "geboortejaar": str(1970 + 3 * at),
            "doelgroep": "24-uursopvang",
            "gemeente_van_herkomst": "GM0392" if at % 2 else "GM0453",
            "datum_aanmelding": f"0{1 + at}-0{1 + at}-2026",
            "datum_plaatsing": "20-09-2026" if at < 2 else "",
        }
        for at in range(8)
    ]


def stays() -> list[Row]:
    """Eight stays, three of which ended."""
    return [
        {
            "verblijf_id": f"V-{100 + at}",
            "cliëntnummer": f"C-{300 + at}",
            "geboortejaar": str(1965 + 4 * at),
            "locatie_id": f"K-0{1 + at % 3}",
            "doelgroep": "beschermd wonen",
            "datum_start": f"1{at}-02-2025",
            "datum_einde": f"1{at}-03-2026" if at < 3 else "",
            "bestemming": "eigen woning" if at < 3 else "",
            "huishoudgrootte": "1",
        }
        for at in range(8)
    ]


def applications() -> list[Row]:
    """Eight applications, two of which ended in a move."""
    return [
        {
            "aanvraag_id": f"Q-{100 + at}",
            "cliëntnummer": f"C-{400 + at}",
            "geboortejaar": str(1968 + 3 * at),
            "aanbieder": SENDER,
            "doelgroep": "jeugd 18+",
            "product": "zelfstandige woning",
            "datum_aanvraag": f"0{1 + at}-0{1 + at}-2026",
            "beoordeling": "positief",
            "voorkeursgemeenten": "GM0392|GM0453",
            "huishoudgrootte": "1",
            "datum_verhuizing": "15-09-2026" if at < 2 else "",
        }
        for at in range(8)
    ]


def lettings() -> list[Row]:
    """Six homes that were let."""
    return [
        {
            "verhuring_id": f"H-{100 + at}",
            "aanvraag_id": f"Q-{100 + at}" if at < 2 else "",
            "gemeentecode": "GM0392" if at % 2 else "GM0453",
            "corporatie": "Pré Wonen",
            "grond": "uitstroom" if at < 2 else "urgent",
            "contractvorm": "driehoekscontract",
            "datum_verhuizing": f"1{at}-0{2 + at}-2026",
        }
        for at in range(6)
    ]


def association_stock() -> list[Row]:
    """Two associations in three municipalities on one 1 January."""
    return [
        {
            "corporatie": association,
            "gemeentecode": code,
            "jaar": "2026",
            "woningen": str(1200 + 100 * at),
            "sociale_huurwoningen": str(1000 + 100 * at),
            "mutaties": str(60 + at),
            "passende_mutaties": str(20 + at),
        }
        for association in ("Pré Wonen", "Elan Wonen")
        for at, code in enumerate(("GM0392", "GM0394", "GM0453"))
    ]


def projects() -> list[Row]:
    """Six in-between projects."""
    return [
        {
            "project_id": f"P-{at}",
            "naam": f"Studio's {'Zuid' if at % 2 else 'Noord'} {at}",
            "soort": "studio",
            "gemeentecode": "GM0392" if at % 2 else "GM0453",
            "plaatsen": str(10 + at),
            "verblijf_maanden_gemiddeld": "17,5",
            "verwachte_opening": "2028-01",
            "status": "in aanbouw",
            "poorten": "voorrang=voldaan|begeleiding=open|budget=voldaan|aanbesteding=open",
        }
        for at in range(6)
    ]


def agreements() -> list[Row]:
    """Six agreements in four units."""
    values = (
        ("178", "woningen"),
        ("6", "maanden"),
        ("0,85", "aandeel"),
        ("24,5", "maanden"),
        ("0,9", "aandeel"),
        ("40", "plaatsen"),
    )
    return [
        {
            "afspraak_id": f"afspraak-{at}",
            "soort": "streefgetal",
            "reikwijdte": "De corporaties samen, per jaar",
            "waarde": value,
            "eenheid": unit,
            "van": "01-01-2022",
            "tot": "31-12-9999",
            "verbintenis": "inspanning",
            "orgaan": "Stuurgroep",
            "datum_besluit": "07-10-2021",
            "stand": "vastgesteld",
        }
        for at, (value, unit) in enumerate(values)
    ]


def misses() -> list[Row]:
    """Six numbers of homes that were not let."""
    return [
        {
            "gemeentecode": code,
            "corporatie": "Pré Wonen",
            "kwartaal": f"2026K{quarter}",
            "reden": "geen match",
            "woningen": str(quarter),
        }
        for code in ("GM0392", "GM0453")
        for quarter in (1, 2, 3)
    ]


TABLES = {
    made.__name__: made
    for made in (
        capacity,
        capacity_plan,
        intake,
        stays,
        applications,
        lettings,
        association_stock,
        projects,
        agreements,
        misses,
    )
}
"""Contract -> its good table."""
