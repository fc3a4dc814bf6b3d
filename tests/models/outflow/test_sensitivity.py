"""Which assumption moves the headline: known answers from headlines that are made of parameters."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.outflow.sampler import Sample
from models.outflow.sensitivity import rank
from models.outflow.setting import Switches
from tests.models.invented import make_chunk, make_world

pytestmark = pytest.mark.unit

DRAWS = 1024


def made_of(sample: Sample, **weights: float) -> np.ndarray:
    """Make a headline of the ranks of parameters of sheltered living, with a weight each."""
    headline = np.full(DRAWS, 1000.0)
    for name, weight in weights.items():
        values = sample.values(name, "sheltered_living")
        headline += weight * np.argsort(np.argsort(values)) / DRAWS
    return headline


def ranked(**weights: float) -> pl.DataFrame:
    world = make_world()
    sample = make_chunk(world.resolved, DRAWS).sample
    run = world.run(Switches(), draws=DRAWS)
    offered = np.zeros_like(run.flows["offered"])
    offered[0, 0] = np.round(made_of(sample, **weights))
    return rank(world.inputs, sample, replace(run, flows={**run.flows, "offered": offered}))


def test_variance_is_shared_out_as_the_headline_was_made() -> None:
    # Even ranks of weights 300 and 100: nine tenths and one tenth of the variance.
    table = ranked(own_home_share=300.0, relapse_share=-100.0)
    first, second = table.row(0, named=True), table.row(1, named=True)
    assert (first["parameter"], first["target_group"]) == ("own_home_share", "sheltered_living")
    assert (second["parameter"], second["target_group"]) == ("relapse_share", "all")
    assert first["variance_share"] == pytest.approx(0.9, abs=0.03)
    assert second["variance_share"] == pytest.approx(0.1, abs=0.03)
    assert table["variance_share"][2:].max() < 0.06
    # Between the middles of the lowest and the highest fifth lie four fifths of the range.
    assert first["headline_high"] - first["headline_low"] == pytest.approx(240.0, abs=8.0)
    assert second["headline_high"] - second["headline_low"] == pytest.approx(-80.0, abs=20.0)


def test_a_headline_that_does_not_move_ranks_nothing() -> None:
    table = ranked()
    assert (table["variance_share"] == 0.0).all()
    assert (table["headline_high"] == table["headline_low"]).all()
    assert table["rank"].to_list() == list(range(1, table.height + 1))


def test_more_inflow_and_more_leaving_to_a_home_both_need_more_homes() -> None:
    world = make_world()
    sample = make_chunk(world.resolved, DRAWS).sample
    table = rank(world.inputs, sample, world.run(Switches(), draws=DRAWS))
    for parameter in ("inflow", "own_home_share", "divert_unplaced_share"):
        rows = table.filter(parameter=parameter, target_group="sheltered_living")
        assert rows["headline_high"][0] > rows["headline_low"][0]
    for parameter in ("intake_leave_share", "stay_years_complex"):
        rows = table.filter(parameter=parameter, target_group="sheltered_living")
        assert rows["headline_high"][0] < rows["headline_low"][0]
