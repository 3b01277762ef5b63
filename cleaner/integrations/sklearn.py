"""scikit-learn: a transformer of texts into article bodies, for the front of a pipeline."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cleaner import Cleaner
from cleaner.extras import needs
from cleaner.integrations.columns import cleaned

with needs("scikit-learn", extra="sklearn"):
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils import Tags


class BoilerplateCleaner(TransformerMixin, BaseEstimator):
    """Texts in, their article bodies out; learns nothing, so that it need not be fitted.

    mode: "gentle", "balanced" or "thorough"; keep: categories to leave in place; model: a model
    file, or None for the shipped one.

    >>> BoilerplateCleaner().transform(["One line."]).tolist()
    ['One line.']
    """

    def __init__(
        self,
        mode: str = "balanced",
        keep: Sequence[str] = (),
        model: str | os.PathLike[str] | None = None,
    ) -> None:
        self.mode = mode
        self.keep = keep
        self.model = model

    def fit(self, X: Iterable[str | None], y: object = None) -> Self:  # noqa: ARG002, N803
        """Does nothing but raise `OptionError` or `ModelError` for parameters that do not exist."""
        self._cleaner()
        return self

    def transform(self, X: Iterable[str | None]) -> NDArray[np.object_]:  # noqa: N803
        """The article bodies of `X`, in order, None where a text is None; shape (texts,).

        Raises `TypeError` for anything else than a flat row of texts.
        """
        if isinstance(X, str) or getattr(X, "ndim", 1) != 1:
            raise TypeError("a flat row of texts is expected: a list, or one column")
        texts = list(X)
        bodies = np.empty(len(texts), object)
        bodies[:] = cleaned(self._cleaner(), texts)
        return bodies

    def _cleaner(self) -> Cleaner:
        # Made anew each time, which loads nothing anew, since parameters may be set at any time.
        return Cleaner(self.model, self.mode, self.keep)

    def __sklearn_tags__(self) -> Tags:
        tags: Any = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        tags.no_validation = True
        return tags
