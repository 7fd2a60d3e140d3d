/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of a department: directory data only, never a number. A record that the log knows and that
 * has no row is found here. The contract is in mnsec/record.h.
 */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

#include "api/api_record.h"

/* NFKC and case folded, and without blanks: カナ, ｶﾅ, letters of every width and case, 佐藤 葵 and
 * 佐藤葵 are one. */
static char *fold(const char *text)
{
    size_t len = 0;
    uint8_t *folded =
        u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFKC, NULL, &len);
    char *copy = folded ? malloc(len + 1) : NULL;
    size_t kept = 0;
    for (size_t i = 0; copy && i < len; i++) {
        if (folded[i] != ' ') {
            copy[kept++] = (char)folded[i];
        }
    }
    if (copy) {
        copy[kept] = '\0';
    }
    free(folded);
    return copy;
}

static bool contains(const char *text, const char *folded_filter)
{
    char *folded = text ? fold(text) : NULL;
    const bool found = folded && strstr(folded, folded_filter);
    free(folded);
    return found;
}

struct listing {
    mnsec_context *context;
    const char *filter; /* folded, or NULL */
    mnsec_subject_fn each;
    void *user;
};

static mnsec_status show_if_wanted(void *user, const mn_vault_record *record)
{
    const struct listing *listing = user;
    mnsec_subject subject;
    mn_subject_show(record, &subject);
    if (listing->filter && !contains(subject.code, listing->filter) &&
        !contains(subject.name, listing->filter) && !contains(subject.kana, listing->filter)) {
        return MNSEC_OK;
    }
    mn_context_go_out(listing->context);
    const bool goes_on = listing->each(listing->user, &subject) == 0;
    mn_context_come_back(listing->context);
    return goes_on ? MNSEC_OK : MNSEC_E_STATE_END;
}

struct census {
    mn_guard *guard;
    const mnsec_id *department;
};

static mnsec_status is_there(void *user, const mnsec_id *record, const mnsec_id *department)
{
    const struct census *census = user;
    if (!mnsec_id_equal(department, census->department)) {
        return MNSEC_OK;
    }
    mnsec_id found = {0};
    const mnsec_status status = mn_vault_record_department(&census->guard->opened->vault,
                                                           &census->guard->txn, record, &found);
    if (status == MNSEC_E_STATE_NOT_FOUND ||
        (status == MNSEC_OK && !mnsec_id_equal(&found, department))) {
        char text[MNSEC_ID_TEXT_BYTES];
        mnsec_id_format(record, text);
        return mn_fail(census->guard->opened->err, MNSEC_E_INTEGRITY_RECORD,
                       "record %s is in the log, but its row is missing", text);
    }
    return status;
}

static mnsec_status list_all(mn_guard *guard, mn_vault_department *department,
                             struct listing *listing)
{
    const mn_audit_index *index = NULL;
    MN_TRY(mn_opened_index(guard->opened, &guard->txn, &index));
    struct census census = {.guard = guard, .department = guard->request->department};
    MN_TRY(mn_audit_index_each(index, is_there, &census));
    const mnsec_status status =
        mn_vault_record_each(department, &guard->txn, show_if_wanted, listing);
    return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
}

mnsec_status mnsec_record_list(mnsec_session *session, const mnsec_id *department,
                               const char *filter, mnsec_subject_fn each, void *user)
{
    MN_TRY(mn_session_enter(session));
    if (!department || !each) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_vault_department *unlocked = NULL;
    MN_TRY(mn_session_department(session, department, &unlocked));
    char *folded = filter ? fold(filter) : NULL;
    if (filter && !folded) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE_FORMAT, "the filter is not text");
    }
    struct listing listing = {
        .context = session->context, .filter = folded, .each = each, .user = user};
    mn_audit_body body = {0};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_LIST,
        .department = department,
        .bodies = &body,
        .body_count = 1,
    };
    MN_AUTO(mn_guard) guard = {0};
    mnsec_status status = mn_guard_enter(&guard, session, &request);
    if (status == MNSEC_OK) {
        status = mn_guard_leave(&guard, list_all(&guard, unlocked, &listing));
    }
    free(folded);
    return status;
}
