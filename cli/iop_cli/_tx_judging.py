"""The verbs of iop-tx that need neither key nor node: bytes and back, verdict, fee."""

from __future__ import annotations

from iop_cli._command import Command, Line, transform
from iop_cli._option import declare
from iop_cli._tx_making import HEIGHT, NETWORK, find_params

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell

    Step = Callable[[Any], Iterable[Any]]


def make_judging_verbs() -> list[Command]:
    """encode, decode, verify and fee."""
    return [
        transform(declare(encode, NETWORK)),
        transform(raw=True)(decode),
        transform(predicate=True)(declare(verify, NETWORK, HEIGHT)),
        transform(declare(fee, NETWORK)),
    ]


def encode(_shell: Shell, **given: Any) -> Step:
    """Print the bytes of transactions in hex."""
    from iop.ledger.draft import from_draft
    from iop.ledger.wire import encode_transaction

    params = find_params(given["network"], None)
    return lambda record: (Line(encode_transaction(from_draft(record, params)).hex()),)


def decode(_shell: Shell) -> Callable[[Item], Iterable[Any]]:
    """Print the JSON form of transactions given in hex."""
    from iop.codec.hex import parse_hex
    from iop.ledger.record import to_record
    from iop.ledger.wire import parse_transaction

    return lambda item: (to_record(parse_transaction(parse_hex(_read_text(item.text)))),)


def _read_text(text: bytes) -> str:
    from iop.errors import DecodeError

    try:
        return text.decode("ascii").strip()
    except UnicodeDecodeError as exc:
        raise DecodeError(f"hex has no byte {text[exc.start]:#04x}") from exc


def verify(shell: Shell, height: int | None, **given: Any) -> Step:
    """Judge form and signature of transactions as a node does."""
    from iop.ledger.params import MAX_HEIGHT
    from iop.ledger.verdict import judge

    params = find_params(given["network"], None)

    def step(record: Any) -> Iterable[Any]:
        verdict = judge(record, params, MAX_HEIGHT if height is None else height)
        if not verdict["valid"]:
            shell.deny()
        yield verdict

    return step


def fee(_shell: Shell, **given: Any) -> Step:
    """Tell what transactions or drafts offer, and the least that a node takes."""
    from iop.ledger.verdict import judge_fee

    params = find_params(given["network"], None)
    return lambda record: (judge_fee(record, params),)
