"""Ray Data: actors of a local Ray clean a data set."""

from __future__ import annotations

from typing import Any

import pytest

import cleaner

pytest.importorskip("ray", reason="Ray is not installed")


# Ray deprecates what it sets itself, and leaves sockets and pipes to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`use_.+` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def mapped(ray: Any, records: list[dict[str, Any]], **options: Any) -> Any:
    from cleaner.integrations.ray import CleanBatches

    return ray.data.from_items(records).map_batches(
        CleanBatches,
        fn_constructor_kwargs=options,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=1),
    )


def test_the_other_columns_the_schema_and_nulls_stay(ray: Any, pages: list[dict[str, str]]) -> None:
    records = [{**page, "n": n} for n, page in enumerate(pages)]
    records.append({"url": "/missing", "text": None, "n": 3})
    cleaned = mapped(ray, records, mode="thorough", keep=("toc",))
    ours = cleaner.Cleaner(mode="thorough", keep=("toc",))
    wanted = [
        {**record, "text": record["text"] if record["text"] is None else ours.clean(record["text"])}
        for record in records
    ]
    assert sorted(cleaned.take_all(), key=lambda row: row["n"]) == wanted
    before = ray.data.from_items(records).schema()
    assert (cleaned.schema().names, cleaned.schema().types) == (before.names, before.types)


def test_what_is_asked_wrongly_is_named(ray: Any, pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.ray import CleanBatches

    with pytest.raises(Exception, match="no column 'body'; choose one of url, text"):
        mapped(ray, list(pages), field="body").take_all()
    with pytest.raises(cleaner.OptionError, match='say batch_format="pyarrow"'):
        CleanBatches()({"text": ["One line."]})


def test_the_example_runs(example: Any) -> None:
    example("ray.md")
