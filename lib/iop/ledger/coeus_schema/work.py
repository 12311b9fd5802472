"""The work that checking schemas may cost one transaction, counted in steps that are the same on every node."""

from __future__ import annotations

from iop.errors import LimitError

# A step is about a microsecond; a short transaction may cost a quarter of a second, one of 1 MiB about nine seconds.
STEPS_PER_TRANSACTION = 1 << 18
STEPS_PER_BYTE = 8


class Work:
    """A purse of steps. `spend` raises LimitError when it is empty; what is spent never comes back."""

    __slots__ = ("left",)

    def __init__(self, left: int = STEPS_PER_TRANSACTION) -> None:
        self.left = left

    def spend(self, steps: int) -> None:
        """Takes steps out of the purse."""
        self.left -= steps
        if self.left < 0:
            raise LimitError("checking the schemas takes too many steps")
