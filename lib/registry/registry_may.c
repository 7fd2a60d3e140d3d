/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who must sign which document (docs/FORMATS.md section 3.2), as of now: one answer for the log
 * that is verified and for the statement that is still to be signed. Exactly the signatures that
 * are needed, in their order; one too many is refused as well.
 */
#include "registry_state.h"

typedef enum operator_rule {
    OPERATOR_NOBODY = 0,
    OPERATOR_RESPONSIBLE,
    OPERATOR_OWN_CARD,     /* the person the document names */
    OPERATOR_OF_DEPARTMENT /* responsible, or a handler with a grant in it */
} operator_rule;

/* facility.found has no operator who was enrolled before: may_not_found(). */
static const operator_rule operator_rules[] = {
    [MN_STATEMENT_STAFF_ENROL] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_STAFF_WITHDRAW] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_GRANT_GIVE] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_GRANT_WITHDRAW] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_PASSWORD_CHANGE] = OPERATOR_OWN_CARD,
    [MN_STATEMENT_PASSWORD_OPERATION] = OPERATOR_OF_DEPARTMENT,
    [MN_STATEMENT_KEY_FACILITY_PIN] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_WORKSTATION_REGISTER] = OPERATOR_RESPONSIBLE,
    [MN_STATEMENT_POLICY_CHANGE] = OPERATOR_RESPONSIBLE,
};

/* Validity in time is policy's matter: a statement is judged by its position, never by a clock. */
static bool has_grant(const mn_registry *registry, const mn_enrolment *person,
                      const mnsec_id *department)
{
    for (size_t i = 0; i < registry->grant_count; i++) {
        const mn_registry_grant *given = &registry->grants[i]->grant;
        if (!given->withdrawn && mnsec_id_equal(&given->grant->person, &person->person) &&
            mnsec_id_equal(&given->grant->department, department)) {
            return true;
        }
    }
    return false;
}

static const char *check_operator(const mn_registry *registry, const mn_statement *statement,
                                  const mn_enrolment *actor)
{
    const bool is_responsible = actor->role == MNSEC_ROLE_RESPONSIBLE;
    switch (operator_rules[statement->kind]) {
    case OPERATOR_RESPONSIBLE:
        return is_responsible ? NULL : "operator is not a responsible person";
    case OPERATOR_OWN_CARD:
        return mnsec_id_equal(&actor->person, &statement->u.password.person)
                   ? NULL
                   : "operator is not the person whose password changes";
    case OPERATOR_OF_DEPARTMENT:
        if (is_responsible) {
            return NULL;
        }
        if (statement->u.operation.recovered) {
            return "operator is not a responsible person";
        }
        return actor->role == MNSEC_ROLE_HANDLER &&
                       has_grant(registry, actor, &statement->u.operation.versions.id)
                   ? NULL
                   : "operator has no grant in the department";
    default:
        return "document is of no known kind";
    }
}

static const char *check_second(const mn_registry *registry, const mn_statement *statement,
                                const mn_enrolment *actor, const uint8_t card[32])
{
    const mn_registry_person *second = mn_registry_person_by_card(registry, card);
    if (!mn_registry_is_responsible(second)) {
        return "second signer is not a responsible person";
    }
    const mnsec_id *person = &second->enrolment->person;
    if (mnsec_id_equal(person, &actor->person)) {
        return "second signer is the operator";
    }
    return statement->kind == MN_STATEMENT_STAFF_WITHDRAW &&
                   mnsec_id_equal(person, &statement->u.withdrawal.person)
               ? "second signer is the person concerned"
               : NULL;
}

static const char *check_count(size_t count, size_t needed)
{
    if (count < needed) {
        return "a signature is missing";
    }
    return count > needed ? "there are more signatures than needed" : NULL;
}

static const char *may_not_found(const mn_registry *registry, const mn_statement *statement,
                                 const uint8_t (*signers)[32], size_t count)
{
    const mn_founding *founding = &statement->u.founding;
    const char *broken = check_count(count, mn_registry_needs(registry, statement, NULL));
    if (broken != NULL) {
        return broken;
    }
    size_t signer = 0;
    for (size_t i = 0; i < founding->person_count && signer < count; i++) {
        if (founding->persons[i].role != MNSEC_ROLE_RESPONSIBLE) {
            continue;
        }
        if (!mn_registry_is_card(signers[signer], founding->persons[i].card)) {
            return "signers are not the first responsible persons";
        }
        signer++;
    }
    return NULL;
}

static const char *may_not_follow(const mn_registry *registry, const mn_statement *statement,
                                  const uint8_t (*signers)[32], size_t count)
{
    const mn_registry_person *person =
        count > 0 ? mn_registry_person_by_card(registry, signers[0]) : NULL;
    if (person == NULL) {
        return "operator's card is not enrolled";
    }
    if (person->withdrawn) {
        return "operator was withdrawn";
    }
    const mn_enrolment *actor = person->enrolment;
    const char *broken = check_operator(registry, statement, actor);
    if (broken != NULL) {
        return broken;
    }
    const bool enrols = statement->kind == MN_STATEMENT_STAFF_ENROL;
    const bool needs_second = mn_registry_needs(registry, statement, &actor->person) > 1;
    broken = check_count(count, 1U + enrols + needs_second);
    if (broken != NULL) {
        return broken;
    }
    if (enrols && !mn_registry_is_card(signers[1], statement->u.enrol.enrolment.card)) {
        return "second group is not the new card's";
    }
    return needs_second ? check_second(registry, statement, actor, signers[count - 1]) : NULL;
}

const char *mn_registry_may_not(const mn_registry *registry, const mn_statement *statement,
                                const uint8_t (*signers)[32], size_t signer_count)
{
    const char *broken = mn_registry_rules_broken(registry, statement);
    if (broken != NULL) {
        return broken;
    }
    return statement->kind == MN_STATEMENT_FACILITY_FOUND
               ? may_not_found(registry, statement, signers, signer_count)
               : may_not_follow(registry, statement, signers, signer_count);
}

mnsec_status mn_registry_may(const mn_registry *registry, const mn_statement *statement,
                             const uint8_t (*signers)[32], size_t signer_count)
{
    const char *reason = mn_registry_may_not(registry, statement, signers, signer_count);
    return reason == NULL ? MNSEC_OK : mn_fail(registry->err, MNSEC_E_DENIED, "%s", reason);
}
