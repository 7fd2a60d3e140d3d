/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in: card key -> card secret -> door key -> facility PIN -> token -> password secret ->
 * work key, then the log-in entry signed by the card. One PIN check, one secret operation and one
 * signature on the card; one log-in and one MAC on the token. Whose turn it is to wait says
 * api_backoff.c.
 */
#include "api/api_login.h"

#include <stdio.h>
#include <string.h>

#include "api/api_backoff.h"
#include "api/api_guard.h"
#include "api/api_party.h"
#include "session/person_key.h"

/* --- which card ----------------------------------------------------------------------------------
 */

static bool is_person(const mn_registry_person *person, const char *wanted)
{
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&person->enrolment->person, id);
    return !wanted || strcmp(person->enrolment->name, wanted) == 0 || strcmp(id, wanted) == 0;
}

/* NULL where the card may log its person in, else the cause. */
static const char *why_not(const mnsec_session *session, const mn_registry_person *person,
                           const char *wanted)
{
    const int64_t now = mn_clock_now(session->opened->clock);
    if (!person) {
        return "unknown-card";
    }
    if (person->withdrawn) {
        return "withdrawn";
    }
    if (!is_person(person, wanted)) {
        return "other-person";
    }
    if (now < person->enrolment->valid_from ||
        (person->enrolment->valid_until != 0 && now >= person->enrolment->valid_until)) {
        return "not-valid";
    }
    return NULL;
}

static mnsec_status note_failure(mnsec_session *session, const uint8_t card[32],
                                 const mnsec_id *person, const char *reason)
{
    mn_guard_entry entry = {
        .action = MN_ACTION_SESSION_LOGIN_FAILED,
        .auth = MN_AUDIT_AUTH_NONE,
        .outcome = MN_AUDIT_MINOR,
        .body = {.card = card, .actor = person, .reason = reason},
    };
    mn_guard_entry_fill(session->opened, &entry.body);
    return mn_guard_entry_append(session->opened, &entry, NULL);
}

static void take_card(mnsec_session *session, const mn_card_info *card,
                      const mn_registry_person *person)
{
    const mn_enrolment *enrolment = person->enrolment;
    session->person = enrolment->person;
    session->role = enrolment->role;
    memcpy(session->card, enrolment->card, sizeof session->card);
    memcpy(session->certificate, enrolment->certificate, sizeof session->certificate);
    snprintf(session->name, sizeof session->name, "%s", enrolment->name);
    snprintf(session->card_label, sizeof session->card_label, "%s", card->label);
    session->pin_pad = card->pin_pad;
    session->pin_count_low = card->pin_count_low;
    session->pin_final_try = card->pin_final_try;
    session->pin_locked = card->pin_locked;
}

static mnsec_status choose(mnsec_session *session, const mnsec_session_options *options,
                           const mn_party_cards *list)
{
    mn_error *err = session->opened->err;
    const mn_card_info *chosen = NULL;
    const mn_card_info *refused = NULL;
    const char *cause = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const mn_card_info *card = &list->cards[i];
        if (!mn_party_is_named(card, options->card)) {
            continue;
        }
        const mn_registry_person *person =
            mn_registry_person_by_card(session->opened->registry, card->spki_hash);
        const char *why = why_not(session, person, options->person);
        if (why) {
            refused = card;
            cause = why;
            continue;
        }
        if (chosen) {
            return mn_fail(err, MNSEC_E_CARD_AMBIGUOUS,
                           "several enrolled cards are inserted; name one of them");
        }
        chosen = card;
        take_card(session, card, person);
    }
    if (chosen) {
        return MNSEC_OK;
    }
    if (!refused) {
        return mn_fail(err, MNSEC_E_CARD_ABSENT, "no such card is inserted");
    }
    MN_TRY(note_failure(session, refused->spki_hash, NULL, cause));
    return mn_fail(err, MNSEC_E_DENIED_LOGIN, "log-in refused");
}

mnsec_status mn_login_choose(mnsec_session *session, const mnsec_session_options *options)
{
    MN_AUTO(mn_party_cards) list = {0};
    MN_TRY(mn_card_list(session->worker, list.cards, &list.count));
    if (list.count == 0) {
        return mn_fail(session->opened->err, MNSEC_E_CARD_ABSENT, "no card is inserted");
    }
    return choose(session, options, &list);
}

/* --- what opens ----------------------------------------------------------------------------------
 */

static mn_person_key_owner owner_of(const mnsec_session *session)
{
    mn_person_key_owner owner = {
        .facility = session->opened->workstation.facility,
        .person = session->person,
    };
    memcpy(owner.card, session->card, sizeof owner.card);
    return owner;
}

mnsec_status mn_login_card_secret(mnsec_session *session, mn_secret *out_secret)
{
    const mn_registry_person *person = mn_session_person(session);
    if (!person) {
        return mn_fail(session->opened->err, MNSEC_E_DENIED_LOGIN, "log-in refused");
    }
    MN_AUTO(mn_card_binding) binding = {0};
    MN_TRY(mn_card_binding_decode(mn_buf_view(&person->enrolment->binding), &binding));
    session->method = binding.method;
    return mn_card_secret(session->worker, &binding, out_secret);
}

static mnsec_status read_pins(mnsec_session *session, const mn_secret *card_secret,
                              uint64_t version, mn_secret *out_pin, mn_secret *out_former)
{
    const mn_person_key_owner owner = owner_of(session);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) door = {0};
    MN_TRY(mn_store_begin(session->opened->store, MN_STORE_READ, &txn));
    MN_TRY(mn_person_key_open_door(&txn, &owner, card_secret, &door));
    MN_TRY(mn_person_key_open_pin(&txn, &owner, &door, version, out_pin));
    const mnsec_status former =
        mn_person_key_open_pin(&txn, &owner, &door, version - 1, out_former);
    return former == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : former;
}

mnsec_status mn_login_token(mnsec_session *session, const mn_secret *card_secret)
{
    mn_opened *opened = session->opened;
    const uint64_t version = mn_registry_facility_pin_version(opened->registry);
    MN_AUTO(mn_secret) pin = {0};
    MN_AUTO(mn_secret) former = {0};
    MN_TRY(read_pins(session, card_secret, version, &pin, &former));

    const mnsec_status status = mn_keyring_login(opened->keyring, &pin, &opened->passport);
    if (status != MNSEC_E_TOKEN_PIN || mn_secret_is_empty(&former)) {
        return status;
    }
    /* The change to this PIN was committed, but the token was not told: once with the former one.
     */
    mn_error_clear(opened->err);
    MN_TRY(mn_keyring_login(opened->keyring, &former, &opened->passport));
    return mn_keyring_set_pin(opened->keyring, &former, &pin);
}

mnsec_status mn_login_facility_pin(mnsec_session *session, mn_secret *out_pin)
{
    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_secret) former = {0};
    MN_TRY(mn_login_card_secret(session, &card_secret));
    return read_pins(session, &card_secret,
                     mn_registry_facility_pin_version(session->opened->registry), out_pin, &former);
}

static mnsec_status open_work(mnsec_session *session, const mn_secret *card_secret,
                              const mn_secret *password)
{
    const mn_registry_person *person = mn_session_person(session);
    const mn_person_key_owner owner = owner_of(session);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(session->opened->store, MN_STORE_READ, &txn));
    return mn_person_key_open_work(&txn, session->opened->keyring, &owner, card_secret, password,
                                   &person->argon2, person->password_version, &session->work);
}

/* --- the attempt ---------------------------------------------------------------------------------
 */

/* Causes that the person is told as they are: they are about handling the card, or not his doing.
 */
static bool is_told(mnsec_status status)
{
    switch (status) {
    case MNSEC_E_CARD_PIN:
    case MNSEC_E_DENIED_LOGIN:
    case MNSEC_E_INTEGRITY: /* a box that does not open */
        return false;
    default:
        return true;
    }
}

static const char *cause_of(mnsec_status status, const char *step)
{
    if (status == MNSEC_E_CARD_PIN) {
        return "pin";
    }
    return status == MNSEC_E_DENIED_LOGIN ? step : mnsec_status_name(status);
}

static mnsec_status try_keys(mnsec_session *session, const mn_secret *pin,
                             const mn_secret *password, const char **out_step)
{
    MN_AUTO(mn_secret) card_secret = {0};
    *out_step = "card";
    MN_TRY(mn_card_login(session->worker, session->card, pin, session->pin_final_try));
    MN_TRY(mn_login_card_secret(session, &card_secret));
    MN_TRY(mn_login_token(session, &card_secret));
    *out_step = "password";
    return open_work(session, &card_secret, password);
}

static mnsec_status note_attempt(mnsec_session *session, const uint8_t card[32],
                                 const mnsec_id *person)
{
    mn_guard_entry entry = {
        .action = MN_ACTION_SESSION_ATTEMPT,
        .auth = MN_AUDIT_AUTH_NONE,
        .outcome = MN_AUDIT_SUCCESS,
        .body = {.card = card, .actor = person},
    };
    mn_guard_entry_fill(session->opened, &entry.body);
    return mn_guard_entry_append(session->opened, &entry, NULL);
}

/* The failed attempt goes to the log; the token, where it was reached, remembers it too. */
static mnsec_status fail_attempt(mnsec_session *session, mnsec_status status, const char *step)
{
    mn_opened *opened = session->opened;
    const mn_error kept = *opened->err;
    mn_error_clear(opened->err);
    MN_TRY(note_failure(session, session->card, &session->person, cause_of(status, step)));
    if (mn_keyring_is_logged_in(opened->keyring)) {
        MN_TRY(mn_opened_checkpoint(opened, true));
    }
    if (is_told(status)) {
        *opened->err = kept;
        return status;
    }
    mn_error_clear(opened->err);
    return mn_fail(opened->err, MNSEC_E_DENIED_LOGIN, "log-in refused");
}

mnsec_status mn_login_note_wrong(mnsec_session *session, const uint8_t card[32],
                                 const mnsec_id *person)
{
    const mn_error kept = *session->opened->err;
    mn_error_clear(session->opened->err);
    MN_TRY(note_attempt(session, card, person));
    MN_TRY(note_failure(session, card, person, "password"));
    MN_TRY(mn_opened_checkpoint(session->opened, true));
    *session->opened->err = kept;
    return MNSEC_E_DENIED_LOGIN;
}

static mnsec_status note_login(mnsec_session *session)
{
    mn_guard_entry entry = {
        .action = MN_ACTION_SESSION_LOGIN,
        .auth = MN_AUDIT_AUTH_CARD,
        .body = {.actor = &session->person, .card = session->card},
        .signer = session,
    };
    mn_guard_entry_fill(session->opened, &entry.body);
    return mn_guard_entry_append(session->opened, &entry, &session->log.ses);
}

/* The last try is spent only with the person's consent. */
static mnsec_status consent(mnsec_session *session)
{
    mnsec_context *context = session->context;
    if (session->pin_locked) {
        return mn_fail(&context->err, MNSEC_E_CARD_BLOCKED, "the card's PIN is blocked");
    }
    if (session->pin_final_try &&
        mn_context_notice(context, MNSEC_NOTICE_FINAL_TRY, session->card_label, NULL) != MNSEC_OK) {
        mn_error_clear(&context->err);
        return mn_fail(&context->err, MNSEC_E_CARD_FINAL_TRY,
                       "only one PIN try is left on this card");
    }
    return MNSEC_OK;
}

static mnsec_status ask(mnsec_session *session, mn_secret *out_pin, mn_secret *out_password)
{
    mnsec_secret_request request = {
        .kind = MNSEC_SECRET_PIN,
        .subject = session->card_label,
        .attempt = 1,
        .count_low = session->pin_count_low,
        .final_try = session->pin_final_try,
    };
    if (!session->pin_pad) {
        MN_TRY(mn_secret_ask(session->context, &request, out_pin));
    }
    request.kind = MNSEC_SECRET_PASSWORD;
    request.subject = session->name;
    return mn_secret_ask(session->context, &request, out_password);
}

mnsec_status mn_login_run(mnsec_session *session)
{
    mn_opened *opened = session->opened;
    MN_TRY(mn_backoff_check(opened, session->card, NULL));
    MN_AUTO(mn_secret) pin = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(consent(session));
    MN_TRY(ask(session, &pin, &password));
    /* Once more: many may have been asked at the same time. */
    MN_TRY(mn_backoff_check(opened, session->card, NULL));

    MN_TRY(note_attempt(session, session->card, &session->person));
    const char *step = "";
    const mnsec_status status =
        try_keys(session, mn_secret_is_empty(&pin) ? NULL : &pin, &password, &step);
    if (status != MNSEC_OK) {
        return fail_attempt(session, status, step);
    }
    return note_login(session);
}

mnsec_status mn_login_again(mnsec_session *session)
{
    MN_AUTO(mn_secret) pin = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_secret) card_secret = {0};
    MN_TRY(consent(session));
    MN_TRY(ask(session, &pin, &password));
    MN_TRY(note_attempt(session, session->card, &session->person));
    const char *step = "card";
    mnsec_status status =
        mn_card_login(session->worker, session->card, mn_secret_is_empty(&pin) ? NULL : &pin,
                      session->pin_final_try);
    if (status == MNSEC_OK) {
        status = mn_login_card_secret(session, &card_secret);
    }
    if (status == MNSEC_OK) {
        step = "password";
        status = open_work(session, &card_secret, &password);
    }
    return status == MNSEC_OK ? MNSEC_OK : fail_attempt(session, status, step);
}
