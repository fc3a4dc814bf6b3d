"""The explanation of a municipality's number: it adds up as shown, and says what is true."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import RefusedError, UitstroomError, UsageError
from reports.explained import Explanation, Explanations, explain_asked
from reports.labels import Labels, load_labels
from reports.numbers import MINUS
from reports.plain import explanation_lines
from reports.release import Release
from tests.models.quota.declared import correction, factor, key, rule
from tests.reports import invented_release
from tests.reports.invented_region import explained_region
from tests.reports.invented_release import Frames

WORDS = load_labels("nl")
YEARS = range(2026, 2030)
FIGURES = {
    "households": {"GM0001": 5117.0, "GM0002": 4400.0, "GM0003": 1610.0, "GM0004": 162.0},
    "population": {"GM0001": 9000.0, "GM0002": 9000.0, "GM0003": 3000.0, "GM0004": 400.0},
}


def read(outcome: str) -> Decimal:
    """Read a number back from what a reader sees."""
    found = re.search(rf"[+{MINUS}]?[\d.]+(,\d+)?", outcome)
    assert found, outcome
    plain = found.group().replace(".", "").replace(",", ".").replace(MINUS, "-")
    return Decimal(plain)


def assert_adds_up(item: Explanation) -> None:
    """Add the shown steps up as a reader would: every sum is what stands since the last sum."""
    for steps in (item.share_steps, item.home_steps):
        total, count = Decimal(0), 0
        for step in steps:
            value = read(step.outcome)
            if step.is_whole:
                total, count = total - value, 1
            elif step.is_sum:
                assert not count or total == value, (step, steps)
                total, count = value, 0
            elif step is steps[-1]:
                assert total == value, (step, steps)
            else:
                total, count = total + value, count + 1


def assert_tells_the_row(item: Explanation) -> None:
    """Compare what is shown with what is stored."""
    row, shown = item.row, {step.label: step for step in item.home_steps}
    assert read(shown[WORDS.text("explained.step_quota")].outcome) == row["quota"]
    claim = shown[WORDS.text("explained.step_claim")]
    assert abs(float(read(claim.outcome)) - row["claim"]) <= 0.5 * 10**-claim.digits + 1e-9
    last = item.share_steps[-1]
    assert abs(float(read(last.outcome)) / 100 - row["key_share"]) <= 0.51 * 10 ** -(
        last.digits + 2
    )
    assert len(item.places) == row["quota"]


def is_exact(item: Explanation) -> bool:
    """Say whether the page says that its steps add up as shown."""
    return "genoeg om de som na te rekenen" in item.precision


def region(*keys, expected: float = 30, cap: int | None = 30) -> Explanations:
    caps = dict.fromkeys(YEARS, cap)
    return explained_region(
        keys or (key(2026),), FIGURES, caps, dict.fromkeys(YEARS, expected), WORDS
    )


def every(found: Explanations) -> list[Explanation]:
    return [found.explain(code, year) for year in found.years for code in found.names]


def written(item: Explanation) -> str:
    return "\n".join(explanation_lines(item, WORDS))


# --- sums ----------------------------------------------------------------------------------------


@pytest.mark.unit
def test_the_steps_of_the_invented_release_add_up_for_everyone_and_every_year(
    release_folder: Path,
) -> None:
    found = Explanations.of_release(Release(release_folder), WORDS)
    items = every(found)
    assert len(items) == 5 * 11
    for item in items:
        assert_tells_the_row(item)
        if is_exact(item):
            assert_adds_up(item)
    assert sum(map(is_exact, items)) > 50, "rounding is said to spoil a sum only where it does"


@pytest.mark.unit
def test_a_sum_that_does_not_add_up_as_shown_would_be_noticed(release_folder: Path) -> None:
    found = Explanations.of_release(Release(release_folder), WORDS)
    item = found.explain("GM9001", 2027)
    assert_adds_up(item)
    wrong = [step for step in item.home_steps if not step.is_sum]
    object.__setattr__(wrong[0], "outcome", "1,00")
    with pytest.raises(AssertionError):
        assert_adds_up(item)


@pytest.mark.unit
def test_sums_that_two_decimals_would_spoil_get_more_decimals() -> None:
    items = every(region(key(2026, factor("households", 0.5), factor("population", 0.5))))
    for item in items:
        if is_exact(item):
            assert_adds_up(item)
    assert sum(map(is_exact, items)) >= len(items) - 1
    assert {step.digits for item in items for step in item.home_steps} >= {2, 3}


@pytest.mark.unit
def test_a_corrected_share_is_the_one_worked_out_by_hand() -> None:
    """45.3273 x .7266 = 32.936 of 32.936 + 54.6727 x 1.4533 = 112.391: 29.305 percent."""
    pressures = {"GM0001": 2.0, "GM0002": 1.0, "GM0003": 1.0, "GM0004": 1.0}
    out = (rule("GM0004", opted_out=True),)
    found = region(key(2026, correction=correction(pressures), municipalities=out))
    shown = {step.label: step for step in found.explain("GM0001", 2026).share_steps}
    assert shown["Aandeel na correctie"].value == pytest.approx(29.305, abs=1e-3)


whole = st.integers(min_value=1, max_value=60_000)


@st.composite
def questions(draw: st.DrawFn) -> Explanations:
    codes = [f"GM{place:04d}" for place in range(1, draw(st.integers(2, 6)) + 1)]
    figures = {
        name: {code: float(draw(whole)) for code in codes} for name in ("households", "population")
    }
    parts: dict[str, object] = {}
    if draw(st.booleans()):
        pressures = {code: draw(st.integers(5, 40)) / 10 for code in codes}
        parts["correction"] = correction(pressures)
    rules = []
    if draw(st.booleans()):
        rules.append(rule(codes[0], opted_out=True))
    if draw(st.booleans()):
        rules.append(rule(codes[1], **{draw(st.sampled_from(["minimum", "maximum"])): 3}))
    parts["municipalities"] = tuple(rules)
    weight = draw(st.sampled_from([0.5, 0.25, 0.9, 1.0]))
    factors = [factor("households", weight)]
    if weight < 1:
        factors.append(factor("population", 1 - weight))
    keys = [key(2026, *factors, **parts)]
    if draw(st.booleans()):
        keys.append(key(2028, factor("population"), transition_years=draw(st.integers(0, 2))))
    expected = {year: draw(st.integers(3, 300)) for year in YEARS}
    caps = dict.fromkeys(YEARS, draw(st.one_of(st.none(), st.integers(3, 300))))
    return explained_region(keys, figures, caps, expected, WORDS)


@pytest.mark.properties
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_the_parts_add_up_as_shown_for_every_municipality_and_year(data: st.DataObject) -> None:
    try:
        found = data.draw(questions())
    except RefusedError:
        return
    for item in every(found):
        assert_tells_the_row(item)
        if is_exact(item):
            assert_adds_up(item)


# --- what is said --------------------------------------------------------------------------------


@pytest.mark.unit
def test_a_correction_an_opt_out_a_bound_and_a_transition_each_have_their_step() -> None:
    pressures = {"GM0001": 2.0, "GM0002": 1.0, "GM0003": 1.0, "GM0004": 1.0}
    old = key(
        2026,
        correction=correction(pressures),
        municipalities=(rule("GM0004", opted_out=True), rule("GM0003", minimum=9)),
    )
    new = key(2028, factor("population"), transition_years=1)
    found = region(old, new)
    first = written(found.explain("GM0001", 2026))
    assert "Correctie voor Mensen met een Wmo-indicatie per duizend huishoudens" in first
    assert "Niet iedereen doet mee: Gemeente 04" in first
    assert "Minima en maxima" in first
    assert "De correctie is nog niet bevestigd." in first
    assert "Het aandeel keer 0,7266 is 32,94%. Alle gemeenten samen komen zo op 112,39%." in first
    assert "Volgens de sleutel alleen zou het 8,96 zijn." in first
    assert "Er geldt een minimum" in written(found.explain("GM0003", 2026))
    out = written(found.explain("GM0004", 2026))
    assert "Gemeente 04 doet niet mee aan de verdeling van 2026. De reden: Verzonnen reden" in out
    assert "in 2026 is er geen voor Gemeente 04" in out
    later = [step.label for step in found.explain("GM0001", 2028).share_steps]
    assert "Overgang van de vorige sleutel" in later
    assert not any(label.startswith("Correctie") for label in later)
    for item in every(found):
        assert_tells_the_row(item)


@pytest.mark.unit
def test_without_correction_opt_out_or_bound_there_is_no_such_step() -> None:
    item = region().explain("GM0001", 2026)
    assert [step.label for step in item.share_steps] == ["Huishoudens", "Aandeel in de sleutel"]
    assert [step.label for step in item.home_steps] == [
        "Deel van 2026",
        "Uit eerdere jaren",
        "Samen",
        "Opgave in hele woningen",
        "Mee naar 2027",
    ]


@pytest.mark.unit
def test_ceiling_and_quota_are_told_apart_and_none_is_said_to_be_none() -> None:
    assert "Ten hoogste 14" in region().explain("GM0001", 2026).ceiling
    below = region(expected=20).explain("GM0001", 2026)
    assert "Het plafond is 30 woningen, maar in 2026 worden minder aanvragen" in below.short[1]
    without = region(cap=None).explain("GM0001", 2026)
    assert without.ceiling == "Een plafond is niet afgesproken."
    assert "plafond" not in " ".join(without.short)


@pytest.mark.unit
def test_few_homes_are_all_named_many_are_shortened_with_their_number() -> None:
    found = region()
    sentence = {code: found.explain(code, 2026).in_list[0] for code in found.names}
    few = found.explain("GM0003", 2026)
    numbers = WORDS.numbers.join([f"{place}e" for place in few.places])
    assert sentence["GM0003"] == f"Van de 30 woningen in 2026 zijn de {numbers} voor Gemeente 03."
    many = found.explain("GM0001", 2026)
    assert len(many.places) > 12
    assert f"en nog {len(many.places) - 6} andere voor Gemeente 01" in sentence["GM0001"]
    assert f"De laatste is de {many.places[-1]}e." in sentence["GM0001"]
    assert sentence["GM0004"] == "Van de 30 woningen in 2026 is er geen voor Gemeente 04."


@pytest.mark.unit
def test_every_home_of_a_year_is_told_to_one_municipality() -> None:
    found = region()
    for year in found.years:
        places = [place for code in found.names for place in found.explain(code, year).places]
        assert sorted(places) == list(range(1, 31))


@pytest.mark.unit
def test_one_household_more_is_told_and_a_key_without_households_says_so() -> None:
    counted = " ".join(region().explain("GM0002", 2026).household)
    assert "Met één huishouden meer in Gemeente 02 wordt het deel in 2026 ongeveer 0,00" in counted
    assert re.search(r"Met \d+ huishoudens meer is het deel", counted)
    other = region(key(2026, factor("population"))).explain("GM0002", 2026)
    assert other.household == (
        "De sleutel telt geen huishoudens. Eén huishouden meer of minder verandert dus niets.",
    )


@pytest.mark.unit
def test_unconfirmed_weights_and_a_stand_in_are_said(
    release_folder: Path, tmp_path: Path, frames: Frames, words: Labels
) -> None:
    item = explain_asked(Release(release_folder), "GM9001", 2026, words)
    assert item.open_points[0].startswith(
        "De gewichten (huishoudens 50% en corporatiewoningen 50%) zijn nog niet bevestigd."
    )
    assert "Corporatiewoningen staan hier voor sociale huurwoningen." in item.open_points[1]
    frames["mart_quota__key"] = frames["mart_quota__key"].with_columns(weight_confirmed=True)
    again = Release(invented_release.write_release(tmp_path / "confirmed", frames))
    assert not any(
        "gewichten" in said for said in explain_asked(again, "GM9001", 2026, words).open_points
    )


@pytest.mark.unit
def test_a_number_other_than_the_rounded_one_is_explained(release_folder: Path) -> None:
    found = Explanations.of_release(Release(release_folder), WORDS)
    seen = set()
    for item in every(found):
        plain = round(item.row["claim"])
        last = item.short[-1]
        assert last.startswith(f"Waarom geen {plain}?") == (plain != item.row["quota"])
        seen.add(plain != item.row["quota"])
    assert seen == {True, False}


# --- asking --------------------------------------------------------------------------------------


@pytest.mark.unit
@pytest.mark.parametrize("asked", ["GM9002", "gm9002", "Havendorp", " havendorp "])
def test_a_municipality_is_found_by_code_and_by_name(release_folder: Path, asked: str) -> None:
    assert explain_asked(Release(release_folder), asked, 2027, WORDS).row["year"] == 2027


@pytest.mark.unit
def test_an_unknown_municipality_or_year_names_the_nearest_one(release_folder: Path) -> None:
    release = Release(release_folder)
    with pytest.raises(UsageError, match=r"Did you mean 'Havendorp' \(GM9002\)\?"):
        explain_asked(release, "Havendrop", 2027, WORDS)
    with pytest.raises(UsageError, match=r"Duinstad \(GM9001\)"):
        explain_asked(release, "xyz", 2027, WORDS)
    with pytest.raises(UsageError, match=r"2026 to 2036.*nearest one is 2036"):
        explain_asked(release, "GM9002", 2050, WORDS)


@pytest.mark.unit
def test_a_release_without_a_split_says_so(tmp_path: Path, frames: Frames) -> None:
    invented_release.without_agreements(frames)
    release = Release(invented_release.write_release(tmp_path / "none", frames))
    with pytest.raises(UitstroomError, match="no homes per municipality"):
        explain_asked(release, "GM9001", 2026, WORDS)
