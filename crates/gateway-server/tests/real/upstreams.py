"""The providers whose recordings are replayed, as both matrices of SDKs use them."""

import os

# How many recordings a row takes at most; a long run takes all.
MOST = int(os.environ.get("MATRIX_MOST", "10"))
KEY = "vk-matrix"

# Each upstream: what it answers turns with, and whose recordings it replays. The first word of its name is the
# provider's name in the gateway.
UPSTREAMS = {
    "openai": ("chat", lambda vendor: vendor == "openai"),
    "openai responses": ("responses", lambda vendor: vendor == "openai"),
    "vllm": ("chat", lambda vendor: vendor != "openai"),
    "anthropic": ("messages", None),
    "gemini": ("generateContent", None),
    "bedrock": ("converse", None),
    "cohere": ("v2-chat", None),
    "ollama": ("api-chat", None),
    # Providers of an operator's own making, each with one of the base types.
    "my-openai": ("chat", lambda vendor: vendor == "openai"),
    "my-anthropic": ("messages", None),
    "my-gemini": ("generateContent", None),
    "my-bedrock": ("converse", None),
    "my-cohere": ("v2-chat", None),
}
CUSTOM = [name for name in UPSTREAMS if name.startswith("my-")]

CREDENTIALS = {
    "bedrock": {
        "value": "",
        "bedrock_key_config": {"access_key": "AKIAWRITTEN", "secret_key": "written-secret", "region": "us-east-1"},
    },
    "my-bedrock": {"value": "a token of Bedrock's"},
}


def belongs(exchange, name):
    endpoint, vendors = UPSTREAMS[name]
    return exchange.endpoint == endpoint and (exchange.written or vendors is None or vendors(exchange.vendor))


def provider_of(name):
    return name.split()[0]


def set_up(gateway, replay, names):
    """The providers, and one virtual key for all of them."""
    providers = sorted({provider_of(name) for name in names})
    for provider in providers:
        base = provider.removeprefix("my-") if provider in CUSTOM else None
        gateway.add(provider, f"{replay.url}/{provider}", base, CREDENTIALS.get(provider))
    gateway.key(KEY, provider_configs=[{"provider": provider} for provider in providers])
