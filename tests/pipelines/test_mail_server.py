"""The mail server in the environment: what will do, what will not, and what is never shown.

Handing over a message is tested with a real server in `test_mail.py`.
"""

from pathlib import Path

import pytest

from models.errors import RefusedError, UsageError
from pipelines.mail_server import PASSWORD_FILE, read_server
from tests.pipelines.mailbox import PASSWORD, Mailbox

pytestmark = pytest.mark.unit


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return Mailbox(port=587).environ(write_password(tmp_path))


def write_password(folder: Path, text: str = PASSWORD) -> Path:
    file = folder / "password"
    file.write_text(f"{text}\n")
    file.chmod(0o600)
    return file


def test_what_is_not_said_is_the_usual(environ: dict[str, str]) -> None:
    for name in ("UITSTROOM_SMTP_PORT", "UITSTROOM_SMTP_TLS"):
        del environ[name]
    found = read_server(environ)
    assert (found.host, found.port, found.tls, found.password) == (
        *("localhost", 587, "starttls", PASSWORD),
    )
    assert read_server({**environ, "UITSTROOM_SMTP_TLS": "tls"}).port == 465


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"UITSTROOM_SMTP_HOST": ""}, "the mail server is not set"),
        ({"UITSTROOM_SMTP_HOST": "mail\nserver"}, "UITSTROOM_SMTP_HOST"),
        ({"UITSTROOM_SMTP_PORT": "0"}, "1 to 65535"),
        ({"UITSTROOM_SMTP_PORT": "many"}, "1 to 65535"),
        ({"UITSTROOM_SMTP_TLS": "no"}, "starttls or tls or none"),
        ({"UITSTROOM_SMTP_TLS": "none"}, "only over TLS"),
        ({"UITSTROOM_SMTP_HOST": "mail.voorbeeld.nl", "UITSTROOM_SMTP_TLS": "none"}, "over TLS"),
        ({PASSWORD_FILE: ""}, "needs a password"),
        ({PASSWORD_FILE: "/nowhere"}, "cannot be read"),
    ],
)
def test_an_environment_that_will_not_do_is_told_by_name(
    environ: dict[str, str], change: dict[str, str], words: str
) -> None:
    with pytest.raises((UsageError, RefusedError), match=words):
        read_server({**environ, **change})


@pytest.mark.parametrize(
    ("mode", "text"),
    [(0o640, PASSWORD), (0o604, PASSWORD), (0o600, ""), (0o600, "a\nb"), (0o600, "caf\u00e9")],
)
def test_a_password_that_others_can_read_or_that_is_none_is_refused(
    environ: dict[str, str], tmp_path: Path, mode: int, text: str
) -> None:
    write_password(tmp_path, text).chmod(mode)
    with pytest.raises(RefusedError, match="the file of the password"):
        read_server(environ)


def test_the_password_is_not_shown_with_the_server(environ: dict[str, str]) -> None:
    assert PASSWORD not in repr(read_server(environ))
