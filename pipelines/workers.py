"""Running the outflow model's tasks on several processes; changes no figure, only the time.

Belongs here: the pool. Does not belong here: what a task is (`models.outflow`).
"""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker

from models.outflow.answer import MapTasks

MOST_WORKERS = 4
WORTHWHILE_DRAWS = 1024
"""From so many draws on, a second process saves more than its start costs."""

_PR_SET_PDEATHSIG = 1


@contextmanager
def task_map(draws: int, *, workers: int | None = None) -> Iterator[MapTasks]:
    """Give a `map` for the model's tasks: over processes where that pays, else the plain one.

    Args:
        draws: Number of draws of the run.
        workers: Processes; None takes those of the machine, at most `MOST_WORKERS`.
    """
    count = min(_processors(), MOST_WORKERS) if workers is None else workers
    if count < 2 or draws < WORTHWHILE_DRAWS:
        yield map
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_die_with_parent, initargs=(os.getpid(),)
    )
    others = set(multiprocessing.active_children())
    try:
        _start_deaf_to_interrupts(pool, count)
        yield pool.map
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()  # nobody waits for the results any more
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_deaf_to_interrupts(pool: ProcessPoolExecutor, count: int) -> None:
    """Start the processes while interrupts are blocked, which they inherit.

    Ctrl-C reaches a whole group of processes, but it is the parent's: a process that is still
    starting would answer with a traceback. (A handler does not do; libraries set their own.)
    """
    resource_tracker.ensure_running()  # it unblocks interrupts itself
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for _ in range(count):  # a task a process, as the pool starts one when none is idle
            pool.submit(int)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _processors() -> int:
    """Count the processors that this process may use, as `taskset` and containers set them."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _die_with_parent(parent: int) -> None:
    """Let the system end this process when its parent is killed, also when it was already."""
    control = getattr(ctypes.CDLL(None), "prctl", None)
    if control is not None:
        control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
