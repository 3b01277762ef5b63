"""The second look at a page: the text model's scores and the markup into new scores."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.errors import ModelError
from cleaner.features import Floats
from cleaner.html_evidence import evidence, evidence_names
from cleaner.html_text import PageText
from cleaner.model import Scores, Thresholds
from cleaner.network import Network, sigmoid

#: Bump when a file written by this version cannot be read as before.
FORMAT = 1

SHIPPED = Path(__file__).with_name("html.npz")


@dataclass(frozen=True)
class Markup:
    """What was learned of markup.

    network: from `evidence` to the log-odds of article; calibration: (2, points), log-odds as
    given and as found true; header: format, names of the evidence, thresholds, and what it was
    learned from.
    """

    network: Network
    calibration: Floats
    header: dict[str, Any]

    @property
    def thresholds(self) -> Thresholds:
        """The learned thresholds of the modes, for scores that this has looked at."""
        return Thresholds(self.header["thresholds"], self.header["evidence"])

    def scores(self, texts: Sequence[PageText], scores: Scores) -> Scores:
        """The text model's scores of the pages' fragments, with the markup in mind.

        What a line is taken for where it goes, its category, stays what the text model says.
        """
        seen = evidence(texts, scores.batch, scores.article)
        odds = np.interp(self.network.outputs(seen)[:, 0], *self.calibration)
        # Rounded, so that the last bits of a matrix product decide nothing.
        return replace(scores, article=np.round(sigmoid(odds.astype(np.float32)), 5))

    def arrays(self) -> dict[str, Any]:
        """What `load_markup` reads, by name."""
        header = json.dumps(self.header, sort_keys=True, indent=1).encode()
        layers = zip(self.network.weights, self.network.biases, strict=True)
        return {
            "header": np.frombuffer(header, np.uint8),
            "mean": self.network.mean,
            "scale": self.network.scale,
            "calibration": self.calibration,
            **{
                f"{name}{number}": part
                for number, layer in enumerate(layers)
                for name, part in zip(("weight", "bias"), layer, strict=True)
            },
        }


@functools.cache
def load_markup(path: Path = SHIPPED) -> Markup:
    """What comes with the package; inert data: pickles are refused.

    Raises `ModelError` if the file is missing, damaged, or learned from other evidence.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays["header"].tobytes())
        layers = range(sum(name.startswith("weight") for name in arrays))
        network = Network(
            arrays["mean"],
            arrays["scale"],
            tuple(arrays[f"weight{layer}"] for layer in layers),
            tuple(arrays[f"bias{layer}"] for layer in layers),
        )
        known = header["format"] == FORMAT and header["names"] == list(evidence_names())
        calibration = arrays["calibration"]
    except Exception:  # what a damaged archive makes its readers raise has no common kind
        raise ModelError(f"{path}: missing or damaged; install cleaner again") from None
    if not known:
        raise ModelError(f"{path}: of another version of cleaner; install cleaner again")
    return Markup(network, calibration, header)
