"""A model as a file of plain arrays: written whole or not at all, read without running anything."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner import glue
from cleaner.characters import TABLE_SIZE
from cleaner.document import STRIPPED_CATEGORIES
from cleaner.encoder import WIDTH, Dense, Encoder
from cleaner.errors import ModelError
from cleaner.features import BUCKETS, CHAR_ORDERS, HEAD, TAIL
from cleaner.model import CLARITY, LINE_SCORES, Model
from cleaner.network import Network
from cleaner.setting import SHAPE_NAMES
from cleaner.writing import write_file

#: Bump when a file written by this version cannot be read as before; `load` refuses all others.
FORMAT = 2

#: The model that comes with the package.
SHIPPED = Path(__file__).with_name("model.npz")

_MOST_BYTES = 64_000_000

#: No encoder looks farther: room for so many lines lies between any two documents.
_FARTHEST = 1000

#: The single layers of an encoder.
_PARTS = ("entry", "document", "top")


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write the model to one file, whole or not at all; the same model gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(_header_bytes(model.header), np.uint8),
        "table": model.table,
        "table_scale": model.table_scale,
        "bias": model.bias,
        "labels": model.labels,
        "calibration": model.calibration,
    }
    layers = {"article": model.article, "category": model.category}
    layers |= {
        f"joint.{number}": Dense(*parts)
        for number, parts in enumerate(zip(model.joint.weights, model.joint.biases, strict=True))
    }
    standards: dict[str, Encoder | Network] = {"joint": model.joint}
    for number, encoder in enumerate(model.encoders):
        name = f"encoder{number}"
        standards[name] = encoder
        arrays[f"{name}.dilations"] = np.array(encoder.dilations, np.int64)
        layers |= {f"{name}.{part}": getattr(encoder, part) for part in _PARTS}
        layers |= {
            f"{name}.convolution{place}": layer for place, layer in enumerate(encoder.convolutions)
        }
    for name, standard in standards.items():
        arrays[f"{name}.mean"], arrays[f"{name}.scale"] = standard.mean, standard.scale
    for name, layer in layers.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = layer.weight, layer.bias
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_file(Path(path), buffer.getvalue())


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
