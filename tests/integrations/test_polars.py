"""Polars: the expression in frames, lazy frames and the streaming engine."""

from __future__ import annotations

from typing import Any

import pytest

import cleaner

pl = pytest.importorskip("polars", reason="Polars is not installed")


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_lazy_frame_keeps_its_other_columns_and_its_schema(
    engine: Any, pages: list[dict[str, str]]
) -> None:
    from cleaner.integrations.polars import clean

    frame = pl.LazyFrame({"url": ["/a", "/b", "/c"], "text": [pages[0]["text"], None, ""]})
    query = frame.with_columns(clean())
    assert query.collect_schema() == frame.collect_schema()
    wanted = ["/a", cleaner.clean(pages[0]["text"])], ["/b", None], ["/c", ""]
    assert [list(row) for row in query.collect(engine=engine).rows()] == list(wanted)


def test_expressions_groups_and_options(pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.polars import clean

    frame = pl.DataFrame(pages).with_columns(part=pl.lit(1))
    options: dict[str, Any] = {"mode": "thorough", "keep": ("toc",)}
    wanted = cleaner.Cleaner(**options)
    texts = [page["text"] for page in pages]
    joined = frame.select(clean(pl.col("url") + "\n" + pl.col("text"), **options))
    assert joined["url"].to_list() == [
        wanted.clean(f"{page['url']}\n{page['text']}") for page in pages
    ]
    grouped = frame.group_by("part").agg(clean("text", **options))
    assert grouped["text"].to_list() == [[wanted.clean(text) for text in texts]]


def test_what_is_asked_wrongly_is_named() -> None:
    from cleaner.integrations.polars import clean

    with pytest.raises(cleaner.OptionError, match="no category 'links'"):
        clean(keep=("links",))
    with pytest.raises(TypeError, match="must be str, not int"):
        pl.DataFrame({"text": [1]}).with_columns(clean())


def test_the_example_runs(example: Any) -> None:
    example("polars.md")
