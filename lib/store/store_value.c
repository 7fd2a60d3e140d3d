/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a value fit its column? Asked of every value on its way in (store.c) and out (each back
 * end), so that a row which another program wrote cannot surprise the code above.
 */
#include "store.h"

#include <string.h>

#include <unistr.h>

/* Length of the leading run of ASCII without NUL, in whole words: log lines are nothing else. */
static size_t plain_run(mn_bytes text)
{
    const uint64_t ones = 0x0101010101010101U;
    const uint64_t highs = 0x8080808080808080U;
    size_t at = 0;
    while (text.len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.bytes + at, sizeof word);
        if ((word & highs) != 0 || ((word - ones) & ~word & highs) != 0) {
            break;
        }
        at += sizeof word;
    }
    return at;
}

static bool is_text(mn_bytes text)
{
    if (text.len == 0) {
        return true;
    }
    const size_t plain = plain_run(text);
    const uint8_t *rest = text.bytes + plain;
    const size_t rest_len = text.len - plain;
    return rest_len == 0 || (memchr(rest, 0, rest_len) == NULL && u8_check(rest, rest_len) == NULL);
}

const char *mn_store_value_problem(const mn_store_column *column, const mn_store_value *value)
{
    if (value->type == MN_STORE_NULL) {
        return column->nullable ? NULL : "is null";
    }
    if (value->type != column->type) {
        return "has the wrong type";
    }
    if (value->type == MN_STORE_INTEGER) {
        return NULL;
    }
    if (value->bytes.len > 0 && !value->bytes.bytes) {
        return "has no bytes";
    }
    if (value->bytes.len > MN_STORE_MAX_ROW_BYTES) {
        return "is too long";
    }
    if (value->type == MN_STORE_TEXT && !is_text(value->bytes)) {
        return "is not UTF-8 text";
    }
    return NULL;
}
