"""The compiled loops over characters, where there are any; else their numpy twins do the work."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

#: What `kernel.c` says of itself where it fits this version of the package.
VERSION = 2


def _found() -> ModuleType | None:
    if os.environ.get("CLEANER_KERNEL") == "numpy":
        return None
    try:
        found = importlib.import_module("cleaner._kernel")
    except ImportError:  # built where no compiler was
        return None
    return found if getattr(found, "VERSION", None) == VERSION else None


#: The compiled module, or None: then the twins are used, with the same results to the bit.
COMPILED = _found()
