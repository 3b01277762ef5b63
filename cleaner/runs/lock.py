"""One run at a time in an output folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cleaner.writing import named

_LOOK = 0.1

#: Seconds of waiting after which it is said what is waited for.
_PATIENCE = 5.0


@contextlib.contextmanager
def alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Within it no other run works with the folder; waits until that is so.

    The system lets go of the lock of a run that was killed.
    """
    try:
        import fcntl
    except ImportError:  # a system without such locks
        yield
        return
    with named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("wb")
    with file:
        began, told = time.monotonic(), False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told and time.monotonic() - began > _PATIENCE:
                    say(f"another run is at work in {folder.parent}; waiting for its end")
                    told = True
                time.sleep(_LOOK)
                continue
            except OSError:  # a file system without locks
                pass
            break
        yield
