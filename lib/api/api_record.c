/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registering and changing records, one at a time. Opening numbers: api_record_show.c; lists and
 * look-ups: api_record_list.c; files: api_record_import.c. The contract is in mnsec/record.h.
 */
#include "api/api_record.h"

#include <string.h>

#include "crypto/secret/crypto.h"
#include "policy/number.h"

/* --- shared --------------------------------------------------------------------------------------
 */

static mnsec_status read_department(mn_opened *opened, const mnsec_id *id, mnsec_id *out_department)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_vault_record_department(&opened->vault, &txn, id, out_department);
}

mnsec_status mn_record_find(mnsec_session *session, const mnsec_id *id, mn_action action,
                            mn_record_place *out_place)
{
    const mnsec_status status = read_department(session->opened, id, &out_place->department);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        mn_audit_body body = {.record = id};
        const mn_guard_request request = {.action = action, .bodies = &body, .body_count = 1};
        mn_error_clear(&session->context->err);
        return mn_guard_refuse(
            session, &request,
            mn_fail(&session->context->err, MNSEC_E_DENIED, "not permitted, or no such record"),
            "no-record");
    }
    MN_TRY(status);
    return mn_session_department(session, &out_place->department, &out_place->unlocked);
}

static bool has_word(const char *words, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = words; *at;) {
        const size_t here = strcspn(at, " ");
        if (here == len && strncmp(at, word, len) == 0) {
            return true;
        }
        at += here + (at[here] == ' ' ? 1 : 0);
    }
    return false;
}

mnsec_status mn_record_is_for(mn_vault_department *department, mn_store_txn *txn,
                              const mnsec_id *id, const char *document, mn_error *err)
{
    MN_AUTO(mn_vault_record) record = {0};
    MN_TRY(mn_vault_record_get(department, txn, id, &record));
    const char *documents =
        mn_vault_subject_get(&record.subject, mn_subject_column_name(MN_SUBJECT_DOCUMENTS));
    return documents && has_word(documents, document)
               ? MNSEC_OK
               : mn_fail(err, MNSEC_E_DENIED, "the number was not taken for this document kind");
}

static mnsec_status ask_once(mnsec_session *session, mnsec_secret_kind kind, const char *subject,
                             mn_secret *out_number)
{
    const mnsec_secret_request request = {.kind = kind, .subject = subject, .attempt = 1};
    MN_AUTO(mn_secret) typed = {0};
    MN_TRY(mn_secret_ask(session->context, &request, &typed));
    const mnsec_status status = mn_number_normalise(typed.bytes, typed.len, out_number);
    switch (status) {
    case MNSEC_E_USAGE_FORMAT:
        return mn_fail(&session->context->err, status, "an Individual Number has 12 digits");
    case MNSEC_E_USAGE_CHECK_DIGIT:
        return mn_fail(&session->context->err, status,
                       "the check digit of the Individual Number does not match");
    default:
        return status;
    }
}

mnsec_status mn_record_ask_number(mnsec_session *session, const char *subject, bool twice,
                                  mn_secret *out_number)
{
    MN_AUTO(mn_secret) number = {0};
    MN_TRY(ask_once(session, MNSEC_SECRET_NUMBER, subject, &number));
    if (twice) {
        MN_AUTO(mn_secret) again = {0};
        MN_TRY(ask_once(session, MNSEC_SECRET_NUMBER_AGAIN, subject, &again));
        if (!mn_secret_equal(&number, &again)) {
            return mn_fail(&session->context->err, MNSEC_E_USAGE_MISMATCH,
                           "the two entries of the number differ");
        }
    }
    mn_secret_move(out_number, &number);
    return MNSEC_OK;
}

struct code_search {
    const char *code;
    const mnsec_id *but;
};

static mnsec_status compare_code(void *user, const mn_vault_record *record)
{
    const struct code_search *search = user;
    const char *code =
        mn_vault_subject_get(&record->subject, mn_subject_column_name(MN_SUBJECT_CODE));
    const bool is_same = code && strcmp(code, search->code) == 0 &&
                         !(search->but && mnsec_id_equal(search->but, &record->id));
    return is_same ? MNSEC_E_STATE_CONFLICT : MNSEC_OK;
}

mnsec_status mn_record_code_is_free(mn_vault_department *department, mn_store_txn *txn,
                                    const char *code, const mnsec_id *but, mn_error *err)
{
    if (code[0] == '\0') {
        return MNSEC_OK;
    }
    struct code_search search = {.code = code, .but = but};
    const mnsec_status status = mn_vault_record_each(department, txn, compare_code, &search);
    return status == MNSEC_E_STATE_CONFLICT
               ? mn_fail(err, status, "this code is registered already")
               : status;
}

/* A dependant's employee: a record of an employee in the same department. */
static mnsec_status check_linked(mn_vault_department *department, mn_store_txn *txn,
                                 const mnsec_id *linked, mn_error *err)
{
    if (mnsec_id_is_none(linked)) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_vault_record) employee = {0};
    const mnsec_status status = mn_vault_record_get(department, txn, linked, &employee);
    if (status == MNSEC_E_STATE_NOT_FOUND ||
        (status == MNSEC_OK && employee.kind != MNSEC_SUBJECT_EMPLOYEE)) {
        return mn_fail(err, MNSEC_E_STATE_CONFLICT, "there is no such employee in this department");
    }
    return status;
}

static mnsec_status check_subject(mnsec_session *session, const mnsec_subject *subject,
                                  mn_subject *out_checked)
{
    char linked[MNSEC_ID_TEXT_BYTES];
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};
    mn_subject_type(subject, linked, &typed);
    const mn_subject_rules rules = {.now = mn_clock_now(session->opened->clock)};
    const mnsec_status status = mn_subject_check(&typed, &rules, out_checked, &refusal);
    return status == MNSEC_E_USAGE_FORMAT || status == MNSEC_E_USAGE_CHECK_DIGIT
               ? mn_subject_fail(&session->context->err, status, &refusal)
               : status;
}

static const char *kind_name(mnsec_subject_kind kind)
{
    switch (kind) {
    case MNSEC_SUBJECT_EMPLOYEE:
        return "employee";
    case MNSEC_SUBJECT_DEPENDANT:
        return "dependant";
    case MNSEC_SUBJECT_PAYEE:
        return "payee";
    case MNSEC_SUBJECT_RESIDENT:
    default:
        return NULL;
    }
}

/* --- registering ---------------------------------------------------------------------------------
 */

/* One record on its way in. */
typedef struct arrival {
    mn_vault_record record;
    mnsec_id value;
    mn_secret number; /* empty = not provided */
    const char *code;
} arrival;

static void arrival_wipe(arrival *one)
{
    mn_vault_record_wipe(&one->record);
    mn_secret_wipe(&one->number);
}

static mnsec_status prepare(mnsec_session *session, const mnsec_id *department,
                            const mnsec_subject *subject, const mn_subject *checked, arrival *one)
{
    const int64_t now = mn_clock_now(session->opened->clock);
    mn_random_id(&one->record.id);
    mn_random_id(&one->value);
    one->record.department = *department;
    one->record.kind = (uint32_t)checked->kind;
    if (subject->linked) {
        one->record.linked = *subject->linked;
    }
    one->code = mn_buf_text(&checked->text[MN_SUBJECT_CODE]);
    MN_TRY(mn_subject_keep(checked, session->name, now, now, &one->record.subject));
    return checked->state == MNSEC_NUMBER_NOT_PROVIDED
               ? MNSEC_OK
               : mn_record_ask_number(session, mn_buf_text(&checked->text[MN_SUBJECT_NAME]), true,
                                      &one->number);
}

static mnsec_status put(mn_guard *guard, mn_vault_department *department, const arrival *one)
{
    mn_error *err = guard->opened->err;
    MN_TRY(check_linked(department, &guard->txn, &one->record.linked, err));
    MN_TRY(mn_record_code_is_free(department, &guard->txn, one->code, NULL, err));
    MN_TRY(mn_vault_record_put(department, &guard->txn, &one->record, false));
    if (mn_secret_is_empty(&one->number)) {
        return MNSEC_OK;
    }
    mnsec_id existing = {0};
    const mnsec_status status = mn_vault_number_put(department, &guard->txn, &one->record.id,
                                                    &one->value, &one->number, &existing);
    if (status != MNSEC_E_STATE_CONFLICT) {
        return status;
    }
    char text[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&existing, text);
    mn_error_clear(err);
    return mn_fail(err, status, "this number is registered already, in record %s", text);
}

mnsec_status mnsec_record_register(mnsec_session *session, const mnsec_id *department,
                                   const mnsec_subject *subject, mnsec_id *out_id)
{
    MN_TRY(mn_session_enter(session));
    mn_error *err = &session->context->err;
    if (!department || !subject || subject->struct_size != sizeof *subject || !out_id) {
        return mn_fail(err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_vault_department *unlocked = NULL;
    MN_TRY(mn_session_department(session, department, &unlocked));
    MN_AUTO(mn_subject) checked = {0};
    MN_TRY(check_subject(session, subject, &checked));

    mn_audit_body body = {
        .kind = kind_name(checked.kind),
        .doc = mn_buf_text(&checked.text[MN_SUBJECT_DOCUMENTS]),
    };
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_REGISTER,
        .department = department,
        .documents = body.doc,
        .bodies = &body,
        .body_count = 1,
    };
    MN_TRY(mn_opened_catch_up(session->opened));
    MN_TRY(mn_guard_may(session, &request)); /* before anybody types a number */
    MN_AUTO(arrival) one = {0};
    MN_TRY(prepare(session, department, subject, &checked, &one));
    body.record = &one.record.id;
    body.value = &one.value;
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    MN_TRY(mn_guard_leave(&guard, put(&guard, unlocked, &one)));
    *out_id = one.record.id;
    return MNSEC_OK;
}

/* --- changing ------------------------------------------------------------------------------------
 */

static mnsec_status read_record(mnsec_session *session, const mn_record_place *place,
                                const mnsec_id *id, mn_vault_record *out_record)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(session->opened->store, MN_STORE_READ, &txn));
    return mn_vault_record_get(place->unlocked, &txn, id, out_record);
}

/* NULL members keep what was kept. */
static mnsec_subject merge(const mnsec_subject *wanted, const mnsec_subject *kept)
{
    mnsec_subject merged = *kept;
    const struct {
        const char **to;
        const char *from;
    } texts[] = {
        {&merged.code, wanted->code},
        {&merged.name, wanted->name},
        {&merged.kana, wanted->kana},
        {&merged.birth_date, wanted->birth_date},
        {&merged.address, wanted->address},
        {&merged.relation, wanted->relation},
        {&merged.documents, wanted->documents},
        {&merged.not_provided_reason, wanted->not_provided_reason},
        {&merged.verification.method, wanted->verification.method},
        {&merged.verification.number_doc, wanted->verification.number_doc},
        {&merged.verification.identity_doc, wanted->verification.identity_doc},
        {&merged.verification.channel, wanted->verification.channel},
        {&merged.verification.verifier, wanted->verification.verifier},
        {&merged.verification.date, wanted->verification.date},
        {&merged.verification.notice, wanted->verification.notice},
        {&merged.verification.agency_doc, wanted->verification.agency_doc},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].from) {
            *texts[i].to = texts[i].from;
        }
    }
    if (wanted->linked) {
        merged.linked = wanted->linked;
    }
    return merged;
}

/* What was read before somebody typed is what stands there still? Else a change made elsewhere
 * would be taken back: an old name, or "verified" beside a number that is new. */
static mnsec_status expect_former(mn_guard *guard, const mn_record_place *place,
                                  const mn_vault_record *former)
{
    MN_AUTO(mn_vault_record) now = {0};
    MN_TRY(mn_vault_record_get(place->unlocked, &guard->txn, &former->id, &now));
    const mn_bytes was = mn_buf_view(&former->subject.bytes);
    const mn_bytes is = mn_buf_view(&now.subject.bytes);
    return mnsec_id_equal(&now.linked, &former->linked) && is.len == was.len &&
                   memcmp(is.bytes, was.bytes, was.len) == 0
               ? MNSEC_OK
               : mn_fail(guard->opened->err, MNSEC_E_STATE_CHANGED,
                         "somebody else changed the record meanwhile");
}

static mnsec_status replace(mn_guard *guard, const mn_record_place *place,
                            const mn_vault_record *former, const mn_vault_record *record,
                            const char *code)
{
    mn_error *err = guard->opened->err;
    MN_TRY(expect_former(guard, place, former));
    MN_TRY(check_linked(place->unlocked, &guard->txn, &record->linked, err));
    MN_TRY(mn_record_code_is_free(place->unlocked, &guard->txn, code, &record->id, err));
    return mn_vault_record_put(place->unlocked, &guard->txn, record, true);
}

static mnsec_status change(mnsec_session *session, const mn_record_place *place,
                           const mn_guard_request *request, const mnsec_subject *wanted)
{
    const int64_t now = mn_clock_now(session->opened->clock);
    const mnsec_id *id = request->bodies[0].record;
    MN_AUTO(mn_vault_record) former = {0};
    MN_AUTO(mn_vault_record) record = {0};
    MN_AUTO(mn_subject) checked = {0};
    MN_TRY(read_record(session, place, id, &former));
    mnsec_subject kept;
    mn_subject_show(&former, &kept);
    const mnsec_subject merged = merge(wanted, &kept);
    MN_TRY(check_subject(session, &merged, &checked));
    /* Whether there is a number is changed by mnsec_record_change_number() alone. */
    if ((checked.state == MNSEC_NUMBER_NOT_PROVIDED) != (kept.state == MNSEC_NUMBER_NOT_PROVIDED)) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE,
                       "that a number is there or not cannot be changed here");
    }
    record.id = former.id;
    record.department = former.department;
    record.kind = former.kind;
    record.linked = merged.linked ? *merged.linked : (mnsec_id){0};
    MN_TRY(mn_subject_keep(&checked, session->name, kept.registered_at, now, &record.subject));

    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, request));
    return mn_guard_leave(&guard, replace(&guard, place, &former, &record,
                                          mn_buf_text(&checked.text[MN_SUBJECT_CODE])));
}

mnsec_status mnsec_record_change(mnsec_session *session, const mnsec_id *id,
                                 const mnsec_subject *subject)
{
    MN_TRY(mn_session_enter(session));
    if (!id || !subject || subject->struct_size != sizeof *subject) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    mn_record_place place = {0};
    MN_TRY(mn_opened_catch_up(session->opened));
    MN_TRY(mn_record_find(session, id, MN_ACTION_RECORD_CHANGE, &place));
    mn_audit_body body = {.record = id};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_CHANGE,
        .department = &place.department,
        .bodies = &body,
        .body_count = 1,
    };
    MN_TRY(mn_guard_may(session, &request));
    return change(session, &place, &request, subject);
}

/* A new number has not been verified yet, and is there. */
static mnsec_status forget_verification(mn_vault_record *record, int64_t now)
{
    static const mn_subject_column gone[] = {
        MN_SUBJECT_NOT_PROVIDED_REASON,
        MN_SUBJECT_METHOD,
        MN_SUBJECT_NUMBER_DOC,
        MN_SUBJECT_IDENTITY_DOC,
        MN_SUBJECT_CHANNEL,
        MN_SUBJECT_AGENCY_DOC,
        MN_SUBJECT_DATE,
        MN_SUBJECT_VERIFIER,
    };
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        MN_TRY(mn_vault_subject_set(&record->subject, mn_subject_column_name(gone[i]), NULL));
    }
    MN_TRY(mn_vault_subject_set(&record->subject, "state",
                                mn_subject_state_name(MNSEC_NUMBER_UNVERIFIED)));
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(&text, "%lld", (long long)now));
    return mn_vault_subject_set(&record->subject, "changed_at", mn_buf_text(&text));
}

static mnsec_status swap_number(mn_guard *guard, const mn_record_place *place,
                                const mn_vault_record *former, const mn_vault_record *record,
                                const mnsec_id *value, const mn_secret *number)
{
    MN_TRY(expect_former(guard, place, former));
    const mnsec_status removed = mn_vault_number_remove(place->unlocked, &guard->txn, &record->id);
    if (removed != MNSEC_OK && removed != MNSEC_E_STATE_NOT_FOUND) {
        return removed;
    }
    MN_TRY(mn_vault_record_put(place->unlocked, &guard->txn, record, true));
    return mn_vault_number_put(place->unlocked, &guard->txn, &record->id, value, number, NULL);
}

mnsec_status mnsec_record_change_number(mnsec_session *session, const mnsec_id *id,
                                        const char *reason)
{
    MN_TRY(mn_session_enter(session));
    if (!id || !reason || reason[0] == '\0') {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "a reason must be given");
    }
    mn_record_place place = {0};
    MN_TRY(mn_opened_catch_up(session->opened));
    MN_TRY(mn_record_find(session, id, MN_ACTION_RECORD_CHANGE, &place));
    mnsec_id value;
    mn_random_id(&value);
    mn_audit_body body = {.record = id, .value = &value, .reason = reason};
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_CHANGE,
        .department = &place.department,
        .bodies = &body,
        .body_count = 1,
    };
    MN_TRY(mn_guard_may(session, &request));

    MN_AUTO(mn_vault_record) former = {0};
    MN_AUTO(mn_vault_record) record = {0};
    MN_AUTO(mn_secret) number = {0};
    MN_TRY(read_record(session, &place, id, &former));
    MN_TRY(read_record(session, &place, id, &record));
    const char *name =
        mn_vault_subject_get(&record.subject, mn_subject_column_name(MN_SUBJECT_NAME));
    MN_TRY(mn_record_ask_number(session, name ? name : "", true, &number));
    MN_TRY(forget_verification(&record, mn_clock_now(session->opened->clock)));
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    return mn_guard_leave(&guard, swap_number(&guard, &place, &former, &record, &value, &number));
}
