"""Tasks into units of work: small files together, large ones block by block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from cleaner.errors import CleanerError
from cleaner.runs.plan import Task
from cleaner.runs.shards import Shard
from cleaner.runs.work import Block, Worker
from cleaner.runs.workers import Unit

#: Small files are handed out together: so many, or so many bytes, at most. How they are grouped
#: must not depend on the number of workers.
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 1 << 20


def units(
    tasks: Sequence[Task],
    left: Collection[str],
    worker: Worker,
    shard_of: Callable[[Task], Shard],
    end: Callable[[Shard], None],
) -> Iterator[Unit]:
    """The work in order, as it is asked for. Units are about tasks, or a shard and bytes read.

    left: the outputs that are to do; end: called when all blocks of a shard are handed out.
    Files stand together as if all were to do, so that their texts meet the same others in a batch
    after a crash as without one.
    """
    for some in bundles(tasks, worker.settings.block_size):
        if isinstance(some, Task):
            if some.relative in left:
                yield from _blocks(shard_of(some), worker, end)
        else:
            yield from _together(some, left, worker)


def bundles(tasks: Sequence[Task], block_size: int) -> Iterator[list[Task] | Task]:
    """The tasks in order: small files together, large files of records each alone."""
    held: list[Task] = []
    size = 0
    for task in tasks:
        more = task.facts.size if task.facts else 0
        large = task.kind.is_records and more > block_size
        if held and (large or len(held) == _FILES_AT_ONCE or size + more > _BYTES_AT_ONCE):
            yield held
            held, size = [], 0
        if large:
            yield task
        else:
            held.append(task)
            size += more
    if held:
        yield held


def _together(tasks: Sequence[Task], left: Collection[str], worker: Worker) -> Iterator[Unit]:
    some = [task for task in tasks if task.relative in left]
    if some:
        yield Unit(worker.files, some, some, lambda: [_one(task, worker) for task in some])


def _one(task: Task, worker: Worker) -> Unit:
    return Unit(worker.files, [task], [task], lambda: [_one(task, worker)])


def _blocks(shard: Shard, worker: Worker, end: Callable[[Shard], None]) -> Iterator[Unit]:
    before = 0
    try:
        for block, read in shard.blocks():
            yield _block(block, shard, read - before, worker)
            before = read
    except CleanerError as error:
        shard.error = str(error)
    end(shard)


def _block(block: Block, shard: Shard, read: int, worker: Worker) -> Unit:
    return Unit(worker.block, block, (shard, read), lambda: [_block(block, shard, read, worker)])
