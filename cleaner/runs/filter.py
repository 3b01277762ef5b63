"""One input to one stream, as it comes: what makes the command a filter in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cleaner.formats.choosing import Kind, opened
from cleaner.formats.compression import told, unpacked
from cleaner.runs.judged import Judged, Judges, Piece, judged
from cleaner.runs.settings import Settings


def filtered(
    stream: BinaryIO,
    name: str,
    kind: Kind,
    judges: Judges,
    settings: Settings,
    write: Callable[[bytes], None],
    *,
    document: str,
    file: str,
    live: bool = False,
) -> Iterator[Judged]:
    """Clean `stream` and hand each piece to `write`; what became of each piece, in order.

    name: for messages; document, file: for rows of rejects; live: whether what has come is to go
    on at once, rather than when there is enough for a batch. Parquet cannot be written so.
    """
    format_ = opened(kind, settings.layout, name)

    def pieces() -> Iterator[Piece]:
        with told(name):
            for cut in format_.cut(
                unpacked(stream, kind.codec), 1 if live else settings.block_size
            ):
                yield Piece(format_, cut, format_.records(cut), document, file)

    for one in judged(judges, settings, pieces(), live=live):
        write(format_.pack(one.body))
        yield one
