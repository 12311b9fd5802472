"""The command shell: what a command file declares, and how a process runs it.

A command is a function behind one of four decorators:

- `@source`: (shell, **options) → iterable of records
- `@transform`: (shell, **options) → step; the step maps one record to an iterable of records, and is called per record
- `@sink`: (shell, items, **options) → iterable of results; `items` is the whole stream
- `@daemon`: (shell, **options) → status; the function starts its own event loop through `iop.daemon`

The outer call happens once and may open keys and files; the step is what a batch repeats. A record going out is a
value (JSON or CBOR), `bytes` (one JSON text, written as it is), or `Line` (text that stands alone on its line, such as
a content id). Statuses, errors, formats and signals are the shell's business: see iop_cli._run.
"""

from __future__ import annotations

from iop_cli._option import COMMON, EMPTY, FILE, INPUT, OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, NoReturn, Protocol, overload

    from iop.io.stream import Item
    from iop_cli._option import Option

    Step = Callable[[Any], Iterable[Any]]

    class _Decorator(Protocol):
        @overload
        def __call__(
            self,
            function: Callable[..., Any],
            /,
            *,
            raw: bool = ...,
            predicate: bool = ...,
            without: Sequence[str] = ...,
            name: str = ...,
            buffers: bool = ...,
            live: bool = ...,
        ) -> Command: ...
        @overload
        def __call__(
            self,
            *,
            raw: bool = ...,
            predicate: bool = ...,
            without: Sequence[str] = ...,
            name: str = ...,
            buffers: bool = ...,
            live: bool = ...,
        ) -> Callable[[Callable[..., Any]], Command]: ...


class Line(str):
    """A result that is one line of plain text; inside JSON and CBOR output it is a string."""

    __slots__ = ()


class Command:
    """One verb, or the whole command where there are no verbs."""

    def __init__(
        self,
        kind: str,
        function: Callable[..., Any],
        *,
        raw: bool = False,
        predicate: bool = False,
        without: Sequence[str] = (),
        name: str = "",
        buffers: bool = False,
        live: bool = False,
    ) -> None:
        self.kind = kind
        self.function = function
        self.raw = raw
        self.predicate = predicate
        self.buffers = buffers or kind == "sink"
        self.live = (
            live  # records come as things happen: each leaves at once, and never waits for a table
        )
        self.name = name or function.__name__.rstrip("_").replace("_", "-")
        self.own: tuple[Option, ...] = getattr(function, "iop_options", ())
        self._without = frozenset(without)

    # Worked out when asked: of a noun's verbs only one runs, and the others should not cost its start.
    @property
    def shared(self) -> tuple[Option, ...]:
        """The options that the shell gives to every command of this kind."""
        shared: tuple[Option, ...] = COMMON
        if self.kind != "daemon":
            shared = OUTPUT + shared
        if self.kind in ("transform", "sink"):
            shared = INPUT + shared
        reads = self.kind != "source" or any(o.is_positional and o.multiple for o in self.own)
        if self.predicate and reads:
            shared = EMPTY + shared
        taken = self._without.union(name for option in self.own for name in option.names)
        return tuple(option for option in shared if taken.isdisjoint(option.names))

    @property
    def options(self) -> tuple[Option, ...]:
        """All options: the function's own, the input file where there is one, the shared ones."""
        tail: tuple[Option, ...] = ()
        if self.kind in ("transform", "sink") and not any(o.is_positional for o in self.own):
            tail = (FILE,)
        return (*self.own, *tail, *self.shared)

    @property
    def own_names(self) -> frozenset[str]:
        """Destinations that the function takes; the others are the shell's."""
        return frozenset(option.dest for option in self.own)


def _decorator(kind: str) -> _Decorator:
    def outer(function: Callable[..., Any] | None = None, **settings: Any) -> Any:
        def decorate(inner: Callable[..., Any]) -> Command:
            return Command(kind, inner, **settings)

        return decorate(function) if function is not None else decorate

    return outer


source = _decorator("source")
transform = _decorator("transform")
sink = _decorator("sink")
daemon = _decorator("daemon")


class Noun:
    """A command of several verbs. `default` names the verb that runs when the first word is none of them."""

    def __init__(self, *verbs: Command, default: str = "") -> None:
        self.verbs = {verb.name: verb for verb in verbs}
        self.default = default


def run(
    command: Command | Noun, prog: str, manual: str | None, argv: Sequence[str] | None = None
) -> NoReturn:
    """Run as the process's main program; never returns."""
    from iop_cli._run import main

    main(command, prog, manual or "", argv)


def each(items: Iterator[Item]) -> Iterator[Any]:
    """The values of a stream of items."""
    for item in items:
        yield item.value
