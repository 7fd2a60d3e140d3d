/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying an export. The only call that needs neither context nor session: everything is in
 * lib/verify.
 */
#include "crypto/secret/crypto.h"
#include "mnsec/verify.h"
#include "verify/verify.h"

static bool is_level(mnsec_bundle_level level)
{
    switch (level) {
    case MNSEC_BUNDLE_INTACT:
    case MNSEC_BUNDLE_SIGNED:
    case MNSEC_BUNDLE_ATTESTED:
    case MNSEC_BUNDLE_ANCHORED:
    case MNSEC_BUNDLE_CONTINUOUS:
        return true;
    default:
        return level == 0;
    }
}

mnsec_status mnsec_bundle_verify(const mnsec_bundle_options *options,
                                 mnsec_bundle_result *out_result)
{
    if (options == NULL || out_result == NULL || options->struct_size != sizeof(*options) ||
        options->directory == NULL || !is_level(options->required)) {
        return MNSEC_E_USAGE;
    }
    MN_TRY(mn_crypto_init());
    return mn_verify_bundle(options, out_result);
}
