"""An upstream that answers with recorded exchanges, byte by byte as they were recorded.

The model that is asked for says which: it is the exchange's id. A streamed answer is cut at odd places, so that nobody
can rely on where a frame ends. What was asked is kept. Only Python's own library is used.
"""

import json
import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from urllib.parse import unquote, urlsplit

# Sizes of pieces, again and again: inside of characters, of lines and of frames, and over several of them.
PIECES = (1, 3, 61, 2, 5, 257, 13, 1021, 7, 4099)


class Replay:
    """The upstream, on a port of its own, until the script ends. In the place of an exchange there may be a function that
    makes one of a path and a body."""

    def __init__(self, exchanges, **more):
        self.exchanges = {exchange.id: exchange for exchange in exchanges} | more
        self.asked = deque(maxlen=64)
        self.turns = {}
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"replay": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self):
        """Path, headers and body of what was asked last."""
        return self.asked[-1]

    def times(self, model):
        """How often a model was asked for."""
        return self.turns.get(model, 0)

    def forget(self, model):
        self.turns.pop(model, None)

    def answer(self, path, headers, body):
        """The exchange that answers, or a status and the reason why none does."""
        model = model_in(path) or body.get("model") or ""
        with self.lock:
            self.asked.append((path, headers, body))
            turn = self.turns[model] = self.turns.get(model, 0) + 1
        exchange = self.exchanges.get(model)
        if callable(exchange):
            return exchange(path, body)
        if exchange is None:
            return 404, f"there is no exchange {model}"
        if not exchange.fits(path):
            return 404, f"{model} is of {exchange.endpoint}, not of {path}"
        if exchange.status == 200 and wants_stream(path, exchange, body) != exchange.streamed:
            return 400, f"{model} is {'' if exchange.streamed else 'not '}streamed"
        if turn <= len(exchange.before):
            return exchange.before[turn - 1]
        return exchange


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that goes away early is none of our troubles."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    replay = None

    def log_message(self, *words):
        pass

    def do_HEAD(self):
        self.whole(200, {}, b"")

    def do_GET(self):
        if self.path == "/asked":
            self.whole(200, {"content-type": "application/json"}, json.dumps(self.replay.last()).encode())
            return
        # Nothing is offered: whoever asks here names the model.
        self.whole(404, {"content-type": "application/json"}, json.dumps(trouble("there is no list")).encode())

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        body = json.loads(raw) if raw else {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        exchange = self.replay.answer(path, headers | {"query": urlsplit(self.path).query}, body)
        if isinstance(exchange, tuple):
            status, why = exchange
            self.whole(status, {"content-type": "application/json"}, json.dumps(trouble(f"replay: {why}")).encode())
        elif exchange.streamed:
            self.pieces(exchange)
        else:
            self.whole(exchange.status, exchange.headers, exchange.body)

    def head(self, status, headers, more):
        self.send_response_only(status)
        for name, value in (headers | more).items():
            self.send_header(name, value)
        self.end_headers()

    def whole(self, status, headers, body):
        self.head(status, headers, {"content-length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def pieces(self, exchange):
        self.head(exchange.status, exchange.headers, {"transfer-encoding": "chunked"})
        rest = memoryview(exchange.body)
        for size in cycle(PIECES):
            if not rest:
                break
            piece, rest = rest[:size], rest[size:]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if exchange.cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


def model_in(path):
    """The model of a path that has one."""
    found = re.search(r"/models?/([^/]+?)(:[a-zA-Z]+|/converse|/converse-stream)$", path)
    found = found or re.search(r"/deployments/([^/]+)/", path)
    return unquote(found.group(1)) if found else None


def wants_stream(path, exchange, body):
    if exchange.endpoint in ("generateContent", "converse"):
        return "stream" in path.rsplit("/", 1)[1].lower()
    if exchange.endpoint == "api-chat":
        return body.get("stream", True)
    return bool(body.get("stream"))


def trouble(why):
    """An error object that every dialect can make something of."""
    return {"type": "error", "error": {"type": "not_found_error", "message": why, "code": "not_found"}, "message": why}
