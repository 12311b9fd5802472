"""Secrets from outside: passphrases and phrases, from a file, a descriptor, the service manager, a command or the terminal.

Never from the command line or the environment. One trailing newline is removed, nothing else; more than one source is an error.
"""

from __future__ import annotations

import os

from iop.errors import AccessError, HostError, LimitError, MissingError, UsageError
from iop.io.config import read_variable
from iop.io.harden import harden_process, wipe
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 64 * 1024  # bytes of a passphrase
CREDENTIAL = "iop-passphrase"  # file in the service manager's directory
COMMAND = "IOP_PASSPHRASE_COMMAND"


@value
class Source:
    """Where a passphrase comes from: the options of a command. `ask` allows a prompt on the terminal.

    `ambient` also looks at the service manager's credentials and IOP_PASSPHRASE_COMMAND. `option` names the options in hints.
    `warn` is told, with a remedy, when others may read the file.
    """

    file: str | None = None
    fd: int | None = None
    ask: bool = True
    ambient: bool = True
    option: str = "--passphrase"
    warn: Callable[[str, str], None] | None = None

    def list_names(self) -> str:
        """Every way in which the passphrase can be given, for a hint."""
        names = f"{self.option}-file or {self.option}-fd"
        if self.ambient:
            names += f", set {COMMAND}, or have a file {CREDENTIAL} in $CREDENTIALS_DIRECTORY"
        return names


def read_passphrase(source: Source, prompt: str, *, new: bool = False) -> bytearray:
    """The passphrase. `new`: it is for something not yet sealed, so it is asked for twice and may not be empty.

    The caller wipes it. Raises UsageError for two sources, AccessError when there is none and nobody can be asked.
    """
    harden_process()
    found = _find_sources(source)
    if len(found) > 1:
        names = ", ".join(name for name, _ in found)
        raise UsageError(f"passphrase from more than one source: {names}", hint="give one of them")
    if found:
        name, data = found[0]
        secret = _read(name, data, source.warn if source.file == data else None)
    elif source.ask:
        secret = _ask(prompt, source)
        if new:
            _confirm(secret, prompt, source)
    else:
        raise AccessError(
            f"{prompt} needed, and prompts are off", hint=f"give {source.list_names()}"
        )
    if new and not secret:
        raise AccessError("passphrase is empty")
    return secret


def read_text(source: Source, prompt: str, *, new: bool = False) -> str:
    """A secret that must be text, as a phrase or the password of a vault. Raises AccessError if it is not UTF-8."""
    secret = read_passphrase(source, prompt, new=new)
    try:
        return secret.decode()
    except UnicodeDecodeError as exc:
        raise AccessError(f"not UTF-8 text: {prompt}") from exc
    finally:
        wipe(secret)


def _find_sources(source: Source) -> list[tuple[str, str | int]]:
    found: list[tuple[str, str | int]] = []
    if source.file is not None:
        found.append((f"{source.option}-file", 0 if source.file == "-" else source.file))
    if source.fd is not None:
        found.append((f"{source.option}-fd", source.fd))
    if source.ambient:
        directory = read_variable("CREDENTIALS_DIRECTORY")
        path = os.path.join(directory, CREDENTIAL)
        if directory and os.path.exists(path):
            found.append(("CREDENTIALS_DIRECTORY", path))
        command = read_variable(COMMAND)
        if command:
            found.append((COMMAND, command))
    return found


def _read(name: str, data: str | int, warn: Callable[[str, str], None] | None = None) -> bytearray:
    if name == COMMAND:
        assert isinstance(data, str)
        return _run_command(data)
    if isinstance(data, int):
        return _read_descriptor(data, name)
    try:
        fd = os.open(data, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as exc:
        raise MissingError(f"no such file: {data}") from exc
    except OSError as exc:
        raise AccessError(f"{data}: {exc.strerror}") from exc
    try:
        if warn is not None:
            _look(fd, data, warn)
        return _read_descriptor(fd, name)
    finally:
        os.close(fd)


def _look(fd: int, path: str, warn: Callable[[str, str], None]) -> None:
    """Tell about a regular file that others may read; a pipe or a device is nobody's to keep."""
    import stat

    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode) and mode & 0o077:
        import shlex

        warn(
            f"{path} is open to others: mode {stat.S_IMODE(mode):04o}, expected 0600",
            f"chmod 600 {shlex.quote(path)}",
        )


def _read_descriptor(fd: int, name: str) -> bytearray:
    secret = bytearray()
    try:
        while chunk := os.read(fd, LIMIT):
            secret += chunk
            if len(secret) > LIMIT:
                wipe(secret)
                raise LimitError(f"passphrase of {name} is larger than {LIMIT} bytes")
    except OSError as exc:
        raise HostError(f"cannot read {name}: {exc.strerror}") from exc
    return _cut_newline(secret)


def _cut_newline(secret: bytearray) -> bytearray:
    if secret[-1:] == b"\n":
        del secret[-1:]
    return secret


def _run_command(command: str) -> bytearray:
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603 - the user's own command
    except (OSError, ValueError) as exc:
        raise AccessError(f"cannot run {COMMAND}: {exc}") from exc
    if done.returncode:
        raise AccessError(f"{COMMAND} ended with status {done.returncode}")
    if len(done.stdout) > LIMIT:
        raise LimitError(f"passphrase of {COMMAND} is larger than {LIMIT} bytes")
    return _cut_newline(bytearray(done.stdout))


def _ask(prompt: str, source: Source) -> bytearray:
    """One line from the terminal, echo off. Raises AccessError, naming the other sources, when there is no terminal."""
    import termios

    try:
        fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as exc:
        raise AccessError(
            f"no terminal to ask for the {prompt}", hint=f"give {source.list_names()}"
        ) from exc
    try:
        before = termios.tcgetattr(fd)
        silent = termios.tcgetattr(fd)
        silent[3] &= ~termios.ECHO
        try:
            termios.tcsetattr(fd, termios.TCSAFLUSH, silent)
            os.write(fd, f"{prompt}: ".encode())
            return _read_line(fd)
        finally:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
            os.write(fd, b"\n")
    except (OSError, termios.error) as exc:
        raise HostError(f"cannot read the terminal: {exc}") from exc
    finally:
        os.close(fd)


def _read_line(fd: int) -> bytearray:
    line = bytearray()
    while chunk := os.read(fd, 4096):
        line += chunk
        if line[-1:] == b"\n":
            break
        if len(line) > LIMIT:
            wipe(line)
            raise LimitError(f"passphrase is larger than {LIMIT} bytes")
    return _cut_newline(line)


def _confirm(secret: bytearray, prompt: str, source: Source) -> None:
    again = _ask(f"{prompt} again", source)
    same = secret == again
    wipe(again)
    if not same:
        wipe(secret)
        raise AccessError("the two passphrases differ")
