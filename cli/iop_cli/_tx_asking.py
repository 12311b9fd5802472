"""What iop-tx asks a node: hand over, wait, look up, foresee; and the next step to tell where a node only says no."""

from __future__ import annotations

import time

from iop.errors import BusyError, DataError, MissingError, PeerError, UsageError, VerifyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction

    Record = dict[str, Any]

POLL_S = 0.1  # first pause between two looks; grows to ten times that
ID_DIGITS = 64
LONGEST_ADDRESS = 36  # characters; texts of keys are longer
_HEX = frozenset("0123456789abcdefABCDEF")


def check_id(text: str) -> str:
    """A transaction id in the spelling of the node's files. Raises UsageError."""
    if len(text) != ID_DIGITS or not _HEX.issuperset(text):
        raise UsageError(f"a transaction id has {ID_DIGITS} hex digits, got {text!r:.80}")
    return text.lower()


def send(client: NodeClient, tx: Transaction, params: Params) -> Record:
    """Hand over one signed transaction: what became of it. Raises VerifyError with the node's words when it is refused."""
    from iop.ledger.record import to_record
    from iop.ledger.wire import compute_id

    txid = compute_id(tx)
    answer = client.send([to_record(tx)])
    data = answer["data"]
    if data.get("accept"):
        if data["accept"] != [txid]:
            raise PeerError(f"{client.url} accepted something else than was sent")
        return {"type": "iop.tx-sent/1", "id": txid, "broadcast": bool(data.get("broadcast"))}
    for found in (answer.get("errors") or {}).values():
        reason, words = str(found[0].get("type")), str(found[0].get("message"))
        hint = find_remedy(client, tx, params, reason, words)
        raise VerifyError(f"{reason}: {words}", hint=hint, reason=reason)
    if data.get("excess"):
        raise BusyError("the sender has too many transactions waiting in the node's pool")
    raise VerifyError("the node did not take the transaction, and did not say why")


def find_remedy(
    client: NodeClient, tx: Transaction, params: Params, reason: str, words: str
) -> str | None:
    """What to do about a refusal, as far as the words of the node tell."""
    from iop.ledger.address import compute_address_hash, encode_address

    sender = encode_address(params.byte, compute_address_hash(tx.sender))
    if reason == "ERR_LOW_FEE":
        from iop.ledger.fee import compute_minimum_fee

        least = compute_minimum_fee(tx, with_pool_fees(client, params))
        return f"it offers {tx.fee} flakes, the least is {least}: --fee {least}"
    if "has nonce " in words:
        number = words.rsplit("has nonce ", 1)[1].rstrip(".")
        if number.isascii() and number.isdigit() and len(number) < 20:
            return f"the next nonce of {sender} is {int(number) + 1}; --nonce auto asks the node"
    if "before funding is confirmed" in words:
        return f"{sender} owns nothing here: is it another key or passphrase that you mean?"
    if words.startswith("Insufficient balance"):
        return f"iop-tx account {sender} tells what the sender owns"
    return None


def with_pool_fees(client: NodeClient, params: Params) -> Params:
    """The parameters with the fees of the node's pool, where it tells them as the original does."""
    from iop.ledger.params import Fees
    from iop.value import replace

    told = client.pool_fees()
    price, addon = told.get("minFeePool"), told.get("addonBytes")
    numbers = [price, *addon.values()] if isinstance(addon, dict) else [None]
    if not all(isinstance(n, int) and 0 <= n < 2**32 for n in numbers):
        return params
    assert isinstance(price, int)
    assert isinstance(addon, dict)
    return replace(params, fees=Fees(per_byte=price, addon_bytes=addon))


def wait_for(client: NodeClient, txid: str, limit_s: float) -> Record:
    """Height, block and layer-2 verdict of a transaction, once it is in a block. Raises BusyError after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    pause = POLL_S
    while True:
        found = client.transaction(txid)
        if found is not None:
            return describe(client, txid, found)
        if time.monotonic() >= end:
            raise BusyError(f"{txid} is not in a block after {limit_s:g} s", id=txid)
        time.sleep(min(pause, max(0.0, end - time.monotonic())))
        pause = min(pause * 1.5, POLL_S * 10)


def describe(client: NodeClient, txid: str, found: Record | None = None) -> Record:
    """What a node knows of a transaction. Raises MissingError when it is in no block."""
    found = client.transaction(txid) if found is None else found
    if found is None:
        raise MissingError(f"{txid} is in no block", hint="has it been sent to this network?")
    record: Record = {
        "type": "iop.tx-status/1",
        "id": txid,
        "height": _find_height(client, found.get("blockId")),
        "blockId": found.get("blockId"),
        "confirmations": found.get("confirmations"),
    }
    kind = found.get("typeGroup"), found.get("type")
    if kind == (4242, 1):
        record["confirmed"] = client.transaction_status(txid)
    if kind == (4242, 2):
        record["confirmed"] = client.bundle_status(txid)
    if record.get("confirmed") is False:
        reason = client.rejection(txid)
        record |= {} if reason is None else {"reason": reason}
    return record


def _find_height(client: NodeClient, block_id: Any) -> int | None:
    """The height of a block, None where the node does not tell."""
    if not isinstance(block_id, str):
        return None
    try:
        height = client.block(block_id).get("height")
    except MissingError:
        return None
    return height if type(height) is int else None


def complain(record: Record) -> VerifyError | None:
    """The error that a status record tells of: the registry rejected what the block took."""
    if record.get("confirmed") is not False:
        return None
    reason = record.get("reason")
    hint = None
    if reason is None:
        reason = "the node does not say why"
        hint = "iop-tx send --dry-run tells what would be wrong with the same operations now"
    return VerifyError(
        f"rejected by the registry, the fee is paid: {reason}", hint=hint, id=record["id"]
    )


def foresee(client: NodeClient, tx: Transaction) -> None:
    """Ask the registry about a transaction's operations before a fee is paid. Raises VerifyError with its message, DataError."""
    from iop.did.operation import parse_asset
    from iop.ledger.kind import COEUS, MORPHEUS, find_kind

    kind = find_kind(tx.type_group, tx.type)
    faults: list[Record] = []
    if kind == MORPHEUS:
        parse_asset(tx.asset)  # what cannot be read the registry would not even record
        faults = client.foresee_attempts(tx.asset["operationAttempts"])
    elif kind == COEUS:
        try:
            faults = client.foresee_bundles(tx.asset["bundles"])
        except DataError as exc:
            exc.hint = "nothing was sent; --no-check sends it all the same"
            raise
    for found in faults:
        words = str(found.get("message"))
        hint = "nothing was sent; --no-check sends it all the same"
        if words.startswith("Operation on ") and " was attempted " in words:
            hint = f"nothing was sent: wait for the transaction before, or write the operation anew; {hint[18:]}"
        raise VerifyError(words, hint=hint)


def rehearse(client: NodeClient, tx: Transaction) -> Record:
    """What would be wrong with a transaction now, without handing it over: nonce, balance, and the registry's dry run."""
    from iop.ledger.wire import compute_id

    nonce, balance = client.funds(tx.sender.hex())
    problems: list[str] = []
    if tx.nonce != nonce + 1:
        problems.append(
            f"Cannot apply a transaction with nonce {tx.nonce}: "
            f"the sender {tx.sender.hex()} has nonce {nonce}."
        )
    if balance < tx.amount + tx.fee:
        problems.append("Insufficient balance in the wallet.")
    try:
        foresee(client, tx)
    except (VerifyError, DataError) as exc:
        problems.append(exc.message)
    return {"type": "iop.tx-sent/1", "id": compute_id(tx), "dry_run": True, "errors": problems}


def find_account(client: NodeClient, text: str) -> Record:
    """The node's wallet document of an address or public key, hex or psz… Raises MissingError, DataError."""
    from iop.ledger.address import describe_network, parse_address

    if len(text) > LONGEST_ADDRESS:
        from iop_cli._tx_making import parse_key

        found = client.wallet(parse_key(text).hex())
    else:
        byte, _ = parse_address(text)
        found = client.wallet(text)
        if found is None:
            params = client.params()
            if byte != params.byte:
                raise DataError(
                    f"address of {params.name} expected, got one of {describe_network(byte)}"
                )
    if found is None:
        raise MissingError(f"nobody has paid to {text} yet, and it has paid nobody")
    return found
