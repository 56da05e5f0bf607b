"""schemathesis asks the gateway for everything that its own document says, and for what it does not."""

import os
import subprocess
import sys
from pathlib import Path

from parts import Gateway, run

TOKEN = "of-the-admin-and-long-enough"
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
# What holds of every answer, whatever was sent. That valid bodies are accepted cannot be asked: a schema does not say
# that a provider must exist. Nor that all others are refused: `{}` removes what `null` removes, and an empty parameter is
# as good as none.
CHECKS = ",".join([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "unsupported_method",
])
# Prefixes under which the same handlers are once more.
ALIASES = "^/(openai|litellm|langchain|pydanticai|cursor)/"


def fuzz(*options):
    gateway = Gateway("--admin-token", TOKEN)
    done = subprocess.run(
        [
            SCHEMATHESIS, "run", f"{gateway.url}/api/openapi.json", "--header", f"Authorization: Bearer {TOKEN}",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "40", "--seed", "7",
            "--checks", CHECKS, "--request-timeout", "20", "--generation-allow-x00", "true",
            "--continue-on-failure", "--suppress-health-check", "all", *options,
        ],
        env={"PATH": os.environ["PATH"], "HOME": gateway.home.name, "NO_COLOR": "1", "COLUMNS": "120"},
        cwd=gateway.home.name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    print(done.stdout[-20_000:])
    assert gateway.child.poll() is None, "the gateway ended"
    assert "panicked" not in gateway.printed, gateway.printed[-2000:]
    assert done.returncode == 0, "see above"


def the_management_api_is_what_its_document_says():
    # The live log goes on for as long as somebody reads; behind the playground are providers, which may fail.
    fuzz("--include-path-regex", "^/api/", "--exclude-path-regex", "^/api/(logs/live|playground/)")


def the_inference_api_answers_nonsense_with_errors():
    fuzz("--exclude-path-regex", f"^/api/|{ALIASES}")


run(the_management_api_is_what_its_document_says, the_inference_api_answers_nonsense_with_errors)
