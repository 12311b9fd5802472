from __future__ import annotations

import os
import pty
import select
import subprocess
import sys

import pytest

from iop.errors import AccessError, HostError, LimitError, MissingError, UsageError
from iop.io.harden import wipe
from iop.io.secret import LIMIT, Source, read_passphrase, read_text


def pipe(data: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"pw", b"pw"),
        (b"pw\n", b"pw"),
        (b"pw\n\n", b"pw\n"),
        (b" pw \r\n", b" pw \r"),
        (b"", b""),
        (b"\xff\n", b"\xff"),
    ],
)
def test_one_newline_is_removed_and_nothing_else(tmp_path, data: bytes, expected: bytes) -> None:
    assert read_passphrase(Source(fd=pipe(data)), "x") == expected
    (tmp_path / "pw").write_bytes(data)
    assert read_passphrase(Source(file=str(tmp_path / "pw")), "x") == expected


def test_the_service_manager_s_credential(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(AccessError):
        read_passphrase(Source(ask=False), "x")
    (tmp_path / "iop-passphrase").write_bytes(b"cred\n")
    assert read_passphrase(Source(ask=False), "x") == b"cred"
    with pytest.raises(AccessError):
        read_passphrase(Source(ask=False, ambient=False), "x")


def test_a_command(monkeypatch) -> None:
    monkeypatch.setenv("IOP_PASSPHRASE_COMMAND", "printf '%s\\n' 'from command'")
    assert read_passphrase(Source(ask=False), "x") == b"from command"


@pytest.mark.parametrize("command", ["false", "/nonexistent/askpass", "unclosed 'quote"])
def test_commands_that_fail(monkeypatch, command: str) -> None:
    monkeypatch.setenv("IOP_PASSPHRASE_COMMAND", command)
    with pytest.raises(AccessError, match="IOP_PASSPHRASE_COMMAND"):
        read_passphrase(Source(), "x")


def test_two_sources_are_an_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "iop-passphrase").write_bytes(b"a")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("IOP_PASSPHRASE_COMMAND", "echo b")
    with pytest.raises(UsageError, match="CREDENTIALS_DIRECTORY, IOP_PASSPHRASE_COMMAND"):
        read_passphrase(Source(), "x")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(UsageError, match="--passphrase-fd"):
        read_passphrase(Source(fd=0), "x")
    monkeypatch.delenv("IOP_PASSPHRASE_COMMAND")
    with pytest.raises(UsageError, match="--new-file, --new-fd"):
        read_passphrase(Source(file="a", fd=0, option="--new"), "x")


def test_sources_that_cannot_be_read(tmp_path) -> None:
    with pytest.raises(MissingError):
        read_passphrase(Source(file=str(tmp_path / "none")), "x")
    with pytest.raises(HostError):
        read_passphrase(Source(fd=987), "x")
    with pytest.raises(HostError):
        read_passphrase(Source(file=str(tmp_path)), "x")
    (tmp_path / "big").write_bytes(b"x" * (LIMIT + 1))
    with pytest.raises(LimitError):
        read_passphrase(Source(file=str(tmp_path / "big")), "x")


def test_files_that_others_may_read_are_warned_of(tmp_path) -> None:
    told: list[tuple[str, str]] = []

    def warn(message: str, hint: str) -> None:
        told.append((message, hint))

    path = tmp_path / "p w"
    path.write_bytes(b"pw\n")
    path.chmod(0o600)
    assert read_passphrase(Source(file=str(path), warn=warn), "x") == b"pw" and not told
    path.chmod(0o640)
    assert read_passphrase(Source(file=str(path), warn=warn), "x") == b"pw"
    assert told == [(f"{path} is open to others: mode 0640, expected 0600", f"chmod 600 '{path}'")]
    with open(path, "rb") as file:
        assert read_passphrase(Source(fd=file.fileno(), warn=warn), "x") == b"pw"
    fd = pipe(b"pw")
    assert read_passphrase(Source(file=f"/dev/fd/{fd}", warn=warn), "x") == b"pw"
    assert len(told) == 1


def test_a_new_passphrase_is_not_empty() -> None:
    with pytest.raises(AccessError, match="empty"):
        read_passphrase(Source(fd=pipe(b"\n")), "x", new=True)


def test_text_is_utf8() -> None:
    assert read_text(Source(fd=pipe("é\n".encode())), "x") == "é"
    with pytest.raises(AccessError, match="not UTF-8"):
        read_text(Source(fd=pipe(b"\xff")), "x")


def test_nobody_to_ask() -> None:
    with pytest.raises(AccessError) as caught:
        read_passphrase(Source(ask=False, option="--new"), "passphrase")
    assert str(caught.value.hint).startswith(
        "give --new-file or --new-fd, set IOP_PASSPHRASE_COMMAND"
    )
    with pytest.raises(AccessError) as caught:
        read_passphrase(Source(ask=False, ambient=False, option="--new"), "passphrase")
    assert caught.value.hint == "give --new-file or --new-fd"
    code = (
        "import os; os.setsid()\n"
        "from iop.io.secret import *\n"
        "try:\n    read_passphrase(Source(ambient=False), 'p')\nexcept AccessError as error:\n    print(error.message, '|', error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert (
        done.stdout == "no terminal to ask for the p | give --passphrase-file or --passphrase-fd\n"
    )


def on_terminal(code: str, answers: list[tuple[bytes, bytes]]) -> bytes:
    """What a process writes to its terminal and stdout, given a line after each prompt."""
    child, fd = pty.fork()
    if child == 0:
        os.execv(
            sys.executable,
            [
                sys.executable,
                "-c",
                "from iop.io.secret import *\nfrom iop.errors import *\n" + code,
            ],
        )
    seen = b""
    while True:
        if not select.select([fd], [], [], 20)[0]:
            raise AssertionError(seen)
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if answers and seen.endswith(answers[0][0]):
            os.write(fd, answers.pop(0)[1])
    os.close(fd)
    os.waitpid(child, 0)
    assert not answers
    return seen


def test_a_prompt_does_not_echo() -> None:
    seen = on_terminal("print(len(read_passphrase(Source(), 'pass')))", [(b"pass: ", b"hidden\n")])
    assert b"hidden" not in seen and seen.endswith(b"6\r\n")


def test_a_new_passphrase_is_asked_for_twice() -> None:
    code = "print(len(read_passphrase(Source(), 'new', new=True)))"
    seen = on_terminal(code, [(b"new: ", b"hidden\n"), (b"new again: ", b"hidden\n")])
    assert seen.endswith(b"6\r\n")
    code = "try:\n    read_passphrase(Source(), 'new', new=True)\nexcept AccessError as error:\n    print(error.message)"
    seen = on_terminal(code, [(b"new: ", b"one\n"), (b"new again: ", b"two\n")])
    assert b"the two passphrases differ" in seen and b"one" not in seen


def test_echo_comes_back_after_an_interrupt() -> None:
    code = (
        "import termios, os\n"
        "try:\n    read_passphrase(Source(), 'pass')\n"
        "except KeyboardInterrupt:\n    print('echo', bool(termios.tcgetattr(0)[3] & termios.ECHO))"
    )
    seen = on_terminal(code, [(b"pass: ", b"hid\x03")])
    assert b"echo True" in seen


def test_wiping() -> None:
    secret = bytearray(b"secret")
    wipe(secret)
    assert secret == bytes(6)


def test_a_hardened_process_leaves_no_core_and_is_not_dumpable() -> None:
    code = (
        "from iop.io.harden import harden_process\nimport resource, ctypes, sys\n"
        "harden_process(); harden_process()\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "if sys.platform == 'linux':\n    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
