"""Envelopes and file names: what points at a person refuses the file and is not put on record."""

import pytest

from pipelines.sources.gate import PrivacyRule, check_envelope, masked_name
from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.gate.planted import envelope

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("sender", "Jan Jansen"),
        ("sender", "P. de Vries"),
        ("sender", "mw. Bakker"),
        ("sender", "Kern Wonen 06 12345678"),
        ("no_rows_reason", "meneer Jansen is overleden"),
        ("no_rows_reason", "vraag na bij jan@voorbeeld.nl"),
        ("no_rows_reason", "zij heeft geen woning gevonden bij haar moeder"),
        ("sheet", "lijst Fatima El Amrani"),
    ],
)
def test_a_field_that_points_at_a_person_is_found(field: str, text: str) -> None:
    found = check_envelope(envelope("stays", **{field: text}))
    assert [one.rule for one in found] == [PrivacyRule.ENVELOPE]


def test_a_sender_that_is_a_person_is_nowhere_on_record(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 3), sender="Piet de Vries")
    found = region.read()
    assert found.files["verdict"].to_list() == ["refused"]
    assert "Vries" not in str(found.files.to_dicts()) + str([str(one) for one in found.refusals])


def test_a_sender_that_is_no_sender_is_not_repeated(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 3), sender="jan@voorbeeld.nl")
    (refusal,) = region.read().refusals
    assert "voorbeeld.nl" not in str(refusal)


def test_a_file_name_with_a_name_is_masked_everywhere(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 3), file="wachtlijst Jansen.csv")
    found = region.read()
    assert [getattr(one, "rule", "") for one in found.refusals] == [PrivacyRule.FILE_NAME]
    assert "Jansen" not in str(found.files.to_dicts()) + str(found.refusals[0])


def test_such_a_name_is_masked_too_when_the_envelope_is_missing(region: Region) -> None:
    region.deliver("stays", region.rows("stays", 3), file="wachtlijst Jansen.csv")
    region.path("stays", "wachtlijst Jansen.csv.toml").unlink()
    found = region.read()
    assert "Jansen" not in str(found.files.to_dicts()) + str([str(one) for one in found.refusals])


def test_two_names_are_masked_differently_and_the_kind_of_file_stays() -> None:
    one, other = masked_name("Jansen.csv"), masked_name("Bakker.csv")
    assert one != other
    assert one.endswith(".csv")
    assert "Jansen" not in one
