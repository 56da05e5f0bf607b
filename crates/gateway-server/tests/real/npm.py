"""The npm that comes with the Node of requirements.txt. Arguments are npm's."""

import os
import subprocess
import sys

from parts import NODE

npm = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
# Scripts of packages look for `node` by name.
environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
sys.exit(subprocess.run([NODE, npm, *sys.argv[1:]], stdin=subprocess.DEVNULL, env=environment).returncode)
