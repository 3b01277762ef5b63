"""Bad luck: full disks, closed streams, interruptions; a clear message, nothing half-written."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.model_file import save
from tests.commands import leftovers, outputs

MB = 1 << 20


# --- full disks and closed streams

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@full
@pytest.mark.parametrize(
    "words",
    [
        ["clean"],
        ["inspect"],
        ["inspect", "--json"],
        ["evaluate", "DATA", "--split", "all"],
        ["evaluate", "DATA", "--split", "all", "--json"],
        ["--version"],
        ["--help"],
        ["clean", "--help"],
    ],
    ids=" ".join,
)
def test_a_full_disk_behind_stdout(run: Any, texts: Any, tiny_data: Path, words: list[str]) -> None:
    words = [str(tiny_data) if word == "DATA" else word for word in words]
    with open("/dev/full", "wb") as device:  # noqa: PTH123
        done = run(*words, stdin=texts.page.encode(), stdout=device)
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert done.stderr.count(b"\n") == 1


def limited() -> None:
    """In a subprocess: no file may grow beyond 4 KiB, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_under_the_outputs(run: Any, texts: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "a.txt").write_text(texts.page, encoding="utf-8")
    (source / "big.txt").write_text(texts.article * 50, encoding="utf-8")
    (source / "z.txt").write_text(texts.page, encoding="utf-8")
    out.mkdir()
    (out / "big.txt").write_text("of yesterday\n", encoding="utf-8")
    done = run("clean", source, "--output", out, preexec_fn=limited)
    assert done.returncode == 1
    assert f"{out}/big.txt: cannot be written (File too large)".encode() in done.stderr
    assert (out / "big.txt").read_text(encoding="utf-8") == "of yesterday\n"
    for name in ("a.txt", "z.txt"):
        assert (out / name).read_text(encoding="utf-8") == texts.body
    assert leftovers(tmp_path) == []


def test_a_full_disk_under_the_rejects(
    run: Any, texts: Any, strict_model: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    words = ["clean", "--model", strict_model, "--rejects", rejects]
    done = run(*words, stdin=texts.page.encode() * 50, preexec_fn=limited)
    assert done.returncode == 1
    assert b"rejects.jsonl: cannot be written" in done.stderr
    assert not rejects.exists()
    assert leftovers(tmp_path) == []


def test_a_full_disk_under_a_new_model(
    run: Any, tiny_data: Path, lax_model: Path, tmp_path: Path
) -> None:
    """Saved by a process of its own, through the command's own error handling."""
    from cleaner import CleanerError

    model = Cleaner(lax_model).model
    target = tmp_path / "model.npz"
    target.write_bytes(b"of yesterday")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(CleanerError, match=r"model\.npz"):
            save(model, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert target.read_bytes() == b"of yesterday"
    assert leftovers(tmp_path) == []


def closing(*descriptors: int) -> Callable[[], None]:
    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return close


@pytest.mark.parametrize("which", ["clean", "inspect"])
def test_closed_streams(run: Any, which: str) -> None:
    done = run(which, preexec_fn=closing(0))
    assert done.returncode in (0, 1)
    assert done.stdout == b""
    done = run(which, stdin=b"A line of text.\n", preexec_fn=closing(1))
    assert done.returncode in (0, 1)
    done = run(which, "--mode", "nonsense", preexec_fn=closing(2))
    assert done.returncode == 2


def test_an_input_stream_that_fails(run: Any, tmp_path: Path) -> None:
    with (tmp_path / "unreadable").open("wb") as file:
        done = run("clean", stdin_file=file)
    assert done.returncode == 1
    assert b"standard input" in done.stderr
    assert done.stdout == b""


# --- interruptions


def default_signals() -> None:
    """In a subprocess: signals as in a terminal, wherever the tests were started."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def waited_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    for _ in range(1000):
        if condition():
            return
        assert process.poll() is None, "ended before it was interrupted"
        time.sleep(0.01)
    pytest.fail("did not begin within ten seconds")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_folder_leaves_only_whole_files(
    command: list[str], env: dict[str, str], texts: Any, tmp_path: Path, number: signal.Signals
) -> None:
    source, out, rejects = tmp_path / "in", tmp_path / "out", tmp_path / "rejects.jsonl"
    source.mkdir()
    for index in range(3000):
        (source / f"{index:05}.txt").write_text(texts.page, encoding="utf-8")
    words = [*command, "clean", str(source), "--output", str(out), "--rejects", str(rejects)]
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        preexec_fn=default_signals,
    ) as process:
        waited_for(lambda: (out / "00020.txt").exists(), process)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert b"Traceback" not in err
    written = [path for path in out.iterdir() if path.suffix == ".txt"]
    assert 20 <= len(written) < 3000
    assert {path.read_text(encoding="utf-8") for path in written} == {texts.body}
    assert leftovers(tmp_path) == []
    assert not rejects.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_waits_for_input(
    command: list[str], env: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    target, rejects = tmp_path / "body.txt", tmp_path / "rejects.jsonl"
    target.write_text("of yesterday\n", encoding="utf-8")
    words = [*command, "clean", "--output", str(target), "--rejects", str(rejects)]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        preexec_fn=default_signals,
    ) as process:
        waited_for(lambda: leftovers(tmp_path) != [], process)
        assert process.stdin is not None
        process.stdin.write(b"The beginning of a text\n")
        process.stdin.flush()
        time.sleep(0.2)
        for _ in range(3):  # Python may sleep over a signal that comes just before it waits
            process.send_signal(number)
            try:
                process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            process.kill()
            pytest.fail("cannot be interrupted while it waits for input")
        assert process.stderr is not None
        err = process.stderr.read()
    assert process.returncode != 0
    assert b"Traceback" not in err
    assert b"interrupted" in err
    assert target.read_text(encoding="utf-8") == "of yesterday\n"
    assert [path.name for path in tmp_path.iterdir()] == ["body.txt"]


def test_two_runs_at_once_into_one_folder(
    command: list[str], env: dict[str, str], texts: Any, tmp_path: Path
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for index, text in zip(range(40), itertools.cycle([texts.page, texts.article])):
        (source / f"{index:02}.txt").write_text(text, encoding="utf-8")
    words = [*command, "clean", str(source), "--output", str(out)]
    both = [subprocess.Popen(words, env=env, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    assert {path.read_text(encoding="utf-8") for path in outputs(out)} == {texts.body}
    assert len(outputs(out)) == 40
