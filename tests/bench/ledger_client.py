"""Clients of a node that cost little: each keeps one connection and sends requests that were made beforehand.

Arguments: the port and a file with one pickled list of requests a client. Prints how many answers were 200.
"""

from __future__ import annotations

import asyncio
import pickle
import sys


async def send_all(port: int, requests: list[bytes]) -> int:
    """One client: the next request when the last one is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    good = 0
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        body = await reader.readexactly(size)
        good += (
            head.startswith(b"HTTP/1.1 200") and b'"invalid":[]' in body and b'"excess":[]' in body
        )
    writer.close()
    await writer.wait_closed()
    return good


async def send_together(port: int, clients: list[list[bytes]]) -> int:
    """All clients at once."""
    return sum(await asyncio.gather(*(send_all(port, requests) for requests in clients)))


def main() -> None:
    """Read the requests, send them, tell the good answers."""
    with open(sys.argv[2], "rb") as file:
        clients = pickle.load(file)  # noqa: S301 - our own file
    print(asyncio.run(send_together(int(sys.argv[1]), clients)))


if __name__ == "__main__":
    main()
