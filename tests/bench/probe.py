"""Reads files as an upload is read and tells time and memory of each: `python -m tests.bench.probe FILE…`."""

import json
import resource
import sys
import time
from pathlib import Path

from jugendhilfe.lib.spreadsheets import SpreadsheetError, read_upload

KILOBYTES = 1024


def main(files: list[str]) -> None:
    for path in map(Path, files):
        refused = False
        Path("/proc/self/clear_refs").write_text("5")  # the peak of this process starts again from what it holds now
        before = peak_mb()
        started = time.perf_counter()
        with path.open("rb") as file:
            try:
                read_upload(file, path.name)
            except SpreadsheetError:
                refused = True
        reading = {
            "name": path.stem,
            "seconds": time.perf_counter() - started,
            "parent_mb": peak_mb() - before,
            "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KILOBYTES,
            "refused": refused,
        }
        print(json.dumps(reading))


def peak_mb() -> float:
    """The highest resident memory of this process; its rusage would still tell that of the one it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / KILOBYTES


if __name__ == "__main__":
    main(sys.argv[1:])
