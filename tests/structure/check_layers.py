#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_layers.py ROOT: every #include points the way docs/ARCHITECTURE.md says.

 1. A module of lib/ includes its own headers and those of the modules it USES in lib/CMakeLists.txt.
 2. USES names lower rows only.
 3. Outside libraries come in by their one door each.
 4. A header that lets a door's header in stays inside its module: no CK_ type leaves token/.
 5. tools/ and docs/examples/ see public headers only; lib/ sees nothing of tools/, tests/, hsm-sim/.
"""

import re

import sources

# Rows from the bottom; a row uses rows below it, never its own row or above.
ROWS = [
    {"base"},
    {"store", "crypto"},
    {"registry", "token", "reader", "tlog", "policy"},
    {"session", "vault", "audit", "verify"},
    {"api"},
    {"cardworker"},  # a program of its own; nothing may use it
]
ROW_OF = {module: number for number, row in enumerate(ROWS) for module in row}

# Folders of lib/ that are programs: what they use is written here and not in the table.
PROGRAMS = {"cardworker": {"base", "crypto", "reader", "token"}}

# Outside header (regular expression) and where in lib/ it may be included.
DOORS = [
    (r"gcrypt\.h|gpg-error\.h", ("lib/base/secret.c", "lib/crypto/secret/")),
    (r"openssl/.*", ("lib/crypto/public/",)),
    (r"p11-kit/.*|pkcs11\.h|pkcs11/.*", ("lib/token/",)),
    (r"(PCSC/)?(winscard|wintypes|reader|pcsclite)\.h", ("lib/reader/",)),
    (r"sqlite3(ext)?\.h", ("lib/store/sqlite/",)),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
MODULE = re.compile(r"^mnsec_module\((\w+)([^)]*)\)", re.MULTILINE)


def module_of(name):
    """Module of a file under lib/, or None."""
    return name.parts[1] if name.parts[0] == "lib" and len(name.parts) > 2 else None


def module_table(root):
    """{module: (set of USES, line)} out of lib/CMakeLists.txt."""
    text = re.sub(r"#[^\n]*", "", sources.read(root, "lib/CMakeLists.txt"))
    table = {}
    for match in MODULE.finditer(text):
        part, uses = None, set()
        for word in match.group(2).split():
            if word in ("SOURCES", "USES", "LIBS"):
                part = word
            elif part == "USES":
                uses.add(word)
        table[match.group(1)] = (uses, sources.line_of(text, match.start()))
    return table


def check_table(root, table):
    """USES points down, and only at modules that exist; what is compiled is in the table."""
    for module in sorted({module_of(n) for n in sources.files(root, ".c", under="lib/")} - {None}):
        if module not in table and module not in PROGRAMS:
            yield "lib/CMakeLists.txt", 1, f"module {module} is not in the table"
    for module, (uses, line) in table.items():
        if module not in ROW_OF:
            yield "lib/CMakeLists.txt", line, f"module {module} has no row in the architecture"
            continue
        for used in sorted(uses):
            if used not in ROW_OF:
                yield "lib/CMakeLists.txt", line, f"{module} uses {used}, which does not exist"
            elif ROW_OF[used] >= ROW_OF[module]:
                yield "lib/CMakeLists.txt", line, f"{module} uses {used}, which is not below it"


def resolve(root, name, header):
    """The file of ours that `#include "header"` in name means, relative to root, or None."""
    for folder in (name.parent, "lib", "lib/base", "include"):
        path = (root / folder / header).resolve()
        if path.is_file() and path.is_relative_to(root):
            return path.relative_to(root)
    return None


def door_broken(name, header):
    """Is this outside header included in lib/ somewhere else than at its door?"""
    for pattern, places in DOORS:
        if re.fullmatch(pattern, header):
            return not str(name).startswith(places)
    return False


def is_inner(root, target):
    """Does this header let a door's header in?"""
    text = sources.code(sources.read(root, target), strings=True)
    return any(re.fullmatch(pattern, header)
               for _, header in INCLUDE.findall(text) for pattern, _ in DOORS)


def uses_of(module, table):
    """Modules that this one may include."""
    return table[module][0] if module in table else PROGRAMS[module]


def check_ours(root, name, target, table):
    """One include of a file of ours by a file of lib/."""
    here, there = module_of(name), module_of(target)
    if target.parts[0] == "include":
        return
    if there is None:
        yield f"includes {target}, which is no part of lib"
    elif there != here and there not in uses_of(here, table):
        yield f"includes {target}, but {here} does not use {there}"
    elif there != here and is_inner(root, target):
        yield f"includes {target}, which lets an outside library in and must stay in {there}"


def check_file(root, name, table):
    """All includes of one file."""
    text = sources.code(sources.read(root, name), strings=True)
    in_lib = name.parts[0] == "lib"
    for match in INCLUDE.finditer(text):
        header, line = match.group(2), sources.line_of(text, match.start(1))
        target = resolve(root, name, header)
        if target is None:
            if in_lib and door_broken(name, header):
                yield name, line, f"<{header}> has its own door, which is not here"
        elif in_lib:
            for what in check_ours(root, name, target, table):
                yield name, line, what
        elif target.parts[0] not in ("include", *name.parts[:1]):
            yield name, line, f"includes {target}; only public headers are seen from here"


def check(root):
    """All of it."""
    table = module_table(root)
    yield from check_table(root, table)
    for under in ("lib/", "tools/", "docs/examples/"):
        for name in sources.files(root, ".c", ".h", under=under):
            # A module that is not in the table has no code yet, else check_table has complained.
            if under == "lib/" and module_of(name) not in {*table, *PROGRAMS}:
                continue
            yield from check_file(root, name, table)


if __name__ == "__main__":
    sources.run(check)
