"""Amazon's own SDK."""

import base64
import json

import boto3
import botocore

from sdks.base import Answer, Sdk, Seen, Told, parameters


class Bedrock(Sdk):
    name, endpoint = "boto3 bedrock-runtime", "converse"
    kinds = ("ThrottlingException", "ServiceUnavailableException", "ValidationException")
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
        # The others are answered by Bedrock itself.
        calls = [call for call in calls if call.get("type") != "server_tool_use"]
        counts = ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
        words = {
            "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tools",
            "guardrail_intervened": "filter", "content_filtered": "filter",
        }
        seen = Seen(
            "".join(map(text_of, blocks)), [(call["name"], call["input"]) for call in calls],
            words.get(reason, reason), (sum(usage.get(name, 0) for name in counts), usage["outputTokens"]) if usage else None,
            "".join(block.get("reasoningContent", {}).get("reasoningText", {}).get("text", "") for block in blocks),
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


def text_of(block):
    """The text of a block, plain or with citations."""
    return block.get("text", "") + "".join(part["text"] for part in block.get("citationsContent", {}).get("content", []))


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
    return {"role": "assistant", "content": [blocks[index] for index in sorted(blocks) if blocks[index]]}, reason, usage
