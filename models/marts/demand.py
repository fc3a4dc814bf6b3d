"""Marts of demand for homes: by year, product, driver, definition; bridges and comparisons.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy

from models.marts import columns


class DemandYearlyRegion(columns.Measured):
    """Homes needed a year without a limit on offers, and people with neither place nor home."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    target_group = columns.group()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"],
        primary_key=True,
        metadata=columns.about("gross demand, extra over a reference, or people without both"),
    )


class DemandTenYear(columns.Measured):
    """The same measures over the ten years together, summed in every draw."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    target_group = columns.group()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"],
        primary_key=True,
        metadata=columns.about("gross demand, extra over a reference, or people without both"),
    )
    reference = columns.number(
        "what the extra is counted from, over the ten years (empty for the other measures)",
        nullable=True,
    )


class DemandCumulative(columns.Measured):
    """Gross demand added up from the first month on, by the end of each calendar year."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    measure = dy.Enum(["gross"], primary_key=True, metadata=columns.about("what is added up"))


class DemandDrivers(dy.Schema):
    """The waterfall from the reference to gross demand: parts add up exactly in every draw."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    driver = dy.Enum(
        [
            "reference",
            "todays_outflow",
            "backlog",
            "inflow",
            "longer_stays",
            "closing_places",
            "in_between",
            "relapse",
            "interaction",
            "gross",
        ],
        primary_key=True,
        metadata=columns.about("bar of the waterfall"),
    )
    position = dy.Int32(min=1, metadata=columns.about("order of the bars, from 1"))
    unit = columns.unit()
    mean = columns.number("mean over the draws of the part (of the level for the two ends)")
    p10 = columns.number("a tenth of the draws lie below")
    p90 = columns.number("nine tenths of the draws lie below")


class DemandPublished(dy.Schema):
    """A published number beside a run as of the month in which it was made."""

    region_id = columns.region()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity"],
        primary_key=True,
        metadata=columns.about("our measure that is compared"),
    )
    as_of = dy.String(regex=columns.MONTH, metadata=columns.about("as-of month of our run"))
    unit = columns.unit()
    published = columns.number("the published number", least=0)
    published_definition = columns.text("what the publication says that it counts")
    definition_confirmed = columns.flag("whether the publication's definition is confirmed")
    mean = columns.number("mean over the draws")
    p10 = columns.number("a tenth of the draws lie below")
    p50 = columns.number("half of the draws lie below")
    p90 = columns.number("nine tenths of the draws lie below")


class DemandEligibility(columns.Measured):
    """Approved applications that fall outside a rule: counted, never taken out of demand.

    Rules overlap: their counts do not add up.
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    rule_id = dy.String(primary_key=True, metadata=columns.about("id of the rule"))
    year = columns.year()
    months_covered = columns.months_covered()
    label = columns.text("the rule in words")
    is_in_force = columns.flag("whether the rule is in force in some month of the year")
    outside_share = columns.share("share of applicants who do not meet it: the declared value")
    confirmed = columns.flag("whether the region has confirmed that share")


class DemandScenarioDifference(dy.Schema):
    """Every other scenario minus the default one, within every draw, over the ten years."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    measure = dy.Enum(
        [
            "gross",
            "extra_current_lettings",
            "extra_constant_capacity",
            "unmet_persons",
            "let",
            "list_end",
            "within_share",
            "support_end",
        ],
        primary_key=True,
        metadata=columns.about("what is compared; from `let` on under the cap"),
    )
    unit = columns.unit()
    mean = columns.number("mean difference over the draws")
    p10 = columns.number("a tenth of the differences lie below")
    p90 = columns.number("nine tenths of the differences lie below")
    share_above = columns.share("share of draws in which the scenario lies above the default")


class DemandBridge(dy.Schema):
    """From a published number to our headline in named steps that add up in every draw."""

    region_id = columns.region()
    reading = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity"],
        primary_key=True,
        metadata=columns.about("how the published number is read; no publication confirms one"),
    )
    position = dy.Int32(
        primary_key=True, min=1, metadata=columns.about("order of the bars, from 1")
    )
    step = dy.Enum(
        [
            "published",
            "reference",
            "plan",
            "backlog",
            "inflow",
            "longer_stays",
            "moment",
            "unexplained",
            "ours",
        ],
        metadata=columns.about("bar of the bridge; the first and the last are levels"),
    )
    is_headline_reading = columns.flag("whether it is read as what our headline counts")
    as_of_then = dy.String(
        regex=columns.MONTH, metadata=columns.about("month in which the number was made")
    )
    as_of = dy.String(
        regex=columns.MONTH, metadata=columns.about("last month that our headline counts as known")
    )
    unit = columns.unit()
    mean = columns.number("mean over the draws of the part (of the level for the two ends)")
    p10 = columns.number("a tenth of the draws lie below")
    p90 = columns.number("nine tenths of the draws lie below")


class DemandInverse(dy.Schema):
    """What must be true of one assumption, all else as it is, for our headline to be a number."""

    region_id = columns.region()
    parameter = columns.text_key("what is moved: a parameter, or one of several by a factor")
    target_group = columns.group()
    unit = columns.unit()
    as_of = dy.String(
        regex=columns.MONTH, metadata=columns.about("last month that counts as known")
    )
    wanted = columns.number("the number that the mean headline should be (dwellings)")
    headline_in_force = columns.number("mean headline as things are (dwellings)")
    value_in_force = columns.number("value in force")
    lowest = columns.number("lowest value that is tried")
    highest = columns.number("highest value that is tried")
    headline_at_low = columns.number("mean headline at the lowest value (dwellings)")
    headline_at_high = columns.number("mean headline at the highest value (dwellings)")
    reachable = columns.flag("whether a value in between gives the wanted number")
    value_needed = columns.number("that value; empty where there is none", nullable=True)


class DemandDefinition(dy.Schema):
    """Gross demand by other definitions: parts that add up from the usual one in every draw."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    definition = dy.Enum(
        ["usual", "with_ambulant", "with_interested", "any_home", "interaction", "all_together"],
        primary_key=True,
        metadata=columns.about("definition; the first and the last are levels, the others parts"),
    )
    position = dy.Int32(min=1, metadata=columns.about("order of the bars, from 1"))
    observed = dy.Int64(
        nullable=True,
        min=0,
        metadata=columns.about("people or applications delivered that it adds"),
    )
    unit = columns.unit()
    mean = columns.number("mean over the draws of the part (of the level for the two ends)")
    p10 = columns.number("a tenth of the draws lie below")
    p90 = columns.number("nine tenths of the draws lie below")
    level_mean = columns.number(
        "demand by the usual definition with this one changed, mean", nullable=True
    )
    level_p10 = columns.number("a tenth of the draws lie below", nullable=True)
    level_p90 = columns.number("nine tenths of the draws lie below", nullable=True)


class DemandChanges(dy.Schema):
    """From the headline of the last final release to today's, in parts that add up exactly.

    No rows where no release was made final yet; only the two ends where what lies between them
    cannot be worked out again.
    """

    region_id = columns.region()
    scenario_id = columns.scenario()
    measure = dy.Enum(
        ["gross", "extra_current_lettings"],
        primary_key=True,
        metadata=columns.about("gross demand, or the headline"),
    )
    position = dy.Int32(
        primary_key=True, min=1, metadata=columns.about("order of the bars, from 1")
    )
    part = dy.Enum(
        [
            "previous",
            "model_version",
            "revised_data",
            "new_data",
            "source_edition",
            "decision_or_parameter",
            "current",
        ],
        metadata=columns.about("bar; the first and the last are levels, the others parts"),
    )
    unit = columns.unit()
    mean = columns.number("mean over the draws of the part (of the level for the two ends)")
    previous_release = columns.text("id of the final release that the first bar was published in")
    previous_as_of = dy.String(
        regex=columns.MONTH, metadata=columns.about("last month that counted as known in it")
    )


class DemandYearlyProduct(columns.Measured):
    """Demand by product: ordinary homes, and people who ask for a project."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    year = columns.year()
    months_covered = columns.months_covered()
    target_group = columns.group()
    product = dy.Enum(
        ["independent", "housing_first", "in_between", "skaeve_huse", "domus"],
        primary_key=True,
        metadata=columns.about("kind of home; projects stand beside ordinary homes, never added"),
    )


class DemandCrossCheck(dy.Schema):
    """The simulation beside a fluid and a rates-only calculation."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    method = dy.Enum(
        ["simulation", "fluid", "rates_only"],
        primary_key=True,
        metadata=columns.about("how it was worked out"),
    )
    measure = dy.Enum(
        ["gross", "list_end"],
        primary_key=True,
        metadata=columns.about("what; the list is under the cap"),
    )
    unit = columns.unit()
    value = columns.number("the figure; for the simulation its mean", least=0)
    difference_share = columns.number("the figure over the simulation's, less one")
    note = columns.text("code of what a difference means")
