"""Clean files and rejects make up what there was, byte for byte."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.model_file import save
from tests.test_parquet import parquet_file
from tests.test_wet import wet_file

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted((ROOT / "data" / "samples").glob("*.txt"))
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


@pytest.fixture(params=["jsonl", "jsonl.gz", "parquet"])
def rejects(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return tmp_path / f"rejects.{request.param}"


def there_and_back(invoke: Any, data: bytes, folder: Path, rejects: Path, *words: object) -> bytes:
    """The data after cleaning and restoring, which a check finds changed in between or not."""
    source, clean, back = folder / "page.txt", folder / "clean.txt", folder / "back.txt"
    source.write_bytes(data)
    result = invoke("clean", source, "-o", clean, "--rejects", rejects, *words)
    assert result.exit_code == 0, result.stderr
    result = invoke("restore", clean, "--rejects", rejects, "-o", back)
    assert (result.exit_code, result.output) == (0, "")
    return back.read_bytes()


@pytest.mark.parametrize("mode", ["gentle", "balanced", "thorough"])
@pytest.mark.parametrize("newline", LINE_ENDS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples(
    invoke: Any, tmp_path: Path, rejects: Path, path: Path, newline: str, mode: str
) -> None:
    text = path.read_text(encoding="utf-8").replace("\n", LINE_ENDS[newline])
    data = b"\xef\xbb\xbf" + text.encode()
    assert there_and_back(invoke, data, tmp_path, rejects, "--mode", mode) == data
    assert (tmp_path / "clean.txt").read_bytes() != data


PIECES = (
    *("\n", "\r\n", "\r", " ", "\t", "\n\n", "end.The next one", "Basics- The Start", "\ufeff"),
    *("Share this page", "Name : A", "\u2028", "\x85", "é", "漢字", "\x00", "  ", "\udc80"),
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=30).map("".join)


@pytest.mark.parametrize("article", [0.5, 0.9])
def test_any_texts(invoke: Any, bent: Any, texts: Any, tmp_path: Path, article: float) -> None:
    """With a model that strips and cuts freely, of texts that no page has: a folder at a time."""
    model, rejects = tmp_path / "bent.npz", tmp_path / "rejects.jsonl"
    save(bent(article=article, glue=0.0), model)
    rounds, cut = itertools.count(), 0
    glued = "".join(texts.paragraphs[:2])

    @settings(max_examples=10)
    @given(drawn=st.lists(TEXTS, min_size=5, max_size=20))
    def check(drawn: list[str]) -> None:
        nonlocal cut
        drawn = [glued, *drawn]
        folder = tmp_path / str(next(rounds))
        source, out, back = (folder / name for name in ("in", "out", "back"))
        source.mkdir(parents=True)
        for number, text in enumerate(drawn):
            # Enough letters that it is no binary file.
            data = f"{text}\n{'A line of text. ' * 30}".encode("utf-8", "surrogatepass")
            (source / f"{number}.txt").write_bytes(data)
        lines = "".join(json.dumps({"text": text}) + "\n" for text in drawn)
        (source / "lines.jsonl").write_text(lines, encoding="utf-8")
        words = ["--model", model, "--rejects", rejects]
        assert invoke("clean", source, "-o", out, *words).exit_code == 0
        result = invoke("restore", out, "--rejects", rejects, "-o", back)
        assert (result.exit_code, result.output) == (0, "")
        for path in source.iterdir():
            data, clean = path.read_bytes(), (out / path.name).read_bytes()
            assert (back / path.name).read_bytes() == data
            cut += clean.count(b"\n") > data.count(b"\n")

    check()
    assert cut or article > 0.5  # some line was cut in two, or nothing of that has been tried


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252"])
def test_encodings(invoke: Any, texts: Any, tmp_path: Path, encoding: str) -> None:
    source, clean, back = (tmp_path / f"{name}.txt" for name in ("page", "clean", "back"))
    rejects = tmp_path / "rejects.jsonl"
    source.write_bytes(texts.page.encode(encoding))
    words = ["--encoding", encoding, "--rejects", rejects]
    assert invoke("clean", source, "-o", clean, *words).exit_code == 0
    assert invoke("restore", clean, "-o", back, *words).exit_code == 0
    assert back.read_bytes() == source.read_bytes() != clean.read_bytes()


def records(page: str) -> list[bytes]:
    """Lines of all kinds, one of them bad."""
    escaped = json.dumps(page).replace("e", "\\u0065")
    plain = json.dumps({"a": 1.0, "text": f"Où? {page}", "b": [1]}, ensure_ascii=False)
    return [
        json.dumps({"text": f"Où? {page}"}).encode() + b"\r\n",
        b"\n",
        plain.encode() + b"\n",
        b"not JSON\n",
        f'{{ "text" :{escaped} }}\n'.encode(),
        b'{"text": null}\n',
        f'{{"text": {json.dumps("One good sentence about the harbour and the rain.")}}}'.encode(),
    ]


@pytest.mark.parametrize("more", [[], ["--annotate", "--keep-original", "raw"]], ids=["", "more"])
def test_a_folder_of_everything(
    invoke: Any, texts: Any, tmp_path: Path, rejects: Path, more: list[str]
) -> None:
    pytest.importorskip("fastwarc")
    source, out, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_text(texts.page, encoding="utf-8")
    (source / "clean.txt").write_text(texts.article, encoding="utf-8")
    (source / "sub" / "lines.jsonl").write_bytes(b"".join(records(texts.page)) * 1)
    (source / "z.jsonl").write_bytes(b"".join(records(texts.page)[:3] * 20))
    if not more:
        (source / "sub" / "b.wet").write_bytes(b"".join(wet_file(texts.page)))
    words = ["-o", out, "--rejects", rejects, "--block-size", 8000, *more]
    assert invoke("clean", source, *words).exit_code == 1  # for the bad record
    result = invoke("restore", out, "--rejects", rejects, "-o", back)
    assert (result.exit_code, result.output) == (0, "")
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    for name in files:
        assert (back / name).read_bytes() == (source / name).read_bytes()
        assert (out / name).read_bytes() != (source / name).read_bytes() or "clean" in str(name)


def test_compressed_and_parquet(invoke: Any, texts: Any, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    source, out, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    source.mkdir()
    rejects = tmp_path / "rejects.jsonl"
    parquet_file(source / "a.parquet", texts)
    data = b"".join(records(texts.page)[:3])
    (source / "b.jsonl.gz").write_bytes(gzip.compress(data))
    words = ["-o", out, "--rejects", rejects, "--annotate", "--keep-original", "raw"]
    assert invoke("clean", source, *words).exit_code == 0
    assert invoke("restore", out, "--rejects", rejects, "-o", back).exit_code == 0
    read = pq.read_table(back / "a.parquet")
    assert read.equals(pq.read_table(source / "a.parquet"), check_metadata=True)
    assert gzip.decompress((back / "b.jsonl.gz").read_bytes()) == data


def test_what_came_by_a_pipe(invoke: Any, texts: Any, tmp_path: Path) -> None:
    body, back, rejects = (tmp_path / name for name in ("body.txt", "back.txt", "rejects.jsonl"))
    body.write_bytes(invoke("clean", "--rejects", rejects, stdin=texts.page).stdout_bytes)
    assert invoke("restore", body, "--rejects", rejects, "-o", back).exit_code == 0
    assert back.read_text(encoding="utf-8") == texts.page


def test_one_file_of_many(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out, rejects = tmp_path / "in", tmp_path / "out", tmp_path / "rejects.jsonl"
    source.mkdir()
    (source / "a.txt").write_text(texts.page, encoding="utf-8")
    (source / "b.txt").write_text(f"{texts.links[0]}\n{texts.page}", encoding="utf-8")
    assert invoke("clean", source, "-o", out, "--rejects", rejects).exit_code == 0
    back = tmp_path / "back.txt"
    assert invoke("restore", out / "b.txt", "--rejects", rejects, "-o", back).exit_code == 0
    assert back.read_bytes() == (source / "b.txt").read_bytes()
    (tmp_path / "c.txt").write_text("", encoding="utf-8")
    result = invoke("restore", tmp_path / "c.txt", "--rejects", rejects, "-o", back)
    assert result.exit_code == 1
    assert "is about 2 files" in result.stderr


def test_the_wrong_file_is_told(invoke: Any, texts: Any, tmp_path: Path) -> None:
    """Nothing is made up: what does not fit the rejects is an error, and is not written."""
    page, rejects = tmp_path / "page.txt", tmp_path / "rejects.jsonl"
    page.write_text(texts.page, encoding="utf-8")
    clean, back = tmp_path / "clean.txt", tmp_path / "back.txt"
    assert invoke("clean", page, "-o", clean, "--rejects", rejects).exit_code == 0
    for wrong in (texts.body + "x", texts.body[1:], texts.page, ""):
        clean.write_text(wrong, encoding="utf-8")
        result = invoke("restore", clean, "--rejects", rejects, "-o", back)
        assert result.exit_code == 1
        assert "is not what these rejects were cut from" in result.stderr
        assert not back.exists()
    clean.write_text(texts.body, encoding="utf-8")
    result = invoke("restore", clean, "--rejects", rejects, "-o", clean)
    assert (result.exit_code, "over an input" in result.stderr) == (1, True)
    for bad in ("no JSON\n", '{"some": "JSON"}\n', "[]\n"):
        rejects.write_text(bad, encoding="utf-8")
        result = invoke("restore", clean, "--rejects", rejects, "-o", back)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert str(rejects) in result.stderr
    rejects.unlink()
    result = invoke("restore", clean, "--rejects", rejects, "-o", back)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_a_missing_clean_file_costs_itself(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out, rejects = tmp_path / "in", tmp_path / "out", tmp_path / "rejects.jsonl"
    source.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (source / name).write_text(texts.page, encoding="utf-8")
    assert invoke("clean", source, "-o", out, "--rejects", rejects).exit_code == 0
    (out / "b.txt").unlink()
    result = invoke("restore", out, "--rejects", rejects, "-o", tmp_path / "back")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"cleaner: {out}/b.txt: is not there")
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == ["a.txt", "c.txt"]


def test_rows_keep_their_documented_fields(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, rejects = tmp_path / "a.jsonl", tmp_path / "rejects.jsonl"
    line = json.dumps({"text": texts.page})
    source.write_text(f"\n{line}\n{line}\n", encoding="utf-8")
    assert invoke("clean", source, "--rejects", rejects).exit_code == 0
    rows = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [row["record"] for row in rows] == [2] * len(texts.spam) + [3] * len(texts.spam)
    stripped = [f for f in Cleaner().inspect(texts.page) if not f.keep]
    for row, fragment in zip(rows, stripped, strict=False):
        assert row["document"] == str(source)
        assert {name: row[name] for name in fragment.as_dict()} == fragment.as_dict()
