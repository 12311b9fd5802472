"""Fill a ledger store and say after each durable write how far it got.

argv: place, folder of the library, most bytes of a file (0 for any), steps. A refused write is tried again until it succeeds.
"""

import os
import resource
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.path[:0] = [sys.argv[2], os.path.dirname(HERE)]

from iop.errors import HostError  # noqa: E402
from iop.store.ledger import Change  # noqa: E402
from iop.store.ledger_open import create_store, open_store  # noqa: E402
from sample_chain import CHAIN, Chain, transfer, waiting  # noqa: E402

STEPS = 6
TRIES = 200


def make_steps(count=STEPS):
    """Write n, from 1: accept two transactions, append a block of the first one that waits."""
    chain = Chain()
    return [
        [
            Change(accept=(entry(2 * number), entry(2 * number + 1))),
            chain.grow(long_transfer(number)),
        ]
        for number in range(1, count)
    ]


def long_transfer(number):
    return transfer(number, vendor_field="x" * 250)


def entry(number):
    return waiting(long_transfer(number))


def say(text):
    os.write(1, f"{text}\n".encode())


def main():
    place, limit, steps = sys.argv[1], int(sys.argv[3]), int(sys.argv[4])
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    changes = make_steps(steps)
    store = create_store(place, CHAIN)
    say("ack 0")
    for number, step in enumerate(changes, 1):
        if number == steps // 2:
            store.close()
            store = open_store(place)
        for _ in range(TRIES):
            try:
                store.write(step)
            except HostError as error:
                say(f"refused {error.message}")
                held = [block.height for block in store.blocks()]
                say(f"reads {len(held)} {len(store.pool())}")
                resource.setrlimit(
                    resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                )
            else:
                break
        say(f"ack {number}")
    store.close()


if __name__ == "__main__":
    main()
