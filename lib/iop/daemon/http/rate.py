"""How many requests one client may send in a minute."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW_S = 60.0
_MOST_CLIENTS = 100_000  # counted at once; beyond that the window starts anew


class RateLimit:
    """A counter per client and window; `per_minute` requests pass, with 0 any number. The figure may change at any time."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._started = clock()
        self._counts: dict[str, int] = {}

    def admit(self, client: str) -> bool:
        """Count one request; False when it is one too many."""
        if not self.per_minute:
            return True
        now = self._clock()
        if now - self._started >= WINDOW_S or len(self._counts) >= _MOST_CLIENTS:
            self._started = now
            self._counts.clear()
        count = self._counts.get(client, 0) + 1
        self._counts[client] = count
        return count <= self.per_minute
