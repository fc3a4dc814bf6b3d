"""The zip around a workbook: refused where it is a trap, its facts gathered where it is sound.

Belongs here: limits of the zip, inflating under count, XML without declarations of its own, and
what the parts around the rows say (properties, comments, hidden sheets, merged cells). Does not
belong here: the cells of a sheet (`workbook.py`), judging the facts (`gate`, `deliveries.py`).

The sizes that a zip declares are not believed: bytes are counted while they are inflated, and a
part that is larger than it says is refused as soon as it is. XML is parsed by expat, which stops at
the first document type or entity declaration; the rows of a sheet are searched block by block, so
that no part is ever held whole.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from xml.parsers import expat

from pipelines.sources.reasons import DeliveryRefusedError, Reason

MOST_UNPACKED_BYTES = 500_000_000
MOST_PARTS = 200
MOST_RATIO = 100
SMALL_PART_BYTES = 1_000_000
"""Below this size a part may be packed as tightly as it likes: empty cells repeat themselves."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_PIECE, _BLOCK = 64 * 1024, 1024 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ARCHIVES = frozenset({".zip", ".xlsx", ".xlsm", ".docx", ".pptx", ".jar", ".7z", ".rar", ".gz"})
_XML = frozenset({".xml", ".rels", ".vml"})
_ROWS = re.compile(r"xl/worksheets/[^/]+\.xml")
_NO_TEXT = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|xl/(?:worksheets/[^/]+|sharedStrings|styles|calcChain|"
    r"theme/[^/]+)\.xml"
)
_TELLING = frozenset({"displayName", "descr", "title", "alt", "tooltip", "name", "userId"})
_MOST_TEXT = 5_000_000

_P = rb"<(?:\w+:)?"
_ERROR_CELL = re.compile(_P + rb"""c\b(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+[0-9]+)["']""")
_EMPTY_FORMULA = re.compile(
    _P + rb"""c\b[^>]*\br=["']([A-Z]+[0-9]+)["'][^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*"""
    rb"""</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_ROW = re.compile(_P + rb"""row\b(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*\br=["']([0-9]+)["']""")
_COLUMN = re.compile(_P + rb"""col\b(?=[^>]*\bhidden=["'](?:1|true)["'])([^>]*)>""")
_EDGE = {side: re.compile(side + rb"""=["']([0-9]+)["']""") for side in (b"min", b"max")}
_MERGED = re.compile(_P + rb"""mergeCell\b[^>]*\bref=["']([A-Z0-9:]+)["']""")
_FILTER = re.compile(_P + rb"""autoFilter\b[^>]*\bref=["']([A-Z0-9:$]+)["']""")
_MARGIN = re.compile(_P + rb"(?:odd|even|first)(?:Header|Footer)[^>]*>([^<]*)<")


@dataclass
class SheetFacts:
    """What a sheet says besides its cells.

    Attributes:
        name: Its name.
        part: The part of the package that holds it.
        state: "visible", "hidden" or "veryHidden".
        merged: Ranges of merged cells, as "A1:A5".
        hidden_rows: Numbers of the hidden rows, from 1.
        hidden_columns: Numbers of the first and last column of each hidden run, from 1.
        filters: Ranges with a filter on them.
        margins: Texts of headers and footers.
        errors: Cells that hold an error such as #N/A.
        without_value: Cells that hold a formula that was never calculated.
    """

    name: str
    part: str
    state: str = "visible"
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    without_value: list[str] = field(default_factory=list)


@dataclass
class PackageFacts:
    """What the package around the rows says.

    Attributes:
        parts: Names of all parts.
        sheets: The sheets in their order.
        sheet: Name of the sheet whose rows are delivered; "" until it is chosen.
        texts: Part -> texts in it, for every part that is no sheet and no list of cell texts:
            properties (`docProps/...`), comments, persons, drawings, names of the workbook.
        other_cells: Texts of the cells of the visible sheets that are not delivered, each once.
        targets: Addresses outside the workbook that its parts point at.
        dates_1904: Whether days are counted from 1904.
    """

    parts: list[str] = field(default_factory=list)
    sheets: list[SheetFacts] = field(default_factory=list)
    sheet: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    other_cells: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    dates_1904: bool = False

    def parts_like(self, *words: str) -> list[str]:
        """Give the parts whose name holds one of these words."""
        return [part for part in self.parts if any(word in part.casefold() for word in words)]

    @property
    def properties(self) -> dict[str, list[str]]:
        """Document properties: part -> texts."""
        return {part: texts for part, texts in self.texts.items() if part.startswith("docProps/")}

    @property
    def comments(self) -> dict[str, list[str]]:
        """Comments and notes: part -> texts."""
        return {part: texts for part, texts in self.texts.items() if "comments" in part.casefold()}

    @property
    def macros(self) -> list[str]:
        """Parts that hold macros."""
        return self.parts_like("vbaproject.bin", "macrosheets/", "vbadata.xml")

    @property
    def external_links(self) -> list[str]:
        """Parts that fetch values from another workbook or a database."""
        return self.parts_like("externallinks/", "xl/connections.xml", "querytables/")

    @property
    def embedded(self) -> list[str]:
        """Parts that hold another file or an active control."""
        return self.parts_like("embeddings/", "activex/", "ctrlprops/")

    @property
    def chosen(self) -> SheetFacts | None:
        """The facts of the delivered sheet."""
        return next((sheet for sheet in self.sheets if sheet.name == self.sheet), None)


def facts_of(content: bytes, where: str) -> PackageFacts:
    """Check the package of a workbook and gather what it says besides its rows.

    Args:
        content: The bytes of the file.
        where: How to name the file in a message.

    Raises:
        DeliveryRefusedError: It is no zip, breaks a limit, hides a second file, or its XML declares
            entities.
    """
    if content.startswith(_OLE):
        raise no_workbook(where, "an old .xls file or a workbook with a password")
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
        _check_parts(parts, len(content), where)
        return _gather(content, parts, where)
    except DeliveryRefusedError:
        raise
    except Exception as error:
        raise no_workbook(where, "a damaged file or another kind of file") from error


def no_workbook(where: str, found: str) -> DeliveryRefusedError:
    """Say that a file is no workbook that can be read."""
    return DeliveryRefusedError(
        Reason.UNREADABLE,
        "the file cannot be read",
        where=where,
        found=found,
        expected="an ordinary Excel workbook (.xlsx)",
        todo="Save it as .xlsx without password and macros, and deliver it again.",
    )


# --- the zip -------------------------------------------------------------------------------------


def _check_parts(parts: list[zipfile.ZipInfo], size: int, where: str) -> None:
    """Judge a zip by its directory alone, before anything is inflated."""
    names = [part.filename for part in parts]
    most = MOST_UNPACKED_BYTES // 1_000_000
    found = ""
    if len(parts) > MOST_PARTS:
        found = f"a workbook of {len(parts)} parts, more than {MOST_PARTS}"
    elif sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        found = f"a workbook that unpacks to more than {most} MB"
    elif any(_is_bomb(part) for part in parts) or sum(p.compress_size for p in parts) > size:
        found = f"a workbook of which a part unpacks to more than {MOST_RATIO} times its size"
    elif len({name.casefold() for name in names}) < len(names):
        found = "a zip that holds two parts of one name"
    elif any(
        not _is_plain(name) or _is_link(part) for name, part in zip(names, parts, strict=True)
    ):
        found = "a zip with names or links that lead out of it"
    elif any(PurePosixPath(name).suffix.casefold() in _ARCHIVES for name in names):
        found = "a zip inside the zip"
    elif any(part.flag_bits & 1 for part in parts):
        found = "a zip with a password"
    elif any(part.compress_type not in {0, 8} for part in parts):
        found = "a zip packed in an unusual way"
    if found:
        raise no_workbook(where, found)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    is_large = part.file_size > SMALL_PART_BYTES
    return is_large and part.file_size > MOST_RATIO * part.compress_size


def _is_plain(name: str) -> bool:
    pieces = name.split("/")
    return not (name.startswith("/") or "\\" in name or ":" in name or ".." in pieces)


def _is_link(part: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(part.external_attr >> 16)


def _inflated(content: bytes, part: zipfile.ZipInfo, where: str) -> Iterator[bytes]:
    """Inflate one part block by block; refuse it once it is larger than the directory says."""
    header = _LOCAL_HEADER.unpack_from(content, part.header_offset)
    if header[0] != _ZIP:
        raise no_workbook(where, "a damaged file or another kind of file")
    start = part.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
    packed = memoryview(content)[start : start + part.compress_size]
    size, check = 0, 0
    for block in _blocks(packed, part.compress_type):
        if not size and block.startswith((_ZIP, _OLE)):
            raise no_workbook(where, "a zip inside the zip")
        size += len(block)
        if size > part.file_size:
            raise no_workbook(where, "a zip whose parts are larger than it says")
        check = zlib.crc32(block, check)
        yield block
    if size != part.file_size or check != part.CRC:
        raise no_workbook(where, "a damaged file or another kind of file")


def _blocks(packed: memoryview, compress_type: int) -> Iterator[bytes]:
    pieces = (packed[at : at + _PIECE] for at in range(0, len(packed), _PIECE))
    if compress_type == 0:
        yield from (bytes(piece) for piece in pieces)
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        block = inflate.decompress(piece, _BLOCK)
        while block:
            yield block
            block = inflate.decompress(inflate.unconsumed_tail, _BLOCK)
    yield inflate.flush()


# --- the parts -----------------------------------------------------------------------------------


def _gather(content: bytes, parts: list[zipfile.ZipInfo], where: str) -> PackageFacts:
    facts = PackageFacts(parts=[part.filename for part in parts])
    listed: list[tuple[str, str, str]] = []
    links: dict[str, str] = {}
    rows: dict[str, SheetFacts] = {}
    for part in parts:
        name = part.filename
        blocks = _inflated(content, part, where)
        if PurePosixPath(name).suffix.casefold() not in _XML:
            for _ in blocks:
                pass
            continue
        parser = _Parser(where, keeps_text=not _NO_TEXT.fullmatch(name))
        if _ROWS.fullmatch(name):
            rows[name] = SheetFacts(name="", part=name)
            parser.read(_searched(blocks, rows[name]), with_elements=False)
        else:
            parser.read(blocks, with_elements=name != "xl/sharedStrings.xml")
        if parser.texts:
            facts.texts[name] = parser.texts
        facts.targets.extend(parser.targets)
        facts.dates_1904 |= name == "xl/workbook.xml" and parser.dates_1904
        if name == "xl/workbook.xml":
            listed = parser.sheets
        if name == "xl/_rels/workbook.xml.rels":
            links = parser.links
    for name, state, link in listed:
        part_name = _part_of(links.get(link, ""))
        sheet = rows.get(part_name, SheetFacts(name="", part=part_name))
        sheet.name, sheet.state = name, state
        facts.sheets.append(sheet)
    if not listed:
        raise no_workbook(where, "a damaged file or another kind of file")
    return facts


def _part_of(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _searched(blocks: Iterator[bytes], sheet: SheetFacts) -> Iterator[bytes]:
    """Search the rows of a sheet while they pass, in blocks that end where a row or a tag ends."""
    kept = b""
    for block in blocks:
        yield block
        kept += block
        cut = kept.rfind(b"</row>") + 6
        if cut == 5:
            cut = kept.rfind(b"row>") + 4 if len(kept) > _BLOCK else 0
        if cut > 4:
            _search(kept[:cut], sheet)
            kept = kept[cut:]
    _search(kept, sheet)


def _search(text: bytes, sheet: SheetFacts) -> None:
    sheet.errors += [cell.decode() for cell in _ERROR_CELL.findall(text)]
    if b"f>" in text or b"<f" in text:
        sheet.without_value += [cell.decode() for cell in _EMPTY_FORMULA.findall(text)]
    if b"hidden=" in text:
        sheet.hidden_rows += [int(row) for row in _ROW.findall(text)]
        for run in _COLUMN.findall(text):
            first, last = (edge.search(run) for edge in _EDGE.values())
            if first and last:
                sheet.hidden_columns.append((int(first[1]), int(last[1])))
    sheet.merged += [ref.decode() for ref in _MERGED.findall(text)]
    sheet.filters += [ref.decode() for ref in _FILTER.findall(text)]
    sheet.margins += [found.decode("utf-8", "replace") for found in _MARGIN.findall(text) if found]


class _Parser:
    """One XML part through expat: nothing is declared, and what tells something is kept."""

    def __init__(self, where: str, *, keeps_text: bool) -> None:
        self._where, self._keeps_text = where, keeps_text
        self._length = 0
        self.texts: list[str] = []
        self.targets: list[str] = []
        self.links: dict[str, str] = {}
        self.sheets: list[tuple[str, str, str]] = []
        self.dates_1904 = False

    def read(self, blocks: Iterator[bytes], *, with_elements: bool) -> None:
        """Parse a part to its end."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.XmlDeclHandler = self._check_encoding
        if with_elements:
            parser.StartElementHandler = self._start
            if self._keeps_text:
                parser.CharacterDataHandler = self._keep
        first = True
        for block in blocks:
            if first and block.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                raise no_workbook(self._where, "XML in another encoding than UTF-8")
            first = False
            parser.Parse(block, False)
        parser.Parse(b"", True)

    def _refuse(self, *_: object) -> None:
        raise no_workbook(self._where, "XML that declares a document type or entities")

    def _check_encoding(self, _version: str, encoding: str | None, _alone: int) -> None:
        if (encoding or "utf-8").casefold() not in {"utf-8", "us-ascii", "ascii"}:
            raise no_workbook(self._where, "XML in another encoding than UTF-8")

    def _keep(self, text: str) -> None:
        if text.strip():
            self._length += len(text)
            if self._length > _MOST_TEXT:
                raise no_workbook(self._where, "a workbook with a book of texts beside its rows")
            self.texts.append(text.strip())

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "sheet":
            link = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            state = attributes.get("state", "visible")
            self.sheets.append((attributes.get("name", ""), state, link))
        elif tag == "workbookPr":
            self.dates_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif tag == "Relationship":
            self.links[attributes.get("Id", "")] = attributes.get("Target", "")
            if attributes.get("TargetMode") == "External":
                self.targets.append(attributes.get("Target", ""))
        elif self._keeps_text:
            for name in _TELLING & set(attributes):
                self._keep(attributes[name])
