"""What a run was asked for: what changes its outputs, and the key that stands for that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.cleaning import Cleaner
from cleaner.formats.record import Layout
from cleaner.model_file import SHIPPED
from cleaner.version import __version__

#: Bytes of records that a worker gets at once: large against the cost of handing them over, small
#: against a worker's memory.
BLOCK_SIZE = 4 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run does its work.

    layout: of records; block_size: bytes; rejects: whether what is stripped is kept; sample: so
    many strippings are drawn, by `seed`.
    """

    layout: Layout = field(default_factory=Layout)
    block_size: int = BLOCK_SIZE
    rejects: bool = False
    sample: int = 0
    seed: int = 0


def described(cleaner: Cleaner, settings: Settings) -> dict[str, Any]:
    """All that changes an output besides its source and the model, by name."""
    layout = settings.layout
    return {
        "version": __version__,
        "mode": cleaner.options.mode,
        "keep": sorted(cleaner.options.keep),
        "field": layout.field,
        "keep-original": layout.keep_original,
        "annotate": layout.annotate,
        "encoding": layout.encoding,
        "repeats": None if cleaner.repeats is None else cleaner.repeats.digest,
    }


def key(value: object) -> str:
    """A short name for anything that can be written as JSON."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def model_digest(model: Path | None) -> str:
    """Of the model file's bytes; of the shipped model for None."""
    with (model or SHIPPED).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
