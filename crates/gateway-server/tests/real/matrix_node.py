"""Starts what node/matrix.mjs needs, and runs it."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from exchanges import mixed, recorded
from parts import NODE, PARTS, Gateway
from replay import Replay
from upstreams import KEY, MOST, UPSTREAMS, belongs, provider_of, set_up
from written import INVALID, LIMITED, OVERLOADED, TEXT, all_written


def described(name, exchanges):
    """An upstream, in the words of the script."""
    endpoint = UPSTREAMS[name][0]
    mine = mixed(exchange for exchange in exchanges if belongs(exchange, name))
    # Vercel's takes what Bedrock answers itself for calls of its user's tools.
    mine = [exchange for exchange in mine if endpoint != "converse" or b"server_tool_use" not in exchange.body]
    answers = [
        {"id": exchange.id, "good": exchange.good, "streamed": exchange.streamed, "status": exchange.status}
        | ({} if exchange.written else {"request": exchange.request})
        for exchange in mine
        if not exchange.before and not exchange.cut and not exchange.id.endswith(".broken")
        and not (exchange.written and exchange.status != 200)
    ]
    breaks = any(exchange.id.endswith(".broken") for exchange in mine)
    return {"endpoint": endpoint, "provider": provider_of(name), "exchanges": answers, "breaks": breaks}


exchanges = [*recorded(), *all_written()]
replay, gateway = Replay(exchanges), Gateway()
set_up(gateway, replay, UPSTREAMS)
about = {
    "gateway": gateway.url,
    "replay": replay.url,
    "key": KEY,
    "most": MOST,
    "upstreams": {name: described(name, exchanges) for name in UPSTREAMS},
    "said": {"text": TEXT, "limited": LIMITED, "overloaded": OVERLOADED, "invalid": INVALID},
}
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    json.dump(about, file)
    file.flush()
    # Packages are looked up from where a script lies.
    scripts = shutil.copytree(Path(__file__).parent / "node", PARTS / "node" / "scripts", dirs_exist_ok=True)
    command = [NODE, scripts / "matrix.mjs", file.name, *sys.argv[1:]]
    sys.exit(subprocess.run(command, stdin=subprocess.DEVNULL, timeout=480).returncode)
