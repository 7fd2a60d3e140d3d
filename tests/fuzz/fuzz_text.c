/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as people type it: NFKC is a fixed point, and a number that is found in text is found in its
 * normal form too; the number by itself, normalised, has 12 digits and the right check digit.
 */
#include "base/text.h"
#include "crypto/secret/crypto.h"
#include "fuzz.h"
#include "policy/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const mn_bytes text = mn_bytes_of(data, size);
    MN_AUTO(mn_buf) normal = {0};
    MN_AUTO(mn_buf) again = {0};
    MN_AUTO(mn_secret) digits = {0};
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);

    const bool has_number = mn_text_has_number(text);
    if (mn_text_nfkc(text, &normal) == MNSEC_OK) {
        FUZZ_HOLDS(mn_text_nfkc(mn_buf_view(&normal), &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(mn_buf_view(&normal), mn_buf_view(&again)));
        FUZZ_HOLDS(mn_text_has_number(mn_buf_view(&normal)) == has_number);
    } else {
        FUZZ_HOLDS(has_number || size == 0);
    }
    FUZZ_HOLDS(!mn_text_is_clean(text, false) || mn_text_is_clean(text, true));
    if (mn_number_normalise(data, size, &digits) == MNSEC_OK) {
        FUZZ_HOLDS(mn_number_is_valid((const char *)digits.bytes, digits.len));
        FUZZ_HOLDS(has_number);
    }
    return 0;
}
