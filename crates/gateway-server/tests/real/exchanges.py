"""Recorded exchanges of real providers, read where GATEWAY_RECORDINGS says, and the project's own written ones.

An exchange is a request and the answer that a provider gave it. The id of an exchange is the name of the model that
the replaying upstream answers with it.
"""

import base64
import json
import os
import re
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# The endpoints that answer a turn of a chat, and those of the other operations that are replayed.
TURNS = ("chat", "responses", "messages", "generateContent", "converse", "v2-chat", "api-chat")

# How the path of each endpoint ends; Gemini and Bedrock have the model in it.
PATHS = {
    "chat": r"/chat/completions$",
    "responses": r"/responses$",
    "messages": r"/v1/messages$",
    "generateContent": r"/models/[^/]+:(generateContent|streamGenerateContent)$",
    "converse": r"/model/[^/]+/(converse|converse-stream)$",
    "v2-chat": r"/v2/chat$",
    "api-chat": r"/api/chat$",
    "embeddings": r"/embeddings$",
    "v2-embed": r"/v2/embed$",
    "batchEmbedContents": r"/models/[^/]+:batchEmbedContents$",
    "api-embed": r"/api/embed$",
}


@dataclass(eq=False)
class Exchange:
    """One request and its answer."""

    id: str
    vendor: str
    endpoint: str
    streamed: bool
    status: int
    headers: dict
    body: bytes
    request: dict
    request_headers: dict = field(default_factory=dict)
    features: list = field(default_factory=list)
    # The connection ends before the answer does.
    cut: bool = False
    # Answers with these first, one a call, before it answers as it should.
    before: list = field(default_factory=list)

    @property
    def written(self):
        return self.vendor == "written"

    @cached_property
    def good(self):
        return self.status == 200 and not self.cut

    def fits(self, path):
        return re.search(PATHS[self.endpoint], path) is not None


def recorded():
    """All recorded exchanges of the endpoints above, in the order of their ids; none where there are no recordings."""
    folder = os.environ.get("GATEWAY_RECORDINGS")
    if not folder or not Path(folder).is_dir():
        print("there are no recordings (GATEWAY_RECORDINGS): only the written cases run", flush=True)
        return []
    files = sorted(file for file in Path(folder).glob("*/*.json") if file.name.split(".")[1] in PATHS)
    return [exchange for file in files if (exchange := read(json.loads(file.read_bytes())))]


def read(recording):
    request, response = recording["request"], recording["response"]
    if request.get("body") is None:
        return None
    body = body_of(response)
    # No SDK asks Gemini for one array in pieces.
    if body is None or response["body_format"] == "json-array-stream":
        return None
    return Exchange(
        id=recording["id"],
        vendor=recording["provider"],
        endpoint=recording["endpoint"],
        streamed=bool(recording["stream"]) and response["status"] == 200,
        status=response["status"],
        headers=headers_of(response),
        body=body,
        request=request["body"],
        request_headers=request.get("headers") or {},
        features=recording.get("features") or [],
    )


def body_of(response):
    if response.get("body_json") is not None:
        return json.dumps(response["body_json"], ensure_ascii=False).encode()
    if response.get("body_text") is not None:
        return response["body_text"].encode()
    if response.get("body_base64") is not None:
        return base64.b64decode(response["body_base64"])
    return None


KINDS = {
    "sse": "text/event-stream; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "eventstream": "application/vnd.amazon.eventstream",
}


def headers_of(response):
    headers = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
    for name in ("content-length", "transfer-encoding", "connection", "content-encoding", "date"):
        headers.pop(name, None)
    headers.setdefault("content-type", KINDS.get(response["body_format"], "application/json"))
    return headers


def mixed(exchanges):
    """The written ones, then the recorded ones in an order that is always the same and has no order: the first few are as
    good as any."""
    return sorted(exchanges, key=lambda exchange: (not exchange.written, zlib.crc32(exchange.id.encode())))
