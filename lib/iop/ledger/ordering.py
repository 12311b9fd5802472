"""Many keys kept in order: a page from anywhere costs little, and so does a change.

Keys (bytes or tuples) are all different, in buckets of about a thousand. `build` works in slices, because one sort of a million keys
would stop everything else of a process for a second.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any, TypeVar

    Name = TypeVar("Name")
    Key = Any  # whatever can be compared

BUCKET = 1024  # keys; one is split when it holds twice as many
SLICE = 2048  # keys handled between two pauses: some milliseconds
_SAMPLE = 8  # keys looked at for each bucket to be
_STRIDE = 2_654_435_761  # 2**32 over the golden ratio: looks here and there, whatever repeats in the names


class Ordering:
    """A set of keys in ascending order."""

    __slots__ = ("_buckets", "_count", "_lasts")

    def __init__(self) -> None:
        self._buckets: list[list[Key]] = []
        self._lasts: list[Key] = []  # last key of each bucket
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, key: Key) -> None:
        """Put a key in; one that is there stays."""
        if not self._buckets:
            self._buckets, self._lasts, self._count = [[key]], [key], 1
            return
        place = min(bisect_left(self._lasts, key), len(self._lasts) - 1)
        bucket = self._buckets[place]
        at = bisect_left(bucket, key)
        if at < len(bucket) and bucket[at] == key:
            return
        insort(bucket, key)
        self._lasts[place] = bucket[-1]
        self._count += 1
        if len(bucket) > 2 * BUCKET:
            half = len(bucket) // 2
            self._buckets[place : place + 1] = [bucket[:half], bucket[half:]]
            self._lasts[place : place + 1] = [bucket[half - 1], bucket[-1]]

    def discard(self, key: Key) -> None:
        """Take a key out, if it is there."""
        place = bisect_left(self._lasts, key)
        if place == len(self._lasts):
            return
        bucket = self._buckets[place]
        at = bisect_left(bucket, key)
        if at == len(bucket) or bucket[at] != key:
            return
        del bucket[at]
        self._count -= 1
        if bucket:
            self._lasts[place] = bucket[-1]
        else:
            del self._buckets[place], self._lasts[place]

    def rank(self, key: Key) -> int:
        """How many keys are smaller."""
        place = bisect_left(self._lasts, key)
        before = sum(map(len, self._buckets[:place]))
        return before + (bisect_left(self._buckets[place], key) if place < len(self._lasts) else 0)

    def page(self, start: int, stop: int) -> list[Key]:
        """The keys from place `start` up to `stop`; fewer, or none, where the order ends."""
        found: list[Key] = []
        for bucket in self._buckets:
            if start >= stop:
                break
            if start < len(bucket):
                found += bucket[start:stop]
                start = len(bucket)
            start, stop = start - len(bucket), stop - len(bucket)
        return found

    def window(
        self, first: int, end: int, is_descending: bool, window: tuple[int, int]
    ) -> list[Key]:
        """One page, by offset and limit, of the keys from place `first` up to `end`."""
        offset, limit = window
        if is_descending:
            stop = max(end - offset, first)
            return self.page(max(stop - limit, first), stop)[::-1]
        return self.page(first + offset, min(first + offset + limit, end))

    def clear(self) -> Generator[None, None, None]:
        """Let go of all keys. Yields between slices: to free a million keys takes long, too."""
        self._lasts, self._count = [], 0
        while self._buckets:
            del self._buckets[-4:]
            yield

    def build(
        self, names: Sequence[Name], to_key: Callable[[Name], Key | None]
    ) -> Generator[None, None, None]:
        """Take in the keys of many names, instead of all there was; None is no key. Yields between slices.

        Until the end the order must not be used.
        """
        size = len(names)
        looks = (names[n * _STRIDE % size] for n in range(size // BUCKET * _SAMPLE))
        sample = sorted(key for name in looks if (key := to_key(name)) is not None)
        bounds = sample[_SAMPLE - 1 :: _SAMPLE]
        buckets: list[list[Key]] = [[] for _ in range(len(bounds) + 1)]
        for start in range(0, size, SLICE):
            for name in names[start : start + SLICE]:
                key = to_key(name)
                if key is not None:
                    buckets[bisect_right(bounds, key)].append(key)
            yield
        for place, bucket in enumerate(buckets):
            bucket.sort()
            if place % 2:
                yield
        self._buckets = [bucket for bucket in buckets if bucket]
        self._lasts = [bucket[-1] for bucket in self._buckets]
        self._count = sum(map(len, self._buckets))
