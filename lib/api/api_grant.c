/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants: stated by a responsible person, with the department's group secret sealed to the person
 * in the same transaction. The contract is in mnsec/facility.h; the rules are registry's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_authority.h"
#include "crypto/secret/crypto.h"
#include "mnsec/facility.h"
#include "policy/document.h"

/* --- listing -------------------------------------------------------------------------------------
 */

static mnsec_status join_actions(const mn_grant *grant, mn_buf *out_text)
{
    mn_buf_reset(out_text);
    for (size_t i = 0; i < grant->action_count; i++) {
        MN_TRY(mn_buf_printf(out_text, "%s%s", i > 0 ? " " : "", grant->actions[i]));
    }
    return MNSEC_OK;
}

mnsec_status mnsec_grant_list(mnsec_context *context, const mnsec_id *person, mnsec_grant_fn each,
                              void *user)
{
    MN_TRY(mn_context_enter(context));
    if (!each) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    MN_TRY(mn_opened_catch_up(opened));
    MN_AUTO(mn_buf) actions = {0};
    for (size_t i = 0; i < mn_registry_grant_count(opened->registry); i++) {
        const mn_registry_grant *known = mn_registry_grant_at(opened->registry, i);
        if (person && !mnsec_id_equal(&known->grant->person, person)) {
            continue;
        }
        MN_TRY(join_actions(known->grant, &actions));
        const mnsec_grant grant = {
            .id = known->grant->id,
            .person = known->grant->person,
            .department = known->grant->department,
            .actions = mn_buf_text(&actions),
            .document = known->grant->document,
            .valid_from = known->grant->valid_from,
            .valid_until = known->grant->valid_until,
            .withdrawn = known->withdrawn,
        };
        mn_context_go_out(context);
        const bool goes_on = each(user, &grant) == 0;
        mn_context_come_back(context);
        if (!goes_on) {
            break;
        }
    }
    return MNSEC_OK;
}

/* --- giving --------------------------------------------------------------------------------------
 */

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* "record.show record.list" sorted into the statement. */
static mnsec_status split_actions(const char *text, mn_grant *grant, mn_error *err)
{
    while (*text) {
        const size_t len = strcspn(text, " ");
        if (len >= sizeof grant->actions[0] || grant->action_count == MN_STATEMENT_MAX_ACTIONS) {
            return mn_fail(err, MNSEC_E_USAGE, "an action of the grant is not known");
        }
        if (len > 0) {
            char *name = grant->actions[grant->action_count++];
            memcpy(name, text, len);
            name[len] = '\0';
            if (mn_action_of(name) == MN_ACTION_NONE) {
                return mn_fail(err, MNSEC_E_USAGE, "the action %s is not known", name);
            }
        }
        text += len + (text[len] == ' ' ? 1 : 0);
    }
    qsort(grant->actions, grant->action_count, sizeof grant->actions[0], compare_names);
    for (size_t i = 1; i < grant->action_count; i++) {
        if (strcmp(grant->actions[i - 1], grant->actions[i]) == 0) {
            return mn_fail(err, MNSEC_E_USAGE, "the action %s stands twice", grant->actions[i]);
        }
    }
    return grant->action_count > 0
               ? MNSEC_OK
               : mn_fail(err, MNSEC_E_USAGE, "a grant without an action gives nothing");
}

static mnsec_status fill_grant(const mnsec_grant *wanted, mn_grant *grant, mn_error *err)
{
    const char *document = wanted->document ? wanted->document : "*";
    if (strcmp(document, "*") != 0 && !mn_document_get(document)) {
        return mn_fail(err, MNSEC_E_USAGE, "the document kind %.32s is not known", document);
    }
    mn_random_id(&grant->id);
    grant->person = wanted->person;
    grant->department = wanted->department;
    strncpy(grant->document, document, sizeof grant->document - 1);
    grant->valid_from = wanted->valid_from;
    grant->valid_until = wanted->valid_until;
    return split_actions(wanted->actions, grant, err);
}

/* G_d for the person who has got the grant; without O_d it opens nothing. */
static mnsec_status seal_group(mn_authority *authority, const mn_grant *grant)
{
    mnsec_session *session = authority->session;
    mn_opened *opened = session->opened;
    const mn_enrolment *person =
        mn_registry_person_get(opened->registry, &grant->person)->enrolment;
    const mn_registry_department *department =
        mn_registry_department_get(opened->registry, &grant->department);
    MN_AUTO(mn_secret) group = {0};
    MN_TRY(mn_vault_group_open(&opened->vault, &authority->guard.txn, &department->versions,
                               session->card, &session->work, department->versions.g_version,
                               &group));
    mn_vault_member member;
    memcpy(member.card, person->card, sizeof member.card);
    memcpy(member.work, person->work, sizeof member.work);
    return mn_vault_group_seal(&opened->vault, &authority->guard.txn, &department->id,
                               department->versions.g_version, &member, &group);
}

mnsec_status mnsec_grant_give(mnsec_session *session, const mnsec_grant *grant, const char *second,
                              mnsec_id *out_grant)
{
    MN_AUTO(mn_authority) authority = {0};
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_GRANT_GIVE));
    if (!grant || !grant->actions || !out_grant) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_grant *stated = &authority.statement->u.grant;
    MN_TRY(fill_grant(grant, stated, &session->context->err));
    MN_TRY(mn_authority_second(&authority, second));
    MN_TRY(mn_authority_enter(&authority, &stated->department));
    MN_TRY(mn_authority_leave(&authority, seal_group(&authority, stated)));
    *out_grant = stated->id;
    return MNSEC_OK;
}

/* --- withdrawing ---------------------------------------------------------------------------------
 */

static const mn_grant *find_grant(const mn_registry *registry, const mnsec_id *id)
{
    for (size_t i = 0; i < mn_registry_grant_count(registry); i++) {
        const mn_registry_grant *known = mn_registry_grant_at(registry, i);
        if (mnsec_id_equal(&known->grant->id, id)) {
            return known->grant;
        }
    }
    return NULL;
}

/* Does another grant, or his role, still need the department's group secret? */
static bool keeps_group(const mn_registry *registry, const mn_grant *gone)
{
    const mn_registry_person *person = mn_registry_person_get(registry, &gone->person);
    if (person->enrolment->role == MNSEC_ROLE_RESPONSIBLE) {
        return true;
    }
    for (size_t i = 0; i < mn_registry_grant_count(registry); i++) {
        const mn_registry_grant *known = mn_registry_grant_at(registry, i);
        if (!known->withdrawn && !mnsec_id_equal(&known->grant->id, &gone->id) &&
            mnsec_id_equal(&known->grant->person, &gone->person) &&
            mnsec_id_equal(&known->grant->department, &gone->department)) {
            return true;
        }
    }
    return false;
}

static mnsec_status remove_group(mn_authority *authority, const mn_grant *gone)
{
    mn_opened *opened = authority->session->opened;
    if (keeps_group(opened->registry, gone)) {
        return MNSEC_OK;
    }
    return mn_vault_group_remove(
        &opened->vault, &authority->guard.txn, &gone->department,
        mn_registry_person_get(opened->registry, &gone->person)->enrolment->card);
}

mnsec_status mnsec_grant_withdraw(mnsec_session *session, const mnsec_id *grant, const char *reason)
{
    MN_AUTO(mn_authority) authority = {0};
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_GRANT_WITHDRAW));
    if (!grant || !reason || strlen(reason) >= MN_STATEMENT_NAME_BYTES) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "a short reason must be given");
    }
    const mn_grant *known = find_grant(session->opened->registry, grant);
    if (!known) {
        return mn_fail(&session->context->err, MNSEC_E_STATE_NOT_FOUND, "there is no such grant");
    }
    authority.statement->u.grant_withdrawal.grant = *grant;
    snprintf(authority.statement->u.grant_withdrawal.reason,
             sizeof authority.statement->u.grant_withdrawal.reason, "%s", reason);
    authority.body.reason = reason;
    MN_TRY(mn_authority_second(&authority, NULL));
    MN_TRY(mn_authority_enter(&authority, &known->department));
    return mn_authority_leave(&authority, remove_group(&authority, known));
}
