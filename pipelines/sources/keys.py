"""The secret key and the pseudonyms made with it.

Belongs here: which key a region's deliveries need, the rules a key file must meet, the keyed
function. Does not belong here: where pseudonyms are used (`cells.py`).

Synthetic deliveries use `data/raw/example.key`, which is openly no secret. Any other delivery needs
a key of its own, named by `UITSTROOM_KEY_FILE`. A key is never made silently.
"""

import hmac
import os
import secrets
import stat
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from models.errors import RefusedError
from pipelines.sources.parcels import find_parcels

KEY_VARIABLE = "UITSTROOM_KEY_FILE"
CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE_KEY_FILE = CHECKOUT / "data" / "raw" / "example.key"
PSEUDONYM_BYTES = 16
LEAST_KEY_BYTES = 32

_NO_SECRET = b"NOT-A-SECRET"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def pseudonym(key: bytes, region_id: str, domain: str, raw_id: str) -> str:
    """Make the pseudonym of one id: HMAC-SHA256 over region, domain and id, cut to 16 bytes.

    The domain is the column's name, so that equal numbers of a client and of an application stay
    unrelated while `application_id` joins between contracts. Nothing of the id is left: the same
    id under the same key always gives the same 32 hexadecimal characters.

    Args:
        key: The region's key.
        region_id: Other regions have other pseudonyms, even under one key.
        domain: What kind of id it is.
        raw_id: The sender's id; spaces around it and the Unicode form do not count.

    Returns:
        32 hexadecimal characters.
    """
    plain = unicodedata.normalize("NFC", raw_id.strip())
    message = f"{region_id}\x1f{domain}\x1f{plain}".encode()
    return hmac.digest(key, message, "sha256")[:PSEUDONYM_BYTES].hex()


def key_id(key: bytes) -> str:
    """Give the fingerprint under which a key is put on record (16 hexadecimal characters)."""
    return hmac.digest(key, b"key id", "sha256")[:8].hex()


def is_example_key(key: bytes) -> bool:
    """Say whether this is the openly known key of the synthetic deliveries."""
    return key.startswith(_NO_SECRET)


def read_example_key(path: Path = EXAMPLE_KEY_FILE) -> bytes:
    """Read the committed, openly non-secret key of the synthetic deliveries.

    Raises:
        RefusedError: The file is missing or is not that key.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise RefusedError(
            "the example key cannot be read",
            where=path.name,
            expected="the file that came with the product",
            todo="Restore data/raw/example.key.",
        ) from error
    if not is_example_key(key):
        raise RefusedError(
            "this is not the example key",
            where=path.name,
            expected=f"text that begins with {_NO_SECRET.decode()}",
            todo="Restore data/raw/example.key; a real key never lies in the checkout.",
        )
    return key


def read_secret_key(
    path: Path | None, *, checkout: Path = CHECKOUT, expected_id: str | None = None
) -> bytes:
    """Read a region's own key.

    Args:
        path: The file that `UITSTROOM_KEY_FILE` names, or None when it names none.
        checkout: The folder in which a real key may not lie.
        expected_id: The `key_id` on record for the region, where there is one.

    Raises:
        RefusedError: No file, inside the checkout, readable by others, too short, the example key,
            or another key than the one on record.
    """
    todo = (
        f"Point {KEY_VARIABLE} to the key file of this region; `uitstroom new-key FILE` makes one."
    )
    if path is None:
        raise RefusedError(
            "real deliveries need a key of their own",
            where=KEY_VARIABLE,
            found="nothing",
            todo=todo,
        )
    try:
        resolved = path.resolve(strict=True)
        mode = resolved.stat().st_mode
        key = resolved.read_bytes().strip() if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise RefusedError("the key file cannot be read", where=KEY_VARIABLE, todo=todo) from error
    faults = {
        "the key file lies inside the checkout": resolved.is_relative_to(checkout.resolve()),
        "the key file can be read by others": bool(mode & _OTHERS),
        "the key file holds no key": len(key) < LEAST_KEY_BYTES,
        "the key file holds the example key": is_example_key(key),
        "the key is not the one on record for this region": expected_id is not None
        and key_id(key) != expected_id,
    }
    for what, is_so in faults.items():
        if is_so:
            raise RefusedError(
                what,
                where=KEY_VARIABLE,
                expected=f"a file of at least {LEAST_KEY_BYTES} bytes, mode 0600, elsewhere",
                todo=todo,
            )
    return key


def key_for_region(
    region_folder: Path,
    *,
    environ: Mapping[str, str],
    checkout: Path = CHECKOUT,
    expected_id: str | None = None,
) -> bytes:
    """Give the key with which a region's deliveries are read.

    A region of synthetic deliveries, or without any, gets the example key; one real delivery is
    enough to need the region's own.

    Args:
        region_folder: The folder that holds `deliveries/`.
        environ: The environment; only `UITSTROOM_KEY_FILE` is looked at.
        checkout: The folder in which a real key may not lie.
        expected_id: The `key_id` on record for the region, where there is one.

    Raises:
        RefusedError: See `read_secret_key` and `read_example_key`.
    """
    envelopes = [parcel.envelope for parcel in find_parcels(region_folder)]
    if all(envelope is None or envelope.synthetic for envelope in envelopes):
        return read_example_key()
    named = environ.get(KEY_VARIABLE, "").strip()
    path = Path(named) if named else None
    return read_secret_key(path, checkout=checkout, expected_id=expected_id)


def new_key(path: Path) -> str:
    """Make a new key file, readable by its owner only, and give its `key_id`.

    Raises:
        RefusedError: The file exists already, lies inside the checkout, or cannot be written.
    """
    todo = "Choose a new file outside the checkout."
    if path.resolve().is_relative_to(CHECKOUT):
        raise RefusedError("a key may not lie inside the checkout", where=str(path), todo=todo)
    key = secrets.token_hex(LEAST_KEY_BYTES).encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise RefusedError(
            "the key file cannot be made (an existing key is never overwritten)",
            where=str(path),
            todo=todo,
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(key + b"\n")
    return key_id(key)
