"""Protecting: what leaves in each class, that it adds up, and that the record keeps figures."""

import json
import re
import stat
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.protect import Sum
from pipelines.classes import CLASSES, FROM_LETTINGS, OPENBAAR, PARTIJEN, TREATMENTS
from pipelines.protected_counts import (
    CLAIMS,
    LETTINGS,
    PACE,
    PROGRESS,
    Counts,
    complete_lettings,
    count_cells,
    exact_rows,
    year_to_date,
)
from pipelines.protected_figures import significant, without_counts
from pipelines.protecting import (
    Protected,
    Protection,
    check_groups,
    earlier_figures,
    protect_edition,
    read_record,
)
from pipelines.sources.keys import read_example_key
from tests.reports import invented_release
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

EDITION, NEXT = "0" * 16, "1" * 16


@pytest.fixture(scope="module")
def edition() -> Frames:
    return invented_release.build_frames()


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    return Protection("duinstreek", read_example_key(), tmp_path_factory.mktemp("private"))


@pytest.fixture(scope="module")
def protected(edition: Frames, protection: Protection) -> Protected:
    return protect_edition(EDITION, edition, protection, facts={})


@pytest.fixture(scope="module")
def record(protected: Protected, protection: Protection) -> Mapping[str, tuple[int, int]]:
    found = read_record(protection.records, EDITION)
    assert found is not None
    return found["cells"]


def tables(protected: Protected, name: str) -> list[pl.DataFrame]:
    return [protected.tables[each][name] for each in CLASSES if name in protected.tables[each]]


def test_every_figure_is_a_multiple_next_to_its_count(
    record: Mapping[str, tuple[int, int]], protected: Protected
) -> None:
    assert len(record) > 300
    for cell, (truth, figure) in record.items():
        assert figure % 5 == 0, cell
        assert abs(figure - truth) < 5 or cell in protected.further, cell


@pytest.mark.parametrize("release_class", CLASSES)
def test_what_is_not_declared_leaves_as_it_was(
    edition: Frames, protected: Protected, release_class: str
) -> None:
    for name, frame in protected.tables[release_class].items():
        same = [
            column
            for column in frame.columns
            if column not in TREATMENTS[name][release_class].touched
        ]
        before = edition[name]
        if (name, release_class) in {
            (LETTINGS, OPENBAAR),  # has a row for every year, municipality and ground
            ("mart_delivery__quarantine", release_class),  # tells reasons from ten rows up
        }:
            continue
        sort = TREATMENTS[name][release_class].touched & set(before.columns)
        if "file" in sort:
            continue
        assert frame.select(same).equals(before.select(same)), name


@pytest.mark.parametrize("release_class", CLASSES)
def test_rounded_columns_hold_multiples_wherever_rows_are_not_exact(
    protected: Protected, release_class: str
) -> None:
    checked = 0
    for name, frame in protected.tables[release_class].items():
        how = TREATMENTS[name][release_class]
        kept = exact_rows(frame, how.exact_where)
        for column in how.rounded:
            for value, is_exact in zip(frame[column], kept, strict=True):
                if value is not None and not is_exact:
                    assert value % 5 == 0, (name, column)
                    checked += 1
    assert checked > 100


def test_homes_let_are_exact_for_the_parties_and_rounded_for_everybody(
    edition: Frames, protected: Protected
) -> None:
    parties, public = (protected.tables[name][LETTINGS] for name in (PARTIJEN, OPENBAAR))
    assert parties.equals(edition[LETTINGS])
    assert not set(public["dwellings"] % 5) - {0}


def test_no_missing_row_says_that_nothing_was_let(edition: Frames) -> None:
    gone = {**edition, LETTINGS: edition[LETTINGS].filter(pl.col("dwellings") > 3)}
    full = complete_lettings(gone)
    keys = [full[name].n_unique() for name in ("year", "municipality_code", "ground")]
    assert full.height == keys[0] * keys[1] * keys[2]
    assert full["dwellings"].sum() == gone[LETTINGS]["dwellings"].sum()


def test_municipalities_add_up_to_the_region_in_every_table_for_everybody(
    protected: Protected,
) -> None:
    public = protected.tables[OPENBAAR]
    let = public[LETTINGS].group_by("year", "ground").agg(pl.col("dwellings").sum())
    homes = {(year, ground): number for year, ground, number in let.iter_rows()}
    claims = public[CLAIMS].filter(
        (pl.col("municipality_code") == "all")
        & ~pl.col("is_expected")
        & pl.col("dwellings").is_not_null()
    )
    compared = 0
    for row in claims.iter_rows(named=True):
        if (row["year"], row["claim"]) in homes:
            assert row["dwellings"] == homes[row["year"], row["claim"]]
            compared += 1
    assert compared > 0
    pace = public[PACE]
    own = pace.filter(pl.col("municipality_code") != "all")["realised"].sum()
    assert own == pace.filter(pl.col("municipality_code") == "all")["realised"].sum()


def test_twelve_months_add_up_to_their_year(protected: Protected) -> None:
    for frame in tables(protected, PROGRESS):
        flows = frame.filter(
            (pl.col("municipality_code") == "all") & (pl.col("measure") == "moved")
        )
        months = dict(flows.filter(period="month").select("month", "dwellings").iter_rows())
        compared = 0
        for month, total in flows.filter(period="year").select("month", "dwellings").iter_rows():
            year, number = int(month[:4]), int(month[5:])
            before = [
                f"{(year * 12 + number - 1 - ago) // 12}-{(number - 1 - ago) % 12 + 1:02}"
                for ago in range(12)
            ]
            if all(name in months for name in before):
                assert total == sum(months[name] for name in before)
                compared += 1
        assert compared > 0


def test_the_extra_for_everybody_is_counted_from_the_rounded_homes_let(
    edition: Frames, protected: Protected
) -> None:
    public = protected.tables[OPENBAAR]
    yearly = public["mart_run"]["current_lettings_yearly"][0]
    ten = public["mart_demand__ten_year"].filter(
        (pl.col("target_group") == "all")
        & (pl.col("scenario_id") == "baseline")
        & (pl.col("measure") == "extra_current_lettings")
    )
    before = edition["mart_demand__ten_year"].filter(
        (pl.col("target_group") == "all")
        & (pl.col("scenario_id") == "baseline")
        & (pl.col("measure") == "extra_current_lettings")
    )
    exact = edition["mart_run"]["current_lettings_yearly"][0]
    assert yearly != exact
    assert ten["mean"][0] == pytest.approx(before["mean"][0] + 10 * (exact - yearly), abs=1e-5)
    assert ten["reference"][0] == pytest.approx(10 * yearly, abs=1e-5)
    drivers = public["mart_demand__drivers"]
    ends = {name: mean for name, mean in drivers.select("driver", "mean").iter_rows()}
    parts = sum(mean for name, mean in ends.items() if name != "gross")
    old = edition["mart_demand__drivers"]
    was = sum(mean for name, mean in old.select("driver", "mean").iter_rows() if name != "gross")
    assert parts == pytest.approx(was, abs=1e-4)


def test_medians_stand_on_ten_and_are_whole_months_for_everybody(protected: Protected) -> None:
    for frame in tables(protected, PROGRESS):
        known = frame.filter(pl.col("median_months").is_not_null())
        assert known.height > 0
        assert known["dwellings"].min() >= 10
    whole = protected.tables[OPENBAAR][PROGRESS]["median_months"].drop_nulls()
    assert (whole == whole.round(0)).all()


def test_nothing_names_a_file_about_clients_and_no_hash_of_a_delivery_leaves(
    edition: Frames, protected: Protected
) -> None:
    files = edition["mart_delivery"]
    closed = files.filter(pl.col("contract").is_in(["intake", "stays", "applications", "lettings"]))
    assert closed.height > 0
    secrets = {*closed["file"], *closed["sender"], *files["sha256"]} - {None, ""}
    open_ones = files.filter(~pl.col("file").is_in(closed["file"].to_list()))
    secrets -= set(open_ones["sender"])
    for release_class in CLASSES:
        for name, frame in protected.tables[release_class].items():
            for column in frame.iter_columns():
                if column.dtype == pl.String:
                    assert not secrets & set(column.drop_nulls()), (name, column.name)
        assert protected.tables[release_class]["mart_run"]["inputs_sha256"].null_count() > 0


def test_the_source_of_an_estimate_holds_no_count() -> None:
    text = (
        "Geschat uit 407 verblijven die eindigden en 26 andere, 2017-01 tot en met 2026-10; "
        "de eerdere waarde weegt mee (Duinstreek, 2026)"
    )
    said = without_counts(text)
    assert not re.search(r"\b(407|26)\b", said)
    assert "2017-01 tot en met 2026-10" in said and said.endswith("(Duinstreek, 2026)")


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, 0.0), (1.387807, 1.4), (0.050975, 0.051), (1851.3, 1900.0)]
)
def test_two_digits_are_kept(value: float, written: float) -> None:
    assert significant(value) == written


def test_a_state_for_everybody_is_on_course_or_behind_and_needs_three_years_of_a_cap(
    edition: Frames, protected: Protected, tmp_path: Path
) -> None:
    pace = protected.tables[OPENBAAR][PACE]
    assert set(pace["state"].drop_nulls()) <= {"on_course", "behind"}
    assert pace["difference"].null_count() == pace["backlog"].null_count() == pace.height
    young = edition["mart_agreement"].with_columns(valid_from=pl.lit("2026-01"))
    alone = Protection("duinstreek", read_example_key(), tmp_path)
    made = protect_edition(EDITION, {**edition, "mart_agreement": young}, alone, facts={})
    assert made.tables[OPENBAAR][PACE]["state"].null_count() == pace.height
    assert made.tables[PARTIJEN][PACE].equals(edition[PACE])


def test_quotas_that_carry_homes_let_stay_behind_for_everybody(
    edition: Frames, tmp_path: Path
) -> None:
    carrying = Protection("duinstreek", read_example_key(), tmp_path, carries_lettings=True)
    made = protect_edition(EDITION, edition, carrying, facts={})
    assert not set(FROM_LETTINGS) & set(made.tables[OPENBAAR])
    assert set(FROM_LETTINGS) <= set(made.tables[PARTIJEN])
    ahead = made.tables[OPENBAAR][CLAIMS].filter("is_expected")
    assert ahead["dwellings"].null_count() == ahead.height


def test_a_count_that_stays_keeps_its_figure_in_the_next_release(
    edition: Frames, protected: Protected, protection: Protection, record: Mapping
) -> None:
    applied = (pl.col("measure").cast(pl.String) == "applied") & (pl.col("period") == "month")
    last = applied & (pl.col("month") == edition[PROGRESS]["month"].max())
    moved = edition[PROGRESS].with_columns(
        pl.when(last)
        .then(pl.col("dwellings") + 1)
        .otherwise(pl.col("dwellings"))
        .alias("dwellings")
    )
    protect_edition(NEXT, {**edition, PROGRESS: moved}, protection, facts={})
    later = read_record(protection.records, NEXT)["cells"]
    same = [cell for cell in record if record[cell][0] == later[cell][0]]
    changed = [cell for cell in same if record[cell][1] != later[cell][1]]
    assert len(same) < len(record)
    assert len(changed) <= 0.03 * len(same)


def test_the_same_edition_again_gives_the_same_tables(
    edition: Frames, protected: Protected, protection: Protection
) -> None:
    again = protect_edition(EDITION, edition, protection, facts={})
    for name in CLASSES:
        assert all(
            again.tables[name][table].equals(frame)
            for table, frame in protected.tables[name].items()
        )


def test_a_record_of_other_counts_is_never_overwritten(
    edition: Frames, protected: Protected, protection: Protection
) -> None:
    other = edition[LETTINGS].with_columns(dwellings=pl.col("dwellings") + 1)
    with pytest.raises(UitstroomError, match="holds other counts"):
        protect_edition(EDITION, {**edition, LETTINGS: other}, protection, facts={})


def test_the_record_is_closed_and_keeps_the_deliveries(
    edition: Frames, protected: Protected, protection: Protection
) -> None:
    file = protection.records / f"{EDITION}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(protection.records.stat().st_mode) == 0o700
    told = json.loads(file.read_text())
    accepted = edition["mart_delivery"].filter(pl.col("verdict").str.starts_with("accepted"))
    assert {one["sha256"] for one in told["deliveries"]} == set(accepted["sha256"])


def test_records_of_another_base_say_nothing(protected: Protected, protection: Protection) -> None:
    assert earlier_figures(protection.records, 5)
    assert earlier_figures(protection.records, 10) == {}


def test_base_ten_rounds_to_tens(edition: Frames, tmp_path: Path) -> None:
    tens = Protection("duinstreek", read_example_key(), tmp_path, base=10)
    made = protect_edition(EDITION, edition, tens, facts={})
    assert not set(made.tables[OPENBAAR][LETTINGS]["dwellings"] % 10) - {0}


def test_a_total_of_which_one_category_holds_all_is_refused_unless_harmless() -> None:
    counts = Counts({"all": 20, "a": 20, "b": 0}, {Sum("all", ("a", "b")): "illness"})
    figures = {"all": 20, "a": 20, "b": 0}
    with pytest.raises(RefusedError):
        check_groups(counts, figures, 5)
    check_groups(Counts(counts.truths, {Sum("all", ("a", "b")): "place"}), figures, 5)


@pytest.mark.parametrize(
    ("row", "month", "homes"),
    [
        ({"months_passed": 10, "realised": 12, "quota": 20, "backlog": 0}, 10, 12),
        ({"months_passed": 4, "realised": 5, "quota": 21, "backlog": 3}, 10, 13),
        ({"months_passed": 6, "realised": 5, "quota": 21, "backlog": 0}, 6, 5),
    ],
)
def test_homes_let_since_january_follow_from_a_half_year(
    row: dict[str, int], month: int, homes: int
) -> None:
    assert year_to_date(row, month) == homes


def test_a_sum_that_does_not_hold_ties_nothing(edition: Frames) -> None:
    counts = count_cells({**edition, LETTINGS: complete_lettings(edition)})
    assert counts.sums
    for one in counts.sums:
        assert counts.truths[one.total] == sum(counts.truths[part] for part in one.parts)
