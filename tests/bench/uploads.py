"""Uploads: a large honest table, and every hostile file of the tests, read by a process that does nothing else.

Seconds are bars of their own here, so the best of several readings counts: the rest is what a busy machine adds.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from tests.bench.measure import NotMeasured, Row, duration
from tests.lib.test_spreadsheets import HOSTILE, HOSTILE_TEXT, saved

SECONDS = 2.0
CHILD_MB = 200.0
PARENT_MB = 20.0
ROWS, COLUMNS = 5000, 20
PLAIN = 5


class Reading(NamedTuple):
    """What the probe tells of one file."""

    name: str
    seconds: float
    parent_mb: float
    child_mb: float
    refused: bool


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _honest(Path(folder))
        yield from _hostile(Path(folder))


def _honest(folder: Path) -> Iterator[Row]:
    table: list[list[object]] = [[f"Posten {column}" for column in range(COLUMNS)]]
    table += [[f"Büro {row}", *(row * column + 0.25 for column in range(1, COLUMNS))] for row in range(1, ROWS)]
    text = "\n".join(";".join(str(value).replace(".", ",") for value in row) for row in table)
    files = {"Excel": folder / "large.xlsx", "CSV": folder / "large.csv"}
    files["Excel"].write_bytes(saved(*table))
    files["CSV"].write_text(text, encoding="utf-8")
    for kind, file in files.items():
        readings = probe([file] * PLAIN)
        if any(reading.refused for reading in readings):
            raise NotMeasured(f"the large {kind} file was refused")
        seconds = min(reading.seconds for reading in readings)
        child = max(reading.child_mb for reading in readings)
        what = f"upload check, {kind}, {ROWS:,} rows × {COLUMNS} columns"
        yield Row(what, f"best {duration(seconds)}", seconds / SECONDS, 1, f"{SECONDS:g} s")
        yield Row(f"{what}, memory of the child", f"{child:.0f} MB", child / CHILD_MB, 1, f"{CHILD_MB:g} MB")


def _hostile(folder: Path) -> Iterator[Row]:
    files = []
    for kind, makers in (("xlsx", HOSTILE), ("csv", HOSTILE_TEXT)):
        for (name, _), make in makers.items():
            files.append(folder / f"{name}.{kind}")
            files[-1].write_bytes(make())
    readings = probe(files)
    if accepted := [reading.name for reading in readings if not reading.refused]:
        raise NotMeasured(f"not refused: {', '.join(accepted)}")
    largest = max(readings, key=lambda one: one.parent_mb)
    slowest = max(again(readings, files), key=lambda one: one.seconds)
    what = f"{len(files)} hostile files"
    yield Row(
        f"{what}, slowest: {slowest.name}", f"best {duration(slowest.seconds)}", slowest.seconds / SECONDS, 1, "2 s"
    )
    grown = largest.parent_mb
    yield Row(f"{what}, growth of the parent", f"{grown:.1f} MB", grown / PARENT_MB, 1, f"{PARENT_MB:g} MB")


def again(readings: list[Reading], files: list[Path]) -> list[Reading]:
    """The slowest files several times more, each with its best time: that is the file's, the rest is the machine's."""
    by_time = sorted(zip(readings, files, strict=True), key=lambda one: one[0].seconds)
    rounds = [[first for first, _ in by_time[-PLAIN:]], *(probe([file for _, file in by_time[-PLAIN:]]) for _ in "12")]
    return [min(same, key=lambda one: one.seconds) for same in zip(*rounds, strict=True)]


def probe(files: list[Path]) -> list[Reading]:
    """Read the files one after the other in a fresh process, which holds nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.probe", *files],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotMeasured(f"the probe ended with {done.returncode}: {done.stderr[-300:]}")
    return [Reading(**json.loads(found)) for found in done.stdout.splitlines()]
