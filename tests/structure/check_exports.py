#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_exports.py ROOT: the public surface agrees with itself.

 1. lib/libmnsec.map = the MNSEC_API prototypes of include/mnsec/, one to one.
 2. The umbrella include/mnsec.h includes every public header.
 3. Each public header compiles alone, as C and as C++, and gives its functions C linkage.
 4. Each exported function has a doc block; one that acts in a session says which right it takes and
    what it leaves in the log.

1 and 2 hold from the moment lib/CMakeLists.txt links the shared library.
"""

import re
import subprocess

import sources

PROTOTYPE = re.compile(r"^MNSEC_API\b(?P<head>[^;(]*?)\b(?P<name>mnsec_\w+)\s*\((?P<args>[^;]*)\)\s*;",
                       re.MULTILINE)
DOC = re.compile(r"/\*\*((?:(?!\*/).)*)\*/\s*\Z", re.DOTALL)

# Calls with a session that do nothing anybody needs a right for.
NO_ACT = {"mnsec_session_poll"}


def headers(root):
    """Public headers below include/mnsec/."""
    return sources.files(root, ".h", under="include/mnsec/")


def prototypes(root):
    """(header, its text, match) of each exported prototype."""
    for name in headers(root):
        text = sources.read(root, name)
        blank = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.DOTALL)
        for match in PROTOTYPE.finditer(blank):
            yield name, text, match


def mapped(root):
    """Names under global: in the map file."""
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", sources.read(root, "lib/libmnsec.map"), flags=re.DOTALL)
    names = []
    for part in re.findall(r"global:(.*?)(?:local:|\})", text, re.DOTALL):
        names += [n.strip() for n in part.split(";") if n.strip()]
    return names


def check_map(root):
    """The map file against the prototypes."""
    declared = {m.group("name") for _, _, m in prototypes(root)}
    exported = mapped(root)
    for name in sorted(set(exported) - declared):
        yield "lib/libmnsec.map", 1, f"exports {name}, which no public header declares"
    for name in sorted(declared - set(exported)):
        yield "lib/libmnsec.map", 1, f"does not export {name}"
    for name in sorted({n for n in exported if exported.count(n) > 1}):
        yield "lib/libmnsec.map", 1, f"exports {name} twice"


def check_umbrella(root):
    """include/mnsec.h against include/mnsec/."""
    text = sources.code(sources.read(root, "include/mnsec.h"), strings=True)
    included = set(re.findall(r'#\s*include\s*[<"](mnsec/[^>"]+)[>"]', text))
    present = {f"mnsec/{n.name}" for n in headers(root)}
    for name in sorted(present - included):
        yield "include/mnsec.h", 1, f"does not include {name}"
    for name in sorted(included - present):
        yield "include/mnsec.h", 1, f"includes {name}, which is not there"


def check_compiles(root):
    """Each header by itself."""
    for name in headers(root):
        for compiler, language in (("gcc", "c"), ("clang", "c++")):
            result = subprocess.run(
                [compiler, "-x", language, "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                 "-Wno-pragma-once-outside-header", "-I", root / "include", root / name],
                capture_output=True, text=True, check=False)
            if result.returncode:
                first = (result.stderr.strip().splitlines() or ["no message"])[0]
                yield name, 1, f"does not compile alone as {language}: {first}"
        text = sources.code(sources.read(root, name), strings=True)
        if "define MNSEC_API" in text and 'define MNSEC_API extern "C"' not in text:
            yield name, 1, 'MNSEC_API is not extern "C" in C++'


def acts(match):
    """Is this prototype a call that acts in a session?"""
    return (re.search(r"\bmnsec_status\b", match.group("head"))
            and re.search(r"^\s*mnsec_session\s*\*", match.group("args"))
            and match.group("name") not in NO_ACT)


def check_docs(root):
    """Doc blocks and their fields."""
    for name, text, match in prototypes(root):
        line = sources.line_of(text, match.start())
        block = DOC.search(text[:match.start()])
        if block is None:
            yield name, line, f"{match.group('name')} has no doc block"
            continue
        for word in ("right", "audit") if acts(match) else ():
            if word not in block.group(1).lower():
                yield name, line, f"{match.group('name')}: the doc block does not tell its {word}"


def check(root):
    """All of it."""
    for name, part in (("lib/libmnsec.map", check_map), ("include/mnsec.h", check_umbrella)):
        if (root / name).exists():
            yield from part(root)
        elif sources.is_library(root):
            yield name, 1, "is missing"
    yield from check_compiles(root)
    yield from check_docs(root)


if __name__ == "__main__":
    sources.run(check)
