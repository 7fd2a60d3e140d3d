/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a document must fulfil beside all that was said before it (docs/FORMATS.md section 3.2): ids
 * are new, names are known, versions follow without gap, somebody responsible remains. Who must
 * sign it: registry_may.c. What it must fulfil by itself: statement_layout.c.
 */
#include "registry_state.h"

typedef const char *(*rule)(const mn_registry *registry, const mn_statement *statement);

static bool is_paper(const uint8_t card[32])
{
    static const uint8_t none[32] = {0};
    return mn_registry_is_card(card, none);
}

/* --- recovery -------------------------------------------------------------------------------- */

/* May this card hold a share: that of a responsible person who is not leaving, or the new one? */
static bool may_hold_share(const mn_registry *registry, const uint8_t card[32],
                           const mnsec_id *leaving, const mn_enrolment *joining)
{
    if (is_paper(card) || (joining != NULL && mn_registry_is_card(card, joining->card))) {
        return true;
    }
    const mn_registry_person *person = mn_registry_person_by_card(registry, card);
    return mn_registry_is_responsible(person) &&
           (leaving == NULL || !mnsec_id_equal(&person->enrolment->person, leaving));
}

/* A new recovery key comes with a change among the responsible persons, and only with one: those
 * statements have the second signature. */
static const char *check_recovery(const mn_registry *registry, const mn_recovery *next,
                                  mnsec_role role, const mnsec_id *leaving,
                                  const mn_enrolment *joining)
{
    if (next->version == 0) {
        return NULL;
    }
    if (role != MNSEC_ROLE_RESPONSIBLE) {
        return "recovery key changes without a change among responsible persons";
    }
    if (next->version != registry->recovery.version + 1) {
        return "recovery version does not follow the one in force";
    }
    for (size_t i = 0; i < next->holder_count; i++) {
        if (!may_hold_share(registry, next->holders[i], leaving, joining)) {
            return "a recovery share is held by a card that is not a responsible person's";
        }
    }
    return NULL;
}

/* --- facility.found -------------------------------------------------------------------------- */

static const char *check_founding_departments(const mn_founding *founding)
{
    for (size_t i = 0; i < founding->department_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (mnsec_id_equal(&founding->departments[i].versions.id,
                               &founding->departments[k].versions.id)) {
                return "department id is used twice";
            }
        }
    }
    return NULL;
}

static const char *check_founding_persons(const mn_founding *founding)
{
    size_t responsible = 0;
    for (size_t i = 0; i < founding->person_count; i++) {
        const mn_enrolment *person = &founding->persons[i];
        responsible += person->role == MNSEC_ROLE_RESPONSIBLE;
        for (size_t k = 0; k < i; k++) {
            if (mnsec_id_equal(&person->person, &founding->persons[k].person)) {
                return "person id is used twice";
            }
            if (mn_registry_is_card(person->card, founding->persons[k].card)) {
                return "card is enrolled twice";
            }
        }
    }
    if (founding->persons[0].role != MNSEC_ROLE_RESPONSIBLE) {
        return "first person is not responsible";
    }
    return founding->single_control == (responsible == 1)
               ? NULL
               : "single control does not agree with the number of responsible persons";
}

static const char *check_founding_recovery(const mn_founding *founding)
{
    const mn_recovery *recovery = &founding->recovery;
    if (recovery->version > 1) {
        return "first recovery version is not 1";
    }
    for (size_t i = 0; i < recovery->holder_count; i++) {
        bool is_known = is_paper(recovery->holders[i]);
        for (size_t k = 0; k < founding->person_count; k++) {
            is_known =
                is_known || (founding->persons[k].role == MNSEC_ROLE_RESPONSIBLE &&
                             mn_registry_is_card(recovery->holders[i], founding->persons[k].card));
        }
        if (!is_known) {
            return "a recovery share is held by a card that is not a responsible person's";
        }
    }
    return NULL;
}

static const char *check_founding(const mn_registry *registry, const mn_statement *statement)
{
    (void)registry;
    const mn_founding *founding = &statement->u.founding;
    const char *broken = check_founding_departments(founding);
    broken = broken != NULL ? broken : check_founding_persons(founding);
    return broken != NULL ? broken : check_founding_recovery(founding);
}

/* --- staff.* --------------------------------------------------------------------------------- */

static const char *check_enrol(const mn_registry *registry, const mn_statement *statement)
{
    const mn_enrolment *enrolment = &statement->u.enrol.enrolment;
    if (mn_registry_person_get(registry, &enrolment->person) != NULL) {
        return "person id is known already";
    }
    if (mn_registry_person_by_card(registry, enrolment->card) != NULL) {
        return "card is enrolled already";
    }
    return check_recovery(registry, &statement->u.enrol.recovery, enrolment->role, NULL, enrolment);
}

static bool is_last_responsible(const mn_registry *registry, const mn_registry_person *leaving)
{
    for (size_t i = 0; i < registry->person_count; i++) {
        const mn_registry_person *person = &registry->persons[i]->person;
        if (person != leaving && mn_registry_is_responsible(person)) {
            return false;
        }
    }
    return true;
}

/* Can the person have had the department's group secret? Responsible persons have every one. */
static bool has_reached(const mn_registry *registry, const mn_registry_person *person,
                        const mnsec_id *department)
{
    if (person->enrolment->role == MNSEC_ROLE_RESPONSIBLE) {
        return true;
    }
    for (size_t i = 0; i < registry->grant_count; i++) {
        const mn_grant *grant = &registry->grants[i]->document;
        if (mnsec_id_equal(&grant->person, &person->enrolment->person) &&
            mnsec_id_equal(&grant->department, department)) {
            return true;
        }
    }
    return false;
}

static size_t count_department(const mn_withdrawal *withdrawal, const mnsec_id *id)
{
    size_t count = 0;
    for (size_t i = 0; i < withdrawal->department_count; i++) {
        count += mnsec_id_equal(&withdrawal->departments[i].id, id);
    }
    return count;
}

static const char *check_withdrawal_departments(const mn_registry *registry,
                                                const mn_withdrawal *withdrawal,
                                                const mn_registry_person *person)
{
    for (size_t i = 0; i < withdrawal->department_count; i++) {
        const mn_department_versions *next = &withdrawal->departments[i];
        const mn_registry_department *department = mn_registry_department_get(registry, &next->id);
        if (department == NULL) {
            return "department is not known";
        }
        if (next->g_version != department->versions.g_version + 1 ||
            next->s_version != department->versions.s_version + 1 ||
            next->o_version != department->versions.o_version) {
            return "versions of a department do not follow those in force";
        }
    }
    for (size_t i = 0; i < registry->department_count; i++) {
        const mnsec_id *id = &registry->departments[i].id;
        const size_t count = count_department(withdrawal, id);
        if (count > 1) {
            return "department is named twice";
        }
        if (count == 0 && has_reached(registry, person, id)) {
            return "a department that the person could open is missing";
        }
    }
    return NULL;
}

static const char *check_withdrawal(const mn_registry *registry, const mn_statement *statement)
{
    const mn_withdrawal *withdrawal = &statement->u.withdrawal;
    const mn_registry_person *person = mn_registry_person_get(registry, &withdrawal->person);
    if (person == NULL) {
        return "person is not known";
    }
    if (person->withdrawn) {
        return "person was withdrawn already";
    }
    if (mn_registry_is_responsible(person) && is_last_responsible(registry, person)) {
        return "last responsible person cannot be withdrawn";
    }
    if (withdrawal->facility_pin_version != registry->facility_pin_version + 1) {
        return "facility PIN version does not follow the one in force";
    }
    const char *broken = check_withdrawal_departments(registry, withdrawal, person);
    return broken != NULL ? broken
                          : check_recovery(registry, &withdrawal->recovery, person->enrolment->role,
                                           &withdrawal->person, NULL);
}

/* --- grant.* --------------------------------------------------------------------------------- */

static const mn_registry_grant *grant_of(const mn_registry *registry, const mnsec_id *id)
{
    for (size_t i = 0; i < registry->grant_count; i++) {
        if (mnsec_id_equal(&registry->grants[i]->document.id, id)) {
            return &registry->grants[i]->grant;
        }
    }
    return NULL;
}

static const char *check_grant(const mn_registry *registry, const mn_statement *statement)
{
    const mn_grant *grant = &statement->u.grant;
    const mn_registry_person *person = mn_registry_person_get(registry, &grant->person);
    if (grant_of(registry, &grant->id) != NULL) {
        return "grant id is known already";
    }
    if (person == NULL) {
        return "person is not known";
    }
    if (person->withdrawn) {
        return "person was withdrawn";
    }
    return mn_registry_department_get(registry, &grant->department) == NULL
               ? "department is not known"
               : NULL;
}

static const char *check_grant_withdrawal(const mn_registry *registry,
                                          const mn_statement *statement)
{
    const mn_registry_grant *grant = grant_of(registry, &statement->u.grant_withdrawal.grant);
    if (grant == NULL) {
        return "grant is not known";
    }
    return grant->withdrawn ? "grant was withdrawn already" : NULL;
}

/* --- the rest -------------------------------------------------------------------------------- */

static const char *check_password(const mn_registry *registry, const mn_statement *statement)
{
    const mn_password_change *change = &statement->u.password;
    const mn_registry_person *person = mn_registry_person_get(registry, &change->person);
    if (person == NULL) {
        return "person is not known";
    }
    if (!mn_registry_is_card(change->card, person->enrolment->card)) {
        return "card is not that person's";
    }
    return change->version == person->password_version + 1
               ? NULL
               : "password version does not follow the one in force";
}

/* An operation password that is due after a withdrawal brings a new O_d, so a new S_d. */
static const char *check_operation(const mn_registry *registry, const mn_statement *statement)
{
    const mn_operation_change *change = &statement->u.operation;
    const mn_department_versions *next = &change->versions;
    const mn_registry_department *department = mn_registry_department_get(registry, &next->id);
    if (department == NULL) {
        return "department is not known";
    }
    const mn_department_versions *now = &department->versions;
    const uint64_t step = department->operation_password_due ? 1 : 0;
    if (next->wrap_version != now->wrap_version + 1 || next->g_version != now->g_version ||
        next->o_version != now->o_version + step || next->s_version != now->s_version + step) {
        return "versions of the department do not follow those in force";
    }
    return change->recovered && registry->recovery.version == 0 ? "there is no recovery key" : NULL;
}

static const char *check_facility_pin(const mn_registry *registry, const mn_statement *statement)
{
    return statement->u.facility_pin_version == registry->facility_pin_version + 1
               ? NULL
               : "facility PIN version does not follow the one in force";
}

static const char *check_workstation(const mn_registry *registry, const mn_statement *statement)
{
    return mn_registry_workstation_is_known(registry, &statement->u.workstation.id)
               ? "workstation id is known already"
               : NULL;
}

static const char *check_policy(const mn_registry *registry, const mn_statement *statement)
{
    (void)registry;
    (void)statement;
    return NULL; /* any value follows any other */
}

static const rule rules[] = {
    [MN_STATEMENT_FACILITY_FOUND] = check_founding,
    [MN_STATEMENT_STAFF_ENROL] = check_enrol,
    [MN_STATEMENT_STAFF_WITHDRAW] = check_withdrawal,
    [MN_STATEMENT_GRANT_GIVE] = check_grant,
    [MN_STATEMENT_GRANT_WITHDRAW] = check_grant_withdrawal,
    [MN_STATEMENT_PASSWORD_CHANGE] = check_password,
    [MN_STATEMENT_PASSWORD_OPERATION] = check_operation,
    [MN_STATEMENT_KEY_FACILITY_PIN] = check_facility_pin,
    [MN_STATEMENT_WORKSTATION_REGISTER] = check_workstation,
    [MN_STATEMENT_POLICY_CHANGE] = check_policy,
};

const char *mn_registry_rules_broken(const mn_registry *registry, const mn_statement *statement)
{
    const size_t kind = (size_t)statement->kind;
    if (kind >= sizeof(rules) / sizeof(rules[0]) || rules[kind] == NULL) {
        return "document is of no known kind";
    }
    const bool is_founding = statement->kind == MN_STATEMENT_FACILITY_FOUND;
    if (is_founding != (registry->count == 0)) {
        return is_founding ? "facility is founded already" : "facility is not founded";
    }
    return rules[kind](registry, statement);
}
