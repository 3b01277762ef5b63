"""Pages around other pages' articles: whose lines they hold, and in which fold they stay."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("faker", reason="faker is needed here: pip install 'cleaner[model]'")

from cleaner.dataset import LabelledDocument, laid_out
from cleaner.document import ARTICLE
from cleaner.examples import fold_of
from cleaner.recipe import Recipe
from data import build, mixing
from data.learning.plan import Plan


def labelled(name: str, *lines: tuple[str, str], **options: str) -> LabelledDocument:
    text, spans = laid_out(list(lines))
    language, kind = options.get("language", "en"), options.get("kind", "")
    return LabelledDocument(name, "set", language, kind, "train", text, spans)


HOST = labelled(
    "host",
    ("navigation", "Home"),
    ("", ""),
    ("byline_meta", "  By Ada Marsh"),
    (ARTICLE, "The host's heading"),
    (ARTICLE, "The host's first words."),
    ("+link_list", "- Read More"),
    ("link_list", "- And More"),
    ("", ""),
    (ARTICLE, "The host's last words."),
    ("+link_list", "- To The End"),
    ("share", "Pin it"),
    ("notice", "© 2024 The Host"),
)
GUEST = labelled(
    "guest",
    ("navigation", "Start"),
    (ARTICLE, "Der Gast kommt."),
    ("", ""),
    ("advertisement", "Anzeige"),
    ("+" + ARTICLE, "Der Gast bleibt."),
    (ARTICLE, "Der Gast geht."),
    ("notice", "© 2023 Der Gast"),
    language="de",
)


def texts(document: LabelledDocument, article: bool) -> list[str]:
    """The lines of article, or all the others of which is known what they are."""
    return [
        document.text[span.start : span.end]
        for span in document.spans
        if span.label is not None and (span.label == ARTICLE) == article
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_hosts_page_around_the_guests_article(seed: int) -> None:
    made = mixing.recombined(random.Random(seed), HOST, GUEST, "recombined")
    assert made is not None
    assert texts(made, True) == texts(GUEST, True)
    assert texts(made, False) == texts(HOST, False)
    labels = [span.label for span in made.spans]
    first, last = labels.index(ARTICLE), len(labels) - labels[::-1].index(ARTICLE)
    assert labels[:first] == ["navigation", "byline_meta"]
    assert labels[last:] == ["link_list", "share", "notice"]
    # What stood between the host's lines of article stands between the guest's.
    assert labels[first:last].count("link_list") == 2
    assert (made.id, made.origin, made.language) == ("guest", "recombined", "de")
    assert made.split == GUEST.split


@pytest.mark.parametrize(("host", "guest"), [("HOST", "bare"), ("bare", "GUEST")])
def test_nothing_comes_of_a_page_without_an_article(host: str, guest: str) -> None:
    bare = labelled("bare", ("share", "Pin it"))
    pages = {"HOST": HOST, "GUEST": GUEST, "bare": bare}
    assert mixing.recombined(random.Random(1), pages[host], pages[guest], "x") is None


@pytest.fixture(scope="module")
def own() -> list[LabelledDocument]:
    return [document for document in build.own_documents() if document.split == "train"]


def stuck_outside(document: LabelledDocument) -> bool:
    """Whether article is stuck to a line before its first line of its own, or after its last."""
    kinds = [category for category, _ in mixing.fragments_of(document)]
    glued = [n for n, kind in enumerate(kinds) if kind == f"+{ARTICLE}"]
    plain = [n for n, kind in enumerate(kinds) if kind == ARTICLE]
    return bool(glued and plain and (glued[0] < plain[0] or glued[-1] > plain[-1]))


def test_our_own_documents_recombined(own: list[LabelledDocument]) -> None:
    rng = random.Random(3)
    pages = [document for document in own if build.has_article(document)]
    hosts = [document for document in pages if not stuck_outside(document)]
    assert len(hosts) > 0.95 * len(pages)
    for host in rng.sample(hosts, 150):
        guest = rng.choice(pages)
        made = mixing.recombined(rng, host, guest, "recombined")
        assert made is not None
        assert texts(made, True) == texts(guest, True), (host.id, guest.id)
        assert sorted(texts(made, False)) == sorted(texts(host, False)), (host.id, guest.id)


STUCK = labelled(
    "stuck",
    (ARTICLE, "The host's first words."),
    ("advertisement", "Advertisement"),
    (f"+{ARTICLE}", "The host's last words."),
    ("notice", "© 2024 The Host"),
)


def test_nor_does_a_stuck_line_of_the_hosts_article_stay() -> None:
    made = mixing.recombined(random.Random(1), STUCK, GUEST, "recombined")
    assert made is not None
    assert texts(made, True) == texts(GUEST, True)


def test_recombined_pages_keep_to_their_fold(
    own: list[LabelledDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs: list[tuple[LabelledDocument, LabelledDocument]] = []
    recombined = mixing.recombined

    def spied(
        rng: random.Random, host: LabelledDocument, guest: LabelledDocument, name: str
    ) -> LabelledDocument | None:
        pairs.append((host, guest))
        return recombined(rng, host, guest, name)

    monkeypatch.setattr(mixing, "recombined", spied)
    odd = labelled("cleaneval-1", (ARTICLE, "Odd words."), ("share", "Pin it"))
    pages = {"documents": own[:200], "gold-plain": [odd, HOST, *own[200:230]]}
    made = list(build.recombinations(random.Random(1), pages))
    assert len(made) > 20
    folds = Recipe().folds
    assert len({fold_of(host.id, folds) for host, _ in pairs}) == folds
    for host, guest in pairs:
        assert fold_of(host.id, folds) == fold_of(guest.id, folds)
        assert odd not in (host, guest)
    assert {document.origin for document in made} == {"recombined"}
    assert {document.id for document in made} <= {guest.id for _, guest in pairs}
    again = list(build.recombinations(random.Random(1), pages))
    assert again == made


def test_what_is_mixed_for_a_fold_is_held_out_by_it() -> None:
    """The plan's folds, by which parts are held out, are those that pages are dealt into."""
    assert Plan().folds == Recipe().folds
