"""How events are put on the wire, and calls cut into pieces."""

import json
import struct
import zlib


def sse(*events):
    """Server-sent events; a pair is an event that has a name."""
    lines = []
    for event in events:
        name, data = event if isinstance(event, tuple) else (None, event)
        data = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        lines.append((f"event: {name}\n" if name else "") + f"data: {data}\n\n")
    return [line.encode() for line in lines]


def named(*events):
    """Events named by their type, as Anthropic, Cohere and the Responses API do."""
    return sse(*((event["type"], event) for event in events))


def frame(kind, payload, message="event"):
    """A message of Amazon's event stream: lengths, headers, payload, and a checksum after each half."""
    label = ":event-type" if message == "event" else ":exception-type"
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in ((label, kind), (":content-type", "application/json"), (":message-type", message))
    )
    body = json.dumps(payload, ensure_ascii=False).encode()
    start = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    start += struct.pack(">I", zlib.crc32(start))
    whole = start + headers + body
    return whole + struct.pack(">I", zlib.crc32(whole))


def halves(words):
    return words[: len(words) // 2], words[len(words) // 2 :]


def lines(events):
    return [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]


def event_pieces(events):
    return [frame(name, payload) for name, payload in events]
