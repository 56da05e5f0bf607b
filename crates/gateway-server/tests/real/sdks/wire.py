"""What a provider would have said to a request: judged by the types that its own SDK has for it."""

import json

import anthropic
import botocore.session
import botocore.validate
import cohere
import openai
import pydantic
from google.genai import types

from ollama._types import ChatRequest


class Contents(pydantic.BaseModel):
    """A request to Gemini; its SDK's own types know every field by name and no other."""

    model_config = {"extra": "forbid"}
    contents: list[types.Content]
    systemInstruction: types.Content | None = None
    tools: list[types.Tool] | None = None
    toolConfig: types.ToolConfig | None = None
    safetySettings: list[types.SafetySetting] | None = None
    generationConfig: types.GenerationConfig | None = None
    cachedContent: str | None = None
    labels: dict[str, str] | None = None


class ToCohere(pydantic.BaseModel):
    """A request to Cohere: its messages and tools."""

    messages: list[cohere.ChatMessageV2]
    tools: list[cohere.ToolV2] | None = None


CONVERSE = botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("Converse").input_shape


def judge(model):
    adapter = pydantic.TypeAdapter(model)
    return lambda body: exhaust(adapter.validate_python(body))


def exhaust(value):
    """Walks it all: iterables are judged as they are walked."""
    if isinstance(value, dict):
        for item in value.values():
            exhaust(item)
    elif not isinstance(value, (str, bytes)) and hasattr(value, "__iter__"):
        for item in value:
            exhaust(item)


def converse(body):
    report = botocore.validate.ParamValidator().validate(body | {"modelId": "any"}, CONVERSE)
    if report.has_errors():
        raise ValueError(report.generate_report())


JUDGES = {
    "chat": judge(openai.types.chat.completion_create_params.CompletionCreateParamsNonStreaming),
    "responses": judge(openai.types.responses.response_create_params.ResponseCreateParamsNonStreaming),
    "messages": judge(anthropic.types.message_create_params.MessageCreateParamsNonStreaming),
    "generateContent": judge(Contents),
    "converse": converse,
    "v2-chat": judge(ToCohere),
    "api-chat": judge(ChatRequest),
    None: lambda body: None,
}


def faults(endpoint, body, words):
    """What is wrong with a request to a provider, if it is to be judged, and which of those words it lacks."""
    body = {name: value for name, value in body.items() if name != "stream"}
    found = []
    try:
        JUDGES[endpoint](body)
    except (ValueError, TypeError) as error:
        found.append(f"the request is not valid there: {' '.join(str(error).split())[:300]}")
    text = json.dumps(body, ensure_ascii=False)
    found += [f"the request lacks {word!r}" for word in words if json.dumps(word, ensure_ascii=False)[1:-1] not in text]
    return found
