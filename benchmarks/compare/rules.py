"""Peers that judge by rules: C4's, as datatrove has them, and jusText."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.compare.systems import LineFilter


class C4Rules(LineFilter):
    """The line rules of C4 (Raffel et al. 2020, JMLR 21/140), run by datatrove's `C4QualityFilter`.

    A line stays that ends in a final mark, has three words, none of over 1000 characters, and
    speaks of neither JavaScript nor cookies and terms. The rules that drop a page as a whole
    (too few sentences, "lorem ipsum", a curly bracket) are off. No rule looks at other lines, so
    each is judged by itself; on whole documents the filter runs at 1.6 times the speed, but says
    nothing of the lines. https://github.com/huggingface/datatrove
    """

    name = "C4 line rules"

    def __init__(self) -> None:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter

        self._document = Document
        self._filter = C4QualityFilter(
            min_num_sentences=-1, filter_lorem_ipsum=False, filter_curly_bracket=False
        )

    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        return [float(self._stays(line)) for line in lines]

    def _stays(self, line: str) -> bool:
        document = self._document(text=line, id="")
        return self._filter.filter(document) is True and bool(document.text)


#: A list of stop words is taken for a document's if it holds so much of the words; any
#: language's own holds more.
_COVERED = 0.1


class JusText(LineFilter):
    """jusText (Pomikálek 2011, PhD thesis, Masaryk University), each line as a paragraph.

    It was made for HTML: there are no links and headings here for it to see. It needs the list of
    stop words of the text's language: it gets the one that holds most of the document's words,
    and where none of its lists fits, no demands on stop words. https://github.com/miso-belica/jusText
    """

    name = "jusText"

    def __init__(self) -> None:
        import justext
        from justext import core, paragraph

        self._core, self._paragraph = core, paragraph.Paragraph
        self._path = core.PathInfo().append("p")
        self._lists = {name: justext.get_stoplist(name) for name in justext.get_stoplists()}
        self._languages: dict[str, set[str]] = defaultdict(set)
        for name, words in self._lists.items():
            for word in words:
                self._languages[word.lower()].add(name)

    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        paragraphs = [self._paragraph(self._path) for _ in lines]
        for paragraph, line in zip(paragraphs, lines, strict=True):
            paragraph.append_text(line)
        language = self.language(lines)
        if language is None:
            self._core.classify_paragraphs(
                paragraphs, frozenset(), stopwords_low=0.0, stopwords_high=0.0
            )
        else:
            self._core.classify_paragraphs(paragraphs, self._lists[language])
        self._core.revise_paragraph_classification(paragraphs)
        return [0.0 if paragraph.is_boilerplate else 1.0 for paragraph in paragraphs]

    def language(self, lines: Sequence[str]) -> str | None:
        """The language whose stop words are most of the words; None if it is none of jusText's."""
        words = [word for line in lines for word in line.lower().split()]
        found = Counter(name for word in words for name in self._languages.get(word, ()))
        if not found:
            return None
        # Of two that hold as many, the shorter list is the likelier, then the first by name.
        best = min(found, key=lambda name: (-found[name], len(self._lists[name]), name))
        return best if found[best] >= _COVERED * len(words) else None
