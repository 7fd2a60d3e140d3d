#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_form.py ROOT: names lead to files, and each file says what it is.

 1. A non-static function of lib/ begins, after mn_ or mnsec_, with its file's stem; in api/ the
    stem loses api_, in base/ the file is the noun.
 2. Base names of C files are unique in the tree. A public header may be called like the module's
    header that stands behind it.
 3. tests/unit/test_y.c mirrors a file y of lib/.
 4. SPDX line first (after #!), then a comment that says what is here.
 5. No forward declaration of a static function.
"""

import collections
import re

import sources

# Functions that belong to another noun than their file's, and why.
GUESTS = {
    "lib/base/error.c": ("fail",),     # mn_fail sets an mn_error; written in every second line
    "lib/base/encode.c": ("decode",),  # the two halves of one format
}

SPDX = "SPDX-License-Identifier: Apache-2.0"
SCRIPTS = {".py", ".sh", ".cmake"}
FORWARD = re.compile(r"^static\s[^;{}=#]*\b(\w+)\s*\([^;{}]*\)\s*;", re.MULTILINE)


def stem_of(name):
    """Beginning of the names that the functions of a file of lib/ have."""
    return name.stem.removeprefix("api_") if name.parts[1] == "api" else name.stem


def check_findable(root):
    """Each function of lib/ is found by its name."""
    for name in sources.files(root, ".c", under="lib/"):
        text = sources.read(root, name)
        beginnings = (stem_of(name), *GUESTS.get(str(name), ()))
        for function, is_static, offset in sources.functions(text):
            bare = re.sub(r"^(mnsec|mn)_", "", function)
            if is_static or function == "main":
                continue
            if bare == function or not bare.startswith(beginnings):
                yield (name, sources.line_of(text, offset),
                       f"{function} is not found by its name; it should begin with mn_{stem_of(name)}")


def check_unique(root):
    """One base name, one file."""
    places = collections.defaultdict(list)
    for name in sources.files(root, ".c", ".h", ".def", ".py"):
        if not str(name).startswith("include/"):
            places[name.name].append(name)
    for names in places.values():
        for name in names[1:]:
            yield name, 1, f"is called like {names[0]}"


def is_script(root, name):
    """Does this file begin with #!?"""
    with open(root / name, "rb") as stream:
        return stream.read(2) == b"#!"


def check_heads(root):
    """Licence line and head comment."""
    for name in sources.files(root):
        is_c = name.suffix in (".c", ".h", ".def")
        if not (is_c or name.suffix in SCRIPTS or name.name == "CMakeLists.txt" or is_script(root, name)):
            continue
        lines = sources.read(root, name).splitlines() + ["", "", ""]
        at = 1 if lines[0].startswith("#!") else 0
        if SPDX not in lines[at]:
            yield name, at + 1, f"the line \"{SPDX}\" is missing"
        elif is_c and not lines[at + 1].startswith("/*"):
            yield name, at + 2, "the comment that says what is here is missing"


def check_forward(root):
    """Callee before caller."""
    for name in sources.files(root, ".c"):
        text = sources.code(sources.read(root, name))
        for match in FORWARD.finditer(text):
            yield (name, sources.line_of(text, match.start()),
                   f"{match.group(1)} is declared ahead; put it before its caller")


def check_mirror(root):
    """Each unit test is named after a file of lib/ that exists."""
    stems = {n.stem for n in sources.files(root, ".c", ".h", ".def", under="lib/")}
    for name in sources.files(root, ".c", under="tests/unit/"):
        if name.stem.removeprefix("test_") not in stems:
            yield name, 1, "mirrors no file of lib"


def check(root):
    """All of it."""
    yield from check_findable(root)
    yield from check_unique(root)
    yield from check_heads(root)
    yield from check_forward(root)
    yield from check_mirror(root)


if __name__ == "__main__":
    sources.run(check)
