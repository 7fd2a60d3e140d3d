/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a CSV file, given out in pieces of a size that the first byte tells: reading ends, lines
 * count up, and no row is larger than its bounds.
 */
#include "base/csv.h"
#include "crypto/secret/crypto.h"
#include "fuzz.h"

typedef struct source {
    mn_bytes rest;
    size_t piece;
} source;

static mnsec_status give(void *user, uint8_t *out_bytes, size_t capacity, size_t *out_len)
{
    source *from = user;
    size_t len = from->piece < capacity ? from->piece : capacity;
    len = len < from->rest.len ? len : from->rest.len;
    if (len > 0) {
        memcpy(out_bytes, from->rest.bytes, len);
    }
    from->rest = mn_bytes_of(from->rest.bytes + len, from->rest.len - len);
    *out_len = len;
    return MNSEC_OK;
}

static void check_row(const mn_csv_row *row)
{
    size_t total = 0;
    FUZZ_HOLDS(row->count > 0 && row->count <= MN_CSV_ROW_MAX_FIELDS);
    for (size_t i = 0; i < row->count; i++) {
        FUZZ_HOLDS(row->fields[i].len <= MN_CSV_FIELD_MAX_BYTES);
        total += row->fields[i].len;
    }
    FUZZ_HOLDS(total <= MN_CSV_ROW_MAX_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    source from = {.rest = mn_bytes_of(data, size)};
    from.piece = 1 + fuzz_choice(&from.rest, 64);
    MN_AUTO_PTR(mn_csv) csv = NULL;
    uint64_t line = 0;
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK && mn_csv_open(give, &from, &csv) == MNSEC_OK);
    for (size_t rows = 0;; rows++) {
        mn_csv_row row;
        const mnsec_status status = mn_csv_next(csv, &row);
        if (status == MNSEC_E_STATE_END) {
            return 0;
        }
        FUZZ_HOLDS(rows <= size && row.line > line);
        line = row.line;
        FUZZ_HOLDS((status == MNSEC_OK) == (row.fault == MN_CSV_FAULT_NONE));
        FUZZ_HOLDS(status == MNSEC_OK || status == MNSEC_E_USAGE_FORMAT);
        if (status == MNSEC_OK) {
            check_row(&row);
        }
    }
}
