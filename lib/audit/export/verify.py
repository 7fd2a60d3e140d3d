#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verify.py [--all] [--remember FILE] [DIR]: check an exported log, with python3 and openssl only.

  --all            check every card signature; else those of statements of authority and, of each
                   card, the last one, which signs all history before it
  --remember FILE  three lines kept from an earlier audit (origin, size, root): is this log its
                   continuation?
  DIR              folder of the export; here, when left out

Prints what was checked. Exit status 0: all of it holds; 1: something does not; 2: usage.
Compare founding.txt with the founding slip on paper yourself: everything rests on it.
"""

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FILE_LINES = 65536
MAX_LAG = 65536
KEYS = {"_", "ah", "at", "auth", "bh", "dept", "ev", "log", "out", "pre", "ses", "sn", "st", "ts"}
AUTHORITY = re.compile(r"(facility\.found|staff\..*|grant\..*|policy\..*|workstation\..*|department\..*"
                       r"|password\..*|key\..*|restore\.run)$")
ENDS = {"session.logout", "session.lock", "session.card_removed"}
NOTES = {"session.attempt", "session.login_failed", "session.unlock_failed", "session.lock", "session.card_removed",
         "clock.step", "integrity.alarm"}
HASHES = {"es256": ["-sha256"], "es384": ["-sha384"], "rs256": ["-sha256"],
          "ps256": ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]}
RESPONSIBLE = 1


class Bad(Exception):
    """Something does not hold."""


def must(holds, what):
    """Stop where something does not hold."""
    if not holds:
        raise Bad(what)


def ok(what):
    """Tell what was checked."""
    print("ok:", what)


def sha256(data):
    """SHA-256."""
    return hashlib.sha256(data).digest()


def b64url(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text):
    """And back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def openssl(*arguments, stdin=None):
    """Output of openssl; it must succeed."""
    run = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=False)
    must(run.returncode == 0, f"openssl {arguments[0]} refuses: {run.stderr.decode(errors='replace').strip()}")
    return run.stdout


def certificate(path):
    """DER of a certificate."""
    return openssl("x509", "-in", path, "-outform", "DER")


def moves_authority(statement):
    """Is this a statement of authority that succeeded?"""
    return bool(AUTHORITY.match(statement["ev"])) and statement["out"] == 0


# --- the tree of RFC 6962 ---

class Tree:
    """The right edge of a tree: one full subtree for each bit of the size."""

    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, line):
        """One more line."""
        node, size = sha256(b"\0" + line), self.size
        while size & 1:
            node, size = sha256(b"\1" + self.edge.pop() + node), size >> 1
        self.edge.append(node)
        self.size += 1

    def root(self):
        """Root as it stands."""
        if not self.edge:
            return sha256(b"")
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = sha256(b"\1" + left + node)
        return node


# --- signatures of the facility's audit key ---

def check_cms(folder, signature, content, pinned):
    """Signature over a file by exactly the pinned certificate."""
    with tempfile.TemporaryDirectory() as work:
        signer = pathlib.Path(work) / "signer.pem"
        openssl("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", folder / signature,
                "-content", folder / content, "-CAfile", folder / "certs/roots.pem", "-purpose", "any",
                "-signer", signer, "-out", "/dev/null")
        must(certificate(signer) == pinned, f"{signature} is by another certificate")


def check_manifest(folder, pinned):
    """Every file is the one that was exported, and there is none besides."""
    listed = []
    for line in (folder / "MANIFEST.sha256").read_text().splitlines():
        digest, name = line[:64], line[66:]
        must(sha256((folder / name).read_bytes()).hex() == digest, f"{name} was changed")
        listed.append(name)
    must(listed == sorted(listed, key=str.encode), "MANIFEST.sha256 is not in order")
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}
    found -= {"MANIFEST.sha256", "MANIFEST.p7s"}
    must(found == set(listed), f"files that the manifest does not know, or misses: {found ^ set(listed)}")
    check_cms(folder, "MANIFEST.p7s", "MANIFEST.sha256", pinned)
    ok(f"{len(listed)} files are those of the manifest, which the audit key signed")


def parse_checkpoint(text, where):
    """(origin, size, root) of three lines."""
    lines = text.split("\n")
    must(len(lines) == 4 and lines[3] == "" and re.fullmatch(r"0|[1-9][0-9]*", lines[1]), f"{where} is no checkpoint")
    return lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)


def check_note(folder, text, origin):
    """The checkpoint as a signed note (C2SP), where there is one."""
    if not (folder / "checkpoint").exists():
        return "no note, the audit key is not ECDSA"
    spki = openssl("pkey", "-pubin", "-outform", "DER",
                   stdin=openssl("x509", "-in", folder / "certs/roots.pem", "-noout", "-pubkey"))
    note = (folder / "checkpoint").read_text()
    head = text + "\n\u2014 " + origin + " "
    must(note.startswith(head) and note.endswith("\n"), "checkpoint is not a note of checkpoint.txt")
    signature = base64.b64decode(note[len(head):-1], validate=True)
    must(signature[:4] == sha256(spki)[:4], "the note is by another key")
    check_signature(folder / "certs/roots.pem", "es256", signature[4:], text.encode())
    vkey = f"{origin}+{sha256(spki)[:4].hex()}+" + base64.b64encode(b"\2" + spki).decode()
    must((folder / "log.vkey").read_text().strip() == vkey, "log.vkey is another key")
    return "as CMS and as note"


def check_checkpoint(folder, pinned, founding):
    """Size and root are signed."""
    text = (folder / "checkpoint.txt").read_text()
    origin, size, root = parse_checkpoint(text, "checkpoint.txt")
    must(origin == founding[0], "checkpoint.txt is of another log")
    check_cms(folder, "checkpoint.p7s", "checkpoint.txt", pinned)
    ok(f"checkpoint of {size} entries is signed by the audit key, {check_note(folder, text, origin)}")
    return size, root


# --- lines ---

def read_lines(folder, kind):
    """Lines of log/, sig/ or body/, in order, as bytes without LF."""
    for path in sorted((folder / kind).glob("*.tsv")):
        data = path.read_bytes()
        must(data == b"" or data.endswith(b"\n"), f"{path} is cut short")
        yield from data.split(b"\n")[:-1]


Entry = collections.namedtuple("Entry", "index statement raw body signatures")


class Log:
    """The lines, followed one by one."""

    def __init__(self, folder, origin):
        self.folder, self.origin = folder, origin
        self.tree, self.roots = Tree(), {}
        self.counts, self.sessions, self.operators, self.ended = collections.Counter(), {}, {}, set()
        self.ah, self.clock, self.withheld = "-", 0, 0
        self.heads, self.unattested = {}, {}

    def remember(self, index):
        """Keep the root of this size as long as an entry may name it."""
        self.roots[index] = self.tree.root()
        self.roots.pop(index - MAX_LAG - 1, None)

    def check_stamp(self, index, stamp, statement):
        """Index, number in the department, clock."""
        must(re.fullmatch(r"(0|[1-9][0-9]*) [1-9][0-9]* (0|[1-9][0-9]*)", stamp), f"entry {index}: malformed stamp")
        i, dn, clock = map(int, stamp.split(" "))
        self.counts[statement["dept"]] += 1
        must(i == index, f"entry {index}: says to be entry {i}")
        must(dn == self.counts[statement["dept"]], f"entry {index}: does not follow in its department")
        must(clock >= self.clock or statement["ev"] == "clock.step", f"entry {index}: goes back in time")
        self.clock = clock

    def check_history(self, index, statement):
        """Made upon this history and the authority in force."""
        at = statement["at"]
        must(0 <= at <= index and index - at <= MAX_LAG and b64url(self.roots[at]) == statement["pre"],
             f"entry {index}: was made upon another history")
        must(statement["ah"] == self.ah, f"entry {index}: names another authority than the one in force")
        must(statement["auth"] == "card" or not moves_authority(statement),
             f"entry {index}: moves authority without a card")

    def check_auth(self, index, statement):
        """What succeeded is signed by its card, or covered by the session's next signature."""
        event, auth = statement["ev"], statement["auth"]
        must(auth != "session" or statement["ses"] > 0, f"entry {index}: is covered by no session")
        must(auth == "card" or statement["out"] != 0 or event in NOTES
             or (auth == "session" and event != "session.logout"), f"entry {index}: succeeded without a card")

    def check_session(self, index, statement, groups):
        """In an open session, the next one of it, by the card that logged in."""
        ses, number = statement["ses"], statement["sn"]
        operator = groups[0][1] if groups else None
        if ses == 0:
            must(number == 0 and statement["ev"] not in ENDS, f"entry {index}: counts or ends outside a session")
            if statement["ev"] == "session.login" and statement["out"] == 0:
                self.sessions[index], self.operators[index] = 0, operator
            return
        must(ses in self.sessions and ses not in self.ended, f"entry {index}: its session is not open")
        must(operator in (None, self.operators[ses]), f"entry {index}: signed by another card than the one that logged in")
        self.sessions[ses] += 1
        must(number == self.sessions[ses], f"entry {index}: does not follow in its session")
        if statement["ev"] in ENDS:
            self.ended.add(ses)
        if statement["auth"] == "session":
            self.unattested.setdefault(ses, []).append(index)
        elif statement["auth"] == "card":
            self.unattested.pop(ses, None)

    def check_signature_line(self, index, statement, named, signature):
        """The signature line is the one that is named; its groups."""
        must((named != "-") == (statement["auth"] == "card"), f"entry {index}: is not signed as it says")
        if signature is None:
            must(named == "-", f"entry {index}: its signature is withheld")
            return []
        must(b64url(sha256(signature)) == named, f"entry {index}: has another signature line")
        words = signature.decode().split(" ")[1:]
        must(len(words) in (3, 6, 9), f"entry {index}: malformed signature line")
        return [tuple(words[k:k + 3]) for k in range(0, len(words), 3)]

    def follow(self, index, line, body, signature):
        """One entry."""
        must(line.count(b"\t") == 2, f"entry {index}: malformed line")
        raw, stamp, named = line.split(b"\t")
        statement = json.loads(raw)
        canonical = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        must(set(statement) == KEYS and canonical == raw, f"entry {index}: malformed statement")
        must(statement["_"] == "mnsec-audit/1" and statement["log"] == self.origin, f"entry {index}: is of another log")
        must((index == 0) == (statement["ev"] == "facility.found"), f"entry {index}: the founding is entry 0, and only that")
        self.remember(index)
        self.check_stamp(index, stamp.decode(), statement)
        self.check_history(index, statement)
        self.check_auth(index, statement)
        groups = self.check_signature_line(index, statement, named.decode(), signature)
        self.check_session(index, statement, groups)
        self.withheld += body == b""
        must(body == b"" or b64url(sha256(body)) == statement["bh"], f"entry {index}: has another body")
        self.tree.append(line)
        if moves_authority(statement):
            self.ah = b64url(sha256(raw))
        if self.tree.size in self.heads:
            must(self.tree.root() == self.heads[self.tree.size], f"root of size {self.tree.size} is not the one kept")
        return Entry(index, statement, raw, json.loads(body)["d"] if body else None, groups)

    def entries(self):
        """All of them."""
        signatures = read_lines(self.folder, "sig")
        bodies = read_lines(self.folder, "body")
        signature = next(signatures, None)
        for index, line in enumerate(read_lines(self.folder, "log")):
            body = next(bodies, None)
            must(body is not None, f"entry {index}: has no line in body/")
            own = signature is not None and signature.split(b" ", 1)[0] == str(index).encode()
            yield self.follow(index, line, body, signature if own else None)
            signature = next(signatures, None) if own else signature
        must(signature is None and next(bodies, None) is None, "there are signatures or bodies without entries")


# --- cards ---

def check_signature(pem, alg, signature, message):
    """One signature, by openssl."""
    with tempfile.TemporaryDirectory() as work:
        key, path = pathlib.Path(work) / "key.pem", pathlib.Path(work) / "signature"
        key.write_bytes(openssl("x509", "-in", pem, "-noout", "-pubkey"))
        path.write_bytes(signature)
        openssl("dgst", *HASHES[alg], "-verify", key, "-signature", path, stdin=message)


def fields(data):
    """Fields of a canonical encoding; none where it is not one."""
    found, at = [], 1
    if data[:1] != b"\0":
        return []
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        found.append(data[at + 4:at + 4 + length])
        at += 4 + length
    return found if at == len(data) else []


class People:
    """Whose card may sign, by the statements of authority."""

    def __init__(self):
        self.cards, self.withdrawn = {}, set()

    def enrol(self, document):
        """People whom a statement enrols."""
        for field in document:
            enrolment = fields(field)
            if enrolment and enrolment[0] == b"mnsec/enrolment/1":
                person, name, role, fingerprint = enrolment[1], enrolment[2], enrolment[3], enrolment[5]
                self.cards[b64url(fingerprint)] = (person, name.decode(), int.from_bytes(role, "big"))

    def check_signer(self, index, fingerprint):
        """Enrolled at this point of the log, and not withdrawn."""
        must(fingerprint in self.cards, f"entry {index}: signed by a card that nobody enrolled")
        must(self.cards[fingerprint][0] not in self.withdrawn, f"entry {index}: signed after withdrawal")

    def follow(self, entry):
        """One entry: its signers, and whom it enrols or withdraws."""
        document = fields(unb64url(entry.body["authdoc"])) if moves_authority(entry.statement) else []
        if entry.index == 0:
            self.enrol(document)
        if entry.signatures:
            self.check_signer(entry.index, entry.signatures[0][1])
        if document and not entry.statement["ev"].startswith("password."):
            must(self.cards[entry.signatures[0][1]][2] == RESPONSIBLE,
                 f"entry {entry.index}: authority moved by a person who is not responsible")
        self.enrol(document)
        for _, fingerprint, _ in entry.signatures[1:]:
            self.check_signer(entry.index, fingerprint)
        if document and document[0] == b"mnsec/staff.withdraw/1":
            self.withdrawn.add(document[1])


def check_entry_signatures(folder, entry):
    """Every signature of one entry."""
    for alg, fingerprint, signature in entry.signatures:
        pem = folder / "certs" / f"{fingerprint}.pem"
        must(alg in HASHES, f"entry {entry.index}: algorithm {alg} is unknown")
        try:
            check_signature(pem, alg, unb64url(signature), entry.raw)
        except Bad as bad:
            raise Bad(f"entry {entry.index}: signature by {fingerprint} does not hold") from bad


def founding_certificate(entry):
    """The audit certificate that entry 0 states (docs/FORMATS.md: mnsec/facility.found/1)."""
    document = fields(unb64url(entry.body["authdoc"]))
    must(document[0] == b"mnsec/facility.found/1", "entry 0 states no founding")
    return document[5]


def check_log(folder, log, founding, pinned, check_all):
    """Every entry, and the card signatures that matter."""
    people, newest, checked = People(), {}, set()
    for entry in log.entries():
        must(entry.index > 0 or sha256(entry.raw).hex() == founding[1], "entry 0 is not the founding of founding.txt")
        if moves_authority(entry.statement):
            must(entry.body and "authdoc" in entry.body, f"entry {entry.index}: its statement is withheld")
        people.follow(entry)
        must(entry.index > 0 or founding_certificate(entry) == pinned, "entry 0 founds with another audit certificate")
        if entry.signatures and (check_all or moves_authority(entry.statement)):
            check_entry_signatures(folder, entry)
            checked.add(entry.index)
        for _, fingerprint, _ in entry.signatures:
            newest[fingerprint] = entry
    for entry in newest.values():
        if entry.index not in checked:
            check_entry_signatures(folder, entry)
            checked.add(entry.index)
    ok(f"{log.tree.size} entries: form, numbering, clocks, sessions, authority, history, bodies, signature lines")
    ok(f"card signatures of {len(checked)} entries hold, by {len(newest)} cards of enrolled people")


# --- the rest ---

def read_heads(folder, size, root):
    """Earlier checkpoints of history/, the exported one last."""
    heads = {}
    for line in (folder / "history/checkpoints.txt").read_text().splitlines():
        number, text = line.split(" ")
        must(not heads or int(number) > max(heads), "history/checkpoints.txt is not in order")
        heads[int(number)] = base64.b64decode(text, validate=True)
    must(heads and max(heads) == size and heads[size] == root, "history does not end with the checkpoint")
    return heads


def check_certificates(folder, founding):
    """Each has the name of its fingerprint; the pin holds the founding hash, issued by the audit key."""
    for path in (folder / "certs").glob("*.pem"):
        must(path.stem in ("roots", "pin") or b64url(sha256(certificate(path))) == path.stem,
             f"certs/{path.name} is another certificate")
    pin = certificate(folder / "certs/pin.pem")
    must(bytes.fromhex(founding[1]) in pin, "the pin is of another founding")
    openssl("verify", "-no_check_time", "-CAfile", folder / "certs/roots.pem", folder / "certs/pin.pem")
    ok("the token's pin names this founding and is signed by the audit key")


def check_numbers(folder):
    """No Individual Number: no twelve digits by themselves with a right check digit."""
    alone = re.compile(rb"(?<![A-Za-z0-9_-])[0-9]{12}(?![A-Za-z0-9_-])")
    for kind in ("log", "sig", "body"):
        for line in read_lines(folder, kind):
            for match in alone.findall(line):
                digits = [d - 48 for d in match]
                rest = sum(d * w for d, w in zip(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
                must(digits[11] != (0 if rest < 2 else 11 - rest), f"{kind} holds what looks like an Individual Number")
    ok("no Individual Number in lines, bodies or signatures")


def check(folder, check_all, remembered):
    """All of it."""
    founding = (folder / "founding.txt").read_text().splitlines()
    pinned = certificate(folder / "certs/roots.pem")
    must(len(founding) == 3 and sha256(pinned).hex() == founding[2], "the audit certificate is not that of founding.txt")
    print("compare with the founding slip on paper:", *founding, sep="\n    ")
    check_manifest(folder, pinned)
    check_certificates(folder, founding)
    size, root = check_checkpoint(folder, pinned, founding)
    log = Log(folder, founding[0])
    log.heads = read_heads(folder, size, root)
    if remembered:
        origin, old_size, old_root = parse_checkpoint(remembered, "what was remembered")
        must(origin == founding[0] and old_size <= size, "what was remembered is another log, or a longer one")
        must(log.heads.setdefault(old_size, old_root) == old_root, "what was remembered is another history")
    check_log(folder, log, founding, pinned, check_all)
    must(log.tree.size == size and log.tree.root() == root, "the tree is not that of the checkpoint")
    ok(f"root {base64.b64encode(root).decode()} is that of all lines; {len(log.heads)} earlier heads lie in this history")
    check_numbers(folder)
    if remembered:
        ok("this log continues the one that was remembered")
    if log.withheld:
        print(f"not checked: {log.withheld} bodies are withheld")
    for ses, indexes in sorted(log.unattested.items()):
        print(f"not attested: entries {indexes} of session {ses}, behind its last card signature")


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--remember", metavar="FILE", type=pathlib.Path)
    parser.add_argument("dir", metavar="DIR", nargs="?", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    try:
        check(options.dir, options.all, options.remember.read_text() if options.remember else None)
    except (Bad, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as bad:
        print(f"BAD: {bad}" if isinstance(bad, Bad) else f"BAD: {type(bad).__name__}: {bad}")
        return 1
    print("all of this holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
