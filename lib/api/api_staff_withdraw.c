/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Withdrawing a person for good: the statement, a new facility PIN sealed to those who remain, a
 * new group secret for every department, and a new recovery key where he held a share. The token is
 * told the new PIN after the statement is committed and checkpointed; cut short in between, the
 * next log-in completes it (api_login.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_authority.h"
#include "api/api_login.h"
#include "api/api_recovery.h"
#include "crypto/secret/crypto.h"
#include "mnsec/facility.h"
#include "registry/box.h"

#define PIN_BYTES 32

typedef struct leaving {
    const mn_enrolment *person; /* registry's */
    mn_secret old_pin;
    mn_secret new_pin;
    mn_secret groups[MN_STATEMENT_MAX_DEPARTMENTS]; /* in force until now */
    mn_recovery_renewal renewal;
    bool is_responsible;
} leaving;

static void leaving_wipe(leaving *one)
{
    mn_secret_wipe(&one->old_pin);
    mn_secret_wipe(&one->new_pin);
    for (size_t i = 0; i < MN_STATEMENT_MAX_DEPARTMENTS; i++) {
        mn_secret_wipe(&one->groups[i]);
    }
    mn_recovery_renewal_wipe(&one->renewal);
}

static mn_box_ref pin_box(const mn_opened *opened, const uint8_t card[32], uint64_t version)
{
    return (mn_box_ref){
        .facility = opened->workstation.facility,
        .kind = MN_BOX_FACILITY_PIN,
        .owner = mn_bytes_of(card, 32),
        .version = version,
    };
}

static bool remains(const mn_registry_person *person, const leaving *one)
{
    return !person->withdrawn && !mnsec_id_equal(&person->enrolment->person, &one->person->person);
}

/* --- before the statement ------------------------------------------------------------------------
 */

static mnsec_status gather_secrets(mnsec_session *session, const mn_withdrawal *withdrawal,
                                   leaving *one)
{
    mn_opened *opened = session->opened;
    MN_TRY(mn_login_facility_pin(session, &one->old_pin));
    MN_TRY(mn_random_text(&one->new_pin, PIN_BYTES));
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    for (size_t i = 0; i < withdrawal->department_count; i++) {
        const mn_department_versions *versions =
            &mn_registry_department_get(opened->registry, &withdrawal->departments[i].id)->versions;
        MN_TRY(mn_vault_group_open(&opened->vault, &txn, versions, session->card, &session->work,
                                   versions->g_version, &one->groups[i]));
    }
    return MNSEC_OK;
}

/* Could he ever open it? A grant that ended has left him what it gave. */
static bool could_open(const mn_registry *registry, const leaving *one, const mnsec_id *department)
{
    for (size_t i = 0; i < mn_registry_grant_count(registry); i++) {
        const mn_grant *grant = mn_registry_grant_at(registry, i)->grant;
        if (mnsec_id_equal(&grant->person, &one->person->person) &&
            mnsec_id_equal(&grant->department, department)) {
            return true;
        }
    }
    return one->is_responsible;
}

/* In the order of the registry; all of them where a responsible person leaves. */
static void state_departments(const mn_registry *registry, const leaving *one,
                              mn_withdrawal *withdrawal)
{
    for (size_t i = 0; i < mn_registry_department_count(registry); i++) {
        const mn_registry_department *department = mn_registry_department_at(registry, i);
        if (could_open(registry, one, &department->id)) {
            mn_department_versions *next = &withdrawal->departments[withdrawal->department_count++];
            *next = department->versions;
            next->g_version++;
            next->s_version++;
        }
    }
}

static mnsec_status prepare_recovery(mn_authority *authority, leaving *one)
{
    mn_withdrawal *withdrawal = &authority->statement->u.withdrawal;
    if (!one->is_responsible) {
        return MNSEC_OK;
    }
    MN_TRY(mn_recovery_prepare(authority, &one->person->person, NULL, &one->renewal));
    withdrawal->recovery = one->renewal.recovery;
    return MNSEC_OK;
}

/* --- the statement's effects ---------------------------------------------------------------------
 */

/* Everything that his card could open. */
static mnsec_status remove_boxes(mn_authority *authority, const leaving *one)
{
    mn_opened *opened = authority->session->opened;
    return mn_vault_group_forget_card(&opened->vault, &authority->guard.txn, one->person->card);
}

static mnsec_status seal_pin(mn_authority *authority, const leaving *one)
{
    mn_opened *opened = authority->session->opened;
    const uint64_t version = authority->statement->u.withdrawal.facility_pin_version;
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *person = mn_registry_person_at(opened->registry, i);
        if (!remains(person, one)) {
            continue;
        }
        const mn_box_ref box = pin_box(opened, person->enrolment->card, version);
        MN_TRY(mn_box_seal_to(&authority->guard.txn, &box, person->enrolment->door, &one->new_pin));
    }
    return MNSEC_OK;
}

/* Does the department's group secret stay with this person? */
static bool is_member(const mn_registry *registry, const mn_registry_person *person,
                      const mnsec_id *department)
{
    if (person->enrolment->role == MNSEC_ROLE_RESPONSIBLE) {
        return true;
    }
    for (size_t i = 0; i < mn_registry_grant_count(registry); i++) {
        const mn_registry_grant *grant = mn_registry_grant_at(registry, i);
        if (!grant->withdrawn &&
            mnsec_id_equal(&grant->grant->person, &person->enrolment->person) &&
            mnsec_id_equal(&grant->grant->department, department)) {
            return true;
        }
    }
    return false;
}

static mnsec_status renew_group(mn_authority *authority, const leaving *one, size_t place,
                                mn_vault_member *members)
{
    mn_opened *opened = authority->session->opened;
    const mn_department_versions *next = &authority->statement->u.withdrawal.departments[place];
    size_t count = 0;
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *person = mn_registry_person_at(opened->registry, i);
        if (remains(person, one) && is_member(opened->registry, person, &next->id)) {
            memcpy(members[count].card, person->enrolment->card, 32);
            memcpy(members[count].work, person->enrolment->work, MN_P256_POINT_BYTES);
            count++;
        }
    }
    const mn_recovery *recovery =
        one->is_responsible ? &one->renewal.recovery : mn_registry_recovery(opened->registry);
    return mn_vault_group_renew(&opened->vault, &authority->guard.txn, next, &one->groups[place],
                                members, count, recovery);
}

static mnsec_status renew_groups(mn_authority *authority, const leaving *one)
{
    mn_opened *opened = authority->session->opened;
    const size_t people = mn_registry_person_count(opened->registry);
    mn_vault_member *members = calloc(people + 1, sizeof *members);
    if (!members) {
        return mn_fail(opened->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    mnsec_status status = MNSEC_OK;
    const size_t departments = authority->statement->u.withdrawal.department_count;
    for (size_t i = 0; i < departments && status == MNSEC_OK; i++) {
        status = renew_group(authority, one, i, members);
    }
    free(members);
    return status;
}

/* The new recovery key gets the group secrets that were just made. */
static mnsec_status renew_recovery(mn_authority *authority, leaving *one)
{
    mnsec_session *session = authority->session;
    mn_opened *opened = session->opened;
    const mn_withdrawal *withdrawal = &authority->statement->u.withdrawal;
    if (!one->is_responsible) {
        return MNSEC_OK;
    }
    for (size_t i = 0; i < withdrawal->department_count; i++) {
        MN_TRY(mn_vault_group_open(&opened->vault, &authority->guard.txn,
                                   &withdrawal->departments[i], session->card, &session->work,
                                   withdrawal->departments[i].g_version, &one->groups[i]));
    }
    return mn_recovery_apply(authority, &one->renewal, withdrawal->departments, one->groups);
}

static mnsec_status dismiss(mn_authority *authority, leaving *one)
{
    MN_TRY(seal_pin(authority, one));
    MN_TRY(renew_groups(authority, one));
    MN_TRY(renew_recovery(authority, one));
    return remove_boxes(authority, one);
}

/* --- after the statement -------------------------------------------------------------------------
 */

static mnsec_status remove_old_pin(mn_opened *opened, uint64_t version)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_WRITE, &txn));
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *person = mn_registry_person_at(opened->registry, i);
        const mn_box_ref box = pin_box(opened, person->enrolment->card, version);
        const mnsec_status status = mn_box_remove(&txn, &box);
        if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
    }
    return mn_store_commit(&txn);
}

static mnsec_status change_pin(mn_opened *opened, const leaving *one)
{
    MN_TRY(mn_keyring_set_pin(opened->keyring, &one->old_pin, &one->new_pin));
    return remove_old_pin(opened, mn_registry_facility_pin_version(opened->registry) - 1);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

mnsec_status mnsec_staff_withdraw(mnsec_session *session, const mnsec_id *person,
                                  const char *reason, const char *second)
{
    MN_AUTO(mn_authority) authority = {0};
    MN_TRY(mn_authority_begin(&authority, session, MN_STATEMENT_STAFF_WITHDRAW));
    mn_error *err = &session->context->err;
    if (!person || !reason || reason[0] == '\0' || strlen(reason) >= MN_STATEMENT_NAME_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE, "a short reason must be given");
    }
    const mn_registry *registry = session->opened->registry;
    const mn_registry_person *known = mn_registry_person_get(registry, person);
    if (!known || known->withdrawn) {
        return mn_fail(err, MNSEC_E_STATE_NOT_FOUND, "there is no such person in force");
    }
    if (mnsec_id_equal(person, &session->person)) {
        return mn_fail(err, MNSEC_E_DENIED, "nobody can withdraw himself");
    }
    MN_AUTO(leaving) one = {
        .person = known->enrolment,
        .is_responsible = known->enrolment->role == MNSEC_ROLE_RESPONSIBLE,
    };
    mn_withdrawal *withdrawal = &authority.statement->u.withdrawal;
    withdrawal->person = *person;
    snprintf(withdrawal->reason, sizeof withdrawal->reason, "%s", reason);
    withdrawal->facility_pin_version = mn_registry_facility_pin_version(registry) + 1;
    state_departments(registry, &one, withdrawal);
    authority.body.reason = reason;

    MN_TRY(gather_secrets(session, withdrawal, &one));
    MN_TRY(mn_authority_second(&authority, second));
    MN_TRY(prepare_recovery(&authority, &one));
    MN_TRY(mn_authority_enter(&authority, NULL));
    MN_TRY(mn_authority_leave(&authority, dismiss(&authority, &one)));
    return mn_session_judge(session, change_pin(session->opened, &one));
}
