"""The verbs of iop-name that write down one operation: register, update, renew, transfer, delete; with a key, all the way to a node."""

from __future__ import annotations

from iop.errors import DataError, DecodeError, UsageError
from iop_cli._command import Command, source
from iop_cli._option import Option, declare, dry_run, yes
from iop_cli._tx_making import FEE, NETWORK, find_client, sending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.keys.multicipher import PublicKey
    from iop.ledger.coeus.operation import Operation
    from iop_cli._shell import Shell

NAME = Option(("name",), metavar="NAME", required=True, help="The name, as .schema.hotel.")
OWNER = Option(
    ("--owner",), metavar="KEY", help="Public key of the owner. Default: the key that signs."
)
DATA = Option(
    ("--data",),
    kind="file",
    metavar="FILE",
    help="JSON that the name stands for; - is stdin. A new one stands for {} without it.",
)
EXPIRES = Option(
    ("--expires",),
    metavar="HEIGHT|+BLOCKS",
    help="Height from which the name is void; +BLOCKS counts from the newest block of --node. Default: +2628000, a year.",
)
SUBTREE_SCHEMA = Option(
    ("--subtree-schema",),
    kind="file",
    metavar="FILE",
    help="JSON schema that this name's data and those of all names below it satisfy.",
)
SUBTREE_EXPIRATION = Option(
    ("--subtree-expiration",),
    kind="int",
    metavar="BLOCKS",
    help="The longest that this name and those below it may be registered for.",
)
REGISTRATION = Option(
    ("--registration",),
    kind="choice",
    choices=("owner", "any"),
    default="owner",
    help="Who may register right below it.",
)
TO_OWNER = Option(
    ("--to-owner",), metavar="KEY", required=True, help="Public key of the new owner."
)
NONCE = Option(
    ("--nonce",),
    default="auto",
    metavar="N",
    help="Number of the signer's bundle; auto asks --node for the next.",
)
OWNER_KEY = Option(
    ("--owner-key",),
    metavar="FILE[#SELECTOR]",
    complete="$ iop-key list --names",
    help="Sign as the owner with this key. Default: the key that pays, --key or --ark.",
)
OWNER_SOURCES = (
    Option(
        ("--owner-passphrase-file",),
        kind="file",
        metavar="FILE",
        help="Read the passphrase of --owner-key from FILE; - is stdin.",
    ),
    Option(
        ("--owner-passphrase-fd",),
        kind="int",
        metavar="N",
        help="Read the passphrase of --owner-key from descriptor N.",
    ),
)
SEND = Option(("--send",), kind="flag", help="Pay with --key or --ark, and hand it to --node.")

DATA_LIMIT = 1 << 20  # bytes, no asset is larger

VERBS = (
    (
        "register",
        (OWNER, DATA, EXPIRES, SUBTREE_SCHEMA, SUBTREE_EXPIRATION, REGISTRATION),
        "Write down that a name is registered.",
    ),
    ("update", (DATA,), "Write down other data of a name."),
    ("renew", (EXPIRES,), "Write down another height from which a name is void."),
    ("transfer", (TO_OWNER,), "Write down another owner of a name."),
    ("delete", (), "Write down the end of a name and of all names below it."),
)


def make_verbs() -> list[Command]:
    """The five verbs."""
    return [_make_verb(*row) for row in VERBS]


def _make_verb(kind: str, options: tuple[Option, ...], summary: str) -> Command:
    def write(shell: Shell, **given: Any) -> Iterator[Any]:
        return _write(shell, kind, given)

    write.__doc__ = summary
    declared = declare(sending(dry_run(write)), OWNER_KEY, *OWNER_SOURCES, NONCE)
    declared = declare(declared, SEND, NETWORK, FEE)
    if kind == "delete":
        declared = yes(declared)
    made: Command = source(declare(declared, NAME, *options), name=kind)
    return made


def _write(shell: Shell, kind: str, given: dict[str, Any]) -> Iterator[Any]:
    """The operation; signed where a key is named, sent where that is asked."""
    from iop.ledger.coeus.operation import to_record
    from iop.ledger.coeus.verdict import check_layer1
    from iop_cli._name_sending import hand_over, open_owner, open_payer, sign_operations

    if given["dry_run"] and not given["send"]:
        raise UsageError("--dry-run goes with --send: nothing else is changed")
    client = find_client(given)
    payer = open_payer(shell, given)
    owner = open_owner(shell, given, payer)
    public = None if owner is None else owner.public()
    operation = _build(shell, kind, given, client, public)
    check_layer1([operation])
    if owner is None:
        yield to_record(operation)
        return
    bundle = sign_operations(shell, owner, [operation], given["nonce"], client)
    if given["send"]:
        yield from hand_over(shell, given, [bundle], payer)
    else:
        yield bundle


def _build(
    shell: Shell,
    kind: str,
    given: dict[str, Any],
    client: NodeClient | None,
    signer: PublicKey | None,
) -> Operation:
    from iop.ledger.coeus.operation import from_record

    record = {"type": kind, "name": given["name"]}
    if kind == "register":
        record |= {
            "owner": str(_find_owner(given["owner"], signer)),
            "subtreePolicies": {
                "expiration": given["subtree_expiration"],
                "schema": _read_json(shell, given["subtree_schema"]),
            },
            "registrationPolicy": given["registration"],
        }
    if kind == "update" and given["data"] is None:
        raise UsageError("update needs the new data", hint="--data FILE, or --data - for stdin")
    if kind in ("register", "update"):
        record["data"] = {} if given["data"] is None else _read_json(shell, given["data"])
    if kind in ("register", "renew"):
        record["expiresAtHeight"] = parse_expiry(given["expires"], client)
    if kind == "transfer":
        record["toOwner"] = str(parse_owner(given["to_owner"]))
    return from_record(record)


def _find_owner(text: str | None, signer: PublicKey | None) -> PublicKey:
    """The owner to be: the key that signs, which is the only one that may register."""
    named = None if text is None else parse_owner(text)
    if named is None and signer is None:
        raise UsageError(
            "whose name will it be?", hint="--owner KEY, or sign with --owner-key FILE"
        )
    if named is not None and signer is not None and named != signer:
        raise UsageError(
            f"--owner names another key than the one that signs, {signer}",
            hint="register the name for the signing key, then transfer it",
        )
    found = named or signer
    assert found is not None
    return found


def _read_json(shell: Shell, path: str | None) -> Any:
    from iop.codec.json import parse_json

    return None if path is None else parse_json(shell.read_bytes(path, DATA_LIMIT))


def parse_owner(text: str) -> PublicKey:
    """A public key as p… text, or of secp256k1 in hex. Raises DataError."""
    from iop.keys.multicipher import SECP256K1, PublicKey, parse_public_key
    from iop_cli._tx_making import parse_key

    try:
        if text.startswith("p"):
            return parse_public_key(text)
        return PublicKey(SECP256K1, parse_key(text))
    except DataError as exc:
        hint = "p… text as iop-key show prints it, or 66 hex digits of secp256k1"
        raise DecodeError(f"no public key: {text[:80]!r}", hint=hint) from exc


def parse_expiry(text: str | None, client: NodeClient | None) -> int:
    """The height of `N` or `+N`; of nothing, a year of blocks from the node's newest. Raises UsageError."""
    from iop.ledger.coeus.domain import YEAR_BLOCKS

    text = f"+{YEAR_BLOCKS}" if text is None else text
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 11):
        raise UsageError(f"--expires takes HEIGHT or +BLOCKS, got {text!r:.40}")
    if digits == text:
        return int(text)
    if client is None:
        raise UsageError(
            f"{text} blocks from where? no node is named", hint="--expires HEIGHT, or --node URL"
        )
    return client.find_block()[0] + int(digits)
