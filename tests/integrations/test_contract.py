"""What is asked of every integration: the text that `clean()` gives, an extra, a page, an error."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import cleaner

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cleaner"

#: Integration (its page and extra): its module, what it is imported as, what it is called.
INTEGRATIONS = {
    "scrapy": ("cleaner.integrations.scrapy", "scrapy", "Scrapy"),
    "datasets": ("cleaner.integrations.datasets", "datasets", "datasets"),
    "datatrove": ("cleaner.integrations.datatrove", "datatrove", "datatrove"),
    "pandas": ("cleaner.integrations.pandas", "pandas", "pandas"),
    "polars": ("cleaner.integrations.polars", "polars", "Polars"),
    "sklearn": ("cleaner.integrations.sklearn", "sklearn", "scikit-learn"),
    "serve": ("cleaner.serve.app", "fastapi", "FastAPI"),
    "spark": ("cleaner.integrations.spark", "pyspark", "PySpark"),
    "ray": ("cleaner.integrations.ray", "ray", "Ray Data"),
}


def by_scrapy(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from scrapy.utils.test import get_crawler

    from cleaner.integrations.scrapy import CleanerPipeline

    pipeline = CleanerPipeline.from_crawler(get_crawler())
    return [pipeline.process_item({"text": text})["text"] for text in texts]


def by_datasets(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from datasets import Dataset

    from cleaner.integrations.datasets import clean_batch

    return Dataset.from_dict({"text": texts}).map(clean_batch(), batched=True, batch_size=3)[
        "text"
    ][:]


def by_datatrove(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from cleaner.integrations.datatrove import CleanerFormatter

    return [CleanerFormatter().format(text) for text in texts]


def by_pandas(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    import pandas as pd

    from cleaner.integrations.pandas import clean

    return list(clean(pd.Series(texts)))


def by_polars(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    import polars as pl

    from cleaner.integrations.polars import clean

    return pl.DataFrame({"text": texts}).with_columns(clean())["text"].to_list()


def by_sklearn(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from cleaner.integrations.sklearn import BoilerplateCleaner

    return list(BoilerplateCleaner().fit_transform(texts))


def by_serve(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    service = request.getfixturevalue("serving_all")()
    return [service.ask("/clean", {"text": text}).json["text"] for text in texts]


def by_spark(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from cleaner.integrations.spark import clean

    session = request.getfixturevalue("spark")
    frame = session.createDataFrame(list(enumerate(texts)), "n int, text string")
    return [row.text for row in clean(frame).orderBy("n").collect()]


def by_ray(texts: list[str], request: pytest.FixtureRequest) -> list[str]:
    from cleaner.integrations.ray import CleanBatches

    ray = request.getfixturevalue("ray")
    records = [{"n": number, "text": text} for number, text in enumerate(texts)]
    cleaned = ray.data.from_items(records).map_batches(
        CleanBatches, batch_format="pyarrow", compute=ray.data.ActorPoolStrategy(size=1)
    )
    return [row["text"] for row in sorted(cleaned.take_all(), key=lambda row: row["n"])]


WAYS: dict[str, Callable[[list[str], pytest.FixtureRequest], list[str]]] = {
    "scrapy": by_scrapy,
    "datasets": by_datasets,
    "datatrove": by_datatrove,
    "pandas": by_pandas,
    "polars": by_polars,
    "sklearn": by_sklearn,
    "serve": by_serve,
    "spark": by_spark,
    "ray": by_ray,
}


# As in the tests of Spark and Ray.
@pytest.mark.filterwarnings("ignore:`use_.+` is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", INTEGRATIONS)
def test_it_gives_the_text_that_clean_gives(name: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip(INTEGRATIONS[name][1], reason=f"{INTEGRATIONS[name][2]} is not installed")
    pages: list[dict[str, str]] = request.getfixturevalue("pages")
    odd = ["", "\n \n", "café\r\n\r\nShare\r\n", "\ufeffOne line", "tab\tand\x00zero\x85"]
    texts = [page["text"] for page in pages] + odd
    assert WAYS[name](texts, request) == [cleaner.clean(text) for text in texts]


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_a_missing_library_is_named_with_the_install_line(name: str, env: dict[str, str]) -> None:
    module, library, called = INTEGRATIONS[name]
    code = f"import sys; sys.modules[{library!r}] = None; import {module}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    line = f"{called} is not installed; install it with: pip install 'cleaner[{name}]'"
    assert done.stderr.splitlines()[-1] == f"cleaner.errors.MissingError: {line}"


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_it_has_an_extra_a_page_and_a_line_in_the_readme(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert name in project["optional-dependencies"]
    page = ROOT / "docs" / "integrations" / f"{name}.md"
    install = f"`pip install 'cleaner[{name}]'`"
    assert install in page.read_text("utf-8")
    assert f"[{name}.md]({name}.md) | {install} |" in (page.with_name("README.md")).read_text()
    assert f"(docs/integrations/{name}.md)" in (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_the_tests_is_complete() -> None:
    shared = {"__init__", "arrow", "columns", "verdicts"}
    rooms = {path.stem for path in (PACKAGE / "integrations").glob("*.py")} - shared
    assert rooms <= set(INTEGRATIONS) == set(WAYS)


def rooms() -> list[Path]:
    return sorted((PACKAGE / "integrations").glob("*.py"))


@pytest.mark.parametrize("path", rooms(), ids=lambda path: path.stem)
def test_a_room_knows_the_public_package_and_its_own_library(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    ours = {name for name in names if name.split(".")[0] == "cleaner"}
    others = {name for name in names - ours if name.split(".")[0] not in sys.stdlib_module_names}
    inner = {f"cleaner.integrations.{room}" for room in ("arrow", "columns", "verdicts")}
    assert ours <= {"cleaner", "cleaner.extras", "cleaner.mending", "cleaner.model_file", *inner}
    own = {INTEGRATIONS.get(path.stem, ("", "", ""))[1]}
    own |= {"scrapy": {"itemadapter"}, "sklearn": {"numpy"}}.get(path.stem, set())
    assert {name.split(".")[0] for name in others} <= own


def test_cleaning_loads_no_integration(env: dict[str, str]) -> None:
    code = (
        "import sys, cleaner, cleaner.cli; print([n for n in sys.modules if 'integrations' in n])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
