"""Text as a stream: the same bytes whatever the packing and encoding, faults with their place."""

import gzip
import hashlib

import pyarrow as pa
import pytest

from automl.data.sources.stream import TextStream
from automl.errors import DataError

TEXT = "".join(f"é{i},x\r\n" for i in range(400_000))  # more than one block


def all_of(stream, size=100_000):
    parts = []
    while part := stream.read(size):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("packed", "pack"), [("", bytes), ("gzip", lambda d: gzip.compress(d, 1)), ("zstd", lambda d: pa.compress(d, codec="zstd", asbytes=True))]
)
@pytest.mark.parametrize(("encoding", "asked"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("latin-1", "latin-1")])
def test_text_comes_as_utf8_and_the_digest_is_of_the_file(tmp_path, packed, pack, encoding, asked):
    data = pack(TEXT.encode(encoding))
    (tmp_path / "t").write_bytes(data)
    with TextStream(tmp_path / "t", packed, asked, 1 << 30) as stream:
        assert stream.exactly(7) == TEXT.encode()[:7]
        assert all_of(stream) == TEXT.encode()[7:] and stream.finish() == hashlib.sha256(data).hexdigest()


def test_a_wrong_byte_is_placed_beyond_the_first_block(tmp_path):
    data = bytearray(TEXT.encode())
    at = len(data) - 3
    data[at] = 0xFF
    (tmp_path / "t").write_bytes(bytes(data))
    with TextStream(tmp_path / "t", "", None, 1 << 30, validate=True) as stream, pytest.raises(DataError) as caught:
        all_of(stream)
    assert caught.value.problem == f"byte {at} is not UTF-8" and caught.value.where == "t, line 400000"


def test_a_nul_byte_is_placed_beyond_the_first_block(tmp_path):
    (tmp_path / "t").write_bytes(TEXT.encode() + b"\0,1\n")
    with TextStream(tmp_path / "t", "", None, 1 << 30) as stream, pytest.raises(DataError, match="NUL") as caught:
        all_of(stream)
    assert caught.value.where == "t, line 400001"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    (tmp_path / "t").write_bytes(gzip.compress(b"0" * (1 << 26), 9))
    with pytest.raises(DataError, match="unpacks to more than"), TextStream(tmp_path / "t", "gzip", None, 1 << 20) as stream:
        all_of(stream)


def test_an_empty_file(tmp_path):
    (tmp_path / "t").write_bytes(b"")
    with TextStream(tmp_path / "t", "", None, 1) as stream:
        assert stream.read(5) == b"" and stream.exactly(5) == b""
