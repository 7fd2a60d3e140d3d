/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets come in through here and nowhere else: the host is asked, its answer is copied into
 * secure memory at once. Nothing is kept when the host refuses.
 */
#include "api/api_context.h"

#include <stdio.h>

#include "session/strength.h"

#define SECRET_MAX_BYTES 512
#define NEW_ATTEMPTS     3

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
    mn_context_go_out(context);
    const mnsec_status status = context->secret(context->secret_user, request, &sink);
    mn_context_come_back(context);
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

mnsec_status mn_secret_ask_new(mnsec_context *context, mnsec_secret_kind kind, const char *subject,
                               const char *facility, mn_secret *out_secret)
{
    const char *const names[] = {subject, facility};
    char reason[MN_ERROR_TEXT_BYTES] = "";
    mnsec_status status = MNSEC_E_USAGE_WEAK_PASSWORD;
    for (unsigned attempt = 1; attempt <= NEW_ATTEMPTS; attempt++) {
        const mnsec_secret_request request = {
            .kind = kind,
            .subject = subject,
            .attempt = attempt,
            .reason = attempt > 1 ? reason : NULL,
        };
        MN_AUTO(mn_secret) typed = {0};
        mn_error_clear(&context->err);
        MN_TRY(mn_secret_ask(context, &request, &typed));
        status = mn_strength_check(&typed, names, sizeof names / sizeof names[0], &context->err);
        if (status == MNSEC_OK) {
            mn_secret_move(out_secret, &typed);
            return MNSEC_OK;
        }
        if (status != MNSEC_E_USAGE_WEAK_PASSWORD) {
            return status;
        }
        snprintf(reason, sizeof reason, "%s", context->err.text);
    }
    return status;
}
