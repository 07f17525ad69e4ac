"""The product as its readme serves it: gunicorn with one worker of the kind it has by default, on the loopback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import quote

from django.conf import settings

from jugendhilfe import embedded_postgres

type Answer = tuple[int, bytes]

PROXY = {"Host": "testserver", "X-Forwarded-Proto": "https"}


class Server:
    """Answers each request on a connection of its own: such a worker keeps none open."""

    def __init__(self, port: int, session: str) -> None:
        self.port = port
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}"

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The page as the signed-in person gets it."""
        return self.get_unknown(path, {"Cookie": self.cookie, **headers})

    def get_unknown(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The same for somebody who has never been here: no session to look up, no person."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={**PROXY, **headers})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def serve(database: str, session: str) -> Iterator[Server]:
    """The product on this database, as in production, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = embedded_postgres.ensure(settings.DATA_DIR / "postgres")
    command = (sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--log-level", "error")
    with subprocess.Popen(
        [*command, "jugendhilfe.wsgi"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"postgresql://app@{quote(server.host, safe='')}:{server.port}/{database}"},
        pass_fds=[listener.fileno()],
    ) as process:
        try:
            yield Server(listener.getsockname()[1], session)
        finally:
            process.terminate()
            listener.close()
