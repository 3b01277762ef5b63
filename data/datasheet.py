"""Count the documents for data/README.md: python -m data.datasheet [--write]."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cleaner.document import CATEGORIES
from data.build import own_documents

README = Path(__file__).with_name("README.md")
BEGIN = "<!-- counts: python -m data.datasheet --write -->\n"
END = "<!-- end of counts -->\n"


def tables() -> Iterator[str]:
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
    yield "| category | fragments | characters |"
    yield "|---|---|---|"
    for category in CATEGORIES:
        yield f"| `{category}` | {fragments[category]} | {characters[category]} |"


def written(readme: str) -> str:
    """The datasheet with its counts brought up to date."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n" + "\n".join(tables()) + "\n\n" + END + tail


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="bring data/README.md up to date")
    if options.parse_args().write:
        README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print("\n".join(tables()))


if __name__ == "__main__":
    main()
