"""Very long texts: judged in stretches, of which nothing is lost, in memory that does not grow."""

from __future__ import annotations

import gzip
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, stretches
from cleaner.model_file import save
from cleaner.rejecting import document_rows, restored
from cleaner.stretches import LINE_ENDS, STRETCH
from tests.conftest import Bend, Texts, frugal

LINES = st.lists(
    st.tuples(st.text("ab\u4e00 ", max_size=9), st.sampled_from(["\n", "\r\n", "\r", "\n\n"])),
    max_size=60,
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches and lines of a few characters, so that small texts show what long ones do."""
    shorten(monkeypatch)


def shorten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stretches, "STRETCH", 16)
    patch.setattr(stretches, "LINE_ENDS", 4)


def text_of(lines: list[tuple[str, str]]) -> str:
    return "".join(line + end for line, end in lines)


@given(LINES, st.integers(1, 40))
def test_stretches_are_whole_lines_and_the_same_however_the_text_comes_in(
    lines: list[tuple[str, str]], size: int
) -> None:
    text = text_of(lines)
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        found = [text[one:two] for one, two in pairwise(stretches.edges(text))]
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        assert list(stretches.stretched(parts)) == found
    assert "".join(found) == text
    for one, other in pairwise(found):
        assert one.endswith(("\n", "\r"))
        assert not (one.endswith("\r") and other.startswith("\n"))
        assert len(one) >= 16
    assert len(found) == 1 or len(found[-1]) >= 8


@given(LINES)
def test_places_without_gaps_are_found_again(lines: list[tuple[str, str]]) -> None:
    text = text_of(lines)
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        left_out = stretches.gaps(text)
        cut = stretches.without(text, left_out)
    widened = stretches.Widened([text, "x", text], [left_out, [], left_out])
    laid, short = f"{text}\nx\n{text}\n", f"{cut}\nx\n{cut}\n"
    places = widened(np.arange(len(short)))
    assert [laid[place] for place in places] == list(short)
    assert all(len(line) <= 8 + 2 for line in re.split("[\r\n]", cut))


def test_a_long_text_is_judged_stretch_by_stretch(short: None) -> None:
    text = "".join(f"Some line of an article, number {n}.\n" for n in range(20))
    cleaner = Cleaner()
    bounds = stretches.edges(text)
    parts = [text[one:two] for one, two in pairwise(bounds)]
    assert len(parts) > 9
    assert cleaner.clean(text) == "".join(cleaner.clean_batch(parts))
    fragments = cleaner.inspect(text)
    assert [one.text for one in fragments] == text.splitlines()
    assert all(text[one.start : one.end] == one.text for one in fragments)
    ((body, again),) = cleaner.clean_and_inspect_batch([text])
    assert (body, again) == (cleaner.clean(text), fragments)


def test_texts_of_one_and_of_several_stretches_come_back_in_order(short: None) -> None:
    texts = ["", "A line.\n", "A line of words.\n" * 9, "\n \n", "Words in a line.\n" * 5, "x"]
    cleaner = Cleaner()
    assert list(cleaner.clean_batch(texts)) == [cleaner.clean(text) for text in texts]
    assert list(cleaner.inspect_batch(texts)) == [cleaner.inspect(text) for text in texts]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_a_line_of_a_million_characters_stays_whole(end: str) -> None:
    long = "The ferry left the old harbour at six, and nobody on board looked up. " * 15_000
    text = f"The Last Ferry{end or chr(10)}{long.rstrip()}{end}"
    fragments = Cleaner(mode="gentle").inspect(text)
    assert [one.text for one in fragments] == ["The Last Ferry", long.rstrip()]
    assert Cleaner(mode="gentle").clean(text) == text


def test_what_stands_behind_a_long_line_keeps_its_place() -> None:
    long = "word " * LINE_ENDS
    text = f"{long}\n\nAfter it.\n{long}\nThe end of it.\n"
    assert len(text) > 2 * STRETCH
    for one in Cleaner().inspect(text):
        assert text[one.start : one.end] == one.text


@pytest.fixture(scope="session")
def book(texts: Texts) -> str:
    """A text of several stretches, of pages with spam between their paragraphs."""
    return "".join(f"Chapter {number}\n\n{texts.page}\n" for number in range(1500))


@pytest.fixture(scope="session")
def severe_model(bent: Bend, book: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file by which half of the book's lines go, whatever they are."""
    path = tmp_path_factory.mktemp("severe") / "severe.npz"
    scores = [one.score for one in Cleaner().inspect(book[:STRETCH])]
    save(bent(article=float(np.median(scores)), glue=1.5), path)
    return path


@pytest.mark.parametrize("ending", ["txt", "txt.gz"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_command_says_of_a_long_text_what_the_library_says(
    invoke: Any, tmp_path: Path, book: str, severe_model: Path, mark: bytes, ending: str
) -> None:
    cleaner = Cleaner(severe_model)
    assert len(stretches.edges(book)) > 3
    pack, unpack = (gzip.compress, gzip.decompress) if ending.endswith("gz") else (bytes, bytes)
    source, out, rejects = (tmp_path / name for name in (f"in/book.{ending}", "out", "r.jsonl"))
    source.parent.mkdir()
    source.write_bytes(pack(mark + book.encode()))
    words = ("--model", severe_model, "--rejects", rejects, "--stats")
    result = invoke("clean", source.parent, "-o", out, *words)
    assert result.exit_code == 0, result.stderr
    assert "documents  1\n" in result.stderr
    body = cleaner.clean(book)
    assert unpack((out / source.name).read_bytes()) == mark + body.encode()
    gone = [one for one in cleaner.inspect(book) if not one.keep]
    rows = [json.loads(line) for line in rejects.read_text().splitlines()]
    told = [(row["start"], row["end"], row["text"]) for row in rows if not row["keep"]]
    assert told == [(one.start, one.end, one.text) for one in gone]
    assert len(told) > 1000
    back = tmp_path / "back"
    assert invoke("restore", out, "--rejects", rejects, "-o", back).exit_code == 0
    assert unpack((back / source.name).read_bytes()) == unpack(source.read_bytes())


def test_a_restored_stretch_that_was_written_to_is_found_out(
    invoke: Any, tmp_path: Path, book: str, severe_model: Path
) -> None:
    source, clean, rejects = tmp_path / "book.txt", tmp_path / "clean.txt", tmp_path / "r.jsonl"
    source.write_text(book)
    words = ("--model", severe_model, "--rejects", rejects)
    assert invoke("clean", source, "-o", clean, *words).exit_code == 0
    body = clean.read_text()
    for changed in (body.replace("Chapter 700", "Chapter 007", 1), body + "One line more.\n"):
        clean.write_text(changed)
        result = invoke("restore", clean, "--rejects", rejects, "-o", tmp_path / "back.txt")
        assert result.exit_code == 1
        assert "is not what these rejects were cut from" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "shift_jis", "utf-16", "utf-32"])
@pytest.mark.parametrize("rows", ["rejects.jsonl", "rejects.parquet"])
def test_a_long_text_in_any_encoding_there_and_back(
    invoke: Any, tmp_path: Path, book: str, severe_model: Path, encoding: str, rows: str
) -> None:
    if rows.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source, clean, back = (tmp_path / f"{name}.txt" for name in ("book", "clean", "back"))
    source.write_bytes(book.encode(encoding))
    words = ("--encoding", encoding, "--rejects", tmp_path / rows)
    result = invoke("clean", source, "-o", clean, "--model", severe_model, *words)
    assert result.exit_code == 0, result.stderr
    assert clean.read_bytes().decode(encoding) == Cleaner(severe_model).clean(book)
    assert invoke("restore", clean, "-o", back, *words).exit_code == 0
    assert back.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("kind", ["text", "jsonl"])
def test_a_long_text_from_a_pipe_there_and_back(
    invoke: Any, tmp_path: Path, book: str, severe_model: Path, kind: str
) -> None:
    rejects, clean, back = (tmp_path / name for name in ("r.jsonl", "clean", "back"))
    record = json.dumps({"text": book}, ensure_ascii=False) + "\n"
    data = (book if kind == "text" else record).encode()
    words = ("--format", kind, "--rejects", rejects)
    result = invoke("clean", "--model", severe_model, *words, stdin=data)
    assert result.exit_code == 0, result.stderr
    clean.write_bytes(result.stdout_bytes)
    assert clean.stat().st_size < len(data)
    assert invoke("restore", clean, "-o", back, *words).exit_code == 0
    assert back.read_bytes() == data


@given(LINES, st.sampled_from([0.5, 0.8, 0.95]))
def test_what_was_cut_from_stretches_can_be_put_back(
    bent: Bend, lines: list[tuple[str, str]], article: float
) -> None:
    text = text_of(lines)
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        ((body, fragments),) = Cleaner(bent(article, 1.5)).clean_and_inspect_batch([text])
        rows = document_rows(text, fragments, document="d", record=1, file="f")
    assert restored(body, rows, "d") == text


def test_a_long_text_of_which_nothing_is_left_is_named(
    invoke: Any, tmp_path: Path, book: str, strict_model: Path
) -> None:
    source = tmp_path / "book.txt"
    source.write_text(book)
    words = ("--model", strict_model, "--stats")
    result = invoke("clean", source, "-o", tmp_path / "clean.txt", *words)
    assert "documents  1\n" in result.stderr
    assert f"{source}: nothing in this document looks like an article" in result.stderr


@pytest.mark.parametrize("encoding", ["gb18030", "euc_jp", "utf-8"])
def test_a_character_cut_off_at_the_end_stays(invoke: Any, tmp_path: Path, encoding: str) -> None:
    line = "渡し船は六時過ぎに古い港を出た。\n".encode(encoding)
    data = line * (3 * STRETCH // len(line)) + "渡".encode(encoding)[:-1]
    source, clean = tmp_path / "book.txt", tmp_path / "clean.txt"
    source.write_bytes(data)
    words = ("-o", clean, "--encoding", encoding, "--mode", "gentle")
    assert invoke("clean", source, *words).exit_code == 0
    assert clean.read_bytes() == data


def test_a_long_text_in_another_encoding_is_told(invoke: Any, tmp_path: Path) -> None:
    source = tmp_path / "book.txt"
    source.write_bytes(b"\\x" * STRETCH)
    result = invoke("clean", source, "-o", tmp_path / "out", "--encoding", "unicode_escape")
    assert result.exit_code == 1
    assert result.stderr.endswith("not unicode-escape; choose another --encoding\n")


@pytest.mark.parametrize("blanks", ["before", "after", "around"])
def test_blanks_are_not_what_a_long_line_is_judged_by(blanks: str) -> None:
    shown = "The ferry left the old harbour at six. " * 15_000
    room = " " * (3 * LINE_ENDS)
    text = f"The Last Ferry\n{room * (blanks != 'after')}{shown}{room * (blanks != 'before')}\n"
    fragments = Cleaner(mode="gentle").inspect(text)
    assert [one.text for one in fragments] == ["The Last Ferry", shown.rstrip()]
    assert Cleaner(mode="gentle").clean(text) == text


def test_stray_bytes_and_a_character_cut_in_two_by_a_read(invoke: Any, tmp_path: Path) -> None:
    line = "Der Fährmann blickte nicht auf, als das Horn über dem Wasser klang.\n".encode()
    data = b"\xff \xc3\n" + line * (3 * STRETCH // len(line)) + b"\xe4\xb8"
    source, clean = tmp_path / "book.txt", tmp_path / "clean.txt"
    source.write_bytes(data)
    assert invoke("clean", source, "-o", clean, "--mode", "gentle").exit_code == 0
    body = Cleaner(mode="gentle").clean(data.decode("utf-8", "surrogateescape"))
    assert clean.read_bytes() == body.encode("utf-8", "surrogateescape")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts all of a process's data")
def test_memory_does_not_grow_with_the_document(run: Any, tmp_path: Path, book: str) -> None:
    """A process may take 300 MB; judged as a whole, this text alone would take six times that."""
    source, clean = tmp_path / "long.txt", tmp_path / "out.txt"
    with source.open("w") as file:
        for _ in range(24_000_000 // len(book)):
            file.write(book)
    done = run("clean", source, "-o", clean, preexec_fn=frugal)
    assert (done.returncode, done.stderr) == (0, b"")
    assert clean.stat().st_size > 12_000_000
