"""Pure. Unpack a body chunk by chunk, never holding more than was allowed.

One chunk of a gzip bomb is a thousand times its size: zlib is told how much it may return, so that a bomb costs
the limit and not a byte more. Packed bytes are counted as well: a stream may unpack to nothing for ever.
"""

import zlib

_GZIP_MARK = b"\x1f\x8b"


class TooLargeError(Exception):
    """The body is larger than allowed."""


class UnpackError(Exception):
    """The body can not be unpacked; the message says why."""


class Unpacker:
    """Takes packed chunks by `feed`, gives the whole body by `finish`.

    `encoding` is the value of Content-Encoding. Raises `UnpackError` for one that we did not ask for.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > 1 or not set(names) <= {"gzip", "x-gzip", "deflate"}:
            raise UnpackError(f"packed as {', '.join(names)[:40]}, which we did not ask for")
        self._packed = bool(names)
        self._deflate = names == ["deflate"]
        self._max_bytes = max_bytes
        self._taken = 0
        self._body = bytearray()
        self._stream = zlib.decompressobj(wbits=47)  # finds out by itself whether gzip or zlib

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk. Raises `TooLargeError`, `UnpackError`."""
        if not self._taken and chunk.startswith(_GZIP_MARK):
            self._packed = True  # a gzip file, served as it lies: no feed begins so
        first = not self._taken
        self._taken += len(chunk)
        if self._taken > self._max_bytes:
            raise TooLargeError
        if not self._packed:
            self._body += chunk
            return
        try:
            self._unpack(chunk)
        except zlib.error as error:
            if not (first and self._deflate):
                raise UnpackError("damaged packing") from error
            # "deflate" means zlib; some servers send the bare stream instead
            self._stream = zlib.decompressobj(wbits=-15)
            try:
                self._unpack(chunk)
            except zlib.error:
                raise UnpackError("damaged packing") from error

    def _unpack(self, chunk: bytes) -> None:
        while chunk:
            if self._stream.eof:
                if not chunk.startswith(_GZIP_MARK):
                    return  # rubbish after the end
                self._stream = zlib.decompressobj(wbits=47)
            # One byte more than allowed shows that there is more.
            self._body += self._stream.decompress(chunk, self._max_bytes - len(self._body) + 1)
            if len(self._body) > self._max_bytes:
                raise TooLargeError
            chunk = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    @property
    def is_packed(self) -> bool:
        """Whether the body is another than the bytes that were taken."""
        return self._packed

    @property
    def so_far(self) -> bytes:
        """What was unpacked until now."""
        return bytes(self._body)

    def finish(self) -> bytes:
        """The whole body. Raises `UnpackError` if its end is missing."""
        if self._packed and self._taken and not self._stream.eof:
            raise UnpackError("cut short")
        return bytes(self._body)
