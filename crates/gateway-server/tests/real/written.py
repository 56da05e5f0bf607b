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
import struct
import zlib

from exchanges import Exchange

WORDS = ("Grüße", " aus", " Oslo", ": sun", "ny ☀", "️, 21", " °C.")
TEXT = "".join(WORDS)
CALLS = (("weather", {"city": "Oslo"}), ("clock", {"zone": "Europe/Oslo", "precise": True}))
LIMITED = "Too many requests: come back later."
OVERLOADED = "The model is overloaded."
INVALID = "The prompt is too long: 300000 tokens, and 200000 are the most."


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


def chat_whole(content, calls):
    message = {"role": "assistant", "content": content, "refusal": None}
    if calls:
        message["tool_calls"] = [
            {"id": f"call_{name}_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for name, arguments in calls
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if calls else "stop"}
    return {
        "id": "chatcmpl-written", "object": "chat.completion", "created": 1750000000, "model": "gpt-written",
        "choices": [choice], "usage": CHAT_USAGE,
    }


CHAT_USAGE = {
    "prompt_tokens": 31, "completion_tokens": 12, "total_tokens": 43,
    "prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 0},
}


def chat_chunk(delta, reason=None, **more):
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    start = {"id": "chatcmpl-written", "object": "chat.completion.chunk", "created": 1750000000, "model": "gpt-written"}
    return start | {"choices": [choice]} | more


def chat_stream(words, calls):
    yield chat_chunk({"role": "assistant", "content": None if calls else ""})
    for word in words:
        yield chat_chunk({"content": word})
    for index, (name, arguments) in enumerate(calls):
        function = {"name": name, "arguments": ""}
        yield chat_chunk({"tool_calls": [{"index": index, "id": f"call_{name}_1", "type": "function", "function": function}]})
        for part in halves(json.dumps(arguments)):
            yield chat_chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    yield chat_chunk({}, "tool_calls" if calls else "stop")
    yield chat_chunk({}) | {"choices": [], "usage": CHAT_USAGE}
    yield "[DONE]"


def response(status, output, usage=None):
    return {
        "id": "resp_written", "object": "response", "created_at": 1750000000, "status": status, "model": "gpt-written",
        "output": output, "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
        "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0, "usage": usage,
    }


RESPONSES_USAGE = {
    "input_tokens": 31, "input_tokens_details": {"cached_tokens": 8}, "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 43,
}


def text_item(text, status="completed"):
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"id": "msg_written", "type": "message", "role": "assistant", "status": status, "content": [part] if text else []}


def call_item(name, arguments, status="completed", freeform=False):
    if freeform:
        return {
            "id": f"ctc_{name}", "type": "custom_tool_call", "call_id": f"call_{name}_1", "name": name, "input": arguments,
            "status": status,
        }
    return {
        "id": f"fc_{name}", "type": "function_call", "call_id": f"call_{name}_1", "name": name, "arguments": arguments,
        "status": status,
    }


def responses_items(content, calls):
    items = [text_item(content)] if content else []
    return items + [call_item(name, *put(arguments)) for name, arguments in calls]


def put(arguments):
    """The arguments of a call as text; and of a tool that takes text, the text."""
    freeform = isinstance(arguments, str)
    return arguments if freeform else json.dumps(arguments), "completed", freeform


def responses_events(words, calls):
    yield {"type": "response.created", "response": response("in_progress", [])}
    yield {"type": "response.in_progress", "response": response("in_progress", [])}
    if words:
        place = {"item_id": "msg_written", "output_index": 0, "content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield {"type": "response.output_item.added", "output_index": 0, "item": text_item("", "in_progress")}
        yield {"type": "response.content_part.added", **place, "part": part}
        for word in words:
            yield {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
        yield {"type": "response.output_text.done", **place, "text": "".join(words), "logprobs": []}
        yield {"type": "response.content_part.done", **place, "part": part | {"text": "".join(words)}}
        yield {"type": "response.output_item.done", "output_index": 0, "item": text_item("".join(words))}
    for index, (name, arguments) in enumerate(calls):
        whole, status, freeform = put(arguments)
        item = call_item(name, whole, status, freeform)
        place = {"item_id": item["id"], "output_index": index}
        kind, field = ("custom_tool_call_input", "input") if freeform else ("function_call_arguments", "arguments")
        yield {"type": "response.output_item.added", "output_index": index, "item": item | {field: "", "status": "in_progress"}}
        for part in halves(whole):
            yield {"type": f"response.{kind}.delta", **place, "delta": part}
        yield {"type": f"response.{kind}.done", **place, field: whole}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    items = responses_items("".join(words), calls)
    yield {"type": "response.completed", "response": response("completed", items, RESPONSES_USAGE)}


def responses_stream(words, calls):
    return ({**event, "sequence_number": number} for number, event in enumerate(responses_events(words, calls)))


# What Anthropic calls input is what no cache held.
MESSAGES_USAGE = {"input_tokens": 20, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 8, "output_tokens": 12}


def messages_whole(content, calls):
    blocks = [{"type": "text", "text": content}] if content else []
    blocks += [
        {"type": "tool_use", "id": f"toolu_{name}_1", "name": name, "input": arguments} for name, arguments in calls
    ]
    return {
        "id": "msg_written", "type": "message", "role": "assistant", "model": "claude-written", "content": blocks,
        "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None, "usage": MESSAGES_USAGE,
    }


def messages_stream(words, calls):
    begun = messages_whole("", ()) | {"stop_reason": None, "usage": MESSAGES_USAGE | {"output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    if words:
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        yield {"type": "ping"}
        for word in words:
            yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
        yield {"type": "content_block_stop", "index": 0}
    for index, (name, arguments) in enumerate(calls):
        block = {"type": "tool_use", "id": f"toolu_{name}_1", "name": name, "input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for part in ("", *halves(json.dumps(arguments))):
            delta = {"type": "input_json_delta", "partial_json": part}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 12}}
    yield {"type": "message_stop"}


def gemini_whole(content, calls, reason="STOP"):
    parts = [{"text": content}] if content else []
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in calls]
    usage = {"promptTokenCount": 31, "cachedContentTokenCount": 8, "candidatesTokenCount": 12, "totalTokenCount": 43}
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {
        "candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-written", "responseId": "written",
    }


def gemini_stream(words, calls):
    chunks = [*words, *calls]
    for chunk in chunks:
        words, calls = ("", [chunk]) if isinstance(chunk, tuple) else (chunk, [])
        yield gemini_whole(words, calls, "STOP" if chunk is chunks[-1] else None)


BEDROCK_USAGE = {
    "inputTokens": 20, "outputTokens": 12, "totalTokens": 43, "cacheReadInputTokens": 8, "cacheWriteInputTokens": 3,
}


def converse_whole(content, calls):
    blocks = [{"text": content}] if content else []
    blocks += [
        {"toolUse": {"toolUseId": f"tooluse_{name}_1", "name": name, "input": arguments}} for name, arguments in calls
    ]
    return {
        "output": {"message": {"role": "assistant", "content": blocks}}, "metrics": {"latencyMs": 321},
        "stopReason": "tool_use" if calls else "end_turn", "usage": BEDROCK_USAGE,
    }


def converse_stream(words, calls):
    yield "messageStart", {"role": "assistant"}
    for word in words:
        yield "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}
    if words:
        yield "contentBlockStop", {"contentBlockIndex": 0}
    for index, (name, arguments) in enumerate(calls):
        start = {"toolUse": {"toolUseId": f"tooluse_{name}_1", "name": name}}
        yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        for part in halves(json.dumps(arguments)):
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": {"toolUse": {"input": part}}}
        yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": "tool_use" if calls else "end_turn"}
    yield "metadata", {"usage": BEDROCK_USAGE, "metrics": {"latencyMs": 321}}


COHERE_USAGE = {
    "billed_units": {"input_tokens": 25, "output_tokens": 12}, "tokens": {"input_tokens": 31, "output_tokens": 12},
    "cached_tokens": 8,
}


def cohere_calls(calls):
    return [
        {"id": f"{name}_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for name, arguments in calls
    ]


def cohere_whole(content, calls):
    message = {"role": "assistant"}
    if content:
        message["content"] = [{"type": "text", "text": content}]
    if calls:
        message |= {"tool_plan": "I will look.", "tool_calls": cohere_calls(calls)}
    return {
        "id": "written", "message": message, "finish_reason": "TOOL_CALL" if calls else "COMPLETE", "usage": COHERE_USAGE,
    }


def cohere_stream(words, calls):
    empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield {"type": "message-start", "id": "written", "delta": {"message": empty}}
    if words:
        yield {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}}
        for word in words:
            yield {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}}
        yield {"type": "content-end", "index": 0}
    if calls:
        yield {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will look."}}}
    for index, call in enumerate(cohere_calls(calls)):
        whole = call["function"]["arguments"]
        call["function"]["arguments"] = ""
        yield {"type": "tool-call-start", "index": index, "delta": {"message": {"tool_calls": call}}}
        for part in halves(whole):
            delta = {"message": {"tool_calls": {"function": {"arguments": part}}}}
            yield {"type": "tool-call-delta", "index": index, "delta": delta}
        yield {"type": "tool-call-end", "index": index}
    ended = {"finish_reason": "TOOL_CALL" if calls else "COMPLETE", "usage": COHERE_USAGE}
    yield {"type": "message-end", "id": "written", "delta": ended}


def ollama_line(content, calls=(), done=True):
    message = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls]
    line = {"model": "written", "created_at": "2025-06-15T15:06:40.000000Z", "message": message, "done": done}
    counts = {
        "done_reason": "stop", "total_duration": 5, "load_duration": 1, "prompt_eval_count": 31,
        "prompt_eval_duration": 1, "eval_count": 12, "eval_duration": 2,
    }
    return line | counts if done else line


def ollama_stream(words, calls):
    for word in words:
        yield ollama_line(word, done=False)
    if calls:
        yield ollama_line("", calls, done=False)
    yield ollama_line("")


def lines(events):
    return [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]


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


def event_pieces(events):
    return [frame(name, payload) for name, payload in events]


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
