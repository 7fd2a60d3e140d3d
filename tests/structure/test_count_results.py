#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_count_results.py: the sum that tests/run prints counts what happened. Output: TAP."""

import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parent / "../support/count_results.py"
SYNTHESIS = "[====] Synthesis: Tested: {} | Passing: {} | Failing: {} | Crashing: {} \n"


def test(status="run", inside="", output=""):
    """One CTest test in a report."""
    return (f'<testcase name="t" status="{status}">{inside}'
            f"<system-out>{output}</system-out></testcase>")


# what, report, expected "passed failed skipped"
CASES = [
    ("a test that tells nothing is one case", test(), "1 0 0"),
    ("a failed test that tells nothing is one case", test("fail", "<failure/>"), "0 1 0"),
    ("a Criterion program tells its cases", test(output=SYNTHESIS.format(5, 5, 0, 0)), "5 0 0"),
    ("failing and crashing cases have failed",
     test("fail", "<failure/>", SYNTHESIS.format(6, 3, 2, 1)), "3 3 0"),
    ("failing cases count though the program ended well", test(output=SYNTHESIS.format(3, 2, 1, 0)),
     "2 1 0"),
    ("a program without any case has none", test(output=SYNTHESIS.format(0, 0, 0, 0)), "0 0 0"),
    ("TAP lines are cases", test(output="1..3\nok 1 - a\nok 2 - b\nok 3\n"), "3 0 0"),
    ("a TAP line says not ok", test("fail", "<failure/>", "ok 1 - a\nnot ok 2 - b\n"), "1 1 0"),
    ("a TAP line says skip", test(output="ok 1 - a\nok 2 # SKIP no reader\n"), "1 0 1"),
    ("a test that failed after good cases has one failure",
     test("fail", "<failure/>", "ok 1 - a\nok 2 - b\n"), "2 1 0"),
    ("a test that did not run is skipped", test("notrun", "<skipped/>"), "0 0 1"),
    ("a disabled test is skipped", test("disabled"), "0 0 1"),
    ("tests are summed", test() + test("fail", "<failure/>") + test(output="ok 1\nok 2\n"), "3 1 0"),
    ("a report without tests sums to nothing", "", "0 0 0"),
]


def sum_of(report):
    """What the script prints about a report."""
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as stream:
        stream.write(f"<testsuite>{report}</testsuite>")
        stream.flush()
        result = subprocess.run([sys.executable, SCRIPT, stream.name], capture_output=True,
                                text=True, check=False)
        return result.stdout.strip() or result.stderr


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (what, report, expected) in enumerate(CASES, 1):
        got = sum_of(report)
        failed += got != expected
        print(f"{'ok' if got == expected else 'not ok'} {number} - {what}")
        if got != expected:
            print(f"# expected {expected}, got {got}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
