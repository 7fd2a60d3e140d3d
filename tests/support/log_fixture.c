/* SPDX-License-Identifier: Apache-2.0 */
/* A log to test. What fails here is a broken test: abort. */
#include "log_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "scratch.h"
#include "store/sqlite/store_sqlite.h"

log_fixture the_log;
const mnsec_id log_kitchen = {{0x11}};
const mnsec_id log_office = {{0x22}};

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "log_fixture: %s: %s\n", what, the_log.err.text);
        abort();
    }
}

static int64_t clock_now(void *user)
{
    (void)user;
    return the_log.now;
}

const char *log_path(void)
{
    static const char *path;
    if (!path) {
        path = scratch_path("store.db");
    }
    return path;
}

mn_store *log_open_store(mn_error *err)
{
    const mn_store_sqlite_options options = {.path = log_path(), .create = true};
    mn_store *store = NULL;
    must(mn_store_sqlite_open(&options, err, &store) == MNSEC_OK, "store");
    return store;
}

mnsec_status log_reopen(void)
{
    mn_audit_free(the_log.audit);
    mn_store_free(the_log.store);
    the_log.audit = NULL;
    mn_error_clear(&the_log.err);
    the_log.store = log_open_store(&the_log.err);
    return mn_audit_open(the_log.store, LOG_ORIGIN, &the_log.clock, &the_log.err, &the_log.audit);
}

void log_fixture_make(void)
{
    scratch_make();
    must(mn_crypto_init() == MNSEC_OK, "crypto");
    the_log.clock = (mn_clock){.now = clock_now, .monotonic_ms = clock_now};
    the_log.now = 1790000000;
    soft_key_make(&the_log.card, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_make(&the_log.audit_key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&the_log.card, "card", &the_log.card_certificate);
    soft_key_certify(&the_log.audit_key, "audit", &the_log.audit_certificate);
    mn_hash_bytes(mn_buf_view(&the_log.card_certificate), the_log.card_fingerprint);
    the_log.signer = (mn_audit_signer){.signer = the_log.audit_key.signer,
                                       .certificate = mn_buf_view(&the_log.audit_certificate)};
    must(log_reopen() == MNSEC_OK, "open");
}

void log_fixture_remove(void)
{
    mn_audit_free(the_log.audit);
    mn_store_free(the_log.store);
    soft_key_wipe(&the_log.card);
    soft_key_wipe(&the_log.audit_key);
    mn_buf_wipe(&the_log.card_certificate);
    mn_buf_wipe(&the_log.audit_certificate);
    scratch_remove();
}

mnsec_id log_id(uint8_t fill)
{
    mnsec_id id;
    memset(id.bytes, fill, sizeof(id.bytes));
    return id;
}

void log_sign(const mn_audit_entry *entry, mn_audit_signature *out_signature)
{
    *out_signature = (mn_audit_signature){.alg = MN_SIGNATURE_ECDSA_P256_SHA256};
    memcpy(out_signature->certificate, the_log.card_fingerprint, 32);
    soft_key_sign(&the_log.card, mn_buf_view(&entry->statement), &out_signature->signature);
}

static mnsec_status append(const mn_audit_entry *entry, bool by_card, uint64_t *out_index)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
    if (by_card) {
        log_sign(entry, &signature);
    }
    MN_TRY(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn));
    mnsec_status status =
        mn_audit_certificate_put(the_log.audit, &txn, mn_buf_view(&the_log.card_certificate));
    if (status == MNSEC_OK) {
        status =
            mn_audit_append(the_log.audit, &txn, entry, &signature, by_card ? 1 : 0, out_index);
    }
    if (status == MNSEC_OK) {
        status = mn_store_commit(&txn);
    }
    mn_audit_settle(the_log.audit, status == MNSEC_OK);
    return status;
}

mnsec_status log_try(const mn_audit_draft *draft, uint64_t *out_index)
{
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    mn_error_clear(&the_log.err);
    MN_TRY(mn_audit_prepare(the_log.audit, draft, &entry));
    return append(&entry, draft->auth == MN_AUDIT_AUTH_CARD, out_index);
}

uint64_t log_append(const mn_audit_draft *draft)
{
    uint64_t index = 0;
    must(log_try(draft, &index) == MNSEC_OK, "append");
    return index;
}

uint64_t log_found(void)
{
    const mn_audit_draft draft = {
        .action = MN_ACTION_FACILITY_FOUND,
        .auth = MN_AUDIT_AUTH_CARD,
        .body = {.authority = mn_bytes_of("founding", 8)},
    };
    return log_append(&draft);
}

mn_audit_session log_login(void)
{
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_LOGIN, .auth = MN_AUDIT_AUTH_CARD};
    return (mn_audit_session){.ses = log_append(&draft), .sn = 0};
}

uint64_t log_act(mn_audit_session *session, mn_action action)
{
    const mn_audit_draft draft = {
        .action = action,
        .auth = MN_AUDIT_AUTH_CARD,
        .department = &log_kitchen,
        .session = session,
    };
    const uint64_t index = log_append(&draft);
    session->sn++;
    return index;
}

void log_fill(unsigned acts)
{
    log_found();
    mn_audit_session session = log_login();
    while (acts-- > 0) {
        log_act(&session, MN_ACTION_RECORD_LIST);
    }
}

mnsec_status log_checkpoint(void)
{
    static const mn_audit_memory none;
    mn_error_clear(&the_log.err);
    return mn_audit_checkpoint(the_log.audit, &the_log.signer, &none);
}

char *log_line(mn_store_table_id table, uint64_t index)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value key = mn_store_integer((int64_t)index);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    must(mn_store_begin(the_log.store, MN_STORE_READ, &txn) == MNSEC_OK, "read");
    if (mn_store_get(&txn, table, &key, row) != MNSEC_OK) {
        return NULL;
    }
    return strndup((const char *)row[1].bytes.bytes, row[1].bytes.len);
}

void log_forge(mn_store_table_id table, uint64_t index, const char *line)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value key = mn_store_integer((int64_t)index);
    must(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn) == MNSEC_OK, "write");
    if (line) {
        const mn_store_value row[] = {key, mn_store_text(line)};
        must(mn_store_put(&txn, table, row) == MNSEC_OK, "forge");
    } else {
        must(mn_store_remove(&txn, table, &key) == MNSEC_OK, "remove");
    }
    must(mn_store_commit(&txn) == MNSEC_OK, "commit");
}
