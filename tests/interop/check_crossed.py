#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_crossed.py PROBE MAKE_EXPORT: two writers and two verifiers of an export, none of which knows
another, agree: ours (mnsec_bundle_verify) on what the exporter writes and on forgeries of it, and the
export's own tools/verify.py on what tests/support/bundle.py writes. TAP.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import bundle

PROBE, MAKE_EXPORT = sys.argv[1:]
FORGE = pathlib.Path(__file__).with_name("forge_export.py")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="mnsec-crossed."))
FORGERIES = ("field", "drop-unsigned", "drop-unlock", "swap", "duplicate", "body", "signature",
             "signature-and-hash", "clock", "certificate", "founding")
number = failures = 0


def check(condition, what, detail=""):
    """A line of TAP."""
    global number, failures
    number += 1
    failures += not condition
    print(f"{'ok' if condition else 'not ok'} {number} - {what}")
    if not condition:
        print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="")


def output(*command):
    """Exit code and standard output."""
    run = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def exporter():
    """What the exporter writes, with either kind of audit key."""
    for name, options in (("ec", ("key", WORK / "key.pem")), ("rsa", ("rsa",))):
        code, said = output(MAKE_EXPORT, WORK / name, *options)
        check(code == 0, f"an export is made ({name})", said)
        _, said = output(PROBE, WORK / name, "all=1", f"pin={WORK / name}/certs/pin.pem")
        check("\nverdict 1\n" in f"\n{said}" and "\nreached 7\n" in said, f"and attested ({name})", said)


def forgeries():
    """What the holder of the audit key makes of it."""
    for mode in FORGERIES:
        copy = WORK / mode
        shutil.copytree(WORK / "ec", copy)
        code, said = output(sys.executable, FORGE, copy, WORK / "key.pem", mode)
        check(code == 0, f"a forgery is made ({mode})", said)
        _, said = output(PROBE, copy)
        check("\nverdict 2\n" in said, f"and refuted ({mode})", said)
        shutil.rmtree(copy)


def other_writer():
    """The export's own verifier on an export of the other writer."""
    (WORK / "keys").mkdir()
    facility = bundle.Facility(WORK / "keys")
    export = facility.write(facility.history(), WORK / "other")
    script = WORK / "ec/tools/verify.py"
    code, said = output(sys.executable, script, "--all", export)
    check(code == 0, "verify.py finds the other writer's export good", said)
    entries = facility.history()
    del entries[14]
    bundle.renew(entries, facility.origin, signing=False, first=14)
    code, said = output(sys.executable, script, facility.write(entries, WORK / "bad"))
    check(code == 1, "and refuses one whose history was rewritten", said)


def main():
    exporter()
    forgeries()
    other_writer()
    print(f"1..{number}")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        code = main()
    finally:
        shutil.rmtree(WORK)
    sys.exit(code)
