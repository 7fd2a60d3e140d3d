/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has this number? Searches are guesses as well (10^11 numbers are few), so they are logged and
 * so many are answered in an hour and session (docs/ARCHITECTURE.md).
 */
#include "api/api_record.h"

#define SEARCHES_PER_HOUR 60
#define HOUR_MS           (INT64_C(3600) * 1000)

static bool may_search_again(mnsec_session *session)
{
    const int64_t now = mn_clock_monotonic_ms(session->opened->clock);
    if (session->searches == 0 || now - session->searches_since >= HOUR_MS) {
        session->searches = 0;
        session->searches_since = now;
    }
    return session->searches++ < SEARCHES_PER_HOUR;
}

mnsec_status mnsec_record_search(mnsec_session *session, const mnsec_id *department,
                                 mnsec_id *out_id)
{
    MN_TRY(mn_session_enter(session));
    if (!department || !out_id) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_vault_department *unlocked = NULL;
    MN_TRY(mn_session_department(session, department, &unlocked));
    mn_audit_body body = {0};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_SEARCH,
        .department = department,
        .bodies = &body,
        .body_count = 1,
    };
    MN_TRY(mn_guard_may(session, &request));
    if (!may_search_again(session)) {
        return mn_guard_refuse(session, &request,
                               mn_fail(&session->context->err, MNSEC_E_DENIED_BACKOFF,
                                       "too many searches within an hour"),
                               "search-rate");
    }
    MN_AUTO(mn_secret) number = {0};
    MN_TRY(mn_record_ask_number(session, "search", false, &number));
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    mnsec_id found = {0};
    MN_TRY(mn_guard_leave(&guard, mn_vault_number_search(unlocked, &guard.txn, &number, &found)));
    *out_id = found;
    return MNSEC_OK;
}
