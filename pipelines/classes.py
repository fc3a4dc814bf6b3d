"""The classes of a release: what of every mart leaves as it is, rounded, coarser, or not at all.

Belongs here: the declaration, table by table. Does not belong here: the rounding
(`models.protect`), which cell a count is (`protected_counts`), what follows from a rounded figure
(`protected_figures`), storage (`release`).

`partijen` is for the parties to the agreement: homes let are exact, as in their performance
agreements; counts of people are rounded. `openbaar` is for everybody: everything that counts people
or homes let is rounded or left out. A region's agreements, stock of homes, places and the results
of the model are about nobody and leave as they are, in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

CONCEPT = "concept"
"""The class of old releases, of which nothing is protected. None is made any more."""
PARTIJEN, OPENBAAR = "partijen", "openbaar"
CLASSES = (PARTIJEN, OPENBAAR)
"""The classes in which an edition is released."""

METHOD = "joint-controlled-rounding-1"
"""What was done; another number, another release."""


@dataclass(frozen=True)
class Treatment:
    """How a table leaves in a class; a column that is not named leaves as it is.

    Attributes:
        rounded: Columns that are multiples of the base.
        exact_where: Rows that keep exact numbers all the same: values by column, any of which will
            do.
        derived: Columns made anew from rounded ones, or shifted with them.
        cut: Columns that are emptied, or written with fewer digits.
        dropped: Whether the table stays behind; then it is not in the release.
    """

    rounded: tuple[str, ...] = ()
    exact_where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    dropped: bool = False

    @property
    def touched(self) -> frozenset[str]:
        """Give the columns that do not leave as they are."""
        return frozenset((*self.rounded, *self.derived, *self.cut))


EXACT = Treatment()
DROPPED = Treatment(dropped=True)

_LEVELS = ("mean", "p10", "p50", "p90")
_OBSERVED_LIST = Treatment(rounded=_LEVELS, exact_where={"is_observed": (False,)})
_OBSERVED_INFLOW = Treatment(rounded=("mean", "lo80", "hi80"), exact_where={"is_forecast": (True,)})
_HINDCAST = Treatment(rounded=("observed",), derived=("inside",))
_SURVIVAL = Treatment(rounded=("at_risk",), cut=("kaplan_meier", "lower", "upper"))
_OWN = ("own_value", "own_low", "own_high")
_IN_FORCE = ("value", "low", "high")
_ESTIMATE = Treatment(rounded=("observations", "events"), cut=("exposure", *_OWN, *_IN_FORCE))
_PARAMETER = Treatment(cut=(*_IN_FORCE, "source"))
_SCORES = Treatment(cut=("mase", "skill", "bias"))
_ROWS = ("rows_in", "accepted", "quarantined", "non_data")
_FILES = ("file", "sender", "sha256", "replaces")
_CHANGED = (
    "rows_before",
    "rows_added",
    "rows_removed",
    "rows_changed",
    "cells_changed",
    "closed_cells",
    "closed_changed",
)
_HASHES = ("parameters_sha256", "inputs_sha256")
_MOVED = ("housed_for_others", "housed_elsewhere", "network_in", "network_out")
_NETS = ("net", "network_net")


def _both(treatment: Treatment) -> Mapping[str, Treatment]:
    return MappingProxyType(dict.fromkeys(CLASSES, treatment))


def _each(partijen: Treatment, openbaar: Treatment) -> Mapping[str, Treatment]:
    return MappingProxyType({PARTIJEN: partijen, OPENBAAR: openbaar})


TREATMENTS: Mapping[str, Mapping[str, Treatment]] = {
    "mart_run": _each(
        Treatment(cut=_HASHES), Treatment(derived=("current_lettings_yearly",), cut=_HASHES)
    ),
    "mart_demand__ten_year": _each(EXACT, Treatment(derived=(*_LEVELS, "reference"))),
    "mart_demand__yearly_region": _each(EXACT, Treatment(derived=_LEVELS)),
    "mart_demand__cumulative_region": _both(EXACT),
    "mart_demand__drivers": _each(EXACT, Treatment(derived=("mean", "p10", "p90"))),
    "mart_demand__changes": _each(EXACT, DROPPED),
    "mart_demand__published": _each(EXACT, Treatment(derived=_LEVELS)),
    "mart_demand__scenario_difference": _both(EXACT),
    "mart_demand__bridge": _each(EXACT, Treatment(derived=("mean", "p10", "p90"))),
    "mart_demand__inverse": _each(
        EXACT,
        Treatment(
            derived=(
                "headline_in_force",
                "value_in_force",
                "highest",
                "headline_at_low",
                "headline_at_high",
                "reachable",
            ),
            cut=("value_needed",),
        ),
    ),
    "mart_demand__definition": _both(Treatment(rounded=("observed",))),
    "mart_demand__eligibility": _both(EXACT),
    "mart_wait__yearly_region": _both(EXACT),
    "mart_wait__monthly_list": _each(_OBSERVED_LIST, Treatment(rounded=_LEVELS)),
    "mart_wait__yearly_class": _both(EXACT),
    "mart_promise__region": _both(
        Treatment(rounded=("backlog_persons",), cut=("backlog_within_share",))
    ),
    "mart_promise__quota_search": _both(EXACT),
    "mart_demand__yearly_product": _both(EXACT),
    "mart_demand__cross_check": _both(EXACT),
    "mart_stay__yearly_destination": _both(EXACT),
    "mart_project__yearly_region": _both(EXACT),
    "mart_application__yearly_table": _both(EXACT),
    "mart_capacity__yearly_region": _both(EXACT),
    "mart_capacity__plan": _both(EXACT),
    "mart_support__yearly_region": _both(EXACT),
    "mart_sensitivity__region": _each(EXACT, Treatment(derived=("headline_low", "headline_high"))),
    "mart_sensitivity__variance": _both(EXACT),
    "mart_forecast__inflow": _both(_OBSERVED_INFLOW),
    "mart_forecast__scorecard": _both(_SCORES),
    "mart_forecast__households": _both(EXACT),
    "mart_supply__yearly_municipality": _both(EXACT),
    "mart_estimate__parameter": _both(_ESTIMATE),
    "mart_stay__survival": _both(_SURVIVAL),
    "mart_forecast__hindcast": _both(_HINDCAST),
    "mart_quota__yearly_municipality": _both(EXACT),
    "mart_quota__yearly_group": _both(EXACT),
    "mart_quota__key": _both(EXACT),
    "mart_quota__key_share": _both(EXACT),
    "mart_quota__explanation": _both(EXACT),
    "mart_quota__home": _both(EXACT),
    "mart_quota__range": _both(EXACT),
    "mart_quota__supply": _both(EXACT),
    "mart_quota__stability": _both(EXACT),
    "mart_quota__finding": _both(EXACT),
    "mart_letting__yearly_municipality": _each(EXACT, Treatment(rounded=("dwellings",))),
    "mart_quota__yearly_association": _both(EXACT),
    "mart_quota__association_clash": _both(EXACT),
    "mart_quota__project": _both(EXACT),
    "mart_quota__project_need": _both(EXACT),
    "mart_quota__bid": _both(EXACT),
    "mart_quota__origin": _both(DROPPED),
    "mart_quota__override": _each(Treatment(rounded=_MOVED, derived=_NETS), DROPPED),
    "mart_quota__progress": _each(
        EXACT,
        Treatment(
            rounded=("realised",),
            derived=("months_passed", "of_months", "norm", "state"),
            cut=("backlog", "difference"),
        ),
    ),
    "mart_progress__monthly": _each(
        Treatment(
            rounded=("dwellings",),
            exact_where={"measure": ("first_two_years",)},
            cut=("median_months",),
        ),
        Treatment(rounded=("dwellings",), cut=("median_months",)),
    ),
    "mart_quota__claim": _each(
        EXACT,
        Treatment(
            rounded=("dwellings",),
            exact_where={"is_expected": (True,)},
            derived=("per_100_relets", "per_100_suitable"),
        ),
    ),
    "mart_quota__miss": _each(EXACT, DROPPED),
    "mart_municipality__tile": _both(EXACT),
    "mart_parameter": _both(_PARAMETER),
    "mart_agreement": _both(EXACT),
    "mart_agreement__realised": _both(EXACT),
    "mart_agreement__law": _both(EXACT),
    "mart_delivery": _both(Treatment(rounded=_ROWS, cut=_FILES)),
    "mart_delivery__quarantine": _both(Treatment(rounded=("rows",), cut=("file",))),
    "mart_delivery__notice": _both(Treatment(cut=("file", "line", "found"))),
    "mart_delivery__version": _both(
        Treatment(rounded=_CHANGED, cut=("file", "sha256", "replaces"))
    ),
    "mart_source": _both(EXACT),
}
"""Every mart and how it leaves in each class."""

COUNTS: Mapping[str, tuple[str, ...]] = {
    "mart_run": ("current_lettings_yearly",),
    "mart_demand__definition": ("observed",),
    "mart_wait__monthly_list": _LEVELS,
    "mart_promise__region": ("backlog_persons",),
    "mart_forecast__inflow": ("mean", "lo80", "hi80"),
    "mart_forecast__hindcast": ("observed",),
    "mart_estimate__parameter": ("observations", "events"),
    "mart_stay__survival": ("at_risk",),
    "mart_letting__yearly_municipality": ("dwellings",),
    "mart_quota__origin": ("dwellings", "network_led", "preference_led"),
    "mart_quota__override": ("housed", *_MOVED, *_NETS),
    "mart_quota__progress": ("realised", "difference", "backlog"),
    "mart_progress__monthly": ("dwellings",),
    "mart_quota__claim": ("dwellings",),
    "mart_quota__miss": ("dwellings", "missed"),
    "mart_delivery": _ROWS,
    "mart_delivery__quarantine": ("rows",),
    "mart_delivery__version": _CHANGED,
}
"""Columns with observed numbers of people, of homes let, or of rows about them."""

HOMES_LET: Mapping[str, tuple[str, ...]] = {
    "mart_run": ("current_lettings_yearly",),
    "mart_letting__yearly_municipality": ("dwellings",),
    "mart_quota__override": ("housed",),
    "mart_quota__progress": ("realised", "difference", "backlog"),
    "mart_quota__claim": ("dwellings",),
    "mart_quota__miss": ("dwellings", "missed"),
}
"""Those of `COUNTS` that are homes let, which the parties to the agreement see as they are."""

FROM_LETTINGS = (
    "mart_quota__yearly_municipality",
    "mart_quota__yearly_group",
    "mart_quota__explanation",
    "mart_quota__home",
    "mart_quota__yearly_association",
    "mart_quota__association_clash",
    "mart_quota__progress",
    "mart_quota__stability",
    "mart_quota__finding",
)
"""Tables that stay behind in `openbaar` where a shortfall of homes let is carried into the next
quota: who knows the formula would read the homes let from them."""

HARMLESS = frozenset({"place", "month", "group", "row"})
"""By what published totals are divided, such that a row that falls in one category harms nobody:
where a home is, when something happened, which kinds of facility a region has, and what became of
a delivered row. Anything else is checked for group disclosure."""


def treatment(table: str, release_class: str) -> Treatment:
    """Give how a table leaves in a class.

    Raises:
        KeyError: The table or class is not declared: it never leaves by accident.
    """
    return TREATMENTS[table][release_class]


def rounded_columns(release_class: str) -> dict[str, list[str]]:
    """Give the rounded columns of a class by table, for the manifest."""
    return {
        table: list(how[release_class].rounded)
        for table, how in TREATMENTS.items()
        if how[release_class].rounded and not how[release_class].dropped
    }


def exact_rows(release_class: str) -> dict[str, dict[str, list[Any]]]:
    """Give which rows of tables with rounded columns are exact all the same, for the manifest."""
    return {
        table: {column: list(values) for column, values in how[release_class].exact_where.items()}
        for table, how in TREATMENTS.items()
        if how[release_class].exact_where
    }
