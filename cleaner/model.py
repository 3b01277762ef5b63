"""What was learned: loading, saving, and the scores it gives; numpy only, inert data only."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import context, glue
from cleaner.characters import TABLE_SIZE
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.errors import ModelError
from cleaner.features import (
    BUCKETS,
    CHAR_ORDERS,
    HEAD,
    TAIL,
    Floats,
    Grams,
    gathered,
    grams,
    line_keys,
    looks,
    view,
    words,
)
from cleaner.network import Network, sigmoid, softmax
from cleaner.setting import settings
from cleaner.splitting import Batch, cut, split_lines
from cleaner.writing import write_file

#: Bump when a file written by this version cannot be read as before; `load` refuses all others.
FORMAT = 1

#: The model that comes with the package.
SHIPPED = Path(__file__).with_name("model.npz")

#: Where the bands of clarity end (see `decisions.clarity`); each has thresholds of its own.
CLARITY = (0.5, 0.7, 0.8, 0.9, 0.95)

#: Fragments whose surroundings are laid out at once: what they take stays in cache.
_FRAGMENTS_AT_ONCE = 1024

_MOST_BYTES = 64_000_000

#: What a score means besides the categories: a line before, within or after the article that is
#: no part of it. The corpora tell this much of their lines, and menus differ from footers.
LINE_SCORES = ("article", "before", "within", "after", *STRIPPED_CATEGORIES)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of a batch: the fragments it sees, and their probabilities.

    article: shape (fragments,); categories: probability of each of `STRIPPED_CATEGORIES`, given
    that the fragment is not article, shape (fragments, categories).
    """

    batch: Batch
    article: Floats
    categories: Floats


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What was learned to decide by, for each mode.

    bands: the scores below which a fragment goes, one for each band of clarity; evidence: how much
    must speak for boilerplate before a document is touched (see `decisions.evidence`).
    """

    bands: dict[str, list[float]]
    evidence: dict[str, float]


@dataclass(frozen=True)
class Model:
    """Hashed line scores, the networks over them, and the header that tells their story.

    table: (BUCKETS, len(LINE_SCORES)) of int8, times table_scale, (scores,); bias: (scores,).
    article: networks with one output each, their probabilities averaged; category: one output a
    category; joint: one output, whether a glue candidate is one; labels: keys of labels that get
    stuck to paragraphs; calibration: (2, points), the article networks' log-odds and the log-odds
    that were found to be true.
    """

    header: dict[str, Any]
    table: NDArray[np.int8]
    table_scale: Floats
    bias: Floats
    article: tuple[Network, ...]
    category: Network
    joint: Network
    labels: NDArray[np.uint64]
    calibration: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weights", self.table.astype(np.float32) * self.table_scale)

    def line_scores(self, found: Grams) -> Floats:
        """How much each line's n-grams speak for each of `LINE_SCORES`; (fragments, scores)."""
        weights: Floats = self.__dict__["_weights"]
        return gathered(weights, found) + self.bias

    def surroundings(self, batch: Batch) -> context.Surroundings:
        """What the article and category networks see of every fragment."""
        seen = view(batch)
        told = words(seen)
        looked = looks(batch, seen, told)
        shape = np.concatenate([looked, settings(batch, told, line_keys(seen), looked)], axis=1)
        return context.Surroundings(self.line_scores(grams(seen, told)), shape, batch.first)

    def glue_probabilities(self, batch: Batch, found: glue.Candidates) -> Floats:
        """Probability that each candidate is a true joint; shape (candidates,)."""
        told = glue.pieces(batch, line_keys(view(batch)), found)
        rows = glue.inputs(batch, told, self.line_scores(told.grams))
        return sigmoid(self.joint.outputs(rows)[:, 0])

    def split(self, texts: list[str]) -> Batch:
        """The fragments of the texts: lines, cut where the model is sure of a joint."""
        batch = split_lines(texts)
        found = glue.candidates(batch, self.labels)
        if not found.cut.size:
            return batch
        sure = self.glue_probabilities(batch, found) >= self.header["glue_threshold"]
        return cut(batch, found.fragment[sure], found.left_end[sure], found.cut[sure])

    def log_odds(self, rows: Floats) -> Floats:
        """The article networks' mean probability as log-odds, not yet calibrated; (fragments,)."""
        mean = np.mean([sigmoid(net.outputs(rows)[:, 0]) for net in self.article], axis=0)
        mean = np.clip(mean, 1e-6, 1 - 1e-6)
        odds: Floats = np.log(mean / (1 - mean)).astype(np.float32)
        return odds

    def scores(self, texts: list[str]) -> Scores:
        """The fragments of the texts with their calibrated probabilities."""
        batch = self.split(texts)
        around = self.surroundings(batch)
        article = np.zeros(len(batch), np.float32)
        categories = np.zeros((len(batch), len(STRIPPED_CATEGORIES)), np.float32)
        for begin in range(0, len(batch), _FRAGMENTS_AT_ONCE):
            stretch = slice(begin, begin + _FRAGMENTS_AT_ONCE)
            rows = around.of(begin, min(begin + _FRAGMENTS_AT_ONCE, len(batch)))
            odds = np.interp(self.log_odds(rows), self.calibration[0], self.calibration[1])
            # Rounded, so that the last bits of a matrix product decide nothing.
            article[stretch] = np.round(sigmoid(odds.astype(np.float32)), 5)
            categories[stretch] = softmax(self.category.outputs(rows))
        return Scores(batch, article, categories)

    @property
    def thresholds(self) -> Thresholds:
        """The learned thresholds of the modes."""
        return Thresholds(self.header["thresholds"], self.header["evidence"])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, whole or not at all; the same model gives the same bytes."""
        arrays: dict[str, NDArray[Any]] = {
            "header": np.frombuffer(_header_bytes(self.header), np.uint8),
            "table": self.table,
            "table_scale": self.table_scale,
            "bias": self.bias,
            "labels": self.labels,
            "calibration": self.calibration,
        }
        networks = {"category": self.category, "joint": self.joint}
        networks |= {f"article{number}": net for number, net in enumerate(self.article)}
        for name, net in networks.items():
            arrays[f"{name}.mean"], arrays[f"{name}.scale"] = net.mean, net.scale
            for layer, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
                arrays[f"{name}.weight{layer}"] = weight
                arrays[f"{name}.bias{layer}"] = bias
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_file(Path(path), buffer.getvalue())

    def __reduce__(self) -> tuple[Any, ...]:
        fields = tuple(getattr(self, name) for name in self.__dataclass_fields__)
        return (type(self), fields)


def _header_bytes(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, ensure_ascii=False, indent=1).encode()


def feature_names() -> dict[str, Any]:
    """Everything that fixes the meaning of a model's numbers, for its header."""
    return {
        "buckets": BUCKETS,
        "char_orders": list(CHAR_ORDERS),
        "shown": [HEAD, TAIL],
        "characters": TABLE_SIZE,
        "line_scores": list(LINE_SCORES),
        "inputs": list(context.input_names(LINE_SCORES)),
        "glue_inputs": list(glue.input_names(LINE_SCORES)),
        "clarity": list(CLARITY),
    }


def load(path: str | os.PathLike[str] | None = None) -> Model:
    """The model in the file, by default the shipped one.

    Raises `ModelError` if the file is missing, is no model, is damaged, or is of another format
    or with other features than this version's. Loading runs nothing: pickles are refused.
    """
    target = SHIPPED if path is None else Path(path)
    try:
        header, arrays = _read(target)
    except ModelError:
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise ModelError(
                f"{target}: no such model file; train one with 'cleaner train'"
            ) from None
        raise ModelError(f"{target}: cannot be read ({error.strerror or error})") from None
    except Exception:  # what a damaged archive makes its readers raise has no common kind
        raise ModelError(f"{target}: not a cleaner model, or damaged; train it again") from None
    if header.get("format") != FORMAT:
        raise ModelError(
            f"{target}: model format {header.get('format')}, this version reads {FORMAT}; "
            "train it again"
        )
    features = header.get("features")
    if features != feature_names():
        found = features if isinstance(features, dict) else {}
        unlike = sorted(k for k, v in feature_names().items() if found.get(k) != v)
        raise ModelError(f"{target}: made for other features ({', '.join(unlike)}); train it again")
    try:
        model = _assembled(header, arrays)
        _check(model)
    except Exception:  # nor has what misshapen arrays make numpy raise
        raise ModelError(f"{target}: a part is missing or misshapen; train it again") from None
    return model


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays of a model file; nothing in it is ever run."""
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
            raise ModelError(f"{path}: too large for a model; choose another file")
        if archive.testzip() is not None:
            raise ValueError("damaged")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(arrays["header"].tobytes())
    if not isinstance(header, dict) or "format" not in header:
        raise TypeError("header")
    return header, arrays


def _assembled(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    def network(name: str) -> Network:
        layers = sum(key.startswith(f"{name}.weight") for key in arrays)
        return Network(
            arrays[f"{name}.mean"],
            arrays[f"{name}.scale"],
            tuple(arrays[f"{name}.weight{layer}"] for layer in range(layers)),
            tuple(arrays[f"{name}.bias{layer}"] for layer in range(layers)),
        )

    members = sum(key.startswith("article") and key.endswith(".mean") for key in arrays)
    return Model(
        header=header,
        table=arrays["table"],
        table_scale=arrays["table_scale"],
        bias=arrays["bias"],
        article=tuple(network(f"article{number}") for number in range(members)),
        category=network("category"),
        joint=network("joint"),
        labels=arrays["labels"],
        calibration=arrays["calibration"],
    )


def _check(model: Model) -> None:
    """Raise ValueError unless a small document goes through and every number is one."""
    if model.table.shape != (BUCKETS, len(LINE_SCORES)) or not model.article:
        raise ValueError("table")
    bands, evidence = model.thresholds.bands, model.thresholds.evidence
    if not sorted(bands) == sorted(evidence) == ["balanced", "gentle", "thorough"]:
        raise ValueError("thresholds")
    for values in (*bands.values(), evidence.values(), [model.header["glue_threshold"]]):
        if not all(isinstance(value, (int, float)) for value in values):
            raise ValueError("thresholds")
    if any(len(values) != len(CLARITY) + 1 for values in bands.values()):
        raise ValueError("thresholds")
    for network in (*model.article, model.category, model.joint):
        if network.weights[-1].shape[1] != network.biases[-1].size:
            raise ValueError("network")
    if any(network.biases[-1].size != 1 for network in (*model.article, model.joint)):
        raise ValueError("network")
    said = model.scores(["One line.Two Lines\n"])
    if not (np.isfinite(said.article).all() and np.isfinite(said.categories).all()):
        raise ValueError("numbers")
    if said.categories.shape[1] != len(STRIPPED_CATEGORIES):
        raise ValueError("categories")
