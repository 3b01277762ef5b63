"""One thread for the model's matrix products: they are too small to be worth sharing out."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0
_limit: Any = None


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """The linear algebra library works on one thread, until the last of all callers has left.

    Its threads wait for one another in loops. Where another process has one of the cores, a
    product of a millisecond then takes a hundred; and where none has, two threads are hardly
    faster than one on matrices of a thousand rows.
    """
    global _inside, _limit
    with _lock:
        _inside += 1
        if _inside == 1:
            _limit = _controller().limit(limits=1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _limit.restore_original_limits()
                _limit = None
