"""What counting lines across a site is worth: python -m benchmarks.repeats --corpora PATH.

Pages of gold-plain that share lines are taken for one site (the set does not name its hosts), the
lines of each site are counted over all its pages, and the held-out ones are judged with and without
the counts. No label is looked at for any of it.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cleaner import Cleaner
from cleaner.dataset import LabelledDocument, read
from cleaner.evaluation import evaluate_modes
from cleaner.features import line_keys, view
from cleaner.repeats import Counts
from cleaner.splitting import split_lines

#: Pages with so many lines of at least so many characters in common are of one site, and a site has
#: at least so many pages. A line that is on more pages than that tells nothing of a site.
_SHARED, _LENGTH, _PAGES, _COMMON = 8, 12, 3, 60

_MODE = "balanced"


def sites(pages: Sequence[LabelledDocument]) -> dict[str, str]:
    """The site of every page that is of one, by the page's id."""
    holders: dict[int, list[str]] = defaultdict(list)
    for page in pages:
        batch = split_lines([page.text])
        keys = line_keys(view(batch))[batch.end - batch.start >= _LENGTH]
        for key in set(keys.tolist()):
            holders[key].append(page.id)
    shared: Counter[tuple[str, str]] = Counter()
    for found in holders.values():
        if 2 <= len(found) <= _COMMON:
            shared.update((a, b) for n, a in enumerate(found) for b in found[n + 1 :])
    parent = {page.id: page.id for page in pages}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for (a, b), count in shared.items():
        if count >= _SHARED:
            parent[root(a)] = root(b)
    sizes = Counter(root(page.id) for page in pages)
    return {page.id: root(page.id) for page in pages if sizes[root(page.id)] >= _PAGES}


def _scores(
    pages: Sequence[LabelledDocument], hosts: Mapping[str, str], counts: Counts | None
) -> dict[str, float]:
    cleaner = Cleaner(mode=_MODE, repeats=counts)
    told = [hosts[page.id] for page in pages]

    def judge(texts: Iterable[str]) -> Iterable[dict[str, list[object]]]:
        for fragments in cleaner.inspect_batch(texts, told):
            yield {_MODE: list(fragments)}

    report = evaluate_modes(pages, judge, (_MODE,))[_MODE].as_dict()  # type: ignore[arg-type]
    found: dict[str, float] = report["sets"][pages[0].origin]
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpora", type=Path, required=True)
    path = options.parse_args().corpora / "gold-plain.jsonl.gz"
    pages = [page for page in read([path]) if page.spans]
    hosts = sites(pages)
    counts = Counts()
    for page in pages:
        if page.id in hosts:
            counts.add([page.text], [hosts[page.id]])
    held = [page for page in pages if page.split == "dev" and page.id in hosts]
    print(
        f"{len(held)} held-out pages of {len(set(hosts.values()))} sites with {len(hosts)} pages\n"
    )
    print("| balanced | lost | stripped | F1 | stripped at 1 % lost |")
    print("|---|---|---|---|---|")
    for name, used in (("without counts", None), ("with counts", counts)):
        found = _scores(held, hosts, used)
        print(
            f"| {name} | {found['lost']:.2%} | {found['stripped']:.1%} | {found['f1']:.3f} "
            f"| {found['at_1_percent']:.1%} |"
        )


if __name__ == "__main__":
    main()
