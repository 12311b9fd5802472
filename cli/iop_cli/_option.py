"""Options as plain values: declared once beside the function, understood by the quick parser, click and the manuals."""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


@value
class Option:
    """One option or, without a leading dash, one positional argument.

    kind: text, int, float, flag, count, choice or file (a path, given as str with surrogate escapes).
    `multiple` lists repeat the option; a positional with `multiple` takes all that is left.
    """

    names: tuple[str, ...]
    kind: str = "text"
    help: str = ""
    metavar: str = ""
    default: object = None
    choices: tuple[str, ...] = ()
    multiple: bool = False
    required: bool = False
    complete: str = ""  # candidates: words, or after a `$` a command that prints them

    @property
    def is_positional(self) -> bool:
        """True for an argument without a name."""
        return not self.names[0].startswith("-")

    @property
    def dest(self) -> str:
        """The name under which the function gets the value: the first long name."""
        longs = [name for name in self.names if name.startswith("--")]
        word = (longs[0] if longs else self.names[0]).lstrip("-")
        word = word.replace("-", "_")
        return word + "_" if word in ("from", "pass", "in", "is", "as", "with") else word

    @property
    def unset(self) -> object:
        """The value when the option is not given."""
        if self.multiple:
            return ()
        if self.kind == "flag":
            return False
        return 0 if self.kind == "count" and self.default is None else self.default


def option(*names: str, help: str, **rest: Any) -> Callable[[F], F]:  # noqa: A002 - the word click uses
    """Declare an option on a command function; the order of decorators is the order in the manual."""
    made = Option(names=names, help=help, **rest)

    def decorate(function: F) -> F:
        return declare(function, made)

    return decorate


def argument(name: str, **rest: Any) -> Callable[[F], F]:
    """Declare the one positional argument of a command function."""
    return option(name, **({"help": ""} | rest))


def declare(function: F, *options: Option) -> F:
    """Put options in front of those that the function has already (decorators apply from the last line up)."""
    known: tuple[Option, ...] = getattr(function, "iop_options", ())
    function.iop_options = (*options, *known)  # type: ignore[attr-defined]
    return function


COMMON = (
    Option(("-h", "--help"), kind="flag", help="Show a short help and exit."),
    Option(("-V", "--version"), kind="flag", help="Show the version and exit."),
    Option(
        ("-q", "--quiet"),
        kind="flag",
        help="Say less on stderr; a predicate then prints no verdict.",
    ),
    Option(("-v", "--verbose"), kind="count", help="Say more on stderr; repeat for still more."),
    Option(
        ("--errors",),
        kind="choice",
        choices=("auto", "text", "json"),
        default="auto",
        help="Form of errors: text on a terminal, else one JSON object each.",
    ),
    Option(
        ("--color",),
        kind="choice",
        choices=("auto", "always", "never"),
        default="auto",
        help="When to colour; NO_COLOR and IOP_COLOR are heeded.",
    ),
)
INPUT = (
    Option(
        ("-f", "--from"),
        kind="choice",
        choices=("auto", "json", "cbor"),
        default="auto",
        help="Form of the input; auto looks at the first byte.",
    ),
    Option(
        ("--on-error",),
        kind="choice",
        choices=("stop", "skip", "emit"),
        default="stop",
        help="At a bad record: stop; skip it; or emit an error record in its place.",
    ),
)
OUTPUT = (
    Option(
        ("-t", "--to"),
        kind="choice",
        choices=("auto", "json", "cbor", "table"),
        default="auto",
        help="Form of the output; auto is a table on a terminal and JSON lines elsewhere.",
    ),
    Option(("--json",), kind="flag", help="Same as --to json."),
    Option(("--cbor",), kind="flag", help="Same as --to cbor."),
    Option(("--table",), kind="flag", help="Same as --to table."),
    Option(
        ("--field",),
        metavar="NAME",
        help="Print this member of each record alone, text bare; a dot goes deeper, as constraints.authority.",
    ),
    Option(
        ("-o", "--output"),
        kind="file",
        metavar="FILE",
        help="Write to FILE, which appears only after success; - is stdout, even for CBOR on a terminal.",
    ),
    Option(("--force",), kind="flag", help="Replace an existing output file."),
    Option(("--unbuffered",), kind="flag", help="Write every record at once."),
)
EMPTY = (
    Option(
        ("--allow-empty",),
        kind="flag",
        help="Take an input without records for a yes; else it is an error, since nothing was judged.",
    ),
)
FILE = Option(("file",), kind="file", metavar="FILE", help="Input; absent or - is stdin.")


def clock(function: F) -> F:
    """--now: fixes the clock."""
    return declare(
        function,
        Option(
            ("--now",), metavar="TIME", help="Take this as the current time (seconds or RFC 3339)."
        ),
    )


def seed(function: F) -> F:
    """--seed: fixes randomness."""
    return declare(
        function,
        Option(
            ("--seed",),
            metavar="HEX",
            help="Draw randomness from this seed: for tests only, what it makes is no secret.",
        ),
    )


def passphrase(function: F) -> F:
    """The sources of a passphrase."""
    return declare(
        function,
        Option(
            ("--passphrase-file",),
            kind="file",
            metavar="FILE",
            help="Read the passphrase from FILE; - is stdin.",
        ),
        Option(
            ("--passphrase-fd",),
            kind="int",
            metavar="N",
            help="Read the passphrase from descriptor N.",
        ),
        Option(("--no-input",), kind="flag", help="Never ask; fail instead."),
    )


def key(function: F) -> F:
    """--key with the passphrase sources: which key signs."""
    return declare(
        passphrase(function),
        Option(
            ("-k", "--key"),
            metavar="FILE[#SELECTOR]",
            required=True,
            complete="$ iop-key list --names",
            help="Key file or vault, and which of its keys: persona/0, a path, a public key or key id.",
        ),
    )


def node(function: F) -> F:
    """--node and --timeout: the ledger node to ask."""
    return declare(
        function,
        Option(("--node",), metavar="URL", help="Ledger node, as http://127.0.0.1:4703."),
        Option(
            ("--timeout",),
            kind="float",
            default=10.0,
            metavar="SECONDS",
            help="Give up waiting after this long.",
        ),
    )


def yes(function: F) -> F:
    """--yes: answers the confirmation of an irreversible act."""
    return declare(
        function, Option(("-y", "--yes"), kind="flag", help="Answer the confirmation with yes.")
    )


def dry_run(function: F) -> F:
    """--dry-run: all checks, no change."""
    return declare(
        function,
        Option(
            ("-n", "--dry-run"),
            kind="flag",
            help="Do all checks, print what would be made, change nothing.",
        ),
    )
