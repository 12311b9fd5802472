"""The registry of names against its slow reference: random blocks, bundles, reverts, dry runs and reloads."""

from __future__ import annotations

import importlib.util
import os

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from iop.errors import MissingError, VerifyError
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import asset_from_record, bundle_to_record, sign_bundle
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.operation import from_record
from iop.ledger.coeus.registry import Registry
from iop.ledger.coeus.row import encode_domain, walk
from iop.ledger.coeus_schema.metaschema import DRAFT6


def load_reference():
    path = os.path.join(os.path.dirname(__file__), "..", "spec", "coeus_reference.py")
    spec = importlib.util.spec_from_file_location("coeus_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load_reference()

SECRETS = [SecretKey("e", bytes([n]) * 32) for n in range(1, 4)]
OWNERS = [str(secret.public()) for secret in SECRETS]
TOP = ["", ".schema", ".top"]
NAMES = [f".schema.{a}" for a in "ab"]
BELOW = [f"{name}.{b}" for name in NAMES for b in "xy"]
DEEP = [".schema.a.x.y", ".schema.a.x.x", ".schema.b.x.x", ".schema.q.x"]
ALL = TOP + NAMES + BELOW + DEEP
DATA = [
    {},
    {},
    {"type": "object"},
    {"type": "string", "n": 1},
    {"type": "bogus"},
    [1],
    7,
    True,
    "text",
]
SCHEMAS = [
    {"type": "object"},
    {"required": ["n"]},
    {"type": 7},
    {"properties": {"n": {"type": "string"}}},
]
heights = st.sampled_from([0, 1, 3, 6, 30, 40, 300_000, 5_256_005, 2**32 - 1])


@st.composite
def policies(draw: st.DrawFn) -> dict:
    made = {}
    if draw(st.integers(0, 4)) == 0:
        made["expiration"] = draw(st.sampled_from([5, 5_255_999, 5_256_000, 6_000_000]))
    if draw(st.integers(0, 4)) == 0:
        made["schema"] = draw(st.sampled_from(SCHEMAS))
    return made


def owned_by(domain: dict, signer: str, name: str = "") -> list[str]:
    found = [name] if domain["owner"] == signer else []
    for edge, child in domain["children"].items():
        found += owned_by(child, signer, f"{name}.{edge}")
    return found


@st.composite
def operations(draw: st.DrawFn, signer: str, state: dict) -> dict:
    """Mostly something that may succeed: a change of what the signer owns, a name below .schema or below that."""
    owned = owned_by(state["root"], signer)
    kind = draw(
        st.sampled_from(["register"] * 3 + ["update", "update", "renew", "transfer", "delete"])
    )
    if not owned and draw(st.integers(0, 4)):
        kind = "register"
    honest = draw(st.integers(0, 5))
    if kind == "register" and honest:
        name = draw(
            st.sampled_from(NAMES + [f"{name}.{edge}" for name in owned for edge in "xy"][:6])
        )
    elif honest and owned:
        name = draw(st.sampled_from(owned))
    else:
        name = draw(st.sampled_from(ALL))
    record = {"type": kind, "name": name}
    if kind == "register":
        record["owner"] = signer if honest else draw(st.sampled_from([*OWNERS, "system"]))
        record["subtreePolicies"] = draw(policies())
        record["registrationPolicy"] = draw(st.sampled_from(["owner", "owner", "any"]))
    if kind in ("register", "update"):
        record["data"] = draw(st.sampled_from(DATA))
    if kind in ("register", "renew"):
        record["expiresAtHeight"] = min(state["height"] + draw(heights), 2**32 - 1)
    if kind == "transfer":
        record["toOwner"] = draw(st.sampled_from([*OWNERS, *OWNERS, *OWNERS, "system"]))
    return record


def outcome(call, *arguments):
    try:
        return call(*arguments)
    except (VerifyError, MissingError) as exc:
        return f"refused: {exc.message}"
    except reference.Refused as exc:
        return f"refused: {exc}"


def dump(registry: Registry) -> tuple:
    """Everything that the registry holds."""
    return (
        registry.last_seen_height,
        registry.is_corrupted,
        registry.first_version,
        [(str(name), encode_domain(domain)) for name, domain in walk(registry.root)],
        dict(registry.nonces),
        dict(registry.statuses),
        list(registry.journal),
    )


class CoeusMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.registry = Registry()
        self.model = reference.CoeusReference()
        self.done: list[tuple] = []
        self.count = 0

    def both(self, verb: str, model_arguments: tuple, arguments: tuple) -> object:
        got = outcome(getattr(self.registry, verb), *arguments)
        wanted = outcome(getattr(self.model, verb), *model_arguments)
        assert got == wanted
        return got

    @rule(step=st.sampled_from([0, 1, 1, 2, 5, 20, 216_000]))
    def block(self, step: int) -> None:
        height = self.registry.last_seen_height + step
        if self.both("apply_block", (height,), (height,)) is None:
            self.done.append((height,))

    @rule(draw=st.data())
    def transaction(self, draw: st.DataObject) -> None:
        self.count += 1
        used = dict(self.model.nonces)
        bundles = []
        for _ in range(draw.draw(st.sampled_from([1, 1, 1, 1, 2, 2, 0]))):
            secret = draw.draw(st.sampled_from(SECRETS))
            signer = str(secret.public())
            some = st.lists(operations(signer, self.model.state), min_size=1, max_size=3)
            made = draw.draw(some) if draw.draw(st.integers(0, 19)) else []
            nonce = used.get(signer, 0) + (1 if draw.draw(st.integers(0, 19)) else 2)
            used[signer] = nonce
            bundle = bundle_to_record(sign_bundle(secret, tuple(map(from_record, made)), nonce))
            if draw.draw(st.integers(0, 19)) == 19:
                bundle["nonce"] += 1
            bundles.append(bundle)
        txid = f"t{self.count if draw.draw(st.integers(0, 9)) else max(self.count - 1, 1)}"
        record = {"bundles": bundles}
        asset = asset_from_record(record)
        before = dump(self.registry)
        checked = outcome(self.registry.check_transaction, asset)
        assert dump(self.registry) == before
        got = self.both("apply_transaction", (txid, record), (txid, asset))
        assert got == checked
        if got is None:
            self.done.append((txid, record))

    @precondition(lambda self: self.done)
    @rule(times=st.integers(1, 4))
    def take_back(self, times: int) -> None:
        """The newest changes in order, as a chain does."""
        for _ in range(min(times, len(self.done))):
            first, *rest = self.done.pop()
            if rest:
                arguments = (first, asset_from_record(rest[0]))
                self.both("revert_transaction", (first, rest[0]), arguments)
            else:
                self.both("revert_block", (first,), (first,))

    @precondition(lambda self: self.count >= 8)
    @rule(back=st.integers(1, 3), off=st.integers(0, 1), txid=st.integers(1, 20))
    def spoil(self, back: int, off: int, txid: int) -> None:
        """Reverts in any order, which mostly corrupt."""
        if txid % 2:
            height = self.registry.last_seen_height + off
            self.both("revert_block", (height,), (height,))
            return
        changes = [change for change in self.done if len(change) == 2][-back:]
        record = changes[0][1] if changes else {"bundles": []}
        self.both(
            "revert_transaction", (f"t{txid}", record), (f"t{txid}", asset_from_record(record))
        )

    @invariant()
    def same(self) -> None:
        assert self.registry.version == self.model.version
        assert self.registry.last_seen_height == self.model.state["height"]
        assert self.registry.is_corrupted == self.model.corrupted
        assert self.registry.statuses == self.model.statuses
        for secret, owner in zip(SECRETS, OWNERS, strict=True):
            assert self.registry.last_nonce(secret.public()) == self.model.nonces.get(owner, 0)
        for text in ALL:
            name = parse_name(text)
            assert outcome(self.registry.resolve, name) == outcome(self.model.resolve, text)
            assert outcome(self.registry.children_of, name) == outcome(self.model.children, text)
            metadata = outcome(self.registry.metadata_of, name)
            if text == ".schema":
                assert metadata["subtreePolicies"].pop("schema") == DRAFT6
                metadata["subtreePolicies"]["schema"] = "DRAFT 6"
            assert metadata == outcome(self.model.metadata, text)


TestCoeus = CoeusMachine.TestCase
TestCoeus.settings = settings(max_examples=70, stateful_step_count=30, deadline=None)
