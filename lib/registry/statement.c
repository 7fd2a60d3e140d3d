/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority documents: made, written, read, freed. One table per kind (statement_layout.c) says
 * how, so writing and reading are inverses by construction; and what the reader would refuse is not
 * written.
 */
#include "statement.h"

#include <stdlib.h>
#include <string.h>

#include "statement_layout.h"

mnsec_status mn_statement_new(mn_statement_kind kind, mn_statement **out_statement)
{
    if (mn_statement_layout_get(kind) == NULL) {
        return MNSEC_E_USAGE;
    }
    mn_statement *statement = calloc(1, sizeof(*statement));
    if (statement == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    statement->kind = kind;
    *out_statement = statement;
    return MNSEC_OK;
}

void mn_statement_free(mn_statement *statement)
{
    if (statement == NULL) {
        return;
    }
    const mn_statement_layout *layout = mn_statement_layout_get(statement->kind);
    if (layout != NULL) {
        mn_statement_field_wipe(layout, statement);
    }
    free(statement);
}

const char *mn_statement_event(mn_statement_kind kind)
{
    return mn_statement_layout_event(kind);
}

mn_statement_kind mn_statement_kind_of(const char *event)
{
    for (int kind = MN_STATEMENT_FACILITY_FOUND; kind <= MN_STATEMENT_POLICY_CHANGE; kind++) {
        if (strcmp(event, mn_statement_layout_event((mn_statement_kind)kind)) == 0) {
            return (mn_statement_kind)kind;
        }
    }
    return MN_STATEMENT_NONE;
}

mnsec_status mn_statement_encode(const mn_statement *statement, mn_buf *out_bytes)
{
    const mn_statement_layout *layout = mn_statement_layout_get(statement->kind);
    if (layout == NULL) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(mn_statement_field_write_whole(layout, statement, &bytes));
    MN_AUTO_PTR(mn_statement) again = NULL;
    MN_TRY(mn_statement_decode(statement->kind, mn_buf_view(&bytes), &again));
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_statement_decode(mn_statement_kind kind, mn_bytes bytes,
                                 mn_statement **out_statement)
{
    MN_AUTO_PTR(mn_statement) statement = NULL;
    MN_TRY(mn_statement_new(kind, &statement));
    MN_TRY(mn_statement_field_read_whole(mn_statement_layout_get(kind), bytes, statement));
    *out_statement = mn_take(statement);
    return MNSEC_OK;
}
