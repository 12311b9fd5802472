"""Which implementation runs: the compiled kernels where they were built, else the references in Python.

Both give the same results. `choose` lets the shell demand one; a demand that cannot be met is an error, because a silent
fallback would make a test or a benchmark measure something else.
"""

from __future__ import annotations

from iop.errors import ConfigError

try:
    import iop_cext._codec as _compiled
except ImportError:  # built without a compiler
    _compiled = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

active: ModuleType | None = _compiled
"""The compiled module of this room in use, or None for the reference."""

_refused = False
_loaded: ModuleType | None = None


def find_crypto() -> ModuleType | None:
    """The compiled module of the crypto room, loaded at the first call, or None for the references."""
    global _loaded  # noqa: PLW0603 - no filter needs it, so it is not loaded with this module
    if _loaded is None and not _refused:
        try:
            from iop_cext import _crypto
        except ImportError:  # built without a compiler
            return None
        _loaded = _crypto
    return None if _refused else _loaded


def choose(demand: str | None) -> str:
    """Select `c` or `py`, or with None what is best here; returns which one runs. ConfigError when it is not there.

    `c:sha-ni` and `c:portable` also say which SHA-256 the kernels of the crypto room use.
    """
    global active, _refused  # noqa: PLW0603 - one choice for the process, made by the shell at its start
    name, _, variant = (demand or "").partition(":")
    if name not in ("", "c", "py") or (variant and name != "c"):
        raise ConfigError(f"kernel must be c or py, got {demand!r}")
    before = _refused
    _refused = name == "py"
    crypto = find_crypto() if demand else _loaded
    known = crypto is None or crypto.choose_sha256(variant.encode() or None) is not None
    if name == "c" and (None in (crypto, _compiled) or not known):
        _refused = before
        raise ConfigError(
            f"kernel {demand} is not built here",
            hint="install with a C compiler present, or use py",
        )
    active = None if _refused else _compiled
    return "py" if active is None else "c"
