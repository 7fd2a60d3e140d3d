/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a facility: workstation configuration and pin agree,
 * chain of signed statements verified from the pin, passport, what token and workstation remember
 * of the log. Nothing here asks for a secret, and nothing here is believed because a row says it.
 */
#include "api/api_opened.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api_guard.h"
#include "base/text.h"
#include "store/sqlite/store_sqlite.h"

/* Never more than so many entries or milliseconds without a checkpoint. */
#define CHECKPOINT_ENTRIES 100
#define CHECKPOINT_MS      (60 * 1000)

void mn_opened_origin(const mnsec_id *facility, char out_origin[MN_OPENED_ORIGIN_BYTES])
{
    static const char prefix[] = "mnsec/";
    memcpy(out_origin, prefix, sizeof prefix);
    mnsec_id_format(facility, out_origin + sizeof prefix - 1);
}

mnsec_status mn_opened_store_path(const char *directory, mn_buf *out_path)
{
    return mn_buf_printf(out_path, "%s/" MN_OPENED_STORE_NAME, directory);
}

/* --- what the token says ------------------------------------------------------------------------
 */

static mnsec_status compare_pin(const mn_opened *opened, size_t pins)
{
    if (pins != 1) {
        return mn_fail(opened->err, MNSEC_E_TOKEN_FOREIGN,
                       "the token has %zu founding pins where one is expected", pins);
    }
    uint8_t founding_hash[32];
    const mnsec_status status =
        mn_x509_founding_hash(mn_buf_view(&opened->pin_certificate), founding_hash);
    if (status != MNSEC_OK ||
        !mn_secret_equal_bytes(founding_hash, opened->workstation.founding_hash, 32)) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_PIN,
                       "the pin on the token names another founding than this workstation");
    }
    return MNSEC_OK;
}

static mnsec_status open_token(mn_opened *opened)
{
    MN_TRY(mn_keyring_open(mn_buf_text(&opened->workstation.token_uri), opened->err,
                           &opened->keyring));
    size_t pins = 0;
    MN_TRY(mn_keyring_object_pins(opened->keyring, &opened->pin_certificate, &pins));
    if (pins == 0) {
        /* Whether such a pin may count, the founding statement says: compare_founding(). */
        MN_TRY(mn_keyring_object_weak_pins(opened->keyring, &opened->pin_certificate, &pins));
        opened->pin_is_weak = true;
    }
    MN_TRY(compare_pin(opened, pins));

    MN_TRY(mn_keyring_object_audit_cert(opened->keyring, &opened->audit_certificate));
    MN_TRY(mn_x509_spki(mn_buf_view(&opened->audit_certificate), &opened->audit_spki));
    if (mn_x509_verify_issued(mn_buf_view(&opened->pin_certificate),
                              mn_buf_view(&opened->audit_spki)) != MNSEC_OK) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_PIN,
                       "the pin on the token is not signed by its audit key");
    }
    return MNSEC_OK;
}

/* --- what the statements say --------------------------------------------------------------------
 */

#define GROUPS_MAX 4

static mnsec_status apply_statement(void *user, const mn_audit_view *view,
                                    const mn_audit_group *groups, size_t group_count)
{
    mn_opened *opened = user;
    if (group_count > GROUPS_MAX || !view->ah) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_AUTHORITY, "entry %llu is malformed",
                       (unsigned long long)view->index);
    }
    mn_registry_signature signatures[GROUPS_MAX];
    for (size_t i = 0; i < group_count; i++) {
        signatures[i] = (mn_registry_signature){
            .alg = groups[i].alg,
            .certificate = groups[i].certificate,
            .signature = groups[i].signature,
        };
    }
    mn_registry_entry entry = {
        .index = view->index,
        .event = view->event,
        .statement = view->statement,
        .ts = view->ts,
        .document = view->authority,
        .signatures = signatures,
        .signature_count = group_count,
    };
    strncpy(entry.ah, view->ah, sizeof entry.ah - 1);
    return mn_registry_apply(opened->registry, &entry, opened->workstation.founding_hash);
}

mnsec_status mn_opened_refresh(mn_opened *opened, mn_store_txn *txn)
{
    MN_TRY(mn_audit_refresh(opened->audit, txn));
    MN_TRY(mn_audit_authority_read(opened->audit, txn, mn_registry_count(opened->registry),
                                   apply_statement, opened));
    uint8_t in_registry[32];
    uint8_t in_log[32];
    mn_registry_head(opened->registry, in_registry);
    mn_audit_authority_head(opened->audit, in_log);
    if (!mn_secret_equal_bytes(in_registry, in_log, sizeof in_log)) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_AUTHORITY,
                       "the newest statement is not the one that the log names");
    }
    return MNSEC_OK;
}

mnsec_status mn_opened_catch_up(mn_opened *opened)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_opened_refresh(opened, &txn);
}

static mnsec_status compare_founding(mn_opened *opened)
{
    const mn_founding *founding = mn_registry_founding(opened->registry);
    if (!founding || !mnsec_id_equal(&founding->facility, &opened->workstation.facility)) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_AUTHORITY,
                       "the store belongs to another facility");
    }
    if (!mn_registry_workstation_is_known(opened->registry, &opened->workstation.id)) {
        return mn_fail(opened->err, MNSEC_E_DENIED, "this workstation is not registered");
    }
    const mn_bytes stated = mn_buf_view(&founding->audit_certificate);
    const mn_bytes found = mn_buf_view(&opened->audit_certificate);
    if (stated.len != found.len || memcmp(stated.bytes, found.bytes, found.len) != 0) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_PIN,
                       "the audit certificate on the token is not the one of the founding");
    }
    MN_TRY(mn_passport_decode(mn_buf_view(&founding->passport), &opened->passport));
    if (opened->pin_is_weak && opened->passport.trusted_honoured) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_PIN,
                       "the pin on the token is not trusted, though the token knows trust");
    }
    return mn_passport_compare(&opened->passport, opened->keyring);
}

/* --- what token and workstation remember --------------------------------------------------------
 */

struct newest {
    const mn_opened *opened;
    mn_tlog_checkpoint checkpoint;
    bool any;
};

/* Anybody may put public objects on some tokens: only what the audit key has signed counts. */
static mnsec_status take_larger(void *user, mn_bytes value)
{
    struct newest *newest = user;
    mn_tlog_checkpoint checkpoint;
    const mnsec_status status = mn_audit_checkpoint_object_open(
        value, mn_buf_view(&newest->opened->audit_spki), &checkpoint);
    if (status == MNSEC_OK && strcmp(checkpoint.origin, newest->opened->origin) == 0 &&
        (!newest->any || checkpoint.tree_size > newest->checkpoint.tree_size)) {
        newest->checkpoint = checkpoint;
        newest->any = true;
    }
    return status == MNSEC_E_INTERNAL_MEMORY ? status : MNSEC_OK;
}

static mnsec_status compare_token_head(mn_opened *opened, mn_store_txn *txn)
{
    struct newest newest = {.opened = opened};
    MN_TRY(mn_keyring_object_checkpoints(opened->keyring, take_larger, &newest));
    if (!newest.any) {
        return mn_fail(opened->err, MNSEC_E_INTEGRITY_ROLLBACK,
                       "the token has no checkpoint of this log any more");
    }
    return mn_audit_checkpoint_leads_on(opened->audit, txn, &newest.checkpoint);
}

static mnsec_status compare_kept_head(mn_opened *opened, mn_store_txn *txn)
{
    mn_tlog_checkpoint head;
    const mnsec_status status =
        mn_audit_head_read(mn_buf_text(&opened->workstation.head_file), opened->err, &head);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        /* A workstation that has seen nothing yet; the token's memory has been compared. */
        mn_error_clear(opened->err);
        return MNSEC_OK;
    }
    MN_TRY(status);
    return mn_audit_checkpoint_remembers(opened->audit, txn, &head);
}

static mnsec_status compare_memories(mn_opened *opened)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    MN_TRY(mn_audit_refresh(opened->audit, &txn));
    MN_TRY(compare_token_head(opened, &txn));
    return compare_kept_head(opened, &txn);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

void mn_opened_os_user(const char *name, unsigned uid, char out_name[MN_OPENED_OS_USER_BYTES])
{
    const size_t len = name ? strlen(name) : 0;
    const mn_bytes text = mn_bytes_of(name, len);
    if (len > 0 && len < MN_OPENED_OS_USER_BYTES && mn_text_is_clean(text, false) &&
        !mn_text_has_number(text)) {
        memcpy(out_name, name, len + 1);
    } else {
        snprintf(out_name, MN_OPENED_OS_USER_BYTES, "uid-%u", uid);
    }
}

static void find_os_user(char out_name[MN_OPENED_OS_USER_BYTES])
{
    char room[1024];
    struct passwd entry;
    struct passwd *found = NULL;
    const bool has_name = getpwuid_r(getuid(), &entry, room, sizeof room, &found) == 0 && found;
    mn_opened_os_user(has_name ? found->pw_name : NULL, getuid(), out_name);
}

static mnsec_status open_all(mn_opened *opened, const mn_opened_place *place)
{
    MN_TRY(mn_workstation_read(place->workstation, opened->err, &opened->workstation));
    mn_opened_origin(&opened->workstation.facility, opened->origin);
    find_os_user(opened->os_user);
    MN_TRY(open_token(opened));

    MN_TRY(mn_opened_store_path(place->directory, &opened->store_path));
    const mn_store_sqlite_options store = {.path = mn_buf_text(&opened->store_path)};
    MN_TRY(mn_store_sqlite_open(&store, opened->err, &opened->store));
    MN_TRY(
        mn_audit_open(opened->store, opened->origin, opened->clock, opened->err, &opened->audit));
    MN_TRY(mn_registry_new(opened->err, &opened->registry));
    MN_TRY(mn_opened_catch_up(opened));
    MN_TRY(compare_founding(opened));
    MN_TRY(compare_memories(opened));

    opened->vault = (mn_vault){
        .facility = opened->workstation.facility,
        .store = opened->store,
        .keyring = opened->keyring,
        .err = opened->err,
    };
    opened->checkpoint_ms = mn_clock_monotonic_ms(opened->clock);
    opened->checkpoint_size = mn_audit_size(opened->audit);
    return MNSEC_OK;
}

mnsec_status mn_opened_new(const mn_opened_place *place, mn_error *err, mn_opened **out_opened)
{
    MN_AUTO_PTR(mn_opened) opened = calloc(1, sizeof *opened);
    if (!opened) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    opened->err = err;
    opened->clock = place->clock;
    MN_TRY(open_all(opened, place));
    *out_opened = mn_take(opened);
    return MNSEC_OK;
}

void mn_opened_free(mn_opened *opened)
{
    if (!opened) {
        return;
    }
    mn_audit_index_free(opened->index);
    mn_registry_free(opened->registry);
    mn_audit_free(opened->audit);
    mn_store_free(opened->store);
    mn_keyring_free(opened->keyring);
    mn_buf_wipe(&opened->store_path);
    mn_buf_wipe(&opened->pin_certificate);
    mn_buf_wipe(&opened->audit_certificate);
    mn_buf_wipe(&opened->audit_spki);
    mn_workstation_wipe(&opened->workstation);
    free(opened);
}

mnsec_status mn_opened_index(mn_opened *opened, mn_store_txn *txn, const mn_audit_index **out_index)
{
    if (!opened->index) {
        MN_TRY(mn_audit_index_new(opened->audit, &opened->index));
    }
    MN_TRY(mn_audit_index_refresh(opened->index, txn));
    *out_index = opened->index;
    return MNSEC_OK;
}

/* --- checkpoints --------------------------------------------------------------------------------
 */

static mnsec_status sign_by_audit_key(void *user, mn_bytes message, mn_buf *out_signature)
{
    return mn_keyring_key_sign(user, message, out_signature);
}

static mnsec_status write_to_token(void *user, mn_bytes object)
{
    return mn_keyring_object_write_checkpoint(user, object);
}

mn_audit_signer mn_opened_signer(mn_opened *opened)
{
    return (mn_audit_signer){
        .signer = {.sign = sign_by_audit_key,
                   .user = opened->keyring,
                   .alg = opened->passport.audit_alg,
                   .spki = mn_buf_view(&opened->audit_spki)},
        .certificate = mn_buf_view(&opened->audit_certificate),
    };
}

static bool is_checkpoint_due(const mn_opened *opened)
{
    const uint64_t entries = mn_audit_size(opened->audit) - opened->checkpoint_size;
    const int64_t age = mn_clock_monotonic_ms(opened->clock) - opened->checkpoint_ms;
    return entries >= CHECKPOINT_ENTRIES || (entries > 0 && age >= CHECKPOINT_MS);
}

/* An altered log is said in the log itself, so that the next review begins with it. That it cannot
 * be said changes nothing: the caller learns the status either way. */
static void alarm_once(mn_opened *opened)
{
    if (opened->is_alarmed) {
        return;
    }
    const mn_error kept = *opened->err;
    mn_guard_entry entry = {
        .action = MN_ACTION_INTEGRITY_ALARM,
        .auth = MN_AUDIT_AUTH_LOG,
        .outcome = MN_AUDIT_MAJOR,
        .body = {.reason = kept.text},
    };
    mn_guard_entry_fill(opened, &entry.body);
    mn_error_clear(opened->err);
    opened->is_alarmed = mn_guard_entry_append(opened, &entry, NULL) == MNSEC_OK;
    *opened->err = kept;
}

mnsec_status mn_opened_checkpoint(mn_opened *opened, bool must)
{
    if (!must && !(is_checkpoint_due(opened) && mn_keyring_is_logged_in(opened->keyring))) {
        return MNSEC_OK;
    }
    const mn_audit_signer signer = mn_opened_signer(opened);
    const mn_audit_memory memory = {
        .write = write_to_token,
        .user = opened->keyring,
        .head_file = mn_buf_text(&opened->workstation.head_file),
    };
    const mnsec_status status = mn_audit_checkpoint(opened->audit, &signer, &memory);
    if (mnsec_status_class(status) == MNSEC_CLASS_INTEGRITY) {
        alarm_once(opened);
    }
    MN_TRY(status);
    opened->checkpoint_ms = mn_clock_monotonic_ms(opened->clock);
    opened->checkpoint_size = mn_audit_size(opened->audit);
    return MNSEC_OK;
}
