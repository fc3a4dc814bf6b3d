"""A mail server on this machine that keeps what it gets, and can be made to refuse.

Belongs here: as much of SMTP (RFC 5321, 3207, 4954) as `smtplib` asks for. Does not belong here: a
test, a mail server for any other use. Its key is open to all: see `certificate.pem`.
"""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("certificate.pem")
USER, PASSWORD = "uitstroom", "kanarie-7f3a9c-wachtwoord"


@dataclass
class Mailbox:
    """What the server got, and how it behaves.

    Attributes:
        port: Where it listens.
        tls: "starttls", "tls" or "none".
        accounts: Whether it asks for the account before it takes mail.
        refused: Addresses that it refuses.
        refuses_all: Whether it refuses the message itself.
        repeats_secrets: Whether it says back what it was sent when the password is wrong.
        messages: Sender, recipients, bytes and whether they came over TLS, of each message.
    """

    port: int = 0
    tls: str = "starttls"
    accounts: bool = True
    refused: set[str] = field(default_factory=set)
    refuses_all: bool = False
    repeats_secrets: bool = False
    messages: list[tuple[str, list[str], bytes, bool]] = field(default_factory=list)

    def environ(self, password_file: Path) -> dict[str, str]:
        """Give the environment in which the product finds this server."""
        found = {
            "UITSTROOM_SMTP_HOST": "localhost",
            "UITSTROOM_SMTP_PORT": str(self.port),
            "UITSTROOM_SMTP_TLS": self.tls,
        }
        if self.accounts:
            found |= {
                "UITSTROOM_SMTP_USER": USER,
                "UITSTROOM_SMTP_PASSWORD_FILE": str(password_file),
            }
        return found


@contextmanager
def serve(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Run the server for the length of a block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            self.is_safe = self.is_known = False
            if mailbox.tls == "tls":
                self._secure()
            else:
                super().setup()

        def handle(self) -> None:
            if mailbox.tls == "tls" and not self.is_safe:
                return
            self._say("220 mailbox")
            try:
                self._talk()
            except (OSError, ValueError):
                return

        def _talk(self) -> None:
            sender, recipients = "", list[str]()
            while line := self.rfile.readline().decode("ascii").strip():
                word, _, rest = line.partition(" ")
                match word.upper():
                    case "EHLO":
                        self._say(*self._abilities())
                    case "STARTTLS":
                        self._say("220 go on")
                        if not self._secure():
                            return
                    case "AUTH":
                        self._log_in(rest.partition(" ")[2])
                    case "MAIL" if mailbox.accounts and not self.is_known:
                        self._say("530 who are you")
                    case "MAIL":
                        sender, recipients = _address(rest), []
                        self._say("250 fine")
                    case "RCPT" if _address(rest) in mailbox.refused:
                        self._say(f"550 no such mailbox {_address(rest)}")
                    case "RCPT":
                        recipients.append(_address(rest))
                        self._say("250 fine")
                    case "DATA":
                        self._say("354 go on")
                        content = self._content()
                        if mailbox.refuses_all:
                            self._say("554 not wanted")
                        else:
                            mailbox.messages.append((sender, recipients, content, self.is_safe))
                            self._say("250 taken")
                    case "QUIT":
                        self._say("221 bye")
                        return
                    case _:
                        self._say("250 fine")

        def _abilities(self) -> list[str]:
            offered = ["mailbox", "8BITMIME"]
            if mailbox.tls == "starttls" and not self.is_safe:
                offered.append("STARTTLS")
            if mailbox.accounts and (self.is_safe or mailbox.tls == "none"):
                offered.append("AUTH PLAIN")
            return [f"250-{one}" for one in offered[:-1]] + [f"250 {offered[-1]}"]

        def _log_in(self, told: str) -> None:
            self.is_known = base64.b64decode(told).decode() == f"\0{USER}\0{PASSWORD}"
            said = base64.b64decode(told).decode() if mailbox.repeats_secrets else ""
            self._say("235 welcome" if self.is_known else f"535 wrong {said!r} {told}")

        def _content(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

        def _say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

        def _secure(self) -> bool:
            try:
                self.request = context.wrap_socket(self.request, server_side=True)
            except OSError:  # the caller does not trust us and hangs up
                self.rfile = self.wfile = None  # type: ignore[assignment]
                return False
            super().setup()
            self.is_safe = True
            return True

        def finish(self) -> None:
            if self.wfile is not None:
                try:
                    super().finish()
                except OSError:
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a caller that hung up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()


def _address(told: str) -> str:
    return told.partition("<")[2].partition(">")[0]
