/* SPDX-License-Identifier: Apache-2.0 */
/* Cards in software and the entries they sign. What must work and does not ends the test. */
#include "chain.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"

#define RSA_BITS     2048
#define FIRST_NUMBER 0x11

static void must(mnsec_status status)
{
    if (status != MNSEC_OK) {
        abort();
    }
}

/* --- cards ----------------------------------------------------------------------------------- */

void chain_card_certify(const chain_card *card, mn_buf *out_certificate)
{
    soft_key authority;
    soft_key_make(&authority, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    const mn_x509_request request = {
        .subject_cn = "card",
        .issuer_cn = "authority",
        .subject_spki = mn_buf_view(&card->key.spki),
        .not_before = 1700000000,
        .serial = {1},
    };
    mn_buf_reset(out_certificate);
    must(mn_x509_issue(&request, &authority.signer, out_certificate));
    soft_key_wipe(&authority);
}

void chain_card_make(chain_card *card, mn_signature_alg alg)
{
    *card = (chain_card){0};
    soft_key_make(&card->key, alg, RSA_BITS);
    chain_card_certify(card, &card->certificate);
    mn_hash_bytes(mn_buf_view(&card->certificate), card->fingerprint);
    mn_hash_bytes(mn_buf_view(&card->key.spki), card->hash);
}

void chain_card_wipe(chain_card *card)
{
    soft_key_wipe(&card->key);
    mn_buf_wipe(&card->certificate);
}

void chain_init(chain *c)
{
    must(mn_crypto_init());
    *c = (chain){0};
    for (size_t i = 0; i < CHAIN_PEOPLE; i++) {
        chain_card_make(&c->cards[i], MN_SIGNATURE_ECDSA_P256_SHA256);
    }
    must(mn_registry_new(&c->error, &c->registry));
}

void chain_wipe(chain *c)
{
    mn_registry_free(c->registry);
    for (size_t i = 0; i < CHAIN_PEOPLE; i++) {
        chain_card_wipe(&c->cards[i]);
    }
}

/* --- documents ------------------------------------------------------------------------------- */

uint8_t chain_number(chain_who who)
{
    return (uint8_t)(FIRST_NUMBER + who);
}

mnsec_id chain_person(chain_who who)
{
    return sample_id(chain_number(who));
}

static void give_card(const chain *c, chain_who who, mnsec_role role, mn_enrolment *enrolment)
{
    enrolment->person = chain_person(who);
    enrolment->role = role;
    memcpy(enrolment->card, c->cards[who].hash, sizeof(enrolment->card));
    memcpy(enrolment->certificate, c->cards[who].fingerprint, sizeof(enrolment->certificate));
}

mn_statement *chain_founding(const chain *c, size_t responsible)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_FACILITY_FOUND);
    mn_founding *founding = &statement->u.founding;
    for (size_t i = 0; i < founding->person_count; i++) {
        mn_buf_wipe(&founding->persons[i].binding);
    }
    founding->person_count = responsible;
    founding->single_control = responsible == 1;
    for (size_t i = 0; i < responsible; i++) {
        sample_enrolment(chain_number((chain_who)i), &founding->persons[i]);
        give_card(c, (chain_who)i, MNSEC_ROLE_RESPONSIBLE, &founding->persons[i]);
    }
    /* Alice's share and two on paper. */
    memcpy(founding->recovery.holders[0], c->cards[CHAIN_ALICE].hash, 32);
    memset(founding->recovery.holders[1], 0, 32);
    return statement;
}

mn_statement *chain_enrol(const chain *c, chain_who who, mnsec_role role)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_STAFF_ENROL);
    statement->u.enrol.recovery = (mn_recovery){0};
    give_card(c, who, role, &statement->u.enrol.enrolment);
    return statement;
}

static const mn_department_versions *versions_of(const chain *c, uint8_t department)
{
    const mnsec_id id = sample_id(department);
    return &mn_registry_department_get(c->registry, &id)->versions;
}

mn_statement *chain_withdraw(const chain *c, chain_who who)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_STAFF_WITHDRAW);
    mn_withdrawal *withdrawal = &statement->u.withdrawal;
    withdrawal->person = chain_person(who);
    withdrawal->facility_pin_version = mn_registry_facility_pin_version(c->registry) + 1;
    withdrawal->department_count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        mn_department_versions *versions = &withdrawal->departments[i];
        *versions = *versions_of(c, (uint8_t)(0x21 + i));
        versions->g_version++;
        versions->s_version++;
    }
    return statement;
}

mn_statement *chain_grant(uint8_t number, chain_who who, uint8_t department)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_GRANT_GIVE);
    statement->u.grant.id = sample_id(number);
    statement->u.grant.person = chain_person(who);
    statement->u.grant.department = sample_id(department);
    return statement;
}

mn_statement *chain_operation(const chain *c, uint8_t department)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_PASSWORD_OPERATION);
    const mnsec_id id = sample_id(department);
    const mn_registry_department *known = mn_registry_department_get(c->registry, &id);
    mn_department_versions *versions = &statement->u.operation.versions;
    *versions = known->versions;
    versions->wrap_version++;
    if (known->operation_password_due) {
        versions->o_version++;
        versions->s_version++;
    }
    statement->u.operation.recovered = false;
    return statement;
}

mn_statement *chain_password(const chain *c, chain_who who)
{
    mn_statement *statement = sample_statement(MN_STATEMENT_PASSWORD_CHANGE);
    const mnsec_id id = chain_person(who);
    statement->u.password.person = id;
    memcpy(statement->u.password.card, c->cards[who].hash, 32);
    statement->u.password.version = mn_registry_person_get(c->registry, &id)->password_version + 1;
    return statement;
}

/* --- entries --------------------------------------------------------------------------------- */

void chain_entry_sign(const chain *c, chain_entry *entry, size_t count, const chain_who *signers)
{
    uint8_t digest[32];
    char body[MN_BASE64_URL_DIGEST_BYTES];
    mn_hash_bytes(mn_buf_view(&entry->document), digest);
    mn_base64_url_digest(digest, body);
    mn_buf_reset(&entry->statement);
    must(mn_buf_printf(&entry->statement,
                       "{\"_\":\"mnsec-audit/1\",\"ah\":\"%s\",\"bh\":\"%s\",\"ev\":\"%s\"}",
                       entry->entry.ah, body, entry->entry.event));
    entry->entry.statement = mn_buf_view(&entry->statement);
    entry->entry.document = mn_buf_view(&entry->document);
    entry->entry.signatures = entry->signatures;
    entry->entry.signature_count = count;
    for (size_t i = 0; i < count; i++) {
        const chain_card *card = &c->cards[signers[i]];
        mn_buf_reset(&entry->signature_bytes[i]);
        soft_key_sign(&card->key, entry->entry.statement, &entry->signature_bytes[i]);
        entry->signatures[i] = (mn_registry_signature){
            .alg = card->key.signer.alg,
            .certificate = mn_buf_view(&card->certificate),
            .signature = mn_buf_view(&entry->signature_bytes[i]),
        };
    }
}

void chain_entry_make(const chain *c, const mn_statement *statement, size_t count,
                      const chain_who *signers, chain_entry *out_entry)
{
    *out_entry = (chain_entry){
        .entry = {.index = c->next_index,
                  .event = mn_statement_event(statement->kind),
                  .ah = "-",
                  .ts = 1700000000 + (int64_t)c->next_index},
    };
    if (mn_registry_count(c->registry) > 0) {
        uint8_t head[32];
        mn_registry_head(c->registry, head);
        mn_base64_url_digest(head, out_entry->entry.ah);
    }
    must(mn_statement_encode(statement, &out_entry->document));
    chain_entry_sign(c, out_entry, count, signers);
}

void chain_entry_wipe(chain_entry *entry)
{
    mn_buf_wipe(&entry->statement);
    mn_buf_wipe(&entry->document);
    for (size_t i = 0; i < CHAIN_MAX_SIGNERS; i++) {
        mn_buf_wipe(&entry->signature_bytes[i]);
    }
}

mnsec_status chain_apply(chain *c, const chain_entry *entry)
{
    mn_error_clear(&c->error);
    if (mn_registry_count(c->registry) == 0) {
        mn_hash_bytes(entry->entry.statement, c->founding_hash);
    }
    const mnsec_status status = mn_registry_apply(c->registry, &entry->entry, c->founding_hash);
    c->next_index += status == MNSEC_OK ? 3 : 0; /* entries without authority lie between */
    return status;
}

mnsec_status chain_say(chain *c, mn_statement *statement, size_t count, ...)
{
    MN_AUTO_PTR(mn_statement) said = statement;
    MN_AUTO(chain_entry) entry = {0};
    chain_who signers[CHAIN_MAX_SIGNERS];
    va_list arguments;
    va_start(arguments, count);
    for (size_t i = 0; i < count; i++) {
        signers[i] = va_arg(arguments, chain_who);
    }
    va_end(arguments);
    chain_entry_make(c, said, count, signers, &entry);
    return chain_apply(c, &entry);
}

mnsec_status chain_may(chain *c, mn_statement *statement, size_t count, ...)
{
    MN_AUTO_PTR(mn_statement) asked = statement;
    uint8_t signers[CHAIN_MAX_SIGNERS][32] = {{0}};
    va_list arguments;
    va_start(arguments, count);
    for (size_t i = 0; i < count; i++) {
        memcpy(signers[i], c->cards[va_arg(arguments, chain_who)].hash, 32);
    }
    va_end(arguments);
    mn_error_clear(&c->error);
    return mn_registry_may(c->registry, asked, (const uint8_t(*)[32])signers, count);
}

void chain_found(chain *c, size_t responsible)
{
    chain_init(c);
    must(chain_say(c, chain_founding(c, responsible), responsible > 1 ? 2 : 1, CHAIN_ALICE,
                   CHAIN_BOB));
}

void chain_found_with_handler(chain *c)
{
    chain_found(c, 2);
    must(chain_say(c, chain_enrol(c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_ALICE, CHAIN_HANA));
    must(chain_say(c, chain_grant(0x41, CHAIN_HANA, 0x21), 1, CHAIN_ALICE));
}
