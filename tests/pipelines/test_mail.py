"""Mail: what may leave, to whom, over what, and what is kept of it; with a real server."""

import base64
import email
import email.policy
import hashlib
import traceback
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from models.params import Mail
from pipelines import faults
from pipelines.finals import make_final, seal_report
from pipelines.mail import mail_lines
from pipelines.marks import MARKS
from pipelines.new_region import new_region
from pipelines.paths import DataRoot
from pipelines.publication_ledger import (
    Event,
    Publications,
    publications_folder,
    record_retraction,
)
from pipelines.regions import read_region_folder
from pipelines.troubles import explain
from tests.invented import REGION_ID as REGION
from tests.invented import build_data_root
from tests.invented.publications import AT, FIRST, SECOND, publish, store_release, store_report
from tests.pipelines.mailbox import CERTIFICATE, PASSWORD, Mailbox, serve
from tests.pipelines.sources.gate.finder import Finder

pytestmark = pytest.mark.unit

PARTIES = ("stuurgroep@voorbeeld.nl", "corporaties@voorbeeld.nl")
EVERYBODY = ("pers@voorbeeld.nl", "raad@voorbeeld.nl", "griffie@voorbeeld.nl")
BLOCK = f"""
[mail]
sender = "uitstroom@voorbeeld.nl"
address = "https://voorbeeld.nl/uitstroom/"
partijen = {list(PARTIES)}
openbaar = {list(EVERYBODY)}
"""


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    root = DataRoot(build_data_root(tmp_path / "data"))
    file = root.region(REGION) / "region.toml"
    file.write_text(f"{file.read_text()}{BLOCK}")
    return root


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serve(Mailbox()) as box:
        yield box


@pytest.fixture
def environ(mailbox: Mailbox, tmp_path: Path) -> dict[str, str]:
    return mailbox.environ(write_password(tmp_path))


def write_password(folder: Path, text: str = PASSWORD) -> Path:
    file = folder / "password"
    file.write_text(f"{text}\n")
    file.chmod(0o600)
    return file


def mail(root: DataRoot, environ: dict[str, str], what: str = "openbaar") -> tuple[list[str], bool]:
    return mail_lines(root, REGION, what, at=AT, environ=environ)


def opened(mailbox: Mailbox) -> EmailMessage:
    found = email.message_from_bytes(mailbox.messages[-1][2], policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mailbox: Mailbox) -> str:
    body = opened(mailbox).get_body()
    assert body is not None
    return str(body.get_content())


def mailed(root: DataRoot) -> list[dict[str, object]]:
    entries = Publications(root, REGION).of(FIRST, Event.MAILED)
    return [dict(entry.facts) for entry in entries]


def test_a_final_attacked_edition_goes_to_its_class_over_tls_in_one_message(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    _, report = publish(root, REGION)
    lines, went_well = mail(root, environ)
    assert went_well
    assert lines == [f"{REGION}: release {FIRST} was mailed to 3 recipients"]
    [(sender, recipients, _, is_safe)] = mailbox.messages
    assert (sender, tuple(recipients), is_safe) == ("uitstroom@voorbeeld.nl", EVERYBODY, True)
    files = {part.get_filename(): part.get_content() for part in opened(mailbox).iter_attachments()}
    assert files == {name: (report / name).read_bytes() for name in ("rapport.pdf", "bestuur.pdf")}


def test_nobody_sees_who_else_got_it(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION)
    mail(root, environ)
    content = mailbox.messages[0][2]
    assert not [one for one in (*EVERYBODY, *PARTIES) if one.encode() in content]


def test_the_text_is_dutch_and_lets_a_reader_check_file_and_ledger(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    _, report = publish(root, REGION)
    mail(root, environ)
    text = text_of(mailbox)
    assert "stand van april 2025" in text
    assert f"https://voorbeeld.nl/uitstroom/{REGION}/{FIRST}/" in text
    assert "kleine aantallen personen zijn beschermd" in text
    digest = hashlib.sha256((report / "rapport.pdf").read_bytes()).hexdigest()
    assert f"rapport.pdf, sha256 {digest}" in text
    ledger = publications_folder(root, REGION) / "ledger.jsonl"
    hashes = [hashlib.sha256(line).hexdigest() for line in ledger.open("rb")]
    line = int(text.partition("regel ")[2].partition(",")[0])
    assert f"regel {line}, sha256 {hashes[line - 1]}" in text
    assert "$" not in text


def test_the_parties_get_their_own_class_and_are_told_not_to_pass_it_on(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION, release_class="partijen", findings=None)
    with pytest.raises(RefusedError, match="no final edition of this class"):
        mail(root, environ, "openbaar")
    mail(root, environ, "partijen")
    assert tuple(mailbox.messages[0][1]) == PARTIES
    assert "stuur dit bericht niet door" in text_of(mailbox)


def test_between_the_steering_groups_months_the_progress_page_goes_round(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION, as_of="2025-06")
    mail(root, environ)
    assert [part.get_filename() for part in opened(mailbox).iter_attachments()] == ["voortgang.pdf"]


def test_the_last_final_edition_is_the_one_that_is_sent(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION, FIRST)
    publish(root, REGION, SECOND)
    publish(root, REGION, "3" * 16, final=False)
    mail(root, environ)
    assert SECOND in text_of(mailbox)


def test_what_all_have_is_not_sent_again(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION)
    mail(root, environ)
    lines, went_well = mail(root, environ)
    assert went_well
    assert "was mailed to all before" in lines[0]
    assert len(mailbox.messages) == len(mailed(root)) == 1


def test_who_was_refused_gets_it_alone_the_next_time(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION)
    mailbox.refused = {EVERYBODY[1]}
    lines, went_well = mail(root, environ)
    assert not went_well
    assert "number 2 of [mail] openbaar" in lines[1]
    assert not [line for line in lines if "@" in line]
    mailbox.refused = set()
    assert mail(root, environ)[1]
    assert [message[1] for message in mailbox.messages] == [
        [EVERYBODY[0], EVERYBODY[2]],
        [EVERYBODY[1]],
    ]
    assert opened(mailbox)["Message-ID"] == f"<{FIRST}.1@voorbeeld.nl>"
    assert mail(root, environ)[0][0].endswith("mailed to all before")


def test_what_was_sent_and_not_entered_is_sent_again_under_the_same_name(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root, REGION)
    with monkeypatch.context() as patch:
        patch.setenv("FAULT", "K7:1:enospc")
        faults._passages.clear()
        with pytest.raises(OSError):
            mail(root, environ)
    assert mail(root, environ)[1]
    assert len(mailbox.messages) == 2
    names = {
        email.message_from_bytes(content)["Message-ID"] for _, _, content, _ in mailbox.messages
    }
    assert names == {f"<{FIRST}.1@voorbeeld.nl>"}
    assert len(mailed(root)) == 1


def test_a_list_of_which_all_are_refused_is_no_success(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION)
    mailbox.refused = set(EVERYBODY)
    lines, went_well = mail(root, environ)
    assert not went_well
    assert "mailed to 0 recipients" in lines[0]


def test_the_ledger_tells_how_many_and_never_who(root: DataRoot, environ: dict[str, str]) -> None:
    publish(root, REGION)
    mail(root, environ)
    [line] = mailed(root)
    assert (line["recipients"], line["asked"], line["refused"]) == (3, 3, [])
    assert b"@" not in (publications_folder(root, REGION) / "ledger.jsonl").read_bytes()


def no_attack(root: DataRoot) -> None:
    publish(root, REGION, findings=None)


def found_something(root: DataRoot) -> None:
    publish(root, REGION, findings=1)


def not_final(root: DataRoot) -> None:
    publish(root, REGION, final=False)


def retracted(root: DataRoot) -> None:
    release, _ = publish(root, REGION)
    mark = '{"what": "intake/a.csv", "sha256": "ab", "by": "x", "why": "y"}'
    (release / MARKS).write_text(f'{{"retracted": [{mark}]}}')
    record_retraction(root, REGION, [release], at=AT, what="intake/a.csv", by="bureau")


def tampered(root: DataRoot) -> None:
    _, report = publish(root, REGION)
    (report / "rapport.pdf").write_text("other figures")


def ledger_cut(root: DataRoot) -> None:
    publish(root, REGION)
    file = publications_folder(root, REGION) / "ledger.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


def never_entered(root: DataRoot) -> None:
    publish(root, REGION, SECOND, final=False)
    release = store_release(root, REGION, FIRST)
    report = store_report(root, REGION, release)
    make_final(release.parent, release, by="stuurgroep", at=AT)
    seal_report(release, report)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (no_attack, "was not attacked"),
        (found_something, "the attack on this release found something"),
        (not_final, "no final edition of this class"),
        (retracted, "a source that was retracted; found intake/a.csv"),
        (tampered, "nothing is mailed; found 1 faults"),
        (ledger_cut, "nothing is mailed"),
        (never_entered, "nothing is mailed"),
    ],
)
def test_what_may_not_leave_does_not(
    root: DataRoot,
    mailbox: Mailbox,
    environ: dict[str, str],
    prepare: object,
    words: str,
) -> None:
    assert callable(prepare)
    prepare(root)
    with pytest.raises(RefusedError, match=words):
        mail(root, environ)
    assert not mailbox.messages


def test_an_edition_without_protection_is_never_mailed(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    store_release(root, REGION, FIRST, protected=False)
    publish(root, REGION, FIRST)
    with pytest.raises(RefusedError, match="without protection"):
        mail(root, environ)
    assert not mailbox.messages


def test_a_region_that_names_nobody_is_told_so(root: DataRoot, environ: dict[str, str]) -> None:
    file = root.region(REGION) / "region.toml"
    file.write_text(file.read_text().partition("[mail]")[0])
    with pytest.raises(UsageError, match="names nobody"):
        mail(root, environ)
    with pytest.raises(UsageError, match="never mailed; found 'concept'"):
        mail(root, environ, "concept")


# --- the server ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("tls", "accounts"), [("tls", True), ("starttls", False), ("none", False)])
def test_other_ways_to_reach_a_server(
    root: DataRoot, tmp_path: Path, tls: str, accounts: bool
) -> None:
    publish(root, REGION)
    with serve(Mailbox(tls=tls, accounts=accounts)) as box:
        assert mail(root, box.environ(write_password(tmp_path)))[1]
        assert box.messages[0][3] is (tls != "none")


def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_mail(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(root, REGION)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UitstroomError, match=r"SSLCertVerificationError.*not trusted here"):
        mail(root, environ)
    assert not mailbox.messages
    assert not mailed(root)


def test_a_server_without_tls_gets_nothing_that_is_meant_for_tls(
    root: DataRoot, tmp_path: Path
) -> None:
    publish(root, REGION)
    with serve(Mailbox(tls="none")) as box:
        environ = {**box.environ(write_password(tmp_path)), "UITSTROOM_SMTP_TLS": "starttls"}
        with pytest.raises(UitstroomError, match="SMTPNotSupportedError"):
            mail(root, environ)
        assert not box.messages


def test_a_wrong_password_is_told_without_it_even_when_the_server_says_it_back(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str], tmp_path: Path
) -> None:
    publish(root, REGION)
    mailbox.repeats_secrets = True
    wrong = "kanarie-niet-goed"
    write_password(tmp_path, wrong)
    with pytest.raises(UitstroomError, match="SMTPAuthenticationError 535") as caught:
        mail(root, environ)
    _, lines = explain(caught.value, tmp_path / "log")
    told = "".join((*lines, *traceback.format_exception(caught.value)))
    coded = base64.b64encode(f"\0uitstroom\0{wrong}".encode()).decode()
    assert not [secret for secret in (wrong, coded) if secret in told]


def test_after_mail_that_went_and_mail_that_did_not_the_password_lies_nowhere(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str], tmp_path: Path
) -> None:
    publish(root, REGION)
    mailbox.refused = {EVERYBODY[0]}
    mail(root, environ)
    mailbox.repeats_secrets = True
    wrong = "kanarie-niet-goed"
    write_password(tmp_path, wrong)
    with pytest.raises(UitstroomError) as caught:
        mail(root, environ)
    explain(caught.value, root.path / "log")
    coded = (f"\0uitstroom\0{one}".encode() for one in (PASSWORD, wrong))
    needles = [PASSWORD, wrong, *(base64.b64encode(one).decode() for one in coded)]
    assert Finder(needles).in_folders([root.path]) == []


def test_a_server_that_takes_nothing_or_is_not_there_is_told_in_a_sentence(
    root: DataRoot, mailbox: Mailbox, environ: dict[str, str]
) -> None:
    publish(root, REGION)
    mailbox.refuses_all = True
    with pytest.raises(UitstroomError, match="SMTPDataError 554"):
        mail(root, environ)
    with pytest.raises(UitstroomError, match="ConnectionRefusedError"):
        mail(root, {**environ, "UITSTROOM_SMTP_PORT": "1"})
    assert not mailed(root)


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "a@b", "a@b.nl\nBcc: c@d.nl", "A <a@b.nl>", "a@b.nl,c@d.nl", "a b@c.nl", "@b.nl",
        "a@b..nl", "a@b.nl ", "\u00e1@b.nl", '"a"@b.nl', "a@b.nl\r", "a%0a@b.nl",
    ],
)  # fmt: skip
def test_only_a_plain_address_is_an_address(address: str) -> None:
    with pytest.raises(ValueError):
        Mail(sender=address)
    with pytest.raises(ValueError):
        Mail(sender="a@b.nl", openbaar=(address,))


def test_the_blank_of_a_new_region_is_lawful_when_it_is_filled_in(tmp_path: Path) -> None:
    root = DataRoot(tmp_path)
    new_region(root, "proefregio", "Proefregio", ["Utrecht"])
    file = root.region("proefregio") / "region.toml"
    before, mark, blank = file.read_text().partition("# [mail]\n")
    assert mark
    file.write_text(before + mark[2:] + blank.replace("# ", "", 1).replace("\n# ", "\n"))
    found = read_region_folder(file.parent).region.mail
    assert found is not None
    assert found.recipients("partijen") == ("stuurgroep@voorbeeld.nl",)
    assert found.recipients("openbaar") == ("griffie@voorbeeld.nl",)
    assert found.recipients("concept") == ()


def test_an_address_stands_once_and_the_page_is_reached_over_tls() -> None:
    with pytest.raises(ValueError, match="twice in openbaar"):
        Mail(sender="a@b.nl", openbaar=("c@d.nl", "C@d.nl"))
    with pytest.raises(ValueError):
        Mail(sender="a@b.nl", address="http://voorbeeld.nl")
