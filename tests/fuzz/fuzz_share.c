/* SPDX-License-Identifier: Apache-2.0 */
/* A recovery share as typed from paper: what is read is written in one form, which is read alike.
 */
#include "crypto/secret/crypto.h"
#include "fuzz.h"
#include "vault/vault_share.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MN_AUTO(mn_secret) typed = {0};
    MN_AUTO(mn_secret) share = {0};
    MN_AUTO(mn_secret) text = {0};
    MN_AUTO(mn_secret) again = {0};
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK && mn_secret_copy(&typed, data, size) == MNSEC_OK);
    if (mn_vault_share_parse(&typed, &share) == MNSEC_OK) {
        FUZZ_HOLDS(share.len <= MN_VAULT_SHARE_MAX_BYTES);
        FUZZ_HOLDS(mn_vault_share_format(&share, &text) == MNSEC_OK);
        FUZZ_HOLDS(mn_vault_share_parse(&text, &again) == MNSEC_OK);
        FUZZ_HOLDS(
            fuzz_is_same(mn_bytes_of(share.bytes, share.len), mn_bytes_of(again.bytes, again.len)));
    }
    return 0;
}
