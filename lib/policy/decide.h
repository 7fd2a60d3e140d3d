/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this person do this now? One pure function over what the signed statements say; deny is the
 * default and unknown values are refused. Time comes in as an argument.
 */
#ifndef MN_DECIDE_H
#define MN_DECIDE_H

#include "mnsec/session.h"
#include "policy/action.h"

/* A grant in force or not, as the statements have it. Borrowed. */
typedef struct mn_decide_grant {
    mnsec_id department;
    const char (*actions)[32]; /* event names */
    size_t action_count;
    const char *document; /* document kind code, or "*" */
    int64_t valid_from;   /* seconds; 0 = at once */
    int64_t valid_until;  /* seconds, exclusive; 0 = no end */
    bool withdrawn;
} mn_decide_grant;

/* Who asks. */
typedef struct mn_decide_person {
    mnsec_role role;
    bool withdrawn;
    int64_t valid_from;
    int64_t valid_until; /* exclusive; 0 = no end */
    const mn_decide_grant *grants;
    size_t grant_count;
} mn_decide_person;

/* For what. */
typedef struct mn_decide_request {
    mn_action action;
    const mnsec_id *department; /* NULL = none */
    /* Document kind codes separated by spaces: the grants must cover each of them; NULL or "" =
     * none, which an action with the flag DOCUMENT does not accept. */
    const char *documents;
    int64_t now;
} mn_decide_request;

typedef enum mn_decide_verdict {
    MN_DECIDE_DENY_UNKNOWN = 0, /* unknown action, role or malformed request */
    MN_DECIDE_ALLOW = 1,
    MN_DECIDE_DENY_WITHDRAWN,
    MN_DECIDE_DENY_VALIDITY, /* of the person */
    MN_DECIDE_DENY_ROLE,
    MN_DECIDE_DENY_GRANT,
    MN_DECIDE_DENY_DOCUMENT,
    MN_DECIDE_DENY_UNATTENDED
} mn_decide_verdict;

/* Unattended software: never an OUTWARD action. Auditors: never a GRANT action. */
mn_decide_verdict mn_decide(const mn_decide_person *person, const mn_decide_request *request);
/* A reason for the log's body, such as "no-grant"; static. */
const char *mn_decide_reason(mn_decide_verdict verdict);
/* Any grant of this department in force (to unlock it)? */
bool mn_decide_reaches(const mn_decide_person *person, const mnsec_id *department, int64_t now);

#endif
