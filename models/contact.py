"""Whom readers may ask and how: an office and its mailbox.

Belongs here: the shape of a contact and of an address, and what refuses the name of a person.
Does not belong here: who is mailed (`models.params.Mail`), sending.
"""

import re
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.records import Record

MailAddress = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$", max_length=254)
]
"""An e-mail address in plain letters; no name before it, no second line."""

_TITLES = frozenset({"dhr", "mevr", "mw", "drs", "ir", "ing", "mr", "dr", "prof", "mrs", "ms"})
_INITIALS = re.compile(r"(?:^|\s)(?:[A-Z]\.){1,6}(?:\s|[A-Z][a-z])")
"""Initials before a name: "J. de Vries", "A.B. Jansen"."""
_OWN_MAILBOX = re.compile(r"^[A-Za-z]\.[A-Za-z]")
"""An initial and a name: "j.devries@"."""
_OFFICE_WORDS = (
    "bureau",
    "team",
    "afdeling",
    "gemeente",
    "regio",
    "loket",
    "secretariaat",
    "programma",
    "project",
    "samenwerking",
    "stuurgroep",
    "balie",
    "griffie",
    "dienst",
    "office",
    "department",
    "desk",
    "transferpunt",
    "centrum",
)
"""How a word begins that says that a name is that of an office."""


class Contact(Record):
    """Whom readers of the reports may ask: an office and its mailbox, never a person."""

    office: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9\u00c0-\u017f][A-Za-z0-9\u00c0-\u017f ,.&'/()-]*$", max_length=100
        ),
    ]
    """Name of the office, with a word that says that it is one: "Bureau Uitstroom"."""
    mailbox: MailAddress | None = None
    """A mailbox that an office reads."""

    @model_validator(mode="after")
    def _no_person(self) -> Self:
        words = {word.strip(",.()").casefold() for word in self.office.split()}
        if words & _TITLES or _INITIALS.search(self.office):
            raise ValueError("office reads as the name of a person; name the office")
        if not any(word.startswith(_OFFICE_WORDS) for word in words):
            raise ValueError(
                "office needs a word that says that it is an office, such as "
                "bureau, team, afdeling, gemeente or regio"
            )
        if self.mailbox is not None and _OWN_MAILBOX.match(self.mailbox):
            raise ValueError("mailbox reads as that of a person; take the mailbox of the office")
        return self
