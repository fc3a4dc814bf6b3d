"""The cheapest whole flow of homes through a network with bounds.

Belongs here: the solver's start and the exact improvement to the one best flow. Does not belong
here: what the edges and costs mean (`within`), which bounds clash (`clash`).

Source: a flow is the cheapest one as soon as no circle of the network makes it cheaper (Klein, "A
primal method for minimal cost flows", Management Science 14 (1967), 205-220; with costs that rise
home by home likewise, Ahuja, Magnanti & Orlin, "Network Flows" (1993), chapter 14).
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.quota.clash import Edge, solve_whole

CostOfHome = Callable[[int, int], int]
"""Edge and number of a home on it (from 1) to the exact cost of that home; it never falls."""


def cheapest_flow(
    edges: Sequence[Edge],
    nodes: int,
    segments: Sequence[Sequence[tuple[float, int]]],
    seconds: float,
) -> list[int] | None:
    """Find a flow within all bounds that is cheapest but for the rounding of the solver.

    Args:
        edges: The network, a circulation.
        nodes: Number of nodes.
        segments: For every edge what the homes above its lower bound cost: pieces of cost and
            number of homes, cheapest first, that end at its upper bound.
        seconds: Time that the solver may take.

    Returns:
        Homes on every edge, or None where the bounds cannot be kept.

    Raises:
        RefusedError: The solver ran out of time.
    """
    pieces = [
        (edge, cost, homes)
        for edge, parts in zip(edges, segments, strict=True)
        for cost, homes in parts
    ]
    balance = np.zeros((nodes, len(pieces)))
    for at, (edge, _, _) in enumerate(pieces):
        balance[edge.head, at] += 1
        balance[edge.tail, at] -= 1
    missing = np.zeros(nodes)
    for edge in edges:
        missing[edge.head] -= edge.lower
        missing[edge.tail] += edge.lower
    cost = np.array([cost for _, cost, _ in pieces])
    widths = np.array([float(homes) for _, _, homes in pieces])
    found = solve_whole(cost, balance, missing, missing, widths, seconds)
    if found is None:
        return None
    homes = iter(found)
    return [
        edge.lower + sum(next(homes) for _ in parts)
        for edge, parts in zip(edges, segments, strict=True)
    ]


def improve_flow(
    edges: Sequence[Edge], nodes: int, flow: Sequence[int], cost: CostOfHome
) -> list[int]:
    """Turn a flow into the cheapest one, exactly: home by home along circles that save costs.

    Args:
        edges: The network, a circulation.
        nodes: Number of nodes.
        flow: A flow within all bounds.
        cost: Exact cost of every home; no two flows may cost the same.

    Returns:
        Homes on every edge.
    """
    carried = list(flow)
    while True:
        arcs = []
        for at, (edge, homes) in enumerate(zip(edges, carried, strict=True)):
            if edge.upper is None or homes < edge.upper:
                arcs.append((edge.tail, edge.head, cost(at, homes + 1), at, 1))
            if homes > edge.lower:
                arcs.append((edge.head, edge.tail, -cost(at, homes), at, -1))
        circle = _saving_circle(arcs, nodes)
        if not circle:
            return carried
        for _, _, _, at, change in circle:
            carried[at] += change


_Arc = tuple[int, int, int, int, int]


def _saving_circle(arcs: Sequence[_Arc], nodes: int) -> list[_Arc]:
    """Find a circle of arcs with costs below 0 (Bellman and Ford's search)."""
    way = [0] * nodes
    before: list[_Arc | None] = [None] * nodes
    touched = 0
    for _ in range(nodes + 1):
        touched = -1
        for arc in arcs:
            tail, head, cost, _, _ = arc
            if way[tail] + cost < way[head]:
                way[head] = way[tail] + cost
                before[head] = arc
                touched = head
        if touched < 0:
            return []
    node = touched
    for _ in range(nodes):
        node = _arc_to(before, node)[0]
    circle = [_arc_to(before, node)]
    while circle[-1][0] != node:
        circle.append(_arc_to(before, circle[-1][0]))
    return circle


def _arc_to(before: Sequence[_Arc | None], node: int) -> _Arc:
    arc = before[node]
    if arc is None:
        raise AssertionError("a node on a circle has an arc before it")
    return arc
