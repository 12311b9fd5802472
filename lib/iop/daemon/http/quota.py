"""How much one client may hold at once: connections, requests under way."""

from __future__ import annotations


class Quota:
    """A counter per client; `most` pass at once, 0 means any number. Only who holds something is remembered."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: dict[str, int] = {}

    def take(self, client: str) -> bool:
        """One more; False, and nothing taken, when it is one too many."""
        held = self._held.get(client, 0)
        if self.most and held >= self.most:
            return False
        self._held[client] = held + 1
        return True

    def count(self, client: str) -> int:
        """How much a client holds."""
        return self._held.get(client, 0)

    def give_back(self, client: str) -> None:
        """One less."""
        held = self._held[client]
        if held > 1:
            self._held[client] = held - 1
        else:
            del self._held[client]
