"""Anthropic's own SDK."""

import anthropic
import httpx

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
    kinds = ("RateLimitError", ("OverloadedError", "ServiceUnavailableError"), "BadRequestError")
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
            "".join(block.thinking for block in message.content if block.type == "thinking"),
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
