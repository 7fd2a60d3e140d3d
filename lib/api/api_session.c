/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: from the card in the reader to locked and wiped. Which steps there are says
 * session/session_state.c; the way in is api_login.c's; what may be done in one is api_guard.c's.
 * When anything ends a session its secrets go first, then the log is told, then the token is
 * logged out.
 */
#include "api/api_session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_backoff.h"
#include "api/api_guard.h"
#include "api/api_login.h"
#include "api/api_rights.h"

#define IDLE_SECONDS   600
#define UNLOCK_SECONDS 180

static int64_t monotonic(const mnsec_session *session)
{
    return mn_clock_monotonic_ms(&session->context->clock);
}

/* --- ending --------------------------------------------------------------------------------------
 */

void mn_session_forget(mnsec_session *session)
{
    for (size_t i = 0; i < MN_KEYRING_MAX_DEPARTMENTS; i++) {
        mn_vault_department_free(session->unlocked[i].department);
        session->unlocked[i] = (mn_session_unlocked){0};
    }
}

static void wipe_secrets(mnsec_session *session)
{
    mn_secret_wipe(&session->work);
    mn_session_forget(session);
}

/* The log is told by what is left; that it cannot be written does not keep a session open. */
static void tell_end(mnsec_session *session, mn_session_trace trace, const char *reason)
{
    mn_opened *opened = session->opened;
    mn_guard_entry entry = {
        .action = trace == MN_SESSION_TRACE_CARD_REMOVED ? MN_ACTION_SESSION_CARD_REMOVED
                                                         : MN_ACTION_SESSION_LOCK,
        .auth = MN_AUDIT_AUTH_LOG,
        .session = &session->log,
        .body = {.actor = &session->person,
                 .card = session->card,
                 .reason = reason[0] != '\0' ? reason : NULL},
    };
    mn_guard_entry_fill(opened, &entry.body);
    if (mn_guard_entry_append(opened, &entry, NULL) == MNSEC_OK &&
        mn_keyring_is_logged_in(opened->keyring) &&
        mn_opened_checkpoint(opened, true) != MNSEC_OK) {
        return; /* the next checkpoint covers it */
    }
}

void mn_session_lock(mnsec_session *session, mn_session_happening happening)
{
    const char *reason = "";
    const mn_session_trace trace =
        mn_session_state_step(&session->state, happening, monotonic(session), &reason);
    if (session->state.phase != MN_SESSION_LOCKED) {
        return;
    }
    wipe_secrets(session);
    mn_card_worker_free(session->worker);
    session->worker = NULL;
    if (trace != MN_SESSION_TRACE_NONE) {
        const mn_error kept = session->context->err;
        mn_error_clear(&session->context->err);
        tell_end(session, trace, reason);
        session->context->err = kept;
    }
    mn_keyring_logout(session->opened->keyring);
}

static void log_out(mnsec_session *session)
{
    mn_opened *opened = session->opened;
    mn_guard_entry entry = {
        .action = MN_ACTION_SESSION_LOGOUT,
        .auth = MN_AUDIT_AUTH_CARD,
        .session = &session->log,
        .body = {.actor = &session->person,
                 .card = session->card,
                 .count = session->entries,
                 .has_count = true},
        .signer = session,
    };
    mn_guard_entry_fill(opened, &entry.body);
    const mnsec_status status = mn_guard_entry_append(opened, &entry, NULL);
    if (status != MNSEC_OK) {
        mn_session_lock(session,
                        status == MNSEC_E_CARD_REMOVED ? MN_SESSION_CARD_LEFT : MN_SESSION_FAULT);
        return;
    }
    wipe_secrets(session);
    const char *reason = "";
    (void)mn_session_state_step(&session->state, MN_SESSION_LOGOUT, monotonic(session), &reason);
    if (mn_opened_checkpoint(opened, true) != MNSEC_OK) {
        mn_error_clear(opened->err); /* the next log-in's checkpoint covers it */
    }
}

static void free_session(mnsec_session *session)
{
    wipe_secrets(session);
    mn_card_worker_free(session->worker);
    if (session->context->session == session) {
        session->context->session = NULL;
    }
    free(session);
}

void mnsec_session_close(mnsec_session *session)
{
    if (!session) {
        return;
    }
    if (mn_context_enter(session->context) != MNSEC_OK) {
        return; /* a forked child leaves the parent's card and token alone */
    }
    if (session->state.phase == MN_SESSION_OPEN) {
        log_out(session);
    } else if (session->state.phase == MN_SESSION_SWAPPING) {
        mn_session_lock(session, MN_SESSION_LOGOUT);
    }
    mn_keyring_logout(session->opened->keyring);
    free_session(session);
}

/* --- opening -------------------------------------------------------------------------------------
 */

static void apply_options(mnsec_session *session, const mnsec_session_options *options)
{
    const unsigned idle = options->idle_seconds ? options->idle_seconds : IDLE_SECONDS;
    const unsigned unlock = options->unlock_seconds ? options->unlock_seconds : UNLOCK_SECONDS;
    session->state.idle_ms = (int64_t)idle * 1000;
    session->unlock_ms = (int64_t)unlock * 1000;
    session->ask_each_time = options->ask_each_time != 0;
}

static mnsec_status log_in(mnsec_session *session, const mnsec_session_options *options)
{
    MN_TRY(mn_workstation_start_worker(&session->opened->workstation, session->context->card_worker,
                                       &session->context->err, &session->worker));
    MN_TRY(mn_login_choose(session, options));
    MN_TRY(mn_login_run(session));
    const char *reason = "";
    (void)mn_session_state_step(&session->state, MN_SESSION_LOGIN, monotonic(session), &reason);
    return MNSEC_OK;
}

mnsec_status mnsec_session_open(mnsec_context *context, const mnsec_session_options *options,
                                mnsec_session **out_session)
{
    MN_TRY(mn_context_enter(context));
    mnsec_session_options known = MNSEC_SESSION_OPTIONS_INIT;
    if (!out_session || (options && options->struct_size > sizeof known)) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    if (context->session) {
        return mn_fail(&context->err, MNSEC_E_STATE_CONFLICT, "the context has a session already");
    }
    if (options) {
        memcpy(&known, options, options->struct_size);
    }
    mn_opened *opened = NULL;
    MN_TRY(mn_context_opened(context, &opened));
    MN_TRY(mn_opened_catch_up(opened));

    mnsec_session *session = calloc(1, sizeof *session);
    if (!session) {
        return mn_fail(&context->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    session->context = context;
    session->opened = opened;
    apply_options(session, &known);
    const mnsec_status status = log_in(session, &known);
    if (status != MNSEC_OK) {
        mn_keyring_logout(opened->keyring);
        free_session(session);
        return status;
    }
    context->session = session;
    *out_session = session;
    return MNSEC_OK;
}

/* --- living --------------------------------------------------------------------------------------
 */

static bool has_news(const mnsec_session *session)
{
    const int descriptor = session->worker ? mn_card_worker_descriptor(session->worker) : -1;
    struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
    int ready = 0;
    do {
        ready = descriptor >= 0 ? poll(&waiting, 1, 0) : 0;
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* What has happened to an open session since the last call, without asking the card. */
static mn_session_happening happened(const mnsec_session *session)
{
    const mn_session_happening due = mn_session_state_due(&session->state, monotonic(session));
    if (due != MN_SESSION_NOTHING || session->state.phase != MN_SESSION_OPEN) {
        return due;
    }
    return has_news(session) && mn_card_present(session->worker) != MNSEC_OK ? MN_SESSION_CARD_LEFT
                                                                             : MN_SESSION_NOTHING;
}

static mnsec_status locked_status(const mnsec_session *session)
{
    mn_error *err = &session->context->err;
    mn_error_clear(err);
    switch (session->state.ended_by) {
    case MN_SESSION_CARD_LEFT:
    case MN_SESSION_SWAP_LATE:
        return mn_fail(err, MNSEC_E_CARD_REMOVED, "the card was removed");
    case MN_SESSION_IDLE:
        return mn_fail(err, MNSEC_E_STATE_LOCKED, "nothing was done for too long");
    case MN_SESSION_WITHDRAWN:
        return mn_fail(err, MNSEC_E_STATE_LOCKED, "the person was withdrawn");
    default:
        return mn_fail(err, MNSEC_E_STATE_LOCKED, "the session is locked");
    }
}

mnsec_status mn_session_alive(mnsec_session *session)
{
    const mn_session_happening happening = happened(session);
    if (happening != MN_SESSION_NOTHING) {
        mn_session_lock(session, happening);
    }
    return session->state.phase == MN_SESSION_OPEN || session->state.phase == MN_SESSION_SWAPPING
               ? MNSEC_OK
               : locked_status(session);
}

mnsec_status mn_session_enter(mnsec_session *session)
{
    if (!session) {
        return MNSEC_E_USAGE;
    }
    MN_TRY(mn_context_enter(session->context));
    MN_TRY(mn_session_alive(session));
    mn_session_state_touch(&session->state, monotonic(session));
    return MNSEC_OK;
}

mnsec_status mn_session_judge(mnsec_session *session, mnsec_status status)
{
    if (session->state.phase != MN_SESSION_OPEN) {
        return status;
    }
    switch (status) {
    case MNSEC_E_CARD_REMOVED:
    case MNSEC_E_CARD_ABSENT:
        mn_session_lock(session, MN_SESSION_CARD_LEFT);
        break;
    case MNSEC_E_STATE_LOCKED: /* card or token have lost their log-in */
    case MNSEC_E_CARD_TIMEOUT:
    case MNSEC_E_CARD_FAULT:
    case MNSEC_E_TOKEN_ABSENT:
    case MNSEC_E_TOKEN_FAULT:
    case MNSEC_E_TOKEN_FOREIGN:
        mn_session_lock(session, MN_SESSION_FAULT);
        break;
    default:
        break;
    }
    return status;
}

mnsec_status mn_session_sign(mnsec_session *session, mn_bytes statement,
                             mn_audit_signature *out_signature)
{
    MN_TRY(
        mn_card_sign(session->worker, statement, &out_signature->alg, &out_signature->signature));
    memcpy(out_signature->certificate, session->certificate, sizeof session->certificate);
    return MNSEC_OK;
}

const mn_registry_person *mn_session_person(const mnsec_session *session)
{
    const mn_registry_person *person =
        mn_registry_person_get(session->opened->registry, &session->person);
    return person && !person->withdrawn ? person : NULL;
}

/* --- unlocking -----------------------------------------------------------------------------------
 */

static mn_session_unlocked *find_unlocked(mnsec_session *session, const mnsec_id *department)
{
    for (size_t i = 0; i < MN_KEYRING_MAX_DEPARTMENTS; i++) {
        mn_session_unlocked *place = &session->unlocked[i];
        if (place->department &&
            mnsec_id_equal(mn_vault_department_id(place->department), department)) {
            return place;
        }
    }
    return NULL;
}

static mn_session_unlocked *find_free(mnsec_session *session)
{
    for (size_t i = 0; i < MN_KEYRING_MAX_DEPARTMENTS; i++) {
        if (!session->unlocked[i].department) {
            return &session->unlocked[i];
        }
    }
    return NULL;
}

static mnsec_status may_unlock(mnsec_session *session, const mnsec_id *department)
{
    mn_error *err = &session->context->err;
    if (!mn_registry_department_get(session->opened->registry, department)) {
        return mn_fail(err, MNSEC_E_DENIED, "not permitted");
    }
    MN_AUTO(mn_rights) rights = {0};
    MN_TRY(mn_rights_read(session->opened->registry, &session->person, &rights));
    if (rights.person.role == MNSEC_ROLE_RESPONSIBLE && !rights.person.withdrawn) {
        return MNSEC_OK;
    }
    return mn_decide_reaches(&rights.person, department, mn_clock_now(session->opened->clock))
               ? MNSEC_OK
               : mn_fail(err, MNSEC_E_DENIED, "not permitted");
}

static mnsec_status note_unlock(mnsec_session *session, const mnsec_id *department,
                                mnsec_status status)
{
    mn_opened *opened = session->opened;
    const mn_error kept = *opened->err;
    mn_guard_entry entry = {
        .action = status == MNSEC_OK ? MN_ACTION_SESSION_UNLOCK : MN_ACTION_SESSION_UNLOCK_FAILED,
        .auth = MN_AUDIT_AUTH_SESSION,
        .outcome = mn_guard_entry_outcome(status),
        .department = department,
        .session = &session->log,
        .body = {.actor = &session->person,
                 .card = session->card,
                 .reason = status == MNSEC_OK ? NULL : mnsec_status_name(status)},
    };
    mn_guard_entry_fill(opened, &entry.body);
    MN_TRY(mn_guard_entry_append(opened, &entry, NULL));
    session->entries++;
    *opened->err = kept;
    return status == MNSEC_OK ? MNSEC_OK : mn_opened_checkpoint(opened, true);
}

mnsec_status mn_session_note_wrong(mnsec_session *session, const mnsec_id *department,
                                   mnsec_status status)
{
    const mnsec_status told = note_unlock(session, department, status);
    return told == MNSEC_OK ? status : told;
}

static mnsec_status unlock(mnsec_session *session, const mnsec_id *department,
                           mn_vault_department **out_department)
{
    mn_opened *opened = session->opened;
    const mn_registry_department *known = mn_registry_department_get(opened->registry, department);
    const mnsec_secret_request request = {
        .kind = MNSEC_SECRET_OPERATION,
        .subject = known ? known->name : "",
        .attempt = 1,
    };
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_secret_ask(session->context, &request, &password));
    return mn_vault_department_open(&opened->vault, opened->registry, department, session->card,
                                    &session->work, &password, out_department);
}

static mnsec_status unlock_and_note(mnsec_session *session, const mnsec_id *department)
{
    mn_session_unlocked *place = find_unlocked(session, department);
    if (!place) {
        place = find_free(session);
    }
    if (!place) {
        return mn_fail(&session->context->err, MNSEC_E_INTERNAL, "too many departments");
    }
    MN_TRY(mn_backoff_check(session->opened, session->card, department));
    mn_vault_department *opened = NULL;
    mnsec_status status = may_unlock(session, department);
    if (status == MNSEC_OK) {
        status = unlock(session, department, &opened);
    }
    if (status == MNSEC_E_STATE_CANCELLED) {
        return status; /* nothing was tried */
    }
    const mnsec_status told = note_unlock(session, department, status);
    if (told != MNSEC_OK) {
        mn_vault_department_free(opened);
        return told;
    }
    if (status == MNSEC_OK) {
        const mn_registry_department *known =
            mn_registry_department_get(session->opened->registry, department);
        mn_vault_department_free(place->department);
        *place = (mn_session_unlocked){
            .department = opened,
            .s_version = known->versions.s_version,
            .epoch = known->epoch,
            .used_ms = monotonic(session),
        };
    }
    return status;
}

mnsec_status mnsec_session_unlock(mnsec_session *session, const mnsec_id *department)
{
    MN_TRY(mn_session_enter(session));
    if (!department) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE, "invalid argument");
    }
    MN_TRY(mn_opened_catch_up(session->opened));
    if (!mn_session_person(session)) {
        mn_session_lock(session, MN_SESSION_WITHDRAWN);
        return locked_status(session);
    }
    return mn_session_judge(session, unlock_and_note(session, department));
}

/* Were the department's secrets renewed meanwhile? What is open would write under the old ones. */
static bool is_renewed(const mnsec_session *session, const mn_session_unlocked *place)
{
    const mn_registry_department *known = mn_registry_department_get(
        session->opened->registry, mn_vault_department_id(place->department));
    return !known || known->versions.s_version != place->s_version || known->epoch != place->epoch;
}

/* Wipes what has not been used for its time, or is no longer what the statements say. */
static bool forget_unused(mnsec_session *session)
{
    bool any = false;
    const int64_t now = monotonic(session);
    for (size_t i = 0; i < MN_KEYRING_MAX_DEPARTMENTS; i++) {
        mn_session_unlocked *place = &session->unlocked[i];
        if (place->department &&
            (now - place->used_ms >= session->unlock_ms || is_renewed(session, place))) {
            mn_vault_department_free(place->department);
            *place = (mn_session_unlocked){0};
            any = true;
        }
    }
    return any;
}

mnsec_status mn_session_department(mnsec_session *session, const mnsec_id *department,
                                   mn_vault_department **out_department)
{
    forget_unused(session);
    if (session->ask_each_time) {
        MN_TRY(unlock_and_note(session, department));
    }
    mn_session_unlocked *place = find_unlocked(session, department);
    if (!place) {
        return mn_fail(&session->context->err, MNSEC_E_STATE_UNLOCK_NEEDED,
                       "the operation password is needed");
    }
    place->used_ms = monotonic(session);
    *out_department = place->department;
    return MNSEC_OK;
}

void mnsec_session_forget(mnsec_session *session)
{
    if (session && mn_context_enter(session->context) == MNSEC_OK) {
        mn_session_forget(session);
    }
}

/* --- looking -------------------------------------------------------------------------------------
 */

mnsec_session_info mnsec_session_get_info(const mnsec_session *session)
{
    if (!session) {
        return (mnsec_session_info){.locked = 1};
    }
    return (mnsec_session_info){
        .person = session->person,
        .name = session->name,
        .role = session->role,
        .card_label = session->card_label,
        .card_method = mn_card_method_name(session->method),
        .locked = session->state.phase != MN_SESSION_OPEN,
    };
}

int mnsec_session_descriptor(const mnsec_session *session)
{
    return session && session->worker ? mn_card_worker_descriptor(session->worker) : -1;
}

mnsec_status mnsec_session_poll(mnsec_session *session, mnsec_session_event *out_event)
{
    if (!session || !out_event) {
        return MNSEC_E_USAGE;
    }
    MN_TRY(mn_context_enter(session->context));
    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    if (session->state.phase == MN_SESSION_OPEN) {
        mn_session_happening happening = happened(session);
        if (happening == MN_SESSION_NOTHING && mn_card_present(session->worker) != MNSEC_OK) {
            happening = MN_SESSION_CARD_LEFT;
        }
        mn_error_clear(&session->context->err);
        if (happening != MN_SESSION_NOTHING) {
            mn_session_lock(session, happening);
        }
        if (session->state.phase == MN_SESSION_LOCKED) {
            event = happening == MN_SESSION_IDLE ? MNSEC_SESSION_EVENT_TIMEOUT
                                                 : MNSEC_SESSION_EVENT_CARD_REMOVED;
        } else if (forget_unused(session)) {
            event = MNSEC_SESSION_EVENT_UNLOCK_ENDED;
        }
    }
    *out_event = event;
    return MNSEC_OK;
}
