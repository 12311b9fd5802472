"""Where a chain starts: parameters and first balances, by network name or from a file.

A genesis file is one JSON object, `"type": "iop.genesis/1"`:

    name        of the network, a-z 0-9 and hyphen
    like        mainnet, devnet or testnet: whose settings hold where the file says nothing (default testnet)
    network     any members of the original's network document: pubKeyHash, wif, slip44, bip32, client …
    epoch       RFC 3339 text of time stamp 0
    milestones  list as in the original's configuration; default: everything on from height 1
    fees        {"perByte": flakes, "addonBytes": {kind: bytes}}
    wallets     [{"address", "balance": flakes as text or number, "publicKey"?, "username"?}]

Unknown members, wrong addresses, sums beyond 2^63 - 1 flakes and the like are ConfigErrors that name the place.
"""

from __future__ import annotations

from iop.codec.canonical import encode_canonical
from iop.codec.json import parse_json
from iop.crypto.hash import sha256
from iop.errors import ConfigError, DataError
from iop.ledger.address import HASH_SIZE, compute_address_hash, parse_address
from iop.ledger.block import FIRST_VERSION, Block
from iop.ledger.epoch import format_instant, parse_instant
from iop.ledger.params import LOCAL_MILESTONES, MAX_AMOUNT, NETWORKS, Fees, Params, find_params
from iop.value import replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

RECORD = "iop.genesis/1"
MAX_BYTES = 4 * 2**20
MAX_WALLETS = 100_000
TOTAL = 33_500_000_000_000_000  # flakes in the genesis blocks of the published networks
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
# of the published test wallet, which owns all coins of `testnet`
TEST_PHRASE = "scout try doll stuff cake welcome random taste load town clerk ostrich"
TEST_ADDRESS = "tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik"
_FIRST = {  # who owns them at height 1
    "mainnet": "hHdggKwR1Eaj9dUv4shKKYnxrgKLcqtkyd",
    "devnet": "dEZtDoWrorqHjLLP2YmktmAY5MZwW4jA74",
    "testnet": TEST_ADDRESS,
}


@value
class Wallet:
    """A first balance: account name, flakes, and optionally its key and the delegate name it has from the start."""

    name: bytes
    balance: int
    public_key: bytes = b""
    username: str = ""


@value
class Genesis:
    """Parameters and first balances."""

    params: Params
    wallets: tuple[Wallet, ...]

    @property
    def total(self) -> int:
        """Flakes that exist at height 1."""
        return sum(wallet.balance for wallet in self.wallets)


def make_genesis(name: str) -> Genesis:
    """The start of a named network. `testnet` is for one's own machine: everything is on from height 1, and the account of
    the published test passphrase owns all coins. Raises MissingError for other names.
    """
    params = find_params(name)
    if name == "testnet":
        params = replace(params, milestones=LOCAL_MILESTONES)
    return Genesis(params, (Wallet(parse_address(_FIRST[name])[1], TOTAL),))


def parse_genesis(data: bytes) -> Genesis:
    """The start that a genesis file describes. Raises ConfigError."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"genesis file of at most {MAX_BYTES} bytes expected, got {len(data)}")
    try:
        record = parse_json(data, unique_names=True)
    except DataError as exc:
        raise ConfigError(f"genesis file is not JSON: {exc.message}") from exc
    return from_record(record)


def from_record(record: Json) -> Genesis:
    """The start that a genesis record describes. Raises ConfigError."""
    known = {"type", "name", "like", "network", "nethash", "epoch", "milestones", "fees", "wallets"}
    _check_members(record, "genesis", known)
    if record.get("type") != RECORD:
        raise ConfigError(f"genesis file must have type {RECORD!r}, got {record.get('type')!r:.60}")
    params = _read_params(record)
    return Genesis(params, _read_wallets(record, params.byte))


def read_configuration(document: Json) -> Params:
    """The parameters in a node's answer to `/node/configuration/crypto`. Raises ConfigError."""
    if not isinstance(document, dict) or not isinstance(document.get("network"), dict):
        raise ConfigError("crypto configuration must have an object 'network'")
    network = dict(document["network"])
    record = {
        "type": RECORD,
        "name": "".join(c for c in str(network.pop("name", "")) if c in _NAME) or "unnamed",
        "nethash": network.pop("nethash", ""),
        "network": network,
        "milestones": document.get("milestones"),
    }
    return _read_params(record)


def compute_genesis_block(genesis: Genesis) -> Block:
    """Block 1: no producer, no transactions; its `state` commits to the first balances."""
    balances = b"".join(
        wallet.name
        + wallet.balance.to_bytes(8, "little")
        + wallet.public_key.ljust(33, b"\0")
        + bytes((len(wallet.username),))
        + wallet.username.encode()
        for wallet in genesis.wallets
    )
    return Block(
        genesis.params.byte,
        1,
        0,
        bytes(32),
        bytes(33),
        state=sha256(b"iop.genesis/1\n" + balances),
        version=FIRST_VERSION,
    )


def _read_params(record: dict[str, Json]) -> Params:
    like = record.get("like", "testnet")
    if not isinstance(like, str) or like not in NETWORKS:
        raise ConfigError(f"'like' must be one of {', '.join(NETWORKS)}, got {like!r:.60}")
    base = NETWORKS[like]
    name = _text(record, "name", 32)
    if not name or not _NAME.issuperset(name):
        raise ConfigError(f"'name' must be of a-z, 0-9 and hyphens, got {name!r:.60}")
    network = record.get("network", {})
    _check_members(network, "network", set(base.network_record()) - {"name", "nethash"})
    bip32 = network.get("bip32", {})
    _check_members(bip32, "network.bip32", {"public", "private"})
    client = network.get("client", {})
    _check_members(client, "network.client", {"token", "symbol", "explorer"})
    epoch, milestones = _read_milestones(record, base)
    try:
        digest = sha256(encode_canonical(record).encode()).hex()
    except DataError as exc:
        raise ConfigError(f"genesis file has no canonical form: {exc.message}") from exc
    return Params(
        name=name,
        message_prefix=_text(network, "messagePrefix", 64, base.message_prefix),
        bip32_public=_whole(bip32, "public", 2**32 - 1, base.bip32_public),
        bip32_private=_whole(bip32, "private", 2**32 - 1, base.bip32_private),
        byte=_whole(network, "pubKeyHash", 255, base.byte),
        nethash=_hex(_text(record, "nethash", 64, digest), 32, "nethash"),
        wif=_whole(network, "wif", 255, base.wif),
        slip44=_whole(network, "slip44", 2**31 - 1, base.slip44),
        aip20=_whole(network, "aip20", 2**31 - 1, base.aip20),
        ticker=_text(client, "token", 16, base.ticker),
        symbol=_text(client, "symbol", 16, base.symbol),
        explorer=_text(client, "explorer", 256, base.explorer),
        epoch=epoch,
        milestones=milestones,
        exceptions={},
        fees=_read_fees(record, base.fees),
        limits=base.limits,
    )


def _read_milestones(record: dict[str, Json], base: Params) -> tuple[int, tuple[Any, ...]]:
    given = record.get("milestones", LOCAL_MILESTONES)
    if not isinstance(given, list | tuple) or not all(isinstance(m, dict) for m in given):
        raise ConfigError("'milestones' must be a list of objects")
    first: dict[str, Json] = next(iter(given), {})
    text = record.get("epoch", first.get("epoch") if "milestones" in record else None)
    try:
        epoch = base.epoch if text is None else parse_instant(str(text))
    except DataError as exc:
        raise ConfigError(f"'epoch': {exc.message}") from exc
    # the settings of the base network hold where the first milestone says nothing
    start = {**LOCAL_MILESTONES[0], **first, "epoch": format_instant(epoch)}
    if first.get("epoch") not in (None, start["epoch"], LOCAL_MILESTONES[0]["epoch"]):
        raise ConfigError("'epoch' and the epoch of the first milestone differ")
    return epoch, (start, *given[1:])


def _read_fees(record: dict[str, Json], base: Fees) -> Fees:
    given = record.get("fees", {})
    _check_members(given, "fees", {"perByte", "addonBytes"})
    addon = given.get("addonBytes", {})
    _check_members(addon, "fees.addonBytes", set(base.addon_bytes))
    return Fees(
        per_byte=_whole(given, "perByte", 10**9, base.per_byte),
        addon_bytes={
            name: _whole(addon, name, 10**9, old) for name, old in base.addon_bytes.items()
        },
    )


def _read_wallets(record: dict[str, Json], byte: int) -> tuple[Wallet, ...]:
    given = record.get("wallets")
    if not isinstance(given, list) or not 0 < len(given) <= MAX_WALLETS:
        raise ConfigError(f"'wallets' must be a list of 1 to {MAX_WALLETS} objects")
    wallets = tuple(
        _read_wallet(item, f"wallets[{index}]", byte) for index, item in enumerate(given)
    )
    if len({wallet.name for wallet in wallets}) < len(wallets):
        raise ConfigError("'wallets' names an address twice")
    names = [wallet.username for wallet in wallets if wallet.username]
    if len(set(names)) < len(names):
        raise ConfigError("'wallets' gives a user name twice")
    if sum(wallet.balance for wallet in wallets) > MAX_AMOUNT:
        raise ConfigError(f"'wallets' holds more than {MAX_AMOUNT} flakes")
    return wallets


def _read_wallet(item: Json, place: str, byte: int) -> Wallet:
    _check_members(item, place, {"address", "balance", "publicKey", "username"})
    text = item.get("publicKey", "")
    public = _hex(text, 33, f"{place}.publicKey") if text else b""
    name = compute_address_hash(public) if public else bytes(HASH_SIZE)
    if "address" in item or not public:
        try:
            found, named = parse_address(_text(item, "address", 64))
        except DataError as exc:
            raise ConfigError(f"{place}.address: {exc.message}") from exc
        if found != byte:
            raise ConfigError(f"{place}.address: network byte {byte} expected, got {found}")
        if public and named != name:
            raise ConfigError(f"{place}: address and publicKey do not belong together")
        name = named
    username = _text(item, "username", 20, "")
    if username and not public:
        raise ConfigError(f"{place}: a delegate needs its publicKey")
    return Wallet(name, _flakes(item.get("balance", 0), place), public, username)


def _flakes(given: Json, place: str) -> int:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 20:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= MAX_AMOUNT:
        raise ConfigError(f"{place}.balance must be 0 to {MAX_AMOUNT} flakes, got {given!r:.60}")
    return given


def _check_members(record: Json, place: str, known: set[str]) -> None:
    if not isinstance(record, dict):
        raise ConfigError(f"{place} must be an object")
    for name in record:
        if name not in known:
            raise ConfigError(
                f"{place} has an unknown member {name!r:.60}",
                hint=f"known are {', '.join(sorted(known))}",
            )


def _text(record: dict[str, Json], name: str, longest: int, default: str | None = None) -> str:
    text = record.get(name, default)
    if not isinstance(text, str) or len(text) > longest:
        raise ConfigError(
            f"{name!r} must be text of at most {longest} characters, got {text!r:.60}"
        )
    return text


def _whole(record: dict[str, Json], name: str, highest: int, default: int) -> int:
    number = record.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= highest:
        raise ConfigError(f"{name!r} must be a number from 0 to {highest}, got {number!r:.60}")
    return number


def _hex(text: str, size: int, place: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except (ValueError, TypeError) as exc:
        raise ConfigError(f"{place} must be {2 * size} hex digits") from exc
    if len(data) != size:
        raise ConfigError(f"{place} must be {2 * size} hex digits, got {2 * len(data)}")
    return data
