"""The npm that comes with the Node of requirements.txt. Arguments are npm's."""

import subprocess
import sys

from parts import NODE

npm = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
sys.exit(subprocess.run([NODE, npm, *sys.argv[1:]], stdin=subprocess.DEVNULL).returncode)
