"""The board: signed statements that anybody may post and nobody can take down (type group 4244, type 1).

A statement is a signed document of morpheus 7, `{"content": …, "signature": {"publicKey", "bytes"}}`, and nothing beside. Its content is an
object with a text `type`, as `iop.vote/1`, and may name its `issuer`, a DID of the method morpheus or a link to one of its keys;
where it does not, the signer's public key stands for the issuer. The board knows who signed and no more: whether the key had
the right to speak for that DID at that height is for readers to judge.

So that all nodes agree, and every client reads what was signed: numbers are whole and at most 2^53 - 1 either way, texts and
names are in Unicode NFKD, containers nest at most 32 deep, keys and signatures are in base58btc, signatures hold by the strict
rule and have low S. A statement has at most 65,536 bytes: those of its canonical text. A transaction carries a batch, in bytes the
canonical text of `{"statements": […]}` behind its length.

The id of a statement is the bytes id (morpheus 6.3) of the canonical text of `{"content": …, "publicKey": …}`; it stands on the
board once. Not the content's own id: that is the same for every signer, and for a copy in which somebody masked a part, so
whoever is quick could keep another's statement off the board. Nor the signature: who signs twice has said it once.
"""

from __future__ import annotations

from iop.claim.signed import from_record as read_signed
from iop.codec.base64 import encode_base64url, parse_base64url
from iop.codec.json import encode_json, parse_json
from iop.codec.text import compute_content_id_text, encode_canonical_text
from iop.codec.unicode import is_nfkd
from iop.crypto.batch import ECDSA, ED25519, verify_many
from iop.crypto.hash import sha3_256, sha256
from iop.crypto.secp256k1 import is_low_s
from iop.did.identifier import PREFIX, parse_key_link
from iop.errors import DataError, DecodeError, LimitError, SchemaError
from iop.keys.multicipher import SECP256K1, PublicKey, Signature
from iop.value import remember, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.codec.json import Json
    from iop.crypto.batch import Item
    from iop.ledger.wire import Transaction

MAX_STATEMENT = 64 * 2**10  # bytes of its canonical text
MAX_STATEMENTS = 256  # in a batch: each costs every node a signature check
MAX_BATCH = 2**20 - 2**14  # bytes; with its transaction it fits a request of 1 MiB
MAX_TYPE = 64  # characters
DEEPEST = 32  # containers within one another, the statement itself being the first
MAX_NUMBER = 2**53 - 1
VERDICT = "iop.statement-verdict/1"
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_TYPE = _LETTERS | frozenset("0123456789._-/")
_FRAME = b'{"statements":[%b]}'
_ID_HEAD = "cbu"
_ID_CHARACTERS = 46
_MEMBERS = frozenset(("content", "signature"))
_PAIR = frozenset(("publicKey", "bytes"))


@value
class Statement:
    """A statement that has the form of one; whether its signature holds is told by `is_statement_valid`, once.

    id: 32 bytes. issuer: the DID it names, or the public key that signed. text: canonical text of the content, `data` of the whole.
    """

    __memo__ = ("is_signed",)

    id: bytes
    type: str
    issuer: str
    public: PublicKey
    signature: Signature
    text: bytes
    data: bytes

    def content_id(self) -> str:
        """The content's own id, which masking and other signers leave as it is (morpheus 6.3)."""
        return compute_content_id_text(self.text)


class Batch(dict[str, object]):
    """The asset of a board transaction as a record, members in canonical order, that remembers its statements and bytes."""

    __slots__ = ("data", "statements")

    def __init__(self, statements: tuple[Statement, ...], data: bytes) -> None:
        super().__init__(statements=[parse_json(each.data) for each in statements])
        self.statements = statements
        self.data = data


def encode_id(digest: bytes) -> str:
    """The text of a statement's id: `cbu` and 43 characters of base64url."""
    return _ID_HEAD + encode_base64url(digest)


def parse_id(text: str) -> bytes:
    """The 32 bytes of a statement's id. Raises DecodeError for any other text."""
    if len(text) == _ID_CHARACTERS and text.startswith(_ID_HEAD):
        try:
            digest = parse_base64url(text[len(_ID_HEAD) :])
        except DecodeError:
            digest = b""
        if encode_id(digest) == text:
            return digest
    raise DecodeError(f"id of a statement expected, cbu and 43 characters, got {text!r:.80}")


def read_statement(record: Json) -> Statement:
    """The statement of a record. Raises SchemaError, DecodeError, LimitError; the signature is not checked."""
    if not isinstance(record, dict) or record.keys() != _MEMBERS:
        raise SchemaError(
            f"statement with exactly the members content and signature expected{_got(record)}"
        )
    pair, content = record["signature"], record["content"]
    if not isinstance(pair, dict) or pair.keys() != _PAIR:
        raise SchemaError(
            f"signature with exactly the members publicKey and bytes expected{_got(pair)}"
        )
    if not isinstance(content, dict):
        raise SchemaError("content of a statement must be an object")
    _check_values(content)
    signed = read_signed(record)
    public, signature = str(signed.public), str(signed.signature)
    if (public, signature) != (pair["publicKey"], pair["bytes"]):
        raise DecodeError("public key and signature of a statement are written in base58btc (z)")
    text = _encode_content(content)
    data = b'{"content":%b,"signature":{"bytes":"%b","publicKey":"%b"}}' % (
        text,
        signature.encode(),
        public.encode(),
    )
    if len(data) > MAX_STATEMENT:
        raise LimitError(f"statement of at most {MAX_STATEMENT} bytes expected, got {len(data)}")
    named = b'{"content":%b,"publicKey":"%b"}' % (text, public.encode())
    statement = Statement(
        sha3_256(named),
        _read_type(content),
        _read_issuer(content) or public,
        signed.public,
        signed.signature,
        text,
        data,
    )
    if signed.public.suite != signed.signature.suite or not _is_low(signed.signature):
        remember(statement, "is_signed", False)  # no check would say so
    return statement


def is_statement_valid(statement: Statement) -> bool:
    """Whether the signature is the key's over the content, by the strict rule and with low S. The verdict stays with the statement."""
    verdict: bool | None = getattr(statement, "is_signed", None)
    if verdict is None:
        (verdict,) = verify_many([make_check(statement)])
        remember(statement, "is_signed", verdict)
    return verdict


def make_check(statement: Statement) -> Item:
    """What `iop.crypto.batch` is asked for the verdict of `is_statement_valid`."""
    public, signature = statement.public, statement.signature.data
    message = statement.content_id().encode()
    if public.suite == SECP256K1:
        return ECDSA, public.data, sha256(message), signature
    return ED25519, public.data, message, signature


def make_batch(statements: Iterable[Statement]) -> Batch:
    """The asset of these statements, in order. Raises SchemaError (none, or one twice), LimitError."""
    batch = tuple(statements)
    if not batch:
        raise SchemaError("a batch has at least one statement")
    if len(batch) > MAX_STATEMENTS:
        raise LimitError(f"at most {MAX_STATEMENTS} statements expected, got {len(batch)}")
    if len({each.id for each in batch}) < len(batch):
        raise SchemaError("a statement occurs twice in the batch")
    data = _FRAME % b",".join([each.data for each in batch])
    if len(data) > MAX_BATCH:
        raise LimitError(f"batch of at most {MAX_BATCH} bytes expected, got {len(data)}")
    return Batch(batch, data)


def read_batch(asset: Json) -> Batch:
    """The batch of an asset's record. Raises as `read_statement` and `make_batch`; signatures are not checked."""
    if isinstance(asset, Batch):
        return asset
    if not isinstance(asset, dict) or asset.keys() != {"statements"}:
        raise SchemaError(f"asset with exactly the member statements expected{_got(asset)}")
    records = asset["statements"]
    if not isinstance(records, list):
        raise SchemaError("statements must be a list")
    if len(records) > MAX_STATEMENTS:
        raise LimitError(f"at most {MAX_STATEMENTS} statements expected, got {len(records)}")
    found = []
    for position, record in enumerate(records):
        try:
            found.append(read_statement(record))
        except DataError as exc:
            raise type(exc)(f"statement {position}: {exc.message}") from exc
    return make_batch(found)


def parse_batch(data: bytes) -> Batch:
    """The batch of exactly these bytes, its canonical text. Raises DecodeError, SchemaError, LimitError."""
    if len(data) > MAX_BATCH:
        raise LimitError(f"batch of at most {MAX_BATCH} bytes expected, got {len(data)}")
    batch = read_batch(parse_json(data))
    if batch.data != data:
        raise DecodeError("batch of statements is not in its canonical form")
    return batch


def check_signatures(batch: Batch) -> None:
    """Nothing when every statement is signed by the key it names, else DataError that tells which one is not."""
    for position, statement in enumerate(batch.statements):
        if not is_statement_valid(statement):
            raise DataError(
                f"statement {position}: signature does not match content and public key"
            )


def statements_of(tx: Transaction) -> list[tuple[bytes, int, str, str, bytes]]:
    """Id (32 bytes), position in the batch, type, issuer and canonical text of every statement of a board transaction."""
    return [
        (each.id, position, each.type, each.issuer, each.data)
        for position, each in enumerate(read_batch(tx.asset).statements)
    ]


def judge(record: Json) -> dict[str, Json]:
    """Whether a statement may stand on the board, by itself; `error` tells why not. What else is known of it stands beside."""
    try:
        statement = read_statement(record)
    except DataError as exc:
        return {"type": VERDICT, "valid": False, "error": exc.message}
    verdict: dict[str, Json] = {
        "type": VERDICT,
        "id": encode_id(statement.id),
        "contentId": statement.content_id(),
        "statementType": statement.type,
        "issuer": statement.issuer,
        "signer": str(statement.public),
        "bytes": len(statement.data),
        "valid": is_statement_valid(statement),
    }
    if not verdict["valid"]:
        verdict["error"] = "signature does not match content and public key"
    return verdict


def split(statements: Iterable[Statement]) -> Iterator[tuple[Statement, ...]]:
    """Statements in order, in runs that each fit one batch. Raises SchemaError when one occurs twice in a run."""
    run: list[Statement] = []
    empty = size = len(_FRAME % b"") - 1  # each statement brings a comma, but for the first
    for statement in statements:
        if len(run) == MAX_STATEMENTS or size + len(statement.data) + 1 > MAX_BATCH:
            yield make_batch(run).statements
            run, size = [], empty
        size += len(statement.data) + 1
        run.append(statement)
    if run:
        yield make_batch(run).statements


def is_type(text: str) -> bool:
    """Whether a text may be the type of a statement: a letter, then up to 63 letters, digits or . _ - /"""
    return 1 <= len(text) <= MAX_TYPE and text[0] in _LETTERS and _TYPE.issuperset(text)


def _is_low(signature: Signature) -> bool:
    return signature.suite != SECP256K1 or is_low_s(signature.data)


def _read_type(content: dict[str, Json]) -> str:
    type_ = content.get("type")
    if not isinstance(type_, str) or not is_type(type_):
        raise SchemaError(
            f"content must have a type: a letter, then up to {MAX_TYPE - 1} letters, digits or . _ - /, "
            f"got {type_!r:.80}"
        )
    return type_


def _read_issuer(content: dict[str, Json]) -> str:
    """The DID that a content names as its issuer, without the link to a key; empty when it names none."""
    if "issuer" not in content:
        return ""
    issuer = content["issuer"]
    if isinstance(issuer, str) and issuer.startswith(PREFIX):
        link = issuer if "#" in issuer else f"{issuer}#0"
        try:
            did, index = parse_key_link(link)
        except DataError as exc:
            raise SchemaError(f"issuer: {exc.message:.200}") from exc
        if f"{did}#{index}" == link:
            return did
    raise SchemaError(
        f"issuer must be a DID {PREFIX}ez…, # and the index of a key may follow, got {issuer!r:.80}"
    )


def _encode_content(content: dict[str, Json]) -> bytes:
    text = encode_json(content)
    if not is_nfkd(text):
        raise SchemaError("texts and names of a statement must be in Unicode NFKD")
    return encode_canonical_text(text.encode())


def _check_values(content: dict[str, Json]) -> None:
    """Depth and values, without recursion: what comes is a stranger's."""
    level: list[Json] = [content]
    for _ in range(DEEPEST - 1):
        below: list[Json] = []
        for node in level:
            for item in node.values() if isinstance(node, dict) else node:
                if isinstance(item, dict | list):
                    below.append(item)
                elif not (item is None or isinstance(item, str | bool)):
                    _check_number(item)
        if not below:
            return
        level = below
    raise LimitError(f"statement is nested more than {DEEPEST} deep")


def _check_number(item: Json) -> None:
    if type(item) is not int or not -MAX_NUMBER <= item <= MAX_NUMBER:
        shown = getattr(item, "text", item)
        raise SchemaError(
            f"numbers of a statement are whole and at most 2^53 - 1 either way, got {shown!r:.40}"
        )


def _got(record: Json) -> str:
    if not isinstance(record, dict):
        return ""
    return f", got {', '.join(sorted(map(str, record)))[:80] or 'none'}"
