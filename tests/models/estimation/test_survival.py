"""Kaplan-Meier: a published curve, late entry by hand, and what is left blank."""

import numpy as np
import polars as pl
import pytest

from models.estimation.case import Case
from models.estimation.lengths import Lengths
from models.estimation.survival import MONTHS, kaplan_meier, survival_table
from models.registry import load_national
from models.tables import shape_table
from tests.models.estimation.worlds import AS_OF, live_stays, stay_frame

REMISSION = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
"""Weeks in remission under 6-mercaptopurine (Freireich and others 1963, Blood 21, 699)."""
CENSORED_AT = (3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20)
"""Which of them were still in remission when last seen."""
PUBLISHED = {
    6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482,
}  # fmt: skip
"""Survival after each relapse (Kalbfleisch and Prentice 2002, section 1.4)."""


def remission() -> Lengths:
    """Lay the published data out; sorted, the censored among ties last."""
    length = np.array(REMISSION, dtype=np.float64)
    finished = np.ones(21, dtype=bool)
    finished[list(CENSORED_AT)] = False
    return Lengths(np.zeros(21), length, finished)


@pytest.mark.reference
def test_a_published_curve_is_found() -> None:
    lived = remission()
    assert lived.events == 9
    found = kaplan_meier(lived)
    for week, share in PUBLISHED.items():
        assert found.share[week] == pytest.approx(share, abs=5e-5)
        assert found.share[week - 1] > found.share[week]
    # Greenwood's standard error at 10 weeks is 0.0963.
    width = 1.2815515655446004 * 0.0963 / (0.7529 * -np.log(0.7529))
    assert found.lower[10] == pytest.approx(0.7529 ** np.exp(width), abs=2e-3)
    assert found.upper[10] == pytest.approx(0.7529 ** np.exp(-width), abs=2e-3)


@pytest.mark.unit
def test_late_entrants_are_at_risk_from_their_entry_on_only() -> None:
    lived = Lengths(
        entry=np.array([0.0, 0.0, 4.0, 6.0]),
        length=np.array([3.0, 8.0, 5.0, 9.0]),
        finished=np.array([True, True, True, False]),
    )
    found = kaplan_meier(lived)
    # At 3 two are in sight, at 5 two (one of them late), at 8 two.
    assert found.share[[2, 3, 5, 8]] == pytest.approx([1, 1 / 2, 1 / 4, 1 / 8])
    assert found.at_risk[[0, 3, 5, 7, 8]].tolist() == [2, 2, 2, 2, 2]


def case_of(frame: pl.DataFrame) -> Case:
    """Make a case of one group from stays."""
    national = load_national()
    groups = ("sheltered_living", "shelter")
    values = {
        name: {group: item for group, item in known.items() if group in (*groups, "all")}
        for name, known in national.parameters.items()
    }
    rules = {group: national.target_groups[group] for group in groups}
    return Case(values, rules, {"core_stay__length": frame}, AS_OF)


@pytest.mark.unit
def test_the_observed_curve_is_blank_below_ten_stays_and_the_fitted_one_is_whole() -> None:
    lived = live_stays(np.random.default_rng(3), 6.6, 60)
    case = case_of(stay_frame({("shelter", "unknown"): lived}))
    table = survival_table(case, case.values).with_columns(region_id=pl.lit("proeftuin"))
    shaped = shape_table("mart_stay__survival", table)
    assert shaped.height == MONTHS.size
    blank = shaped.filter(pl.col("at_risk").is_null())
    assert 0 < blank.height < MONTHS.size
    assert blank.select("kaplan_meier", "lower", "upper").null_count().row(0) == (blank.height,) * 3
    assert shaped["fitted"].null_count() == 0
    assert shaped["at_risk"].drop_nulls().min() >= 10  # type: ignore[operator]
    kept = shaped.drop_nulls("kaplan_meier")
    assert (kept["lower"] <= kept["kaplan_meier"]).all()
    assert (kept["kaplan_meier"] <= kept["upper"]).all()
    assert kept["kaplan_meier"].is_sorted(descending=True)


@pytest.mark.properties
def test_fit_and_observation_agree_where_the_law_is_right() -> None:
    lived = live_stays(np.random.default_rng(4), 0.55 * 12, 4000)
    case = case_of(stay_frame({("shelter", "unknown"): lived}))
    table = survival_table(case, case.values).drop_nulls("kaplan_meier")
    assert (table["kaplan_meier"] - table["fitted"]).abs().max() < 0.03  # type: ignore[operator]


@pytest.mark.unit
def test_classes_have_a_curve_each_where_stays_are_labelled_and_one_together_where_not() -> None:
    dice = np.random.default_rng(5)
    single, complex_ = live_stays(dice, 21.6, 100), live_stays(dice, 48.0, 100)
    labelled = case_of(
        stay_frame(
            {("sheltered_living", "single"): single, ("sheltered_living", "complex"): complex_}
        )
    )
    found = survival_table(labelled, labelled.values)
    assert found["complexity"].unique().sort().to_list() == ["complex", "single"]
    mixed = case_of(stay_frame({("sheltered_living", "unknown"): single}))
    assert survival_table(mixed, mixed.values)["complexity"].unique().to_list() == ["all"]
