/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision: one function over what the signed statements say, without memory and without a
 * clock. Denying is the default: ALLOW is returned in one place for each rule, and what is unknown
 * never gets there. Which action has which rule: action.def.
 */
#include "policy/decide.h"

#include <string.h>

#include "policy/document.h"

typedef mn_decide_verdict (*rule_fn)(const mn_decide_person *person,
                                     const mn_decide_request *request);

static bool is_within(int64_t now, int64_t from, int64_t until)
{
    return now >= from && (until == 0 || now < until);
}

static bool is_role(mnsec_role role)
{
    return role >= MNSEC_ROLE_RESPONSIBLE && role <= MNSEC_ROLE_UNATTENDED;
}

static bool grant_reaches(const mn_decide_grant *grant, const mnsec_id *department, int64_t now)
{
    return !grant->withdrawn && mnsec_id_equal(&grant->department, department) &&
           is_within(now, grant->valid_from, grant->valid_until);
}

static bool grant_names(const mn_decide_grant *grant, const char *event)
{
    for (size_t i = 0; i < grant->action_count; i++) {
        if (strncmp(grant->actions[i], event, sizeof(grant->actions[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Does this grant cover the document kind of this code? An empty code asks for none. */
static bool grant_covers(const mn_decide_grant *grant, const char *code, size_t len)
{
    if (len == 0) {
        return true;
    }
    return grant->document &&
           (strcmp(grant->document, "*") == 0 ||
            (strlen(grant->document) == len && strncmp(grant->document, code, len) == 0));
}

/* A grant in force that names the action and covers the document kind? */
static bool is_granted(const mn_decide_person *person, const mn_decide_request *request,
                       const char *code, size_t len)
{
    const char *event = mn_action_event(request->action);
    for (size_t i = 0; i < person->grant_count; i++) {
        const mn_decide_grant *grant = &person->grants[i];
        if (grant_reaches(grant, request->department, request->now) && grant_names(grant, event) &&
            grant_covers(grant, code, len)) {
            return true;
        }
    }
    return false;
}

static mn_decide_verdict decide_documents(const mn_decide_person *person,
                                          const mn_decide_request *request)
{
    const char *code = request->documents ? request->documents : "";
    if (code[0] == '\0') {
        return mn_action_has(request->action, MN_ACTION_DOCUMENT) ? MN_DECIDE_DENY_DOCUMENT
                                                                  : MN_DECIDE_ALLOW;
    }
    const char *bad = NULL;
    size_t bad_len = 0;
    if (!mn_document_list_is_valid(code, &bad, &bad_len)) {
        return MN_DECIDE_DENY_DOCUMENT;
    }
    while (*code != '\0') {
        const size_t len = strcspn(code, " ");
        if (!is_granted(person, request, code, len)) {
            return MN_DECIDE_DENY_DOCUMENT;
        }
        code += len;
        code += strspn(code, " ");
    }
    return MN_DECIDE_ALLOW;
}

static mn_decide_verdict for_nobody(const mn_decide_person *person,
                                    const mn_decide_request *request)
{
    (void)person;
    (void)request;
    return MN_DECIDE_DENY_ROLE;
}

static mn_decide_verdict for_anybody(const mn_decide_person *person,
                                     const mn_decide_request *request)
{
    (void)person;
    (void)request;
    return MN_DECIDE_ALLOW;
}

static mn_decide_verdict for_responsible(const mn_decide_person *person,
                                         const mn_decide_request *request)
{
    (void)request;
    return person->role == MNSEC_ROLE_RESPONSIBLE ? MN_DECIDE_ALLOW : MN_DECIDE_DENY_ROLE;
}

static mn_decide_verdict for_oversight(const mn_decide_person *person,
                                       const mn_decide_request *request)
{
    (void)request;
    const bool oversees =
        person->role == MNSEC_ROLE_RESPONSIBLE || person->role == MNSEC_ROLE_AUDITOR;
    return oversees ? MN_DECIDE_ALLOW : MN_DECIDE_DENY_ROLE;
}

static mn_decide_verdict for_granted(const mn_decide_person *person,
                                     const mn_decide_request *request)
{
    if (!request->department || mnsec_id_is_none(request->department)) {
        return MN_DECIDE_DENY_UNKNOWN;
    }
    if (person->role == MNSEC_ROLE_AUDITOR) {
        return MN_DECIDE_DENY_ROLE;
    }
    if (!is_granted(person, request, "", 0)) {
        return MN_DECIDE_DENY_GRANT;
    }
    return decide_documents(person, request);
}

/* Any grant in the department will do: what it allows is asked at each act again. */
static mn_decide_verdict for_granted_or_responsible(const mn_decide_person *person,
                                                    const mn_decide_request *request)
{
    if (!request->department || mnsec_id_is_none(request->department)) {
        return MN_DECIDE_DENY_UNKNOWN;
    }
    if (person->role == MNSEC_ROLE_RESPONSIBLE) {
        return MN_DECIDE_ALLOW;
    }
    if (person->role == MNSEC_ROLE_AUDITOR) {
        return MN_DECIDE_DENY_ROLE;
    }
    return mn_decide_reaches(person, request->department, request->now) ? MN_DECIDE_ALLOW
                                                                        : MN_DECIDE_DENY_GRANT;
}

static const rule_fn rules[] = {
    [MN_ACTION_RULE_NOBODY] = for_nobody,
    [MN_ACTION_RULE_ANYBODY] = for_anybody,
    [MN_ACTION_RULE_RESPONSIBLE] = for_responsible,
    [MN_ACTION_RULE_OVERSIGHT] = for_oversight,
    [MN_ACTION_RULE_GRANT] = for_granted,
    [MN_ACTION_RULE_GRANT_OR_RESPONSIBLE] = for_granted_or_responsible,
};

static const char *const reasons[] = {
    [MN_DECIDE_DENY_UNKNOWN] = "unknown-request",
    [MN_DECIDE_ALLOW] = "allowed",
    [MN_DECIDE_DENY_WITHDRAWN] = "withdrawn",
    [MN_DECIDE_DENY_VALIDITY] = "not-in-force",
    [MN_DECIDE_DENY_ROLE] = "role",
    [MN_DECIDE_DENY_GRANT] = "no-grant",
    [MN_DECIDE_DENY_DOCUMENT] = "document-not-covered",
    [MN_DECIDE_DENY_UNATTENDED] = "unattended",
};

mn_decide_verdict mn_decide(const mn_decide_person *person, const mn_decide_request *request)
{
    if (!mn_action_event(request->action) || !is_role(person->role)) {
        return MN_DECIDE_DENY_UNKNOWN;
    }
    if (person->withdrawn) {
        return MN_DECIDE_DENY_WITHDRAWN;
    }
    if (!is_within(request->now, person->valid_from, person->valid_until)) {
        return MN_DECIDE_DENY_VALIDITY;
    }
    if (person->role == MNSEC_ROLE_UNATTENDED &&
        mn_action_has(request->action, MN_ACTION_OUTWARD)) {
        return MN_DECIDE_DENY_UNATTENDED;
    }
    return rules[mn_action_rule_of(request->action)](person, request);
}

const char *mn_decide_reason(mn_decide_verdict verdict)
{
    const bool known = (unsigned)verdict < sizeof(reasons) / sizeof(reasons[0]);
    return reasons[known ? verdict : MN_DECIDE_DENY_UNKNOWN];
}

bool mn_decide_reaches(const mn_decide_person *person, const mnsec_id *department, int64_t now)
{
    if (person->withdrawn || person->role == MNSEC_ROLE_AUDITOR || !is_role(person->role) ||
        !is_within(now, person->valid_from, person->valid_until)) {
        return false;
    }
    for (size_t i = 0; i < person->grant_count; i++) {
        if (grant_reaches(&person->grants[i], department, now)) {
            return true;
        }
    }
    return false;
}
