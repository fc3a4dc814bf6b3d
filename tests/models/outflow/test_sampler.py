"""The sampler: dimensions that stay, quantiles that hit what was believed, draws that nest."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import UitstroomError, UsageError
from models.outflow.sampler import (
    DIMENSIONS,
    SOBOL_DIMENSIONS,
    Sample,
    parameter_quantile,
    sobol_points,
)
from models.records import Parameter
from models.registry import load_national
from models.units import ALL_GROUPS, Unit
from tests.models.invented import GROUPS, fix, make_resolved, make_scenario

pytestmark = pytest.mark.unit

FIVE = ("sheltered_living", "shelter", "refuge", "youth", "forensic")
STORED = {
    "inflow_level": dict(zip(FIVE, (1, 3, 4, 5, 9), strict=True)),
    "stay_years_single": dict(zip(FIVE, (11, 13, 14, 18, 19), strict=True)),
    "stay_years_complex": dict(zip(FIVE, (20, 0, 2, 6, 7), strict=True)),
    "own_home_share": dict(zip(FIVE, (21, 23, 24, 27, 28), strict=True)),
    "divert_unplaced_share": dict(zip(FIVE, (32, 33, 8, 36, 10), strict=True)),
    "divert_door_share": dict(zip(FIVE, (12, 15, 16, 17, 22), strict=True)),
    "intake_leave_share": dict(zip(FIVE, (39, 40, 41, 45, 49), strict=True)),
    "complex_share_now": dict(zip(FIVE, (50, 25, 26, 29, 30), strict=True)),
    "complex_share_future": dict(zip(FIVE, (51, 31, 34, 35, 37), strict=True)),
    "homes_per_person": dict(zip((*FIVE, ALL_GROUPS), (38, 42, 43, 44, 46, 52), strict=True)),
    "assessment_months": dict(zip((*FIVE, ALL_GROUPS), (47, 48, 54, 55, 59, 53), strict=True)),
    "assessment_positive_share": dict(
        zip((*FIVE, ALL_GROUPS), (60, 61, 63, 64, 65, 56), strict=True)
    ),
    "housing_list_leave_share": dict(
        zip((*FIVE, ALL_GROUPS), (66, 70, 71, 72, 73, 57), strict=True)
    ),
    "relapse_share": dict(zip((*FIVE, ALL_GROUPS), (74, 75, 76, 77, 79, 58), strict=True)),
    "support_extension_months": dict(
        zip((*FIVE, ALL_GROUPS), (80, 81, 82, 83, 85, 62), strict=True)
    ),
    "closing_share": {ALL_GROUPS: 67},
    "inflow_drift_share": {ALL_GROUPS: 68},
    "cap_use_share": {ALL_GROUPS: 88},
}
"""The dimensions as they were first given out. Add lines; never change one."""


def test_dimensions_are_only_ever_added() -> None:
    for name, groups in STORED.items():
        for group, dimension in groups.items():
            assert DIMENSIONS[(name, group)] == dimension
    assert len(set(DIMENSIONS.values())) == len(DIMENSIONS)
    assert min(DIMENSIONS.values()) >= 0
    assert max(DIMENSIONS.values()) < SOBOL_DIMENSIONS == 128


def test_every_uncertain_national_parameter_has_a_dimension() -> None:
    for name, groups in load_national().parameters.items():
        for group, parameter in groups.items():
            assert not parameter.is_uncertain or (name, group) in DIMENSIONS


@pytest.mark.parametrize(
    ("unit", "low", "value", "high"),
    [
        (Unit.YEARS, 1.4, 1.8, 2.3),
        (Unit.SHARE, 0.25, 0.5, 0.8),
        (Unit.SHARE_PER_MONTH, 0.005, 0.01, 0.02),
        (Unit.DWELLINGS_PER_PERSON, 0.95, 0.965, 0.98),
        (Unit.FACTOR, 0.7, 1.0, 1.2),
        (Unit.SHARE, 0.5, 0.5, 0.6),
    ],
)
def test_quantiles_hit_low_value_and_high(
    unit: Unit, low: float, value: float, high: float
) -> None:
    parameter = Parameter.model_validate(
        {
            "value": value,
            "low": low,
            "high": high,
            "unit": unit,
            "kind": "assumption",
            "source": {"title": "Verzonnen", "publisher": "Proeftuin"},
        }
    )
    found = parameter_quantile(parameter, np.array([0.1, 0.5, 0.9]))
    np.testing.assert_allclose(found, [low, value, high], rtol=1e-12)
    u = np.linspace(1e-9, 1 - 1e-9, 10_001)
    values = parameter_quantile(parameter, u)
    assert (np.diff(values) >= 0).all()
    assert values.min() >= 0
    if unit in (Unit.SHARE, Unit.SHARE_PER_MONTH, Unit.DWELLINGS_PER_PERSON):
        assert values.max() <= 1


def test_a_number_without_a_range_is_the_same_in_every_draw() -> None:
    resolved = fix(make_resolved(), relapse_share=0.25)
    sample = Sample(resolved, sobol_points(1, "proeftuin", 8))
    np.testing.assert_array_equal(sample.values("relapse_share", "shelter"), np.full(8, 0.25))


def test_more_draws_keep_the_first_ones() -> None:
    few, many = sobol_points(1, "proeftuin", 64), sobol_points(1, "proeftuin", 512)
    np.testing.assert_array_equal(many[:64], few)
    assert few.shape == (64, SOBOL_DIMENSIONS)
    assert ((many > 0.0) & (many < 1.0)).all()


def test_points_are_spread_evenly_in_every_dimension_and_differ_by_region_and_seed() -> None:
    points = sobol_points(1, "proeftuin", 64)
    cells = np.floor(points * 64).astype(int)
    for dimension in range(SOBOL_DIMENSIONS):
        assert np.unique(cells[:, dimension]).size == 64
    assert not np.array_equal(points, sobol_points(2, "proeftuin", 64))
    assert not np.array_equal(points, sobol_points(1, "elders", 64))


def national_dimensions() -> list[int]:
    national = load_national()
    uncertain = [
        DIMENSIONS[(name, group)]
        for name, groups in national.parameters.items()
        for group, parameter in groups.items()
        if parameter.is_uncertain
    ]
    return uncertain + [DIMENSIONS[("inflow_level", group)] for group in national.target_groups]


@pytest.mark.parametrize(("draws", "most"), [(1024, 0.15), (2048, 0.06)])
@pytest.mark.parametrize("seed", [1, 7])
def test_no_uncertain_parameter_seems_to_move_what_another_one_moves(
    draws: int, most: float, seed: int
) -> None:
    """Pairs of Sobol dimensions can be far from even; sensitivity would blame the wrong one."""
    points = sobol_points(seed, "zk-ijmond", draws)[:, national_dimensions()]
    for at in range(points.shape[1]):
        bins = np.array_split(points[np.argsort(points[:, at])], 16)
        explained = np.stack([part.mean(axis=0) for part in bins]).var(axis=0)
        explained /= points.var(axis=0)
        assert explained[at] > 0.99
        assert np.delete(explained, at).max() < most
    related = np.corrcoef(points.T) - np.eye(points.shape[1])
    assert np.abs(related).max() < 0.05


@pytest.mark.parametrize("draws", [0, -2, 3, 1000])
def test_a_number_of_draws_that_is_no_power_of_two_is_refused(draws: int) -> None:
    with pytest.raises(UsageError, match="power of two") as caught:
        sobol_points(1, "proeftuin", draws)
    assert caught.value.exit_code == 2
    assert str(draws) in str(caught.value)


def test_a_group_has_its_own_value_or_that_of_the_region() -> None:
    sample = Sample(make_resolved(), sobol_points(1, "proeftuin", 16))
    np.testing.assert_array_equal(
        sample.values("relapse_share", "shelter"), sample.values("relapse_share", "refuge")
    )
    np.testing.assert_array_equal(sample.values("homes_per_person", "refuge"), np.ones(16))
    assert sample.by_group("own_home_share", GROUPS).shape == (3, 16)
    rows = sample.by_group("stay_years_complex", GROUPS, missing=9.0)
    np.testing.assert_array_equal(rows[1], np.full(16, 9.0))
    with pytest.raises(UitstroomError, match="no value for 'shelter'"):
        sample.values("stay_years_complex", "shelter")


def test_a_scenario_shares_its_luck_with_the_region_also_for_one_group() -> None:
    points = sobol_points(1, "proeftuin", 64)
    change = {"relapse_share": {"shelter": {"factor": 1.2, "source": "Een verzonnen vraag"}}}
    scenario = make_scenario("more", parameters=change)
    base = Sample(make_resolved(), points).values("relapse_share", "shelter")
    changed = Sample(make_resolved(scenario=scenario), points)
    # On the scale of shares the change is no plain factor, but no draw changes its rank.
    np.testing.assert_array_equal(
        np.argsort(changed.values("relapse_share", "shelter")), np.argsort(base)
    )
    np.testing.assert_array_equal(changed.values("relapse_share", "refuge"), base)


def test_a_range_without_a_dimension_is_an_error_that_says_what_to_do() -> None:
    resolved = make_resolved()
    drift = resolved.values["inflow_drift_share"]
    values = {**resolved.values, "inflow_drift_share": {"shelter": drift[ALL_GROUPS]}}
    sample = Sample(replace(resolved, values=values), sobol_points(1, "proeftuin", 8))
    with pytest.raises(UitstroomError, match="Add a new number to DIMENSIONS"):
        sample.values("inflow_drift_share", "shelter")


def test_a_range_that_touches_its_bound_is_refused() -> None:
    parameter = Parameter.model_validate(
        {
            "value": 0.5,
            "low": 0.0,
            "high": 0.8,
            "unit": "share",
            "kind": "assumption",
            "source": {"title": "Verzonnen", "publisher": "Proeftuin"},
        }
    )
    with pytest.raises(UitstroomError, match="inside its bounds"):
        parameter_quantile(parameter, np.array([0.5]))
