"""Units of work, in this process or in several; a worker that dies costs what killed it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import FrameType
from typing import Any, NamedTuple, Self

from cleaner.errors import CleanerError

#: So many units a worker are handed out: one to do and one to go on with, so that none waits and
#: few are held in memory.
_AHEAD = 2

#: A unit that has been alone with a worker when it died so many times is what kills workers.
_TRIES = 2

#: Seconds between two looks at whether the run that a worker works for is still there.
_LOOK = 0.5

#: Seconds that the end of a pool may wait for what is being handed out, and between two looks.
_SOON = 2.0
_TICK = 0.01

#: Processes share the cores among themselves; the linear algebra in them must not do so again.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Unit(NamedTuple):
    """Some work: a call with its argument, and what it is about.

    parts: the same work in smaller units, to find out which of them kills workers.
    """

    call: Callable[[Any], Any]
    argument: Any
    about: Any
    parts: Callable[[], list[Unit]]


class Outcome(NamedTuple):
    """What a unit gave, or the error that it ended with."""

    unit: Unit
    value: Any = None
    error: BaseException | None = None


class WorkerDiedError(CleanerError):
    """A unit kills the process that works on it: leave it out, or give it more memory."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcomes(units: Iterator[Unit], workers: int) -> Iterator[Outcome]:
    """The outcomes of units, as they come; units are taken only as there is room for them."""
    if workers == 1:
        yield from map(_done_here, units)
        return
    with _Interrupts() as interrupts:
        yield from _pooled(units, workers, interrupts)


def _pooled(units: Iterator[Unit], workers: int, interrupts: _Interrupts) -> Iterator[Outcome]:
    pool, waiting = _Pool(workers), deque[Unit]()
    ended = False
    try:
        while True:
            interrupts.heed()
            while not ended and len(pool.running) + len(waiting) < workers * _AHEAD:
                unit = next(units, None)
                if unit is None:
                    ended = True
                else:
                    waiting.append(unit)
            while waiting and pool.submit(waiting[0]):
                waiting.popleft()
            if not pool.running and not waiting and ended:
                return
            found, suspects = pool.collected(interrupts)
            yield from found
            if suspects:
                yield from _one_by_one(suspects, interrupts)
                pool = _Pool(workers)
    finally:
        pool.stop()


def _done_here(unit: Unit) -> Outcome:
    try:
        return Outcome(unit, unit.call(unit.argument))
    except Exception as error:
        return Outcome(unit, error=error)


def _one_by_one(suspects: list[Unit], interrupts: _Interrupts) -> Iterator[Outcome]:
    """Units that were at work when a worker died, each alone, so that it is known who did it."""
    pool = _Pool(1)
    try:
        for unit in (part for suspect in suspects for part in suspect.parts()):
            for _ in range(_TRIES):
                pool.submit(unit)
                found, killed = pool.collected(interrupts)
                if not killed:
                    yield from found
                    break
                pool = _Pool(1)
            else:
                yield Outcome(unit, error=WorkerDiedError("the worker that reads it is killed"))
    finally:
        pool.stop()


class _Interrupts:
    """Within it, an interrupt waits until it is heeded: it must not hit the library's locks."""

    def __enter__(self) -> Self:
        self._came = False
        self._before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:  # the user has no patience
            raise KeyboardInterrupt
        self._came = True

    def heed(self) -> None:
        """Raise `KeyboardInterrupt` if there was one."""
        if self._came:
            raise KeyboardInterrupt

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


class _Pool:
    """Worker processes, until one of them dies."""

    def __init__(self, workers: int) -> None:
        # A second of import that a run in one process does not need.
        from joblib.externals.loky import ProcessPoolExecutor

        environment = dict.fromkeys(_THREADS, "1")
        self._executor = ProcessPoolExecutor(
            workers, initializer=_begin, initargs=(os.getpid(),), env=environment
        )
        self.running: dict[Future[Any], Unit] = {}

    def submit(self, unit: Unit) -> bool:
        """Hand the unit out; False if a worker has died."""
        try:
            with _unheard():
                future = self._executor.submit(unit.call, unit.argument)
            self.running[future] = unit
        except RuntimeError:
            if self.running:
                return False
            raise
        return True

    def collected(self, interrupts: _Interrupts) -> tuple[list[Outcome], list[Unit]]:
        """Wait for outcomes; and the units that were at work, if a worker has died."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        finished: set[Future[Any]] = set()
        while not finished:
            interrupts.heed()
            finished, _ = wait(self.running, _LOOK, return_when=FIRST_COMPLETED)
        found, broken = [], False
        for future in list(self.running):
            if future not in finished:
                continue
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                broken = True
                continue
            value = future.result() if error is None else None
            found.append(Outcome(self.running.pop(future), value, error))
        if not broken:
            return found, []
        ended = [one for one in wait(self.running).done if one.exception() is None]
        found += [Outcome(self.running.pop(one), one.result()) for one in ended]
        suspects = list(self.running.values())
        self.running = {}
        self.stop()
        return found, suspects

    def stop(self) -> None:
        """End all workers, whatever they do."""
        # The library stumbles over units that it has taken and not yet passed on to a worker.
        until = time.monotonic() + _SOON
        while any(not (one.running() or one.done()) for one in self.running):
            if time.monotonic() > until:
                break
            time.sleep(_TICK)
        self._executor.shutdown(wait=True, kill_workers=True)


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """An interrupt waits, in processes that are started within too and for as long as they live.

    Else Ctrl-C, which goes to all of them, finds a worker that is still importing, and it says so.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """A worker's first act: Ctrl-C is its parent's business, and it must not outlive that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
