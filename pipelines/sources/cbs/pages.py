"""Following an answer over its pages, each kept on disk as it comes.

Belongs here: next links, the guard against loops, the staging folder of pages. Does not belong
here: what is in a page.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipelines.faults import fault_point
from pipelines.sources.cbs.client import AnswerRefusedError, Client, read_object
from pipelines.storage import make_folder, remove_folder, write_file

NEXT_LINKS = ("@odata.nextLink", "odata.nextLink")


@dataclass(frozen=True)
class PageFolder:
    """The pages of one table while it is fetched, in a hidden folder that holds nothing else."""

    folder: Path

    def clear(self) -> None:
        """Remove the pages of this or an earlier, broken fetch."""
        remove_folder(self.folder)

    def put(self, number: int, body: bytes) -> None:
        """Keep a page."""
        make_folder(self.folder)
        write_file(self.folder / f"page-{number:04d}.json", body)
        fault_point("K8")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the rows of all pages, in their order."""
        for path in sorted(self.folder.glob("page-*.json")):
            yield from read_object(path.read_bytes())["value"]


def download_pages(client: Client, url: str, pages: PageFolder) -> int:
    """Follow an answer to its last page and keep every page.

    Returns:
        The number of rows.

    Raises:
        AnswerRefusedError: A page has no rows in it, a link leads back or to another host, or there
            is no end to the pages.
    """
    pages.clear()
    seen: set[str] = set()
    rows, link = 0, url
    while link:
        if link in seen:
            raise AnswerRefusedError("a next page was there before", where=link)
        if len(seen) >= client.limits.pages:
            raise AnswerRefusedError(
                "there is no end to the pages", where=url, expected=f"at most {client.limits.pages}"
            )
        seen.add(link)
        body, page = client.ask(link, lambda body: (body, read_object(body)))
        rows += len(rows_of(page, link))
        if rows > client.limits.rows:
            raise AnswerRefusedError("there are too many rows", where=url)
        pages.put(len(seen), body)
        link = _next_link(page, link)
    return rows


def download_slices(client: Client, url: str, pages: PageFolder, *, count: int, size: int) -> int:
    """Ask for an answer in slices of so many rows (`$top` and `$skip`), and keep every slice.

    Returns:
        The number of rows.
    """
    pages.clear()
    rows = 0
    for number, start in enumerate(range(0, count, size), start=1):
        asked = f"{url}&$orderby=ID&$top={size}&$skip={start}"
        body, page = client.ask(asked, lambda body: (body, read_object(body)))
        rows += len(rows_of(page, asked))
        pages.put(number, body)
    return rows


def ask_rows(client: Client, url: str) -> list[dict[str, Any]]:
    """Ask for a small list of rows: a code list, the measures."""
    seen: set[str] = set()
    rows: list[dict[str, Any]] = []
    link = url
    while link:
        if link in seen or len(seen) >= client.limits.pages:
            raise AnswerRefusedError("a next page was there before", where=link)
        seen.add(link)
        page = client.ask_json(link)
        rows += rows_of(page, link)
        link = _next_link(page, link)
    return rows


def rows_of(page: Any, where: str) -> list[dict[str, Any]]:
    """Give the rows of a page.

    Raises:
        AnswerRefusedError: It has no list of rows.
    """
    rows = page.get("value")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found = json.dumps(sorted(page))[:80]
        raise AnswerRefusedError("the answer holds no rows", where=where, found=found)
    return rows


def _next_link(page: Any, link: str) -> str:
    found = next((page[name] for name in NEXT_LINKS if page.get(name)), "")
    if not found:
        return ""
    asked, following = urlsplit(link), urlsplit(urljoin(link, str(found)))
    if following.hostname != asked.hostname:
        raise AnswerRefusedError(
            "a next page lies on another host", where=link, found=following.geturl()
        )
    return following._replace(scheme=asked.scheme, netloc=asked.netloc).geturl()
