/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context from inside: who is told and asked, where the facility is, and the one place where
 * the detail of a failure is kept. Every public call begins with mn_context_enter().
 */
#ifndef MN_API_CONTEXT_H
#define MN_API_CONTEXT_H

#include <sys/types.h>

#include "api/api_opened.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "mnsec/context.h"

struct mnsec_session;

struct mnsec_context {
    mn_error err;
    pid_t owner; /* a child after fork(2) is refused */
    bool is_out; /* a callback of the host is running: it may not come in again */
    mn_clock clock;
    char *facility;    /* directory */
    char *workstation; /* configuration file */
    char *card_worker; /* program */
    mnsec_secret_fn secret;
    void *secret_user;
    mnsec_notice_fn notice;
    void *notice_user;
    mnsec_progress_fn progress;
    void *progress_user;
    mn_opened *opened;             /* NULL until a call needs it; mn_context_opened() */
    struct mnsec_session *session; /* the one session, or NULL */
};

/* Clears the detail of the last failure. Errors: USAGE (NULL, or from inside a callback: what the
 * running call holds might be wiped under it), INTERNAL_FORKED */
MNSEC_MUST_USE mnsec_status mn_context_enter(mnsec_context *context);
/* Before and after each callback of the host. */
void mn_context_go_out(mnsec_context *context);
void mn_context_come_back(mnsec_context *context);
/* The facility, opened by trust before secrets when it is not yet. Borrowed. */
MNSEC_MUST_USE mnsec_status mn_context_opened(mnsec_context *context, mn_opened **out_opened);
/* A notice that must be answered. Errors: STATE_CANCELLED */
MNSEC_MUST_USE mnsec_status mn_context_notice(mnsec_context *context, mnsec_notice_kind kind,
                                              const char *subject, const char *text);
/* Told about long work. Errors: STATE_CANCELLED */
MNSEC_MUST_USE mnsec_status mn_context_progress(mnsec_context *context, const char *step,
                                                uint64_t done, uint64_t total);

/* --- api_secret.c --- */
/* Ask for one secret. Errors: STATE_CANCELLED, USAGE_FORMAT (an empty answer) */
MNSEC_MUST_USE mnsec_status mn_secret_ask(mnsec_context *context,
                                          const mnsec_secret_request *request,
                                          mn_secret *out_secret);
/* Ask for a new password of subject, in this facility, until it is strong enough; the host is told
 * what was wrong, and after three answers the call fails. Errors: USAGE_WEAK_PASSWORD */
MNSEC_MUST_USE mnsec_status mn_secret_ask_new(mnsec_context *context, mnsec_secret_kind kind,
                                              const char *subject, const char *facility,
                                              mn_secret *out_secret);

#endif
