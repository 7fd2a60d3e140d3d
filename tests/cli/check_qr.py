#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_qr.py SLIP: the QR code of a founding slip, read by zbarimg from a picture of its half blocks, says what
the slip says: the log's name, the founding hash and the fingerprint of the audit certificate."""

import pathlib
import re
import subprocess
import sys
import tempfile

CELLS = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}  # upper row, lower row
SCALE = 6


def picture(lines):
    """A PGM file: what is printed is dark, as on paper."""
    width = max(map(len, lines))
    rows = []
    for line in lines:
        cells = [CELLS[c] for c in line.ljust(width)]
        rows += [[cell[half] for cell in cells] for half in (0, 1)]
    pixels = bytearray()
    for row in rows:
        pixels += bytes(0 if dark else 255 for dark in row for _ in range(SCALE)) * SCALE
    return b"P5 %d %d 255\n" % (width * SCALE, len(rows) * SCALE) + bytes(pixels)


def main():
    """True where the picture says what the text says."""
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    code = [line for line in text.splitlines() if line.strip() and set(line) <= set(CELLS)]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "code.pgm"
        path.write_bytes(picture(["", "", *code, "", ""]))
        found = subprocess.run(["zbarimg", "--raw", "--quiet", str(path)], capture_output=True, text=True, check=False)
    said = found.stdout.split()
    beside = re.sub(r"\s", "", "".join(line for line in text.splitlines() if line not in code))
    missing = [word for word in said if word not in beside]
    print(f"# the code says {said}; not in the text: {missing}", file=sys.stderr)
    return len(said) >= 3 and not missing


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
