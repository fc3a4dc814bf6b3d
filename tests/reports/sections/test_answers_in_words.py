"""Sentences of the full model's answers against truth tables: both signs, doubt, one row, none."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from reports.labels import Labels
from reports.sections import (
    base,
    bridge,
    checks,
    definitions,
    differences,
    enough,
    routes,
    scores,
    sensitivity,
    stays,
    supply,
    support,
)

pytestmark = pytest.mark.unit

MINUS = "\N{MINUS SIGN}"

PROMISE = {
    "certainty": 0.9,
    "smallest_quota": 245,
    "smallest_quota_exact": True,
    "smallest_quota_probability": 0.9018,
    "probability_below": 0.8931,
    "joint_probability_at_smallest": 0.85,
    "counted_from_year": 2028,
    "smallest_quota_error": 1.3,
    "cap_use": None,
    "cap_use_low": None,
    "cap_use_high": None,
}
NOTHING_FOUND = dict.fromkeys(
    (
        *("smallest_quota", "smallest_quota_exact", "smallest_quota_probability"),
        *("probability_below", "joint_probability_at_smallest", "counted_from_year"),
    )
)
SEARCH = ("yearly_homes", "lowest_probability", "joint_probability", "is_smallest")
FACTS = base.Facts(
    scenario_id="baseline",
    as_of="2026-10",
    first_month="2026-11",
    last_month="2036-10",
    synthetic=True,
    person_word="uitstromer",
    cap=178,
    promise_months=6,
    commitment="inspanning",
    years=(2027, 2028),
    run={"draws": 2048},
    promise=PROMISE,
)


def tried(*rows: tuple[int, float]) -> pl.DataFrame:
    made = [(homes, share, share - 0.05, False) for homes, share in rows]
    return pl.DataFrame(made, schema=SEARCH, orient="row")


def said_of(search: pl.DataFrame, words: Labels, **changes: Any) -> tuple[str, ...]:
    facts = replace(FACTS, promise={**PROMISE, **changes})
    return enough.enough_sentences(search, facts, words)


def test_the_smallest_number_is_said_with_the_one_below_that_is_not_enough(words: Labels) -> None:
    smallest, meaning, error, joint = said_of(tried((244, 0.8931), (245, 0.9018)), words)
    assert smallest == (
        "Met 245 woningen per jaar wordt het streven elk heel jaar vanaf 2028 met ten minste 90% "
        "zekerheid gehaald (in het slechtste jaar 90,2%); met 244 niet (in het slechtste jaar 89%)."
    )
    assert "deel van de doorrekeningen" in meaning
    assert "iets anders dan de norm" in meaning
    assert "de standaardfout is 1,3 woningen per jaar" in error
    assert "in alle getelde jaren samen wordt gehaald, is met 245 woningen per jaar 85%" in joint


def test_a_number_that_was_not_shown_to_be_the_smallest_is_at_most(words: Labels) -> None:
    said = said_of(tried((245, 0.9018)), words, smallest_quota_exact=False, probability_below=None)[
        0
    ]
    assert "ten hoogste 245: of 244 ook genoeg is, is niet doorgerekend" in said
    assert "met 244 niet" not in said


def test_when_no_number_is_enough_those_that_were_tried_are_named(words: Labels) -> None:
    search = tried((243, 0.8945), (244, 0.897949), (240, 0.8823))
    none, *rest = said_of(search, words, **NOTHING_FOUND)
    assert none == (
        "Geen van de aantallen die zijn doorgerekend, is genoeg (240, 243 en 244 woningen per "
        "jaar): ook met 244 wordt het streven in het slechtste jaar met 89,8% zekerheid gehaald, "
        "en gevraagd is 90%."
    )
    assert not any("alle getelde jaren" in sentence for sentence in rest)
    single = said_of(tried((244, 0.5)), words, **NOTHING_FOUND)[0]
    assert single.startswith("Het aantal dat is doorgerekend, is niet genoeg: met 244 woningen")


def test_without_a_search_or_a_certainty_nothing_is_said(words: Labels) -> None:
    assert said_of(tried(), words, **NOTHING_FOUND) == ()
    assert said_of(tried((244, 0.9)), words, certainty=None) == ()
    assert enough.search_table(tried(), FACTS, words) == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.897949, "89,8%"), (0.8999, "89,99%"), (0.9, "90%"), (0.9018, "90,2%"), (0.5, "50%")],
)
def test_a_certainty_never_looks_like_the_one_that_is_asked(
    words: Labels, value: float, written: str
) -> None:
    assert words.numbers.apart(value, 0.9) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.0, "in geen enkele doorrekening"),
        (0.001, "in minder dan 1 van de 10 doorrekeningen"),
        (0.05, "in 1 van de 10 doorrekeningen"),
        (0.84, "in 8 van de 10 doorrekeningen"),
        (0.949, "in 9 van de 10 doorrekeningen"),
        (0.96, "in meer dan 9 van de 10 doorrekeningen"),
        (1.0, "in alle doorrekeningen"),
    ],
)
def test_a_share_of_draws_is_never_rounded_to_none_or_all(
    words: Labels, share: float, written: str
) -> None:
    assert base.of_ten(share, words) == written


def difference(label: str, mean: float, low: float, high: float, above: float) -> dict[str, Any]:
    values = {"mean": mean, "p10": low, "p90": high, "share_above": above}
    return {"label": label, "measure": "gross", "unit": "dwellings", **values}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [difference("Sneller", 116, 31, 205, 0.94), difference("Trager", -60, -90, -30, 0.02)],
            "Het meeste verschil maakt Sneller: +116 woningen\n"
            "Dit scenario komt in 9 van de 10 doorrekeningen hoger uit",
        ),
        (
            [difference("Sneller", 16, 3, 25, 0.94), difference("Trager", -60, -90, -30, 0.02)],
            f"Het meeste verschil maakt Trager: {MINUS}60 woningen\n"
            "Dit scenario komt in minder dan 1 van de 10 doorrekeningen hoger uit",
        ),
        (
            [difference("Trager", -20, -90, 60, 0.4)],
            "Het meeste verschil, maar niet zeker, maakt Trager\n"
            f"Gemiddeld {MINUS}20 woningen, in 4 van de 10 doorrekeningen hoger, maar de marge van "
            f"{MINUS}90 tot +60 sluit nul niet uit",
        ),
        (
            [difference("Zelfde", 0, 0, 0, 0.0)],
            "Geen enkel scenario verandert gemiddeld het aantal extra woningen",
        ),
    ],
)
def test_the_scenario_with_the_largest_difference_is_named(
    words: Labels, rows: list[dict[str, Any]], sentence: str
) -> None:
    assert differences.difference_finding(rows, words) == sentence


def test_a_difference_of_shares_is_written_in_percentage_points(words: Labels) -> None:
    row = {"unit": "share", "mean": -0.062, "p10": -0.11, "p90": 0.01}
    said = differences.written_difference(row, words)
    assert said == f"{MINUS}6 ({MINUS}11 tot +1) procentpunt"


def step(name: str, mean: float, low: float, high: float) -> dict[str, Any]:
    return {"step": name, "definition": name, "mean": mean, "p10": low, "p90": high}


BRIDGE = [step("published", 1450, 1450, 1450), step("ours", 1446, 1000, 1820)]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            [step("moment", 144, 12, 310), step("unexplained", -88, -278, -20)],
            "De grootste stap vanaf 1.450: van toen naar nu (+145 woningen)\n"
            "Onze uitkomst is ongeveer 1.450",
        ),
        (
            [step("moment", -144, -310, 12)],
            "De grootste stap vanaf 1.450, maar niet zeker: van toen naar nu\n"
            f"Gemiddeld {MINUS}145 woningen op weg naar onze uitkomst (ongeveer 1.450), maar de "
            f"marge van {MINUS}310 tot +10 sluit nul niet uit",
        ),
        (
            [step("moment", 144, 12, 310), step("unexplained", -488, -678, -300)],
            "Van 1.450 naar onze uitkomst is het grootste deel niet verklaard: "
            f"{MINUS}490 woningen\nOnze uitkomst is ongeveer 1.450",
        ),
        ([], "Tussen 1.450 en onze uitkomst (ongeveer 1.450) ligt geen enkele stap"),
    ],
)
def test_the_largest_step_of_the_bridge_is_named_and_what_is_unexplained_is_said_so(
    words: Labels, parts: list[dict[str, Any]], sentence: str
) -> None:
    assert bridge.bridge_finding([*BRIDGE, *parts], words) == sentence


def lever(**changes: Any) -> dict[str, Any]:
    row = {"parameter": "own_home_share", "target_group": "all", "unit": "share"}
    tried_at = {"lowest": 0.0, "highest": 1.0, "headline_at_low": 836.0, "headline_at_high": 1902.0}
    found = {"value_in_force": 0.42, "reachable": True, "value_needed": 0.58}
    return {**row, **tried_at, **found, **changes}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (lever(), "Waar bij een hogere waarde: 58%"),
        (lever(value_needed=0.3), "Waar bij een lagere waarde: 30%"),
        (
            lever(reachable=False, value_needed=None),
            "Niet te bereiken: bij 0% is de uitkomst gemiddeld 840, bij 100% 1.900",
        ),
        (lever(unit="factor", value_in_force=1.0, value_needed=1.08), "hogere waarde: 1,08 keer"),
    ],
)
def test_what_must_be_true_has_its_direction_or_is_out_of_reach(
    words: Labels, row: dict[str, Any], sentence: str
) -> None:
    assert bridge.inverse_sentence(row, words).endswith(sentence)


DEFINED = [step("usual", 2026, 1580, 2400), step("all_together", 2771, 2290, 3190)]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            [step("any_home", 610, 560, 660), step("interaction", 900, 800, 1000)],
            "Anders tellen maakt het meest uit bij: andere woningen die mensen vinden "
            "(+610 woningen)\nZoals hier steeds geteld zijn het er ongeveer 2.030",
        ),
        (
            [step("with_ambulant", -104, -190, 10), step("any_home", 10, 5, 15)],
            "Anders tellen maakt het meest uit, maar niet zeker, bij: mensen die ambulant worden "
            f"begeleid\nGemiddeld {MINUS}104 woningen naast ongeveer 2.030, maar de marge van "
            f"{MINUS}190 tot +10 sluit nul niet uit",
        ),
        (
            [step("any_home", 0, 0, 0)],
            "Anders tellen verandert de uitkomst niet: ongeveer 2.030 woningen",
        ),
    ],
)
def test_the_definition_that_matters_most_is_named(
    words: Labels, parts: list[dict[str, Any]], sentence: str
) -> None:
    assert definitions.definition_finding([*DEFINED, *parts], words) == sentence


def test_a_definition_without_delivered_people_is_said_to_be_nothing(words: Labels) -> None:
    rows = [
        {**step("with_ambulant", 104, 90, 118), "observed": 240},
        {**step("with_interested", 0, 0, 0), "observed": 0},
    ]
    assert definitions.observed_sentences(rows, words) == (
        "Mensen die ambulant worden begeleid: 240 geteld in de leveringen.",
        "Mensen die alleen belangstelling toonden: in de leveringen staat daar niemand; dit "
        "onderdeel is daarom nul.",
    )


def outcomes(*inside: bool | None) -> pl.DataFrame:
    rows = [("2021-12", "let", 2022 + place, 12, value) for place, value in enumerate(inside)]
    columns = ("as_of", "measure", "year", "months_covered", "inside")
    frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    return frame.with_columns(
        pl.when(pl.col("inside").is_null()).then(None).otherwise(1.0).alias("observed")
    )


@pytest.mark.parametrize(
    ("inside", "finding", "expected"),
    [
        ((True, True, False, False, False), "in 2 van de 5 metingen", "het zijn er minder"),
        ((True, True, True, True, False), "in 4 van de 5 metingen", "houdt er ook ongeveer 4"),
        ((True, True, True, True, True), "in alle 5 metingen", "het zijn er meer"),
        ((False, False), "in geen van de 2 metingen", "het zijn er minder"),
        ((False,), "lag de enige meting buiten de marge", "het zijn er minder"),
        ((True,), "lag de enige meting binnen de marge", "houdt er ook ongeveer 1"),
    ],
)
def test_outcomes_inside_the_range_are_counted_and_held_against_eight_in_ten(
    words: Labels, inside: tuple[bool, ...], finding: str, expected: str
) -> None:
    known = outcomes(*inside)
    assert finding in scores.hindcast_finding(known, words)
    assert expected in scores.expected_sentence(known, words)[1]


def test_outcomes_that_are_not_known_or_not_whole_are_not_counted() -> None:
    frame = outcomes(True, None, False)
    assert scores.known_hindcasts(frame)["year"].to_list() == [2022, 2024]
    part = frame.with_columns(pl.lit(2).alias("months_covered"))
    assert scores.known_hindcasts(part).is_empty()


def scored(*rows: tuple[str, int, bool]) -> pl.DataFrame:
    made = [("inflow", *row) for row in rows]
    columns = ("series_kind", "series_id", "horizon_years", "beats_naive")
    return pl.DataFrame(made, schema=columns, orient="row")


def test_series_that_do_not_beat_the_last_year_are_named_with_their_years(words: Labels) -> None:
    scores_of = scored(
        ("youth", 1, True), ("youth", 2, False), ("youth", 3, False), ("shelter", 1, True)
    )
    assert scores.score_finding(scores_of, words).startswith("Bij alle 2 reeksen")
    assert scores.naive_sentences(scores_of, words) == (
        "Bij de instroom is de voorspelling niet beter bij: jeugd 18+ (2 en 3 jaar vooruit).",
    )
    better = scored(("youth", 1, True))
    assert "voor elke doelgroep" in scores.naive_sentences(better, words)[0]
    worse = scored(("youth", 1, False), ("youth", 2, True))
    assert scores.score_finding(worse, words).startswith(
        "De voorspelling van het eerstvolgende jaar is niet beter dan"
    )


@pytest.mark.parametrize(
    ("skill", "written"),
    [
        (0.28, "28% kleinere fout"),
        (-0.32, "32% grotere fout"),
        (0.0, "even grote fout"),
        (None, "niet te vergelijken: het laatste jaar had het steeds goed"),
    ],
)
def test_skill_is_said_as_a_smaller_or_a_larger_error(
    words: Labels, skill: float | None, written: str
) -> None:
    assert scores.skill_words(skill, words) == written


def curve(group: str, *points: tuple[float | None, float]) -> pl.DataFrame:
    rows = [(group, "all", month, seen, fitted) for month, (seen, fitted) in enumerate(points)]
    columns = ("target_group", "complexity", "month", "kaplan_meier", "fitted")
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        (
            [curve("youth", (1.0, 1.0), (0.9, 0.851)), curve("shelter", (1.0, 1.0), (0.5, 0.52))],
            "Gerekende en waargenomen verblijfsduur verschillen nergens meer dan 5 procentpunt\n"
            "Het meest bij jeugd 18+, na 1 maand",
        ),
        ([curve("youth", (1.0, 1.0))], "De verblijfsduur waarmee is gerekend, is gelijk aan"),
        ([curve("youth", (None, 1.0), (None, 0.2))], "Er zijn te weinig verblijven"),
    ],
)
def test_the_distance_between_fitted_and_observed_is_never_understated(
    words: Labels, rows: list[pl.DataFrame], start: str
) -> None:
    assert stays.fit_finding(pl.concat(rows, how="vertical_relaxed"), words).startswith(start)


def test_thin_estimates_say_that_the_national_value_weighs_most(words: Labels) -> None:
    thin = {"is_thin": True, "is_estimated": True, "note": "estimated"}
    assert stays.note_of(thin, words) == ("te weinig gegevens: landelijke waarde weegt het zwaarst")
    assert stays.note_of({**thin, "is_thin": False}, words) == "geschat uit eigen gegevens"
    blind = {"is_thin": True, "is_estimated": False, "note": "last_offer_only"}
    assert "niet te tellen" in stays.note_of(blind, words)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([(True, True), (True, False)], "2 van de 2 waarden volgen de eigen gegevens van de regio. "
         "Bij 1 daarvan zijn er te weinig gegevens"),
        ([(True, False), (False, True)], "1 van de 2 waarden volgt de eigen gegevens van de regio. "
         "Voor al die waarden"),
        ([(False, True)], "Geen van de 1 waarde volgt de eigen gegevens van de regio."),
    ],
)  # fmt: skip
def test_estimates_and_thin_ones_are_counted(
    words: Labels, flags: list[tuple[bool, bool]], said: str
) -> None:
    frame = pl.DataFrame(flags, schema=["is_estimated", "is_thin"], orient="row").with_columns(
        parameter=pl.lit("relapse_share"), target_group=pl.lit("all")
    )
    assert stays.estimate_finding(frame, words).startswith(said)


def leaver(name: str, mean: float) -> dict[str, Any]:
    return {"year": 2027, "destination": name, "mean": mean}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [leaver("own_home", 40), leaver("left", 30), leaver("died", 30)],
            "Van wie in 2027 vertrekt, gaat gemiddeld 40% naar een corporatiewoning\n"
            "Van de 100 mensen van wie het verblijf eindigt, gaan er 40 naar een woning van een "
            "corporatie; dat is de grootste groep",
        ),
        (
            [leaver("own_home", 40), leaver("left", 60)],
            "Van wie in 2027 vertrekt, gaat gemiddeld 40% naar een corporatiewoning\n"
            "Van de 100 mensen van wie het verblijf eindigt, gaan er 40 naar een woning van een "
            "corporatie; de grootste groep (60) is: vertrokken, bestemming onbekend",
        ),
        ([leaver("own_home", 0)], "In 2027 eindigt er gemiddeld geen enkel verblijf"),
    ],
)
def test_the_largest_destination_is_named_and_homes_are_always_counted(
    words: Labels, rows: list[dict[str, Any]], sentence: str
) -> None:
    assert routes.destination_finding(rows, words) == sentence


def test_the_assessment_table_with_the_most_work_is_named(words: Labels) -> None:
    def row(name: str, mean: float) -> dict[str, Any]:
        return {"year": 2027, "assessment_table": name, "mean": mean, "p10": mean, "p90": mean}

    assert routes.load_finding([row("Noord", 12), row("Zuid", 30)], words) == (
        "Zuid beoordeelt in 2027 de meeste aanvragen: gemiddeld 30 van de 42"
    )
    assert routes.load_finding([row("Noord", 12)], words) == (
        "Noord beoordeelt in 2027 gemiddeld 12 aanvragen"
    )


@pytest.mark.parametrize(
    ("low", "high", "part"),
    [
        (1310.0, 1500.0, "een stijging van 1.300 in 2025 naar"),
        (1000.0, 1290.0, "een daling van 1.300 in 2025 naar"),
        (1200.0, 1500.0, "dat het aantal verandert, staat niet vast"),
    ],
)
def test_supply_changes_only_where_the_last_year_known_lies_outside_the_interval(
    words: Labels, low: float, high: float, part: str
) -> None:
    rows = [
        (2025, "suitable_relets", False, 1300.0, 1300.0, 1300.0),
        (2035, "suitable_relets", True, (low + high) / 2, low, high),
    ]
    columns = ("year", "measure", "is_forecast", "mean", "lo80", "hi80")
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    assert part in supply.supply_finding(frame, words)
    assert "1.300 in 2025" in supply.supply_finding(frame.head(1), words)
    assert "in 2035 (" in supply.supply_finding(frame.tail(1), words)


def check(method: str, share: float, note: str) -> dict[str, Any]:
    return {"method": method, "measure": "gross", "difference_share": share, "note": note}


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        ([check("fluid", 0.03, "agrees")], "Een eenvoudiger rekenwijze komt op ongeveer hetzelfde"),
        ([check("fluid", -0.2, "x")], "Een eenvoudiger rekenwijze komt niet op hetzelfde uit"),
        ([check("fluid", 0.03, "agrees")] * 2, "Bij alle 2"),
        ([check("fluid", -0.2, "x")] * 2, "Bij geen van de 2"),
        (
            [check("fluid", 0.03, "agrees"), check("rates_only", -0.4, "x")],
            "Bij 1 van de 2",
        ),
    ],
)
def test_other_calculations_are_counted_as_they_agree(
    words: Labels, rows: list[dict[str, Any]], start: str
) -> None:
    assert checks.check_finding(rows, words).startswith(start)


@pytest.mark.parametrize(("share", "side"), [(-0.392, "39% lager"), (0.392, "39% hoger")])
def test_another_calculation_is_said_to_be_higher_or_lower_with_its_reason(
    words: Labels, share: float, side: str
) -> None:
    said = checks.check_sentence(check("fluid", share, "fluid_knows_no_chance"), words)
    assert said == (
        "Rekenen zonder toeval geeft voor 'alle woningen die nodig zijn' een uitkomst die "
        f"{side} is: dit model kent geen toeval; een wachtlijst groeit juist door toeval."
    )


def test_spread_is_split_into_assumptions_and_chance(words: Labels) -> None:
    row = {"measure": "gross", "standard_deviation": 322.0}
    shares = {"parameter_share": 0.84, "chance_share": 0.16}
    (said,) = sensitivity.variance_sentence(pl.DataFrame([{**row, **shares}]), words)
    assert "84% uit de aannames en 16% uit toeval" in said
    still = pl.DataFrame([{**row, **shares, "standard_deviation": 0.0}])
    assert sensitivity.variance_sentence(still, words) == ()


def test_assumptions_that_explain_nothing_alone_are_not_named(words: Labels) -> None:
    def row(rank: int, share: float) -> dict[str, Any]:
        parameter = {"parameter": "relapse_share", "target_group": "all"}
        return {**parameter, "rank": rank, "variance_share": share}

    assert sensitivity.ranking_sentence([row(1, 0.41), row(2, 0.001)], words) == (
        "Elk voor zich verklaren het meest van de spreiding in de extra woningen: aandeel dat "
        "terugvalt 41%.",
    )
    assert "Geen enkele aanname" in sensitivity.ranking_sentence([row(1, 0.0)], words)[0]


def test_euros_are_said_only_at_a_delivered_tariff(words: Labels) -> None:
    row = {"year": 2027, "months_covered": 12}
    euros = {"euro_mean": 4_812_400.0, "euro_p10": 4_100_000.0, "euro_p90": 5_600_000.0}
    later = {"year": 2035, "euro_mean": 5e6, "euro_p10": 5e6, "euro_p90": 5e6}
    frame = pl.DataFrame([{**row, **euros}, {**row, **euros, **later}])
    said = support.euro_sentence(frame, words).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "Tegen het geleverde tarief kost die begeleiding € 4.810.000 in 2027 (€ 4.100.000 tot "
        "€ 5.600.000) en € 5.000.000 in 2035 (€ 5.000.000)."
    )
    assert "4.810.000 in 2027" in support.euro_sentence(frame.head(1), words)
    none = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias("euro_mean"))
    assert "een tarief is niet geleverd" in support.euro_sentence(none, words)


def test_a_cap_that_is_not_all_used_is_said_beside_the_number_to_agree(words: Labels) -> None:
    used = {**PROMISE, "cap_use": 0.9, "cap_use_low": 0.84, "cap_use_high": 0.96}
    (said,) = enough.cap_use_words(used, words)
    assert "90% (84% tot 96%)" in said
    assert enough.cap_use_words(PROMISE, words) == []
