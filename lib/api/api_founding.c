/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Founding, the whole: the order of the steps, the founding statement as entry 0, the store's move
 * to its place, configuration and pins. Each step can be cut short (api_founding.h).
 */
#include "api/api_founding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api_guard.h"
#include "base/config.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "store/sqlite/store_sqlite.h"

#define FOLDER   "founding"
#define PIN_FILE "pin.der"

void mn_founding_work_wipe(mn_founding_work *work)
{
    for (size_t i = 0; i < MN_STATEMENT_MAX_PERSONS; i++) {
        mn_party_wipe(&work->persons[i].party);
        mn_secret_wipe(&work->persons[i].work);
    }
    mn_audit_free(work->audit);
    mn_store_free(work->store);
    mn_keyring_free(work->keyring);
    mn_keyring_free(work->spare);
    mn_statement_free(work->statement);
    mn_secret_wipe(&work->so_pin);
    mn_secret_wipe(&work->facility_pin);
    mn_secret_wipe(&work->spare_so_pin);
    mn_secret_wipe(&work->spare_pin);
    mn_buf_wipe(&work->folder);
    mn_buf_wipe(&work->audit_certificate);
    mn_buf_wipe(&work->audit_spki);
    mn_buf_wipe(&work->pin_certificate);
    mn_workstation_wipe(&work->workstation);
    *work = (mn_founding_work){0};
}

/* --- folders and files ---------------------------------------------------------------------------
 */

mnsec_status mn_founding_path(const mn_founding_work *work, const char *name, mn_buf *out_path)
{
    return mn_buf_printf(out_path, "%s/%s", mn_buf_text(&work->folder), name);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool mn_founding_has(const mn_founding_work *work, const char *name)
{
    MN_AUTO(mn_buf) path = {0};
    return mn_founding_path(work, name, &path) == MNSEC_OK && exists(mn_buf_text(&path));
}

static mnsec_status make_folder(const mn_founding_work *work, const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return mn_fail_native(work->err, MNSEC_E_STORE, errno, "cannot make the folder %s", path);
    }
    return MNSEC_OK;
}

/* Files of a founding that was cut short. Only this folder's own names are ever removed. */
static void remove_remains(const mn_founding_work *work, bool all)
{
    static const char *const names[] = {
        "store.db",     "store.db-wal",       "store.db-shm", PIN_FILE,
        "so-pin-shown", "spare-so-pin-shown", "token-uri",    "spare-uri",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        MN_AUTO(mn_buf) path = {0};
        if ((all || strncmp(names[i], "store", 5) == 0) &&
            mn_founding_path(work, names[i], &path) == MNSEC_OK) {
            (void)unlink(mn_buf_text(&path));
        }
    }
}

static mnsec_status sync_folder(const mn_founding_work *work, const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return mn_fail_native(work->err, MNSEC_E_STORE, errno, "cannot open %s", path);
    }
    const int rc = fsync(descriptor);
    close(descriptor);
    return rc == 0 ? MNSEC_OK
                   : mn_fail_native(work->err, MNSEC_E_STORE, errno, "cannot sync %s", path);
}

/* --- what the statement says ---------------------------------------------------------------------
 */

static void copy_name(char out_name[MN_STATEMENT_NAME_BYTES], const char *name)
{
    snprintf(out_name, MN_STATEMENT_NAME_BYTES, "%s", name);
}

static mnsec_status begin_statement(mn_founding_work *work)
{
    const mnsec_founding_options *options = work->options;
    MN_TRY(mn_statement_new(MN_STATEMENT_FACILITY_FOUND, &work->statement));
    mn_founding *founding = &work->statement->u.founding;
    founding->facility = work->workstation.facility;
    founding->workstation = work->workstation.id;
    copy_name(founding->name, options->name);
    copy_name(founding->workstation_name,
              options->workstation_name ? options->workstation_name : "");
    founding->department_count = options->department_count;
    for (size_t i = 0; i < options->department_count; i++) {
        copy_name(founding->departments[i].name, options->departments[i]);
        mn_random_id(&founding->departments[i].versions.id);
    }
    founding->single_control = options->founder_count == 1;
    return MNSEC_OK;
}

/* Risks that a person must accept in words; what was accepted stands in the statement. */
static mnsec_status accept_risks(mn_founding_work *work)
{
    mn_founding *founding = &work->statement->u.founding;
    const struct {
        bool taken;
        mnsec_notice_kind notice;
        const char *code;
    } risks[] = {
        {work->options->founder_count == 1, MNSEC_NOTICE_SINGLE_PERSON, "single-person"},
        {!work->options->spare_uri, MNSEC_NOTICE_NO_SPARE, "no-spare"},
        {!mn_keyring_is_hardware(work->keyring), MNSEC_NOTICE_SOFTWARE_TOKEN, "software-token"},
    };
    for (size_t i = 0; i < sizeof risks / sizeof risks[0]; i++) {
        if (!risks[i].taken) {
            continue;
        }
        MN_TRY(mn_context_notice(work->context, risks[i].notice, founding->name, NULL));
        MN_TRY(mn_buf_printf(&founding->accepted_risks, "%s%s",
                             founding->accepted_risks.len > 0 ? " " : "", risks[i].code));
    }
    return MNSEC_OK;
}

static mnsec_status complete_statement(mn_founding_work *work)
{
    mn_founding *founding = &work->statement->u.founding;
    MN_TRY(mn_passport_encode(&work->passport, &founding->passport));
    MN_TRY(mn_keyring_key_attest(work->keyring, &founding->attestation));
    return mn_buf_append(&founding->audit_certificate, work->audit_certificate.bytes,
                         work->audit_certificate.len);
}

/* --- entry 0 -------------------------------------------------------------------------------------
 */

static mnsec_status put_certificates(mn_founding_work *work, mn_store_txn *txn)
{
    MN_TRY(mn_audit_certificate_put(work->audit, txn, mn_buf_view(&work->audit_certificate)));
    for (size_t i = 0; i < work->options->founder_count; i++) {
        MN_TRY(mn_audit_certificate_put(work->audit, txn,
                                        mn_buf_view(&work->persons[i].party.certificate)));
    }
    return MNSEC_OK;
}

static mnsec_status append(mn_founding_work *work, const mn_audit_entry *entry,
                           const mn_audit_signature *signatures, size_t count)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(work->store, MN_STORE_WRITE, &txn));
    MN_TRY(put_certificates(work, &txn));
    uint64_t index = 0;
    mnsec_status status = mn_audit_append(work->audit, &txn, entry, signatures, count, &index);
    if (status == MNSEC_OK) {
        status = mn_store_commit(&txn);
    }
    mn_audit_settle(work->audit, status == MNSEC_OK);
    return status;
}

static mnsec_status found(mn_founding_work *work)
{
    MN_AUTO(mn_buf) document = {0};
    MN_TRY(mn_statement_encode(work->statement, &document));
    const mn_audit_draft draft = {
        .action = MN_ACTION_FACILITY_FOUND,
        .auth = MN_AUDIT_AUTH_CARD,
        .body = {.actor = &work->persons[0].id,
                 .card = work->persons[0].party.card,
                 .actor2 = work->options->founder_count > 1 ? &work->persons[1].id : NULL,
                 .card2 = work->options->founder_count > 1 ? work->persons[1].party.card : NULL,
                 .authority = mn_buf_view(&document),
                 .role = "responsible",
                 .software = MNSEC_VERSION_TEXT,
                 .ws = &work->workstation.id},
    };
    MN_AUTO(mn_audit_entry) entry = {0};
    MN_TRY(mn_audit_prepare(work->audit, &draft, &entry));
    mn_hash_bytes(mn_buf_view(&entry.statement), work->founding_hash);
    memcpy(work->workstation.founding_hash, work->founding_hash, sizeof work->founding_hash);

    mn_audit_signature signatures[2] = {0};
    size_t count = 0;
    mnsec_status status =
        mn_founding_people_sign(work, mn_buf_view(&entry.statement), signatures, &count);
    if (status == MNSEC_OK) {
        status = append(work, &entry, signatures, count);
    }
    mn_audit_signature_wipe(&signatures[0]);
    mn_audit_signature_wipe(&signatures[1]);
    return status;
}

static mnsec_status write_to_token(void *user, mn_bytes object)
{
    return mn_keyring_object_write_checkpoint(user, object);
}

static mnsec_status first_checkpoint(mn_founding_work *work)
{
    const mn_audit_signer signer = mn_founding_token_signer(work);
    const mn_audit_memory memory = {
        .write = write_to_token,
        .user = work->keyring,
        .head_file = mn_buf_text(&work->workstation.head_file),
    };
    return mn_audit_checkpoint(work->audit, &signer, &memory);
}

static mnsec_status issue_pin(mn_founding_work *work)
{
    /* Its own subject: with the issuer's it would look self-signed to whoever builds the chain. */
    char subject[sizeof "pin of " + MN_OPENED_ORIGIN_BYTES];
    (void)snprintf(subject, sizeof subject, "pin of %s", work->origin);
    mn_x509_request request = {
        .subject_cn = subject,
        .issuer_cn = work->origin,
        .subject_spki = mn_buf_view(&work->audit_spki),
        .not_before = mn_clock_now(&work->context->clock),
        .founding_hash = mn_bytes_of(work->founding_hash, sizeof work->founding_hash),
    };
    mn_random_bytes(request.serial, sizeof request.serial);
    const mn_audit_signer signer = mn_founding_token_signer(work);
    MN_TRY(mn_x509_issue(&request, &signer.signer, &work->pin_certificate));
    MN_AUTO(mn_buf) path = {0};
    MN_TRY(mn_founding_path(work, PIN_FILE, &path));
    return mn_config_write_file(mn_buf_text(&path), mn_buf_view(&work->pin_certificate), 0600,
                                work->err);
}

/* --- the store -----------------------------------------------------------------------------------
 */

static mnsec_status create_store(mn_founding_work *work)
{
    MN_AUTO(mn_buf) path = {0};
    MN_TRY(mn_founding_path(work, MN_OPENED_STORE_NAME, &path));
    const mn_store_sqlite_options options = {.path = mn_buf_text(&path), .create = true};
    MN_TRY(mn_store_sqlite_open(&options, work->err, &work->store));
    work->vault = (mn_vault){
        .facility = work->workstation.facility,
        .store = work->store,
        .keyring = work->keyring,
        .err = work->err,
    };
    return mn_audit_open(work->store, work->origin, &work->context->clock, work->err, &work->audit);
}

static mnsec_status move_store(mn_founding_work *work)
{
    mn_audit_free(work->audit);
    work->audit = NULL;
    mn_store_free(work->store);
    work->store = NULL;
    MN_AUTO(mn_buf) from = {0};
    MN_AUTO(mn_buf) to = {0};
    MN_TRY(mn_founding_path(work, MN_OPENED_STORE_NAME, &from));
    MN_TRY(mn_opened_store_path(work->context->facility, &to));
    if (rename(mn_buf_text(&from), mn_buf_text(&to)) != 0) {
        return mn_fail_native(work->err, MNSEC_E_STORE, errno, "cannot move the store to %s",
                              mn_buf_text(&to));
    }
    return sync_folder(work, work->context->facility);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static mnsec_status finish(mn_founding_work *work)
{
    MN_TRY(mn_founding_token_pins(work));
    remove_remains(work, true);
    (void)rmdir(mn_buf_text(&work->folder));
    return sync_folder(work, work->context->facility);
}

/* The store stands in its place already: configuration is there, the pins are missing. */
static mnsec_status finish_pins(mn_founding_work *work)
{
    MN_AUTO(mn_buf) path = {0};
    MN_TRY(mn_founding_path(work, PIN_FILE, &path));
    MN_TRY(mn_config_read_file(mn_buf_text(&path), 64 * 1024, work->err, &work->pin_certificate));
    mn_workstation_wipe(&work->workstation);
    MN_TRY(mn_workstation_read(work->context->workstation, work->err, &work->workstation));
    MN_TRY(mn_founding_token_reopen(work));
    return finish(work);
}

static mnsec_status run_afresh(mn_founding_work *work)
{
    mnsec_context *context = work->context;
    remove_remains(work, false);
    MN_TRY(begin_statement(work));
    MN_TRY(mn_founding_token_prepare(work));
    MN_TRY(accept_risks(work));
    MN_TRY(mn_founding_token_keys(work));
    MN_TRY(create_store(work));
    MN_TRY(mn_founding_token_spare(work));
    MN_TRY(complete_statement(work));
    MN_TRY(mn_context_progress(context, "enrolling the founders", 0, 0));
    MN_TRY(mn_founding_people_enrol(work));
    MN_TRY(mn_founding_people_secrets(work));
    MN_TRY(mn_context_progress(context, "signing the founding statement", 0, 0));
    MN_TRY(found(work));
    MN_TRY(first_checkpoint(work));
    MN_TRY(issue_pin(work));
    MN_TRY(mn_workstation_write(context->workstation, &work->workstation, work->err));
    MN_TRY(move_store(work));
    return finish(work);
}

mnsec_status mn_founding_run(mn_founding_work *work)
{
    const char *directory = work->context->facility;
    MN_AUTO(mn_buf) store = {0};
    MN_TRY(mn_opened_store_path(directory, &store));
    MN_TRY(mn_buf_printf(&work->folder, "%s/" FOLDER, directory));
    if (exists(mn_buf_text(&store))) {
        return mn_founding_has(work, PIN_FILE) ? finish_pins(work)
                                               : mn_fail(work->err, MNSEC_E_STATE_FOUNDED,
                                                         "%s has a facility already", directory);
    }
    MN_TRY(make_folder(work, directory));
    MN_TRY(make_folder(work, mn_buf_text(&work->folder)));
    return run_afresh(work);
}
