#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""forge_export.py DIR KEY MODE: alter an export as its facility could, and sign everything anew.

What an outsider does is found by the signed manifest already; here the holder of the audit key
rebuilds tree, checkpoint and manifest, so that a verifier must look deeper. Modes: see forge().
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys


def sha256(data):
    """SHA-256."""
    return hashlib.sha256(data).digest()


def b64url(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def openssl(*arguments, stdin=None):
    """openssl, or a broken test."""
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True).stdout


def root_of(lines):
    """Root of RFC 6962, by its recursive definition."""
    if len(lines) == 1:
        return sha256(b"\0" + lines[0])
    k = 1
    while 2 * k < len(lines):
        k *= 2
    return sha256(b"\1" + root_of(lines[:k]) + root_of(lines[k:]))


class Export:
    """The lines of a small export."""

    def __init__(self, folder, key):
        self.folder, self.key = folder, key
        self.lines, self.bodies, self.signatures = map(self.read, ("log", "body", "sig"))

    def read(self, kind):
        """Lines of one kind."""
        return (self.folder / kind / "000000.tsv").read_bytes().split(b"\n")[:-1]

    def write(self, kind, lines):
        """And back."""
        (self.folder / kind / "000000.tsv").write_bytes(b"".join(line + b"\n" for line in lines))

    def parts(self, index):
        """Statement, stamp, sighash of a line."""
        statement, stamp, named = self.lines[index].split(b"\t")
        return json.loads(statement), stamp, named

    def put(self, index, statement, stamp, named):
        """A line out of its parts."""
        text = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        self.lines[index] = b"\t".join((text, stamp, named))

    def find(self, event, auth=None):
        """First entry of an event."""
        for index in range(len(self.lines)):
            statement = self.parts(index)[0]
            if statement["ev"] == event and auth in (None, statement["auth"]):
                return index
        raise LookupError(event)

    def renumber(self):
        """Indexes and numbers in the departments as they now must be, signature lines included."""
        counts, signatures = {}, {s.split(b" ", 1)[0]: s.split(b" ", 1)[1] for s in self.signatures}
        self.signatures = []
        for index in range(len(self.lines)):
            statement, stamp, named = self.parts(index)
            old, _, clock = stamp.split(b" ")
            counts[statement["dept"]] = counts.get(statement["dept"], 0) + 1
            if old in signatures:
                line = str(index).encode() + b" " + signatures[old]
                self.signatures.append(line)
                named = b64url(sha256(line)).encode()
            raw = self.lines[index].split(b"\t")[0]
            self.lines[index] = b"\t".join((raw, b"%d %d %s" % (index, counts[statement["dept"]], clock), named))

    def sign_cms(self, name, content):
        """A CAdES signature by the audit key."""
        openssl("cms", "-sign", "-cades", "-binary", "-outform", "DER", "-md", "sha256", "-signer",
                self.folder / "certs/roots.pem", "-inkey", self.key, "-in", self.folder / content, "-out",
                self.folder / name)

    def sign_head(self, root):
        """A checkpoint of these lines with this root."""
        origin = (self.folder / "founding.txt").read_text().splitlines()[0]
        root = base64.b64encode(root).decode()
        text = f"{origin}\n{len(self.lines)}\n{root}\n"
        (self.folder / "checkpoint.txt").write_text(text)
        spki = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        signature = openssl("dgst", "-sha256", "-sign", self.key, stdin=text.encode())
        note = base64.b64encode(sha256(spki)[:4] + signature).decode()
        (self.folder / "checkpoint").write_text(f"{text}\n\u2014 {origin} {note}\n")
        (self.folder / "history/checkpoints.txt").write_text(f"{len(self.lines)} {root}\n")
        self.sign_cms("checkpoint.p7s", "checkpoint.txt")

    def sign_all(self, root=None):
        """Write everything, with a checkpoint (of another root if wanted) and a manifest that fit."""
        for kind, lines in (("log", self.lines), ("body", self.bodies), ("sig", self.signatures)):
            self.write(kind, lines)
        self.sign_head(root or root_of(self.lines))
        files = sorted((str(p.relative_to(self.folder)) for p in self.folder.rglob("*")
                        if p.is_file() and not p.name.startswith("MANIFEST")), key=str.encode)
        (self.folder / "MANIFEST.sha256").write_text(
            "".join(f"{sha256((self.folder / f).read_bytes()).hex()}  {f}\n" for f in files))
        self.sign_cms("MANIFEST.p7s", "MANIFEST.sha256")


def forge(export, mode):
    """One forgery."""
    lines, bodies = export.lines, export.bodies
    if mode == "nothing":  # what this script signs is taken, so that its forgeries are refused for their own sake
        pass
    elif mode == "field":  # another purpose of a card-signed act
        index = export.find("record.register")
        statement, stamp, named = export.parts(index)
        statement["ts"] += 1
        export.put(index, statement, stamp, named)
    elif mode == "drop-unsigned":  # an entry that no card signed
        index = export.find("session.login_failed")
        del lines[index], bodies[index]
        export.renumber()
    elif mode == "drop-unlock":  # an entry of a session, the session's own numbers left as they are
        index = export.find("session.unlock")
        del lines[index], bodies[index]
        export.renumber()
    elif mode == "swap":
        lines[5], lines[6], bodies[5], bodies[6] = lines[6], lines[5], bodies[6], bodies[5]
        export.renumber()
    elif mode == "duplicate":
        index = export.find("session.login_failed")
        lines.insert(index, lines[index])
        bodies.insert(index, bodies[index])
        export.renumber()
    elif mode == "truncate":
        del lines[-1], bodies[-1], export.signatures[-1]
    elif mode == "body":
        bodies[0] = bodies[0].replace(b'"salt":"', b'"salt":"A', 1)
    elif mode == "signature":
        export.signatures[0] = export.signatures[0][:-4] + b"AAAA"
    elif mode == "signature-and-hash":  # a signature that does not hold, named as it should be
        words = export.signatures[0].split(b" ")
        words[3], words[6] = words[6], words[3]
        export.signatures[0] = b" ".join(words)
        statement, stamp, _ = export.parts(0)
        export.put(0, statement, stamp, b64url(sha256(export.signatures[0])).encode())
    elif mode == "clock":  # the entry before is made the later one
        index = export.find("clock.step") - 1
        statement, stamp, named = export.parts(index)
        export.put(index, statement, b"%s %s 0" % tuple(stamp.split(b" ")[:2]), named)
    elif mode == "certificate":  # a certificate under another's name
        pems = sorted((export.folder / "certs").glob("*.pem"))
        signers = [p for p in pems if p.stem not in ("pin", "roots")]
        signers[0].write_bytes(signers[1].read_bytes())
    elif mode == "founding":
        path = export.folder / "founding.txt"
        words = path.read_text().splitlines()
        path.write_text("\n".join([words[0], "0" * 64, words[2]]) + "\n")
    elif mode == "fork":  # a signed checkpoint of another tree
        export.sign_all(sha256(b"fork"))
        return
    else:
        sys.exit(f"unknown mode {mode}")
    export.sign_all()


if __name__ == "__main__":
    forge(Export(pathlib.Path(sys.argv[1]), sys.argv[2]), sys.argv[3])
