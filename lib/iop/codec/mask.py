"""Masking: some branches of a JSON object stay open, the rest collapses to content ids (morpheus 6.4)."""

from __future__ import annotations

from iop.codec.canonical import encode_canonical
from iop.codec.digest import check_names, collapse, collapse_member
from iop.codec.text import apply_mask_text
from iop.codec.unicode import normalize_nfkd
from iop.errors import DataError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

# What Rust's `trim` takes for white space; Python's `strip` would also take U+001C to U+001F.
_BLANK = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def apply_mask(value: Json, keep: str) -> Json:
    """The value with only the paths of `keep` open: a dict, or the content id when nothing of it stays open.

    keep: comma-separated paths like `.name,.address.city`. Members of the result stand in canonical order and its strings
    are in NFKD, as in the text the original prints. Scalars beside an opened branch stay visible. Raises DataError: a path
    without its leading dot, a member name that is not in NFKD, a scalar other than a string at the root.
    """
    masked = _apply(value, keep)
    if isinstance(masked, str):
        return masked
    encode_canonical(masked)  # refuses names inside the open branches, in the words of the original
    return _normalize(masked)


def encode_mask(value: Json, keep: str) -> str:
    """The masked value as the original prints it: canonical text of an object, or the bare content id.

    Differs from the text of `apply_mask` only where NFKD yields a quote or a backslash inside a string (morpheus 6.1).
    """
    masked = _apply(value, keep)
    return masked if isinstance(masked, str) else encode_canonical(masked)


def _apply(value: Json, keep: str) -> Json:
    """The masked value, members in canonical order at the masked levels, strings as they came."""
    try:
        return _mask(value, parse_keep(keep)) if isinstance(value, dict) else collapse(value)
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def parse_keep(keep: str) -> list[str]:
    """The paths of a keep list, trimmed; one trailing comma is allowed, the empty text keeps nothing."""
    paths = keep.split(",")
    if not paths[-1]:
        paths.pop()
    return [path.strip(_BLANK) for path in paths]


def _mask(value: Json, paths: list[str]) -> Json:
    if not isinstance(value, dict):
        return collapse_member(value)
    groups = _group(paths)
    names = check_names(value)
    if groups.keys().isdisjoint(value):
        return collapse_member(value)
    masked = {}
    for name in names:
        rest = groups.get(name)
        if rest is None:
            masked[name] = collapse_member(value[name])
        elif rest:
            masked[name] = _mask(value[name], rest)
        else:
            masked[name] = value[name]
    return masked


def _group(paths: list[str]) -> dict[str, list[str]]:
    """First segment → what remains; a path that ends there leaves nothing behind (so `.a,.a.b` is `.a.b`)."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        if not path.startswith("."):
            raise DataError(f"Path must start with '.' but it's: {path}")
        name, dot, rest = path[1:].partition(".")
        tails = groups.setdefault(name, [])
        if dot:
            tails.append("." + rest)
    return groups


def _normalize(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _normalize(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_normalize(item) for item in value]
    return normalize_nfkd(value) if isinstance(value, str) else value


__all__ = ["apply_mask", "apply_mask_text", "encode_mask", "parse_keep"]
