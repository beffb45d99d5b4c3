"""A text file as a stream of UTF-8: hashed, unpacked within bounds, decoded, and watched for what is no text."""

import codecs
import io
from pathlib import Path

from automl.data.sources.container import BLOCK, Hashed, opened, refuse_bomb, unpacking, whole_file
from automl.data.sources.delimited import Quotes, lines_before, not_text, refuse_nul
from automl.spec.dialect import encoding_of


class TextStream(io.RawIOBase):
    """The bytes of a text in order, without a byte order mark; read it once, in a `with`.

    With `validate` every byte is decoded, so that a wrong one is told with its place; otherwise UTF-8 passes as it is.
    `quotes`, when set, sees all bytes that were read from then on.
    """

    def __init__(self, path: Path, packed: str, encoding: str | None, limit: int, *, validate: bool = False) -> None:
        self.path, self.packed, self.limit, self.asked = path, packed, limit, encoding
        self.file = opened(path)
        self.hashed = Hashed(self.file)
        self.source = unpacking(io.BufferedReader(self.hashed, BLOCK), packed) if packed else self.hashed
        self.quotes: Quotes | None = None
        self.fed = self.lines = 0
        start = self._packed_block()
        name, mark = encoding_of(start, encoding)
        self.fed = mark
        self.decoder = codecs.getincrementaldecoder(name)() if name != "utf-8" or validate else None
        self.ready = memoryview(self._text(start[mark:]))
        self.ended = not start

    def __exit__(self, *ignored: object) -> None:
        self.file.close()

    def readable(self) -> bool:
        """Return true."""
        return True

    def close(self) -> None:
        """Leave the file open: readers close what they are given, and the rest of it is still to be hashed."""

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, none at the end. Raises DataError at what is no text."""
        while not self.ready and not self.ended:
            block = self._packed_block()
            self.ended = not block
            self.ready = memoryview(self._text(block))
        out = bytes(self.ready[: size if size >= 0 else len(self.ready)])
        self.ready = self.ready[len(out) :]
        if self.quotes is not None:
            self.quotes.feed(out)
        return out

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer."""
        out = self.read(len(buffer))
        buffer[: len(out)] = out
        return len(out)

    def exactly(self, size: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        parts = []
        while size > 0 and (part := self.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def finish(self) -> str:
        """Return the sha256 of the whole file."""
        return self.hashed.finish()

    def _packed_block(self) -> bytes:
        with whole_file(self.packed, self.path.name):
            return self.source.read(BLOCK) or b""

    def _text(self, block: bytes) -> bytes:
        """Return a block of the file as UTF-8; an empty one ends it."""
        if self.packed:
            refuse_bomb(self.path, self.fed + len(block), self.limit)
        if self.decoder is not None:
            pending = len(self.decoder.getstate()[0])
            try:
                out = self.decoder.decode(block, final=not block).encode()
            except UnicodeDecodeError as fault:
                place = self.lines + lines_before(fault.object[: fault.start])
                raise not_text(self.path.name, self.fed - pending + fault.start, place, self.asked) from None
        else:
            out = block
        refuse_nul(out, self.path.name, self.lines)
        self.fed += len(block)
        self.lines += lines_before(out)
        return out
