"""One system on one set, measured; and the table of all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.compare.systems import System
from cleaner.dataset import LabelledDocument
from cleaner.evaluation import Scores, evaluate

HEADER = (
    "| set | system | documents | lost | stripped | F1 | keep-all F1 | stripped at 1 % lost "
    "| MB/s | speed |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a system did with a set; size in megabytes of UTF-8, seconds of processor time."""

    set: str
    system: str
    scored: bool
    scores: Scores
    megabytes: float
    seconds: float

    @property
    def speed(self) -> float:
        """Megabytes a second of processor time, which is what one core does."""
        return self.megabytes / max(self.seconds, 1e-9)

    def as_dict(self) -> dict[str, Any]:
        """The numbers by name, ready for JSON."""
        return asdict(self) | {"megabytes_per_second": self.speed}


def measured(system: System, name: str, documents: Sequence[LabelledDocument]) -> Result:
    """The system's figures on the documents of one set, and what time its verdicts took."""
    texts = [document.text for document in documents]
    began = time.process_time()
    verdicts = list(system.inspect_batch(texts))
    seconds = time.process_time() - began
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    scores = evaluate(documents, lambda _: verdicts).sets[name]
    return Result(name, system.name, system.scored, scores, size, seconds)


def rows(results: Sequence[Result], base: str) -> Iterator[str]:
    """The table's rows of one set; `base`: the system whose speed on the set counts as 1."""
    speeds = [result.speed for result in results if result.system == base]
    for result in results:
        s = result.scores
        at = f"{s.at_1_percent:.1%}" if result.scored else "–"
        ratio = f"{result.speed / speeds[0]:.2f}" if speeds else "–"
        yield (
            f"| {result.set} | {result.system} | {s.documents} | {s.lost:.2%} | {s.stripped:.1%} "
            f"| {s.f1:.3f} | {s.keep_all_f1:.3f} | {at} | {result.speed:.2f} | {ratio} |"
        )
