"""The tables of a registry's state as plain rows, for comparing."""

from __future__ import annotations

from iop.did.state import State


def rows_of(state: State) -> list[tuple]:
    """All rows, sorted: equal states give equal lists."""
    attempts = [
        ("attempt", did, place // 2, log[place], log[place + 1])
        for did, log in state.logs.items()
        for place in range(0, len(log), 2)
    ]
    return [
        ("head", state.height, state.corrupted),
        *sorted(("status", *item) for item in state.status.items()),
        *sorted(("proof", *item) for item in state.proofs.items()),
        *sorted((("did", *item) for item in state.dids.items()), key=lambda row: row[1]),
        *sorted(attempts),
    ]
