"""The mail server: how the environment says that it is reached, and handing it a message.

Belongs here: host, account, TLS, and what is said when it does not take a message. Does not belong
here: whom a message goes to and what it says (`mail`).

A password lies in a file that only its owner can read, and never goes over a line that is not
encrypted. What the server says is never repeated: it may hold addresses, or what was sent to it.
"""

import smtplib
import ssl
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.paths import CHECKOUT

HOST, PORT = "UITSTROOM_SMTP_HOST", "UITSTROOM_SMTP_PORT"
USER, PASSWORD_FILE = "UITSTROOM_SMTP_USER", "UITSTROOM_SMTP_PASSWORD_FILE"
TLS = "UITSTROOM_SMTP_TLS"

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECONDS = 30.0
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Server:
    """A mail server.

    Attributes:
        host: Its name or address.
        port: Its port.
        tls: "starttls", "tls" (from the first byte), or "none" (this machine only).
        user: The account; empty where the server asks for none.
        password: Its password.
    """

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)


def read_server(environ: Mapping[str, str]) -> Server:
    """Read from the environment how the mail server is reached.

    Raises:
        UsageError: A variable is missing or says something that cannot be.
        RefusedError: The file of the password can be read by others or lies in the checkout.
    """
    host = environ.get(HOST, "").strip()
    tls = environ.get(TLS, "").strip() or "starttls"
    user = environ.get(USER, "").strip()
    port = environ.get(PORT, "").strip() or str(_PORTS.get(tls, 0))
    wrong = {
        HOST: (not host or not host.isprintable() or " " in host, "the name of the mail server"),
        TLS: (tls not in _PORTS, " or ".join(_PORTS)),
        PORT: (not port.isdecimal() or not 0 < int(port) < 1 << 16, "1 to 65535"),
    }
    for name, (is_wrong, expected) in wrong.items():
        if is_wrong:
            raise UsageError(
                "the mail server is not set" if name == HOST else "this will not do",
                where=name,
                found=repr(environ.get(name, "")),
                expected=expected,
            )
    if tls == "none" and (host not in _LOOPBACK or user):
        raise RefusedError(
            "mail leaves this machine only over TLS, and a password never goes without it",
            where=TLS,
            found=f"none for {host}",
            expected="starttls or tls",
        )
    return Server(host, int(port), tls, user, _password(environ) if user else "")


def send(server: Server, message: EmailMessage, recipients: Sequence[str]) -> list[int]:
    """Hand a message to the mail server.

    Returns:
        The places (from 0) of the recipients whom the server refused.

    Raises:
        UitstroomError: The server cannot be reached, its certificate is not trusted, it does not
            know the account, or takes nothing. What the server said is not repeated: it may hold
            addresses, or what was sent to it.
    """
    sender = str(message["From"])
    try:
        with _connect(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(message, sender, list(recipients))
    except smtplib.SMTPRecipientsRefused as fault:
        refused = fault.recipients
    except (smtplib.SMTPException, OSError) as fault:
        code = getattr(fault, "smtp_code", "")
        raise UitstroomError(
            "the mail server did not take the edition; nothing was sent",
            where=f"{server.host}:{server.port}",
            found=f"{type(fault).__name__} {code}".strip(),
            todo=_advice(fault),
        ) from None
    return [place for place, address in enumerate(recipients) if address in refused]


def _connect(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    if server.tls == "starttls":
        try:
            connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
    return connection


def _advice(fault: Exception) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "Its certificate is not trusted here; SSL_CERT_FILE can name the authority's file."
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return f"Check {USER} and the file that {PASSWORD_FILE} names."
    return "Nothing was entered in the ledger; send it again when the server can be reached."


def _password(environ: Mapping[str, str]) -> str:
    """Read the password of the account from its file."""
    named = environ.get(PASSWORD_FILE, "").strip()
    if not named:
        raise UsageError(
            "an account of the mail server needs a password", where=PASSWORD_FILE, found="nothing"
        )
    try:
        path = Path(named).resolve(strict=True)
        mode, password = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the file of the password cannot be read", where=PASSWORD_FILE) from error
    faults = {
        "the file of the password can be read by others": bool(mode & _OTHERS),
        "the file of the password lies inside the checkout": path.is_relative_to(CHECKOUT),
        "the file of the password is empty": not password,
        "the file of the password holds more than one line of plain characters": not (
            password.isascii() and password.isprintable()
        ),
    }
    for what, is_so in faults.items():
        if is_so:
            raise RefusedError(
                what, where=PASSWORD_FILE, expected="a file of mode 0600 outside the checkout"
            )
    return password
