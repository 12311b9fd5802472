"""The entry point: one process, one command, one exit status.

Statuses follow iop.errors; a broken pipe ends by SIGPIPE, an interrupt by SIGINT, a termination by SIGTERM, so that
the shell above sees what happened. click.Command.main is not used: it turns a broken pipe into status 1.
"""

from __future__ import annotations

import os
import sys

from iop.errors import IopError, LimitError, UsageError
from iop_cli._command import Command, Noun
from iop_cli._parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType
    from typing import NoReturn

    from iop.io.report import Reporter

SIGINT, SIGPIPE, SIGTERM = 2, 13, 15  # the `signal` module costs more than these three numbers


class _Terminated(BaseException):
    """SIGTERM arrived in a filter."""


def main(
    command: Command | Noun, prog: str, manual: str, argv: Sequence[str] | None = None
) -> NoReturn:
    """Parse, run, report and leave."""
    os.umask(0o077)
    words = list(sys.argv[1:] if argv is None else argv)
    status = _guarded(command, prog, manual, words)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        status = status or 74
    # Nothing is left to clean: without the interpreter's teardown a filter ends a millisecond sooner.
    os._exit(status)


def _guarded(command: Command | Noun, prog: str, manual: str, words: list[str]) -> int:
    from iop.io.report import Reporter

    reporter = Reporter(prog, _find_form(words))
    debug = False
    try:
        try:
            chosen, options = _select(command, prog, manual, words)
            reporter = Reporter(prog, str(options["errors"]), str(options["color"]))
            debug = _verbosity(options) > 1
            return _run(chosen, prog, options, reporter)
        except IopError as error:
            reporter.error(error)
            if debug and error.__cause__ is not None:
                _traceback()
            return error.exit
    except BrokenPipeError:
        _die(SIGPIPE)
    except KeyboardInterrupt:
        _die(SIGINT)
    except _Terminated:
        _die(SIGTERM)
    except Exception as exc:  # noqa: BLE001 - here an unexpected exception becomes status 70
        return _report_bug(exc, reporter, debug=debug)


def _find_form(words: list[str]) -> str:
    """What --errors asks for, for errors of a command line that cannot be read."""
    for form in ("text", "json"):
        if f"--errors={form}" in words or f"--errors {form}" in " ".join(words):
            return form
    return "auto"


def _select(
    command: Command | Noun, prog: str, manual: str, words: list[str]
) -> tuple[Command, dict[str, object]]:
    """The verb that runs, and its options; click speaks where the quick parser passes."""
    if words in (["--version"], ["-V"]):
        _print_version(prog)
    chosen, rest, verb = command, words, ""
    if isinstance(chosen, Noun):
        if words and words[0] in chosen.verbs:
            verb, rest = words[0], words[1:]
            chosen = chosen.verbs[verb]
        elif chosen.default and words[:1] not in (["-h"], ["--help"]):
            _check_verb(words[:1], chosen, prog)
            verb = chosen.default
            chosen = chosen.verbs[verb]
    if isinstance(chosen, Command):
        options = parse(chosen.options, rest)
        if options is not None and not options["version"] and not _is_idle(chosen, options):
            return chosen, options
        if options is not None and options["version"]:
            _print_version(prog)
    from iop_cli._click import select

    return select(command, prog, manual, words, verb)


def _check_verb(first: list[str], noun: Noun, prog: str) -> None:
    """A first word that is no file but nearly a verb was meant as one. Raises UsageError."""
    if not first or not first[0].isalpha() or os.path.lexists(first[0]):
        return
    import difflib

    close = difflib.get_close_matches(first[0], list(noun.verbs), 1)
    if close:
        raise UsageError(f"no verb and no file {first[0]!r}", hint=f"{prog} {close[0]}")


def _is_idle(command: Command, options: dict[str, object]) -> bool:
    """True when a filter would wait for a person to type records: then the help is the better answer."""
    if command.kind not in ("transform", "sink") or options.get("file", "") is not None:
        return False
    from iop.io.config import is_terminal

    return is_terminal(0)


def _print_version(prog: str) -> NoReturn:
    from iop import __version__
    from iop.io.output import Output

    output = Output(1)
    output.write(f"{prog} {__version__}\n".encode())
    output.flush()
    os._exit(0)


def _run(command: Command, prog: str, options: dict[str, object], reporter: Reporter) -> int:
    from iop_cli._shell import Shell

    _choose_kernel()
    _check_texts(command, options)
    shell = Shell(prog, options, reporter)
    if command.kind == "daemon":
        names = command.own_names
        result = command.function(shell, **{k: v for k, v in options.items() if k in names})
        return result if isinstance(result, int) else 0
    import _signal

    from iop_cli._flow import flow

    _signal.signal(SIGTERM, _on_term)
    return flow(command, shell, options, reporter)


def _check_texts(command: Command, options: dict[str, object]) -> None:
    """Texts of the command line are UTF-8; only file names may be any bytes. Raises UsageError."""
    for option in command.own:
        given = options.get(option.dest)
        for text in given if isinstance(given, tuple) else (given,):
            if isinstance(text, str) and not text.isascii() and option.kind == "text":
                try:
                    text.encode()
                except UnicodeEncodeError:
                    if "FILE" not in option.metavar:
                        name = max(option.names, key=len)
                        raise UsageError(f"{name} takes text in UTF-8") from None


def _choose_kernel() -> None:
    from iop.io.config import read_variable

    demand = read_variable("IOP_KERNEL")
    if demand:
        from iop.codec.kernel import choose

        choose(demand)


def _on_term(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _die(number: int) -> NoReturn:
    import _signal

    _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _verbosity(options: dict[str, object]) -> int:
    count = options.get("verbose")
    return count if isinstance(count, int) else 0


def _traceback() -> None:
    import traceback

    traceback.print_exc()


def _report_bug(exc: Exception, reporter: Reporter, *, debug: bool) -> int:
    from iop.io.config import is_debug

    if isinstance(exc, MemoryError):
        error: IopError = LimitError("this needs more memory than there is")
        reporter.error(error)
    elif isinstance(exc, OSError):  # the host, in a place that has no words of its own for it
        from iop.errors import HostError

        name = f"{exc.filename}: " if exc.filename else ""
        error = HostError(f"{name}{exc.strerror or exc}")
        reporter.error(error)
    else:
        hint = "this is a bug in iop: run again with -vv and report what you see"
        error = IopError(f"unexpected {type(exc).__name__}", hint=hint)
        reporter.error(error)
    if debug or is_debug():
        _traceback()
    return error.exit
