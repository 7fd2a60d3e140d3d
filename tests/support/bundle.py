# SPDX-License-Identifier: Apache-2.0
"""Exports of a log, written from docs/FORMATS.md alone: python3 and the openssl program, nothing of
ours. A second writer beside the exporter, and the place where attacks on an export are made.

    facility = Facility(folder)              keys, certificates
    entries = facility.history()             a small life of a facility
    facility.write(entries, directory)       the export of FORMATS.md section 5

An entry is what one wants to say; renew() gives it its statement, line and signatures out of all
entries before it, as the log would. An attacker changes entries, renews some, and writes.
"""

import base64
import dataclasses
import hashlib
import json
import pathlib
import secrets
import shutil
import struct
import subprocess

PIN_OID = "2.25.214580785429660358156715662100021773661"
BLOCK = 65536
START = 1767225600  # 2026-01-01
MANIFEST = "MANIFEST.sha256"


def sha256(data):
    return hashlib.sha256(data).digest()


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text):
    return b64url(sha256(text.encode()))


def new_id():
    return base64.b32encode(secrets.token_bytes(16)).decode().lower().rstrip("=")


def id_bytes(text):
    return base64.b32decode(text.upper() + "======")


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True,
                          check=True).stdout


# --- section 1: canonical encoding --------------------------------------------------------------


def field(value):
    if isinstance(value, int):
        value = struct.pack(">Q", value)
    elif isinstance(value, str):
        value = value.encode()
    return struct.pack(">I", len(value)) + value


def encode(purpose, *values):
    return b"\0" + field(purpose) + b"".join(map(field, values))


# --- section 2: the tree ------------------------------------------------------------------------


def root_of(leaves):
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:]))


def leaf_of(line):
    return sha256(b"\0" + line.encode())


# --- keys ---------------------------------------------------------------------------------------


class Key:
    """A private key in a file, its certificate, and the algorithm it signs with."""

    def __init__(self, folder, name, alg="es256", ca=False):
        self.name, self.alg = name, alg
        self.file, self.pem = folder / f"{name}.key", folder / f"{name}.pem"
        kind = (["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if alg in ("rs256", "ps256") else
                ["EC", "-pkeyopt", "ec_paramgen_curve:" + {"es256": "P-256", "es384": "P-384"}[alg]])
        openssl("genpkey", "-algorithm", *kind, "-out", self.file)
        openssl("req", "-x509", "-new", "-key", self.file, "-out", self.pem, "-days", 3650, "-sha256",
                "-subj", f"/CN={name}", "-addext", f"basicConstraints=critical,CA:{str(ca).upper()}")
        self.der = openssl("x509", "-in", self.pem, "-outform", "DER")
        public = openssl("x509", "-in", self.pem, "-noout", "-pubkey")
        self.spki = openssl("pkey", "-pubin", "-outform", "DER", data=public)
        self.fingerprint, self.card = sha256(self.der), sha256(self.spki)

    def sign(self, text):
        options = {"ps256": ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]}
        return openssl("dgst", "-sha384" if self.alg == "es384" else "-sha256", "-sign", self.file,
                       *options.get(self.alg, []), data=text.encode())

    def sign_cms(self, content, out):
        openssl("cms", "-sign", "-cades", "-binary", "-in", content, "-inkey", self.file, "-signer",
                self.pem, "-outform", "DER", "-out", out)


# --- entries ------------------------------------------------------------------------------------


@dataclasses.dataclass
class Entry:
    """What is to be said; below the line, what came of it."""

    ev: str
    auth: str = "card"
    signers: tuple = ()
    data: dict = dataclasses.field(default_factory=dict)
    login: object = None  # entry of the session's log-in
    out: int = 0
    dept: str = "-"
    st: str = "none"
    t: int = START
    lag: int = 0  # how far `at` is behind

    salt: str = dataclasses.field(default_factory=lambda: b64url(secrets.token_bytes(16)))
    members: dict = None
    statement: str = None
    stamp: str = None
    groups: list = None

    @property
    def body(self):
        return compact({"d": self.data, "salt": self.salt})

    @property
    def line(self):
        return "\t".join((self.statement, self.stamp, digest(self.signature) if self.groups else "-"))

    @property
    def signature(self):
        return " ".join([self.stamp.split()[0], *self.groups])


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def sign(entry):
    """Signature groups over the entry's statement."""
    entry.groups = [f"{key.alg} {b64url(key.fingerprint)} {b64url(key.sign(entry.statement))}"
                    for key in entry.signers]


def is_authority(entry):
    nouns = ("staff", "grant", "policy", "workstation", "department", "password", "key")
    return entry.out == 0 and (entry.ev.split(".")[0] in nouns or entry.ev in ("facility.found", "restore.run"))


def renew(entries, origin, signing=True, first=0):
    """Statements, stamps and (signing) signatures of entries[first:], each out of those before."""
    leaves, departments, sessions, head = [], {}, {}, "-"
    for i, entry in enumerate(entries):
        departments[entry.dept] = departments.get(entry.dept, 0) + 1
        ses = next((k for k, e in enumerate(entries) if e is entry.login), 0) if entry.login else 0
        if ses:
            sessions[ses] = sessions.get(ses, 0) + 1
        if i >= first:
            at = max(i - entry.lag, 0)
            entry.members = {
                "_": "mnsec-audit/1", "ah": head, "at": at, "auth": entry.auth,
                "bh": digest(entry.body), "dept": entry.dept, "ev": entry.ev, "log": origin,
                "out": entry.out, "pre": b64url(root_of(leaves[:at])), "ses": ses,
                "sn": sessions.get(ses, 0), "st": entry.st, "ts": entry.t}
            entry.statement = compact(entry.members)
            entry.stamp = f"{i} {departments[entry.dept]} {entry.t}"
            if signing and entry.signers:
                sign(entry)
        leaves.append(leaf_of(entry.line))
        if is_authority(entry):
            head = digest(entry.statement)
    return entries


# --- a facility ---------------------------------------------------------------------------------


class Facility:
    """Keys of a facility and its people, a history, and its export."""

    def __init__(self, folder, audit_alg="es256"):
        self.folder = pathlib.Path(folder)
        self.id, self.department, self.workstation = new_id(), new_id(), new_id()
        self.origin = f"mnsec/{self.id}"
        self.audit = Key(self.folder, "audit", audit_alg, ca=True)
        self.first = Key(self.folder, "first")
        self.second = Key(self.folder, "second", "rs256")
        self.handler = Key(self.folder, "handler", "es384")
        self.people = {key.name: new_id() for key in (self.first, self.second, self.handler)}

    def enrolment(self, key, role):
        point = b"\4" + bytes(64)
        return encode("mnsec/enrolment/1", id_bytes(self.people[key.name]), key.name, role, key.card,
                      key.fingerprint, b"binding", point, point, 3, 65536, 1, bytes(16), START, 0)

    def founding(self):
        department = (id_bytes(self.department), "介護", 1, 1, 1, 1, 1, 3, 65536, 1, bytes(16))
        return encode(
            "mnsec/facility.found/1", id_bytes(self.id), "桜苑", b"passport", b"attestation",
            self.audit.der, 1, "permanent", b"spki", 1, b"\4" + bytes(64), 2, 1, self.first.card,
            1, *department, id_bytes(self.workstation), "受付", 2, self.enrolment(self.first, 1),
            self.enrolment(self.second, 1), 0, 1, "software-token")

    def said_by(self, key, **more):
        return {"actor": self.people[key.name], "card": b64url(key.card), "ws": self.workstation,
                "osuser": "kaigo", "software": "0.1.0", **more}

    def act(self, login, ev, **more):
        """An entry signed in a session by its card."""
        key = login.signers[0]
        data = self.said_by(key, **more.pop("data", {}))
        return Entry(ev, signers=more.pop("signers", (key,)), login=login, data=data, **more)

    def login(self, key):
        return Entry("session.login", signers=(key,), data=self.said_by(key))

    def document(self, event, *values):
        return {"authdoc": b64url(encode(f"mnsec/{event}/1", *values))}

    def history(self):
        """Founding, an enrolment, a grant; two people at work; a card pulled, a clock set back."""
        first, second, third = self.login(self.first), self.login(self.handler), self.login(self.second)
        last = self.login(self.first)
        dept, record = {"dept": self.department}, new_id()
        attempt = lambda key: Entry("session.attempt", "none", data=self.said_by(key))
        entries = [
            Entry("facility.found", signers=(self.first, self.second), data=self.said_by(
                self.first, authdoc=b64url(self.founding()))),
            attempt(self.first),
            first,
            self.act(first, "staff.enrol", signers=(self.first, self.handler), data=self.document(
                "staff.enrol", self.enrolment(self.handler, 2), 0, b"", 0, 0)),
            self.act(first, "grant.give", data=self.document(
                "grant.give", id_bytes(new_id()), id_bytes(self.people["handler"]),
                id_bytes(self.department), 1, "record.show", "*", START, 0)),
            self.act(first, "session.logout", data={"count": 2}),
            attempt(self.handler),
            second,
            self.act(second, "session.unlock", auth="session", signers=(), **dept),
            self.act(second, "record.register", st="acquire", lag=2, **dept,
                     data={"record": record, "value": new_id(), "kind": "resident"}),
            self.act(second, "record.show", st="use", data={"record": record, "purpose": "源泉\"徴収"}, **dept),
            self.act(second, "record.show", auth="session", signers=(), st="use", out=4,
                     data={"record": record, "reason": "no grant"}, **dept),
            self.act(second, "record.show", st="use", data={"record": record}, **dept),
            self.act(second, "session.logout", data={"count": 5}),
            Entry("session.login_failed", "none", out=4, data=self.said_by(self.first)),
            attempt(self.second),
            third,
            self.act(third, "log.read"),
            Entry("clock.step", "log", t=START + 5),
            self.act(third, "session.card_removed", auth="log", signers=()),
            last,
            self.act(last, "record.list", auth="session", signers=(), st="keep", **dept),
            self.act(last, "log.export"),
            self.act(last, "session.unlock", auth="session", signers=(), **dept),
        ]
        for i, entry in enumerate(entries):
            entry.t = START + 10 * i if entry.ev != "clock.step" else START + 10 * i - 100
        for i in range(19, len(entries)):
            entries[i].t = entries[18].t + i
        return renew(entries, self.origin)

    # --- section 5 ---

    def write(self, entries, directory, resign=True):
        """The whole export. resign = by the audit key; else the signatures that are there stay."""
        out = pathlib.Path(directory)
        for part in ("log", "sig", "body", "certs", "history"):
            shutil.rmtree(out / part, ignore_errors=True)
            (out / part).mkdir(parents=True)
        self.write_entries(entries, out)
        self.write_certificates(entries, out)
        self.write_checkpoint(entries, out, resign)
        founding = sha256(entries[0].statement.encode()) if entries else bytes(32)
        (out / "founding.txt").write_text(
            f"{self.origin}\n{founding.hex()}\n{self.audit.fingerprint.hex()}\n")
        (out / "README.txt").write_text("see docs/FORMATS.md\n")
        (out / "keys.json").write_text("[]\n")
        self.write_pin(founding, out / "certs/pin.pem")
        self.write_manifest(out, resign)
        return out

    def write_entries(self, entries, out):
        for start in range(0, len(entries), BLOCK):
            name, block = f"{start // BLOCK:06}.tsv", entries[start:start + BLOCK]
            put = lambda part, lines: (out / part / name).write_text(
                "".join(f"{line}\n" for line in lines), encoding="utf-8")
            put("log", [e.line for e in block])
            put("sig", [e.signature for e in block if e.groups])
            put("body", [e.body for e in block])

    def write_certificates(self, entries, out):
        for key in {k.name: k for e in entries for k in (*e.signers, self.audit)}.values():
            shutil.copy(key.pem, out / "certs" / f"{b64url(key.fingerprint)}.pem")
        shutil.copy(self.audit.pem, out / "certs/roots.pem")

    def write_checkpoint(self, entries, out, resign=True):
        leaves = [leaf_of(e.line) for e in entries]
        root = lambda size: base64.b64encode(root_of(leaves[:size])).decode()
        sizes = sorted({1, len(entries) // 2, len(entries)} - {0})
        (out / "history/checkpoints.txt").write_text("".join(f"{n} {root(n)}\n" for n in sizes))
        text = f"{self.origin}\n{len(entries)}\n{root(len(entries))}\n"
        (out / "checkpoint.txt").write_text(text)
        if resign:
            self.audit.sign_cms(out / "checkpoint.txt", out / "checkpoint.p7s")
            self.write_note(text, out)

    def write_note(self, text, out):
        if self.audit.alg != "es256":
            return
        key_id = sha256(self.audit.spki)[:4]
        signature = base64.b64encode(key_id + self.audit.sign(text)).decode()
        (out / "checkpoint").write_text(f"{text}\n— {self.origin} {signature}\n", encoding="utf-8")
        public = base64.b64encode(b"\2" + self.audit.spki).decode()
        (out / "log.vkey").write_text(f"{self.origin}+{key_id.hex()}+{public}\n")

    def write_pin(self, founding, path):
        extensions = self.folder / "pin.ext"
        extensions.write_text(f"{PIN_OID}=DER:0420{founding.hex()}\n")
        request = openssl("req", "-new", "-key", self.audit.file, "-subj", "/CN=pin")
        openssl("x509", "-req", "-CA", self.audit.pem, "-CAkey", self.audit.file, "-set_serial", 7,
                "-days", 3650, "-sha256", "-extfile", extensions, "-out", path, data=request)

    def write_manifest(self, out, resign=True):
        names = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
        (out / MANIFEST).write_text("".join(
            f"{hashlib.sha256((out / n).read_bytes()).hexdigest()}  {n}\n"
            for n in names if not n.startswith("MANIFEST.")))
        if resign:
            self.audit.sign_cms(out / MANIFEST, out / "MANIFEST.p7s")
