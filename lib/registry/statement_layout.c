/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/FORMATS.md section 3 as tables: fields in order, each with the member it is, and what a
 * document must fulfil by itself. What it must fulfil beside what was said before is in
 * registry_rules.c. Bounds are wide enough for the largest facility and no wider.
 */
#include "statement_layout.h"

#include <string.h>

#include "base/text.h"

#define MAX_TIME       ((uint64_t)INT64_MAX)
#define MAX_VERSION    ((uint64_t)INT64_MAX) /* versions are integers of the store */
#define MAX_LANES      16
#define MAX_DOCUMENT   (1024U * 1024U) /* passport, attestation */
#define MAX_DER        (16U * 1024U)
#define MAX_BINDING    (8U * 1024U)
#define MAX_POLICY     4096
#define MAX_RISKS      16
#define MAX_WORD_BYTES 31
#define MIN_THRESHOLD  2
#define MAX_THRESHOLD  8

/* --- what texts are made of ------------------------------------------------------------------ */

static bool is_made_of(mn_bytes text, const char *letters)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] == '\0' || strchr(letters, text.bytes[i]) == NULL) {
            return false;
        }
    }
    return text.len > 0;
}

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool is_line(mn_bytes text)
{
    return mn_text_is_clean(text, false);
}

static bool is_event(mn_bytes text)
{
    const uint8_t *dot = memchr(text.bytes, '.', text.len);
    return dot != NULL && dot > text.bytes && dot < text.bytes + text.len - 1 &&
           is_made_of(mn_bytes_of(text.bytes, (size_t)(dot - text.bytes)), SMALL "_") &&
           is_made_of(mn_bytes_of(dot + 1, text.len - (size_t)(dot - text.bytes) - 1), SMALL "_");
}

static bool is_document_kind(mn_bytes text)
{
    return (text.len == 1 && text.bytes[0] == '*') || is_made_of(text, CAPITAL DIGITS "_");
}

static bool is_policy_key(mn_bytes text)
{
    return is_made_of(text, SMALL DIGITS "_.");
}

static bool is_risk(mn_bytes text)
{
    return text.len <= MAX_WORD_BYTES && is_made_of(text, SMALL DIGITS "-");
}

/* --- fields ---------------------------------------------------------------------------------- */

#define MEMBER(owner, member)                                                                      \
    .offset = offsetof(owner, member), .size = sizeof(((owner *)NULL)->member)

#define END                                                                                        \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_END                                                             \
    }
#define NUMBER(owner, member, low, high)                                                           \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_NUMBER, MEMBER(owner, member), .min = (low), .max = (high)      \
    }
#define ID(owner, member)                                                                          \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_ID, MEMBER(owner, member)                                       \
    }
#define FIXED(owner, member)                                                                       \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_FIXED, MEMBER(owner, member)                                    \
    }
#define POINT(owner, member)                                                                       \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_POINT, MEMBER(owner, member)                                    \
    }
#define POINT_OR_EMPTY(owner, member)                                                              \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_POINT_OR_EMPTY, MEMBER(owner, member)                           \
    }
/* At least so many bytes, at most what the member holds beside its NUL. */
#define TEXT(owner, member, least, made_of)                                                        \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_TEXT, MEMBER(owner, member), .min = (least),                    \
        .max = sizeof(((owner *)NULL)->member) - 1, .is_text = (made_of)                           \
    }
#define BYTES(owner, member, least, most)                                                          \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_BYTES, MEMBER(owner, member), .min = (least), .max = (most)     \
    }
#define LONG_TEXT(owner, member, most, made_of)                                                    \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_LONG_TEXT, MEMBER(owner, member), .max = (most),                \
        .is_text = (made_of)                                                                       \
    }
#define WORDS(owner, member, most, made_of)                                                        \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_WORDS, MEMBER(owner, member), .max = (most),                    \
        .is_text = (made_of)                                                                       \
    }
#define GROUP(owner, member, layout)                                                               \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_GROUP, MEMBER(owner, member), .of = &(layout)                   \
    }
#define NESTED(owner, member, layout)                                                              \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_NESTED, MEMBER(owner, member), .of = &(layout)                  \
    }
#define LIST(owner, items, count, least, layout)                                                   \
    {                                                                                              \
        .type = MN_STATEMENT_FIELD_LIST, .offset = offsetof(owner, items),                         \
        .size = sizeof(((owner *)NULL)->items[0]), .min = (least),                                 \
        .max = sizeof(((owner *)NULL)->items) / sizeof(((owner *)NULL)->items[0]),                 \
        .of = &(layout), .count_offset = offsetof(owner, count)                                    \
    }

/* --- what several documents have ------------------------------------------------------------- */

static const mn_statement_field argon2_fields[] = {
    NUMBER(mn_argon2_params, passes, MN_ARGON2_FLOOR_PASSES, MN_ARGON2_CEILING_PASSES),
    NUMBER(mn_argon2_params, kib, MN_ARGON2_FLOOR_KIB, MN_ARGON2_CEILING_KIB),
    NUMBER(mn_argon2_params, lanes, 1, MAX_LANES),
    FIXED(mn_argon2_params, salt),
    END,
};
static const mn_statement_layout argon2_layout = {.fields = argon2_fields};

typedef uint8_t card_hash[32];
static const mn_statement_field card_fields[] = {
    {.type = MN_STATEMENT_FIELD_FIXED, .size = sizeof(card_hash)},
    END,
};
static const mn_statement_layout card_layout = {.fields = card_fields};

static bool is_paper(const card_hash card)
{
    static const card_hash none = {0};
    return memcmp(card, none, sizeof(none)) == 0;
}

static bool holds_each_holder_once(const mn_recovery *recovery)
{
    for (size_t i = 0; i < recovery->holder_count; i++) {
        for (size_t k = 0; k < i && !is_paper(recovery->holders[i]); k++) {
            if (memcmp(recovery->holders[i], recovery->holders[k], sizeof(card_hash)) == 0) {
                return false;
            }
        }
    }
    return true;
}

/* All of it or nothing of it. */
static bool recovery_holds(const void *object)
{
    const mn_recovery *recovery = object;
    const bool has_key = recovery->key[0] != 0;
    if (recovery->version == 0) {
        return !has_key && recovery->threshold == 0 && recovery->holder_count == 0;
    }
    return has_key && recovery->threshold >= MIN_THRESHOLD &&
           recovery->threshold <= recovery->holder_count && holds_each_holder_once(recovery);
}

static const mn_statement_field recovery_fields[] = {
    NUMBER(mn_recovery, version, 0, MAX_VERSION),
    POINT_OR_EMPTY(mn_recovery, key),
    NUMBER(mn_recovery, threshold, 0, MAX_THRESHOLD),
    LIST(mn_recovery, holders, holder_count, 0, card_layout),
    END,
};
static const mn_statement_layout recovery_layout = {
    .fields = recovery_fields,
    .holds = recovery_holds,
};

static bool is_a_time_span(int64_t from, int64_t until)
{
    return until == 0 || from < until;
}

static bool enrolment_holds(const void *object)
{
    const mn_enrolment *enrolment = object;
    return is_a_time_span(enrolment->valid_from, enrolment->valid_until);
}

static const mn_statement_field enrolment_fields[] = {
    ID(mn_enrolment, person),
    TEXT(mn_enrolment, name, 1, is_line),
    NUMBER(mn_enrolment, role, MNSEC_ROLE_RESPONSIBLE, MNSEC_ROLE_UNATTENDED),
    FIXED(mn_enrolment, card),
    FIXED(mn_enrolment, certificate),
    BYTES(mn_enrolment, binding, 1, MAX_BINDING),
    POINT(mn_enrolment, door),
    POINT(mn_enrolment, work),
    GROUP(mn_enrolment, argon2, argon2_layout),
    NUMBER(mn_enrolment, valid_from, 0, MAX_TIME),
    NUMBER(mn_enrolment, valid_until, 0, MAX_TIME),
    END,
};
static const mn_statement_layout enrolment_layout = {
    .purpose = "mnsec/enrolment/1",
    .fields = enrolment_fields,
    .holds = enrolment_holds,
};

/* --- mnsec/facility.found/1 ------------------------------------------------------------------ */

typedef __typeof__(((mn_founding *)NULL)->spare[0]) spare_key;
static const mn_statement_field spare_fields[] = {
    TEXT(spare_key, name, 1, is_line),
    BYTES(spare_key, spki, 1, MAX_DER),
    END,
};
static const mn_statement_layout spare_layout = {.fields = spare_fields};

static const mn_statement_field founding_department_fields[] = {
    ID(mn_founding_department, versions.id),
    TEXT(mn_founding_department, name, 1, is_line),
    NUMBER(mn_founding_department, epoch, 1, UINT32_MAX),
    NUMBER(mn_founding_department, versions.g_version, 1, 1),
    NUMBER(mn_founding_department, versions.o_version, 1, 1),
    NUMBER(mn_founding_department, versions.s_version, 1, 1),
    NUMBER(mn_founding_department, versions.wrap_version, 1, 1),
    GROUP(mn_founding_department, versions.argon2, argon2_layout),
    END,
};
static const mn_statement_layout founding_department_layout = {
    .fields = founding_department_fields,
};

static const mn_statement_field founding_person_fields[] = {
    {.type = MN_STATEMENT_FIELD_NESTED, .size = sizeof(mn_enrolment), .of = &enrolment_layout},
    END,
};
static const mn_statement_layout founding_person_layout = {.fields = founding_person_fields};

static const mn_statement_field founding_fields[] = {
    ID(mn_statement, u.founding.facility),
    TEXT(mn_statement, u.founding.name, 1, is_line),
    BYTES(mn_statement, u.founding.passport, 1, MAX_DOCUMENT),
    BYTES(mn_statement, u.founding.attestation, 1, MAX_DOCUMENT),
    BYTES(mn_statement, u.founding.audit_certificate, 1, MAX_DER),
    LIST(mn_statement, u.founding.spare, u.founding.spare_count, 0, spare_layout),
    GROUP(mn_statement, u.founding.recovery, recovery_layout),
    LIST(mn_statement, u.founding.departments, u.founding.department_count, 1,
         founding_department_layout),
    ID(mn_statement, u.founding.workstation),
    TEXT(mn_statement, u.founding.workstation_name, 1, is_line),
    LIST(mn_statement, u.founding.persons, u.founding.person_count, 1, founding_person_layout),
    NUMBER(mn_statement, u.founding.single_control, false, true),
    WORDS(mn_statement, u.founding.accepted_risks, MAX_RISKS, is_risk),
    END,
};

/* --- the other documents --------------------------------------------------------------------- */

static const mn_statement_field enrol_fields[] = {
    NESTED(mn_statement, u.enrol.enrolment, enrolment_layout),
    GROUP(mn_statement, u.enrol.recovery, recovery_layout),
    END,
};

static const mn_statement_field withdrawal_department_fields[] = {
    ID(mn_department_versions, id),
    NUMBER(mn_department_versions, g_version, 1, MAX_VERSION),
    NUMBER(mn_department_versions, o_version, 1, MAX_VERSION),
    NUMBER(mn_department_versions, s_version, 1, MAX_VERSION),
    END,
};
static const mn_statement_layout withdrawal_department_layout = {
    .fields = withdrawal_department_fields,
};

static const mn_statement_field withdrawal_fields[] = {
    ID(mn_statement, u.withdrawal.person),
    TEXT(mn_statement, u.withdrawal.reason, 0, is_line),
    NUMBER(mn_statement, u.withdrawal.facility_pin_version, 1, MAX_VERSION),
    LIST(mn_statement, u.withdrawal.departments, u.withdrawal.department_count, 0,
         withdrawal_department_layout),
    GROUP(mn_statement, u.withdrawal.recovery, recovery_layout),
    END,
};

static const mn_statement_field action_fields[] = {
    {.type = MN_STATEMENT_FIELD_TEXT,
     .size = sizeof(((mn_grant *)NULL)->actions[0]),
     .min = 1,
     .max = sizeof(((mn_grant *)NULL)->actions[0]) - 1,
     .is_text = is_event},
    END,
};
static const mn_statement_layout action_layout = {.fields = action_fields};

/* Sorted, so that one grant has one form and no action stands twice. */
static bool grant_holds(const void *object)
{
    const mn_grant *grant = &((const mn_statement *)object)->u.grant;
    for (size_t i = 1; i < grant->action_count; i++) {
        if (strcmp(grant->actions[i - 1], grant->actions[i]) >= 0) {
            return false;
        }
    }
    return is_a_time_span(grant->valid_from, grant->valid_until);
}

static const mn_statement_field grant_fields[] = {
    ID(mn_statement, u.grant.id),
    ID(mn_statement, u.grant.person),
    ID(mn_statement, u.grant.department),
    LIST(mn_statement, u.grant.actions, u.grant.action_count, 1, action_layout),
    TEXT(mn_statement, u.grant.document, 1, is_document_kind),
    NUMBER(mn_statement, u.grant.valid_from, 0, MAX_TIME),
    NUMBER(mn_statement, u.grant.valid_until, 0, MAX_TIME),
    END,
};

static const mn_statement_field grant_withdrawal_fields[] = {
    ID(mn_statement, u.grant_withdrawal.grant),
    TEXT(mn_statement, u.grant_withdrawal.reason, 0, is_line),
    END,
};

static const mn_statement_field password_fields[] = {
    ID(mn_statement, u.password.person),
    FIXED(mn_statement, u.password.card),
    NUMBER(mn_statement, u.password.version, 1, MAX_VERSION),
    GROUP(mn_statement, u.password.argon2, argon2_layout),
    END,
};

static const mn_statement_field operation_fields[] = {
    ID(mn_statement, u.operation.versions.id),
    NUMBER(mn_statement, u.operation.versions.wrap_version, 1, MAX_VERSION),
    NUMBER(mn_statement, u.operation.versions.g_version, 1, MAX_VERSION),
    NUMBER(mn_statement, u.operation.versions.o_version, 1, MAX_VERSION),
    NUMBER(mn_statement, u.operation.versions.s_version, 1, MAX_VERSION),
    GROUP(mn_statement, u.operation.versions.argon2, argon2_layout),
    NUMBER(mn_statement, u.operation.recovered, false, true),
    END,
};

static const mn_statement_field facility_pin_fields[] = {
    NUMBER(mn_statement, u.facility_pin_version, 1, MAX_VERSION),
    END,
};

static const mn_statement_field workstation_fields[] = {
    ID(mn_statement, u.workstation.id),
    TEXT(mn_statement, u.workstation.name, 1, is_line),
    END,
};

static const mn_statement_field policy_fields[] = {
    TEXT(mn_statement, u.policy.key, 1, is_policy_key),
    LONG_TEXT(mn_statement, u.policy.value, MAX_POLICY, is_line),
    END,
};

/* --- the list -------------------------------------------------------------------------------- */

typedef struct document {
    const char *event;
    mn_statement_layout layout;
} document;

#define DOCUMENT(kind, name, table, together)                                                      \
    [MN_STATEMENT_##kind] = {                                                                      \
        .event = (name),                                                                           \
        .layout = {.purpose = "mnsec/" name "/1", .fields = (table), .holds = (together)}}

/* clang-format off */
static const document documents[] = {
    DOCUMENT(FACILITY_FOUND,       "facility.found",       founding_fields,         NULL),
    DOCUMENT(STAFF_ENROL,          "staff.enrol",          enrol_fields,            NULL),
    DOCUMENT(STAFF_WITHDRAW,       "staff.withdraw",       withdrawal_fields,       NULL),
    DOCUMENT(GRANT_GIVE,           "grant.give",           grant_fields,            grant_holds),
    DOCUMENT(GRANT_WITHDRAW,       "grant.withdraw",       grant_withdrawal_fields, NULL),
    DOCUMENT(PASSWORD_CHANGE,      "password.change",      password_fields,         NULL),
    DOCUMENT(PASSWORD_OPERATION,   "password.operation",   operation_fields,        NULL),
    DOCUMENT(KEY_FACILITY_PIN,     "key.facility_pin",     facility_pin_fields,     NULL),
    DOCUMENT(WORKSTATION_REGISTER, "workstation.register", workstation_fields,      NULL),
    DOCUMENT(POLICY_CHANGE,        "policy.change",        policy_fields,           NULL),
};
/* clang-format on */

#define DOCUMENTS (sizeof(documents) / sizeof(documents[0]))

static const document *document_of(mn_statement_kind kind)
{
    return (size_t)kind < DOCUMENTS && documents[kind].event != NULL ? &documents[kind] : NULL;
}

const mn_statement_layout *mn_statement_layout_get(mn_statement_kind kind)
{
    const document *found = document_of(kind);
    return found == NULL ? NULL : &found->layout;
}

const char *mn_statement_layout_event(mn_statement_kind kind)
{
    const document *found = document_of(kind);
    return found == NULL ? NULL : found->event;
}
