"""Claude Code and Codex do a piece of work through the gateway: they read a file, write what it says into another one,
and report. The models are played by a script; the tools, the files and the conversation are the agents' own.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from exchanges import Exchange
from parts import PARTS, Checks, Gateway
from replay import Replay
from upstreams import set_up
from written import answer

MODULES = PARTS / "agent-programs" / "node_modules"
CLAUDE = MODULES / "@anthropic-ai" / "claude-code-linux-x64" / "claude"
CODEX = MODULES / "@openai" / "codex-linux-x64" / "vendor" / "x86_64-unknown-linux-musl" / "bin" / "codex"
SAID = re.compile(r"the word is [0-9a-f]{12}")


class Work:
    """A folder with a file in it, and the script of a model that has it copied."""

    def __init__(self, name, read, write):
        self.name, self.read, self.write = name, read, write
        self.folder = tempfile.TemporaryDirectory()
        self.home = tempfile.TemporaryDirectory()
        self.word = f"the word is {secrets.token_hex(6)}"
        self.source, self.copy = Path(self.folder.name, "source.txt"), Path(self.folder.name, "copy.txt")
        self.source.write_text(self.word + "\n")
        self.steps = []

    def __call__(self, path, body):
        """The next answer of the model: its part of the conversation so far says how far the work is."""
        if path.endswith("/count_tokens"):
            count = json.dumps({"input_tokens": 4321}).encode()
            return Exchange("count", "written", "messages", False, 200, {"content-type": "application/json"}, count, {})
        endpoint = next(kind for kind in ("messages", "responses", "completions") if path.endswith(kind))
        endpoint = "chat" if endpoint == "completions" else endpoint
        offered = {name: tool for tool in body.get("tools") or [] for name in names_of(tool)}
        said = json.dumps(body.get("messages") or body.get("input"))
        found = SAID.search(said)
        if self.read not in offered:
            step, words, calls = "aside", ("A", " title"), ()
        elif not found:
            step, words, calls = "read", (), ((self.read, self.reading()),)
        elif f"_{self.write}_1" not in said:
            step, words, calls = "write", (), ((self.write, self.writing(found.group(), offered.get(self.write))),)
        else:
            step, words, calls = "report", ("I copied: ", found.group(), "."), ()
        self.steps.append(step)
        return answer(endpoint, bool(body.get("stream")), words, calls)

    def run(self, *command, **env):
        env = {"HOME": self.home.name, "PATH": os.environ["PATH"], **env}
        ran = subprocess.run(
            [str(word) for word in command], cwd=self.folder.name, env=env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=120,
        )
        assert ran.returncode == 0, f"{self.steps} {ran.stdout[-1500:]} {ran.stderr[-1500:]}"
        return ran.stdout

    def is_done(self, report):
        assert report == f"I copied: {self.word}.", (report, self.steps)
        assert self.copy.read_text().strip() == self.word, self.steps
        steps = [step for step in self.steps if step != "aside"]
        assert steps == ["read", "write", "report"], self.steps


class Claude(Work):
    """Claude Code: its tools are functions."""

    agent, model = "claude code", "claude-sonnet-4-5"

    def __init__(self, name):
        super().__init__(name, "Read", "Write")

    def reading(self):
        return {"file_path": str(self.source)}

    def writing(self, text, _tool):
        return {"file_path": str(self.copy), "content": text}

    def check(self, gateway):
        printed = self.run(
            CLAUDE, "-p", "Copy source.txt to copy.txt", "--model", self.model, "--output-format", "json",
            "--allowedTools", "Read,Write",
            ANTHROPIC_BASE_URL=gateway + "/anthropic", ANTHROPIC_API_KEY=self.name, DISABLE_AUTOUPDATER="1",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        )
        result = json.loads(printed)
        self.is_done(result["result"])
        usage = result["usage"]
        assert usage["input_tokens"] > 0 and usage["output_tokens"] == 36, usage
        return len(self.steps)


class Codex(Work):
    """Codex: it reads with a command, and writes with a tool that takes text in a grammar of its own."""

    agent, model = "codex", "gpt-5.5"

    def __init__(self, name):
        super().__init__(name, "exec_command", "apply_patch")

    def reading(self):
        return {"cmd": "cat source.txt"}

    def writing(self, text, tool):
        patch = f"*** Begin Patch\n*** Add File: copy.txt\n+{text}\n*** End Patch\n"
        if tool.get("type") == "custom":
            return patch
        schema = tool.get("input_schema") or (tool.get("function") or tool)["parameters"]
        (field,) = schema["properties"]
        return {field: patch}

    def check(self, gateway):
        provider = f'{{name="gateway",base_url="{gateway}/openai/v1",wire_api="responses",env_key="OPENAI_API_KEY"}}'
        printed = self.run(
            CODEX, "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-m", self.model,
            "-c", "model_provider=gateway", "-c", f"model_providers.gateway={provider}", "Copy source.txt to copy.txt",
            OPENAI_API_KEY=self.name,
        )
        events = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        said = [event["item"]["text"] for event in events if event.get("item", {}).get("type") == "agent_message"]
        self.is_done(said[-1] if said else printed)
        usage = next(event["usage"] for event in events if event["type"] == "turn.completed")
        assert usage["input_tokens"] > 0 and usage["output_tokens"] > 0, usage
        return len(self.steps)


def names_of(tool):
    """The names of the tools in an entry of a request, whatever the dialect."""
    return [name for name in (tool.get("name"), (tool.get("function") or {}).get("name")) if name]


def probed(gateway):
    """What agents ask before they start."""
    for method in ("HEAD", "GET"):
        for path in ("/anthropic", "/anthropic/", "/openai", "/openai/v1", "/v1"):
            with urllib.request.urlopen(urllib.request.Request(gateway.url + path, method=method)) as answered:
                assert answered.status == 200, (method, path, answered.status)
    with urllib.request.urlopen(urllib.request.Request(gateway.url + "/", method="HEAD")) as answered:
        assert answered.status == 200, answered.status
    return 11


def counted(gateway, key):
    """Tokens are counted before they are spent: by the provider where it can, else by the gateway."""
    body = {"model": Claude.model, "messages": [{"role": "user", "content": "Good morning, how are you today?"}]}
    headers = {"content-type": "application/json", "x-api-key": key, "anthropic-version": "2023-06-01"}
    request = urllib.request.Request(gateway.url + "/anthropic/v1/messages/count_tokens", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answered:
        return json.loads(answered.read())["input_tokens"]


def counts(gateway, claude):
    assert counted(gateway, claude["anthropic"].name) == 4321
    assert 4 <= counted(gateway, claude["vllm"].name) <= 40
    return 2


def main(words):
    jobs = [(Claude, provider) for provider in ("anthropic", "vllm", "openai")]
    jobs += [(Codex, provider) for provider in ("openai", "vllm", "anthropic")]
    works = {(kind, provider): kind(f"vk-{kind.__name__.lower()}-{provider}") for kind, provider in jobs}
    models = {work.name: work for work in works.values()}
    # Their own providers are known to serve what they ask for.
    models |= {Claude.model: works[Claude, "anthropic"], Codex.model: works[Codex, "openai"]}
    replay, gateway, checks = Replay([], **models), Gateway(), Checks()
    set_up(gateway, replay, {provider for _, provider in works})
    for (_, provider), work in works.items():
        # Where the provider does not serve the model that the agent asks for, its key gives it this one.
        gateway.key(work.name, provider_configs=[{"provider": provider, "model_aliases": {"*": work.name}}])
    if not words:
        checks.one("agents are told that somebody is there", lambda: probed(gateway))
        claude = {provider: work for (kind, provider), work in works.items() if kind is Claude}
        checks.one("agents can count tokens", lambda: counts(gateway, claude))
    for (kind, provider), work in works.items():
        title = f"{kind.agent} on {provider}"
        if not words or any(word in title for word in words):
            checks.row(title, "turns", lambda: work.check(gateway.url))
    checks.end()


if __name__ == "__main__":
    main(sys.argv[1:])
