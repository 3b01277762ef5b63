"""What was asked of `cleaner clean`, by the names of its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `clean`, by name; see its help."""

    paths: tuple[str, ...]
    output: str | None
    model: Path | None
    mode: str
    keep: tuple[str, ...]
    encoding: str
    encoding_typed: bool
    asked: str | None
    output_format: str | None
    field: str
    keep_original: str | None
    annotate: bool
    repeats: Path | None
    learn_repeats: bool
    rejects: Path | None
    stats: bool
    report: Path | None
    sample: int
    sample_page: Path | None
    seed: int
    workers: int | None
    force: bool
    progress: bool | None
    state: Path | None
    block_size: int

    @property
    def page(self) -> Path | None:
        """Where the sample goes: the page named, or one beside the report."""
        if not self.sample or self.sample_page or self.report is None:
            return self.sample_page
        return self.report.with_suffix(".html")
