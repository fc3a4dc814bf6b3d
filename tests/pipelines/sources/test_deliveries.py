"""A file at the door: a good one comes in, its bad twin is refused or set apart with a reason."""

import polars as pl
import pytest

from models.errors import FaultsError, RefusedError
from pipelines.sources import CONTRACTS, Verdict, schema_of
from pipelines.sources.keys import pseudonym, read_example_key

pytestmark = pytest.mark.unit


def only_refusal(region, **changes):
    """Read and give the sentence of the one refusal, after checking that nothing came in."""
    result = region.read(**changes)
    assert result.files["verdict"].to_list() == [Verdict.REFUSED]
    assert result.files["accepted"].to_list() == [0]
    assert all(frame.is_empty() for frame in result.accepted.values())
    (refusal,) = result.refusals
    assert refusal.exit_code == 3
    return str(refusal)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_good_row_of_every_contract_comes_in_typed(region, contract):
    region.deliver(contract, region.rows(contract))
    result = region.read()
    assert region.verdicts() == {f"{contract}.csv": Verdict.ACCEPTED}
    frame = result.accepted[contract]
    assert dict(frame.schema) == schema_of(CONTRACTS[contract])
    assert frame["_file"].to_list() == [f"{contract}.csv"]
    assert frame["_row"].to_list() == [2]
    required = [column.name for column in CONTRACTS[contract].columns if column.required]
    assert frame.select(required).null_count().sum_horizontal().item() == 0


def test_a_region_without_deliveries_gives_every_table_empty_and_typed(region):
    result = region.read()
    assert list(result.accepted) == list(CONTRACTS)
    for name, frame in result.accepted.items():
        assert frame.is_empty()
        assert dict(frame.schema) == schema_of(CONTRACTS[name])
    assert result.files.is_empty()
    result.raise_if_refused()


def test_values_are_read_in_dutch_notation_and_missing_is_null(region):
    region.deliver("association_stock", region.rows("association_stock", passende_mutaties=""))
    row = region.read().accepted["association_stock"].row(0, named=True)
    assert row["dwellings"] == 1450
    assert row["suitable_relets"] is None
    assert row["new_lettings"] is None
    region.deliver("agreements", region.rows("agreements"))
    row = region.read().accepted["agreements"].row(0, named=True)
    assert (row["value"], row["kind"]) == (178.5, "cap")
    assert str(row["from"]) == "2027-01-01"


def test_an_english_file_is_read_with_commas_between_its_columns(region):
    rows = region.rows("association_stock", woningen="1,450")
    region.deliver("association_stock", rows, number_language="en")
    assert region.read().accepted["association_stock"]["dwellings"].to_list() == [1450]


# --- envelopes and folders ---------------------------------------------------------------------


def test_a_file_without_an_envelope_is_refused(region):
    region.deliver("stays", region.rows("stays"))
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
    region.path("stays", "stays.csv.toml").unlink()
    assert "no envelope" in only_refusal(region)


def test_an_envelope_without_its_file_is_refused(region):
    region.deliver("stays", region.rows("stays"))
    region.path("stays", "stays.csv").unlink()
    assert "no file beside it" in only_refusal(region)


@pytest.mark.parametrize(
    ("key", "value"), [("contract", "intake"), ("region", "alkmaar"), ("sender", "Iemand Anders")]
)
def test_an_envelope_that_does_not_fit_its_folder_is_refused(region, key, value):
    region.deliver("stays", region.rows("stays"))
    assert region.verdicts(senders={"Kern Wonen"}) == {"stays.csv": Verdict.ACCEPTED}
    region.deliver("stays", region.rows("stays"), **{key: value})
    sentence = only_refusal(region, senders={"Kern Wonen"})
    assert key in sentence
    assert repr(value) in sentence


def test_an_unknown_folder_and_a_stray_file_are_refused(region):
    region.path("stais", "a.csv").write_text("x")
    (region.folder / "deliveries" / "los.csv").write_text("x")
    result = region.read()
    assert result.files["verdict"].to_list() == [Verdict.REFUSED] * 2
    sentences = " ".join(str(one) for one in result.refusals)
    assert "'stays'" in sentences
    assert "los.csv" in sentences


def test_hidden_files_are_passed_over(region):
    region.deliver("stays", region.rows("stays"))
    region.path("stays", ".DS_Store").write_text("x")
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}


def test_a_link_and_another_kind_of_file_are_refused(region):
    region.deliver("stays", region.rows("stays"))
    region.path("stays", "link.csv").symlink_to(region.path("stays", "stays.csv"))
    region.deliver("stays", b"%PDF-1.7", file="stays.pdf")
    verdicts = region.verdicts()
    assert verdicts["link.csv"] == verdicts["stays.pdf"] == Verdict.REFUSED
    assert verdicts["stays.csv"] == Verdict.ACCEPTED


def test_synthetic_and_real_deliveries_do_not_mix(region):
    region.deliver("stays", region.rows("stays"))
    region.deliver("capacity", region.rows("capacity"))
    assert set(region.verdicts().values()) == {Verdict.ACCEPTED}
    region.deliver("capacity", region.rows("capacity"), synthetic=False)
    assert set(region.verdicts(key=b"k" * 32).values()) == {Verdict.REFUSED}
    with pytest.raises(RefusedError, match="synthetic and real"):
        region.read(key=b"k" * 32).raise_if_refused()


def test_real_deliveries_are_not_read_with_the_example_key(region):
    region.deliver("stays", region.rows("stays"), synthetic=False)
    assert region.verdicts(key=b"k" * 32) == {"stays.csv": Verdict.ACCEPTED}
    assert "example key" in only_refusal(region)


def test_an_empty_key_is_refused(region):
    with pytest.raises(RefusedError, match="key"):
        region.read(key=b"")


def test_all_refusals_are_raised_together(region):
    region.deliver("stays", b"")
    region.deliver("capacity", b"")
    with pytest.raises(FaultsError) as raised:
        region.read().raise_if_refused()
    assert len(raised.value.faults) == 2
    assert raised.value.exit_code == 3


# --- header and number of rows -----------------------------------------------------------------


def test_a_header_is_matched_by_name_whatever_its_place_and_case(region):
    row = dict(reversed(region.rows("stays")[0].items()))
    row = {name.upper().replace("_", " "): value for name, value in row.items()}
    region.deliver("stays", [row])
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}


def test_an_unknown_column_is_refused_with_the_nearest_known_name(region):
    region.deliver("stays", region.rows("stays", bestemmming="overleden"))
    sentence = only_refusal(region)
    assert "'bestemmming'" in sentence
    assert "'bestemming' (destination)" in sentence


def test_a_missing_required_column_is_refused_and_a_missing_optional_one_is_null(region):
    region.deliver("stays", region.rows("stays", datum_einde=None))
    assert region.read().accepted["stays"]["ended_on"].to_list() == [None]
    region.deliver("stays", region.rows("stays", datum_start=None))
    assert "'datum_start' (started_on)" in only_refusal(region)


def test_two_headers_for_one_column_are_refused(region):
    region.deliver("stays", region.rows("stays", startdatum="01-02-2024"))
    sentence = only_refusal(region)
    assert "'datum_start', 'startdatum'" in sentence


def test_all_faults_of_a_header_are_told_together(region):
    rows = region.rows("stays", datum_start=None, bestemmming="overleden", einddatum="")
    region.deliver("stays", rows)
    reasons = {one.reason for one in region.read().refusals}
    assert reasons == {"missing_column", "unknown_column", "duplicate_header"}


def test_a_column_that_no_contract_knows_is_left_out_with_a_warning(region):
    region.deliver("stays", region.rows("stays", gevelkleur="rood"))
    result = region.read()
    assert result.files["verdict"].to_list() == [Verdict.WITH_WARNING]
    told = result.notices.select("reason", "row", "found").rows()
    assert told == [("unknown_column", 1, "column 8")]
    assert "gevelkleur" not in everything(result)
    assert result.accepted["stays"].height == 1


def test_a_file_without_a_header_is_refused_without_repeating_its_first_row(region):
    text = region.csv(region.rows("stays", 3)).split("\r\n", 1)[1]
    region.deliver("stays", text)
    sentence = only_refusal(region)
    assert "not the header" in sentence
    assert "900001" not in sentence


def test_the_file_of_another_contract_is_told_as_such(region):
    region.deliver("stays", region.rows("intake"))
    assert "not the header of 'stays'" in only_refusal(region)


def test_a_header_without_rows_needs_a_reason(region):
    header = region.csv(region.rows("stays")).split("\r\n", 1)[0] + "\r\n"
    region.deliver("stays", header, no_rows_reason="geen verblijven")
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
    region.deliver("stays", header)
    assert "no rows" in only_refusal(region)


def test_a_reason_for_no_rows_above_rows_is_refused(region):
    region.deliver("stays", region.rows("stays"), no_rows_reason="geen verblijven")
    assert "there are" in only_refusal(region)


def test_the_number_of_rows_must_be_the_one_in_the_envelope(region):
    region.deliver("stays", region.rows("stays", 3), rows=3)
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
    region.deliver("stays", region.rows("stays", 2), rows=3)
    assert "found 2; expected 3" in only_refusal(region)


def test_units_may_only_be_given_for_columns_of_the_contract(region):
    region.deliver("projects", region.rows("projects"), units={"stay_months_mean": "months"})
    assert region.verdicts() == {"projects.csv": Verdict.ACCEPTED}
    region.deliver("projects", region.rows("projects"), units={"verblijf": "months"})
    assert "'verblijf'" in only_refusal(region)


# --- rows that are set apart, files that are refused for what they hold --------------------------


def test_a_bad_row_is_set_apart_and_the_others_come_in(region):
    region.deliver(
        "association_stock",
        region.rows("association_stock", 40, woningen=lambda at: "2,5" if at == 7 else "100"),
    )
    result = region.read()
    assert result.quarantine.rows() == [
        (
            "association_stock",
            "association_stock.csv",
            9,
            "dwellings",
            "not_whole",
            "2,5",
            "a whole number",
        )
    ]
    assert result.accepted["association_stock"].height == 39
    assert result.files["verdict"].to_list() == [Verdict.WITH_QUARANTINE]


def test_all_faults_of_a_row_are_told_and_the_row_counts_once(region):
    region.deliver(
        "stays",
        region.rows("stays", 2, doelgroep=lambda at: "" if at else "BW", datum_start="31-02-2024"),
    )
    result = region.read()
    reasons = result.quarantine.select("row", "column", "reason").rows()
    assert reasons == [
        (2, "started_on", "bad_date"),
        (3, "started_on", "bad_date"),
        (3, "target_group", "missing_value"),
    ]
    assert result.files["quarantined"].to_list() == [2]


@pytest.mark.parametrize(("count", "bad", "refused"), [(80, 4, False), (79, 4, True)])
def test_a_file_is_refused_when_more_than_a_twentieth_would_be_set_apart(
    region, count, bad, refused
):
    rows = region.rows("stays", count, datum_start=lambda at: "x" if at < bad else "01-02-2024")
    region.deliver("stays", rows)
    result = region.read()
    assert bool(result.refusals) == refused
    assert result.accepted["stays"].height == (0 if refused else count - bad)
    if refused:
        assert "4 of 79 rows" in str(result.refusals[0])
        assert result.quarantine.height == 4


@pytest.mark.parametrize(("bad", "refused"), [(3, False), (4, True)])
def test_up_to_three_rows_may_be_set_apart_however_short_the_file(region, bad, refused):
    rows = region.rows("stays", 5, datum_start=lambda at: "x" if at < bad else "01-02-2024")
    region.deliver("stays", rows)
    assert bool(region.read().refusals) == refused


def test_an_unknown_municipality_refuses_the_file_and_names_the_line(region):
    region.deliver("intake", region.rows("intake", gemeente_van_herkomst="0363"))
    assert region.read().accepted["intake"]["municipality_of_origin"].to_list() == ["GM0363"]
    rows = region.rows("intake", 3, gemeente_van_herkomst=lambda at: "GM9999" if at == 1 else "")
    region.deliver("intake", rows)
    sentence = only_refusal(region)
    assert "line 3" in sentence
    assert "'GM9999'" in sentence


def test_a_letting_outside_the_region_refuses_the_file_and_a_merged_municipality_does_not(region):
    region.deliver("lettings", region.rows("lettings", gemeentecode="GM0398"))
    sentence = only_refusal(region)
    assert "outside the region" in sentence
    assert "line 2" in sentence
    merged = {"GM0392", "GM0398"}
    assert region.read(municipality_codes=merged).accepted["lettings"].height == 1


@pytest.mark.parametrize("column", ["plaatsen", "bezet"])
def test_a_negative_number_refuses_a_capacity_file_and_not_a_plan(region, column):
    region.deliver("capacity_plan", region.rows("capacity_plan", verandering_plaatsen="-6"))
    assert region.read().accepted["capacity_plan"]["places_change"].to_list() == [-6]
    region.path("capacity_plan", "capacity_plan.csv").unlink()
    region.path("capacity_plan", "capacity_plan.csv.toml").unlink()
    changes = {"bezet": "0", column: lambda at: f"{-at}"}
    region.deliver("capacity", region.rows("capacity", 2, **changes))
    sentence = only_refusal(region)
    assert "negative" in sentence
    assert "line 3" in sentence


def test_an_end_before_the_start_is_set_apart_with_line_and_both_days(region):
    region.deliver("stays", region.rows("stays", datum_einde="01-02-2024"))
    assert region.verdicts() == {"stays.csv": Verdict.ACCEPTED}
    region.deliver("stays", region.rows("stays", datum_einde="31-01-2024"))
    (fault,) = region.read().quarantine.rows(named=True)
    assert (fault["row"], fault["column"], fault["reason"]) == (2, "ended_on", "end_before_start")
    assert fault["found"] == "2024-01-31 (started_on 2024-02-01)"


@pytest.mark.parametrize(
    ("contract", "earlier", "later"),
    [
        (contract.name, earlier, later)
        for contract in CONTRACTS.values()
        for earlier, later in contract.ordered
    ],
)
def test_no_pair_of_days_that_the_contract_orders_may_run_backwards(
    region, contract, earlier, later
):
    first, last = (CONTRACTS[contract].column(name).dutch[0] for name in (earlier, later))
    same_day = {name: "05-06-2024" for name in (first, last)}
    region.deliver(contract, region.rows(contract, **same_day))
    assert region.read().accepted[contract].height == 1
    region.deliver(contract, region.rows(contract, **{**same_day, last: "04-06-2024"}))
    quarantine = region.read().quarantine.select("column", "reason").rows()
    assert (later, "end_before_start") in quarantine


def test_days_after_the_delivery_are_set_apart_and_planned_ones_are_not(region):
    region.deliver("agreements", region.rows("agreements", van="01-01-2030"))
    region.deliver("stays", region.rows("stays", datum_start="06-11-2026"))
    assert region.reasons() == ["future_date"]


# --- counts, changes, order --------------------------------------------------------------------


def test_no_row_is_lost_whatever_happens_to_it(region):
    rows = region.rows("stays", 60, datum_start=lambda at: "x" if at in {3, 4} else "01-02-2024")
    rows += [rows[0], rows[1], {name: "" for name in rows[0]}]
    region.deliver("stays", rows)
    region.deliver("stays", region.rows("stays", 9, datum_start="x"), file="refused.csv")
    region.deliver("intake", b"\0")
    counts = region.read().files.select("rows_in", "accepted", "quarantined", "non_data").rows()
    assert counts == [(0, 0, 0, 0), (9, 0, 9, 0), (63, 58, 2, 3)]


def test_what_was_only_notation_is_recorded_once_per_file_column_and_rule(region):
    rows = region.rows("stays", 5, datum_einde=lambda at: f"0{at + 1}-03-2024")
    region.deliver("stays", rows)
    changes = region.read().changes
    dates = changes.filter(pl.col("column") == "ended_on")
    assert dates.select("file", "row", "rule", "count").rows() == [
        ("stays.csv", None, "date_notation", 5)
    ]
    examples = dates["examples"].item()
    assert examples.startswith("'01-03-2024' -> 2024-03-01; '02-03-2024'")
    assert examples.count("->") == 3
    assert "client_id" not in changes["column"].to_list()


def test_a_word_for_unknown_becomes_missing_and_is_recorded(region):
    region.deliver("stays", region.rows("stays", complexiteit="onbekend"))
    result = region.read()
    assert result.accepted["stays"]["complexity"].to_list() == [None]
    recorded = result.changes.filter(pl.col("column") == "complexity")
    assert recorded["rule"].to_list() == ["missing_word"]
    assert recorded["examples"].item() == "'onbekend' -> empty"


def test_the_same_bytes_under_another_name_add_nothing(region):
    region.deliver("stays", region.rows("stays", 3))
    region.deliver("stays", region.rows("stays", 3), file="stays-again.csv")
    result = region.read()
    assert result.accepted["stays"].height == 3
    verdicts = dict(result.files.select("file", "verdict").rows())
    assert verdicts == {"stays-again.csv": Verdict.ACCEPTED, "stays.csv": Verdict.KNOWN}
    assert result.files["sha256"].n_unique() == 1
    assert result.files.filter(pl.col("verdict") == "known")["rows_in"].to_list() == [0]


def test_bytes_that_were_refused_may_come_in_under_a_good_envelope(region):
    region.deliver("stays", region.rows("stays", 3), file="a.csv", region="alkmaar")
    region.deliver("stays", region.rows("stays", 3), file="b.csv")
    assert region.verdicts() == {"a.csv": Verdict.REFUSED, "b.csv": Verdict.ACCEPTED}
    region.envelope("stays", "a.csv", rows=4)
    assert region.verdicts() == {"a.csv": Verdict.REFUSED, "b.csv": Verdict.ACCEPTED}


def test_the_order_of_rows_and_files_does_not_matter(region):
    rows = region.rows("stays", 20)
    region.deliver("stays", rows[:12], file="a.csv")
    region.deliver("stays", rows[12:], file="b.csv")
    first = region.read().accepted["stays"].drop("_file", "_row")
    region.deliver("stays", rows[:5][::-1], file="a.csv")
    region.deliver("stays", rows[5:][::-1], file="b.csv")
    second = region.read().accepted["stays"].drop("_file", "_row")
    assert first.equals(second)
    assert first["stay_id"].to_list() == sorted(first["stay_id"])


def test_the_files_of_a_contract_are_put_together_and_keep_their_lines(region):
    rows = region.rows("capacity", 4)
    region.deliver("capacity", rows[:2], file="a.csv")
    region.deliver("capacity", rows[2:], file="b.csv")
    frame = region.read().accepted["capacity"]
    assert frame["facility_id"].to_list() == ["K-010", "K-011", "K-012", "K-013"]
    assert frame["_file"].to_list() == ["a.csv", "a.csv", "b.csv", "b.csv"]
    assert frame["_row"].to_list() == [2, 3, 2, 3]


# --- persons -----------------------------------------------------------------------------------


def everything(result):
    """All text of a result, as one string."""
    frames = [*result.accepted.values(), result.quarantine, result.files, result.changes]
    return "\n".join([frame.write_csv() for frame in frames] + [str(e) for e in result.refusals])


def test_no_raw_id_of_a_person_or_of_a_record_is_anywhere_in_the_result(region):
    rows = region.rows("stays", 30, datum_start=lambda at: "x" if at == 2 else "01-02-2024")
    rows += [rows[4], {**rows[5], "geboortejaar": "1981"}]
    region.deliver("stays", rows)
    secret = {"cliëntnummer": "C-9000012", "aanvraag_id": "Q-70013"}
    applications = region.rows("applications", 5)
    applications[2] |= {"aanbieder": f"klant {secret['cliëntnummer']}", "product": "C-9000012"}
    applications[3] |= {"cliëntnummer": "C 9000013 =x", "doelgroep": secret["aanvraag_id"]}
    region.deliver("applications", applications)
    region.deliver("lettings", region.rows("lettings", aanvraag_id="Q-70011"))
    result = region.read()
    assert result.quarantine.height >= 6
    text = everything(result)
    for raw in ("900001", "9000013", "C-90", "V-1001", "Q-7001"):
        assert raw not in text, raw
    assert result.accepted["stays"]["client_id"].str.contains("^[0-9a-f]{32}$").all()


def test_a_name_that_cannot_be_read_is_repeated_only_where_no_row_is_about_a_person(region):
    name = "Kern Wonen; Noord"
    region.deliver("applications", region.rows("applications", aanbieder=name))
    region.deliver("capacity", region.rows("capacity", aanbieder=name))
    found = dict(region.read().quarantine.select("contract", "found").rows())
    assert found == {"applications": "17 characters", "capacity": name}


def test_a_remark_refuses_the_file_and_is_not_repeated(region):
    remark = "heeft schulden; zie dossier"
    region.deliver("applications", region.rows("applications", aanbieder=remark))
    result = region.read()
    assert result.files["verdict"].to_list() == [Verdict.REFUSED]
    assert {str(one.reason) for one in result.refusals} == {"personal_data"}
    assert "schulden" not in everything(result)


def test_a_birth_year_is_never_shown(region):
    region.deliver("stays", region.rows("stays", geboortejaar="1899"))
    result = region.read()
    assert result.quarantine["reason"].to_list() == ["out_of_range"]
    assert result.quarantine["found"].to_list() == [""]


def test_one_client_and_one_application_keep_one_pseudonym_over_all_contracts(region):
    region.deliver("stays", region.rows("stays"))
    region.deliver("applications", region.rows("applications"))
    region.deliver("lettings", region.rows("lettings"))
    accepted = region.read().accepted
    key = read_example_key()
    client = pseudonym(key, "zk-ijmond", "client_id", "C-900001")
    assert accepted["stays"]["client_id"].to_list() == [client]
    assert accepted["applications"]["client_id"].to_list() == [client]
    joined = accepted["lettings"].join(accepted["applications"], on="application_id")
    assert joined.height == 1
