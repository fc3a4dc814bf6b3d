"""Sending a final edition by e-mail to those whom the region's file names, by class of release.

Belongs here: who gets what, the conditions, the message. Does not belong here: the mail server
(`mail_server`), the words of the message (`mail_nl.toml`), making an edition final (`finalising`),
a clock.

Only a final edition is sent, as it was sealed, after everything of the region was held against its
ledgers; one of class `openbaar` only when an attack on the release found nothing. Nothing is read
but the release, its report, the ledgers and the region's file. All recipients get one message and
do not see each other. The ledger gets how many there were, never who. A kill between sending and
entering lets the next call send it again, under the same Message-ID.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from string import Template

from models.errors import RefusedError, UsageError
from models.params import Mail
from pipelines.classes import CLASSES, OPENBAAR
from pipelines.editions import read_manifest
from pipelines.finals import Final, final_releases
from pipelines.locks import locked
from pipelines.mail_server import read_server, send
from pipelines.marks import read_marks
from pipelines.paths import DataRoot
from pipelines.publication_ledger import Event, Publications
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.storage import digest_folder, sha256_of
from pipelines.verifying import verify_region

ATTACKED_CLASSES = frozenset({OPENBAAR})
"""Classes that are mailed only after an attack that found nothing."""

_STEERING, _BETWEEN = ("rapport.pdf", "bestuur.pdf"), ("voortgang.pdf",)
_WORDS = Path(__file__).with_name("mail_nl.toml")


@dataclass(frozen=True)
class Sending:
    """A final edition that may be sent.

    Attributes:
        release: The folder of the release.
        report: The folder of its report.
        final: Its mark.
        release_class: Its class.
        mail: What the region's file says of mail.
        files: The attachments.
    """

    release: Path
    report: Path
    final: Final
    release_class: str
    mail: Mail
    files: tuple[Path, ...]


def mail_lines(
    root: DataRoot, region_id: str, release_class: str, *, at: str, environ: Mapping[str, str]
) -> tuple[list[str], bool]:
    """Send the last final edition of a class, and say what came of it.

    An edition that all recipients have is not sent again; after a partial refusal only those who
    were refused get it.

    Args:
        root: The data root.
        region_id: The region.
        release_class: The class.
        at: When, as "2026-11-22T09:00:00+00:00".
        environ: The environment; only the variables of the mail server are looked at.

    Returns:
        The lines, and whether the server took it for every recipient.

    Raises:
        UsageError: No such class, nobody to send to, or no server in the environment.
        RefusedError: The edition may not be sent.
        UitstroomError: The server cannot be reached or does not take it.
    """
    server = read_server(environ)
    with locked(root.lock(root.check_region(region_id)), region_id, wait_seconds=0):
        sending, folder = find_sending(root, region_id, release_class)
        ledger = Publications(root, region_id)
        everyone = sending.mail.recipients(release_class)
        list_sha256 = sha256_of("\n".join(sorted(everyone)).encode())
        open_ones = _open(ledger, sending.release.name, list_sha256, len(everyone))
        if not open_ones:
            return [f"{region_id}: release {sending.release.name} was mailed to all before"], True
        message = compose(sending, folder, ledger, at=at)
        refused = send(server, message, [everyone[place - 1] for place in open_ones])
        still = [open_ones[place] for place in refused]
        ledger.enter(
            Event.MAILED,
            sending.release,
            at=at,
            recipients=len(everyone),
            asked=len(open_ones),
            refused=still,
            list_sha256=list_sha256,
            files={file.name: sha256_of(file.read_bytes()) for file in sending.files},
        )
    taken = len(open_ones) - len(still)
    lines = [f"{region_id}: release {sending.release.name} was mailed to {taken} recipients"]
    if still:
        lines.append(
            f"{region_id}: the server refused {len(still)} recipients: number "
            f"{', '.join(map(str, still))} of [mail] {release_class} in region.toml"
        )
    return lines, not still


def find_sending(
    root: DataRoot, region_id: str, release_class: str
) -> tuple[Sending, RegionFolder]:
    """Find the last final edition of a class, and check that it may be sent.

    Raises:
        UsageError: No such class, or the region's file names nobody for it.
        RefusedError: There is no final edition of the class, or it may not leave.
    """
    if release_class not in CLASSES:
        raise UsageError(
            "this class of release is never mailed",
            where="--class",
            found=repr(release_class),
            expected=" or ".join(CLASSES),
        )
    folder = read_region_folder(root.region(region_id))
    mail = folder.region.mail
    if mail is None or not mail.recipients(release_class):
        raise UsageError(
            "the region's file names nobody to mail this class to",
            where=f"{region_id}/region.toml, [mail] {release_class}",
        )
    found = [
        (final, release)
        for final, release in final_releases(root.releases(region_id), release_class)
        if read_manifest(release).get("class") == release_class
    ]
    if not found:
        raise RefusedError(
            "there is no final edition of this class",
            where=f"{region_id}, {release_class}",
            todo=f"Make one: uitstroom release --region {region_id} --class {release_class} "
            "--final --by OFFICE.",
        )
    final, release = found[-1]
    report = root.reports(region_id) / release.name
    _check_may_leave(root, region_id, release, report, final, release_class)
    files = _attachments(folder, release, report)
    return Sending(release, report, final, release_class, mail, files), folder


def compose(
    sending: Sending, folder: RegionFolder, ledger: Publications, *, at: str
) -> EmailMessage:
    """Write the message; the same edition gives the same one but for its date."""
    release, mail = sending.release, sending.mail
    domain = mail.sender.partition("@")[2]
    subject, text = _write(sending, folder, ledger)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = mail.sender
    message["To"] = "undisclosed-recipients:;"
    message["Date"] = format_datetime(datetime.fromisoformat(at))
    message["Message-ID"] = f"<{release.name}.{sending.final.number}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for file in sending.files:
        message.add_attachment(
            file.read_bytes(), maintype="application", subtype="pdf", filename=file.name
        )
    message.set_boundary(f"uitstroom-{release.name}")
    return message


def _write(sending: Sending, folder: RegionFolder, ledger: Publications) -> tuple[str, str]:
    """Write subject and text."""
    from reports.labels import load_labels

    words = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    release, region = sending.release, folder.region
    line = ledger.of(release.name, Event.FINALISED)[-1]
    address = sending.mail.address
    if address is not None:
        address = f"{address.rstrip('/')}/{region.id}/{release.name}/"
    attachments = [
        Template(words["attachment"]).substitute(name=file.name, sha256=_sha256(file))
        for file in sending.files
    ]
    told = {
        "region": region.name,
        "month": load_labels().numbers.month(str(read_manifest(release)["as_of"])),
        "audience": words["audience"][sending.release_class],
        "reading": Template(words["reading"]).substitute(address=address) if address else "",
        "release": release.name,
        "number": sending.final.number,
        "by": sending.final.by,
        "attachments": "\n".join(attachments),
        "line": line.sequence,
        "line_sha256": ledger.line_hash(line),
    }
    subject, text = (Template(words[name]).substitute(told) for name in ("subject", "text"))
    return subject, text.lstrip("\n")


def _check_may_leave(
    root: DataRoot, region_id: str, release: Path, report: Path, final: Final, release_class: str
) -> None:
    where = f"release {release.name}"
    if read_manifest(release).get("protected") is not True:
        raise RefusedError("an edition without protection is never mailed", where=where)
    if marks := read_marks(release):
        raise RefusedError(
            "the edition used a source that was retracted",
            where=where,
            found=", ".join(mark.what for mark in marks),
        )
    if found := verify_region(root, region_id).faults:
        raise RefusedError(
            "something is not what was written, so nothing is mailed",
            where=where,
            found=f"{len(found)} faults",
            todo=f"See uitstroom verify --region {region_id}.",
        )
    files = digest_folder(report)
    if not files or files != dict(final.report):
        raise RefusedError("the report is not the one that was made final", where=where)
    if release_class not in ATTACKED_CLASSES:
        return
    attacks = Publications(root, region_id).of(release.name, Event.ATTACKED)
    if not attacks or attacks[-1].manifest_sha256 != final.manifest_sha256:
        raise RefusedError("the release that was made final was not attacked", where=where)
    if attacks[-1].facts["findings"] != 0:
        raise RefusedError("the attack on this release found something", where=where)


def _attachments(folder: RegionFolder, release: Path, report: Path) -> tuple[Path, ...]:
    """Give the files to attach: the full edition in the steering group's months, else progress."""
    is_steering = folder.region.calendar.is_steering(str(read_manifest(release)["as_of"]))
    names = _STEERING if is_steering else _BETWEEN
    files = tuple(report / name for name in names if (report / name).is_file())
    if not files:
        raise RefusedError(
            "the report has no file to attach",
            where=f"report {report.name}",
            expected=" or ".join(names),
        )
    return files


def _open(ledger: Publications, release_id: str, list_sha256: str, recipients: int) -> list[int]:
    """Give the numbers (from 1) of the recipients who do not have the edition yet."""
    sent = [
        entry
        for entry in ledger.of(release_id, Event.MAILED)
        if entry.facts["list_sha256"] == list_sha256
    ]
    return list(sent[-1].facts["refused"]) if sent else list(range(1, recipients + 1))


def _sha256(file: Path) -> str:
    return sha256_of(file.read_bytes())
