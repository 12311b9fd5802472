"""The ASGI application and the embedded server: limits, hostile requests, browsers, caching, probes."""

import asyncio
import json
import socket

import pytest

from iop.daemon.activation import bind
from iop.daemon.http import body as bodies
from iop.daemon.http import connection, serve
from iop.daemon.http.app import HttpApp
from iop.daemon.http.client import Clients
from iop.daemon.http.connection import MAX_AHEAD, Admission
from iop.daemon.http.dispatch import Interface
from iop.daemon.http.payload import MAX_BODY
from iop.daemon.http.quota import Quota
from iop.daemon.http.rate import RateLimit
from iop.daemon.http.reply import Reply, encode
from iop.daemon.http.router import Router
from iop.daemon.http.serve import HttpServer
from iop.errors import BusyError, DataError, VerifyError

LOOP = None


@pytest.fixture(autouse=True, params=["asyncio", "uvloop"])
def loops(request, monkeypatch):
    """Each test on both event loops."""
    if request.param == "uvloop":
        uvloop = pytest.importorskip("uvloop")
        monkeypatch.setattr(f"{__name__}.LOOP", uvloop.new_event_loop)


class View:
    """Counts the calls of handlers."""

    calls = 0


def read(view, params, _body):
    view.calls += 1
    return encode({"id": params["id"], "calls": view.calls})


def echo(_view, _params, body):
    return encode(body if isinstance(body, dict | list | None) else "foreign")


async def later(_view, _params, body):
    await asyncio.sleep(0)
    return encode([body])


def fail(error):
    def handler(_view, _params, _body):
        raise error

    return handler


def application(**more):
    router = Router()
    router.add("GET", "/api/kept/{id}", read)
    router.add("GET", "/api/fresh/{id}", read)
    router.add("POST", "/api/echo", echo)
    router.add("POST", "/api/later", later)
    router.add("GET", "/api/data", fail(DataError("x")))
    router.add("GET", "/api/verify", fail(VerifyError("x")))
    router.add("GET", "/api/busy", fail(BusyError("disk is slow")))
    router.add("GET", "/api/bug", fail(ZeroDivisionError()))
    router.add("GET", "/api/middling", lambda *_: Reply(200, b"x" * 30_000))
    router.add("GET", "/api/large", lambda *_: Reply(200, b"x" * 3_000_000))
    more.setdefault("cached", ("/api/kept/",))
    more.setdefault("probes", {"/healthz": lambda: Reply(200, b"ok\n", b"text/plain")})
    return HttpApp(Interface(router, View()), **more)


def converse(app, *requests, client=("127.0.0.1", 5)):
    """(status, headers, body) of each ASGI request (method, path, headers, body parts)."""

    async def one(method, path, headers, parts):
        sent = []
        events = [
            {"type": "http.request", "body": part, "more_body": i + 1 < len(parts)}
            for i, part in enumerate(parts)
        ]

        async def receive():
            return events.pop(0) if events else {"type": "http.disconnect"}

        async def send(event):
            sent.append(event)

        scope = {
            "type": "http",
            "method": method,
            "raw_path": path.encode(),
            "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
            "client": client,
        }
        await app(scope, receive, send)
        start, body = sent
        return start["status"], dict(start["headers"]), body["body"]

    async def all_of_them():
        return [await one(*request) for request in requests]

    return asyncio.run(all_of_them())


def get(path, **headers):
    return ("GET", path, {k.replace("_", "-"): v for k, v in headers.items()}, [b""])


def post(path, body, **headers):
    return ("POST", path, {k.replace("_", "-"): v for k, v in headers.items()}, [body])


def test_answers():
    app = application()
    found, missing, deep = converse(
        app, get("/api/fresh/a%20b"), get("/nothing"), get("/api/v2/fresh/q")
    )
    assert found[0] == 200
    assert found[1][b"content-type"] == b"application/json; charset=utf-8"
    assert found[1][b"content-length"] == b"%d" % len(found[2])
    assert json.loads(found[2]) == {"id": "a b", "calls": 1}
    assert missing[0] == 404
    assert json.loads(missing[2]) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "Not Found",
    }
    assert json.loads(deep[2])["id"] == "q"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/api/data", 500, "An internal server error occurred"),
        ("/api/verify", 500, "An internal server error occurred"),
        ("/api/bug", 500, "An internal server error occurred"),
        ("/api/busy", 503, "disk is slow"),
        ("/api/fresh/%zz", 400, "Bad Request"),
    ],
)
def test_errors(path, status, message, caplog):
    ((got, _, body),) = converse(application(), get(path))
    assert (got, json.loads(body)["message"]) == (status, message)


def test_bodies():
    answers = converse(
        application(),
        post("/api/echo", b'{"a":1}'),
        post("/api/later", b"5"),
        post("/api/echo", b""),
        post("/api/echo", b"[}"),
        post("/api/echo", b"[]", content_type="application/xml"),
        post("/api/echo", b"[]", content_type="text/plain"),
        post("/api/echo", b"[" * 500 + b"]" * 500),
    )
    assert [(status, json.loads(body)) for status, _, body in answers[:3]] == [
        (200, {"a": 1}),
        (200, [5]),
        (200, None),
    ]
    assert [status for status, _, _ in answers[3:]] == [422, 422, 200, 200]
    assert json.loads(answers[3][2])["message"] == "Invalid request payload JSON format"
    assert json.loads(answers[5][2]) == "foreign"


def test_body_limit_declared_and_real():
    refused = f"Payload content length greater than maximum allowed: {MAX_BODY}"
    declared = post("/api/echo", b"", content_length=str(MAX_BODY + 1))
    absurd = post("/api/echo", b"", content_length="9" * 30)
    real = ("POST", "/api/echo", {}, [b" " * MAX_BODY, b" "])
    for status, headers, body in converse(application(), declared, absurd, real):
        assert status == 422
        assert json.loads(body)["message"] == refused
        assert headers[b"connection"] == b"close"


def test_cut_off_body():
    ((status, headers, _),) = converse(application(), ("POST", "/api/echo", {}, []))
    assert (status, headers[b"connection"]) == (408, b"close")


def test_answers_are_kept_until_forgotten():
    app = application()
    first, second = converse(app, get("/api/kept/a"), get("/api/kept/a"))
    assert first[2] == second[2]
    app.forget()
    ((_, _, third),) = converse(app, get("/api/kept/a"))
    assert json.loads(third)["calls"] == 2
    fresh = converse(app, get("/api/fresh/a"), get("/api/fresh/a"))
    assert fresh[0][2] != fresh[1][2]


def test_kept_answers_are_bounded(monkeypatch):
    monkeypatch.setattr("iop.daemon.http.app.MAX_CACHED_ANSWERS", 3)
    app = application()
    converse(app, *(get(f"/api/kept/{n}") for n in range(20)))
    assert len(app._answers) <= 3


def test_probes_are_for_this_host_only():
    app = application()
    here, proxied = converse(app, get("/healthz"), get("/healthz", x_forwarded_for="1.2.3.4"))
    ((far, _, _),) = converse(app, get("/healthz"), client=("10.0.0.9", 1))
    assert (here[0], here[2]) == (200, b"ok\n")
    assert (proxied[0], far) == (404, 404)


def test_not_ready_but_alive():
    app = application(is_ready=lambda: False)
    alive, starting = converse(app, get("/healthz"), get("/api/fresh/a"))
    assert (alive[0], starting[0]) == (200, 503)
    assert json.loads(starting[2])["message"] == "The node is starting"


def test_rate_limit():
    app = application(rate=RateLimit(2))
    statuses = [status for status, _, _ in converse(app, *[get("/api/fresh/a")] * 3)]
    assert statuses == [200, 200, 429]


def test_browsers():
    plain, crossed, preflight, bare = converse(
        application(),
        get("/api/fresh/a"),
        get("/api/fresh/a", origin="http://a.example"),
        (
            "OPTIONS",
            "/api/echo",
            {
                "origin": "http://a.example",
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type",
            },
            [b""],
        ),
        ("OPTIONS", "/api/echo", {}, [b""]),
    )
    assert b"access-control-allow-origin" not in plain[1]
    assert crossed[1][b"access-control-allow-origin"] == b"http://a.example"
    assert preflight[0] == 200
    assert preflight[1][b"access-control-allow-methods"] == b"POST"
    assert preflight[1][b"access-control-allow-headers"] == b"content-type"
    assert bare[0] == 404


def test_hostile_origin_is_not_echoed():
    for origin in ("x" * 600, "a\x7fb", "é"):
        ((_, headers, _),) = converse(application(), get("/api/fresh/a", origin=origin))
        assert b"access-control-allow-origin" not in headers


async def until(condition):
    while not condition():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.005)


class Served:
    """The application behind the real server on loopback; `talk` sends bytes and reads until the end."""

    def __init__(self, app, connections=1024, per_client=0, proxies=()):
        self.app = app
        self.connections, self.per_client, self.proxies = connections, per_client, proxies

    def run(self, work):
        async def main():
            sockets = bind("127.0.0.1", 0)
            self.port = sockets[0].getsockname()[1]
            admission = self.admission = Admission(
                self.connections, Quota(self.per_client), Clients(self.proxies)
            )
            server = HttpServer(self.app, sockets, admission)
            task = asyncio.create_task(server.run())
            await server.started()
            try:
                return await asyncio.wait_for(work(self), 20)
            finally:
                server.stop()
                await task

        with asyncio.Runner(loop_factory=LOOP) as runner:
            return runner.run(main())

    async def talk(self, *data, half=True, enough=0):
        """What comes back: to the end, or until `enough` answers are there. Each part after the first waits for an answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        got = b""
        try:
            for number, part in enumerate(data):
                if number:
                    got += await reader.read(1 << 16)
                writer.write(part)
            if half:
                writer.write_eof()
            while part := await reader.read(1 << 16):
                got += part
                if enough and got.count(b"HTTP/1.1 ") >= enough:
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()
        return got


def statuses(raw):
    return [int(part[:3]) for part in raw.split(b"HTTP/1.1 ")[1:]]


def test_served_keep_alive_and_pipelining():
    async def work(served):
        request = b"GET /api/fresh/%d HTTP/1.1\r\nhost: x\r\n\r\n"
        return await served.talk(
            request % 1 + request % 2 + b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            half=False,
        )

    assert statuses(Served(application()).run(work)) == [200, 200, 404]


def test_head_is_answered_without_a_body():
    async def work(served):
        head = b"HEAD /api/fresh/1 HTTP/1.1\r\nhost: x\r\n\r\n"
        close = b"HEAD /api/fresh/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        return await served.talk(head, head, close, half=False)

    raw = Served(application()).run(work)
    assert statuses(raw) == [200, 200, 200]
    assert raw.endswith(b"\r\n\r\n")
    assert b"content-length: 20" in raw


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n\r\n\x00",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: x\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /api/echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_malformed_requests(raw):
    got = statuses(Served(application()).run(lambda served: served.talk(raw)))
    assert all(status in (400, 404) for status in got)


def test_head_that_never_ends():
    async def work(served):
        return await served.talk(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000, half=False)

    raw = Served(application()).run(work)
    assert statuses(raw) in ([431], [])


def test_head_that_takes_too_long(monkeypatch):
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 0.05)

    async def work(served):
        return await asyncio.gather(
            served.talk(b"", half=False), served.talk(b"GET / HTTP/1.1\r\nho", half=False)
        )

    assert Served(application()).run(work) == [b"", b""]


def test_answer_that_nobody_reads(monkeypatch):
    monkeypatch.setattr(connection, "STALL_TIMEOUT_S", 0.05)

    async def work(served):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", served.port))
        request = b"GET /api/large HTTP/1.1\r\nhost: x\r\n\r\n"
        await loop.sock_sendall(client, request * 4)
        await until(lambda: served.admission.open > 0)
        await until(lambda: served.admission.open == 0)
        size = 0
        with client:
            try:
                while part := await loop.sock_recv(client, 1 << 20):
                    size += len(part)
            except ConnectionError:
                pass
        return size

    assert Served(application()).run(work) < 9_000_000


def test_connections_are_limited():
    async def work(served):
        pairs = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(3)]
        for reader, writer in pairs[:2]:
            writer.write(b"GET /api/fresh/1 HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await reader.readline()).endswith(b"200 OK\r\n")
        try:
            refused = await pairs[2][0].read()
        except ConnectionError:
            refused = b""
        for _, writer in pairs:
            writer.close()
        return refused

    refused = Served(application(), connections=2).run(work)
    assert statuses(refused) == [503]
    assert b'"message":"Too many connections"' in refused


def test_connections_of_one_client_are_limited():
    async def work(served):
        held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2)]
        refused = await served.talk(b"", half=False)
        other = await asyncio.open_connection("127.0.0.1", served.port, local_addr=("127.0.0.9", 0))
        other[1].write(b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await other[0].read()
        held.pop()[1].close()
        await until(lambda: served.admission.open == 1)
        again = await served.talk(b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        for _, writer in (*held, other):
            writer.close()
        return refused, answer, again

    served = Served(application(), per_client=2)
    assert [statuses(raw) for raw in served.run(work)] == [[429], [404], [404]]
    assert served.admission.refused == {"full": 0, "client": 1}


def test_connections_of_a_proxy_are_not_counted_as_one_client():
    async def work(served):
        held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(5)]
        answer = await served.talk(b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        for _, writer in held:
            writer.close()
        return answer

    served = Served(application(), per_client=2, proxies=("127.0.0.0/8",))
    assert statuses(served.run(work)) == [404]


def test_requests_far_ahead_of_their_answers():
    one = b"GET /api/fresh/1 HTTP/1.1\r\nhost: x\r\n\r\n"

    async def work(served):
        few = await served.talk(one * (MAX_AHEAD + 1), half=False, enough=MAX_AHEAD + 1)
        many = await served.talk(one * 5000, half=False)
        return few, many

    few, many = Served(application()).run(work)
    assert len(statuses(few)) == MAX_AHEAD + 1
    assert len(statuses(many)) <= MAX_AHEAD + 1


def test_line_breaks_do_not_keep_a_connection(monkeypatch):
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 0.05)

    async def work(served):
        return await served.talk(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n", b"\r\n", half=False)

    assert statuses(Served(application()).run(work)) == [404]


def test_endless_line_breaks():
    async def work(served):
        return await served.talk(
            b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n", b"\r\n" * 10_000, half=False
        )

    assert statuses(Served(application()).run(work)) == [404, 431]


@pytest.mark.parametrize("head", [b"content-length: 9999999", b"transfer-encoding: chunked"])
def test_reading_with_a_body_ends_the_connection(head):
    async def work(served):
        raw = b"GET /api/kept/1 HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n"
        return await served.talk(raw, half=False)

    raw = Served(application()).run(work)
    assert statuses(raw) == [200]
    assert b"connection: close" in raw


def test_small_answer_that_nobody_reads(monkeypatch):
    """What is left unread fits into the server's buffer, so that nothing ever pauses; then the connection idles."""
    monkeypatch.setattr(connection, "STALL_TIMEOUT_S", 0.05)
    monkeypatch.setattr(serve, "IDLE_TIMEOUT_S", 0.0)

    async def work(served):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        with client:
            await loop.sock_connect(client, ("127.0.0.1", served.port))
            request = b"GET /api/middling HTTP/1.1\r\nhost: x\r\n\r\n"
            await until(lambda: served.admission.open == 1)
            while served.admission.open:
                try:
                    await loop.sock_sendall(client, request)
                except ConnectionError:
                    break
                await asyncio.sleep(0)
            await until(lambda: served.admission.open == 0)

    Served(application()).run(work)


def test_body_that_takes_too_long(monkeypatch):
    monkeypatch.setattr(bodies, "TIMEOUT_S", 0.05)

    async def work(served):
        head = b"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"
        return await served.talk(head, half=False)

    raw = Served(application()).run(work)
    assert statuses(raw) == [408]
    assert b'"error":"Request Time-out"' in raw


def test_bodies_together_are_limited(monkeypatch):
    monkeypatch.setattr(bodies, "MAX_TOGETHER", 10)
    app = application()
    small, large, again = converse(
        app, post("/api/echo", b"[]"), post("/api/echo", b"[1,2,3,4,5]"), post("/api/echo", b"[]")
    )
    assert [small[0], large[0], again[0]] == [200, 503, 200]
    assert large[1][b"connection"] == b"close"
    assert app._bodies.held == 0


def test_requests_under_way_of_one_client_are_limited(monkeypatch):
    monkeypatch.setattr("iop.daemon.http.app.MAX_UNDER_WAY", 2)

    async def work(served):
        head = b"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n"
        held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2)]
        for _, writer in held:
            writer.write(head)
        await until(lambda: served.app._under_way.count("127.0.0.1") == 2)
        refused = await served.talk(head, half=False)
        for reader, writer in held:
            writer.write(b"[]")
            assert (await reader.readline()).endswith(b"200 OK\r\n")
            writer.close()
        return refused

    assert statuses(Served(application()).run(work)) == [429]


def test_upgrades_are_not_offered():
    async def work(served):
        raw = b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: %s\r\n\r\n"
        close = b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        return [
            await served.talk(raw % b"h2c", half=False, enough=1),
            await served.talk(raw % b"websocket", half=False, enough=1),
            await served.talk(b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n" + close, half=False),
        ]

    for raw in Served(application()).run(work):
        assert set(statuses(raw)) <= {404, 400}
        assert raw


def test_large_body_is_refused_before_it_is_read():
    async def work(served):
        head = b"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 99000000\r\n\r\n"
        return await served.talk(head, half=False)

    raw = Served(application()).run(work)
    assert statuses(raw) == [422]


def test_chunked_body_without_end_is_refused():
    async def work(served):
        head = b"POST /api/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        return await served.talk(head + chunk * 20, half=False)

    assert statuses(Served(application()).run(work)) in ([422], [])
