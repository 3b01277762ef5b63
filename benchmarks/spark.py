"""Spark: the same job on one executor and on two, each of one core, and the ratio of their times.

python -m benchmarks.spark [--pages N]   (in the environment of make test-cluster)
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from pyspark.sql import SparkSession

from cleaner.integrations.spark import clean

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "demo.txt"
_PARTS = 8


def seconds(executors: int, pages: int) -> float:
    """Seconds for cleaning so many pages, when session, workers and models are there already."""
    session = (
        SparkSession.builder.master(f"local-cluster[{executors},1,1024]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    text = SAMPLE.read_text(encoding="utf-8")
    took: list[float] = []
    for run in range(3):
        # Another frame each time: Spark takes what it has shuffled before for done.
        line = text.replace("'", "’")
        numbers = session.range(run * pages, (run + 1) * pages, 1, _PARTS)
        job = clean(numbers.selectExpr("id", f"concat(id, '\n', '{line}') text"))
        began = time.perf_counter()
        job.selectExpr("sum(length(text))").collect()
        took.append(time.perf_counter() - began)
    session.stop()
    return min(took[1:])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=2000)
    pages = options.parse_args().pages
    # The executors' Python is this one; their files go where they are in nobody's way.
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SPARK_WORKER_DIR"] = folder
        one, two = seconds(1, pages), seconds(2, pages)
    print(f"one executor   {pages / one:7.1f} pages/s")
    print(f"two executors  {pages / two:7.1f} pages/s")
    print(f"ratio          {one / two:7.2f}")


if __name__ == "__main__":
    main()
