"""A daemon's life: one event loop, one task group, signals, readiness, an orderly end.

The daemon is a coroutine `main(life)`. It prepares, calls `life.ready`, waits for `life.stopping` and returns when it has put
things in order. TERM or INT sets `stopping`; 10 seconds later, or at the second signal, the process leaves at once with 75.
HUP runs the reload hooks, USR1 logs the state summary. A task that fails takes the daemon down with it.
"""

from __future__ import annotations

import asyncio
import os
import signal

from iop.daemon.log import Log
from iop.daemon.notify import Notifier
from iop.errors import BusyError, IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    Main = Callable[["Life"], Coroutine[Any, Any, None]]

GRACE_S = 10.0
_LEAVE_NOW = BusyError.exit  # 75: what was asked for is not finished, ask again

log = Log("iop.daemon")


class Life:
    """What the main coroutine may ask of its shell."""

    def __init__(
        self, notifier: Notifier, *, pid_file: str | None = None, grace_s: float = GRACE_S
    ) -> None:
        self.stopping = asyncio.Event()
        self.is_ready = False
        self._notifier = notifier
        self._pid_file = pid_file
        self._grace_s = grace_s
        self._group: asyncio.TaskGroup | None = None
        self._reloads: list[Callable[[], None]] = []
        self._summaries: list[Callable[[], Mapping[str, object]]] = []
        self._status = ""
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run work beside main until main returns; it is cancelled then. Its failure is the daemon's."""
        assert self._group is not None
        task = self._group.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def ready(self, status: str = "") -> None:
        """Sockets are bound and the store is recovered."""
        self.is_ready = True
        self._status = status
        if self._pid_file is not None:
            from iop.store.atomic import write_file

            write_file(self._pid_file, b"%d\n" % os.getpid(), mode=0o644, force=True)
        self._notifier.ready(status)

    def status(self, text: str) -> None:
        """One line on what is going on, for the service manager; sent when it changed."""
        if text != self._status:
            self._status = text
            self._notifier.status(text)

    def on_reload(self, hook: Callable[[], None]) -> None:
        """Run at SIGHUP and at `reload` on the control socket. An IopError is logged and the old state kept."""
        self._reloads.append(hook)

    def on_summary(self, hook: Callable[[], Mapping[str, object]]) -> None:
        """Fields for the state summary that SIGUSR1 writes to the log."""
        self._summaries.append(hook)

    def reload(self) -> IopError | None:
        """Run the reload hooks; the last error that one raised."""
        failed = None
        self._notifier.reloading()
        for hook in self._reloads:
            try:
                hook()
            except IopError as error:
                failed = error
                log.warning("reload failed, the old configuration stays", reason=error.message)
        if self.is_ready:
            self._notifier.ready()
        return failed

    def summarise(self) -> None:
        """Write the state summary to the log."""
        for hook in self._summaries:
            log.info("state", **dict(hook()))

    def stop(self, reason: str) -> None:
        """Begin the way down; a second call leaves at once."""
        if self.stopping.is_set():
            log.warning("leaving at once", reason=reason)
            leave(_LEAVE_NOW)
        log.info("stopping", reason=reason)
        self.is_ready = False
        self.stopping.set()
        self._notifier.stopping()
        asyncio.get_running_loop().call_later(self._grace_s, self._overdue)

    def _overdue(self) -> None:
        log.error("not down in time, leaving", seconds=self._grace_s)
        leave(_LEAVE_NOW)

    async def live(self, main: Main) -> None:
        """Run `main` and what it spawned, from the first signal handler to the last task."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        loop.add_signal_handler(signal.SIGUSR1, self.summarise)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                if self._notifier.watchdog_s:
                    self.spawn(self._watch(), "watchdog")
                await main(self)
                for task in list(self._tasks):
                    task.cancel()
        finally:
            self._remove_pid_file()

    def _remove_pid_file(self) -> None:
        if self._pid_file is not None and os.path.exists(self._pid_file):
            os.unlink(self._pid_file)

    async def _watch(self) -> None:
        while True:
            self._notifier.alive()
            await asyncio.sleep(self._notifier.watchdog_s)


def run_daemon(main: Main, *, pid_file: str | None = None, grace_s: float = GRACE_S) -> int:
    """Run `main` as the process's daemon. Returns 0 after an orderly end.

    Raises the first IopError that a task raised, or what else a task died of.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    life = Life(Notifier(), pid_file=pid_file, grace_s=grace_s)
    try:
        with asyncio.Runner(loop_factory=find_loop()) as runner:
            runner.run(life.live(main))
    except BaseExceptionGroup as group:
        raise _first(group) from group
    return 0


def find_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop: uvloop where it is installed, which serves half as many requests again; else None, asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def leave(status: int) -> None:
    """End the process now: what is acknowledged is on disk already."""
    os._exit(status)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to report for a group: the first of our own family, else the first leaf."""
    leaves: list[BaseException] = []
    rest: list[BaseException] = [group]
    while rest:
        item = rest.pop(0)
        if isinstance(item, BaseExceptionGroup):
            rest[:0] = item.exceptions
        else:
            leaves.append(item)
    return next((leaf for leaf in leaves if isinstance(leaf, IopError)), leaves[0])
