/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, opened: the entry is signed and durable first, the value that opens is the one that the
 * log names as the newest, and nothing is kept. The contract is in mnsec/record.h.
 */
#include <stdlib.h>
#include <string.h>

#include "api/api_record.h"
#include "policy/document.h"

/* One entry of the log holds so many records at most. */
#define SHOW_MAX 1000

static mnsec_status check_purpose(mnsec_session *session, const char *purpose, const char *document)
{
    mn_error *err = &session->context->err;
    if (!purpose || purpose[0] == '\0') {
        return mn_fail(err, MNSEC_E_USAGE, "a purpose must be given");
    }
    return document && mn_document_get(document)
               ? MNSEC_OK
               : mn_fail(err, MNSEC_E_USAGE, "the document kind is not known");
}

/* No value: not provided, if the directory says so; else a row that should be there is gone. */
static mnsec_status explain_absence(mn_guard *guard, mn_vault_department *department,
                                    const mnsec_id *id)
{
    mn_error *err = guard->opened->err;
    MN_AUTO(mn_vault_record) record = {0};
    MN_TRY(mn_vault_record_get(department, &guard->txn, id, &record));
    const char *state = mn_vault_subject_get(&record.subject, "state");
    return mn_subject_state_of(state) == MNSEC_NUMBER_NOT_PROVIDED
               ? mn_fail(err, MNSEC_E_STATE_NOT_FOUND, "the number was not provided")
               : mn_fail(err, MNSEC_E_INTEGRITY_RECORD, "the number's row is missing");
}

static mnsec_status open_one(mn_guard *guard, const mn_audit_index *index,
                             mn_vault_department *department, const mnsec_id *id,
                             char out_number[MNSEC_NUMBER_TEXT_BYTES])
{
    mnsec_id newest = {0};
    if (mn_audit_index_get(index, id, &newest) != MNSEC_OK) {
        return mn_fail(guard->opened->err, MNSEC_E_INTEGRITY_RECORD,
                       "the log knows no such record");
    }
    MN_AUTO(mn_secret) number = {0};
    const mnsec_status status = mn_vault_number_open(department, &guard->txn, id, &newest, &number);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return explain_absence(guard, department, id);
    }
    MN_TRY(status);
    if (number.len != MNSEC_NUMBER_TEXT_BYTES - 1) {
        return mn_fail(guard->opened->err, MNSEC_E_INTEGRITY_RECORD, "the number is malformed");
    }
    memcpy(out_number, number.bytes, number.len);
    out_number[number.len] = '\0';
    return MNSEC_OK;
}

static mnsec_status check_use(mnsec_session *session, const mn_record_place *place,
                              const mn_guard_request *request)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(session->opened->store, MN_STORE_READ, &txn));
    const mnsec_status status = mn_record_is_for(place->unlocked, &txn, request->bodies[0].record,
                                                 request->documents, session->opened->err);
    mn_store_txn_wipe(&txn);
    return status == MNSEC_E_DENIED ? mn_guard_refuse(session, request, status, "other-purpose")
                                    : status;
}

static mnsec_status open_single(mn_guard *guard, mn_vault_department *department,
                                const mnsec_id *id, char out_number[MNSEC_NUMBER_TEXT_BYTES])
{
    const mn_audit_index *index = NULL;
    MN_TRY(mn_opened_index(guard->opened, &guard->txn, &index));
    return open_one(guard, index, department, id, out_number);
}

mnsec_status mnsec_record_show(mnsec_session *session, const mnsec_id *id, const char *purpose,
                               const char *document, char out_number[MNSEC_NUMBER_TEXT_BYTES])
{
    MN_TRY(mn_session_enter(session));
    if (!id || !out_number) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    MN_TRY(check_purpose(session, purpose, document));
    mn_record_place place = {0};
    MN_TRY(mn_record_find(session, id, MN_ACTION_RECORD_SHOW, &place));
    mn_audit_body body = {.record = id, .purpose = purpose, .doc = document};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_SHOW,
        .department = &place.department,
        .documents = document,
        .bodies = &body,
        .body_count = 1,
    };
    MN_TRY(check_use(session, &place, &request));
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    const mnsec_status status =
        mn_guard_leave(&guard, open_single(&guard, place.unlocked, id, out_number));
    if (status != MNSEC_OK) {
        mn_secret_erase(out_number, MNSEC_NUMBER_TEXT_BYTES);
    }
    return status;
}

/* --- many ----------------------------------------------------------------------------------------
 */

struct showing {
    const mnsec_id *ids;
    size_t count;
    const char *document;
    mnsec_number_fn each;
    void *user;
};

static mnsec_status open_many(mn_guard *guard, mn_vault_department *department,
                              const struct showing *showing)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    const mn_audit_index *index = NULL;
    mnsec_status status = mn_opened_index(guard->opened, &guard->txn, &index);
    for (size_t i = 0; i < showing->count && status == MNSEC_OK; i++) {
        status = open_one(guard, index, department, &showing->ids[i], number);
        if (status != MNSEC_OK) {
            break;
        }
        mn_context_go_out(guard->session->context);
        const bool stopped = showing->each(showing->user, &showing->ids[i], number) != 0;
        mn_context_come_back(guard->session->context);
        if (stopped) {
            status = mn_fail(guard->opened->err, MNSEC_E_STATE_CANCELLED, "stopped by the caller");
        }
    }
    mn_secret_erase(number, sizeof number);
    return status;
}

/* The items of the entry: each record with the value that the log names. */
static mnsec_status list_items(mnsec_session *session, mn_vault_department *unlocked,
                               const struct showing *showing, mnsec_id (*out_items)[2])
{
    mn_opened *opened = session->opened;
    const mn_audit_index *index = NULL;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    MN_TRY(mn_opened_refresh(opened, &txn));
    MN_TRY(mn_opened_index(opened, &txn, &index));
    for (size_t i = 0; i < showing->count; i++) {
        /* A record of another department is not there either. */
        mnsec_status status =
            mn_record_is_for(unlocked, &txn, &showing->ids[i], showing->document, opened->err);
        if (status == MNSEC_OK) {
            status = mn_audit_index_get(index, &showing->ids[i], &out_items[i][1]);
        }
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            return mn_fail(opened->err, MNSEC_E_DENIED, "not permitted, or no such record");
        }
        MN_TRY(status);
        out_items[i][0] = showing->ids[i];
    }
    return MNSEC_OK;
}

static mnsec_status show_many(mnsec_session *session, const mnsec_id *department,
                              mn_guard_request *request, const struct showing *showing,
                              mnsec_id (*items)[2])
{
    mn_vault_department *unlocked = NULL;
    MN_TRY(mn_session_department(session, department, &unlocked));
    const mnsec_status listed = list_items(session, unlocked, showing, items);
    if (listed == MNSEC_E_DENIED) {
        return mn_guard_refuse(session, request, listed, "other-purpose");
    }
    MN_TRY(listed);
    request->bodies[0].items = (const mnsec_id(*)[2])items;
    request->bodies[0].item_count = showing->count;
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, request));
    return mn_guard_leave(&guard, open_many(&guard, unlocked, showing));
}

mnsec_status mnsec_record_show_many(mnsec_session *session, const mnsec_id *department,
                                    const mnsec_id *ids, size_t count, const char *purpose,
                                    const char *document, mnsec_number_fn each, void *user)
{
    MN_TRY(mn_session_enter(session));
    if (!department || !ids || !each || count == 0 || count > SHOW_MAX) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "1 to 1000 records must be given");
    }
    MN_TRY(check_purpose(session, purpose, document));
    mn_audit_body body = {.purpose = purpose, .doc = document, .count = count, .has_count = true};
    mn_guard_request request = {
        .action = MN_ACTION_RECORD_SHOW,
        .department = department,
        .documents = document,
        .bodies = &body,
        .body_count = 1,
    };
    const struct showing showing = {
        .ids = ids, .count = count, .document = document, .each = each, .user = user};
    mnsec_id(*items)[2] = calloc(count, sizeof *items);
    if (!items) {
        return mn_fail(&session->context->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    const mnsec_status status = show_many(session, department, &request, &showing, items);
    free(items);
    return status;
}
