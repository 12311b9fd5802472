"""The key commands on a terminal: what is asked, what is not shown, how an interrupt ends."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios


def on_terminal(words: list[str], answers: list[tuple[bytes, bytes]]) -> tuple[bytes, int, bool]:
    """What stands on the terminal in the end, the wait status, and whether the terminal echoes."""
    program = os.path.join(os.path.dirname(sys.executable), words[0])
    child, fd = pty.fork()
    if child == 0:
        os.execv(program, [program, *words[1:]])
    seen, echo = b"", True
    while select.select([fd], [], [], 30)[0]:
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if answers and seen.endswith(answers[0][0]):
            os.write(fd, answers.pop(0)[1])
        try:
            echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
        except termios.error:
            break
    else:
        os.kill(child, signal.SIGKILL)  # silent for half a minute: the test fails by its status
    status = os.waitpid(child, 0)[1]
    os.close(fd)
    assert not answers, seen
    return seen, status, echo


def test_a_new_passphrase_is_asked_twice_and_never_shown() -> None:
    words = ["iop-keygen", "--name", "t", "--kdf", "fast", "--json"]
    answers = [(b"new passphrase: ", b"hidden\n"), (b"new passphrase again: ", b"hidden\n")]
    seen, status, echo = on_terminal(words, answers)
    assert status == 0 and echo and b"hidden" not in seen and b"iop.key/1" in seen
    words = ["iop-key", "show", "-k", "t#device/0", "--json"]
    seen, status, _ = on_terminal(words, [(b"passphrase of key t: ", b"hidden\n")])
    assert status == 0 and b"hidden" not in seen and b"128164'/1'/0'" in seen


def test_a_secret_does_not_go_to_a_terminal() -> None:
    seen, status, _ = on_terminal(["iop-keygen", "--secret"], [])
    assert os.waitstatus_to_exitcode(status) == 2 and b"insist with --force" in seen
    assert b"phrase" not in seen.split(b"hint")[0]
    seen, status, _ = on_terminal(["iop-keygen", "--secret", "--force", "--kind", "ed25519"], [])
    assert status == 0 and b"secretHex" in seen


def test_an_interrupt_at_the_prompt_ends_by_the_signal_and_brings_the_echo_back() -> None:
    seen, status, echo = on_terminal(["iop-keygen"], [(b"new passphrase: ", b"hid\x03")])
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    assert echo and b"hid" not in seen.replace(b"^C", b"")


def test_a_table_shows_the_public_part() -> None:
    seen, status, _ = on_terminal(["iop-keygen", "--name", "u", "--unencrypted"], [])
    assert status == 0 and b"publicKey" in seen and b"{" not in seen
