/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pass over the entries: log, signatures, bodies and earlier checkpoints are read side by side,
 * each once. The first bad entry ends the pass, because whatever comes after it hangs in the air;
 * the entries before the last root that fitted are proven. What an entry must fulfil by its place
 * is in verify_past.c, whose signatures count in verify_attest.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/secret/hash.h"
#include "verify_state.h"

#define HISTORY       "history/checkpoints.txt"
#define PROGRESS_STEP 1024U

/* The files of one block of entries, and the earlier checkpoints, which run through all blocks. */
typedef struct pass {
    mn_verify *verify;
    mn_verify_past past;
    mn_verify_sessions sessions;
    mn_verify_reader log, signatures, bodies, history;
    bool has_signature; /* a signature line read ahead */
    uint64_t signature_index;
    mn_bytes signature;
    bool has_earlier; /* an earlier checkpoint read ahead */
    uint64_t earlier_size;
    mn_tlog_hash earlier_root;
} pass;

static void pass_wipe(pass *p)
{
    mn_verify_past_wipe(&p->past);
    mn_verify_sessions_wipe(&p->sessions);
    mn_verify_reader_wipe(&p->log);
    mn_verify_reader_wipe(&p->signatures);
    mn_verify_reader_wipe(&p->bodies);
    mn_verify_reader_wipe(&p->history);
}

static bool is_digest_of(mn_bytes bytes, const uint8_t digest[32])
{
    uint8_t own[MN_HASH_BYTES];
    mn_hash_bytes(bytes, own);
    return memcmp(own, digest, sizeof(own)) == 0;
}

/* About the entry that is being read. */
static mnsec_status tell_here(pass *p, mn_verify_finding finding)
{
    return mn_verify_finding_tell(p->verify, finding, p->past.tree.size, NULL);
}

/* A malformed file is this finding here; everything else stays as it is. */
static mnsec_status tell_malformed(pass *p, mnsec_status status, mn_verify_finding finding)
{
    return status == MNSEC_E_USAGE_FORMAT ? tell_here(p, finding) : status;
}

/* What was told does not end the pass. */
static mnsec_status going_on(mnsec_status status)
{
    return status == MNSEC_E_INTEGRITY ? MNSEC_OK : status;
}

/* --- signature and body -------------------------------------------------------------------------
 */

static mnsec_status read_signature_line(pass *p)
{
    const mnsec_status status = mn_verify_reader_next(&p->signatures, &p->signature);
    p->has_signature = status == MNSEC_OK;
    if (status != MNSEC_OK) {
        return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
    }
    return mn_verify_line_signature_index(p->signature, &p->signature_index);
}

/* out_groups stays empty where the entry is unsigned or the signature withheld. */
static mnsec_status take_signature(pass *p, const mn_verify_line *line,
                                   mn_verify_line_groups *out_groups)
{
    const bool is_here = p->has_signature && p->signature_index == line->index;
    if ((p->has_signature && p->signature_index < line->index) || (is_here && !line->is_signed) ||
        (is_here && !is_digest_of(p->signature, line->signature))) {
        return tell_here(p, MN_VERIFY_LOG_SIGNATURE);
    }
    if (!is_here) {
        p->verify->result.signatures_withheld += line->is_signed;
        return MNSEC_OK;
    }
    const mnsec_status status = mn_verify_line_signatures(p->signature, out_groups);
    MN_TRY(going_on(tell_malformed(p, status, MN_VERIFY_SIGNATURE_MALFORMED)));
    p->verify->result.signatures += out_groups->count;
    return tell_malformed(p, read_signature_line(p), MN_VERIFY_LOG_SIGNATURE);
}

/* The body line, empty where it is withheld, with or without its file. */
static mnsec_status read_body_line(pass *p, mn_bytes *out_body)
{
    if (p->bodies.bytes == NULL) {
        *out_body = mn_bytes_of(NULL, 0);
        return MNSEC_OK;
    }
    const mnsec_status status = mn_verify_reader_next(&p->bodies, out_body);
    return status == MNSEC_E_STATE_END ? MNSEC_E_USAGE_FORMAT : status;
}

/* out_document stays empty where there is none. */
static mnsec_status take_body(pass *p, const mn_verify_line *line, mn_buf *out_document)
{
    mn_bytes body;
    MN_TRY(tell_malformed(p, read_body_line(p, &body), MN_VERIFY_LOG_BODY));
    if (body.len == 0) {
        p->verify->result.bodies_withheld++;
        return MNSEC_OK;
    }
    if (!is_digest_of(body, line->body)) {
        return tell_here(p, MN_VERIFY_LOG_BODY);
    }
    p->verify->result.bodies++;
    MN_TRY(tell_malformed(p, mn_verify_body_read(body, out_document), MN_VERIFY_BODY_MALFORMED));
    return (out_document->len > 0) == mn_verify_line_is_authority(line)
               ? MNSEC_OK
               : tell_here(p, MN_VERIFY_BODY_MALFORMED);
}

/* --- sessions -----------------------------------------------------------------------------------
 */

static mnsec_status tell_unattested(pass *p, const mn_verify_session *session)
{
    if (session->unattested == 0) {
        return MNSEC_OK;
    }
    p->verify->result.unattested += session->unattested;
    return mn_verify_finding_tell(p->verify, MN_VERIFY_SESSION_UNATTESTED, session->ses, NULL);
}

static mnsec_status step_session(pass *p, const mn_verify_line *line,
                                 const mn_verify_line_groups *groups)
{
    mn_verify_session closed;
    const uint8_t *card = groups->count > 0 ? groups->groups[0].certificate : NULL;
    const mnsec_status status = mn_verify_session_step(&p->sessions, line, card, &closed);
    if (status == MNSEC_E_INTEGRITY) {
        return tell_here(p, MN_VERIFY_LOG_SESSION);
    }
    MN_TRY(status);
    p->verify->result.sessions += mn_verify_line_is(line, "session.login");
    return tell_unattested(p, &closed);
}

/* --- roots that somebody vouched for ------------------------------------------------------------
 */

/* `size SP base64 root`: the text of a checkpoint with another first line. */
static mnsec_status parse_earlier(const pass *p, mn_bytes line, mn_tlog_checkpoint *out_earlier)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(&text, "%s\n", p->past.origin));
    const size_t start = text.len;
    MN_TRY(mn_buf_append(&text, line.bytes, line.len));
    MN_TRY(mn_buf_append_text(&text, "\n"));
    uint8_t *space = memchr(text.bytes + start, ' ', line.len);
    if (space == NULL) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *space = '\n';
    return mn_tlog_checkpoint_parse(mn_buf_view(&text), out_earlier);
}

/* The next earlier checkpoint; the last one must be the exported. */
static mnsec_status read_earlier(pass *p)
{
    mn_bytes line;
    mn_tlog_checkpoint earlier;
    const uint64_t before = p->earlier_size;
    const mnsec_status status = mn_verify_reader_next(&p->history, &line);
    p->has_earlier = status == MNSEC_OK;
    if (status == MNSEC_E_STATE_END) {
        return before == p->verify->checkpoint.tree_size ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(status);
    MN_TRY(parse_earlier(p, line, &earlier));
    p->earlier_size = earlier.tree_size;
    p->earlier_root = earlier.root;
    return earlier.tree_size > before && earlier.tree_size <= p->verify->checkpoint.tree_size
               ? MNSEC_OK
               : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status next_earlier(pass *p)
{
    const mnsec_status status = read_earlier(p);
    return status == MNSEC_E_USAGE_FORMAT
               ? mn_verify_finding_tell(p->verify, MN_VERIFY_HISTORY_MALFORMED,
                                        MNSEC_BUNDLE_NO_ENTRY, HISTORY)
               : status;
}

static mnsec_status check_root(pass *p, const mn_tlog_hash *root)
{
    const uint64_t size = p->past.tree.size;
    MN_TRY(mn_verify_remember_compare(p->verify, size, root));
    if (!p->has_earlier || p->earlier_size != size) {
        return MNSEC_OK;
    }
    if (!mn_tlog_tree_hash_equal(&p->earlier_root, root)) {
        return mn_verify_finding_tell(p->verify, MN_VERIFY_HISTORY_ROOT, size - 1, HISTORY);
    }
    p->past.proven = size;
    return next_earlier(p);
}

/* --- entry by entry, block by block -------------------------------------------------------------
 */

static mnsec_status read_line(pass *p, mn_bytes *out_bytes, mn_verify_line *out_line)
{
    const mnsec_status status = mn_verify_reader_next(&p->log, out_bytes);
    if (status == MNSEC_E_STATE_END) {
        return tell_here(p, MN_VERIFY_LOG_MISSING);
    }
    MN_TRY(tell_malformed(p, status, MN_VERIFY_LOG_MALFORMED));
    return tell_malformed(p, mn_verify_line_read(*out_bytes, out_line), MN_VERIFY_LOG_MALFORMED);
}

static mnsec_status take_entry(pass *p)
{
    mn_bytes bytes;
    mn_verify_line line;
    MN_TRY(read_line(p, &bytes, &line));
    const mn_verify_finding finding = mn_verify_past_check(&p->past, &line);
    if (finding != MN_VERIFY_FINDING_NONE) {
        return tell_here(p, finding);
    }
    MN_AUTO(mn_verify_line_groups) groups = {0};
    MN_AUTO(mn_buf) document = {0};
    MN_TRY(take_signature(p, &line, &groups));
    MN_TRY(take_body(p, &line, &document));
    MN_TRY(step_session(p, &line, &groups));
    if (line.index == 0) {
        mn_hash_bytes(line.statement, p->verify->result.founding_hash);
    }
    MN_TRY(mn_verify_attest_entry(p->verify, &line, &groups, mn_buf_view(&document)));
    const mn_tlog_hash *root = mn_verify_past_grow(&p->past, bytes);
    p->verify->result.entries++;
    return check_root(p, root);
}

/* A file that may be absent: what it held is withheld, or missed where it is looked for. */
static mnsec_status open_part(pass *p, const char *part, uint64_t start, size_t line_max,
                              mn_verify_reader *reader)
{
    char name[MN_VERIFY_NAME_MAX];
    (void)snprintf(name, sizeof(name), "%s/%06" PRIu64 ".tsv", part, start / MN_VERIFY_BLOCK);
    mn_verify_reader_wipe(reader);
    const mnsec_status status = mn_verify_reader_open(p->verify->folder, name, line_max, reader);
    if (status == MNSEC_E_INTEGRITY) {
        return mn_verify_finding_tell(p->verify, MN_VERIFY_FILE_KIND, MNSEC_BUNDLE_NO_ENTRY, name);
    }
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}

static mnsec_status open_block(pass *p, uint64_t start)
{
    MN_TRY(open_part(p, "log", start, MN_VERIFY_LINE_MAX, &p->log));
    MN_TRY(open_part(p, "sig", start, MN_VERIFY_SIG_MAX, &p->signatures));
    MN_TRY(open_part(p, "body", start, MN_VERIFY_BODY_MAX, &p->bodies));
    return tell_malformed(p, read_signature_line(p), MN_VERIFY_LOG_SIGNATURE);
}

/* Nothing may be left of the block. */
static mnsec_status close_block(pass *p)
{
    mn_bytes line;
    if (p->has_signature || mn_verify_reader_next(&p->log, &line) != MNSEC_E_STATE_END ||
        mn_verify_reader_next(&p->bodies, &line) != MNSEC_E_STATE_END) {
        return tell_here(p, MN_VERIFY_LOG_SURPLUS);
    }
    return MNSEC_OK;
}

static mnsec_status take_block(pass *p, uint64_t start, uint64_t below)
{
    MN_TRY(open_block(p, start));
    for (uint64_t i = start; i < below; i++) {
        if (i % PROGRESS_STEP == 0) {
            MN_TRY(mn_verify_finding_progress(p->verify, "reading entries", i,
                                              p->verify->checkpoint.tree_size));
        }
        MN_TRY(take_entry(p));
    }
    return close_block(p);
}

static mnsec_status take_blocks(pass *p)
{
    const uint64_t size = p->verify->checkpoint.tree_size;
    uint64_t start = 0;
    for (; start < size; start += MN_VERIFY_BLOCK) {
        const uint64_t left = size - start;
        MN_TRY(take_block(p, start, start + (left < MN_VERIFY_BLOCK ? left : MN_VERIFY_BLOCK)));
    }
    MN_TRY(open_block(p, start));
    return close_block(p);
}

static mnsec_status end_sessions(pass *p)
{
    for (size_t i = 0; i < p->sessions.count; i++) {
        MN_TRY(tell_unattested(p, &p->sessions.open[i]));
    }
    return MNSEC_OK;
}

static mnsec_status run(pass *p)
{
    const mn_tlog_checkpoint *checkpoint = &p->verify->checkpoint;
    const mnsec_status status =
        mn_verify_reader_open(p->verify->folder, HISTORY, MN_VERIFY_LINE_MAX, &p->history);
    if (status == MNSEC_E_STATE_NOT_FOUND || status == MNSEC_E_INTEGRITY) {
        return mn_verify_finding_tell(p->verify, MN_VERIFY_FILE_ABSENT, MNSEC_BUNDLE_NO_ENTRY,
                                      HISTORY);
    }
    MN_TRY(status);
    MN_TRY(next_earlier(p));
    MN_TRY(take_blocks(p));
    MN_TRY(end_sessions(p));
    mn_tlog_hash root;
    mn_tlog_tree_root(&p->past.tree, &root);
    return mn_tlog_tree_hash_equal(&root, &checkpoint->root)
               ? MNSEC_OK
               : mn_verify_finding_tell(p->verify, MN_VERIFY_LOG_ROOT, MNSEC_BUNDLE_NO_ENTRY,
                                        "checkpoint.txt");
}

mnsec_status mn_verify_log(mn_verify *verify)
{
    MN_AUTO(pass) p = {.verify = verify};
    MN_TRY(mn_verify_past_init(&p.past, verify->checkpoint.origin));
    const mnsec_status status = run(&p);
    verify->result.proven = p.past.proven;
    verify->result.authority = p.past.authority;
    if (status == MNSEC_OK) {
        verify->result.proven = verify->result.entries;
    }
    return status;
}
