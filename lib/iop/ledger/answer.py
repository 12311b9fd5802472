"""Layer-1 answers out of the state as JSON values: what the HTTP interface wraps in `{"data": …}` (morpheus ch. 13).

Blocks and transactions are answered by `iop.ledger.answer_chain`.

Pure functions of the state and of values out of the store; the caller only routes. Amounts are text, time stamps come in three
forms, and members without a value are left out.
"""

from __future__ import annotations

from iop.errors import DecodeError, MissingError
from iop.ledger import kind as kinds
from iop.ledger.address import compute_address_hash, encode_address, parse_address
from iop.ledger.block import compute_block_id, compute_root
from iop.ledger.directory import Directory, compute_approval
from iop.ledger.epoch import format_instant
from iop.ledger.forms import FORMS
from iop.ledger.genesis import compute_genesis_block
from iop.ledger.rules import is_active, is_expired
from iop.ledger.schema import to_json_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iop.codec.json import Json
    from iop.ledger.account import Account, Lock
    from iop.ledger.genesis import Genesis
    from iop.ledger.kind import Kind
    from iop.ledger.params import Params
    from iop.ledger.state import State

    Record = dict[str, Json]

KEY_DIGITS = 66
ADDRESS_LENGTH = 34


def answer_crypto(genesis: Genesis) -> Record:
    """`/node/configuration/crypto`: what the client library takes its network, milestones and first block from."""
    params = genesis.params
    block = compute_genesis_block(genesis)
    return {
        "network": params.network_record(),
        "exceptions": dict(params.exceptions),
        "milestones": [dict(milestone) for milestone in params.milestones],
        "genesisBlock": {
            "version": 0,
            "totalAmount": str(genesis.total),
            "totalFee": "0",
            "reward": "0",
            "payloadHash": compute_root([]).hex(),
            "timestamp": 0,
            "numberOfTransactions": 0,
            "payloadLength": 0,
            "previousBlock": block.parent.hex(),
            "generatorPublicKey": block.producer.hex(),
            "transactions": [],
            "height": 1,
            "id": compute_block_id(block, params).hex(),
        },
    }


def answer_configuration(state: State, version: str) -> Record:
    """`/node/configuration`: names, constants of the current milestone, fees of the pool. version: of this software."""
    params = state.params
    return {
        "core": {"version": version},
        "nethash": params.nethash.hex(),
        "slip44": params.slip44,
        "wif": params.wif,
        "token": params.ticker,
        "symbol": params.symbol,
        "explorer": params.explorer,
        "version": params.byte,
        "ports": {},
        "constants": params.constants_at(state.height),
        "transactionPool": {
            "dynamicFees": {
                "enabled": True,
                "minFeePool": params.fees.per_byte,
                "minFeeBroadcast": params.fees.per_byte,
                "addonBytes": dict(params.fees.addon_bytes),
            }
        },
    }


def answer_status(state: State, now: int) -> Record:
    """`/node/status` of a node that has all there is; `now` is unix time."""
    seconds = now - state.params.epoch
    return {"synced": True, "now": state.height, "blocksCount": 0, "timestamp": seconds}


def answer_syncing(state: State) -> Record:
    """`/node/syncing`."""
    return {"syncing": False, "blocks": 0, "height": state.height, "id": state.block_id.hex()}


def answer_blockchain(state: State) -> Record:
    """`/blockchain`: newest block and coins in existence."""
    return {
        "block": {"height": state.height, "id": state.block_id.hex()},
        "supply": str(state.supply),
    }


def answer_fees(state: State) -> Record:
    """`/transactions/fees`: the published fee of every kind that is taken now, by type group."""
    static_fees = state.scene.rules.static_fees
    fees: dict[str, Record] = {}
    for kind in _list_active(state):
        fee = static_fees.get(kind.key, 10_000_000)
        fees.setdefault(str(kind.type_group), {})[kind.key] = str(fee)
    return dict(fees)


def answer_fee_sums(sums: Iterable[tuple[int, int, int, int, int, int]]) -> Record:
    """`/node/fees`: of group, type, count, sum, least and greatest fee of each kind."""
    fees: dict[str, Record] = {}
    for type_group, type_, count, total, least, most in sums:
        key = kinds.find_kind(type_group, type_).key
        mean = (2 * total + count) // (2 * count)  # halves up, as PostgreSQL rounds
        shown: Record = {"avg": str(mean), "max": str(most), "min": str(least), "sum": str(total)}
        fees.setdefault(str(type_group), {})[key] = shown
    return dict(fees)


def find_wallet(
    state: State, text: str, missing: str = "Wallet not found"
) -> tuple[bytes, Account]:
    """Name and account for an address, public key or delegate name. Raises MissingError, which says `missing`."""
    name = _find_name(state, text)
    account = None if name is None else state.account(name)
    if name is None or account is None:
        raise MissingError(missing)
    return name, account


def answer_wallet(
    state: State, name: bytes, account: Account, directory: Directory | None = None
) -> Record:
    """`/wallets/{id}`. directory: that of the state, which spares going through all locks and contents each time."""
    attributes = _attributes(state, name, account, directory or Directory(state))
    htlc = attributes.get("htlc", {})
    multi = attributes.get("multiSignature")
    delegate = account.delegate
    return present(
        {
            "address": encode_address(state.params.byte, name),
            "publicKey": account.public_key.hex() or None,
            "nonce": str(account.nonce),
            "balance": str(account.balance),
            "attributes": attributes,
            "lockedBalance": htlc.get("lockedBalance"),
            "isDelegate": delegate is not None,
            "isResigned": delegate is not None and delegate.is_resigned,
            "vote": account.vote.hex() or None,
            "multiSignature": multi,
            "username": delegate.username if delegate else None,
            "secondPublicKey": account.second_key.hex() or None,
        }
    )


def answer_delegate(state: State, name: bytes, account: Account, rank: int | None = None) -> Record:
    """`/delegates/{id}`; rank: by votes, when the caller has sorted them. Raises MissingError for other accounts."""
    delegate = account.delegate
    if delegate is None:
        raise MissingError("Delegate not found")
    votes = state.book.votes.get(account.public_key) or 0
    blocks: Record = {"produced": delegate.produced}
    if delegate.last_block:
        blocks["last"] = {
            "id": delegate.last_block.hex(),
            "height": delegate.last_height,
            "timestamp": to_timestamp(delegate.last_timestamp, state.params),
        }
    return present(
        {
            "username": delegate.username,
            "address": encode_address(state.params.byte, name),
            "publicKey": account.public_key.hex(),
            "votes": str(votes),
            "rank": rank,
            "isResigned": delegate.is_resigned,
            "blocks": blocks,
            "production": {"approval": compute_approval(votes, state.supply)},
            "forged": {
                "fees": str(delegate.fees),
                "rewards": str(delegate.rewards),
                "total": str(delegate.fees + delegate.rewards),
            },
        }
    )


def answer_lock(txid: bytes, lock: Lock, state: State) -> Record:
    """`/locks/{id}`: an open hash time lock."""
    sender = state.book.account(lock.sender)
    return present(
        {
            "lockId": txid.hex(),
            "amount": str(lock.amount),
            "secretHash": lock.secret_hash.hex(),
            "senderPublicKey": sender.public_key.hex(),
            "recipientId": encode_address(state.params.byte, lock.recipient),
            "timestamp": to_timestamp(lock.timestamp, state.params),
            "expirationType": lock.expiration_type,
            "expirationValue": lock.expiration,
            "isExpired": is_expired(lock, state.scene),
            "vendorField": lock.vendor_field,
        }
    )


def answer_types(state: State) -> Record:
    """`/transactions/types`: the number of every kind that is taken now, by type group and name."""
    types: dict[str, Record] = {}
    for kind in _list_active(state):
        name = kind.key[0].upper() + kind.key[1:]
        types.setdefault(str(kind.type_group), {})[name] = kind.type
    return dict(types)


def answer_schemas(state: State) -> Record:
    """`/transactions/schemas`: what each kind that is taken now demands of its JSON form, as JSON Schema of its members."""
    schemas: dict[str, Record] = {}
    for kind in _list_active(state):
        shown = to_json_schema(FORMS[kind.key]["properties"])
        schemas.setdefault(str(kind.type_group), {})[str(kind.type)] = shown
    return dict(schemas)


def _list_active(state: State) -> list[Kind]:
    scene = state.scene
    return [kind for kind in kinds.KINDS.values() if is_active(kind, scene.rules)]


def to_timestamp(seconds: int, params: Params) -> Record:
    """A time stamp as answers show it: seconds since the network's epoch, unix time, RFC 3339."""
    unix = params.epoch + seconds
    return {"epoch": seconds, "unix": unix, "human": format_instant(unix)}


def _find_name(state: State, text: str) -> bytes | None:
    if len(text) == KEY_DIGITS:
        try:
            return compute_address_hash(bytes.fromhex(text))
        except ValueError:
            return None
    if len(text) == ADDRESS_LENGTH:
        try:
            byte, name = parse_address(text)
        except DecodeError:
            return None
        return name if byte == state.params.byte else None
    return state.book.usernames.get(text)


def _attributes(state: State, name: bytes, account: Account, directory: Directory) -> Record:
    """The account's roles under the names the original files them by."""
    attributes: Record = {}
    if account.delegate is not None:
        delegate = account.delegate
        attributes["delegate"] = present(
            {
                "username": delegate.username,
                "voteBalance": str(state.book.votes.get(account.public_key) or 0),
                "forgedFees": str(delegate.fees),
                "forgedRewards": str(delegate.rewards),
                "producedBlocks": delegate.produced,
                "resigned": True if delegate.is_resigned else None,
            }
        )
    if account.vote:
        attributes["vote"] = account.vote.hex()
    if account.second_key:
        attributes["secondPublicKey"] = account.second_key.hex()
    if account.multi_signature is not None:
        keys = [key.hex() for key in account.multi_signature.keys]
        attributes["multiSignature"] = {"publicKeys": keys, "min": account.multi_signature.least}
    if account.locked:
        locks = {txid.hex(): _to_lock(lock, state) for txid, lock in directory.locks_of(name)}
        attributes["htlc"] = {"locks": locks, "lockedBalance": str(account.locked)}
    if account.contents:
        hashes = dict.fromkeys(directory.contents_of(name), True)
        attributes["ipfs"] = {"hashes": hashes}
    return attributes


def _to_lock(lock: Lock, state: State) -> Record:
    return present(
        {
            "amount": str(lock.amount),
            "recipientId": encode_address(state.params.byte, lock.recipient),
            "timestamp": lock.timestamp,
            "vendorField": lock.vendor_field,
            "secretHash": lock.secret_hash.hex(),
            "expiration": {"type": lock.expiration_type, "value": lock.expiration},
        }
    )


def present(record: Record) -> Record:
    """The members that have a value."""
    return {name: member for name, member in record.items() if member is not None}
