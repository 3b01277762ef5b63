"""What was learned: loading, saving, and the scores it gives; numpy only, inert data only."""

from __future__ import annotations

import functools
import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import glue
from cleaner.characters import TABLE_SIZE
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.encoder import WIDTH, Dense, Encoder, Stack
from cleaner.errors import ModelError
from cleaner.features import (
    BUCKETS,
    CHAR_ORDERS,
    HEAD,
    TAIL,
    Floats,
    Grams,
    are_among,
    looks_of,
    summed,
)
from cleaner.network import Network, sigmoid, softmax
from cleaner.setting import SHAPE_NAMES, shaped
from cleaner.splitting import Batch, cut, split_lines
from cleaner.tally import Tally, retallied, tallied
from cleaner.threads import one_thread
from cleaner.writing import write_file

#: Bump when a file written by this version cannot be read as before; `load` refuses all others.
FORMAT = 2

#: The model that comes with the package.
SHIPPED = Path(__file__).with_name("model.npz")

#: Where the bands of clarity end (see `decisions.clarity`); each has thresholds of its own.
CLARITY = (0.5, 0.7, 0.8, 0.9, 0.95)

#: What is left of the probability of article where a line is an advertisement label, and how
#: long a line may be to be one, bullets and dashes included.
_LABEL, _LABEL_LENGTH = np.float32(0.002), 40
_ADVERTISEMENT = np.eye(len(STRIPPED_CATEGORIES), dtype=np.float32)[
    STRIPPED_CATEGORIES.index("advertisement")
]

_MOST_BYTES = 64_000_000

#: What a score means besides the categories: a line before, within or after the article that is
#: no part of it. The corpora tell this much of their lines, and menus differ from footers.
LINE_SCORES = ("article", "before", "within", "after", *STRIPPED_CATEGORIES)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of a batch: the fragments it sees, and their probabilities.

    article: shape (fragments,); categories: probability of each of `STRIPPED_CATEGORIES`, given
    that the fragment is not article, shape (fragments, categories); keys: the fragments'
    `line_keys`.
    """

    batch: Batch
    article: Floats
    categories: Floats
    keys: NDArray[np.uint64]


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
    """Hashed line scores, encoders of lines in their place, heads over these, and the header.

    table: (BUCKETS, len(LINE_SCORES)) of int8, times table_scale, (scores,); bias: (scores,).
    encoders: their outputs side by side are what the heads see; article: one output, the log-odds
    of being article; category: one output a category; joint: one output, whether a glue candidate
    is one; labels: keys of advertisement labels, stuck to paragraphs or alone; calibration: (2,
    points), the article head's log-odds and the log-odds that were found to be true.
    """

    header: dict[str, Any]
    table: NDArray[np.int8]
    table_scale: Floats
    bias: Floats
    encoders: tuple[Encoder, ...]
    article: Dense
    category: Dense
    joint: Network
    labels: NDArray[np.uint64]
    calibration: Floats

    def line_scores(self, found: Grams | Tally) -> Floats:
        """How much each line's n-grams speak for each of `LINE_SCORES`; (fragments, scores)."""
        sums = found.sums if isinstance(found, Tally) else summed(self.table, found)
        # Scaled only here: sums of whole numbers are the same in any order.
        scores: Floats = sums.astype(np.float32) * self.table_scale
        scores *= found.scale[:, None]
        scores += self.bias
        return scores

    def encoded(self, batch: Batch, told: Tally | None = None) -> Floats:
        """What the heads see of every fragment; shape (fragments, outputs of all encoders).

        told: the batch's tally, where it is there already.
        """
        told = tallied(batch, self.table) if told is None else told
        scores = bounded(self.line_scores(told))
        shape = shaped(batch, told.words, told.keys, looks_of(batch, told.facts))
        length = batch.end - batch.start
        return self._stack(scores, shape, length, batch.first)

    @functools.cached_property
    def _stack(self) -> Stack:
        return Stack(self.encoders)

    def glue_probabilities(
        self, batch: Batch, found: glue.Candidates, keys: NDArray[np.uint64]
    ) -> Floats:
        """Probability that each candidate is a true joint; shape (candidates,).

        keys: the `line_keys` of the batch's fragments.
        """
        told = glue.pieces(batch, keys, found, self.table)
        rows = glue.inputs(batch, told, bounded(self.line_scores(told.tally)))
        return sigmoid(self.joint.outputs(rows)[:, 0])

    def split(self, texts: list[str]) -> Batch:
        """The fragments of the texts: lines, cut where the model is sure of a joint."""
        return self._split(texts)[0]

    def _split(self, texts: list[str]) -> tuple[Batch, Tally]:
        """As `split`, with the tally of the fragments."""
        batch = split_lines(texts)
        told = tallied(batch, self.table)
        found = glue.candidates(batch, self.labels)
        if not found.cut.size:
            return batch, told
        probable = self.glue_probabilities(batch, found, told.keys)
        sure = np.flatnonzero(probable >= self.header["glue_threshold"])
        if not sure.size:
            return batch, told
        pieces = cut(batch, found.fragment[sure], found.left_end[sure], found.cut[sure])
        return pieces, retallied(batch, told, pieces, self.table)

    def scores(self, texts: list[str]) -> Scores:
        """The fragments of the texts with their calibrated probabilities."""
        with one_thread():
            batch, told = self._split(texts)
            said = self.judged(batch, self.encoded(batch, told), told.keys)
        label = self.is_label(batch, told.keys)
        said.article[label] = np.minimum(said.article[label], _LABEL)
        said.categories[label] = _ADVERTISEMENT
        return said

    def is_label(self, batch: Batch, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which fragments are, word for word, an advertisement label; (fragments,).

        keys: the fragments' `line_keys`.

        One word between two paragraphs looks like a heading, whatever the word. Of 818 such lines
        in held-out documents and ours, 800 are no article, and of the others most are mislabelled.
        """
        length = batch.end - batch.start
        # Two or three Latin letters ("Ad") are as well an abbreviation, or the word itself.
        told = (length > 3) | (batch.codes[batch.start] > 127)
        return are_among(keys, np.sort(self.labels)) & told & (length <= _LABEL_LENGTH)

    def judged(self, batch: Batch, encoded: Floats, keys: NDArray[np.uint64]) -> Scores:
        """What the heads say of fragments as `encoded` gives them; keys: their `line_keys`."""
        # A head's outputs side by side: what follows runs over all fragments, head by head.
        article, category = (
            head.weight.T @ encoded.T + head.bias[:, None] for head in (self.article, self.category)
        )
        odds = np.interp(article[0], self.calibration[0], self.calibration[1])
        # Rounded, so that the last bits of a matrix product decide nothing.
        rounded = np.round(sigmoid(odds.astype(np.float32)), 5)
        return Scores(batch, rounded, softmax(category.T), keys)

    @property
    def thresholds(self) -> Thresholds:
        """The learned thresholds of the modes."""
        return Thresholds(self.header["thresholds"], self.header["evidence"])

    @property
    def repeats(self) -> list[list[float]]:
        """What a line's standing in other documents adds to its log-odds (see `repeats.shifted`).

        A row for short fragments, one for prose; none at all in a model that has not learned it.
        """
        found: list[list[float]] = self.header.get("repeats", [])
        return found

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
        layers = {"article": self.article, "category": self.category}
        layers |= {
            f"joint.{number}": Dense(*parts)
            for number, parts in enumerate(zip(self.joint.weights, self.joint.biases, strict=True))
        }
        standards: dict[str, Encoder | Network] = {"joint": self.joint}
        for number, encoder in enumerate(self.encoders):
            name = f"encoder{number}"
            standards[name] = encoder
            arrays[f"{name}.dilations"] = np.array(encoder.dilations, np.int64)
            layers |= {f"{name}.{part}": getattr(encoder, part) for part in _PARTS}
            layers |= {
                f"{name}.convolution{place}": layer
                for place, layer in enumerate(encoder.convolutions)
            }
        for name, standard in standards.items():
            arrays[f"{name}.mean"], arrays[f"{name}.scale"] = standard.mean, standard.scale
        for name, layer in layers.items():
            arrays[f"{name}.weight"], arrays[f"{name}.bias"] = layer.weight, layer.bias
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
        "inputs": [*LINE_SCORES, *SHAPE_NAMES],
        "convolution_width": WIDTH,
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


#: No encoder looks farther: room for so many lines lies between any two documents.
_FARTHEST = 1000

#: The single layers of an encoder.
_PARTS = ("entry", "document", "top")


def bounded(scores: Floats) -> Floats:
    """Line scores as encoders and the glue network see them: no single one drowns the others."""
    out: Floats = np.tanh(scores / 4).astype(np.float32)
    return out


def _assembled(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    def layer(name: str) -> Dense:
        return Dense(arrays[f"{name}.weight"], arrays[f"{name}.bias"])

    def layers(name: str) -> tuple[Dense, ...]:
        count = sum(key.startswith(name) and key.endswith(".weight") for key in arrays)
        return tuple(layer(f"{name}{number}") for number in range(count))

    def encoder(name: str) -> Encoder:
        return Encoder(
            mean=arrays[f"{name}.mean"],
            scale=arrays[f"{name}.scale"],
            entry=layer(f"{name}.entry"),
            convolutions=layers(f"{name}.convolution"),
            dilations=tuple(arrays[f"{name}.dilations"].tolist()),
            document=layer(f"{name}.document"),
            top=layer(f"{name}.top"),
        )

    joint = layers("joint.")
    members = sum(key.startswith("encoder") and key.endswith(".mean") for key in arrays)
    return Model(
        header=header,
        table=arrays["table"],
        table_scale=arrays["table_scale"],
        bias=arrays["bias"],
        encoders=tuple(encoder(f"encoder{number}") for number in range(members)),
        article=layer("article"),
        category=layer("category"),
        joint=Network(
            arrays["joint.mean"],
            arrays["joint.scale"],
            tuple(one.weight for one in joint),
            tuple(one.bias for one in joint),
        ),
        labels=arrays["labels"],
        calibration=arrays["calibration"],
    )


def _check(model: Model) -> None:
    """Raise ValueError unless a small document goes through and every number is one."""
    if model.table.shape != (BUCKETS, len(LINE_SCORES)) or not model.encoders:
        raise ValueError("table")
    dilations = [dilation for encoder in model.encoders for dilation in encoder.dilations]
    if not all(1 <= dilation <= _FARTHEST for dilation in dilations):
        raise ValueError("dilations")
    bands, evidence = model.thresholds.bands, model.thresholds.evidence
    if not sorted(bands) == sorted(evidence) == ["balanced", "gentle", "thorough"]:
        raise ValueError("thresholds")
    for values in (*bands.values(), evidence.values(), [model.header["glue_threshold"]]):
        if not all(isinstance(value, (int, float)) for value in values):
            raise ValueError("thresholds")
    if any(len(values) != len(CLARITY) + 1 for values in bands.values()):
        raise ValueError("thresholds")
    joint = (model.joint.weights[-1].shape[1], model.joint.biases[-1].size)
    if joint != (1, 1) or model.article.bias.shape != (1,):
        raise ValueError("network")
    said = model.scores(["One line.Two Lines\n"])
    if not (np.isfinite(said.article).all() and np.isfinite(said.categories).all()):
        raise ValueError("numbers")
    if said.categories.shape[1] != len(STRIPPED_CATEGORIES):
        raise ValueError("categories")
