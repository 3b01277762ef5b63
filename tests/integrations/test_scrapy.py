"""Scrapy: a real spider crawls a site on loopback, and the items come out clean."""

from __future__ import annotations

import functools
import html
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cleaner

pytest.importorskip("scrapy", reason="Scrapy is not installed")

SPIDER = """
import json, sys
from scrapy import Field, Item, Spider
from scrapy.crawler import CrawlerProcess

class Page(Item):
    url, text, body, stripped = Field(), Field(), Field(), Field()

class Pages(Spider):
    name = "pages"
    start_urls = [sys.argv[1]]
    def parse(self, response):
        text = response.xpath("string(//pre)").get()
        if text:
            yield Page(url=response.url, text=text, body=text)
        yield {"url": response.url, "kind": "no text"}
        yield from response.follow_all(css="a")

settings = json.loads(sys.argv[2])
process = CrawlerProcess({
    "ITEM_PIPELINES": {"cleaner.integrations.scrapy.CleanerPipeline": 300},
    "FEEDS": {"items.jsonl": {"format": "jsonlines"}}, "LOG_LEVEL": "ERROR", **settings})
crawler = process.create_crawler(Pages)
process.crawl(crawler)
process.start()
stats = crawler.stats.get_stats()
print(json.dumps({name: stats[name] for name in stats if type(stats[name]) is int}))
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(pages: list[dict[str, str]], tmp_path: Path) -> Iterator[str]:
    """The address of a site on loopback that links to the sample pages."""
    folder = tmp_path / "site"
    folder.mkdir()
    for page in pages:
        text = html.escape(page["text"])
        (folder / f"{page['url'][1:]}.html").write_text(f"<body><pre>{text}</pre></body>")
    links = "".join(f'<a href="{page["url"]}.html">one</a>' for page in pages)
    (folder / "index.html").write_text(f"<body>{links}</body>")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def crawl(
    site: str, folder: Path, env: dict[str, str], **settings: object
) -> tuple[dict[str, Any], dict[str, int], str]:
    """The items with text by page, the spider's counts, and what it logged."""
    done = subprocess.run(
        [sys.executable, "-c", SPIDER, f"{site}/", json.dumps(settings)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    items = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    named = {Path(item["url"]).stem: item for item in items if "text" in item}
    return named, json.loads(done.stdout), done.stderr


def test_items_come_out_clean_and_are_counted(
    site: str, pages: list[dict[str, str]], tmp_path: Path, env: dict[str, str]
) -> None:
    items, stats, logged = crawl(site, tmp_path, env)
    assert not logged
    assert {name: item["text"] for name, item in items.items()} == {
        page["url"][1:]: cleaner.clean(page["text"]) for page in pages
    }
    assert stats["cleaner/documents"] == 3
    assert stats["cleaner/stripped/author_profile"] == 2
    assert stats["cleaner/stripped/link_list"] == 2
    assert stats["item_scraped_count"] == 7  # four items without text pass as they are


def test_every_setting_is_heeded(
    site: str, pages: list[dict[str, str]], tmp_path: Path, env: dict[str, str]
) -> None:
    items, stats, _ = crawl(
        site,
        tmp_path,
        env,
        CLEANER_FIELD="body",
        CLEANER_MODE="thorough",
        CLEANER_KEEP=["link_list"],
        CLEANER_REJECTS_FIELD="stripped",
    )
    wanted = cleaner.Cleaner(mode="thorough", keep=("link_list",))
    garden, text = items["garden"], pages[0]["text"]
    assert garden["text"] == text
    assert garden["body"] == wanted.clean(text)
    assert garden["stripped"] == [
        fragment.as_dict() for fragment in wanted.inspect(text) if not fragment.keep
    ]
    assert "cleaner/stripped/link_list" not in stats


def test_items_of_which_nothing_is_left_are_dropped_on_request(
    site: str, strict_model: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    items, stats, _ = crawl(
        site, tmp_path, env, CLEANER_MODEL=str(strict_model), CLEANER_DROP_EMPTY=True
    )
    assert not items
    assert stats["cleaner/emptied"] == stats["item_dropped_count"] == 3


def test_a_mode_that_does_not_exist_stops_the_crawl(
    site: str, tmp_path: Path, env: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SPIDER, f"{site}/", '{"CLEANER_MODE": "brutal"}'],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "OptionError: no mode 'brutal'" in done.stderr
    assert not (tmp_path / "items.jsonl").exists() or not (tmp_path / "items.jsonl").read_text()


@pytest.mark.parametrize("arguments", [(), (None,)], ids=["now", "with a spider"])
def test_both_signatures_of_process_item(
    arguments: tuple[None, ...], pages: list[dict[str, str]]
) -> None:
    from scrapy.utils.test import get_crawler

    from cleaner.integrations.scrapy import CleanerPipeline

    pipeline = CleanerPipeline.from_crawler(get_crawler())
    item = pipeline.process_item(dict(pages[0]), *arguments)
    assert item["text"] == cleaner.clean(pages[0]["text"])


def test_the_example_runs(site: str, example: Any, tmp_path: Path) -> None:
    printed = example("scrapy.md", site=site)
    assert "cleaner/stripped/link_list 2" in printed
    lines = (tmp_path / "articles.jsonl").read_text().splitlines()
    (garden,) = [item for item in map(json.loads, lines) if item["url"].endswith("/garden.html")]
    assert garden["text"].startswith("A tomato splits")
    assert "followers : 3144" in {line["text"] for line in garden["stripped"]}
