#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_demo_data.py ROOT: hsm-sim/demo-data/people.csv is what the script beside it writes."""

import subprocess
import sys

import sources

FILE = "hsm-sim/demo-data/people.csv"
SCRIPT = "hsm-sim/demo-data/make_people.py"


def check(root):
    """The same bytes."""
    if not (root / SCRIPT).exists():
        return
    made = subprocess.run([sys.executable, str(root / SCRIPT)], capture_output=True, check=False)
    if made.returncode != 0:
        yield SCRIPT, 1, made.stderr.decode().strip().splitlines()[-1]
    elif made.stdout != (root / FILE).read_bytes():
        yield FILE, 1, f"is not what {SCRIPT} writes"


if __name__ == "__main__":
    sources.run(check)
