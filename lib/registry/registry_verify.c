/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an entry the next statement of the chain? Place (index, ah, founding hash), document, signers
 * (registry_may.c), their certificates as enrolled, and every signature; nothing is applied here.
 */
#include <inttypes.h>

#include "base/base64.h"
#include "registry_state.h"

/* What must hold does not: the entry and why. */
static mnsec_status refuse(const mn_registry *registry, const mn_registry_entry *entry,
                           const char *reason)
{
    return mn_fail(registry->err, MNSEC_E_INTEGRITY_AUTHORITY, "entry %" PRIu64 ": %s",
                   entry->index, reason);
}

/* The same for a status from below, where a fault of our own (no memory) is no verdict. */
static mnsec_status judge(const mn_registry *registry, const mn_registry_entry *entry,
                          mnsec_status status, const char *reason)
{
    const bool is_fault = mnsec_status_class(status) == MNSEC_CLASS_INTERNAL;
    return status == MNSEC_OK || is_fault ? status : refuse(registry, entry, reason);
}

static mnsec_status check_first_place(const mn_registry *registry, const mn_registry_entry *entry,
                                      const uint8_t digest[32], const uint8_t *founding_hash)
{
    if (entry->index != 0 || strncmp(entry->ah, "-", sizeof(entry->ah)) != 0) {
        return refuse(registry, entry, "chain does not begin with entry 0");
    }
    if (founding_hash == NULL || memcmp(digest, founding_hash, 32) != 0) {
        return refuse(registry, entry, "statement is not the founding that is trusted");
    }
    return MNSEC_OK;
}

static mnsec_status check_place(const mn_registry *registry, const mn_registry_entry *entry)
{
    char head[MN_BASE64_URL_DIGEST_BYTES];
    mn_base64_url_digest(registry->head, head);
    if (entry->index <= registry->index) {
        return refuse(registry, entry, "stands before the statement that was applied last");
    }
    if (strncmp(entry->ah, head, sizeof(entry->ah)) != 0) {
        return refuse(registry, entry, "statement does not follow the newest one");
    }
    return MNSEC_OK;
}

static mnsec_status read_document(const mn_registry *registry, const mn_registry_entry *entry,
                                  mn_statement **out_statement)
{
    const mn_statement_kind kind = mn_statement_kind_of(entry->event);
    if (kind == MN_STATEMENT_NONE) {
        return refuse(registry, entry, "event is no authority event");
    }
    const mnsec_status status = mn_statement_decode(kind, entry->document, out_statement);
    return judge(registry, entry, status, "document is malformed");
}

/* The enrolment of a card, known or made by this very statement. */
static const mn_enrolment *enrolment_of(const mn_registry *registry, const mn_statement *statement,
                                        const uint8_t card[32])
{
    if (statement->kind == MN_STATEMENT_STAFF_ENROL &&
        mn_registry_is_card(statement->u.enrol.enrolment.card, card)) {
        return &statement->u.enrol.enrolment;
    }
    if (statement->kind == MN_STATEMENT_FACILITY_FOUND) {
        const mn_founding *founding = &statement->u.founding;
        for (size_t i = 0; i < founding->person_count; i++) {
            if (mn_registry_is_card(founding->persons[i].card, card)) {
                return &founding->persons[i];
            }
        }
    }
    const mn_registry_person *person = mn_registry_person_by_card(registry, card);
    return person == NULL ? NULL : person->enrolment;
}

static mnsec_status read_certificates(const mn_registry *registry, const mn_registry_entry *entry,
                                      mn_x509_info *out_certificates)
{
    if (entry->signature_count > MN_REGISTRY_MAX_SIGNERS) {
        return refuse(registry, entry, "there are more signatures than needed");
    }
    for (size_t i = 0; i < entry->signature_count; i++) {
        const mn_x509_info *info = NULL;
        mn_signature_key *key = NULL;
        const mnsec_status status =
            mn_x509_known_get(registry->known, entry->signatures[i].certificate, &info, &key);
        MN_TRY(judge(registry, entry, status, "certificate of a signer is malformed"));
        out_certificates[i] = *info;
    }
    return MNSEC_OK;
}

static mnsec_status check_signers(const mn_registry *registry, const mn_registry_entry *entry,
                                  const mn_statement *statement, const mn_x509_info *certificates)
{
    uint8_t signers[MN_REGISTRY_MAX_SIGNERS][32];
    for (size_t i = 0; i < entry->signature_count; i++) {
        memcpy(signers[i], certificates[i].spki_hash, sizeof(signers[i]));
    }
    const char *reason = mn_registry_may_not(registry, statement, signers, entry->signature_count);
    if (reason != NULL) {
        return refuse(registry, entry, reason);
    }
    for (size_t i = 0; i < entry->signature_count; i++) {
        const mn_enrolment *enrolment = enrolment_of(registry, statement, signers[i]);
        if (enrolment == NULL ||
            memcmp(enrolment->certificate, certificates[i].fingerprint, 32) != 0) {
            return refuse(registry, entry, "certificate is not the one that was enrolled");
        }
    }
    return MNSEC_OK;
}

static mnsec_status verify_signature(const mn_registry *registry, const mn_registry_entry *entry,
                                     const mn_registry_signature *signature)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *key = NULL;
    mnsec_status status = mn_x509_known_get(registry->known, signature->certificate, &info, &key);
    if (status == MNSEC_OK) {
        status =
            mn_signature_key_verify(key, signature->alg, entry->statement, signature->signature);
    }
    return judge(registry, entry, status, "a signature does not verify");
}

static mnsec_status verify_signatures(const mn_registry *registry, const mn_registry_entry *entry)
{
    for (size_t i = 0; i < entry->signature_count; i++) {
        MN_TRY(verify_signature(registry, entry, &entry->signatures[i]));
    }
    return MNSEC_OK;
}

mnsec_status mn_registry_verify(const mn_registry *registry, const mn_registry_entry *entry,
                                const uint8_t digest[32], const uint8_t *founding_hash,
                                mn_statement **out_statement)
{
    MN_TRY(registry->count == 0 ? check_first_place(registry, entry, digest, founding_hash)
                                : check_place(registry, entry));

    MN_AUTO_PTR(mn_statement) statement = NULL;
    mn_x509_info certificates[MN_REGISTRY_MAX_SIGNERS];
    MN_TRY(read_document(registry, entry, &statement));
    MN_TRY(read_certificates(registry, entry, certificates));
    MN_TRY(check_signers(registry, entry, statement, certificates));
    MN_TRY(verify_signatures(registry, entry));
    *out_statement = mn_take(statement);
    return MNSEC_OK;
}
