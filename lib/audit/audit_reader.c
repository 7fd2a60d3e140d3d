/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding one entry. A body or signature line that is there is the one its entry names, or reading
 * fails; one that is not there was withheld. Texts of the view are the reader's own, so they live
 * until the next entry.
 */
#include "audit/audit_reader.h"

#include <string.h>

#include "crypto/secret/hash.h"

static const char *id_text(const mnsec_id *id, char out_text[MNSEC_ID_TEXT_BYTES])
{
    if (!id) {
        return NULL;
    }
    mnsec_id_format(id, out_text);
    return out_text;
}

static void view_line(mn_audit_reader *reader)
{
    const mn_audit_statement *statement = &reader->line.statement;
    memcpy(reader->department, "-", 2);
    memcpy(reader->ah, "-", 2);
    if (!mnsec_id_is_none(&statement->department)) {
        mnsec_id_format(&statement->department, reader->department);
    }
    if (statement->has_ah) {
        mn_base64_url_digest(statement->ah, reader->ah);
    }
    reader->view = (mn_audit_view){
        .index = reader->line.index,
        .line = mn_buf_view(&reader->line_text),
        .statement = reader->line.text,
        .event = mn_action_event(statement->action),
        .auth = mn_audit_line_auth_name(statement->auth),
        .department = reader->department,
        .stage = mn_action_stage_name(mn_action_stage_of(statement->action)),
        .ah = reader->ah,
        .outcome = (int)statement->outcome,
        .ses = statement->session.ses,
        .sn = statement->session.sn,
        .at = statement->at,
        .dn = reader->line.dn,
        .ts = statement->ts,
        .t = reader->line.t,
    };
}

static void view_body(mn_audit_reader *reader)
{
    const mn_audit_body *body = &reader->body.body;
    mn_audit_view *view = &reader->view;
    view->body = mn_buf_view(&reader->body_text);
    view->actor = id_text(body->actor, reader->ids[0]);
    view->actor2 = id_text(body->actor2, reader->ids[1]);
    view->record = id_text(body->record, reader->ids[2]);
    view->value = id_text(body->value, reader->ids[3]);
    view->ws = id_text(body->ws, reader->ids[4]);
    if (body->card) {
        mn_base64_url_digest(body->card, reader->card);
        view->card = reader->card;
    }
    view->doc = body->doc;
    view->kind = body->kind;
    view->purpose = body->purpose;
    view->reason = body->reason;
    view->role = body->role;
    view->osuser = body->osuser;
    view->authority = body->authority;
    view->count = body->count;
    view->item_count = body->item_count;
    view->items = body->items;
}

static bool has_digest(const mn_buf *text, const uint8_t digest[32])
{
    uint8_t found[MN_HASH_BYTES];
    mn_hash_bytes(mn_buf_view(text), found);
    return memcmp(found, digest, sizeof(found)) == 0;
}

/* A line that may be withheld; out_is_there tells. */
static mnsec_status read_row(mn_audit_reader *reader, mn_store_table_id table, mn_buf *text,
                             bool *out_is_there)
{
    const mnsec_status status = mn_audit_row_line(reader->txn, table, reader->line.index, text);
    *out_is_there = status == MNSEC_OK;
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}

static mnsec_status read_body(mn_audit_reader *reader)
{
    bool is_there = false;
    mn_audit_body_copy_wipe(&reader->body);
    MN_TRY(read_row(reader, MN_TABLE_LOG_BODY, &reader->body_text, &is_there));
    if (!is_there) {
        return MNSEC_OK;
    }
    if (!has_digest(&reader->body_text, reader->line.statement.bh)) {
        return mn_audit_fail(reader->audit, reader->line.index, "has another body");
    }
    if (mn_audit_body_read(mn_buf_view(&reader->body_text), &reader->body) != MNSEC_OK) {
        return mn_audit_fail(reader->audit, reader->line.index, "has a malformed body");
    }
    view_body(reader);
    return MNSEC_OK;
}

static mnsec_status read_signatures(mn_audit_reader *reader)
{
    bool is_there = false;
    MN_TRY(read_row(reader, MN_TABLE_LOG_SIG, &reader->signature_text, &is_there));
    if (!is_there) {
        return MNSEC_OK;
    }
    if (!reader->line.is_signed || !has_digest(&reader->signature_text, reader->line.sighash)) {
        return mn_audit_fail(reader->audit, reader->line.index, "has another signature");
    }
    reader->view.signature = mn_buf_view(&reader->signature_text);
    return MNSEC_OK;
}

static mnsec_status read_line(mn_audit_reader *reader, uint64_t index, mn_bytes text)
{
    mn_buf_reset(&reader->line_text);
    MN_TRY(mn_buf_append(&reader->line_text, text.bytes, text.len));
    if (mn_audit_line_read(mn_buf_view(&reader->line_text), &reader->line) != MNSEC_OK ||
        reader->line.index != index) {
        return mn_audit_fail(reader->audit, index, "is malformed");
    }
    view_line(reader);
    return MNSEC_OK;
}

void mn_audit_reader_wipe(mn_audit_reader *reader)
{
    mn_buf_wipe(&reader->line_text);
    mn_buf_wipe(&reader->body_text);
    mn_buf_wipe(&reader->signature_text);
    mn_audit_body_copy_wipe(&reader->body);
}

mnsec_status mn_audit_reader_entry(mn_audit_reader *reader, uint64_t index, mn_bytes text,
                                   bool with_body)
{
    MN_TRY(read_line(reader, index, text));
    if (!with_body) {
        return MNSEC_OK;
    }
    MN_TRY(read_body(reader));
    return read_signatures(reader);
}
