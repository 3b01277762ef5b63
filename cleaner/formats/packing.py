"""What formats whose pieces are bytes in a row have in common: members, one behind another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from cleaner.formats.compression import packed
from cleaner.formats.record import Layout


class Members:
    """The half of a `Format` that compresses pieces and puts them behind one another."""

    fate = "kept as it is"

    def __init__(self, layout: Layout, name: str, codec: str) -> None:
        self.layout, self.name, self.codec = layout, name, codec

    def pack(self, body: bytes) -> bytes:
        """One member a piece."""
        return packed(body, self.codec)

    def join(self, parts: Iterable[bytes], sink: BinaryIO) -> None:
        """All members in order."""
        for part in parts:
            sink.write(part)
