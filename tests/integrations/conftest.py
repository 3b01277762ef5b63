"""What the tests of the integrations share: sample pages, examples run, the service started."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "integrations"

Example = Callable[..., str]


def _blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language in a page of `docs/integrations`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


@pytest.fixture(scope="session")
def blocks() -> Callable[[str, str], list[str]]:
    """Gives the fenced blocks of a language in a page of `docs/integrations`."""
    return _blocks


@pytest.fixture(scope="session")
def pages_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pages.jsonl`, as the first page of the integrations makes it."""
    folder = tmp_path_factory.mktemp("pages")
    (code,) = _blocks("README.md", "python")
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    return folder / "pages.jsonl"


@pytest.fixture(scope="session")
def pages(pages_file: Path) -> list[dict[str, str]]:
    """Its records: a page with spam, a clean article, and one without any."""
    return [json.loads(line) for line in pages_file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def example(pages_file: Path, tmp_path: Path, env: dict[str, str]) -> Example:
    """Runs the example of a page in a folder with `pages.jsonl`; what it printed.

    Where the page shows the output, it must be that. site: stands in for the example's address.
    """

    def run(page: str, site: str = "") -> str:
        (tmp_path / "pages.jsonl").write_bytes(pages_file.read_bytes())
        (code,) = _blocks(page, "python")
        if site:
            code = re.sub(r"http://127\.0\.0\.1:\d+", site, code)
        script = tmp_path / "example.py"
        script.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=tmp_path,
            # A machine's own address, which Spark would take, may lead nowhere in a sandbox.
            env={**env, "SPARK_LOCAL_IP": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        shown = _blocks(page, "text")
        assert done.stdout == (shown[0] if shown else done.stdout)
        return done.stdout

    return run


@dataclasses.dataclass(frozen=True)
class Answer:
    """status; body: bytes; kind: its content type."""

    status: int
    body: bytes
    kind: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


@dataclasses.dataclass(frozen=True)
class Service:
    """A running service. process: its command; port: where it listens."""

    process: subprocess.Popen[str]
    port: int

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, path: str, body: object = None, kind: str = "text/plain", **headers: str
    ) -> Answer:
        """GET, or POST where there is a body: bytes, text, or what becomes JSON."""
        if body is not None and not isinstance(body, str | bytes):
            body, kind = json.dumps(body), "application/json"
        data = body.encode() if isinstance(body, str) else body
        with contextlib.closing(self.connection()) as connection:
            method = "GET" if data is None else "POST"
            connection.request(method, path, data, {"Content-Type": kind, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers["Content-Type"])

    def end(self) -> str:
        """End it as a service manager does; what it said."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[1]


def _await(service: Service) -> None:
    """Return when it answers: with several workers it says where it listens before they do."""
    for _ in range(600):
        with contextlib.suppress(ConnectionError):
            assert service.ask("/healthz").status == 200
            return
        time.sleep(0.1)
    pytest.fail("the service does not answer")


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str], *options: str) -> Iterator[Service]:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    words = [*command, "serve", "--port", "0", *options]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if found := re.search(r"running on http://[^:]+:(\d+)", line):
                    one = Service(process, int(found.group(1)))
                    _await(one)
                    yield one
                    break
            else:
                pytest.fail("the service did not start")
        finally:
            if process.poll() is None:
                process.terminate()


@pytest.fixture(scope="session")
def serving_all(command: list[str], env: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Services by options of the command, which end with all tests."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: stack.enter_context(running(command, env, *options))


@pytest.fixture
def serving(command: list[str], env: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Services by options of the command, which end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: stack.enter_context(running(command, env, *options))


@pytest.fixture(scope="session")
def service(serving_all: Callable[..., Service]) -> Service:
    """One with the options as they are, for all tests that leave it as it is."""
    return serving_all()


#: Compiled less, the virtual machines start sooner, which is most of what they do here.
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a cluster of two executors with one core each."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", env["PYTHONPATH"])
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_WORKER_DIR", str(tmp_path_factory.mktemp("spark")))
        session = (
            sql.SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.extraJavaOptions", _QUICK)
            .config("spark.executor.extraJavaOptions", _QUICK)
            .config("spark.ui.enabled", "false")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="session")
def ray(env: dict[str, str]) -> Iterator[Any]:
    """Ray Data on two cores of this machine."""
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    pytest.importorskip("ray.data", reason="Ray Data is not installed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", env["PYTHONPATH"])
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield ray
        ray.shutdown()
