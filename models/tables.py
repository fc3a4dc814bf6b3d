"""Every mart table, declared once: columns, types, bounds, keys, descriptions.

Schema, check, dictionary and label keys follow from here. A table of measures carries a `unit`
column; elsewhere the unit is the column's suffix. Belongs here: tables that others rely on. Does
not belong here: the tables of deliveries (their contracts) and of the core (their SQL files).
"""

import dataframely as dy
import polars as pl

from models.errors import UitstroomError
from models.units import ChangeKind, EstimateNote, SourceKind, Unit

DECIMALS = 6
"""Decimals of every float in a mart; rounded at the door so that bytes are stable."""

_ID = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def _about(description: str, label: str = "") -> dict[str, str]:
    return {"description": description, "label": label}


def _region() -> dy.String:
    return dy.String(primary_key=True, regex=_ID, metadata=_about("region (its folder's name)"))


def _scenario() -> dy.String:
    return dy.String(primary_key=True, regex=_ID, metadata=_about("scenario of the region"))


def _year() -> dy.Int32:
    return dy.Int32(primary_key=True, min=1990, max=2100, metadata=_about("calendar year"))


def _months_covered() -> dy.Int32:
    return dy.Int32(min=1, max=12, metadata=_about("months of the year that the row covers"))


def _group() -> dy.String:
    return dy.String(primary_key=True, regex=_ID, metadata=_about("target group, or all"))


def _text_key(description: str) -> dy.String:
    return dy.String(primary_key=True, min_length=1, metadata=_about(description))


def _text(description: str, *, nullable: bool = False) -> dy.String:
    return dy.String(nullable=nullable, metadata=_about(description))


def _unit() -> dy.Enum:
    return dy.Enum([unit.value for unit in Unit], metadata=_about("unit of the measures"))


def _number(description: str, *, least: float | None = None, nullable: bool = False) -> dy.Float64:
    return dy.Float64(nullable=nullable, min=least, metadata=_about(description))


def _share(description: str, *, nullable: bool = False) -> dy.Float64:
    return dy.Float64(nullable=nullable, min=0.0, max=1.0, metadata=_about(description))


def _whole(description: str, *, nullable: bool = False) -> dy.Int64:
    return dy.Int64(nullable=nullable, min=0, metadata=_about(description))


def _flag(description: str) -> dy.Bool:
    return dy.Bool(metadata=_about(description))


class _Measured(dy.Schema):
    unit = _unit()
    mean = _number("mean over the draws")
    p10 = _number("a tenth of the draws lie below")
    p50 = _number("half of the draws lie below")
    p90 = _number("nine tenths of the draws lie below")

    @dy.rule()
    def quantiles_ascend(cls) -> pl.Expr:  # noqa: N805
        """P10 <= P50 <= P90."""
        return (pl.col("p10") <= pl.col("p50")) & (pl.col("p50") <= pl.col("p90"))


class DemandYearlyRegion(_Measured):
    """Homes needed a year without a limit on offers, and people with neither place nor home."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    target_group = _group()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"],
        primary_key=True,
        metadata=_about("gross demand, extra over a reference, or people without both"),
    )


class DemandTenYear(_Measured):
    """The same measures over the ten years together, summed in every draw."""

    region_id = _region()
    scenario_id = _scenario()
    target_group = _group()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"],
        primary_key=True,
        metadata=_about("gross demand, extra over a reference, or people without both"),
    )
    reference = _number(
        "what the extra is counted from, over the ten years (empty for the other measures)",
        nullable=True,
    )


class DemandCumulative(_Measured):
    """Gross demand added up from the first month on, by the end of each calendar year."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    measure = dy.Enum(["gross"], primary_key=True, metadata=_about("what is added up"))


class DemandDrivers(dy.Schema):
    """The waterfall from the reference to gross demand: parts add up exactly in every draw."""

    region_id = _region()
    scenario_id = _scenario()
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
        metadata=_about("bar of the waterfall"),
    )
    position = dy.Int32(min=1, metadata=_about("order of the bars, from 1"))
    unit = _unit()
    mean = _number("mean over the draws of the part (of the level for the two ends)")
    p10 = _number("a tenth of the draws lie below")
    p90 = _number("nine tenths of the draws lie below")


class DemandPublished(dy.Schema):
    """A published number beside a run as of the month in which it was made."""

    region_id = _region()
    measure = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity"],
        primary_key=True,
        metadata=_about("our measure that is compared"),
    )
    as_of = dy.String(regex=_MONTH, metadata=_about("as-of month of our run"))
    unit = _unit()
    published = _number("the published number", least=0)
    published_definition = _text("what the publication says that it counts")
    definition_confirmed = _flag("whether the publication's definition is confirmed")
    mean = _number("mean over the draws")
    p10 = _number("a tenth of the draws lie below")
    p50 = _number("half of the draws lie below")
    p90 = _number("nine tenths of the draws lie below")


class DemandScenarioDifference(dy.Schema):
    """Every other scenario minus the default one, within every draw, over the ten years."""

    region_id = _region()
    scenario_id = _scenario()
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
        metadata=_about("what is compared; from `let` on under the cap"),
    )
    unit = _unit()
    mean = _number("mean difference over the draws")
    p10 = _number("a tenth of the differences lie below")
    p90 = _number("nine tenths of the differences lie below")
    share_above = _share("share of draws in which the scenario lies above the default")


class DemandBridge(dy.Schema):
    """From a published number to our headline in named steps that add up in every draw."""

    region_id = _region()
    reading = dy.Enum(
        ["gross", "extra_current_lettings", "extra_constant_capacity"],
        primary_key=True,
        metadata=_about("how the published number is read; no publication confirms one"),
    )
    position = dy.Int32(primary_key=True, min=1, metadata=_about("order of the bars, from 1"))
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
        metadata=_about("bar of the bridge; the first and the last are levels"),
    )
    is_headline_reading = _flag("whether it is read as what our headline counts")
    as_of_then = dy.String(regex=_MONTH, metadata=_about("month in which the number was made"))
    as_of = dy.String(regex=_MONTH, metadata=_about("last month that our headline counts as known"))
    unit = _unit()
    mean = _number("mean over the draws of the part (of the level for the two ends)")
    p10 = _number("a tenth of the draws lie below")
    p90 = _number("nine tenths of the draws lie below")


class DemandInverse(dy.Schema):
    """What must be true of one assumption, all else as it is, for our headline to be a number."""

    region_id = _region()
    parameter = _text_key("what is moved: a parameter, or one of several by a factor")
    target_group = _group()
    unit = _unit()
    as_of = dy.String(regex=_MONTH, metadata=_about("last month that counts as known"))
    wanted = _number("the number that the mean headline should be (dwellings)")
    headline_in_force = _number("mean headline as things are (dwellings)")
    value_in_force = _number("value in force")
    lowest = _number("lowest value that is tried")
    highest = _number("highest value that is tried")
    headline_at_low = _number("mean headline at the lowest value (dwellings)")
    headline_at_high = _number("mean headline at the highest value (dwellings)")
    reachable = _flag("whether a value in between gives the wanted number")
    value_needed = _number("that value; empty where there is none", nullable=True)


class DemandDefinition(dy.Schema):
    """Gross demand by other definitions: parts that add up from the usual one in every draw."""

    region_id = _region()
    scenario_id = _scenario()
    definition = dy.Enum(
        ["usual", "with_ambulant", "with_interested", "any_home", "interaction", "all_together"],
        primary_key=True,
        metadata=_about("definition; the first and the last are levels, the others parts"),
    )
    position = dy.Int32(min=1, metadata=_about("order of the bars, from 1"))
    observed = dy.Int64(
        nullable=True, min=0, metadata=_about("people or applications delivered that it adds")
    )
    unit = _unit()
    mean = _number("mean over the draws of the part (of the level for the two ends)")
    p10 = _number("a tenth of the draws lie below")
    p90 = _number("nine tenths of the draws lie below")
    level_mean = _number(
        "demand by the usual definition with this one changed, mean", nullable=True
    )
    level_p10 = _number("a tenth of the draws lie below", nullable=True)
    level_p90 = _number("nine tenths of the draws lie below", nullable=True)


class WaitYearlyRegion(dy.Schema):
    """Waits and the promise per calendar year, under the cap (cohort = clock starts that year)."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    cohort_mean = _number("applications whose clock starts in the year, mean", least=0)
    within_share_mean = _share("share offered a home within the promise, mean over draws")
    within_share_p10 = _share("a tenth of the draws lie below")
    within_share_p90 = _share("nine tenths of the draws lie below")
    kept_probability = _share("share of draws in which the year's promise is kept")
    empty_share = _share("share of draws with an empty cohort (counted as kept)")
    waiting_months_mean = _number(
        "months from clock to offer, mean; empty while over 2 % still wait at the end of the run",
        least=0,
        nullable=True,
    )
    offered_mean = _number("homes offered in the year under the cap, mean", least=0)
    cap_dwellings = _whole(
        "the cap in the covered months; empty where none is agreed", nullable=True
    )
    list_end_mean = _number("housing list at the end of the year, mean", least=0)
    list_end_p10 = _number("a tenth of the draws lie below", least=0)
    list_end_p50 = _number("half of the draws lie below", least=0)
    list_end_p90 = _number("nine tenths of the draws lie below", least=0)


class WaitMonthlyList(dy.Schema):
    """Both lists at the end of each month, under the cap."""

    region_id = _region()
    scenario_id = _scenario()
    month = dy.String(primary_key=True, regex=_MONTH, metadata=_about("calendar month"))
    measure = dy.Enum(
        ["housing_list", "intake_list"], primary_key=True, metadata=_about("which list")
    )
    is_observed = _flag("read from the deliveries rather than computed")
    unit = _unit()
    mean = _number("mean over the draws", least=0)
    p10 = _number("a tenth of the draws lie below", least=0)
    p50 = _number("half of the draws lie below", least=0)
    p90 = _number("nine tenths of the draws lie below", least=0)


class PromiseRegion(dy.Schema):
    """Cap against promise in one row; what a region never agreed is empty."""

    region_id = _region()
    scenario_id = _scenario()
    cap_dwellings = _whole("the agreed ceiling a year after the ramp", nullable=True)
    promise_months = _whole("the agreed months to an offer", nullable=True)
    share_norm = _share("share of a cohort that must be offered in time", nullable=True)
    certainty = _share("share of draws in which it must be kept", nullable=True)
    clock_start = _text("when the clock starts: ready, application or approval", nullable=True)
    clock_confirmed = dy.Bool(
        nullable=True, metadata=_about("whether the region confirmed when the clock starts")
    )
    share_norm_confirmed = dy.Bool(
        nullable=True, metadata=_about("whether the region confirmed the share norm")
    )
    first_year_broken = dy.Int32(
        nullable=True, metadata=_about("first full year in which the promise is more likely broken")
    )
    joint_probability = _share(
        "probability that the promise is kept in every full year together", nullable=True
    )
    smallest_quota = _whole(
        "smallest number of homes a year that keeps it with the certainty in every counted year",
        nullable=True,
    )
    smallest_quota_exact = dy.Bool(
        nullable=True, metadata=_about("whether one home less was shown not to be enough")
    )
    smallest_quota_probability = _share(
        "with that number, in the worst counted year, share of draws that keep it", nullable=True
    )
    probability_below = _share("the same with one home a year less", nullable=True)
    joint_probability_at_smallest = _share(
        "with that number, probability of keeping it in all counted years together", nullable=True
    )
    counted_from_year = dy.Int32(
        nullable=True, metadata=_about("first full year that counts: the backlog is gone")
    )
    smallest_quota_error = _number(
        "Monte Carlo error of that number (homes a year, one standard error)",
        least=0,
        nullable=True,
    )
    backlog_persons = _whole("applications on the list at the start", nullable=True)
    backlog_within_share = _share("share of the backlog offered within the promise", nullable=True)


class PromiseQuotaSearch(dy.Schema):
    """Numbers of homes a year that were tried in full, around the smallest that is enough."""

    region_id = _region()
    scenario_id = _scenario()
    yearly_homes = dy.Int64(primary_key=True, min=0, metadata=_about("homes a year after the ramp"))
    lowest_probability = _share("share of draws that keep the promise, worst counted year")
    joint_probability = _share("share of draws that keep it in all counted years together")
    is_smallest = _flag("whether this is the smallest number that is enough")


class WaitYearlyClass(dy.Schema):
    """The promise by priority class, where the region has classes."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    priority_class = _text_key("id of the class")
    label = _text("the region's words for it")
    position = dy.Int32(min=1, metadata=_about("order in which classes are served"))
    cohort_mean = _number("applications whose clock starts in the year, mean", least=0)
    within_share_mean = _share("share offered a home within the promise, mean over draws")


class DemandYearlyProduct(_Measured):
    """Demand by product: ordinary homes, and people who ask for a project."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    target_group = _group()
    product = dy.Enum(
        ["independent", "housing_first", "in_between", "skaeve_huse", "domus"],
        primary_key=True,
        metadata=_about("kind of home; projects stand beside ordinary homes, never added"),
    )


class DemandCrossCheck(dy.Schema):
    """The simulation beside a fluid and a rates-only calculation."""

    region_id = _region()
    scenario_id = _scenario()
    method = dy.Enum(
        ["simulation", "fluid", "rates_only"],
        primary_key=True,
        metadata=_about("how it was worked out"),
    )
    measure = dy.Enum(
        ["gross", "list_end"], primary_key=True, metadata=_about("what; the list is under the cap")
    )
    unit = _unit()
    value = _number("the figure; for the simulation its mean", least=0)
    difference_share = _number("the figure over the simulation's, less one")
    note = _text("code of what a difference means")


class StayYearlyDestination(_Measured):
    """Where people go whose stay ends, under the cap."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    target_group = _group()
    destination = dy.Enum(
        [
            "own_home",
            "in_between",
            "own_network",
            "other_care",
            "other_region",
            "left",
            "died",
        ],
        primary_key=True,
        metadata=_about("where they go"),
    )


class ProjectYearlyRegion(dy.Schema):
    """In-between facilities and other projects at the end of each year, under the cap."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    kind = dy.Enum(
        ["in_between", "skaeve_huse", "domus"], primary_key=True, metadata=_about("kind of project")
    )
    places_mean = _number("places, mean over draws", least=0)
    residents_mean = _number("residents, mean", least=0)
    waiting_mean = _number("people who wait for such a place, mean", least=0)


class ApplicationYearlyTable(_Measured):
    """Assessments a year per assessment table, under the cap."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    assessment_table = _text_key("name of the table")


class SensitivityVariance(dy.Schema):
    """How much of the spread of gross demand comes from parameters and how much from chance."""

    region_id = _region()
    scenario_id = _scenario()
    measure = dy.Enum(["gross"], primary_key=True, metadata=_about("whose variance"))
    unit = _unit()
    standard_deviation = _number("standard deviation over the draws", least=0)
    parameter_share = _share("share of the variance that parameters explain")
    chance_share = _share("share that is chance")


class CapacityYearlyRegion(dy.Schema):
    """Places, residents and blocked places at the end of each year, under the cap."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    target_group = _group()
    places_mean = _number("places, mean over draws", least=0)
    occupied_mean = _number("residents after admissions, mean", least=0)
    blocked_mean = _number("residents who are ready and wait for a home, mean", least=0)
    intake_list_mean = _number("people waiting for a place, mean", least=0)


class CapacityPlan(dy.Schema):
    """Planned changes of places after the last delivered quarter, by kind and status."""

    region_id = _region()
    target_group = _group()
    change_kind = dy.Enum(
        [kind.value for kind in ChangeKind],
        primary_key=True,
        metadata=_about("kind of change; only closing and opening change demand"),
    )
    status = _text_key("how firm the plan is: besloten, voorgenomen or verwacht")
    changes_demand = _flag("whether this kind of change changes the demand for homes")
    places_change = dy.Int64(metadata=_about("places more (or, below 0, fewer)"))


class SupportYearlyRegion(_Measured):
    """People in supported tenancies at the end of each year, under the cap, and what it costs."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    months_covered = _months_covered()
    support_months_mean = _number("months of support given in the covered months, mean", least=0)
    euro_mean = _number("euros at the region's tariff, mean; empty without one", nullable=True)
    euro_p10 = _number("a tenth of the draws lie below", nullable=True)
    euro_p90 = _number("nine tenths of the draws lie below", nullable=True)


class SensitivityRegion(dy.Schema):
    """Which assumption moves the headline most, from the draws already made."""

    region_id = _region()
    scenario_id = _scenario()
    parameter = _text_key("name of the parameter")
    target_group = _group()
    rank = dy.Int32(min=1, metadata=_about("1 moves the headline most"))
    parameter_unit = _unit()
    low = _number("mean of the parameter over the fifth of draws where it is lowest")
    high = _number("mean of the parameter over the fifth of draws where it is highest")
    headline_low = _number("mean headline over the draws where the parameter is low (dwellings)")
    headline_high = _number("mean headline over the draws where the parameter is high (dwellings)")
    variance_share = _share("share of the headline's variance that the parameter alone explains")


class ForecastInflow(dy.Schema):
    """Observed and forecast referrals per target group and year, with the models behind them."""

    region_id = _region()
    series_id = _text_key("target group")
    year = _year()
    is_forecast = dy.Bool(primary_key=True, metadata=_about("forecast rather than observed"))
    months_covered = _months_covered()
    unit = _unit()
    mean = _number("mean (or the observed number)", least=0)
    lo80 = _number("lower end of the 80 % interval", least=0)
    hi80 = _number("upper end of the 80 % interval", least=0)
    models = _text("models that were combined, in order")
    weights = _text("their weights, in the same order")
    bounded_by_places = _flag(
        "whether admissions and the change of the intake list stand in for registrations"
    )
    structural_breaks = _text("what was done at declared breaks; empty where none applies")

    @dy.rule()
    def interval_holds_the_mean(cls) -> pl.Expr:  # noqa: N805
        """lo80 <= mean <= hi80."""
        return (pl.col("lo80") <= pl.col("mean")) & (pl.col("mean") <= pl.col("hi80"))


class ForecastScorecard(dy.Schema):
    """How forecasts made from earlier years did, by series and years ahead, beside the last year.

    Rolling origins: the history is cut at the end of earlier years, forecast, and compared with
    what came. `naive` says that every year is like the last one known.
    """

    region_id = _region()
    series_kind = dy.Enum(
        ["inflow", "relets", "suitable_relets", "new_lettings", "households"],
        primary_key=True,
        metadata=_about("what the series counts"),
    )
    series_id = _text_key("target group, municipality, or all")
    horizon_years = dy.Int32(primary_key=True, min=1, max=10, metadata=_about("years ahead"))
    unit = _unit()
    origins = dy.Int32(min=1, metadata=_about("moments from which was forecast"))
    mase = _number(
        "mean absolute error over the mean change from year to year; empty where nothing changed "
        "or the years between are not known",
        least=0,
        nullable=True,
    )
    skill = _number(
        "1 minus the mean absolute error over that of the last year known; empty where the last "
        "year was always right",
        nullable=True,
    )
    coverage80 = _share("share of outcomes inside the 80 % interval")
    bias = _number("mean of forecast minus outcome")
    beats_naive = _flag("whether the mean absolute error is below that of the last year known")


class ForecastHouseholds(dy.Schema):
    """Private households per municipality on 1 January, as published and forecast."""

    region_id = _region()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=_about("CBS code of the municipality")
    )
    year = _year()
    is_forecast = dy.Bool(metadata=_about("forecast rather than published"))
    unit = _unit()
    mean = _number("central forecast (or the published number)", least=0)
    lo80 = _number("lower end of the 80 % interval", least=0)
    hi80 = _number("upper end of the 80 % interval", least=0)


class SupplyYearlyMunicipality(dy.Schema):
    """Homes let again, let again and suitable, and let for the first time, by association.

    Rows of all associations, or of the whole region, are sums within each path: means add up
    exactly, ends of intervals do not.
    """

    region_id = _region()
    year = _year()
    municipality_code = dy.String(
        primary_key=True,
        regex=r"^(GM\d{4}|all)$",
        metadata=_about("CBS code of the municipality, or all"),
    )
    association = _text_key("housing association, or all")
    measure = dy.Enum(
        ["relets", "suitable_relets", "new_lettings"],
        primary_key=True,
        metadata=_about("homes let again, those of them that are suitable, or new homes"),
    )
    is_forecast = dy.Bool(metadata=_about("forecast rather than delivered"))
    unit = _unit()
    mean = _number("mean over the paths (or the delivered number)", least=0)
    lo80 = _number("lower end of the 80 % interval", least=0)
    hi80 = _number("upper end of the 80 % interval", least=0)


class EstimateParameter(dy.Schema):
    """What a region's own deliveries say of each parameter, beside what was believed before."""

    region_id = _region()
    parameter = _text_key("name of the parameter")
    target_group = _group()
    unit = _unit()
    earlier_value = _number(
        "national value, or the region's own assumption; empty for a mere report",
        nullable=True,
    )
    earlier_low = _number("10th percentile of what was believed", nullable=True)
    earlier_high = _number("90th percentile of what was believed", nullable=True)
    own_value = _number("the deliveries alone; empty where they cannot tell", nullable=True)
    own_low = _number("lower end of its 80 % interval", nullable=True)
    own_high = _number("upper end of its 80 % interval", nullable=True)
    value = _number("value in force before a scenario; empty for a mere report", nullable=True)
    low = _number("10th percentile in force", nullable=True)
    high = _number("90th percentile in force", nullable=True)
    observations = _whole("people, stays, decisions or homes looked at")
    events = _whole("what is counted among them: ended stays, decisions, people who left")
    exposure = _number(
        "months (for relapse windows of 24 months) in which events could happen; empty for a share",
        least=0,
        nullable=True,
    )
    is_thin = _flag("whether there is too little to stand alone: the earlier value weighs most")
    is_estimated = _flag("whether the value in force is the estimate")
    note = dy.Enum(
        [note.value for note in EstimateNote], metadata=_about("what a reader must know of it")
    )


class StaySurvival(dy.Schema):
    """Share of stays that still go on by months since entry: observed (Kaplan-Meier) and fitted."""

    region_id = _region()
    target_group = _group()
    complexity = dy.Enum(
        ["single", "complex", "all"],
        primary_key=True,
        metadata=_about("class of the stays; all where a group has none or labels are missing"),
    )
    month = dy.Int32(primary_key=True, min=0, max=120, metadata=_about("months since entry"))
    kaplan_meier = _share("share observed to go on; empty below ten stays in sight", nullable=True)
    lower = _share("lower end of its 80 % interval", nullable=True)
    upper = _share("upper end of its 80 % interval", nullable=True)
    at_risk = dy.Int64(nullable=True, min=10, metadata=_about("stays in sight; empty below ten"))
    fitted = _share("share that goes on by the law and mean in force")


class ForecastHindcast(dy.Schema):
    """What we would have said years ago, beside what was observed since."""

    region_id = _region()
    as_of = dy.String(
        primary_key=True, regex=_MONTH, metadata=_about("month as of which the past is rebuilt")
    )
    year = _year()
    months_covered = _months_covered()
    measure = dy.Enum(
        [
            "registrations",
            "approved",
            "offered",
            "let",
            "housing_list",
            "intake_list",
        ],
        primary_key=True,
        metadata=_about("flow of the year, or list at its end, under the cap where there is one"),
    )
    unit = _unit()
    mean = _number("mean over the draws", least=0)
    p10 = _number("a tenth of the draws lie below", least=0)
    p90 = _number("nine tenths of the draws lie below", least=0)
    observed = _number("what the deliveries say; empty where not known", least=0, nullable=True)
    inside = dy.Bool(
        nullable=True, metadata=_about("whether it lies between p10 and p90; empty where not known")
    )


class QuotaYearlyMunicipality(dy.Schema):
    """Whole homes per municipality and year: of the cap ("at most") and owed, side by side."""

    region_id = _region()
    scenario_id = _scenario()
    year = _year()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=_about("CBS code of the municipality")
    )
    municipality_name = _text("name of the municipality")
    key_share = _share("share in the key")
    exact = _number("key share times the owed homes of the year", least=0)
    carried = _number("carried over from earlier years")
    at_most = _whole("split of the cap; empty where none is agreed", nullable=True)
    quota = _whole("owed: split of min(cap, approved applications expected)")
    cumulative = _whole("owed since the first year of the table")


class QuotaKey(dy.Schema):
    """The key taken apart: value and share of every factor per municipality."""

    region_id = _region()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=_about("CBS code of the municipality")
    )
    municipality_name = _text("name of the municipality")
    factor = _text_key("factor of the key")
    weight = _share("weight of the factor, weights adding up to 1")
    weight_confirmed = _flag("whether the region published this weight")
    value = _number("the municipality's value of the factor", least=0)
    factor_share = _share("its share of the region in this factor")


class LettingYearlyMunicipality(dy.Schema):
    """Homes let in the past per municipality, year and ground, as delivered."""

    region_id = _region()
    year = _year()
    months_covered = _months_covered()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=_about("CBS code of the municipality")
    )
    ground = _text_key("ground of the letting")
    dwellings = _whole("homes let")


class Parameters(dy.Schema):
    """Every parameter that the run used, with range, unit and source."""

    region_id = _region()
    scenario_id = _scenario()
    parameter = _text_key("name of the parameter")
    target_group = _group()
    value = _number("value in force")
    low = _number("10th percentile of what is believed", nullable=True)
    high = _number("90th percentile of what is believed", nullable=True)
    unit = _unit()
    kind = dy.Enum([kind.value for kind in SourceKind], metadata=_about("kind of source"))
    source = _text("title and publisher of the source")
    confirmed = _flag("whether the region confirmed it")
    changed_by_scenario = _flag("whether the scenario changed it")


class AgreementTable(dy.Schema):
    """What bodies decided."""

    region_id = _region()
    agreement_id = _text_key("id of the agreement")
    kind = _text("kind of agreement")
    scope = _text("what it covers")
    value = _number("agreed number, where there is one", nullable=True)
    unit = _text("unit of the number", nullable=True)
    valid_from = dy.String(regex=_MONTH, metadata=_about("first month"))
    valid_to = dy.String(nullable=True, regex=_MONTH, metadata=_about("last month"))
    commitment = _text("inspanning or garantie")
    body = _text("who decided")
    decided_on = _text("date of the decision")
    state = _text("state of the decision")
    confirmed = _flag("whether value and scope are confirmed by a published text")
    source = _text("title and publisher of the source")


class DeliveryTable(dy.Schema):
    """Every delivered file and what became of its rows."""

    region_id = _region()
    contract = _text_key("contract of the file")
    file = _text_key("name of the file")
    sender = _text("who sent it")
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=_about("hash of the file"))
    delivered_on = _text("day of delivery")
    synthetic = _flag("whether the content is synthetic")
    rows_in = _whole("rows in the file")
    accepted = _whole("rows accepted")
    quarantined = _whole("rows set apart with a reason")
    non_data = _whole("declared rows that are no data (totals, identical repeats)")
    verdict = _text("what became of the file")

    @dy.rule()
    def nothing_lost(cls) -> pl.Expr:  # noqa: N805
        """Rows in = accepted + quarantined + non-data."""
        kept = pl.col("accepted") + pl.col("quarantined") + pl.col("non_data")
        return pl.col("rows_in") == kept


class DeliveryQuarantine(dy.Schema):
    """Reasons for which rows were set apart, counted; never the rows themselves."""

    region_id = _region()
    contract = _text_key("contract of the file")
    file = _text_key("name of the file")
    reason = _text_key("code of the reason")
    column = _text_key("column in which it was found")
    rows = _whole("rows with this reason")


class SourceTable(dy.Schema):
    """Public statistics and their editions."""

    region_id = _region()
    source_id = _text_key("id of the source")
    title = _text("title")
    producer = _text("who made it")
    licence = _text("licence")
    vintage = _text("edition or reference date")
    accessed = _text("day of retrieval")
    sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=_about("hash over its files"))


class RunTable(dy.Schema):
    """What this run was: one row per region and scenario."""

    region_id = _region()
    scenario_id = _scenario()
    region_name = _text("name of the region")
    scenario_label = _text("label of the scenario")
    scenario_why = _text("why the scenario exists")
    is_default = _flag("whether it is the region's default scenario")
    as_of = dy.String(regex=_MONTH, metadata=_about("last month that counts as known"))
    first_month = dy.String(regex=_MONTH, metadata=_about("first month of the ten years"))
    last_month = dy.String(regex=_MONTH, metadata=_about("last month of the ten years"))
    draws = dy.Int64(min=1, metadata=_about("number of draws"))
    seed = dy.Int64(min=0, metadata=_about("seed of the draws"))
    parameters_sha256 = dy.String(
        regex=r"^[0-9a-f]{64}$", metadata=_about("hash of the merged parameters")
    )
    inputs_sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=_about("hash of all inputs"))
    code_sha256 = dy.String(regex=r"^[0-9a-f]{64}$", metadata=_about("hash of the code"))
    synthetic = _flag("whether any delivery is synthetic")
    unconfirmed_parameters = _whole("parameters in use that the region did not confirm")
    current_lettings_yearly = _number("mean lettings a year in the reference years", least=0)
    reference_first_year = dy.Int32(metadata=_about("first reference year"))
    reference_last_year = dy.Int32(metadata=_about("last reference year"))
    associations = _text("names of the associations, separated by semicolons")
    person_word = _text("the region's word for the person")


MARTS: dict[str, type[dy.Schema]] = {
    "mart_run": RunTable,
    "mart_demand__ten_year": DemandTenYear,
    "mart_demand__yearly_region": DemandYearlyRegion,
    "mart_demand__cumulative_region": DemandCumulative,
    "mart_demand__drivers": DemandDrivers,
    "mart_demand__published": DemandPublished,
    "mart_demand__scenario_difference": DemandScenarioDifference,
    "mart_demand__bridge": DemandBridge,
    "mart_demand__inverse": DemandInverse,
    "mart_demand__definition": DemandDefinition,
    "mart_wait__yearly_region": WaitYearlyRegion,
    "mart_wait__monthly_list": WaitMonthlyList,
    "mart_wait__yearly_class": WaitYearlyClass,
    "mart_promise__region": PromiseRegion,
    "mart_promise__quota_search": PromiseQuotaSearch,
    "mart_demand__yearly_product": DemandYearlyProduct,
    "mart_demand__cross_check": DemandCrossCheck,
    "mart_stay__yearly_destination": StayYearlyDestination,
    "mart_project__yearly_region": ProjectYearlyRegion,
    "mart_application__yearly_table": ApplicationYearlyTable,
    "mart_capacity__yearly_region": CapacityYearlyRegion,
    "mart_capacity__plan": CapacityPlan,
    "mart_support__yearly_region": SupportYearlyRegion,
    "mart_sensitivity__region": SensitivityRegion,
    "mart_sensitivity__variance": SensitivityVariance,
    "mart_forecast__inflow": ForecastInflow,
    "mart_forecast__scorecard": ForecastScorecard,
    "mart_forecast__households": ForecastHouseholds,
    "mart_supply__yearly_municipality": SupplyYearlyMunicipality,
    "mart_estimate__parameter": EstimateParameter,
    "mart_stay__survival": StaySurvival,
    "mart_forecast__hindcast": ForecastHindcast,
    "mart_quota__yearly_municipality": QuotaYearlyMunicipality,
    "mart_quota__key": QuotaKey,
    "mart_letting__yearly_municipality": LettingYearlyMunicipality,
    "mart_parameter": Parameters,
    "mart_agreement": AgreementTable,
    "mart_delivery": DeliveryTable,
    "mart_delivery__quarantine": DeliveryQuarantine,
    "mart_source": SourceTable,
}
"""Every mart by name, in reading order."""

DOMAINS = (
    "run",
    "demand",
    "wait",
    "promise",
    "capacity",
    "support",
    "sensitivity",
    "forecast",
    "supply",
    "quota",
    "letting",
    "parameter",
    "agreement",
    "delivery",
    "source",
    "municipality",
    "project",
    "scenario",
    "intake",
    "stay",
    "stock",
    "application",
    "estimate",
    "relapse",
)
"""Domains that a table's name may carry after its layer."""


def column_order(schema: type[dy.Schema]) -> list[str]:
    """Give the columns of a table as they stand in its files: the key first, then the rest."""
    keys = schema.primary_key()
    return [*keys, *(name for name in schema.column_names() if name not in keys)]


def shape_table(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame into the declared shape of a mart and check it.

    Columns are put in the declared order and cast to the declared types, floats are rounded to
    `DECIMALS`, rows are sorted by the primary key.

    Raises:
        UitstroomError: A column is missing or unknown, or a declared rule fails; the message names
            the table and the rules.
    """
    schema = MARTS[name]
    columns = column_order(schema)
    if set(columns) != set(frame.columns):
        missing, extra = set(columns) - set(frame.columns), set(frame.columns) - set(columns)
        raise UitstroomError(
            "the table does not have its declared columns",
            where=name,
            found=f"missing {sorted(missing)}, unknown {sorted(extra)}",
            todo="Compare with models/tables.py.",
        )
    floats = [key for key, column in schema.columns().items() if isinstance(column, dy.Float64)]
    try:
        shaped = schema.cast(frame.select(columns)).with_columns(
            pl.col(floats).cast(pl.Float64).round(DECIMALS) + 0.0
        )
        checked = schema.validate(shaped.sort(schema.primary_key()))
        return checked.select(columns)
    except (pl.exceptions.PolarsError, dy.exc.ValidationError, dy.exc.SchemaError) as error:
        raise UitstroomError(
            "the table does not meet its declaration",
            where=name,
            found=" ".join(str(error).split()),
            todo="Compare with models/tables.py.",
        ) from error
