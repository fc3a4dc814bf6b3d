"""Envelopes: every fault of one is told, and a date notation reads what it says."""

import pytest

from pipelines.sources.envelope import compile_date_format

pytestmark = pytest.mark.unit


def sentences(region):
    """Read and give all refusals as one text, after checking that nothing came in."""
    result = region.read()
    assert result.files["verdict"].to_list() == ["refused"]
    return [str(one) for one in result.refusals]


def test_a_good_envelope_tells_the_files_table_who_sent_it_and_when(region):
    region.deliver("stays", region.rows("stays"))
    (row,) = region.read().files.rows(named=True)
    assert row["sender"] == "Kern Wonen"
    assert row["delivered_on"] == "2026-11-05"
    assert row["synthetic"] is True
    assert len(row["sha256"]) == 64


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("sender", None, "lacks 'sender'"),
        ("synthetic", None, "lacks 'synthetic'"),
        ("synthetic", "ja", "'synthetic' is wrong"),
        ("delivered_on", "5", "'delivered_on' is wrong"),
        ("number_language", "de", "'nl-NL' or 'en'"),
        ("encoding", "latin-1", "'utf-8', 'cp1252' or 'utf-16'"),
        ("date_formats", ["dd-mm-yy"], "such as dd-mm-yyyy"),
        ("date_formats", [], "'date_formats' is wrong"),
        ("delimiter", "|", "'delimiter' is wrong"),
        ("rows", -1, "'rows' is wrong"),
        ("period_to", "2025-01-01", "period_to lies before period_from"),
        ("key_id", "abc", "unknown key 'key_id'"),
    ],
)
def test_a_wrong_envelope_refuses_the_file_in_one_sentence(region, key, value, told):
    region.deliver("stays", region.rows("stays"), **{key: value})
    (sentence,) = sentences(region)
    assert told in sentence
    assert "stays.csv.toml" in sentence


def test_all_faults_of_an_envelope_are_told_together(region):
    region.deliver("stays", region.rows("stays"), sender=None, encoding="x", colour="red")
    assert len(sentences(region)) == 3


@pytest.mark.parametrize("content", [b"sender = ", b"\xff\xfe", b"sender"])
def test_an_envelope_that_is_no_toml_refuses_the_file(region, content):
    region.deliver("stays", region.rows("stays"))
    region.path("stays", "stays.csv.toml").write_bytes(content)
    (sentence,) = sentences(region)
    assert "expected TOML in UTF-8" in sentence


@pytest.mark.parametrize("text", ["dd-mm/yyyy", "dmyyyy", "dd-dd-yyyy", "yyyy-mm-yyyy", "d", ""])
def test_what_is_no_notation_of_days_is_refused(text):
    with pytest.raises(ValueError, match="notation"):
        compile_date_format(text)


def test_a_notation_of_days_reads_only_that_notation():
    pattern = compile_date_format("dd.mm.yyyy")
    assert pattern.fullmatch("13.04.2024")["m"] == "04"
    assert pattern.fullmatch("13-04-2024") is None
    assert pattern.fullmatch("3.4.2024") is None
    assert compile_date_format("m/d/yyyy").fullmatch("4/13/2024")["d"] == "13"
