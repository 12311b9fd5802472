"""The ledger node as a daemon: lock, recovery, HTTP, control socket, block production or following, the end."""

from __future__ import annotations

import asyncio
import os
import time

from iop.crypto.secp256k1 import compute_public_key
from iop.daemon import activation
from iop.daemon.control import ControlServer
from iop.daemon.http.app import HttpApp
from iop.daemon.http.client import Clients
from iop.daemon.http.dispatch import Interface
from iop.daemon.http.quota import Quota
from iop.daemon.http.rate import RateLimit
from iop.daemon.http.reply import TEXT_TYPE, Reply
from iop.daemon.http.serve import HttpServer, allow_descriptors
from iop.daemon.interpreter import keep_what_is_there, settle_interpreter
from iop.daemon.ledger.forward import Forwarding, Primary
from iop.daemon.ledger.home import Home, demand_node, open_home, read_place
from iop.daemon.ledger.keeper import AFTER, Keeper
from iop.daemon.ledger.node import LedgerNode
from iop.daemon.ledger.replica import Replica
from iop.daemon.ledger.report import MAX_LAG, Report
from iop.daemon.ledger.snapshots import Snapshots, open_state
from iop.daemon.log import Log, set_level
from iop.daemon.routes.table import CACHED, make_router
from iop.daemon.tuning import TUNABLE, read_tuning
from iop.errors import BusyError, ConfigError, MissingError
from iop.ledger.block import parse_header
from iop.store.ledger_open import is_url
from iop.store.lock import Lock
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.http.connection import Admission
    from iop.daemon.lifecycle import Life
    from iop.io.secret import Source
    from iop.ledger.genesis import Genesis
    from iop.ledger.state import Changes
    from iop.store.ledger import LedgerStore

PROGRESS_S = 1.0  # between two lines about a long replay

log = Log("iop.node")


@value
class Settings:
    """How a node runs. block_time_s: None for the network's own, 0 for a block as soon as there are transactions."""

    listen: str = "127.0.0.1:4703"
    block_time_s: float | None = None
    empty_blocks: bool = True
    port_file: str | None = None
    probes: str = "auto"  # on, off; auto: on where only this host can connect
    proxies: tuple[str, ...] = ()  # that speak for others
    tuning: Mapping[str, Any] = {}  # what the command line says of it
    replica: bool = False
    primary: str = ""  # URL of the node that a replica hands submissions to
    sequencer: bytes = b""  # whose blocks a replica takes; empty: the first block's producer's
    max_lag: int = MAX_LAG  # blocks that a ready replica may be behind
    snapshot_after: int = AFTER  # blocks and transactions between two snapshots, 0 for none
    take_over: bool = False  # sign on where another key signed the newest block


class LedgerService:
    """One running node; a replica has no secret."""

    def __init__(self, home: Home, secret: bytes, settings: Settings) -> None:
        self._report = Report(
            "replica" if settings.replica else "sequencer",
            "postgresql" if is_url(read_place(home)) else "sqlite",
            max_lag=settings.max_lag,
        )
        self._home = home
        self._secret = secret
        self._settings = settings
        self._clients = Clients(settings.proxies)
        self._tuning_file = home.tuning
        self._tuning = read_tuning(self._tuning_file, settings.tuning)
        set_level(self._tuning.log)
        self._life: Life | None = None
        self._told = time.monotonic()

    async def run(self, life: Life) -> None:
        """The daemon's main: returns after an orderly stop."""
        self._life = self._report.life = life
        lock = self._take_lock()
        try:
            life.spawn(self._control().run(), "control")
            life.on_summary(self._report.status)
            sockets = self._listen()
            store, genesis = open_home(self._home, writes=not self._settings.replica)
            node = await self._make_node(store, genesis)
            try:
                await self._serve(life, node, sockets)
                await asyncio.to_thread(node.finish)
            finally:
                node.close()
        finally:
            lock.release()

    async def _make_node(self, store: LedgerStore, genesis: Genesis) -> LedgerNode | Replica:
        """The node at the newest snapshot. Raises ConfigError when it must not go on from what is there."""
        snapshots = Snapshots(self._home.snapshots)
        keeper = Keeper(snapshots, self._settings.snapshot_after)
        if not self._settings.replica:
            self._check_authority(store, keeper.height)
        state = await asyncio.to_thread(open_state, snapshots, store, genesis)
        node: LedgerNode | Replica
        if self._settings.replica:
            node = Replica(store, state, keeper, self._settings.sequencer)
        else:
            node = LedgerNode(store, genesis, self._secret, state=state, keeper=keeper)
        self._report.node, self._report.keeper = node, keeper
        return node

    def _check_authority(self, store: LedgerStore, snapshot: int) -> None:
        """A second hand at the same chain would split it: refuse where the newest block is another key's, or blocks are missing."""
        head = store.head()
        if snapshot >= (head or 1):
            raise ConfigError(
                f"the log ends at block {head or 1}, but block {snapshot + 1} has been made: to go on would split the chain",
                hint=f"iop-node export --home OTHER --from {snapshot + 1} | iop-node import --home {self._home.given}",
            )
        found = None if head is None else store.header_at(head)
        if found is None or self._settings.take_over:
            return
        producer = parse_header(found).producer
        if producer != compute_public_key(self._secret):
            raise ConfigError(
                f"block {head} was signed by {producer.hex()}, not by {self._home.sequencer}",
                hint="put that key there; --replica to follow; --take-over if it is lost for good",
            )

    def _take_lock(self) -> Lock:
        lock = Lock(self._home.lock)
        try:
            lock.acquire()
        except BusyError as exc:
            raise BusyError(f"a node runs in {self._home.path} already") from exc
        return lock

    async def _serve(
        self, life: Life, node: LedgerNode | Replica, sockets: list[socket.socket]
    ) -> None:
        app = self._report.app = self._make_app(node, sockets)
        server = self._report.server = HttpServer(app, sockets, self._admit())
        work: list[asyncio.Task[None]] = []
        serving = life.spawn(server.run(), "http")
        await server.started()
        life.on_reload(self._retune)
        settle_interpreter()
        await node.recover(self._progress)
        keep_what_is_there()
        if not life.stopping.is_set():
            node.on_block(self._follow)
            work.append(life.spawn(self._report.watch(node.open_reader()), "report"))
            self._announce(life)
            if isinstance(node, Replica):
                work.append(life.spawn(node.follow(), "blocks"))
            else:
                pace = self._settings.block_time_s
                if pace is None:
                    pace = node.params.rules_at(node.state.height + 1).blocktime
                work.append(life.spawn(node.heal(), "healing"))
                making = node.produce(pace, empty=self._settings.empty_blocks)
                work.append(life.spawn(making, "blocks"))
        await life.stopping.wait()
        node.streams.close()
        server.stop()
        await serving
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    def _listen(self) -> list[socket.socket]:
        taken = activation.take_sockets()
        sockets = taken.get("http") or taken.get("unknown") or []
        if not sockets:
            sockets = activation.bind(*activation.parse_address(self._settings.listen))
        self._report.address = activation.show_address(sockets[0])
        return sockets

    def _admit(self) -> Admission:
        from iop.daemon.http.connection import Admission

        quota = Quota(self._tuning.connections_per_client)
        return Admission(self._find_places(), quota, self._clients)

    def _find_places(self) -> int:
        wanted = self._tuning.connections
        most = allow_descriptors(wanted)
        if most < wanted:
            log.warning("too few descriptors allowed", connections=most, wanted=wanted)
        return most

    def _retune(self) -> None:
        """Read the settings that may change. Raises ConfigError, and changes nothing then."""
        app, server = self._report.app, self._report.server
        assert app is not None
        assert server is not None
        tuning = self._tuning = read_tuning(self._tuning_file, self._settings.tuning)
        set_level(tuning.log)
        app.rate.per_minute = tuning.rate_limit
        server.admission.most = self._find_places()
        server.admission.quota.most = tuning.connections_per_client
        log.info("reloaded", **{name: getattr(tuning, name) for name in TUNABLE})

    def _make_app(self, node: LedgerNode | Replica, sockets: list[socket.socket]) -> HttpApp:
        settings, report = self._settings, self._report
        is_open = settings.probes == "on" or (
            settings.probes == "auto" and all(activation.is_loopback(one) for one in sockets)
        )
        probes: dict[str, Callable[[], Reply]] = {
            "/healthz": lambda: Reply(200, b"ok\n", TEXT_TYPE),
            "/readyz": report.readiness,
            "/metrics": report.metrics,
        }
        routes = Interface(make_router(), node)
        if settings.replica:
            report.primary = Primary(settings.primary)
        return HttpApp(
            routes if report.primary is None else Forwarding(routes, report.primary),
            probes=probes if is_open else {},
            cached=CACHED,
            rate=RateLimit(self._tuning.rate_limit),
            clients=self._clients,
            is_ready=lambda: self._life is not None and self._life.is_ready,
        )

    def _announce(self, life: Life) -> None:
        node, address = self._report.node, self._report.address
        assert node is not None
        life.ready(f"height {node.state.height} at {address}")
        log.info(
            "ready",
            listen=address,
            network=node.params.name,
            height=node.state.height,
            waiting=len(node.mempool),
        )
        if self._settings.port_file is not None:
            from iop.store.atomic import write_file

            port = address.rpartition(":")[2]
            write_file(self._settings.port_file, f"{port}\n".encode(), mode=0o644, force=True)

    def _follow(self, changes: Changes) -> None:
        assert self._report.app is not None
        assert self._life is not None
        self._report.app.forget()
        self._report.count(changes)
        self._life.status(f"height {changes.block.height} at {self._report.address}")

    def _progress(self, height: int, head: int) -> bool:
        assert self._life is not None
        self._life.status(f"replaying block {height} of {head}")
        now = time.monotonic()
        if now - self._told >= PROGRESS_S:
            self._told = now
            log.info("replaying", height=height, of=head)
        return not self._life.stopping.is_set()

    def _control(self) -> ControlServer:
        def stop(_request: dict[str, Json]) -> Json:
            assert self._life is not None
            self._life.stop("asked on the control socket")
            return self._report.status()

        def reload(_request: dict[str, Json]) -> Json:
            assert self._life is not None
            failed = self._life.reload()
            if failed is not None:
                raise failed
            return self._report.status()

        return ControlServer(
            self._home.control,
            {"status": lambda _request: self._report.status(), "stop": stop, "reload": reload},
        )


def run_ledger(home: str, source: Source, settings: Settings, pid_file: str | None) -> int:
    """Run the node of a directory until it is told to stop; the exit status.

    Raises MissingError, BusyError (it runs already), AccessError (sequencer's key), ConfigError, DataError, HostError.
    """
    from iop.daemon.lifecycle import run_daemon
    from iop.daemon.log import configure
    from iop.io.keyring import open_signer

    configure(str(settings.tuning.get("log", "info")))
    place = Home(home)
    demand_node(place)
    secret = b""
    if not settings.replica:
        if not os.path.lexists(place.sequencer):
            raise MissingError(
                f"no {place.sequencer}: the key that signs blocks is lost",
                hint="put it back from a backup; --replica follows without it",
            )
        secret = open_signer(place.sequencer, source, suite="s").data
    return run_daemon(LedgerService(place, secret, settings).run, pid_file=pid_file)
