"""The door of a region: versions, what waits, what a person decides, and the record of it all."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines import door as door_module
from pipelines.decisions import confirm_delivery, retract
from pipelines.door import Door, open_door
from pipelines.options import Options
from pipelines.paths import DataRoot
from pipelines.region_run import open_run
from pipelines.regions import read_region_folder
from pipelines.sources.keys import read_example_key
from pipelines.sources.ledger import Event, Ledger
from pipelines.sources.municipalities import Municipalities
from pipelines.sources.open_data import municipalities
from pipelines.sources.results import Deliveries
from pipelines.storage import digest_folder
from tests.invented import REGION_ID, build_data_root, spoil_delivery

pytestmark = pytest.mark.unit

WHO = {"by": "regiosecretariaat", "why": "asked the sender, who is sure of it", "at": "2026-11-05"}


@pytest.fixture(scope="module")
def known() -> Municipalities:
    return municipalities(DataRoot.from_environment().open_data)


@pytest.fixture
def root(tmp_path: Path, known: Municipalities, monkeypatch: pytest.MonkeyPatch) -> DataRoot:
    """The invented region with its smaller deliveries; the list of municipalities is read once."""
    monkeypatch.setattr(door_module, "municipalities", lambda _: known)
    found = DataRoot(build_data_root(tmp_path))
    for contract in ("applications", "lettings"):
        shutil.rmtree(box(found, contract).parent)
    return found


def box(root: DataRoot, contract: str) -> Path:
    return root.region(REGION_ID) / "deliveries" / contract / f"{contract}.csv"


def edit(root: DataRoot, contract: str, change: Callable[[list[str]], list[str]]) -> None:
    """Deliver a file anew, with other lines below its header."""
    file = box(root, contract)
    header, *lines = file.read_text().splitlines()
    told = change(lines)
    file.write_text("\n".join([header, *told]) + "\n")
    envelope = file.with_name(f"{file.name}.toml")
    kept = [line for line in envelope.read_text().splitlines() if not line.startswith("rows = ")]
    envelope.write_text("\n".join([*kept, f"rows = {len(told)}"]) + "\n")


def door_of(root: DataRoot) -> Door:
    return open_door(root, read_region_folder(root.region(REGION_ID)))


def passed(root: DataRoot) -> tuple[Door, Deliveries]:
    """Do what a run does at the door."""
    door = door_of(root)
    deliveries = door.read(read_example_key())
    door.put_on_record(deliveries, at="2026-11-05")
    return door, deliveries


def verdicts(deliveries: Deliveries) -> dict[str, str]:
    return dict(deliveries.files.select("contract", "verdict").iter_rows())


def events(root: DataRoot) -> list[Event]:
    return [one.event for one in Ledger(door_of(root).store).entries]


def shorten(lines: list[str]) -> list[str]:
    return lines[:-1]


# --- record ---------------------------------------------------------------------------------------


def test_a_second_pass_changes_nothing_and_says_the_same(root: DataRoot) -> None:
    first, found = passed(root)
    before = digest_folder(root.marts)
    again, found_again = passed(root)
    assert digest_folder(root.marts) == before
    assert (first.history(), again.history()) == ({}, {})
    assert found.files.equals(found_again.files)
    assert events(root) == [Event.ACCEPTED] * 4


def test_every_accepted_row_is_stored_once(root: DataRoot) -> None:
    door, found = passed(root)
    for file in found.files.iter_rows(named=True):
        rows = pl.read_parquet(door.store / file["sha256"] / "rows.parquet")
        accepted = found.accepted[file["contract"]]
        assert rows.equals(accepted.drop("_file"))
        assert rows.height == file["accepted"]


def test_a_check_puts_nothing_on_record(root: DataRoot) -> None:
    door_of(root).read(read_example_key())
    assert not root.marts.exists()


def test_of_a_refused_file_only_hash_sender_time_rule_column_and_rows_are_kept(
    root: DataRoot,
) -> None:
    file = spoil_delivery(root.region(REGION_ID))
    file.rename(file.with_name("jan-jansen.csv"))
    file.with_name("intake.csv.toml").rename(file.with_name("jan-jansen.csv.toml"))
    passed(root)
    passed(root)
    (entry,) = Ledger(door_of(root).store).entries
    assert entry.event is Event.REFUSED
    assert set(entry.facts) == {"sender", "rules", "columns", "rows"}
    assert "jansen" not in (door_of(root).store / "ledger.jsonl").read_text()
    assert [path.name for path in door_of(root).store.iterdir()] == ["ledger.jsonl"]


# --- versions -------------------------------------------------------------------------------------


def test_another_content_under_the_same_name_is_a_version_with_its_difference(
    root: DataRoot,
) -> None:
    passed(root)
    edit(root, "intake", shorten)
    for _ in range(2):
        door, found = passed(root)
        past = door.pasts["intake/intake.csv"]
        assert (past.version, past.difference.removed if past.difference else None) == (2, 1)
        assert verdicts(found)["intake"] == "accepted"
        assert set(door.history()) == {"history/intake/intake.csv"}
    assert events(root) == [Event.ACCEPTED] * 4 + [Event.REPLACED, Event.ACCEPTED]
    table = door.version_table(REGION_ID)
    assert table.select("version", "rows_before", "rows_removed").rows() == [(2, 270, 1)]


def test_a_second_run_says_the_same_when_the_earlier_rows_are_gone(root: DataRoot) -> None:
    before, _ = passed(root)
    edit(root, "intake", shorten)
    door, _ = passed(root)
    sha = door.pasts["intake/intake.csv"].replaces
    assert sha is not None
    for file in (before.store / sha).iterdir():
        file.unlink()
    (before.store / sha).rmdir()
    again, _ = passed(root)
    assert again.history() == door.history()
    assert again.pasts == door.pasts


def test_much_of_the_closed_past_changed_waits_until_a_person_confirms(root: DataRoot) -> None:
    passed(root)
    edit(
        root,
        "intake",
        lambda lines: [line.replace("-03,", "-04,").replace("-08,", "-09,") for line in lines],
    )
    door, found = passed(root)
    assert verdicts(found)["intake"] == "waiting"
    assert "closed_periods_changed" in found.notices["reason"].to_list()
    with pytest.raises(UitstroomError) as raised:
        found.raise_if_refused()
    assert raised.value.exit_code == 3
    assert events(root)[-1] is Event.WAITING

    confirmed = confirm_delivery(root, REGION_ID, "intake.csv", **WHO)
    assert [one.reason for one in confirmed.notices] == ["closed_periods_changed"]
    for _ in range(2):
        door, found = passed(root)
        assert verdicts(found)["intake"] == "accepted_with_warning"
        assert door.confirmed == {"intake/intake.csv": {"closed_periods_changed"}}
    assert events(root)[-3:] == [Event.CONFIRMED, Event.REPLACED, Event.ACCEPTED]


def test_a_confirmation_holds_for_one_content_and_reason_only(root: DataRoot) -> None:
    def tenfold(lines: list[str]) -> list[str]:
        return [line.replace(",24,", ",240,") for line in lines]

    passed(root)
    edit(root, "capacity", lambda lines: [*lines[:-1], *tenfold(lines[-1:])])
    _, found = passed(root)
    assert set(found.notices["reason"]) == {"capacity_jump"}
    confirm_delivery(root, REGION_ID, "capacity/capacity.csv", **WHO)
    assert verdicts(passed(root)[1])["capacity"] == "accepted_with_warning"
    edit(root, "capacity", lambda lines: [*lines[:-1], lines[-1].replace(",240,", ",0,")])
    assert verdicts(passed(root)[1])["capacity"] in {"waiting", "refused"}


def test_what_does_not_wait_cannot_be_confirmed(root: DataRoot) -> None:
    with pytest.raises(RefusedError, match="does not wait"):
        confirm_delivery(root, REGION_ID, "intake/intake.csv", **WHO)
    with pytest.raises(UsageError, match="Did you mean"):
        confirm_delivery(root, REGION_ID, "intake/intaek.csv", **WHO)
    assert not root.marts.exists() or events(root) == []


@pytest.mark.parametrize(
    "words", [{"by": "x" * 41}, {"by": "jan@example.org"}, {"why": "because"}, {"by": ""}]
)
def test_an_office_and_a_reason_are_needed(root: DataRoot, words: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="will not do"):
        confirm_delivery(root, REGION_ID, "intake.csv", **{**WHO, **words})
    with pytest.raises(UsageError, match="will not do"):
        retract(root, REGION_ID, "intake.csv", **{**WHO, **words})


def test_the_same_content_under_another_name_beside_it_counts_once(root: DataRoot) -> None:
    passed(root)
    file = box(root, "stays")
    twin = file.with_name("another.csv")
    twin.write_bytes(file.read_bytes())
    twin.with_name("another.csv.toml").write_bytes(file.with_name("stays.csv.toml").read_bytes())
    _, found = passed(root)
    of_stays = found.files.filter(contract="stays").select("file", "verdict").rows()
    assert sorted(verdict for _, verdict in of_stays) == ["accepted_with_warning", "known"]
    assert found.accepted["stays"].height == pl.read_csv(file).height


def test_files_that_come_together_are_not_compared_as_if_one_came_after_the_other(
    root: DataRoot,
) -> None:
    """Two capacity files of one sender, one with ten times the places of the other."""
    file = box(root, "capacity")
    lines = file.read_text().splitlines()
    more = [lines[0], *(line.replace("F1,", "F2,").replace(",24,", ",240,") for line in lines[1:])]
    file.with_name("more.csv").write_text("\n".join(more) + "\n")
    envelope = file.with_name("capacity.csv.toml").read_text()
    file.with_name("more.csv.toml").write_text(envelope)
    first, found = passed(root)
    assert set(found.files["verdict"]) == {"accepted"}
    again, _ = passed(root)
    assert again.history() == first.history() == {}


# --- retracting -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named", ["capacity_plan.csv", "deliveries/capacity_plan/capacity_plan.csv"]
)
def test_a_retracted_delivery_counts_no_more(root: DataRoot, named: str) -> None:
    _, before = passed(root)
    found = retract(root, REGION_ID, named, **WHO)
    retract(root, REGION_ID, found.sha256[:10], **WHO)
    assert events(root).count(Event.RETRACTED) == 1
    door, after = passed(root)
    assert verdicts(after)["capacity_plan"] == "retracted"
    assert after.accepted["capacity_plan"].is_empty()
    assert not before.accepted["capacity_plan"].is_empty()
    assert list(door.history()) == ["history/capacity_plan/capacity_plan.csv"]
    assert "capacity_plan" not in {parcel.contract for parcel in door.counted}


def test_a_retracted_delivery_decides_no_month(root: DataRoot) -> None:
    retract(root, REGION_ID, "intake.csv", **WHO)
    envelope = box(root, "stays").with_name("stays.csv.toml")
    envelope.write_text(
        envelope.read_text().replace("period_to = 2025-06-30", "period_to = 2025-05-31")
    )
    run = open_run(root, REGION_ID, Options())
    try:
        accepted = run.door.read(run.key).accepted
        assert run.settle_as_of(accepted) == 2025 * 12 + 4
    finally:
        run.close()


def test_a_run_on_a_retracted_edition_of_a_source_is_refused(root: DataRoot) -> None:
    found = retract(root, REGION_ID, "cbs_municipal_facts", **WHO)
    assert found.what == "cbs_municipal_facts"
    with pytest.raises(RefusedError, match="edition of a public source was retracted"):
        open_run(root, REGION_ID, Options())


# --- corrections ----------------------------------------------------------------------------------


def correct(root: DataRoot, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "contract": "intake",
        "key": {"registration_id": "R2018010"},
        "column": "admitted_on",
        "expect": "2018-01-21",
        "value": "2018-01-25",
        "reason": "the sender wrote the day of the letter",
        "status": "reported",
        "author": "regiosecretariaat",
        **changes,
    }
    key = ", ".join(f'{name} = "{value}"' for name, value in fields.pop("key").items())
    lines = [f'{name} = "{value}"' for name, value in fields.items()]
    file = root.region(REGION_ID) / "corrections.toml"
    text = "\n".join(["[[corrections]]", f"key = {{{key}}}", *lines, "date = 2026-11-05"])
    file.write_text(f"{file.read_text() if file.is_file() else ''}{text}\n\n")


def test_a_correction_takes_the_place_of_a_value_and_is_on_record_with_its_line(
    root: DataRoot,
) -> None:
    _, before = passed(root)
    correct(root)
    door, after = passed(root)
    one, other = before.accepted["intake"], after.accepted["intake"]
    assert (one["admitted_on"].ne_missing(other["admitted_on"])).sum() == 1
    assert one.drop("admitted_on").equals(other.drop("admitted_on"))
    (change,) = after.changes.filter(rule="correction").rows(named=True)
    assert change["row"] == 2
    assert change["examples"].startswith("2018-01-21 -> 2018-01-25: the sender wrote")
    assert "corrections.toml" in door.digests


def test_a_correction_mends_a_row_that_would_be_set_apart(root: DataRoot) -> None:
    edit(root, "intake", lambda lines: [lines[0].replace("shelter", "sheltre"), *lines[1:]])
    assert passed(root)[1].accepted["intake"].height == 269
    correct(root, column="target_group", expect="", value="shelter")
    found = passed(root)[1]
    assert found.accepted["intake"].height == 270
    assert found.quarantine.is_empty()


def test_a_mended_source_asks_for_the_correction_to_be_taken_out(root: DataRoot) -> None:
    correct(root)
    passed(root)
    mended = "2018-01-21", "2018-01-25"
    edit(root, "intake", lambda lines: [lines[0].replace(*mended), *lines[1:]])
    _, found = passed(root)
    (refusal,) = found.refusals
    assert "The source is mended: take it out." in str(refusal)
    assert "R2018010" not in str(refusal)


# --- periods --------------------------------------------------------------------------------------


def test_rows_of_another_year_than_the_envelope_says_refuse_the_file(root: DataRoot) -> None:
    envelope = box(root, "intake").with_name("intake.csv.toml")
    text = envelope.read_text()
    envelope.write_text(text.replace("period_to = 2025-06-30", "period_to = 2018-12-31"))
    _, found = passed(root)
    assert verdicts(found)["intake"] == "refused"
    assert "outside the period" in str(found.refusals[0])


def test_missing_quarters_warn_and_many_wait(root: DataRoot) -> None:
    lines = box(root, "capacity").read_text().splitlines()[1:]
    edit(root, "capacity", lambda lines: [*lines[:3], *lines[4:]])
    found = passed(root)[1]
    assert verdicts(found)["capacity"] == "accepted_with_warning"
    (row,) = found.notices.rows(named=True)
    assert (row["reason"], row["found"]) == ("periods_missing", "2018K4")
    edit(root, "capacity", lambda now: [*lines[:3], *lines[6:]])
    assert verdicts(passed(root)[1])["capacity"] == "waiting"
