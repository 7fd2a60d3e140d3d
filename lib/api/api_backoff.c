/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back-off: two attempts are free, then the wait doubles from two seconds up to a quarter of an
 * hour. A clock that was set back does not shorten it: a time in the future counts as now.
 */
#include "api/api_backoff.h"

#include <string.h>

#include "base/base64.h"

#define FREE_ATTEMPTS 2
#define MAX_SECONDS   (15 * 60)

int64_t mn_backoff_seconds(uint64_t attempts)
{
    if (attempts <= FREE_ATTEMPTS) {
        return 0;
    }
    const uint64_t doublings = attempts - FREE_ATTEMPTS;
    return doublings >= 10 ? MAX_SECONDS : INT64_C(1) << doublings;
}

struct search {
    char card[MN_BASE64_URL_DIGEST_BYTES];
    char department[MNSEC_ID_TEXT_BYTES]; /* empty = log-in */
    uint64_t attempts;
    int64_t newest;
};

static mnsec_status look(void *user, const mn_audit_view *view)
{
    struct search *search = user;
    const bool unlocks = search->department[0] != '\0';
    const mn_action attempt = unlocks ? MN_ACTION_SESSION_UNLOCK_FAILED : MN_ACTION_SESSION_ATTEMPT;
    const mn_action success = unlocks ? MN_ACTION_SESSION_UNLOCK : MN_ACTION_SESSION_LOGIN;
    const mn_action action = mn_action_of(view->event);
    const bool is_cards = view->card && strcmp(view->card, search->card) == 0;
    if (unlocks && strcmp(view->department, search->department) != 0) {
        return MNSEC_OK;
    }
    if (action == attempt && (is_cards || !view->card) && search->attempts++ == 0) {
        search->newest = view->t;
    }
    return action == success && is_cards && view->outcome == MN_AUDIT_SUCCESS ? MNSEC_E_STATE_END
                                                                              : MNSEC_OK;
}

mnsec_status mn_backoff_left(mn_opened *opened, const uint8_t card[32], const mnsec_id *department,
                             int64_t *out_seconds)
{
    struct search search = {0};
    mn_base64_url_digest(card, search.card);
    if (department) {
        mnsec_id_format(department, search.department);
    }

    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    MN_TRY(mn_audit_refresh(opened->audit, &txn));
    const uint64_t size = mn_audit_size(opened->audit);
    const mn_audit_range range = {
        .from = size > MN_BACKOFF_ENTRIES ? size - MN_BACKOFF_ENTRIES : 0,
        .below = size,
        .descending = true,
        .with_body = true,
    };
    const mnsec_status status = mn_audit_read(opened->audit, &txn, &range, look, &search);
    if (status != MNSEC_OK && status != MNSEC_E_STATE_END) {
        return status;
    }
    const int64_t wait = mn_backoff_seconds(search.attempts);
    const int64_t passed = mn_clock_now(opened->clock) - search.newest;
    const int64_t left = passed < 0 ? wait : wait - passed;
    *out_seconds = left > 0 ? left : 0;
    return MNSEC_OK;
}

mnsec_status mn_backoff_check(mn_opened *opened, const uint8_t card[32], const mnsec_id *department)
{
    int64_t wait = 0;
    MN_TRY(mn_backoff_left(opened, card, department, &wait));
    return wait > 0
               ? mn_fail(opened->err, MNSEC_E_DENIED_BACKOFF, "wait %lld seconds", (long long)wait)
               : MNSEC_OK;
}
