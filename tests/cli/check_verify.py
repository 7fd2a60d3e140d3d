#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_verify.py: mncard-verify from outside: words, JSON, exit codes, what it remembers. What it
finds in which export: tests/interop/check_bundle.py. Expects MNCARD_BIN, the folder of the tools.
TAP.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import bundle

WORK = tempfile.mkdtemp(prefix="mnsec-verify.")
FACILITY = bundle.Facility(WORK)
EXPORT = FACILITY.write(FACILITY.history(), f"{WORK}/export")
number = failures = 0


def check(condition, what, detail=""):
    """A line of TAP."""
    global number, failures
    number += 1
    failures += not condition
    print(f"{'ok' if condition else 'not ok'} {number} - {what}")
    if not condition:
        print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="")


def run(*arguments, language="en"):
    """mncard-verify without a terminal and without a locale."""
    return subprocess.run([f"{os.environ['MNCARD_BIN']}/mncard-verify", *map(str, arguments), "--lang", language],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def gives(status, what, *arguments, **more):
    """The exit code; what it wrote."""
    done = run(*arguments, **more)
    check(done.returncode == status, what, f"{done.returncode}\n{done.stdout}{done.stderr}")
    return done


def main():
    good = gives(0, "a good export gives 0", EXPORT)
    check("good: the level asked for is reached" in good.stdout and not good.stderr, "in words", good.stdout)
    check(bundle.sha256(EXPORT.joinpath("log/000000.tsv").read_bytes().split(b"\t")[0]).hex()
          in good.stdout, "with the founding hash to compare", good.stdout)
    check("whether this is your facility" in good.stdout, "and what was not checked", good.stdout)
    japanese = gives(0, "the same in Japanese", EXPORT, language="ja")
    check("良好" in japanese.stdout and "設立票" in japanese.stdout and "Not" not in japanese.stdout,
          "is Japanese", japanese.stdout)

    pin = EXPORT / "certs/pin.pem"
    said = json.loads(gives(0, "JSON for machines", EXPORT, "--json", "--all", "--pin", pin).stdout)
    check(said["verdict"] == "reached" and said["reached"] == ["INTACT", "SIGNED", "ATTESTED"], "has the verdict", said)
    check(said["skipped"] == ["anchor", "remember"], "names what was skipped", said["skipped"])
    check(said["counts"]["signatures_verified"] == said["counts"]["signatures"] == 16, "counts", said["counts"])
    check([f["code"] for f in said["findings"]] == ["session.unattested"], "tells findings", said["findings"])
    check(said["first_bad"] is None and said["origin"] == FACILITY.origin, "and the log", said)

    head = f"{WORK}/head"
    first = gives(3, "continuity is not there at the first contact", EXPORT, "--remember", head, "--require",
                  "continuous")
    check("First contact" in first.stdout and "give --remember" not in first.stdout, "which is said", first.stdout)
    gives(0, "but from then on", EXPORT, "--remember", head, "--require", "CONTINUOUS")
    gives(3, "an anchor is not there", EXPORT, "--require", "ANCHORED")
    gives(0, "less can be asked for", EXPORT, "--require", "INTACT")

    bad = shutil.copytree(EXPORT, f"{WORK}/bad")
    with open(f"{bad}/log/000000.tsv", "a", encoding="ascii") as stream:
        stream.write("x\n")
    refuted = gives(1, "a bad export gives 1", bad)
    check("BAD:" in refuted.stdout and "a file differs from its digest" in refuted.stdout, "in words", refuted.stdout)
    said = json.loads(run(bad, "--json").stdout)
    check(said["verdict"] == "refuted" and said["first_bad"] == 24 and said["reached"] == [], "and in JSON", said)
    check(all(f["weight"] == "bad" for f in said["findings"]), "with what is bad", said["findings"])
    gives(1, "which no lower level mends", bad, "--require", "INTACT")
    gives(1, "and another facility's pin", EXPORT, "--pin", EXPORT / certificate())

    usage(pin)
    print(f"1..{number}")
    return 1 if failures else 0


def certificate():
    """Name of a certificate that is not the facility's."""
    return f"certs/{bundle.b64url(FACILITY.first.fingerprint)}.pem"


def usage(pin):
    """What is not a verdict: 2."""
    for what, arguments in (("no folder", ()), ("two folders", (EXPORT, EXPORT)),
                            ("a folder that is not there", (f"{WORK}/nowhere",)),
                            ("a pin that is not there", (EXPORT, "--pin", f"{WORK}/nowhere")),
                            ("a pin that is none", (EXPORT, "--pin", EXPORT / "README.txt")),
                            ("something else to remember", (EXPORT, "--remember", pin)),
                            ("a level that does not exist", (EXPORT, "--require", "PERFECT"))):
        done = gives(2, f"{what} is a usage error", *arguments)
        check(done.stderr.count("\n") == 1 and not done.stdout, "in one line", done.stderr)


if __name__ == "__main__":
    try:
        code = main()
    finally:
        shutil.rmtree(WORK)
    sys.exit(code)
