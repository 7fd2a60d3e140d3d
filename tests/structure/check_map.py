#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_map.py ROOT: docs/MAP.md leads to files that exist, and to all of them.

 1. Each path in docs/MAP.md exists.
 2. Each .c file of lib/ is named in it.
 3. Each action of lib/policy/action.def is in docs/FORMATS.md, and so is each reason, column and
    word of an import.
 4. A link in a document leads to a file that is there.

1 and 2 hold from the moment lib/CMakeLists.txt links the shared library.
"""

import re

import sources

MAP = "docs/MAP.md"
TOP = r"(?:lib|include|tools|hsm-sim|tests|docs)"
PATH = re.compile(rf"(?<![\w/.-])({TOP}/[\w./{{}},*-]*[\w}}*/]|README\.md|CMakeLists\.txt)")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")
IMPORT = {
    "lib/base/charset.h": re.compile(r'^ +X\([A-Z0-9_]+,[\s\\]*"([^"]+)"\)', re.MULTILINE),
    "lib/base/csv.h": re.compile(r'^ +X\([A-Z0-9_]+,[\s\\]*"([^"]+)"\)', re.MULTILINE),
    "lib/policy/subject.h": re.compile(r'^ +X\([A-Z0-9_]+,[\s\\]*"([^"]+)"\)', re.MULTILINE),
    "lib/policy/subject/subject_word.def": re.compile(r'^WORD\(\w+, +"([^"]+)"', re.MULTILINE),
    "lib/policy/subject/subject_column.c": re.compile(r'= \{"(\w+)"'),
}
ACTION = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')


def expand(path):
    """a/{b,c}.c as a/b.c and a/c.c."""
    brace = re.search(r"\{([^{}]*)\}", path)
    if not brace:
        return [path]
    return [one for part in brace.group(1).split(",")
            for one in expand(path[:brace.start()] + part.strip() + path[brace.end():])]


def exists(root, path):
    """Is there such a file or folder (a * stands for anything)?"""
    if "*" in path:
        return any(root.glob(path))
    return (root / path).exists()


def check_paths(root, text):
    """What the map names exists, and what exists it names."""
    named = set()
    for match in PATH.finditer(text):
        for path in expand(match.group(1)):
            named.add(path)
            if not exists(root, path):
                yield MAP, sources.line_of(text, match.start()), f"{path} does not exist"
    for name in sources.files(root, ".c", under="lib/"):
        if str(name) not in named:
            yield name, 1, f"is not named in {MAP}"


def check_actions(root):
    """Each action of the one list is a documented event."""
    if not (root / "lib/policy/action.def").exists():
        return
    documented = sources.read(root, "docs/FORMATS.md")
    text = sources.code(sources.read(root, "lib/policy/action.def"), strings=True)
    for match in ACTION.finditer(text):
        if not re.search(rf"(?<![\w.]){re.escape(match.group(1))}(?![\w])", documented):
            yield ("lib/policy/action.def", sources.line_of(text, match.start()),
                   f"{match.group(1)} is not in docs/FORMATS.md")


def check_links(root):
    """Relative links of every document."""
    for name in sources.files(root, ".md"):
        text = sources.read(root, name)
        for match in LINK.finditer(text):
            if not (root / name.parent / match.group(1)).exists():
                yield name, sources.line_of(text, match.start()), f"{match.group(1)} does not exist"


def check_import(root):
    """What the importer accepts and why it refuses is documented, word for word."""
    documented = sources.read(root, "docs/FORMATS.md") if (root / "docs/FORMATS.md").exists() else ""
    for name, pattern in IMPORT.items():
        text = sources.read(root, name) if (root / name).exists() else ""
        for match in pattern.finditer(text):
            word = match.group(1)
            if word != "nothing is wrong" and not re.search(rf"[|`] ?{re.escape(word)}[ `]", documented):
                yield (name, sources.line_of(text, match.start(1)),
                       f"\"{word}\" is not in docs/FORMATS.md")


def check(root):
    """All of it."""
    if (root / MAP).exists():
        yield from check_paths(root, sources.read(root, MAP))
    elif sources.is_library(root):
        yield MAP, 1, "is missing"
    yield from check_actions(root)
    yield from check_import(root)
    yield from check_links(root)


if __name__ == "__main__":
    sources.run(check)
