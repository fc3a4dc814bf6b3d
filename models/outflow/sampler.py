"""Uncertain parameters, one value per draw, from scrambled Sobol points.

Always 128 dimensions are made and handed out by a permanent registry, so that a new parameter
reshuffles none of the others; scenarios of a region share the points. Belongs here: the registry
and the quantile functions from (value, low, high). Does not belong here: event randomness
(`keyed`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from models.errors import UitstroomError, UsageError
from models.outflow.keyed import F64, word_of_name
from models.records import Parameter
from models.registry import Resolved
from models.units import ALL_GROUPS, BOUNDED

SOBOL_DIMENSIONS = 128
_Z80 = float(ndtri(0.9))
_EDGE = 2.0**-40
"""Sobol points are kept this far from 0 and 1."""

_GROUPS = ("sheltered_living", "shelter", "refuge", "youth", "forensic")


def _by_group(name: str, *dimensions: int) -> dict[tuple[str, str], int]:
    return {(name, group): at for group, at in zip(_GROUPS, dimensions, strict=True)}


DIMENSIONS: dict[tuple[str, str], int] = {
    **_by_group("inflow_level", 1, 3, 4, 5, 9),
    **_by_group("stay_years_single", 11, 13, 14, 18, 19),
    **_by_group("stay_years_complex", 20, 0, 2, 6, 7),
    **_by_group("own_home_share", 21, 23, 24, 27, 28),
    **_by_group("divert_unplaced_share", 32, 33, 8, 36, 10),
    **_by_group("divert_door_share", 12, 15, 16, 17, 22),
    **_by_group("intake_leave_share", 39, 40, 41, 45, 49),
    **_by_group("complex_share_now", 50, 25, 26, 29, 30),
    **_by_group("complex_share_future", 51, 31, 34, 35, 37),
    ("homes_per_person", ALL_GROUPS): 52,
    ("assessment_months", ALL_GROUPS): 53,
    ("assessment_positive_share", ALL_GROUPS): 56,
    ("housing_list_leave_share", ALL_GROUPS): 57,
    ("relapse_share", ALL_GROUPS): 58,
    ("support_extension_months", ALL_GROUPS): 62,
    ("closing_share", ALL_GROUPS): 67,
    ("inflow_drift_share", ALL_GROUPS): 68,
    **_by_group("homes_per_person", 38, 42, 43, 44, 46),
    **_by_group("assessment_months", 47, 48, 54, 55, 59),
    **_by_group("assessment_positive_share", 60, 61, 63, 64, 65),
    **_by_group("housing_list_leave_share", 66, 70, 71, 72, 73),
    **_by_group("relapse_share", 74, 75, 76, 77, 79),
    **_by_group("support_extension_months", 80, 81, 82, 83, 85),
    ("exit_age_years", "youth"): 69,
    ("plan_delay_months_decided", ALL_GROUPS): 78,
    ("plan_delay_months_intended", ALL_GROUPS): 84,
    ("plan_delay_months_expected", ALL_GROUPS): 86,
    ("move_out_home_share", ALL_GROUPS): 89,
    ("ready_to_application_months", ALL_GROUPS): 97,
    ("assessment_returned_share", ALL_GROUPS): 95,
    ("acceptance_share", ALL_GROUPS): 94,
    ("time_out_share", ALL_GROUPS): 99,
    ("inflow_level", "night_shelter"): 98,
    ("inflow_level", "clinic"): 113,
    ("in_between_home_share", ALL_GROUPS): 87,
    ("stay_years_single", "night_shelter"): 127,
    ("own_home_share", "night_shelter"): 103,
    ("passed_on_share", ALL_GROUPS): 104,
    ("three_party_share", ALL_GROUPS): 107,
    ("inflow_factor", ALL_GROUPS): 102,
    ("cap_use_share", ALL_GROUPS): 88,
}
"""Dimension of every uncertain parameter: append only, never renumber (a test holds it).

Many pairs of Sobol dimensions are no even cloud before some thousands of points: a parameter then
seems to move what another one moves. What is uncertain in the national values has dimensions whose
pairs are even at 1,024 points and more (worked out over six scramblings; a test holds it). Of that
kind none is free any more.
"""


def sobol_points(seed: int, region_id: str, draws: int) -> F64:
    """Make the scrambled Sobol points of a region; shape (draws, 128).

    Raises:
        UsageError: The number of draws is not a power of two.
    """
    if draws < 1 or draws & (draws - 1):
        raise UsageError(
            "the number of draws must be a power of two",
            where="--draws",
            found=str(draws),
            expected="for example 1024 or 2048",
        )
    from scipy.stats import qmc  # two seconds to import: only where points are made

    scramble = np.random.default_rng([seed, int(word_of_name(region_id))])
    sampler = qmc.Sobol(d=SOBOL_DIMENSIONS, scramble=True, rng=scramble)
    return np.clip(sampler.random(draws), _EDGE, 1.0 - _EDGE)


def parameter_quantile(parameter: Parameter, u: F64) -> F64:
    """Turn uniforms into values: `value` is the median, `low` and `high` the 10th and 90th centile.

    A two-piece normal on the logit scale for shares and on the log scale for all else, so that
    values never leave their range.

    Args:
        parameter: The record.
        u: Uniforms in (0, 1).

    Returns:
        Values of the shape of u; the constant when the parameter has no range.
    """
    if not parameter.is_uncertain or parameter.low is None or parameter.high is None:
        return np.full(u.shape, parameter.value)
    bounded = parameter.unit in BOUNDED
    low, middle, high = (
        _to_scale(number, bounded=bounded)
        for number in (parameter.low, parameter.value, parameter.high)
    )
    z = ndtri(u) / _Z80
    value = middle + np.where(z < 0.0, z * (middle - low), z * (high - middle))
    inverse: F64 = expit(value) if bounded else np.exp(value)
    return inverse


def _to_scale(number: float, *, bounded: bool) -> float:
    if number <= 0.0 or (bounded and number >= 1.0):
        raise UitstroomError(
            "a number with a range must lie inside its bounds, not on them",
            found=str(number),
            todo="Leave low and high out where a share is exactly 0 or 1.",
        )
    return float(logit(number)) if bounded else float(np.log(number))


@dataclass(frozen=True)
class Sample:
    """Parameters of the draws: by name and group arrays of shape (D,), and the Sobol points.

    Attributes:
        resolved: The parameters in force.
        points: Sobol points, shape (D, 128).
    """

    resolved: Resolved
    points: F64

    def values(self, name: str, group: str = ALL_GROUPS) -> F64:
        """Give a parameter's value in every draw; shape (D,)."""
        found = self.resolved.values[name]
        owner = group if group in found else ALL_GROUPS
        parameter = found.get(owner)
        if parameter is None:
            raise UitstroomError(f"parameter {name!r} has no value for {group!r}")
        if not parameter.is_uncertain:
            return np.full(self.points.shape[0], parameter.value)
        if (name, owner) in self.resolved.split_off:
            owner = ALL_GROUPS
        return parameter_quantile(parameter, self.points[:, self._dimension(name, owner)])

    def by_group(self, name: str, groups: tuple[str, ...], missing: float | None = None) -> F64:
        """Give a parameter for several groups; shape (groups, D).

        Args:
            name: The parameter.
            groups: The groups in order.
            missing: Value for groups that have none; an error when left out.
        """
        known = self.resolved.values[name]
        rows = [
            np.full(self.points.shape[0], missing)
            if missing is not None and group not in known and ALL_GROUPS not in known
            else self.values(name, group)
            for group in groups
        ]
        return np.stack(rows)

    def uniform(self, name: str, group: str = ALL_GROUPS) -> F64:
        """Give the raw point of a dimension; shape (D,)."""
        return self.points[:, self._dimension(name, group)]

    @staticmethod
    def _dimension(name: str, group: str) -> int:
        if (name, group) not in DIMENSIONS:
            raise UitstroomError(
                f"parameter {name!r} has a range for {group!r}, for which no dimension of the "
                "sampler is registered",
                where="models/outflow/sampler.py",
                todo="Add a new number to DIMENSIONS.",
            )
        return DIMENSIONS[(name, group)]
