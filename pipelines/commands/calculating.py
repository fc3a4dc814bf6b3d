"""Commands that calculate from a file or a release alone: forecast, quota, lint-key, explain.

Belongs here: their flags and lines. Does not belong here: the calculations (`models`).
"""

from pathlib import Path
from typing import Annotated

import typer

from models.errors import RefusedError
from pipelines.commands.flags import (
    CorrectFlag,
    KeyFileArgument,
    MethodFlag,
    OneRegionFlag,
    TotalFlag,
    WeightsFlag,
    YearsFlag,
)
from pipelines.commands.telling import complain, say
from pipelines.paths import DataRoot, shown


def explain_number(
    region: OneRegionFlag,
    municipality: Annotated[
        str, typer.Option("--municipality", metavar="CODE", help="CBS code, or the name.")
    ],
    year: Annotated[int, typer.Option("--year", metavar="Y", help="Calendar year.")],
) -> None:
    """Explain a municipality's number of homes step by step, from the current release alone."""
    from pipelines.release import current_release
    from reports.explained import explain_asked
    from reports.labels import load_labels
    from reports.plain import explanation_lines
    from reports.release import Release

    root = DataRoot.from_environment()
    name = root.check_region(region)
    words = load_labels()
    found = explain_asked(
        Release(current_release(root.releases(name), name)), municipality, year, words
    )
    for line in explanation_lines(found, words):
        say(line)


def forecast(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Columns series_id,t,value.")],
    horizon: Annotated[int, typer.Option("--horizon", metavar="H", help="Periods ahead.")],
    freq: Annotated[
        str, typer.Option("--freq", metavar="Y|Q|M", help="Yearly, quarterly or monthly.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="CSV or Parquet to write.")],
) -> None:
    """Forecast any collection of series: mean, 80 % and 95 % intervals.

    `t` is a whole number or a date (2020, 2020-01, 2020Q1, 2020-03-31); a missing `t` is a gap. A
    series of fewer than 6 points gets no rows and is named.
    """
    from pipelines.forecast_file import forecast_file

    found = forecast_file(file, out, horizon=horizon, freq=freq)
    complain(f"series {name!r}: no forecast: {why}" for name, why in found.left_out.items())
    if not found.series:
        raise RefusedError(
            "no series could be forecast; nothing was written",
            where=file.name,
            found=f"{len(found.left_out)} series, all too short",
        )
    say(f"{found.series} series, {horizon} periods ahead: {shown(out)}")


def quota(
    file: KeyFileArgument,
    total: TotalFlag,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="CSV or Parquet to write.")],
    weights: WeightsFlag = None,
    correct: CorrectFlag = None,
    method: MethodFlag = None,
    years: YearsFlag = None,
) -> None:
    """Split homes over any municipalities: year, exact share and whole number.

    Every column of FILE is a factor but municipality_code, municipality_name, the one to correct
    by, and minimum and maximum (homes a year, empty for none). Equal claims go to the lowest code.
    """
    from pipelines.quota_file import quota_file
    from pipelines.quota_request import Request

    frame = quota_file(file, out, Request(total, weights, correct, method, years))
    span = frame["year"].n_unique()
    say(f"{frame['quota'].sum()} homes in {span} year{'s' if span > 1 else ''}: {shown(out)}")


def lint_key(
    file: KeyFileArgument,
    weights: WeightsFlag = None,
    correct: CorrectFlag = None,
    total: TotalFlag = "100",
    method: MethodFlag = None,
    years: YearsFlag = None,
    rounded: Annotated[
        str | None,
        typer.Option(
            "--rounded",
            metavar="a=100",
            help="Units in which columns were rounded. Default: what their digits show.",
        ),
    ] = None,
) -> None:
    """Look for what is wrong with a key, each time with a counter-example in numbers.

    Looks at the split that `quota` makes with the same flags. A finding is refused, a warning or a
    note; the command ends with 3 when something is refused, and with 0 otherwise.
    """
    from pipelines.quota_file import is_refused, lint_file
    from pipelines.quota_request import Request

    findings, lines = lint_file(file, Request(total, weights, correct, method, years, rounded))
    for line in lines:
        say(line)
    if is_refused(findings):
        raise RefusedError("this key breaks a law; see above", where=file.name)
