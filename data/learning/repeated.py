"""What it says of a line that it stands in other documents as well, learned from a set of pages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.dataset import LabelledDocument
from cleaner.examples import Examples, labelled_batch
from cleaner.features import PROSE_LENGTH, Floats, line_keys, view
from cleaner.repeats import CLASSES, Counts, classes

#: The set whose pages are counted: whole pages, many of them from the same sites.
ORIGIN = "gold-plain"

#: How strongly a shift is held to none: the variance it is thought to have, and the most it may be.
_VARIANCE, _MOST = 4.0, 3.0


def shifts(
    documents: Sequence[LabelledDocument], examples: Examples, odds: Floats
) -> list[list[float]]:
    """For short fragments and for prose, what each class of counts adds to the log-odds of article.

    odds: calibrated log-odds of each fragment by what had not seen its document. None is above
    zero, and none says less than that of a lower count.
    """
    counted = [n for n, document in enumerate(documents) if document.origin == ORIGIN]
    counts = Counts()
    for number in counted:
        counts.add([documents[number].text])
    parts = []
    for number in counted:
        batch, _ = labelled_batch([documents[number]])
        others = counts.others(line_keys(view(batch)), batch.document)
        known = slice(int(examples.first[number]), int(examples.first[number + 1]))
        parts.append((classes(others), examples.label[known], examples.length[known], odds[known]))
    if not parts:
        return []
    found, label, length, said = (np.concatenate(part) for part in zip(*parts, strict=True))
    out = []
    for prose in (False, True):
        row = [0.0]
        for number in range(1, len(CLASSES) + 1):
            here = (found == number) & (label >= -1) & ((length >= PROSE_LENGTH) == prose)
            shift = _shift(said[here], label[here] == 0)
            row.append(round(min(row[-1], max(shift, -_MOST)), 3))
        out.append(row)
    return out


def _shift(odds: Floats, is_article: NDArray[np.bool_]) -> float:
    """The one number that, added to the log-odds, makes the truth likeliest; by Newton's method."""
    shift = 0.0
    for _ in range(30):
        p = 1 / (1 + np.exp(-(odds.astype(np.float64) + shift)))
        slope = float((is_article - p).sum()) - shift / _VARIANCE
        shift += slope / (float((p * (1 - p)).sum()) + 1 / _VARIANCE)
    return shift
