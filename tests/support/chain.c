/* SPDX-License-Identifier: Apache-2.0 */
/* Cards out of OpenSSL and the entries they sign. What must work and does not ends the test. */
#include "chain.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"

#define RSA_BITS     2048
#define A_DAY        (24 * 60 * 60)
#define DER_MAX      4096
#define FIRST_NUMBER 0x11

static void must_be(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void must(mnsec_status status)
{
    must_be(status == MNSEC_OK);
}

/* --- cards ----------------------------------------------------------------------------------- */

static EVP_PKEY *make_key(mn_signature_alg alg)
{
    switch (alg) {
    case MN_SIGNATURE_ECDSA_P256_SHA256:
        return EVP_EC_gen("P-256");
    case MN_SIGNATURE_ECDSA_P384_SHA384:
        return EVP_EC_gen("P-384");
    default:
        return EVP_RSA_gen(RSA_BITS);
    }
}

void chain_card_certify(const chain_card *card, mn_buf *out_certificate)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    uint8_t serial[8];
    mn_random_bytes(serial, sizeof(serial));
    serial[0] &= 0x7F;
    ASN1_INTEGER *number = X509_get_serialNumber(certificate);
    must_be(ASN1_STRING_set(number, serial, sizeof(serial)) == 1);
    must_be(X509_set_version(certificate, X509_VERSION_3) == 1);
    must_be(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"card", -1,
                                       -1, 0) == 1);
    must_be(X509_set_issuer_name(certificate, name) == 1);
    must_be(X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL);
    must_be(X509_gmtime_adj(X509_getm_notAfter(certificate), A_DAY) != NULL);
    must_be(X509_set_pubkey(certificate, card->key) == 1);
    must_be(X509_sign(certificate, card->key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    const int len = i2d_X509(certificate, &der);
    must_be(len > 0);
    mn_buf_reset(out_certificate);
    must(mn_buf_append(out_certificate, der, (size_t)len));
    OPENSSL_free(der);
    X509_free(certificate);
}

void chain_card_make(chain_card *card, mn_signature_alg alg)
{
    *card = (chain_card){.key = make_key(alg), .alg = alg};
    must_be(card->key != NULL);
    chain_card_certify(card, &card->certificate);
    mn_hash_bytes(mn_buf_view(&card->certificate), card->fingerprint);
    unsigned char *spki = NULL;
    const int len = i2d_PUBKEY(card->key, &spki);
    must_be(len > 0);
    mn_hash_bytes(mn_bytes_of(spki, (size_t)len), card->hash);
    OPENSSL_free(spki);
}

void chain_card_wipe(chain_card *card)
{
    EVP_PKEY_free(card->key);
    mn_buf_wipe(&card->certificate);
}

/* DER to raw r || s, as a card gives it. */
static void put_raw(const unsigned char *der, size_t len, int coordinate_bytes, mn_buf *out_raw)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    uint8_t *raw = NULL;
    must_be(signature != NULL);
    must(mn_buf_extend(out_raw, 2 * (size_t)coordinate_bytes, &raw));
    must_be(BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, coordinate_bytes) == coordinate_bytes);
    must_be(BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + coordinate_bytes, coordinate_bytes) ==
            coordinate_bytes);
    ECDSA_SIG_free(signature);
}

static void sign(const chain_card *card, mn_bytes message, mn_buf *out_signature)
{
    const bool is_p384 = card->alg == MN_SIGNATURE_ECDSA_P384_SHA384;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char der[DER_MAX];
    size_t len = sizeof(der);
    must_be(EVP_DigestSignInit(context, NULL, is_p384 ? EVP_sha384() : EVP_sha256(), NULL,
                               card->key) == 1);
    must_be(EVP_DigestSign(context, der, &len, message.bytes, message.len) == 1);
    EVP_MD_CTX_free(context);
    mn_buf_reset(out_signature);
    if (card->alg == MN_SIGNATURE_RSA_PKCS1_SHA256) {
        must(mn_buf_append(out_signature, der, len));
    } else {
        put_raw(der, len, is_p384 ? 48 : 32, out_signature);
    }
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
        sign(card, entry->entry.statement, &entry->signature_bytes[i]);
        entry->signatures[i] = (mn_registry_signature){
            .alg = card->alg,
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
