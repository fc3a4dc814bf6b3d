"""A region that was sent nothing: rates times inhabitants, in a steady state, in whole numbers."""

import numpy as np
import polars as pl
import pytest

from models.errors import RefusedError
from models.months import month_of
from models.outflow.inputs import read_inputs
from models.outflow.national import HISTORY_MONTHS, RESIDENTS, national_core
from models.registry import Resolved, load_national, resolve
from tests.models.invented import make_core, make_resolved

pytestmark = pytest.mark.unit

AS_OF = month_of(2024, 12)
GROUPS = ("sheltered_living", "shelter", "youth")
NATIONAL = load_national()


def resolved_with_rates(groups: tuple[str, ...] = GROUPS) -> Resolved:
    """Give the national values with the rates among them, as a run without deliveries has them."""
    made = make_resolved(groups)
    return resolve(
        NATIONAL,
        made.region.model_copy(update={"parameters": {}}),
        {made.scenario.id: made.scenario},
        made.scenario.id,
        estimated=NATIONAL.rates,
    )


def core_of(inhabitants: int, groups: tuple[str, ...] = GROUPS) -> dict[str, pl.DataFrame]:
    """Fill an empty core."""
    empty = {name: frame.clear() for name, frame in make_core(groups).items()}
    return national_core(
        empty,
        resolved_with_rates(groups),
        inhabitants=inhabitants,
        municipality="GM0001",
        as_of=AS_OF,
    )


def test_residents_are_the_rate_times_the_inhabitants() -> None:
    core = core_of(400_000)
    for group in GROUPS:
        rate = NATIONAL.rates[RESIDENTS][group].value
        persons = core["core_stay__open"].filter(target_group=group)["persons"].sum()
        assert persons == round(rate * 40)


def test_as_many_people_come_as_the_residents_of_a_mean_stay() -> None:
    core = core_of(400_000)
    resolved = resolved_with_rates()
    registered = core["core_intake__monthly"].filter(target_group="shelter")["registrations"].sum()
    staying = NATIONAL.rates[RESIDENTS]["shelter"].value * 40
    months = 12 * resolved.middle("stay_years_single", "shelter")
    door = resolved.middle("divert_door_share", "shelter")
    assert registered == pytest.approx(HISTORY_MONTHS * staying / months / (1 - door), abs=1)


def test_twice_the_inhabitants_are_twice_the_people() -> None:
    small, large = (
        core_of(people)["core_intake__monthly"]["registrations"].sum()
        for people in (500_000, 1_000_000)
    )
    assert large == pytest.approx(2 * small, abs=len(GROUPS))


def test_months_differ_by_at_most_one_person() -> None:
    counts = (
        core_of(400_000)["core_intake__monthly"]
        .group_by("target_group")
        .agg(pl.col("registrations").max() - pl.col("registrations").min())
    )
    assert counts["registrations"].max() == 1


def test_the_model_starts_from_it_with_places_that_bound_nobody() -> None:
    core = core_of(400_000)
    inputs = read_inputs(resolved_with_rates(), core, as_of=AS_OF)
    residents = np.bincount(
        inputs.residents.group, weights=inputs.residents.persons, minlength=len(GROUPS)
    )
    assert (inputs.places > residents).all()
    assert inputs.current_lettings > 0
    assert inputs.waiting.sum() == 0 and inputs.backlog.applications.sum() == 0


def test_a_group_without_a_national_rate_is_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="'clinic'"):
        core_of(400_000, (*GROUPS, "clinic"))
