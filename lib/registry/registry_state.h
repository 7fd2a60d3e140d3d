/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the registry share: the state itself, and the two questions that a statement
 * must pass, each answered by what does not hold, a static text, or NULL.
 */
#ifndef MN_REGISTRY_STATE_H
#define MN_REGISTRY_STATE_H

#include <string.h>

#include "registry/registry.h"

/* Operator, new card, second person. */
#define MN_REGISTRY_MAX_SIGNERS 3

/* A person and the enrolment it points to. */
typedef struct mn_registry_enrolled {
    mn_registry_person person;
    mn_enrolment enrolment;
} mn_registry_enrolled;

typedef struct mn_registry_given {
    mn_registry_grant grant;
    mn_grant document;
} mn_registry_given;

/* Which g and o version an s version was made of. */
typedef struct mn_registry_past {
    mnsec_id department;
    uint64_t s_version;
    uint64_t g_version;
    uint64_t o_version;
} mn_registry_past;

typedef struct mn_registry_setting {
    char key[64];
    mn_buf value;
} mn_registry_setting;

struct mn_registry {
    mn_error *err;
    mn_x509_known *known; /* certificates of those who sign */
    uint64_t count;       /* statements applied */
    uint64_t index;       /* of the newest */
    uint8_t head[32];
    mn_statement *founding;
    mn_recovery recovery;
    uint64_t facility_pin_version;
    size_t department_count;
    mn_registry_department departments[MN_STATEMENT_MAX_DEPARTMENTS];
    mn_registry_enrolled **persons;
    size_t person_count;
    mn_registry_given **grants;
    size_t grant_count;
    mnsec_id *workstations;
    size_t workstation_count;
    mn_registry_setting *settings;
    size_t setting_count;
    mn_registry_past *history;
    size_t history_count;
};

static inline bool mn_registry_is_card(const uint8_t a[32], const uint8_t b[32])
{
    return memcmp(a, b, 32) == 0;
}

/* Known, responsible, and not withdrawn? person may be NULL. */
static inline bool mn_registry_is_responsible(const mn_registry_person *person)
{
    return person != NULL && !person->withdrawn &&
           person->enrolment->role == MNSEC_ROLE_RESPONSIBLE;
}

/* As it was when new. */
void mn_registry_clear(mn_registry *registry);

/* Is the document a next step from here: known names, new ids, versions that follow? */
const char *mn_registry_rules_broken(const mn_registry *registry, const mn_statement *statement);
/* The same, and are these the signers it needs? */
const char *mn_registry_may_not(const mn_registry *registry, const mn_statement *statement,
                                const uint8_t (*signers)[32], size_t signer_count);
/* Is the entry the next statement, signed by whoever must? digest is that of its statement. */
MNSEC_MUST_USE mnsec_status mn_registry_verify(const mn_registry *registry,
                                               const mn_registry_entry *entry,
                                               const uint8_t digest[32],
                                               const uint8_t *founding_hash,
                                               mn_statement **out_statement);

#endif
