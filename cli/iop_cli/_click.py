"""The same commands for click: help, usage errors with suggestions, and every spelling the quick parser passes on."""

from __future__ import annotations

import os

from iop.errors import UsageError
from iop_cli._command import Command, Noun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    import click

    from iop_cli._option import Option


# Verbs of other tools, and ours.
SYNONYMS = {"start": "run", "serve": "run", "create": "new", "ls": "list", "balance": "account"}
# What people type who expect a secret to go there.
SECRET_OPTIONS = frozenset(
    ("--passphrase", "--password", "--pass", "--pin", "--mnemonic", "--secret-key", "--private-key")
)


def select(
    command: Command | Noun, prog: str, manual: str, words: list[str], verb: str
) -> tuple[Command, dict[str, object]]:
    """The verb and its options as click reads them; prints help and leaves, or raises UsageError."""
    import click

    if isinstance(command, Noun) and verb and (not words or words[0] != verb):
        words = [verb, *words]
    name = prog
    chosen: Command | Noun = command
    if isinstance(command, Noun):
        if not words:
            _print_help(command, prog, manual, "", status=2)
        if words[0] in ("-h", "--help", "help"):
            _print_help(command, prog, manual, "", status=0)
        if words[0] in command.verbs:
            chosen = command.verbs[words[0]]
            name = f"{prog} {words[0]}"
            words = words[1:]
        else:
            raise UsageError(
                f"no verb {words[0]!r}"
                if words[0][:1] != "-"
                else f"no option {words[0]} before a verb",
                hint=_near(words[0], list(command.verbs), prog),
            )
    assert isinstance(chosen, Command)
    made = build(chosen, name, manual)
    try:
        context = made.make_context(name, list(words), resilient_parsing=False)
    except click.exceptions.Exit as leave:
        os._exit(leave.exit_code)
    except click.UsageError as exc:
        raise _refuse(exc.format_message(), chosen, words, f"{name} --help") from None
    options: dict[str, object] = dict(context.params)
    if options["help"]:
        _print_help(command, prog, manual, name[len(prog) :].strip(), status=0)
    if options["version"]:
        from iop_cli._run import _print_version

        _print_version(prog)
    missing = [
        option
        for option in chosen.options
        if option.required and options[option.dest] in (None, ())
    ]
    if missing:
        first = missing[0]
        word = first.metavar if first.is_positional and first.metavar else first.names[-1]
        raise UsageError(f"missing {word}", hint=f"{name} --help")
    from iop_cli._run import _is_idle

    if _is_idle(chosen, options):
        _print_help(command, prog, manual, name[len(prog) :].strip(), status=2)
    return chosen, options


def _refuse(message: str, command: Command, words: list[str], hint: str) -> UsageError:
    """The usage error; where secrets are at stake, one that repeats nothing of the command line."""
    if not any(option.dest == "passphrase_file" for option in command.options):
        return UsageError(_lower(message), hint=hint)
    if any(word.split("=", 1)[0] in SECRET_OPTIONS for word in words):
        return UsageError(
            "a secret is not taken from the command line, where everybody on this host can read it",
            hint="--passphrase-file FILE, --passphrase-fd N, or a prompt",
        )
    if "extra argument" in message:
        return UsageError(
            "too many arguments (not repeated here: a secret may be among them)", hint=hint
        )
    return UsageError(_lower(message), hint=hint)


def build(command: Command, name: str, manual: str) -> click.Command:
    """A click command with the same parameters; it is parsed with, never invoked."""
    import click

    params = [_parameter(option) for option in command.options]
    return click.Command(name, params=params, help=manual, add_help_option=False)


def _parameter(option: Option) -> click.Parameter:
    import click

    kinds: dict[str, Any] = {"int": click.INT, "float": click.FLOAT}
    kind = (
        click.Choice(option.choices)
        if option.kind == "choice"
        else kinds.get(option.kind, click.STRING)
    )
    if option.is_positional:
        return click.Argument(
            [option.dest],
            type=kind,
            nargs=-1 if option.multiple else 1,
            required=False,
            default=None if option.multiple else option.default,
        )
    settings: dict[str, Any] = {
        "type": kind,
        "default": option.default,
        "multiple": option.multiple,
    }
    if option.kind == "flag":
        settings = {"is_flag": True, "default": False}
    elif option.kind == "count":
        settings = {"count": True, "default": 0}
    elif option.multiple:
        settings["default"] = ()
    return click.Option([*option.names, option.dest], expose_value=True, **settings)


def _print_help(
    command: Command | Noun, prog: str, manual: str, verb: str, *, status: int
) -> NoReturn:
    from iop_cli._manual import help_text

    text = help_text(command, prog, manual, verb)
    fd = 1 if status == 0 else 2
    try:
        os.write(fd, text.encode())
    except BrokenPipeError:
        raise
    except OSError:
        status = status or 74
    os._exit(status)


def _near(word: str, known: list[str], prog: str) -> str:
    import difflib

    close = [SYNONYMS[word]] if SYNONYMS.get(word) in known else []
    close = close or difflib.get_close_matches(word, known, 1)
    return f"{prog} {close[0]}" if close else f"{prog} knows: {', '.join(known)}"


def _lower(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
