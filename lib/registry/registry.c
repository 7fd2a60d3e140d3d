/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry's state: made empty, asked, freed. It changes in registry_apply.c only, which keeps
 * these invariants: a person and a grant never move; a department's versions in force are the
 * newest of its history; there is always a responsible person who was not withdrawn.
 */
#include <stdlib.h>
#include <string.h>

#include "registry_state.h"

mnsec_status mn_registry_new(mn_error *err, mn_registry **out_registry)
{
    MN_AUTO_PTR(mn_registry) registry = calloc(1, sizeof(*registry));
    if (registry == NULL || mn_x509_known_new(&registry->known) != MNSEC_OK) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    registry->err = err;
    *out_registry = mn_take(registry);
    return MNSEC_OK;
}

void mn_registry_clear(mn_registry *registry)
{
    for (size_t i = 0; i < registry->person_count; i++) {
        mn_buf_wipe(&registry->persons[i]->enrolment.binding);
        free(registry->persons[i]);
    }
    for (size_t i = 0; i < registry->grant_count; i++) {
        free(registry->grants[i]);
    }
    for (size_t i = 0; i < registry->setting_count; i++) {
        mn_buf_wipe(&registry->settings[i].value);
    }
    free(registry->persons);
    free(registry->grants);
    free(registry->workstations);
    free(registry->settings);
    free(registry->history);
    mn_statement_free(registry->founding);
    *registry = (mn_registry){.err = registry->err, .known = registry->known};
}

void mn_registry_free(mn_registry *registry)
{
    if (registry != NULL) {
        mn_registry_clear(registry);
        mn_x509_known_free(registry->known);
        free(registry);
    }
}

/* Whom a document is about, where a second responsible person would have to be somebody else;
 * NULL = it needs no second one. */
static const mnsec_id *person_concerned(const mn_registry *registry, const mn_statement *statement,
                                        const mnsec_id *operator_person)
{
    const mn_registry_person *person = NULL;
    switch (statement->kind) {
    case MN_STATEMENT_STAFF_ENROL:
        return statement->u.enrol.enrolment.role == MNSEC_ROLE_RESPONSIBLE
                   ? &statement->u.enrol.enrolment.person
                   : NULL;
    case MN_STATEMENT_STAFF_WITHDRAW:
        person = mn_registry_person_get(registry, &statement->u.withdrawal.person);
        return person != NULL && person->enrolment->role == MNSEC_ROLE_RESPONSIBLE
                   ? &statement->u.withdrawal.person
                   : NULL;
    case MN_STATEMENT_GRANT_GIVE:
        return mnsec_id_equal(&statement->u.grant.person, operator_person)
                   ? &statement->u.grant.person
                   : NULL;
    default:
        return NULL;
    }
}

static unsigned founding_needs(const mn_founding *founding)
{
    unsigned responsible = 0;
    for (size_t i = 0; i < founding->person_count; i++) {
        responsible += founding->persons[i].role == MNSEC_ROLE_RESPONSIBLE;
    }
    return responsible > 1 ? 2 : 1;
}

unsigned mn_registry_needs(const mn_registry *registry, const mn_statement *statement,
                           const mnsec_id *operator_person)
{
    if (statement->kind == MN_STATEMENT_FACILITY_FOUND) {
        return founding_needs(&statement->u.founding);
    }
    const mnsec_id *concerned = person_concerned(registry, statement, operator_person);
    for (size_t i = 0; concerned != NULL && i < registry->person_count; i++) {
        const mn_registry_person *other = &registry->persons[i]->person;
        if (mn_registry_is_responsible(other) &&
            !mnsec_id_equal(&other->enrolment->person, operator_person) &&
            !mnsec_id_equal(&other->enrolment->person, concerned)) {
            return 2;
        }
    }
    return 1;
}

void mn_registry_head(const mn_registry *registry, uint8_t out_digest[32])
{
    memcpy(out_digest, registry->head, sizeof(registry->head));
}

uint64_t mn_registry_count(const mn_registry *registry)
{
    return registry->count;
}

const mn_founding *mn_registry_founding(const mn_registry *registry)
{
    return registry->founding == NULL ? NULL : &registry->founding->u.founding;
}

const mn_recovery *mn_registry_recovery(const mn_registry *registry)
{
    return registry->founding == NULL ? NULL : &registry->recovery;
}

uint64_t mn_registry_facility_pin_version(const mn_registry *registry)
{
    return registry->facility_pin_version;
}

size_t mn_registry_department_count(const mn_registry *registry)
{
    return registry->department_count;
}

const mn_registry_department *mn_registry_department_at(const mn_registry *registry, size_t n)
{
    return n < registry->department_count ? &registry->departments[n] : NULL;
}

const mn_registry_department *mn_registry_department_get(const mn_registry *registry,
                                                         const mnsec_id *id)
{
    for (size_t i = 0; i < registry->department_count; i++) {
        if (mnsec_id_equal(&registry->departments[i].id, id)) {
            return &registry->departments[i];
        }
    }
    return NULL;
}

mnsec_status mn_registry_department_history(const mn_registry *registry, const mnsec_id *id,
                                            uint64_t s_version, uint64_t *out_g, uint64_t *out_o)
{
    for (size_t i = 0; i < registry->history_count; i++) {
        const mn_registry_past *past = &registry->history[i];
        if (past->s_version == s_version && mnsec_id_equal(&past->department, id)) {
            *out_g = past->g_version;
            *out_o = past->o_version;
            return MNSEC_OK;
        }
    }
    return MNSEC_E_STATE_NOT_FOUND;
}

size_t mn_registry_person_count(const mn_registry *registry)
{
    return registry->person_count;
}

const mn_registry_person *mn_registry_person_at(const mn_registry *registry, size_t n)
{
    return n < registry->person_count ? &registry->persons[n]->person : NULL;
}

const mn_registry_person *mn_registry_person_get(const mn_registry *registry, const mnsec_id *id)
{
    for (size_t i = 0; i < registry->person_count; i++) {
        if (mnsec_id_equal(&registry->persons[i]->enrolment.person, id)) {
            return &registry->persons[i]->person;
        }
    }
    return NULL;
}

const mn_registry_person *mn_registry_person_by_card(const mn_registry *registry,
                                                     const uint8_t card[32])
{
    for (size_t i = 0; i < registry->person_count; i++) {
        const mn_enrolment *enrolment = &registry->persons[i]->enrolment;
        if (mn_registry_is_card(enrolment->card, card)) {
            return &registry->persons[i]->person;
        }
    }
    return NULL;
}

size_t mn_registry_grant_count(const mn_registry *registry)
{
    return registry->grant_count;
}

const mn_registry_grant *mn_registry_grant_at(const mn_registry *registry, size_t n)
{
    return n < registry->grant_count ? &registry->grants[n]->grant : NULL;
}

bool mn_registry_workstation_is_known(const mn_registry *registry, const mnsec_id *id)
{
    for (size_t i = 0; i < registry->workstation_count; i++) {
        if (mnsec_id_equal(&registry->workstations[i], id)) {
            return true;
        }
    }
    return false;
}

const char *mn_registry_policy(const mn_registry *registry, const char *key)
{
    for (size_t i = 0; i < registry->setting_count; i++) {
        if (strcmp(registry->settings[i].key, key) == 0) {
            return mn_buf_text(&registry->settings[i].value);
        }
    }
    return NULL;
}
