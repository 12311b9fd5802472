"""A sparse Merkle tree that never changes: keys of 32 bytes to value hashes of 32 bytes, one root hash for all of them.

The bits of a key, the most significant first, lead from the root to its leaf, which stands at the shallowest place where no other
key shares its prefix. So the tree's shape, and its root, depend on what it holds and not on the way it came about.

    leaf = SHA-256(00 ‖ key ‖ value hash)     node = SHA-256(01 ‖ left ‖ right)     nothing = 32 zero bytes, the empty tree's root too

An update gives a new tree that shares with the old one what it left alone; both stay usable. A proof says with a root alone what a key's
value hash is, or that the key is not there. Keys should be hashes: two that share n bits cost n hashes.
"""

from __future__ import annotations

from iop.codec import kernel
from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Node = tuple[bytes, Any, Any] | None  # hash and both sides; hash, key and value hash of a leaf
    Item = tuple[bytes, bytes | None]

SIZE = 32  # bytes of keys, values and hashes
BITS = 8 * SIZE
NOTHING = bytes(SIZE)


@value
class Proof:
    """The way to a key's place in a tree.

    `siblings`: at most 256 hashes of 32 bytes, from the root down, each of the side not taken. `other`: key and value hash of the
    leaf that stands at the end of the way, when it is another key's (absence only). DecodeError for other sizes.
    """

    siblings: tuple[bytes, ...]
    other: tuple[bytes, bytes] | None = None

    def __check__(self) -> None:
        if len(self.siblings) > BITS:
            raise DecodeError(f"a proof has at most {BITS} siblings, got {len(self.siblings)}")
        if self.other is not None and len(self.other) != 2:
            raise DecodeError(
                f"another leaf is a key and a value hash, got {len(self.other)} parts"
            )
        for data in (*self.siblings, *(self.other or ())):
            if type(data) is not bytes or len(data) != SIZE:
                raise DecodeError(f"hashes of a proof are {SIZE} bytes, got {_tell(data)}")


class Tree:
    """A tree; `EMPTY` is the one to start from."""

    __slots__ = ("_kernel",)

    def __init__(self, inner: Any = None) -> None:
        self._kernel = inner

    def __len__(self) -> int:
        """How many keys it holds."""
        return 0 if self._kernel is None else len(self._kernel)

    @property
    def root(self) -> bytes:
        """The root hash, 32 bytes."""
        return NOTHING if self._kernel is None else self._kernel.root

    def get(self, key: bytes) -> bytes | None:
        """The value hash of a key, None when it is not there. DataError for a key that is not 32 bytes."""
        found: bytes | None = self._open().get(key)
        return found

    def update(self, changes: Mapping[bytes, bytes | None]) -> Tree:
        """The tree after all changes at once: a value hash sets its key, None removes it (or has no effect).

        DataError for keys and value hashes that are not 32 bytes.
        """
        return Tree(self._open().update(changes if type(changes) is dict else dict(changes)))

    def prove(self, key: bytes) -> Proof:
        """The proof of what `get` answers. DataError for a key that is not 32 bytes."""
        return Proof(*self._open().prove(key))

    def _open(self) -> Any:
        """Trees that grow out of one another keep to one implementation; the empty one takes what runs now."""
        if self._kernel is not None:
            return self._kernel
        compiled = kernel.find_crypto()
        return _Reference(None, 0) if compiled is None else compiled.SparseTree()


EMPTY = Tree()


def is_proven(root: bytes, key: bytes, value_hash: bytes | None, proof: Proof) -> bool:
    """True when the proof shows that a tree of that root holds the value hash under the key, or with None that it lacks the key.

    A tree has one proof for each key. Roots, keys and value hashes that are not 32 bytes are False.
    """
    if not len(root) == len(key) == SIZE:
        return False
    depth = len(proof.siblings)
    # A leaf with nothing beside it stands higher up, and no node has two empty sides.
    if depth and proof.siblings[-1] == NOTHING:
        return False
    digest = NOTHING
    if value_hash is not None:
        if len(value_hash) != SIZE or proof.other is not None:
            return False
        digest = compute_leaf(key, value_hash)
    elif proof.other is not None:
        if proof.other[0] == key or _shared_bits(proof.other[0], key) < depth:
            return False
        digest = compute_leaf(*proof.other)
    bits = int.from_bytes(key, "big") >> (BITS - depth)
    for sibling in reversed(proof.siblings):
        digest = compute_node(sibling, digest) if bits & 1 else compute_node(digest, sibling)
        bits >>= 1
    return digest == root


def compute_leaf(key: bytes, value_hash: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + key + value_hash)


def compute_node(left: bytes, right: bytes) -> bytes:
    """The hash of a node, at least one side of which holds something."""
    return sha256(b"\1" + left + right)


def _shared_bits(one: bytes, other: bytes) -> int:
    return BITS - (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_length()


def _tell(data: object) -> str:
    return str(len(data)) if isinstance(data, bytes) else type(data).__name__


def _check(data: object, what: str) -> None:
    if type(data) is not bytes or len(data) != SIZE:
        raise DataError(f"a tree's {what} is {SIZE} bytes, got {_tell(data)}")


class _Reference:
    """The tree in Python: every node of the definition, as a tuple."""

    __slots__ = ("_count", "_top")

    def __init__(self, top: Node, count: int) -> None:
        self._top = top
        self._count = count

    def __len__(self) -> int:
        return self._count

    @property
    def root(self) -> bytes:
        return NOTHING if self._top is None else self._top[0]

    def get(self, key: bytes) -> bytes | None:
        _check(key, "key")
        node, _ = self._follow(key)
        found: bytes | None = node[2] if node is not None and node[1] == key else None
        return found

    def update(self, changes: dict[bytes, bytes | None]) -> _Reference:
        for key, value_hash in changes.items():
            _check(key, "key")
            if value_hash is not None:
                _check(value_hash, "value")
        top, added = _update(self._top, sorted(changes.items()), 0)
        return _Reference(top, self._count + added)

    def prove(self, key: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, bytes] | None]:
        _check(key, "key")
        node, siblings = self._follow(key)
        other = None if node is None or node[1] == key else (node[1], node[2])
        return tuple(siblings), other

    def _follow(self, key: bytes) -> tuple[Node, list[bytes]]:
        """The leaf or nothing at the end of a key's way, and the hashes beside it from the root down."""
        node = self._top
        siblings: list[bytes] = []
        while node is not None and not _is_leaf(node):
            side = _bit(key, len(siblings))
            _, *sides = node
            beside = sides[1 - side]
            siblings.append(NOTHING if beside is None else beside[0])
            node = sides[side]
        return node, siblings


def _bit(key: bytes, depth: int) -> int:
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def _is_leaf(node: tuple[bytes, Any, Any]) -> bool:
    return type(node[1]) is bytes


def _update(node: Node, items: list[Item], depth: int) -> tuple[Node, int]:
    """The node after the sorted changes, and how many leaves it gained."""
    if not items:
        return node, 0
    if node is None or _is_leaf(node):
        before = {} if node is None else {node[1]: node[2]}
        held = before | dict(items)
        leaves = sorted((key, found) for key, found in held.items() if found is not None)
        return _build(leaves, depth), len(leaves) - len(before)
    zeros = _split(items, depth)
    left, more = _update(node[1], items[:zeros], depth + 1)
    right, most = _update(node[2], items[zeros:], depth + 1)
    return _join(left, right), more + most


def _build(leaves: list[tuple[bytes, bytes]], depth: int) -> Node:
    if not leaves:
        return None
    if len(leaves) == 1:
        return compute_leaf(*leaves[0]), *leaves[0]
    zeros = _split(leaves, depth)
    return _join(_build(leaves[:zeros], depth + 1), _build(leaves[zeros:], depth + 1))


def _join(left: Node, right: Node) -> Node:
    if left is None and (right is None or _is_leaf(right)):
        return right
    if right is None and left is not None and _is_leaf(left):
        return left
    sides = [NOTHING if side is None else side[0] for side in (left, right)]
    return compute_node(*sides), left, right


def _split(items: list[Any], depth: int) -> int:
    """How many of the sorted items have a 0 at a bit."""
    return next((at for at, item in enumerate(items) if _bit(item[0], depth)), len(items))
