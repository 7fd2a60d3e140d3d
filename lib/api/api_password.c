/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords: one's own, a department's operation password, and its recovery. Each change is a
 * signed statement with a new version, so that an older wrapping put back does not open. The
 * contract is in mnsec/facility.h; what opens what is in session/person_key.h and vault/vault.h.
 */
#include <string.h>

#include "api/api_authority.h"
#include "api/api_backoff.h"
#include "api/api_login.h"
#include "api/api_recovery.h"
#include "crypto/secret/crypto.h"
#include "mnsec/facility.h"
#include "session/person_key.h"

static mnsec_status ask(mnsec_session *session, mnsec_secret_kind kind, const char *subject,
                        mn_secret *out_secret)
{
    const mnsec_secret_request request = {.kind = kind, .subject = subject, .attempt = 1};
    return mn_secret_ask(session->context, &request, out_secret);
}

/* --- one's own -----------------------------------------------------------------------------------
 */

static mnsec_status try_password(mnsec_session *session, const mn_person_key_owner *owner,
                                 const mn_secret *card_secret, const mn_secret *password)
{
    mn_opened *opened = session->opened;
    const mn_registry_person *person = mn_session_person(session);
    MN_AUTO(mn_secret) work = {0};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_person_key_open_work(&txn, opened->keyring, owner, card_secret, password,
                                   &person->argon2, person->password_version, &work);
}

/* The password in force must be known: the work key opens once more with it. To guess here costs
 * what it costs at a log-in. */
static mnsec_status prove_password(mnsec_session *session, const mn_person_key_owner *owner,
                                   const mn_secret *card_secret)
{
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_backoff_check(session->opened, session->card, NULL));
    MN_TRY(ask(session, MNSEC_SECRET_PASSWORD, session->name, &password));
    const mnsec_status status = try_password(session, owner, card_secret, &password);
    return status == MNSEC_E_DENIED_LOGIN
               ? mn_login_note_wrong(session, session->card, &session->person)
               : status;
}

static mnsec_status rewrap(mn_authority *authority, const mn_person_key_owner *owner,
                           const mn_secret *card_secret, const mn_secret *password)
{
    const mn_password_change *change = &authority->statement->u.password;
    return mn_person_key_rewrap(&authority->guard.txn, authority->session->opened->keyring, owner,
                                card_secret, password, &change->argon2, change->version,
                                &authority->session->work);
}

static void state_change(const mnsec_session *session, mn_password_change *change)
{
    const mn_registry_person *person = mn_session_person(session);
    change->person = session->person;
    memcpy(change->card, session->card, sizeof change->card);
    change->version = person->password_version + 1;
    change->argon2 = person->argon2;
    mn_random_bytes(change->argon2.salt, sizeof change->argon2.salt);
}

mnsec_status mnsec_password_change(mnsec_session *session)
{
    MN_AUTO(mn_authority) authority = {0};
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_PASSWORD_CHANGE));
    if (!mn_session_person(session)) {
        return mn_fail(&session->context->err, MNSEC_E_STATE_LOCKED, "the person was withdrawn");
    }
    mn_person_key_owner owner = {
        .facility = session->opened->workstation.facility,
        .person = session->person,
    };
    memcpy(owner.card, session->card, sizeof owner.card);
    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_login_card_secret(session, &card_secret));
    MN_TRY(prove_password(session, &owner, &card_secret));
    MN_TRY(mn_secret_ask_new(session->context, MNSEC_SECRET_NEW_PASSWORD, session->name,
                             mn_registry_founding(session->opened->registry)->name, &password));
    state_change(session, &authority.statement->u.password);
    MN_TRY(mn_authority_enter(&authority, NULL));
    return mn_authority_leave(&authority, rewrap(&authority, &owner, &card_secret, &password));
}

/* --- a department's ------------------------------------------------------------------------------
 */

static mnsec_status find_department(const mnsec_session *session, const mnsec_id *id,
                                    const mn_registry_department **out_department)
{
    *out_department = id ? mn_registry_department_get(session->opened->registry, id) : NULL;
    return *out_department ? MNSEC_OK
                           : mn_fail(&session->context->err, MNSEC_E_STATE_NOT_FOUND,
                                     "there is no such department");
}

/* The next versions: after a withdrawal the department's secret is renewed too. */
static void state_operation(const mn_registry_department *department, bool recovered,
                            mn_operation_change *change)
{
    change->versions = department->versions;
    change->versions.wrap_version++;
    if (department->operation_password_due) {
        change->versions.o_version++;
        change->versions.s_version++;
    }
    mn_random_bytes(change->versions.argon2.salt, sizeof change->versions.argon2.salt);
    change->recovered = recovered;
}

static mnsec_status wrap(mn_authority *authority, bool is_due, const mn_secret *operation,
                         const mn_secret *password)
{
    mn_opened *opened = authority->session->opened;
    const mn_department_versions *next = &authority->statement->u.operation.versions;
    return is_due ? mn_vault_group_renew_operation(&opened->vault, &authority->guard.txn, next,
                                                   operation,
                                                   mn_registry_recovery(opened->registry), password)
                  : mn_vault_group_wrap_operation(&opened->vault, &authority->guard.txn, next,
                                                  operation, password);
}

/* Shares that do not fit are a guess at the department's secrets: in the log like any other. */
static mnsec_status open_by_recovery(mn_authority *authority,
                                     const mn_registry_department *department,
                                     mn_secret *out_operation)
{
    mn_opened *opened = authority->session->opened;
    MN_AUTO(mn_secret) private_key = {0};
    MN_AUTO(mn_secret) group = {0};
    const mnsec_status joined = mn_recovery_open(
        authority->session, authority->has_second ? &authority->second : NULL, &private_key);
    if (joined == MNSEC_E_DENIED) {
        return mn_guard_refuse(authority->session, &authority->request, joined, "recovery-share");
    }
    MN_TRY(joined);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_vault_recovery_open(&opened->vault, &txn, mn_registry_recovery(opened->registry),
                                  &private_key, &department->versions, &group, out_operation);
}

static mnsec_status change_operation(mn_authority *authority,
                                     const mn_registry_department *department, bool recovered)
{
    mnsec_session *session = authority->session;
    const bool is_due = department->operation_password_due;
    const mnsec_id id = department->id;
    authority->request.department = &id;
    MN_TRY(mn_guard_may(session, &authority->request)); /* before a password is tried */
    MN_AUTO(mn_secret) operation = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(recovered ? open_by_recovery(authority, department, &operation)
                     : mn_recovery_open_operation(session, department, &operation));
    MN_TRY(mn_secret_ask_new(session->context, MNSEC_SECRET_NEW_OPERATION, department->name,
                             mn_registry_founding(session->opened->registry)->name, &password));
    state_operation(department, recovered, &authority->statement->u.operation);
    MN_TRY(mn_authority_enter(authority, &id));
    return mn_authority_leave(authority, wrap(authority, is_due, &operation, &password));
}

mnsec_status mnsec_password_operation(mnsec_session *session, const mnsec_id *department)
{
    MN_AUTO(mn_authority) authority = {0};
    const mn_registry_department *known = NULL;
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_PASSWORD_OPERATION));
    MN_TRY(find_department(session, department, &known));
    return change_operation(&authority, known, false);
}

/* Does any share stand on paper? */
static bool has_paper(const mn_recovery *recovery)
{
    static const uint8_t nobody[32];
    for (size_t i = 0; i < recovery->holder_count; i++) {
        if (memcmp(recovery->holders[i], nobody, sizeof nobody) == 0) {
            return true;
        }
    }
    return false;
}

mnsec_status mnsec_password_recover(mnsec_session *session, const mnsec_id *department,
                                    const char *second)
{
    MN_AUTO(mn_authority) authority = {0};
    const mn_registry_department *known = NULL;
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_PASSWORD_OPERATION));
    MN_TRY(find_department(session, department, &known));
    if (session->role != MNSEC_ROLE_RESPONSIBLE) {
        return mn_fail(&session->context->err, MNSEC_E_DENIED,
                       "only responsible persons hold recovery shares");
    }
    if (second || !has_paper(mn_registry_recovery(session->opened->registry))) {
        MN_TRY(mn_authority_invite(&authority, second));
    }
    return change_operation(&authority, known, true);
}
