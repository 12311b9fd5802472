"""What a command function may ask of its host, handed in as its first argument."""

from __future__ import annotations

import os
import time

from iop.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop.io.report import Reporter
    from iop.io.stream import Item


class Shell:
    """Clock, randomness, talk and verdict of one run. `options` holds every option by destination name."""

    def __init__(self, prog: str, options: dict[str, object], reporter: Reporter) -> None:
        self.prog = prog
        self.options = options
        self.reporter = reporter
        self.status = 0
        self._drawn = 0
        self._stdin_taken = False

    @property
    def quiet(self) -> bool:
        """-q was given."""
        return bool(self.options.get("quiet"))

    @property
    def verbose(self) -> int:
        """How often -v was given."""
        count = self.options.get("verbose")
        return count if isinstance(count, int) else 0

    @property
    def wants_records(self) -> bool:
        """True when a form was asked for: a command whose plain output is text gives records then."""
        given = self.options
        return bool(given["json"] or given["cbor"] or given["table"] or given["to"] != "auto")

    def deny(self) -> None:
        """The answer to a predicate is no: status 1 unless something worse happens."""
        self.status = self.status or 1

    def warn(self, message: str, hint: str | None = None) -> None:
        """A line on stderr, unless quiet."""
        if not self.quiet:
            self.reporter.warn(message, hint)

    def note(self, message: str) -> None:
        """A line on stderr when verbose."""
        if self.verbose:
            self.reporter.note(message)

    def now(self) -> int:
        """Seconds since 1970 UTC: the clock's, or --now."""
        given = self.options.get("now")
        if given is None:
            return int(time.time())
        assert isinstance(given, str)
        if given.isascii() and given.removeprefix("-").isdigit() and len(given) < 16:
            return int(given)
        import datetime as dt

        try:
            moment = dt.datetime.fromisoformat(given)
        except ValueError:
            raise UsageError(
                f"--now takes seconds or an RFC 3339 time, got {given!r}",
                hint="--now 2026-01-31T12:00:00Z",
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return int(moment.timestamp())

    def random(self, size: int) -> bytes:
        """Random bytes from the system, or the next ones drawn from --seed (SHAKE-256 of the seed and a counter)."""
        given = self.options.get("seed")
        if given is None:
            return os.urandom(size)
        assert isinstance(given, str)
        import hashlib

        from iop.codec.hex import parse_hex

        if self._drawn == 0:
            self.warn("--seed fixes the randomness: what is made here is no secret")
        self._drawn += 1
        return hashlib.shake_256(parse_hex(given) + self._drawn.to_bytes(8, "big")).digest(size)

    def claim_stdin(self, purpose: str) -> None:
        """Take stdin for one purpose. Raises UsageError the second time."""
        if self._stdin_taken:
            raise UsageError(f"stdin is used twice, the second time for {purpose}")
        self._stdin_taken = True

    def open_items(self, path: str | None, form: str = "auto") -> Iterator[Item]:
        """Records of a file, or of stdin for None and `-`."""
        from iop.io.stream import open_input, read_items

        if path in (None, "-"):
            self.claim_stdin("records")
        return read_items(open_input(path), form)

    def read_bytes(self, path: str | None, limit: int = 1 << 30) -> bytes:
        """All bytes of a file, or of stdin for None and `-`. Raises LimitError past `limit`."""
        from iop.io.stream import open_input, read_all

        if path in (None, "-"):
            self.claim_stdin("input")
        fd = open_input(path)
        try:
            return read_all(fd, limit)
        finally:
            if fd != 0:
                os.close(fd)

    def confirm(self, question: str) -> None:
        """Ask on the terminal before something irreversible; --yes answers. Raises UsageError when nobody can."""
        if self.options.get("yes"):
            return
        hint = "add --yes"
        if self.options.get("no_input"):
            raise UsageError(f"not confirmed: {question}", hint=hint)
        try:
            fd = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            raise UsageError(
                f"not confirmed, no terminal to ask on: {question}", hint=hint
            ) from None
        with os.fdopen(fd, "r+b", buffering=0) as terminal:
            terminal.write(f"{self.prog}: {question} [y/N] ".encode())
            if terminal.readline(100).strip().lower() not in (b"y", b"yes"):
                raise UsageError("not confirmed", hint=hint)
