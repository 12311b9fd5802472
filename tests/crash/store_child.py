"""Fill a ledger store and say after each durable write how far it got. argv: path, library root."""

import os
import resource
import signal
import sys

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[2])

from iop.errors import HostError  # noqa: E402
from iop.store.ledger import BlockEntry, Change, PoolEntry  # noqa: E402
from iop.store.ledger_sqlite import create_ledger, open_ledger  # noqa: E402

STEPS = 6


def entry(number):
    return PoolEntry(number.to_bytes(32, "big"), b"transaction %d" % number)


def step(number):
    """Write `number`: accept two transactions, forge a block of the first one that waits."""
    return [
        Change(accept=(entry(2 * number), entry(2 * number + 1))),
        Change(block=BlockEntry(number, b"block %d " % number * 500, (entry(number).txid,))),
    ]


def say(text):
    os.write(1, f"{text}\n".encode())


def main():
    path = sys.argv[1]
    if len(sys.argv) > 3:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = int(sys.argv[3])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    store = create_ledger(path, b"genesis")
    say("ack 0")
    for number in range(1, STEPS):
        if number == STEPS // 2:
            store.close()
            store = open_ledger(path)
        try:
            store.write(step(number))
        except HostError as error:
            say(f"refused {error.message}")
            held = [block.height for block in store.blocks()]
            say(f"reads {held[-1] if held else 0} {len(store.pool())}")
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            )
            store.write(step(number))
        say(f"ack {number}")
    store.close()


if __name__ == "__main__":
    main()
