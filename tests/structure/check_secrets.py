#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_secrets.py ROOT: no C file does what loses secrets or takes the process from its host.

 1. Nowhere: goto, // comments.
 2. Nowhere but in tests: functions that write without a bound, memcmp or strcmp on something that
    is called like a secret, memset to wipe, a secret's bytes given to printf.
 3. The library never prints, exits, reads the environment or installs handlers (the card worker is
    a program of its own).
"""

import re

import sources

UNBOUNDED = r"strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|alloca|mktemp|tmpnam"
COMPARING = r"memcmp|strcmp|strncmp|strcasecmp|bcmp"
PRINTING = r"printf|fprintf|snprintf|dprintf|asprintf|syslog|mn_buf_printf|mn_fail|mn_fail_native"
OF_THE_HOST = (r"printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror|syslog|exit|_exit|"
               r"quick_exit|abort|getenv|secure_getenv|setenv|putenv|signal|sigaction|atexit|err|errx|warn|warnx")

# What is called like a secret, and what about it is no secret.
SECRET = re.compile(r"pin|passw(or)?d|secret|passphrase", re.IGNORECASE)
PUBLIC = re.compile(
    r"(pin|passw(or)?d|secret|passphrase)_?(len|count|bytes_max|max|min|tries|size|kind|name|id|hash"
    r"|flags?|type|state|status|uri|path|prefix)\b|mapping|typing|ping|pinned|spin|opin",
    re.IGNORECASE)


def is_secret(argument):
    """Is this argument called like a secret (and not like its length, or a constant)?"""
    words = re.findall(r"\w+", re.sub(r'"[^"]*"|\bsizeof\b\s*\([^)]*\)', "", argument))
    return any(SECRET.search(w) and not PUBLIC.search(w) and not w.isupper() for w in words)


def check_everywhere(text):
    """What no C file may hold."""
    bare = sources.code(text)
    for offset in sources.line_comments(text):
        yield sources.line_of(text, offset), "// comment; write /* */"
    for match in re.finditer(r"\bgoto\b", bare):
        yield sources.line_of(bare, match.start()), "goto; return early, clean up by MN_AUTO"


def check_handling(text):
    """How secrets are compared, wiped and printed."""
    bare = sources.code(text)
    for function, _, offset in sources.calls(bare, UNBOUNDED):
        yield sources.line_of(bare, offset), f"{function}() has no bound"
    for function, arguments, offset in sources.calls(bare, COMPARING):
        if any(is_secret(a) for a in arguments[:2]):
            yield sources.line_of(bare, offset), f"{function}() on a secret; use mn_secret_equal()"
    for function, arguments, offset in sources.calls(bare, "memset|bzero"):
        if is_secret(arguments[0]):
            yield sources.line_of(bare, offset), f"{function}() on a secret; use mn_secret_erase()"
    for function, arguments, offset in sources.calls(bare, PRINTING):
        if any(is_secret(a) and re.search(r"(\.|->)bytes\b", a) for a in arguments):
            yield sources.line_of(bare, offset), f"{function}() of a secret's bytes"


def check_library(text):
    """What belongs to the host program."""
    bare = sources.code(text)
    for function, _, offset in sources.calls(bare, OF_THE_HOST):
        before = bare[:offset].rstrip()
        if not before.endswith(("->", ".")):
            yield sources.line_of(bare, offset), f"{function}() belongs to the host program"


def check(root):
    """All of it."""
    for name in sources.files(root, ".c", ".h"):
        text = sources.read(root, name)
        kinds = [check_everywhere]
        if name.parts[0] != "tests":
            kinds.append(check_handling)
        if name.parts[0] in ("lib", "include") and name.parts[1] != "cardworker":
            kinds.append(check_library)
        for kind in kinds:
            for line, what in kind(text):
                yield name, line, what


if __name__ == "__main__":
    sources.run(check)
