"""Frozen, slotted value classes without the start-up price of `dataclasses` (which imports `inspect` and `re`).

`@value` reads a class body's annotations in order, takes plain class attributes as defaults, and gives `__init__`
(positional or keyword), equality, hash and repr. A method `__check__(self)` runs at the end of construction and may raise.
Names starting with an underscore are left out of repr. Use `replace(v, field=new)` for a changed copy.

A class may name slots in `__memo__` for what pure functions work out of the value, once; `remember` fills them. They are no
fields: equality, hash, copies and pickles do not see them.
"""

from __future__ import annotations

from _operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")
else:

    def dataclass_transform(**_):  # noqa: ANN003, ANN201 - its types are those of typing's own
        return lambda decorator: decorator


_MANY = 100  # instances of a class, from which on a constructor of its own pays


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """The class rebuilt with slots, frozen, compared and hashed by its fields. Inheritance is not supported."""
    names = tuple(cls.__dict__.get("__annotations__", {}))  # noqa: RUF063 - inspect costs start-up
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    memo: tuple[str, ...] = cls.__dict__.get("__memo__", ())
    dropped = {*names, "__dict__", "__weakref__", "__memo__"}
    body: dict[str, Any] = {k: v for k, v in cls.__dict__.items() if k not in dropped}
    check = body.get("__check__")
    setters: list[
        Callable[[object, object], None]
    ] = []  # the slots' own, faster than object.__setattr__

    calls = 0

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == _MANY:
            made.__init__ = _compile_init(made, names, defaults, check) or init  # type: ignore[method-assign]
        if len(args) == len(names) and not kwargs:
            for setter, given in zip(setters, args, strict=True):
                setter(self, given)
        else:
            for setter, given in zip(
                setters, _arrange(cls, names, defaults, args, kwargs), strict=True
            ):
                setter(self, given)
        if check is not None:
            check(self)

    fields = _make_fields(names)

    def equal(self: Any, other: object) -> bool:
        return self is other or (type(other) is type(self) and fields(self) == fields(other))

    def show(self: Any) -> str:
        shown = ", ".join(f"{n}={getattr(self, n)!r}" for n in names if not n.startswith("_"))
        return f"{cls.__name__}({shown})"

    def refuse(_self: Any, name: str, *_: object) -> None:
        raise AttributeError(f"{cls.__name__}.{name} is frozen")

    body["__slots__"] = (*names, *memo)
    body["__init__"] = init
    body.setdefault("__eq__", equal)
    body["__hash__"] = cls.__dict__.get("__hash__") or (lambda self: hash(fields(self)))
    body.setdefault("__repr__", show)
    body["__setattr__"] = body["__delattr__"] = refuse
    body["__match_args__"] = names
    body["__reduce__"] = lambda self: (type(self), fields(self))
    made: type[T] = type(cls.__name__, (), body)
    setters.extend(made.__dict__[name].__set__ for name in names)
    return made


def _make_fields(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of the fields of an instance, in order."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda instance: tuple(getattr(instance, name) for name in names)


def _compile_init(
    made: type,
    names: tuple[str, ...],
    defaults: dict[str, Any],
    check: Callable[[Any], None] | None,
) -> Callable[..., None] | None:
    """An `__init__` written out for one class, as fast as one by hand; None where its defaults stand before other fields."""
    first = next((index for index, name in enumerate(names) if name in defaults), len(names))
    if any(name not in defaults for name in names[first:]):
        return None
    space: dict[str, Any] = {f"set__{name}": made.__dict__[name].__set__ for name in names}
    space |= {f"default__{name}": default for name, default in defaults.items()}
    space["check__"] = check
    given = [f"{name}=default__{name}" if name in defaults else name for name in names]
    lines = [f"set__{name}(self, {name})" for name in names] + ["check__(self)"] * (
        check is not None
    )
    source = f"def __init__({', '.join(['self', *given])}):\n " + "\n ".join(lines or ["pass"])
    exec(source, space)  # noqa: S102 - made of field names, as the standard library's dataclasses do
    compiled: Callable[..., None] = space["__init__"]
    return compiled


def _arrange(
    cls: type,
    names: tuple[str, ...],
    defaults: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> list[Any]:
    if len(args) > len(names):
        raise TypeError(f"{cls.__name__} takes {len(names)} values, got {len(args)}")
    given = list(args)
    for name in names[len(args) :]:
        if name in kwargs:
            given.append(kwargs.pop(name))
        elif name in defaults:
            given.append(defaults[name])
        else:
            raise TypeError(f"{cls.__name__} lacks {name!r}")
    if kwargs:
        raise TypeError(f"{cls.__name__} has no {sorted(kwargs)}")
    return given


def replace(instance: T, **changes: object) -> T:
    """A copy of a value with some fields changed; the check runs again."""
    names: tuple[str, ...] = type(instance).__match_args__  # type: ignore[attr-defined]
    given = [changes.pop(n) if n in changes else getattr(instance, n) for n in names]
    return type(instance)(*given, **changes)


remember: Callable[[object, str, object], None] = object.__setattr__
"""Fill a slot of `__memo__` with what was worked out of the value."""
