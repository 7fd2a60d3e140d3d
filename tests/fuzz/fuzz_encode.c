/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical encoding. An encoding that is read to its end, field by field, is written back byte
 * for byte; a typed read of a field agrees with the bytes of it, and moves only when it succeeds.
 */
#include "base/encode.h"
#include "fuzz.h"

#define PURPOSE "mnsec/test/1"

static void try_types(mn_decode decode, mn_bytes field)
{
    const mn_decode before = decode;
    MN_AUTO(mn_buf) text = {0};
    uint64_t number = 0;
    mnsec_id id;
    if (mn_decode_text(&decode, &text) == MNSEC_OK) {
        FUZZ_HOLDS(fuzz_is_same(mn_buf_view(&text), field));
    } else {
        FUZZ_HOLDS(decode.rest.bytes == before.rest.bytes);
    }
    decode = before;
    FUZZ_HOLDS((mn_decode_u64(&decode, &number) == MNSEC_OK) == (field.len == 8));
    decode = before;
    FUZZ_HOLDS((mn_decode_id(&decode, &id) == MNSEC_OK) == (field.len == sizeof(id.bytes)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const mn_bytes input = mn_bytes_of(data, size);
    MN_AUTO(mn_buf) again = {0};
    mn_decode decode;
    if (mn_decode_begin(&decode, input, PURPOSE) != MNSEC_OK) {
        return 0;
    }
    FUZZ_HOLDS(mn_encode_begin(&again, PURPOSE) == MNSEC_OK);
    while (!mn_decode_is_done(&decode)) {
        const mn_decode before = decode;
        mn_bytes field;
        if (mn_decode_bytes(&decode, &field) != MNSEC_OK) {
            FUZZ_HOLDS(mn_decode_end(&decode) == MNSEC_E_USAGE_FORMAT);
            return 0;
        }
        FUZZ_HOLDS(field.len <= size);
        try_types(before, field);
        FUZZ_HOLDS(mn_encode_bytes(&again, field.bytes, field.len) == MNSEC_OK);
    }
    FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    return 0;
}
