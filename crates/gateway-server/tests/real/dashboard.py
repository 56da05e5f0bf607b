"""A browser in front of real gateways: one with nothing in it and a llama.cpp server beside it, one that gets users, and the
demo with its scripted vendors. The checks themselves are Node's, in `dashboard/e2e`; what is set up here is what they look at."""

import os
import re
import subprocess
import sys
from pathlib import Path

from parts import NODE, Gateway, Llama, Process

DASHBOARD = Path(__file__).parents[2] / "dashboard"


class Demo(Process):
    """The demo with a small day behind it and no live calls, on a free port."""

    def __init__(self):
        program = Path(os.environ["GATEWAY_SERVER"]).parent / "examples" / "demo"
        environment = {"PATH": os.environ["PATH"], "GATEWAY_OFFER_PLACES": "", "TMPDIR": os.environ.get("TMPDIR", "/tmp")}
        super().__init__(program, "--port", 0, "--calls", 1500, "--quiet-now", env=environment)
        found = self.wait_for("the demo says where it is", lambda: re.search(r"Dashboard +(http://\S+?)/\n", self.printed))
        self.url = found.group(1)


llama = Llama()
environment = os.environ | {
    "DEMO_URL": Demo().url,
    "EMPTY_URL": Gateway().url,
    "GATED_URL": Gateway().url,
    "LLAMA_URL": llama.url,
    "LLAMA_KEY": Llama.KEY,
}
command = [NODE, DASHBOARD / "e2e" / "run.mjs", *sys.argv[1:]]
sys.exit(subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=1500).returncode)
