/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to the store: every argument is held against the table's declaration, every call goes to
 * the back end, and a write transaction that met a fault is doomed here, so that no back end can
 * carry on half. What a value may be: store_value.c. The back ends: sqlite/.
 */
#include "store.h"

#include <string.h>

/* An answer to a question is not a fault of the store. */
static bool is_answer(mnsec_status status)
{
    return status == MNSEC_OK || status == MNSEC_E_STATE_NOT_FOUND ||
           status == MNSEC_E_STATE_CONFLICT || status == MNSEC_E_STATE_END ||
           mnsec_status_class(status) == MNSEC_CLASS_USAGE;
}

/* Every status of a back end's call inside a transaction passes through here. */
static mnsec_status judged(mn_store *store, mnsec_status status)
{
    if (!is_answer(status) && store->mode == MN_STORE_WRITE && store->failure == MNSEC_OK) {
        store->failure = status;
    }
    return status;
}

static mnsec_status find_table(const mn_store_txn *txn, mn_store_table_id id,
                               const mn_store_table **out_table)
{
    if (!txn || !txn->store || !txn->store->in_transaction) {
        return MNSEC_E_USAGE;
    }
    const mn_store *store = txn->store;
    if ((size_t)id >= store->table_count) {
        return mn_fail(store->err, MNSEC_E_USAGE, "no table has the number %d", (int)id);
    }
    if (store->failure != MNSEC_OK) {
        return mn_fail(store->err, store->failure, "transaction failed before; roll it back");
    }
    *out_table = &store->tables[id];
    return MNSEC_OK;
}

static mnsec_status find_writable_table(const mn_store_txn *txn, mn_store_table_id id,
                                        const mn_store_table **out_table)
{
    MN_TRY(find_table(txn, id, out_table));
    if (txn->store->mode != MN_STORE_WRITE) {
        return mn_fail(txn->store->err, MNSEC_E_USAGE, "transaction was begun for reading");
    }
    return MNSEC_OK;
}

static mnsec_status check_value(const mn_store *store, const mn_store_table *table, size_t column,
                                const mn_store_value *value)
{
    const char *problem = mn_store_value_problem(&table->columns[column], value);
    if (problem) {
        return mn_fail(store->err, MNSEC_E_USAGE, "value of %s.%s %s", table->name,
                       table->columns[column].name, problem);
    }
    return MNSEC_OK;
}

static mnsec_status check_values(const mn_store *store, const mn_store_table *table, size_t count,
                                 const mn_store_value *values)
{
    if (!values) {
        return mn_fail(store->err, MNSEC_E_USAGE, "values of %s are missing", table->name);
    }
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        MN_TRY(check_value(store, table, i, &values[i]));
        const bool has_bytes = values[i].type == MN_STORE_TEXT || values[i].type == MN_STORE_BLOB;
        total += has_bytes ? values[i].bytes.len : 0;
    }
    if (total > MN_STORE_MAX_ROW_BYTES) {
        return mn_fail(store->err, MNSEC_E_USAGE, "row of %s is too long", table->name);
    }
    return MNSEC_OK;
}

/* A bound of a range: the column's type, and not NULL, which has no place in an order of numbers.
 */
static mnsec_status check_bound(const mn_store *store, const mn_store_table *table, size_t column,
                                const mn_store_value *bound)
{
    if (!bound) {
        return MNSEC_OK;
    }
    if (column == MN_STORE_MAX_COLUMNS || bound->type == MN_STORE_NULL) {
        return mn_fail(store->err, MNSEC_E_USAGE, "range over %s has a bound on no value",
                       table->name);
    }
    return check_value(store, table, column, bound);
}

static mnsec_status check_range(const mn_store *store, const mn_store_table *table,
                                const mn_store_range *range)
{
    if (!range) {
        return MNSEC_OK;
    }
    const mn_store_index *index = NULL;
    if (range->index) {
        index = mn_store_table_index(table, range->index);
        if (!index) {
            return mn_fail(store->err, MNSEC_E_USAGE, "table %s has no such index", table->name);
        }
    }
    if (range->equal_count > 0 && !range->equal) {
        return mn_fail(store->err, MNSEC_E_USAGE, "values of %s are missing", table->name);
    }
    for (size_t place = 0; place < range->equal_count; place++) {
        const size_t column = mn_store_table_order(table, index, place);
        if (column == MN_STORE_MAX_COLUMNS) {
            return mn_fail(store->err, MNSEC_E_USAGE, "range over %s fixes too many columns",
                           table->name);
        }
        MN_TRY(check_value(store, table, column, &range->equal[place]));
    }
    const size_t next = mn_store_table_order(table, index, range->equal_count);
    MN_TRY(check_bound(store, table, next, range->from));
    return check_bound(store, table, next, range->below);
}

static void end(mn_store_txn *txn)
{
    txn->store->in_transaction = false;
    txn->store->failure = MNSEC_OK;
    txn->store = NULL;
}

void mn_store_free(mn_store *store)
{
    if (!store) {
        return;
    }
    if (store->in_transaction) {
        store->backend->rollback(store);
    }
    store->backend->close(store);
}

mnsec_status mn_store_begin(mn_store *store, mn_store_mode mode, mn_store_txn *out_txn)
{
    if (!store || !out_txn) {
        return MNSEC_E_USAGE;
    }
    if (mode != MN_STORE_READ && mode != MN_STORE_WRITE) {
        return mn_fail(store->err, MNSEC_E_USAGE, "transaction is neither for reading nor writing");
    }
    if (store->in_transaction) {
        return mn_fail(store->err, MNSEC_E_USAGE, "a transaction is open already");
    }
    if (mode == MN_STORE_WRITE && store->read_only) {
        return mn_fail(store->err, MNSEC_E_STORE_READ_ONLY,
                       "store was opened read-only, or its file or disk cannot be written");
    }
    MN_TRY(store->backend->begin(store, mode));
    store->in_transaction = true;
    store->mode = mode;
    store->failure = MNSEC_OK;
    *out_txn = (mn_store_txn){.store = store};
    return MNSEC_OK;
}

mnsec_status mn_store_commit(mn_store_txn *txn)
{
    if (!txn || !txn->store || !txn->store->in_transaction) {
        return MNSEC_E_USAGE;
    }
    mn_store *store = txn->store;
    const mnsec_status failure = store->failure;
    if (failure != MNSEC_OK) {
        mn_store_txn_wipe(txn);
        return mn_fail(store->err, failure, "transaction failed before; nothing was kept");
    }
    const mnsec_status status = store->backend->commit(store);
    end(txn);
    return status;
}

void mn_store_txn_wipe(mn_store_txn *txn)
{
    if (!txn || !txn->store) {
        return;
    }
    txn->store->backend->rollback(txn->store);
    end(txn);
}

mnsec_status mn_store_get(mn_store_txn *txn, mn_store_table_id table, const mn_store_value *key,
                          mn_store_value *out_row)
{
    const mn_store_table *declared = NULL;
    MN_TRY(find_table(txn, table, &declared));
    MN_TRY(check_values(txn->store, declared, declared->key_columns, key));
    if (!out_row) {
        return mn_fail(txn->store->err, MNSEC_E_USAGE, "row has nowhere to go");
    }
    return judged(txn->store, txn->store->backend->get(txn->store, table, key, out_row));
}

static mnsec_status put(mn_store_txn *txn, mn_store_table_id table, const mn_store_value *row,
                        bool replace)
{
    const mn_store_table *declared = NULL;
    MN_TRY(find_writable_table(txn, table, &declared));
    MN_TRY(check_values(txn->store, declared, mn_store_table_columns(declared), row));
    return judged(txn->store, txn->store->backend->put(txn->store, table, row, replace));
}

mnsec_status mn_store_insert(mn_store_txn *txn, mn_store_table_id table, const mn_store_value *row)
{
    return put(txn, table, row, false);
}

mnsec_status mn_store_put(mn_store_txn *txn, mn_store_table_id table, const mn_store_value *row)
{
    return put(txn, table, row, true);
}

mnsec_status mn_store_remove(mn_store_txn *txn, mn_store_table_id table, const mn_store_value *key)
{
    const mn_store_table *declared = NULL;
    MN_TRY(find_writable_table(txn, table, &declared));
    MN_TRY(check_values(txn->store, declared, declared->key_columns, key));
    return judged(txn->store, txn->store->backend->remove(txn->store, table, key));
}

mnsec_status mn_store_scan(mn_store_txn *txn, mn_store_table_id table, const mn_store_range *range,
                           mn_store_cursor **out_cursor)
{
    static const mn_store_range everything = {.index = NULL};
    const mn_store_table *declared = NULL;
    MN_TRY(find_table(txn, table, &declared));
    MN_TRY(check_range(txn->store, declared, range));
    if (!out_cursor) {
        return mn_fail(txn->store->err, MNSEC_E_USAGE, "cursor has nowhere to go");
    }
    return judged(txn->store, txn->store->backend->scan_open(
                                  txn->store, table, range ? range : &everything, out_cursor));
}

mnsec_status mn_store_cursor_next(mn_store_cursor *cursor, mn_store_value *out_row)
{
    if (!cursor || !out_row) {
        return MNSEC_E_USAGE;
    }
    if (!cursor->live) {
        return mn_fail(cursor->store->err, MNSEC_E_USAGE, "the cursor's transaction has ended");
    }
    if (cursor->store->failure != MNSEC_OK) {
        return mn_fail(cursor->store->err, cursor->store->failure,
                       "transaction failed before; roll it back");
    }
    return judged(cursor->store, cursor->store->backend->scan_next(cursor, out_row));
}

void mn_store_cursor_free(mn_store_cursor *cursor)
{
    if (cursor) {
        cursor->store->backend->scan_close(cursor);
    }
}

mnsec_status mn_store_count(mn_store_txn *txn, mn_store_table_id table, const mn_store_range *range,
                            uint64_t *out_count)
{
    static const mn_store_range everything = {.index = NULL};
    const mn_store_table *declared = NULL;
    MN_TRY(find_table(txn, table, &declared));
    MN_TRY(check_range(txn->store, declared, range));
    if (!out_count) {
        return mn_fail(txn->store->err, MNSEC_E_USAGE, "count has nowhere to go");
    }
    return judged(txn->store, txn->store->backend->count(txn->store, table,
                                                         range ? range : &everything, out_count));
}

mnsec_status mn_store_check(mn_store *store, bool deep)
{
    if (!store) {
        return MNSEC_E_USAGE;
    }
    const mnsec_status status = store->backend->check(store, deep);
    return store->in_transaction ? judged(store, status) : status;
}

mn_store_value mn_store_text(const char *text)
{
    return (mn_store_value){.type = MN_STORE_TEXT, .bytes = mn_bytes_of(text, strlen(text))};
}
