"""The state hash and proofs under /iop/v1; handlers as in `iop.daemon.routes.morpheus`."""

from __future__ import annotations

from iop.codec.form import parse_form
from iop.daemon.http.description import (
    ANYTHING,
    HEX_ID,
    NATURAL,
    NULL,
    TEXT,
    describe,
    either,
    list_of,
    record_of,
    text_like,
)
from iop.daemon.http.reply import Reply, encode, refuse
from iop.errors import DataError, MissingError
from iop.ledger.block import HEADER_SIZE, SIGNATURE_SIZE, compute_block_id, encode_block
from iop.ledger.proof import newest_provable, prove, to_record
from iop.ledger.row import TABLES, read_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Params, Router
    from iop.ledger.block import Block
    from iop.ledger.state import State

    class Blocks(Protocol):
        """Blocks by height."""

        def block_at(self, height: int) -> Block | None: ...

    class View(Protocol):
        """What the handlers read; `attest` waits for the header that covers the newest state, where one can be had at once."""

        state: State

        @property
        def chain(self) -> Blocks: ...
        async def attest(self) -> None: ...


PREFIX = "/iop/v1"
STATE, HEADER = "iop.state/1", "iop.header/1"
LONGEST_KEY = 4096  # characters
_HEX = text_like("^([0-9a-f]{2})*$", "00")
_HEIGHT = text_like("^[0-9]{1,15}$", "1")


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", PREFIX + "/state", get_state)
    router.add("GET", PREFIX + "/header/{height}", get_header)
    router.add("GET", PREFIX + "/proof/{table}/{key?}", get_proof)


@describe(
    record_of(
        "state",
        height=NATURAL,
        blockId=HEX_ID,
        stateHash=HEX_ID,
        rows=NATURAL,
        provableHeight=either(NATURAL, NULL),
    )
)
def get_state(view: View, _params: Params, _body: Json) -> Reply:
    """Where the chain stands: newest block, the state hash after it, and the newest height that a header attests."""
    state = view.state
    return encode(
        {
            "type": STATE,
            "height": state.height,
            "blockId": state.block_id.hex(),
            "stateHash": state.state_hash.hex(),
            "rows": len(state.tree),
            "provableHeight": newest_provable(state),
        }
    )


@describe(
    record_of(
        "header",
        height=NATURAL,
        id=HEX_ID,
        nethash=HEX_ID,
        producer=_HEX,
        stateHash=HEX_ID,
        header=_HEX,
    ),
    params={"height": _HEIGHT},
    errors=(404,),
)
def get_header(view: View, params: Params, _body: Json) -> Reply:
    """The header of a block with its signature: what a light client trusts."""
    height = _read_height(params["height"])
    block = None if height is None else view.chain.block_at(height)
    if block is None:
        return refuse(404, f"no block of height {params['height'][:20]}")
    data = encode_block(block)[: HEADER_SIZE + SIGNATURE_SIZE]
    return encode(
        {
            "type": HEADER,
            "height": block.height,
            "id": compute_block_id(block, view.state.params).hex(),
            "nethash": view.state.params.nethash.hex(),
            "producer": block.producer.hex(),
            "stateHash": block.state.hex(),
            "header": data.hex(),
        }
    )


@describe(
    record_of(
        "proof",
        table=TEXT,
        key=TEXT,
        value=ANYTHING,
        height=NATURAL,
        nethash=HEX_ID,
        header=_HEX,
        siblings=list_of(_HEX),
        other=either(list_of(_HEX), NULL),
    ),
    params={"table": {"enum": list(TABLES)}, "key": TEXT},
    query={"height": NATURAL},
    errors=(404, 422),
)
async def get_proof(view: View, params: Params, _body: Json) -> Reply:
    """The proof of a row, or of its absence, at the newest attested height or at one of the last 64."""
    table, text = params["table"], params.get("key") or ""
    if table not in TABLES:
        return refuse(404, f"no table {table[:40]!r}, there are {', '.join(TABLES)}")
    if len(text) > LONGEST_KEY:
        return refuse(422, f"key of at most {LONGEST_KEY} characters expected")
    asked = dict(parse_form(params.query)).get("height")
    height = None if asked is None else _read_height(asked)
    if asked is not None and height is None:
        return refuse(422, f"height {asked[:20]!r} is no whole number")
    try:
        key = read_key(table, text)
    except DataError as error:
        return refuse(422, error.message)
    if height is None:
        await view.attest()
    try:
        return encode(to_record(prove(view.state, table, key, height)))
    except MissingError as error:
        return refuse(404, error.message)
    except DataError as error:  # of keys that are parsed, as public keys are
        return refuse(422, error.message)


def _read_height(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
