"""Two-way apportionment: official results, the optimality condition itself, laws and refusals."""

import random
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations, product

import numpy as np
import pytest

from models.errors import RefusedError, UsageError
from models.quota.clash import BoundKind, ClashError
from models.quota.two_way import biproportional

# City of Zurich, election of the Gemeinderat, 9 February 2014, "Unterzuteilung der Sitze an die
# Listen" (official result page): votes, seats and the published divisors of lists and districts.
ZURICH_2014_VOTES = [
    [30933, 54797, 40953, 29882, 62554, 46248, 40979, 79160, 11448],
    [18882, 25663, 9836, 11132, 34834, 41366, 24261, 70002, 10635],
    [24403, 17918, 10238, 15090, 69163, 21307, 21957, 37123, 3412],
    [13239, 21915, 15880, 10034, 28630, 15001, 13598, 22448, 2433],
    [12202, 17746, 12416, 11024, 26498, 14738, 13901, 29648, 2151],
    [5936, 6873, 3645, 3692, 11017, 10816, 4898, 14852, 2786],
    [5650, 16680, 17323, 6650, 10082, 8020, 8543, 11655, 1061],
]
ZURICH_2014_SEATS = [
    [3, 5, 5, 4, 4, 5, 4, 6, 3],
    [2, 2, 1, 1, 2, 4, 2, 6, 3],
    [3, 2, 1, 2, 4, 2, 3, 3, 1],
    [1, 2, 2, 1, 2, 2, 1, 2, 1],
    [1, 2, 2, 1, 2, 1, 1, 3, 0],
    [1, 1, 0, 0, 1, 1, 0, 1, 1],
    [1, 1, 2, 1, 1, 1, 1, 1, 0],
]
ZURICH_2014_DIVISORS = (
    ["1.027", "0.988", "0.894", "1", "1", "1", "1"],
    [10000, 11500, 8000, 8000, 17300, 10000, 9819, 11860, 4303],
)
ZURICH_2014_LISTS = [39, 23, 21, 14, 13, 6, 9]
# The same for 4 March 2018.
ZURICH_2018_VOTES = [
    [37360, 67129, 49212, 34296, 71164, 60063, 52231, 89477, 13192],
    [15856, 19340, 8339, 8974, 28050, 33783, 17789, 55160, 8980],
    [23990, 20529, 13844, 16857, 69536, 26712, 23098, 40194, 3826],
    [15007, 26471, 19388, 12571, 31442, 20296, 15534, 28713, 4191],
    [12551, 19573, 16442, 11613, 28414, 16488, 14630, 31911, 2931],
    [7668, 22692, 22136, 7612, 13659, 10164, 12054, 12435, 1954],
    [1841, 2939, 1152, 2101, 5655, 9777, 3374, 13901, 2568],
]
ZURICH_2018_SEATS = [
    [4, 6, 5, 4, 4, 5, 5, 7, 3],
    [2, 1, 1, 1, 2, 3, 1, 4, 2],
    [2, 2, 1, 2, 5, 3, 2, 3, 1],
    [2, 2, 2, 1, 2, 2, 2, 2, 1],
    [1, 2, 2, 1, 2, 1, 1, 3, 1],
    [1, 2, 2, 1, 1, 1, 1, 1, 0],
    [0, 0, 0, 0, 0, 1, 0, 2, 1],
]
ZURICH_2018_DIVISORS = (
    ["1", "1.0708", "0.973", "0.934", "1.02", "1", "0.73"],
    [9870, 12100, 10000, 9000, 15850, 10950, 11080, 12400, 5000],
)
ZURICH_2018_LISTS = [43, 17, 21, 16, 14, 10, 4]
ZURICH_DISTRICTS = [12, 15, 13, 10, 16, 16, 12, 22, 9]
# Canton of Uri, "Landratswahlen 2020: Statistische Auswertung": districts Altdorf, Buerglen,
# Erstfeld and Schattdorf, lists CVP, SP/Greens, FDP and SVP.
URI_2020_VOTES = [
    [11471, 2822, 2309, 4794],
    [11908, 1606, 1705, 2600],
    [9213, 1567, 946, 2961],
    [7756, 2945, 1573, 3498],
]
URI_2020_SEATS = [[5, 2, 2, 3], [4, 1, 2, 2], [3, 1, 1, 2], [3, 3, 1, 2]]

OFFICIAL = [
    (ZURICH_2014_VOTES, ZURICH_2014_SEATS, ZURICH_2014_LISTS, ZURICH_DISTRICTS),
    (ZURICH_2018_VOTES, ZURICH_2018_SEATS, ZURICH_2018_LISTS, ZURICH_DISTRICTS),
    (URI_2020_VOTES, URI_2020_SEATS, [12, 9, 7, 9], [15, 7, 6, 9]),
]
HALF = Fraction(1, 2)


def have_multipliers(weights, homes) -> bool:
    """Tell exactly whether multipliers exist that round every cell to its homes.

    r c must lie between (homes - 1/2) / weight and (homes + 1/2) / weight in every cell. Such
    multipliers exist unless the limits along some circle of rows and columns have a product below 1
    (Floyd and Warshall's search over all circles, in fractions).
    """
    rows, columns = len(weights), len(weights[0])
    far = [[None] * (rows + columns) for _ in range(rows + columns)]
    for i, j in product(range(rows), range(columns)):
        weight, number = Fraction(weights[i][j]), int(homes[i][j])
        if not weight:
            if number:
                return False
            continue
        far[rows + j][i] = (number + HALF) / weight
        if number:
            far[i][rows + j] = weight / (number - HALF)
    for middle, start, end in product(range(rows + columns), repeat=3):
        if far[start][middle] is not None and far[middle][end] is not None:
            way = far[start][middle] * far[middle][end]
            if far[start][end] is None or way < far[start][end]:
                far[start][end] = way
    return all(far[node][node] is None or far[node][node] >= 1 for node in range(rows + columns))


def feasible_case(lot: random.Random, most_rows: int = 6, most_columns: int = 5, top: int = 9):
    """Invent weights, zeros among them, and margins of a table that does exist."""
    rows, columns = lot.randint(1, most_rows), lot.randint(1, most_columns)
    table = [
        [lot.randint(0, top) * (lot.random() < 0.7) for _ in range(columns)] for _ in range(rows)
    ]
    weights = [
        [0 if homes == 0 and lot.random() < 0.5 else lot.randint(1, 200) for homes in row]
        for row in table
    ]
    return (
        weights,
        [sum(row) for row in table],
        [sum(column) for column in zip(*table, strict=True)],
    )


def tables_with(row_totals: list[int], column_totals: list[int]):
    """List all tables with these margins."""
    if not row_totals:
        if not any(column_totals):
            yield []
        return
    for row in product(*(range(min(row_totals[0], most) + 1) for most in column_totals)):
        if sum(row) == row_totals[0]:
            left = [most - homes for most, homes in zip(column_totals, row, strict=True)]
            for rest in tables_with(row_totals[1:], left):
                yield [list(row), *rest]


@pytest.mark.reference
@pytest.mark.parametrize(("votes", "seats", "lists", "districts"), OFFICIAL)
def test_official_results_of_swiss_elections_are_reproduced(votes, seats, lists, districts) -> None:
    assert [sum(row) for row in seats] == lists
    assert [sum(column) for column in zip(*seats, strict=True)] == districts

    result = biproportional(votes, row_totals=lists, column_totals=districts)

    assert result.tolist() == seats


@pytest.mark.reference
@pytest.mark.parametrize(
    ("votes", "seats", "divisors"),
    [
        (ZURICH_2014_VOTES, ZURICH_2014_SEATS, ZURICH_2014_DIVISORS),
        (ZURICH_2018_VOTES, ZURICH_2018_SEATS, ZURICH_2018_DIVISORS),
    ],
)
def test_the_published_divisors_of_zurich_round_to_the_published_seats(
    votes, seats, divisors
) -> None:
    """Guards the figures typed over above; the page rounds its divisors to three decimals."""
    lists, districts = divisors
    for row, of_list, row_seats in zip(votes, lists, seats, strict=True):
        for vote, of_district, seat in zip(row, districts, row_seats, strict=True):
            quotient = vote / (Fraction(of_list) * of_district)
            assert abs(quotient - seat) <= HALF + Fraction(2, 1000)


@pytest.mark.properties
def test_a_thousand_feasible_tables_keep_both_margins_and_have_multipliers() -> None:
    lot = random.Random(4)
    for _ in range(1000):
        weights, rows, columns = feasible_case(lot)

        homes = biproportional(weights, row_totals=rows, column_totals=columns)

        assert homes.dtype == np.int64
        assert homes.sum(axis=1).tolist() == rows
        assert homes.sum(axis=0).tolist() == columns
        assert homes.min() >= 0
        assert have_multipliers(weights, homes)


@pytest.mark.properties
def test_of_all_tables_with_multipliers_the_first_by_the_tie_rule_is_taken() -> None:
    lot = random.Random(5)
    unique = tied = 0
    for _ in range(800):
        weights, rows, columns = feasible_case(lot, 3, 3, lot.choice([1, 1, 3]))
        if lot.random() < 0.6:  # equal weights make ties
            weights = [[1 + 2 * (weight % 7 == 0) for weight in row] for row in weights]

        fitting = [
            table for table in tables_with(rows, columns) if have_multipliers(weights, table)
        ]

        result = biproportional(weights, row_totals=rows, column_totals=columns).tolist()
        assert result == max(fitting)
        if len(fitting) == 1:
            unique += 1
            with_refusal = biproportional(
                weights, row_totals=rows, column_totals=columns, ties="refuse"
            )
            assert with_refusal.tolist() == result
        else:
            tied += 1
            with pytest.raises(RefusedError, match="hangs on a tie"):
                biproportional(weights, row_totals=rows, column_totals=columns, ties="refuse")
    assert unique > 50
    assert tied > 20


@pytest.mark.properties
@pytest.mark.parametrize("rule", [{"ties": "code"}, {"ties": "lot", "seed": 7}])
def test_the_order_of_rows_and_columns_does_not_matter_with_names(rule) -> None:
    lot = random.Random(6)
    for _ in range(100):
        weights, rows, columns = feasible_case(lot)
        weights = [[min(weight, 1 + weight % 4) for weight in row] for row in weights]
        row_names = [f"GM{at:02d}" for at in range(len(rows))]
        column_names = [f"A{at}" for at in range(len(columns))]
        table = {
            name: dict(zip(column_names, row, strict=True))
            for name, row in zip(row_names, weights, strict=True)
        }
        totals = dict(zip(row_names, rows, strict=True))
        agreed = dict(zip(column_names, columns, strict=True))
        shuffled_rows = lot.sample(row_names, len(rows))
        shuffled_columns = lot.sample(column_names, len(columns))
        shuffled = {
            row: {column: table[row][column] for column in shuffled_columns}
            for row in shuffled_rows
        }

        first = biproportional(table, row_totals=totals, column_totals=agreed, **rule)
        second = biproportional(shuffled, row_totals=totals, column_totals=agreed, **rule)

        assert first == second
        assert list(second) == shuffled_rows
        assert list(second[shuffled_rows[0]]) == shuffled_columns


@pytest.mark.properties
def test_a_factor_for_a_whole_row_or_column_changes_nothing() -> None:
    lot = random.Random(7)
    for _ in range(100):
        weights, rows, columns = feasible_case(lot)
        of_row = [Fraction(lot.randint(1, 50), lot.randint(1, 50)) for _ in rows]
        of_column = [Fraction(lot.randint(1, 50), lot.randint(1, 50)) for _ in columns]
        scaled = [
            [weight * of_row[i] * of_column[j] for j, weight in enumerate(row)]
            for i, row in enumerate(weights)
        ]

        first = biproportional(weights, row_totals=rows, column_totals=columns)
        second = biproportional(scaled, row_totals=rows, column_totals=columns)

        assert first.tolist() == second.tolist()


@pytest.mark.properties
def test_a_table_that_fits_already_comes_back_as_it_is() -> None:
    lot = random.Random(8)
    for _ in range(100):
        table = [[lot.randint(0, 30) for _ in range(4)] for _ in range(5)]

        result = biproportional(
            table,
            row_totals=[sum(row) for row in table],
            column_totals=[sum(column) for column in zip(*table, strict=True)],
        )

        assert result.tolist() == table


@pytest.mark.properties
def test_impossible_margins_name_the_fewest_rows_and_columns_that_make_them_so() -> None:
    lot = random.Random(9)
    found = 0
    for _ in range(250):
        weights, rows, columns = feasible_case(lot, 4, 4, 4)
        lot.shuffle(rows)
        lot.shuffle(columns)
        fewest = fewest_names(weights, rows, columns)
        if fewest is None:
            homes = biproportional(weights, row_totals=rows, column_totals=columns)
            assert homes.sum(axis=1).tolist() == rows
            continue
        found += 1
        with pytest.raises(ClashError) as caught:
            biproportional(weights, row_totals=rows, column_totals=columns)
        bounds = caught.value.bounds
        assert len(bounds) == fewest
        named_rows = {int(bound.row[4:]) - 1 for bound in bounds if bound.row}
        named_columns = {int(bound.column[7:]) - 1 for bound in bounds if bound.column}
        assert clash_in(weights, rows, columns, named_rows, named_columns)
    assert found > 40


def fewest_names(weights, rows, columns) -> int | None:
    """Count the fewest rows and columns that clash, by trying all sets of them."""
    sizes = [
        len(some_rows) + len(some_columns)
        for some_rows in subsets(len(rows))
        for some_columns in subsets(len(columns))
        if clash_in(weights, rows, columns, set(some_rows), set(some_columns))
    ]
    return min(sizes, default=None)


def subsets(count: int):
    return chain.from_iterable(combinations(range(count), size) for size in range(count + 1))


def clash_in(weights, rows, columns, some_rows: set[int], some_columns: set[int]) -> bool:
    """Tell whether rows need more than the columns they can use have, or the other way round."""
    of_rows = sum(rows[i] for i in some_rows)
    of_columns = sum(columns[j] for j in some_columns)
    cells = [(i, j) for i in range(len(rows)) for j in range(len(columns)) if weights[i][j]]
    rows_enclosed = all(j in some_columns for i, j in cells if i in some_rows)
    columns_enclosed = all(i in some_rows for i, j in cells if j in some_columns)
    return (rows_enclosed and of_rows > of_columns) or (columns_enclosed and of_columns > of_rows)


@pytest.mark.unit
def test_every_kind_of_table_and_number_gives_the_same_homes() -> None:
    weights = [[30, 10, 5], [2, 8, 40]]
    margins = {"row_totals": [9, 11], "column_totals": [7, 5, 8]}
    expected = biproportional(weights, **margins)
    assert isinstance(expected, np.ndarray)
    for kind in (float, Decimal, Fraction, lambda weight: Fraction(weight, 7)):
        same = [[kind(weight) for weight in row] for row in weights]
        assert biproportional(same, **margins).tolist() == expected.tolist()
    arrays = [np.array(weights), np.array(weights) / 10]
    for array in arrays:
        assert biproportional(array, **margins).tolist() == expected.tolist()
    named = {
        "Velsen": {"youth": 30, "adults": 10, "families": 5},
        "Haarlem": {"youth": 2, "adults": 8, "families": 40},
    }
    result = biproportional(
        named,
        row_totals={"Haarlem": 11, "Velsen": 9},
        column_totals={"families": 8, "youth": 7, "adults": 5},
    )
    assert [list(row.values()) for row in result.values()] == expected.tolist()


@pytest.mark.unit
def test_weights_of_very_different_size_are_split_too() -> None:
    weights = [[1e-300, 1e300, 1], [1, Fraction(1, 10**40), 10**40], [3, 0, 1e-9]]

    homes = biproportional(weights, row_totals=[7, 8, 9], column_totals=[10, 6, 8])

    assert homes.sum(axis=1).tolist() == [7, 8, 9]
    assert homes.sum(axis=0).tolist() == [10, 6, 8]
    exact = [[Fraction(str(weight)) for weight in row] for row in weights]
    assert have_multipliers(exact, homes)


@pytest.mark.unit
def test_a_tie_goes_to_the_lowest_code_by_lot_or_is_refused() -> None:
    even = {"b": {"y": 1, "x": 1}, "a": {"y": 1, "x": 1}}
    margins = {"row_totals": {"a": 1, "b": 1}, "column_totals": {"x": 1, "y": 1}}
    to_first = {"b": {"y": 1, "x": 0}, "a": {"y": 0, "x": 1}}
    assert biproportional(even, **margins) == to_first
    by_lot = [biproportional(even, **margins, ties="lot", seed=seed) for seed in range(20)]
    assert to_first in by_lot
    assert {"b": {"y": 0, "x": 1}, "a": {"y": 1, "x": 0}} in by_lot
    assert by_lot == [biproportional(even, **margins, ties="lot", seed=seed) for seed in range(20)]
    with pytest.raises(RefusedError, match="x in a, y in a, x in b and y in b, and ties"):
        biproportional(even, **margins, ties="refuse")


@pytest.mark.unit
def test_nothing_to_split_gives_zeros() -> None:
    homes = biproportional([[0, 3], [0, 0]], row_totals=[0, 0], column_totals=[0, 0])
    assert homes.tolist() == [[0, 0], [0, 0]]


@pytest.mark.unit
def test_zeros_that_make_the_margins_impossible_are_named_in_one_sentence() -> None:
    weights = {
        "Haarlem": {"A": 5, "B": 0},
        "Velsen": {"A": 2, "B": 0},
        "Bloemendaal": {"A": 1, "B": 1},
    }
    with pytest.raises(ClashError) as caught:
        biproportional(
            weights,
            row_totals={"Haarlem": 6, "Velsen": 3, "Bloemendaal": 3},
            column_totals={"A": 8, "B": 4},
        )
    bounds = caught.value.bounds
    assert {bound.kind for bound in bounds} == {BoundKind.ROW_TOTAL, BoundKind.COLUMN_TOTAL}
    assert caught.value.short_homes == 1
    assert "miss each other by 1 home: total of Bloemendaal (3) and total of B (4)." in str(
        caught.value
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    ("matrix", "margins", "error", "sentence"),
    [
        ([[1, 2]], ([3], [1, 1]), UsageError, "3 homes in the rows, 2 in the columns"),
        ([[1, -2]], ([2], [1, 1]), RefusedError, "row row 1, column column 2: this is negative"),
        ([[1, float("nan")]], ([2], [1, 1]), RefusedError, "not a finite number"),
        ([[1, "2"]], ([2], [1, 1]), RefusedError, "not a number"),
        ([[1, 2], [3]], ([2, 1], [2, 1]), RefusedError, "row 2: the rows are not of one length"),
        ([], ([], []), RefusedError, "there are no cells"),
        ("12", ([2], [1, 1]), UsageError, "not a table"),
        (np.ones(3), ([2], [1, 1]), UsageError, "2 dimensions"),
        ([[1, 2]], ([2, 1], [2, 1]), UsageError, "2 totals for 1 rows"),
        ([[1, 2]], ([2.5], [1, 1]), UsageError, "row total of row 1: this is not a whole number"),
        ([[1, 2]], ([None], [0, 0]), UsageError, "no total of row 1"),
        ({"a": {"x": 1}}, ({"b": 1}, [1]), UsageError, "there is no row 'b'"),
        ({"a": {"x": 1}, "b": {"y": 1}}, ([1, 1], [2]), RefusedError, "x, y does not stand"),
        ({"a": 1}, ([1], [1]), UsageError, "a: this row is not a mapping"),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_sentence(matrix, margins, error, sentence) -> None:
    rows, columns = margins
    with pytest.raises(error) as caught:
        biproportional(matrix, row_totals=rows, column_totals=columns)
    assert sentence in str(caught.value)
