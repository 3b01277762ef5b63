"""Build the shipped model: python -m data.build [--corpora PATH] -o MODEL."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cleaner import Cleaner, dataset, training
from cleaner.dataset import LabelledDocument
from cleaner.evaluation import evaluate
from cleaner.model import Model
from cleaner.recipe import Recipe
from data import mixing

DOCUMENTS = Path(__file__).with_name("documents")

#: The corpora's sets and which share of each one's pages is used; the page's other renderings
#: stand in for what is left out.
CORPORA = {
    "gold-plain": 1.0,
    "gold-resiliparse-main": 1.0,
    "gold-trafilatura-recall": 1.0,
    "silver-plain": 1.0,
    "gold-inscriptis": 0.35,
    "gold-text-nodes": 0.25,
}

#: The corpora's sets that the model is scored on.
SCORED = ("gold-plain", "gold-resiliparse-main", "gold-trafilatura-recall", "silver-plain")

#: How much a document weighs, by origin. Our own are few and stand for much.
WEIGHTS = (
    ("documents", 8.0),
    ("documents-mixed", 3.0),
)

#: How often each of our own documents is mixed with spam, by whether it holds some already.
COPIES = {"clean": 9, "hard": 9}
COPIES_OTHERWISE = 3


def own_documents() -> list[LabelledDocument]:
    """The documents written for the project, all of one set."""
    return [replace(document, origin="documents") for document in dataset.read([DOCUMENTS])]


def training_set(corpora: Path | None, seed: int) -> Iterator[LabelledDocument]:
    """Everything the shipped model learns from, in a fixed order; only "train" documents."""
    rng = random.Random(seed)
    own = [document for document in own_documents() if document.split == "train"]
    yield from own
    for document in own:
        for _ in range(COPIES.get(document.kind, COPIES_OTHERWISE)):
            yield mixing.mixed(rng, document, "documents-mixed")
    if corpora is None:
        return
    for name, share in CORPORA.items():
        for document in dataset.read([corpora / f"{name}.jsonl.gz"]):
            if document.split != "train" or rng.random() >= share or not document.spans:
                continue
            if "trafilatura-eval" in document.id:
                document = replace(document, language="de")
            yield document
            if name in ("gold-trafilatura-recall", "silver-plain") and has_article(document):
                draw = rng.random()
                if draw < 0.4:
                    yield mixing.mixed(rng, document, "pages-mixed")
                elif draw < 0.7:
                    yield mixing.bare(rng, document, "pages-bare")
            elif name == "gold-plain" and has_article(document) and rng.random() < 0.2:
                yield mixing.mixed(rng, document, "pages-mixed")


def has_article(document: LabelledDocument) -> bool:
    return any(span.label == "article" for span in document.spans)


def held_out(corpora: Path | None) -> Iterator[LabelledDocument]:
    """The "dev" documents that the shipped model is scored on."""
    yield from (document for document in own_documents() if document.split == "dev")
    for name in SCORED if corpora is not None else ():
        assert corpora is not None
        for document in dataset.read([corpora / f"{name}.jsonl.gz"]):
            if document.split == "dev" and document.spans:
                yield document


def score(model: Model, corpora: Path | None) -> None:
    """Write the model's scores on held-out documents into its header."""
    report = evaluate(held_out(corpora), Cleaner(model).inspect_batch)
    scores = report.as_dict()
    scores["mode"] = "balanced"
    model.header["scores"] = json.loads(
        json.dumps(scores), parse_float=lambda x: round(float(x), 5)
    )


def settle_hashes() -> None:
    """Start over with hashes of strings that are the same in every run.

    Faker draws some values from sets, whose order hangs on them.
    """
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, "-m", "data.build", *sys.argv[1:]], environment)


def main() -> None:
    settle_hashes()
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpora", type=Path)
    options.add_argument("-o", "--output", type=Path, required=True)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    documents = list(training_set(chosen.corpora, chosen.seed))
    say(f"{len(documents)} documents read and mixed")
    model, _ = training.train(documents, Recipe(seed=chosen.seed, weights=WEIGHTS), say)
    score(model, chosen.corpora)
    model.save(chosen.output)
    say(f"thresholds {model.thresholds}; wrote {chosen.output}")


if __name__ == "__main__":
    main()
