# SPDX-License-Identifier: Apache-2.0
"""What the structure checks share: the project's files, C text without comments, and complaints.

A check is a function of a root directory that yields (path, line, what). Its script calls
sources.run(check), which prints the complaints and ends with 1 when there was one. The root is the
script's one argument, so that test_structure.py can hand it a bad sample.
"""

import pathlib
import re
import subprocess
import sys

# Directories that hold nothing of ours.
FOREIGN = {".git", "build", ".sim", "__pycache__"}

TOKEN = re.compile(
    r"""(?P<block>/\*.*?\*/) | (?P<line>//[^\n]*)
      | (?P<string>"(?:\\.|[^"\\\n])*") | (?P<char>'(?:\\.|[^'\\\n])*')""",
    re.DOTALL | re.VERBOSE)


def files(root, *suffixes, under=""):
    """The project's files with these suffixes (all without), as paths relative to root, sorted."""
    root = pathlib.Path(root)
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    # A sample directory and an unpacked archive are no repository of their own: walk.
    if listed.returncode == 0 and (root / ".git").exists():
        names = {pathlib.Path(n) for n in listed.stdout.decode().split("\0") if n}
    else:
        names = {p.relative_to(root) for p in root.rglob("*")}
    return sorted(
        n for n in names
        if not FOREIGN & set(n.parts[:-1]) and (not suffixes or n.suffix in suffixes)
        and str(n).startswith(under) and (root / n).is_file())


def read(root, name):
    """Text of a file, relative to root."""
    return (pathlib.Path(root) / name).read_text(encoding="utf-8", errors="replace")


def is_library(root):
    """Is the shared library linked already, so that its whole surface must be there?"""
    table = root / "lib/CMakeLists.txt"
    return table.exists() and bool(re.search(r"^add_library\(mnsec SHARED\b", table.read_text(),
                                             re.MULTILINE))


def _blank(text):
    """As many lines, nothing on them."""
    return "\n" * text.count("\n") or " "


def code(text, strings=False):
    """C text without comments and, unless asked for, without the content of strings."""
    def replace(match):
        if match.lastgroup in ("block", "line"):
            return _blank(match.group())
        if match.lastgroup == "string" and not strings:
            return '""'
        if match.lastgroup == "char" and not strings:
            return "' '"
        return match.group()
    return TOKEN.sub(replace, text)


def line_comments(text):
    """Offsets of // comments."""
    return [m.start() for m in TOKEN.finditer(text) if m.lastgroup == "line"]


def line_of(text, offset):
    """Line number, from 1, of an offset."""
    return text.count("\n", 0, offset) + 1


def split_arguments(text):
    """The parts of an argument list between commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return parts + [text[start:].strip()]


def calls(text, names):
    """(name, list of arguments, offset) of each call in C text of a function among names."""
    for match in re.finditer(rf"\b({names})\s*\(", text):
        depth, at = 1, match.end()
        while at < len(text) and depth:
            depth += (text[at] == "(") - (text[at] == ")")
            at += 1
        yield match.group(1), split_arguments(text[match.end():at - 1]), match.start()


def functions(text):
    """(name, is_static, offset) of each function defined in C text; form: brace in column one."""
    text = re.sub(r"__attribute__\(\(.*?\)\)(?=\s)", lambda m: " " * len(m.group()), code(text))
    definition = re.compile(
        r"^(?P<head>[A-Za-z_][^;{}#=]*?)\b(?P<name>\w+)\s*\((?P<args>[^;{}#]*)\)\s*\n\{",
        re.MULTILINE)
    for match in definition.finditer(text):
        yield match.group("name"), "static" in match.group("head").split(), match.start("name")


def run(check):
    """Print a check's complaints about the root given as argument and end accordingly."""
    complaints = list(check(pathlib.Path(sys.argv[1]).resolve()))
    for name, line, what in complaints:
        print(f"{name}:{line}: {what}")
    sys.exit(1 if complaints else 0)
