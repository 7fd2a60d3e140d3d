#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""show.py FACILITY WORKSTATION DEPARTMENT NAME: libmnsec from Python, through ctypes.

Logs a person in, shows one number, and when the card is pulled waits until it is back and goes on.
PIN and passwords are read from the terminal without echo, or line by line from standard input.

Python cannot wipe its own strings: what is typed and what is shown stays in the memory of the
process until it ends. Where that matters, keep the number in a ctypes buffer, as here, and hand the
secrets over from a program that can wipe them.
"""

import ctypes
import getpass
import select
import sys

LIBRARY = "libmnsec.so.0"
NUMBER_BYTES = 13
PIN, PASSWORD, OPERATION = 1, 2, 3
CARD_REMOVED = 1
CANCELLED = 0x0404  # MNSEC_E_STATE_CANCELLED: class STATE (4), number 4
NAMES = {PIN: "PIN of the card of", PASSWORD: "password of", OPERATION: "operation password of"}


class Id(ctypes.Structure):
    """mnsec_id"""
    _fields_ = [("bytes", ctypes.c_uint8 * 16)]


class SecretRequest(ctypes.Structure):
    """mnsec_secret_request"""
    _fields_ = [("kind", ctypes.c_int), ("subject", ctypes.c_char_p), ("attempt", ctypes.c_uint),
                ("count_low", ctypes.c_int), ("final_try", ctypes.c_int), ("reason", ctypes.c_char_p)]


SECRET_FN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(SecretRequest),
                             ctypes.c_void_p)


class ContextOptions(ctypes.Structure):
    """mnsec_context_options"""
    _fields_ = [("struct_size", ctypes.c_size_t), ("facility", ctypes.c_char_p),
                ("workstation", ctypes.c_char_p), ("card_worker", ctypes.c_char_p),
                ("secret", SECRET_FN), ("secret_user", ctypes.c_void_p),
                ("notice", ctypes.c_void_p), ("notice_user", ctypes.c_void_p),
                ("progress", ctypes.c_void_p), ("progress_user", ctypes.c_void_p)]


class Error(ctypes.Structure):
    """mnsec_error"""
    _fields_ = [("status", ctypes.c_int), ("native", ctypes.c_long), ("text", ctypes.c_char_p)]


class Verification(ctypes.Structure):
    """mnsec_verification"""
    _fields_ = [(name, ctypes.c_char_p) for name in (
        "method", "number_doc", "identity_doc", "channel", "verifier", "date", "notice",
        "agency_doc")]


class Subject(ctypes.Structure):
    """mnsec_subject"""
    _fields_ = [("struct_size", ctypes.c_size_t), ("kind", ctypes.c_int),
                *[(name, ctypes.c_char_p) for name in (
                    "code", "name", "kana", "birth_date", "address", "relation", "documents",
                    "not_provided_reason")],
                ("linked", ctypes.POINTER(Id)), ("verification", Verification), ("id", Id),
                ("state", ctypes.c_int), ("registered_at", ctypes.c_int64),
                ("changed_at", ctypes.c_int64)]


SUBJECT_FN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Subject))


class Failure(Exception):
    """A call answered something else than OK."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def load():
    """The library, with the types of what is called here."""
    lib = ctypes.CDLL(LIBRARY)
    handle, text = ctypes.c_void_p, ctypes.c_char_p
    lib.mnsec_context_new.argtypes = [ctypes.POINTER(ContextOptions), ctypes.POINTER(handle)]
    lib.mnsec_context_free.argtypes = [handle]
    lib.mnsec_context_last_error.argtypes = [handle]
    lib.mnsec_context_last_error.restype = Error
    lib.mnsec_status_text.argtypes = [ctypes.c_int]
    lib.mnsec_status_text.restype = text
    lib.mnsec_secret_give.argtypes = [handle, handle, ctypes.c_size_t]
    lib.mnsec_session_open.argtypes = [handle, handle, ctypes.POINTER(handle)]
    lib.mnsec_session_close.argtypes = [handle]
    lib.mnsec_session_unlock.argtypes = [handle, ctypes.POINTER(Id)]
    lib.mnsec_session_descriptor.argtypes = [handle]
    lib.mnsec_session_poll.argtypes = [handle, ctypes.POINTER(ctypes.c_int)]
    lib.mnsec_department_find.argtypes = [handle, text, ctypes.POINTER(Id)]
    lib.mnsec_record_list.argtypes = [handle, ctypes.POINTER(Id), text, SUBJECT_FN, handle]
    lib.mnsec_record_show.argtypes = [handle, ctypes.POINTER(Id), text, text, handle]
    return lib


mnsec = load()


@SECRET_FN
def ask(_user, request, sink):
    """The library asks for a secret: your dialog goes here."""
    kind, subject = request.contents.kind, request.contents.subject.decode()
    if kind not in NAMES:
        return CANCELLED
    question = f"{NAMES[kind]} {subject}: "
    if sys.stdin.isatty():
        typed = getpass.getpass(question)
    else:
        typed = sys.stdin.readline().rstrip("\n")
    secret = ctypes.create_string_buffer(typed.encode())
    status = mnsec.mnsec_secret_give(sink, secret, len(secret) - 1)
    ctypes.memset(secret, 0, len(secret))
    return status


class Facility:
    """A context."""

    def __init__(self, folder, workstation):
        self.handle = ctypes.c_void_p()
        options = ContextOptions(struct_size=ctypes.sizeof(ContextOptions), facility=folder.encode(),
                                 workstation=workstation.encode(), secret=ask)
        self.check(mnsec.mnsec_context_new(ctypes.byref(options), ctypes.byref(self.handle)))

    def check(self, status):
        """Raise what is not OK."""
        if status != 0:
            detail = mnsec.mnsec_context_last_error(self.handle).text if self.handle else b""
            text = mnsec.mnsec_status_text(status)
            raise Failure(status, b": ".join(t for t in (text, detail) if t).decode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        mnsec.mnsec_context_free(self.handle)


class Session:
    """One person's card, until it leaves."""

    def __init__(self, facility):
        self.facility, self.handle = facility, ctypes.c_void_p()
        facility.check(mnsec.mnsec_session_open(facility.handle, None, ctypes.byref(self.handle)))

    def unlock(self, name):
        """Give the operation password of a department; its id."""
        department = Id()
        self.facility.check(mnsec.mnsec_department_find(self.facility.handle, name.encode(),
                                                        ctypes.byref(department)))
        self.facility.check(mnsec.mnsec_session_unlock(self.handle, ctypes.byref(department)))
        return department

    def find(self, department, name):
        """The record of this name."""
        ids = []

        @SUBJECT_FN
        def see(_user, subject):
            if subject.contents.name.decode() == name:
                ids.append(Id.from_buffer_copy(subject.contents.id))
            return 0

        self.facility.check(mnsec.mnsec_record_list(self.handle, ctypes.byref(department),
                                                    name.encode(), see, None))
        if len(ids) != 1:
            raise Failure(0x0400, f"{len(ids)} records of {name}")
        return ids[0]

    def show(self, record, purpose, document):
        """Its number, in a buffer that can be wiped."""
        number = ctypes.create_string_buffer(NUMBER_BYTES)
        self.facility.check(mnsec.mnsec_record_show(self.handle, ctypes.byref(record),
                                                    purpose.encode(), document.encode(), number))
        return number

    def await_removal(self):
        """Until the card leaves; a program with an event loop watches the descriptor there."""
        event = ctypes.c_int(0)
        while event.value != CARD_REMOVED:
            descriptor = mnsec.mnsec_session_descriptor(self.handle)
            select.select([descriptor] if descriptor >= 0 else [], [], [], 1.0)
            status = mnsec.mnsec_session_poll(self.handle, ctypes.byref(event))
            if event.value != CARD_REMOVED:
                self.facility.check(status)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        mnsec.mnsec_session_close(self.handle)


def show(session, department, name):
    """Unlock, find, show."""
    record = session.find(session.unlock(department), name)
    number = session.show(record, "an example", "TAX_SLIP")
    print(name, number.value.decode(), flush=True)
    ctypes.memset(number, 0, NUMBER_BYTES)


def main():
    """Show; when the card has been pulled, ask for it and show once more."""
    if len(sys.argv) != 5:
        print("usage: show.py FACILITY WORKSTATION DEPARTMENT NAME", file=sys.stderr)
        return 2
    folder, workstation, department, name = sys.argv[1:]
    try:
        with Facility(folder, workstation) as facility:
            with Session(facility) as session:
                show(session, department, name)
                print("pull the card", file=sys.stderr)
                session.await_removal()
            print("the card was pulled: locked", flush=True)
            print("insert the card, then press Enter", file=sys.stderr)
            if not sys.stdin.readline():
                return CANCELLED >> 8
            with Session(facility) as session:
                show(session, department, name)
    except Failure as failure:
        print(f"show.py: {failure}", file=sys.stderr)
        return failure.status >> 8
    return 0


if __name__ == "__main__":
    sys.exit(main())
