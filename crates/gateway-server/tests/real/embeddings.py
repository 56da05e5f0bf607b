"""Texts become vectors: the SDKs that can ask for it, at their own providers and at foreign ones."""

import base64
import itertools
import json
import struct

import cohere
import ollama
import openai
from google import genai
from google.genai import types

from exchanges import Exchange, mixed
from upstreams import KEY, MOST


def with_openai(url, key, model, texts):
    answer = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0).embeddings.create(model=model, input=texts)
    return [item.embedding for item in answer.data], answer.usage.prompt_tokens


def with_gemini(url, key, model, texts):
    client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url))
    answer = client.models.embed_content(model=model, contents=texts)
    return [item.values for item in answer.embeddings], None


def with_cohere(url, key, model, texts):
    client = cohere.ClientV2(base_url=url, api_key=key)
    answer = client.embed(model=model, texts=texts, input_type="search_document", embedding_types=["float"])
    return answer.embeddings.float_, None


def with_ollama(url, key, model, texts):
    client = ollama.Client(host=url, headers={"authorization": f"Bearer {key}"})
    answer = client.embed(model, texts)
    return answer.embeddings, answer.prompt_eval_count


# Each SDK, its address under the gateway's, and the upstreams that it is sent to.
SDKS = (
    ("openai embeddings", with_openai, "/openai", ("openai", "gemini", "cohere")),
    ("google-genai embeddings", with_gemini, "/genai", ("gemini", "openai")),
    ("cohere embeddings", with_cohere, "/cohere", ("cohere", "openai")),
    ("ollama embeddings", with_ollama, "/ollama", ("ollama", "openai")),
)


def number(value):
    """The vector in an answer of OpenAI's, however it is written."""
    if isinstance(value, str):
        raw = base64.b64decode(value)
        return list(struct.unpack(f"<{len(raw) // 4}f", raw))
    return value


# What each upstream answers with, and how its vectors and tokens are found there.
ANSWERS = {
    "openai": ("embeddings", lambda body: ([number(item["embedding"]) for item in body["data"]], body["usage"]["prompt_tokens"])),
    "gemini": ("batchEmbedContents", lambda body: ([item["values"] for item in body["embeddings"]], None)),
    "cohere": ("v2-embed", lambda body: (body["embeddings"]["float"], body["meta"]["billed_units"]["input_tokens"])),
    "ollama": ("api-embed", lambda body: (body["embeddings"], body.get("prompt_eval_count"))),
}

VECTORS = [[0.5, -0.25, 0.125, 1.0], [-0.0625, 0.75, 0.0, -1.0]]


def written():
    """The project's own answers, after the vendors' documents."""
    bodies = {
        "embeddings": {
            "object": "list", "model": "written", "usage": {"prompt_tokens": 7, "total_tokens": 7},
            "data": [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(VECTORS)],
        },
        "batchEmbedContents": {"embeddings": [{"values": vector} for vector in VECTORS]},
        "v2-embed": {
            "id": "written", "embeddings": {"float": VECTORS}, "texts": ["text 0", "text 1"], "response_type": "embeddings_by_type",
            "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 7}},
        },
        "api-embed": {"model": "written", "embeddings": VECTORS, "total_duration": 1, "load_duration": 1, "prompt_eval_count": 7},
    }
    headers = {"content-type": "application/json"}
    return [
        Exchange(f"written.{endpoint}.json.vectors", "written", endpoint, False, 200, headers, json.dumps(body).encode(), {})
        for endpoint, body in bodies.items()
    ]


def answers_of(exchanges, provider):
    endpoint, find = ANSWERS[provider]
    for exchange in exchanges:
        if exchange.endpoint == endpoint and exchange.good:
            try:
                vectors, tokens = find(json.loads(exchange.body))
            except (KeyError, TypeError, ValueError):
                continue  # Vectors of another kind than this one's.
            if vectors:
                yield exchange, vectors, tokens


def check(embed, url, provider, exchanges):
    cases = list(itertools.islice(answers_of(mixed(exchanges), provider), MOST))
    for exchange, vectors, tokens in cases:
        texts = [f"text {index}" for index in range(len(vectors))]
        got, counted = embed(url, KEY, f"{provider}/{exchange.id}", texts)
        near = len(got) == len(vectors) and all(map(alike, got, vectors))
        assert near, f"{exchange.id}: {str(got)[:100]} is not {str(vectors)[:100]}"
        assert None in (counted, tokens) or counted == tokens, f"{exchange.id}: {counted} tokens are not {tokens}"
    return len(cases)


def alike(one, other):
    """The same but for what a number of half the size cannot hold."""
    return len(one) == len(other) and all(abs(a - b) <= 1e-6 * max(1, abs(b)) for a, b in zip(one, other))


def rows(gateway, exchanges, words, checks):
    for title, embed, path, providers in SDKS:
        for provider in providers:
            name = f"{title} on {provider}"
            if not words or any(word in name for word in words):
                checks.row(name, "plain", lambda: check(embed, gateway.url + path, provider, exchanges))
