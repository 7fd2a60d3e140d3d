/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a statement changes once it is verified (registry_verify.c). What can fail comes first in
 * each effect, so that a statement is applied whole or not at all; everything a document names is
 * known to exist by then (registry_rules.c).
 */
#include <stdlib.h>

#include "crypto/secret/hash.h"
#include "registry_state.h"

/* May take the statement. */
typedef mnsec_status (*effect)(mn_registry *registry, const mn_registry_entry *entry,
                               mn_statement **statement);

static mnsec_status out_of_memory(const mn_registry *registry)
{
    return mn_fail(registry->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
}

static mnsec_status add_person(mn_registry *registry, const mn_registry_entry *entry,
                               const mn_enrolment *enrolment)
{
    MN_AUTO(mn_buf) binding = {0};
    MN_TRY(mn_buf_append(&binding, enrolment->binding.bytes, enrolment->binding.len));
    mn_registry_enrolled **persons =
        reallocarray(registry->persons, registry->person_count + 1, sizeof(void *));
    if (persons == NULL) {
        return out_of_memory(registry);
    }
    registry->persons = persons;
    mn_registry_enrolled *enrolled = calloc(1, sizeof(*enrolled));
    if (enrolled == NULL) {
        return out_of_memory(registry);
    }
    enrolled->enrolment = *enrolment;
    enrolled->enrolment.binding = (mn_buf){0};
    mn_buf_move(&enrolled->enrolment.binding, &binding);
    enrolled->person = (mn_registry_person){
        .enrolment = &enrolled->enrolment,
        .password_version = 1,
        .argon2 = enrolment->argon2,
        .enrolled_index = entry->index,
        .enrolled_at = entry->ts,
    };
    persons[registry->person_count++] = enrolled;
    return MNSEC_OK;
}

static mnsec_status add_workstation(mn_registry *registry, const mnsec_id *id)
{
    mnsec_id *workstations = reallocarray(registry->workstations, registry->workstation_count + 1,
                                          sizeof(*workstations));
    if (workstations == NULL) {
        return out_of_memory(registry);
    }
    registry->workstations = workstations;
    workstations[registry->workstation_count++] = *id;
    return MNSEC_OK;
}

static mnsec_status make_room_for_history(mn_registry *registry, size_t more)
{
    mn_registry_past *history =
        reallocarray(registry->history, registry->history_count + more, sizeof(*history));
    if (history == NULL) {
        return out_of_memory(registry);
    }
    registry->history = history;
    return MNSEC_OK;
}

/* There must be room. */
static void remember_versions(mn_registry *registry, const mn_department_versions *versions)
{
    registry->history[registry->history_count++] = (mn_registry_past){
        .department = versions->id,
        .s_version = versions->s_version,
        .g_version = versions->g_version,
        .o_version = versions->o_version,
    };
}

static void set_recovery(mn_registry *registry, const mn_recovery *recovery)
{
    if (recovery->version != 0) {
        registry->recovery = *recovery;
    }
}

static mn_registry_enrolled *person_of(mn_registry *registry, const mnsec_id *id)
{
    size_t i = 0;
    while (!mnsec_id_equal(&registry->persons[i]->enrolment.person, id)) {
        i++;
    }
    return registry->persons[i];
}

static mn_registry_department *department_of(mn_registry *registry, const mnsec_id *id)
{
    size_t i = 0;
    while (!mnsec_id_equal(&registry->departments[i].id, id)) {
        i++;
    }
    return &registry->departments[i];
}

static mnsec_status fill_founding(mn_registry *registry, const mn_registry_entry *entry,
                                  const mn_founding *founding)
{
    for (size_t i = 0; i < founding->person_count; i++) {
        MN_TRY(add_person(registry, entry, &founding->persons[i]));
    }
    MN_TRY(add_workstation(registry, &founding->workstation));
    MN_TRY(make_room_for_history(registry, founding->department_count));
    for (size_t i = 0; i < founding->department_count; i++) {
        const mn_founding_department *department = &founding->departments[i];
        registry->departments[registry->department_count++] = (mn_registry_department){
            .id = department->versions.id,
            .name = department->name,
            .epoch = (uint32_t)department->epoch,
            .versions = department->versions,
        };
        remember_versions(registry, &department->versions);
    }
    return MNSEC_OK;
}

static mnsec_status apply_founding(mn_registry *registry, const mn_registry_entry *entry,
                                   mn_statement **statement)
{
    const mn_founding *founding = &(*statement)->u.founding;
    const mnsec_status status = fill_founding(registry, entry, founding);
    if (status != MNSEC_OK) {
        mn_registry_clear(registry);
        return status;
    }
    registry->recovery = founding->recovery;
    registry->facility_pin_version = 1;
    registry->founding = mn_take(*statement);
    return MNSEC_OK;
}

static mnsec_status apply_enrol(mn_registry *registry, const mn_registry_entry *entry,
                                mn_statement **statement)
{
    MN_TRY(add_person(registry, entry, &(*statement)->u.enrol.enrolment));
    set_recovery(registry, &(*statement)->u.enrol.recovery);
    return MNSEC_OK;
}

static mnsec_status apply_withdrawal(mn_registry *registry, const mn_registry_entry *entry,
                                     mn_statement **statement)
{
    (void)entry;
    const mn_withdrawal *withdrawal = &(*statement)->u.withdrawal;
    MN_TRY(make_room_for_history(registry, withdrawal->department_count));
    for (size_t i = 0; i < withdrawal->department_count; i++) {
        const mn_department_versions *next = &withdrawal->departments[i];
        mn_registry_department *department = department_of(registry, &next->id);
        department->versions.g_version = next->g_version;
        department->versions.s_version = next->s_version;
        department->operation_password_due = true;
        remember_versions(registry, &department->versions);
    }
    person_of(registry, &withdrawal->person)->person.withdrawn = true;
    for (size_t i = 0; i < registry->grant_count; i++) {
        if (mnsec_id_equal(&registry->grants[i]->document.person, &withdrawal->person)) {
            registry->grants[i]->grant.withdrawn = true;
        }
    }
    registry->facility_pin_version = withdrawal->facility_pin_version;
    set_recovery(registry, &withdrawal->recovery);
    return MNSEC_OK;
}

static mnsec_status apply_grant(mn_registry *registry, const mn_registry_entry *entry,
                                mn_statement **statement)
{
    (void)entry;
    mn_registry_given **grants =
        reallocarray(registry->grants, registry->grant_count + 1, sizeof(void *));
    if (grants == NULL) {
        return out_of_memory(registry);
    }
    registry->grants = grants;
    mn_registry_given *given = calloc(1, sizeof(*given));
    if (given == NULL) {
        return out_of_memory(registry);
    }
    given->document = (*statement)->u.grant;
    given->grant.grant = &given->document;
    grants[registry->grant_count++] = given;
    return MNSEC_OK;
}

static mnsec_status apply_grant_withdrawal(mn_registry *registry, const mn_registry_entry *entry,
                                           mn_statement **statement)
{
    (void)entry;
    for (size_t i = 0; i < registry->grant_count; i++) {
        if (mnsec_id_equal(&registry->grants[i]->document.id,
                           &(*statement)->u.grant_withdrawal.grant)) {
            registry->grants[i]->grant.withdrawn = true;
        }
    }
    return MNSEC_OK;
}

static mnsec_status apply_password(mn_registry *registry, const mn_registry_entry *entry,
                                   mn_statement **statement)
{
    (void)entry;
    const mn_password_change *change = &(*statement)->u.password;
    mn_registry_person *person = &person_of(registry, &change->person)->person;
    person->password_version = change->version;
    person->argon2 = change->argon2;
    return MNSEC_OK;
}

static mnsec_status apply_operation(mn_registry *registry, const mn_registry_entry *entry,
                                    mn_statement **statement)
{
    (void)entry;
    const mn_department_versions *next = &(*statement)->u.operation.versions;
    MN_TRY(make_room_for_history(registry, 1));
    mn_registry_department *department = department_of(registry, &next->id);
    if (department->operation_password_due) {
        remember_versions(registry, next);
    }
    department->versions = *next;
    department->operation_password_due = false;
    return MNSEC_OK;
}

static mnsec_status apply_facility_pin(mn_registry *registry, const mn_registry_entry *entry,
                                       mn_statement **statement)
{
    (void)entry;
    registry->facility_pin_version = (*statement)->u.facility_pin_version;
    return MNSEC_OK;
}

static mnsec_status apply_workstation(mn_registry *registry, const mn_registry_entry *entry,
                                      mn_statement **statement)
{
    (void)entry;
    return add_workstation(registry, &(*statement)->u.workstation.id);
}

static mnsec_status apply_policy(mn_registry *registry, const mn_registry_entry *entry,
                                 mn_statement **statement)
{
    (void)entry;
    const char *key = (*statement)->u.policy.key;
    size_t at = 0;
    while (at < registry->setting_count && strcmp(registry->settings[at].key, key) != 0) {
        at++;
    }
    if (at == registry->setting_count) {
        mn_registry_setting *settings =
            reallocarray(registry->settings, registry->setting_count + 1, sizeof(*settings));
        if (settings == NULL) {
            return out_of_memory(registry);
        }
        registry->settings = settings;
        settings[at] = (mn_registry_setting){0};
        memcpy(settings[at].key, key, sizeof(settings[at].key));
        registry->setting_count++;
    }
    mn_buf_move(&registry->settings[at].value, &(*statement)->u.policy.value);
    return MNSEC_OK;
}

static const effect effects[] = {
    [MN_STATEMENT_FACILITY_FOUND] = apply_founding,
    [MN_STATEMENT_STAFF_ENROL] = apply_enrol,
    [MN_STATEMENT_STAFF_WITHDRAW] = apply_withdrawal,
    [MN_STATEMENT_GRANT_GIVE] = apply_grant,
    [MN_STATEMENT_GRANT_WITHDRAW] = apply_grant_withdrawal,
    [MN_STATEMENT_PASSWORD_CHANGE] = apply_password,
    [MN_STATEMENT_PASSWORD_OPERATION] = apply_operation,
    [MN_STATEMENT_KEY_FACILITY_PIN] = apply_facility_pin,
    [MN_STATEMENT_WORKSTATION_REGISTER] = apply_workstation,
    [MN_STATEMENT_POLICY_CHANGE] = apply_policy,
};

mnsec_status mn_registry_apply(mn_registry *registry, const mn_registry_entry *entry,
                               const uint8_t *founding_hash)
{
    uint8_t digest[MN_HASH_BYTES];
    MN_AUTO_PTR(mn_statement) statement = NULL;
    mn_hash_bytes(entry->statement, digest);
    MN_TRY(mn_registry_verify(registry, entry, digest, founding_hash, &statement));

    MN_TRY(effects[statement->kind](registry, entry, &statement));
    registry->count++;
    registry->index = entry->index;
    memcpy(registry->head, digest, sizeof(registry->head));
    return MNSEC_OK;
}
