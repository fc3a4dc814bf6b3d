"""The steps from factors to whole homes, shown so that they add up.

Belongs here: the two ladders of an explanation (shares, homes), how many decimals they take, what
each step is called. Does not belong here: the sentences around them (`explained`), the arithmetic
of a split (`models.quota`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from reports.figures import EVERY_ROW, row_key
from reports.labels import Labels, capital
from reports.numbers import round_to
from reports.told import Made, Origin, Source, tell

TABLE = "mart_quota__explanation"
"""Table whose rows are explained."""

Row = dict[str, Any]

LEAST_DIGITS = 2
MOST_DIGITS = 4
"""More decimals than these are no help to a reader; what does not add up with them is said."""
_FLOAT_DECIMALS = 9
_FACTOR_DIGITS = 4
SAME = 5e-6
"""Stored shares and homes have six decimals: those closer than this are the same number."""


@dataclass(frozen=True)
class Step:
    """One step of the sum.

    Attributes:
        label: What it is.
        working: How it comes about.
        outcome: Its number, as shown.
        value: Its number: a share in percent, or homes.
        digits: Decimals with which it is shown.
        is_sum: Whether the steps since the sum before it, and that sum, add up to it.
        is_whole: Whether it is the whole number that the ladder leads to.
    """

    label: str
    working: str
    outcome: str
    value: float
    digits: int
    is_sum: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Basis:
    """What the steps of one municipality and year are made from.

    Attributes:
        row: Its row of `mart_quota__explanation`.
        year_rows: The rows of all municipalities in that year.
        key: The rows of `mart_quota__key` of the key that splits the year.
        key_share: Its row of `mart_quota__key_share`, None where that is not stored.
    """

    row: Row
    year_rows: Sequence[Row]
    key: Sequence[Row]
    key_share: Row | None

    @property
    def factors(self) -> list[Row]:
        """The municipality's factors, the heaviest first."""
        code = self.row["municipality_code"]
        own = [item for item in self.key if item["municipality_code"] == code]
        return sorted(own, key=lambda item: (-item["weight"], item["factor"] != "households"))

    @property
    def plain(self) -> float:
        """Share times homes, before bounds; without bounds that is the stored exact number."""
        product = float(self.row["key_share"] * self.row["total"])
        is_moved = abs(product - self.row["exact"]) > SAME * max(self.row["total"], 1)
        has_bounds = any(_bounds(item) for item in self.year_rows)
        return product if has_bounds and is_moved else float(self.row["exact"])

    @property
    def is_bounded(self) -> bool:
        """Whether a minimum or maximum, its own or another's, is to be shown."""
        return bool(_bounds(self.row)) or self.plain != self.row["exact"]

    @property
    def has_correction(self) -> bool:
        """Whether the year's key has a correction that moves somebody."""
        return any(abs(item["correction"] - 1) > SAME for item in self.year_rows)

    @property
    def corrected_whole(self) -> float:
        """What the corrected shares of all municipalities add up to before they are made to fit."""
        return float(sum(item["base_share"] * item["correction"] for item in self.year_rows))

    @property
    def corrected(self) -> float:
        """The share after the correction, made to fit."""
        if not self.has_correction:
            return float(self.row["base_share"])
        return float(self.row["base_share"] * self.row["correction"] / self.corrected_whole)

    @property
    def is_changed(self) -> bool:
        """Whether opt-outs or a transition come between the corrected share and the share."""
        return (
            any(item["opted_out"] for item in self.year_rows)
            or abs(self.row["key_share"] - self.corrected) > SAME
        )

    @property
    def is_changed_by_opt_outs_alone(self) -> bool:
        """Whether the change is no more than taking over who does not take part."""
        weights = {
            item["municipality_code"]: item["base_share"] * item["correction"]
            for item in self.year_rows
        }
        left = sum(
            weights[item["municipality_code"]] for item in self.year_rows if not item["opted_out"]
        )
        own = weights[self.row["municipality_code"]]
        return bool(left) and abs(own / left - self.row["key_share"]) < SAME


def _points_of(share: float) -> float:
    """Give a share in percent, without what floats add beyond the decimals that are stored."""
    return round(100 * share, _FLOAT_DECIMALS)


def _less(value: float, other: float) -> float:
    return round(value - other, _FLOAT_DECIMALS)


def _bounds(row: Row) -> dict[str, int]:
    return {name: row[name] for name in ("minimum", "maximum") if row[name] is not None}


# --- numbers that add up as they are shown -------------------------------------------------------


@dataclass(frozen=True)
class Digits:
    """With how many decimals numbers are shown, and whether they add up so.

    Attributes:
        count: Decimals.
        holds: Whether every sum holds as shown; False: none of the lawful decimals does that.
    """

    count: int
    holds: bool


def shown_as(value: float, digits: int) -> float:
    """Give a number as it is read back from what is shown."""
    return round_to(value, 10.0**-digits)


def adds_up(terms: Iterable[float], result: float, digits: int) -> bool:
    """Tell whether numbers add up to their sum when each is shown with so many decimals."""
    unit = Decimal(1).scaleb(-digits)

    def read(value: float) -> Decimal:
        return Decimal(repr(shown_as(value, digits))).quantize(unit)

    return sum((read(term) for term in terms), Decimal(0)) == read(result)


def rows_add_up(rows: Iterable[Row], digits: int = LEAST_DIGITS) -> bool:
    """Tell whether the homes of every row add up as a table shows them, all with these decimals."""
    return all(
        adds_up([row["exact"], row["carried"]], row["claim"], digits)
        and adds_up([row["claim"], -row["quota"]], row["carried_on"], digits)
        for row in rows
    )


def home_digits(basis: Basis) -> Digits:
    """Give the fewest decimals at which the steps of homes add up as shown."""
    row = basis.row
    sums: list[tuple[list[float], float]] = [
        ([row["exact"], row["carried"]], row["claim"]),
        ([row["claim"], -row["quota"]], row["carried_on"]),
    ]
    if basis.is_bounded:
        sums.append(([basis.plain, _less(row["exact"], basis.plain)], row["exact"]))
    return _fewest_digits(lambda digits: all(adds_up(*item, digits) for item in sums))


def share_digits(basis: Basis) -> Digits:
    """Give the fewest decimals at which the percentages add up and give the exact homes.

    The product share x homes must agree with the exact homes to two decimals.
    """
    base, corrected, share = _three_shares(basis)
    parts = [_part(item) for item in basis.factors]
    sums = [(parts, base)] if parts else []
    if basis.has_correction:
        sums.append(([base, _less(corrected, base)], corrected))
    if basis.is_changed:
        sums.append(([corrected, _less(share, corrected)], share))
    exact = shown_as(basis.plain, LEAST_DIGITS)

    def is_enough(digits: int) -> bool:
        product = shown_as(share, digits) * basis.row["total"] / 100
        return shown_as(product, LEAST_DIGITS) == exact and all(
            adds_up(*item, digits) for item in sums
        )

    return _fewest_digits(is_enough)


def _part(item: Row) -> float:
    return _points_of(item["weight"] * item["factor_share"])


def _three_shares(basis: Basis) -> tuple[float, float, float]:
    """Give the share before the correction, after it, and in the key, in percent."""
    base, share = (_points_of(basis.row[name]) for name in ("base_share", "key_share"))
    return base, _points_of(basis.corrected) if basis.is_changed else share, share


def _fewest_digits(is_enough: Callable[[int], bool]) -> Digits:
    lawful = range(LEAST_DIGITS, MOST_DIGITS + 1)
    found = next((item for item in lawful if is_enough(item)), None)
    return Digits(LEAST_DIGITS, holds=False) if found is None else Digits(found, holds=True)


def decimal(value: float, digits: int, words: Labels, source: Source = None) -> str:
    """Write a number with so many decimals: 21,14."""
    return tell(words.numbers.decimal(value, digits, fixed=True), source)


def signed(value: float, digits: int, words: Labels, source: Source = None) -> str:
    """Write a number with its sign: +0,15."""
    plus = "+" if shown_as(value, digits) > 0 else ""
    return tell(f"{plus}{decimal(value, digits, words)}", source)


def percent(value: float, digits: int, words: Labels, source: Source = None) -> str:
    """Write a number of percent with so many decimals: 11,87%."""
    written = words.text("explained.percent", value=decimal(value, digits, words))
    return tell(written, source)


def homes(number: int, words: Labels, source: Source = None) -> str:
    """Write a number of homes, with the source of the number: 1 woning, 21 woningen."""
    label = "explained.home" if number == 1 else "explained.homes"
    return words.text(label, count=tell(words.numbers.whole(number), source))


# --- the cells that steps were worked out from ---------------------------------------------------


def cell_of(row: Row, column: str) -> Origin:
    """Name a cell of a row of the explanation."""
    return Origin(TABLE, row_key(TABLE, row), column)


def _every_cell(row: Row, column: str) -> Origin:
    """Name a column of the explanation, of every municipality in the row's year."""
    return Origin(TABLE, f"{row['year']}/{EVERY_ROW}", column)


def _key_cell(item: Row, column: str, *, every: bool = False) -> Origin:
    """Name a cell of a factor, or its column of every municipality."""
    row = {**item, "municipality_code": EVERY_ROW} if every else item
    return Origin("mart_quota__key", row_key("mart_quota__key", row), column)


_WEIGHED = ("base_share", "correction")


def _corrected_from(basis: Basis, how: str, *first: Origin) -> Made:
    """Name what the corrected share follows from: base shares and corrections of everybody."""
    own = (cell_of(basis.row, name) for name in _WEIGHED)
    every = (_every_cell(basis.row, name) for name in _WEIGHED)
    return Made(how, (*first, *own), tuple(every))


def plain_source(basis: Basis) -> Source:
    """Name what share times homes follows from; without bounds it is the stored exact number."""
    if basis.plain == basis.row["exact"]:
        return cell_of(basis.row, "exact")
    return Made("weighted", (cell_of(basis.row, "key_share"), cell_of(basis.row, "total")))


# --- from factors to the share -------------------------------------------------------------------


def share_steps(basis: Basis, digits: int, words: Labels) -> tuple[Step, ...]:
    """Give the steps from the factors to the share in the key, in percent."""
    parts = [_factor_step(basis, item, digits, words) for item in basis.factors]
    base, corrected, share = _three_shares(basis)
    is_last = not (basis.has_correction or basis.is_changed)
    label = "explained.step_share" if is_last else "explained.step_base"
    row = basis.row
    own, base_cell = cell_of(row, "key_share"), cell_of(row, "base_share")
    told = own if is_last else base_cell
    steps = [*parts, _share_sum(words.text(label), base, digits, words, told)]
    if basis.has_correction:
        name, working = _correction_words(basis, digits, words)
        apart = Made("difference", (own,), (base_cell,))
        if basis.is_changed:
            apart = _corrected_from(basis, "corrected_less")
        steps.append(_points(name, working, _less(corrected, base), digits, words, apart))
        if basis.is_changed:
            steps.append(
                _share_sum(
                    words.text("explained.step_corrected"),
                    corrected,
                    digits,
                    words,
                    _corrected_from(basis, "corrected"),
                )
            )
    if basis.is_changed:
        name, working = _change_words(basis, words)
        apart = _corrected_from(basis, "less_corrected", own)
        steps.append(_points(name, working, _less(share, corrected), digits, words, apart))
    if not is_last:
        steps.append(_share_sum(words.text("explained.step_share"), share, digits, words, own))
    return tuple(steps)


def _factor_step(basis: Basis, item: Row, digits: int, words: Labels) -> Step:
    region = sum(other["value"] for other in basis.key if other["factor"] == item["factor"])
    part = _part(item)
    name = words.code("factor", item["factor"])
    working = words.text(
        "explained.working_factor",
        value=tell(words.numbers.whole(item["value"]), _key_cell(item, "value")),
        total=tell(words.numbers.whole(region), _key_cell(item, "value", every=True)),
        share=percent(
            _points_of(item["factor_share"]), digits, words, _key_cell(item, "factor_share")
        ),
        weight=tell(words.numbers.share(item["weight"], 1), _key_cell(item, "weight")),
    )
    source = Made("weighted", (_key_cell(item, "weight"), _key_cell(item, "factor_share")))
    return Step(capital(name), working, percent(part, digits, words, source), part, digits)


def _share_sum(label: str, value: float, digits: int, words: Labels, source: Source) -> Step:
    return Step(label, "", percent(value, digits, words, source), value, digits, is_sum=True)


def _points(
    label: str, working: str, value: float, digits: int, words: Labels, source: Source
) -> Step:
    written = signed(value, digits, words)
    outcome = words.text("explained.points", value=tell(written, _in_points(source)))
    return Step(label, working, outcome, value, digits)


def _in_points(source: Source) -> Source:
    """Say that a number of shares is written in percentage points."""
    return replace(source, how=f"{source.how}_points") if isinstance(source, Made) else source


def _correction_words(basis: Basis, digits: int, words: Labels) -> tuple[str, str]:
    row, stored = basis.row, basis.key_share or {}
    product = words.text(
        "explained.working_correction",
        factor=tell(
            words.numbers.decimal(row["correction"], _FACTOR_DIGITS), cell_of(row, "correction")
        ),
        product=percent(
            _points_of(row["base_share"] * row["correction"]),
            digits,
            words,
            Made("weighted", tuple(cell_of(row, name) for name in _WEIGHED)),
        ),
        whole=percent(
            _points_of(basis.corrected_whole),
            digits,
            words,
            Made("weighted", tuple(_every_cell(row, name) for name in _WEIGHED)),
        ),
    )
    indicator, pressure, reference = (
        stored.get(name) for name in ("indicator", "pressure", "reference")
    )
    if indicator is None or pressure is None or reference is None:
        return words.text("explained.step_correction"), product
    working = words.text(
        "explained.working_correction_for",
        pressure=_stored(pressure, "pressure", stored, words),
        reference=_stored(reference, "reference", stored, words),
        product=product,
    )
    return words.text("explained.step_correction_for", indicator=indicator), working


def _stored(value: float, column: str, stored: Row, words: Labels) -> str:
    name = "mart_quota__key_share"
    source = Origin(name, row_key(name, stored), column)
    return tell(words.numbers.decimal(value, LEAST_DIGITS), source)


def _change_words(basis: Basis, words: Labels) -> tuple[str, str]:
    row = basis.row
    out = [item["municipality_name"] for item in basis.year_rows if item["opted_out"]]
    if row["opted_out"]:
        label = words.text("explained.step_opted_out", municipality=row["municipality_name"])
        return label, row["opted_out"]
    if not out:
        label = words.text("explained.step_transition")
        return label, words.text("explained.working_transition")
    working = words.text("explained.working_taken_over")
    if not basis.is_changed_by_opt_outs_alone:
        working = f"{working} {words.text('explained.working_transition')}"
    return words.text("explained.step_taken_over", names=words.numbers.join(out)), working


# --- from the share to whole homes ---------------------------------------------------------------


def home_steps(basis: Basis, digits: int, digits_of_shares: int, words: Labels) -> tuple[Step, ...]:
    """Give the steps from the share to whole homes and what is left for the next year."""
    row, bounded = basis.row, basis.is_bounded
    working = words.text(
        "explained.working_exact",
        share=percent(
            _points_of(row["key_share"]), digits_of_shares, words, cell_of(row, "key_share")
        ),
        homes=homes(row["total"], words, cell_of(row, "total")),
    )
    of_year = words.text("explained.step_exact", year=row["year"])
    label = words.text("explained.step_plain") if bounded else of_year
    plain = decimal(basis.plain, digits, words, plain_source(basis))
    steps = [Step(label, working, plain, basis.plain, digits)]
    if bounded:
        change = _less(row["exact"], basis.plain)
        name, why = _bound_words(row, words)
        steps += [
            Step(name, why, signed(change, digits, words, _moved(basis)), change, digits),
            _home_sum(of_year, row, "exact", digits, words),
        ]
    return (*steps, *_whole_steps(row, digits, words))


def _moved(basis: Basis) -> Made:
    """Name what bounds moved: the exact number, and share times homes."""
    exact, plain = cell_of(basis.row, "exact"), plain_source(basis)
    if isinstance(plain, Made):
        return Made("less_weighted", (exact,), plain.cells)
    return Made("difference", (exact,), (exact,))


def _home_sum(label: str, row: Row, column: str, digits: int, words: Labels) -> Step:
    outcome = decimal(row[column], digits, words, cell_of(row, column))
    return Step(label, "", outcome, row[column], digits, is_sum=True)


def _whole_steps(row: Row, digits: int, words: Labels) -> tuple[Step, ...]:
    is_list = row["method"] == "quota-method"
    why = "explained.working_rounding" if is_list else "explained.working_carried"
    quota = tell(words.numbers.whole(row["quota"]), cell_of(row, "quota"))
    claim = decimal(row["claim"], digits, words, cell_of(row, "claim"))
    left = words.text("explained.working_on", claim=claim, quota=quota)
    carried, carried_on = row["carried"], row["carried_on"]
    return (
        Step(
            words.text("explained.step_carried"),
            words.text(why),
            signed(carried, digits, words, cell_of(row, "carried")),
            carried,
            digits,
        ),
        _home_sum(words.text("explained.step_claim"), row, "claim", digits, words),
        Step(
            words.text("explained.step_quota"),
            words.text("explained.working_quota"),
            quota,
            row["quota"],
            0,
            is_whole=True,
        ),
        Step(
            words.text("explained.step_on", next_year=row["year"] + 1),
            left,
            signed(carried_on, digits, words, cell_of(row, "carried_on")),
            carried_on,
            digits,
        ),
    )


def _bound_words(row: Row, words: Labels) -> tuple[str, str]:
    own = _bounds(row)
    for name, bound in own.items():
        if abs(row["exact"] - bound) < SAME:
            label = words.text("explained.step_bound", bound=words.code("bound", name))
            return label, words.text(
                "explained.working_bound", homes=homes(bound, words, cell_of(row, name))
            )
    if not own:
        return words.text("explained.step_bounds"), words.text("explained.working_others")
    said = [
        f"{words.code('bound', name)} " + tell(words.numbers.whole(bound), cell_of(row, name))
        for name, bound in own.items()
    ]
    working = words.text("explained.working_inside", bounds=words.numbers.join(said))
    return words.text("explained.step_bounds"), working
