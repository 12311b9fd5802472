"""The parameters of a network: names, bytes, milestones, fees and limits, as one frozen value each.

MAINNET, DEVNET and TESTNET are the published ones (morpheus 16.4 and ch. 3). LOCAL is TESTNET with every feature on from
height 1, for a chain that starts on one machine: the client library builds version-2 transactions at once. Networks of one's
own come from a genesis file (`iop.ledger.genesis`).

A milestone is the JSON object of the original configuration: `height` and the settings that change there. `rules_at` merges
all milestones up to a height, as the original does, into one `Rules` value.
"""

from __future__ import annotations

from iop.errors import ConfigError, MissingError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from iop.codec.json import Json

COIN = 10**8  # flakes in one HYD
MAX_AMOUNT = 2**63 - 1  # flakes; the original's "8 byte maximum"
MAX_HEIGHT = 2**31 - 1  # the registries refuse more (morpheus ch. 11)


@value
class Rules:
    """What holds at one height: the merge of all milestones up to it."""

    height: int  # of the newest milestone merged
    reward: int  # flakes created by a block
    blocktime: int  # seconds
    active_delegates: int
    max_transactions: int  # in a block
    max_payload: int  # bytes of transactions in a block
    vendor_length: int  # bytes of a vendor field
    multi_payment_limit: int
    static_fees: Mapping[str, int]  # flakes by kind name
    aip11: bool  # version-2 transactions
    htlc: bool
    morpheus: bool
    coeus: bool
    board: bool  # of our own networks only

    @property
    def max_transaction_bytes(self) -> int:
        """Largest transaction the pool takes: the block payload less 10 KiB."""
        return self.max_payload - 10 * 1024


@value
class Fees:
    """What the pool asks: (addon + size / 2) x per_byte, addon by kind name (morpheus 16.4)."""

    per_byte: int  # flakes
    addon_bytes: Mapping[str, int]


@value
class Limits:
    """Sizes the pool and the intake keep."""

    per_request: int = 40  # transactions in one submission
    per_sender: int = 300  # of one sender in the pool
    in_pool: int = 15_000
    pool_bytes: int = 64 * 2**20


@value
class Params:
    """A network. `byte` is the address byte, `epoch` the unix time of time stamp 0, `nethash` names the network."""

    name: str
    message_prefix: str
    bip32_public: int
    bip32_private: int
    byte: int
    nethash: bytes
    wif: int
    slip44: int
    aip20: int
    ticker: str
    symbol: str
    explorer: str
    epoch: int
    milestones: tuple[Mapping[str, Json], ...]
    exceptions: Mapping[str, Json]
    fees: Fees
    limits: Limits = Limits()
    _merged: tuple[Rules, ...] = ()

    def __check__(self) -> None:
        object.__setattr__(self, "_merged", _merge(self.milestones))

    def rules_at(self, height: int) -> Rules:
        """The rules for a block of that height; heights below the first milestone get the first."""
        merged = self._merged
        index = len(merged) - 1
        while index and merged[index].height > height:
            index -= 1
        return merged[index]

    def constants_at(self, height: int) -> dict[str, Json]:
        """All milestones up to a height, merged, as the original shows them."""
        merged: dict[str, Json] = {}
        for milestone in self.milestones:
            if milestone["height"] <= max(height, 1):
                merged = _overlay(merged, milestone)
        return merged

    def rewards_until(self, height: int) -> int:
        """Flakes created by all blocks from 1 to `height`."""
        total = 0
        merged = self._merged
        for index, rules in enumerate(merged):
            after = merged[index + 1].height if index + 1 < len(merged) else height + 1
            total += rules.reward * max(0, min(after, height + 1) - rules.height)
        return total

    def network_record(self) -> dict[str, Json]:
        """The `network` member of the crypto configuration document."""
        return {
            "name": self.name,
            "messagePrefix": self.message_prefix,
            "bip32": {"public": self.bip32_public, "private": self.bip32_private},
            "pubKeyHash": self.byte,
            "nethash": self.nethash.hex(),
            "wif": self.wif,
            "slip44": self.slip44,
            "aip20": self.aip20,
            "client": {"token": self.ticker, "symbol": self.symbol, "explorer": self.explorer},
        }


def _merge(milestones: tuple[Mapping[str, Json], ...]) -> tuple[Rules, ...]:
    merged: list[Rules] = []
    current: dict[str, Json] = {}
    for milestone in milestones:
        current = _overlay(current, milestone)
        merged.append(_read_rules(current))
    heights = [rules.height for rules in merged]
    if not heights or heights[0] != 1 or heights != sorted(set(heights)):
        raise ConfigError(f"milestones must start at height 1 and grow, got heights {heights}")
    return tuple(merged)


def _overlay(below: Mapping[str, Json], above: Mapping[str, Json]) -> dict[str, Json]:
    """Deep merge: objects member by member, everything else replaced."""
    out = dict(below)
    for name, item in above.items():
        old = out.get(name)
        out[name] = (
            _overlay(old, item) if isinstance(old, dict) and isinstance(item, dict) else item
        )
    return out


def _read_rules(merged: Mapping[str, Json]) -> Rules:
    block, fees = merged.get("block"), merged.get("fees")
    if not isinstance(block, dict) or not isinstance(fees, dict):
        raise ConfigError("a milestone lacks the objects 'block' and 'fees'")
    static = fees.get("staticFees")
    if not isinstance(static, dict):
        raise ConfigError("a milestone lacks the object 'fees.staticFees'")
    return Rules(
        height=_whole(merged, "height", 1),
        reward=_whole(merged, "reward"),
        blocktime=_whole(merged, "blocktime", 1),
        active_delegates=_whole(merged, "activeDelegates"),
        max_transactions=_whole(block, "maxTransactions", 1),
        max_payload=_whole(block, "maxPayload", 11 * 1024),
        vendor_length=_whole(merged, "vendorFieldLength"),
        multi_payment_limit=_whole({"multiPaymentLimit": 500} | dict(merged), "multiPaymentLimit"),
        static_fees={name: _whole(static, name) for name in static},
        aip11=merged.get("aip11") is True,
        htlc=merged.get("htlcEnabled") is True,
        morpheus=merged.get("morpheus") is True,
        coeus=merged.get("coeus") is True,
        board=merged.get("board") is True,
    )


def _whole(record: Mapping[str, Json], name: str, lowest: int = 0) -> int:
    number = record.get(name)
    if not isinstance(number, int) or isinstance(number, bool):
        raise ConfigError(f"milestone setting {name!r} must be a whole number, got {number!r}")
    if not lowest <= number <= MAX_AMOUNT:
        raise ConfigError(f"milestone setting {name!r} out of range: {number}")
    return number


_STATIC_FEES: dict[str, Json] = {  # flakes
    "transfer": 10_000_000,
    "secondSignature": 500_000_000,
    "delegateRegistration": 2_500_000_000,
    "vote": 100_000_000,
    "multiSignature": 500_000_000,
    "ipfs": 500_000_000,
    "multiPayment": 10_000_000,
    "delegateResignation": 2_500_000_000,
    "htlcLock": 10_000_000,
    "htlcClaim": 0,
    "htlcRefund": 0,
}

_ADDON_BYTES = {
    "transfer": 100,
    "secondSignature": 250,
    "delegateRegistration": 400_000,
    "vote": 100,
    "multiSignature": 500,
    "ipfs": 250,
    "multiPayment": 500,
    "delegateResignation": 100,
    "htlcLock": 100,
    "htlcClaim": 0,
    "htlcRefund": 0,
}

_POOL_FEES = Fees(per_byte=3000, addon_bytes=_ADDON_BYTES)
_TEST_POOL_FEES = Fees(per_byte=1000, addon_bytes=_ADDON_BYTES)  # devnet and testnet settings

_NO_EXCEPTIONS: dict[str, Json] = {
    "blocks": [],
    "blocksTransactions": {},
    "transactions": [],
    "outlookTable": {},
    "transactionIdFixTable": {},
    "wrongTransactionOrder": {},
    "negativeBalances": {},
}

_MINIMUM_PEERS: dict[str, Json] = {"minimumVersions": ["^2.6 || ^2.6.0-next.9"]}


def _first_milestone(epoch: str, **more: Json) -> dict[str, Json]:
    return {
        "height": 1,
        "reward": 0,
        "activeDelegates": 53,
        "blocktime": 12,
        "block": {
            "version": 0,
            "maxTransactions": 250,
            "maxPayload": 8 * 2**20,
            "idFullSha256": True,
        },
        "epoch": epoch,
        "fees": {"staticFees": _STATIC_FEES},
        **more,
    }


MAINNET = Params(
    name="mainnet",
    message_prefix="HYD message:\n",
    bip32_public=0xC1055B57,
    bip32_private=0x4DE74DEF,
    byte=100,
    nethash=bytes.fromhex("802b6c0522a4b4005751f10ee507018dd8e1bcb6d81ef1e123899e0d2f5538db"),
    wif=111,
    slip44=4741444,
    aip20=4741444,
    ticker="HYD",
    symbol="Ħ",
    explorer="https://explorer.hydraledger.tech",
    epoch=1567324800,  # 2019-09-01T08:00Z
    milestones=(
        _first_milestone("2019-09-01T08:00:00.000Z", vendorFieldLength=255),
        {"height": 201_601, "reward": 8 * COIN},
        {
            "height": 1_580_000,
            "aip11": True,
            "htlcEnabled": True,
            "p2p": _MINIMUM_PEERS,
            "morpheus": True,
        },
        {"height": 3_295_500, "coeus": True},
    ),
    exceptions=_NO_EXCEPTIONS,
    fees=_POOL_FEES,
)

DEVNET = Params(
    name="devnet",
    message_prefix="DHYD message:\n",
    bip32_public=0xC1054EAF,
    bip32_private=0x4DE74147,
    byte=90,
    nethash=bytes.fromhex("30b7368d1f78264d479c3adb38246ddde7cad58e72af51f1da9b27e04f4a005d"),
    wif=85,
    slip44=1,
    aip20=1,
    ticker="DHYD",
    symbol="DĦ",
    explorer="https://dev.explorer.hydraledger.tech",
    epoch=1564646400,  # 2019-08-01T08:00Z
    milestones=(
        _first_milestone("2019-08-01T08:00:00.000Z", vendorFieldLength=255),
        {"height": 50_401, "reward": 8 * COIN},
        {
            "height": 1_147_100,
            "aip11": True,
            "htlcEnabled": True,
            "p2p": _MINIMUM_PEERS,
            "morpheus": True,
        },
        {"height": 2_488_500, "coeus": True},
    ),
    exceptions=_NO_EXCEPTIONS,
    fees=_TEST_POOL_FEES,
)

TESTNET = Params(
    name="testnet",
    message_prefix="HYD message:\n",
    bip32_public=0xC105666A,
    bip32_private=0x4DE7576D,
    byte=128,
    nethash=bytes.fromhex("4e0c60c1aac313d3c6b6dec58dc73b0a7ef4a8ead50b714b94be7d22f6e3e4aa"),
    wif=179,
    slip44=1,
    aip20=0,
    ticker="THYD",
    symbol="TĦ",
    explorer="https://test.explorer.hydraledger.tech",
    epoch=1564646400,  # 2019-08-01T08:00Z
    milestones=(
        _first_milestone(
            "2019-08-01T08:00:00.000Z", multiPaymentLimit=256, vendorFieldLength=255, aip11=False
        ),
        {"height": 2, "aip11": True, "htlcEnabled": True},
        {"height": 50, "coeus": True, "morpheus": True},
        {"height": 7_201, "reward": 8 * COIN},
    ),
    exceptions={},
    fees=_TEST_POOL_FEES,
)

LOCAL_MILESTONES: tuple[Mapping[str, Json], ...] = (
    _first_milestone(
        "2019-08-01T08:00:00.000Z",
        multiPaymentLimit=256,
        vendorFieldLength=255,
        aip11=True,
        htlcEnabled=True,
        coeus=True,
        morpheus=True,
        board=True,
    ),
    {"height": 7_201, "reward": 8 * COIN},
)

NETWORKS = {"mainnet": MAINNET, "devnet": DEVNET, "testnet": TESTNET}


def find_params(name: str) -> Params:
    """The published parameters of `mainnet`, `devnet` or `testnet`. Raises MissingError for other names."""
    try:
        return NETWORKS[name]
    except KeyError:
        raise MissingError(
            f"no network named {name!r}", hint="one of mainnet, devnet, testnet"
        ) from None
