/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the log stood at the newest checkpoint, without reading it all. The tree comes from inner
 * nodes and must have the checkpoint's root; authority and clock from the last line before it. The
 * counters of the departments are cached: each must be borne out by a line of its own, so none can
 * be too large, and together they must be all entries, so none can be too small. A cache that does
 * not hold is no alarm: the lines are counted again.
 */
#include <string.h>

#include "audit/audit_log.h"
#include "base/encode.h"
#include "crypto/secret/hash.h"

#define CACHE_KEY    "log.counters"
#define PURPOSE      "mnsec/log-counters/1"
#define MAX_COUNTERS 1000U

/* --- the counters --- */

static mnsec_status encode_counters(const mn_audit_state *state, mn_buf *out_bytes)
{
    MN_TRY(mn_encode_begin(out_bytes, PURPOSE));
    MN_TRY(mn_encode_u64(out_bytes, state->tree.size));
    MN_TRY(mn_encode_u64(out_bytes, state->counter_count));
    for (size_t i = 0; i < state->counter_count; i++) {
        MN_TRY(mn_encode_id(out_bytes, &state->counters[i].department));
        MN_TRY(mn_encode_u64(out_bytes, state->counters[i].dn));
        MN_TRY(mn_encode_u64(out_bytes, state->counters[i].newest));
    }
    return MNSEC_OK;
}

static mnsec_status decode_counters(mn_bytes bytes, mn_audit_state *state)
{
    mn_decode decode;
    uint64_t size = 0;
    uint64_t count = 0;
    MN_TRY(mn_decode_begin(&decode, bytes, PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &size));
    MN_TRY(mn_decode_u64(&decode, &count));
    if (size != state->tree.size || count > MAX_COUNTERS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (uint64_t i = 0; i < count; i++) {
        mn_audit_counter counter;
        MN_TRY(mn_decode_id(&decode, &counter.department));
        MN_TRY(mn_decode_u64(&decode, &counter.dn));
        MN_TRY(mn_decode_u64(&decode, &counter.newest));
        if (mn_audit_state_dn(state, &counter.department) != 0) {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(mn_audit_state_count(state, &counter.department, counter.dn, counter.newest));
    }
    return mn_decode_end(&decode);
}

static mnsec_status is_borne_out(mn_audit *audit, mn_store_txn *txn, const mn_audit_state *state,
                                 bool *out_is)
{
    uint64_t total = 0;
    *out_is = false;
    for (size_t i = 0; i < state->counter_count; i++) {
        const mn_audit_counter *counter = &state->counters[i];
        if (counter->newest >= state->tree.size || counter->dn > state->tree.size) {
            return MNSEC_OK;
        }
        MN_AUTO(mn_buf) text = {0};
        mn_audit_line line;
        MN_TRY(mn_audit_row_entry(audit, txn, counter->newest, &text, &line));
        if (line.dn != counter->dn ||
            !mnsec_id_equal(&line.statement.department, &counter->department)) {
            return MNSEC_OK;
        }
        total += counter->dn;
    }
    *out_is = total == state->tree.size;
    return MNSEC_OK;
}

static mnsec_status count_lines(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state)
{
    const mn_store_value end = mn_store_integer((int64_t)state->tree.size);
    const mn_store_range range = {.below = &end};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &range, &cursor));
    for (uint64_t i = 0; i < state->tree.size; i++) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        mn_audit_line line;
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END) {
            return mn_audit_fail(audit, i, "is missing");
        }
        MN_TRY(status);
        if (mn_audit_line_read(row[1].bytes, &line) != MNSEC_OK || line.index != i) {
            return mn_audit_fail(audit, i, "is malformed");
        }
        const mnsec_id *department = &line.statement.department;
        const uint64_t dn = mn_audit_state_dn(state, department) + 1;
        if (line.dn != dn) {
            return mn_audit_fail(audit, i, "does not follow in its department");
        }
        MN_TRY(mn_audit_state_count(state, department, dn, i));
    }
    return MNSEC_OK;
}

static mnsec_status load_counters(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state)
{
    const mn_store_value key = mn_store_text(CACHE_KEY);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    const mnsec_status status = mn_store_get(txn, MN_TABLE_META, &key, row);
    bool holds = false;
    if (status == MNSEC_OK && decode_counters(row[1].bytes, state) == MNSEC_OK) {
        MN_TRY(is_borne_out(audit, txn, state, &holds));
    } else if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    if (holds) {
        return MNSEC_OK;
    }
    state->counter_count = 0;
    return count_lines(audit, txn, state);
}

/* --- the rest --- */

/* Authority and clock as the last line has them: it names the authority before it. In a tree of
 * even size the line is no edge of its own, so that it is in the tree has to be proven. */
static mnsec_status load_last_line(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state)
{
    MN_AUTO(mn_buf) text = {0};
    mn_audit_line line;
    MN_TRY(mn_audit_row_entry(audit, txn, state->tree.size - 1, &text, &line));
    mn_tlog_tree_leaf(mn_buf_view(&text), &state->newest_leaf);
    MN_TRY(mn_audit_node_prove(txn, &state->tree, line.index, &state->newest_leaf));
    state->t = line.t;
    state->has_ah = line.statement.has_ah;
    memcpy(state->ah, line.statement.ah, sizeof(state->ah));
    if (mn_audit_line_is_authority(&line.statement)) {
        mn_hash_bytes(line.text, state->ah);
        state->has_ah = true;
    }
    return mn_audit_row_authority_count(txn, state->tree.size, &state->authority_count);
}

mnsec_status mn_audit_load_at(mn_audit *audit, mn_store_txn *txn,
                              const mn_tlog_checkpoint *checkpoint, mn_audit_state *state)
{
    mn_tlog_hash root;
    MN_TRY(mn_audit_node_tree(txn, checkpoint->tree_size, &state->tree));
    mn_tlog_tree_root(&state->tree, &root);
    if (!mn_tlog_tree_hash_equal(&root, &checkpoint->root)) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "log is not that of its checkpoint");
    }
    MN_TRY(load_last_line(audit, txn, state));
    return load_counters(audit, txn, state);
}

mnsec_status mn_audit_load_base(mn_audit *audit, mn_store_txn *txn, mn_audit_state *out_state)
{
    mn_tlog_checkpoint checkpoint;
    const mnsec_status status = mn_audit_checkpoint_newest(audit, txn, &checkpoint);
    MN_AUTO(mn_audit_state) state = {.t = 0};
    if (status == MNSEC_OK) {
        MN_TRY(mn_audit_load_at(audit, txn, &checkpoint, &state));
    } else if (status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    mn_audit_state_move(out_state, &state);
    return MNSEC_OK;
}

mnsec_status mn_audit_load_remember(mn_store_txn *txn, const mn_audit_state *state)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(encode_counters(state, &bytes));
    const mn_store_value row[] = {mn_store_text(CACHE_KEY), mn_store_blob(bytes.bytes, bytes.len)};
    return mn_store_put(txn, MN_TABLE_META, row);
}
