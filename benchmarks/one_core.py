"""What every benchmark in process starts with: one thread, and the same run each time."""

from __future__ import annotations

import os
import sys


def settle(module: str) -> None:
    """Start `python -m module` over with one thread, and with hashes of strings that stay the same.

    Faker draws some values of the training set from sets, whose order hangs on the hashes.
    """
    wanted = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    wanted["PYTHONHASHSEED"] = "0"
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | wanted)
