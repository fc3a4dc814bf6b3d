"""Marts of forecasts, how good they were, and what moves the headline.

Belongs here: these declarations. Does not belong here: how they are filled.
"""

import dataframely as dy
import polars as pl

from models.marts import columns


class SensitivityVariance(dy.Schema):
    """How much of the spread of gross demand comes from parameters and how much from chance."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    measure = dy.Enum(["gross"], primary_key=True, metadata=columns.about("whose variance"))
    unit = columns.unit()
    standard_deviation = columns.number("standard deviation over the draws", least=0)
    parameter_share = columns.share("share of the variance that parameters explain")
    chance_share = columns.share("share that is chance")


class SensitivityRegion(dy.Schema):
    """Which assumption moves the headline most, from the draws already made."""

    region_id = columns.region()
    scenario_id = columns.scenario()
    parameter = columns.text_key("name of the parameter")
    target_group = columns.group()
    rank = dy.Int32(min=1, metadata=columns.about("1 moves the headline most"))
    parameter_unit = columns.unit()
    low = columns.number("mean of the parameter over the fifth of draws where it is lowest")
    high = columns.number("mean of the parameter over the fifth of draws where it is highest")
    headline_low = columns.number(
        "mean headline over the draws where the parameter is low (dwellings)"
    )
    headline_high = columns.number(
        "mean headline over the draws where the parameter is high (dwellings)"
    )
    variance_share = columns.share(
        "share of the headline's variance that the parameter alone explains"
    )


class ForecastInflow(dy.Schema):
    """Observed and forecast referrals per target group and year, with the models behind them."""

    region_id = columns.region()
    series_id = columns.text_key("target group")
    year = columns.year()
    is_forecast = dy.Bool(primary_key=True, metadata=columns.about("forecast rather than observed"))
    months_covered = columns.months_covered()
    unit = columns.unit()
    mean = columns.number("mean (or the observed number)", least=0)
    lo80 = columns.number("lower end of the 80 % interval", least=0)
    hi80 = columns.number("upper end of the 80 % interval", least=0)
    models = columns.text("models that were combined, in order")
    weights = columns.text("their weights, in the same order")
    bounded_by_places = columns.flag(
        "whether admissions and the change of the intake list stand in for registrations"
    )
    structural_breaks = columns.text("what was done at declared breaks; empty where none applies")

    @dy.rule()
    def interval_holds_the_mean(cls) -> pl.Expr:  # noqa: N805
        """lo80 <= mean <= hi80."""
        return (pl.col("lo80") <= pl.col("mean")) & (pl.col("mean") <= pl.col("hi80"))


class ForecastScorecard(dy.Schema):
    """How forecasts made from earlier years did, by series and years ahead, beside the last year.

    Rolling origins: the history is cut at the end of earlier years, forecast, and compared with
    what came. `naive` says that every year is like the last one known.
    """

    region_id = columns.region()
    series_kind = dy.Enum(
        ["inflow", "relets", "suitable_relets", "new_lettings", "households"],
        primary_key=True,
        metadata=columns.about("what the series counts"),
    )
    series_id = columns.text_key("target group, municipality, or all")
    horizon_years = dy.Int32(primary_key=True, min=1, max=10, metadata=columns.about("years ahead"))
    unit = columns.unit()
    origins = dy.Int32(min=1, metadata=columns.about("moments from which was forecast"))
    mase = columns.number(
        "mean absolute error over the mean change from year to year; empty where nothing changed "
        "or the years between are not known",
        least=0,
        nullable=True,
    )
    skill = columns.number(
        "1 minus the mean absolute error over that of the last year known; empty where the last "
        "year was always right",
        nullable=True,
    )
    coverage80 = columns.share("share of outcomes inside the 80 % interval")
    bias = columns.number("mean of forecast minus outcome")
    beats_naive = columns.flag(
        "whether the mean absolute error is below that of the last year known"
    )


class ForecastHouseholds(dy.Schema):
    """Private households per municipality on 1 January, as published and forecast."""

    region_id = columns.region()
    municipality_code = dy.String(
        primary_key=True, regex=r"^GM\d{4}$", metadata=columns.about("CBS code of the municipality")
    )
    year = columns.year()
    is_forecast = dy.Bool(metadata=columns.about("forecast rather than published"))
    unit = columns.unit()
    mean = columns.number("central forecast (or the published number)", least=0)
    lo80 = columns.number("lower end of the 80 % interval", least=0)
    hi80 = columns.number("upper end of the 80 % interval", least=0)


class ForecastHindcast(dy.Schema):
    """What we would have said years ago, beside what was observed since."""

    region_id = columns.region()
    as_of = dy.String(
        primary_key=True,
        regex=columns.MONTH,
        metadata=columns.about("month as of which the past is rebuilt"),
    )
    year = columns.year()
    months_covered = columns.months_covered()
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
        metadata=columns.about(
            "flow of the year, or list at its end, under the cap where there is one"
        ),
    )
    unit = columns.unit()
    mean = columns.number("mean over the draws", least=0)
    p10 = columns.number("a tenth of the draws lie below", least=0)
    p90 = columns.number("nine tenths of the draws lie below", least=0)
    observed = columns.number(
        "what the deliveries say; empty where not known", least=0, nullable=True
    )
    inside = dy.Bool(
        nullable=True,
        metadata=columns.about("whether it lies between p10 and p90; empty where not known"),
    )
