"""One question over HTTP: tries, waits, limits; an answer whole, or an error that says why not.

Belongs here: the transport, and the three ways in which an answer can fail. Does not belong here:
addresses, what an answer means (`odata4`, `odata3`).

The tries and their growing waits are counted by `urllib3.Retry`. The waiting itself is handed in,
as is the clock: tests wait for nothing.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)
from urllib3.util import Retry, Timeout

from models.errors import RefusedError, UitstroomError

Read = TypeVar("Read")

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_PIECE = 1 << 16
_NO_WAY = (NewConnectionError, ConnectTimeoutError, ProxyError, SSLError)
"""Faults on the way to a host: no other question to it would come through."""

_TOO_MANY_ROWS = "10000 records"
"""Words with which the third version's API host refuses a large answer (status 500)."""


class UnreachableError(UitstroomError):
    """The service cannot be reached now: what is stored stays in use.

    Attributes:
        is_throttled: Whether the service asked us to slow down; nobody else is asked then.
    """

    is_throttled = False


class GoneError(UitstroomError):
    """There is nothing at this address (any more)."""


class TooManyRowsError(UitstroomError):
    """The service wants a smaller question."""


class AnswerRefusedError(RefusedError):
    """An answer that cannot be believed: what is stored stays in use (exit code 3)."""


class _UnreadableError(Exception):
    """An answer that is cut or is something else; asked again, then refused."""


@dataclass(frozen=True)
class Limits:
    """How patient and how trusting the client is."""

    tries: int = 5
    jitter_seconds: float = 0.5
    """At most so much is added to a wait, by chance: not everybody comes back at once."""
    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    answer_seconds: float = 180.0
    """For one whole answer, however slowly it drips in."""
    total_seconds: float = 600.0
    """For all questions about one table, waits included."""
    answer_bytes: int = 256 * 2**20
    pages: int = 1_000
    rows: int = 5_000_000


@dataclass
class Client:
    """Asks one question at a time.

    Attributes:
        limits: Tries, seconds, sizes.
        wait: Called with seconds to wait.
        clock: Gives seconds on a clock that never goes back.
        proxy: Address of the proxy, None for none.
    """

    limits: Limits = field(default_factory=Limits)
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    proxy: str | None = None

    def __post_init__(self) -> None:
        kind = urllib3.PoolManager if self.proxy is None else urllib3.ProxyManager
        given: dict[str, Any] = {} if self.proxy is None else {"proxy_url": self.proxy}
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        self._pool = kind(headers={**headers, "User-Agent": "uitstroom"}, **given)
        self._deadline = self.clock() + self.limits.total_seconds
        self._down: set[str] = set()

    def begin_table(self) -> None:
        """Start the clock of `total_seconds`."""
        self._deadline = self.clock() + self.limits.total_seconds

    def ask_json(self, url: str) -> Any:
        """Ask for a JSON object; decimals come as `Decimal`, as they were written."""
        return self.ask(url, read_object)

    def ask_count(self, url: str) -> int:
        """Ask for a bare number of rows."""
        return self.ask(url, _read_count)

    def ask(self, url: str, read: Callable[[bytes], Read]) -> Read:
        """Ask until there is an answer that can be read.

        Raises:
            GoneError: There is nothing there.
            UnreachableError: No answer within the tries and seconds.
            AnswerRefusedError: Every answer was cut, or was something else than asked for; or the
                question is not understood.
            TooManyRowsError: The question is too large.
        """
        host = urlsplit(url).netloc
        if host in self._down:
            raise UnreachableError("cannot be reached", where=host)
        retry = Retry(
            total=self.limits.tries - 1,
            backoff_factor=1.0,
            backoff_jitter=self.limits.jitter_seconds,
            status_forcelist=_TRY_AGAIN,
        )
        while True:
            response: urllib3.BaseHTTPResponse | None = None
            trouble: Exception
            try:
                response, body = self._answer(url)
                if response.status == HTTPStatus.OK:
                    return read(body)
                _raise_final(response.status, body, url)
                trouble = HTTPError(f"status {response.status}")
            except (HTTPError, OSError, _UnreadableError) as error:
                trouble = error
            retry = self._again(retry, url, response, trouble)

    def _answer(self, url: str) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        limits = self.limits
        left = max(self._deadline - self.clock(), 0.001)
        response = self._pool.request(
            "GET",
            url,
            retries=False,
            redirect=False,
            preload_content=False,
            timeout=Timeout(
                connect=min(limits.connect_seconds, left), read=min(limits.read_seconds, left)
            ),
        )
        until = min(self.clock() + limits.answer_seconds, self._deadline)
        pieces, size = [], 0
        try:
            while piece := response.read1(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > limits.answer_bytes:
                    raise AnswerRefusedError(
                        "the answer is too large",
                        where=url,
                        expected=f"at most {limits.answer_bytes} bytes",
                    )
                if self.clock() > until:
                    raise ProtocolError("the answer comes too slowly")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return response, b"".join(pieces)

    def _again(
        self,
        retry: Retry,
        url: str,
        response: urllib3.BaseHTTPResponse | None,
        trouble: Exception,
    ) -> Retry:
        """Wait before the next try.

        Returns:
            The tries that are left.

        Raises:
            UnreachableError: There are none, or the wait would pass the limit.
            AnswerRefusedError: There are none, and the last answer could not be read.
        """
        if isinstance(trouble, NameResolutionError):  # no network: waiting does not help
            raise self._give_up(url, response, trouble) from trouble
        known = trouble if isinstance(trouble, HTTPError) else ProtocolError(str(trouble))
        is_readable = response is not None and response.status != HTTPStatus.OK
        try:
            left = retry.increment("GET", url, response=response if is_readable else None,
                                   error=None if is_readable else known)  # fmt: skip
        except MaxRetryError:
            raise self._give_up(url, response, trouble) from trouble
        seconds = max(_asked_wait(left, response), left.get_backoff_time())
        if self.clock() + seconds > self._deadline:
            raise self._give_up(url, response, trouble) from trouble
        if seconds > 0:
            self.wait(seconds)
        return left

    def _give_up(
        self, url: str, response: urllib3.BaseHTTPResponse | None, trouble: Exception
    ) -> UitstroomError:
        host = urlsplit(url).netloc
        if isinstance(trouble, _UnreadableError):
            return AnswerRefusedError(
                "the answer cannot be read", where=url, found=str(trouble), expected="JSON"
            )
        if isinstance(trouble, _NO_WAY):
            self._down.add(host)
            kind = type(trouble).__name__
            return UnreachableError("cannot be reached", where=host, found=kind)
        fault = UnreachableError(
            "gives no answer", where=host, found=str(trouble) or type(trouble).__name__
        )
        status = response.status if response is not None else 0
        fault.is_throttled = status == HTTPStatus.TOO_MANY_REQUESTS
        return fault


def read_object(body: bytes) -> Any:
    """Read a JSON object; a byte order mark is no fault.

    Raises:
        _UnreadableError: It is cut, or something else.
    """
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        start = body[:40].decode("utf-8", "replace").strip()
        raise _UnreadableError(f"{len(body)} bytes that begin with {start!r}") from error
    if not isinstance(found, dict):
        raise _UnreadableError(f"a {type(found).__name__}")
    return found


def _read_count(body: bytes) -> int:
    text = body.decode("utf-8-sig", "replace").strip()
    if not text.isdecimal():
        raise _UnreadableError(f"{text[:40]!r} for a number of rows")
    return int(text)


def _raise_final(status: int, body: bytes, url: str) -> None:
    """Raise for an answer that another try would not change."""
    if _TOO_MANY_ROWS in body[:2000].decode("utf-8", "replace"):
        raise TooManyRowsError("the question is too large", where=url)
    if status in _TRY_AGAIN:
        return
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) or 300 <= status < 400:
        raise GoneError("there is nothing at this address", where=url, found=f"status {status}")
    raise AnswerRefusedError(
        "the service does not accept the question", where=url, found=f"status {status}"
    )


def _asked_wait(retry: Retry, response: urllib3.BaseHTTPResponse | None) -> float:
    """Give the seconds that the service asks us to wait, 0 where it does not."""
    if response is None:
        return 0.0
    try:
        return max(retry.get_retry_after(response) or 0.0, 0.0)
    except InvalidHeader:
        return 0.0
