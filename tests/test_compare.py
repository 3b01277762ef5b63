"""The comparison with other filters: one interface, one table, the same figures for all.

The tests of a peer are skipped where it is not installed. With all of them, after `make compare`:
.venv-peers/bin/python -m pytest tests/test_compare.py
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks.compare import learned
from benchmarks.compare.rules import C4Rules, JusText
from benchmarks.compare.sets import CORPORA, dev_sets
from benchmarks.compare.systems import KeepAll, LineFilter, Ours, visible_lines
from benchmarks.compare.table import HEADER, measured, rows
from cleaner.dataset import LabelledDocument, laid_out
from cleaner.document import ARTICLE

ROOT = Path(__file__).parents[1]
NOT_INSTALLED = "a peer of `make compare` that is not installed here"

SENTENCE = "The ferry left the old harbour a little after six."
MENU = "Home | News | Shop"


def document(name: str, lines: list[tuple[str, str]]) -> LabelledDocument:
    text, spans = laid_out(lines)
    return LabelledDocument(name, "towns", "en", "", "dev", text, spans)


ONE = document("one", [(ARTICLE, SENTENCE), ("", ""), ("navigation", f"  {MENU} ")])
TWO = document("two", [(ARTICLE, "Harbour"), ("share", "Share this page."), (ARTICLE, SENTENCE)])


class Sentences(LineFilter):
    """A rule of our own: what ends in a full stop stays."""

    name = "sentences"

    def scores(self, lines: Sequence[str]) -> Sequence[float]:
        return [float(line.endswith(".")) for line in lines]


def kept(system: LineFilter, text: str) -> list[str]:
    (fragments,) = system.inspect_batch([text])
    return [fragment.text for fragment in fragments if fragment.keep]


def test_lines_are_what_shows_between_line_ends() -> None:
    text = "\r\n  one two \r\rthree\u00a0\n\n\t\nfour\u2028five"
    assert [text[start:end] for start, end in visible_lines(text)] == [
        "one two",
        "three",
        "four\u2028five",
    ]
    assert list(visible_lines("")) == list(visible_lines(" \n \r\n")) == []


@pytest.mark.parametrize("told", [ONE, TWO], ids=["one", "two"])
def test_verdicts_lie_on_the_labelled_lines(told: LabelledDocument) -> None:
    (fragments,) = KeepAll().inspect_batch([told.text])
    assert [(f.start, f.end) for f in fragments] == [(s.start, s.end) for s in told.spans]
    assert all(told.text[f.start : f.end] == f.text for f in fragments)


def test_keeping_everything_is_what_filters_are_held_against() -> None:
    scores = measured(KeepAll(), "towns", [ONE, TWO]).scores
    assert (scores.documents, scores.lost, scores.stripped, scores.at_1_percent) == (2, 0, 0, 0)
    assert scores.f1 == scores.keep_all_f1 == pytest.approx(2 * 21 / (2 * 21 + 6))


def test_a_rule_is_scored_by_tokens() -> None:
    scores = measured(Sentences(), "towns", [ONE, TWO]).scores
    assert scores.lost == pytest.approx(1 / 21)  # "Harbour"
    assert scores.stripped == pytest.approx(3 / 6)  # the menu; "Share this page." ends like a rule


@pytest.mark.parametrize("mode", ["gentle", "balanced", "thorough"])
def test_we_are_scored_like_the_others(mode: str) -> None:
    ours = Ours(mode)
    assert ours.scored
    result = measured(ours, "towns", [ONE, TWO])
    assert result.system == f"cleaner, {mode}"
    assert result.scores.documents == 2


def test_the_table_has_a_row_a_system() -> None:
    results = [measured(system, "towns", [ONE, TWO]) for system in (KeepAll(), Sentences())]
    made = list(rows(results, base="sentences"))
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in (*HEADER, *made)]
    assert {len(row) for row in cells} == {10}
    assert cells[2][:8] == [
        *("towns", "keep everything", "2", "0.00%", "0.0%", "0.875", "0.875", "–"),
    ]  # a system without scores has no threshold to move
    assert cells[3][:5] == ["towns", "sentences", "2", "4.76%", "50.0%"]
    assert cells[3][-1] == "1.00"
    assert [row[-3:] for row in rows(results, base="none of them")] == ["– |", "– |"]


def test_the_numbers_for_machines() -> None:
    result = measured(KeepAll(), "towns", [ONE, TWO])
    again = json.loads(json.dumps(result.as_dict()))
    assert (again["set"], again["system"]) == ("towns", "keep everything")
    assert again["scores"]["keep_all_f1"] == pytest.approx(0.875)
    assert again["megabytes"] == pytest.approx(len((ONE.text + TWO.text).encode()) / 1e6)
    assert again["megabytes_per_second"] == pytest.approx(again["megabytes"] / again["seconds"])


def test_without_the_corpora_our_own_documents_are_the_set() -> None:
    ((name, documents),) = dev_sets(None, limit=3)
    assert name == "documents"
    assert {d.split for d in documents} == {"dev"}
    assert len(documents) == 3


def test_of_the_corpora_only_what_is_held_out_and_labelled(tmp_path: Path) -> None:
    lines, labels = [SENTENCE, MENU], [1, 0]
    pages = [
        {"id": "a", "split": "train", "lines": lines, "labels": labels},
        {"id": "b", "split": "dev", "lines": lines, "labels": labels},
        {"id": "c", "split": "dev", "lines": [""], "labels": [None]},
    ]
    for name in CORPORA:
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(page) + "\n" for page in pages)
    sets = dict(dev_sets(tmp_path))
    assert list(sets) == ["documents", *CORPORA]
    for name in CORPORA:
        assert [(d.id, d.origin) for d in sets[name]] == [("b", name)]


def test_what_fasttext_learns_from() -> None:
    told = document("three", [(ARTICLE, "one\u00a0two  three"), ("toc", "__label__other four")])
    assert list(learned.examples([told])) == [
        "__label__article one two three\n",
        "__label__other other four\n",
    ]
    assert learned.plain("a\ud800b") == "a?b"


def test_the_command(tmp_path: Path, env: dict[str, str]) -> None:
    words = ["--system", "keep-all", "--limit", "2", "--json", str(tmp_path / "numbers.json")]
    command = [sys.executable, "-m", "benchmarks.compare", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=True
    )
    table = done.stdout.splitlines()
    assert table[:2] == list(HEADER)
    assert table[2].startswith("| documents | keep everything | 2 | 0.00% | 0.0% |")
    (result,) = json.loads((tmp_path / "numbers.json").read_text("utf-8"))["results"]
    assert result["scores"]["documents"] == 2


# The peers.

Needs = Callable[[str], None]


@pytest.fixture
def needs() -> Needs:
    def importing(name: str) -> None:
        pytest.importorskip(name, reason=f"{name}: {NOT_INSTALLED}")

    return importing


def test_c4_line_rules(needs: Needs) -> None:
    needs("datatrove")
    lines = {
        SENTENCE: True,
        'He said "it is so"': True,
        "Is it so, then?": True,
        "It ended there [citation needed] in the year 1987.[12]": True,
        "No final mark here": False,
        "It goes on and on...": False,
        "Two words.": False,
        "Please enable Javascript in your browser.": False,
        "This site uses cookies to be of use.": False,
        "A word of " + "o" * 1001 + " letters.": False,
        "The rules for whole pages {are off}: lorem ipsum stays.": True,
    }
    assert kept(C4Rules(), "\n".join(lines)) == [line for line, stays in lines.items() if stays]


def test_justext_keeps_paragraphs_and_what_is_between_them(needs: Needs) -> None:
    needs("justext")
    long = " ".join([SENTENCE] * 5)
    menu = " ".join(["Shop Cart Login Imprint Sitemap Contact"] * 4)
    assert kept(JusText(), "\n".join([menu, long, "Between", long, menu])) == [
        *(long, "Between", long),
    ]


def test_justext_is_given_the_language_of_the_document(needs: Needs) -> None:
    needs("justext")
    justext = JusText()
    german = "Die Fähre legte kurz nach sechs im alten Hafen ab, und sie war voll."
    assert justext.language([german, german]) == "German"
    english = "It was full of people and of the things they had."
    assert justext.language([SENTENCE, english]) in ("English", "Simple_English")
    assert justext.language(["旧桥终于关闭了。"]) is None
    assert justext.language([]) is None
    assert kept(justext, "旧桥终于关闭了。" * 30)  # by length alone


def test_fasttext_learns_once(needs: Needs, tmp_path: Path) -> None:
    needs("fasttext")
    said: list[str] = []
    documents = [ONE, TWO] * 30
    first = learned.trained(documents, tmp_path, said.append)
    again = learned.trained(documents, tmp_path, said.append)
    assert len(said) == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".bin"]
    assert first.scored
    lines = [SENTENCE, MENU, "旧桥", "***", "a\ud800b"]
    scores = first.scores(lines)
    assert scores == again.scores(lines)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[0] > scores[1]
    assert first.scores([]) == []
    learned.trained([ONE] * 30, tmp_path, said.append)
    assert len(said) == 2


def test_a_missing_peer_is_named(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "justext.py").write_text("raise ModuleNotFoundError(name='justext')\n")
    path = f"{tmp_path}:{env['PYTHONPATH']}"
    command = [sys.executable, "-m", "benchmarks.compare", "--system", "justext"]
    done = subprocess.run(
        command, cwd=ROOT, env={**env, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "justext is not installed; `make compare` installs what this needs\n"
