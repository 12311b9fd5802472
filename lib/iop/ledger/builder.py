"""Unsigned transactions as wallets make them, with the fees the original's builders set (morpheus 16.4).

Every function takes the network, the sender's public key (33 bytes) and its next nonce first; for a draft the key is empty and the
nonce UNKNOWN_NONCE. `fee` overrides the usual one.
Raises DataError family: wrong address, key or name, amount out of range.
"""

from __future__ import annotations

from iop.crypto.secp256k1 import is_public_key
from iop.errors import DataError, DecodeError, LimitError
from iop.ledger import kind as kinds
from iop.ledger.address import describe_network, parse_address
from iop.ledger.asset import normalize_asset, normalize_coeus
from iop.ledger.fee import (
    compute_layer2_fee,
    compute_minimum_fee,
    compute_offered_fee,
    compute_static_fee,
)
from iop.ledger.forms import DELEGATE_NAME
from iop.ledger.params import MAX_AMOUNT, MAX_HEIGHT
from iop.ledger.wire import UNKNOWN_NONCE, Transaction
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iop.codec.json import Json
    from iop.ledger.board import Statement
    from iop.ledger.kind import Kind
    from iop.ledger.params import Params

MAX_NONCE = 2**63 - 1
MAX_VENDOR = 255  # bytes


def build_transfer(
    params: Params,
    sender: bytes,
    nonce: int,
    recipient: str,
    amount: int,
    *,
    fee: int | None = None,
    vendor_field: str | None = None,
    expiration: int = 0,
) -> Transaction:
    """A payment of `amount` flakes to an address; expiration: first height at which it is void, 0 for never."""
    if not 0 < amount <= MAX_AMOUNT:
        raise DataError(f"amount of 1 to {MAX_AMOUNT} flakes expected, got {amount}")
    if not 0 <= expiration < 2**32:
        raise DataError(f"expiration height of 0 to {2**32 - 1} expected, got {expiration}")
    byte, name = parse_address(recipient)
    if byte != params.byte:
        raise DecodeError(f"address of {params.name} expected, got one of {describe_network(byte)}")
    if len((vendor_field or "").encode()) > MAX_VENDOR:
        raise LimitError(f"vendor field of at most {MAX_VENDOR} bytes expected")
    made = _make(params, kinds.TRANSFER, sender, nonce, fee)
    return replace(
        made, amount=amount, recipient=name, expiration=expiration, vendor_field=vendor_field
    )


def build_vote(
    params: Params,
    sender: bytes,
    nonce: int,
    delegate: bytes,
    *,
    is_for: bool = True,
    fee: int | None = None,
) -> Transaction:
    """A vote for a delegate's public key, or its withdrawal."""
    if not is_public_key(delegate):
        raise DataError("public key of a delegate expected, got something else")
    asset = {"votes": [("+" if is_for else "-") + delegate.hex()]}
    return _make(params, kinds.VOTE, sender, nonce, fee, asset=asset)


def build_registration(
    params: Params, sender: bytes, nonce: int, username: str, *, fee: int | None = None
) -> Transaction:
    """The registration of the sender as a delegate: 1 to 20 of a-z 0-9 ! @ $ & _ ."""
    if not 1 <= len(username) <= 20 or not DELEGATE_NAME.issuperset(username):
        raise DataError(f"1 to 20 of a-z 0-9 ! @ $ & _ . expected, got {username!r:.60}")
    asset = {"delegate": {"username": username}}
    return _make(params, kinds.DELEGATE_REGISTRATION, sender, nonce, fee, asset=asset)


def build_resignation(
    params: Params, sender: bytes, nonce: int, *, fee: int | None = None
) -> Transaction:
    """The end of the sender's being a delegate."""
    return _make(params, kinds.DELEGATE_RESIGNATION, sender, nonce, fee)


def build_morpheus(
    params: Params, sender: bytes, nonce: int, attempts: Sequence[Json], *, fee: int | None = None
) -> Transaction:
    """Operation attempts for the DID registry, in the order of their members. At least one is expected."""
    asset = normalize_asset({"operationAttempts": list(attempts)})
    offered = compute_offered_fee(asset) if fee is None else fee
    return _make(params, kinds.MORPHEUS, sender, nonce, offered, asset=asset)


def build_coeus(
    params: Params, sender: bytes, nonce: int, bundles: Sequence[Json], *, fee: int | None = None
) -> Transaction:
    """Signed bundles for the registry of names."""
    made = _make(
        params,
        kinds.COEUS,
        sender,
        nonce,
        fee or 0,
        asset=normalize_coeus({"bundles": list(bundles)}),
    )
    return made if fee is not None else replace(made, fee=compute_layer2_fee(made))


def build_board(
    params: Params, sender: bytes, nonce: int, statements: Iterable[Statement], *, fee: int | None = None
) -> Transaction:  # fmt: skip
    """Statements for the board, as many as fit one batch."""
    from iop.ledger.board import make_batch

    made = _make(params, kinds.BOARD, sender, nonce, fee or 0, asset=make_batch(statements))
    return made if fee is not None else replace(made, fee=compute_minimum_fee(made, params))


def _make(
    params: Params,
    kind: Kind,
    sender: bytes,
    nonce: int,
    fee: int | None,
    *,
    asset: Json = None,
) -> Transaction:
    if sender and not is_public_key(sender):
        raise DataError("public key of the sender expected, got something else")
    if nonce != UNKNOWN_NONCE and not 0 <= nonce <= MAX_NONCE:
        raise DataError(f"nonce of 0 to {MAX_NONCE} expected, got {nonce}")
    if fee is None:
        fee = compute_static_fee(kind, params, MAX_HEIGHT, asset)
    if not 0 <= fee <= MAX_AMOUNT:
        raise DataError(f"fee of 0 to {MAX_AMOUNT} flakes expected, got {fee}")
    return Transaction(params.byte, kind.type_group, kind.type, nonce, sender, fee, asset=asset)
