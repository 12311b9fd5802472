"""The command shell through a real process: streams, errors, statuses, signals."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys

import pytest

TOY = [sys.executable, os.path.join(os.path.dirname(__file__), "toy.py")]
MANY = b"".join(b'{"n":%d}\n' % (n % 13) for n in range(10_000))


def toy(*words: str, data: bytes = b"", **settings: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*TOY, *words], input=data, capture_output=True, check=False, **settings)  # type: ignore[call-overload]


def errors(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_default_verb_and_named_verb_agree() -> None:
    assert toy(data=b'{"n":2}').stdout == toy("double", data=b'{"n":2}').stdout == b'{"n":4}\n'


def test_a_record_may_run_over_lines_and_unknown_members_pass() -> None:
    done = toy(data=b'{\n  "n": 2,\n  "x": [\n    1.50\n  ]\n}\n{"n":3}')
    assert done.stdout == b'{"n":4,"x":[1.50]}\n{"n":6}\n'


def test_empty_input_is_empty_output() -> None:
    done = toy(data=b"\n \n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_cbor_in_cbor_out_and_back() -> None:
    packed = toy("--cbor", data=b'{"n":2}\n{"n":-5}').stdout
    assert packed == b"\xa1an\x04\xa1an\x29"
    assert toy("--json", data=packed).stdout == b'{"n":8}\n{"n":-20}\n'


def test_truncated_cbor_keeps_what_came_before() -> None:
    done = toy(data=b"\xa1an\x04\xa1an")
    assert (done.returncode, done.stdout) == (65, b'{"n":8}\n')


@pytest.mark.parametrize(
    "bad",
    [
        b'{"n":',
        b'{"n":1',
        b'{"n":"x"}',
        b'{"n":1}}',
        b'{"n":"a',
        b"nonsense",
        b"\xff\xfe",
        b'{"n":01}',
    ],
)
def test_a_bad_record_in_the_middle_loses_nothing(bad: bytes) -> None:
    lines = MANY.splitlines(keepends=True)
    data = b"".join(lines[:5_000]) + bad + b"\n" + b"".join(lines[5_000:])
    done = toy(data=data)
    assert done.returncode == 65
    assert done.stdout.count(b"\n") == 5_000
    (error,) = errors(done)
    assert (error["exit"], error["record"], error["line"]) == (65, 5_001, 5_001)
    done = toy("--on-error", "skip", data=data)
    assert (done.returncode, done.stdout.count(b"\n"), len(errors(done))) == (65, 10_000, 1)
    done = toy("--on-error", "emit", data=data)
    assert (done.returncode, done.stdout.count(b"\n")) == (65, 10_001)
    assert json.loads(done.stdout.splitlines()[5_000])["type"] == "iop.error/1"


def test_a_closed_pipe_ends_by_sigpipe() -> None:
    script = f"{' '.join(TOY)} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], input=MANY * 20, capture_output=True, check=True)
    assert done.stdout == b'{"n":0}\n141\n'
    assert done.stderr == b""


@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_is_74(target: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(TOY)} {target}"],
        input=b'{"n":1}',
        capture_output=True,
        check=False,
    )
    assert done.returncode == 74
    assert errors(done)[0]["code"] == "host"


def test_a_full_disk_leaves_no_file(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "out.json")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = toy("-o", path, data=MANY, preexec_fn=limit)
    assert done.returncode == 74
    assert os.listdir(str(tmp_path)) == []


def test_output_file_appears_whole_or_not_at_all(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "out.json")
    assert toy("-o", path, data=b'{"n":1}\nbroken').returncode == 65
    assert os.listdir(str(tmp_path)) == []
    assert toy("-o", path, data=b'{"n":1}').returncode == 0
    again = toy("-o", path, data=b'{"n":2}')
    assert (again.returncode, errors(again)[0]["hint"]) == (73, "add --force to replace it")
    assert toy("-o", path, "--force", data=b'{"n":2}').returncode == 0
    with open(path, "rb") as file:
        assert file.read() == b'{"n":4}\n'
    assert os.stat(path).st_mode & 0o777 == 0o600
    same = toy(path, "-o", path, "--force")
    assert same.returncode == 2


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, -2), (signal.SIGTERM, -15)])
def test_signals_end_by_the_signal(number: int, status: int, tmp_path: object) -> None:
    with subprocess.Popen(
        [*TOY, "wait", "-o", os.path.join(str(tmp_path), "x")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == b"waiting\n"
        process.send_signal(number)
        try:
            assert process.wait(10) == status
        finally:
            process.kill()
        assert process.stderr.read() == b""
    assert os.listdir(str(tmp_path)) == []


def test_predicates_answer_by_status() -> None:
    yes = toy("even", data=b'{"n":2}')
    assert (yes.returncode, yes.stdout) == (0, b'{"type":"iop.verdict/1","valid":true}\n')
    no = toy("even", data=b'{"n":1}\n{"n":2}')
    assert (no.returncode, no.stdout.count(b"\n")) == (1, 2)
    hushed = toy("even", "-q", data=b'{"n":1}')
    assert (hushed.returncode, hushed.stdout) == (1, b"")


def test_nothing_to_judge_is_no_yes() -> None:
    empty = toy("even", data=b"\n")
    assert (empty.returncode, errors(empty)[0]["code"]) == (65, "data")
    assert toy("even", "-q", data=b"").returncode == 65
    assert toy("even", "--allow-empty", data=b"").returncode == 0


def test_one_member_can_be_picked() -> None:
    assert toy("--field", "n", data=b'{"n":1}').stdout == b"2\n"
    assert toy("--field", "w.x", data=b'{"n":1,"w":{"x":"y z"}}').stdout == b"y z\n"
    assert toy("--field", "w.x", "--json", data=b'{"n":1,"w":{"x":"y"}}').stdout == b'"y"\n'
    missing = toy("--field", "m", data=b'{"n":1}')
    assert (missing.returncode, errors(missing)[0]["hint"]) == (65, "its members: n")


def test_a_word_that_is_nearly_a_verb_was_meant_as_one() -> None:
    done = toy("totl")
    assert (done.returncode, errors(done)[0]["hint"]) == (2, "toy total")


def test_a_sink_sees_the_whole_stream() -> None:
    assert (
        toy("total", data=b'{"n":1}{"n":2}').returncode == 65
    )  # two records on a line are not JSON lines
    assert toy("total", data=b'{"n":1}\n{"n":2}').stdout == b'{"total":3}\n'


def test_clock_and_randomness_can_be_fixed() -> None:
    words = ("state", "--now", "2026-01-31T12:00:00Z", "--seed", "00")
    first, second = toy(*words), toy(*words)
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["now"] == 1_769_860_800
    assert b"no secret" in first.stderr
    assert toy("state", "--now", "yesterday").returncode == 2
    assert toy("state", "--seed", "0").returncode == 65


def test_confirmation_needs_a_terminal_or_yes() -> None:
    done = toy("state", "--danger", start_new_session=True)
    assert (done.returncode, errors(done)[0]["hint"]) == (2, "add --yes")
    assert toy("state", "--danger", "--yes").returncode == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--bye", "3"], "toy double --help"),
        (["double", "--by", "x"], "toy double --help"),
        (["even", "a", "b"], "toy even --help"),
    ],
)
def test_usage_errors_are_2(words: list[str], hint: str) -> None:
    done = toy(*words)
    assert (done.returncode, errors(done)[0]["code"], errors(done)[0]["hint"]) == (2, "usage", hint)


def test_text_errors_for_people() -> None:
    done = toy("--errors", "text", data=b'\n{"n":"\x1b"}')
    assert (
        done.stderr
        == b"toy: error: line 2: expected a control character to be escaped in a string at line 1 column 7\n"
        or (done.stderr.startswith(b"toy: error: line 2: ") and b"\x1b" not in done.stderr)
    )
    done = toy("--errors", "text", data=b'{"m":1}')
    assert done.stderr == b'toy: error: line 1: no whole number "n"\ntoy: hint: add one\n'


def test_an_unexpected_exception_is_a_bug_without_traceback() -> None:
    done = toy(data=b'{"n":13}')
    assert done.returncode == 70
    assert errors(done)[0]["message"] == "unexpected ZeroDivisionError"
    assert b"Traceback" in toy("-vv", data=b'{"n":13}').stderr


def test_help_and_version() -> None:
    assert toy("--version").stdout.startswith(b"toy ")
    assert toy("double", "--version").returncode == 0
    top = toy("--help")
    assert top.returncode == 0 and b"total" in top.stdout and top.stderr == b""
    verb = toy("double", "--help")
    assert verb.returncode == 0 and b"--by N" in verb.stdout
    assert toy("--nonsense").returncode == 2


def test_missing_and_unreadable_input() -> None:
    assert toy("no-such-file").returncode == 66
    assert toy("/").returncode == 74


def test_a_slow_producer_is_answered_record_by_record() -> None:
    process = subprocess.Popen(
        [*TOY, "--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    for n in range(3):
        process.stdin.write(b'{"n":%d}\n' % n)
        process.stdin.flush()
        assert process.stdout.readline() == b'{"n":%d}\n' % (2 * n)
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


def test_tables_are_for_people() -> None:
    done = toy("--table", data=b'{"n":1,"who":"ana"}\n{"n":2,"who":"bob\\u001b[31m"}')
    assert done.returncode == 0
    assert b"who" in done.stdout and b"\x1b[31m" not in done.stdout
