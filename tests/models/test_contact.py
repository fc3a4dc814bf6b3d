"""Whom readers may ask: an office and its mailbox, and never a person."""

import pytest
from pydantic import ValidationError

from models.contact import Contact

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("office", "mailbox"),
    [
        ("Bureau Uitstroom, gemeente Voorbeeld", "uitstroom@voorbeeld.nl"),
        ("Regio Zuid-Kennemerland/IJmond", None),
        ("Team Wonen & Zorg (gemeente 's-Hertogenbosch)", "team.wonen@voorbeeld.nl"),
        ("Loket Maatschappelijke Opvang", "opvang-loket@voorbeeld.nl"),
        ("Transferpunt Beschermd Wonen", "beschermd.wonen@voorbeeld.nl"),
    ],
)
def test_an_office_and_its_mailbox_are_taken_as_they_are(office: str, mailbox: str | None) -> None:
    contact = Contact(office=office, mailbox=mailbox)
    assert (contact.office, contact.mailbox) == (office, mailbox)


@pytest.mark.parametrize(
    "office",
    [
        "Jan Jansen",
        "J. de Vries",
        "A.B. de Vries, gemeente Voorbeeld",
        "Mevr. Jansen, bureau Uitstroom",
        "drs. Jansen, team Wonen",
    ],
)
def test_the_name_of_a_person_is_refused(office: str) -> None:
    with pytest.raises(ValidationError, match="office"):
        Contact(office=office)


@pytest.mark.parametrize(
    "office",
    ["", "bureau " + "x" * 100, "bureau <b>", "bureau\nUitstroom", "=bureau", "bureau “x”"],
)
def test_a_name_holds_letters_and_plain_signs_on_one_short_line(office: str) -> None:
    with pytest.raises(ValidationError):
        Contact(office=office)


@pytest.mark.parametrize(
    "mailbox", ["j.devries@voorbeeld.nl", "Bureau <x@voorbeeld.nl>", "x@voorbeeld", "x y@z.nl"]
)
def test_a_mailbox_of_a_person_or_with_a_name_is_refused(mailbox: str) -> None:
    with pytest.raises(ValidationError, match="mailbox"):
        Contact(office="Bureau Uitstroom", mailbox=mailbox)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="telephone"):
        Contact(office="Bureau Uitstroom", telephone="012")  # type: ignore[call-arg]
