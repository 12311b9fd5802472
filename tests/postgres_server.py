"""A PostgreSQL server of one's own for tests: private data directory, unix socket, no network.

The server refuses to run as root; then it runs as `postgres` or `nobody`, in a directory of theirs.
"""

import contextlib
import glob
import importlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

DEADLINE_S = 60


def find_programs():
    """Directory of PostgreSQL's programs, empty where there are none."""
    found = [os.path.dirname(p) for p in glob.glob("/usr/lib/postgresql/*/bin/postgres")]
    on_path = shutil.which("postgres")
    return max(found, default="") or (os.path.dirname(on_path) if on_path else "")


def choose_user():
    """Who the server runs as: ourselves, or where that is root somebody else."""
    if os.getuid():
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise OSError("root, and neither postgres nor nobody to run the server")


class Server:
    """One server. `kill` ends it as a power cut would, `start` brings it back."""

    def __init__(self, programs):
        self.programs = programs
        self.user = choose_user()
        self.folder = tempfile.mkdtemp(prefix="iop-pg-", dir="/tmp")
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        self.data = os.path.join(self.folder, "data")
        self.process = None
        self.databases = 0
        self.error = importlib.import_module("psycopg").Error
        self._run(
            "initdb", "-D", self.data, "-U", "iop", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )

    def _run(self, program, *words):
        done = subprocess.run(
            [os.path.join(self.programs, program), *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            **self.user,
        )
        assert done.returncode == 0, done.stderr

    def start(self, environment=None):
        """Start, and wait until it answers; with other variables in its environment."""
        import psycopg

        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "max_connections": "60",
            "shared_buffers": "32MB",
            "max_wal_size": "256MB",
            "restart_after_crash": "off",
        }
        words = [word for name, text in settings.items() for word in ("-c", f"{name}={text}")]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "postgres"), "-D", self.data, *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | (environment or {}),
                start_new_session=True,
                **self.user,
            )
        end = time.monotonic() + DEADLINE_S
        while True:
            assert self.process.poll() is None, self.log()
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, self.log()
                time.sleep(0.02)
            else:
                return

    def url(self, database):
        """The URL of a database on this server."""
        return f"postgresql:///{database}?host={self.folder}&user=iop"

    def log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()[-2000:]

    def kill(self):
        """Postmaster and all of its children at once."""
        children = self._children()
        for pid in (self.process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(DEADLINE_S)
        end = time.monotonic() + DEADLINE_S
        while any(os.path.exists(f"/proc/{pid}") for pid in children):
            assert time.monotonic() < end
            time.sleep(0.001)

    def _children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return [int(pid) for pid in file.read().split()]

    def execute(self, sql, *values, database="postgres"):
        """Rows of one statement, or None."""
        import psycopg

        with psycopg.connect(
            self.url(database), autocommit=True, options="-c client_min_messages=error"
        ) as db:
            done = db.execute(sql, values or None)
            return done.fetchall() if done.description else None

    def make_database(self):
        """A new empty database; its name."""
        self.databases += 1
        name = f"ledger{self.databases}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def clear(self, name):
        """End all sessions of a database and drop its ledger."""
        self.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", name
        )
        self.execute("DROP SCHEMA IF EXISTS iop_ledger CASCADE", database=name)

    def drop(self, name):
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(DEADLINE_S)
        shutil.rmtree(self.folder, ignore_errors=True)


def make_server():
    """A running server; the test is skipped where there is none to run."""
    programs = find_programs()
    if not programs:
        pytest.skip("no PostgreSQL server here (apt-get install postgresql): its store is left out")
    pytest.importorskip("psycopg", reason="no psycopg here: the PostgreSQL store is left out")
    made = Server(programs)
    try:
        made.start()
    except BaseException:
        made.close()
        raise
    return made


@pytest.fixture(scope="session")
def postgres():
    """One server for all tests of a worker."""
    made = make_server()
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_database(postgres):
    """Name of a database that tests use one after the other: making and dropping one takes the server long."""
    return postgres.make_database()


@pytest.fixture
def database(postgres, shared_database):
    """URL of an empty database."""
    yield postgres.url(shared_database)
    postgres.clear(shared_database)


@pytest.fixture
def own_database(postgres):
    """Name of an empty database that the test may change in every way."""
    name = postgres.make_database()
    yield name
    postgres.drop(name)
