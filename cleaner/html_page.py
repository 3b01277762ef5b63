"""One page of HTML through the commands: read, cleaned, written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cleaner.console import read_raw, standard_output
from cleaner.document import Fragment
from cleaner.errors import OptionError
from cleaner.html import HtmlCleaner
from cleaner.reading import STDIN
from cleaner.runs.rejects import RejectsFile
from cleaner.runs.report import Report
from cleaner.wishes import Wishes
from cleaner.writing import json_line, write_file, write_stream

#: Options that a page has no use for.
_NOT_FOR_PAGES = ("keep_original", "annotate", "sample", "repeats", "learn_repeats")


def clean_page(wish: Wishes, source: str) -> Report:
    """Clean the page and write its article, in UTF-8, where `wish` has it."""
    for name in _NOT_FOR_PAGES:
        if getattr(wish, name):
            raise OptionError(f"--{name.replace('_', '-')} is not for HTML; leave it out")
    encoding = wish.encoding if wish.encoding_typed else None
    output = wish.output_format or "text"
    cleaner = HtmlCleaner(wish.model, wish.mode, wish.keep, encoding=encoding, output=output)
    name, data = read_raw(Path(source))
    body, fragments = cleaner.clean_and_inspect(data)
    encoded = body.encode("utf-8", "replace")
    if wish.rejects is not None:
        _reject(wish.rejects, name, fragments)
    if wish.output is None:
        write_stream(standard_output(), encoded)
    else:
        write_file(Path(wish.output), encoded)
    report = Report(done=1, read=len(data), written=len(encoded))
    report.tally.stats.add("standard input" if name == STDIN else name, fragments)
    return report


def _reject(path: Path, name: str, fragments: Sequence[Fragment]) -> None:
    """Rows of what was stripped; the page cannot be had back from them."""
    with RejectsFile(path) as file:
        for fragment in fragments:
            if not fragment.keep:
                file.add(json_line({"document": name, **fragment.as_dict()}))
