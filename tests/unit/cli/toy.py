"""toy(1): doubles the field "n".

Reads records with a whole number "n", writes them with its double.

Examples:
    $ echo '{"n":2}' | toy
"""

from __future__ import annotations

import sys
import time

from iop.errors import DataError
from iop_cli._command import Noun, run, sink, source, transform
from iop_cli._option import clock, option, seed, yes


@transform
@option("--by", kind="int", default=2, help="Factor.")
def double(shell, by):
    """Multiply each record."""

    def step(record):
        if not isinstance(record, dict) or not isinstance(record.get("n"), int):
            raise DataError('no whole number "n"', hint="add one")
        if record["n"] == 13:
            raise ZeroDivisionError
        yield record | {"n": record["n"] * by}

    return step


@transform(predicate=True)
def even(shell):
    """Say whether n is even."""

    def step(record):
        good = record["n"] % 2 == 0
        if not good:
            shell.deny()
        yield {"type": "iop.verdict/1", "valid": good}

    return step


@sink
def total(shell, items):
    """Add them up."""
    yield {"total": sum(item.value["n"] for item in items)}


@source
@clock
@seed
@yes
@option("--danger", kind="flag", help="Ask first.")
def state(shell, now, seed, yes, danger):
    """Clock and randomness."""
    if danger:
        shell.confirm("really")
    yield {"now": shell.now(), "random": shell.random(4).hex()}


@source
def wait(shell):
    """Write one record and wait for a signal."""
    yield {"pid": True}
    sys.stderr.write("waiting\n")
    sys.stderr.flush()
    time.sleep(600)


command = Noun(double, even, total, state, wait, default="double")

if __name__ == "__main__":
    run(command, "toy", __doc__)
