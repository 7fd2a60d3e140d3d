/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility: founding, departments, people, cards, grants, passwords.
 *
 * Who exists and who may what lives in statements signed by responsible persons' cards, which are
 * entries of the log (docs/FORMATS.md, section 3); nothing here is a row that its owner could edit.
 * Founding makes the first of them. Everything after it happens in a session of a responsible
 * person, or for one's own password in one's own.
 *
 * Lists are given by callback: return 0 to go on, non-zero to stop. Texts are borrowed for the
 * call.
 */
#ifndef MNSEC_FACILITY_H
#define MNSEC_FACILITY_H

#include "mnsec/session.h"

/** A first responsible person at founding. */
typedef struct mnsec_founder {
    const char *name; /**< as it will stand in the log */
    const char *card; /**< label or hash of the card; NULL = the notice asks to insert it */
} mnsec_founder;

/** Options of mnsec_facility_found(). */
typedef struct mnsec_founding_options {
    size_t struct_size;
    const char *name;               /**< of the facility, UTF-8, at most 200 bytes */
    const char *const *departments; /**< names */
    size_t department_count;        /**< 1 to 20 */
    const mnsec_founder *founders;
    size_t founder_count;    /**< 1 to 8; two or more is right */
    const char *token_uri;   /**< RFC 7512 with module-path; names a blank token */
    const char *spare_uri;   /**< blank spare token; NULL = none (notice) */
    const char *card_module; /**< absolute path of the PKCS#11 module of the cards */
    const char *workstation_name;
    const char *head_file; /**< last seen head; NULL = beside the workstation's configuration */
    int argon2_floor;      /**< non-zero: do not calibrate (trial) */
} mnsec_founding_options;
#define MNSEC_FOUNDING_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(mnsec_founding_options)                                              \
    }

/** What the founding slip says. */
typedef struct mnsec_founding_slip {
    char origin[64];
    char founding_hash[65];     /**< hex */
    char audit_fingerprint[65]; /**< SHA-256 of the audit certificate, hex */
} mnsec_founding_slip;

/**
 * Found a facility, in a fixed order (docs/ARCHITECTURE.md); resumed when called again after a
 * failure (the SO PIN that was shown is then asked for).
 *
 * Secrets asked for: NEW_PIN and NEW_PASSWORD of each founder, NEW_OPERATION of each department,
 * SO_PIN typed back. Notices: SHOW_SO_PIN, SHOW_SPARE_PIN, INSERT_CARD and the warnings.
 *
 * Audit:   facility.found (entry 0)
 * Errors:  MNSEC_E_STATE_FOUNDED, MNSEC_E_TOKEN_UNSUITABLE, MNSEC_E_CARD_UNSUITABLE,
 *          MNSEC_E_USAGE_WEAK_PASSWORD, MNSEC_E_STATE_CANCELLED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_facility_found(mnsec_context *context,
                                                           const mnsec_founding_options *options,
                                                           mnsec_founding_slip *out_slip);

/** The slip of a founded facility, from what this workstation trusts. Public. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_facility_slip(mnsec_context *context,
                                                          mnsec_founding_slip *out_slip);

/** The facility's name, borrowed until the next call. Public once the chain has been verified. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_facility_name(mnsec_context *context,
                                                          const char **out_name);

/** A department. */
typedef struct mnsec_department {
    mnsec_id id;
    const char *name;
    uint32_t epoch;
    int operation_password_due; /**< somebody was withdrawn; a new operation password is due */
} mnsec_department;
typedef int (*mnsec_department_fn)(void *user, const mnsec_department *department);
/** Every department. Public. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_department_list(mnsec_context *context,
                                                            mnsec_department_fn each, void *user);
/** By name or id text. Errors: MNSEC_E_STATE_NOT_FOUND */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_department_find(mnsec_context *context,
                                                            const char *name, mnsec_id *out_id);

/** A person. */
typedef struct mnsec_person {
    mnsec_id id;
    const char *name;
    mnsec_role role;
    int withdrawn;
    int64_t enrolled_at;
    int64_t valid_until;   /**< seconds; 0 = no end */
    const char *card_hash; /**< hex, of the newest card */
    const char *card_method;
} mnsec_person;
typedef int (*mnsec_person_fn)(void *user, const mnsec_person *person);
/** Everybody, withdrawn people included. Public. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_staff_list(mnsec_context *context, mnsec_person_fn each,
                                                       void *user);
/** By name or id text, withdrawn people last. Errors: STATE_NOT_FOUND, STATE_CONFLICT (name twice)
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_staff_find(mnsec_context *context, const char *name,
                                                       mnsec_id *out_id);

/** A new person. */
typedef struct mnsec_enrolment_options {
    size_t struct_size;
    const char *name;
    mnsec_role role;
    const char *card;    /**< label or hash of the new card; NULL = the notice asks to insert it */
    const char *second;  /**< card (label or hash) of a second responsible person, or NULL */
    int64_t valid_until; /**< seconds; 0 = no end */
} mnsec_enrolment_options;
#define MNSEC_ENROLMENT_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(mnsec_enrolment_options)                                             \
    }
/**
 * Enrol a person with a card. Asks NEW_PIN and NEW_PASSWORD of the new person; SECOND_PIN where a
 * second responsible person must sign.
 *
 * Right: staff.enrol (responsible persons)   Audit: staff.enrol
 * Errors: MNSEC_E_STATE_CONFLICT (card already enrolled), MNSEC_E_CARD_UNSUITABLE, MNSEC_E_DENIED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_staff_enrol(mnsec_session *session,
                                                        const mnsec_enrolment_options *options,
                                                        mnsec_id *out_person);

/**
 * Withdraw a person: statement, facility PIN changed and sealed anew for those who remain, new
 * department group secrets. The departments then wait for a new operation password.
 *
 * @param second  card label or hash of the second responsible person where one is needed, or NULL
 * Right: staff.withdraw   Audit: staff.withdraw, key.facility_pin
 * Errors: MNSEC_E_DENIED (the last responsible person cannot be withdrawn)
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_staff_withdraw(mnsec_session *session,
                                                           const mnsec_id *person,
                                                           const char *reason, const char *second);

/** A grant: person × department × actions × document kind × validity. */
typedef struct mnsec_grant {
    mnsec_id id;
    mnsec_id person;
    mnsec_id department;
    const char *actions;  /**< event names separated by spaces, such as "record.show record.list" */
    const char *document; /**< document kind code, or "*" */
    int64_t valid_from;   /**< seconds; 0 = at once */
    int64_t valid_until;  /**< seconds; 0 = no end */
    int withdrawn;        /**< filled by the list only */
} mnsec_grant;
typedef int (*mnsec_grant_fn)(void *user, const mnsec_grant *grant);
/** Every grant, of one person when person is not NULL. Public. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_grant_list(mnsec_context *context,
                                                       const mnsec_id *person, mnsec_grant_fn each,
                                                       void *user);
/**
 * Give a grant; id of *grant is ignored.
 *
 * @param second  needed when granting to oneself while another responsible person exists
 * Right: grant.give (responsible persons; they must hold the department's group secret)
 * Audit: grant.give   Errors: MNSEC_E_DENIED, MNSEC_E_USAGE (unknown action or document)
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_grant_give(mnsec_session *session,
                                                       const mnsec_grant *grant, const char *second,
                                                       mnsec_id *out_grant);
/** Right: grant.withdraw   Audit: grant.withdraw */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_grant_withdraw(mnsec_session *session,
                                                           const mnsec_id *grant,
                                                           const char *reason);

/**
 * Change one's own password: asks PASSWORD again, then NEW_PASSWORD.
 * Right: everybody's own   Audit: password.change
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_password_change(mnsec_session *session);
/**
 * Change a department's operation password: asks OPERATION, then NEW_OPERATION. Where a withdrawal
 * made it due, a new department secret is made too.
 * Right: password.operation   Audit: password.operation
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_password_operation(mnsec_session *session,
                                                               const mnsec_id *department);
/**
 * Recover a forgotten operation password from two recovery shares: the operator's, and that of a
 * second responsible person (SECOND_PIN, SECOND_PASSWORD) or from paper (SHARE).
 * @param second  card label or hash; NULL = the share on paper, where there is one, else whichever
 *                responsible person's card is inserted
 * Right: password.recover   Audit: password.operation
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_password_recover(mnsec_session *session,
                                                             const mnsec_id *department,
                                                             const char *second);

#endif
