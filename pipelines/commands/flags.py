"""Flags and arguments that several commands share.

Belongs here: their names and help. Does not belong here: what they mean (`pipelines.options`).
"""

from pathlib import Path
from typing import Annotated

import typer

RegionsFlag = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="ID", help="A region; may be given again. Default: all."),
]
ScenariosFlag = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="ID",
        help="A scenario beside the region's default one, or `all`; may be given again.",
    ),
]
MonthFlag = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM",
        help="Last month that counts as known. Default: the last complete one.",
    ),
]
DrawsFlag = Annotated[
    int, typer.Option("--draws", metavar="N", help="Number of draws, a power of two.")
]
SeedFlag = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the draws.")]
OneRegionFlag = Annotated[str, typer.Option("--region", metavar="ID", help="The region.")]
OutFlag = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.csv", help="Write the table here too.")
]
LanguageFlag = Annotated[
    str, typer.Option("--lang", metavar="nl|en", help="Language of the report.")
]
ByFlag = Annotated[
    str,
    typer.Option("--by", metavar="OFFICE", help="The office or role that decides; no person."),
]
WhyFlag = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="Why; somebody else must be able to follow.")
]

TotalFlag = Annotated[
    str,
    typer.Option(
        "--total", metavar="N|FILE", help="Homes a year, or a file with columns year,total."
    ),
]
WeightsFlag = Annotated[
    str | None,
    typer.Option(
        "--weights", metavar="a=0.5,b=0.5", help="Weight of every factor. Default: all the same."
    ),
]
CorrectFlag = Annotated[
    str | None,
    typer.Option(
        "--correct",
        metavar="COLUMN",
        help="Care pressure: shares are divided by it and made to fit.",
    ),
]
MethodFlag = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="largest-remainder (default), sainte-lague, dhondt, huntington-hill, adams or dean; "
        "over years quota-method (default) or running-claim.",
    ),
]
YearsFlag = Annotated[
    int | None, typer.Option("--years", metavar="N", help="Split years 1 to N. Default: one split.")
]
KeyFileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Column municipality_code and columns of factors.")
]
