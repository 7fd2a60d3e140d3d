/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text forms of RFC 4648: base64, base64url, digests, ids (base32). One value has one text:
 * what is read is written back letter for letter (an id in lower case).
 */

#include "base/base64.h"
#include "fuzz.h"

static void try_base64(mn_bytes text)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) again = {0};
    if (mn_base64_read(text, &bytes) == MNSEC_OK) {
        FUZZ_HOLDS(mn_base64_append(&again, bytes.bytes, bytes.len) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(text, mn_buf_view(&again)));
    }
}

static void try_url(mn_bytes text)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) again = {0};
    if (mn_base64_url_read(text, &bytes) == MNSEC_OK) {
        FUZZ_HOLDS(mn_base64_url_append(&again, bytes.bytes, bytes.len) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(text, mn_buf_view(&again)));
    }
}

static void try_digest(mn_bytes text)
{
    uint8_t digest[32];
    char again[MN_BASE64_URL_DIGEST_BYTES];
    if (mn_base64_url_digest_read(text, digest) == MNSEC_OK) {
        mn_base64_url_digest(digest, again);
        FUZZ_HOLDS(fuzz_is_same(text, mn_bytes_of(again, strlen(again))));
    }
}

static void try_id(mn_bytes text)
{
    MN_AUTO(mn_buf) ended = {0};
    mnsec_id id;
    char again[MNSEC_ID_TEXT_BYTES];
    FUZZ_HOLDS(mn_buf_append(&ended, text.bytes, text.len) == MNSEC_OK);
    if (mnsec_id_parse(mn_buf_text(&ended), &id) == MNSEC_OK) {
        mnsec_id_format(&id, again);
        FUZZ_HOLDS(strcasecmp(again, mn_buf_text(&ended)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const mn_bytes text = mn_bytes_of(data, size);
    try_base64(text);
    try_url(text);
    try_digest(text);
    try_id(text);
    return 0;
}
