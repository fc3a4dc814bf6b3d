"""Municipalities as one line: their sum is all that a release for everybody knows of them."""

import re
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UitstroomError
from models.marts.progress import FIRST_YEARS
from models.together import code_of, members
from pipelines.classes import OPENBAAR, PARTIJEN, rounded_columns
from pipelines.new_region import new_region
from pipelines.paths import DataRoot
from pipelines.protected_counts import (
    ALL,
    CLAIMS,
    LETTINGS,
    PACE,
    PROGRESS,
    complete_lettings,
    year_to_date,
)
from pipelines.protecting import Protected, Protection, protect_edition, read_record
from pipelines.region_run import RegionRun
from pipelines.regions import read_region_folder
from pipelines.sources.keys import read_example_key
from pipelines.together import put_together
from tests.reports import invented_release
from tests.reports.invented_release import Frames

EDITION = "0" * 16
SMALL = ("GM9005", "GM9004")
GROUP = "GM9004+GM9005"
COUNTED = (LETTINGS, CLAIMS, PACE, PROGRESS)
PLACE = "municipality_code"
ABOUT_NOBODY = {
    "mart_forecast__households": "households",
    "mart_forecast__scorecard": "errors of forecasts of stock and households",
    "mart_municipality__tile": "a map",
    "mart_quota__association_clash": "quotas",
    "mart_quota__bid": "bids",
    "mart_quota__claim": "quotas of the coming year, homes that come free",
    "mart_quota__explanation": "quotas",
    "mart_quota__home": "quotas",
    "mart_quota__key": "the key",
    "mart_quota__key_share": "the key",
    "mart_quota__project": "places",
    "mart_quota__project_need": "places",
    "mart_quota__range": "the key",
    "mart_quota__stability": "quotas",
    "mart_quota__supply": "the model, stock",
    "mart_quota__yearly_association": "quotas",
    "mart_quota__yearly_group": "quotas",
    "mart_quota__yearly_municipality": "quotas",
    "mart_supply__yearly_municipality": "stock",
}
"""Tables that may name a municipality by itself, though it is published together with others."""


def protect(
    frames: Frames, folder: Path, together: tuple[str, ...] = SMALL, **more: Any
) -> Protected:
    protection = Protection("duinstreek", read_example_key(), folder, together=together, **more)
    return protect_edition(EDITION, frames, protection, facts={})


@pytest.fixture(scope="module")
def edition() -> Frames:
    return invented_release.build_frames()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="module")
def protected(edition: Frames, folder: Path) -> Protected:
    return protect(edition, folder)


@pytest.fixture(scope="module")
def public(protected: Protected) -> Frames:
    return dict(protected.tables[OPENBAAR])


@pytest.fixture(scope="module")
def record(protected: Protected, folder: Path) -> dict[str, tuple[int, int]]:
    assert protected.tables
    found = read_record(folder / "protection", EDITION)
    assert found is not None
    return found["cells"]


def moved(frames: Frames, homes: int) -> Frames:
    """Say that some of the homes of one small municipality were let in the other one."""
    first, second = sorted(SMALL)

    def shift(column: str, where: pl.Expr) -> pl.Expr:
        by = pl.when(pl.col(PLACE) == first).then(homes).when(pl.col(PLACE) == second).then(-homes)
        return (pl.col(column) + pl.when(where).then(by.otherwise(0)).otherwise(0)).alias(column)

    # Enough in both that neither falls below nothing, in each of the truths that are compared.
    def lift(column: str, where: pl.Expr) -> pl.Expr:
        own = where & pl.col(PLACE).is_in(SMALL)
        return pl.when(own).then(pl.col(column) + 20).otherwise(pl.col(column)).alias(column)

    wheres = {
        LETTINGS: ("dwellings", pl.lit(True)),
        CLAIMS: ("dwellings", ~pl.col("is_expected")),
        PACE: ("realised", pl.lit(True)),
        PROGRESS: ("dwellings", pl.col("measure") == FIRST_YEARS),
    }
    out = dict(frames)
    for table, (column, where) in wheres.items():
        out[table] = out[table].with_columns(lift(column, where))
        out[table] = out[table].with_columns(shift(column, where))
    free = {"per_100_relets": "relets", "per_100_suitable": "suitable_relets"}
    out[CLAIMS] = out[CLAIMS].with_columns(
        (100.0 * pl.col("dwellings") / pl.col(name)).alias(ratio) for ratio, name in free.items()
    )
    out[PACE] = out[PACE].with_columns((pl.col("realised") - pl.col("norm")).alias("difference"))
    return out


@pytest.mark.unit
def test_another_split_of_the_same_sum_gives_the_same_release_for_everybody(
    edition: Frames, tmp_path: Path
) -> None:
    made = [
        protect(moved(edition, homes), tmp_path / str(homes), carries_lettings=carries)
        for carries, homes in ((False, 0), (False, 3), (False, -17), (True, 1), (True, 9))
    ]
    for first, other in ((0, 1), (0, 2), (3, 4)):
        one, two = made[first].tables[OPENBAAR], made[other].tables[OPENBAAR]
        assert set(one) == set(two)
        assert [name for name in one if not one[name].equals(two[name])] == []
    parties = [one.tables[PARTIJEN][LETTINGS] for one in made[:2]]
    assert not parties[0].equals(parties[1]), "the truths must differ, or nothing was shown"


@pytest.mark.unit
def test_another_split_is_seen_where_they_are_not_together(edition: Frames, tmp_path: Path) -> None:
    made = [
        protect(moved(edition, homes), tmp_path / str(homes), together=()).tables[OPENBAAR]
        for homes in (0, -17)
    ]
    assert not made[0][LETTINGS].equals(made[1][LETTINGS])


@pytest.mark.unit
def test_no_count_of_a_single_one_is_a_cell(record: dict[str, tuple[int, int]]) -> None:
    """Who was housed for whom leaves for the parties only: `mart_quota__override` is dropped."""
    for_all = [cell for cell in record if not cell.startswith("override/")]
    named = {place for cell in for_all for place in re.findall(r"GM\d{4}(?:\+GM\d{4})*", cell)}
    assert named == {"GM9001", "GM9002", "GM9003", GROUP}
    assert any(f"/{GROUP}/" in cell for cell in record)


@pytest.mark.unit
def test_only_what_is_about_nobody_names_a_single_one(public: Frames) -> None:
    found = {
        name
        for name, frame in public.items()
        for column in frame.columns
        if frame[column].dtype == pl.String and frame[column].is_in(SMALL).any()
    }
    assert found <= set(ABOUT_NOBODY)
    alone = public[CLAIMS].filter(pl.col(PLACE).is_in(SMALL))
    assert alone["is_expected"].all()


@pytest.mark.unit
def test_the_group_is_the_sum_and_the_total_is_the_sum_of_what_is_published(
    edition: Frames, record: dict[str, tuple[int, int]], public: Frames
) -> None:
    full = complete_lettings(edition)
    keys = ["year", "ground"]
    own = full.filter(pl.col(PLACE).is_in(SMALL)).group_by(keys).agg(pl.col("dwellings").sum())
    for year, ground, homes in own.iter_rows():
        truth, figure = record[f"letting/{year}/{GROUP}/{ground}"]
        assert truth == homes
        assert abs(figure - truth) < 5
    shown = public[LETTINGS].group_by(keys).agg(pl.col("dwellings").sum())
    for year, ground, homes in shown.iter_rows():
        assert record[f"letting/{year}/{ALL}/{ground}"][1] == homes


@pytest.mark.unit
def test_the_pace_of_the_group_is_that_of_all_of_them(edition: Frames, public: Frames) -> None:
    own = edition[PACE].filter(pl.col(PLACE).is_in(SMALL))
    for scenario, row in ((row["scenario_id"], row) for row in _lines(public[PACE])):
        mine = own.filter(pl.col("scenario_id") == scenario)
        for column in ("quota", "at_most"):
            assert row[column] == mine[column].sum()
        assert row["norm"] == pytest.approx(row["quota"] * row["months_passed"] / 12)
        assert row["difference"] is row["backlog"] is None
        assert row["municipality_name"] == " + ".join(mine.sort(PLACE)["municipality_name"])


def _lines(frame: pl.DataFrame) -> list[dict[str, Any]]:
    found = frame.filter(pl.col(PLACE) == GROUP).to_dicts()
    assert found
    return found


@pytest.mark.unit
@pytest.mark.parametrize("homes", [5, 14, 30])
def test_the_state_of_the_group_follows_from_its_figures_and_shares(
    edition: Frames, tmp_path: Path, homes: int
) -> None:
    """With 14 homes a year in each they are behind; one of them would be on course by itself."""
    years = pl.col("year").is_in([2024, 2025]) & (pl.col("ground") == "outflow")
    own = pl.col(PLACE).is_in(SMALL)
    let = edition[LETTINGS].with_columns(
        pl.when(years & own).then(homes).otherwise("dwellings").alias("dwellings")
    )
    public = protect({**edition, LETTINGS: let}, tmp_path).tables[OPENBAAR]
    shares = public["mart_quota__key_share"].filter("is_in_force")
    share = shares.filter(own)["key_share"].sum()
    cap = public["mart_agreement"].filter(pl.col("kind") == "cap")["value"].to_list()[-1]
    for row in _lines(public[PACE]):
        before = public[LETTINGS].filter((pl.col(PLACE) == GROUP) & years)
        assert before.height == 2
        is_behind = row["realised"] + before["dwellings"].sum() < row["norm"] + 2 * share * cap - 5
        assert row["state"] == ("behind" if is_behind else "on_course")
        assert is_behind == (homes < 30)


@pytest.mark.unit
def test_claims_of_the_past_are_held_against_the_homes_of_all_of_them(
    edition: Frames, public: Frames
) -> None:
    known = 0
    for row in _lines(public[CLAIMS]):
        mine = edition[CLAIMS].filter(
            pl.col(PLACE).is_in(SMALL)
            & (pl.col("year") == row["year"])
            & (pl.col("claim") == row["claim"])
        )
        assert not row["is_expected"]
        assert row["relets"] == pytest.approx(mine["relets"].sum())
        if row["per_100_relets"] is not None:
            known += 1
            assert row["per_100_relets"] == pytest.approx(100 * row["dwellings"] / row["relets"])
            assert row["dwellings"] % 5 == 0
    assert known


@pytest.mark.unit
def test_unknown_of_one_is_unknown_of_all(edition: Frames) -> None:
    unknown = edition[CLAIMS].with_columns(
        relets=pl.when(pl.col(PLACE) != SMALL[0]).then("relets"),
        per_100_relets=pl.when(pl.col(PLACE) != SMALL[0]).then("per_100_relets"),
    )
    found = put_together({**edition, CLAIMS: unknown}, SMALL)[CLAIMS]
    for row in _lines(found):
        assert row["relets"] is row["per_100_relets"] is None


@pytest.mark.unit
def test_the_parties_see_every_municipality_as_before(
    edition: Frames, protected: Protected, tmp_path: Path
) -> None:
    before = protect(edition, tmp_path, together=()).tables[PARTIJEN]
    parties = protected.tables[PARTIJEN]
    assert set(before) == set(parties)
    for name in (LETTINGS, CLAIMS, PACE):
        assert parties[name].equals(before[name])
    exact = pl.col("measure") == FIRST_YEARS
    assert parties[PROGRESS].filter(exact).equals(before[PROGRESS].filter(exact))
    for name, frame in parties.items():
        untouched = [
            column
            for column in frame.columns
            if column not in rounded_columns(PARTIJEN).get(name, [])
        ]
        if name != "mart_delivery__quarantine":
            assert frame.select(untouched).equals(before[name].select(untouched)), name
        assert GROUP not in str(frame.to_dicts()), name


@pytest.mark.unit
def test_without_a_choice_tables_stay_the_very_same(edition: Frames) -> None:
    assert put_together(edition, ()) == edition
    assert all(put_together(edition, ())[name] is frame for name, frame in edition.items())


@pytest.mark.unit
def test_the_order_in_the_file_changes_nothing(
    edition: Frames, public: Frames, tmp_path: Path
) -> None:
    again = protect(edition, tmp_path, SMALL[::-1]).tables[OPENBAAR]
    assert all(public[name].equals(again[name]) for name in public)


@pytest.mark.unit
def test_half_years_are_added_up_since_january(edition: Frames) -> None:
    month = 10
    halves = edition[PACE].with_columns(
        months_passed=pl.lit(4, pl.Int32),
        of_months=pl.lit(6, pl.Int32),
        backlog=pl.lit(1, pl.Int64),
    )
    found = put_together({**edition, PACE: halves}, SMALL)[PACE]
    for row in _lines(found):
        mine = halves.filter(
            pl.col(PLACE).is_in(SMALL) & (pl.col("scenario_id") == row["scenario_id"])
        )
        assert row["realised"] == sum(
            year_to_date(one, month) for one in mine.iter_rows(named=True)
        )
        assert year_to_date(row, month) == row["realised"]


@pytest.mark.unit
@pytest.mark.parametrize("table", [CLAIMS, PACE, PROGRESS])
def test_a_table_with_one_of_them_alone_is_refused(edition: Frames, table: str) -> None:
    alone = edition[table].filter(pl.col(PLACE) != SMALL[0])
    with pytest.raises(UitstroomError, match="does not have all") as caught:
        put_together({**edition, table: alone}, SMALL)
    said = str(caught.value)
    assert table in said
    assert SMALL[1] in said
    assert "together" in said


@pytest.mark.unit
def test_homes_let_in_one_of_them_only_are_homes_of_the_group(
    edition: Frames, tmp_path: Path
) -> None:
    some = edition[LETTINGS].filter(pl.col(PLACE) != SMALL[0])
    made = protect({**edition, LETTINGS: some}, tmp_path)
    assert set(made.tables[OPENBAAR][LETTINGS][PLACE]) == {"GM9001", "GM9002", "GM9003", GROUP}


@pytest.mark.unit
def test_a_whole_region_may_be_one_line(edition: Frames, tmp_path: Path) -> None:
    everyone = tuple(sorted(edition[PACE].filter(pl.col(PLACE) != ALL)[PLACE].unique()))
    made = protect(edition, tmp_path, everyone).tables[OPENBAAR]
    assert set(made[LETTINGS][PLACE]) == {code_of(everyone)}
    for (scenario,), rows in made[PACE].group_by("scenario_id"):
        assert rows["realised"].n_unique() == 1, scenario


@pytest.mark.unit
def test_another_choice_is_another_count_under_another_name(
    edition: Frames, tmp_path: Path
) -> None:
    protect(edition, tmp_path)
    wider = (*SMALL, "GM9003")
    protection = Protection("duinstreek", read_example_key(), tmp_path, together=wider)
    protect_edition("1" * 16, edition, protection, facts={})
    first, second = (read_record(tmp_path / "protection", one * 16)["cells"] for one in ("0", "1"))
    places = [
        {cell.split("/")[2] for cell in cells if cell.startswith("letting/")}
        for cells in (first, second)
    ]
    assert places[1] - places[0] == {code_of(wider)}
    assert members(code_of(wider)) == ("GM9003", "GM9004", "GM9005")


@pytest.mark.unit
def test_the_blank_of_a_new_region_is_lawful_when_it_is_filled_in(tmp_path: Path) -> None:
    root = DataRoot(tmp_path)
    new_region(root, "proefregio", "Proefregio", ["Utrecht", "Zeist", "De Bilt"])
    file = root.region("proefregio") / "region.toml"
    lines = file.read_text().split("\n")
    start = lines.index("# [protection]")
    filled = [line.removeprefix("# ") for line in lines[start : start + 3]]
    file.write_text("\n".join([*lines[:start], *filled, *lines[start + 3 :]]))
    region = read_region_folder(file.parent).region
    assert region.protection.base == 5
    assert region.protection.together == tuple(item.code for item in region.municipalities)


@pytest.mark.properties
@settings(max_examples=40, deadline=None)
@given(
    codes=st.lists(
        st.sampled_from([f"GM900{at}" for at in range(1, 6)]), min_size=2, max_size=5, unique=True
    ),
    homes=st.lists(st.integers(0, 40), min_size=5, max_size=5),
    seed=st.randoms(use_true_random=False),
)
def test_any_group_tells_its_sums_and_nothing_else(
    edition: Frames, codes: list[str], homes: list[int], seed: Random
) -> None:
    """Dealing homes let anew among its members, table by table, never shows."""
    other = list(homes[: len(codes)])
    seed.shuffle(other)
    dealt = []
    for numbers in (homes, other):
        own = dict(zip(codes, numbers, strict=False))
        new = pl.col(PLACE).replace_strict(own, default=None, return_dtype=pl.Int64)
        is_own = pl.col(PLACE).is_in(codes)
        known = ~pl.col("is_expected") & pl.col("dwellings").is_not_null()
        frames = {
            LETTINGS: edition[LETTINGS].with_columns(
                pl.when(is_own).then(new).otherwise("dwellings").alias("dwellings")
            ),
            CLAIMS: edition[CLAIMS].with_columns(
                pl.when(is_own & known).then(new).otherwise("dwellings").alias("dwellings")
            ),
            PACE: edition[PACE].with_columns(
                pl.when(is_own).then(new).otherwise("realised").alias("realised")
            ),
            PROGRESS: edition[PROGRESS].with_columns(
                pl.when(is_own).then(new).otherwise("dwellings").alias("dwellings")
            ),
        }
        full = {**edition, **frames}
        full[LETTINGS] = complete_lettings(full)
        dealt.append(put_together(full, codes))
    assert [name for name in COUNTED if not dealt[0][name].equals(dealt[1][name])] == []
    for name in COUNTED:
        alone = dealt[0][name].filter(pl.col(PLACE).is_in(codes))
        assert alone.is_empty() or alone["is_expected"].all()


@pytest.mark.unit
def test_the_choice_of_the_file_reaches_the_release(tmp_path: Path) -> None:
    choice = SimpleNamespace(
        protection=SimpleNamespace(base=10, together=SMALL),
        accounting=SimpleNamespace(settles="nothing"),
    )
    run = SimpleNamespace(region_id="duinstreek", key=b"key", private=tmp_path, region=choice)
    made = RegionRun.protection.fget(run)
    assert (made.base, made.together) == (10, SMALL)
