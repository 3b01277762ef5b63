"""HTML in, clean article out: the page's lines, judged by the text model and by their markup."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from cleaner.cleaning import Cleaner
from cleaner.document import Fragment
from cleaner.errors import OptionError
from cleaner.html_blocks import blocks
from cleaner.html_markdown import markdown
from cleaner.html_markup import load_markup
from cleaner.html_parsing import main_content, serialised
from cleaner.html_text import PageText, page_text
from cleaner.looks import Look
from cleaner.model import Model, Scores, Thresholds
from cleaner.threads import one_thread

#: Which lines of a page are judged: every block's, or those that resiliparse leaves.
WAYS = ("blocks", "main")

OUTPUTS = ("text", "markdown")


class HtmlCleaner(Cleaner):
    """Cleans pages of HTML; otherwise as `Cleaner`: cheap to pickle, safe to share.

    model, mode, keep: as for `Cleaner`. way: "blocks" judges every block of the page by its text
    and its markup; "main" has resiliparse find the main content first, and judges the text of
    that. output: "text" for a block a line, with bullets, or "markdown". encoding: that of pages
    given as bytes; by default it is found out (see `html_parsing.decoded`). Raises `OptionError`
    for an unknown option, `ModelError` for a bad model file; the methods raise `MissingError` if
    resiliparse is not installed.
    """

    # The evidence of markup is of all lines of a page.
    _whole = True

    def __init__(
        self,
        model: str | os.PathLike[str] | Model | None = None,
        mode: str = "balanced",
        keep: Sequence[str] = (),
        *,
        way: str = "blocks",
        output: str = "text",
        encoding: str | None = None,
    ) -> None:
        if way not in WAYS:
            raise OptionError(f"no way {way!r}; choose one of {', '.join(WAYS)}")
        if output not in OUTPUTS:
            raise OptionError(f"no output {output!r}; choose one of {', '.join(OUTPUTS)}")
        super().__init__(model, mode, keep)
        self.way, self.output, self.encoding = way, output, encoding

    def text(self, html: str | bytes) -> str:
        """The text of the page, a block a line: what the fragments' spans are of."""
        return self._text(html)

    def clean(self, html: str | bytes) -> str:
        """The article of the page."""
        return next(self.clean_batch((html,)))

    def inspect(self, html: str | bytes) -> list[Fragment]:
        """Every fragment of `text(html)` with its verdict, in order."""
        return next(self.inspect_batch((html,)))

    def clean_and_inspect(self, html: str | bytes) -> tuple[str, list[Fragment]]:
        """What `clean` and `inspect` say, from one look at the page."""
        return next(self.clean_and_inspect_batch((html,)))

    def clean_batch(
        self, pages: Iterable[str | bytes], hosts: Iterable[str] | None = None
    ) -> Iterator[str]:
        """The articles of the pages, in order, as the pages come in; hosts as for `Cleaner`."""
        if self.output == "text":
            yield from super().clean_batch(map(self._text, pages), hosts)
        else:
            yield from (look.body for look in self.looks(pages, hosts))

    def inspect_batch(
        self, pages: Iterable[str | bytes], hosts: Iterable[str] | None = None
    ) -> Iterator[list[Fragment]]:
        """The fragments of each of the pages, in order, as the pages come in; hosts as above."""
        yield from super().inspect_batch(map(self._text, pages), hosts)

    def clean_and_inspect_batch(
        self, pages: Iterable[str | bytes], hosts: Iterable[str] | None = None
    ) -> Iterator[tuple[str, list[Fragment]]]:
        """What `clean_batch` and `inspect_batch` say of each page, from one look at it."""
        yield from super().clean_and_inspect_batch(cast(Iterable[str], pages), hosts)

    def looks(
        self, pages: Iterable[str | bytes], hosts: Iterable[str] | None = None
    ) -> Iterator[Look]:
        """The article of each page, counts, and its fragments; see `Cleaner.looks`."""
        texts, ahead = itertools.tee(map(self._text, pages))
        for text, look in zip(texts, super().looks(ahead, hosts), strict=True):
            if self.output == "text":
                yield look
            else:
                fragments = look.fragments()
                body = markdown(text, fragments)
                yield Look(body, look.counts, functools.partial(list, fragments))

    def _text(self, html: str | bytes) -> PageText:
        if not isinstance(html, str | bytes):
            raise TypeError(f"HTML must be str or bytes, not {type(html).__name__}")
        read = serialised if self.way == "blocks" else main_content
        return page_text(blocks(read(html, self.encoding)))

    def _judged(self, texts: list[str], hosts: list[str] | None) -> tuple[Scores, Thresholds]:
        with one_thread():
            scores, thresholds = super()._judged(texts, hosts)
            if self.way == "main":
                return scores, thresholds
            markup = load_markup()
            return markup.scores(cast(list[PageText], texts), scores), markup.thresholds

    def __reduce__(self) -> tuple[Any, ...]:
        make = functools.partial(
            type(self), way=self.way, output=self.output, encoding=self.encoding
        )
        return (make, (self._source, self.options.mode, self.options.keep))


def clean_html(
    html: str | bytes, mode: str = "balanced", *, way: str = "blocks", output: str = "text"
) -> str:
    """The article of a page of HTML, by the shipped model; options and errors of `HtmlCleaner`.

    For many pages, `HtmlCleaner(...).clean_batch(pages)` is faster.
    """
    return _cleaner(mode, way, output).clean(html)


def inspect_html(
    html: str | bytes, mode: str = "balanced", *, way: str = "blocks"
) -> list[Fragment]:
    """Every fragment of a page of HTML with its verdict, by the shipped model.

    Spans are of the page's text, `HtmlCleaner.text`.
    """
    return _cleaner(mode, way, "text").inspect(html)


@functools.lru_cache(maxsize=16)
def _cleaner(mode: str, way: str, output: str) -> HtmlCleaner:
    return HtmlCleaner(mode=mode, way=way, output=output)
