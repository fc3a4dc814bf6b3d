"""The ledger of a region's deliveries: one line an event, never changed, each with the hash before.

Belongs here: reading and adding lines, and what they say together (`Standing`). Does not belong
here: deciding what becomes of a file (`deliveries.py`), rows (`store.py`).

Order is the sequence number; the time is what the caller says it is and decides nothing. A last
line that a kill cut short is passed over by a reader and taken away by the next writer: the event
is entered again by whoever had it to enter. Nothing here is ever part of an edition or a release.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipelines.chain import Chain

LEDGER = "ledger.jsonl"
_OWN = ("sequence", "event", "at", "sha256", "before")


class Event(StrEnum):
    """What happened to a delivery."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    RETRACTED = "retracted"
    EXPIRED = "expired"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        sequence: Its number, from 1 without gaps.
        event: What happened.
        at: When, as the caller said.
        sha256: The hash of the delivered file, or of the edition of a public source.
        facts: What else is known of the event.
    """

    sequence: int
    event: Event
    at: str
    sha256: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file as "contract/file"; "" where the line names none."""
        contract, file = self.facts.get("contract", ""), self.facts.get("file", "")
        return f"{contract}/{file}" if contract and file else ""


class Ledger:
    """The events of one region.

    Args:
        folder: The region's closed folder of deliveries; it need not be there yet.

    Raises:
        RefusedError: A line was changed, or lines are missing.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LEDGER
        where = f"{folder.parent.name}/{LEDGER}"
        self.chain = Chain(self.path, what="the ledger of deliveries", where=where)
        self.entries: list[Entry] = list(self._read())

    def append(self, event: Event, *, at: str, sha256: str, **facts: Any) -> Entry:
        """Add a line and bring it to the disk before returning.

        Args:
            event: What happened.
            at: When.
            sha256: The hash of what it happened to.
            facts: What else is to be known: text, whole numbers and lists of these.
        """
        told = {**facts, "event": event.value, "at": at, "sha256": sha256}
        entry = Entry(self.chain.append(told), event, at, sha256, facts)
        self.entries.append(entry)
        return entry

    def _read(self) -> Iterator[Entry]:
        for number, fields in enumerate(self.chain.lines, start=1):
            try:
                yield Entry(
                    number,
                    Event(fields["event"]),
                    fields["at"],
                    fields["sha256"],
                    {name: value for name, value in fields.items() if name not in _OWN},
                )
            except (ValueError, KeyError) as error:
                raise self.chain.fault(number) from error


@dataclass(frozen=True)
class Standing:
    """What the ledger says of a region's deliveries by now.

    Attributes:
        retracted: Hashes of deliveries and editions of sources that no longer count.
        expired: Hashes of deliveries whose rows were removed because their time was over.
        confirmed: Hash -> codes of the reasons for which it need not wait any more.
        chains: "contract/file" -> hashes of the contents that counted under that name, in order.
        latest: (contract, sender) -> (round, hash) of the contents of that sender, in order; what
            was accepted together is of one round.
        names: Hash -> the names under which it was accepted.
        round: The number of the round that is going on or comes next, from 1. A round that a kill
            cut short goes on, so that files that came together are never compared as if one had
            come after the other.
    """

    retracted: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset()
    confirmed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    latest: Mapping[tuple[str, str], tuple[tuple[int, str], ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    round: int = 1

    def before(self, name: str, sha256: str) -> tuple[str | None, int]:
        """Give the content that stood under a name before this one, and this one's version.

        Args:
            name: "contract/file".
            sha256: The content that counts now.

        Returns:
            The hash before it (None for a first version) and the version, from 1.
        """
        chain = self.chains.get(name, ())
        if chain and chain[-1] == sha256:
            chain = chain[:-1]
        return (chain[-1] if chain else None), len(chain) + 1

    def last_of(self, contract: str, sender: str, sha256: str) -> str | None:
        """Give the sender's last delivery of a contract from a round before this content's."""
        sent = self.latest.get((contract, sender), ())
        own = next((number for number, digest in sent if digest == sha256), self.round)
        earlier = [digest for number, digest in sent if number < own]
        return earlier[-1] if earlier else None


def stand(ledger: Ledger) -> Standing:
    """Say what the events of a ledger come to."""
    gone: dict[Event, set[str]] = {Event.RETRACTED: set(), Event.EXPIRED: set()}
    confirmed: dict[str, set[str]] = {}
    chains: dict[str, list[str]] = {}
    latest: dict[tuple[str, str], list[tuple[int, str]]] = {}
    names: dict[str, list[str]] = {}
    following = 1
    for entry in ledger.entries:
        if entry.event in gone:
            gone[entry.event].add(entry.sha256)
        elif entry.event is Event.CONFIRMED:
            confirmed.setdefault(entry.sha256, set()).update(entry.facts.get("reasons", ()))
        elif entry.event is Event.ACCEPTED:
            _add_last(chains.setdefault(entry.name, []), entry.sha256)
            sender = (str(entry.facts.get("contract")), str(entry.facts.get("sender")))
            sent = latest.setdefault(sender, [])
            if entry.sha256 not in (digest for _, digest in sent):
                sent.append((int(entry.facts.get("round", 0)), entry.sha256))
            if entry.name not in names.setdefault(entry.sha256, []):
                names[entry.sha256].append(entry.name)
            number, nth, of = (int(entry.facts.get(name, 0)) for name in ("round", "nth", "of"))
            following = number if nth < of else number + 1
    return Standing(
        retracted=frozenset(gone[Event.RETRACTED]),
        expired=frozenset(gone[Event.EXPIRED]),
        confirmed={digest: frozenset(reasons) for digest, reasons in confirmed.items()},
        chains={name: tuple(chain) for name, chain in chains.items()},
        latest={sender: tuple(sent) for sender, sent in latest.items()},
        names={digest: tuple(found) for digest, found in names.items()},
        round=following,
    )


def _add_last(chain: list[str], sha256: str) -> None:
    if not chain or chain[-1] != sha256:
        chain.append(sha256)
