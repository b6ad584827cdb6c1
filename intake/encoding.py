"""The text of a file as UTF-8, whatever its encoding and packing; what is no text is told with its place."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from data.errors import InputError
from intake.files import open_stream, why

if TYPE_CHECKING:
    from intake.files import File

# Bytes that are unpacked and checked at a time.
PIECE: Final = 1 << 20


def require_encoding(encoding: str) -> None:
    """Refuse an encoding that Python does not know.

    Raises
    ------
    InputError
    """
    try:
        " ".encode(encoding)
    except (LookupError, ValueError) as fault:
        raise InputError(f"encoding {encoding!r} is unknown: try utf-8, cp1252, latin-1 or utf-16") from fault


class Utf8(io.RawIOBase):
    """A text file as UTF-8: unpacked, checked or recoded on the way, and ended by a line break.

    What is not of the encoding is told with the line and the byte.
    """

    def __init__(self, path: File, encoding: str) -> None:
        super().__init__()
        self._path, self._encoding = path, codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._passes = self._encoding in ("utf-8", "ascii")
        self._lines, self._bytes, self._ended, self._last = 1, 0, False, b"\n"
        self._left = b""
        try:
            self._raw = open_stream(path, PIECE)
        except (OSError, pa.ArrowException) as fault:
            raise InputError(f"{str(path)!r} cannot be opened: {why(path, fault)}") from fault

    def readable(self) -> bool:
        """Say that this is for reading."""
        return True

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._raw.close()
        super().close()

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; nothing at the end."""
        pieces, held = [self._left], len(self._left)
        while not self._ended and (size < 0 or held < size):
            pieces.append(self._next())
            held += len(pieces[-1])
        whole = b"".join(pieces)
        out = whole if size < 0 else whole[:size]
        self._left = whole[len(out) :]
        return out

    def _next(self) -> bytes:
        """Return the next piece of the file in UTF-8; at the end a line break if the last line has none."""
        try:
            raw = self._raw.read(PIECE)
        except (OSError, pa.ArrowException) as fault:
            raise InputError(f"{str(self._path)!r} cannot be read: {why(self._path, fault)}") from fault
        self._ended = not raw
        text = self._decoded(raw)
        out = bytes(raw) if self._passes else text.encode("utf-8", errors="replace")
        self._lines += text.count("\n")
        self._bytes += len(raw)
        self._last = out[-1:] or self._last
        return b"\n" if self._ended and self._last not in b"\r\n" else out

    def _decoded(self, raw: bytes) -> str:
        try:
            return self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as fault:
            before = fault.object[: fault.start].decode(self._encoding, errors="ignore")
            raise InputError(self._undecodable(fault, self._lines + before.count("\n"))) from fault

    def _undecodable(self, fault: UnicodeDecodeError, line: int) -> str:
        start = fault.object[: fault.start + 1][-1:]
        marked = self._bytes == 0 and fault.object[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        likely = "utf-16" if marked else "cp1252 (Windows), latin-1 or utf-16"
        return (
            f"{str(self._path)!r} is not {self._encoding}: byte 0x{start.hex()} in line {line} does not "
            f"belong there; give its encoding, such as --encoding {likely}"
        )
