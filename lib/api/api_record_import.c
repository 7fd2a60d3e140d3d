/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Importing a file (docs/FORMATS.md, section 6), in two passes. The first reads and judges every
 * row and gives ids to those that may come in: 40 bytes a row are kept, and a keyed digest of each
 * code and number. Then the entries are signed, and the second pass reads the file again within one
 * transaction. Where that finds numbers that are registered already, everything is taken back, and
 * done again without those rows if the caller wants it so.
 */
#include <stdlib.h>
#include <string.h>

#include "api/api_import_table.h"
#include "api/api_record.h"
#include "api/api_rights.h"
#include "base/charset.h"
#include "base/csv.h"
#include "base/text.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "policy/document.h"

#define ITEMS_PER_ENTRY 1000
#define PROGRESS_ROWS   50
/* A longer name of a column is not told. */
#define HEADER_NAME_BYTES 64
/* Each round leaves rows out that the former did not know of; others may be writing meanwhile. */
#define ROUNDS 4

/* A row that may come in. */
typedef struct import_row {
    uint64_t line;
    mnsec_id record;
    mnsec_id value;
    bool left_out; /* found to be registered already */
} import_row;

typedef struct import_job {
    mnsec_session *session;
    mn_opened *opened;
    mn_vault_department *unlocked;
    const mnsec_id *department;
    const mnsec_import_options *options;
    mnsec_import_result *result;
    mn_rights rights;
    int64_t now;
    mn_import_table numbers;
    mn_import_table registered; /* codes that were there before */
    mn_import_table codes;      /* codes of the file */
    mn_import_table employees;  /* codes that a dependant may be linked to */
    import_row *rows;
    size_t row_count;
    size_t row_room;
    mn_buf documents;                    /* every kind that a row names, once */
    uint8_t first_digest[MN_HASH_BYTES]; /* of what the first pass took */
    mnsec_id (*items)[2];
    mn_audit_body *bodies;
    size_t body_count;
} import_job;

static void import_job_wipe(import_job *job)
{
    mn_rights_wipe(&job->rights);
    mn_import_table_wipe(&job->numbers);
    mn_import_table_wipe(&job->registered);
    mn_import_table_wipe(&job->codes);
    mn_import_table_wipe(&job->employees);
    mn_buf_wipe(&job->documents);
    free(job->rows);
    free(job->items);
    free(job->bodies);
}

/* --- reading rows --------------------------------------------------------------------------------
 */

/* The file, from its header line on. */
typedef struct import_file {
    mn_charset *charset;
    mn_csv *csv;
    mn_subject_header header;
    mn_hash *digest; /* of the rows that were taken */
} import_file;

static void import_file_wipe(import_file *file)
{
    mn_csv_free(file->csv);
    mn_charset_free(file->charset);
    mn_hash_free(file->digest);
    *file = (import_file){0};
}

static void refuse(import_job *job, uint64_t line, const char *column, const char *reason)
{
    const mnsec_import_refusal refusal = {.line = line, .column = column, .reason = reason};
    job->result->refused++;
    if (job->options->refused) {
        mn_context_go_out(job->session->context);
        job->options->refused(job->options->refused_user, &refusal);
        mn_context_come_back(job->session->context);
    }
}

static void refuse_subject(import_job *job, uint64_t line, const mn_subject_refusal *refusal)
{
    refuse(job, line, mn_subject_column_name(refusal->column),
           mn_subject_reason_text(refusal->reason));
}

/* A file that cannot be read as a whole: one refusal, and the call fails. */
static mnsec_status refuse_file(import_job *job, uint64_t line, const char *column,
                                const char *reason)
{
    refuse(job, line, column, reason);
    return mn_fail(job->opened->err, MNSEC_E_USAGE_FORMAT, "%s", reason);
}

/* What the file calls the column that is not known. A file without a header line has a person's row
 * there: what looks like a number is not told. */
static bool unknown_name(const mn_csv_row *row, char out_name[HEADER_NAME_BYTES])
{
    const size_t place = mn_subject_header_unknown(row->fields, row->count);
    if (place == row->count) {
        return false;
    }
    const mn_bytes field = row->fields[place];
    if (field.len == 0 || field.len >= HEADER_NAME_BYTES || !mn_text_is_clean(field, false) ||
        mn_text_has_number(field)) {
        return false;
    }
    memcpy(out_name, field.bytes, field.len);
    out_name[field.len] = '\0';
    return true;
}

static mnsec_status open_file(import_job *job, import_file *file)
{
    mn_charset_refusal charset = {0};
    const mnsec_status status =
        mn_charset_open(job->options->path, job->opened->err, &file->charset, &charset);
    if (status == MNSEC_E_USAGE_FORMAT) {
        return refuse_file(job, charset.line, NULL, mn_charset_fault_text(charset.fault));
    }
    MN_TRY(status);
    job->result->encoding = mn_charset_name(file->charset);
    MN_TRY(mn_csv_open(mn_charset_read, file->charset, &file->csv));
    MN_TRY(mn_hash_new(&file->digest));

    mn_csv_row row = {0};
    const mnsec_status first = mn_csv_next(file->csv, &row);
    if (first == MNSEC_E_STATE_END) {
        return refuse_file(job, 1, NULL, "the file is empty");
    }
    if (first == MNSEC_E_USAGE_FORMAT) {
        return refuse_file(job, row.line, NULL, mn_csv_fault_text(row.fault));
    }
    MN_TRY(first);
    mn_subject_refusal refusal = {0};
    if (mn_subject_header_read(row.fields, row.count, &file->header, &refusal) != MNSEC_OK) {
        char name[HEADER_NAME_BYTES];
        const bool is_named =
            refusal.reason == MN_SUBJECT_REASON_HEADER_UNKNOWN && unknown_name(&row, name);
        return refuse_file(job, row.line, is_named ? name : mn_subject_column_name(refusal.column),
                           mn_subject_reason_text(refusal.reason));
    }
    return MNSEC_OK;
}

/* The next row, checked. USAGE_FORMAT or USAGE_CHECK_DIGIT: a row that is refused, *out_line says
 * which, and *out_refusal (or out_fault) why. STATE_END */
static mnsec_status next_row(const import_job *job, import_file *file, mn_subject *out_subject,
                             uint64_t *out_line, mn_subject_refusal *out_refusal,
                             mn_csv_fault *out_fault)
{
    mn_csv_row row = {0};
    mn_subject_typed typed = {0};
    *out_fault = MN_CSV_FAULT_NONE;
    const mnsec_status status = mn_csv_next(file->csv, &row);
    *out_line = row.line;
    if (status == MNSEC_E_USAGE_FORMAT) {
        *out_fault = row.fault;
    }
    MN_TRY(status);
    MN_TRY(mn_subject_header_pick(&file->header, row.fields, row.count, &typed, out_refusal));
    const mn_subject_rules rules = {.now = job->now, .with_number = true};
    return mn_subject_check(&typed, &rules, out_subject, out_refusal);
}

static mn_bytes text_of(const mn_subject *subject, mn_subject_column column)
{
    return mn_buf_view(&subject->text[column]);
}

/* Both passes must take the same: what is in the rows that come in, in order. */
static void add_to_digest(import_file *file, uint64_t line, const mn_subject *subject)
{
    mn_hash_update(file->digest, mn_bytes_of(&line, sizeof line));
    mn_hash_update(file->digest, mn_bytes_of(subject->number.bytes, subject->number.len));
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        const size_t len = subject->text[i].len;
        mn_hash_update(file->digest, mn_bytes_of(&len, sizeof len));
        mn_hash_update(file->digest, mn_buf_view(&subject->text[i]));
    }
}

/* --- the first pass ------------------------------------------------------------------------------
 */

static bool is_permitted(const import_job *job, const mn_subject *subject)
{
    const mn_decide_request request = {
        .action = MN_ACTION_RECORD_IMPORT,
        .department = job->department,
        .documents = mn_buf_text(&subject->text[MN_SUBJECT_DOCUMENTS]),
        .now = job->now,
    };
    return mn_decide(&job->rights.person, &request) == MN_DECIDE_ALLOW;
}

/* What a row may not be, seen beside the others. NONE = it may come in. */
static mnsec_status judge(import_job *job, const mn_subject *subject, const mnsec_id *record,
                          mn_subject_refusal *out_refusal)
{
    const mn_bytes code = text_of(subject, MN_SUBJECT_CODE);
    const mn_bytes linked = text_of(subject, MN_SUBJECT_LINKED);
    mnsec_id found = {0};
    *out_refusal = (mn_subject_refusal){MN_SUBJECT_ROW, MN_SUBJECT_REASON_NONE};
    if (!is_permitted(job, subject)) {
        *out_refusal = (mn_subject_refusal){MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_NOT_PERMITTED};
        return MNSEC_OK;
    }
    if (linked.len > 0 && mn_import_table_get(&job->employees, linked, &found) != MNSEC_OK) {
        *out_refusal = (mn_subject_refusal){MN_SUBJECT_LINKED, MN_SUBJECT_REASON_LINKED_UNKNOWN};
        return MNSEC_OK;
    }
    if (code.len > 0 && mn_import_table_get(&job->registered, code, &found) == MNSEC_OK) {
        *out_refusal = (mn_subject_refusal){MN_SUBJECT_CODE, MN_SUBJECT_REASON_CODE_REGISTERED};
        return MNSEC_OK;
    }
    if (code.len > 0) {
        const mnsec_status status = mn_import_table_add(&job->codes, code, record);
        if (status == MNSEC_E_STATE_CONFLICT) {
            *out_refusal = (mn_subject_refusal){MN_SUBJECT_CODE, MN_SUBJECT_REASON_CODE_IN_FILE};
            return MNSEC_OK;
        }
        MN_TRY(status);
    }
    if (!mn_secret_is_empty(&subject->number)) {
        const mnsec_status status = mn_import_table_add(
            &job->numbers, mn_bytes_of(subject->number.bytes, subject->number.len), record);
        if (status == MNSEC_E_STATE_CONFLICT) {
            *out_refusal =
                (mn_subject_refusal){MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_IN_FILE};
            return MNSEC_OK;
        }
        MN_TRY(status);
    }
    return subject->kind == MNSEC_SUBJECT_EMPLOYEE && code.len > 0
               ? mn_import_table_add(&job->employees, code, record)
               : MNSEC_OK;
}

static mnsec_status add_row(import_job *job, uint64_t line, const mnsec_id *record)
{
    if (job->row_count == job->row_room) {
        const size_t room = job->row_room == 0 ? 256 : job->row_room * 2;
        import_row *rows = realloc(job->rows, room * sizeof *rows);
        if (!rows) {
            return mn_fail(job->opened->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
        }
        job->rows = rows;
        job->row_room = room;
    }
    import_row *row = &job->rows[job->row_count++];
    *row = (import_row){.line = line, .record = *record};
    mn_random_id(&row->value);
    return MNSEC_OK;
}

/* Every kind once: what the guard will be asked for. */
static mnsec_status add_documents(import_job *job, const char *codes)
{
    while (*codes) {
        const size_t len = strcspn(codes, " ");
        const char *known = mn_buf_text(&job->documents);
        bool is_there = false;
        while (*known && !is_there) {
            const size_t known_len = strcspn(known, " ");
            is_there = known_len == len && strncmp(known, codes, len) == 0;
            known += known_len + (known[known_len] == ' ' ? 1 : 0);
        }
        if (!is_there) {
            MN_TRY(mn_buf_printf(&job->documents, "%s%.*s", job->documents.len > 0 ? " " : "",
                                 (int)len, codes));
        }
        codes += len + (codes[len] == ' ' ? 1 : 0);
    }
    return MNSEC_OK;
}

static mnsec_status take_row(import_job *job, import_file *file, uint64_t line,
                             const mn_subject *subject)
{
    mnsec_id record;
    mn_subject_refusal refusal = {0};
    mn_random_id(&record);
    MN_TRY(judge(job, subject, &record, &refusal));
    if (refusal.reason != MN_SUBJECT_REASON_NONE) {
        refuse_subject(job, line, &refusal);
        return MNSEC_OK;
    }
    add_to_digest(file, line, subject);
    MN_TRY(add_documents(job, mn_buf_text(&subject->text[MN_SUBJECT_DOCUMENTS])));
    return add_row(job, line, &record);
}

static mnsec_status read_all(import_job *job)
{
    MN_AUTO(import_file) file = {0};
    MN_TRY(open_file(job, &file));
    for (;;) {
        MN_AUTO(mn_subject) subject = {0};
        mn_subject_refusal refusal = {0};
        mn_csv_fault fault = MN_CSV_FAULT_NONE;
        uint64_t line = 0;
        const mnsec_status status = next_row(job, &file, &subject, &line, &refusal, &fault);
        if (status == MNSEC_E_STATE_END) {
            break;
        }
        job->result->read++;
        if (status == MNSEC_OK) {
            MN_TRY(take_row(job, &file, line, &subject));
        } else if (status == MNSEC_E_USAGE_FORMAT || status == MNSEC_E_USAGE_CHECK_DIGIT) {
            mn_error_clear(job->opened->err);
            if (fault == MN_CSV_FAULT_UNCLOSED_QUOTE) { /* who knows how many rows are in it */
                return refuse_file(job, line, NULL, mn_csv_fault_text(fault));
            }
            if (fault != MN_CSV_FAULT_NONE) {
                refuse(job, line, NULL, mn_csv_fault_text(fault));
            } else {
                refuse_subject(job, line, &refusal);
            }
        } else {
            return status;
        }
        if (job->result->read % PROGRESS_ROWS == 0) {
            MN_TRY(mn_context_progress(job->session->context, "checking", job->result->read, 0));
        }
    }
    mn_hash_finish(file.digest, job->first_digest);
    return MNSEC_OK;
}

/* Codes that are registered already are taken, and dependants may be linked to them. */
static mnsec_status know_code(void *user, const mn_vault_record *record)
{
    import_job *job = user;
    const char *code =
        mn_vault_subject_get(&record->subject, mn_subject_column_name(MN_SUBJECT_CODE));
    if (!code) {
        return MNSEC_OK;
    }
    const mn_bytes text = mn_bytes_of(code, strlen(code));
    mnsec_status status = mn_import_table_add(&job->registered, text, &record->id);
    if (status == MNSEC_OK && record->kind == MNSEC_SUBJECT_EMPLOYEE) {
        status = mn_import_table_add(&job->employees, text, &record->id);
    }
    return status == MNSEC_E_STATE_CONFLICT ? MNSEC_OK : status;
}

static mnsec_status know_codes(import_job *job)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(job->opened->store, MN_STORE_READ, &txn));
    return mn_vault_record_each(job->unlocked, &txn, know_code, job);
}

/* --- the entries ---------------------------------------------------------------------------------
 */

static mnsec_status make_bodies(import_job *job)
{
    size_t taken = 0;
    free(job->items);
    free(job->bodies);
    job->items = calloc(job->row_count + 1, sizeof *job->items);
    job->bodies = calloc(job->row_count / ITEMS_PER_ENTRY + 1, sizeof *job->bodies);
    if (!job->items || !job->bodies) {
        return mn_fail(job->opened->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < job->row_count; i++) {
        if (!job->rows[i].left_out) {
            job->items[taken][0] = job->rows[i].record;
            job->items[taken][1] = job->rows[i].value;
            taken++;
        }
    }
    job->body_count = (taken + ITEMS_PER_ENTRY - 1) / ITEMS_PER_ENTRY;
    for (size_t i = 0; i < job->body_count; i++) {
        const size_t from = i * ITEMS_PER_ENTRY;
        const size_t count = taken - from < ITEMS_PER_ENTRY ? taken - from : ITEMS_PER_ENTRY;
        job->bodies[i] = (mn_audit_body){
            .items = (const mnsec_id(*)[2])job->items + from,
            .item_count = count,
            .count = count,
            .has_count = true,
            .doc = mn_buf_text(&job->documents),
        };
    }
    job->result->taken = taken;
    return MNSEC_OK;
}

/* --- the second pass -----------------------------------------------------------------------------
 */

/* Registered already? The row is left out from the next round on. */
static void leave_out(import_job *job, import_row *row, mn_subject_column column,
                      mn_subject_reason reason)
{
    const mn_subject_refusal refusal = {column, reason};
    row->left_out = true;
    refuse_subject(job, row->line, &refusal);
}

static mnsec_status put_row(import_job *job, mn_store_txn *txn, import_row *row,
                            const mn_subject *subject)
{
    MN_AUTO(mn_vault_record) record = {
        .id = row->record,
        .department = *job->department,
        .kind = (uint32_t)subject->kind,
    };
    const mn_bytes linked = text_of(subject, MN_SUBJECT_LINKED);
    if (linked.len > 0) {
        MN_TRY(mn_import_table_get(&job->employees, linked, &record.linked));
    }
    MN_TRY(mn_subject_keep(subject, job->session->name, job->now, job->now, &record.subject));
    mnsec_status status = mn_vault_record_put(job->unlocked, txn, &record, false);
    if (status == MNSEC_E_STATE_CONFLICT) {
        mn_error_clear(job->opened->err);
        leave_out(job, row, MN_SUBJECT_LINKED, MN_SUBJECT_REASON_LINKED_UNKNOWN);
        return MNSEC_OK;
    }
    MN_TRY(status);
    if (mn_secret_is_empty(&subject->number)) {
        return MNSEC_OK;
    }
    status =
        mn_vault_number_put(job->unlocked, txn, &row->record, &row->value, &subject->number, NULL);
    if (status == MNSEC_E_STATE_CONFLICT) {
        mn_error_clear(job->opened->err);
        leave_out(job, row, MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_REGISTERED);
        return MNSEC_OK;
    }
    return status;
}

/* A dry run only asks whether the number is there. */
static mnsec_status try_row(import_job *job, mn_store_txn *txn, import_row *row,
                            const mn_subject *subject)
{
    mnsec_id existing = {0};
    if (mn_secret_is_empty(&subject->number)) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        mn_vault_number_search(job->unlocked, txn, &subject->number, &existing);
    if (status == MNSEC_OK) {
        leave_out(job, row, MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_REGISTERED);
    }
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}

typedef mnsec_status (*row_fn)(import_job *job, mn_store_txn *txn, import_row *row,
                               const mn_subject *subject);

static mnsec_status changed(const import_job *job)
{
    return mn_fail(job->opened->err, MNSEC_E_STATE_CHANGED, "the file changed while it was read");
}

/* The rows of the first pass once more, each given to act unless it is left out. */
static mnsec_status read_again(import_job *job, mn_store_txn *txn, row_fn act)
{
    MN_AUTO(import_file) file = {0};
    uint8_t digest[MN_HASH_BYTES];
    const char *step = job->options->dry_run ? "comparing" : "importing";
    size_t done = 0;
    MN_TRY(open_file(job, &file));
    while (done < job->row_count) {
        MN_AUTO(mn_subject) subject = {0};
        mn_subject_refusal refusal = {0};
        mn_csv_fault fault = MN_CSV_FAULT_NONE;
        uint64_t line = 0;
        const mnsec_status status = next_row(job, &file, &subject, &line, &refusal, &fault);
        if (status == MNSEC_E_STATE_END) {
            return changed(job);
        }
        if (status == MNSEC_E_USAGE_FORMAT || status == MNSEC_E_USAGE_CHECK_DIGIT) {
            continue;
        }
        MN_TRY(status);
        import_row *row = &job->rows[done];
        if (line != row->line) {
            continue; /* refused beside the others in the first pass */
        }
        add_to_digest(&file, line, &subject);
        if (!row->left_out) {
            MN_TRY(act(job, txn, row, &subject));
        }
        if (++done % PROGRESS_ROWS == 0) {
            MN_TRY(mn_context_progress(job->session->context, step, done, job->row_count));
        }
    }
    mn_hash_finish(file.digest, digest);
    return mn_secret_equal_bytes(digest, job->first_digest, sizeof digest) ? MNSEC_OK
                                                                           : changed(job);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static mnsec_status refuse_all(const import_job *job)
{
    return mn_fail(job->opened->err, MNSEC_E_USAGE_FORMAT, "%llu rows were refused; none was taken",
                   (unsigned long long)job->result->refused);
}

/* Which numbers are registered is an answer, also where nothing is kept: it is in the log first. */
static mnsec_status note_asked(import_job *job)
{
    mn_audit_body body = {
        .count = job->row_count,
        .has_count = true,
        .doc = mn_buf_text(&job->documents),
    };
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_IMPORT,
        .department = job->department,
        .bodies = &body,
        .body_count = 1,
    };
    const mnsec_status told =
        mn_guard_refuse(job->session, &request, MNSEC_E_STATE_CANCELLED, "dry-run");
    return told == MNSEC_E_STATE_CANCELLED ? MNSEC_OK : told;
}

static mnsec_status dry_run(import_job *job)
{
    MN_AUTO(mn_store_txn) txn = {0};
    if (job->row_count > 0) {
        MN_TRY(note_asked(job));
    }
    MN_TRY(mn_store_begin(job->opened->store, MN_STORE_READ, &txn));
    MN_TRY(read_again(job, &txn, try_row));
    MN_TRY(make_bodies(job));
    return job->result->refused > 0 && !job->options->skip_bad ? refuse_all(job) : MNSEC_OK;
}

/* One round. *out_again: rows were left out, nothing was kept. */
static mnsec_status run_round(import_job *job, bool *out_again)
{
    MN_TRY(make_bodies(job));
    if (job->body_count == 0) {
        return MNSEC_OK;
    }
    const mn_guard_request request = {
        .action = MN_ACTION_RECORD_IMPORT,
        .department = job->department,
        .documents = mn_buf_text(&job->documents),
        .bodies = job->bodies,
        .body_count = job->body_count,
    };
    const uint64_t refused = job->result->refused;
    MN_AUTO(mn_guard) guard = {0};
    MN_TRY(mn_guard_enter(&guard, job->session, &request));
    const mnsec_status status = read_again(job, &guard.txn, put_row);
    if (status == MNSEC_OK && job->result->refused > refused) {
        *out_again = true;
        /* Nothing is kept, but it was told which numbers are registered. */
        const mnsec_status told = mn_guard_leave(&guard, MNSEC_E_STATE_CONFLICT);
        mn_error_clear(job->opened->err);
        return told == MNSEC_E_STATE_CONFLICT ? MNSEC_OK : told;
    }
    return mn_guard_leave(&guard, status);
}

static mnsec_status run(import_job *job)
{
    MN_TRY(know_codes(job));
    MN_TRY(read_all(job));
    if (job->options->dry_run) {
        return dry_run(job);
    }
    for (int round = 0; round < ROUNDS; round++) {
        if (job->result->refused > 0 && !job->options->skip_bad) {
            return refuse_all(job);
        }
        bool again = false;
        MN_TRY(run_round(job, &again));
        if (!again) {
            return MNSEC_OK;
        }
    }
    return mn_fail(job->opened->err, MNSEC_E_STORE_BUSY, "others kept registering meanwhile");
}

mnsec_status mnsec_record_import(mnsec_session *session, const mnsec_id *department,
                                 const mnsec_import_options *options,
                                 mnsec_import_result *out_result)
{
    MN_TRY(mn_session_enter(session));
    mn_error *err = &session->context->err;
    if (!department || !options || options->struct_size != sizeof *options || !options->path ||
        !out_result) {
        return mn_fail(err, MNSEC_E_USAGE, "invalid argument");
    }
    MN_TRY(mn_opened_catch_up(session->opened));
    MN_AUTO(import_job) job = {
        .session = session,
        .opened = session->opened,
        .department = department,
        .options = options,
        .result = out_result,
        .now = mn_clock_now(session->opened->clock),
    };
    *out_result = (mnsec_import_result){.encoding = "UTF-8"};
    MN_TRY(mn_session_department(session, department, &job.unlocked));
    MN_TRY(mn_rights_read(session->opened->registry, &session->person, &job.rights));
    const mnsec_status status = run(&job);
    if (status != MNSEC_OK) {
        out_result->taken = 0;
    }
    return mn_session_judge(session, status);
}
