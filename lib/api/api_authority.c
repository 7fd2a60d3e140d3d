/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed statements from the registry's question to the committed entry. What each says is built in
 * api_staff.c, api_grant.c and api_password.c; whether it counts is the registry's to judge, here
 * before it is signed and at every opening after.
 */
#include "api/api_authority.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "api/api_swap.h"

#define LOCK_NAME "administration.lock"

void mn_authority_wipe(mn_authority *authority)
{
    mn_guard_wipe(&authority->guard);
    if (authority->session) {
        mn_swap_cancel(authority->session);
    }
    mn_party_wipe(&authority->newcomer);
    mn_party_wipe(&authority->second);
    mn_statement_free(authority->statement);
    mn_buf_wipe(&authority->document);
    if (authority->lock > 0) {
        close(authority->lock - 1);
    }
    memset(authority, 0, sizeof *authority);
}

static mnsec_status take_lock(mn_authority *authority, mnsec_context *context)
{
    MN_AUTO(mn_buf) path = {0};
    MN_TRY(mn_buf_printf(&path, "%s/" LOCK_NAME, context->facility));
    const int lock = open(mn_buf_text(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        return mn_fail_native(&context->err, MNSEC_E_STORE, errno, "cannot open %s",
                              mn_buf_text(&path));
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock);
        return mn_fail_native(&context->err, MNSEC_E_STORE_BUSY, errno,
                              "another responsible person is changing the facility");
    }
    authority->lock = lock + 1;
    return MNSEC_OK;
}

mnsec_status mn_authority_begin(mn_authority *authority, mnsec_session *session,
                                mn_statement_kind kind)
{
    MN_TRY(mn_session_enter(session));
    MN_TRY(take_lock(authority, session->context));
    authority->session = session;
    MN_TRY(mn_opened_catch_up(session->opened));
    MN_TRY(mn_statement_new(kind, &authority->statement));
    authority->request = (mn_guard_request){
        .action = mn_action_of(mn_statement_event(kind)),
        .bodies = &authority->body,
        .body_count = 1,
    };
    /* What needs a grant of a department is judged when the department is known. */
    return mn_action_rule_of(authority->request.action) == MN_ACTION_RULE_RESPONSIBLE
               ? mn_guard_may(session, &authority->request)
               : MNSEC_OK;
}

/* --- the second responsible person ---------------------------------------------------------------
 */

static bool is_other_responsible(const void *user, const mn_card_info *card)
{
    const mnsec_session *session = user;
    const mn_registry_person *person =
        mn_registry_person_by_card(session->opened->registry, card->spki_hash);
    return person && !person->withdrawn && person->enrolment->role == MNSEC_ROLE_RESPONSIBLE &&
           !mnsec_id_equal(&person->enrolment->person, &session->person);
}

void mn_authority_announce(void *session)
{
    mn_swap_begin(session);
}

mnsec_status mn_authority_second(mn_authority *authority, const char *card)
{
    const mnsec_session *session = authority->session;
    const unsigned needed =
        mn_registry_needs(session->opened->registry, authority->statement, &session->person);
    authority->second_signs = needed > 1;
    return needed > 1 ? mn_authority_invite(authority, card) : MNSEC_OK;
}

static mn_party_wanted second_of(const mnsec_session *session, const char *card)
{
    return (mn_party_wanted){
        .workstation = &session->opened->workstation,
        .card = card,
        .subject = "a second responsible person",
        .fits = is_other_responsible,
        .fits_user = session,
    };
}

mnsec_status mn_authority_invite(mn_authority *authority, const char *card)
{
    mnsec_session *session = authority->session;
    const mn_party_wanted wanted = second_of(session, card);
    MN_TRY(mn_party_find(session->context, &wanted, mn_authority_announce, session,
                         &authority->second));
    authority->has_second = true;
    return mn_party_login(&authority->second, MNSEC_SECRET_SECOND_PIN);
}

static mnsec_status ask_registry(const mn_authority *authority)
{
    uint8_t signers[1 + MN_GUARD_MAX_COSIGNERS][32];
    size_t count = 0;
    memcpy(signers[count++], authority->session->card, 32);
    if (authority->has_newcomer) {
        memcpy(signers[count++], authority->newcomer.card, 32);
    }
    if (authority->second_signs) {
        memcpy(signers[count++], authority->second.card, 32);
    }
    return mn_registry_may(authority->session->opened->registry, authority->statement,
                           (const uint8_t(*)[32])signers, count);
}

/* --- signing -------------------------------------------------------------------------------------
 */

/* With one reader a card may have left for the next one's. The second person's came last, so it
 * signs first, whatever the order of the signatures. */
static mnsec_status cosign(void *user, mn_bytes statement, mn_audit_signature *out_signatures,
                           size_t *out_count)
{
    mn_authority *authority = user;
    mnsec_session *session = authority->session;
    const size_t newcomers = authority->has_newcomer ? 1 : 0;
    const size_t count = newcomers + (authority->second_signs ? 1 : 0);
    if (authority->second_signs) {
        const mn_party_wanted wanted = second_of(session, NULL);
        MN_TRY(mn_party_again(&authority->second, &wanted, mn_authority_announce, session,
                              MNSEC_SECRET_SECOND_PIN));
        MN_TRY(mn_party_sign(&authority->second, statement, &out_signatures[newcomers]));
    }
    if (authority->has_newcomer) {
        const mn_party_wanted wanted = {
            .workstation = &session->opened->workstation,
            .subject = authority->statement->u.enrol.enrolment.name,
        };
        MN_TRY(mn_party_again(&authority->newcomer, &wanted, mn_authority_announce, session,
                              MNSEC_SECRET_NEW_PIN));
        MN_TRY(mn_party_sign(&authority->newcomer, statement, &out_signatures[0]));
    }
    *out_count = count;
    /* The operator's card signs last: where the cards were changed it comes back now. */
    return mn_swap_end(authority->session);
}

mnsec_status mn_authority_enter(mn_authority *authority, const mnsec_id *department)
{
    mnsec_session *session = authority->session;
    authority->request.department = department;
    const mnsec_status accepted = ask_registry(authority);
    if (accepted != MNSEC_OK) {
        return mn_guard_refuse(session, &authority->request, accepted, "registry");
    }
    MN_TRY(mn_statement_encode(authority->statement, &authority->document));
    authority->body.authority = mn_buf_view(&authority->document);
    if (authority->has_second) {
        authority->body.card2 = authority->second.card;
        authority->body.actor2 =
            &mn_registry_person_by_card(session->opened->registry, authority->second.card)
                 ->enrolment->person;
    }
    if (authority->has_newcomer || authority->has_second) {
        authority->request.cosign = cosign;
        authority->request.cosign_user = authority;
    }
    if (authority->has_newcomer) {
        authority->request.certificate = mn_buf_view(&authority->newcomer.certificate);
    }
    return mn_guard_enter(&authority->guard, session, &authority->request);
}

mnsec_status mn_authority_leave(mn_authority *authority, mnsec_status acted)
{
    return mn_guard_leave(&authority->guard, acted);
}
