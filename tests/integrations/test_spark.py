"""Spark: a cluster of two executors on this machine cleans a frame; one worker is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cleaner

pytest.importorskip("pyspark", reason="PySpark is not installed")

# It leaves sockets to Java for the garbage collector to close.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SCHEMA = "url string, text string, tags map<string,int>, n int not null"


@pytest.fixture(scope="module")
def rows(pages: list[dict[str, str]]) -> list[tuple[Any, ...]]:
    filled = [(page["url"], page["text"], {"a": 1}) for page in pages] * 5
    return [(*row, n) for n, row in enumerate([*filled, ("/missing", None, None)])]


@pytest.fixture(scope="module")
def frame(spark: Any, rows: list[tuple[Any, ...]]) -> Any:
    return spark.createDataFrame(rows, SCHEMA).repartition(4, "n")


@pytest.fixture(scope="module")
def wanted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        (url, None if text is None else cleaner.clean(text), tags, n) for url, text, tags, n in rows
    ]


def by_number(frame: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.collect()), key=lambda row: row[-1])


def test_the_other_columns_and_the_schema_stay(frame: Any, wanted: list[tuple[Any, ...]]) -> None:
    from cleaner.integrations.spark import clean

    cleaned = clean(frame)
    assert cleaned.schema == frame.schema
    assert by_number(cleaned) == wanted


def test_options_are_heeded_on_the_executors(
    frame: Any, rows: list[tuple[Any, ...]], strict_model: Path
) -> None:
    from cleaner.integrations.spark import clean

    for options in ({"mode": "thorough", "keep": ("toc",)}, {"model": strict_model}):
        ours = cleaner.Cleaner(**options)  # type: ignore[arg-type]
        bodies = [text if text is None else ours.clean(text) for _, text, *_ in rows]
        assert [row[1] for row in by_number(clean(frame, **options))] == bodies


def test_a_worker_loads_the_model_once(frame: Any) -> None:
    from cleaner.integrations.spark import clean

    # Within the test, so that it travels by what it does: workers cannot import this module.
    def models(batches: Iterator[Any]) -> Iterator[Any]:
        """The process and its model, told by each partition once."""
        import pyarrow as pa

        list(batches)
        told = {"pid": [os.getpid()], "model": [id(cleaner.Cleaner().model)]}
        yield pa.RecordBatch.from_pydict(told)

    told = []
    for _ in range(2):
        clean(frame).collect()
        told += frame.mapInArrow(models, "pid long, model long").collect()
    assert len(told) == 8
    assert len({tuple(row) for row in told}) == len({row.pid for row in told})


def test_a_partition_whose_worker_is_killed_comes_out_the_same(
    frame: Any, wanted: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    from cleaner.integrations.spark import clean

    killed = tmp_path / "killed"

    def kill_once(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            try:
                killed.touch(exist_ok=False)
            except FileExistsError:
                yield batch
            else:
                # All Python workers of this executor, the one that cleans among them.
                os.killpg(0, signal.SIGKILL)

    assert by_number(clean(frame).mapInArrow(kill_once, frame.schema)) == wanted
    assert killed.exists()


def test_what_is_asked_wrongly_is_named(frame: Any) -> None:
    from cleaner.integrations.spark import clean

    with pytest.raises(cleaner.OptionError, match="no column 'body'; choose one of url, text"):
        clean(frame, field="body")
    with pytest.raises(cleaner.OptionError, match="column 'tags' is not of strings"):
        clean(frame, field="tags")
    with pytest.raises(cleaner.OptionError, match="no mode 'brutal'"):
        clean(frame, mode="brutal")


def test_the_example_runs(example: Any) -> None:
    example("spark.md")
