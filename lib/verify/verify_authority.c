/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who could sign what at this point of the log (docs/FORMATS.md, 3.2): the cards that are enrolled,
 * whose persons are responsible, who holds a grant. A statement is judged by what stood before it;
 * refused, it changes nothing. Signatures themselves are verified in verify_attest.c, and what the
 * documents say beyond signing is the registry's business, not an auditor's.
 */
#include <stdlib.h>
#include <string.h>

#include "verify_state.h"

#define RESPONSIBLE 1U
#define HANDLER     2U
#define TABLE_MAX   65536U /* persons, or grants, in a facility's life; keeps memory bounded */

typedef struct member {
    mn_verify_person person;
    bool withdrawn;
} member;

typedef struct grant {
    mnsec_id id, person, department;
    bool withdrawn;
} grant;

struct mn_verify_authority {
    member *members;
    size_t member_count, member_capacity;
    grant *grants;
    size_t grant_count, grant_capacity;
};

/* Room for one more of size bytes in *table. */
static mnsec_status grow(void **table, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return MNSEC_OK;
    }
    const size_t larger = *capacity == 0 ? 16 : 2 * *capacity;
    if (larger > TABLE_MAX) {
        return MNSEC_E_USAGE_FORMAT;
    }
    void *grown = realloc(*table, larger * size);
    if (grown == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *table = grown;
    *capacity = larger;
    return MNSEC_OK;
}

static member *find_by_certificate(const mn_verify_authority *authority,
                                   const uint8_t certificate[32])
{
    for (size_t i = 0; i < authority->member_count; i++) {
        member *found = &authority->members[i];
        if (memcmp(found->person.certificate, certificate, 32) == 0 && !found->withdrawn) {
            return found;
        }
    }
    return NULL;
}

static member *find_by_id(const mn_verify_authority *authority, const mnsec_id *id)
{
    for (size_t i = 0; i < authority->member_count; i++) {
        if (mnsec_id_equal(&authority->members[i].person.id, id)) {
            return &authority->members[i];
        }
    }
    return NULL;
}

static bool is_known(const mn_verify_authority *authority, const mn_verify_person *person)
{
    for (size_t i = 0; i < authority->member_count; i++) {
        const mn_verify_person *other = &authority->members[i].person;
        if (mnsec_id_equal(&other->id, &person->id) ||
            memcmp(other->card, person->card, sizeof(other->card)) == 0 ||
            memcmp(other->certificate, person->certificate, sizeof(other->certificate)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_responsible(const member *m)
{
    return m != NULL && m->person.role == RESPONSIBLE && !m->withdrawn;
}

static bool is_certificate(const mn_verify_line_group *group, const mn_verify_person *person)
{
    return memcmp(group->certificate, person->certificate, sizeof(person->certificate)) == 0;
}

/* --- who must sign ------------------------------------------------------------------------------
 */

/* Founding: the first person, and the second responsible person where there is one. */
static bool may_found(const mn_verify_document *document, const mn_verify_line_groups *groups)
{
    size_t signer = 0;
    for (size_t i = 0; i < document->person_count && signer < 2; i++) {
        if (document->persons[i].role != RESPONSIBLE) {
            continue;
        }
        if (signer == groups->count ||
            !is_certificate(&groups->groups[signer], &document->persons[i])) {
            return false;
        }
        signer++;
    }
    return document->person_count > 0 && document->persons[0].role == RESPONSIBLE &&
           signer == groups->count;
}

static bool has_grant(const mn_verify_authority *authority, const mnsec_id *person,
                      const mnsec_id *department)
{
    for (size_t i = 0; i < authority->grant_count; i++) {
        const grant *g = &authority->grants[i];
        if (!g->withdrawn && mnsec_id_equal(&g->person, person) &&
            mnsec_id_equal(&g->department, department)) {
            return true;
        }
    }
    return false;
}

static bool may_operate(const mn_verify_authority *authority, const mn_verify_document *document,
                        const member *actor)
{
    if (document->kind == MN_VERIFY_DOCUMENT_PASSWORD) {
        return mnsec_id_equal(&actor->person.id, &document->person);
    }
    if (is_responsible(actor)) {
        return true;
    }
    return document->kind == MN_VERIFY_DOCUMENT_OPERATION && document->recovered == 0 &&
           actor->person.role == HANDLER &&
           has_grant(authority, &actor->person.id, &document->department);
}

/* Does the document touch who is responsible, or favour the one who signs it? */
static bool is_grave(const mn_verify_authority *authority, const mn_verify_document *document,
                     const member *actor)
{
    switch (document->kind) {
    case MN_VERIFY_DOCUMENT_ENROL:
        return document->persons[0].role == RESPONSIBLE;
    case MN_VERIFY_DOCUMENT_WITHDRAW:
        return is_responsible(find_by_id(authority, &document->person));
    case MN_VERIFY_DOCUMENT_GIVE:
        return mnsec_id_equal(&document->person, &actor->person.id);
    default:
        return false;
    }
}

/* May m be the second person: responsible, not the operator, not the person concerned? */
static bool may_be_second(const mn_verify_document *document, const member *actor, const member *m)
{
    return is_responsible(m) && !mnsec_id_equal(&m->person.id, &actor->person.id) &&
           (document->kind != MN_VERIFY_DOCUMENT_WITHDRAW ||
            !mnsec_id_equal(&m->person.id, &document->person));
}

static bool needs_second(const mn_verify_authority *authority, const mn_verify_document *document,
                         const member *actor)
{
    if (!is_grave(authority, document, actor)) {
        return false;
    }
    for (size_t i = 0; i < authority->member_count; i++) {
        if (may_be_second(document, actor, &authority->members[i])) {
            return true;
        }
    }
    return false;
}

static bool may_sign(const mn_verify_authority *authority, const mn_verify_document *document,
                     const mn_verify_line_groups *groups)
{
    if (document->kind == MN_VERIFY_DOCUMENT_FOUNDING) {
        return may_found(document, groups);
    }
    const member *actor = find_by_certificate(authority, groups->groups[0].certificate);
    if (actor == NULL || !may_operate(authority, document, actor)) {
        return false;
    }
    const bool enrols = document->kind == MN_VERIFY_DOCUMENT_ENROL;
    const bool second = needs_second(authority, document, actor);
    if (groups->count != 1U + enrols + second ||
        (enrols && !is_certificate(&groups->groups[1], &document->persons[0]))) {
        return false;
    }
    const uint8_t *last = groups->groups[groups->count - 1].certificate;
    return !second || may_be_second(document, actor, find_by_certificate(authority, last));
}

/* --- what changes -------------------------------------------------------------------------------
 */

static mnsec_status add_persons(mn_verify_authority *authority, const mn_verify_document *document)
{
    for (size_t i = 0; i < document->person_count; i++) {
        void *table = authority->members;
        if (is_known(authority, &document->persons[i])) {
            return MNSEC_E_DENIED;
        }
        MN_TRY(grow(&table, authority->member_count, &authority->member_capacity, sizeof(member)));
        authority->members = (member *)table;
        authority->members[authority->member_count++] = (member){.person = document->persons[i]};
    }
    return MNSEC_OK;
}

static mnsec_status withdraw_person(mn_verify_authority *authority,
                                    const mn_verify_document *document)
{
    member *leaving = find_by_id(authority, &document->person);
    if (leaving == NULL || leaving->withdrawn) {
        return MNSEC_E_DENIED;
    }
    leaving->withdrawn = true;
    for (size_t i = 0; i < authority->grant_count; i++) {
        grant *g = &authority->grants[i];
        g->withdrawn = g->withdrawn || mnsec_id_equal(&g->person, &document->person);
    }
    return MNSEC_OK;
}

static grant *find_grant(const mn_verify_authority *authority, const mnsec_id *id)
{
    for (size_t i = 0; i < authority->grant_count; i++) {
        if (mnsec_id_equal(&authority->grants[i].id, id)) {
            return &authority->grants[i];
        }
    }
    return NULL;
}

static mnsec_status give(mn_verify_authority *authority, const mn_verify_document *document)
{
    const member *m = find_by_id(authority, &document->person);
    void *table = authority->grants;
    if (m == NULL || m->withdrawn || find_grant(authority, &document->grant) != NULL) {
        return MNSEC_E_DENIED;
    }
    MN_TRY(grow(&table, authority->grant_count, &authority->grant_capacity, sizeof(grant)));
    authority->grants = (grant *)table;
    authority->grants[authority->grant_count++] = (grant){
        .id = document->grant, .person = document->person, .department = document->department};
    return MNSEC_OK;
}

static mnsec_status take_back(mn_verify_authority *authority, const mn_verify_document *document)
{
    grant *g = find_grant(authority, &document->grant);
    if (g == NULL || g->withdrawn) {
        return MNSEC_E_DENIED;
    }
    g->withdrawn = true;
    return MNSEC_OK;
}

static mnsec_status change(mn_verify_authority *authority, const mn_verify_document *document)
{
    switch (document->kind) {
    case MN_VERIFY_DOCUMENT_FOUNDING:
    case MN_VERIFY_DOCUMENT_ENROL:
        return add_persons(authority, document);
    case MN_VERIFY_DOCUMENT_WITHDRAW:
        return withdraw_person(authority, document);
    case MN_VERIFY_DOCUMENT_GIVE:
        return give(authority, document);
    case MN_VERIFY_DOCUMENT_TAKE_BACK:
        return take_back(authority, document);
    default:
        return MNSEC_OK;
    }
}

mnsec_status mn_verify_authority_new(mn_verify_authority **out_authority)
{
    mn_verify_authority *authority = calloc(1, sizeof(*authority));
    if (authority == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out_authority = authority;
    return MNSEC_OK;
}

void mn_verify_authority_free(mn_verify_authority *authority)
{
    if (authority == NULL) {
        return;
    }
    free(authority->members);
    free(authority->grants);
    free(authority);
}

const uint8_t *mn_verify_authority_card(const mn_verify_authority *authority,
                                        const uint8_t certificate[32])
{
    const member *found = find_by_certificate(authority, certificate);
    return found == NULL ? NULL : found->person.card;
}

mnsec_status mn_verify_authority_apply(mn_verify_authority *authority, const mn_verify_line *line,
                                       mn_bytes document, const mn_verify_line_groups *groups,
                                       mn_buf *out_audit_certificate)
{
    mn_verify_document read;
    MN_TRY(mn_verify_document_read(line, document, &read));
    if (groups->count > 0 && !may_sign(authority, &read, groups)) {
        return MNSEC_E_DENIED;
    }
    MN_TRY(change(authority, &read));
    if (read.kind == MN_VERIFY_DOCUMENT_FOUNDING) {
        mn_buf_reset(out_audit_certificate);
        return mn_buf_append(out_audit_certificate, read.audit_certificate.bytes,
                             read.audit_certificate.len);
    }
    return MNSEC_OK;
}
