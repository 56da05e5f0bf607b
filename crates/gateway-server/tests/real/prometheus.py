"""Debian's Prometheus scrapes the gateway and answers the queries that the docs give."""

import math
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from parts import Gateway, Llama, Process, call, eventually, free_port, run, status

llama = Llama()
gateway = Gateway()
gateway.add("vllm-local", llama.url, base="openai")
gateway.add("openai", llama.url)  # By this name it has prices.

folder = tempfile.TemporaryDirectory()
settings = Path(folder.name) / "prometheus.yml"
settings.write_text(
    "global: {scrape_interval: 1s}\n"
    "scrape_configs:\n"
    "  - job_name: gateway\n"
    f"    static_configs: [{{targets: ['{gateway.url.removeprefix('http://')}']}}]\n"
)
port = free_port()
prometheus = Process(
    "prometheus", f"--config.file={settings}", f"--storage.tsdb.path={folder.name}/data",
    f"--web.listen-address=127.0.0.1:{port}",
)
# Until it is ready, it answers queries with a 503 of plain text.
prometheus.wait_for("Prometheus is ready", lambda: status(f"http://127.0.0.1:{port}/-/ready") == 200)


def ask(model):
    body = {"model": model, "messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 8}
    came, answer = call("POST", f"{gateway.base_url}/chat/completions", body)
    assert came == 200, answer


def query(text):
    """The result of a query, by provider."""
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
    came, answer = call("GET", url)
    assert came == 200, answer
    return {row["metric"].get("provider"): float(row["value"][1]) for row in answer["data"]["result"]}


def traffic_shows(text, good):
    """Calls go on until the query's answer is good: a rate needs scrapes before and after a change."""

    def look():
        ask("vllm-local/tiny")
        ask("openai/gpt-4o-mini")
        found = query(text)
        return found if good(found) else None

    found = eventually(text, look)
    print(text, "=", found)


def both_positive(found):
    return all(found.get(provider, 0) > 0 for provider in ("vllm-local", "openai"))


def the_rate_of_requests_by_provider():
    traffic_shows("sum by (provider) (rate(bifrost_requests_total[5m]))", both_positive)


def the_95th_percentile_of_durations():
    text = "histogram_quantile(0.95, sum by (le) (rate(bifrost_request_duration_seconds_bucket[5m])))"
    traffic_shows(text, lambda found: 0 < found.get(None, 0) < 60 and not math.isnan(found[None]))


def the_cost_by_provider():
    text = "sum by (provider) (increase(bifrost_cost_total[1h]))"
    traffic_shows(text, lambda found: found.get("openai", 0) > 0)
    assert query("sum by (provider) (bifrost_cost_total)").get("vllm-local", 0) == 0


def the_gateway_is_up_for_prometheus():
    assert query("up{job='gateway'}") == {None: 1}


def the_exposition_is_clean():
    """Prometheus' own linter has nothing against it."""
    with urllib.request.urlopen(gateway.url + "/metrics") as answer:
        text = answer.read()
    linted = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60)
    assert linted.returncode == 0, (linted.stdout + linted.stderr).decode()


run(
    the_rate_of_requests_by_provider,
    the_95th_percentile_of_durations,
    the_cost_by_provider,
    the_gateway_is_up_for_prometheus,
    the_exposition_is_clean,
)
