"""The registry of names: rules that a chain relies on, quirks of reverts, what the recorded scenarios do not reach."""

from __future__ import annotations

import pytest

from iop.codec.json import parse_json
from iop.conform.coeus import open_names
from iop.daemon.http.dispatch import Request
from iop.errors import DataError, MissingError, SchemaError, VerifyError
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import Asset, sign_bundle
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.operation import from_record
from iop.ledger.coeus.registry import Registry
from iop.ledger.coeus.row import encode_domain, parse_domain, walk

ANNA, BELA = SecretKey("e", b"\1" * 32), SecretKey("s", b"\2" * 32)
A, B = str(ANNA.public()), str(BELA.public())


def answer(registry: Registry, method: str, path: str):
    reply = open_names(registry).answer(Request(method, path))
    return reply.status, parse_json(reply.body)


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


def register(name: str, owner: str = A, **more: object) -> dict:
    return {
        "type": "register",
        "name": name,
        "owner": owner,
        "subtreePolicies": {},
        "registrationPolicy": "owner",
        "data": {},
        "expiresAtHeight": 1000,
    } | more


class Chain:
    """A registry with nonces kept, so that a test says only what it is about."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.registry.apply_block(10)
        self.count = 0
        self.assets: dict[str, Asset] = {}

    def send(self, *records: dict, by: SecretKey = ANNA) -> str:
        self.count += 1
        nonce = self.registry.last_nonce(by.public()) + 1
        asset = Asset((sign_bundle(by, tuple(map(from_record, records)), nonce),))
        txid = f"t{self.count}"
        self.assets[txid] = asset
        self.registry.apply_transaction(txid, asset)
        return txid

    def refuse(self, *records: dict, by: SecretKey = ANNA) -> str:
        before = dump(self.registry)
        with pytest.raises(VerifyError) as caught:
            self.send(*records, by=by)
        assert self.registry.statuses.pop(f"t{self.count}")[1] is False
        assert dump(self.registry) == before
        return caught.value.message

    def data(self, name: str) -> object:
        return self.registry.resolve(parse_name(name))


@pytest.fixture
def chain() -> Chain:
    made = Chain()
    made.send(register(".schema.a"))
    return made


def test_the_root_is_out_of_reach(chain: Chain) -> None:
    assert chain.refuse(register("")) == "Cannot register root domain"
    assert chain.refuse({"type": "delete", "name": ""}) == "System principal cannot be impersonated"
    assert chain.registry.children_of(parse_name("")) == ["schema"]
    assert chain.data("") == {}


def test_children_of_others(chain: Chain) -> None:
    refusal = chain.refuse(register(".schema.a.x", B), by=BELA)
    assert refusal == f"Only {A} can register a child of .schema.a"
    chain.send(register(".schema.b", registrationPolicy="any"))
    chain.send(register(".schema.b.x", B), by=BELA)
    missing = chain.refuse(register(".schema.q.x"))
    assert missing == "Cannot find domain with name .schema.q"


def test_delete_twice_in_a_bundle(chain: Chain) -> None:
    delete = {"type": "delete", "name": ".schema.a"}
    assert chain.refuse(delete, delete) == "Attempt to delete nonexisting child: a"


def test_an_expired_name_is_replaced_with_all_below_it(chain: Chain) -> None:
    chain.send(register(".schema.a.x", data={"type": "string"}))
    chain.registry.apply_block(1000 + 216_000)
    height = chain.registry.last_seen_height
    txid = chain.send(register(".schema.a", B, expiresAtHeight=height + 1), by=BELA)
    assert chain.registry.children_of(parse_name(".schema.a")) == []
    chain.registry.revert_transaction(txid, chain.assets[txid])
    assert chain.registry.children_of(parse_name(".schema.a")) == ["x"]
    assert chain.registry.metadata_of(parse_name(".schema.a"))["owner"] == A


def test_delete_and_back(chain: Chain) -> None:
    chain.send(register(".schema.a.x"), register(".schema.a.x.y"))
    before = dump(chain.registry)
    txid = chain.send({"type": "delete", "name": ".schema.a"})
    with pytest.raises(MissingError, match="Edge a was not found for domain .schema.a.x"):
        chain.data(".schema.a.x")
    chain.registry.revert_transaction(txid, chain.assets[txid])
    after = dump(chain.registry)
    assert (after[:4], after[5:]) == (before[:4], before[5:])


def test_expiration_sum_does_not_wrap(chain: Chain) -> None:
    chain.send(register(".schema.b", subtreePolicies={"expiration": 2**32 - 1}))
    chain.send({"type": "update", "name": ".schema.b", "data": {"title": "x"}})
    assert chain.data(".schema.b") == {"title": "x"}


def test_grace_sum_does_not_wrap(chain: Chain) -> None:
    chain.send({"type": "renew", "name": ".schema.a", "expiresAtHeight": 2**32 - 1})
    chain.registry.apply_block(2**32 - 1)
    with pytest.raises(MissingError, match="Edge schema in domain .schema.a expired"):
        chain.data(".schema.a")
    refusal = chain.refuse(register(".schema.a", B, expiresAtHeight=2**32 - 1), by=BELA)
    assert refusal == "Expired domain .schema.a in grace period exists"


@pytest.mark.parametrize("height", [-1, 2**32])
def test_heights_have_32_bits(height: int) -> None:
    with pytest.raises(DataError, match="32 bits"):
        Registry().apply_block(height)


def test_block_revert_over_a_transaction_corrupts(chain: Chain) -> None:
    with pytest.raises(VerifyError, match="the operation undone was not reducing the block height"):
        chain.registry.revert_block(10)
    assert chain.registry.is_corrupted
    assert chain.registry.children_of(parse_name(".schema")) == []
    for change in (
        lambda: chain.registry.apply_block(11),
        lambda: chain.registry.revert_block(10),
        lambda: chain.registry.apply_transaction("t", Asset(())),
        lambda: chain.registry.check_transaction(Asset(())),
        lambda: chain.registry.revert_transaction("t", Asset(())),
    ):
        with pytest.raises(VerifyError, match="Coeus state is corrupt"):
            change()


def test_block_revert_at_the_start() -> None:
    registry = Registry()
    with pytest.raises(VerifyError, match="Cannot undo to version 18446744073709551615 anymore"):
        registry.revert_block(0)
    assert registry.is_corrupted


def test_forgotten_changes_cannot_be_taken_back(chain: Chain) -> None:
    txid = chain.send(register(".schema.b"))
    version = chain.registry.version
    chain.registry.forget_undo(version)
    chain.registry.forget_undo(0)
    assert (chain.registry.version, chain.registry.journal) == (version, [])
    with pytest.raises(VerifyError, match=f"Cannot undo to version {version - 1} anymore"):
        chain.registry.revert_transaction(txid, chain.assets[txid])
    assert chain.registry.is_corrupted


def test_a_rejected_transaction_may_take_a_block_with_it(chain: Chain) -> None:
    """Only counts are compared: one operation that never ran, one block that did."""
    asset = Asset((sign_bundle(ANNA, (from_record({"type": "delete", "name": ".schema.q"}),), 2),))
    with pytest.raises(VerifyError):
        chain.registry.apply_transaction("rejected", asset)
    chain.registry.apply_block(11)
    chain.registry.revert_transaction("rejected", asset)
    assert chain.registry.last_seen_height == 10


def test_check_leaves_no_trace(chain: Chain) -> None:
    before = dump(chain.registry)
    good = Asset((sign_bundle(ANNA, (from_record(register(".schema.b")),), 2),))
    bad = Asset((*good.bundles, sign_bundle(BELA, (), 2)))
    chain.registry.check_transaction(good)
    with pytest.raises(VerifyError, match="Invalid nonce 2, expected 1"):
        chain.registry.check_transaction(bad)
    assert dump(chain.registry) == before


def test_answers_are_the_readers_own(chain: Chain) -> None:
    chain.send(
        register(".schema.b", data={"title": "x"}, subtreePolicies={"schema": {"title": "y"}})
    )
    name = parse_name(".schema.b")
    chain.registry.resolve(name)["title"] = "changed"
    chain.registry.metadata_of(name)["subtreePolicies"]["schema"]["title"] = "changed"
    assert chain.registry.resolve(name) == {"title": "x"}
    assert chain.registry.metadata_of(name)["subtreePolicies"] == {"schema": {"title": "y"}}


def test_schema_below(chain: Chain) -> None:
    assert (
        chain.refuse(register(".schema.b", subtreePolicies={"schema": {"foo": 1}}))
        == "Domain .schema.b has invalid schema"
    )
    chain.send(
        register(".schema.b", subtreePolicies={"schema": {"required": ["n"]}}, data={"n": 1})
    )
    refusal = chain.refuse({"type": "update", "name": ".schema.b", "data": {"m": 1}})
    assert refusal == "Domain .schema.b data does not match schema of .schema.b"


def test_schemas_cannot_hold_a_node_up(chain: Chain) -> None:
    doubling = {
        "definitions": {
            str(n): {"allOf": [{"$ref": f"#/definitions/{n + 1}"}] * 2} for n in range(60)
        }
        | {"60": {}},
        "$ref": "#/definitions/0",
    }
    refusal = chain.refuse(register(".schema.b", subtreePolicies={"schema": doubling}))
    assert refusal == "Domain .schema.b data is too much work for schema of .schema.b"
    endless = {"allOf": [{"$ref": "#"}]}
    refusal = chain.refuse(register(".schema.b", subtreePolicies={"schema": endless}))
    assert refusal == "Domain .schema.b data is too much work for schema of .schema.b"


def test_nonces_of_failed_transactions_stay_used(chain: Chain) -> None:
    good = sign_bundle(ANNA, (from_record(register(".schema.b")),), 2)
    asset = Asset((good, sign_bundle(BELA, (), 9)))
    with pytest.raises(VerifyError, match="Invalid nonce 9, expected 1"):
        chain.registry.apply_transaction("t", asset)
    assert chain.registry.last_nonce(ANNA.public()) == 2
    assert chain.registry.children_of(parse_name(".schema")) == ["a"]
    assert chain.registry.is_confirmed("t") is False
    with pytest.raises(VerifyError, match="Invalid nonce 2, expected 3"):
        chain.registry.apply_transaction("u", asset)


def test_answers() -> None:
    chain = Chain()
    chain.send(register(".schema.b", data={"title": "x"}))
    registry = chain.registry
    assert answer(registry, "GET", "/coeus/v1/resolve/.schema.b") == (200, {"data": {"title": "x"}})
    assert answer(registry, "GET", "/coeus/v1/resolve/%2Eschema%2eb")[0] == 200
    assert answer(registry, "GET", "/coeus/v1/children/.schema") == (200, {"children": ["b"]})
    assert answer(registry, "GET", f"/coeus/v1/last-nonce/{A}") == (200, {"nonce": "1"})
    assert answer(registry, "GET", "/coeus/v1/txn-status/t1") == (200, True)
    status, body = answer(registry, "GET", "/coeus/v1/metadata/.schema.q")
    assert status == 404
    assert body["message"] == (
        "Cannot get metadata for .schema.q. Error: Cannot find domain with name .schema.q"
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/coeus/v1", 404),
        ("/coeus/v1/", 404),
        ("/coeus/v2/resolve/.schema", 404),
        ("/coeus/v1/resolve", 404),
        ("/coeus/v1/resolve/", 404),
        ("/coeus/v1/resolve/.", 404),
        ("/coeus/v1/resolve/%2E", 404),
        ("/coeus/v1/resolve/.schema/x", 404),
        ("/coeus/v1/nothing/.schema", 404),
        ("/coeus/v1/resolve/schema", 500),
        ("/coeus/v1/children/.Bad", 500),
        ("/coeus/v1/metadata/...", 500),
        ("/coeus/v1/last-nonce/garbage", 500),
        ("/coeus/v1/last-nonce/%C3%A9", 500),
        ("/coeus/v1/resolve/%", 400),
        ("/coeus/v1/resolve/%zz", 400),
        ("/coeus/v1/resolve/%ff", 400),
        ("/coeus/v1/txn-status/%00", 404),
    ],
)
def test_refused_paths(path: str, status: int) -> None:
    got, body = answer(Registry(), "GET", path)
    assert got == status
    assert body["statusCode"] == status
    assert answer(Registry(), "POST", path)[0] == (400 if status == 400 else 404)


ROW = [A, None, [], False, 9, {}]


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        ROW[:5],
        ["x", *ROW[1:]],
        [A, -1, *ROW[2:]],
        [A, "1", *ROW[2:]],
        [A, None, [{}, {}], *ROW[3:]],
        [A, None, 5, *ROW[3:]],
        [A, None, [], 1, 9, {}],
        [A, None, [], False, 2**32, {}],
    ],
)
def test_broken_rows(row: object) -> None:
    with pytest.raises(SchemaError, match="not the row of a name"):
        parse_domain(row)


def test_rows_of_a_deep_name() -> None:
    chain = Chain()
    name = ".schema"
    for _ in range(150):
        chain.send(*[register(name := name + ".x") for _ in range(10)])
    found = [(str(name), encode_domain(domain)) for name, domain in walk(chain.registry.root)]
    assert len(found) == 1502
    for _, text in found:
        assert encode_domain(parse_domain(parse_json(text))) == text
