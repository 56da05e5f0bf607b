"""OpenAI's SDK: chat completions, responses, embeddings, and Azure's form of it; LangChain and LiteLLM on top."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import httpx
import litellm
import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletion

from sdks.base import Answer, Sdk, Seen, Told, known, parameters

FINISH = {"stop": "stop", "length": "length", "tool_calls": "tools", "function_call": "tools", "content_filter": "filter"}


def chat_tools(names):
    return [
        {"type": "function", "function": {"name": name, "description": f"Tells the {name}", "parameters": parameters(name)}}
        for name in names
    ]


def read_usage(usage):
    """Some vendors do not count reasoning as completion, or sound as prompt: then only the sum has it."""
    if not usage:
        return None
    read, said = usage.prompt_tokens, usage.completion_tokens
    apart = max(0, (usage.total_tokens or 0) - read - said)
    heard = getattr(usage, "prompt_audio_seconds", None) is not None
    return (read + apart, said) if heard else (read, said + apart)


def text_of(content):
    """Some vendors answer in parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if part.get("type") == "text")
    return content or ""


def read_chat(choice, usage):
    message = choice.message
    calls = [
        (call.function.name, json.loads(call.function.arguments or "{}"))
        for call in message.tool_calls or []
        if call.type == "function"
    ]
    thoughts = thoughts_of(message)
    if refusal := getattr(message, "refusal", None):
        return Seen(refusal, calls, "refused", read_usage(usage), thoughts)
    finish = FINISH.get(choice.finish_reason, choice.finish_reason)
    return Seen(text_of(message.content), calls, finish, read_usage(usage), thoughts)


def thoughts_of(message):
    """What the compatible vendors added, under one of two names; or a part of the content."""
    content = message.content if isinstance(getattr(message, "content", None), list) else []
    parts = [part["text"] for whole in content if whole.get("type") == "thinking" for part in whole["thinking"]]
    return getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None) or "".join(parts)


def told(error):
    response = getattr(error, "response", None)
    return Told(
        getattr(error, "status_code", None), str(error), type(error).__name__,
        response.headers.get("retry-after") if response is not None else None,
    )


def messages_of(question, turn):
    messages = [{"role": "user", "content": question.prompt}]
    if question.after:
        results = [
            {"role": "tool", "tool_call_id": call, "content": result}
            for call, result in zip(question.after.ids, question.results)
        ]
        messages += [turn, *results]
    return messages


def put_together(chunks):
    """The first choice of a stream, as if it had come whole."""
    message, finish, usage, calls = {"role": "assistant", "content": None, "reasoning": ""}, None, None, {}
    for chunk in chunks:
        usage = getattr(chunk, "usage", None) or usage
        for choice in chunk.choices:
            if choice.index != 0:
                continue
            finish = finish or choice.finish_reason
            message["reasoning"] += thoughts_of(choice.delta)
            if choice.delta.content:
                message["content"] = (message["content"] or "") + text_of(choice.delta.content)
            for piece in choice.delta.tool_calls or []:
                call = calls.setdefault(piece.index, {"id": None, "type": "function", "function": {"name": "", "arguments": ""}})
                call["id"] = call["id"] or piece.id
                if piece.function:
                    call["function"]["name"] += piece.function.name or ""
                    call["function"]["arguments"] += piece.function.arguments or ""
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    choice = {"index": 0, "message": message, "finish_reason": finish}
    about = {"id": chunks[0].id, "created": chunks[0].created, "model": chunks[0].model, "object": "chat.completion"}
    return ChatCompletion.construct(**about, choices=[choice], usage=usage and usage.model_dump())


class OpenAiChat(Sdk):
    name, endpoint = "openai chat", "chat"
    errors = (openai.APIError,)
    kinds = ("RateLimitError", "InternalServerError", "BadRequestError")
    retries = 0

    def __init__(self, url, key):
        self.address = (url, key)
        self.client = openai.OpenAI(base_url=url, api_key=key, max_retries=self.retries)

    def question(self, question):
        arguments = {"messages": messages_of(question, question.after and question.after.turn)}
        if question.tools:
            arguments["tools"] = chat_tools(question.tools)
        return arguments

    def recorded(self, exchange):
        return known(self.client.chat.completions.create, exchange.request)

    def send(self, model, arguments, streamed):
        create = self.client.chat.completions.create
        if not streamed:
            completion = create(model=model, **arguments)
            plain = completion.model_dump(warnings=False)
        else:
            options = {"stream_options": {"include_usage": True}} | arguments
            chunks = list(create(model=model, stream=True, **options))
            completion, plain = put_together(chunks), [chunk.model_dump(warnings=False) for chunk in chunks]
        choice = completion.choices[0]
        turn = choice.message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"})
        ids = [call.id for call in choice.message.tool_calls or []]
        return Answer(read_chat(choice, completion.usage), plain, turn, ids)

    told = staticmethod(told)

    def patient(self):
        sdk = type(self)(*self.address)
        sdk.client = sdk.client.with_options(max_retries=2)
        return sdk


class Azure(OpenAiChat):
    name = "openai azure"

    def __init__(self, url, key):
        self.address = (url, key)
        self.client = openai.AzureOpenAI(azure_endpoint=url, api_key=key, api_version="2024-10-21", max_retries=0)


class OpenAiResponses(OpenAiChat):
    name, endpoint = "openai responses", "responses"

    def question(self, question):
        items = [{"role": "user", "content": question.prompt}]
        if question.after:
            items += question.after.turn
            items += [
                {"type": "function_call_output", "call_id": call, "output": result}
                for call, result in zip(question.after.ids, question.results)
            ]
        arguments = {"input": items, "store": False}
        if question.tools:
            arguments["tools"] = [
                {"type": "function", "name": name, "description": f"Tells the {name}", "parameters": parameters(name), "strict": False}
                for name in question.tools
            ]
        return arguments

    def recorded(self, exchange):
        return known(self.client.responses.create, exchange.request)

    def send(self, model, arguments, streamed):
        if not streamed:
            response = self.client.responses.create(model=model, **arguments)
            plain = response.model_dump()
        else:
            events = list(self.client.responses.create(model=model, stream=True, **arguments))
            plain = [event.model_dump() for event in events]
            failed = [event for event in events if event.type in ("error", "response.failed")]
            if failed:
                raise Failed(failed[0])
            response = events[-1].response
        calls = [item for item in response.output if item.type == "function_call"]
        usage = response.usage
        seen = Seen(
            response.output_text, [(call.name, json.loads(call.arguments)) for call in calls], finish_of(response, calls),
            (usage.input_tokens, usage.output_tokens) if usage else None,
            "".join(part.text for item in response.output if item.type == "reasoning" for part in item.summary or item.content or []),
        )
        turn = [item.model_dump(exclude_none=True) for item in response.output]
        return Answer(seen, plain, turn, [call.call_id for call in calls])


class Failed(openai.APIError):
    """The SDK hands events of failure to its user like any other."""

    def __init__(self, event):
        error = event.response.error if event.type == "response.failed" else event
        super().__init__(error.message, httpx.Request("POST", "http://in.a.stream"), body=None)


def finish_of(response, calls):
    if response.status == "completed":
        return "tools" if calls else "stop"
    reason = response.incomplete_details.reason if response.incomplete_details else response.status
    return {"max_output_tokens": "length", "content_filter": "filter"}.get(reason, reason)


class LangChain(OpenAiChat):
    name, kinds = "langchain-openai", None

    def __init__(self, url, key):
        self.address = (url, key)
        self.chat = lambda model, **more: ChatOpenAI(
            model=model, base_url=url, api_key=key, max_retries=self.retries, stream_usage=True, **more
        )

    def question(self, question):
        messages = [HumanMessage(question.prompt)]
        if question.after:
            results = zip(question.after.ids, question.results)
            messages += [question.after.turn, *(ToolMessage(result, tool_call_id=call) for call, result in results)]
        return {"messages": messages, "tools": chat_tools(question.tools)}

    def send(self, model, arguments, streamed):
        chat = self.chat(model)
        chat = chat.bind_tools(arguments["tools"]) if arguments["tools"] else chat
        if streamed:
            message = None
            for chunk in chat.stream(arguments["messages"]):
                message = chunk if message is None else message + chunk
        else:
            message = chat.invoke(arguments["messages"])
        finish = message.response_metadata.get("finish_reason")
        usage = message.usage_metadata
        seen = Seen(
            message.text, [(call["name"], call["args"]) for call in message.tool_calls], FINISH.get(finish, finish),
            (usage["input_tokens"], usage["output_tokens"]) if usage else None,
        )
        return Answer(seen, None, message, [call["id"] for call in message.tool_calls])

    def patient(self):
        sdk = type(self)(*self.address)
        sdk.retries = 2
        return sdk


class LiteLlm(OpenAiChat):
    """LiteLLM, told to speak one of the dialects itself."""

    spoken = "openai"
    shows_retry_after, overloaded, kinds = False, (500, 503, 529), None

    @property
    def name(self):
        return f"litellm {self.spoken}"

    errors = (openai.APIError, litellm.exceptions.APIError)

    def __init__(self, url, key):
        self.address = (url, key)
        self.more = {"api_base": url, "api_key": key, "max_retries": 0, "num_retries": 0}

    def shows(self, seen):
        # It takes some text for thinking, and counts by itself where a count is 0.
        return "<thinking>" not in seen.text and (seen.usage is None or all(seen.usage))

    def send(self, model, arguments, streamed):
        arguments = self.more | arguments
        if not streamed:
            completion = litellm.completion(model=f"{self.spoken}/{model}", **arguments)
        else:
            options = {"include_usage": True}
            stream = litellm.completion(model=f"{self.spoken}/{model}", stream=True, stream_options=options, **arguments)
            completion = put_together(list(stream))
        choice = completion.choices[0]
        calls = choice.message.tool_calls or []
        turn = {"role": "assistant", "content": choice.message.content}
        if calls:
            turn["tool_calls"] = [call.model_dump(include={"id", "type", "function"}) for call in calls]
        seen = read_chat(choice, completion.usage)
        seen.thoughts = None  # It has rules of its own for them.
        return Answer(seen, None, turn, [call.id for call in calls])

    patient = None


class LiteLlmAnthropic(LiteLlm):
    endpoint, spoken = "messages", "anthropic"
