"""The same bytes for the same slides: packing a presentation without clocks.

Belongs here: writing a presentation's parts as a zip file in which no part carries the time of
writing. Does not belong here: what is in the parts.
"""

import io
import zipfile

from pptx.presentation import Presentation

_FIRST = "[Content_Types].xml"
_STAMP = (1980, 1, 1, 0, 0, 0)


def pack(presentation: Presentation) -> bytes:
    """Give the bytes of a presentation; the same slides give the same bytes."""
    out = io.BytesIO()
    presentation.save(out)
    return repack(out.getvalue())


def repack(content: bytes) -> bytes:
    """Write a zip file again: the content types first, the rest by name, all with one fixed time.

    Workbooks inside are left as they are: they are written without a clock (`deck_sheet`).
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist(), key=lambda name: (name != _FIRST, name)):
            item = zipfile.ZipInfo(name, _STAMP)
            item.compress_type = zipfile.ZIP_DEFLATED
            item.external_attr = 0o644 << 16
            new.writestr(item, old.read(name))
    return out.getvalue()
