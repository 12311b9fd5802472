"""How the interpreter of a node takes turns between threads and looks for garbage."""

from __future__ import annotations

TURN_S = 0.001  # how long a thread may go on while another waits for its turn
YOUNG = 50_000  # containers made before anybody looks for cycles among them


def settle_interpreter() -> None:
    """Short turns, and fewer looks for cycles.

    The threads that write and judge signatures give the interpreter's lock away for every piece of work and have to get it back
    from an event loop that is busy: with the interpreter's own 5 ms a block's write would take most of a second. And of what a
    node allocates next to nothing is in a cycle, but all of it is looked through again and again.
    """
    import gc
    import sys

    sys.setswitchinterval(TURN_S)
    gc.set_threshold(YOUNG, 20, 20)


def keep_what_is_there() -> None:
    """Never look for cycles again among all that is alive now: after a long replay that is the whole state."""
    import gc

    gc.collect()
    gc.freeze()
