"""Clients of a node that cost little: each keeps one connection and sends requests that were made beforehand.

Arguments: the port and a file with one pickled list of requests a client. Prints how many answers took in all transactions.
"""

from __future__ import annotations

import pickle
import select
import socket
import sys


def send_all(port: int, clients: list[list[bytes]]) -> int:
    """All clients at once, each its next request when the last one is answered."""
    poll = select.epoll()
    links = {}
    for requests in clients:
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left = iter(requests)
        link.sendall(next(left))
        links[link.fileno()] = link, left
        poll.register(link, select.EPOLLIN)
    good = 0
    got = dict.fromkeys(links, b"")
    while links:
        for place, _ in poll.poll():
            link, left = links[place]
            part = link.recv(65_536)
            got[place] += part
            if part and not is_whole(got[place]):
                continue
            good += is_good(got[place])
            got[place] = b""
            request = next(left, None)
            if part and request is not None:
                link.sendall(request)
            else:
                poll.unregister(link)
                link.close()
                del links[place]
    return good


def is_whole(answer: bytes) -> bool:
    """Whether an answer with a content length is there to its end."""
    end = answer.find(b"\r\n\r\n")
    mark = answer.find(b"content-length: ", 0, end)
    return end > 0 and len(answer) >= end + 4 + int(answer[mark + 16 : answer.find(b"\r", mark)])


def is_good(answer: bytes) -> bool:
    """Whether every transaction was taken."""
    return answer[9:12] == b"200" and b'"excess":[],"invalid":[]' in answer


def main() -> None:
    """Read the requests, send them, tell the good answers."""
    with open(sys.argv[2], "rb") as file:
        clients = pickle.load(file)  # noqa: S301 - our own file
    print(send_all(int(sys.argv[1]), clients))


if __name__ == "__main__":
    main()
