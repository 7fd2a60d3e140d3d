/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority documents (docs/FORMATS.md, section 3): what a signed statement says. Structs here own
 * their buffers; encode and decode are exact inverses, and decode refuses everything else.
 */
#ifndef MN_STATEMENT_H
#define MN_STATEMENT_H

#include "base/base.h"
#include "base/buf.h"
#include "crypto/secret/argon2.h"
#include "crypto/secret/p256.h"
#include "mnsec/session.h"

#define MN_STATEMENT_MAX_DEPARTMENTS 20
#define MN_STATEMENT_MAX_HOLDERS     16
#define MN_STATEMENT_MAX_PERSONS     8
#define MN_STATEMENT_MAX_SPARE       64
#define MN_STATEMENT_MAX_ACTIONS     48
#define MN_STATEMENT_NAME_BYTES      201

/* mnsec/enrolment/1 */
typedef struct mn_enrolment {
    mnsec_id person;
    char name[MN_STATEMENT_NAME_BYTES];
    mnsec_role role;
    uint8_t card[32];        /* card hash */
    uint8_t certificate[32]; /* fingerprint */
    mn_buf binding;          /* mn_card_binding_encode() */
    uint8_t door[MN_P256_POINT_BYTES];
    uint8_t work[MN_P256_POINT_BYTES];
    mn_argon2_params argon2; /* of the own password */
    int64_t valid_from;
    int64_t valid_until;
} mn_enrolment;

/* The recovery key and who holds a share. version 0 = there is none. */
typedef struct mn_recovery {
    uint64_t version;
    uint8_t key[MN_P256_POINT_BYTES];
    uint64_t threshold;
    size_t holder_count;
    uint8_t holders[MN_STATEMENT_MAX_HOLDERS][32]; /* card hashes; all zero = a share on paper */
} mn_recovery;

/* Versions of a department's secrets in force. */
typedef struct mn_department_versions {
    mnsec_id id;
    uint64_t g_version;
    uint64_t o_version;
    uint64_t s_version;
    uint64_t wrap_version;   /* of O_d under the operation password */
    mn_argon2_params argon2; /* of the operation password */
} mn_department_versions;

typedef struct mn_founding_department {
    char name[MN_STATEMENT_NAME_BYTES];
    uint64_t epoch;
    mn_department_versions versions;
} mn_founding_department;

/* mnsec/facility.found/1 */
typedef struct mn_founding {
    mnsec_id facility;
    char name[MN_STATEMENT_NAME_BYTES];
    mn_buf passport;
    mn_buf attestation;
    mn_buf audit_certificate;
    size_t spare_count;
    struct {
        char name[32];
        mn_buf spki;
    } spare[MN_STATEMENT_MAX_SPARE];
    mn_recovery recovery;
    size_t department_count;
    mn_founding_department departments[MN_STATEMENT_MAX_DEPARTMENTS];
    mnsec_id workstation;
    char workstation_name[MN_STATEMENT_NAME_BYTES];
    size_t person_count;
    mn_enrolment persons[MN_STATEMENT_MAX_PERSONS];
    bool single_control;
    mn_buf accepted_risks; /* codes separated by spaces: "no-spare software-token …" */
} mn_founding;

/* mnsec/staff.withdraw/1 */
typedef struct mn_withdrawal {
    mnsec_id person;
    char reason[MN_STATEMENT_NAME_BYTES];
    uint64_t facility_pin_version;
    size_t department_count;
    /* argon2 and wrap_version unused */
    mn_department_versions departments[MN_STATEMENT_MAX_DEPARTMENTS];
    mn_recovery recovery;
} mn_withdrawal;

/* mnsec/grant.give/1 */
typedef struct mn_grant {
    mnsec_id id;
    mnsec_id person;
    mnsec_id department;
    size_t action_count;
    char actions[MN_STATEMENT_MAX_ACTIONS][32]; /* event names, sorted */
    char document[32];
    int64_t valid_from;
    int64_t valid_until;
} mn_grant;

/* mnsec/password.change/1 */
typedef struct mn_password_change {
    mnsec_id person;
    uint8_t card[32];
    uint64_t version;
    mn_argon2_params argon2;
} mn_password_change;

/* mnsec/password.operation/1 */
typedef struct mn_operation_change {
    mn_department_versions versions;
    bool recovered;
} mn_operation_change;

/* One decoded document. kind says which member holds. Large: allocate, never on the stack. */
typedef enum mn_statement_kind {
    MN_STATEMENT_NONE = 0,
    MN_STATEMENT_FACILITY_FOUND,
    MN_STATEMENT_STAFF_ENROL,
    MN_STATEMENT_STAFF_WITHDRAW,
    MN_STATEMENT_GRANT_GIVE,
    MN_STATEMENT_GRANT_WITHDRAW,
    MN_STATEMENT_PASSWORD_CHANGE,
    MN_STATEMENT_PASSWORD_OPERATION,
    MN_STATEMENT_KEY_FACILITY_PIN,
    MN_STATEMENT_WORKSTATION_REGISTER,
    MN_STATEMENT_POLICY_CHANGE
} mn_statement_kind;
typedef struct mn_statement {
    mn_statement_kind kind;
    union {
        mn_founding founding;
        struct {
            mn_enrolment enrolment;
            mn_recovery recovery; /* version 0 = unchanged */
        } enrol;
        mn_withdrawal withdrawal;
        mn_grant grant;
        struct {
            mnsec_id grant;
            char reason[MN_STATEMENT_NAME_BYTES];
        } grant_withdrawal;
        mn_password_change password;
        mn_operation_change operation;
        uint64_t facility_pin_version;
        struct {
            mnsec_id id;
            char name[MN_STATEMENT_NAME_BYTES];
        } workstation;
        struct {
            char key[64];
            mn_buf value;
        } policy;
    } u;
} mn_statement;

MNSEC_MUST_USE mnsec_status mn_statement_new(mn_statement_kind kind, mn_statement **out_statement);
void mn_statement_free(mn_statement *statement);
MN_AUTO_PTR_DECLARE(mn_statement)
/* Event name of a kind, such as "staff.enrol"; and back (NONE where it is no authority event). */
const char *mn_statement_event(mn_statement_kind kind);
mn_statement_kind mn_statement_kind_of(const char *event);
MNSEC_MUST_USE mnsec_status mn_statement_encode(const mn_statement *statement, mn_buf *out_bytes);
/* kind comes from the event of the entry; a document of another purpose is refused. */
MNSEC_MUST_USE mnsec_status mn_statement_decode(mn_statement_kind kind, mn_bytes bytes,
                                                mn_statement **out_statement);

#endif
