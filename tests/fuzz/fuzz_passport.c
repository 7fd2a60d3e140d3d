/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token's passport and the attestation of its keys, which come out of a signed statement and are
 * read at every opening. The first byte is the decoder.
 */
#include "fuzz.h"
#include "token/keyring_internal.h"

static void try_passport(mn_bytes input)
{
    MN_AUTO(mn_buf) again = {0};
    mn_passport passport;
    if (mn_passport_decode(input, &passport) == MNSEC_OK) {
        FUZZ_HOLDS(mn_passport_encode(&passport, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

static void try_attestation(mn_bytes input)
{
    const mn_key_ref ref = {.kind = MN_KEY_DATA, .department = {{1}}, .epoch = 1};
    uint8_t answer[MN_KEYRING_ANSWER_BYTES] = {0};
    const mnsec_status status = mn_keyring_key_attest_find(input, &ref, answer);
    FUZZ_HOLDS(status == MNSEC_OK || status == MNSEC_E_USAGE_FORMAT ||
               status == MNSEC_E_STATE_NOT_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_passport, try_attestation};
    mn_bytes input = mn_bytes_of(data, size);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
