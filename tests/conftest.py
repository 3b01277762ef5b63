"""What the tests share: texts of our own, ways to run the command, models bent to a purpose."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from cleaner import Cleaner, glue
from cleaner.cli import main
from cleaner.document import CATEGORIES, STRIPPED_CATEGORIES
from cleaner.encoder import WIDTH, Dense, Encoder
from cleaner.features import BUCKETS
from cleaner.model import CLARITY, LINE_SCORES, Model
from cleaner.model_file import FORMAT, feature_names, save
from cleaner.network import Network
from cleaner.setting import SHAPE_NAMES

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")


@dataclasses.dataclass(frozen=True)
class Texts:
    """Texts written for the tests; `page` is spam between paragraphs, `body` what must stay."""

    paragraphs: tuple[str, ...]
    links: tuple[str, ...]
    card: tuple[str, ...]
    headings: tuple[str, ...]

    @property
    def article(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"

    @property
    def spam(self) -> tuple[str, ...]:
        return (*self.links, *self.card)

    @property
    def page(self) -> str:
        one, two, three, four = self.paragraphs
        blocks = [one, "\n".join(self.links), two, three, four, "\n".join(self.card)]
        return "\n\n".join(blocks) + "\n"

    @property
    def body(self) -> str:
        return self.article

    @property
    def contents(self) -> str:
        """An article with a table of contents whose items return as headings."""
        lines = ["The Last Ferry", self.paragraphs[3], "Table of Contents", *self.headings]
        for heading, paragraph in zip(self.headings, self.paragraphs, strict=True):
            lines += [heading, paragraph]
        return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts(
        paragraphs=(
            "The ferry left the old harbour a little after six, and by the time the sun had "
            "cleared the hills the deck was crowded with families, crates of fruit and one very "
            "patient dog. Nobody seemed in a hurry, least of all the captain, who stopped twice "
            "to talk to friends in smaller boats.",
            "I had come to write about the strike, but the strike was over before I found anyone "
            "willing to explain it. What remained was a quieter story about rents, about the "
            "price of diesel, and about the grandchildren who now live in the city and come home "
            "twice a year.",
            '"We used to know every boat by the sound of its engine," said Marta Kovac, who has '
            'run the ticket office since 1987. "Now I look at a screen like everybody else, and '
            'the screen is usually wrong."',
            "When the council meets again in November it will have to decide whether the line is "
            "worth saving. The figures are not encouraging, yet few people on the quay believe "
            "that the service will really end.",
        ),
        links=(
            "Tom Hardwick Wife Age Net Worth And Career Revealed",
            "Lena Marsh Leaked Photos Shock Her Many Fans Online",
            "Is Jordan Pike Related To Actor Brad Pike",
            "Ashley Monroe Vega Height Weight And Boyfriend 2024",
            "Top 10 Secrets About Kelly Brandt You Never Knew",
        ),
        card=(
            "Detail Author:",
            "Name : Dr. Hilbert Osinski",
            "Username : osinski.hilbert",
            "Email : hilbert88@example.org",
            "Birthdate : 1984-03-12",
            "Address : 482 Kuhn Plaza Apt. 119 Lake Ezra, NV 20417",
            "Phone : +1-555-014-2231",
            "Company : Bogan-Reilly",
            "Job : Textile Worker",
            "Bio : Suscipit ut vel quibusdam aut. Dolorem et natus quia voluptas eum. Nihil sed.",
            "Socials",
            "instagram:",
            "url : https://instagram.com/osinski88",
            "username : osinski88",
            "bio : Quia et qui non aut tempora. Aut aut dolores et.",
            "followers : 3144",
            "following : 2087",
        ),
        headings=(
            "A Morning On The Water",
            "What The Strike Was About",
            "At The Ticket Office",
            "The Vote In November",
        ),
    )


@pytest.fixture(scope="session")
def cleaner() -> Cleaner:
    return Cleaner()


Bend = Callable[..., Model]


@pytest.fixture(scope="session")
def bent(cleaner: Cleaner) -> Bend:
    """The shipped model with other thresholds: the tests' way to force a verdict."""

    def bend(article: float, glue: float) -> Model:
        def filled(value: Any, limit: float) -> Any:
            return [limit] * len(value) if isinstance(value, list) else limit

        header = dict(cleaner.model.header)
        header["thresholds"] = {
            name: filled(value, article) for name, value in header["thresholds"].items()
        }
        header["glue_threshold"] = glue
        header["evidence"] = dict.fromkeys(header["evidence"], -1e9)
        return dataclasses.replace(cleaner.model, header=header)

    return bend


def _chance_dense(rng: np.random.Generator, inputs: int, outputs: int) -> Dense:
    weight = rng.normal(size=(inputs, outputs)) / 8
    return Dense(weight.astype(np.float32), (rng.normal(size=outputs) / 8).astype(np.float32))


def _chance_encoder(rng: np.random.Generator, dilations: tuple[int, ...], units: int) -> Encoder:
    scores, shape = len(LINE_SCORES), len(SHAPE_NAMES)
    return Encoder(
        mean=rng.normal(size=shape).astype(np.float32),
        scale=np.ones(shape, np.float32),
        entry=_chance_dense(rng, 3 * scores + shape, units),
        convolutions=tuple(_chance_dense(rng, WIDTH * units, units) for _ in dilations),
        dilations=dilations,
        document=_chance_dense(rng, 2 * units, units),
        top=_chance_dense(rng, 2 * units, units + 1),
    )


def made_by_chance(seed: int = 1) -> Model:
    """A model of chance numbers: all that loading, saving and learning on top of it need."""
    rng = np.random.default_rng(seed)
    table = np.zeros((BUCKETS, len(LINE_SCORES)), np.int8)
    table[1:9000] = rng.integers(-127, 128, (8999, len(LINE_SCORES)))
    levels = {"gentle": 0.1, "balanced": 0.2, "thorough": 0.5}
    glued = len(glue.input_names(LINE_SCORES))
    layers = [_chance_dense(rng, glued, 4), _chance_dense(rng, 4, 1)]
    return Model(
        header={
            "format": FORMAT,
            "features": feature_names(),
            "categories": list(CATEGORIES),
            "thresholds": {mode: [value] * (len(CLARITY) + 1) for mode, value in levels.items()},
            "evidence": dict.fromkeys(levels, 2.0),
            "glue_threshold": 0.5,
            "training": {"digest": "0" * 32, "note": "né à Ōsaka"},
            "scores": {},
        },
        table=table,
        table_scale=np.full(len(LINE_SCORES), 0.01, np.float32),
        bias=np.zeros(len(LINE_SCORES), np.float32),
        encoders=(_chance_encoder(rng, (1, 2), 4), _chance_encoder(rng, (3,), 5)),
        article=_chance_dense(rng, 11, 1),
        category=_chance_dense(rng, 11, len(STRIPPED_CATEGORIES)),
        joint=Network(
            rng.normal(size=glued).astype(np.float32),
            np.ones(glued, np.float32),
            tuple(layer.weight for layer in layers),
            tuple(layer.bias for layer in layers),
        ),
        labels=np.array([3, 2**63 + 5], np.uint64),
        calibration=np.array([[-2, 2], [-3, 3]], np.float32),
    )


@pytest.fixture(scope="session")
def chance_model() -> Callable[..., Model]:
    """Models of chance numbers, by seed."""
    return made_by_chance


@pytest.fixture(scope="session")
def strict_model(bent: Bend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file by which nothing is article."""
    path = tmp_path_factory.mktemp("strict") / "strict.npz"
    save(bent(article=1.5, glue=1.5), path)
    return path


@pytest.fixture(scope="session")
def lax_model(bent: Bend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file by which all is article, and nothing glued."""
    path = tmp_path_factory.mktemp("lax") / "lax.npz"
    save(bent(article=0.0, glue=1.5), path)
    return path


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """The command in this process; what it raises besides an exit is an error of the test."""

    def call(*args: object, stdin: bytes | str | None = None) -> Result:
        words = [str(arg) for arg in args]
        return CliRunner().invoke(main, words, input=stdin, catch_exceptions=False)

    return call


def frugal(megabytes: int = 300) -> None:
    """Before a command starts: no process of it may have more memory of its own than so much."""
    import resource  # which not every system has

    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))


def environment() -> dict[str, str]:
    # What is set in the shell of whoever tests must not hide what its lack would show.
    unset = ("NO_COLOR", "PYTHONUNBUFFERED")
    kept = {key: value for key, value in os.environ.items() if key not in unset}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": ""}


@pytest.fixture(scope="session")
def env() -> dict[str, str]:
    """The environment for subprocesses: this checkout's package, no colour settings."""
    return environment()


@pytest.fixture(scope="session")
def command() -> list[str]:
    return [sys.executable, "-m", "cleaner"]


@pytest.fixture
def run(command: list[str], env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[Any]]:
    """The command in a process of its own; a traceback fails the test, whatever it is about."""

    def call(
        *args: object, stdin: bytes | None = None, **options: Any
    ) -> subprocess.CompletedProcess[Any]:
        words = [*command, *(arg if isinstance(arg, bytes) else str(arg) for arg in args)]
        if "stdin_file" in options:
            options["stdin"] = options.pop("stdin_file")
        else:
            options["input"] = stdin if stdin is not None else b""
        options.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run(
            words, stderr=subprocess.PIPE, env=env, timeout=60, check=False, **options
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
        return done

    return call


_WORDS = [
    *("river", "boat", "harbour", "engine", "morning", "council", "ticket", "captain", "price"),
    *("market", "window", "winter", "letter", "kitchen", "bridge", "garden", "teacher", "village"),
]


def tiny_documents(count: int = 24) -> list[dict[str, Any]]:
    """Labelled documents enough to learn the difference between sentences and titles from."""
    rng = random.Random(3)

    def words(low: int, high: int) -> list[str]:
        return rng.choices(_WORDS, k=rng.randint(low, high))

    def paragraph() -> str:
        return " ".join(" ".join(words(8, 14)).capitalize() + "." for _ in range(4))

    def title() -> str:
        return " ".join(words(6, 6)).title()

    return [
        {
            "id": f"tiny-{number}",
            "fragments": [
                ["article", paragraph()],
                *(["link_list", f"{title()} Leaked"] for _ in range(4)),
                ["article", paragraph()],
                ["+article" if number % 3 == 0 else "article", f"The {title()}"],
                "",
                ["author_profile", f"Username : {rng.choice(_WORDS)}"],
                ["author_profile", f"followers : {rng.randint(9, 9999)}"],
            ],
        }
        for number in range(count)
    ]


def write_lines(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of labelled documents in our format; some fall in the dev split."""
    return write_lines(tmp_path_factory.mktemp("data") / "tiny.jsonl", tiny_documents())


@pytest.fixture(scope="session")
def as_corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same documents in the corpora's format: lines and labels, 1 for article, else 0."""
    records = []
    for document in tiny_documents():
        pairs = [item if isinstance(item, list) else ["article", ""] for item in
                 document["fragments"]]  # fmt: skip
        lines = [text for _, text in pairs]
        labels = [
            None if not text else int(category.endswith("article")) for category, text in pairs
        ]
        records.append(
            {"id": document["id"], "set": "tiny-corpus", "lines": lines, "labels": labels}
        )
    return write_lines(tmp_path_factory.mktemp("corpora") / "corpus.jsonl", records)


QUICK: dict[str, Any] = {"steps": 20, "epochs": 1, "hidden": (16,), "folds": 2}


@contextlib.contextmanager
def quick_training() -> Iterator[None]:
    """Within it, `cleaner train` takes seconds, and learns enough for the tiny data."""
    pytest.importorskip("sklearn")
    from cleaner import recipe

    quick = functools.partial(recipe.Recipe, **QUICK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "Recipe", quick)
        yield


@pytest.fixture(scope="session")
def train_quickly() -> Callable[..., Result]:
    """`cleaner train` in this process with a recipe for tiny data."""

    def call(*args: object) -> Result:
        with quick_training():
            words = ["train", *map(str, args)]
            return CliRunner().invoke(main, words, catch_exceptions=False)

    return call


@pytest.fixture(scope="session")
def trained(
    tiny_data: Path, train_quickly: Callable[..., Result], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Result]:
    """A model that `cleaner train` made of the tiny data, and what it said."""
    path = tmp_path_factory.mktemp("trained") / "tiny.npz"
    return path, train_quickly(tiny_data, "-o", path)


@pytest.fixture
def page(texts: Texts, tmp_path: Path) -> Path:
    """A page with spam, as a file."""
    path = tmp_path / "page.txt"
    path.write_bytes(texts.page.encode())
    return path


@pytest.fixture(scope="session")
def good(chance_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a model that has learned nothing."""
    path = tmp_path_factory.mktemp("model") / "good.npz"
    save(chance_model(), path)
    return path
