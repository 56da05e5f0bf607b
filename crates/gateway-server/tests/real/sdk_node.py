"""Starts what sdk_node.cjs needs, and runs it."""

import os
import subprocess
import sys
from pathlib import Path

from parts import NODE, PARTS, Gateway, Llama

chatting, calling, embedding = Llama(), Llama(model="tools"), Llama("--embeddings", "--pooling", "mean")
gateway = Gateway()
gateway.add("vllm-local", chatting.url, base="openai")
gateway.add("caller", calling.url, base="openai")
gateway.add("embedder", embedding.url, base="openai")
gateway.key("vk-unified", provider_configs=[{"provider": "vllm-local"}, {"provider": "caller"}, {"provider": "embedder", "weight": 0}])

script = Path(__file__).with_suffix(".cjs")
env = os.environ | {"NODE_PATH": str(PARTS / "node" / "node_modules"), "BASE_URL": gateway.base_url}
sys.exit(subprocess.run([NODE, script], env=env, stdin=subprocess.DEVNULL, timeout=300).returncode)
