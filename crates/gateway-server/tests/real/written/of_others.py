"""Answers in the dialects of Anthropic, Google, Amazon, Cohere and Ollama, after their references."""

import json

from written.frames import halves

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
