/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolling a person: the new card bound, its keys made, the statement signed by operator and new
 * card (and a second responsible person where the role asks for one). A new responsible person also
 * gets every department's group secret, and the recovery key is renewed.
 */
#include <stdio.h>
#include <string.h>

#include "api/api_authority.h"
#include "api/api_login.h"
#include "api/api_recovery.h"
#include "base/text.h"
#include "crypto/secret/crypto.h"
#include "mnsec/facility.h"
#include "registry/box.h"
#include "session/person_key.h"

/* What is gathered for a newcomer while the operator's card is there. */
typedef struct newcomer {
    mn_secret facility_pin;
    mn_secret so_pin; /* responsible persons only */
    mn_secret groups[MN_STATEMENT_MAX_DEPARTMENTS];
    mn_recovery_renewal renewal;
    bool is_responsible;
} newcomer;

static void newcomer_wipe(newcomer *one)
{
    mn_secret_wipe(&one->facility_pin);
    mn_secret_wipe(&one->so_pin);
    for (size_t i = 0; i < MN_STATEMENT_MAX_DEPARTMENTS; i++) {
        mn_secret_wipe(&one->groups[i]);
    }
    mn_recovery_renewal_wipe(&one->renewal);
}

static mn_box_ref box_of(const mn_opened *opened, mn_box_kind kind, const uint8_t card[32],
                         uint64_t version)
{
    return (mn_box_ref){
        .facility = opened->workstation.facility,
        .kind = kind,
        .owner = mn_bytes_of(card, 32),
        .version = version,
    };
}

/* --- from the operator ---------------------------------------------------------------------------
 */

static mnsec_status gather_secrets(mnsec_session *session, newcomer *one)
{
    mn_opened *opened = session->opened;
    MN_TRY(mn_login_facility_pin(session, &one->facility_pin));
    if (!one->is_responsible) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    const mn_box_ref so_pin = box_of(opened, MN_BOX_SO_PIN, session->card, 1);
    MN_TRY(mn_box_open_with(&txn, &so_pin, &session->work, &one->so_pin));
    for (size_t i = 0; i < mn_registry_department_count(opened->registry); i++) {
        const mn_department_versions *versions =
            &mn_registry_department_at(opened->registry, i)->versions;
        MN_TRY(mn_vault_group_open(&opened->vault, &txn, versions, session->card, &session->work,
                                   versions->g_version, &one->groups[i]));
    }
    return MNSEC_OK;
}

/* --- from the new card ---------------------------------------------------------------------------
 */

static bool is_unknown(const void *user, const mn_card_info *card)
{
    return !mn_registry_person_by_card(user, card->spki_hash);
}

static mnsec_status find_card(mn_authority *authority, const mnsec_enrolment_options *options)
{
    mnsec_session *session = authority->session;
    const mn_party_wanted wanted = {
        .workstation = &session->opened->workstation,
        .card = options->card,
        .subject = options->name,
        .fits = options->card ? NULL : is_unknown,
        .fits_user = session->opened->registry,
    };
    MN_TRY(mn_party_find(session->context, &wanted, mn_authority_announce, session,
                         &authority->newcomer));
    authority->has_newcomer = true;
    if (mn_registry_person_by_card(session->opened->registry, authority->newcomer.card)) {
        return mn_fail(&session->context->err, MNSEC_E_STATE_CONFLICT,
                       "this card is enrolled already");
    }
    return mn_party_login(&authority->newcomer, MNSEC_SECRET_NEW_PIN);
}

static mnsec_status make_keys(mn_authority *authority, mn_enrolment *enrolment,
                              const mn_secret *card_secret, const mn_secret *password)
{
    mn_opened *opened = authority->session->opened;
    mn_person_key_owner owner = {
        .facility = opened->workstation.facility,
        .person = enrolment->person,
    };
    memcpy(owner.card, enrolment->card, sizeof owner.card);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_WRITE, &txn));
    MN_TRY(mn_person_key_make(&txn, opened->keyring, &owner, card_secret, password,
                              &enrolment->argon2, enrolment->door, enrolment->work));
    return mn_store_commit(&txn);
}

static mnsec_status bind(mn_authority *authority, const mnsec_enrolment_options *options,
                         mn_enrolment *enrolment)
{
    mnsec_session *session = authority->session;
    mn_party *card = &authority->newcomer;
    mn_random_id(&enrolment->person);
    memcpy(enrolment->card, card->card, sizeof enrolment->card);
    memcpy(enrolment->certificate, card->fingerprint, sizeof enrolment->certificate);
    /* As costly as the operator's: it was measured on this facility's machines at its founding. */
    enrolment->argon2 = mn_session_person(session)->argon2;
    mn_random_bytes(enrolment->argon2.salt, sizeof enrolment->argon2.salt);

    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_party_bind(card, session->opened->registry, &enrolment->binding, &card_secret));
    MN_TRY(mn_secret_ask_new(session->context, MNSEC_SECRET_NEW_PASSWORD, options->name,
                             mn_registry_founding(session->opened->registry)->name, &password));
    return make_keys(authority, enrolment, &card_secret, &password);
}

/* --- the statement's effects ---------------------------------------------------------------------
 */

static mnsec_status seal_groups(mn_authority *authority, const newcomer *one,
                                const mn_vault_member *member)
{
    mn_opened *opened = authority->session->opened;
    mn_department_versions versions[MN_STATEMENT_MAX_DEPARTMENTS];
    for (size_t i = 0; i < mn_registry_department_count(opened->registry); i++) {
        versions[i] = mn_registry_department_at(opened->registry, i)->versions;
        MN_TRY(mn_vault_group_seal(&opened->vault, &authority->guard.txn, &versions[i].id,
                                   versions[i].g_version, member, &one->groups[i]));
    }
    return mn_recovery_apply(authority, &one->renewal, versions, one->groups);
}

static mnsec_status admit(mn_authority *authority, const newcomer *one,
                          const mn_vault_member *member)
{
    mn_opened *opened = authority->session->opened;
    mn_store_txn *txn = &authority->guard.txn;
    const mn_enrolment *enrolment = &authority->statement->u.enrol.enrolment;
    const mn_box_ref pin = box_of(opened, MN_BOX_FACILITY_PIN, enrolment->card,
                                  mn_registry_facility_pin_version(opened->registry));
    MN_TRY(mn_box_seal_to(txn, &pin, enrolment->door, &one->facility_pin));
    if (!one->is_responsible) {
        return MNSEC_OK;
    }
    const mn_box_ref so_pin = box_of(opened, MN_BOX_SO_PIN, enrolment->card, 1);
    MN_TRY(mn_box_seal_to(txn, &so_pin, enrolment->work, &one->so_pin));
    return seal_groups(authority, one, member);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static mnsec_status check_options(const mnsec_enrolment_options *options, const mnsec_id *out,
                                  mn_error *err)
{
    if (!options || options->struct_size != sizeof *options || !out || !options->name) {
        return mn_fail(err, MNSEC_E_USAGE, "invalid argument");
    }
    const mn_bytes name = mn_bytes_of(options->name, strlen(options->name));
    if (name.len == 0 || name.len >= MN_STATEMENT_NAME_BYTES || !mn_text_is_clean(name, false) ||
        mn_text_has_number(name)) {
        return mn_fail(err, MNSEC_E_USAGE, "the name is not a name");
    }
    if (options->role < MNSEC_ROLE_RESPONSIBLE || options->role > MNSEC_ROLE_UNATTENDED) {
        return mn_fail(err, MNSEC_E_USAGE, "there is no such role");
    }
    return MNSEC_OK;
}

static mnsec_status prepare_recovery(mn_authority *authority, newcomer *one,
                                     const mn_vault_member *member)
{
    if (!one->is_responsible) {
        return MNSEC_OK;
    }
    MN_TRY(mn_recovery_prepare(authority, NULL, member, &one->renewal));
    authority->statement->u.enrol.recovery = one->renewal.recovery;
    return MNSEC_OK;
}

mnsec_status mnsec_staff_enrol(mnsec_session *session, const mnsec_enrolment_options *options,
                               mnsec_id *out_person)
{
    MN_AUTO(mn_authority) authority = {0};
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_STAFF_ENROL));
    MN_TRY(check_options(options, out_person, &session->context->err));
    mn_enrolment *enrolment = &authority.statement->u.enrol.enrolment;
    snprintf(enrolment->name, sizeof enrolment->name, "%s", options->name);
    enrolment->role = options->role;
    enrolment->valid_until = options->valid_until;

    MN_AUTO(newcomer) one = {.is_responsible = options->role == MNSEC_ROLE_RESPONSIBLE};
    MN_TRY(gather_secrets(session, &one));
    MN_TRY(find_card(&authority, options));
    MN_TRY(bind(&authority, options, enrolment));
    MN_TRY(mn_authority_second(&authority, options->second));
    mn_vault_member member;
    memcpy(member.card, enrolment->card, sizeof member.card);
    memcpy(member.work, enrolment->work, sizeof member.work);
    MN_TRY(prepare_recovery(&authority, &one, &member));

    MN_TRY(mn_authority_enter(&authority, NULL));
    MN_TRY(mn_authority_leave(&authority, admit(&authority, &one, &member)));
    *out_person = enrolment->person;
    return MNSEC_OK;
}
