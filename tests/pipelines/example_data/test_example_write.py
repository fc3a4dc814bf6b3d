"""Tests of the written deliveries: stable bytes, committed, accepted at the door, no person."""

import re
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError
from pipelines.example_data import write_example_data
from pipelines.example_data.law import Law
from pipelines.example_data.rows import RECORD_IDS, Deliveries, Misspelt
from pipelines.example_data.world import World
from pipelines.example_data.write import senders_of
from pipelines.sources import Verdict, read_deliveries, receive
from pipelines.sources.keys import read_example_key
from pipelines.sources.results import Deliveries as Read

pytestmark = pytest.mark.unit

COMMITTED = Path(__file__).parents[3] / "data" / "raw" / "regions" / "zk-ijmond"
MOST_FILE_BYTES = 2_000 * 1024
MOST_BYTES_TOGETHER = 2_500_000
LONGEST_STREAK_OF_DIGITS = 7


def _content(path: Path) -> dict[str, bytes]:
    """Give the bytes of a file; of a workbook the bytes of its parts, whatever packed them."""
    if path.suffix != ".xlsx":
        return {"": path.read_bytes()}
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def _files(region_folder: Path) -> list[Path]:
    return sorted(path for path in (region_folder / "deliveries").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def read(region_folder: Path, law: Law) -> Read:
    own = frozenset(law.weights["homes_by_municipality"])
    return read_deliveries(
        receive(region_folder),
        region_id="zk-ijmond",
        municipality_codes=own,
        known_codes=own | set(law.weights["origins"]),
        key=read_example_key(),
    )


# --- bytes ---------------------------------------------------------------------------------------


def test_writing_twice_gives_the_same_bytes(region_folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "zk-ijmond"
    written = write_example_data(again)

    assert sorted(written) == _files(again)
    for path in written:
        first = region_folder / path.relative_to(again)
        assert path.read_bytes() == first.read_bytes(), path.name


def test_the_committed_files_are_what_the_generator_writes_now(region_folder: Path) -> None:
    made = {path.relative_to(region_folder) for path in _files(region_folder)}
    committed = {path.relative_to(COMMITTED) for path in _files(COMMITTED)}

    assert committed == made
    for name in sorted(made):
        assert _content(COMMITTED / name) == _content(region_folder / name), name


def test_another_seed_gives_other_files(region_folder: Path, tmp_path: Path) -> None:
    written = write_example_data(tmp_path / "zk-ijmond", seed=1)
    stays = next(path for path in written if path.name == "verblijven-aanbieder-a.csv")

    name = stays.relative_to(tmp_path / "zk-ijmond")
    assert stays.read_bytes() != (region_folder / name).read_bytes()


def test_files_are_small_enough_to_keep(region_folder: Path) -> None:
    sizes = [path.stat().st_size for path in _files(region_folder)]

    assert max(sizes) <= MOST_FILE_BYTES
    assert sum(sizes) <= MOST_BYTES_TOGETHER


def test_example_data_is_never_written_beside_real_deliveries(
    region_folder: Path, tmp_path: Path
) -> None:
    box = tmp_path / "zk-ijmond" / "deliveries" / "agreements"
    box.mkdir(parents=True)
    name = "afspraken-regiosecretariaat.csv"
    source = region_folder / "deliveries" / "agreements"
    (box / name).write_bytes((source / name).read_bytes())
    envelope = (source / f"{name}.toml").read_text(encoding="utf-8")
    (box / f"{name}.toml").write_text(
        envelope.replace("synthetic = true", "synthetic = false"), encoding="utf-8"
    )

    with pytest.raises(RefusedError, match="never go beside real ones"):
        write_example_data(tmp_path / "zk-ijmond")
    assert len(_files(tmp_path / "zk-ijmond")) == 2


def test_every_sender_writes_in_its_own_way(region_folder: Path) -> None:
    folder = region_folder / "deliveries"
    marked = (folder / "stays" / "verblijven-aanbieder-a.csv").read_bytes()
    windows = (folder / "stays" / "verblijven-aanbieder-b.csv").read_bytes()
    plain = (folder / "stays" / "verblijven-aanbieder-c.csv").read_bytes()
    stock = folder / "association_stock" / "woningbezit-corporatiekoepel.csv"

    assert marked.startswith(b"\xef\xbb\xbfverblijf_id;cli\xc3\xabntnummer")
    assert windows.startswith(b"verblijfnummer;cli\xebnt_id")
    assert plain.startswith(b"verblijf_id;cli\xc3\xabntnummer")
    assert (folder / "stays" / "verblijven-aanbieder-d.xlsx").read_bytes().startswith(b"PK")
    assert re.search(r"Pré Wonen;GM0392;2021;\d\.\d{3};", stock.read_text(encoding="cp1252"))
    agreements = (folder / "agreements" / "afspraken-regiosecretariaat.csv").read_text()
    assert "zkij-driehoek-85" in agreements
    assert ";0,85;aandeel;" in agreements


# --- at the door ---------------------------------------------------------------------------------


def test_every_file_is_accepted(read: Read, law: Law) -> None:
    verdicts = {str(verdict) for verdict in read.files["verdict"].unique()}

    assert not read.refusals
    assert verdicts == {str(Verdict.ACCEPTED), str(Verdict.WITH_QUARANTINE)}
    assert set(read.files["sender"]) == {sender.name for sender in senders_of(law).values()}
    assert read.files["synthetic"].all()


def test_the_quarantine_holds_exactly_the_planted_rows(read: Read, law: Law) -> None:
    for contract, kinds in law.bad_rows.items():
        files = read.files.filter(pl.col("contract") == contract)
        assert files["quarantined"].sum() == kinds["end_before_start"] + kinds["unknown_value"]
        assert files["non_data"].sum() == kinds["duplicate"]
    others = read.files.filter(~pl.col("contract").is_in(list(law.bad_rows)))
    assert others["quarantined"].sum() == 0
    assert set(read.quarantine["reason"]) == {"end_before_start", "unknown_value"}


def test_bad_rows_are_a_handful_of_every_file(read: Read) -> None:
    bad = read.files.select((pl.col("quarantined") + pl.col("non_data")) / pl.col("rows_in"))

    assert 0 < max(bad.to_series().to_list()) <= 0.01


def test_what_is_accepted_is_the_world(read: Read, world: World) -> None:
    """Counts and dates of the accepted rows are those of the world, not merely plausible."""
    first = world.law.dates["delivered_from"]
    stays = read.accepted["stays"]
    open_now = stays.filter(pl.col("ended_on").is_null())
    capacity = read.accepted["capacity"].filter(pl.col("period") == "2026K3")
    lettings = read.accepted["lettings"].filter(pl.col("ground") == "outflow")
    moved = [
        item.moved
        for item in world.records.lettings
        if item.application is not None and item.moved >= first.toordinal()
    ]

    assert open_now.height == sum(item.ended is None for item in world.records.stays)
    assert capacity["places"].sum() == sum(
        world.places.at(item.id, 2026 * 12 + 8) for item in world.law.facilities
    )
    assert sorted(day.toordinal() for day in lettings["moved_on"]) == sorted(moved)
    assert set(lettings["application_id"]) <= set(read.accepted["applications"]["application_id"])
    assert lettings["application_id"].null_count() == 0


def test_stays_and_applications_of_one_person_meet_under_one_pseudonym(read: Read) -> None:
    """Two thirds and more of the applicants come from a stay that the files hold."""
    stays = read.accepted["stays"].select("client_id").unique()
    applications = read.accepted["applications"].select("client_id").unique()
    met = applications.join(stays, on="client_id", how="inner", validate="1:1")

    assert met.height / applications.height > 0.66


def test_dwellings_of_associations_in_2021_are_those_of_the_statistics(read: Read) -> None:
    stock = read.accepted["association_stock"].filter(pl.col("year") == 2021)
    found = {
        code: int(part["dwellings"].sum())
        for (code,), part in stock.partition_by(
            "municipality_code", as_dict=True, include_key=True
        ).items()
    }

    assert found == {
        "GM0375": 7024,
        "GM0377": 1830,
        "GM0392": 23160,
        "GM0396": 5634,
        "GM0397": 2692,
        "GM0453": 11318,
        "GM0473": 2912,
    }
    assert 3_500 <= stock["relets"].sum() <= 4_100


def test_a_planned_change_that_has_passed_is_what_history_shows(read: Read) -> None:
    history = read.accepted["capacity"].with_columns(
        month=pl.format(
            "{}-{}",
            pl.col("period").str.head(4),
            (pl.col("period").str.tail(1).cast(pl.Int64) * 3).cast(pl.String).str.zfill(2),
        )
    )
    plan = read.accepted["capacity_plan"]
    then = history.filter(pl.col("period") == "2021K4").select("facility_id", before="places")
    now = history.filter(pl.col("period") == "2026K3").select("facility_id", after="places")
    passed = (
        plan.filter(pl.col("effective_month") <= "2026-09")
        .group_by("facility_id")
        .agg(pl.col("places_change").sum())
    )
    joined = then.join(now, on="facility_id", validate="1:1").join(
        passed, on="facility_id", how="left", validate="1:1"
    )

    assert history["month"].max() == "2026-09"
    assert joined.height == 17
    for row in joined.with_columns(pl.col("places_change").fill_null(0)).iter_rows(named=True):
        assert row["before"] + row["places_change"] == row["after"], row["facility_id"]


def test_plan_rows_say_how_firm_they_are(read: Read) -> None:
    plan = read.accepted["capacity_plan"].sort("effective_month")
    order = {"besloten": 0, "voorgenomen": 1, "verwacht": 2}
    ranks = [order[status] for status in plan["status"]]

    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    assert set(plan["change_kind"]) == {
        "closed_attrition",
        "relabelled_wlz",
        "converted_in_place",
    }
    assert min(plan["effective_month"].to_list()) >= "2022-01"


# --- rows ----------------------------------------------------------------------------------------


def test_ids_are_unique_but_for_the_planted_repeats(deliveries: Deliveries, law: Law) -> None:
    for contract, key in RECORD_IDS.items():
        counts: Counter[object] = Counter()
        for (name, _), rows in deliveries.items():
            if name == contract:
                counts.update(row[key] for row in rows)
        repeated = {value: count for value, count in counts.items() if count > 1}
        assert len(repeated) == law.bad_rows[contract]["duplicate"]
        assert set(repeated.values()) == {2}


def test_only_plans_and_agreements_look_ahead(deliveries: Deliveries, law: Law) -> None:
    last = law.dates["last_day"]
    for (contract, sender), rows in deliveries.items():
        if contract in ("capacity_plan", "agreements"):
            continue
        days = [value for row in rows for value in row.values() if isinstance(value, date)]
        late = [day for day in days if day > last]
        planted = sum(law.bad_rows.get(contract, {}).values())
        assert len(late) <= planted, (contract, sender)
        assert all(day <= law.dates["delivered_on"] for day in late)


def test_only_what_touches_the_period_is_delivered(deliveries: Deliveries, law: Law) -> None:
    first = law.dates["delivered_from"]
    stays = [row for (name, _), rows in deliveries.items() if name == "stays" for row in rows]

    starts = [value for row in stays if isinstance(value := row["started_on"], date)]
    ends = [value for row in stays if isinstance(value := row["ended_on"], date)]
    assert min(ends) >= first > min(starts)
    assert len(ends) < len(starts) == len(stays)


def test_misspelt_words_are_the_only_ones_a_contract_does_not_know(
    deliveries: Deliveries, law: Law
) -> None:
    found = sum(
        isinstance(value, Misspelt)
        for rows in deliveries.values()
        for row in rows
        for value in row.values()
    )

    assert found == sum(kinds["unknown_value"] for kinds in law.bad_rows.values())


def test_nothing_looks_like_a_name_a_mail_address_or_a_citizen_number(
    deliveries: Deliveries, law: Law
) -> None:
    streak = re.compile(rf"\d{{{LONGEST_STREAK_OF_DIGITS + 1},}}")
    named = {
        *(f"Voorbeeldaanbieder {letter}" for letter in "ABCD"),
        *(name for row in law.stock for name in row["shares"]),
        "Beverwijk",
        "Heemskerk",
        "Velsen",
        "Zuid-Kennemerland",
    }
    for (contract, _), rows in deliveries.items():
        for row in rows:
            for column, value in row.items():
                if not isinstance(value, str):
                    continue
                assert "@" not in value
                assert not streak.search(value), (contract, column)
                is_free = column in ("provider", "association", "assessment_table")
                assert not is_free or value in named, (contract, column)


def test_no_column_could_hold_a_name_or_a_birth_date(deliveries: Deliveries) -> None:
    columns = {column for rows in deliveries.values() for column in rows[0]}

    assert not columns & {"name", "first_name", "birth_date", "bsn", "address", "remarks"}
