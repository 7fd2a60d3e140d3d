/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and renewing the recovery key. Two shares open everything, so they come together only
 * here and are wiped at once; what is needed of a department is its O_d, G_d the operator has.
 */
#include "api/api_recovery.h"

#include <string.h>

#include "api/api_backoff.h"
#include "api/api_login.h"
#include "crypto/secret/p256.h"
#include "session/person_key.h"
#include "vault/vault_share.h"

#define SHARES 2

void mn_recovery_renewal_wipe(mn_recovery_renewal *renewal)
{
    mn_secret_wipe(&renewal->private_key);
    for (size_t i = 0; i < MN_STATEMENT_MAX_DEPARTMENTS; i++) {
        mn_secret_wipe(&renewal->operations[i]);
    }
    *renewal = (mn_recovery_renewal){0};
}

/* --- two shares ----------------------------------------------------------------------------------
 */

typedef struct share_pair {
    mn_secret shares[SHARES];
} share_pair;

static void share_pair_wipe(share_pair *pair)
{
    for (size_t i = 0; i < SHARES; i++) {
        mn_secret_wipe(&pair->shares[i]);
    }
}

static mnsec_status try_second(mnsec_session *session, mn_party *second,
                               const mn_registry_person *person, const mn_secret *password,
                               mn_secret *out_work)
{
    mn_opened *opened = session->opened;
    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_card_binding) binding = {0};
    MN_TRY(mn_card_binding_decode(mn_buf_view(&person->enrolment->binding), &binding));
    MN_TRY(mn_card_secret(second->worker, &binding, &card_secret));

    mn_person_key_owner owner = {
        .facility = opened->workstation.facility,
        .person = person->enrolment->person,
    };
    memcpy(owner.card, second->card, sizeof owner.card);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_person_key_open_work(&txn, opened->keyring, &owner, &card_secret, password,
                                   &person->argon2, person->password_version, out_work);
}

/* The second person's work key: his card is logged in, his password is asked for. */
static mnsec_status open_second_work(mnsec_session *session, mn_party *second, mn_secret *out_work)
{
    mn_opened *opened = session->opened;
    const mn_registry_person *person = mn_registry_person_by_card(opened->registry, second->card);
    if (!person || person->withdrawn) {
        return mn_fail(opened->err, MNSEC_E_DENIED, "the second card is not enrolled");
    }
    const mnsec_secret_request request = {
        .kind = MNSEC_SECRET_SECOND_PASSWORD,
        .subject = person->enrolment->name,
        .attempt = 1,
    };
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_backoff_check(opened, second->card, NULL));
    MN_TRY(mn_secret_ask(session->context, &request, &password));
    const mnsec_status status = try_second(session, second, person, &password, out_work);
    return status == MNSEC_E_DENIED_LOGIN
               ? mn_login_note_wrong(session, second->card, &person->enrolment->person)
               : status;
}

static mnsec_status card_share(mnsec_session *session, const uint8_t card[32],
                               const mn_secret *work, mn_secret *out_share)
{
    mn_opened *opened = session->opened;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_vault_recovery_share(&opened->vault, &txn, mn_registry_recovery(opened->registry),
                                   card, work, out_share);
}

static mnsec_status paper_share(mnsec_session *session, mn_secret *out_share)
{
    const mnsec_secret_request request = {
        .kind = MNSEC_SECRET_SHARE,
        .subject = "recovery share",
        .attempt = 1,
    };
    MN_AUTO(mn_secret) text = {0};
    MN_TRY(mn_secret_ask(session->context, &request, &text));
    if (mn_vault_share_parse(&text, out_share) != MNSEC_OK) {
        return mn_fail(&session->context->err, MNSEC_E_USAGE_FORMAT,
                       "the recovery share is mistyped");
    }
    return MNSEC_OK;
}

mnsec_status mn_recovery_open(mnsec_session *session, mn_party *second, mn_secret *out_private)
{
    MN_AUTO(share_pair) pair = {0};
    MN_TRY(card_share(session, session->card, &session->work, &pair.shares[0]));
    if (second) {
        MN_AUTO(mn_secret) work = {0};
        MN_TRY(open_second_work(session, second, &work));
        MN_TRY(card_share(session, second->card, &work, &pair.shares[1]));
    } else {
        MN_TRY(paper_share(session, &pair.shares[1]));
    }
    return mn_vault_recovery_join(&session->opened->vault,
                                  mn_registry_recovery(session->opened->registry), pair.shares,
                                  SHARES, out_private);
}

/* --- renewal: before the statement ---------------------------------------------------------------
 */

static mnsec_status open_by_shares(mn_authority *authority, mn_recovery_renewal *renewal)
{
    mn_opened *opened = authority->session->opened;
    MN_AUTO(mn_secret) private_key = {0};
    MN_TRY(mn_recovery_open(authority->session, &authority->second, &private_key));
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    for (size_t i = 0; i < renewal->department_count; i++) {
        MN_AUTO(mn_secret) group = {0};
        MN_TRY(mn_vault_recovery_open(&opened->vault, &txn, mn_registry_recovery(opened->registry),
                                      &private_key,
                                      &mn_registry_department_at(opened->registry, i)->versions,
                                      &group, &renewal->operations[i]));
    }
    return MNSEC_OK;
}

static mnsec_status try_operation(mnsec_session *session, const mn_registry_department *department,
                                  const mn_secret *password, mn_secret *out_operation)
{
    mn_opened *opened = session->opened;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_vault_group_open_operation(&opened->vault, &txn, &department->versions, password,
                                         out_operation);
}

mnsec_status mn_recovery_open_operation(mnsec_session *session,
                                        const mn_registry_department *department,
                                        mn_secret *out_operation)
{
    const mnsec_secret_request request = {
        .kind = MNSEC_SECRET_OPERATION,
        .subject = department->name,
        .attempt = 1,
    };
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_backoff_check(session->opened, session->card, &department->id));
    MN_TRY(mn_secret_ask(session->context, &request, &password));
    const mnsec_status status = try_operation(session, department, &password, out_operation);
    return status == MNSEC_E_DENIED_OPERATION_PASSWORD
               ? mn_session_note_wrong(session, &department->id, status)
               : status;
}

static mnsec_status open_by_passwords(mn_authority *authority, mn_recovery_renewal *renewal)
{
    const mn_registry *registry = authority->session->opened->registry;
    for (size_t i = 0; i < renewal->department_count; i++) {
        MN_TRY(mn_recovery_open_operation(
            authority->session, mn_registry_department_at(registry, i), &renewal->operations[i]));
    }
    return MNSEC_OK;
}

static mnsec_status add_holder(mn_recovery_renewal *renewal, const mn_vault_member *holder)
{
    if (renewal->holder_count == MN_STATEMENT_MAX_HOLDERS) {
        return MNSEC_E_USAGE;
    }
    memcpy(renewal->recovery.holders[renewal->holder_count], holder->card, sizeof holder->card);
    renewal->holders[renewal->holder_count++] = *holder;
    return MNSEC_OK;
}

static mnsec_status list_holders(const mn_registry *registry, const mnsec_id *leaving,
                                 const mn_vault_member *newcomer, mn_recovery_renewal *renewal)
{
    for (size_t i = 0; i < mn_registry_person_count(registry); i++) {
        const mn_registry_person *person = mn_registry_person_at(registry, i);
        const mn_enrolment *enrolment = person->enrolment;
        if (person->withdrawn || enrolment->role != MNSEC_ROLE_RESPONSIBLE ||
            (leaving && mnsec_id_equal(&enrolment->person, leaving))) {
            continue;
        }
        mn_vault_member holder;
        memcpy(holder.card, enrolment->card, sizeof holder.card);
        memcpy(holder.work, enrolment->work, sizeof holder.work);
        MN_TRY(add_holder(renewal, &holder));
    }
    return newcomer ? add_holder(renewal, newcomer) : MNSEC_OK;
}

mnsec_status mn_recovery_prepare(mn_authority *authority, const mnsec_id *leaving,
                                 const mn_vault_member *newcomer, mn_recovery_renewal *out_renewal)
{
    mn_opened *opened = authority->session->opened;
    const mn_recovery *former = mn_registry_recovery(opened->registry);
    out_renewal->recovery = (mn_recovery){.version = former->version + 1, .threshold = SHARES};
    out_renewal->department_count = mn_registry_department_count(opened->registry);
    if (list_holders(opened->registry, leaving, newcomer, out_renewal) != MNSEC_OK) {
        return mn_fail(opened->err, MNSEC_E_USAGE, "there are too many responsible persons");
    }
    /* One card alone could never give the key back: its second share goes on paper. */
    out_renewal->recovery.holder_count =
        out_renewal->holder_count < SHARES ? SHARES : out_renewal->holder_count;
    MN_TRY(mn_p256_generate(&out_renewal->private_key, out_renewal->recovery.key));
    return authority->has_second ? open_by_shares(authority, out_renewal)
                                 : open_by_passwords(authority, out_renewal);
}

/* --- renewal: with the statement -----------------------------------------------------------------
 */

mnsec_status mn_recovery_apply(mn_authority *authority, const mn_recovery_renewal *renewal,
                               const mn_department_versions *versions, const mn_secret *groups)
{
    mn_opened *opened = authority->session->opened;
    mn_store_txn *txn = &authority->guard.txn;
    const size_t sheets = renewal->recovery.holder_count - renewal->holder_count;
    MN_AUTO(mn_secret) paper = {0};
    MN_TRY(mn_vault_recovery_share_out(&opened->vault, txn, &renewal->recovery,
                                       &renewal->private_key, renewal->holders,
                                       renewal->holder_count, &paper));
    for (size_t i = 0; i < renewal->department_count; i++) {
        MN_TRY(mn_vault_recovery_reseal(&opened->vault, txn, &renewal->recovery, &versions[i],
                                        &groups[i], &renewal->operations[i]));
    }
    if (sheets == 0) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_secret) text = {0};
    MN_TRY(mn_vault_share_format(&paper, &text));
    return mn_context_notice(authority->session->context, MNSEC_NOTICE_SHOW_SHARE,
                             mn_registry_founding(opened->registry)->name,
                             (const char *)text.bytes);
}
