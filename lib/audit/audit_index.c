/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which value of a record is the newest, from the log and nothing else: an older ciphertext that
 * was put back, or a row that is missing, is found by asking here. Every line is hashed once, and
 * the root must be that of the newest checkpoint and of the log as it stands, so a line that was
 * altered or left out cannot hide a writing. A hash table with open addressing, 40 bytes a record.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/audit_body.h"
#include "audit/audit_log.h"
#include "crypto/secret/hash.h"

#define FIRST_SLOTS     1024U
#define DEPARTMENT_BITS 10U
#define MAX_DEPARTMENTS (1U << DEPARTMENT_BITS)
#define DEPARTMENT_MASK (MAX_DEPARTMENTS - 1U)

/* An empty slot has no record. */
typedef struct slot {
    mnsec_id record;
    mnsec_id value;
    uint64_t place; /* index of the entry, and below it the number of its department */
} slot;

struct mn_audit_index {
    mn_audit *audit;
    mn_tlog_tree tree; /* of the entries read */
    slot *slots;
    size_t slot_count; /* a power of two */
    size_t used;
    mnsec_id departments[MAX_DEPARTMENTS];
    size_t department_count;
};

/* Record ids are random, so their own bytes spread them. */
static size_t first_slot(const mnsec_id *record, size_t slot_count)
{
    uint64_t spread = 0;
    memcpy(&spread, record->bytes, sizeof(spread));
    return (size_t)spread & (slot_count - 1);
}

/* The slot of this record, or the empty one where it belongs. */
static slot *find(slot *slots, size_t slot_count, const mnsec_id *record)
{
    size_t at = first_slot(record, slot_count);
    while (!mnsec_id_is_none(&slots[at].record) && !mnsec_id_equal(&slots[at].record, record)) {
        at = (at + 1) & (slot_count - 1);
    }
    return &slots[at];
}

/* At most three quarters full. */
static mnsec_status make_room(mn_audit_index *index)
{
    if (index->used < index->slot_count / 4 * 3) {
        return MNSEC_OK;
    }
    const size_t count = index->slot_count == 0 ? FIRST_SLOTS : index->slot_count * 2;
    slot *slots = calloc(count, sizeof(*slots));
    if (!slots) {
        return mn_fail(index->audit->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < index->slot_count; i++) {
        if (!mnsec_id_is_none(&index->slots[i].record)) {
            *find(slots, count, &index->slots[i].record) = index->slots[i];
        }
    }
    free(index->slots);
    index->slots = slots;
    index->slot_count = count;
    return MNSEC_OK;
}

static mnsec_status number_of(mn_audit_index *index, const mnsec_id *department, uint64_t *out_n)
{
    for (size_t i = 0; i < index->department_count; i++) {
        if (mnsec_id_equal(&index->departments[i], department)) {
            *out_n = i;
            return MNSEC_OK;
        }
    }
    if (index->department_count == MAX_DEPARTMENTS) {
        return mn_fail(index->audit->err, MNSEC_E_INTEGRITY_LOG, "log has too many departments");
    }
    *out_n = index->department_count;
    index->departments[index->department_count++] = *department;
    return MNSEC_OK;
}

static mnsec_status keep(mn_audit_index *index, const mn_audit_line *line, const mnsec_id *record,
                         const mnsec_id *value)
{
    if (mnsec_id_is_none(record) || mnsec_id_is_none(value)) {
        return mn_audit_fail(index->audit, line->index, "writes a value without a name");
    }
    uint64_t department = 0;
    MN_TRY(number_of(index, &line->statement.department, &department));
    MN_TRY(make_room(index));
    slot *to = find(index->slots, index->slot_count, record);
    index->used += mnsec_id_is_none(&to->record) ? 1 : 0;
    *to = (slot){
        .record = *record, .value = *value, .place = line->index << DEPARTMENT_BITS | department};
    return MNSEC_OK;
}

/* Body of a writing entry; it may not be withheld, or a writing could be hidden by withholding. */
static mnsec_status read_writing(mn_audit_index *index, mn_store_txn *txn,
                                 const mn_audit_line *line)
{
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_audit_body_copy) body = {.items = NULL};
    const mnsec_status status = mn_audit_row_line(txn, MN_TABLE_LOG_BODY, line->index, &text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_audit_fail(index->audit, line->index, "has lost its body");
    }
    MN_TRY(status);
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_bytes(mn_buf_view(&text), digest);
    if (memcmp(digest, line->statement.bh, sizeof(digest)) != 0 ||
        mn_audit_body_read(mn_buf_view(&text), &body) != MNSEC_OK) {
        return mn_audit_fail(index->audit, line->index, "has another body");
    }
    if (body.body.record && body.body.value) {
        MN_TRY(keep(index, line, body.body.record, body.body.value));
    }
    for (size_t i = 0; i < body.body.item_count; i++) {
        MN_TRY(keep(index, line, &body.body.items[i][0], &body.body.items[i][1]));
    }
    return MNSEC_OK;
}

static bool writes(const mn_audit_statement *statement)
{
    return statement->outcome == MN_AUDIT_SUCCESS &&
           mn_action_has(statement->action, MN_ACTION_WRITES);
}

static mnsec_status read_line(mn_audit_index *index, mn_store_txn *txn, mn_bytes text)
{
    mn_audit_line line;
    if (mn_audit_line_read(text, &line) != MNSEC_OK || line.index != index->tree.size) {
        return mn_audit_fail(index->audit, index->tree.size, "is malformed or missing");
    }
    if (writes(&line.statement)) {
        MN_TRY(read_writing(index, txn, &line));
    }
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(text, &leaf);
    mn_tlog_tree_append(&index->tree, &leaf);
    return MNSEC_OK;
}

static mnsec_status expect_root(const mn_audit_index *index, const mn_tlog_hash *root)
{
    mn_tlog_hash found;
    mn_tlog_tree_root(&index->tree, &found);
    return mn_tlog_tree_hash_equal(&found, root)
               ? MNSEC_OK
               : mn_fail(index->audit->err, MNSEC_E_INTEGRITY_LOG,
                         "stored lines do not make the log's tree");
}

static mnsec_status read_up_to(mn_audit_index *index, mn_store_txn *txn, uint64_t below)
{
    const mn_store_value from = mn_store_integer((int64_t)index->tree.size);
    const mn_store_value end = mn_store_integer((int64_t)below);
    const mn_store_range range = {.from = &from, .below = &end};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &range, &cursor));
    while (index->tree.size < below) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END) {
            return mn_audit_fail(index->audit, index->tree.size, "is missing");
        }
        MN_TRY(status);
        MN_TRY(read_line(index, txn, row[1].bytes));
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_index_new(mn_audit *audit, mn_audit_index **out_index)
{
    mn_audit_index *index = calloc(1, sizeof(*index));
    if (!index) {
        return mn_fail(audit->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    index->audit = audit;
    *out_index = index;
    return MNSEC_OK;
}

void mn_audit_index_free(mn_audit_index *index)
{
    if (index) {
        free(index->slots);
        free(index);
    }
}

mnsec_status mn_audit_index_refresh(mn_audit_index *index, mn_store_txn *txn)
{
    mn_audit *audit = index->audit;
    MN_TRY(mn_audit_refresh(audit, txn));
    /* What this transaction appended and may yet roll back is not read. */
    const mn_audit_state *state = audit->is_pending ? &audit->settled : &audit->state;
    mn_tlog_checkpoint checkpoint;
    const mnsec_status status = mn_audit_checkpoint_newest(audit, txn, &checkpoint);
    if (status == MNSEC_OK && checkpoint.tree_size > index->tree.size) {
        MN_TRY(read_up_to(index, txn, checkpoint.tree_size));
        MN_TRY(expect_root(index, &checkpoint.root));
    } else if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    MN_TRY(read_up_to(index, txn, state->tree.size));
    mn_tlog_hash root;
    mn_tlog_tree_root(&state->tree, &root);
    return expect_root(index, &root);
}

mnsec_status mn_audit_index_get(const mn_audit_index *index, const mnsec_id *record,
                                mnsec_id *out_value)
{
    if (index->used == 0 || mnsec_id_is_none(record)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    const slot *found = find(index->slots, index->slot_count, record);
    if (mnsec_id_is_none(&found->record)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    *out_value = found->value;
    return MNSEC_OK;
}

mnsec_status mn_audit_index_each(const mn_audit_index *index, mn_audit_index_fn each, void *user)
{
    for (size_t i = 0; i < index->slot_count; i++) {
        const slot *at = &index->slots[i];
        if (!mnsec_id_is_none(&at->record)) {
            MN_TRY(each(user, &at->record, &index->departments[at->place & DEPARTMENT_MASK]));
        }
    }
    return MNSEC_OK;
}
