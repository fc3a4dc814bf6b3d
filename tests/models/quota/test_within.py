"""Splits within bounds: kept bounds, the best of all splits, running claims, and named clashes."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, floor

import numpy as np
import pytest
import scipy.optimize

from models.errors import RefusedError, UsageError
from models.quota import apportion, apportion_years
from models.quota.clash import Bound, BoundKind, ClashError
from models.quota.network import Block
from models.quota.two_way import biproportional
from models.quota.within import clashing_bounds, split_within


def names(kind: str, count: int) -> list[str]:
    return [f"{kind}{at}" for at in range(count)]


def by_name(table) -> dict:
    """Name rows GM0, GM1, ... and columns A0, A1, ..."""
    return {
        f"GM{i}": {f"A{j}": value for j, value in enumerate(row) if value is not None}
        for i, row in enumerate(table)
    }


def feasible_case(lot: random.Random, rows: int, columns: int, top: int) -> dict:
    """Invent weights with totals and bounds around a split that does exist."""
    homes = [[lot.randint(0, top) for _ in range(columns)] for _ in range(rows)]
    weights = [
        [0 if number == 0 and lot.random() < 0.3 else lot.randint(1, 60) for number in row]
        for row in homes
    ]
    upper = [
        [None if lot.random() < 0.5 else number + lot.choice([0, 0, 1, 2]) for number in row]
        for row in homes
    ]
    lower = [
        [None if lot.random() < 0.6 else max(number - lot.choice([0, 1, 2]), 0) for number in row]
        for row in homes
    ]
    case = {
        "weights": by_name(weights),
        "totals": dict(zip(names("GM", rows), map(sum, homes), strict=True)),
        "upper": by_name(upper),
        "lower": by_name(lower),
        "column_totals": {
            f"A{j}": sum(column)
            for j, column in enumerate(zip(*homes, strict=True))
            if lot.random() < 0.5
        },
    }
    members = lot.randint(1, rows)
    of_block = [sum(column) for column in zip(*homes[:members], strict=True)]
    maxima = {
        f"A{j}": number + lot.choice([0, 1])
        for j, number in enumerate(of_block)
        if lot.random() < 0.5
    }
    maximum = lot.choice([None, sum(of_block), sum(of_block) + 1])
    case["blocks"] = {"north": Block(names("GM", members), maximum, maxima)}
    return case


def bounds_of(case: dict) -> list[Bound]:
    """List all bounds of a case, read off its input."""
    totals = case["totals"].items()
    bounds = [Bound(BoundKind.ROW_TOTAL, homes, row=row) for row, homes in totals]
    for column, homes in (case.get("column_totals") or {}).items():
        bounds.append(Bound(BoundKind.COLUMN_TOTAL, homes, column=column))
    for row, weights in case["weights"].items():
        bounds += [
            Bound(BoundKind.NO_WEIGHT, 0, row=row, column=column)
            for column, weight in weights.items()
            if not weight
        ]
    for kind, key in ((BoundKind.MAXIMUM, "upper"), (BoundKind.MINIMUM, "lower")):
        for row, cells in (case.get(key) or {}).items():
            bounds += [Bound(kind, homes, row=row, column=name) for name, homes in cells.items()]
    for name, block in (case.get("blocks") or {}).items():
        if block.maximum is not None:
            bounds.append(Bound(BoundKind.BLOCK_MAXIMUM, block.maximum, block=name))
        bounds += [
            Bound(BoundKind.BLOCK_COLUMN_MAXIMUM, homes, column=column, block=name)
            for column, homes in block.column_maxima.items()
        ]
    return bounds


def cells_of(bound: Bound, case: dict) -> list[tuple[str, str]]:
    """List the cells that a bound adds up."""
    blocks = case.get("blocks") or {}
    rows = [bound.row] if bound.row else list(case["weights"])
    if bound.block:
        rows = list(blocks[bound.block].rows)
    columns = [bound.column] if bound.column else list(next(iter(case["weights"].values())))
    return list(product(rows, columns))


def is_kept(bound: Bound, homes: dict, case: dict) -> bool:
    number = sum(homes[row][column] for row, column in cells_of(bound, case))
    if bound.kind in (BoundKind.ROW_TOTAL, BoundKind.COLUMN_TOTAL):
        return number == bound.homes
    return number >= bound.homes if bound.kind == BoundKind.MINIMUM else number <= bound.homes


def go_together(bounds: list[Bound], case: dict) -> bool:
    """Tell whether bounds can be kept together: a linear program over the cells.

    The network makes every corner of its solutions whole, so that whole homes need no more.
    """
    cells = list(product(case["weights"], next(iter(case["weights"].values()))))
    rows, limits = [], []
    for bound in bounds:
        row = np.array([float(cell in set(cells_of(bound, case))) for cell in cells])
        if bound.kind != BoundKind.MINIMUM:
            rows.append(row)
            limits.append(bound.homes)
        if bound.kind in (BoundKind.ROW_TOTAL, BoundKind.COLUMN_TOTAL, BoundKind.MINIMUM):
            rows.append(-row)
            limits.append(-bound.homes)
    if not rows:
        return True
    result = scipy.optimize.linprog(np.zeros(len(cells)), A_ub=np.array(rows), b_ub=limits)
    assert result.status in (0, 2)
    return result.status == 0


@pytest.mark.properties
def test_a_thousand_feasible_cases_keep_every_total_and_bound() -> None:
    lot = random.Random(11)
    for _ in range(1000):
        case = feasible_case(lot, lot.randint(1, 4), lot.randint(1, 4), 5)

        homes = split_within(**case)

        broken = [bound for bound in bounds_of(case) if not is_kept(bound, homes, case)]
        assert not broken
        assert all(number >= 0 for row in homes.values() for number in row.values())


def exact_shares(weights: list, total: int, low: list, high: list) -> list[Fraction]:
    """Share proportionally within bounds, by trying which cells stand at which bound."""
    places = range(len(weights))
    for state in product(("free", "low", "high"), repeat=len(weights)):
        sides = {"low": low, "high": high}
        fixed = {at: sides[state[at]][at] for at in places if state[at] != "free"}
        free = [at for at in places if at not in fixed and weights[at]]
        if len(free) + len(fixed) < len(weights):
            continue  # a cell without weight stands at its bounds of 0
        left = total - sum(fixed.values())
        bent = {at: Fraction(home, weights[at]) for at, home in fixed.items() if weights[at]}
        least = [factor for at, factor in bent.items() if state[at] == "high"]
        most = [factor for at, factor in bent.items() if state[at] == "low"]
        if free:
            factor = Fraction(left, sum(weights[at] for at in free))
            least, most = [*least, factor], [*most, factor]
        elif left:
            continue
        if least and most and max(least) > min(most):
            continue
        shares = [Fraction(fixed[at]) if at in fixed else factor * weights[at] for at in places]
        if all(low[at] <= shares[at] <= high[at] for at in places):
            return shares
    raise AssertionError("these bounds hold no shares")


def judgement(homes: list[list[int]], shares: list[list[Fraction]]):
    """Give the three criteria of a split, smaller is better."""
    pairs = [
        (number, share)
        for row, of_row in zip(homes, shares, strict=True)
        for number, share in zip(row, of_row, strict=True)
    ]
    deviation = sum(abs(number - share) for number, share in pairs)
    beyond = sum(
        max(number - ceil(share), floor(share) - number, 0) ** 2 / max(share, Fraction(1))
        for number, share in pairs
    )
    return deviation, beyond, [-number for number, _ in pairs]


@pytest.mark.properties
def test_the_split_is_the_best_of_all_splits_within_the_bounds() -> None:
    lot = random.Random(12)
    moved = 0
    for _ in range(150):
        rows, columns = lot.choice([(2, 2), (2, 3), (3, 2)])
        case = feasible_case(lot, rows, columns, 3)
        weights = [list(row.values()) for row in case["weights"].values()]
        if lot.random() < 0.5:
            weights = [[min(weight, 1 + weight % 2) for weight in row] for row in weights]
            case["weights"] = by_name(weights)
        shares, choices = [], []
        for i, total in enumerate(case["totals"].values()):
            low = [case["lower"][f"GM{i}"].get(f"A{j}", 0) for j in range(columns)]
            high = [
                min(case["upper"][f"GM{i}"].get(f"A{j}", total), total) if weights[i][j] else 0
                for j in range(columns)
            ]
            shares.append(exact_shares(weights[i], total, low, high))
            ranges = [range(least, most + 1) for least, most in zip(low, high, strict=True)]
            choices.append([list(row) for row in product(*ranges) if sum(row) == total])
        bounds = bounds_of(case)
        fitting = [
            list(split)
            for split in product(*choices)
            if all(is_kept(bound, by_name(split), case) for bound in bounds)
        ]
        best = min(fitting, key=lambda split: judgement(split, shares))
        alone = [
            min(row, key=lambda each: judgement([each], [shares[i]]))
            for i, row in enumerate(choices)
        ]
        moved += best != alone

        assert split_within(**case) == by_name(best)

        criteria = judgement(best, shares)[:2]
        fewest = [split for split in fitting if judgement(split, shares)[:2] == criteria]
        if len(fewest) > 1:
            with pytest.raises(RefusedError, match="hangs on a tie"):
                split_within(**case, ties="refuse")
        else:
            assert split_within(**case, ties="refuse") == by_name(best)
    assert moved > 30


@pytest.mark.properties
def test_without_binding_bounds_every_row_gets_largest_remainder() -> None:
    lot = random.Random(13)
    for _ in range(200):
        weights = [[lot.choice([0, 1, 1, 2, 5, 30]) for _ in range(4)] for _ in range(3)]
        weights = [[*row[:3], row[3] or 1] for row in weights]
        totals = [lot.randint(0, 20) for _ in weights]

        homes = split_within(by_name(weights), totals, upper=[[20] * 4] * 3)

        rows = [list(row.values()) for row in homes.values()]
        codes = names("A", 4)
        expected = [
            apportion(row, total, names=codes) for row, total in zip(weights, totals, strict=True)
        ]
        assert rows == expected


@pytest.mark.properties
def test_open_claims_without_bounds_give_the_running_claim_over_the_years() -> None:
    lot = random.Random(14)
    for _ in range(60):
        weights = [lot.randint(1, 40) for _ in range(5)]
        totals = [lot.randint(0, 8) for _ in range(6)]
        open_claims = [Fraction(0)] * 5
        years = []
        for total in totals:
            owed = [Fraction(total * weight, sum(weights)) for weight in weights]
            open_claims = [before + new for before, new in zip(open_claims, owed, strict=True)]
            homes = split_within([open_claims], [total], claims=True).tolist()[0]
            open_claims = [claim - got for claim, got in zip(open_claims, homes, strict=True)]
            years.append(homes)

        assert years == apportion_years(weights, totals, "running-claim").tolist()


@pytest.mark.unit
def test_a_small_association_gets_its_turn_when_claims_are_carried_over() -> None:
    weights = {"large": 80, "middle": 14, "small": 6}
    each_alone, carried, claims = 0, 0, dict.fromkeys(weights, Fraction(0))
    for _ in range(10):
        each_alone += split_within({"Haarlem": weights}, [4])["Haarlem"]["small"]
        claims = {name: claims[name] + Fraction(4 * weights[name], 100) for name in weights}
        homes = split_within({"Haarlem": claims}, [4], claims=True)["Haarlem"]
        claims = {name: claims[name] - homes[name] for name in weights}
        carried += homes["small"]
    assert each_alone == 0
    assert carried in (2, 3)  # owed 2.4


@pytest.mark.properties
def test_the_split_and_the_clash_do_not_depend_on_the_order_of_rows_and_columns() -> None:
    lot = random.Random(15)
    for number in range(60):
        case = feasible_case(lot, 4, 3, 4)
        if number % 3 == 0:
            case["totals"]["GM1"] += 1
        rows, columns = lot.sample(list(case["weights"]), 4), lot.sample(names("A", 3), 3)
        shuffled = case | {
            "weights": {row: {c: case["weights"][row][c] for c in columns} for row in rows},
            "totals": dict(sorted(case["totals"].items(), reverse=True)),
        }
        try:
            first = split_within(**case)
        except ClashError as error:
            with pytest.raises(ClashError) as caught:
                split_within(**shuffled)
            assert caught.value.bounds == error.bounds
            assert str(caught.value) == str(error)
        else:
            assert split_within(**shuffled) == first


KINDS = ("maximum", "minimum", "column-total", "block-maximum", "block-column-maximum", "total")


def plant(lot: random.Random, case: dict, kind: str) -> None:
    """Make a case impossible by a bound of one kind."""
    rows, columns = list(case["totals"]), list(case["weights"]["GM0"])
    row, column = lot.choice(rows), lot.choice(columns)
    everything = sum(case["totals"].values())
    if kind == "maximum":
        short = max(case["totals"][row] - 1, 0) // len(columns)
        case["totals"][row] = max(case["totals"][row], 1)
        case["upper"][row] = dict.fromkeys(columns, short)
        if short * len(columns) >= case["totals"][row]:
            case["upper"][row] = dict.fromkeys(columns, 0)
    elif kind == "minimum":
        case["lower"][row] = {column: case["totals"][row] + 1}
    elif kind == "column-total":
        case["column_totals"][column] = everything + lot.randint(1, 3)
    elif kind == "block-maximum":
        case["totals"][row] += 1
        case["blocks"] = {"north": Block(rows, everything)}
    elif kind == "block-column-maximum":
        case["totals"][row] += 1
        case["blocks"] = {
            "north": Block(rows, column_maxima=dict.fromkeys(columns, everything // len(columns)))
        }
    else:
        case["column_totals"] = {name: everything // len(columns) for name in columns}
        case["totals"][row] += len(columns)


@pytest.mark.properties
def test_two_hundred_impossible_cases_name_a_clash_that_is_gone_without_any_one_bound() -> None:
    lot = random.Random(16)
    found = 0
    named: set[BoundKind] = set()
    for number in range(200):
        case = feasible_case(lot, lot.randint(1, 4), lot.randint(1, 4), 4)
        plant(lot, case, KINDS[number % len(KINDS)])

        with pytest.raises(ClashError) as caught:
            split_within(**case)

        bounds = list(caught.value.bounds)
        if number % 10 == 0:
            assert clashing_bounds(**case) == tuple(bounds)
        assert set(bounds) <= set(bounds_of(case))
        assert not go_together(bounds, case)
        for bound in bounds:
            assert go_together([other for other in bounds if other != bound], case)
        assert caught.value.short_homes >= 1
        assert all(str(bound) in str(caught.value) for bound in bounds)
        found += 1
        named |= {bound.kind for bound in bounds}
    assert found == 200
    assert named == set(BoundKind)


@pytest.mark.properties
def test_where_there_is_one_clash_the_whole_problem_is_free_without_any_one_named_bound() -> None:
    lot = random.Random(17)
    for _ in range(60):
        case = roomy_case_with_one_clash(lot)
        everything = bounds_of(case)

        bounds = clashing_bounds(**case)

        assert bounds
        for bound in bounds:
            assert go_together([other for other in everything if other != bound], case)


def roomy_case_with_one_clash(lot: random.Random) -> dict:
    """Invent a case in which only one row, column or block has too little room."""
    weights = [[lot.randint(1, 50) for _ in range(3)] for _ in range(4)]
    totals = {name: lot.randint(4, 7) for name in names("GM", 4)}
    case = {
        "weights": by_name(weights),
        "totals": totals,
        "upper": by_name([[40] * 3] * 4),
        "lower": by_name([[0] * 3] * 4),
        "column_totals": {},
        "blocks": {"north": Block(names("GM", 2), 90, {"A0": 50})},
    }
    row, column = lot.choice(list(totals)), lot.choice(names("A", 3))
    kind = lot.choice(["row", "column", "block", "column of block"])
    if kind == "row":
        case["upper"][row] = {"A0": 1, "A1": 0, "A2": 2}
    elif kind == "column":
        case["column_totals"] = {column: 5}
        case["lower"]["GM0"][column] = case["lower"]["GM3"][column] = 3
    elif kind == "block":
        case["blocks"] = {"north": Block(["GM1", "GM2"], 7)}
    else:
        case["blocks"] = {"north": Block(["GM1", "GM2"], column_maxima={column: 5})}
        case["lower"]["GM1"][column], case["lower"]["GM2"][column] = 4, 2
    return case


@pytest.mark.unit
def test_a_clash_is_one_sentence_and_data_for_a_sentence_in_dutch() -> None:
    with pytest.raises(ClashError) as caught:
        split_within(
            {"Haarlem": {"Ymere": 40, "PreWonen": 60}, "Velsen": {"Ymere": 0, "PreWonen": 30}},
            {"Haarlem": 30, "Velsen": 4},
            upper={"Haarlem": {"Ymere": 12, "PreWonen": 10}},
        )
    assert str(caught.value) == (
        "these bounds cannot be kept together, they miss each other by 8 homes: total of Haarlem "
        "(30), maximum of PreWonen in Haarlem (10) and maximum of Ymere in Haarlem (12). Without "
        "any one of them the others can be kept: loosen one."
    )
    assert caught.value.exit_code == 3
    assert caught.value.short_homes == 8
    assert [(bound.kind, bound.homes) for bound in caught.value.bounds] == [
        ("row-total", 30),
        ("maximum", 10),
        ("maximum", 12),
    ]


@pytest.mark.unit
def test_a_municipality_without_any_weight_clashes_with_its_total() -> None:
    bounds = clashing_bounds({"Zandvoort": {"A": 0, "B": 0}}, {"Zandvoort": 3})
    assert [str(bound) for bound in bounds] == [
        "total of Zandvoort (3)",
        "no weight of A in Zandvoort",
        "no weight of B in Zandvoort",
    ]
    assert split_within({"Zandvoort": {"A": 0, "B": 0}}, {"Zandvoort": 0}) == {
        "Zandvoort": {"A": 0, "B": 0}
    }


@pytest.mark.unit
def test_bounds_that_go_together_clash_in_nothing() -> None:
    assert clashing_bounds([[1, 2], [3, 4]], [5, 5], column_totals=[4, None]) == ()


@pytest.mark.unit
def test_municipality_by_target_group_keeps_both_margins() -> None:
    weights = {"Haarlem": {"youth": 40, "adults": 60}, "Velsen": {"youth": 10, "adults": 30}}
    totals, groups = {"Haarlem": 10, "Velsen": 4}, {"youth": 6, "adults": 8}

    homes = split_within(weights, totals, column_totals=groups)

    # Exact shares 4 and 6, 1 and 3: one home must move, and the larger share gives in.
    assert homes == {"Haarlem": {"youth": 5, "adults": 5}, "Velsen": {"youth": 1, "adults": 3}}
    assert homes == biproportional(weights, row_totals=totals, column_totals=groups)


@pytest.mark.unit
def test_homes_above_a_maximum_go_to_the_others_in_proportion() -> None:
    homes = split_within(
        {"Haarlem": {"large": 60, "middle": 30, "small": 10}},
        {"Haarlem": 40},
        upper={"Haarlem": {"large": 12}},
    )
    assert homes == {"Haarlem": {"large": 12, "middle": 21, "small": 7}}


@pytest.mark.unit
def test_a_shortage_in_a_whole_allocation_system_is_carried_in_proportion() -> None:
    weights = {"big": {"A": 50, "B": 50}, "half": {"A": 50, "B": 50}, "other": {"A": 50, "B": 50}}
    homes = split_within(
        weights,
        {"big": 80, "half": 40, "other": 20},
        blocks={"north": Block(["big", "half"], column_maxima={"A": 48})},
    )
    # A would get 40, 20 and 10; 12 homes too many in the north, two thirds of them in big.
    assert {row: cells["A"] for row, cells in homes.items()} == {"big": 32, "half": 16, "other": 10}


@pytest.mark.unit
def test_lists_and_arrays_give_an_array_and_the_lot_repeats_with_its_seed() -> None:
    result = split_within([[1, 1], [1, 1]], [1, 1], column_totals=[1, 1])
    assert isinstance(result, np.ndarray)
    assert result.tolist() == [[1, 0], [0, 1]]
    splits = [
        split_within(np.ones((2, 2)), [1, 1], column_totals=[1, 1], ties="lot", seed=seed).tolist()
        for seed in range(20)
    ]
    assert [[1, 0], [0, 1]] in splits
    assert [[0, 1], [1, 0]] in splits


@pytest.mark.unit
def test_a_solver_that_runs_out_of_time_is_a_refusal(monkeypatch) -> None:
    class OutOfTime:
        status, message, x = 1, "Time limit reached.", np.zeros(99)

    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: OutOfTime())
    with pytest.raises(RefusedError, match="did not finish within 2 seconds") as caught:
        split_within([[4, 6], [1, 3]], [10, 4], column_totals=[6, 8], seconds=2)
    assert not isinstance(caught.value, ClashError)
    with pytest.raises(RefusedError, match="Time limit reached") as caught:
        split_within([[4, 6]], [10], upper=[[1, 1]])
    assert not isinstance(caught.value, ClashError)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"totals": {"a": 3}}, UsageError, "there is no total of b"),
        ({"totals": {"a": 3, "b": -1}}, UsageError, "row total of b: this is negative"),
        ({"upper": {"a": {"x": 1.5}}}, UsageError, "maximum in a of x: this is not a whole number"),
        ({"upper": {"c": {"x": 1}}}, UsageError, "there is no row 'c'"),
        ({"lower": {"a": {"q": 1}}}, UsageError, "there is no column 'q'"),
        ({"upper": [[1, 2]]}, UsageError, "another shape than the table; found 1 x 2"),
        ({"upper": {"a": 3}}, UsageError, "the maximum of this row is not a mapping"),
        ({"column_totals": {"q": 1}}, UsageError, "there is no column 'q'"),
        (
            {"blocks": {"n": Block(["a"]), "m": Block(["a", "b"])}},
            UsageError,
            "a stands in two blocks",
        ),
        ({"blocks": {"n": Block(["z"])}}, UsageError, "block n: there is no row 'z'"),
        ({"weights": {"a": {"x": -1, "y": 1}, "b": {"x": 1, "y": 1}}}, RefusedError, "negative"),
        ({"ties": "code-"}, UsageError, "tie rule 'code-' is not known"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(change, error, sentence) -> None:
    case = {
        "weights": {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}},
        "totals": {"a": 3, "b": 4},
    }
    with pytest.raises(error) as caught:
        split_within(**(case | change))
    assert sentence in str(caught.value)


@pytest.mark.unit
def test_every_kind_of_bound_has_words() -> None:
    for kind in BoundKind:
        bound = Bound(kind, 3, row="Haarlem", column="Ymere", block="Kennemerland")
        assert str(bound) != str(replace(bound, row="Velsen", column="Velison", block="IJmond"))
