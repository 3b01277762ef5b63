"""Scrapy: an item pipeline that leaves the article body in one field of every item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cleaner import Cleaner
from cleaner.extras import needs
from cleaner.integrations.verdicts import judged

with needs("Scrapy", extra="scrapy"):
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


class CleanerPipeline:
    """Cleans one field of every item; an item without text there passes as it is.

    Settings: `CLEANER_FIELD`, the field to clean ("text"); `CLEANER_MODE` ("balanced");
    `CLEANER_KEEP`, categories to leave in place; `CLEANER_MODEL`, a model file (the shipped one);
    `CLEANER_REJECTS_FIELD`, where to put what was stripped, as a list of dicts (nowhere);
    `CLEANER_DROP_EMPTY`, drop items of which no article is left (no). A mode, category or model
    that does not exist raises a `CleanerError` when the crawl starts.

    Stats: `cleaner/documents`, `cleaner/emptied`, and lines by category as
    `cleaner/stripped/link_list`.
    """

    def __init__(self, cleaner: Cleaner, crawler: Crawler) -> None:
        settings = crawler.settings
        self._cleaner = cleaner
        self._crawler = crawler
        self._field = settings.get("CLEANER_FIELD", "text")
        self._rejects_field = settings.get("CLEANER_REJECTS_FIELD")
        self._is_dropping = settings.getbool("CLEANER_DROP_EMPTY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The pipeline that the crawler's settings ask for."""
        settings = crawler.settings
        model, mode = settings.get("CLEANER_MODEL"), settings.get("CLEANER_MODE", "balanced")
        return cls(Cleaner(model, mode, settings.getlist("CLEANER_KEEP")), crawler)

    def process_item(self, item: Any, spider: object = None) -> Any:  # noqa: ARG002
        """`item` with its text cleaned; raises `DropItem` for one that is to be dropped.

        spider: not used; Scrapy passed it up to version 2.13, newer ones do not.
        """
        fields = ItemAdapter(item)
        text = fields.get(self._field)
        if text is None:
            return item
        body, stripped = judged(self._cleaner, text)
        self._count("documents")
        for fragment in stripped:
            self._count(f"stripped/{fragment.category}")
        fields[self._field] = body
        if self._rejects_field:
            fields[self._rejects_field] = [fragment.as_dict() for fragment in stripped]
        if not body.strip():
            self._count("emptied")
            if self._is_dropping:
                raise DropItem("no article is left of it")
        return item

    def _count(self, name: str) -> None:
        stats: StatsCollector | None = self._crawler.stats
        if stats is not None:
            stats.inc_value(f"cleaner/{name}")
