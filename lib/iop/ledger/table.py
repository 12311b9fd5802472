"""A keyed table that can be undone: the state is made of these.

Every `put` notes what stood there before, so that a block that fails leaves nothing behind and the newest blocks can be taken
back, without ever copying the table. `take_changes` is where a state hash finds its input: the keys one block touched, with
old and new value. A fork reads through to its parent and keeps its own rows: the pool and a proposer work on forks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Generic, TypeVar

    K = TypeVar("K")
    V = TypeVar("V")
else:
    K = V = object

    class Generic:
        """Stands in for `typing.Generic`, which costs start-up."""

        __slots__ = ()

        def __class_getitem__(cls, _: object) -> type:
            return cls


class Table(Generic[K, V]):
    """A mapping with a journal. Values are immutable; None is never a value, putting it removes the key."""

    __slots__ = ("_journal", "_parent", "_rows", "name")

    def __init__(self, name: str, parent: Table[K, V] | None = None) -> None:
        self.name = name
        self._parent = parent
        self._rows: dict[K, V | None] = {}
        self._journal: dict[K, V | None] = {}

    def get(self, key: K) -> V | None:
        """The value of a key, or None."""
        if key in self._rows:
            return self._rows[key]
        return None if self._parent is None else self._parent.get(key)

    def put(self, key: K, item: V | None) -> None:
        """Set a key, or remove it with None; the first old value since the last `take_changes` is noted."""
        if key not in self._journal:
            self._journal[key] = self.get(key)
        self._write(key, item)

    def take_changes(self) -> dict[K, tuple[V | None, V | None]]:
        """Key → (old, new) of everything put since the last call, in order of first touch; the journal starts afresh."""
        changes = {}
        for key, old in self._journal.items():
            new = self.get(key)
            if old != new:
                changes[key] = (old, new)
        self._journal = {}
        return changes

    def rollback(self) -> None:
        """Undo everything put since the last `take_changes`."""
        for key, old in self._journal.items():
            self._write(key, old)
        self._journal = {}

    def restore(self, changes: Mapping[K, tuple[V | None, V | None]]) -> None:
        """Undo what `take_changes` returned; only right when nothing newer stands."""
        for key, (old, _) in changes.items():
            self._write(key, old)

    def fork(self) -> Table[K, V]:
        """An empty table on top of this one: reads fall through, writes stay above."""
        return Table(self.name, self)

    def adopt(self, fork: Table[K, V]) -> None:
        """Put everything that a fork on top of this table holds, in the order in which it was first put there."""
        assert fork._parent is self
        for key, item in fork._rows.items():
            self.put(key, item)

    def forget(self, key: K) -> None:
        """Drop a fork's own row, so that the parent shows through again."""
        self._rows.pop(key, None)
        self._journal.pop(key, None)

    def keys(self) -> list[K]:
        """The keys of all rows, in one step."""
        return list(self._rows) if self._parent is None else [key for key, _ in self.items()]

    def items(self) -> Iterator[tuple[K, V]]:
        """All rows, those of the parents first, in order of insertion."""
        if self._parent is not None:
            yield from ((k, v) for k, v in self._parent.items() if k not in self._rows)
        for key, item in self._rows.items():
            if item is not None:
                yield key, item

    def values(self) -> Iterator[V]:
        """The values of all rows."""
        return (item for _, item in self.items())

    def _write(self, key: K, item: V | None) -> None:
        if item is None and self._parent is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = item
