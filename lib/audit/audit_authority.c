/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements of authority, with proof: each is in the tree, each names the one before, and the last
 * is the one in force, so none can be left out or put in. Whether their signatures are right and
 * what they say: registry/.
 */
#include <string.h>

#include "audit/audit_reader.h"
#include "crypto/secret/hash.h"

/* Groups of one entry, resolved, and what they point to. */
typedef struct resolved {
    mn_audit_line_groups groups;
    mn_buf certificates[MN_AUDIT_LINE_MAX_GROUPS];
    mn_buf signatures[MN_AUDIT_LINE_MAX_GROUPS];
    mn_audit_group out[MN_AUDIT_LINE_MAX_GROUPS];
} resolved;

static void resolved_wipe(resolved *groups)
{
    mn_audit_line_groups_wipe(&groups->groups);
    for (size_t i = 0; i < MN_AUDIT_LINE_MAX_GROUPS; i++) {
        mn_buf_wipe(&groups->certificates[i]);
        mn_buf_wipe(&groups->signatures[i]);
    }
}

static mnsec_status resolve(const mn_audit_reader *reader, resolved *to)
{
    if (mn_audit_line_groups_read(reader->view.signature, &to->groups) != MNSEC_OK ||
        to->groups.index != reader->line.index) {
        return mn_audit_fail(reader->audit, reader->line.index, "has no proper signature");
    }
    for (size_t i = 0; i < to->groups.count; i++) {
        const mn_audit_line_group *group = &to->groups.groups[i];
        const mnsec_status status = mn_audit_row_certificate(
            reader->audit, reader->txn, group->certificate, &to->certificates[i]);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            return mn_audit_fail(reader->audit, reader->line.index,
                                 "names a certificate that is not there");
        }
        MN_TRY(status);
        if (mn_audit_line_raw(group->alg, mn_buf_view(&group->signature), &to->signatures[i]) !=
            MNSEC_OK) {
            return mn_audit_fail(reader->audit, reader->line.index, "has no proper signature");
        }
        to->out[i] = (mn_audit_group){.alg = group->alg,
                                      .certificate = mn_buf_view(&to->certificates[i]),
                                      .signature = mn_buf_view(&to->signatures[i])};
    }
    return MNSEC_OK;
}

static mnsec_status check_inclusion(const mn_audit_reader *reader)
{
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(reader->view.line, &leaf);
    return mn_audit_node_prove(reader->txn, &reader->audit->state.tree, reader->line.index, &leaf);
}

/* The statement that the next one must name. */
typedef struct chain {
    bool has_head;
    uint8_t head[32];
} chain;

static mnsec_status check_link(const mn_audit_reader *reader, chain *links)
{
    const mn_audit_statement *statement = &reader->line.statement;
    if (!mn_audit_line_is_authority(statement)) {
        return mn_audit_fail(reader->audit, reader->line.index, "is no statement of authority");
    }
    if (statement->has_ah != links->has_head ||
        (links->has_head && memcmp(statement->ah, links->head, sizeof(links->head)) != 0)) {
        return mn_audit_fail(reader->audit, reader->line.index,
                             "does not name the statement before it");
    }
    mn_hash_bytes(reader->line.text, links->head);
    links->has_head = true;
    return MNSEC_OK;
}

/* Read the n-th statement's line; its place in chain and tree is checked by the callers. */
static mnsec_status read_statement(mn_audit_reader *reader, uint64_t n, bool with_body)
{
    uint64_t index = 0;
    const mnsec_status status = mn_audit_row_authority(reader->txn, n, &index);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(reader->audit->err, MNSEC_E_INTEGRITY_LOG,
                       "a statement of authority is missing");
    }
    MN_TRY(status);
    MN_AUTO(mn_buf) text = {0};
    mn_audit_line line;
    MN_TRY(mn_audit_row_entry(reader->audit, reader->txn, index, &text, &line));
    return mn_audit_reader_entry(reader, index, mn_buf_view(&text), with_body);
}

static mnsec_status start_chain(mn_audit_reader *reader, uint64_t from_n, chain *links)
{
    if (from_n == 0) {
        return MNSEC_OK;
    }
    MN_TRY(read_statement(reader, from_n - 1, false));
    mn_hash_bytes(reader->line.text, links->head);
    links->has_head = true;
    return MNSEC_OK;
}

static mnsec_status tell_statement(mn_audit_reader *reader, uint64_t n, chain *links,
                                   mn_audit_authority_fn each, void *user)
{
    MN_AUTO(resolved) groups = {.groups = {.count = 0}};
    MN_TRY(read_statement(reader, n, true));
    MN_TRY(check_link(reader, links));
    MN_TRY(check_inclusion(reader));
    if (reader->view.authority.len == 0) {
        return mn_audit_fail(reader->audit, reader->line.index, "has lost its document");
    }
    MN_TRY(resolve(reader, &groups));
    return each(user, &reader->view, groups.out, groups.groups.count);
}

mnsec_status mn_audit_authority_read(mn_audit *audit, mn_store_txn *txn, uint64_t from_n,
                                     mn_audit_authority_fn each, void *user)
{
    MN_TRY(mn_audit_refresh(audit, txn));
    const mn_audit_state *state = &audit->state;
    if (from_n > state->authority_count) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "a statement of authority is missing");
    }
    MN_AUTO(mn_audit_reader) reader = {.audit = audit, .txn = txn};
    chain links = {.has_head = false};
    MN_TRY(start_chain(&reader, from_n, &links));
    for (uint64_t n = from_n; n < state->authority_count; n++) {
        MN_TRY(tell_statement(&reader, n, &links, each, user));
    }
    if (links.has_head != state->has_ah ||
        (links.has_head && memcmp(links.head, state->ah, sizeof(links.head)) != 0)) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "a statement of authority is missing");
    }
    return MNSEC_OK;
}
