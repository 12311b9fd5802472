"""Which implementation of the digest runs: the compiled kernel where it was built, else the reference in Python.

Both give the same results. `choose` lets the shell demand one; a demand that cannot be met is an error, because a silent
fallback would make a test or a benchmark measure something else.
"""

from __future__ import annotations

from iop.errors import ConfigError

try:
    import iop_cext._canonical as _compiled
except ImportError:  # built without a compiler
    _compiled = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

active: ModuleType | None = _compiled
"""The compiled module in use, or None for the reference."""


def choose(demand: str | None) -> str:
    """Select `c` or `py`, or with None what is best here; returns which one runs. ConfigError when it is not there."""
    global active  # noqa: PLW0603 - one choice for the process, made by the shell at its start
    if demand is None:
        active = _compiled
    elif demand == "py":
        active = None
    elif demand == "c":
        if _compiled is None:
            raise ConfigError(
                "kernel c is not built here", hint="install with a C compiler present, or use py"
            )
        active = _compiled
    else:
        raise ConfigError(f"kernel must be c or py, got {demand!r}")
    return "py" if active is None else "c"
