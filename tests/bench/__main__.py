"""Prints every row as soon as it is measured. Exit code 1 where a row could not be measured, whatever the figures."""

import atexit
import os
import secrets
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import django

from tests.bench.measure import Gap, NotMeasured, Row, Skipped, line, summary

OURS = ("DATABASE_", "DJANGO_", "SRB_")


def main() -> int:
    started = monotonic()
    use_own_database()
    # Settings must be known before anything of the product is imported.
    from tests.bench import chain, draws, factors, pages, papers, uploads

    print(line("what (median, if not the best run)", "measured", "ratio", "bar"))
    rows: list[Row | Gap] = []
    for module in (factors, draws, papers, uploads, pages, chain):
        for row in measured(module.__name__.rpartition(".")[2], module.rows):
            print(row, flush=True)
            rows.append(row)
    print(f"\n{summary(rows)} {monotonic() - started:.0f} s")
    return int(any(isinstance(row, Gap) and row.failed for row in rows))


def measured(name: str, rows: Callable[[], Iterator[Row | Gap]]) -> Iterator[Row | Gap]:
    """The rows of one subject; what goes wrong there ends that subject alone."""
    try:
        yield from rows()
    except NotMeasured as error:
        yield Gap(name, str(error), failed=not isinstance(error, Skipped))
    except Exception as error:  # noqa: BLE001  the other rows are still worth having
        traceback.print_exception(error, chain=False)
        yield Gap(name, f"{type(error).__name__}: {str(error).partition('\n')[0]}", failed=True)


def use_own_database() -> None:
    """Settings as in production, on an empty database in a directory that goes when this process ends."""
    directory = Path(tempfile.mkdtemp(prefix="sozialraumbudget-bench-"))
    directory.chmod(0o755)  # PostgreSQL runs under another account where this one is root
    # Registered before the server's own stop, hence run after it.
    atexit.register(remove, directory)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "DJANGO_ALLOWED_HOSTS": "testserver",
        "SRB_DATA_DIR": str(directory),
        "SRB_COUNTY": str(Path(__file__).resolve().parents[2] / "fixtures" / "lueneburg.toml"),
        "SRB_LOG_LEVEL": "ERROR",
    }
    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)


def remove(directory: Path) -> None:
    cluster = directory / "postgres" / "cluster"
    if cluster.is_symlink():
        shutil.rmtree(cluster.resolve(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
