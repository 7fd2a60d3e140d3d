#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_po.py ROOT: the Japanese catalogue tools/po/ja.po has every text, and none half translated.

 1. Every text that the tools mark with _() or N_() is there.
 2. So is every text of the library that a tool shows: statuses and reasons (the last text in each
    row of a …_LIST(X) table), events (action.def), findings (api_health.def), refusals (decide.c), steps of
    progress, what is asked of whom, and the details of failures that have no value in them (api, session, verify).
 3. No entry is fuzzy or empty, and formats agree (msgfmt --check-format).
 4. No entry is there for nothing.
"""

import re
import subprocess

import sources

CATALOGUE = "tools/po/ja.po"
SPEAKING = (("lib", "api"), ("lib", "session"), ("lib", "verify"))  # what they say reaches a person
LITERAL = r'"((?:\\.|[^"\\])*)"'
TABLE = re.compile(r"#define\s+\w+_LIST\(X\)((?:[^\n]*\\\n)*[^\n]*)")
ROW = re.compile(r"\bX\(((?:" + LITERAL + r"|[^()\"])*)\)")
EVENT = re.compile(r"^ACTION\(\w+,\s*" + LITERAL, re.MULTILINE)
VERDICT = re.compile(r"^\s*\[MN_DECIDE_\w+\]\s*=\s*" + LITERAL, re.MULTILINE)


def unescape(text):
    """What a C literal, or one of a catalogue, means."""
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text)


def run(root, *command):
    """Output of a gettext tool in root."""
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def entries(catalogue):
    """(msgid, msgstr, flags) of each entry of a catalogue's text but its head."""
    for block in catalogue.split("\n\n"):
        if re.search(r"^#~", block, re.MULTILINE):
            continue
        parts = {}
        part = None
        for line in block.splitlines():
            start = re.match(r"(msgid|msgstr)\s+(.*)", line)
            if start:
                part = start.group(1)
            text = start.group(2) if start else line
            if part and text.startswith('"'):
                parts[part] = parts.get(part, "") + unescape(text[1:-1])
        if parts.get("msgid"):
            yield parts["msgid"], parts.get("msgstr", ""), re.findall(r"^#,.*\bfuzzy\b", block, re.MULTILINE)


def tool_texts(root):
    """Texts that the tools mark."""
    names = [str(n) for n in sources.files(root, ".c", ".h", under="tools/")]
    if not names:
        return set()
    found = run(root, "xgettext", "--from-code=UTF-8", "-k_", "-kN_", "--omit-header", "-o-", *names)
    return {msgid for msgid, _, _ in entries(found.stdout)}


def table_texts(text):
    """The last text of each row of a table of texts."""
    for table in TABLE.finditer(text):
        for row in ROW.finditer(table.group(1).replace("\\\n", "\n")):
            literals = re.findall(LITERAL, row.group(1))
            if literals:
                yield unescape(literals[-1])


def spoken_texts(text):
    """What api, session and verify say to a person: details, subjects, reasons, steps."""
    names = ("mn_fail|mn_fail_native|mn_context_notice|mn_context_progress|mn_verify_finding_progress"
             "|ask_so_pin|write_pin")
    for _, arguments, _ in sources.calls(text, names):
        for literals in (re.findall(LITERAL, a) for a in arguments if a.startswith('"')):
            yield unescape("".join(literals))
    for literal in re.findall(r"(?:\.subject|\breason)\s*=\s*" + LITERAL, text):
        yield unescape(literal)
    for pieces in re.findall(r"\breturn\s+((?:" + LITERAL + r"\s*)+);", text):
        yield unescape("".join(re.findall(LITERAL, pieces[0])))


def library_texts(root):
    """Texts of the library that a tool shows."""
    found = set()
    for name in sources.files(root, ".h", ".c", ".def"):
        if name.parts[0] not in ("lib", "include"):
            continue
        text = sources.code(sources.read(root, name), strings=True)
        found.update(table_texts(text))
        if name.name == "action.def":
            found.update(EVENT.findall(text))
        if name.name == "api_health.def":
            found.update(unescape(t) for t in re.findall(LITERAL, text) if " " in t)
        if name.name == "decide.c":
            found.update(VERDICT.findall(text))
        if name.parts[:2] in SPEAKING and name.suffix == ".c":
            found.update(t for t in spoken_texts(text) if " " in t and "%" not in t)
    return found


def check(root):
    """All of it."""
    wanted = tool_texts(root) | library_texts(root)
    if not (root / CATALOGUE).exists():
        if wanted and sources.files(root, ".c", under="tools/"):
            yield CATALOGUE, 1, "is missing"
        return
    catalogue = sources.read(root, CATALOGUE)
    have = {}
    for msgid, msgstr, fuzzy in entries(catalogue):
        have[msgid] = msgstr
        if fuzzy or not msgstr:
            yield CATALOGUE, 1, f"{msgid!r} is {'fuzzy' if fuzzy else 'not translated'}"
    for msgid in sorted(wanted - set(have)):
        yield CATALOGUE, 1, f"{msgid!r} is missing"
    for msgid in sorted(set(have) - wanted):
        yield CATALOGUE, 1, f"{msgid!r} is there for nothing"
    checked = run(root, "msgfmt", "--check-format", "-o", "/dev/null", CATALOGUE)
    if checked.returncode:
        yield CATALOGUE, 1, checked.stderr.strip().splitlines()[0]


if __name__ == "__main__":
    sources.run(check)
