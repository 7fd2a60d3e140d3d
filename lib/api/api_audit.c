/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and exporting the log: acts themselves, with entries of their own. The contract is in
 * mnsec/audit.h; the export's form is the audit module's.
 */
#include "mnsec/audit.h"

#include <string.h>

#include "api/api_guard.h"

/* --- reading -------------------------------------------------------------------------------------
 */

struct listing {
    mnsec_context *context;
    mn_opened *opened;
    const mnsec_audit_filter *filter;
    char person[MNSEC_ID_TEXT_BYTES];
    char department[MNSEC_ID_TEXT_BYTES];
    char record[MNSEC_ID_TEXT_BYTES];
    mnsec_audit_entry_fn each;
    void *user;
    uint64_t left; /* entries that may still be skipped: the newest `limit` are wanted */
    bool counting;
    mn_buf line;
    mn_buf body;
};

/* "session.*" is every event of a noun; without a star an event is meant whole. */
static bool fits_event(const char *wanted, const char *event)
{
    const size_t len = strlen(wanted);
    if (len > 1 && strcmp(wanted + len - 2, ".*") == 0) {
        return strncmp(wanted, event, len - 1) == 0;
    }
    return strcmp(wanted, event) == 0;
}

static bool is_same(const char *wanted, const char *found)
{
    return wanted[0] == '\0' || (found && strcmp(wanted, found) == 0);
}

static bool names_record(const struct listing *listing, const mn_audit_view *view)
{
    if (listing->record[0] == '\0' || is_same(listing->record, view->record)) {
        return true;
    }
    for (size_t i = 0; i < view->item_count; i++) {
        if (mnsec_id_equal(&view->items[i][0], listing->filter->record)) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct listing *listing, const mn_audit_view *view)
{
    const mnsec_audit_filter *filter = listing->filter;
    return (filter->from == 0 || view->t >= filter->from) &&
           (filter->until == 0 || view->t < filter->until) &&
           (!filter->event || fits_event(filter->event, view->event)) &&
           (!filter->failures_only || view->outcome != MN_AUDIT_SUCCESS) &&
           (is_same(listing->person, view->actor) ||
            (view->actor2 && is_same(listing->person, view->actor2))) &&
           is_same(listing->department, view->department) && names_record(listing, view);
}

static const char *person_name(const mn_registry *registry, const char *id_text)
{
    mnsec_id id = {0};
    if (!id_text || mnsec_id_parse(id_text, &id) != MNSEC_OK) {
        return NULL;
    }
    const mn_registry_person *person = mn_registry_person_get(registry, &id);
    return person ? person->enrolment->name : NULL;
}

static const char *department_name(const mn_registry *registry, const char *id_text)
{
    mnsec_id id = {0};
    if (!id_text || mnsec_id_parse(id_text, &id) != MNSEC_OK) {
        return NULL;
    }
    const mn_registry_department *department = mn_registry_department_get(registry, &id);
    return department ? department->name : NULL;
}

static mnsec_status copy_text(mn_buf *to, mn_bytes from)
{
    mn_buf_reset(to);
    return mn_buf_append(to, from.bytes, from.len);
}

static mnsec_status show(void *user, const mn_audit_view *view)
{
    struct listing *listing = user;
    if (!fits(listing, view)) {
        return MNSEC_OK;
    }
    if (listing->counting) {
        listing->left++;
        return MNSEC_OK;
    }
    if (listing->left > 0) {
        listing->left--;
        return MNSEC_OK;
    }
    MN_TRY(copy_text(&listing->line, view->line));
    MN_TRY(copy_text(&listing->body, view->body));
    const mn_registry *registry = listing->opened->registry;
    const mnsec_audit_entry entry = {
        .index = view->index,
        .time = view->t,
        .event = view->event,
        .outcome = view->outcome,
        .stage = view->stage,
        .auth = view->auth,
        .person_id = view->actor,
        .person = person_name(registry, view->actor),
        .department_id =
            view->department && strcmp(view->department, "-") != 0 ? view->department : NULL,
        .department = department_name(registry, view->department),
        .record_id = view->record,
        .purpose = view->purpose,
        .document = view->doc,
        .reason = view->reason,
        .workstation_id = view->ws,
        .count = view->count,
        .line = mn_buf_text(&listing->line),
        .body = mn_buf_text(&listing->body),
    };
    mn_context_go_out(listing->context);
    const bool goes_on = listing->each(listing->user, &entry) == 0;
    mn_context_come_back(listing->context);
    return goes_on ? MNSEC_OK : MNSEC_E_STATE_END;
}

static void format_id(const mnsec_id *id, char out_text[MNSEC_ID_TEXT_BYTES])
{
    if (id) {
        mnsec_id_format(id, out_text);
    }
}

/* The newest `limit` in order: counted first, then the older ones passed over. */
static mnsec_status list(mn_guard *guard, struct listing *listing)
{
    mn_audit *audit = guard->opened->audit;
    const mn_audit_range range = {.below = mn_audit_size(audit), .with_body = true};
    if (listing->filter->limit > 0) {
        listing->counting = true;
        MN_TRY(mn_audit_read(audit, &guard->txn, &range, show, listing));
        listing->counting = false;
        const uint64_t limit = listing->filter->limit;
        listing->left = listing->left > limit ? listing->left - limit : 0;
    }
    const mnsec_status status = mn_audit_read(audit, &guard->txn, &range, show, listing);
    return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
}

static mn_guard_request request_of(mn_action action, mn_audit_body *body)
{
    return (mn_guard_request){.action = action, .bodies = body, .body_count = 1};
}

mnsec_status mnsec_audit_list(mnsec_session *session, const mnsec_audit_filter *filter,
                              mnsec_audit_entry_fn each, void *user)
{
    MN_TRY(mn_session_enter(session));
    const mnsec_audit_filter all = MNSEC_AUDIT_FILTER_INIT;
    if (!each || (filter && filter->struct_size != sizeof *filter)) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    struct listing listing = {
        .context = session->context,
        .opened = session->opened,
        .filter = filter ? filter : &all,
        .each = each,
        .user = user,
    };
    format_id(listing.filter->person, listing.person);
    format_id(listing.filter->department, listing.department);
    format_id(listing.filter->record, listing.record);
    mn_audit_body body = {0};
    const mn_guard_request request = request_of(MN_ACTION_LOG_READ, &body);
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    const mnsec_status status = mn_guard_leave(&guard, list(&guard, &listing));
    mn_buf_wipe(&listing.line);
    mn_buf_wipe(&listing.body);
    return status;
}

/* --- exporting -----------------------------------------------------------------------------------
 */

static int tell_progress(void *user, const char *step, uint64_t done, uint64_t total)
{
    return mn_context_progress(user, step, done, total) == MNSEC_OK ? 0 : 1;
}

static mnsec_status export_to(mnsec_session *session, const char *directory)
{
    mn_opened *opened = session->opened;
    const mn_founding *founding = mn_registry_founding(opened->registry);
    const mn_audit_signer signer = mn_opened_signer(opened);
    const mn_audit_export_options options = {
        .directory = directory,
        .signer = &signer,
        .founding_hash = opened->workstation.founding_hash,
        .pin_certificate = mn_buf_view(&opened->pin_certificate),
        .attestation = mn_buf_view(&founding->attestation),
        .facility_name = founding->name,
        .progress = tell_progress,
        .progress_user = session->context,
    };
    return mn_audit_export(opened->audit, &options);
}

mnsec_status mnsec_audit_export(mnsec_session *session, const char *directory)
{
    MN_TRY(mn_session_enter(session));
    if (!directory || directory[0] == '\0') {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "a directory must be given");
    }
    mn_audit_body body = {0};
    const mn_guard_request request = request_of(MN_ACTION_LOG_EXPORT, &body);
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, session, &request));
    /* Leaving makes the checkpoint that the export ends with; its own entry is inside. */
    MN_TRY(mn_guard_leave(&guard, MNSEC_OK));
    const mnsec_status status = export_to(session, directory);
    return status == MNSEC_OK
               ? MNSEC_OK
               : mn_session_judge(session, mn_guard_refuse(session, &request, status,
                                                           mnsec_status_name(status)));
}
