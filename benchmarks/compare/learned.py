"""The peer that learns: fastText on single lines, from the documents our model learns from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.compare.systems import LineFilter
from cleaner.dataset import LabelledDocument
from cleaner.document import ARTICLE

#: Words and pairs of words; one thread, for the same model each time. Chosen in fastText's favour
#: on the dev pages: with character n-grams it stripped less at 1 % lost (31 % of gold-plain for
#: 37 %, 14 % of our own documents for 19 %) and was slower, and 32 dimensions did no better.
SETTINGS = {
    "dim": 16,
    "epoch": 5,
    "lr": 0.2,
    "wordNgrams": 2,
    "minn": 0,
    "maxn": 0,
    "minCount": 3,
    "bucket": 1 << 19,
    "loss": "softmax",
    "thread": 1,
}

_MARK = "__label__"
_ARTICLE, _OTHER = f"{_MARK}article", f"{_MARK}other"


class FastText(LineFilter):
    """A fastText classifier of lines (Joulin et al. 2017, EACL), article or other.

    It knows nothing but the line. Its score is the probability of article, and a line stays from
    one half on. https://github.com/facebookresearch/fastText
    """

    name = "fastText on lines"
    scored = True

    def __init__(self, path: Path) -> None:
        import fasttext

        self._model = fasttext.load_model(str(path))

    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        if not lines:
            return []
        labels, shares = self._model.predict([plain(line) for line in lines], k=2)
        return [
            min(1.0, float(share[list(label).index(_ARTICLE)]))
            for label, share in zip(labels, shares, strict=True)
        ]


def plain(line: str) -> str:
    """The line as fastText wants it: UTF-8, one space between words, no word that is a label."""
    line = line.encode("utf-8", "replace").decode("utf-8")
    return " ".join(line.replace(_MARK, " ").split())


def examples(documents: Iterable[LabelledDocument]) -> Iterator[str]:
    """A line of fastText's format for each labelled fragment of the documents."""
    for document in documents:
        for start, end, label in document.spans:
            if label is not None:
                mark = _ARTICLE if label == ARTICLE else _OTHER
                yield f"{mark} {plain(document.text[start:end])}\n"


def trained(
    documents: Iterable[LabelledDocument], folder: Path, say: Callable[[str], None]
) -> FastText:
    """A classifier of the documents' fragments, from `folder` where it was trained before.

    Its file is named by a digest of the settings and of all that it learned from.
    """
    import fasttext

    folder.mkdir(parents=True, exist_ok=True)
    state = hashlib.blake2b(repr(sorted(SETTINGS.items())).encode(), digest_size=8)
    lines, partial = folder / f"{os.getpid()}.txt", folder / f"{os.getpid()}.bin"
    try:
        count = 0
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            for count, example in enumerate(examples(documents), 1):  # noqa: B007
                state.update(example.encode())
                file.write(example)
        path = folder / f"fasttext-{state.hexdigest()}.bin"
        if not path.exists():
            say(f"fastText learns from {count} lines")
            model = fasttext.train_supervised(str(lines), verbose=0, **SETTINGS)
            model.save_model(str(partial))
            partial.replace(path)
    finally:
        lines.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)
    return FastText(path)
