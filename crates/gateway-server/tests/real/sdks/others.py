"""Anthropic's, Google's, Amazon's, Cohere's and Ollama's own SDKs."""

import base64
import itertools
import json

import anthropic
import boto3
import botocore
import cohere
import httpx
import ollama
from cohere.core.api_error import ApiError
from google import genai
from google.genai import errors as genai_errors
from google.genai import types

from sdks.base import Answer, Sdk, Seen, Told, known, parameters


MESSAGES_FINISH = {
    "end_turn": "stop", "stop_sequence": "stop", "pause_turn": "stop", "max_tokens": "length", "tool_use": "tools",
    "refusal": "filter",
}


def messages_usage(usage):
    """All that was billed: where there are iterations, the figures beside them are those of the last one alone."""
    parts = getattr(usage, "iterations", None) or [usage]
    parts = [part if isinstance(part, dict) else part.model_dump() for part in parts]
    counts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(part.get(name) or 0 for part in parts for name in counts), sum(part["output_tokens"] for part in parts)


class Anthropic(Sdk):
    name, endpoint = "anthropic", "messages"
    errors = (anthropic.APIError, httpx.RemoteProtocolError)

    def __init__(self, url, key):
        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def question(self, question):
        messages = [{"role": "user", "content": question.prompt}]
        if question.after:
            results = [
                {"type": "tool_result", "tool_use_id": call, "content": result}
                for call, result in zip(question.after.ids, question.results)
            ]
            messages += [{"role": "assistant", "content": question.after.turn}, {"role": "user", "content": results}]
        arguments = {"messages": messages, "max_tokens": 1000}
        if question.tools:
            arguments["tools"] = [
                {"name": name, "description": f"Tells the {name}", "input_schema": parameters(name)} for name in question.tools
            ]
        return arguments

    def recorded(self, exchange):
        # Told a time, the SDK does not insist on a stream for long answers.
        arguments = known(self.client.messages.create, exchange.request) | {"timeout": 60}
        betas = exchange.request_headers.get("anthropic-beta")
        return arguments | ({"extra_headers": {"anthropic-beta": betas}} if betas else {})

    def send(self, model, arguments, streamed):
        if streamed:
            with self.client.messages.stream(model=model, **arguments) as stream:
                plain = [event.model_dump(warnings=False) for event in stream]
                message = stream.get_final_message()
            # The SDK puts everything together but these.
            ended = [event["usage"] for event in plain if event["type"] == "message_delta"]
            message.usage.iterations = ended[-1].get("iterations") if ended else None
        else:
            message = self.client.messages.create(model=model, **arguments)
            plain = message.model_dump(warnings=False)
        calls = [block for block in message.content if block.type == "tool_use"]
        seen = Seen(
            "".join(block.text for block in message.content if block.type == "text"),
            [(call.name, call.input) for call in calls],
            MESSAGES_FINISH.get(message.stop_reason, message.stop_reason),
            messages_usage(message.usage),
        )
        return Answer(seen, plain, message.content, [call.id for call in calls])

    def told(self, error):
        headers = error.response.headers if isinstance(error, anthropic.APIStatusError) else {}
        status = getattr(error, "status_code", None)
        return Told(status, str(error), type(error).__name__, headers.get("retry-after"))

    def patient(self):
        sdk = type(self).__new__(type(self))
        sdk.client = self.client.with_options(max_retries=2)
        return sdk


FILTERED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY")


class Gemini(Sdk):
    name, endpoint = "google-genai", "generateContent"
    errors = (genai_errors.APIError, httpx.RemoteProtocolError)

    def __init__(self, url, key, retry=None):
        self.address = (url, key)
        options = types.HttpOptions(base_url=url, retry_options=retry)
        self.client = genai.Client(api_key=key, http_options=options)

    def question(self, question):
        contents = [types.Content(role="user", parts=[types.Part(text=question.prompt)])]
        if question.after:
            parts = [
                types.Part(function_response=types.FunctionResponse(id=call, name=name, response={"result": result}))
                for call, (name, _), result in zip(question.after.ids, question.after.seen.calls, question.results)
            ]
            contents += [question.after.turn, types.Content(role="user", parts=parts)]
        declarations = [
            types.FunctionDeclaration(name=name, description=f"Tells the {name}", parameters_json_schema=parameters(name))
            for name in question.tools
        ]
        config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=declarations)] if declarations else None)
        return {"contents": contents, "config": config}

    def recorded(self, exchange):
        request = dict(exchange.request)
        contents = [types.Content.model_validate(content) for content in request.pop("contents")]
        request.pop("model", None)
        settings = request.pop("generationConfig", None) or {}
        return {"contents": contents, "config": types.GenerateContentConfig.model_validate(settings | request)}

    def send(self, model, arguments, streamed):
        models = self.client.models
        if streamed:
            chunks = list(models.generate_content_stream(model=model, **arguments))
        else:
            chunks = [models.generate_content(model=model, **arguments)]
        parts, finish, usage = [], None, None
        for chunk in chunks:
            candidate = (chunk.candidates or [None])[0]
            if candidate:
                parts += (candidate.content.parts if candidate.content else None) or []
                finish = candidate.finish_reason.value if candidate.finish_reason else finish
            elif chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
                finish = "SAFETY"
            usage = chunk.usage_metadata or usage
        calls = [part.function_call for part in parts if part.function_call]
        seen = Seen(
            "".join(part.text for part in parts if part.text and not part.thought),
            [(call.name, call.args or {}) for call in calls],
            "filter" if finish in FILTERED else {"STOP": "stop", "MAX_TOKENS": "length"}.get(finish, finish),
            gemini_usage(usage) if usage else None,
        )
        plain = [chunk.model_dump(exclude={"sdk_http_response"}, mode="json") for chunk in chunks]
        return Answer(seen, plain, types.Content(role="model", parts=parts), [call.id for call in calls])

    def told(self, error):
        if not isinstance(error, genai_errors.APIError):
            return Told(None, str(error), type(error).__name__)
        headers = getattr(error.response, "headers", None) or {}
        return Told(error.code, error.message or str(error), type(error).__name__, headers.get("retry-after"))

    def patient(self):
        return type(self)(*self.address, types.HttpRetryOptions(attempts=3, initial_delay=0.1, http_status_codes=[429]))


def gemini_usage(usage):
    read = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
    return read, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)


class Bedrock(Sdk):
    name, endpoint = "boto3 bedrock-runtime", "converse"
    errors = (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError, botocore.exceptions.EventStreamError)

    def __init__(self, url, key, attempts=1):
        self.address = (url, key)
        config = botocore.config.Config(retries={"total_max_attempts": attempts, "mode": "standard"})
        # The virtual key is the id of the access key; what it signs with is of no interest to the gateway.
        session = boto3.Session(region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="any")
        self.client = session.client("bedrock-runtime", endpoint_url=url, config=config)

    def question(self, question):
        messages = [{"role": "user", "content": [{"text": question.prompt}]}]
        if question.after:
            results = [
                {"toolResult": {"toolUseId": call, "content": [{"text": result}]}}
                for call, result in zip(question.after.ids, question.results)
            ]
            messages += [question.after.turn, {"role": "user", "content": results}]
        specs = [
            {"toolSpec": {"name": name, "description": f"Tells the {name}", "inputSchema": {"json": parameters(name)}}}
            for name in question.tools
        ]
        return {"messages": messages} | ({"toolConfig": {"tools": specs}} if specs else {})

    def recorded(self, exchange):
        return with_bytes(exchange.request)

    def send(self, model, arguments, streamed):
        if streamed:
            events = list(self.client.converse_stream(modelId=model, **arguments)["stream"])
            plain, (message, reason, usage) = events, put_together(events)
        else:
            plain = self.client.converse(modelId=model, **arguments)
            plain.pop("ResponseMetadata")
            message, reason, usage = plain["output"]["message"], plain["stopReason"], plain["usage"]
        blocks = message["content"]
        calls = [block["toolUse"] for block in blocks if "toolUse" in block]
        counts = ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
        words = {
            "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tools",
            "guardrail_intervened": "filter", "content_filtered": "filter",
        }
        seen = Seen(
            "".join(block["text"] for block in blocks if "text" in block), [(call["name"], call["input"]) for call in calls],
            words.get(reason, reason), (sum(usage.get(name, 0) for name in counts), usage["outputTokens"]) if usage else None,
        )
        return Answer(seen, plain, message, [call["toolUseId"] for call in calls])

    def told(self, error):
        if not isinstance(error, botocore.exceptions.ClientError):
            return Told(None, str(error), type(error).__name__)
        about = error.response.get("ResponseMetadata", {})
        code, message = error.response["Error"].get("Code"), error.response["Error"].get("Message", "")
        return Told(about.get("HTTPStatusCode"), message, code, about.get("HTTPHeaders", {}).get("retry-after"))

    def patient(self):
        return type(self)(*self.address, attempts=3)


def with_bytes(value, name=None):
    """The body as the SDK takes it: what is base64 on the wire is bytes."""
    if isinstance(value, dict):
        return {name: with_bytes(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [with_bytes(item) for item in value]
    return base64.b64decode(value) if name in ("bytes", "redactedContent") and isinstance(value, str) else value


def put_together(events):
    """The message of a stream, its reason and its usage."""
    blocks, reason, usage = {}, None, None
    for event in events:
        if start := event.get("contentBlockStart"):
            if "toolUse" in start["start"]:
                blocks[start["contentBlockIndex"]] = {"toolUse": start["start"]["toolUse"] | {"input": ""}}
        elif delta := event.get("contentBlockDelta"):
            ((kind, piece),) = delta["delta"].items()
            block = blocks.setdefault(delta["contentBlockIndex"], {})
            if kind == "text":
                block["text"] = block.get("text", "") + piece
            elif kind == "toolUse":
                block["toolUse"]["input"] += piece["input"]
            elif kind == "reasoningContent":
                part = block.setdefault("reasoningContent", {})
                if "redactedContent" in piece:
                    part["redactedContent"] = piece["redactedContent"]
                else:
                    text = part.setdefault("reasoningText", {"text": ""})
                    for name, value in piece.items():
                        text[name] = text.get(name, "") + value
        elif stop := event.get("messageStop"):
            reason = stop["stopReason"]
        elif about := event.get("metadata"):
            usage = about["usage"]
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
    return {"role": "assistant", "content": [blocks[index] for index in sorted(blocks)]}, reason, usage


class Cohere(Sdk):
    name, endpoint = "cohere", "v2-chat"
    errors = (ApiError, httpx.RemoteProtocolError)
    retries = 0

    def __init__(self, url, key):
        self.address = (url, key)
        self.client = cohere.ClientV2(base_url=url, api_key=key)

    def question(self, question):
        messages = [{"role": "user", "content": question.prompt}]
        if question.after:
            messages.append(question.after.turn)
            messages += [
                {"role": "tool", "tool_call_id": call, "content": result}
                for call, result in zip(question.after.ids, question.results)
            ]
        tools = [
            {"type": "function", "function": {"name": name, "description": f"Tells the {name}", "parameters": parameters(name)}}
            for name in question.tools
        ]
        return {"messages": messages} | ({"tools": tools} if tools else {})

    def recorded(self, exchange):
        return {name: value for name, value in exchange.request.items() if name not in ("model", "stream")}

    def send(self, model, arguments, streamed):
        more = {"model": model, "request_options": {"max_retries": self.retries}, **arguments}
        if not streamed:
            answer = self.client.chat(**more)
            message, finish, usage, plain = answer.message.model_dump(), answer.finish_reason, answer.usage, answer.model_dump()
        else:
            events = [event.model_dump() for event in self.client.chat_stream(**more)]
            message, finish, usage = cohere_message(events)
            plain = events
        usage = usage if isinstance(usage, dict) else usage.model_dump() if usage else {}
        tokens = usage.get("tokens") or {}
        calls = message.get("tool_calls") or []
        texts = [part["text"] for part in message.get("content") or [] if part.get("type") == "text"]
        words = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tools"}
        seen = Seen(
            "".join(texts), [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls],
            words.get(finish, finish), (tokens["input_tokens"], tokens["output_tokens"]) if tokens else None,
        )
        turn = {"role": "assistant"} | {
            name: message[name] for name in ("content", "tool_calls", "tool_plan") if message.get(name)
        }
        return Answer(seen, plain, turn, [call["id"] for call in calls])

    def told(self, error):
        if not isinstance(error, ApiError):
            return Told(None, str(error), type(error).__name__)
        message = error.body.get("message", "") if isinstance(error.body, dict) else str(error.body)
        return Told(error.status_code, message, type(error).__name__, (error.headers or {}).get("retry-after"))

    def patient(self):
        sdk = type(self)(*self.address)
        sdk.retries = 2
        return sdk


def cohere_message(events):
    """The message of a stream, its reason and its usage."""
    message, finish, usage = {"content": [], "tool_calls": [], "tool_plan": ""}, None, None
    for event in events:
        part = ((event.get("delta") or {}).get("message")) or {}
        match event["type"]:
            case "content-start":
                message["content"].append({key: value for key, value in part["content"].items() if value is not None})
            case "content-delta":
                for key, value in part["content"].items():
                    if value is not None:
                        message["content"][-1][key] = message["content"][-1].get(key, "") + value
            case "tool-plan-delta":
                message["tool_plan"] += part["tool_plan"]
            case "tool-call-start":
                message["tool_calls"].append(part["tool_calls"])
            case "tool-call-delta":
                message["tool_calls"][-1]["function"]["arguments"] += part["tool_calls"]["function"]["arguments"]
            case "message-end":
                finish, usage = event["delta"]["finish_reason"], event["delta"]["usage"]
    return message, finish, usage


class Ollama(Sdk):
    name, endpoint = "ollama", "api-chat"
    shows_retry_after = False
    errors = (ollama.ResponseError, httpx.RemoteProtocolError)
    patient = None

    def __init__(self, url, key):
        self.client = ollama.Client(host=url, headers={"authorization": f"Bearer {key}"})

    def question(self, question):
        messages = [{"role": "user", "content": question.prompt}]
        if question.after:
            messages.append(question.after.turn)
            messages += [
                {"role": "tool", "tool_name": name, "content": result}
                for (name, _), result in zip(question.after.seen.calls, question.results)
            ]
        tools = [
            {"type": "function", "function": {"name": name, "description": f"Tells the {name}", "parameters": parameters(name)}}
            for name in question.tools
        ]
        return {"messages": messages} | ({"tools": tools} if tools else {})

    def recorded(self, exchange):
        return known(self.client.chat, exchange.request)

    def send(self, model, arguments, streamed):
        if streamed:
            chunks = list(self.client.chat(model, stream=True, **arguments))
        else:
            chunks = [self.client.chat(model, **arguments)]
        calls = list(itertools.chain.from_iterable(chunk.message.tool_calls or [] for chunk in chunks))
        text, last = "".join(chunk.message.content or "" for chunk in chunks), chunks[-1]
        seen = Seen(
            text, [(call.function.name, dict(call.function.arguments)) for call in calls], last.done_reason,
            (last.prompt_eval_count, last.eval_count) if last.eval_count is not None else None,
        )
        turn = {"role": "assistant", "content": text, "tool_calls": [call.model_dump() for call in calls]}
        return Answer(seen, [chunk.model_dump() for chunk in chunks], turn, [None] * len(calls))

    def told(self, error):
        if not isinstance(error, ollama.ResponseError):
            return Told(None, str(error), type(error).__name__)
        return Told(error.status_code if error.status_code > 0 else None, error.error, type(error).__name__)
