"""The counts of the documents and blocks, for data/README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cleaner.document import CATEGORIES
from data import bank
from data.build import own_documents


def lines() -> Iterator[str]:
    """The counts as Markdown tables, line by line."""
    documents = own_documents()
    splits = Counter(document.split for document in documents)
    yield f"{len(documents)} documents: {splits['train']} train, {splits['dev']} dev."
    yield ""
    yield "| kind | documents |"
    yield "|---|---|"
    for kind, count in Counter(document.kind for document in documents).most_common():
        yield f"| {kind} | {count} |"
    yield ""
    languages = Counter(document.language for document in documents)
    yield f"{len(languages)} languages: " + ", ".join(
        f"{language} {count}" for language, count in languages.most_common()
    )
    yield ""
    fragments: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for document in documents:
        for start, end, label in document.spans:
            fragments[str(label)] += 1
            characters[str(label)] += end - start
    blocks = bank.read()
    in_blocks = Counter(category for block in blocks for category, text in block.lines if text)
    yield "| category | fragments | characters | lines of `blocks/` |"
    yield "|---|---|---|---|"
    for category in CATEGORIES:
        row = (f"`{category}`", fragments[category], characters[category], in_blocks[category])
        yield f"| {' | '.join(map(str, row))} |"
    yield ""
    languages = Counter(block.language for block in blocks)
    yield f"{len(blocks)} blocks in {len(languages)} languages: " + ", ".join(
        f"{language} {count}" for language, count in languages.most_common()
    )
