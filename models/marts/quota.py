"""Marts of keys and quotas: who gets how many homes, why, and what other keys would give.

Belongs here: these declarations. Does not belong here: how they are filled (`models.quota`),
associations, projects and claims (`parties`).
"""

import dataframely as dy

from models.marts import columns


def _municipality() -> dy.String:
    return dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=columns.about("CBS code of the municipality")
    )


def _name() -> dy.String:
    return columns.text("name of the municipality")


class QuotaYearlyMunicipality(dy.Schema):
    """Whole homes per municipality and year: of the cap ("at most") and owed, side by side.

    `quota` = `exact` + `carried` - what is carried into the next year.
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    municipality_code = _municipality()
    municipality_name = _name()
    key_share = columns.share("share in the key of the year, without who has opted out")
    exact = columns.number("share times the owed homes of the year, within bounds", least=0)
    carried = columns.number("owed minus received before the year, since the agreement began")
    at_most = columns.whole("split of the cap; empty where none is agreed", nullable=True)
    quota = columns.whole("owed: split of min(cap, approved applications expected)")
    cumulative = columns.whole("owed since the first year of the table")
    bid = columns.whole("homes the municipality itself said it will take (bod)", nullable=True)
    method = dy.Enum(
        ["quota-method", "running-claim"],
        metadata=columns.about("method by which the year was split"),
    )


class QuotaKey(dy.Schema):
    """The keys taken apart: value and share of every factor per municipality."""

    region_id = columns.region()
    key_id = columns.text_key("id of the key")
    municipality_code = _municipality()
    municipality_name = _name()
    factor = columns.text_key("factor of the key")
    weight = columns.share("weight of the factor, weights adding up to 1")
    weight_confirmed = columns.flag("whether the region published this weight")
    value = columns.number("the municipality's value of the factor", least=0)
    factor_share = columns.share("its share of the region in this factor")


class QuotaKeyShare(dy.Schema):
    """What each key makes of a municipality: base share, correction, share, homes."""

    region_id = columns.region()
    key_id = columns.text_key("id of the key")
    key_label = columns.text("name of the key")
    position = columns.whole("its place among the keys, as the region declares them")
    is_in_force = columns.flag("whether the key splits the year of the as-of month")
    first_year = dy.Int32(
        nullable=True, metadata=columns.about("first year that it splits; empty for an alternative")
    )
    why = columns.text("why the key is shown; empty for a key of the region", nullable=True)
    municipality_code = _municipality()
    municipality_name = _name()
    base_share = columns.share("share before the correction")
    indicator = columns.text("what measures care pressure; empty without correction", nullable=True)
    pressure = columns.number("care pressure", least=0, nullable=True)
    reference = columns.number("care pressure at which nothing changes", least=0, nullable=True)
    correction = columns.number("what the base share is multiplied by", least=0)
    correction_confirmed = columns.flag("whether the region published the correction")
    key_share = columns.share("share in the key")
    year_total = columns.whole("homes of one year that are split to compare keys")
    year_homes = columns.whole("of these under this key, by the quota method from nothing")
    ten_year_total = columns.whole("homes of ten years that are split to compare keys")
    ten_year_homes = columns.whole("of these under this key")


class QuotaYearlyGroup(dy.Schema):
    """A year's homes by municipality and target group: both margins kept, in whole homes."""

    region_id = columns.region()
    year = columns.year()
    municipality_code = _municipality()
    municipality_name = _name()
    target_group = columns.group()
    group_total = columns.whole("homes of the region for the group in the year")
    exact = columns.number("the municipality's quota times the group's share", least=0)
    dwellings = columns.whole("whole homes of the municipality for the group")


class QuotaHome(dy.Schema):
    """The list of homes: who gets home 1, 2, ... of each year, and the home after these."""

    region_id = columns.region()
    year = columns.year()
    home = dy.Int64(primary_key=True, min=1, metadata=columns.about("number of the home"))
    municipality_code = dy.String(
        regex=r"^GM\d{4}$", metadata=columns.about("CBS code of the municipality")
    )
    municipality_name = _name()
    is_next = columns.flag("whether it is the home after those of the year")


class QuotaExplanation(dy.Schema):
    """A municipality's number of a year, step by step; the steps add up.

    base_share x correction, made to fit = key_share; key_share x total, within bounds = exact;
    exact + carried = claim; claim - quota = carried_on.
    """

    region_id = columns.region()
    year = columns.year()
    municipality_code = _municipality()
    municipality_name = _name()
    key_id = columns.text("key that splits the year")
    base_share = columns.share("share in the key before the correction and opt-outs")
    correction = columns.number("what the base share is multiplied by", least=0)
    key_share = columns.share("share after correction, transition and opt-outs")
    cap = columns.whole("the region's cap; empty where none is agreed", nullable=True)
    total = columns.whole("homes that the region owes in the year")
    exact = columns.number("exact homes of the year", least=0)
    minimum = columns.whole("least homes of the year, where there is a minimum", nullable=True)
    maximum = columns.whole("most homes of the year, where there is a maximum", nullable=True)
    opted_out = columns.text(
        "why the municipality takes no homes, where it does not", nullable=True
    )
    carried = columns.number("carried into the year")
    claim = columns.number("exact homes plus what was carried")
    quota = columns.whole("whole homes")
    carried_on = columns.number("carried into the next year")
    at_most = columns.whole("split of the cap; empty where none is agreed", nullable=True)
    homes = columns.text("numbers of its homes in the year's list of homes; empty for none")
    gets_next_home = columns.flag("whether the next home would be its own")
    next_home_to = columns.text("name of the municipality that gets the next home")
    extra_exact = columns.number(
        "exact homes more with one more household; empty where no factor counts households",
        nullable=True,
    )
    extra_homes = dy.Int64(
        nullable=True,
        metadata=columns.about("whole homes more in all years of the table together with it"),
    )
    households_for_a_home = columns.whole(
        "households more that make one exact home more in all years of the table together; empty "
        "where no factor counts households",
        nullable=True,
    )
    method = columns.text("method by which the year was split")


class QuotaRange(dy.Schema):
    """Ten years under the low, middle and high demand and under the cap, side by side."""

    region_id = columns.region()
    municipality_code = _municipality()
    municipality_name = _name()
    basis = dy.Enum(
        ["demand_low", "demand_middle", "demand_high", "cap"],
        primary_key=True,
        metadata=columns.about("what is split: P10, P50, P90 of ten years' demand, or the caps"),
    )
    total = columns.whole("homes of the region in ten years")
    dwellings = columns.whole("homes of the municipality in ten years")


class QuotaSupply(dy.Schema):
    """A municipality's demand in full years beside the suitable homes that come free in them."""

    region_id = columns.region()
    municipality_code = _municipality()
    municipality_name = _name()
    first_year = dy.Int32(metadata=columns.about("first full calendar year"))
    last_year = dy.Int32(metadata=columns.about("last full calendar year"))
    demand = columns.number("homes of the municipality in these years, mean", least=0)
    suitable = columns.number("suitable homes that come free in them, mean", least=0)
    share = columns.number("demand over suitable homes, mean of the draws", least=0, nullable=True)
    chance_above = columns.share("share of draws in which demand exceeds them")


class QuotaStability(dy.Schema):
    """How often a municipality's number of a year moves when inputs move inside their rounding."""

    region_id = columns.region()
    municipality_code = _municipality()
    municipality_name = _name()
    year = columns.year()
    total = columns.whole("homes that are split")
    homes = columns.whole("homes with the figures as published")
    share_moved = columns.share("share of the perturbations with another number")
    lowest = columns.whole("lowest number seen")
    highest = columns.whole("highest number seen")
    perturbations = columns.whole("how many were tried")


class QuotaFinding(dy.Schema):
    """What the linter says of the region's keys."""

    region_id = columns.region()
    key_id = columns.text_key("id of the key")
    law = columns.text_key("law or check")
    severity = dy.Enum(
        ["refused", "warning", "note"], metadata=columns.about("how grave the finding is")
    )
    number = dy.Int64(primary_key=True, min=1, metadata=columns.about("number of the finding"))
    values = columns.text("what the sentence of the finding is filled with, as JSON")
