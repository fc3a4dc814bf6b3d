"""From the example world to delivered rows: what each sender would export, in canonical values.

Belongs here: which records touch the delivered period, their ids, and the rows that senders get
wrong. Does not belong here: Dutch words, notation and files (`write.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.example_data.background import association_stock
from pipelines.example_data.dice import Dice, Stream
from pipelines.example_data.law import Law
from pipelines.example_data.misses import make_misses
from pipelines.example_data.people import Application, Letting, Registration, Stay
from pipelines.example_data.places import month_number
from pipelines.example_data.world import World

SERVICE_POINT = "service_point"
ASSOCIATIONS = "associations"
SECRETARIAT = "secretariat"
PROVIDER_NAME = "Voorbeeldaanbieder {}"
FIRST_PLANTED = 900_001
"""Numbers from here on belong to planted bad rows, so that they never meet those of the world."""

ROOMS = {1: 2, 2: 2, 3: 3, 4: 4}


@dataclass(frozen=True)
class Misspelt:
    """A word that no contract knows, written as it stands."""

    text: str


Value = str | int | date | bool | Misspelt | None
Row = dict[str, Value]
Deliveries = dict[tuple[str, str], list[Row]]
"""(contract, sender) -> rows."""


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def make_deliveries(world: World, seed: int) -> Deliveries:
    """Make the rows of every delivery, planted bad rows included.

    Args:
        world: The world that has run.
        seed: Seed of what senders forget and get wrong.

    Returns:
        Canonical rows per contract and sender, in the order in which they are written.
    """
    dice = Dice(seed, Stream.SENDERS)
    deliveries: Deliveries = {}
    for contract, sender, row in (
        *_capacity(world),
        *_intake(world),
        *_stays(world, dice),
        *_applications(world),
        *_lettings(world),
        *_plan(world),
        *_stock(world, seed),
        *_agreements(world),
        *_projects(world),
        *_misses(world, seed),
    ):
        left_out = world.law.left_out.get(contract, ())
        kept = {name: value for name, value in row.items() if name not in left_out}
        deliveries.setdefault((contract, sender), []).append(kept)
    _plant(deliveries, world.law.bad_rows, dice)
    return deliveries


_Item = tuple[str, str, Row]


def _first_day(world: World) -> int:
    return world.law.dates["delivered_from"].toordinal()


def _capacity(world: World) -> Iterable[_Item]:
    first, last = world.law.dates["delivered_from"], world.law.dates["last_day"]
    start, stop = month_number(first.isoformat()), month_number(last.isoformat())
    for facility in world.law.facilities:
        for month in range(start + 2, stop + 1, 3):
            yield (
                "capacity",
                facility.provider,
                {
                    "facility_id": facility.id,
                    "period": f"{month // 12}K{month % 12 // 3 + 1}",
                    "provider": PROVIDER_NAME.format(facility.provider),
                    "municipality_code": world.law.code_on(
                        facility.municipality, date(month // 12, month % 12 + 1, 1)
                    ),
                    "target_group": facility.group,
                    "law": world.law.groups[facility.group].law,
                    "place_kind": facility.place_kind,
                    "places": world.places.at(facility.id, month),
                    "occupied_persons": world.occupied[facility.id, month],
                    "secret_address": facility.secret_address,
                },
            )


def _plan(world: World) -> Iterable[_Item]:
    first = world.law.dates["plan_from"].isoformat()[:7]
    decided = int(world.law.value("plan_decided_until"))
    intended = int(world.law.value("plan_intended_until"))
    for step in world.places.steps:
        if step.month < first:
            continue
        year = int(step.month[:4])
        yield (
            "capacity_plan",
            SECRETARIAT,
            {
                "facility_id": step.facility,
                "effective_month": step.month,
                "change_kind": step.kind,
                "places_change": step.places,
                "status": (
                    "besloten"
                    if year <= decided
                    else "voorgenomen"
                    if year <= intended
                    else "verwacht"
                ),
            },
        )


def _intake(world: World) -> Iterable[_Item]:
    first = _first_day(world)

    def touches(item: Registration) -> bool:
        ends = item.admitted if item.admitted is not None else item.left
        return ends is None or ends >= first

    for item in filter(touches, world.records.registrations):
        person = item.person
        yield (
            "intake",
            person.provider,
            {
                "registration_id": f"{person.provider}-A{item.number:06d}",
                "client_id": person.client_id,
                "birth_year": person.birth_year,
                "target_group": person.group,
                "municipality_of_origin": _code(world, person.origin, item.registered),
                "registered_on": _day(item.registered),
                "indicated_on": _day(item.indicated),
                "admitted_on": _day(item.admitted),
                "left_on": _day(item.left),
                "left_reason": item.left_reason,
            },
        )


def _stays(world: World, dice: Dice) -> Iterable[_Item]:
    first, missing = _first_day(world), world.law.value("missing_ready_share")

    def touches(item: Stay) -> bool:
        return item.ended is None or item.ended >= first

    for item in filter(touches, world.records.stays):
        person = item.person
        forgotten = dice.chance(missing)
        yield (
            "stays",
            person.provider,
            {
                "stay_id": f"{person.provider}-V{item.number:06d}",
                "client_id": person.client_id,
                "birth_year": person.birth_year,
                "facility_id": item.facility,
                "target_group": person.group,
                "complexity": person.complexity or None,
                "started_on": _day(item.started),
                "ready_on": None if forgotten else _day(item.ready),
                "ended_on": _day(item.ended),
                "destination": item.destination,
                "household_size": person.household_size,
            },
        )


def _applications(world: World) -> Iterable[_Item]:
    first = _first_day(world)

    def touches(item: Application) -> bool:
        refused = item.assessed if item.assessment in ("negative", "returned") else None
        ends = [end for end in (refused, item.moved, item.withdrawn) if end is not None]
        return not ends or min(ends) >= first

    for item in filter(touches, world.records.applications):
        person = item.person
        preferred = dict.fromkeys(_code(world, name, item.applied) for name in item.preferred)
        network = None if item.network is None else _code(world, item.network, item.applied)
        yield (
            "applications",
            SERVICE_POINT,
            {
                "application_id": _application_id(item),
                "client_id": person.client_id,
                "birth_year": person.birth_year,
                "provider": PROVIDER_NAME.format(person.provider),
                "target_group": person.group,
                "stage": "applied",
                "product": "independent",
                "ready_on": _day(item.ready),
                "applied_on": _day(item.applied),
                "assessment_table": _table(world.law, item),
                "assessed_on": _day(item.assessed),
                "assessment": item.assessment,
                "approved_on": _day(item.approved),
                "preferred_municipalities": "|".join(preferred) or None,
                "network_municipality": network,
                "household_size": person.household_size,
                "rooms": ROOMS[person.household_size],
                "offered_on": _day(item.offered),
                "offer_answer": item.answer,
                "moved_on": _day(item.moved),
                "withdrawn_on": _day(item.withdrawn),
                "withdrawn_reason": item.withdrawn_reason,
            },
        )


def _code(world: World, code: str, day: int) -> str:
    return world.law.code_on(code, date.fromordinal(day))


def _table(law: Law, item: Application) -> str | None:
    """Give the table that judges an application: that of the municipality asked for first."""
    if not law.assessment_tables:
        return None
    home = item.network or next(iter(item.preferred), "")
    return law.assessment_tables.get(home, law.assessment_tables["rest"])


def _application_id(item: Application) -> str:
    return f"SP-{date.fromordinal(item.applied).year}-{item.number:05d}"


def _lettings(world: World) -> Iterable[_Item]:
    first = _first_day(world)

    def touches(item: Letting) -> bool:
        return item.moved >= first

    for item in sorted(filter(touches, world.records.lettings), key=lambda item: item.moved):
        yield (
            "lettings",
            SERVICE_POINT,
            {
                "letting_id": f"W-{date.fromordinal(item.moved).year}-{item.number:05d}",
                "application_id": None
                if item.application is None
                else _application_id(item.application),
                "municipality_code": _code(world, item.municipality, item.moved),
                "association": item.association,
                "ground": item.ground,
                "contract_form": item.contract_form,
                "offered_on": _day(item.offered),
                "accepted_on": _day(item.accepted),
                "moved_on": _day(item.moved),
                "flip_on": _day(item.flipped),
                "ended_on": _day(item.ended),
                "end_reason": item.end_reason,
            },
        )


def _stock(world: World, seed: int) -> Iterable[_Item]:
    """Write the stock, that of merged municipalities as one."""
    counted = ("dwellings", "social_dwellings", "relets", "suitable_relets", "new_lettings")
    merged: dict[tuple[str, str, int], Row] = {}
    for item in association_stock(world.law, Dice(seed, Stream.STOCK)):
        code = world.law.code_on(item.municipality, date(item.year, 1, 1))
        key = item.association, code, item.year
        row = merged.setdefault(
            key, dict(zip(("association", "municipality_code", "year"), key, strict=True))
        )
        for name in counted:
            before = row.get(name)
            row[name] = getattr(item, name) + (before if isinstance(before, int) else 0)
    for row in merged.values():
        yield "association_stock", ASSOCIATIONS, row


def _agreements(world: World) -> Iterable[_Item]:
    for item in world.law.agreements:
        yield "agreements", SECRETARIAT, dict(item)


def _projects(world: World) -> Iterable[_Item]:
    for item in world.law.projects:
        yield "projects", SECRETARIAT, dict(item)


def _misses(world: World, seed: int) -> Iterable[_Item]:
    for item in make_misses(world.law, world.records, Dice(seed, Stream.MISSES)):
        month = 3 * int(item.period[-1])
        yield (
            "misses",
            ASSOCIATIONS,
            {
                "municipality_code": world.law.code_on(
                    item.municipality, date(int(item.period[:4]), month, 1)
                ),
                "association": item.association,
                "period": item.period,
                "reason": item.reason,
                "dwellings": item.dwellings,
            },
        )


# --- rows that senders get wrong -----------------------------------------------------------------


def _start_after_end(contract: str, row: Row) -> Row | None:
    """Write the start of a finished row after its end; None for a row that is not finished."""
    start, end = {
        "stays": ("started_on", "ended_on"),
        "intake": ("registered_on", "admitted_on"),
        "applications": ("applied_on", "moved_on"),
        "lettings": ("moved_on", "ended_on"),
    }[contract]
    ended = row[end]
    if not isinstance(ended, date) or row.get("flip_on") is not None:
        return None
    return {**row, start: date.fromordinal(ended.toordinal() + 5), "ready_on": None}


def _unknown_word(contract: str, row: Row) -> Row | None:
    column, word = {
        "stays": ("destination", "zelfst. won."),
        "intake": ("target_group", "BW-plus"),
        "applications": ("assessment", "akk."),
        "lettings": ("contract_form", "driehoek"),
    }[contract]
    return None if row[column] is None else {**row, column: Misspelt(word)}


FAULTS: Mapping[str, Callable[[str, Row], Row | None]] = {
    "end_before_start": _start_after_end,
    "unknown_value": _unknown_word,
}
RECORD_IDS = {
    "stays": "stay_id",
    "intake": "registration_id",
    "applications": "application_id",
    "lettings": "letting_id",
}


def _renumber(contract: str, row: Row, number: int) -> Row:
    """Give a planted row ids of its own, so that it never touches a good row."""
    key = RECORD_IDS[contract]
    head = str(row[key])[:-6] if contract in ("stays", "intake") else str(row[key])[:-5]
    renewed = {**row, key: f"{head}{number:06d}"}
    if "client_id" in row:
        renewed["client_id"] = f"{str(row['client_id'])[:1]}-{number:06d}"
    elif "application_id" in row:
        renewed["application_id"] = None
    return renewed


def _plant(deliveries: Deliveries, counts: Mapping[str, Mapping[str, int]], dice: Dice) -> None:
    """Add the bad rows of the law to the deliveries, over the senders of a contract in turn."""
    number = FIRST_PLANTED
    for contract, kinds in counts.items():
        senders = [sender for name, sender in deliveries if name == contract]
        kinds_in_turn = [kind for kind, count in kinds.items() for _ in range(count)]
        good = {sender: list(deliveries[contract, sender]) for sender in senders}
        for turn, kind in enumerate(kinds_in_turn):
            sender = senders[turn % len(senders)]
            planted = None
            while planted is None:
                row = good[sender][dice.whole(0, len(good[sender]) - 1)]
                if kind == "duplicate":
                    planted = dict(row)
                    continue
                faulty = FAULTS[kind](contract, row)
                if faulty is not None:
                    known = {name: value for name, value in faulty.items() if name in row}
                    planted = _renumber(contract, known, number)
            number += 1
            rows = deliveries[contract, sender]
            rows.insert(dice.whole(1, len(rows)), planted)
