"""A proxy between a device and the server that records, delays, cuts or drops each exchange."""

import gzip
import http.client
import json
import threading
import time
import uuid
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass
class Fault:
    """What happens to one exchange. Times are in seconds."""

    # The request is never forwarded; the client sees a closed connection.
    refuse: bool = False
    # Before the request is forwarded.
    request_delay: float = 0
    before: object = None
    # The client's connection closes after half of the body was forwarded. What this calls happens before the rest is
    # forwarded, or before the server's connection is closed as well.
    abandon: object = None
    close: bool = False
    # After the server has responded.
    after: object = None
    response_delay: float = 0
    # The response never arrives, or only half of it.
    drop: bool = False
    cut: bool = False


@dataclass
class Exchange:
    """A request and its response, as seen on the wire."""

    kind: str
    last_sync: str = ""
    # Frames by id: project, start, end, tags.
    sent: dict = field(default_factory=dict)
    received: dict = field(default_factory=dict)
    status: int = 0
    detail: str = ""
    # When the server was asked, and when it had responded.
    forwarded_at: float = 0
    responded_at: float = 0
    # Whether the client was sent the whole response.
    delivered: bool = False


class Proxy:
    """Listens on a port of its own; `url` is what a device is configured with."""

    def __init__(self, target):
        self.target = target
        self.faults = {"pull": [], "push": []}
        self.exchanges = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                proxy.relay(self, "pull")

            def do_POST(self):
                proxy.relay(self, "push")

            def log_message(self, *arguments):
                pass

        self.server = Listener(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{urlsplit(target).path}"

    def next_pull(self, **fault):
        """Plans a fault for the next pull; several are for the pulls after it."""
        self.faults["pull"].append(Fault(**fault))

    def next_push(self, **fault):
        self.faults["push"].append(Fault(**fault))

    def clear(self):
        """Cancels planned faults that did not happen."""
        for faults in self.faults.values():
            faults.clear()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def relay(self, handler, kind):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        query = parse_qs(urlsplit(handler.path).query)
        exchange = Exchange(kind, query.get("last_sync", [""])[0])
        if kind == "push":
            exchange.sent = frames_by_id(body)
        with self.lock:
            self.exchanges.append(exchange)
            fault = self.faults[kind].pop(0) if self.faults[kind] else Fault()
        if fault.refuse:
            hang_up(handler)
            return
        time.sleep(fault.request_delay)
        if fault.before:
            fault.before()
        exchange.forwarded_at = time.time()
        try:
            status, headers, content = self.forward(handler, body, fault)
        except OSError as error:
            exchange.detail = f"the server cannot be reached: {error}"
            hang_up(handler)
            return
        exchange.status, exchange.responded_at = status, time.time()
        plain = decompress(headers, content)
        if kind == "pull" and status == 200:
            exchange.received = frames_by_id(plain)
        elif status >= 400:
            exchange.detail = plain.decode(errors="replace")
        if fault.after:
            fault.after()
        time.sleep(fault.response_delay)
        # Half of an empty body is no response at all.
        if fault.drop or fault.abandon or fault.cut and not content:
            hang_up(handler)
            return
        exchange.delivered = not fault.cut
        respond(handler, status, headers, content, len(content) // 2 if fault.cut else len(content))

    def forward(self, handler, body, fault):
        """Asks the server. Redirects are followed here, so that a fault hits a pull or push as a whole."""
        path = handler.path
        for _ in range(3):
            status, headers, content = self.request(handler, path, body, fault)
            if status not in (301, 307, 308):
                break
            location = urlsplit(dict(headers)["Location"])
            path = location.path + (f"?{location.query}" if location.query else "")
        return status, headers, content

    def request(self, handler, path, body, fault):
        target = urlsplit(self.target)
        connect = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        connection = connect(target.netloc)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP_BY_HOP}
        if handler.command == "POST":
            headers["Content-Length"] = str(len(body))
        try:
            connection.putrequest(handler.command, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            half = len(body) // 2 if fault.abandon else 0
            connection.send(body[:half])
            if fault.abandon:
                hang_up(handler)
                fault.abandon()
                if fault.close:
                    raise ConnectionError("closed by the proxy")
            connection.send(body[half:])
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that hangs up is no fault of the proxy."""


def respond(handler, status, headers, content, length):
    handler.send_response_only(status)
    for name, value in headers:
        if name.lower() not in HOP_BY_HOP:
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(content[:length] if length else b"")
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True
    try:
        handler.connection.shutdown(2)
    except OSError:
        pass  # The client was faster.


def decompress(headers, content):
    encodings = [value for name, value in headers if name.lower() == "content-encoding"]
    if encodings == ["gzip"]:
        return gzip.decompress(content)
    if encodings == ["deflate"]:
        return zlib.decompress(content)
    return content


def frames_by_id(body):
    """Frames as Watson names them: 32 hexadecimal digits."""
    try:
        frames = json.loads(body) or []
        return {uuid.UUID(frame["id"]).hex: frame for frame in frames}
    except (ValueError, TypeError, KeyError):
        return {}
