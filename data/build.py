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
from typing import Any

from cleaner import dataset
from cleaner.dataset import LabelledDocument
from cleaner.decisions import MODES
from cleaner.evaluation import evaluate_modes
from cleaner.examples import fold_of
from cleaner.model import Model
from cleaner.model_file import save
from cleaner.modes import inspect_modes
from cleaner.recipe import Recipe
from data import mixing
from data.bank import Bank, bank
from data.credits import uncredited
from data.learning.plan import Plan

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
SCORED = (*CORPORA, "snippets")

#: The names of the held-out sets of good extractions with spam put in: machine-made, and written
#: blocks as well (of which those were never trained on).
SPAMMED, WRITTEN = "real-mixed", "real-written"

#: How much a document weighs, by origin. Our own are few and stand for much.
WEIGHTS = (
    ("documents", 4.0),
    ("documents-mixed", 1.6),
)

#: How often a page lends its surroundings to other articles, by kind, or else by set.
HOSTS = {"dump": 4, "silver-plain": 2, "gold-plain": 1}
#: How often a page lends its article, by set.
GUESTS = {"documents": 2, "silver-plain": 3, "gold-plain": 1}
#: The share of a fast extractor's pages that are hosts.
FAST_HOSTS = 0.33

#: The share of the corpora's pages with spam put in that gets written blocks as well.
PAGES_WRITTEN = 0.25

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
            yield mixing.mixed(rng, document, "documents-mixed", bank("train"))
    pages = {"documents": own}
    for name in CORPORA if corpora is not None else ():
        assert corpora is not None
        pages[name] = [
            uncredited(document)
            for document in dataset.read([corpora / f"{name}.jsonl.gz"])
            if document.split == "train" and document.spans
        ]
        yield from _of_corpus(rng, name, pages[name])
    yield from recombinations(rng, pages)


def _of_corpus(
    rng: random.Random, name: str, documents: list[LabelledDocument]
) -> Iterator[LabelledDocument]:
    """A share of the set's pages, some of them once more with spam put in, or bare."""
    for document in documents:
        if rng.random() >= CORPORA[name]:
            continue
        if "trafilatura-eval" in document.id:
            document = replace(document, language="de")
        yield document
        if name in ("gold-trafilatura-recall", "silver-plain") and has_article(document):
            draw = rng.random()
            if draw < 0.4:
                yield mixing.mixed(rng, document, "pages-mixed", _blocks(rng))
            elif draw < 0.7:
                yield mixing.bare(rng, document, "pages-bare")
        elif name == "gold-plain" and has_article(document) and rng.random() < 0.2:
            yield mixing.mixed(rng, document, "pages-mixed", _blocks(rng))


def _blocks(rng: random.Random) -> Bank | None:
    """What is written into a page of the corpora: seldom anything.

    Where prose that is no article often follows an article, the last paragraphs of all articles
    come under suspicion.
    """
    return bank("train") if rng.random() < PAGES_WRITTEN else None


def recombinations(
    rng: random.Random, pages: dict[str, list[LabelledDocument]]
) -> Iterator[LabelledDocument]:
    """Pages around other pages' articles, both of one fold, so that each stays unseen there.

    Of CleanEval's odd pages the gold keeps nearly everything: they lend and borrow nothing.
    """
    folds = Recipe().folds
    guests: list[list[LabelledDocument]] = [[] for _ in range(folds)]
    hosts: list[LabelledDocument] = []
    for name, times in GUESTS.items():
        for document in pages.get(name, ()):
            if has_article(document) and not document.id.startswith("cleaneval"):
                guests[fold_of(document.id, folds)] += [document] * times
                both = any(span.label not in ("article", None) for span in document.spans)
                of_kind = HOSTS.get(document.kind, 0) if name == "documents" else HOSTS[name]
                hosts += [document] * (of_kind * both)
    fast = [page for page in pages.get("gold-resiliparse-main", ()) if has_article(page)]
    hosts += [document for document in fast if rng.random() < FAST_HOSTS]
    for host in hosts:
        made = mixing.recombined(
            rng, host, rng.choice(guests[fold_of(host.id, folds)]), "recombined"
        )
        if made is not None and made.spans:
            yield made


def has_article(document: LabelledDocument) -> bool:
    return any(span.label == "article" for span in document.spans)


def held_out(corpora: Path | None) -> Iterator[LabelledDocument]:
    """The "dev" documents that the shipped model is scored on."""
    yield from (document for document in own_documents() if document.split == "dev")
    for name in SCORED if corpora is not None else ():
        assert corpora is not None
        for document in dataset.read([corpora / f"{name}.jsonl.gz"]):
            if document.split == "dev" and (document.spans or document.must_stay):
                yield document
    if corpora is not None:
        yield from spammed(corpora, SPAMMED, None)
        yield from spammed(corpora, WRITTEN, bank("dev"))


def spammed(corpora: Path, name: str, blocks: Bank | None) -> Iterator[LabelledDocument]:
    """Articles of held-out pages with machine-made spam put in, and written blocks if given."""
    rng = random.Random(7)
    for document in dataset.read([corpora / "gold-trafilatura-recall.jsonl.gz"]):
        if document.split == "dev" and has_article(document):
            yield mixing.mixed(rng, mixing.bare(rng, document, "bare"), name, blocks)


def score(model: Model, corpora: Path | None) -> None:
    """Write the model's scores on held-out documents into its header: figures, no text."""
    reports = evaluate_modes(
        held_out(corpora), lambda texts: inspect_modes(texts, model, MODES), MODES
    )
    scores: dict[str, Any] = {}
    for mode, report in reports.items():
        told = report.as_dict()
        scores[mode] = {key: told[key] for key in ("sets", "languages", "categories", "snippets")}
        errors = told["calibration"].items()
        scores[mode]["calibration"] = {name: found["error"] for name, found in errors}
    model.header["scores"] = json.loads(
        json.dumps(scores), parse_float=lambda x: round(float(x), 5)
    )


def settle() -> None:
    """Start over with hashes of strings that are the same in every run, and sums on one thread.

    Faker draws some values from sets, whose order hangs on the hashes; the last bits of a matrix
    product hang on how many share the work, and two jobs at a time need no more threads.
    """
    fixed = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    if any(os.environ.get(name) != value for name, value in fixed.items()):
        environment = os.environ | fixed
        os.execve(sys.executable, [sys.executable, "-m", "data.build", *sys.argv[1:]], environment)


def main() -> None:
    settle()
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
    from data.learning.shipped import learned_model

    recipe = Recipe(seed=chosen.seed, weights=WEIGHTS)
    model, _ = learned_model(documents, Plan(seed=chosen.seed), recipe, say)
    score(model, chosen.corpora)
    save(model, chosen.output)
    say(f"thresholds {model.thresholds}; wrote {chosen.output}")


if __name__ == "__main__":
    main()
