"""Small roundings against an oracle that tries everything, and the laws of every rounding."""

from collections.abc import Mapping, Sequence
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from models.errors import RefusedError
from models.protect import BASES, Earlier, Rounding, Sum, offset, round_jointly, target
from models.protect import rounding as rounding_module
from models.protect.offsets import weight
from models.protect.program import Cells, solve_further, solve_strictly
from tests.models.protect.brute import with_margins

KEY = b"a fixed key that nobody uses for real"
OTHER_KEYS = [bytes([number]) * 32 for number in range(4)]
REGION = "alkmaar"
Problem = tuple[dict[str, int], list[Sum]]


def two_way(inner: Sequence[Sequence[int]]) -> Problem:
    """Name the cells of a table with margins."""
    whole = with_margins(np.array(inner, dtype=np.int64))
    last_row, last_column = whole.shape[0] - 1, whole.shape[1] - 1
    truths = {f"{i}/{j}": int(value) for (i, j), value in np.ndenumerate(whole)}
    sums = [
        Sum(f"{i}/{last_column}", tuple(f"{i}/{j}" for j in range(last_column)))
        for i in range(last_row + 1)
    ] + [
        Sum(f"{last_row}/{j}", tuple(f"{i}/{j}" for i in range(last_row)))
        for j in range(last_column + 1)
    ]
    return truths, sums


def overlapping(base: int, rng: np.random.Generator) -> Problem:
    """Invent six cells under eight sums that overlap, as linked tables do at their worst."""
    values = [[0, base // 2, base - base // 2, base], [base // 2, base + base // 2], [1, base - 1]]
    drawn = values[rng.integers(3)]
    truths = {f"cell-{number}": int(rng.choice(drawn)) for number in range(6)}
    sums = []
    for number in range(8):
        parts = sorted(rng.choice(6, size=int(rng.integers(2, 4)), replace=False).tolist())
        cells = tuple(f"cell-{part}" for part in parts)
        truths[f"sum-{number}"] = sum(truths[cell] for cell in cells)
        sums.append(Sum(f"sum-{number}", cells))
    return truths, sums


def rounded(problem: Problem, **options: object) -> Rounding:
    truths, sums = problem
    return round_jointly(truths, sums, **{"key": KEY, "region_id": REGION, **options})


def holds(sums: Sequence[Sum], figures: Mapping[str, int]) -> bool:
    return all(figures[one.total] == sum(figures[cell] for cell in one.parts) for one in sums)


def neighbours(truth: int, base: int) -> set[int]:
    return {truth // base * base, -(-truth // base) * base}


def every_rounding(problem: Problem, base: int, *, beyond: int = 0) -> list[dict[str, int]]:
    """Try every choice for the cells that are no total, and keep what adds up.

    Args:
        beyond: Steps that a cell may go past the neighbours of its truth (a zero never moves).
    """
    truths, sums = problem

    def choices(cell: str) -> list[int]:
        near = sorted(neighbours(truths[cell], base))
        if truths[cell] == 0:
            return [0]
        return list(range(max(near[0] - beyond * base, 0), near[-1] + beyond * base + 1, base))

    totals = {one.total for one in sums}
    free = [cell for cell in truths if cell not in totals]
    tried = np.array(list(product(*(choices(cell) for cell in free))), dtype=np.int64)
    figures = dict(zip(free, tried.T, strict=True))
    pending = list(sums)
    while pending:
        ready = [one for one in pending if all(cell in figures for cell in one.parts)]
        for one in ready:
            figures.setdefault(one.total, sum(figures[cell] for cell in one.parts))
        pending = [one for one in pending if one not in ready]
    fits = np.all([np.isin(figures[cell], choices(cell)) for cell in truths], axis=0)
    for one in sums:
        fits &= figures[one.total] == sum(figures[cell] for cell in one.parts)
    return [
        {cell: int(values[number]) for cell, values in figures.items()}
        for number in np.flatnonzero(fits)
    ]


def price(
    problem: Problem, figures: Mapping[str, int], base: int, earlier: Mapping[str, Earlier]
) -> tuple[int, int, int]:
    """Count cells beyond their neighbours, cells moved, and weighted steps from the targets."""
    truths, _ = problem
    further = sum(figures[cell] not in neighbours(truth, base) for cell, truth in truths.items())
    moved = sum(
        figures[cell] != was.figure for cell, was in earlier.items() if was.truth == truths[cell]
    )
    aims = {c: target(t, offset(KEY, REGION, c, base), base) for c, t in truths.items()}
    away = sum(weight(KEY, REGION, c) * abs(figures[c] - aims[c]) // base for c in truths)
    return further, moved, away


def some_earlier(problem: Problem, base: int, rng: np.random.Generator) -> dict[str, Earlier]:
    """Invent a latest release: most truths the same, most figures next to their truth."""
    earlier = {}
    for cell, truth in problem[0].items():
        was = max(truth + int(rng.integers(-2, 3)), 0) if rng.random() < 0.3 else truth
        figure = int(rng.choice(sorted(neighbours(was, base))))
        if rng.random() < 0.2:
            figure = max(figure + base * int(rng.choice([-1, 1])), 0)
        if rng.random() < 0.9:
            earlier[cell] = Earlier(was, figure)
    return earlier


@pytest.mark.reference
@pytest.mark.parametrize("base", BASES)
def test_a_rounding_is_the_best_of_all_that_add_up_fewest_moved_first(base: int) -> None:
    rng = np.random.default_rng(71)
    with_moves = 0
    for _ in range(60):
        shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        problem = two_way(rng.integers(0, 2 * base + 3, size=shape))
        earlier = some_earlier(problem, base, rng)
        found = rounded(problem, base=base, earlier=earlier)
        all_prices = [price(problem, one, base, earlier) for one in every_rounding(problem, base)]
        assert price(problem, found.figures, base, earlier) == min(all_prices)
        assert len(found.moved) == min(all_prices)[1]
        with_moves += bool(found.moved)
    assert with_moves > 10


def search_impossible(base: int, count: int) -> list[Problem]:
    """Search invented linked sums for some that no strict rounding fits."""
    rng = np.random.default_rng(72)
    found: list[Problem] = []
    while len(found) < count:
        problem = overlapping(base, rng)
        if not every_rounding(problem, base):
            found.append(problem)
    return found


@pytest.mark.reference
@pytest.mark.parametrize(("base", "count"), [(5, 1), (10, 8)])
def test_where_nothing_strict_adds_up_the_fewest_cells_go_one_step_further(
    base: int, count: int
) -> None:
    ways = set()
    for number, problem in enumerate(search_impossible(base, count)):
        earlier = some_earlier(problem, base, np.random.default_rng(number)) if number else {}
        found = rounded(problem, base=base, earlier=earlier)
        best = min(
            price(problem, one, base, earlier) for one in every_rounding(problem, base, beyond=1)
        )
        assert price(problem, found.figures, base, earlier) == best
        assert len(found.further) == best[0] > 0
        assert holds(problem[1], found.figures)
        for cell, truth in problem[0].items():
            near = neighbours(truth, base)
            beyond = {min(near) - base, max(near) + base}
            assert found.figures[cell] in (beyond if cell in found.further else near)
        ways |= {found.figures[cell] > problem[0][cell] for cell in found.further}
        for key in OTHER_KEYS:  # whatever another key chose is kept, a step too far included
            other = rounded(problem, base=base, key=key)
            before = {c: Earlier(t, other.figures[c]) for c, t in problem[0].items()}
            assert rounded(problem, base=base, earlier=before) == other
            beyond_only = {cell: before[cell] for cell in other.further}
            assert rounded(problem, base=base, earlier=beyond_only).moved == ()
    assert ways == {False, True} or base == 5


@pytest.mark.properties
@settings(max_examples=150)
@given(
    inner=st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 13), min_size=columns, max_size=columns),
            min_size=1,
            max_size=6,
        )
    ),
    base=st.sampled_from(BASES),
    key=st.binary(min_size=32, max_size=32),
)
def test_a_table_of_two_sides_is_always_rounded_strictly(
    inner: list[list[int]], base: int, key: bytes
) -> None:
    truths, sums = two_way(inner)
    found = rounded((truths, sums), base=base, key=key)
    assert found.further == () == found.moved
    assert found.base == base
    assert holds(sums, found.figures)
    for cell, truth in truths.items():
        assert found.figures[cell] in neighbours(truth, base)


@pytest.mark.unit
def test_one_total_of_two_halves_is_no_table_of_zeros() -> None:
    # 10 = 5 + 5 at base 10: one part must carry the total, whichever the key chooses.
    problem = {"all": 10, "a": 5, "b": 5}, [Sum("all", ("a", "b"))]
    keys = [bytes([number]) * 32 for number in range(20)]
    found = {tuple(rounded(problem, base=10, key=key).figures.values()) for key in keys}
    assert found == {(10, 10, 0), (0, 10, 10)}  # a, all, b


@pytest.mark.properties
def test_the_order_of_cells_sums_and_parts_does_not_matter() -> None:
    rng = np.random.default_rng(74)
    for _ in range(10):
        truths, sums = two_way(rng.integers(0, 12, size=(4, 5)))
        earlier = some_earlier((truths, sums), 5, rng)
        turned = [Sum(one.total, one.parts[::-1]) for one in reversed(sums)]
        other = rounded(
            (dict(reversed(truths.items())), turned),
            earlier=dict(reversed(earlier.items())),
        )
        first = rounded((truths, sums), earlier=earlier)
        assert first == other
        assert list(first.figures) == list(other.figures)


@pytest.mark.properties
def test_cells_that_no_sum_joins_do_not_touch_each_others_figures() -> None:
    rng = np.random.default_rng(75)
    first = two_way(rng.integers(0, 12, size=(4, 5)))
    alone = rounded(first)
    for _ in range(10):
        second = two_way(rng.integers(0, 12, size=(3, 3)))
        truths = {f"{rng.integers(10)}-{cell}": truth for cell, truth in second[0].items()}
        name = dict(zip(second[0], truths, strict=True))
        if len(truths) < len(second[0]):
            continue
        sums = [Sum(name[one.total], tuple(name[c] for c in one.parts)) for one in second[1]]
        both = rounded((first[0] | truths, [*first[1], *sums]))
        assert {cell: both.figures[cell] for cell in first[0]} == alone.figures


@pytest.mark.properties
def test_the_same_truths_keep_every_figure_in_the_next_release() -> None:
    rng = np.random.default_rng(76)
    for _ in range(10):
        truths, sums = two_way(rng.integers(0, 12, size=(4, 5)))
        earlier = some_earlier((truths, sums), 5, rng)
        first = rounded((truths, sums), earlier=earlier)
        before = {cell: Earlier(truth, first.figures[cell]) for cell, truth in truths.items()}
        assert rounded((truths, sums), earlier=before).moved == ()
        assert rounded((truths, sums), earlier=before).figures == first.figures


@pytest.mark.unit
def test_an_earlier_figure_of_a_changed_or_vanished_cell_does_not_bind() -> None:
    free = rounded(({"a": 3}, []))
    other = 5 - free.figures["a"]
    changed = {"a": Earlier(4, other), "gone": Earlier(2, 5)}
    assert rounded(({"a": 3}, []), earlier=changed) == free
    kept = rounded(({"a": 3}, []), earlier={"a": Earlier(3, other)})
    assert kept.figures == {"a": other}
    assert kept.moved == ()


@pytest.mark.unit
def test_an_earlier_figure_a_step_too_far_is_given_up_and_listed() -> None:
    found = rounded(({"a": 3}, []), earlier={"a": Earlier(3, 10)})
    assert found.figures["a"] in (0, 5)
    assert found.moved == ("a",)


@pytest.mark.unit
def test_a_figure_that_must_move_although_its_truth_did_not_is_listed() -> None:
    # a moved to a multiple, so the total can no longer differ from it but by b.
    problem = {"a": 5, "all": 9, "b": 4}, [Sum("all", ("a", "b"))]
    found = rounded(problem, earlier={"b": Earlier(4, 0), "all": Earlier(9, 10)})
    assert len(found.moved) == 1
    assert found.figures in ({"a": 5, "all": 5, "b": 0}, {"a": 5, "all": 10, "b": 5})


def hard_problem() -> Problem:
    """Linked sums without end, so that no solver is done in an instant."""
    rng = np.random.default_rng(77)
    truths = {f"cell-{number:03d}": int(rng.integers(1, 5)) for number in range(120)}
    sums = []
    for number in range(60):
        parts = tuple(str(cell) for cell in rng.choice(list(truths)[:120], size=8, replace=False))
        truths[f"sum-{number:03d}"] = sum(truths[cell] for cell in parts)
        sums.append(Sum(f"sum-{number:03d}", parts))
    return truths, sums


@pytest.mark.unit
@pytest.mark.parametrize("seconds", [1e-9, 1e-3])
def test_a_solver_out_of_time_is_a_refusal_and_no_other_rounding(seconds: float) -> None:
    with pytest.raises(RefusedError, match="not finished in time, so nothing is published"):
        rounded(hard_problem(), time_limit_seconds=seconds)


def cells_between(lowest: list[int], highest: list[int]) -> Cells:
    """Give two parts and a total between bounds that no truths have."""
    none = np.full(3, -1)
    matrix = csr_array(np.array([[1, 1, -1]]))
    low, high = np.array(lowest), np.array(highest)
    return Cells(low, high, target=low, earlier=none, weight=np.ones(3, np.int64), matrix=matrix)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("lowest", "highest"),
    [
        ([0, 0, 7], [1, 1, 8]),  # no two parts of at most 2 reach 6
        ([1, 0, 4], [1, 0, 4]),  # only if a true zero became one step
        ([4, 0, 0], [4, 1, 1]),  # only if a part fell below zero
    ],
)
def test_impossible_is_told_from_out_of_time(lowest: list[int], highest: list[int]) -> None:
    assert solve_strictly(cells_between(lowest, highest), 60.0) is None
    assert solve_further(cells_between(lowest, highest), 60.0) is None


@pytest.mark.unit
def test_a_step_further_reaches_what_nothing_strict_does() -> None:
    cells = cells_between([0, 0, 3], [1, 1, 3])
    assert solve_strictly(cells, 60.0) is None
    found = solve_further(cells, 60.0)
    assert found is not None
    assert sorted(found.tolist()) in ([1, 1, 2], [1, 2, 3])


@pytest.mark.unit
def test_a_solver_that_fails_or_errs_is_a_refusal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = two_way([[5, 5, 5], [5, 5, 5]])  # at base 10 no target by itself adds up everywhere
    failed = SimpleNamespace(status=4, x=None, message="numerical trouble")
    monkeypatch.setattr(scipy.optimize, "milp", lambda *args, **options: failed)
    with pytest.raises(RefusedError, match=r"solver of the rounding failed.*numerical trouble"):
        rounded(problem, base=10)
    monkeypatch.setattr(
        scipy.optimize, "milp", lambda cost, **options: SimpleNamespace(status=0, x=0 * cost + 1)
    )
    with pytest.raises(RefusedError, match="do not add up, so nothing is published"):
        rounded(problem, base=10)


@pytest.mark.unit
def test_what_cannot_be_rounded_even_one_step_further_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounding_module, "solve_further", lambda cells, seconds: None)
    with pytest.raises(RefusedError, match="even one step further, so nothing is published"):
        rounded(search_impossible(10, 1)[0], base=10)
