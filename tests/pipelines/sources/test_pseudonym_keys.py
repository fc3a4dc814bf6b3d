"""Keys and pseudonyms: which key a region needs, and what a key file must be."""

import pytest

from models.errors import RefusedError
from pipelines.sources.keys import (
    CHECKOUT,
    EXAMPLE_KEY_FILE,
    KEY_VARIABLE,
    is_example_key,
    key_for_region,
    key_id,
    new_key,
    pseudonym,
    read_example_key,
    read_secret_key,
)

pytestmark = pytest.mark.unit

KEY = b"k" * 40


@pytest.fixture
def key_file(tmp_path):
    """A good key file outside the checkout."""
    path = tmp_path / "region.key"
    path.write_bytes(KEY + b"\n")
    path.chmod(0o600)
    return path


def test_a_pseudonym_is_the_same_for_the_same_id_and_another_for_anything_else():
    one = pseudonym(KEY, "kern", "client_id", "123456789")
    assert one == pseudonym(KEY, "kern", "client_id", " 123456789 ")
    assert len(one) == 32
    others = {
        pseudonym(b"other" * 8, "kern", "client_id", "123456789"),
        pseudonym(KEY, "alkmaar", "client_id", "123456789"),
        pseudonym(KEY, "kern", "application_id", "123456789"),
        pseudonym(KEY, "kern", "client_id", "123456788"),
    }
    assert len(others - {one}) == 4


def test_a_pseudonym_is_hmac_sha256_cut_to_sixteen_bytes():
    # printf 'r\x1fclient_id\x1f1' | openssl dgst -sha256 -mac HMAC -macopt key:secret
    assert pseudonym(b"secret", "r", "client_id", "1") == "4688d5c3a53b5bdbc31b8c217637f4b7"


def test_the_example_key_says_openly_that_it_is_no_secret():
    key = read_example_key()
    assert is_example_key(key)
    assert key.startswith(b"NOT-A-SECRET")
    assert EXAMPLE_KEY_FILE == CHECKOUT / "data" / "raw" / "example.key"


def test_a_real_key_in_the_place_of_the_example_key_is_refused(tmp_path, key_file):
    with pytest.raises(RefusedError, match="not the example key"):
        read_example_key(key_file)
    with pytest.raises(RefusedError, match="cannot be read"):
        read_example_key(tmp_path / "none.key")


def test_a_good_key_file_is_read_without_its_line_end(key_file):
    assert read_secret_key(key_file) == KEY
    assert read_secret_key(key_file, expected_id=key_id(KEY)) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610])
def test_a_key_that_others_can_read_is_refused(key_file, mode):
    key_file.chmod(mode)
    with pytest.raises(RefusedError, match="read by others"):
        read_secret_key(key_file)


@pytest.mark.parametrize("content", [b"", b"\n", b"short"])
def test_a_file_without_a_key_is_refused(key_file, content):
    key_file.write_bytes(content)
    with pytest.raises(RefusedError, match="holds no key"):
        read_secret_key(key_file)


def test_a_key_inside_the_checkout_is_refused_also_through_a_link(key_file, tmp_path):
    with pytest.raises(RefusedError, match="inside the checkout"):
        read_secret_key(key_file, checkout=tmp_path)
    outside = tmp_path / "elsewhere" / "link.key"
    outside.parent.mkdir()
    inside = tmp_path / "checkout" / "region.key"
    inside.parent.mkdir()
    inside.write_bytes(KEY)
    inside.chmod(0o600)
    outside.symlink_to(inside)
    with pytest.raises(RefusedError, match="inside the checkout"):
        read_secret_key(outside, checkout=inside.parent)


def test_the_example_key_another_key_and_no_key_are_refused(key_file, tmp_path):
    with pytest.raises(RefusedError, match="on record"):
        read_secret_key(key_file, expected_id="0" * 16)
    key_file.write_bytes(read_example_key())
    with pytest.raises(RefusedError, match="example key"):
        read_secret_key(key_file)
    with pytest.raises(RefusedError, match="cannot be read"):
        read_secret_key(tmp_path / "none.key")
    with pytest.raises(RefusedError, match=KEY_VARIABLE):
        read_secret_key(None)


def test_no_message_about_a_key_shows_it(key_file):
    key_file.chmod(0o644)
    with pytest.raises(RefusedError) as raised:
        read_secret_key(key_file)
    assert "kkkk" not in str(raised.value)


def test_a_region_of_synthetic_deliveries_takes_the_example_key(region, key_file):
    assert is_example_key(key_for_region(region.folder, environ={}))
    region.deliver("stays", region.rows("stays"))
    environ = {KEY_VARIABLE: str(key_file)}
    assert is_example_key(key_for_region(region.folder, environ=environ))


def test_one_real_delivery_is_enough_to_need_the_regions_own_key(region, key_file):
    region.deliver("stays", region.rows("stays"))
    region.deliver("capacity", region.rows("capacity"), synthetic=False)
    assert key_for_region(region.folder, environ={KEY_VARIABLE: str(key_file)}) == KEY
    for environ in ({}, {KEY_VARIABLE: " "}):
        with pytest.raises(RefusedError, match="key of their own"):
            key_for_region(region.folder, environ=environ)


def test_a_new_key_is_private_good_and_never_overwrites_one(tmp_path):
    path = tmp_path / "new.key"
    made = new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_id(read_secret_key(path)) == made
    with pytest.raises(RefusedError, match="never overwritten"):
        new_key(path)
    assert new_key(tmp_path / "other.key") != made
    with pytest.raises(RefusedError, match="inside the checkout"):
        new_key(CHECKOUT / "region.key")
