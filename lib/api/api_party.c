/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding and using another person's card. A card is known by the hash of its public key; the label
 * only helps a person to name it. Who may sign what is judged by the registry, not here.
 */
#include "api/api_party.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"

/* The host is asked so often to have the card inserted before the call gives up. */
#define NOTICES      3
#define PIN_ATTEMPTS 3

void mn_party_wipe(mn_party *party)
{
    mn_card_worker_free(party->worker);
    mn_buf_wipe(&party->certificate);
    *party = (mn_party){0};
}

void mn_party_cards_wipe(mn_party_cards *list)
{
    for (size_t i = 0; i < list->count; i++) {
        mn_card_info_wipe(&list->cards[i]);
    }
    list->count = 0;
}

bool mn_party_is_named(const mn_card_info *card, const char *wanted)
{
    if (!wanted || strcmp(card->label, wanted) == 0) {
        return true;
    }
    MN_AUTO(mn_buf) hex = {0};
    return mn_base64_hex_append(&hex, card->spki_hash, sizeof card->spki_hash) == MNSEC_OK &&
           strcmp(mn_buf_text(&hex), wanted) == 0;
}

static mnsec_status take(mn_party *party, mn_card_info *card)
{
    mn_x509_info info;
    MN_TRY(mn_x509_read(mn_buf_view(&card->certificate), &info));
    if (card->pin_locked) {
        return mn_fail(&party->context->err, MNSEC_E_CARD_BLOCKED, "the card's PIN is blocked");
    }
    memcpy(party->card, card->spki_hash, sizeof party->card);
    memcpy(party->fingerprint, info.fingerprint, sizeof party->fingerprint);
    snprintf(party->label, sizeof party->label, "%s", card->label);
    party->pin_pad = card->pin_pad;
    party->pin_count_low = card->pin_count_low;
    party->pin_final_try = card->pin_final_try;
    mn_buf_move(&party->certificate, &card->certificate);
    return MNSEC_OK;
}

static mnsec_status look(mn_party *party, const mn_party_wanted *wanted)
{
    MN_AUTO(mn_party_cards) list = {0};
    MN_TRY(mn_card_list(party->worker, list.cards, &list.count));
    mn_card_info *found = NULL;
    for (size_t i = 0; i < list.count; i++) {
        mn_card_info *card = &list.cards[i];
        if (!mn_party_is_named(card, wanted->card) ||
            (wanted->fits && !wanted->fits(wanted->fits_user, card))) {
            continue;
        }
        if (found) {
            return mn_fail(&party->context->err, MNSEC_E_CARD_AMBIGUOUS,
                           "more than one inserted card fits; name it");
        }
        found = card;
    }
    return found ? take(party, found) : MNSEC_E_CARD_ABSENT;
}

mnsec_status mn_party_find(mnsec_context *context, const mn_party_wanted *wanted,
                           void (*before_notice)(void *user), void *user, mn_party *out_party)
{
    MN_AUTO(mn_party) party = {.context = context};
    MN_TRY(mn_workstation_start_worker(wanted->workstation, context->card_worker, &context->err,
                                       &party.worker));
    mnsec_status status = look(&party, wanted);
    for (int notices = 0; status == MNSEC_E_CARD_ABSENT && notices < NOTICES; notices++) {
        if (notices == 0 && before_notice) {
            before_notice(user);
        }
        mn_error_clear(&context->err);
        MN_TRY(mn_context_notice(context, MNSEC_NOTICE_INSERT_CARD, wanted->subject, wanted->card));
        status = look(&party, wanted);
    }
    if (status != MNSEC_OK) {
        return mn_fail(&context->err, status, "the card of %s is not there", wanted->subject);
    }
    *out_party = party;
    party = (mn_party){0};
    return MNSEC_OK;
}

static mnsec_status try_login(mn_party *party, mnsec_secret_kind kind, unsigned attempt)
{
    mnsec_context *context = party->context;
    MN_AUTO(mn_secret) pin = {0};
    if (!party->pin_pad) {
        const mnsec_secret_request request = {
            .kind = kind,
            .subject = party->label,
            .attempt = attempt,
            .count_low = party->pin_count_low || attempt > 1,
            .final_try = party->pin_final_try,
            .reason = attempt > 1 ? mnsec_status_text(MNSEC_E_CARD_PIN) : NULL,
        };
        MN_TRY(mn_secret_ask(context, &request, &pin));
    }
    return mn_card_login(party->worker, party->card, party->pin_pad ? NULL : &pin,
                         party->pin_final_try);
}

/* Asked again after a slip; what may be the last try ends it, and a consent is good for one. */
mnsec_status mn_party_login(mn_party *party, mnsec_secret_kind kind)
{
    mnsec_context *context = party->context;
    if (party->pin_final_try) {
        MN_TRY(mn_context_notice(context, MNSEC_NOTICE_FINAL_TRY, party->label, NULL));
    }
    const unsigned attempts = party->pin_final_try ? 1 : PIN_ATTEMPTS;
    mnsec_status status = MNSEC_E_CARD_PIN;
    for (unsigned attempt = 1; attempt <= attempts && status == MNSEC_E_CARD_PIN; attempt++) {
        mn_error_clear(&context->err);
        status = try_login(party, kind, attempt);
    }
    return status;
}

mnsec_status mn_party_bind(mn_party *party, const mn_registry *registry, mn_buf *out_binding,
                           mn_secret *out_card_secret)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_TRY(mn_card_bind(party->worker, MN_CARD_METHOD_NONE, &binding, out_card_secret));
    const char *policy = registry ? mn_registry_policy(registry, "card.pkcs1") : NULL;
    if (binding.method == MN_CARD_METHOD_RSA_DECRYPT && binding.padding == MN_RSA_PKCS1_V15 &&
        !(policy && strcmp(policy, "allowed") == 0)) {
        mn_secret_wipe(out_card_secret);
        return mn_fail(&party->context->err, MNSEC_E_CARD_UNSUITABLE,
                       "the card decrypts by PKCS#1 v1.5 only, which no policy allows");
    }
    return mn_card_binding_encode(&binding, out_binding);
}

static bool is_same(const void *user, const mn_card_info *card)
{
    return memcmp(((const mn_party *)user)->card, card->spki_hash, sizeof card->spki_hash) == 0;
}

mnsec_status mn_party_again(mn_party *party, const mn_party_wanted *wanted,
                            void (*before_notice)(void *user), void *user, mnsec_secret_kind kind)
{
    if (mn_card_present(party->worker) == MNSEC_OK) {
        return MNSEC_OK;
    }
    mn_error_clear(&party->context->err);
    mn_party_wanted again = *wanted;
    again.fits = is_same;
    again.fits_user = party;
    MN_AUTO(mn_party) back = {0};
    MN_TRY(mn_party_find(party->context, &again, before_notice, user, &back));
    mn_card_worker_free(party->worker);
    party->worker = back.worker;
    back.worker = NULL;
    party->pin_count_low = back.pin_count_low;
    party->pin_final_try = back.pin_final_try;
    return mn_party_login(party, kind);
}

mnsec_status mn_party_sign(mn_party *party, mn_bytes statement, mn_audit_signature *out_signature)
{
    MN_TRY(mn_card_sign(party->worker, statement, &out_signature->alg, &out_signature->signature));
    memcpy(out_signature->certificate, party->fingerprint, sizeof party->fingerprint);
    return MNSEC_OK;
}
