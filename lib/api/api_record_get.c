/* SPDX-License-Identifier: Apache-2.0 */
/* One record's directory data, never its number. The contract is in mnsec/record.h. */
#include "api/api_record.h"

static mnsec_status show_one(mn_guard *guard, const mn_record_place *place, const mnsec_id *id,
                             mnsec_subject_fn each, void *user)
{
    MN_AUTO(mn_vault_record) record = {0};
    MN_TRY(mn_vault_record_get(place->unlocked, &guard->txn, id, &record));
    mnsec_subject subject;
    mn_subject_show(&record, &subject);
    mn_context_go_out(guard->session->context);
    (void)each(user, &subject);
    mn_context_come_back(guard->session->context);
    return MNSEC_OK;
}

mnsec_status mnsec_record_get(mnsec_session *session, const mnsec_id *id, mnsec_subject_fn each,
                              void *user)
{
    MN_TRY(mn_session_enter(session));
    if (!id || !each) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_record_place place = {0};
    MN_TRY(mn_record_find(session, id, MN_ACTION_RECORD_LIST, &place));
    mn_audit_body body = {.record = id};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_LIST,
        .department = &place.department,
        .bodies = &body,
        .body_count = 1,
    };
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    return mn_guard_leave(&guard, show_one(&guard, &place, id, each, user));
}
