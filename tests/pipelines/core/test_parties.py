"""Stock, projects and origins in the core: what the parties' marts are made of."""

import pytest

from models.errors import RefusedError
from models.months import parse_month
from tests.pipelines.core import rows
from tests.pipelines.core.rows import Row, core

pytestmark = pytest.mark.unit

STOCK = {
    "association": "Ymere",
    "municipality_code": "GM0392",
    "dwellings": 9000,
    "relets": 600,
}
HOME, OTHER = "GM0392", "GM0375"


@pytest.fixture(autouse=True)
def stock_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rows.DEFAULTS, "association_stock", STOCK)


def test_the_last_stock_of_a_municipality_counts_and_who_left_owns_nothing() -> None:
    given = [
        {"year": 2025, "social_dwellings": 8000},
        {"year": 2026, "dwellings": 9100},
        {"year": 2025, "association": "Gone"},
        {"year": 2025, "municipality_code": OTHER, "association": "Woon"},
    ]
    table = core(association_stock=given)["core_stock__latest"]
    assert table.rows() == [
        (OTHER, "Woon", 2025, 9000, None),
        (HOME, "Ymere", 2026, 9100, None),
    ]
    before = core(association_stock=given, as_of=parse_month("2025-12"))["core_stock__latest"]
    assert before["association"].to_list() == ["Woon", "Gone", "Ymere"]
    assert before["social_dwellings"].to_list() == [None, None, 8000]


def test_every_project_is_kept_with_its_gates() -> None:
    states = ("idee", "bod", "besluit", "in_aanbouw", "open", "gestopt")
    gates = "priority=met|support=open|budget=met|tender=open"
    given = [{"project_id": name, "status": name, "gates": gates} for name in states]
    table = core(projects=given)["core_project"]
    assert sorted(table["project_id"]) == sorted(states)
    one = table.row(0, named=True)
    assert [one[f"gate_{name}"] for name in ("priority", "support", "budget", "tender")] == [
        "met",
        "open",
        "met",
        "open",
    ]
    assert core(projects=[{}])["core_project"]["gate_tender"].to_list() == [None]


def test_a_project_outside_the_region_is_refused() -> None:
    with pytest.raises(RefusedError, match="contract projects"):
        core(projects=[{"municipality_code": "GM0363"}])


def moved(application: Row, *, home: str = HOME, **more: list[Row]) -> tuple[object, ...]:
    """Let one home to client c and give its row of origins without the year."""
    applied = {"application_id": "a", "client_id": "c", "applied_on": "2026-01-01", **application}
    let = {"application_id": "a", "moved_on": "2026-09-01", "municipality_code": home}
    table = core(applications=[applied], lettings=[let], **more)["core_letting__origin"]
    assert table["year"].to_list() == [2026]
    return table.drop("year").row(0)


def registered(origin: str | None, day: str = "2024-01-01", name: str = "i") -> Row:
    return {
        "registration_id": name,
        "client_id": "c",
        "registered_on": day,
        "municipality_of_origin": origin,
    }


def test_the_last_registration_before_the_move_tells_where_a_person_came_from() -> None:
    intake = [
        registered("GM0363", "2023-01-01", "first"),
        registered(OTHER, "2025-01-01", "second"),
        registered(None, "2025-06-01", "third"),
        registered(HOME, "2026-10-01", "after the move"),
    ]
    assert moved({}, intake=intake) == (OTHER, HOME, 1, 0, 0)


def test_a_municipality_outside_the_region_is_elsewhere() -> None:
    assert moved({}, intake=[registered("GM0363")])[0] == "elsewhere"


@pytest.mark.parametrize(("secret", "origin"), [(False, OTHER), (True, "unknown")])
def test_without_a_registration_the_facility_tells_it_unless_its_address_is_secret(
    secret: bool, origin: str
) -> None:
    place = {"facility_id": "F2", "period": "2026K1", "municipality_code": OTHER}
    stay = {"client_id": "c", "facility_id": "F2", "started_on": "2025-01-01"}
    found = moved({}, capacity=[{**place, "secret_address": secret}], stays=[stay])
    assert found[0] == origin


def test_nothing_known_is_unknown_and_never_led_by_the_network() -> None:
    known = {"network_municipality": HOME, "preferred_municipalities": HOME}
    assert moved(known) == ("unknown", HOME, 1, 0, 0)


@pytest.mark.parametrize(
    ("origin", "network", "preferred", "led"),
    [
        (OTHER, HOME, None, (1, 0)),
        (OTHER, HOME, f"{OTHER}|{HOME}", (1, 0)),
        (OTHER, OTHER, f"{OTHER}|{HOME}", (0, 1)),
        (OTHER, None, OTHER, (0, 0)),
        (HOME, HOME, HOME, (0, 0)),
        ("GM0363", HOME, None, (1, 0)),
    ],
)
def test_a_home_in_the_networks_municipality_and_not_in_that_of_origin_is_led_by_it(
    origin: str, network: str | None, preferred: str | None, led: tuple[int, int]
) -> None:
    application = {"network_municipality": network, "preferred_municipalities": preferred}
    assert moved(application, intake=[registered(origin)])[3:] == led


def test_only_homes_let_on_the_ground_outflow_count() -> None:
    let = [
        {"ground": ground, "moved_on": "2026-09-01"}
        for ground in ("status_holder", "tailored", "outflow")
    ]
    table = core(lettings=[*let, {"moved_on": "2026-11-01", "offered_on": "2026-09-01"}])
    assert table["core_letting__origin"].rows() == [(2026, "unknown", HOME, 1, 0, 0)]
