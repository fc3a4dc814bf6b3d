"""Generated sentences against truth tables: up, down, level, unclear, zero, missing."""

from typing import Any

import polars as pl
import pytest

from models.outflow.inputs import OUTFLOW_GROUND
from reports.labels import Labels
from reports.sections import (
    agreements,
    assumptions,
    base,
    deliveries,
    demand,
    drivers,
    inflow,
    places,
    published,
    quota,
    scenarios,
    unmet,
)

pytestmark = pytest.mark.unit

Range = tuple[float, float, float]


def yearly(*ranges: Range) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"year": 2027 + step, "months_covered": 12, "mean": mean, "p10": low, "p90": high}
            for step, (mean, low, high) in enumerate(ranges)
        ]
    )


@pytest.mark.parametrize(
    ("ranges", "sentence"),
    [
        (
            [(164, 150, 180), (190, 1, 999), (229, 190, 270)],
            "De vraag stijgt van 164 woningen in 2027 naar 229 in 2029",
        ),
        (
            [(229, 190, 270), (164, 150, 180)],
            "De vraag daalt van 229 woningen in 2027 naar 164 in 2028",
        ),
        (
            [(164, 130, 200), (229, 170, 290)],
            "De vraag is gemiddeld 164 woningen in 2027 en 229 in 2028; de marges overlappen",
        ),
        ([(58, 58, 58), (58, 58, 58)], "De vraag blijft op 58 woningen per jaar"),
        ([(0, 0, 0), (0, 0, 0)], "De vraag blijft op 0 woningen per jaar"),
        ([(164, 130, 200)], "In 2027 zijn gemiddeld 164 woningen nodig"),
    ],
)
def test_yearly_demand_rises_only_where_the_ranges_are_apart(
    words: Labels, ranges: list[Range], sentence: str
) -> None:
    assert base.trend_sentence(yearly(*ranges), "demand.yearly_", words) == sentence


@pytest.mark.parametrize(
    ("ranges", "verdict"),
    [
        ([(82, 70, 95), (178, 120, 240)], "up"),
        ([(82, 45, 120), (178, 98, 260)], "unclear"),
        ([(178, 98, 260), (82, 45, 120)], None),
        ([(82, 45, 120), (82.4, 45, 120)], None),
        ([(178, 170, 190), (82, 45, 120)], None),
        ([(82, 45, 120)], None),
    ],
)
def test_people_left_over_come_to_page_one_only_when_they_rise(
    ranges: list[Range], verdict: str | None
) -> None:
    found = unmet.rise(yearly(*ranges))
    assert (found and found.value) == verdict


def _driver(name: str, mean: float, low: float, high: float) -> dict[str, Any]:
    return {"driver": name, "mean": mean, "p10": low, "p90": high}


ENDS = [_driver("reference", 580, 580, 580), _driver("gross", 2030, 1580, 2400)]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            [_driver("closing_places", 531, 182, 664), _driver("inflow", -90, -300, 20)],
            "De grootste oorzaak is: plekken die sluiten of opengaan (+530 woningen)",
        ),
        (
            [_driver("closing_places", 120, 80, 160), _driver("inflow", -400, -700, -100)],
            "De grootste oorzaak is: verandering van de instroom (\N{MINUS SIGN}400 woningen)",
        ),
        (
            [_driver("inflow", 400, -100, 900)],
            "De grootste oorzaak, maar niet zeker: verandering van de instroom\nGemiddeld +400 "
            "woningen, maar de marge van \N{MINUS SIGN}100 tot 900 sluit nul niet uit",
        ),
        ([_driver("inflow", 0, 0, 0)], "Geen enkele oorzaak verandert de vraag"),
        ([], "Geen enkele oorzaak verandert de vraag"),
    ],
)
def test_the_largest_driver_is_named_and_doubted_where_its_range_holds_zero(
    words: Labels, parts: list[dict[str, Any]], sentence: str
) -> None:
    together = _driver("interaction", 999, 900, 1100)
    assert drivers.driver_finding([*ENDS, *parts, together], words) == sentence


@pytest.mark.parametrize(
    ("together", "start"),
    [(291, "Let op"), (-291, "Let op"), (289, "De samenloop"), (0, "De samenloop")],
)
def test_interaction_above_a_fifth_of_the_change_is_said(
    words: Labels, together: float, start: str
) -> None:
    rows = [*ENDS, _driver("interaction", together, together - 5, together + 5)]
    assert drivers.interaction_note(rows, words)[0].startswith(start)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (960, 1730, "ligt binnen de marge van onze doorrekening per december 2021"),
        (1451, 1730, "ligt onder de marge van onze doorrekening per december 2021"),
        (960, 1449, "ligt boven de marge van onze doorrekening per december 2021"),
    ],
)
def test_the_published_number_stands_on_the_right_side_of_our_range(
    words: Labels, low: float, high: float, sentence: str
) -> None:
    row = {"measure": "extra_current_lettings", "mean": (low + high) / 2, "p10": low, "p90": high}
    said = published.published_finding({**row, "published": 1450.0, "as_of": "2021-12"}, words)
    assert said == f"Het gepubliceerde getal 1.450 {sentence}"


@pytest.mark.parametrize(
    ("mean", "end"),
    [(1380, "dat is 70 minder dan"), (1960, "dat is 510 meer dan"), (1452, "dat is gelijk aan")],
)
def test_the_distance_to_the_published_number_has_its_direction(
    words: Labels, mean: float, end: str
) -> None:
    row = {"mean": mean, "p10": mean - 400, "p90": mean + 400, "published": 1450.0}
    said = published.distance_sentence({**row, "measure": "gross"}, words)
    assert said.endswith(f"{end} het gepubliceerde getal.")


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (770, 523, "neemt gemiddeld af van 770 eind 2026 tot 523 eind 2035"),
        (523, 770, "neemt gemiddeld toe van 523 eind 2026 tot 770 eind 2035"),
        (770, 770.3, "blijft gemiddeld op 770"),
    ],
)
def test_places_are_said_to_shrink_only_when_they_do(
    words: Labels, first: float, last: float, sentence: str
) -> None:
    rows = pl.DataFrame(
        {
            "year": [2026, 2035],
            "target_group": ["shelter"] * 2,
            "places_mean": [float(first), float(last)],
        }
    )
    said = places.level_sentence(rows, "places_mean", "places.places", words)
    assert said == f"Het aantal plekken {sentence}"


def _series(group: str, now: float, low: float, high: float) -> list[dict[str, Any]]:
    seen = {"series_id": group, "year": 2025, "is_forecast": False}
    ahead = {"series_id": group, "year": 2035, "is_forecast": True}
    middle = (low + high) / 2
    return [
        {**seen, "mean": now, "lo80": now, "hi80": now},
        {**ahead, "mean": middle, "lo80": low, "hi80": high},
    ]


def test_inflow_is_counted_as_changed_only_outside_its_interval(words: Labels) -> None:
    rows = [*_series("a", 100, 101, 140), *_series("b", 100, 60, 99), *_series("c", 100, 100, 120)]
    said = inflow.inflow_finding(pl.DataFrame(rows), ["a", "b", "c"], words)
    assert said == (
        "Instroom in 2035: bij 1 van de 3 doelgroepen hoger verwacht, bij 1 lager\n"
        "Bij 1 staat geen verandering vast; vergeleken is met nu"
    )
    same = pl.DataFrame(_series("c", 100, 90, 120))
    assert inflow.inflow_finding(same, ["c"], words) == (
        "Bij geen enkele doelgroep staat vast dat de instroom in 2035 anders is dan nu"
    )


def _quota(name: str, quota_dwellings: int, at_most: int | None) -> dict[str, Any]:
    return {
        "municipality_name": name,
        "municipality_code": f"GM{len(name):04d}",
        "quota": quota_dwellings,
        "at_most": at_most,
    }


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [_quota("Velsen", 34, 40), _quota("Haarlem", 77, 78)],
            "Haarlem heeft in 2026 de grootste opgave: 77 woningen, en ten hoogste 78",
        ),
        (
            [_quota("Velsen", 34, None), _quota("Haarlem", 77, None)],
            "Haarlem heeft in 2026 de grootste opgave: 77 van de 111 woningen",
        ),
        (
            [_quota("Velsen", 0, 40)],
            "In 2026 is er voor geen enkele gemeente een opgave",
        ),
    ],
)
def test_the_largest_quota_is_named_and_a_ceiling_only_where_agreed(
    words: Labels, rows: list[dict[str, Any]], sentence: str
) -> None:
    assert quota.quota_finding(rows, 2026, words) == sentence


def test_scenarios_are_ranked_by_their_mean_headline(words: Labels) -> None:
    def row(label: str, mean: float) -> dict[str, Any]:
        key = "extra_current_lettings"
        return {
            "label": label,
            f"{key}_mean": mean,
            f"{key}_p10": mean - 400,
            f"{key}_p90": mean + 400,
        }

    rows = [row("Basis", 1450), row("Sneller", 1560), row("Trager", 1310)]
    assert scenarios.scenario_finding(rows, words) == (
        "De scenario's lopen uiteen van 1.310 tot 1.560 extra woningen\n"
        "Het laagst komt Trager uit, het hoogst Sneller"
    )
    same = [row("Basis", 1450), row("Sneller", 1452)]
    assert scenarios.scenario_finding(same, words) == (
        "De scenario's komen gemiddeld op hetzelfde uit: 1.450 extra woningen"
    )


@pytest.mark.parametrize(
    ("confirmed", "sentence"),
    [
        ([False, False, True], "2 van de 3 aannames zijn nog niet bevestigd door de regio"),
        ([False, True], "1 van de 2 aannames is nog niet bevestigd door de regio"),
        ([True, True], "Alle 2 aannames zijn bevestigd"),
    ],
)
def test_open_assumptions_are_counted(words: Labels, confirmed: list[bool], sentence: str) -> None:
    frame = pl.DataFrame({"confirmed": confirmed})
    assert assumptions.assumption_finding(frame, words) == sentence


@pytest.mark.parametrize(
    ("commitments", "sentence"),
    [
        (
            ["inspanning"] * 3,
            "De regio heeft 3 afspraken vastgelegd; het zijn inspanningen (streven), "
            "geen garanties",
        ),
        (
            ["inspanning", "garantie"],
            "De regio heeft 2 afspraken vastgelegd, waarvan 1 met een garantie",
        ),
        (["garantie"], "De regio heeft één afspraak vastgelegd"),
    ],
)
def test_an_aim_is_never_counted_as_a_guarantee(
    words: Labels, commitments: list[str], sentence: str
) -> None:
    frame = pl.DataFrame({"commitment": commitments})
    assert agreements.agreement_finding(frame, words) == sentence


def test_rows_that_were_set_apart_are_counted(words: Labels) -> None:
    counts = {"rows_in": [912], "accepted": [905], "quarantined": [5], "non_data": [2]}
    assert deliveries.delivery_finding(pl.DataFrame(counts), words) == (
        "Van de 912 geleverde rijen zijn er 905 aangenomen en 5 apart gezet\n"
        "2 rijen bevatten geen gegevens"
    )
    clean = {"rows_in": [912], "accepted": [912], "quarantined": [0], "non_data": [0]}
    assert deliveries.delivery_finding(pl.DataFrame(clean), words) == (
        "Alle 912 geleverde rijen zijn aangenomen"
    )


def test_homes_let_are_counted_on_the_ground_of_the_headline_only() -> None:
    assert demand.COUNTED_GROUND == OUTFLOW_GROUND
