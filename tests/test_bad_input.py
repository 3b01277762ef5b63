"""Bad input: a clear message or a clean pass, no traceback, nothing half-written."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, clean
from tests.commands import leftovers, outputs

MB = 1 << 20


# --- strange bytes

_RANDOM = random.Random(1)
GARBAGE = {
    "random": _RANDOM.randbytes(200_000),
    "low bytes": bytes(_RANDOM.choices(range(32), k=5000)),
    "png": b"\x89PNG\r\n\x1a\n" + _RANDOM.randbytes(5000),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200) + _RANDOM.randbytes(3000),
    "zip": b"PK\x03\x04" + _RANDOM.randbytes(3000),
    "zeros": bytes(10_000),
    "wide": "Wide text, not told of.\n".encode("utf-16") * 20,
    "one byte": b"\xff",
    "one zero": b"\x00",
    "cut sequence": "Ende gut, alles ü".encode()[:-1],
    "cut mark": b"\xef\xbb",
    "encoded surrogate": b"A line \xed\xa0\x80 with one.\n",
    "overlong": b"A line \xc0\xaf with one.\n",
    "all bytes": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_garbage_passes_or_is_refused_in_one_line(
    invoke: Any, lax_model: Path, name: str, which: str
) -> None:
    result = invoke(which, "--model", lax_model, stdin=GARBAGE[name])
    if result.exit_code == 0:
        assert which == "inspect" or result.stdout_bytes == GARBAGE[name]
    else:
        assert result.exit_code == 1
        assert result.stdout_bytes == b""
        assert result.stderr.startswith("cleaner: standard input: ")
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["low bytes", "zeros", "wide"])
def test_what_is_plainly_binary_is_refused(invoke: Any, name: str) -> None:
    result = invoke("clean", stdin=GARBAGE[name])
    assert result.exit_code == 1
    assert "binary" in result.stderr


@pytest.mark.parametrize(
    "stray", [b"\xff", b"\xe9", b"\x80\x81\x82", b"\xc3(", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
)
def test_stray_bytes_survive(invoke: Any, texts: Any, stray: bytes) -> None:
    article = texts.article.encode().replace(b"harbour", b"harb" + stray + b"our")
    assert invoke("clean", stdin=article).stdout_bytes == article
    page = texts.page.encode().replace(b"harbour", b"harb" + stray + b"our")
    assert invoke("clean", stdin=page).stdout_bytes == article


def test_mixed_encodings_survive(invoke: Any, texts: Any) -> None:
    one, two, three, four = texts.paragraphs
    data = b"\n\n".join(
        [
            one.replace("harbour", "café").encode("utf-8"),
            two.replace("strike", "grève").encode("latin-1"),
            three.replace("screen", "écran").encode("cp1252"),
            four.encode("utf-8"),
        ]
    )
    assert invoke("clean", stdin=data).stdout_bytes == data


def test_zero_bytes_stay_where_they_are(invoke: Any, texts: Any) -> None:
    article = texts.article.encode().replace(b"old harbour", b"old\x00harbour")
    assert invoke("clean", stdin=article).stdout_bytes == article
    assert clean("\x00") in ("", "\x00")


def test_lone_surrogates_are_text_too(cleaner: Cleaner, texts: Any) -> None:
    article = texts.article.replace("harbour", "harb\ud800our").replace("strike", "\udfff\ud83d")
    assert cleaner.clean(article) == article
    assert cleaner.clean("\udc80\n\ud800\udc00\n").isprintable() in (True, False)
    fragments = cleaner.inspect("\ud800 lone\n\udfff again\n")
    assert [(f.start, f.end) for f in fragments] == [(0, 6), (7, 14)]


# --- strange characters

STRANGE = {
    "right to left": "בבוקר יצאה המעבורת מן הנמל הישן, ואיש מן הנוסעים לא מיהר לשום מקום. "
    "הקפטן עצר פעמיים לדבר עם חברים.\n"
    "غادرت العبارة الميناء القديم بعد السادسة بقليل، ولم يكن أحد من الركاب مستعجلاً.\n",
    "marks of direction": "\u202eThe ferry left\u202c the \u2067old\u2069 harbour at \u200fsix.\n",
    "joined emoji": "The whole family 👨‍👩‍👧‍👦 waved 🏳️‍🌈 at the 👩🏽‍🚀 and the 🇺🇦 flag.\n",
    "many joined emoji": "👨‍👩‍👧‍👦" * 3000 + "\n",
    "combining": "Z" + "\u0301\u0327\u0489" * 3000 + "\n",
    "astral": "𝕿𝖍𝖊 𝖋𝖊𝖗𝖗𝖞 𠮷𠮷 \U0010ffff left the old harbour.\n",
    "only zero width": "\u200b\u200d\ufeff\n" * 100,
    "other breaks": "One line.\x0bStill it.\x0cAnd still.\x85Yes.\u2028It goes on.\u2029So.\n",
    "separators": "\x1c\x1d\x1e\x1f one two three \x1c\n",
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_characters_survive(bent: Any, cleaner: Cleaner, name: str) -> None:
    text = STRANGE[name]
    assert Cleaner(bent(article=0.0, glue=1.5)).clean(text) == text
    fragments = cleaner.inspect(text)
    assert "".join("".join(f.text for f in fragments).split()) == "".join(text.split())
    assert all(f.text == text[f.start : f.end] for f in fragments)
    out = cleaner.clean(text)
    assert [line.strip() for line in out.split("\n") if line.strip()] == [
        f.text for f in fragments if f.keep
    ]


def test_prose_in_other_scripts_stays(cleaner: Cleaner, texts: Any) -> None:
    text = f"{texts.paragraphs[0]}\n{STRANGE['right to left']}{texts.paragraphs[1]}\n"
    assert cleaner.clean(text) == text


# --- size: time must grow with the input and not with its square

HOSTILE = {
    "joints": "a.B" * 200_000,
    "joints apart": "end. The " * 100_000,
    "camel": "aBc" * 300_000,
    "dashes": "- " * 100_000,
    "bullets": "word • Word " * 80_000,
    "full stops": "." * 1_000_000,
    "stops and dashes": ".- A" * 200_000,
    "quotes": "\"'" * 400_000,
    "closing after stop": '."' * 400_000 + "A",
    "capitals": "A" * 1_000_000,
    "spaces": "a" + " " * 1_000_000 + "b",
    "only spaces": " " * 1_000_000,
    "addresses": "www.a@b.c://" * 80_000,
    "digits": "1234567890" * 100_000,
    "bars": "| " * 400_000,
    "tabs": "a\t" * 400_000,
    "zero bytes": "\x00" * 1_000_000,
    "ideographs": "字。" * 400_000,
    "labels": "Advertisement " * 60_000,
    "carriage returns": "\r" * 500_000 + "\n" * 2,
    "alternating": "\r\n\r" * 300_000,
    "same line": "Read more\n" * 60_000,
    "two lines by turns": "One Thing\nAnother Thing\n" * 30_000,
    "contents": "Table of Contents\n" + "A Heading\n" * 30_000,
    "one letter a line": "a\n" * 100_000,
    "glued lines": "One thing ended.Another Began - and went on\n" * 8_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_little(cleaner: Cleaner, name: str) -> None:
    text = HOSTILE[name]
    begin = time.perf_counter()
    fragments = cleaner.inspect(text)
    seconds = time.perf_counter() - begin
    assert seconds < 20, f"{seconds:.1f} s for {len(text)} characters"
    assert "".join("".join(f.text for f in fragments).split()) == "".join(text.split())


@pytest.mark.parametrize("name", ["joints", "bullets", "spaces", "glued lines", "alternating"])
def test_hostile_text_is_mended_in_time(bent: Any, name: str) -> None:
    text = HOSTILE[name]
    begin = time.perf_counter()
    out = Cleaner(bent(article=0.6, glue=0.0)).clean(text)
    assert time.perf_counter() - begin < 20
    rest = iter(text)
    assert all(char in rest for char in out.replace("\n", "").replace("\r", ""))


def test_a_million_empty_lines(run: Any) -> None:
    for data in (b"\n" * 1_000_000, b"\r\n" * 1_000_000, b" \n" * 1_000_000):
        done = run("clean", stdin=data)
        assert (done.returncode, done.stdout == data) == (0, True)


def test_a_million_empty_lines_around_text(cleaner: Cleaner, texts: Any) -> None:
    empty = "\n" * 500_000
    text = texts.article.replace("\n\n", empty)
    assert cleaner.clean(text) == text
    page = f"{empty}{texts.page}{empty}"
    assert cleaner.clean(page).split() == texts.body.split()


def test_a_line_of_twenty_megabytes(run: Any, texts: Any, lax_model: Path) -> None:
    line = " ".join(texts.paragraphs).encode()
    data = line * (20 * MB // len(line))
    begin = time.perf_counter()
    done = run("clean", stdin=data)
    assert time.perf_counter() - begin < 40
    assert done.returncode == 0
    assert done.stdout.replace(b"\n", b"").replace(b" ", b"") == data.replace(b" ", b"")
    assert run("clean", "--model", lax_model, stdin=data).stdout == data


# --- files that are none


@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_a_folder_is_no_file(run: Any, tmp_path: Path, which: str) -> None:
    done = run(which, tmp_path)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert done.stderr != b""


def test_a_folder_is_no_output_file(run: Any, texts: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    done = run("clean", "--output", tmp_path / "taken", stdin=texts.page.encode())
    assert done.returncode in (1, 2)
    assert b"taken" in done.stderr
    done = run("clean", "--rejects", tmp_path / "taken", stdin=texts.page.encode())
    assert done.returncode in (1, 2)
    assert b"taken" in done.stderr
    assert leftovers(tmp_path) == []


def test_a_folder_in_the_place_of_an_output(run: Any, texts: Any, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.txt", "b.txt"):
        (source / name).write_text(texts.page, encoding="utf-8")
    (tmp_path / "out" / "a.txt").mkdir(parents=True)
    done = run("clean", source, "--output", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"a.txt" in done.stderr
    assert (tmp_path / "out" / "b.txt").read_text(encoding="utf-8") == texts.body
    assert leftovers(tmp_path) == []


def test_a_file_in_the_place_of_the_output_folder(run: Any, texts: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.txt", "b.txt"):
        (source / name).write_text(texts.page, encoding="utf-8")
    out.write_text("in the way\n", encoding="utf-8")
    done = run("clean", source, "--output", out)
    assert done.returncode in (1, 2)
    assert str(out).encode() in done.stderr
    assert out.read_text(encoding="utf-8") == "in the way\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named_and_the_rest_done(
    run: Any, texts: Any, tmp_path: Path
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.txt", "b.txt"):
        (source / name).write_text(texts.page, encoding="utf-8")
    (source / "a.txt").chmod(0)
    done = run("clean", source, "--output", tmp_path / "out")
    assert done.returncode == 1
    assert b"a.txt: Permission denied" in done.stderr
    assert (tmp_path / "out" / "b.txt").read_text(encoding="utf-8") == texts.body


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_below_the_input_is_named(
    run: Any, texts: Any, tmp_path: Path
) -> None:
    source = tmp_path / "in"
    (source / "closed").mkdir(parents=True)
    (source / "a.txt").write_text(texts.page, encoding="utf-8")
    (source / "closed").chmod(0)
    done = run("clean", source, "--output", tmp_path / "out")
    (source / "closed").chmod(0o700)
    assert done.returncode == 1
    assert b"closed" in done.stderr


def test_a_broken_link_among_good_files(run: Any, texts: Any, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.txt").write_text(texts.page, encoding="utf-8")
    (source / "broken.txt").symlink_to(tmp_path / "nowhere.txt")
    (source / "itself.txt").symlink_to(source / "itself.txt")
    done = run("clean", source, "--output", tmp_path / "out")
    assert done.returncode == 1
    named = done.stderr.splitlines()
    assert len(named) == 2
    assert b"broken.txt" in named[0]
    assert b"itself.txt" in named[1]
    assert (tmp_path / "out" / "good.txt").read_text(encoding="utf-8") == texts.body
    assert [path.name for path in outputs(tmp_path / "out")] == ["good.txt"]


def test_failed_files_among_good_ones(run: Any, texts: Any, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(20):
        bad = number % 7 == 3
        data = bytes(500) if bad else texts.page.encode()
        (source / f"{number:02}.txt").write_bytes(data)
    done = run("clean", source, "--output", tmp_path / "out", "--stats")
    assert done.returncode == 1
    named = [line for line in done.stderr.splitlines() if line.startswith(b"cleaner: ")]
    assert len(named) == 3
    for line, number in zip(named, (3, 10, 17), strict=True):
        assert str(source / f"{number:02}.txt").encode() in line
    written = [path.name for path in outputs(tmp_path / "out")]
    assert written == [f"{number:02}.txt" for number in range(20) if number % 7 != 3]
    assert b"documents  17" in done.stderr


def test_a_pipe_among_the_files_does_not_hang(
    command: list[str], env: dict[str, str], texts: Any, tmp_path: Path
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.txt").write_text(texts.page, encoding="utf-8")
    os.mkfifo(source / "pipe.txt")
    words = [*command, "clean", str(source), "--output", str(tmp_path / "out")]
    try:
        done = subprocess.run(words, env=env, capture_output=True, timeout=15, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail("waits for ever for a pipe in the input folder")
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "out" / "good.txt").read_text(encoding="utf-8") == texts.body


def test_a_pipe_given_as_a_file_is_read(
    command: list[str], env: dict[str, str], texts: Any, tmp_path: Path
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(texts.page, encoding="utf-8")
    line = f"{' '.join(command)} clean <(cat {page})"
    done = subprocess.run(
        ["bash", "-c", line], env=env, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == texts.body.encode()


@pytest.mark.parametrize("option", ["--output", "--rejects"])
def test_a_pipe_or_device_as_output_is_not_replaced(
    run: Any, texts: Any, tmp_path: Path, option: str
) -> None:
    """As root, `--rejects /dev/null` must not make an ordinary file of /dev/null."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        run("clean", option, path, stdin=texts.page.encode())
        assert stat.S_ISFIFO(path.stat().st_mode)
    finally:
        os.close(reader)


def test_names_that_are_no_unicode(run: Any, texts: Any, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    good, bad = os.fsencode(source) + b"/caf\xe9.txt", os.fsencode(source) + b"/caf\xe8.txt"
    Path(os.fsdecode(good)).write_text(texts.page, encoding="utf-8")
    Path(os.fsdecode(bad)).write_bytes(bytes(100))
    rejects = tmp_path / "rejects.jsonl"
    done = run("clean", source, "--output", tmp_path / "out", "--rejects", rejects, "--stats")
    assert done.returncode == 1
    assert b"binary" in done.stderr
    written = Path(os.fsdecode(os.fsencode(tmp_path) + b"/out/caf\xe9.txt"))
    assert written.read_text(encoding="utf-8") == texts.body
    assert len(rejects.read_bytes().splitlines()) == len(texts.spam)


@pytest.mark.parametrize("length", [200, 230, 240, 250, 255])
def test_the_longest_file_names(run: Any, texts: Any, tmp_path: Path, length: int) -> None:
    source = tmp_path / "in"
    source.mkdir()
    name = "n" * (length - 4) + ".txt"
    (source / name).write_text(texts.page, encoding="utf-8")
    done = run("clean", source, "--output", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out" / name).read_text(encoding="utf-8") == texts.body


def test_names_that_look_like_options_or_spaces(run: Any, texts: Any, tmp_path: Path) -> None:
    for name in ("--stats", " ", "a\nb"):
        (tmp_path / name).write_text(texts.page, encoding="utf-8")
        done = run("clean", "--", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, texts.body.encode())
