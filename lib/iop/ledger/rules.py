"""Who may do what: the rules of every layer-1 kind, and its effect on the book.

`check` raises VerifyError with the words of the original node and `type` ERR_APPLY; `apply` carries out what `check` let pass.
Order of the rules within a kind is the original's, so that the first broken one is the same.
"""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.errors import DataError, VerifyError
from iop.ledger import kind as kinds
from iop.ledger.account import Delegate, Lock
from iop.ledger.address import compute_address_hash, parse_address
from iop.ledger.board_row import check_new, post
from iop.ledger.seal import (
    MAX_KEYS,
    MultiSignature,
    compute_shared_key,
    is_multi_valid,
    is_second_valid,
)
from iop.value import replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.ledger.account import Account
    from iop.ledger.book import Book
    from iop.ledger.kind import Kind
    from iop.ledger.params import Rules
    from iop.ledger.wire import Transaction

_HTLC = (8, 9, 10)
BY_TIMESTAMP = 1  # expiration type of a hash time lock; the other one is by height
_FAILED = "Failed to apply transaction, because "


@value
class Scene:
    """When a transaction is judged: height and time stamp of the newest block, rules of the next one."""

    height: int
    timestamp: int
    rules: Rules


def refuse(message: str, type_: str = "ERR_APPLY") -> VerifyError:
    """The refusal of a transaction; `type` of its detail is the pool's error type (morpheus ch. 13)."""
    return VerifyError(message, type=type_)


def check(book: Book, tx: Transaction, scene: Scene) -> None:
    """Nothing when the transaction may be the next one of its sender; else VerifyError. The first signature is not judged."""
    kind = kinds.find_kind(tx.type_group, tx.type)
    check_active(kind, scene.rules)
    sender = book.account_of(tx.sender)
    special = _CHECKS.get(kind.key)
    if special is not None:
        special(book, tx, sender, scene)
    if kind.key not in ("htlcClaim", "htlcRefund") and not (sender.public_key or sender.balance):
        raise refuse(
            "Insufficient balance in database wallet. "
            "Wallet is not allowed to spend before funding is confirmed."
        )
    _check_sender(tx, sender, kind)
    after = _LATE_CHECKS.get(kind.key)
    if after is not None:
        after(book, tx, sender, scene)


def is_active(kind: Kind, rules: Rules) -> bool:
    """Whether version-2 transactions of a kind are taken at a height with these rules."""
    if kind.type_group == kinds.CORE:
        return rules.aip11 and (rules.htlc or kind.type not in _HTLC)
    if kind == kinds.BOARD:
        return rules.aip11 and rules.board
    return rules.aip11 and (rules.morpheus if kind == kinds.MORPHEUS else rules.coeus)


def check_active(kind: Kind, rules: Rules) -> None:
    """Nothing when `is_active`, else VerifyError."""
    if not rules.aip11:
        raise refuse("Version 2 not supported.", "ERR_UNKNOWN")
    if not is_active(kind, rules):
        group = "Core" if kind.type_group == kinds.CORE else kind.type_group
        raise refuse(f"Transaction type {group}/{kind.type} is deactivated.", "ERR_UNKNOWN")


def apply(
    book: Book, tx: Transaction, txid: bytes, timestamp: int, *, height: int = 0, to_recipient: bool = True
) -> None:  # fmt: skip
    """Carry out a checked transaction of a block with that time stamp and height (0: not known yet). Never fails.

    to_recipient: False leaves out payments, so that nobody spends what is not in a block yet.
    """
    kind = kinds.find_kind(tx.type_group, tx.type)
    name = compute_address_hash(tx.sender)
    sender = book.account(name)
    balance = sender.balance - compute_spent(tx)
    book.put_account(name, sender.after_spending(tx.sender, tx.nonce, balance))
    if kind == kinds.BOARD:
        post(book.statements, tx, txid, height)
    effect = _EFFECTS.get(kind.key)
    if effect is not None and (to_recipient or kind.key not in ("transfer", "multiPayment")):
        effect(book, tx, name, txid, timestamp)


def compute_spent(tx: Transaction) -> int:
    """What a transaction takes from its sender, the fee included."""
    if tx.asset is None:
        return tx.amount + tx.fee
    kind = kinds.find_kind(tx.type_group, tx.type)
    if kind == kinds.MULTI_PAYMENT:
        return tx.amount + tx.fee + sum(amount for amount, _ in payments_of(tx))
    return 0 if kind in (kinds.HTLC_CLAIM, kinds.HTLC_REFUND) else tx.amount + tx.fee


def payments_of(tx: Transaction) -> list[tuple[int, bytes]]:
    """Amounts and recipients of a multi payment."""
    asset: Any = tx.asset
    return [(int(p["amount"]), parse_address(p["recipientId"])[1]) for p in asset["payments"]]


def rule_of(tx: Transaction) -> MultiSignature:
    """The rule that a multi-signature registration sets up."""
    asset: Any = tx.asset
    keys = tuple(bytes.fromhex(key) for key in asset["multiSignature"]["publicKeys"])
    return MultiSignature(asset["multiSignature"]["min"], keys)


def _check_sender(tx: Transaction, sender: Account, kind: Kind) -> None:
    if tx.nonce != sender.nonce + 1:
        raise refuse(
            f"Cannot apply a transaction with nonce {tx.nonce}: "
            f"the sender {tx.sender.hex()} has nonce {sender.nonce}."
        )
    if sender.balance < tx.amount + tx.fee:
        raise refuse("Insufficient balance in the wallet.")
    if sender.second_key:
        if not is_second_valid(tx, sender.second_key):
            raise refuse(_FAILED + "the second signature could not be verified.")
    elif tx.second_signature:
        raise refuse(_FAILED + "wallet does not allow second signatures.")
    if sender.multi_signature:
        if not is_multi_valid(tx, sender.multi_signature):
            raise refuse(_FAILED + "the multi signatures are invalid.")
    elif tx.signatures and kind != kinds.MULTI_SIGNATURE:
        raise refuse(_FAILED + "the transaction does not support multi signatures.")


def _check_payments(_book: Book, tx: Transaction, sender: Account, _scene: Scene) -> None:
    if sender.balance < tx.fee + sum(amount for amount, _ in payments_of(tx)):
        raise refuse("Insufficient balance in the wallet.")


def _check_second_signature(_book: Book, _tx: Transaction, sender: Account, _scene: Scene) -> None:
    if sender.second_key:
        raise refuse(_FAILED + "second signature is already enabled.")
    if sender.multi_signature:
        raise refuse(_FAILED + "multi signature is enabled.")


def _check_registration(book: Book, tx: Transaction, sender: Account, _scene: Scene) -> None:
    if sender.multi_signature:
        raise refuse(_FAILED + "multi signature is enabled.")
    if sender.delegate:
        raise refuse(_FAILED + "the wallet already has a registered username.")
    username = _username(tx)
    if book.usernames.get(username) is not None:
        raise refuse(_FAILED + f"the username '{username}' is already registered.")


def _check_resignation(book: Book, _tx: Transaction, sender: Account, scene: Scene) -> None:
    if not sender.delegate:
        raise refuse(_FAILED + "the wallet is not a delegate.")
    if sender.delegate.is_resigned:
        raise refuse(_FAILED + "the wallet already resigned as delegate.")
    if book.count_active_delegates() < scene.rules.active_delegates + 1:
        raise refuse(_FAILED + "not enough delegates to allow resignation.")


def _check_vote(book: Book, tx: Transaction, sender: Account, _scene: Scene) -> None:
    is_for, key = _vote(tx)
    delegate = book.account_of(key).delegate
    if is_for:
        if sender.vote:
            raise refuse(_FAILED + "the sender wallet has already voted.")
        if delegate and delegate.is_resigned:
            raise refuse(_FAILED + "it votes for a resigned delegate.")
    elif not sender.vote:
        raise refuse(_FAILED + "the wallet has not voted.")
    elif sender.vote != key:
        raise refuse(_FAILED + "the wallet vote does not match.")
    if not delegate:
        raise refuse(_FAILED + "only delegates can be voted.")


def _check_multi_signature(book: Book, tx: Transaction, _sender: Account, _scene: Scene) -> None:
    rule = rule_of(tx)
    if not 1 <= rule.least <= min(len(rule.keys), MAX_KEYS):
        raise refuse(_FAILED + "too few keys were provided.")
    if len(rule.keys) != len(tx.signatures):
        raise refuse(
            _FAILED + "the number of provided keys does not match the number of signatures."
        )
    try:
        shared = compute_shared_key(rule)
    except DataError as exc:
        raise refuse(exc.message) from exc
    if book.account_of(shared).multi_signature:
        raise refuse(_FAILED + "multi signature is already enabled.")
    if not is_multi_valid(tx, rule):
        raise refuse(_FAILED + "the multi signature could not be verified.")


def _check_ipfs(book: Book, tx: Transaction, _sender: Account, _scene: Scene) -> None:
    if book.contents.get(_content(tx)) is not None:
        raise refuse(_FAILED + "this IPFS hash is already registered on the blockchain.")


def _check_lock(_book: Book, tx: Transaction, _sender: Account, scene: Scene) -> None:
    asset: Any = tx.asset
    expiration = asset["lock"]["expiration"]
    delegates = scene.rules.active_delegates
    earliest = (
        scene.timestamp + scene.rules.blocktime * delegates
        if expiration["type"] == BY_TIMESTAMP
        else scene.height + delegates
    )
    if expiration["value"] <= earliest:
        raise refuse(_FAILED + "the associated HTLC lock transaction expired.")


def _check_claim(book: Book, tx: Transaction, _sender: Account, scene: Scene) -> None:
    asset: Any = tx.asset
    lock = _lock(book, asset["claim"])
    if is_expired(lock, scene):
        raise refuse(_FAILED + "the associated HTLC lock transaction expired.")
    if sha256(bytes.fromhex(asset["claim"]["unlockSecret"])) != lock.secret_hash:
        raise refuse(
            _FAILED
            + "the secret provided does not match the associated HTLC lock transaction secret."
        )


def _check_refund(book: Book, tx: Transaction, _sender: Account, scene: Scene) -> None:
    asset: Any = tx.asset
    if not is_expired(_lock(book, asset["refund"]), scene):
        raise refuse(_FAILED + "the associated HTLC lock transaction did not expire yet.")


def _lock(book: Book, asset: Any) -> Lock:
    lock = book.locks.get(bytes.fromhex(asset["lockTransactionId"]))
    if lock is None:
        raise refuse(_FAILED + "the associated HTLC lock transaction could not be found.")
    return lock


def is_expired(lock: Lock, scene: Scene) -> bool:
    """Whether a lock is over for the next transaction: by height or by the time stamp of the newest block."""
    now = scene.timestamp if lock.expiration_type == BY_TIMESTAMP else scene.height
    return lock.expiration <= now


def _username(tx: Transaction) -> str:
    asset: Any = tx.asset
    return str(asset["delegate"]["username"])


def _vote(tx: Transaction) -> tuple[bool, bytes]:
    asset: Any = tx.asset
    vote = asset["votes"][0]
    return vote[0] == "+", bytes.fromhex(vote[1:])


def _content(tx: Transaction) -> str:
    asset: Any = tx.asset
    return str(asset["ipfs"])


def _pay(book: Book, tx: Transaction, _name: bytes, _txid: bytes, _timestamp: int) -> None:
    book.add_balance(tx.recipient, tx.amount)


def _pay_many(book: Book, tx: Transaction, _name: bytes, _txid: bytes, _timestamp: int) -> None:
    for amount, recipient in payments_of(tx):
        book.add_balance(recipient, amount)


def _set_second_key(
    book: Book, tx: Transaction, name: bytes, _txid: bytes, _timestamp: int
) -> None:
    asset: Any = tx.asset
    key = bytes.fromhex(asset["signature"]["publicKey"])
    book.put_account(name, replace(book.account(name), second_key=key))


def _register(book: Book, tx: Transaction, name: bytes, _txid: bytes, _timestamp: int) -> None:
    username = _username(tx)
    book.put_account(name, replace(book.account(name), delegate=Delegate(username)))
    book.usernames.put(username, name)


def _resign(book: Book, _tx: Transaction, name: bytes, _txid: bytes, _timestamp: int) -> None:
    account = book.account(name)
    assert account.delegate is not None
    delegate = replace(account.delegate, is_resigned=True)
    book.put_account(name, replace(account, delegate=delegate))


def _set_vote(book: Book, tx: Transaction, name: bytes, _txid: bytes, _timestamp: int) -> None:
    is_for, key = _vote(tx)
    book.put_account(name, replace(book.account(name), vote=key if is_for else b""))


def _share(book: Book, tx: Transaction, _name: bytes, _txid: bytes, _timestamp: int) -> None:
    rule = rule_of(tx)
    public = compute_shared_key(rule)
    shared = compute_address_hash(public)
    account = book.account(shared)
    book.put_account(shared, replace(account, public_key=public, multi_signature=rule))


def _file_content(book: Book, tx: Transaction, name: bytes, _txid: bytes, _: int) -> None:
    book.contents.put(_content(tx), name)
    account = book.account(name)
    book.put_account(name, replace(account, contents=account.contents + 1))


def _lock_up(book: Book, tx: Transaction, name: bytes, txid: bytes, timestamp: int) -> None:
    asset: Any = tx.asset
    expiration = asset["lock"]["expiration"]
    lock = Lock(
        name,
        tx.recipient,
        tx.amount,
        bytes.fromhex(asset["lock"]["secretHash"]),
        expiration["type"],
        expiration["value"],
        timestamp,
        tx.vendor_field,
    )
    book.locks.put(txid, lock)
    account = book.account(name)
    book.put_account(name, replace(account, locked=account.locked + tx.amount))


def _unlock(book: Book, tx: Transaction, *, member: str) -> None:
    asset: Any = tx.asset
    lock_id = bytes.fromhex(asset[member]["lockTransactionId"])
    lock = book.locks.get(lock_id)
    assert lock is not None
    book.locks.put(lock_id, None)
    owner = book.account(lock.sender)
    book.put_account(lock.sender, replace(owner, locked=owner.locked - lock.amount))
    gainer = lock.recipient if member == "claim" else lock.sender
    book.add_balance(gainer, lock.amount - tx.fee)


def _claim(book: Book, tx: Transaction, _name: bytes, _txid: bytes, _timestamp: int) -> None:
    _unlock(book, tx, member="claim")


def _refund(book: Book, tx: Transaction, _name: bytes, _txid: bytes, _timestamp: int) -> None:
    _unlock(book, tx, member="refund")


if TYPE_CHECKING:
    Check = Callable[[Book, Transaction, Account, Scene], None]
    Effect = Callable[[Book, Transaction, bytes, bytes, int], None]

_CHECKS: dict[str, Check] = {
    "multiPayment": _check_payments,
    "secondSignature": _check_second_signature,
    "delegateRegistration": _check_registration,
    "delegateResignation": _check_resignation,
    "vote": _check_vote,
    "multiSignature": _check_multi_signature,
    "ipfs": _check_ipfs,
    "htlcLock": _check_lock,
    "board": lambda book, tx, _sender, _scene: check_new(book.statements, tx),
}
_LATE_CHECKS: dict[str, Check] = {"htlcClaim": _check_claim, "htlcRefund": _check_refund}
_EFFECTS: dict[str, Effect] = {
    "transfer": _pay,
    "multiPayment": _pay_many,
    "secondSignature": _set_second_key,
    "delegateRegistration": _register,
    "delegateResignation": _resign,
    "vote": _set_vote,
    "multiSignature": _share,
    "ipfs": _file_content,
    "htlcLock": _lock_up,
    "htlcClaim": _claim,
    "htlcRefund": _refund,
}
