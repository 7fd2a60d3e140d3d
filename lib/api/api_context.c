/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contexts: made with nothing opened, entered by every public call, closed with whatever they hold.
 * The contract is in mnsec/context.h; the opening itself in api_opened.c.
 */
#include "api/api_context.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/secret/crypto.h"
#include "mnsec/session.h"

#define DEFAULT_WORKSTATION "/etc/mnsec/workstation.conf"

/* The first struct_size members that the caller knows of; the rest is zero. */
static mnsec_context_options known_options(const mnsec_context_options *options)
{
    mnsec_context_options known = {0};
    const size_t size = options->struct_size < sizeof known ? options->struct_size : sizeof known;
    memcpy(&known, options, size);
    return known;
}

static mnsec_status copy_text(const char *text, const char *instead, char **out_copy)
{
    *out_copy = strdup(text ? text : instead);
    return *out_copy ? MNSEC_OK : MNSEC_E_INTERNAL_MEMORY;
}

static mnsec_status fill(mnsec_context *context, const mnsec_context_options *options)
{
    context->owner = getpid();
    context->clock = mn_clock_system;
    context->secret = options->secret;
    context->secret_user = options->secret_user;
    context->notice = options->notice;
    context->notice_user = options->notice_user;
    context->progress = options->progress;
    context->progress_user = options->progress_user;
    MN_TRY(copy_text(options->facility, NULL, &context->facility));
    MN_TRY(copy_text(options->workstation, DEFAULT_WORKSTATION, &context->workstation));
    return copy_text(options->card_worker, MNSEC_CARD_WORKER, &context->card_worker);
}

mnsec_status mnsec_context_new(const mnsec_context_options *options, mnsec_context **out_context)
{
    if (!options || !out_context ||
        options->struct_size < offsetof(mnsec_context_options, secret)) {
        return MNSEC_E_USAGE;
    }
    const mnsec_context_options known = known_options(options);
    if (!known.facility || known.facility[0] == '\0') {
        return MNSEC_E_USAGE;
    }
    MN_TRY(mn_crypto_init());
    mnsec_context *context = calloc(1, sizeof *context);
    if (!context) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    const mnsec_status status = fill(context, &known);
    if (status != MNSEC_OK) {
        mnsec_context_free(context);
        return status;
    }
    *out_context = context;
    return MNSEC_OK;
}

void mnsec_context_free(mnsec_context *context)
{
    if (!context || context->is_out) {
        return;
    }
    mnsec_session_close(context->session);
    mn_opened_free(context->opened);
    free(context->facility);
    free(context->workstation);
    free(context->card_worker);
    free(context);
}

mnsec_error mnsec_context_last_error(const mnsec_context *context)
{
    if (!context) {
        return (mnsec_error){.status = MNSEC_E_USAGE, .text = ""};
    }
    return (mnsec_error){
        .status = context->err.status, .native = context->err.native, .text = context->err.text};
}

mnsec_status mn_context_enter(mnsec_context *context)
{
    if (!context) {
        return MNSEC_E_USAGE;
    }
    if (context->owner != getpid()) {
        return MNSEC_E_INTERNAL_FORKED;
    }
    if (context->is_out) {
        return MNSEC_E_USAGE; /* the detail is the running call's */
    }
    mn_error_clear(&context->err);
    return MNSEC_OK;
}

void mn_context_go_out(mnsec_context *context)
{
    context->is_out = true;
}

void mn_context_come_back(mnsec_context *context)
{
    context->is_out = false;
}

mnsec_status mn_context_opened(mnsec_context *context, mn_opened **out_opened)
{
    if (!context->opened) {
        const mn_opened_place place = {
            .directory = context->facility,
            .workstation = context->workstation,
            .clock = &context->clock,
        };
        MN_TRY(mn_opened_new(&place, &context->err, &context->opened));
    }
    *out_opened = context->opened;
    return MNSEC_OK;
}

mnsec_status mn_context_notice(mnsec_context *context, mnsec_notice_kind kind, const char *subject,
                               const char *text)
{
    const mnsec_notice notice = {.kind = kind, .subject = subject, .text = text};
    mn_context_go_out(context);
    const bool accepted =
        context->notice && context->notice(context->notice_user, &notice) == MNSEC_OK;
    mn_context_come_back(context);
    if (!accepted) {
        return mn_fail(&context->err, MNSEC_E_STATE_CANCELLED, "the notice was not accepted");
    }
    return MNSEC_OK;
}

mnsec_status mn_context_progress(mnsec_context *context, const char *step, uint64_t done,
                                 uint64_t total)
{
    mn_context_go_out(context);
    const bool stopped =
        context->progress && context->progress(context->progress_user, step, done, total) != 0;
    mn_context_come_back(context);
    if (stopped) {
        return mn_fail(&context->err, MNSEC_E_STATE_CANCELLED, "cancelled while %s", step);
    }
    return MNSEC_OK;
}
