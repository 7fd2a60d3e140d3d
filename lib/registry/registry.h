/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who exists and who may what: the state that the chain of signed statements gives, statement by
 * statement, judged by its position in the log and never by a clock. Each statement is verified
 * before it counts: chain (ah), signatures, and whether its signers were allowed to say it then.
 * Nothing here is stored; it is rebuilt at each opening.
 *
 * The caller has read the log's lines and vouches for what stands in an mn_registry_entry beside
 * the statement. Persons and grants that are lent live as long as the registry and change with it;
 * other pointers hold until the next statement is applied.
 */
#ifndef MN_REGISTRY_H
#define MN_REGISTRY_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "crypto/public/x509.h"
#include "registry/statement.h"

typedef struct mn_registry mn_registry;

/* One signature group of an entry. */
typedef struct mn_registry_signature {
    mn_signature_alg alg;
    mn_bytes certificate; /* DER */
    mn_bytes signature;   /* raw r || s or RSA */
} mn_registry_signature;

/* One authority entry as the log holds it. */
typedef struct mn_registry_entry {
    uint64_t index;
    const char *event;
    mn_bytes statement; /* the exact signed JSON bytes */
    char ah[44];        /* its `ah` member, "-" in entry 0 */
    int64_t ts;         /* its `ts` member */
    mn_bytes document;  /* decoded authdoc, already checked against bh by the caller */
    const mn_registry_signature *signatures;
    size_t signature_count;
} mn_registry_entry;

MNSEC_MUST_USE mnsec_status mn_registry_new(mn_error *err, mn_registry **out_registry);
void mn_registry_free(mn_registry *registry);
MN_AUTO_PTR_DECLARE(mn_registry)

/* Verify and apply the next authority entry. founding_hash (32 bytes) must be given for entry 0.
 * Errors: INTEGRITY_AUTHORITY, naming the entry and what does not hold; nothing is applied then. */
MNSEC_MUST_USE mnsec_status mn_registry_apply(mn_registry *registry, const mn_registry_entry *entry,
                                              const uint8_t *founding_hash);
/* Would the document be accepted from these signers (card hashes in the order of the groups:
 * operator, in staff.enrol the new card, second person) now? The same rules as apply, before
 * anything is signed: DENIED with the reason. */
MNSEC_MUST_USE mnsec_status mn_registry_may(const mn_registry *registry,
                                            const mn_statement *statement,
                                            const uint8_t (*signers)[32], size_t signer_count);
/* How many signatures of responsible persons (operator included) the document needs now: 1 or 2. */
unsigned mn_registry_needs(const mn_registry *registry, const mn_statement *statement,
                           const mnsec_id *operator_person);

/* Digest (SHA-256 of the statement) of the newest authority entry, and how many were applied. */
void mn_registry_head(const mn_registry *registry, uint8_t out_digest[32]);
uint64_t mn_registry_count(const mn_registry *registry);

/* The founding, borrowed. NULL before entry 0. */
const mn_founding *mn_registry_founding(const mn_registry *registry);
const mn_recovery *mn_registry_recovery(const mn_registry *registry);
uint64_t mn_registry_facility_pin_version(const mn_registry *registry);

typedef struct mn_registry_department {
    mnsec_id id;
    const char *name;
    uint32_t epoch;
    mn_department_versions versions; /* in force */
    bool operation_password_due;
} mn_registry_department;
size_t mn_registry_department_count(const mn_registry *registry);
const mn_registry_department *mn_registry_department_at(const mn_registry *registry, size_t n);
const mn_registry_department *mn_registry_department_get(const mn_registry *registry,
                                                         const mnsec_id *id);
/* g and o version of an s version (old values are opened with them). STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_registry_department_history(const mn_registry *registry,
                                                           const mnsec_id *id, uint64_t s_version,
                                                           uint64_t *out_g, uint64_t *out_o);

typedef struct mn_registry_person {
    const mn_enrolment *enrolment;
    uint64_t password_version; /* 1 at enrolment */
    mn_argon2_params argon2;   /* in force */
    bool withdrawn;
    uint64_t enrolled_index;
    int64_t enrolled_at; /* the ts member of the statement's entry */
} mn_registry_person;
size_t mn_registry_person_count(const mn_registry *registry);
const mn_registry_person *mn_registry_person_at(const mn_registry *registry, size_t n);
const mn_registry_person *mn_registry_person_get(const mn_registry *registry, const mnsec_id *id);
/* By card hash, withdrawn people too; NULL = card unknown. */
const mn_registry_person *mn_registry_person_by_card(const mn_registry *registry,
                                                     const uint8_t card[32]);

typedef struct mn_registry_grant {
    const mn_grant *grant;
    bool withdrawn; /* itself or its person */
} mn_registry_grant;
size_t mn_registry_grant_count(const mn_registry *registry);
const mn_registry_grant *mn_registry_grant_at(const mn_registry *registry, size_t n);

bool mn_registry_workstation_is_known(const mn_registry *registry, const mnsec_id *id);
/* Policy value in force, or NULL. */
const char *mn_registry_policy(const mn_registry *registry, const char *key);

#endif
