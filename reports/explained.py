"""Why a municipality has its number: the stored steps in words, for the page and the command.

Belongs here: finding a municipality and year in a release, and the sentences around the steps. Does
not belong here: the steps (`ladder`), the arithmetic of a split (`models.quota`), HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from models.errors import UitstroomError, UsageError
from reports import ladder
from reports.figures import row_key
from reports.labels import Labels
from reports.ladder import Basis, Digits, Row, Step, cell_of, homes
from reports.numbers import round_to
from reports.release import Release
from reports.told import Made, Origin, join, tell

TABLES = (
    "mart_quota__explanation",
    "mart_quota__key",
    "mart_quota__key_share",
    "mart_quota__home",
)
"""Tables of the explanation."""

_STAND_IN = "association_dwellings"
"""The factor that stands in for social rental homes, which nobody publishes per municipality."""
_MOST_SMALL_DIGITS = 6
_PLACES_NAMED = 6
_PLACES_ALL = 12
"""Up to so many homes are all named; of more only the first ones, with how many there are."""
_RULES = {"quota-method": "explained.rule_list", "running-claim": "explained.rule_claim"}


@dataclass(frozen=True)
class Explanation:
    """The number of one municipality in one year, in words.

    Attributes:
        row: Its row of `mart_quota__explanation`.
        heading: The question that is answered.
        quota_label: What the whole number is.
        ceiling: What holds at most.
        short: The sum in a few sentences.
        share_steps: From factors to the share in the key (percent).
        home_steps: From the share to whole homes (homes).
        precision: With how many decimals the steps are shown.
        in_list: Where its homes stand in the list of homes, and who gets the next one.
        places: Numbers of its homes in the year's list.
        next_home: Number of the home after those of the year, None where that is not known.
        household: What one more household would do.
        open_points: What nobody confirmed, or what stands in for something else.
        years: Its rows of all years, in order.
    """

    row: Row
    heading: str
    quota_label: str
    ceiling: str
    short: tuple[str, ...]
    share_steps: tuple[Step, ...]
    home_steps: tuple[Step, ...]
    precision: str
    in_list: tuple[str, ...]
    places: tuple[int, ...]
    next_home: int | None
    household: tuple[str, ...]
    open_points: tuple[str, ...]
    years: tuple[Row, ...]


class Explanations:
    """The stored explanations of a region.

    Args:
        explanation: `mart_quota__explanation`.
        key: `mart_quota__key`.
        key_share: `mart_quota__key_share`.
        home: `mart_quota__home`.
        words: Labels.
    """

    def __init__(
        self,
        explanation: pl.DataFrame,
        key: pl.DataFrame,
        key_share: pl.DataFrame,
        home: pl.DataFrame,
        words: Labels,
    ) -> None:
        rows = explanation.sort("year", "municipality_code").to_dicts()
        self._rows: dict[tuple[int, str], Row] = {
            (row["year"], row["municipality_code"]): row for row in rows
        }
        self._key = key.to_dicts()
        self._key_share = {
            (row["key_id"], row["municipality_code"]): row for row in key_share.to_dicts()
        }
        self._next = dict(home.filter(pl.col("is_next")).select("year", "home").iter_rows())
        self._words = words

    @classmethod
    def of_release(cls, release: Release, words: Labels) -> "Explanations":
        """Read the explanations of a release; one without a key has none."""
        explanation, key, key_share, home = (release.table(name) for name in TABLES)
        return cls(explanation, key, key_share, home, words)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is explained: no key, no split."""
        return not self._rows

    @property
    def names(self) -> dict[str, str]:
        """The names of the municipalities by code, in the order of the codes."""
        found = {code: row["municipality_name"] for (_, code), row in self._rows.items()}
        return dict(sorted(found.items()))

    @property
    def years(self) -> list[int]:
        """The years that are explained, in order."""
        return sorted({year for year, _ in self._rows})

    def year_of(self, as_of_year: int) -> int:
        """Give the year that pages show: that of the as-of month, else the first."""
        return as_of_year if as_of_year in self.years else self.years[0]

    def rows_of(self, year: int) -> list[Row]:
        """Give the rows of a year, in the order of the codes."""
        return [row for (of_year, _), row in self._rows.items() if of_year == year]

    def basis(self, code: str, year: int) -> Basis:
        """Give what the steps of a municipality and a year are made from."""
        row = self._rows[year, code]
        return Basis(
            row,
            self.rows_of(year),
            [item for item in self._key if item["key_id"] == row["key_id"]],
            self._key_share.get((row["key_id"], code)),
        )

    def explain(self, code: str, year: int) -> Explanation:
        """Explain the number of a municipality in a year; both must be there."""
        words, basis = self._words, self.basis(code, year)
        row = basis.row
        home_digits = ladder.home_digits(basis)
        share_digits = ladder.share_digits(basis)
        shown = _gaps(basis, home_digits.count, share_digits.count, words)
        places = tuple(int(part) for part in row["homes"].split(",") if part.strip())
        next_home = self._next.get(year)
        one = row["quota"] == 1
        return Explanation(
            row=row,
            heading=words.text(
                "explained.page_heading",
                homes=homes(row["quota"], words, cell_of(row, "quota")),
                **shown,
            ),
            quota_label=words.text(f"explained.quota_label_{'one' if one else 'many'}", **shown),
            ceiling=_ceiling(row, words),
            short=_short(basis, shown, words),
            share_steps=ladder.share_steps(basis, share_digits.count, words),
            home_steps=ladder.home_steps(basis, home_digits.count, share_digits.count, words),
            precision=_precision(share_digits, home_digits, words),
            in_list=(
                _places_sentence(row, places, shown, words),
                words.text(_RULES[row["method"]], **shown),
                self._largest_gap(),
                *_next_sentence(row, next_home, words),
            ),
            places=places,
            next_home=next_home,
            household=_household(row, self.years, words),
            open_points=_open_points(basis, words),
            years=tuple(
                self._rows[item, code] for item in self.years if (item, code) in self._rows
            ),
        )

    def _largest_gap(self) -> str:
        """Say how far whole homes and shares ever are apart in the years of the table."""
        words = self._words
        widest = max(self._rows.values(), key=lambda row: abs(row["carried_on"]))
        gap = abs(widest["carried_on"])
        digits = ladder.LEAST_DIGITS
        while gap < 1 <= ladder.shown_as(gap, digits) and digits < _MOST_SMALL_DIGITS:
            digits += 1
        source = Made("size", (cell_of(widest, "carried_on"),))
        value = ladder.decimal(gap, digits, words, source)
        years = words.numbers.years(self.years[0], self.years[-1])
        label = "explained.gap_under" if gap < 1 else "explained.gap_above"
        return words.text(label, value=value, years=years)

    # --- what a user asked for -------------------------------------------------------------------

    def find_code(self, asked: str) -> str:
        """Find a municipality by its CBS code or its name.

        Raises:
            UsageError: There is none; the sentence names the nearest one.
        """
        names = self.names
        said = {code.casefold(): code for code in names}
        said |= {name.casefold(): code for code, name in names.items()}
        wanted = asked.strip().casefold()
        if wanted in said:
            return said[wanted]
        near = get_close_matches(wanted, said, n=1, cutoff=0.5)
        written = [f"{name} ({code})" for code, name in names.items()]
        todo = f"Did you mean '{names[said[near[0]]]}' ({said[near[0]]})?" if near else ""
        raise UsageError(
            f"municipality '{asked}' does not share in this region's homes",
            where="--municipality",
            expected="" if near else f"one of {', '.join(written)}",
            todo=todo,
        )

    def check_year(self, asked: int) -> int:
        """Give a year back that is explained.

        Raises:
            UsageError: It is not; the sentence names the nearest one.
        """
        if asked in self.years:
            return asked
        near = min(self.years, key=lambda year: abs(year - asked))
        raise UsageError(
            f"no homes are split in {asked}",
            where="--year",
            expected=f"a year from {self.years[0]} to {self.years[-1]}",
            todo=f"The nearest one is {near}.",
        )


def explain_asked(release: Release, asked: str, year: int, words: Labels) -> Explanation:
    """Explain what a user asked for, from a release alone.

    Args:
        release: The release.
        asked: CBS code or name of the municipality.
        year: Calendar year.
        words: Labels.

    Raises:
        UsageError: No such municipality or year.
        UitstroomError: The release holds no split.
    """
    found = Explanations.of_release(release, words)
    if found.is_empty:
        raise UitstroomError(
            "this release holds no homes per municipality to explain",
            where=str(release.manifest["region_id"]),
            todo="Declare a key in the region's file, then run again.",
        )
    return found.explain(found.find_code(asked), found.check_year(year))


# --- sentences -----------------------------------------------------------------------------------


def _gaps(basis: Basis, home_digits: int, share_digits: int, words: Labels) -> dict[str, str]:
    """Give the gaps that most sentences share."""
    row = basis.row

    def decimal(name: str) -> str:
        written = ladder.decimal(abs(row[name]), home_digits, words)
        cell = cell_of(row, name)
        return tell(written, Made("size", (cell,)) if row[name] < 0 else cell)

    share = ladder.percent(100 * row["key_share"], share_digits, words)
    return {
        "municipality": row["municipality_name"],
        "year": str(row["year"]),
        "next_year": str(row["year"] + 1),
        "total": homes(row["total"], words, cell_of(row, "total")),
        "cap": "" if row["cap"] is None else homes(row["cap"], words, cell_of(row, "cap")),
        "quota": tell(words.numbers.whole(row["quota"]), cell_of(row, "quota")),
        "share": tell(share, cell_of(row, "key_share")),
        "plain": ladder.decimal(basis.plain, home_digits, words, ladder.plain_source(basis)),
        "exact": decimal("exact"),
        "carried": decimal("carried"),
        "claim": decimal("claim"),
        "carried_on": decimal("carried_on"),
    }


def _ceiling(row: Row, words: Labels) -> str:
    if row["at_most"] is None:
        return words.text("explained.no_ceiling")
    at_most = tell(words.numbers.whole(row["at_most"]), cell_of(row, "at_most"))
    return words.text("explained.ceiling", at_most=at_most)


def _short(basis: Basis, shown: dict[str, str], words: Labels) -> tuple[str, ...]:
    row = basis.row
    if row["opted_out"]:
        why = row["opted_out"].rstrip(".")
        return (words.text("explained.short_opted_out", why=why, **shown),)
    said = [
        words.text("explained.short_share", **shown),
        words.text(f"explained.short_total_{_room(row)}", **shown),
        *((words.text("explained.short_bounds", **shown),) if basis.plain != row["exact"] else ()),
        words.text(f"explained.short_carried_{_side(row['carried'])}", **shown),
        words.text(f"explained.short_whole_{_side(row['carried_on'])}", **shown),
    ]
    plain = int(round_to(row["claim"]))
    if plain != row["quota"]:
        turn = "sooner" if row["quota"] > plain else "later"
        number = tell(words.numbers.whole(plain), cell_of(row, "claim"))
        said.append(words.text(f"explained.short_{turn}", rounded=number, **shown))
    return tuple(said)


def _room(row: Row) -> str:
    if row["cap"] is None:
        return "open"
    return "below" if row["total"] < row["cap"] else "cap"


def _side(value: float) -> str:
    if abs(value) < ladder.SAME:
        return "even"
    return "plus" if value > 0 else "minus"


def _precision(shares: Digits, of_homes: Digits, words: Labels) -> str:
    holds = shares.holds and of_homes.holds
    label = "explained.precision" if holds else "explained.precision_fails"
    return words.text(label, shares=shares.count, homes=of_homes.count)


def home_cell(row: Row, home: int) -> Origin:
    """Name a home of the year's list."""
    key = {"year": row["year"], "home": home}
    return Origin(TABLES[3], row_key(TABLES[3], key), "home")


def _places_sentence(row: Row, places: Sequence[int], shown: dict[str, str], words: Labels) -> str:
    if not places:
        return words.text("explained.places_none", **shown)
    named = [
        words.text(
            "explained.ordinal", number=tell(words.numbers.whole(item), home_cell(row, item))
        )
        for item in places
    ]
    if len(places) == 1:
        return words.text("explained.places_one", place=named[0], **shown)
    if len(places) <= _PLACES_ALL:
        return words.text("explained.places", places=words.numbers.join(named), **shown)
    return words.text(
        "explained.places_many",
        places=join(", ", named[:_PLACES_NAMED]),
        more=tell(
            words.numbers.whole(len(places) - _PLACES_NAMED),
            Made("count", tuple(home_cell(row, item) for item in places[_PLACES_NAMED:])),
        ),
        last=named[-1],
        **shown,
    )


def _next_sentence(row: Row, next_home: int | None, words: Labels) -> tuple[str, ...]:
    if next_home is None:
        return ()
    return (
        words.text(
            f"explained.next_{'own' if row['gets_next_home'] else 'other'}",
            home=tell(words.numbers.whole(next_home), home_cell(row, next_home)),
            municipality=row["municipality_name"],
            other=row["next_home_to"],
        ),
    )


def _household(row: Row, years: Sequence[int], words: Labels) -> tuple[str, ...]:
    if row["extra_exact"] is None:
        return (words.text("explained.household_not_counted"),)
    span = words.numbers.years(years[0], years[-1])
    name, year, extra = row["municipality_name"], row["year"], row["extra_homes"]
    if abs(row["extra_exact"]) < ladder.SAME:
        said = [words.text("explained.household_nothing", municipality=name, year=year)]
    else:
        value = tell(_small(row["extra_exact"], words), cell_of(row, "extra_exact"))
        said = [words.text("explained.household_exact", municipality=name, year=year, value=value)]
    if extra:
        label = f"explained.household_{'more' if extra > 0 else 'less'}"
        source = Made("size", (cell_of(row, "extra_homes"),))
        said.append(words.text(label, years=span, homes=homes(abs(extra), words, source)))
    else:
        said.append(words.text("explained.household_same", years=span))
    if row["households_for_a_home"] is not None:
        column = "households_for_a_home"
        count = tell(words.numbers.whole(row[column]), cell_of(row, column))
        said.append(words.text("explained.household_needed", years=span, count=count))
    return tuple(said)


def _small(value: float, words: Labels) -> str:
    """Write a small number with as many decimals as it takes to see it."""
    digits = ladder.LEAST_DIGITS
    while digits < _MOST_SMALL_DIGITS and abs(value) * 10**digits < 1:
        digits += 1
    return words.numbers.decimal(value, digits)


def _open_points(basis: Basis, words: Labels) -> tuple[str, ...]:
    factors, said = basis.factors, []
    if any(not item["weight_confirmed"] for item in factors):
        weights = [
            words.text(
                "explained.weight",
                factor=words.code("factor", item["factor"]),
                weight=tell(
                    words.numbers.share(item["weight"], 1),
                    Origin(TABLES[1], row_key(TABLES[1], item), "weight"),
                ),
            )
            for item in factors
        ]
        said.append(words.text("explained.unconfirmed", weights=words.numbers.join(weights)))
    if basis.key_share is not None and not basis.key_share["correction_confirmed"]:
        said.append(words.text("explained.correction_unconfirmed"))
    if any(item["factor"] == _STAND_IN for item in factors):
        said.append(words.text("explained.stands_in"))
    return tuple(said)
