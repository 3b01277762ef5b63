"""The library as our users see it: names, types, streaming, pickling, threads, what it loads."""

from __future__ import annotations

import dataclasses
import itertools
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cleaner as package
from cleaner import Cleaner, CleanerError, Fragment, ModelError, OptionError, clean
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.model_file import save

MODES = ("gentle", "balanced", "thorough")


def visible(text: str) -> str:
    return "".join(text.split())


def test_every_public_name_is_there() -> None:
    assert {"Cleaner", "Fragment", "clean", "__version__"} <= set(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


def test_spam_goes_and_the_body_stays(texts: Any) -> None:
    assert clean(texts.page) == texts.body


def test_an_article_comes_out_unchanged(texts: Any) -> None:
    assert clean(texts.article) == texts.article


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_line_ends_change_nothing(texts: Any, newline: str) -> None:
    assert clean(texts.page.replace("\n", newline)) == texts.body.replace("\n", newline)


def test_a_table_of_contents_goes_and_its_headings_stay(texts: Any) -> None:
    lines = clean(texts.contents).splitlines()
    assert "Table of Contents" not in lines
    assert set(texts.headings) <= set(lines)
    assert set(texts.paragraphs) <= set(lines)
    last = {heading: len(lines) - 1 - lines[::-1].index(heading) for heading in texts.headings}
    for heading, paragraph in zip(texts.headings, texts.paragraphs, strict=True):
        assert lines[last[heading] + 1] == paragraph


@pytest.mark.parametrize("text", ["", "\n", " ", "\n\n\n", "\r\n\r", "\t \n\u3000\u2028"])
def test_a_text_without_content_is_handed_back(cleaner: Cleaner, text: str) -> None:
    assert cleaner.clean(text) == text
    assert cleaner.inspect(text) == []


def test_the_defaults_are_those_promised() -> None:
    one = Cleaner(model=None, mode="balanced", keep=())
    assert one.options == Cleaner().options


def test_a_fragment_has_the_promised_fields(cleaner: Cleaner, texts: Any) -> None:
    names = [field.name for field in dataclasses.fields(Fragment)]
    assert names == ["text", "start", "end", "category", "score", "keep", "reason"]
    for fragment in cleaner.inspect(texts.page):
        assert type(fragment.text) is str
        assert type(fragment.start) is int
        assert type(fragment.end) is int
        assert fragment.category in CATEGORIES
        assert type(fragment.score) is float
        assert 0 <= fragment.score <= 1
        assert type(fragment.keep) is bool
        assert fragment.keep == (fragment.category == "article")
        assert fragment.reason


def test_a_fragment_cannot_be_changed(cleaner: Cleaner, texts: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        cleaner.inspect(texts.article)[0].keep = False  # type: ignore[misc]


def test_spam_is_named_for_what_it_is(cleaner: Cleaner, texts: Any) -> None:
    named = {fragment.text: fragment.category for fragment in cleaner.inspect(texts.page)}
    links = [named[line] for line in texts.links]
    assert links.count("link_list") > len(links) / 2
    card = [named[line] for line in texts.card]
    assert sum(name in ("author_profile", "lorem") for name in card) > len(card) / 2
    assert all(named[paragraph] == "article" for paragraph in texts.paragraphs)


def test_fragments_tile_the_visible_content(cleaner: Cleaner, texts: Any) -> None:
    for text in (texts.page, texts.article, texts.contents, texts.page.replace("\n", "\r\n")):
        fragments = cleaner.inspect(text)
        at = 0
        for fragment in fragments:
            assert text[at : fragment.start].strip() == ""
            assert fragment.text == text[fragment.start : fragment.end]
            assert fragment.text == fragment.text.strip() != ""
            at = fragment.end
        assert text[at:].strip() == ""
        assert visible("".join(fragment.text for fragment in fragments)) == visible(text)


def test_offsets_count_characters_not_bytes(cleaner: Cleaner) -> None:
    text = "Ĝis la revido 👋🏽\nЕщё одна строка\n"
    found = [(f.start, f.end) for f in cleaner.inspect(text)]
    assert found == [(0, 16), (17, 32)]


def test_a_gentler_mode_strips_no_more(texts: Any) -> None:
    kept = {
        mode: {f.start for f in Cleaner(mode=mode).inspect(texts.page) if f.keep} for mode in MODES
    }
    assert kept["gentle"] >= kept["balanced"] >= kept["thorough"]
    assert Cleaner(mode="gentle").options != Cleaner(mode="thorough").options


def test_kept_categories_stay_in_place(cleaner: Cleaner, texts: Any) -> None:
    plain = cleaner.inspect(texts.page)
    for keep in (("link_list",), ("author_profile", "lorem"), STRIPPED_CATEGORIES):
        other = Cleaner(keep=keep).inspect(texts.page)
        assert [f.keep for f in other] == [f.keep or f.category in keep for f in plain]
    assert Cleaner(keep=STRIPPED_CATEGORIES).clean(texts.page) == texts.page
    assert texts.links[1] in Cleaner(keep=("link_list",)).clean(texts.page)


def test_one_category_may_be_given_as_a_string(texts: Any) -> None:
    one = Cleaner(keep="link_list")  # type: ignore[arg-type]
    assert one.clean(texts.page) == Cleaner(keep=("link_list",)).clean(texts.page)


def test_a_kept_category_says_why(texts: Any) -> None:
    links = [f for f in Cleaner(keep=("link_list",)).inspect(texts.page) if f.keep]
    reasons = {f.reason for f in links if f.category == "link_list"}
    assert len(reasons) == 1
    assert reasons != {f.reason for f in links if f.category == "article"}


def test_an_emptied_document_says_so(bent: Any, texts: Any) -> None:
    strict = Cleaner(bent(article=1.5, glue=1.5))
    assert strict.clean(texts.page) == ""
    reasons = {fragment.reason for fragment in strict.inspect(texts.page)}
    assert len(reasons) == 1
    assert "nothing" in reasons.pop()


@pytest.mark.parametrize("mode", ["", "strict", "Balanced"])
def test_an_unknown_mode_is_told(mode: str) -> None:
    with pytest.raises(OptionError, match="gentle, balanced, thorough") as caught:
        Cleaner(mode=mode)
    assert isinstance(caught.value, CleanerError)
    assert isinstance(caught.value, ValueError)


def test_an_unknown_category_is_told() -> None:
    with pytest.raises(OptionError, match=r"'captions'.*caption"):
        Cleaner(keep=("captions",))


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.npz"):
        Cleaner(model=tmp_path / "nowhere.npz")


def test_a_model_may_be_a_path_a_string_or_loaded(lax_model: Path, texts: Any) -> None:
    for model in (lax_model, str(lax_model), Cleaner(lax_model).model):
        assert Cleaner(model).clean(texts.page) == texts.page


@pytest.mark.parametrize("wrong", [b"bytes", bytearray(b"x"), None, 3, ["a"]])
def test_only_str_is_text(cleaner: Cleaner, wrong: Any) -> None:
    with pytest.raises(TypeError, match=type(wrong).__name__):
        clean(wrong)
    with pytest.raises(TypeError):
        cleaner.clean(wrong)
    with pytest.raises(TypeError):
        cleaner.inspect(wrong)
    with pytest.raises(TypeError):
        list(cleaner.clean_batch(["fine", wrong]))
    with pytest.raises(TypeError):
        list(cleaner.inspect_batch([wrong]))


def many_texts(texts: Any, count: int) -> list[str]:
    pool = [texts.page, texts.article, texts.contents, "", "One line", "\n\n", texts.links[0]]
    return [f"{pool[number % len(pool)]}{number}" for number in range(count)]


def test_a_batch_gives_what_single_calls_give(cleaner: Cleaner, texts: Any) -> None:
    some = many_texts(texts, 60)
    assert list(cleaner.clean_batch(some)) == [cleaner.clean(text) for text in some]
    for text, fragments in zip(some, cleaner.inspect_batch(some), strict=True):
        alone = cleaner.inspect(text)
        # A matrix product's last bits hang on how many rows it has; so does a score's last digit.
        assert [replace(one, score=0.0) for one in fragments] == [
            replace(one, score=0.0) for one in alone
        ]
        scores = [one.score for one in fragments]
        assert scores == pytest.approx([one.score for one in alone], abs=2e-5)


def test_an_empty_batch_gives_nothing(cleaner: Cleaner) -> None:
    assert list(cleaner.clean_batch([])) == []
    assert list(cleaner.inspect_batch(iter(()))) == []


@pytest.mark.parametrize("method", ["clean_batch", "inspect_batch"])
def test_a_batch_streams_an_endless_source(cleaner: Cleaner, texts: Any, method: str) -> None:
    drawn = 0

    def endless() -> Iterator[str]:
        nonlocal drawn
        for drawn in itertools.count(1):
            yield f"{texts.paragraphs[drawn % 4]} {drawn}"

    results = getattr(cleaner, method)(endless())
    assert drawn == 0
    first = list(itertools.islice(results, 300))
    assert drawn < 5000
    seen = [r if isinstance(r, str) else r[-1].text for r in first]
    assert all(text.endswith(f" {number}") for number, text in enumerate(seen, 1))


def test_results_of_large_texts_come_before_the_next_is_drawn(cleaner: Cleaner) -> None:
    drawn = []

    def source() -> Iterator[str]:
        for number in range(3):
            drawn.append(number)
            yield "A sentence of no great length. " * 40_000

    results = cleaner.clean_batch(source())
    next(results)
    assert drawn == [0]
    assert len(list(results)) == 2


@pytest.mark.parametrize("keep", [(), STRIPPED_CATEGORIES])
def test_pickles_are_small_and_work(texts: Any, lax_model: Path, keep: tuple[str, ...]) -> None:
    for one in (Cleaner(mode="gentle", keep=keep), Cleaner(lax_model, "thorough", keep)):
        data = pickle.dumps(one)
        assert len(data) < 1024
        again = pickle.loads(data)
        assert again.options == one.options
        assert again.inspect(texts.page) == one.inspect(texts.page)


def test_a_cleaner_with_a_loaded_model_pickles_too(bent: Any, texts: Any) -> None:
    one = Cleaner(bent(article=0.5, glue=0.5))
    again = pickle.loads(pickle.dumps(one))
    assert again.inspect(texts.page) == one.inspect(texts.page)


def test_threads_share_a_cleaner(cleaner: Cleaner, texts: Any) -> None:
    some = many_texts(texts, 80)
    alone = [cleaner.inspect(text) for text in some]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(cleaner.inspect, some)) == alone
        assert list(pool.map(clean, some)) == [cleaner.clean(text) for text in some]


def test_a_model_that_is_rewritten_is_read_again(bent: Any, texts: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save(bent(article=0.0, glue=1.5), path)
    assert Cleaner(path).clean(texts.page) == texts.page
    save(bent(article=1.5, glue=1.5), path)
    assert Cleaner(path).clean(texts.page) == ""


def test_a_saved_model_gives_the_same_bytes_and_scores(
    cleaner: Cleaner, texts: Any, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    save(cleaner.model, one)
    save(Cleaner(one).model, two)
    assert one.read_bytes() == two.read_bytes()
    assert Cleaner(two).inspect(texts.page) == cleaner.inspect(texts.page)


def test_the_shipped_model_is_inert_small_and_tells_its_story(cleaner: Cleaner) -> None:
    from cleaner.model_file import SHIPPED

    assert SHIPPED.stat().st_size < 5_000_000
    header = cleaner.model.header
    assert {"format", "features", "categories", "thresholds", "training", "scores"} <= set(header)
    assert header["categories"] == list(CATEGORIES)
    assert header["training"]["digest"]
    limits = {mode: np.asarray(header["thresholds"][mode]) for mode in MODES}
    assert (limits["gentle"] <= limits["balanced"]).all()
    assert (limits["balanced"] <= limits["thorough"]).all()


def test_the_repr_says_what_it_is(lax_model: Path) -> None:
    assert "gentle" in repr(Cleaner(mode="gentle"))
    assert "lax.npz" in repr(Cleaner(lax_model))


def test_cleaning_loads_no_heavy_package(env: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from cleaner import Cleaner, clean\n"
        "text = 'A line of text.\\nAnother Line | Site\\n' * 20\n"
        "clean(text), Cleaner(mode='thorough').inspect(text)\n"
        "heavy = {'sklearn', 'scipy', 'joblib', 'torch', 'click', 'faker'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, timeout=60, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_the_command_loads_no_scikit_learn(env: dict[str, str]) -> None:
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from cleaner.cli import main\n"
        "result = CliRunner().invoke(main, ['clean', '--stats'], input='A line of text.\\n')\n"
        "assert result.exit_code == 0\n"
        "heavy = {'sklearn', 'scipy', 'joblib', 'torch'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, timeout=60, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_one_look_gives_bodies_and_fragments(cleaner: Cleaner, texts: Any) -> None:
    page = texts.page
    some = [page, "", page[:400], "One line."]
    found = list(cleaner.clean_and_inspect_batch(some))
    assert [body for body, _ in found] == list(cleaner.clean_batch(some))
    assert [fragments for _, fragments in found] == list(cleaner.inspect_batch(some))
