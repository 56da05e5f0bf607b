"""The official OpenAI SDK for Python, unchanged but for its address, against llama.cpp servers behind the gateway."""

import asyncio
import json

import openai
from parts import Gateway, Llama, call, eventually, run

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"enum": ["Oslo", "Rome"]}},
            "required": ["city"],
        },
    },
}
HELLO = [{"role": "user", "content": "Hello!"}]

chatting, calling, embedding = Llama(), Llama(model="tools"), Llama("--embeddings", "--pooling", "mean")
gateway = Gateway()
gateway.add("vllm-local", chatting.url, base="openai")
gateway.add("caller", calling.url, base="openai")
gateway.add("embedder", embedding.url, base="openai")
gateway.key("vk-unified", provider_configs=[{"provider": "vllm-local"}, {"provider": "caller"}, {"provider": "embedder", "weight": 0}])
client = openai.OpenAI(base_url=gateway.base_url, api_key="vk-unified", max_retries=0)


def chat(**more):
    """A turn whose answer is always the same: left to chance, a model of half a megabyte ends some at once."""
    turn = {"model": "vllm-local/tiny", "messages": HELLO, "max_tokens": 24, "temperature": 0, "seed": 7}
    return client.chat.completions.create(**turn | more)


def a_chat_turn_is_answered():
    answer = chat()
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert 0 < answer.usage.completion_tokens <= 24


def headers_say_who_answered():
    raw = client.chat.completions.with_raw_response.create(model="vllm-local/tiny", messages=HELLO, max_tokens=4)
    assert raw.headers["x-gateway-provider"] == "vllm-local"
    assert raw.headers["x-gateway-attempts"] == "1"
    assert float(raw.headers["x-gateway-cost"]) == 0
    assert raw.parse().choices


def the_same_seed_says_the_same_plain_and_streamed():
    same = {"seed": 7, "temperature": 0, "max_tokens": 16}
    plain = chat(**same).choices[0].message.content
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chat(stream=True, **same))
    assert plain == streamed, (plain, streamed)


def a_stream_ends_with_a_reason_and_shows_usage_only_when_asked():
    chunks = list(chat(stream=True))
    assert len(chunks) > 3
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason in ("stop", "length")
    chunks = list(chat(stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0


def a_tool_is_called():
    answer = chat(model="caller/tools", tools=[WEATHER], max_tokens=400)
    (tool,) = answer.choices[0].message.tool_calls
    assert answer.choices[0].finish_reason == "tool_calls"
    assert tool.function.name == "weather"
    assert json.loads(tool.function.arguments)["city"] in ("Oslo", "Rome")


def a_tool_is_called_in_a_stream():
    name, arguments, reasons = "", "", []
    for chunk in chat(model="caller/tools", tools=[WEATHER], max_tokens=400, stream=True):
        choice = chunk.choices[0]
        for part in choice.delta.tool_calls or []:
            name += part.function.name or ""
            arguments += part.function.arguments or ""
        reasons += [choice.finish_reason] if choice.finish_reason else []
    assert name == "weather" and reasons == ["tool_calls"], (name, reasons)
    assert json.loads(arguments)["city"] in ("Oslo", "Rome")


def what_a_tool_said_goes_back():
    called = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    messages = HELLO + [
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    assert chat(messages=messages, tools=[WEATHER], tool_choice="none").choices[0].message.content


def an_answer_keeps_to_a_schema():
    schema = {
        "type": "object",
        "properties": {"mood": {"enum": ["good", "bad"]}},
        "required": ["mood"],
        "additionalProperties": False,
    }
    shape = {"type": "json_schema", "json_schema": {"name": "mood", "strict": True, "schema": schema}}
    answer = chat(response_format=shape, max_tokens=200).choices[0].message.content
    assert json.loads(answer)["mood"] in ("good", "bad"), answer


def a_text_is_completed():
    asked = {"model": "vllm-local/tiny", "prompt": "Once upon", "max_tokens": 8, "temperature": 0, "seed": 7}
    answer = client.completions.create(**asked)
    assert answer.choices[0].text and answer.usage.completion_tokens <= 8
    parts = list(client.completions.create(stream=True, **asked))
    assert "".join(part.choices[0].text for part in parts if part.choices)


def texts_become_vectors():
    answer = client.embeddings.create(model="embedder/tiny", input=["one", "two"])
    assert [len(item.embedding) for item in answer.data] == [64, 64]
    assert answer.data[0].embedding != answer.data[1].embedding
    assert answer.usage.prompt_tokens > 0


def models_are_listed():
    assert {model.id for model in client.models.list()} == {"vllm-local/tiny", "caller/tools", "embedder/tiny"}
    assert client.models.retrieve("vllm-local/tiny").owned_by == "vllm-local"


def a_model_without_its_provider_is_found():
    raw = client.chat.completions.with_raw_response.create(model="tiny", messages=HELLO, max_tokens=4)
    assert raw.headers["x-gateway-provider"] == "vllm-local"


def many_at_once_are_served():
    async def one(many):
        stream = await many.chat.completions.create(
            model="vllm-local/tiny", messages=HELLO, max_tokens=12, temperature=0, seed=7, stream=True,
            stream_options={"include_usage": True},
        )
        return [chunk async for chunk in stream][-1].usage.completion_tokens

    async def all_of_them():
        async with openai.AsyncOpenAI(base_url=gateway.base_url, api_key="vk-unified", max_retries=0) as many:
            return await asyncio.gather(*(one(many) for _ in range(24)))

    assert all(0 < tokens <= 12 for tokens in asyncio.run(all_of_them()))


def a_client_that_stops_reading_a_stream_stops_the_server():
    with chat(stream=True, max_tokens=400) as stream:
        next(iter(stream))
    eventually("the gateway has nothing under way", lambda: "bifrost_active_requests 0" in metrics())


def metrics():
    import urllib.request

    with urllib.request.urlopen(gateway.url + "/metrics") as answer:
        return answer.read().decode()


def expects(kind, status, code, make):
    try:
        make()
    except kind as error:
        assert error.status_code == status and code in (None, error.code), error
        return error
    raise AssertionError(f"no {kind.__name__}")


def errors_are_the_ones_that_the_sdk_knows():
    gateway.key("vk-narrow", provider_configs=[{"provider": "vllm-local", "allowed_models": ["tiny"]}])
    narrow = client.with_options(api_key="vk-narrow").chat.completions
    unknown = client.with_options(api_key="mistyped")
    expects(openai.AuthenticationError, 401, "virtual_key_not_found", lambda: unknown.models.list())
    expects(openai.NotFoundError, 404, "model_not_found", lambda: chat(model="no-such-model"))
    expects(openai.PermissionDeniedError, 403, "model_blocked", lambda: narrow.create(model="other", messages=HELLO))
    expects(openai.BadRequestError, 400, "invalid_request", lambda: chat(max_tokens=-1))


def an_error_of_the_server_comes_through():
    messages = [{"role": "user", "content": [{"type": "nonsense"}]}]
    error = expects(openai.BadRequestError, 400, None, lambda: chat(messages=messages))
    assert "unsupported content[].type" in error.message, error


def limits_are_told_once_and_not_retried():
    gateway.key(
        "vk-dev", provider_configs=[{"provider": "vllm-local"}],
        rate_limit={"request_max_limit": 1, "request_reset_duration": "1h"},
    )
    eager = openai.OpenAI(base_url=gateway.base_url, api_key="vk-dev", max_retries=3)
    ask = lambda: eager.chat.completions.create(model="tiny", messages=HELLO, max_tokens=4)
    ask()
    expects(openai.RateLimitError, 429, "request_limited", ask)
    rows = eventually("both calls are logged", lambda: logs("vk-dev", 2))
    assert [row["status"] for row in rows] == ["error", "success"], "an SDK does not try again what stays refused"


def logs(key, count):
    rows = call("GET", f"{gateway.url}/api/logs?virtual_key_ids={key}")[1]["logs"]
    return rows if len(rows) >= count else None


def a_server_that_dies_is_not_missed():
    dying = Llama()
    gateway.add("dying", dying.url, base="openai")
    gateway.key("vk-hybrid", provider_configs=[{"provider": "dying", "weight": 0.9}, {"provider": "vllm-local", "weight": 0.1}])
    hybrid = client.with_options(api_key="vk-hybrid")
    ask = lambda: hybrid.chat.completions.with_raw_response.create(model="tiny", messages=HELLO, max_tokens=4)
    eventually("the server answers", lambda: ask().headers["x-gateway-provider"] == "dying")
    dying.stop()
    answered = [ask() for _ in range(20)]
    assert {raw.headers["x-gateway-provider"] for raw in answered} == {"vllm-local"}
    assert all(raw.parse().choices[0].message.content is not None for raw in answered)


run(
    a_chat_turn_is_answered,
    headers_say_who_answered,
    the_same_seed_says_the_same_plain_and_streamed,
    a_stream_ends_with_a_reason_and_shows_usage_only_when_asked,
    a_tool_is_called,
    a_tool_is_called_in_a_stream,
    what_a_tool_said_goes_back,
    an_answer_keeps_to_a_schema,
    a_text_is_completed,
    texts_become_vectors,
    models_are_listed,
    a_model_without_its_provider_is_found,
    many_at_once_are_served,
    a_client_that_stops_reading_a_stream_stops_the_server,
    errors_are_the_ones_that_the_sdk_knows,
    an_error_of_the_server_comes_through,
    limits_are_told_once_and_not_retried,
    a_server_that_dies_is_not_missed,
)
