"""What a running node tells about itself: the record of `iop-node status`, readiness, and the figures of /metrics.

The names of the figures are stable; iop-operator(7) lists them. What has to be asked of the store is asked in a thread of its own, now
and then, so that nobody who asks here waits for a disk.
"""

from __future__ import annotations

import asyncio
import os
import time

from iop import __version__
from iop.daemon.http.reply import TEXT_TYPE, Reply
from iop.daemon.metrics import encode_metrics
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.http.app import HttpApp
    from iop.daemon.http.serve import HttpServer
    from iop.daemon.ledger.forward import Primary
    from iop.daemon.ledger.keeper import Keeper
    from iop.daemon.ledger.node import LedgerNode
    from iop.daemon.ledger.replica import Replica
    from iop.daemon.lifecycle import Life
    from iop.daemon.metrics import Figure, Labels
    from iop.ledger.state import Changes
    from iop.store.ledger import Facts, LedgerStore

STATUS = "iop.node-status/1"
REFRESH_S = 15.0  # between two looks at the store's size
RATE_S = 60.0  # over which rates are told
MAX_LAG = 8  # blocks that a ready replica may be behind
MAX_SILENCE_S = 30.0  # for which a ready replica may not have heard of its store


class Report:
    """The parts of one node, filled in as they come up. `role`: sequencer or replica; `kind` of store: sqlite or postgresql."""

    def __init__(self, role: str, kind: str, *, max_lag: int = MAX_LAG) -> None:
        self.role = role
        self.kind = kind
        self.address = ""
        self.life: Life | None = None
        self.node: LedgerNode | Replica | None = None
        self.keeper: Keeper | None = None
        self.app: HttpApp | None = None
        self.server: HttpServer | None = None
        self.primary: Primary | None = None
        self._max_lag = max_lag
        self._facts: Facts | None = None
        self._blocks = 0
        self._transactions = 0
        self._started = time.time()
        self._samples: list[tuple[float, int]] = []  # time, transactions so far

    def count(self, changes: Changes) -> None:
        """A block was applied."""
        self._blocks += 1
        self._transactions += len(changes.txids)

    async def watch(self, store: LedgerStore) -> None:
        """Look at the store now and then, for ever; `store` is a reader that nobody else uses."""
        while True:
            now = time.monotonic()
            self._samples = [one for one in self._samples if one[0] > now - RATE_S]
            self._samples.append((now, self._transactions))
            try:
                self._facts = await asyncio.to_thread(store.facts)
            except IopError:
                self._facts = None  # the node's own reads and writes tell the reason
            await asyncio.sleep(REFRESH_S)

    def phase(self) -> str:
        """starting, ready, degraded (the store refuses, or a replica is too far behind) or stopping."""
        if self.life is None or self.life.stopping.is_set():
            return "stopping"
        if not self.life.is_ready:
            return "starting"
        return "degraded" if self.trouble() else "ready"

    def trouble(self) -> str:
        """Why the node is degraded; empty when it is not."""
        node = self.node
        if node is None or node.trouble:
            return "" if node is None else node.trouble
        lag, silence_s = self._lag()
        if lag > self._max_lag:
            return f"{lag} blocks behind the store"
        if silence_s > MAX_SILENCE_S:
            return f"nothing heard of the store for {silence_s:.0f} seconds"
        return ""

    def _lag(self) -> tuple[int, float]:
        from iop.daemon.ledger.replica import Replica

        return (self.node.lag, self.node.silence_s) if isinstance(self.node, Replica) else (0, 0.0)

    def _rate(self) -> float:
        """Transactions in blocks a second, over the last minute."""
        if not self._samples:
            return 0.0
        since, count = self._samples[0]
        return (self._transactions - count) / max(time.monotonic() - since, 1.0)

    def status(self) -> dict[str, Json]:
        """The record of `iop-node status`."""
        record: dict[str, Json] = {
            "type": STATUS,
            "phase": self.phase(),
            "role": self.role,
            "pid": os.getpid(),
            "listen": self.address,
        }
        if self.node is not None:
            state = self.node.state
            record |= {
                "network": state.params.name,
                "height": state.height,
                "block_id": state.block_id.hex(),
                "block_time": state.params.epoch + state.timestamp,
                "state": state.state_hash.hex(),
                "waiting": len(self.node.mempool),
                "transactions_per_minute": round(self._rate() * 60),
            }
        record["store"] = self.kind
        facts = self._facts  # none yet, or none that the store gives
        record["store_bytes"] = None if facts is None else facts.size
        record["first_block"] = None if facts is None else facts.first
        if self.keeper is not None:
            record["snapshot_height"] = self.keeper.height or None
        if self.role == "replica":
            lag, silence_s = self._lag()
            record |= {"lag": lag, "silence": int(silence_s)}
            record["primary"] = None if self.primary is None else self.primary.url or None
        if self.trouble():
            record["trouble"] = self.trouble()
        return record

    def readiness(self) -> Reply:
        """The answer of /readyz: 200 when ready, else 503, and the phase."""
        phase = self.phase()
        return Reply(200 if phase == "ready" else 503, f"{phase}\n".encode(), TEXT_TYPE)

    def metrics(self) -> Reply:
        """The answer of /metrics, in the Prometheus text format."""
        info: dict[Labels, int | float] = {
            (
                ("network", "" if self.node is None else self.node.params.name),
                ("role", self.role),
                ("store", self.kind),
                ("version", __version__),
            ): 1
        }
        figures: list[Figure] = [
            ("iop_info", "gauge", "What runs", info),
            _gauge("iop_ready", "1 when serving and in step", int(self.phase() == "ready")),
            _gauge(
                "iop_degraded", "1 when the store refuses or is behind", int(bool(self.trouble()))
            ),
            _gauge("iop_start_time_seconds", "When the process started", int(self._started)),
        ]
        figures += self._chain_figures()
        figures += self._store_figures()
        figures += self._http_figures()
        return Reply(200, encode_metrics(figures), TEXT_TYPE)

    def _chain_figures(self) -> list[Figure]:
        node = self.node
        if node is None:
            return []
        state = node.state
        made = state.params.epoch + state.timestamp
        return [
            _gauge("iop_block_height", "Height of the newest block", state.height),
            _gauge("iop_block_timestamp_seconds", "Time stamp of the newest block", made),
            _gauge("iop_state_rows", "Rows of the state", len(state.tree)),
            _counter("iop_blocks_total", "Blocks since the start", self._blocks),
            _counter(
                "iop_transactions_total",
                "Transactions in blocks since the start",
                self._transactions,
            ),
            _gauge("iop_pool_transactions", "Transactions that wait", len(node.mempool)),
            _gauge("iop_pool_bytes", "Bytes of them", node.mempool.size_bytes),
        ]

    def _store_figures(self) -> list[Figure]:
        from iop.daemon.ledger.replica import Replica

        figures: list[Figure] = []
        facts = self._facts
        if facts is not None:
            figures += [
                _gauge("iop_store_bytes", "Bytes of the store on disk", facts.size),
                _gauge("iop_store_free_bytes", "Bytes of them that will be used again", facts.free),
                _gauge("iop_store_first_height", "Lowest block that is whole", facts.first or 0),
            ]
        if self.keeper is not None:
            text = "Height of the newest snapshot, 0 for none"
            figures.append(_gauge("iop_snapshot_height", text, self.keeper.height))
        if isinstance(self.node, Replica):
            lag, silence_s = self._lag()
            figures += [
                _gauge("iop_replica_lag_blocks", "Blocks behind the store", lag),
                _gauge("iop_replica_silence_seconds", "Since the store was read", int(silence_s)),
            ]
        elif self.node is not None:
            writer = self.node.writer
            figures += [
                _counter("iop_store_writes_total", "Flushes to disk", writer.writes),
                _counter(
                    "iop_store_changes_total", "Changes that shared the flushes", writer.changes
                ),
            ]
        if self.primary is not None:
            text = "Requests that the primary did not answer"
            figures.append(_counter("iop_primary_failures_total", text, self.primary.failures))
        return figures

    def _http_figures(self) -> list[Figure]:
        if self.app is None or self.server is None:
            return []
        admission = self.server.admission
        return [
            _gauge("iop_http_connections", "Open connections", admission.open),
            _gauge("iop_http_streams", "Open streams of events", self.app.streaming.open),
            (
                "iop_http_refused_connections_total",
                "counter",
                "Connections refused: all places taken, or those of one client",
                {(("reason", why),): n for why, n in admission.refused.items()},
            ),
            (
                "iop_http_requests_total",
                "counter",
                "Answers by status",
                {(("status", str(code)),): n for code, n in sorted(self.app.statuses.items())},
            ),
        ]


def _gauge(name: str, text: str, number: int) -> Any:
    return (name, "gauge", text, {(): number})


def _counter(name: str, text: str, number: int) -> Any:
    return (name, "counter", text, {(): number})
