"""The project's own exchanges, after the vendors' documents: what no recording shows, and something of each dialect for
machines that have no recordings. Each dialect has the same cases, under ids `written.ENDPOINT.{json|stream}.CASE`:

    text        an answer of words, with tokens that were read from a cache
    tools       two calls of tools at once
    limited     429 with a time to come back
    overloaded  the vendor's own way of saying so
    invalid     400
    patience    429 once with a short time to come back, then the answer `text`
    cut         a stream whose connection ends in the middle
    broken      a stream that tells an error in the middle (where the dialect can)
"""

import json

from exchanges import Exchange
from written.frames import event_pieces, frame, lines, named, sse
from written.of_openai import RESPONSES_USAGE, chat_stream, chat_whole, response, responses_items, responses_stream
from written.of_others import (
    cohere_stream, cohere_whole, converse_stream, converse_whole, gemini_stream, gemini_whole, messages_stream,
    messages_whole, ollama_line, ollama_stream,
)

WORDS = ("Grüße", " aus", " Oslo", ": sun", "ny ☀", "️, 21", " °C.")
TEXT = "".join(WORDS)
CALLS = (("weather", {"city": "Oslo"}), ("clock", {"zone": "Europe/Oslo", "precise": True}))
LIMITED = "Too many requests: come back later."
OVERLOADED = "The model is overloaded."
INVALID = "The prompt is too long: 300000 tokens, and 200000 are the most."


def openai_error(kind, message, code):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic_error(kind, message, _code):
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_written"}


def google_error(kind, message, code):
    return {"error": {"code": code, "message": message, "status": kind}}


def message_error(_kind, message, _code):
    return {"message": message}


def ollama_error(_kind, message, _code):
    return {"error": message}


SSE, LINES, FRAMES = "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream"

# For each endpoint: how a whole answer is made, how a stream, in what frames, its type, and the errors: status, kind
# and code of `limited`, `overloaded` and `invalid`; last, how a stream tells of trouble in the middle.
BOOK = {
    "chat": (
        chat_whole, lambda *of: sse(*chat_stream(*of)), SSE, openai_error,
        ((429, "requests", "rate_limit_exceeded"), (503, "server_error", "overloaded"),
         (400, "invalid_request_error", "context_length_exceeded")),
        lambda: sse(openai_error("server_error", OVERLOADED, "overloaded")),
    ),
    "responses": (
        lambda *of: response("completed", responses_items(*of), RESPONSES_USAGE),
        lambda *of: named(*responses_stream(*of)), SSE, openai_error,
        ((429, "requests", "rate_limit_exceeded"), (503, "server_error", "overloaded"),
         (400, "invalid_request_error", "context_length_exceeded")),
        lambda: named({
            "type": "response.failed", "sequence_number": 99,
            "response": response("failed", []) | {"error": {"code": "server_error", "message": OVERLOADED}},
        }),
    ),
    "messages": (
        messages_whole, lambda *of: named(*messages_stream(*of)), SSE, anthropic_error,
        ((429, "rate_limit_error", None), (529, "overloaded_error", None), (400, "invalid_request_error", None)),
        lambda: named(anthropic_error("overloaded_error", OVERLOADED, None)),
    ),
    "generateContent": (
        gemini_whole, lambda *of: sse(*gemini_stream(*of)), SSE, google_error,
        ((429, "RESOURCE_EXHAUSTED", 429), (503, "UNAVAILABLE", 503), (400, "INVALID_ARGUMENT", 400)),
        lambda: sse(google_error("UNAVAILABLE", OVERLOADED, 503)),
    ),
    "converse": (
        converse_whole, lambda *of: event_pieces(converse_stream(*of)), FRAMES, message_error,
        ((429, "ThrottlingException", None), (503, "ServiceUnavailableException", None), (400, "ValidationException", None)),
        lambda: [frame("serviceUnavailableException", {"message": OVERLOADED}, "exception")],
    ),
    "v2-chat": (
        cohere_whole, lambda *of: named(*cohere_stream(*of)), SSE, message_error,
        ((429, None, None), (503, None, None), (400, None, None)),
        None,
    ),
    "api-chat": (
        lambda content, calls: ollama_line(content, calls), lambda *of: lines(ollama_stream(*of)), LINES, ollama_error,
        ((429, None, None), (503, None, None), (400, None, None)),
        lambda: lines([ollama_error(None, OVERLOADED, None)]),
    ),
}


def answer(endpoint, streamed, words=(), calls=()):
    """An answer of words and calls, made on the spot."""
    whole, stream, kind, *_ = BOOK[endpoint]
    if not streamed:
        body, kind = json.dumps(whole("".join(words), calls)).encode(), "application/json"
    else:
        body = b"".join(stream(words, calls))
    return Exchange("answer", "written", endpoint, streamed, 200, {"content-type": kind}, body, {})


def of_endpoint(endpoint):
    whole, stream, kind, error, errors, broken = BOOK[endpoint]

    def exchange(form, case, body, status=200, **more):
        headers = {"content-type": kind if form == "stream" and status == 200 else "application/json"}
        headers |= more.pop("headers", {})
        return Exchange(
            f"written.{endpoint}.{form}.{case}", "written", endpoint, form == "stream" and status == 200, status, headers,
            body, {}, **more,
        )

    for form, answer in (("json", lambda *of: json.dumps(whole(*of)).encode()), ("stream", lambda *of: b"".join(stream(*of)))):
        text = (TEXT, ()) if form == "json" else (WORDS, ())
        yield exchange(form, "text", answer(*text))
        yield exchange(form, "tools", answer("" if form == "json" else (), CALLS))
        limits, told = [], zip(("limited", "overloaded", "invalid"), (LIMITED, OVERLOADED, INVALID), errors)
        for case, message, (status, name, code) in told:
            headers = {"retry-after": "7"} if case == "limited" else {}
            headers |= {"x-amzn-errortype": name} if endpoint == "converse" else {}
            body = json.dumps(error(name, message, code)).encode()
            yield exchange(form, case, body, status, headers=headers)
            if case == "limited":
                limits.append(exchange(form, "soon", body, status, headers=headers | {"retry-after": "1"}))
        yield exchange(form, "patience", answer(*text), before=limits)
    pieces = stream(WORDS, ())
    begun = pieces[: len(pieces) // 2]
    yield exchange("stream", "cut", b"".join(begun), cut=True)
    if broken:
        yield exchange("stream", "broken", b"".join(begun + broken()))


def all_written():
    return [exchange for endpoint in BOOK for exchange in of_endpoint(endpoint)]
