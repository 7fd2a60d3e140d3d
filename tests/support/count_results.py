#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""count_results.py JUNIT.xml: single test cases in a CTest report, as "passed failed skipped".

One CTest test may hold many cases: a Criterion program tells their number in its last line
("Synthesis: Tested: 3 | Passing: 2 | Failing: 1 | Crashing: 0"), a script by TAP lines ("ok 1 - ...",
"not ok 2 - ...", "ok 3 # SKIP why"). A test that tells nothing is one case. A test that CTest calls
failed has at least one failed case, whatever it told. Names of failed and skipped tests go to
standard error.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

SYNTHESIS = re.compile(
    r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)")
TAP = re.compile(r"^(ok|not ok) \d+\b(.*)$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def cases_told(text):
    """(passed, failed, skipped) as the test's own output tells them; None when it tells nothing."""
    passed = failed = skipped = 0
    if not SYNTHESIS.search(text) and not TAP.search(text):
        return None
    for tested, passing, failing, crashing in SYNTHESIS.findall(text):
        passed += int(passing)
        failed += int(failing) + int(crashing)
        skipped += int(tested) - int(passing) - int(failing) - int(crashing)
    for verdict, rest in TAP.findall(text):
        if re.search(r"# *skip", rest, re.IGNORECASE):
            skipped += 1
        elif verdict == "ok":
            passed += 1
        else:
            failed += 1
    return passed, failed, skipped


def count(testcase):
    """(passed, failed, skipped) of one CTest test."""
    output = COLOUR.sub("", testcase.findtext("system-out") or "")
    told = cases_told(output)
    passed, failed, skipped = told or (0, 0, 0)
    if testcase.find("failure") is not None or testcase.get("status") == "fail":
        return passed, max(failed, 1), skipped
    if testcase.find("skipped") is not None or testcase.get("status") in ("notrun", "disabled"):
        return passed, failed, max(skipped, 1)
    return told or (1, 0, 0)


def main():
    total = [0, 0, 0]
    for testcase in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        counts = count(testcase)
        total = [a + b for a, b in zip(total, counts)]
        for word, number in (("failed", counts[1]), ("skipped", counts[2])):
            if number:
                print(f"  {word}: {testcase.get('name')} ({number})", file=sys.stderr)
    print(*total)


if __name__ == "__main__":
    main()
