/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the lines, writing them out. Memory does not grow with the log: one entry at a
 * time, and the fingerprints of the cards that signed. What does not hold together is not exported,
 * and what looks like an Individual Number never leaves.
 */
#include "audit/audit_export_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "policy/number.h"

#define FILE_LINES     65536U
#define PROGRESS_EVERY 1024U

typedef struct fingerprint {
    uint8_t bytes[MN_HASH_BYTES];
} fingerprint;

/* The pass: where it is and what it writes to. */
typedef struct pass {
    mn_audit_export_job *job;
    mn_tlog_tree tree;
    mn_audit_export_dir_file log, sig, body, history;
    mn_store_cursor *heads;  /* stored checkpoints, ascending */
    mn_tlog_checkpoint head; /* the next of them */
    fingerprint *signers;
    size_t signer_count;
    mn_buf line, text; /* of one entry */
} pass;

static void pass_wipe(pass *p)
{
    mn_audit_export_dir_file_wipe(&p->log);
    mn_audit_export_dir_file_wipe(&p->sig);
    mn_audit_export_dir_file_wipe(&p->body);
    mn_audit_export_dir_file_wipe(&p->history);
    mn_store_cursor_free(p->heads);
    free(p->signers);
    mn_buf_wipe(&p->line);
    mn_buf_wipe(&p->text);
}

static mnsec_status write_line(mn_audit_export_dir_file *file, mn_bytes line)
{
    MN_TRY(mn_audit_export_dir_append(file, line));
    return mn_audit_export_dir_append(file, mn_bytes_of("\n", 1));
}

/* --- no number leaves --- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Letters of base64url and base32: digits that touch one are part of a digest or an id. */
static bool is_letter(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '-' || byte == '_';
}

/* A word of exactly twelve digits with the right check digit? */
static bool holds_number(mn_bytes line)
{
    size_t start = 0;
    for (size_t at = 0; at <= line.len; at++) {
        if (at < line.len && is_letter(line.bytes[at])) {
            continue;
        }
        if (at - start == MN_NUMBER_DIGITS &&
            mn_number_is_valid((const char *)line.bytes + start, MN_NUMBER_DIGITS)) {
            return true;
        }
        start = at + 1;
    }
    return false;
}

/* --- one entry --- */

static bool has_digest(const mn_buf *text, const uint8_t digest[MN_HASH_BYTES])
{
    uint8_t found[MN_HASH_BYTES];
    mn_hash_bytes(mn_buf_view(text), found);
    return memcmp(found, digest, sizeof(found)) == 0;
}

/* A row that the line names: there, and that one. */
static mnsec_status read_named(pass *p, mn_store_table_id table, uint64_t index,
                               const uint8_t digest[MN_HASH_BYTES])
{
    mn_audit *audit = p->job->audit;
    const mnsec_status status = mn_audit_row_line(p->job->txn, table, index, &p->text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_audit_fail(audit, index, "has lost its body or signature");
    }
    MN_TRY(status);
    if (!has_digest(&p->text, digest)) {
        return mn_audit_fail(audit, index, "has another body or signature");
    }
    return holds_number(mn_buf_view(&p->text))
               ? mn_audit_fail(audit, index, "holds what looks like a number")
               : MNSEC_OK;
}

static mnsec_status note_signer(pass *p, const uint8_t certificate[MN_HASH_BYTES])
{
    for (size_t i = 0; i < p->signer_count; i++) {
        if (memcmp(p->signers[i].bytes, certificate, MN_HASH_BYTES) == 0) {
            return MNSEC_OK;
        }
    }
    fingerprint *more = reallocarray(p->signers, p->signer_count + 1, sizeof(*more));
    if (!more) {
        return mn_fail(p->job->audit->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    p->signers = more;
    memcpy(more[p->signer_count++].bytes, certificate, MN_HASH_BYTES);
    return MNSEC_OK;
}

static mnsec_status write_signature(pass *p, const mn_audit_line *line)
{
    MN_AUTO(mn_audit_line_groups) groups = {.count = 0};
    MN_TRY(read_named(p, MN_TABLE_LOG_SIG, line->index, line->sighash));
    if (mn_audit_line_groups_read(mn_buf_view(&p->text), &groups) != MNSEC_OK) {
        return mn_audit_fail(p->job->audit, line->index, "has a malformed signature");
    }
    for (size_t i = 0; i < groups.count; i++) {
        MN_TRY(note_signer(p, groups.groups[i].certificate));
    }
    return write_line(&p->sig, mn_buf_view(&p->text));
}

/* Entry 0 is the founding that the workstation trusts. */
static mnsec_status check_founding(const pass *p, const mn_audit_line *line)
{
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_bytes(line->text, digest);
    return memcmp(digest, p->job->options->founding_hash, sizeof(digest)) == 0
               ? MNSEC_OK
               : mn_audit_fail(p->job->audit, 0, "is another founding than the one trusted");
}

static mnsec_status write_entry(pass *p, uint64_t index)
{
    mn_audit *audit = p->job->audit;
    mn_audit_line line;
    if (mn_audit_line_read(mn_buf_view(&p->line), &line) != MNSEC_OK || line.index != index) {
        return mn_audit_fail(audit, index, "is malformed or missing");
    }
    if (index == 0) {
        MN_TRY(check_founding(p, &line));
    }
    if (holds_number(mn_buf_view(&p->line))) {
        return mn_audit_fail(audit, index, "holds what looks like a number");
    }
    MN_TRY(write_line(&p->log, mn_buf_view(&p->line)));
    MN_TRY(read_named(p, MN_TABLE_LOG_BODY, index, line.statement.bh));
    MN_TRY(write_line(&p->body, mn_buf_view(&p->text)));
    if (line.is_signed) {
        MN_TRY(write_signature(p, &line));
    }
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(mn_buf_view(&p->line), &leaf);
    mn_tlog_tree_append(&p->tree, &leaf);
    return MNSEC_OK;
}

/* --- files of 65,536 entries --- */

static mnsec_status open_part(pass *p, const char *folder, uint64_t index,
                              mn_audit_export_dir_file *file)
{
    char name[MN_AUDIT_EXPORT_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s/%06" PRIu64 ".tsv", folder, index / FILE_LINES);
    return mn_audit_export_dir_open(p->job->dir, name, file);
}

static mnsec_status close_parts(pass *p)
{
    if (!p->log.stream) {
        return MNSEC_OK;
    }
    MN_TRY(mn_audit_export_dir_close(&p->log));
    MN_TRY(mn_audit_export_dir_close(&p->sig));
    return mn_audit_export_dir_close(&p->body);
}

static mnsec_status begin_parts(pass *p, uint64_t index)
{
    MN_TRY(close_parts(p));
    MN_TRY(open_part(p, "log", index, &p->log));
    MN_TRY(open_part(p, "sig", index, &p->sig));
    return open_part(p, "body", index, &p->body);
}

/* --- earlier heads --- */

static mnsec_status next_head(pass *p)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    const mnsec_status status = mn_store_cursor_next(p->heads, row);
    if (status == MNSEC_E_STATE_END) {
        p->head.tree_size = UINT64_MAX;
        return MNSEC_OK;
    }
    MN_TRY(status);
    if (mn_tlog_checkpoint_parse(row[1].bytes, &p->head) != MNSEC_OK ||
        p->head.tree_size != (uint64_t)row[0].integer) {
        return mn_fail(p->job->audit->err, MNSEC_E_INTEGRITY_LOG,
                       "a stored checkpoint is malformed");
    }
    return MNSEC_OK;
}

/* Where the tree has the size of a checkpoint, it has its root. */
static mnsec_status write_head(pass *p)
{
    mn_tlog_hash root;
    mn_tlog_tree_root(&p->tree, &root);
    if (!mn_tlog_tree_hash_equal(&root, &p->head.root)) {
        return mn_fail(p->job->audit->err, MNSEC_E_INTEGRITY_LOG,
                       "log is not that of its checkpoint of %" PRIu64 " entries",
                       p->head.tree_size);
    }
    mn_buf_reset(&p->text);
    MN_TRY(mn_buf_printf(&p->text, "%" PRIu64 " ", p->head.tree_size));
    MN_TRY(mn_base64_append(&p->text, root.bytes, sizeof(root.bytes)));
    MN_TRY(write_line(&p->history, mn_buf_view(&p->text)));
    return next_head(p);
}

/* --- the pass --- */

static mnsec_status tell_progress(const pass *p, uint64_t done)
{
    const mn_audit_export_options *options = p->job->options;
    if (!options->progress || done % PROGRESS_EVERY != 0) {
        return MNSEC_OK;
    }
    return options->progress(options->progress_user, "exporting the log", done,
                             p->job->checkpoint.tree_size) == 0
               ? MNSEC_OK
               : mn_fail(p->job->audit->err, MNSEC_E_STATE_CANCELLED, "export was cancelled");
}

static mnsec_status walk(pass *p)
{
    const uint64_t size = p->job->checkpoint.tree_size;
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(p->job->txn, MN_TABLE_LOG_ENTRY, NULL, &cursor));
    for (uint64_t index = 0; index < size; index++) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END) {
            return mn_audit_fail(p->job->audit, index, "is missing");
        }
        MN_TRY(status);
        mn_buf_reset(&p->line);
        MN_TRY(mn_buf_append(&p->line, row[1].bytes.bytes, row[1].bytes.len));
        if (index % FILE_LINES == 0) {
            MN_TRY(begin_parts(p, index));
        }
        MN_TRY(write_entry(p, index));
        if (p->tree.size == p->head.tree_size) {
            MN_TRY(write_head(p));
        }
        MN_TRY(tell_progress(p, index));
    }
    return MNSEC_OK;
}

static mnsec_status write_certificates(pass *p)
{
    for (size_t i = 0; i < p->signer_count; i++) {
        char text[MN_BASE64_URL_DIGEST_BYTES];
        char name[MN_AUDIT_EXPORT_NAME_BYTES];
        MN_AUTO(mn_buf) der = {0};
        MN_AUTO(mn_buf) pem = {0};
        const mnsec_status status =
            mn_audit_row_certificate(p->job->audit, p->job->txn, p->signers[i].bytes, &der);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            return mn_fail(p->job->audit->err, MNSEC_E_INTEGRITY_LOG,
                           "certificate of a signer is missing");
        }
        MN_TRY(status);
        MN_TRY(mn_x509_to_pem(mn_buf_view(&der), &pem));
        mn_base64_url_digest(p->signers[i].bytes, text);
        (void)snprintf(name, sizeof(name), "certs/%s.pem", text);
        MN_TRY(mn_audit_export_dir_put(p->job->dir, name, mn_buf_view(&pem)));
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_export_log(mn_audit_export_job *job)
{
    MN_AUTO(pass) p = {.job = job};
    MN_TRY(mn_store_scan(job->txn, MN_TABLE_CHECKPOINT, NULL, &p.heads));
    MN_TRY(next_head(&p));
    MN_TRY(mn_audit_export_dir_open(job->dir, "history/checkpoints.txt", &p.history));
    MN_TRY(walk(&p));
    MN_TRY(close_parts(&p));
    MN_TRY(mn_audit_export_dir_close(&p.history));
    return write_certificates(&p);
}
