"""Answers in OpenAI's two dialects, after its reference."""

import json

from written.frames import halves


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
