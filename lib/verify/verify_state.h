/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verification: what it knows, what it has found, and its steps.
 *
 * A check that finds something bad tells it and answers INTEGRITY; the step it belongs to ends
 * there, the verification goes on with the next step. Any other status ends the whole.
 */
#ifndef MN_VERIFY_STATE_H
#define MN_VERIFY_STATE_H

#include "mnsec/verify.h"
#include "verify_read.h"

/* X(NAME, code, weight, level, text) */
#define MN_VERIFY_FINDING_LIST(X)                                                                  \
    X(FILE_ABSENT, "file.absent", BAD, INTACT, "a file that every export has is missing")          \
    X(FILE_KIND, "file.kind", BAD, INTACT, "neither a plain file nor a folder")                    \
    X(MANIFEST_MALFORMED, "manifest.malformed", BAD, INTACT, "the list of digests is malformed")   \
    X(MANIFEST_MISSING, "manifest.missing", BAD, INTACT, "a file of the list is missing")          \
    X(MANIFEST_UNLISTED, "manifest.unlisted", BAD, INTACT, "a file is not on the list")            \
    X(MANIFEST_CHANGED, "manifest.changed", BAD, INTACT, "a file differs from its digest")         \
    X(CHECKPOINT_MALFORMED, "checkpoint.malformed", BAD, INTACT, "the checkpoint is malformed")    \
    X(LOG_MALFORMED, "log.malformed", BAD, INTACT, "the entry is malformed")                       \
    X(LOG_MISSING, "log.missing", BAD, INTACT, "entries are missing from here on")                 \
    X(LOG_SURPLUS, "log.surplus", BAD, INTACT, "there is more than the checkpoint covers")         \
    X(LOG_ORIGIN, "log.origin", BAD, INTACT, "the entry belongs to another log")                   \
    X(LOG_INDEX, "log.index", BAD, INTACT, "the entry is not in its place")                        \
    X(LOG_DEPARTMENT, "log.department", BAD, INTACT, "the department's numbering has a gap")       \
    X(LOG_CLOCK, "log.clock", BAD, INTACT, "the clock goes back without a clock.step entry")       \
    X(LOG_HEAD, "log.head", BAD, INTACT, "the entry was made under other authority statements")    \
    X(LOG_HISTORY, "log.history", BAD, INTACT, "the entry was made on another history")            \
    X(LOG_FOUNDING, "log.founding", BAD, INTACT, "the founding is not the first entry alone")      \
    X(LOG_UNSIGNED, "log.unsigned", BAD, INTACT, "the entry must be signed and is not")            \
    X(LOG_SESSION, "log.session", BAD, INTACT, "the entry does not fit its session")               \
    X(LOG_SIGNATURE, "log.signature", BAD, INTACT, "the signature is not the one of the entry")    \
    X(LOG_BODY, "log.body", BAD, INTACT, "the body is not the one of the entry")                   \
    X(BODY_MALFORMED, "body.malformed", BAD, INTACT, "the body is malformed")                      \
    X(LOG_ROOT, "log.root", BAD, INTACT, "the entries do not add up to the checkpoint")            \
    X(HISTORY_MALFORMED, "history.malformed", BAD, INTACT,                                         \
      "the earlier checkpoints are malformed")                                                     \
    X(HISTORY_ROOT, "history.root", BAD, INTACT, "an earlier checkpoint is of another history")    \
    X(FOUNDING_HASH, "founding.hash", BAD, INTACT, "the founding data are of another founding")    \
    X(FOUNDING_CERTIFICATE, "founding.certificate", BAD, SIGNED,                                   \
      "the audit certificate is not that of the founding")                                         \
    X(FOUNDING_PIN, "founding.pin", BAD, SIGNED, "the pin in the export is of another founding")   \
    X(PIN_OTHER, "pin.other", BAD, SIGNED, "the export is not by the pinned facility")             \
    X(CHECKPOINT_SIGNATURE, "checkpoint.signature", BAD, SIGNED,                                   \
      "the checkpoint is not signed by the facility")                                              \
    X(CHECKPOINT_NOTE, "checkpoint.note", BAD, SIGNED, "the signed note is not by the facility")   \
    X(CHECKPOINT_KEY, "checkpoint.key", BAD, SIGNED, "the verifier key is not the facility's")     \
    X(MANIFEST_SIGNATURE, "manifest.signature", BAD, SIGNED,                                       \
      "the list of digests is not signed by the facility")                                         \
    X(AUTHORITY_WITHHELD, "authority.withheld", MISSING, ATTESTED,                                 \
      "an authority statement is withheld")                                                        \
    X(AUTHORITY_MALFORMED, "authority.malformed", BAD, ATTESTED,                                   \
      "the authority statement is malformed")                                                      \
    X(AUTHORITY_REFUSED, "authority.refused", BAD, ATTESTED,                                       \
      "the authority statement is not signed by those who must")                                   \
    X(AUTHORITY_UNKNOWN, "authority.unknown", MISSING, ATTESTED,                                   \
      "who had to sign cannot be told, since an authority statement is withheld")                  \
    X(SIGNATURE_MALFORMED, "signature.malformed", BAD, ATTESTED, "the signature is malformed")     \
    X(SIGNATURE_STRANGER, "signature.stranger", BAD, ATTESTED,                                     \
      "the signing card was not enrolled at this point")                                           \
    X(SIGNATURE_WRONG, "signature.wrong", BAD, ATTESTED, "the card's signature does not hold")     \
    X(SIGNATURE_WITHHELD, "signature.withheld", MISSING, ATTESTED,                                 \
      "a signature that would have to be checked is withheld")                                     \
    X(SIGNATURE_UNKNOWN, "signature.unknown", MISSING, ATTESTED,                                   \
      "whose card signed cannot be told, since an authority statement is withheld")                \
    X(CERTIFICATE_WITHHELD, "certificate.withheld", MISSING, ATTESTED,                             \
      "the certificate of a signing card is withheld")                                             \
    X(CERTIFICATE_OTHER, "certificate.other", BAD, ATTESTED,                                       \
      "a certificate is not the one that its name says")                                           \
    X(SESSION_UNATTESTED, "session.unattested", NOTE, ATTESTED,                                    \
      "the session ended, or goes on, without a last signature by its card")                       \
    X(REMEMBER_OTHER, "remember.other", BAD, CONTINUOUS, "another log was remembered")             \
    X(REMEMBER_SHORTER, "remember.shorter", BAD, CONTINUOUS, "the log is shorter than remembered") \
    X(REMEMBER_FORK, "remember.fork", BAD, CONTINUOUS,                                             \
      "the log does not continue what was remembered")

typedef enum mn_verify_finding {
    MN_VERIFY_FINDING_NONE = 0,
#define MN_VERIFY_FINDING_ENUM(name, code, weight, level, text) MN_VERIFY_##name,
    MN_VERIFY_FINDING_LIST(MN_VERIFY_FINDING_ENUM)
#undef MN_VERIFY_FINDING_ENUM
        MN_VERIFY_FINDING_COUNT
} mn_verify_finding;

typedef struct mn_verify_authority mn_verify_authority;
typedef struct mn_verify_attest mn_verify_attest;

/* One verification. */
typedef struct mn_verify {
    const mnsec_bundle_options *options;
    mnsec_bundle_result result;
    unsigned done;    /* levels whose checks were run to their end */
    unsigned spoiled; /* levels with a bad or missing finding */
    bool bad;
    mn_verify_file folder; /* the export */
    mn_buf checkpoint_text;
    mn_tlog_checkpoint checkpoint; /* as that text says */
    mn_buf given;                  /* certificate (DER) that the verifier brought; empty = none */
    bool has_remembered;
    mn_tlog_checkpoint remembered;
    mn_buf audit_certificate; /* DER, as the founding entry names it; empty = withheld */
    mn_verify_authority *authority;
    mn_verify_attest *attest;
} mn_verify;

/* File verify_finding.c. INTEGRITY when the finding is bad, OK else; STATE_CANCELLED. file may be
 * NULL. */
MNSEC_MUST_USE mnsec_status mn_verify_finding_tell(mn_verify *verify, mn_verify_finding finding,
                                                   uint64_t entry, const char *file);
/* STATE_CANCELLED when the caller wants no more. */
MNSEC_MUST_USE mnsec_status mn_verify_finding_progress(const mn_verify *verify, const char *step,
                                                       uint64_t done, uint64_t total);

/* File verify_manifest.c: the list of digests against the files. */
MNSEC_MUST_USE mnsec_status mn_verify_manifest(mn_verify *verify);

/* File verify_session.c: which sessions are open. */
typedef struct mn_verify_session {
    uint64_t ses, sn;
    uint64_t unattested; /* entries since the last one signed by the card */
    bool is_known;       /* the certificate of the card that logged in */
    uint8_t certificate[32];
} mn_verify_session;
typedef struct mn_verify_sessions {
    mn_verify_session *open; /* ascending */
    size_t count, capacity;
} mn_verify_sessions;
void mn_verify_sessions_wipe(mn_verify_sessions *sessions);
/* INTEGRITY where the entry does not fit. card = the certificate that signed first, NULL = unsigned
 * or withheld. out_closed: how the session that ends here stands, zeroed where none does. */
MNSEC_MUST_USE mnsec_status mn_verify_session_step(mn_verify_sessions *sessions,
                                                   const mn_verify_line *line, const uint8_t *card,
                                                   mn_verify_session *out_closed);

/* File verify_past.c: what the next entry is held against. */
#define MN_VERIFY_DEPARTMENTS 256U
typedef struct mn_verify_department {
    char name[MNSEC_ID_TEXT_BYTES]; /* "-" = none */
    uint64_t count;
} mn_verify_department;
typedef struct mn_verify_past {
    const char *origin; /* borrowed */
    mn_tlog_tree tree;
    mn_tlog_hash *ring; /* root of size n at n % 65,537 */
    uint64_t proven;    /* largest size whose root an entry has confirmed */
    uint64_t time;
    uint64_t authority; /* authority statements so far, and the digest of the newest */
    bool has_head;
    uint8_t head[32];
    size_t department_count;
    mn_verify_department departments[MN_VERIFY_DEPARTMENTS];
} mn_verify_past;
void mn_verify_past_wipe(mn_verify_past *past);
MNSEC_MUST_USE mnsec_status mn_verify_past_init(mn_verify_past *out_past, const char *origin);
mn_verify_finding mn_verify_past_check(mn_verify_past *past, const mn_verify_line *line);
/* The entry counts from now on; the root with it, borrowed until the next one. */
const mn_tlog_hash *mn_verify_past_grow(mn_verify_past *past, mn_bytes line);

/* File verify_log.c: the pass over the entries. */
MNSEC_MUST_USE mnsec_status mn_verify_log(mn_verify *verify);

/* File verify_authority.c: who could sign what at this point of the log. */
MNSEC_MUST_USE mnsec_status mn_verify_authority_new(mn_verify_authority **out_authority);
void mn_verify_authority_free(mn_verify_authority *authority);
MN_AUTO_PTR_DECLARE(mn_verify_authority)
/* Card hash (32 bytes, borrowed) of the card that is enrolled with this certificate and not
 * withdrawn; NULL = there is none. */
const uint8_t *mn_verify_authority_card(const mn_verify_authority *authority,
                                        const uint8_t certificate[32]);
/* Apply the document of an authority entry. groups = its signatures, whose certificates are judged;
 * none = they are withheld, nothing is judged. USAGE_FORMAT = malformed, DENIED = not signed by
 * those who must; nothing is applied then. out_audit_certificate is set by the founding only. */
MNSEC_MUST_USE mnsec_status mn_verify_authority_apply(mn_verify_authority *authority,
                                                      const mn_verify_line *line, mn_bytes document,
                                                      const mn_verify_line_groups *groups,
                                                      mn_buf *out_audit_certificate);

/* File verify_attest.c: card signatures. */
MNSEC_MUST_USE mnsec_status mn_verify_attest_new(mn_verify_attest **out_attest);
void mn_verify_attest_free(mn_verify_attest *attest);
MN_AUTO_PTR_DECLARE(mn_verify_attest)
/* One entry: its signatures (none = unsigned, or withheld) and its authority document (empty =
 * none, or withheld). The groups' signatures may be taken. */
MNSEC_MUST_USE mnsec_status mn_verify_attest_entry(mn_verify *verify, const mn_verify_line *line,
                                                   mn_verify_line_groups *groups,
                                                   mn_bytes document);
/* The last signature of each card. */
MNSEC_MUST_USE mnsec_status mn_verify_attest_end(mn_verify *verify);

/* File verify_signed.c: is the export the facility's? First what is read before all else: the given
 * pin, the text of the checkpoint; then, after the entries, whether everything agrees. */
MNSEC_MUST_USE mnsec_status mn_verify_signed_pin(mn_verify *verify);
MNSEC_MUST_USE mnsec_status mn_verify_signed_checkpoint(mn_verify *verify);
MNSEC_MUST_USE mnsec_status mn_verify_signed(mn_verify *verify);

/* File verify_remember.c: the checkpoint that the verifier keeps. */
MNSEC_MUST_USE mnsec_status mn_verify_remember_read(mn_verify *verify);
/* The checkpoint is known; bad findings end nothing. */
MNSEC_MUST_USE mnsec_status mn_verify_remember_begin(mn_verify *verify);
/* The tree has grown to tree_size. */
MNSEC_MUST_USE mnsec_status mn_verify_remember_compare(mn_verify *verify, uint64_t tree_size,
                                                       const mn_tlog_hash *root);
MNSEC_MUST_USE mnsec_status mn_verify_remember_write(const mn_verify *verify);

#endif
