"""When two JSON values are alike to a schema (morpheus 18): kinds count, so 1, 1.0, true and "1" are four values."""

from __future__ import annotations

from iop.codec.json import encode_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json


def is_number(data: Json) -> bool:
    """True for integers and reals, not for booleans."""
    return isinstance(data, int | float) and not isinstance(data, bool)


def is_integer(data: Json) -> bool:
    """True for integers and for reals without a fraction."""
    if isinstance(data, float):
        return data.is_integer()
    return isinstance(data, int) and not isinstance(data, bool)


def compute_double(data: Json) -> float:
    """The double of a number; infinity where there is none."""
    try:
        return float(data)
    except OverflowError:
        return float("inf") if data > 0 else float("-inf")


def compute_likeness(data: Json) -> str:
    """A text that two values share exactly if they are alike; member order does not count, 0.0 is −0.0."""
    out: list[str] = []
    _write(data, out)
    return "".join(out)


def compute_top_likeness(data: Json) -> str | float:
    """As `compute_likeness`, but a number on its own is alike to every equal number: `enum` and `const` compare so."""
    return compute_double(data) if is_number(data) else compute_likeness(data)


def _write(data: Json, out: list[str]) -> None:
    if isinstance(data, str):
        out.append(encode_string(data))
    elif data is None or isinstance(data, bool):
        out.append({None: "null", True: "true", False: "false"}[data])
    elif isinstance(data, float):
        out.append(f"{float(data) or 0.0!r}r")
    elif isinstance(data, int):
        out.append(f"{data:x}i")
    elif isinstance(data, dict):
        out.append("{")
        for name in sorted(data):
            out.append(encode_string(name))
            out.append(":")
            _write(data[name], out)
            out.append(",")
        out.append("}")
    else:
        out.append("[")
        for item in data:
            _write(item, out)
            out.append(",")
        out.append("]")
