"""Labelled documents: both formats, folders, splits, and every kind of broken line."""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.dataset import (
    DEV_SHARE,
    LabelledDocument,
    Span,
    digest,
    laid_out,
    read,
    split_of,
)
from cleaner.document import ARTICLE, CATEGORIES
from cleaner.errors import DataError
from cleaner.splitting import split_lines

OURS = {
    "id": "bridge-1",
    "language": "en",
    "kind": "farm",
    "fragments": [
        ["navigation", "Home"],
        "",
        [ARTICLE, "  The bridge is closed. "],
        ["+link_list", "- Who Is Marlow Vance"],
        [ARTICLE, "It opens in May."],
    ],
}
THEIRS = {
    "id": "page-7",
    "split": "dev",
    "language": "de",
    "lines": ["Start", "", " Die Brücke ", "Vielleicht", "Mehr"],
    "labels": [0, 0, 1, None, "link_list"],
}


def written(path: Path, records: Sequence[Any], newline: str = "\n") -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    data = "".join(line + newline for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def told(document: LabelledDocument) -> list[tuple[str, str | None]]:
    return [(document.text[start:end], label) for start, end, label in document.spans]


# What is read.


def test_our_format(tmp_path: Path) -> None:
    (document,) = read([written(tmp_path / "towns.jsonl", [OURS])])
    assert (document.id, document.origin) == ("bridge-1", "towns")
    assert (document.language, document.kind) == ("en", "farm")
    assert document.split == split_of("bridge-1")
    assert document.text == (
        "Home\n\n  The bridge is closed. - Who Is Marlow Vance\nIt opens in May."
    )
    assert told(document) == [
        ("Home", "navigation"),
        ("The bridge is closed.", ARTICLE),
        ("- Who Is Marlow Vance", "link_list"),
        ("It opens in May.", ARTICLE),
    ]


def test_the_format_of_the_corpora(tmp_path: Path) -> None:
    (document,) = read([written(tmp_path / "gold.jsonl.gz", [THEIRS])])
    assert (document.id, document.origin, document.split) == ("page-7", "gold", "dev")
    assert document.text == "Start\n\n Die Brücke \nVielleicht\nMehr"
    assert told(document) == [
        ("Start", "other"),
        ("Die Brücke", ARTICLE),
        ("Vielleicht", None),
        ("Mehr", "link_list"),
    ]


def test_what_a_document_need_not_say(tmp_path: Path) -> None:
    records = [{"fragments": []}, "", "  ", {"lines": [], "labels": []}]
    one, two = read([written(tmp_path / "plain.jsonl", records, "\r\n")])
    assert (one.id, two.id) == ("plain-1", "plain-4")
    assert (one.text, one.spans, one.language, one.kind) == ("", (), "", "")
    assert one.split == split_of("plain-1")


def test_a_rendering_may_be_named(tmp_path: Path) -> None:
    records = [THEIRS | {"rendering": "plain"}, THEIRS]
    found = [document.rendering for document in read([written(tmp_path / "a.jsonl", records)])]
    assert found == ["plain", ""]


def test_snippets_instead_of_labels(tmp_path: Path) -> None:
    checks = {"lines": ["Start", "", "Die Brücke"], "must_stay": ["Die Brücke"], "must_go": ["Sta"]}
    records = [checks, checks | {"labels": []}, checks | {"must_go": []}]
    for document in read([written(tmp_path / "checks.jsonl", records)]):
        assert (document.text, document.spans) == ("Start\n\nDie Brücke", ())
        assert document.must_stay == ("Die Brücke",)
        assert document.must_go in (("Sta",), ())


def test_snippets_beside_labels(tmp_path: Path) -> None:
    records = [THEIRS | {"must_go": ["Start"]}, OURS | {"must_stay": ["The bridge"]}, OURS]
    theirs, ours, plain = read([written(tmp_path / "both.jsonl", records)])
    assert (theirs.must_stay, theirs.must_go, len(theirs.spans)) == ((), ("Start",), 4)
    assert (ours.must_stay, ours.must_go, len(ours.spans)) == (("The bridge",), (), 4)
    assert (plain.must_stay, plain.must_go) == ((), ())


def test_a_set_may_be_named(tmp_path: Path) -> None:
    (document,) = read([written(tmp_path / "a.jsonl", [OURS | {"set": "towns"}])])
    assert document.origin == "towns"


def test_folders_files_and_order(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    written(tmp_path / "b" / "deep" / "z.jsonl", [OURS | {"id": "z"}])
    written(tmp_path / "b" / "a.jsonl.gz", [OURS | {"id": "a1"}, THEIRS | {"id": "a2"}])
    written(tmp_path / "b" / "notes.txt", ["not for us"])
    single = written(tmp_path / "c.jsonl", [OURS | {"id": "c"}])
    found = [document.id for document in read([single, tmp_path / "b"])]
    assert found == ["c", "a1", "a2", "z"]
    assert [document.id for document in read([str(single)])] == ["c"]


def test_the_split_is_stable_and_fair() -> None:
    # These must never change: a document must not wander between training and development.
    known = {"bridge-1": "train", "page-4": "dev", "page-1": "train", "é": "train"}
    assert {name: split_of(name) for name in known} == known
    dev = sum(split_of(f"document-{number}") == "dev" for number in range(5000))
    assert dev / 5000 == pytest.approx(1 / DEV_SHARE, abs=0.02)


def test_the_split_goes_by_id_alone(tmp_path: Path) -> None:
    one = written(tmp_path / "one.jsonl", [OURS, OURS | {"id": "page-3"}])
    two = written(tmp_path / "two.jsonl", [OURS | {"fragments": [], "kind": "x"}])
    splits = [document.split for document in read([one, two])]
    assert splits[0] == splits[2]


# What is not.

BROKEN: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "not JSON"),
    "two values": ("{} {}", "not JSON"),
    "a list": ([], "must be a JSON object"),
    "a number": (3, "must be a JSON object"),
    "null": ("null", "must be a JSON object"),
    "nested without end": ("[" * 200_000, ""),
    "nothing in it": ({"id": "x"}, 'needs "fragments"'),
    "labels missing": ({"lines": ["a"]}, 'needs "fragments"'),
    "lines missing": ({"labels": [1]}, 'needs "fragments"'),
    "fragments no list": ({"fragments": {"a": 1}}, '"fragments" must be a list'),
    "fragments null": ({"fragments": None}, '"fragments" must be a list'),
    "fragment a text": ({"fragments": ["hello"]}, "fragment 1 must be"),
    "fragment too short": ({"fragments": [[ARTICLE]]}, "fragment 1 must be"),
    "fragment too long": ({"fragments": [[ARTICLE, "a", "b"]]}, "fragment 1 must be"),
    "fragment of numbers": ({"fragments": ["", [ARTICLE, 7]]}, "fragment 2 must be"),
    "unknown category": ({"fragments": [["spam", "a"]]}, "fragment 1: no category 'spam'"),
    "two pluses": ({"fragments": [["++toc", "a"]]}, "fragment 1: no category"),
    "two lines in one": ({"fragments": [[ARTICLE, "a\nb"]]}, "fragment 1: a fragment is one line"),
    "a return in one": ({"fragments": [[ARTICLE, "a\rb"]]}, "fragment 1: a fragment is one line"),
    "lines no list": ({"lines": "ab", "labels": [1, 1]}, "must be lists of one length"),
    "labels no list": ({"lines": ["a"], "labels": 1}, "must be lists of one length"),
    "unlike lengths": ({"lines": ["a"], "labels": [1, 0]}, "must be lists of one length"),
    "line no text": ({"lines": ["a", 3], "labels": [1, 0]}, "line 2 is not a string"),
    "label too large": ({"lines": ["a"], "labels": [2]}, "label 1 must be"),
    "label unknown": ({"lines": ["a"], "labels": ["spam"]}, "label 1 must be"),
    "label a list": ({"lines": ["a"], "labels": [[1]]}, "label 1 must be"),
    "labels missing beside snippets": ({"lines": ["a"], "must_go": []}, 'needs "fragments"'),
    "labels short beside snippets": ({"lines": ["a"], "labels": []}, "must be lists of one length"),
    "lines no list beside snippets": ({"lines": "ab", "must_go": ["a"]}, '"lines" must be a list'),
    "line no text beside snippets": ({"lines": ["a", 3], "must_go": ["a"]}, "line 2 is not"),
    "snippets no list": ({"fragments": [], "must_stay": "a"}, '"must_stay" must be a list'),
    "snippets null": ({"lines": ["a"], "labels": [1], "must_go": None}, '"must_go" must be a list'),
    "snippet no text": ({"lines": ["a"], "must_go": [1]}, '"must_go" must be a list of texts'),
    "snippet of nothing": ({"lines": ["a"], "must_go": [" "]}, '"must_go" must be a list of texts'),
    "id that is no text": ('{"id": "\\ud800", "fragments": []}', ""),
}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_named(tmp_path: Path, name: str, suffix: str) -> None:
    record, message = BROKEN[name]
    path = written(tmp_path / f"bad{suffix}", [OURS, "", record, OURS])
    with pytest.raises(DataError) as caught:
        list(read([path]))
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_comes_before_a_broken_line_is_read(tmp_path: Path) -> None:
    documents = read([written(tmp_path / "bad.jsonl", [OURS, "{"])])
    assert next(documents).id == "bridge-1"
    with pytest.raises(DataError, match="line 2"):
        next(documents)


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(json.dumps(OURS).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(DataError, match=r"bad\.jsonl, line 2: not UTF-8"):
        list(read([path]))


def noise(size: int) -> list[Any]:
    """Records that do not compress away, so that a damaged archive is damaged in the middle."""
    return [OURS | {"id": digest([LabelledDocument(str(n), *"abcde", ())])} for n in range(size)]


def test_a_damaged_archive(tmp_path: Path) -> None:
    good = written(tmp_path / "good.jsonl.gz", noise(2000)).read_bytes()
    assert len(list(read([tmp_path / "good.jsonl.gz"]))) == 2000
    middle = len(good) // 2
    files = {
        "short": good[:middle],
        "text": b"hello\n",
        "bits": good[:middle] + b"\xff" * 40 + good[middle + 40 :],
        "block": good[:10] + b"\x07" + good[11:],
        "checksum": good[:-8] + b"\x00" * 4 + good[-4:],
    }
    for name, data in files.items():
        path = tmp_path / f"{name}.jsonl.gz"
        path.write_bytes(data)
        with pytest.raises(DataError) as caught:
            list(read([path]))
        assert str(path) in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: cannot be read"):
        list(read([tmp_path / "none.jsonl"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: holds no \.jsonl or \.jsonl\.gz file"):
        list(read([tmp_path / "empty"]))


# Laying out.

TEXTS = st.text(st.characters(exclude_characters="\n\r"), max_size=12)
FRAGMENTS = st.lists(
    st.tuples(st.sampled_from([ARTICLE, "toc", "+article", "+share"]), TEXTS), max_size=8
)


@settings(derandomize=True, deadline=None)
@given(FRAGMENTS)
def test_spans_cover_exactly_the_visible_text(fragments: list[tuple[str, str]]) -> None:
    text, spans = laid_out(fragments)
    place = 0
    for start, end, _ in spans:
        assert not text[place:start].strip()
        assert text[start:end].strip() == text[start:end] != ""
        place = end
    assert not text[place:].strip()
    assert [(span.label, text[span.start : span.end]) for span in spans] == [
        (category.removeprefix("+"), line.strip()) for category, line in fragments if line.strip()
    ]
    breaks = sum(not category.startswith("+") for category, _ in fragments[1:])
    assert text.count("\n") == breaks


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CATEGORIES), TEXTS), max_size=8))
def test_spans_are_the_fragments_that_splitting_finds(fragments: list[tuple[str, str]]) -> None:
    text, spans = laid_out(fragments)
    batch = split_lines([text])
    assert [span.start for span in spans] == batch.start.tolist()
    assert [span.end for span in spans] == batch.end.tolist()


def test_the_digest_tells_documents_apart() -> None:
    plain = LabelledDocument("a", "s", "en", "farm", "dev", "x\ud800", (Span(0, 1, ARTICLE),))
    others = [
        LabelledDocument("b", "s", "en", "farm", "dev", "x\ud800", (Span(0, 1, ARTICLE),)),
        LabelledDocument("a", "s", "en", "farm", "dev", "y\ud800", (Span(0, 1, ARTICLE),)),
        LabelledDocument("a", "s", "en", "farm", "dev", "x\ud800", (Span(0, 1, None),)),
    ]
    others += [
        dataclasses.replace(plain, must_stay=("x",)),
        dataclasses.replace(plain, must_go=("x",)),
    ]
    found = {digest([document]) for document in [plain, *others]}
    found |= {digest([plain, others[0]]), digest([others[0], plain]), digest([])}
    assert len(found) == 9
    assert digest([plain]) == digest([plain])
