/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a subject beside the number: pairs of texts in their canonical form
 * (docs/FORMATS.md 4.3), in ascending order of the keys' bytes, each key once. Whatever a writer
 * here would not have written is refused when it is read.
 */
#include <string.h>

#include "base/encode.h"
#include "vault_internal.h"

#define PURPOSE   "mnsec/subject/1"
#define MAX_BYTES (64U * 1024U)

typedef struct pair {
    mn_bytes key;
    mn_bytes value;
} pair;

static mnsec_status begin_pairs(const mn_vault_subject *subject, mn_decode *out_decode)
{
    if (subject->bytes.len == 0) {
        *out_decode = (mn_decode){0};
        return MNSEC_OK;
    }
    return mn_decode_begin(out_decode, mn_buf_view(&subject->bytes), PURPOSE);
}

/* false: no more, or malformed. */
static bool next_pair(mn_decode *decode, pair *out_pair)
{
    return mn_decode_bytes(decode, &out_pair->key) == MNSEC_OK &&
           mn_decode_bytes(decode, &out_pair->value) == MNSEC_OK;
}

static int compare(mn_bytes key, mn_bytes other)
{
    const size_t len = key.len < other.len ? key.len : other.len;
    const int order = len == 0 ? 0 : memcmp(key.bytes, other.bytes, len);
    if (order != 0 || key.len == other.len) {
        return order;
    }
    return key.len < other.len ? -1 : 1;
}

/* A text of a pair. A field is followed by the next one's length, which is below 2^24 and so begins
 * with a zero byte, or by the buffer's own NUL: it can be lent as it lies. */
static const char *text_of(mn_bytes field)
{
    return (const char *)field.bytes;
}

static mnsec_status append_pair(mn_buf *bytes, const char *key, const char *value)
{
    MN_TRY(mn_encode_text(bytes, key));
    return mn_encode_text(bytes, value);
}

/* Pairs as a writer would have written them? */
static mnsec_status check(mn_bytes bytes)
{
    mn_decode decode;
    mn_bytes former = {0};
    if (bytes.len > MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_decode_begin(&decode, bytes, PURPOSE));
    while (!mn_decode_is_done(&decode)) {
        pair at;
        MN_TRY(mn_decode_text_view(&decode, &at.key));
        MN_TRY(mn_decode_text_view(&decode, &at.value));
        if (compare(at.key, former) <= 0) {
            return MNSEC_E_USAGE_FORMAT; /* an empty key too */
        }
        former = at.key;
    }
    return MNSEC_OK;
}

void mn_vault_subject_wipe(mn_vault_subject *subject)
{
    mn_buf_wipe(&subject->bytes);
}

const char *mn_vault_subject_get(const mn_vault_subject *subject, const char *key)
{
    mn_decode decode;
    pair at;
    if (begin_pairs(subject, &decode) != MNSEC_OK) {
        return NULL;
    }
    const mn_bytes wanted = mn_bytes_of(key, strlen(key));
    while (next_pair(&decode, &at)) {
        if (compare(at.key, wanted) == 0) {
            return text_of(at.value);
        }
    }
    return NULL;
}

mnsec_status mn_vault_subject_set(mn_vault_subject *subject, const char *key, const char *value)
{
    mn_decode decode;
    pair at;
    bool is_written = value == NULL;
    MN_AUTO(mn_buf) bytes = {0};
    if (key[0] == '\0') {
        return MNSEC_E_USAGE;
    }
    MN_TRY(begin_pairs(subject, &decode));
    MN_TRY(mn_encode_begin(&bytes, PURPOSE));
    while (next_pair(&decode, &at)) {
        const int order = compare(at.key, mn_bytes_of(key, strlen(key)));
        if (order >= 0 && !is_written) {
            MN_TRY(append_pair(&bytes, key, value));
            is_written = true;
        }
        if (order != 0) {
            MN_TRY(append_pair(&bytes, text_of(at.key), text_of(at.value)));
        }
    }
    if (!is_written) {
        MN_TRY(append_pair(&bytes, key, value));
    }
    if (bytes.len > MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_buf_move(&subject->bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_vault_subject_encode(const mn_vault_subject *subject, mn_buf *out_bytes)
{
    if (subject->bytes.len == 0) {
        return mn_encode_begin(out_bytes, PURPOSE);
    }
    return mn_buf_append(out_bytes, subject->bytes.bytes, subject->bytes.len);
}

mnsec_status mn_vault_subject_decode(mn_bytes bytes, mn_vault_subject *out_subject)
{
    MN_AUTO(mn_buf) copy = {0};
    MN_TRY(check(bytes));
    MN_TRY(mn_buf_append(&copy, bytes.bytes, bytes.len));
    mn_buf_move(&out_subject->bytes, &copy);
    return MNSEC_OK;
}
