"""datatrove: a formatter that leaves the article body, and a filter of documents without enough."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cleaner import Cleaner, Fragment
from cleaner.extras import needs
from cleaner.integrations.verdicts import judged

with needs("datatrove", extra="datatrove"):
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.formatters.base import BaseFormatter

if TYPE_CHECKING:
    from datatrove.data import Document
    from datatrove.pipeline.writers.disk_base import DiskWriter

#: Why a document was dropped, as the exclusion writer and the stats have it.
TOO_SHORT = "article_too_short"
SHARE_TOO_SMALL = "article_share_too_small"


class CleanerFormatter(BaseFormatter):
    """Leaves of each document's text the article body.

    Stats: lines by category, as `stripped_link_list`. Raises as `Cleaner` does.
    """

    name = "🧹 cleaner"

    def __init__(
        self,
        mode: str = "balanced",
        keep: Sequence[str] = (),
        model: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        self.cleaner = Cleaner(model, mode, keep)

    def format(self, text: str) -> str:
        """The article body of `text`."""
        body, stripped = judged(self.cleaner, text)
        _count(self, stripped)
        return body


class CleanerFilter(BaseFilter):
    """Drops documents of whose text too little is article.

    min_characters: of article that must be left, outer whitespace aside; min_share: of the text's
    characters, 0..1; clean: whether those that stay are left with the article body as their text.
    A document that goes is handed to `exclusion_writer` as it was, with `filter_reason`
    `"article_too_short"` or `"article_share_too_small"` in its metadata.

    Stats: lines by category, as `stripped_link_list`. Raises as `Cleaner` does.
    """

    name = "🧹 cleaner: enough article"

    def __init__(
        self,
        min_characters: int = 200,
        min_share: float = 0.0,
        clean: bool = False,
        mode: str = "balanced",
        keep: Sequence[str] = (),
        model: str | os.PathLike[str] | None = None,
        exclusion_writer: DiskWriter | None = None,
    ) -> None:
        super().__init__(exclusion_writer)
        self.min_characters = min_characters
        self.min_share = min_share
        self.clean = clean
        self.cleaner = Cleaner(model, mode, keep)

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """Whether enough of the document is article; with the reason where not."""
        body, stripped = judged(self.cleaner, doc.text)
        _count(self, stripped)
        left, all_of_it = len(body.strip()), len(doc.text.strip())
        if left < self.min_characters:
            return False, TOO_SHORT
        if left < self.min_share * all_of_it:
            return False, SHARE_TOO_SMALL
        if self.clean:
            doc.text = body
        return True


def _count(step: PipelineStep, stripped: Sequence[Fragment]) -> None:
    for category, lines in Counter(fragment.category for fragment in stripped).items():
        step.stat_update(f"stripped_{category}", value=lines)
