/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets come in through here and nowhere else: the host is asked, its answer is copied into
 * secure memory at once. Nothing is kept when the host refuses.
 */
#include "api/api_context.h"

#define SECRET_MAX_BYTES 512

struct mnsec_secret_sink {
    mn_secret secret;
};

mnsec_status mnsec_secret_give(mnsec_secret_sink *sink, const void *bytes, size_t len)
{
    if (!sink || (!bytes && len > 0) || len > SECRET_MAX_BYTES) {
        return MNSEC_E_USAGE;
    }
    return mn_secret_copy(&sink->secret, bytes, len);
}

mnsec_status mn_secret_ask(mnsec_context *context, const mnsec_secret_request *request,
                           mn_secret *out_secret)
{
    if (!context->secret) {
        return mn_fail(&context->err, MNSEC_E_STATE_CANCELLED, "no secret callback is set");
    }
    mnsec_secret_sink sink = {0};
    const mnsec_status status = context->secret(context->secret_user, request, &sink);
    MN_AUTO(mn_secret) answer = {0};
    mn_secret_move(&answer, &sink.secret);
    if (status != MNSEC_OK) {
        return mn_fail(&context->err, MNSEC_E_STATE_CANCELLED, "the secret was not given");
    }
    if (mn_secret_is_empty(&answer)) {
        return mn_fail(&context->err, MNSEC_E_USAGE_FORMAT, "the secret is empty");
    }
    mn_secret_move(out_secret, &answer);
    return MNSEC_OK;
}
