"""The verbs of iop-tx that build transactions, and what all of them share: network, sender, nonce, and the way on to a node."""

from __future__ import annotations

from iop.errors import MissingError, UsageError
from iop_cli._command import Command, each, sink, source
from iop_cli._option import Option, declare, node, passphrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    from iop.io.node_client import NodeClient
    from iop.io.stream import Item
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])

COIN = 10**8  # flakes
NETWORK = Option(
    ("--network",),
    metavar="NAME|FILE",
    help="testnet, devnet, mainnet or a genesis file. Default: that of --node, else testnet.",
)
SENDER = Option(("--sender",), metavar="KEY", help="The sender's public key, hex or psz… text.")
NONCE = Option(
    ("--nonce",),
    default="auto",
    metavar="N",
    help="Number of the sender's transaction; auto asks --node, or leaves it to the signer.",
)
SEND = Option(("--send",), kind="flag", help="Sign with --key or --ark, and hand it to --node.")
FEE = Option(("--fee",), kind="int", metavar="FLAKES", help="Another fee than the usual one.")
SHARED = (NETWORK, SENDER, NONCE, FEE, SEND)
TO = Option(("--to-address",), metavar="ADDRESS", required=True, help="Who is paid.")
AMOUNT = Option(
    ("--amount",),
    metavar="FLAKES",
    required=True,
    help="How much: flakes, or coins as 1.5HYD (1 HYD is 100000000 flakes).",
)
NOTE = Option(("--vendor-field",), metavar="TEXT", help="A public note of at most 255 bytes.")
EXPIRATION = Option(
    ("--expiration",),
    kind="int",
    default=0,
    metavar="HEIGHT",
    help="First height at which it is void.",
)
DELEGATE = Option(("delegate",), metavar="KEY", required=True, help="The delegate's public key.")
USERNAME = Option(("username",), metavar="NAME", required=True, help="1 to 20 of a-z 0-9 !@$&_.")
KEY = Option(
    ("-k", "--key"),
    metavar="FILE[#SELECTOR]",
    help="Sign with this secp256k1 key: hyd-testnet/0/0.",
)
ARK = Option(
    ("--ark",), kind="flag", help="Sign with the key of an Ark passphrase, asked for as one."
)
SCHEME = Option(
    ("--scheme",),
    kind="choice",
    choices=("ecdsa", "schnorr"),
    default="ecdsa",
    help="Kind of signature; the original's vault makes ecdsa, its passphrase builders schnorr.",
)

SECOND = Option(("--second",), kind="flag", help="Add a second signature to signed transactions.")
HEIGHT = Option(("--height",), kind="int", metavar="N", help="By the rules of this height.")
WAIT = Option(("--wait",), kind="flag", help="Wait until each stands in a block.")
WITHIN = Option(
    ("--within",), kind="float", default=60.0, metavar="SECONDS", help="How long --wait waits."
)
NO_CHECK = Option(
    ("--no-check",),
    kind="flag",
    help="Send operations without asking the registry first whether it would reject them.",
)
IDS = Option(("ids",), metavar="TXID", multiple=True, required=True, help="Transaction ids.")

ACCOUNTS = Option(
    ("accounts",),
    metavar="ADDRESS|PUBLICKEY",
    multiple=True,
    required=True,
    help="Addresses, or public keys as hex or psz… text.",
)


def signing(function: F) -> F:
    """The options of whoever signs."""
    return declare(passphrase(function), KEY, ARK, SCHEME)


def sending(function: F) -> F:
    """The options of whoever signs what is not signed, and sends."""
    return declare(signing(node(function)), WAIT, WITHIN, NO_CHECK)


def make_verbs() -> list[Command]:
    """The verbs that build."""
    rows = (
        ("transfer", (TO, AMOUNT, NOTE, EXPIRATION), "Build a payment."),
        ("vote", (DELEGATE,), "Build a vote for a delegate."),
        ("unvote", (DELEGATE,), "Build the withdrawal of a vote."),
        ("delegate", (USERNAME,), "Build the registration of the sender as a delegate."),
        ("resign", (), "Build the end of the sender's being a delegate."),
    )
    return [
        *(_make_source(*row) for row in rows),
        _make_sink("morpheus", "Build a transaction of all operation attempts of the input."),
        _make_sink("coeus", "Build a transaction of all signed bundles of names of the input."),
    ]


def make_status() -> Command:
    """The verb `status`, which iop-name has, too."""

    def status(shell: Shell, ids: tuple[str, ...], **given: Any) -> Iterator[Any]:
        """Tell where transactions stand."""
        from iop.io.node_client import open_node
        from iop_cli._tx_asking import check_id, describe
        from iop_cli._tx_sending import tell

        wanted = [check_id(text) for text in ids]
        client = open_node(given["node"], given["timeout"])
        for txid in wanted:
            record = describe(client, txid)
            tell(shell, record)
            yield record

    return source(declare(node(status), IDS))


def _make_source(name: str, options: tuple[Option, ...], summary: str) -> Command:
    def write(shell: Shell, **given: Any) -> Iterable[Any]:
        return _finish(shell, lambda p, s, n: _build(name, p, s, n, given), given)

    write.__doc__ = summary
    made: Command = source(declare(sending(write), *options, *SHARED), name=name)
    return made


def _make_sink(name: str, summary: str) -> Command:
    def gather(shell: Shell, items: Iterator[Item], **given: Any) -> Iterable[Any]:
        from iop.ledger import builder

        build = builder.build_morpheus if name == "morpheus" else builder.build_coeus
        parts = list(each(items))
        _check_attempts(name, parts)
        if not parts:
            raise UsageError("nothing to build a transaction of", hint="pipe in what it carries")
        fee = given["fee"]
        return _finish(shell, lambda p, s, n: build(p, s, n, parts, fee=fee), given)

    gather.__doc__ = summary
    made: Command = sink(declare(sending(gather), *SHARED), name=name)
    return made


def _check_attempts(name: str, parts: list[Any]) -> None:
    """UsageError for operations that nobody has signed, which the registry would not read."""
    if name == "morpheus":
        from iop_cli._tx_sending import OPERATIONS

        member, bare, command = "operation", OPERATIONS, "iop-did sign"
    else:
        from iop_cli._name_sending import TYPES

        member, bare, command = "type", TYPES, "iop-name sign"
    for part in parts:
        if isinstance(part, dict) and part.get(member) in bare:
            raise UsageError("operation is not signed", hint=f"pipe it through {command} first")


def _build(
    name: str, params: Params, sender: bytes, nonce: int, given: dict[str, Any]
) -> Transaction:
    from iop.ledger import builder

    fee = given["fee"]
    if name == "transfer":
        return builder.build_transfer(
            params,
            sender,
            nonce,
            given["to_address"],
            parse_amount(given["amount"], params.ticker),
            fee=fee,
            vendor_field=given["vendor_field"],
            expiration=given["expiration"],
        )
    if name == "delegate":
        return builder.build_registration(params, sender, nonce, given["username"], fee=fee)
    if name == "resign":
        return builder.build_resignation(params, sender, nonce, fee=fee)
    key = parse_key(given["delegate"])
    return builder.build_vote(params, sender, nonce, key, is_for=name == "vote", fee=fee)


def _finish(
    shell: Shell, build: Callable[[Params, bytes, int], Transaction], given: dict[str, Any]
) -> Iterable[Any]:
    """The draft, or what a key and a node make of it."""
    from iop.ledger.record import to_record
    from iop.ledger.wire import UNKNOWN_NONCE

    client = find_client(given)
    params = find_params(given["network"], client)
    sender = parse_key(given["sender"]) if given["sender"] else b""
    nonce = parse_nonce(given["nonce"])
    if nonce is None and client is not None and sender:
        nonce = client.next_nonce(sender.hex())
    draft = to_record(build(params, sender, UNKNOWN_NONCE if nonce is None else nonce))
    if given["send"]:
        from iop_cli._tx_sending import Sender

        return Sender(shell, given).send(draft)
    if given["key"] or given["ark"]:
        from iop_cli._tx_sending import Signer

        return (to_record(Signer(shell, given, client).sign(draft, params)),)
    return (draft,)


def find_client(given: dict[str, Any]) -> NodeClient | None:
    """The client of --node, None without it."""
    if given["node"] is None:
        return None
    from iop.io.node_client import open_node

    return open_node(given["node"], given["timeout"])


def find_params(network: str | None, client: NodeClient | None) -> Params:
    """The network's parameters: by name, from a genesis file, from the node, or those of testnet."""
    from iop.ledger.params import NETWORKS

    if network is None and client is not None:
        return client.params()
    if network is None or network in NETWORKS:
        return NETWORKS[network or "testnet"]
    from iop.io.stream import open_input, read_all
    from iop.ledger.genesis import MAX_BYTES, parse_genesis

    try:
        fd = open_input(network)
    except MissingError as exc:
        raise MissingError(
            f"no network and no file {network!r}",
            hint=f"one of {', '.join(NETWORKS)}, or a genesis file",
        ) from exc
    return parse_genesis(read_all(fd, MAX_BYTES)).params


def parse_key(text: str) -> bytes:
    """The 33 bytes of a public key written in hex or as psz… text."""
    if text.startswith("p"):
        from iop.keys.multicipher import SECP256K1, parse_public_key

        key = parse_public_key(text)
        if key.suite != SECP256K1:
            raise UsageError("senders and delegates have secp256k1 keys (psz…), got another")
        return key.data
    from iop.codec.hex import parse_hex

    return parse_hex(text)


def parse_amount(text: str, ticker: str) -> int:
    """Flakes of a text: a whole number of them, or coins with the unit, as 1.5HYD. Raises UsageError."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit, number = text[len(digits) :].upper(), digits.strip().removeprefix("+")
    whole, dot, part = number.partition(".")
    is_number = number.isascii() and (whole + part).isdigit() and len(whole) < 20 and len(part) < 9
    if is_number and unit in ("HYD", ticker.upper()):
        return int(whole or "0") * COIN + int(part.ljust(8, "0"))
    if is_number and not unit and not dot:
        return int(whole)
    hint = f"--amount 150000000, or --amount 1.5{ticker}: 1 {ticker} is {COIN} flakes"
    raise UsageError(
        f"--amount takes whole flakes, or {ticker} with its unit, got {text!r:.40}", hint=hint
    )


def parse_nonce(text: str) -> int | None:
    """A nonce, or None for `auto`."""
    if text == "auto":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise UsageError(f"--nonce is a number or auto, got {text!r:.40}")
    return int(text)
