/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Founding, the people's part: each founder's card is bound and his keys made, the recovery key is
 * split over the founders, the departments get their secrets, and recovery is tried once before
 * anything is signed. Who is enrolled later goes through api_staff.c.
 */
#include "api/api_founding.h"

#include <stdio.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "registry/box.h"
#include "session/person_key.h"
#include "vault/vault_share.h"

#define CALIBRATION_MS 500

static mnsec_status calibrate(const mn_founding_work *work, mn_argon2_params *out_params)
{
    return mn_argon2_calibrate(work->options->argon2_floor ? 0 : CALIBRATION_MS, out_params);
}

/* --- founders ------------------------------------------------------------------------------------
 */

/* A card that is no other founder's. */
static bool is_free(const void *user, const mn_card_info *card)
{
    const mn_founding_work *work = user;
    for (size_t i = 0; i < work->options->founder_count; i++) {
        const mn_party *party = &work->persons[i].party;
        if (party->worker && memcmp(party->card, card->spki_hash, sizeof party->card) == 0) {
            return false;
        }
    }
    return true;
}

static mnsec_status fetch_card(mn_founding_work *work, const mnsec_founder *founder,
                               mn_party *out_party)
{
    const mn_party_wanted wanted = {
        .workstation = &work->workstation,
        .card = founder->card,
        .subject = founder->name,
        .fits = is_free,
        .fits_user = work,
    };
    MN_TRY(mn_party_find(work->context, &wanted, NULL, NULL, out_party));
    return mn_party_login(out_party, MNSEC_SECRET_NEW_PIN);
}

static mnsec_status make_keys(mn_founding_work *work, mn_founding_person *person,
                              mn_enrolment *enrolment, const mn_secret *card_secret,
                              const mn_secret *password)
{
    mn_person_key_owner owner = {.facility = work->workstation.facility, .person = person->id};
    memcpy(owner.card, person->party.card, sizeof owner.card);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(work->store, MN_STORE_WRITE, &txn));
    MN_TRY(mn_person_key_make(&txn, work->keyring, &owner, card_secret, password,
                              &enrolment->argon2, enrolment->door, enrolment->work));
    MN_TRY(mn_person_key_open_work(&txn, work->keyring, &owner, card_secret, password,
                                   &enrolment->argon2, 1, &person->work));
    const mn_box_ref facility_pin = {
        .facility = owner.facility,
        .kind = MN_BOX_FACILITY_PIN,
        .owner = mn_bytes_of(owner.card, sizeof owner.card),
        .version = 1,
    };
    MN_TRY(mn_box_seal_to(&txn, &facility_pin, enrolment->door, &work->facility_pin));
    mn_box_ref so_pin = facility_pin;
    so_pin.kind = MN_BOX_SO_PIN;
    MN_TRY(mn_box_seal_to(&txn, &so_pin, enrolment->work, &work->so_pin));
    return mn_store_commit(&txn);
}

static mnsec_status enrol(mn_founding_work *work, const mnsec_founder *founder,
                          mn_founding_person *person, mn_enrolment *enrolment)
{
    MN_TRY(fetch_card(work, founder, &person->party));
    mn_random_id(&person->id);
    enrolment->person = person->id;
    enrolment->role = MNSEC_ROLE_RESPONSIBLE;
    snprintf(enrolment->name, sizeof enrolment->name, "%s", founder->name);
    memcpy(enrolment->card, person->party.card, sizeof enrolment->card);
    memcpy(enrolment->certificate, person->party.fingerprint, sizeof enrolment->certificate);

    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_party_bind(&person->party, NULL, &enrolment->binding, &card_secret));
    MN_TRY(mn_secret_ask_new(work->context, MNSEC_SECRET_NEW_PASSWORD, founder->name,
                             work->options->name, &password));
    MN_TRY(calibrate(work, &enrolment->argon2));
    return make_keys(work, person, enrolment, &card_secret, &password);
}

mnsec_status mn_founding_people_enrol(mn_founding_work *work)
{
    mn_founding *founding = &work->statement->u.founding;
    for (size_t i = 0; i < work->options->founder_count; i++) {
        MN_TRY(enrol(work, &work->options->founders[i], &work->persons[i], &founding->persons[i]));
        founding->person_count = i + 1;
    }
    return MNSEC_OK;
}

/* --- recovery and departments --------------------------------------------------------------------
 */

static void list_members(const mn_founding_work *work, mn_vault_member *out_members)
{
    const mn_founding *founding = &work->statement->u.founding;
    for (size_t i = 0; i < founding->person_count; i++) {
        memcpy(out_members[i].card, founding->persons[i].card, sizeof out_members[i].card);
        memcpy(out_members[i].work, founding->persons[i].work, sizeof out_members[i].work);
    }
}

/* One founder alone gets a second share on paper: two shares always give the key back. */
static mnsec_status make_recovery(mn_founding_work *work, mn_store_txn *txn,
                                  const mn_vault_member *members, mn_secret *out_paper)
{
    mn_founding *founding = &work->statement->u.founding;
    mn_recovery *recovery = &founding->recovery;
    const bool on_paper = founding->person_count == 1;
    recovery->version = 1;
    recovery->threshold = 2;
    recovery->holder_count = founding->person_count + (on_paper ? 1 : 0);
    for (size_t i = 0; i < founding->person_count; i++) {
        memcpy(recovery->holders[i], members[i].card, sizeof members[i].card);
    }
    MN_AUTO(mn_secret) private_key = {0};
    MN_TRY(mn_p256_generate(&private_key, recovery->key));
    MN_TRY(mn_vault_recovery_share_out(&work->vault, txn, recovery, &private_key, members,
                                       founding->person_count, out_paper));
    if (!on_paper) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_secret) text = {0};
    MN_TRY(mn_vault_share_format(out_paper, &text));
    return mn_context_notice(work->context, MNSEC_NOTICE_SHOW_SHARE, founding->name,
                             (const char *)text.bytes);
}

static mnsec_status make_department(mn_founding_work *work, mn_store_txn *txn,
                                    mn_founding_department *department,
                                    const mn_vault_member *members)
{
    const mn_founding *founding = &work->statement->u.founding;
    mn_department_versions *versions = &department->versions;
    department->epoch = 1;
    versions->g_version = versions->o_version = versions->s_version = versions->wrap_version = 1;
    MN_TRY(calibrate(work, &versions->argon2));
    MN_AUTO(mn_secret) password = {0};
    MN_TRY(mn_secret_ask_new(work->context, MNSEC_SECRET_NEW_OPERATION, department->name,
                             work->options->name, &password));
    return mn_vault_group_make(&work->vault, txn, versions, members, founding->person_count,
                               &founding->recovery, &password);
}

/* Shares of the first founder and of the second, or of the sheet, give the departments' secrets. */
static mnsec_status try_recovery(mn_founding_work *work, mn_store_txn *txn, const mn_secret *paper)
{
    const mn_founding *founding = &work->statement->u.founding;
    mn_secret shares[2] = {0};
    MN_AUTO(mn_secret) private_key = {0};
    MN_AUTO(mn_secret) group = {0};
    MN_AUTO(mn_secret) operation = {0};
    mnsec_status status =
        mn_vault_recovery_share(&work->vault, txn, &founding->recovery, founding->persons[0].card,
                                &work->persons[0].work, &shares[0]);
    if (status == MNSEC_OK) {
        status = founding->person_count > 1
                     ? mn_vault_recovery_share(&work->vault, txn, &founding->recovery,
                                               founding->persons[1].card, &work->persons[1].work,
                                               &shares[1])
                     : mn_secret_copy(&shares[1], paper->bytes, paper->len);
    }
    if (status == MNSEC_OK) {
        status = mn_vault_recovery_join(&work->vault, &founding->recovery, shares, 2, &private_key);
    }
    mn_secret_wipe(&shares[0]);
    mn_secret_wipe(&shares[1]);
    MN_TRY(status);
    for (size_t i = 0; i < founding->department_count; i++) {
        MN_TRY(mn_vault_recovery_open(&work->vault, txn, &founding->recovery, &private_key,
                                      &founding->departments[i].versions, &group, &operation));
    }
    return MNSEC_OK;
}

mnsec_status mn_founding_people_secrets(mn_founding_work *work)
{
    mn_founding *founding = &work->statement->u.founding;
    mn_vault_member members[MN_STATEMENT_MAX_PERSONS];
    list_members(work, members);
    MN_AUTO(mn_secret) paper = {0};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(work->store, MN_STORE_WRITE, &txn));
    MN_TRY(make_recovery(work, &txn, members, &paper));
    for (size_t i = 0; i < founding->department_count; i++) {
        MN_TRY(make_department(work, &txn, &founding->departments[i], members));
    }
    MN_TRY(try_recovery(work, &txn, &paper));
    return mn_store_commit(&txn);
}

/* --- signing -------------------------------------------------------------------------------------
 */

mnsec_status mn_founding_people_sign(mn_founding_work *work, mn_bytes statement,
                                     mn_audit_signature out_signatures[2], size_t *out_count)
{
    const size_t count = work->options->founder_count > 1 ? 2 : 1;
    /* The card that is in the reader now signs first, whatever the order of the signatures. */
    for (size_t i = count; i-- > 0;) {
        mn_party *party = &work->persons[i].party;
        const mn_party_wanted wanted = {
            .workstation = &work->workstation,
            .subject = work->options->founders[i].name,
        };
        MN_TRY(mn_party_again(party, &wanted, NULL, NULL, MNSEC_SECRET_NEW_PIN));
        MN_TRY(mn_party_sign(party, statement, &out_signatures[i]));
    }
    *out_count = count;
    return MNSEC_OK;
}
