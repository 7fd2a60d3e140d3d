#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_bundle.py PROBE: what mnsec_bundle_verify() says of exports that it did not see written.

A second writer (tests/support/bundle.py) makes a valid export; then come the attacks that an export
must withstand: by an outsider, who can rebuild the list of digests but sign nothing, and by the
holder of the facility key, who can sign everything but not as a card. Each must be found at its
level and its entry. TAP.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import types

import bundle

INTACT, SIGNED, ATTESTED, ANCHORED, CONTINUOUS = 1, 2, 4, 8, 16
UP_TO = {0: 0, INTACT: 1, SIGNED: 3, ATTESTED: 7}
INSUFFICIENT, REACHED, REFUTED = 0, 1, 2
SKIP_PIN, SKIP_SIGNATURES, SKIP_BODIES, SKIP_WITHHELD, SKIP_ANCHOR, SKIP_REMEMBER = 1, 2, 4, 8, 16, 32

PROBE = sys.argv[1]
WORK = tempfile.mkdtemp(prefix="mnsec-bundle.")
FACILITY = bundle.Facility(WORK)
HISTORY = FACILITY.history()
cases = []


def case(function):
    """A test; its doc string is its name."""
    cases.append(function)
    return function


class Export:
    """A copy of the valid export, or of what an attacker makes of the history."""

    number = 0

    def __init__(self, entries=None, resign=True, facility=FACILITY):
        Export.number += 1
        self.facility = facility
        self.path = f"{WORK}/export-{Export.number}"
        self.entries = HISTORY if entries is None else entries
        if entries is None:
            shutil.copytree(f"{WORK}/valid", self.path)
        elif resign:
            facility.write(entries, self.path)
        else:
            shutil.copytree(f"{WORK}/valid", self.path)
            facility.write(entries, self.path, resign=False)

    def file(self, name):
        return f"{self.path}/{name}"

    def lines(self, name):
        with open(self.file(name), encoding="utf-8", newline="\n") as stream:
            return stream.read().split("\n")[:-1]

    def put(self, name, lines, rebuild=True, resign=False):
        with open(self.file(name), "w", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
        if rebuild:
            self.rebuild(resign)
        return self

    def rebuild(self, resign=False):
        self.facility.write_manifest(self.facility.folder.__class__(self.path), resign)
        return self


def verify(export, *options):
    """What the probe says: .findings [(code, entry)], .verdict, .reached …"""
    path = export.path if isinstance(export, Export) else export
    run = subprocess.run([PROBE, path, *options], capture_output=True, text=True, check=False,
                         env={**os.environ, "UBSAN_OPTIONS": "halt_on_error=1"})
    said = types.SimpleNamespace(findings=[], files=[], verdict=None, status=None, code=run.returncode)
    for line in run.stdout.splitlines():
        name, *rest = line.split(" ")
        if name == "finding":
            said.findings.append((rest[0], int(rest[3])))
            said.files.append(rest[4])
        else:
            value = rest[0] if rest else ""
            setattr(said, name, int(value) if value.lstrip("-").isdigit() else value)
    if run.stderr:
        raise AssertionError(f"it says on standard error: {run.stderr[-2000:]}")
    return said


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_result(said, verdict, reached, *findings):
    """Verdict, levels, and the bad or missing findings, all of them, in order."""
    told = [f for f in said.findings if f[0] != "session.unattested"]
    expect((said.verdict, said.reached, told) == (verdict, reached, list(findings)),
           f"verdict {said.verdict}, reached {said.reached}, found {told}; "
           f"wanted {verdict}, {reached}, {list(findings)}")
    return said


def copy_of(entries):
    """Entries that can be changed, with their sessions."""
    fresh = [bundle.dataclasses.replace(e) for e in entries]
    for e in fresh:
        if e.login is not None:
            e.login = fresh[next(i for i, old in enumerate(entries) if old is e.login)]
    return fresh


def resigned(entries, first=0, signing=True):
    """The entries from first on said again, as the holder of the facility key can say them."""
    return Export(bundle.renew(entries, FACILITY.origin, signing, first))


def raw(entry, statement=None, stamp=None):
    """An entry that says exactly this from now on, signatures kept."""
    entry.statement = statement or entry.statement
    entry.stamp = stamp or entry.stamp
    return entry


def replace_line(entries, i, **members):
    """Statement i with other members and its own signatures again; what follows is renewed."""
    e = entries[i]
    e.members = {**e.members, **members}
    e.statement = bundle.compact(e.members)
    if e.signers:
        bundle.sign(e)
    return resigned(entries, i + 1)


# --- what holds ---------------------------------------------------------------------------------


@case
def valid_export_is_attested():
    """a valid export is attested, and what was not checked is named"""
    said = expect_result(verify(Export()), REACHED, 7)
    expect(said.skipped == SKIP_PIN | SKIP_SIGNATURES | SKIP_ANCHOR | SKIP_REMEMBER, said.skipped)
    expect((said.entries, said.proven, said.first_bad) == (24, 24, -1), "not all entries are proven")
    expect((said.sessions, said.authority, said.bodies) == (4, 3, 24), "counts")


@case
def tail_of_a_session_is_told():
    """entries that no card signature of their session covers are told"""
    said = verify(Export())
    expect(said.findings == [("session.unattested", 20)] and said.unattested == 1, said.findings)


@case
def all_signatures_are_checked_when_asked():
    """with all, every signature is verified"""
    said = expect_result(verify(Export(), "all=1"), REACHED, 7)
    expect(said.signatures_verified == said.signatures == 16, said.signatures_verified)
    expect(not said.skipped & SKIP_SIGNATURES, said.skipped)


@case
def pin_is_accepted():
    """the facility's pin agrees, and so does its audit certificate, as PEM and as DER"""
    der = f"{WORK}/audit.der"
    with open(der, "wb") as stream:
        stream.write(FACILITY.audit.der)
    for pin in (Export().file("certs/pin.pem"), str(FACILITY.audit.pem), der):
        said = expect_result(verify(Export(), f"pin={pin}"), REACHED, 7)
        expect(not said.skipped & SKIP_PIN, said.skipped)


@case
def rsa_audit_key_is_accepted():
    """an RSA audit key signs the CMS only"""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        facility = bundle.Facility(folder, audit_alg="rs256")
        export = Export(facility.history(), facility=facility)
        expect(not os.path.exists(export.file("checkpoint")), "there is a note")
        expect_result(verify(export, f"pin={facility.audit.pem}"), REACHED, 7)


@case
def withheld_bodies_are_named():
    """bodies may be withheld, but not unnoticed"""
    export = Export()
    bodies = export.lines("body/000000.tsv")
    export.put("body/000000.tsv", ["" if i > 5 else b for i, b in enumerate(bodies)], resign=True)
    said = expect_result(verify(export), REACHED, 7)
    expect(said.skipped & SKIP_BODIES and said.bodies_withheld == 18, said.bodies_withheld)


@case
def earlier_signature_may_be_withheld():
    """a signature may be withheld where a later one vouches for its entry"""
    export = Export()
    lines = [s for s in export.lines("sig/000000.tsv") if not s.startswith("10 ")]
    said = expect_result(verify(export.put("sig/000000.tsv", lines, resign=True)), REACHED, 7)
    expect(said.skipped & SKIP_WITHHELD and said.signatures_withheld == 1, said.skipped)
    expect_result(verify(export, "all=1"), INSUFFICIENT, 3, ("signature.withheld", 10))


@case
def two_blocks_hold():
    """entries fill files of 65,536; an entry may refer 65,536 back and no further"""
    entries = copy_of(HISTORY)
    count = bundle.BLOCK + 30
    notes = [bundle.Entry("session.attempt", "none", t=entries[-1].t) for _ in range(len(entries), count)]
    for far, wanted in ((bundle.BLOCK, None), (bundle.BLOCK + 1, bundle.BLOCK + 25)):
        export = Export(long_history(entries, notes, far))
        expect(os.path.exists(export.file("log/000001.tsv")), "there is one block")
        if wanted is None:
            expect_result(verify(export), REACHED, 7)
        else:
            said = verify(export)
            expect(said.findings == [("log.history", wanted)] and said.verdict == REFUTED, said.findings)


def long_history(entries, notes, far):
    """Many notes after the entries; note 65,561 refers far back. Statements by hand, for speed."""
    leaves = [bundle.leaf_of(e.line) for e in entries]
    head = entries[-1].members["ah"]
    roots = {}
    count = sum(e.dept == "-" for e in entries)
    for i, note in enumerate(notes, len(entries)):
        at = i - far if i == bundle.BLOCK + 25 else i // 4096 * 4096 or 24
        if at not in roots:
            roots[at] = bundle.b64url(bundle.root_of(leaves[:at]))
        count += 1
        note.statement = bundle.compact({
            "_": "mnsec-audit/1", "ah": head, "at": at, "auth": "none", "bh": bundle.digest(note.body),
            "dept": "-", "ev": note.ev, "log": FACILITY.origin, "out": 0, "pre": roots[at], "ses": 0,
            "sn": 0, "st": "none", "ts": note.t})
        note.stamp = f"{i} {count} {note.t}"
        leaves.append(bundle.leaf_of(note.line))
    return entries + notes


# --- what is remembered -------------------------------------------------------------------------


def remembering(name, size):
    """A remember file as it was after a verification at this size."""
    head = f"{WORK}/{name}.head"
    expect_result(verify(Export(HISTORY[:size]), f"remember={head}"), REACHED, 7)
    return head


@case
def first_contact_is_remembered():
    """the first checkpoint is remembered, and the next export continues it"""
    head = f"{WORK}/first.head"
    said = expect_result(verify(Export(HISTORY[:18]), f"remember={head}"), REACHED, 7)
    expect(said.first_contact == 1 and said.skipped & SKIP_REMEMBER, "no first contact")
    with open(head, encoding="ascii") as stream:
        expect(stream.read().split("\n")[:2] == [FACILITY.origin, "18"], "what is remembered")
    said = expect_result(verify(Export(), f"remember={head}", "required=16"), REACHED, 7 | CONTINUOUS)
    expect(said.remembered_size == 18 and not said.skipped & SKIP_REMEMBER, said.skipped)
    with open(head, encoding="ascii") as stream:
        expect(stream.read().split("\n")[1] == "24", "it did not move on")


@case
def truncation_by_the_key_holder():
    """a log cut and signed again is refuted by what is remembered, and by nothing else"""
    head = remembering("cut", 24)
    expect_result(verify(Export(HISTORY[:20])), REACHED, 7)
    expect_result(verify(Export(HISTORY[:20]), f"remember={head}"), REFUTED, 7, ("remember.shorter", -1))
    with open(head, encoding="ascii") as stream:
        expect(stream.read().split("\n")[1] == "24", "the remembered checkpoint was given up")


@case
def fork_of_what_is_remembered():
    """a log that went another way before the remembered checkpoint is refuted"""
    head = remembering("fork", 20)
    entries = copy_of(HISTORY)
    entries[19].data = {**entries[19].data, "reason": "other"}
    expect_result(verify(resigned(entries, 19), f"remember={head}"), REFUTED, 7, ("remember.fork", 19))


@case
def another_log_than_remembered():
    """a remembered checkpoint of another log is refused"""
    head = f"{WORK}/other.head"
    with open(head, "w", encoding="ascii") as stream:
        stream.write(f"mnsec/other\n5\n{'A' * 43}=\n")
    expect_result(verify(Export(), f"remember={head}"), REFUTED, 7, ("remember.other", -1))


@case
def broken_remember_file():
    """a remember file that is none is an error, not a first contact"""
    head = f"{WORK}/broken.head"
    with open(head, "w", encoding="ascii") as stream:
        stream.write("mnsec/x\n5\n")
    said = verify(Export(), f"remember={head}")
    expect(said.verdict is None and said.status == "MNSEC_E_USAGE_FORMAT", said.status)


@case
def continuity_begins_with_the_first_contact():
    """where continuity is required the first contact is not enough, but is remembered"""
    head = f"{WORK}/begin.head"
    expect_result(verify(Export(), f"remember={head}", "required=16"), INSUFFICIENT, 7)
    expect_result(verify(Export(), f"remember={head}", "required=16"), REACHED, 7 | CONTINUOUS)


# --- an outsider: can rebuild the list of digests, can sign nothing -----------------------------


@case
def file_changed():
    """a changed file is found by its digest"""
    export = Export()
    export.put("README.txt", ["other"], rebuild=False)
    said = expect_result(verify(export), REFUTED, 0, ("manifest.changed", -1))
    expect(said.files[0] == "README.txt", said.files)


@case
def file_changed_and_listed():
    """a changed file with its digest rebuilt is found by the signature over the list"""
    export = Export().put("README.txt", ["other"])
    expect_result(verify(export), REFUTED, INTACT, ("manifest.signature", -1))


def outsider(name, change, *findings, reached=0):
    """Lines of a file changed, the list rebuilt."""
    export = Export()
    lines = export.lines(name)
    change(lines)
    return expect_result(verify(export.put(name, lines)), REFUTED, reached, *findings,
                         ("manifest.signature", -1))


LOG, SIG, BODY = "log/000000.tsv", "sig/000000.tsv", "body/000000.tsv"


@case
def field_changed():
    """a changed field is found by the entry after it; all before is proven"""
    def change(lines):
        lines[14] = lines[14].replace('"out":4', '"out":8')
    said = outsider(LOG, change, ("log.history", 15))
    expect((said.first_bad, said.proven) == (15, 14), f"{said.first_bad}, {said.proven}")


@case
def last_entry_changed():
    """a change in the last entry is found by an earlier checkpoint or by this one"""
    def change(lines):
        lines[23] = lines[23].replace('"st":"none"', '"st":"keep"')
    outsider(LOG, change, ("history.root", 23))


@case
def entry_deleted():
    """a deleted entry is found where it was"""
    said = outsider(LOG, lambda lines: lines.pop(11), ("log.index", 11))
    expect((said.first_bad, said.proven) == (11, 10), f"{said.first_bad}, {said.proven}")


@case
def log_truncated():
    """a missing end is found"""
    outsider(LOG, lambda lines: lines.pop(), ("log.missing", 23))


@case
def entries_swapped():
    """swapped entries are found"""
    def change(lines):
        lines[11], lines[12] = lines[12], lines[11]
    outsider(LOG, change, ("log.index", 11))


@case
def entry_duplicated():
    """a duplicated entry is found"""
    outsider(LOG, lambda lines: lines.insert(11, lines[11]), ("log.index", 12))


@case
def entry_inserted():
    """an inserted entry is found by the one after it"""
    def change(lines):
        forged = lines[14].split("\t")
        forged[1] = f"14 {forged[1].split()[1]} {forged[1].split()[2]}"
        lines.insert(14, "\t".join(forged))
    outsider(LOG, change, ("log.index", 15))


@case
def entry_appended():
    """an entry more than the checkpoint covers is found"""
    outsider(LOG, lambda lines: lines.append(lines[14]), ("log.surplus", 24))


@case
def body_altered():
    """an altered body is found"""
    def change(lines):
        lines[10] = lines[10].replace("源泉", "別の")
    outsider(BODY, change, ("log.body", 10))


@case
def bodies_swapped():
    """swapped bodies are found"""
    def change(lines):
        lines[10], lines[12] = lines[12], lines[10]
    outsider(BODY, change, ("log.body", 10))


@case
def signature_damaged():
    """a damaged signature is found"""
    def change(lines):
        at = next(i for i, s in enumerate(lines) if s.startswith("10 "))
        lines[at] = lines[at][:-3] + "AAA"
    outsider(SIG, change, ("log.signature", 10))


@case
def signature_of_another_entry():
    """a signature put with another entry is found"""
    def change(lines):
        at = next(i for i, s in enumerate(lines) if s.startswith("10 "))
        lines[at] = "11 " + lines[at].split(" ", 1)[1]
    outsider(SIG, change, ("log.signature", 11))


@case
def signature_removed():
    """a removed signature is missing evidence, and the list is not signed"""
    export = Export()
    lines = export.lines(SIG)
    lines.pop()
    expect_result(verify(export.put(SIG, lines)), REFUTED, INTACT, ("manifest.signature", -1),
                  ("signature.withheld", 22))


def certificate_of(key):
    return f"certs/{bundle.b64url(key.fingerprint)}.pem"


@case
def certificate_removed():
    """a removed certificate is missing evidence, and the list is not signed"""
    export = Export()
    os.remove(export.file(certificate_of(FACILITY.second)))
    expect_result(verify(export.rebuild()), REFUTED, INTACT, ("certificate.withheld", 0),
                  ("manifest.signature", -1))


@case
def certificate_swapped():
    """a swapped certificate is found by its fingerprint"""
    export = Export()
    shutil.copy(export.file(certificate_of(FACILITY.first)), export.file(certificate_of(FACILITY.second)))
    expect_result(verify(export.rebuild()), REFUTED, INTACT, ("certificate.other", 0),
                  ("manifest.signature", -1))


@case
def certificate_of_nobody_swapped():
    """a swapped certificate is found also where no signature names it"""
    export = Export()
    shutil.copy(export.file(certificate_of(FACILITY.first)), export.file(certificate_of(FACILITY.audit)))
    said = expect_result(verify(export.rebuild(resign=True)), REFUTED, 3, ("certificate.other", -1))
    expect(said.files[-1] == certificate_of(FACILITY.audit), said.files)


@case
def file_added():
    """a file that is not on the list is found, and one put on it is not signed for"""
    export = Export()
    export.put("note.txt", ["x"], rebuild=False)
    said = expect_result(verify(export), REFUTED, 0, ("manifest.unlisted", -1))
    expect(said.files[0] == "note.txt", said.files)
    expect_result(verify(export.rebuild()), REFUTED, INTACT, ("manifest.signature", -1))


@case
def file_removed():
    """a file of the list that is missing is found"""
    export = Export()
    os.remove(export.file("keys.json"))
    said = expect_result(verify(export), REFUTED, 0, ("manifest.missing", -1))
    expect(said.files[0] == "keys.json", said.files)


@case
def link_in_the_export():
    """a link is refused, whatever it points at"""
    export = Export()
    os.remove(export.file("keys.json"))
    os.symlink("README.txt", export.file("keys.json"))
    expect_result(verify(export), REFUTED, 0, ("file.kind", -1))
    linked = Export()
    shutil.move(linked.file("log"), f"{linked.path}-log")
    os.symlink(f"{linked.path}-log", linked.file("log"))
    expect(("file.kind", -1) in verify(linked).findings, "a linked folder is followed")


@case
def pipe_in_the_export():
    """a pipe is refused and not read"""
    export = Export()
    os.remove(export.file("checkpoint.txt"))
    os.mkfifo(export.file("checkpoint.txt"))
    said = verify(export)
    expect(said.verdict == REFUTED and ("file.kind", -1) in said.findings, said.findings)


@case
def path_out_of_the_export():
    """a path of the list that leaves the export is refused"""
    for path in ("../x", "/etc/hostname", "log/../README.txt", "log//000000.tsv", "a b", "./README.txt"):
        export = Export()
        lines = sorted([*export.lines(bundle.MANIFEST), f"{'0' * 64}  {path}"], key=lambda s: s[66:])
        export.put(bundle.MANIFEST, lines, rebuild=False)
        said = verify(export)
        expect(said.findings[0] == ("manifest.malformed", -1), f"{path}: {said.findings}")


@case
def list_out_of_order():
    """a list that is not in order, or names a file twice, is refused"""
    for change in (lambda s: s.reverse(), lambda s: s.insert(1, s[1]), lambda s: s.append("")):
        export = Export()
        lines = export.lines(bundle.MANIFEST)
        change(lines)
        said = verify(export.put(bundle.MANIFEST, lines, rebuild=False))
        expect(said.findings[0] == ("manifest.malformed", -1), said.findings)


@case
def signed_checkpoint_of_a_fork():
    """a validly signed checkpoint of a fork does not fit the entries"""
    entries = copy_of(HISTORY)
    entries[23].data = {**entries[23].data, "reason": "other"}
    fork = resigned(entries, 23)
    export = Export()
    for name in ("checkpoint.txt", "checkpoint.p7s", "checkpoint"):
        shutil.copy(fork.file(name), export.file(name))
    expect_result(verify(export.rebuild()), REFUTED, 0, ("log.root", -1), ("manifest.signature", -1))
    shutil.copy(fork.file("history/checkpoints.txt"), export.file("history/checkpoints.txt"))
    expect_result(verify(export.rebuild()), REFUTED, 0, ("history.root", 23), ("manifest.signature", -1))


@case
def checkpoint_of_an_older_export():
    """a signed checkpoint of an older export does not cover newer entries"""
    older = Export(HISTORY[:20])
    export = Export()
    for name in ("checkpoint.txt", "checkpoint.p7s", "checkpoint", "history/checkpoints.txt"):
        shutil.copy(older.file(name), export.file(name))
    expect_result(verify(export.rebuild()), REFUTED, 0, ("log.surplus", 20), ("manifest.signature", -1))


@case
def checkpoint_signed_by_another_key():
    """a checkpoint, note or list signed by another key is refused"""
    other = bundle.Key(FACILITY.folder, "other", ca=True)
    for name, content, code in (("checkpoint.p7s", "checkpoint.txt", "checkpoint.signature"),
                                ("MANIFEST.p7s", bundle.MANIFEST, "manifest.signature")):
        export = Export()
        other.sign_cms(export.file(content), export.file(name))
        if name != "MANIFEST.p7s":
            export.rebuild(resign=True)
        expect_result(verify(export), REFUTED, INTACT, (code, -1))


@case
def note_damaged():
    """a damaged note or verifier key is found"""
    for name, code, change in (("checkpoint", "checkpoint.note", lambda s: s.replace("\n24\n", "\n23\n")),
                               ("log.vkey", "checkpoint.key", lambda s: s.replace("+", "-", 1))):
        export = Export()
        text = "\n".join(export.lines(name))
        export.put(name, change(text).split("\n"), resign=True)
        expect_result(verify(export), REFUTED, INTACT, (code, -1))


@case
def export_of_another_facility():
    """an export that is valid in itself is refused where another facility is pinned"""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        other = bundle.Facility(folder)
        export = Export(other.history(), facility=other)
        expect_result(verify(export), REACHED, 7)
        for pin in (Export().file("certs/pin.pem"), str(FACILITY.audit.pem)):
            expect_result(verify(export, f"pin={pin}"), REFUTED, INTACT, ("pin.other", -1))


@case
def pin_that_is_none():
    """a pin that cannot be read is an error"""
    said = verify(Export(), f"pin={WORK}/nowhere.pem")
    expect((said.verdict, said.status) == (None, "MNSEC_E_STATE_NOT_FOUND"), said.status)
    said = verify(Export(), f"pin={Export().file('README.txt')}")
    expect((said.verdict, said.status) == (None, "MNSEC_E_USAGE_FORMAT"), said.status)


@case
def no_export():
    """what is no folder is an error, and an empty folder no export"""
    said = verify(f"{WORK}/nowhere")
    expect((said.verdict, said.status) == (None, "MNSEC_E_STATE_NOT_FOUND"), said.status)
    os.mkdir(f"{WORK}/empty")
    expect_result(verify(f"{WORK}/empty"), REFUTED, 0, ("file.absent", -1), ("file.absent", -1))


@case
def founding_data_changed():
    """founding data of another founding are found"""
    export = Export()
    lines = export.lines("founding.txt")
    lines[1] = "0" * 64
    expect_result(verify(export.put("founding.txt", lines, resign=True)), REFUTED, 0, ("founding.hash", -1))


@case
def other_roots():
    """roots and pin of another audit key are found"""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        other = bundle.Facility(folder)
        other.write_pin(bytes(32), f"{folder}/pin.pem")
        for name, source, code in (("certs/roots.pem", other.audit.pem, "founding.certificate"),
                                   ("certs/pin.pem", f"{folder}/pin.pem", "founding.pin")):
            export = Export()
            shutil.copy(source, export.file(name))
            expect_result(verify(export.rebuild(resign=True)), REFUTED, INTACT, (code, -1))


# --- the holder of the facility key: can sign everything, but not as a card ---------------------


@case
def unsigned_entry_dropped():
    """an unsigned entry dropped, all signed again: the history that cards signed does not fit"""
    entries = copy_of(HISTORY)
    del entries[14]
    departments = {}
    for i, e in enumerate(entries):
        departments[e.dept] = departments.get(e.dept, 0) + 1
        e.stamp = f"{i} {departments[e.dept]} {e.t}"
        if e.groups:
            e.groups = list(e.groups)
    expect_result(verify(Export(entries)), REFUTED, 0, ("log.history", 14))


@case
def unsigned_entry_dropped_and_history_rewritten():
    """an unsigned entry dropped, every statement rewritten: the cards' signatures do not hold"""
    entries = copy_of(HISTORY)
    del entries[14]
    export = resigned(entries, 14, signing=False)
    expect_result(verify(export), REFUTED, 3, ("signature.wrong", 21), ("signature.wrong", 16))
    said = verify(export, "all=1")
    expect(said.findings[0] == ("signature.wrong", 15) and said.first_bad == 15, said.findings)


@case
def unsigned_entry_changed_and_history_rewritten():
    """an unsigned entry changed, every statement rewritten: the cards' signatures do not hold"""
    entries = copy_of(HISTORY)
    entries[14].out = 0
    expect_result(verify(resigned(entries, 14, signing=False)), REFUTED, 3, ("signature.wrong", 22),
                  ("signature.wrong", 17))


@case
def last_signature_withheld():
    """where the last signatures are withheld the history behind them is not attested"""
    export = Export()
    lines = export.lines(SIG)[:-1]
    expect_result(verify(export.put(SIG, lines, resign=True)), INSUFFICIENT, 3, ("signature.withheld", 22))


@case
def authority_withheld():
    """a withheld authority statement is missing evidence; cards it may have enrolled are unknown"""
    export = Export()
    bodies = export.lines(BODY)
    bodies[3] = ""
    said = verify(export.put(BODY, bodies, resign=True))
    expect(said.findings[0] == ("authority.withheld", 3), said.findings)
    expect(("signature.unknown", 7) in said.findings and said.verdict == INSUFFICIENT, said.findings)
    bodies[0] = ""
    said = verify(export.put(BODY, bodies, resign=True))
    expect((said.verdict, said.reached) == (INSUFFICIENT, 3), f"{said.verdict} {said.reached}")


@case
def act_of_a_stranger():
    """an act signed by a card that was never enrolled is refused"""
    entries = copy_of(HISTORY)
    stranger = bundle.Key(FACILITY.folder, "stranger")
    for i in (7, 9, 10, 12, 13):
        entries[i].signers = (stranger,)
    said = verify(resigned(entries, 7))
    expect(said.findings[0] == ("signature.stranger", 7), said.findings)
    expect((said.verdict, said.reached) == (REFUTED, 3), f"{said.verdict} {said.reached}")


def with_statement(key, event, document, signers=None, before=15):
    """The history with a session of key that makes one authority statement, from entry `before`."""
    entries = copy_of(HISTORY[:before])
    login = FACILITY.login(key)
    entries += [login, FACILITY.act(login, event, signers=signers or (key,), data=document),
                FACILITY.act(login, "session.logout", data={"count": 2})]
    for i in range(before, len(entries)):
        entries[i].t = entries[before - 1].t + i
    return entries


def withdrawal(person):
    return FACILITY.document("staff.withdraw", bundle.id_bytes(FACILITY.people[person]), "left", 2, 0, 0,
                             b"", 0, 0)


@case
def statement_by_a_handler():
    """an authority statement that a handler signs is refused"""
    entries = with_statement(FACILITY.handler, "policy.change",
                             FACILITY.document("policy.change", "lock.minutes", "99"))
    expect_result(verify(resigned(entries, 15)), REFUTED, 3, ("authority.refused", 16))


@case
def statement_by_one_where_two_must():
    """where there is a second responsible person, both sign for a third"""
    third = bundle.Key(FACILITY.folder, "third")
    FACILITY.people["third"] = bundle.new_id()
    enrol = FACILITY.document("staff.enrol", FACILITY.enrolment(third, 1), 0, b"", 0, 0)
    alone = with_statement(FACILITY.first, "staff.enrol", enrol, (FACILITY.first, third))
    expect_result(verify(resigned(alone, 15)), REFUTED, 3, ("authority.refused", 16),
                  ("signature.stranger", 16))
    both = with_statement(FACILITY.first, "staff.enrol", enrol,
                          (FACILITY.first, third, FACILITY.second))
    expect_result(verify(resigned(both, 15)), REACHED, 7)
    same = with_statement(FACILITY.first, "staff.enrol", enrol, (FACILITY.first, third, FACILITY.first))
    expect_result(verify(resigned(same, 15)), REFUTED, 3, ("authority.refused", 16),
                  ("signature.stranger", 16))


@case
def act_after_withdrawal():
    """a card counts no more once its person was withdrawn"""
    entries = with_statement(FACILITY.first, "staff.withdraw", withdrawal("handler"))
    entries.append(FACILITY.login(FACILITY.handler))
    entries[-1].t = entries[-2].t
    expect_result(verify(resigned(entries, 15)), REFUTED, 3, ("signature.stranger", 18))


@case
def malformed_statement():
    """an authority document that ends too early is malformed"""
    document = FACILITY.document("staff.withdraw", bundle.id_bytes(FACILITY.people["handler"]), "left")
    entries = with_statement(FACILITY.first, "staff.withdraw", document)
    expect_result(verify(resigned(entries, 15)), REFUTED, 3, ("authority.malformed", 16))


@case
def grant_to_oneself():
    """a grant to oneself takes a second responsible person"""
    grant = FACILITY.document("grant.give", bundle.id_bytes(bundle.new_id()),
                              bundle.id_bytes(FACILITY.people["first"]), bundle.id_bytes(FACILITY.department),
                              1, "record.show", "*", bundle.START, 0)
    expect_result(verify(resigned(with_statement(FACILITY.first, "grant.give", grant), 15)), REFUTED, 3,
                  ("authority.refused", 16))
    both = with_statement(FACILITY.first, "grant.give", grant, (FACILITY.first, FACILITY.second))
    expect_result(verify(resigned(both, 15)), REACHED, 7)


# --- rules of the log that a writer must keep ----------------------------------------------------


def rule(code, entry, change, first):
    """A change to the history, everything after it said and signed again by all keys."""
    entries = copy_of(HISTORY)
    change(entries)
    said = verify(resigned(entries, first))
    expect(said.findings[:1] == [(code, entry)] and (said.verdict, said.reached) == (REFUTED, 0),
           f"{said.findings} {said.verdict} {said.reached}")


@case
def clock_goes_back():
    """a clock that goes back needs an entry that says so"""
    def change(entries):
        entries[18].ev = "integrity.alarm"
    rule("log.clock", 18, change, 18)


@case
def entry_after_log_out():
    """no entry of a session follows its end"""
    def change(entries):
        entries.insert(14, FACILITY.act(entries[7], "record.list", auth="session", signers=()))
        entries[14].t = entries[13].t
    rule("log.session", 14, change, 14)


@case
def entry_of_another_card():
    """an entry of a session is signed by the card that logged in"""
    def change(entries):
        entries[10].signers = (FACILITY.first,)
    rule("log.session", 10, change, 10)


@case
def session_within_a_session():
    """a log-in stands outside sessions, and an end within one"""
    def change(entries):
        entries[16].login = entries[7]
    rule("log.session", 16, change, 16)
    def end(entries):
        entries[13].login = None
    rule("log.session", 13, end, 13)


@case
def gap_in_a_session():
    """entries of a session are numbered without gap"""
    said = verify(replace_line(copy_of(HISTORY), 10, sn=4))
    expect(said.findings[0] == ("log.session", 10), said.findings)


@case
def act_without_signature():
    """an act must be signed, by the card or in a session"""
    def note(entries):
        entries[12].auth, entries[12].signers = "log", ()
    rule("log.unsigned", 12, note, 12)
    def logout(entries):
        entries[13].auth, entries[13].signers = "session", ()
    rule("log.unsigned", 13, logout, 13)
    def card(entries):
        entries[12].signers = ()
        entries[12].groups = None
    rule("log.unsigned", 12, card, 12)


@case
def other_authority_head():
    """an entry names the newest authority statement before it"""
    said = verify(replace_line(copy_of(HISTORY), 10, ah="A" * 43))
    expect(said.findings[0] == ("log.head", 10), said.findings)


@case
def other_history():
    """an entry names a root of its own log"""
    said = verify(replace_line(copy_of(HISTORY), 10, pre="A" * 43))
    expect(said.findings[0] == ("log.history", 10), said.findings)
    said = verify(replace_line(copy_of(HISTORY), 10, at=11))
    expect(said.findings[0] == ("log.history", 10), said.findings)


@case
def other_log():
    """an entry names its log"""
    said = verify(replace_line(copy_of(HISTORY), 10, log="mnsec/other"))
    expect(said.findings[0] == ("log.origin", 10), said.findings)


@case
def department_numbering():
    """entries of a department are numbered without gap"""
    entries = copy_of(HISTORY)
    index, number, time = entries[10].stamp.split()
    raw(entries[10], stamp=f"{index} {int(number) + 1} {time}")
    said = verify(resigned(entries, 11))
    expect(said.findings[0] == ("log.department", 10), said.findings)


@case
def founding_elsewhere():
    """the founding is the first entry and no other"""
    def twice(entries):
        entries[5].ev, entries[5].login = "facility.found", None
    rule("log.founding", 5, twice, 5)
    entries = [FACILITY.login(FACILITY.first)]
    said = verify(resigned(entries))
    expect(said.findings[0] == ("log.founding", 0), said.findings)


@case
def statement_in_another_form():
    """a statement has one form"""
    for change in (lambda s: s.replace(',"at"', ', "at"'), lambda s: s.replace('"at":10', '"at":010'),
                   lambda s: s.replace('"out":0', '"out":1'), lambda s: s.replace('"out":0', '"out":0.0'),
                   lambda s: s.replace('"st":"use"', '"st":"view"'), lambda s: s[:-1] + ',"x":1}',
                   lambda s: s.replace("record.show", "record"), lambda s: s + " "):
        entries = copy_of(HISTORY)
        raw(entries[10], statement=change(entries[10].statement))
        said = verify(Export(entries))
        expect(said.findings[0] == ("log.malformed", 10), f"{entries[10].statement}: {said.findings}")


@case
def body_in_another_form():
    """a body has one form and known members"""
    class Odd(bundle.Entry):
        body = None
    for text in ('{"d":{}, "salt":"AAAAAAAAAAAAAAAAAAAAAA"}', '{"salt":"AAAAAAAAAAAAAAAAAAAAAA","d":{}}',
                 '{"d":{"number":"x"},"salt":"AAAAAAAAAAAAAAAAAAAAAA"}', '{"d":{},"salt":"AAAA"}',
                 '{"d":{"year":"2026"},"salt":"AAAAAAAAAAAAAAAAAAAAAA"}',
                 '{"d":{"authdoc":"AAAA"},"salt":"AAAAAAAAAAAAAAAAAAAAAA"}',
                 '{"d":{"doc":"a","doc":"a"},"salt":"AAAAAAAAAAAAAAAAAAAAAA"}', "[]", "{"):
        entries = copy_of(HISTORY)
        odd = Odd(**{f.name: getattr(entries[10], f.name) for f in bundle.dataclasses.fields(entries[10])})
        odd.body = text
        entries[10] = odd
        said = verify(resigned(entries, 10))
        expect(said.findings[0] == ("body.malformed", 10), f"{text}: {said.findings}")


# ------------------------------------------------------------------------------------------------


def main():
    FACILITY.write(HISTORY, f"{WORK}/valid")
    failed = 0
    for number, test in enumerate(cases, 1):
        try:
            test()
            print(f"ok {number} - {test.__doc__}")
        except AssertionError as error:
            failed += 1
            print(f"not ok {number} - {test.__doc__}\n  {test.__name__}: {error}")
    print(f"1..{len(cases)}")
    shutil.rmtree(WORK)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
