"""A process with a pool of workers, so that a test can interrupt or kill it.

`python -m tests.invented.pool FOLDER` starts two tasks that each leave a file with their process
number and then wait. Belongs here: that process. Does not belong here: a test.
"""

import os
import signal
import sys
import time
from pathlib import Path

from pipelines.workers import WORTHWHILE_DRAWS, task_map


def wait_in(folder: Path) -> None:
    """Leave a file with the number of this process, and wait."""
    (folder / str(os.getpid())).touch()
    time.sleep(120)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # polars took it when it was imported
    try:
        with task_map(WORTHWHILE_DRAWS, workers=2) as map_tasks:
            sys.stdout.write("started\n")
            sys.stdout.flush()
            list(map_tasks(wait_in, [Path(sys.argv[1])] * 2))  # type: ignore[arg-type, list-item]
    except BaseException as error:
        sys.stdout.write(type(error).__name__)
        os._exit(1)
