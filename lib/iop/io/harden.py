"""Hardening of a process that holds secrets: no core file, no reading of its memory by others of the same user."""

from __future__ import annotations

import resource

_PR_SET_DUMPABLE = 4

_done = False


def harden_process() -> None:
    """Make this process non-dumpable and its core files empty, where the system can. May be called twice."""
    global _done  # noqa: PLW0603 - it is the process that has this state
    if _done:
        return
    _done = True
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return
    # The foreign-function core that libsodium's binding has loaded anyway; ctypes would cost a filter a third of its start.
    import _cffi_backend as backend

    whole, word = backend.new_primitive_type("int"), backend.new_primitive_type("unsigned long")
    kind = backend.new_function_type((whole, word, word, word, word), whole, False)
    try:
        prctl = backend.load_library(None, 0).load_function(kind, "prctl")
    except (OSError, AttributeError):  # not Linux
        return
    prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def wipe(secret: bytearray) -> None:
    """Overwrite a secret with zeros."""
    secret[:] = bytes(len(secret))
