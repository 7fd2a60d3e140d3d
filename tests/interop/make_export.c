/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_export DIR [rsa] [more N] [key FILE]: export a log of a small facility's life, with real
 * statements of authority and cards that really sign, for check_export.sh to verify without us.
 *
 *   rsa       the audit key is RSA
 *   more N    so many further entries
 *   key FILE  leave the audit key in FILE (PEM): what its holder could forge is tried with it
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "chain.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"
#include "scratch.h"

#define MAX_SIGNERS 3

typedef struct options {
    const char *directory;
    const char *key_file;
    bool is_rsa;
    unsigned more;
} options;

static chain people;
static const mn_audit_memory no_memory;

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "make_export: %s: %s\n", what, the_log.err.text);
        exit(2);
    }
}

/* Prepare, have these people sign, append, commit. */
static uint64_t append(const mn_audit_draft *draft, size_t count, const chain_who *signers)
{
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_AUTO(mn_store_txn) txn = {0};
    mn_audit_signature signatures[MAX_SIGNERS] = {{.alg = MN_SIGNATURE_NONE}};
    uint64_t index = 0;
    must(mn_audit_prepare(the_log.audit, draft, &entry) == MNSEC_OK, "prepare");
    must(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn) == MNSEC_OK, "begin");
    for (size_t i = 0; i < count; i++) {
        const chain_card *card = &people.cards[signers[i]];
        signatures[i].alg = card->key.signer.alg;
        memcpy(signatures[i].certificate, card->fingerprint, sizeof(card->fingerprint));
        soft_key_sign(&card->key, mn_buf_view(&entry.statement), &signatures[i].signature);
        must(mn_audit_certificate_put(the_log.audit, &txn, mn_buf_view(&card->certificate)) ==
                 MNSEC_OK,
             "certificate");
    }
    must(mn_audit_append(the_log.audit, &txn, &entry, signatures, count, &index) == MNSEC_OK,
         "append");
    must(mn_store_commit(&txn) == MNSEC_OK, "commit");
    mn_audit_settle(the_log.audit, true);
    for (size_t i = 0; i < count; i++) {
        mn_audit_signature_wipe(&signatures[i]);
    }
    return index;
}

/* A statement of authority becomes an entry; it is freed. */
static void state(mn_statement *statement, mn_audit_session *session, size_t count,
                  const chain_who *signers)
{
    MN_AUTO(mn_buf) document = {0};
    must(mn_statement_encode(statement, &document) == MNSEC_OK, "encode");
    const mn_audit_draft draft = {
        .action = mn_action_of(mn_statement_event(statement->kind)),
        .auth = MN_AUDIT_AUTH_CARD,
        .session = session,
        .body = {.authority = mn_buf_view(&document)},
    };
    append(&draft, count, signers);
    if (session) {
        session->sn++;
    }
    mn_statement_free(statement);
}

static mn_audit_session log_in(chain_who who)
{
    const mnsec_id person = chain_person(who);
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_LOGIN,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .body = {.actor = &person, .osuser = "himawari"}};
    return (mn_audit_session){.ses = append(&draft, 1, &who)};
}

static void act(mn_audit_session *session, chain_who who, mn_action action, mn_audit_auth auth)
{
    const mnsec_id person = chain_person(who);
    const mnsec_id department = sample_id(0x21);
    const mnsec_id record = log_id(0x31);
    const mnsec_id value = log_id((uint8_t)session->sn);
    const bool writes = mn_action_has(action, MN_ACTION_WRITES);
    const mn_audit_draft draft = {
        .action = action,
        .auth = auth,
        .department = &department,
        .session = session,
        .body = {.actor = &person,
                 .role = "handler",
                 .record = &record,
                 .value = writes ? &value : NULL,
                 .doc = "TAX_SLIP",
                 .purpose = "令和8年分の\"年末調整\"",
                 .software = "0.1.0"},
    };
    append(&draft, auth == MN_AUDIT_AUTH_CARD ? 1 : 0, &who);
    session->sn++;
    the_log.now += 7;
}

static void checkpoint(void)
{
    must(mn_audit_checkpoint(the_log.audit, &the_log.signer, &no_memory) == MNSEC_OK, "checkpoint");
}

/* The founding names the audit certificate that signs. */
static mn_statement *founding(void)
{
    mn_statement *statement = chain_founding(&people, 2);
    mn_buf *named = &statement->u.founding.audit_certificate;
    mn_buf_reset(named);
    must(mn_buf_append(named, the_log.signer.certificate.bytes, the_log.signer.certificate.len) ==
             MNSEC_OK,
         "founding");
    return statement;
}

/* The people who lead the facility: hana comes, may, works, and goes. */
static void live(unsigned more)
{
    static const chain_who both[] = {CHAIN_ALICE, CHAIN_BOB};
    static const chain_who enrolling[] = {CHAIN_ALICE, CHAIN_HANA};
    state(founding(), NULL, 2, both);
    checkpoint();
    must(chain_say(&people, founding(), 2, CHAIN_ALICE, CHAIN_BOB) == MNSEC_OK, "found");

    mn_audit_session alice = log_in(CHAIN_ALICE);
    mn_statement *enrolment = chain_enrol(&people, CHAIN_HANA, MNSEC_ROLE_HANDLER);
    state(enrolment, &alice, 2, enrolling);
    must(chain_say(&people, chain_enrol(&people, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_ALICE,
                   CHAIN_HANA) == MNSEC_OK,
         "enrol");
    state(chain_grant(0x41, CHAIN_HANA, 0x21), &alice, 1, both);
    must(chain_say(&people, chain_grant(0x41, CHAIN_HANA, 0x21), 1, CHAIN_ALICE) == MNSEC_OK,
         "grant");
    act(&alice, CHAIN_ALICE, MN_ACTION_SESSION_LOGOUT, MN_AUDIT_AUTH_CARD);
    checkpoint();

    const mn_audit_draft failed = {.action = MN_ACTION_SESSION_LOGIN_FAILED,
                                   .auth = MN_AUDIT_AUTH_NONE,
                                   .outcome = MN_AUDIT_MINOR,
                                   .body = {.reason = "card-pin"}};
    append(&failed, 0, NULL);
    mn_audit_session hana = log_in(CHAIN_HANA);
    act(&hana, CHAIN_HANA, MN_ACTION_SESSION_UNLOCK, MN_AUDIT_AUTH_SESSION);
    act(&hana, CHAIN_HANA, MN_ACTION_RECORD_REGISTER, MN_AUDIT_AUTH_CARD);
    act(&hana, CHAIN_HANA, MN_ACTION_RECORD_SHOW, MN_AUDIT_AUTH_CARD);
    the_log.now -= 3600;
    act(&hana, CHAIN_HANA, MN_ACTION_RECORD_SHOW, MN_AUDIT_AUTH_CARD);
    for (unsigned i = 0; i < more; i++) {
        act(&hana, CHAIN_HANA, MN_ACTION_RECORD_LIST, MN_AUDIT_AUTH_SESSION);
    }
    act(&hana, CHAIN_HANA, MN_ACTION_RECORD_CHANGE, MN_AUDIT_AUTH_CARD);
    act(&hana, CHAIN_HANA, MN_ACTION_SESSION_CARD_REMOVED, MN_AUDIT_AUTH_LOG);

    mn_audit_session again = log_in(CHAIN_ALICE);
    state(chain_withdraw(&people, CHAIN_HANA), &again, 1, both);
    act(&again, CHAIN_ALICE, MN_ACTION_LOG_EXPORT, MN_AUDIT_AUTH_CARD);
    checkpoint();
    act(&again, CHAIN_ALICE, MN_ACTION_LOG_READ, MN_AUDIT_AUTH_CARD); /* after what is exported */
}

static void founding_hash(uint8_t out_hash[MN_HASH_BYTES])
{
    char *line = log_line(MN_TABLE_LOG_ENTRY, 0);
    mn_hash_bytes(mn_bytes_of(line, strcspn(line, "\t")), out_hash);
    free(line);
}

/* The pin, as founding has the audit key issue it. */
static void issue_pin(const uint8_t hash[MN_HASH_BYTES], mn_buf *out_der)
{
    const mn_x509_request request = {.subject_cn = "pin",
                                     .issuer_cn = "audit",
                                     .subject_spki = the_log.signer.signer.spki,
                                     .not_before = the_log.now,
                                     .serial = {2},
                                     .founding_hash = mn_bytes_of(hash, MN_HASH_BYTES)};
    must(mn_x509_issue(&request, &the_log.signer.signer, out_der) == MNSEC_OK, "pin");
}

/* Two keys, as a token would attest them. */
static void attest(mn_buf *out_bytes)
{
    static const uint8_t answer[32] = {0xA5};
    must(mn_encode_begin(out_bytes, "mnsec/key-attributes/1") == MNSEC_OK, "attest");
    must(mn_encode_u64(out_bytes, 2) == MNSEC_OK, "attest");
    for (uint64_t kind = 1; kind <= 4; kind += 3) {
        const mnsec_id department = kind == 1 ? sample_id(0x21) : (mnsec_id){{0}};
        must(mn_encode_u64(out_bytes, kind) == MNSEC_OK &&
                 mn_encode_id(out_bytes, &department) == MNSEC_OK &&
                 mn_encode_u64(out_bytes, kind == 1) == MNSEC_OK &&
                 mn_encode_text(out_bytes, "mnsec key") == MNSEC_OK &&
                 mn_encode_u64(out_bytes, 0x1F) == MNSEC_OK &&
                 mn_encode_u64(out_bytes, 32) == MNSEC_OK &&
                 mn_encode_u64(out_bytes, kind == 1 ? 0x1087 : UINT64_MAX) == MNSEC_OK &&
                 mn_encode_u64(out_bytes, 0x3FFF) == MNSEC_OK &&
                 mn_encode_u64(out_bytes, 0x0012) == MNSEC_OK &&
                 mn_encode_bytes(out_bytes, answer, sizeof(answer)) == MNSEC_OK,
             "attest");
    }
}

static void leave_key(const soft_key *key, const char *path)
{
    FILE *stream = fopen(path, "w");
    must(stream && PEM_write_PrivateKey(stream, key->key, NULL, NULL, 0, NULL, NULL) == 1, "key");
    (void)fclose(stream);
}

static options parse(int argc, char **argv)
{
    options wanted = {.directory = argc > 1 ? argv[1] : NULL};
    must(wanted.directory != NULL, "usage: make_export DIR [rsa] [more N] [key FILE]");
    for (int i = 2; i < argc; i++) {
        const bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "rsa") == 0) {
            wanted.is_rsa = true;
        } else if (strcmp(argv[i], "more") == 0 && has_value) {
            wanted.more = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "key") == 0 && has_value) {
            wanted.key_file = argv[++i];
        } else {
            must(false, "unknown option");
        }
    }
    return wanted;
}

int main(int argc, char **argv)
{
    const options wanted = parse(argc, argv);
    soft_key rsa = {.key = NULL};
    MN_AUTO(mn_buf) rsa_certificate = {0};
    MN_AUTO(mn_buf) pin = {0};
    MN_AUTO(mn_buf) attestation = {0};
    uint8_t hash[MN_HASH_BYTES];
    log_fixture_make();
    chain_init(&people);
    if (wanted.is_rsa) {
        soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);
        soft_key_certify(&rsa, "audit", &rsa_certificate);
        the_log.signer =
            (mn_audit_signer){.signer = rsa.signer, .certificate = mn_buf_view(&rsa_certificate)};
    }
    live(wanted.more);
    founding_hash(hash);
    issue_pin(hash, &pin);
    attest(&attestation);
    const mn_audit_export_options export_options = {
        .directory = wanted.directory,
        .signer = &the_log.signer,
        .founding_hash = hash,
        .pin_certificate = mn_buf_view(&pin),
        .attestation = mn_buf_view(&attestation),
        .facility_name = "ひまわり苑",
    };
    must(mn_audit_export(the_log.audit, &export_options) == MNSEC_OK, "export");
    if (wanted.key_file) {
        leave_key(wanted.is_rsa ? &rsa : &the_log.audit_key, wanted.key_file);
    }
    chain_wipe(&people);
    soft_key_wipe(&rsa);
    log_fixture_remove();
    return 0;
}
