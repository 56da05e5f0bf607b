"""Cohere's and Ollama's own SDKs."""

import itertools
import json

import cohere
import httpx
import ollama
from cohere.core.api_error import ApiError

from sdks.base import Answer, Sdk, Seen, Told, known, parameters


class Cohere(Sdk):
    name, endpoint = "cohere", "v2-chat"
    errors = (ApiError, httpx.RemoteProtocolError)
    retries, repeats_streams = 0, False
    kinds = ("TooManyRequestsError", "ServiceUnavailableError", "BadRequestError")

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
            if finish == "ERROR":
                raise Failed(events[-1]["delta"]["error"])
            plain = events
        usage = usage if isinstance(usage, dict) else usage.model_dump() if usage else {}
        # Billed is not what the vendor adds to a prompt.
        tokens = usage.get("billed_units") or usage.get("tokens") or {}
        calls = message.get("tool_calls") or []
        # What it says before it calls tools is words too.
        texts = [message.get("tool_plan") or ""]
        texts += [part["text"] for part in message.get("content") or [] if part.get("type") == "text"]
        words = {
            "COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tools", "ERROR_TOXIC": "filter",
        }
        seen = Seen(
            "".join(texts), [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls],
            words.get(finish, finish), (tokens["input_tokens"], tokens["output_tokens"]) if tokens else None,
            "".join(part["thinking"] for part in message.get("content") or [] if part.get("type") == "thinking"),
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


class Failed(ApiError):
    """The SDK hands the end of a stream that failed to its user like any other."""

    def __init__(self, message):
        super().__init__(body={"message": message})


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
            "".join(chunk.message.thinking or "" for chunk in chunks),
        )
        turn = {"role": "assistant", "content": text, "tool_calls": [call.model_dump() for call in calls]}
        return Answer(seen, [chunk.model_dump() for chunk in chunks], turn, [None] * len(calls))

    def shows(self, seen):
        return seen.finish != "filter"  # It has no word for that.

    def told(self, error):
        if not isinstance(error, ollama.ResponseError):
            return Told(None, str(error), type(error).__name__)
        return Told(error.status_code if error.status_code > 0 else None, error.error, type(error).__name__)
