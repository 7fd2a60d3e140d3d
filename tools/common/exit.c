/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures in words. What a status means comes from the library, its detail from the context, and
 * the way out from the table below; all of it through the catalogue.
 */
#include "exit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"
#include "words.h"

#define LINE_BYTES 1024

/* The way out, for people who know cards and passwords but no cryptography. */
static const struct {
    mnsec_status status;
    const char *hint;
} hints[] = {
    {MNSEC_E_USAGE_CHECK_DIGIT, N_("one digit is probably mistyped: compare with the document")},
    {MNSEC_E_USAGE_MISMATCH, N_("enter the same twice")},
    {MNSEC_E_USAGE_WEAK_PASSWORD,
     N_("at least 12 characters, no word of a dictionary, not the name of anybody here")},
    {MNSEC_E_USAGE_CONFIG, N_("mncard-status shows which file and what about it")},
    {MNSEC_E_DENIED, N_("a responsible person can grant it: mncard-staff grant")},
    {MNSEC_E_DENIED_LOGIN, N_("check card, PIN and password; the reason is in the log")},
    {MNSEC_E_DENIED_BACKOFF, N_("wait some minutes, then try once more with care")},
    {MNSEC_E_DENIED_OPERATION_PASSWORD,
     N_("it is the department's password, not your own; a forgotten one: mncard-password recover")},
    {MNSEC_E_STATE_LOCKED, N_("insert the card and log in again")},
    {MNSEC_E_STATE_UNLOCK_NEEDED, N_("give the operation password of the department")},
    {MNSEC_E_STATE_NOT_FOUNDED, N_("found it first: mncard-init")},
    {MNSEC_E_STATE_CHANGED, N_("look at it again, then repeat the change")},
    {MNSEC_E_STATE_READ_ONLY, N_("call a responsible person; mncard-status tells the cause")},
    {MNSEC_E_CARD_ABSENT, N_("insert your card; mncard-status shows readers and cards")},
    {MNSEC_E_CARD_REMOVED, N_("insert the card and log in again")},
    {MNSEC_E_CARD_UNSUITABLE, N_("mncard-status shows what is wrong with this card")},
    {MNSEC_E_CARD_FINAL_TRY, N_("one more wrong PIN blocks the card; make sure of the PIN first")},
    {MNSEC_E_CARD_BLOCKED, N_("the issuer of the card can unblock it")},
    {MNSEC_E_CARD_PIN, N_("make sure of the PIN: a few wrong ones block the card")},
    {MNSEC_E_CARD_FAULT, N_("take the card out, insert it again, and repeat")},
    {MNSEC_E_CARD_TIMEOUT, N_("take the card out, insert it again, and repeat")},
    {MNSEC_E_CARD_AMBIGUOUS, N_("leave one card in the reader, or name it: --card")},
    {MNSEC_E_TOKEN_ABSENT,
     N_("connect the facility token; mncard-status shows whether it is seen")},
    {MNSEC_E_TOKEN_FOREIGN, N_("connect the token of this facility")},
    {MNSEC_E_TOKEN_FAULT, N_("disconnect the token, connect it again, and repeat")},
    {MNSEC_E_STORE_FULL, N_("make room on the disk; nothing has been lost")},
    {MNSEC_E_STORE_BUSY, N_("another program is writing: repeat in a moment")},
    {MNSEC_E_STORE_READ_ONLY, N_("the folder must be writable for you")},
    {MNSEC_E_STORE_NETWORK, N_("the store must lie on a disk of this machine")},
    {MNSEC_E_STORE_ABSENT, N_("name the facility's folder: --facility DIR")},
    {MNSEC_E_INTEGRITY, N_("stop working and call a responsible person; mncard-status --check")},
    {MNSEC_E_INTEGRITY_STORE,
     N_("stop working and call a responsible person; mncard-status --check")},
    {MNSEC_E_INTEGRITY_RECORD,
     N_("stop working and call a responsible person; mncard-status --check")},
    {MNSEC_E_INTEGRITY_LOG,
     N_("stop working and call a responsible person; mncard-status --check")},
    {MNSEC_E_INTEGRITY_AUTHORITY,
     N_("stop working and call a responsible person; mncard-status --check")},
    {MNSEC_E_INTEGRITY_ROLLBACK,
     N_("an older copy was put back: give no PIN here and call a responsible person")},
    {MNSEC_E_INTEGRITY_PIN,
     N_("compare with the founding slip; give no PIN here before it agrees")},
    {MNSEC_E_INTEGRITY_PASSPORT, N_("give no PIN here and call a responsible person")},
};

static const char *program = "mncard";
static bool was_said;

static const char *hint_of(mnsec_status status)
{
    for (size_t i = 0; i < COUNT_OF(hints); i++) {
        if (hints[i].status == status) {
            return hints[i].hint;
        }
    }
    return NULL;
}

/* Rights were asked for; other refusals have reasons that no grant removes. */
static bool a_grant_may_help(const char *detail)
{
    static const char asked[] = "not permitted";
    return detail[0] == '\0' || strncmp(detail, asked, sizeof(asked) - 1) == 0;
}

static void __attribute__((format(printf, 1, 0))) say(const char *format, va_list arguments)
{
    char line[LINE_BYTES];
    (void)vsnprintf(line, sizeof(line), format, arguments);
    progress_clear();
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: %s\n", program, line);
}

int exit_code(mnsec_status status)
{
    return (int)mnsec_status_class(status);
}

void exit_name(const char *name)
{
    program = name;
}

void exit_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void exit_hint(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: %s\n", _("hint"), line);
}

mnsec_status exit_refuse(mnsec_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    was_said = true;
    return status;
}

void exit_detail(mnsec_status status, const mnsec_context *context,
                 char out_detail[EXIT_DETAIL_BYTES])
{
    const mnsec_error detail =
        context != NULL ? mnsec_context_last_error(context) : (mnsec_error){.text = ""};
    (void)snprintf(out_detail, EXIT_DETAIL_BYTES, "%s", detail.status == status ? detail.text : "");
}

int exit_report_detail(mnsec_status status, const char *detail)
{
    const bool silent = was_said || status == MNSEC_OK;
    was_said = false;
    if (silent) {
        return exit_code(status);
    }
    const char *what = mnsec_status_text(status);
    const bool detailed = detail[0] != '\0' && strcmp(detail, what) != 0;
    if (detailed) {
        char why[LINE_BYTES / 2];
        words_detail(detail, why, sizeof(why));
        if (strstr(why, _(what)) != NULL) {
            exit_say("%s", why); /* it says the same, and more */
        } else {
            exit_say("%s: %s", _(what), why);
        }
    } else {
        exit_say("%s", _(what));
    }
    const char *hint = hint_of(status);
    if (hint != NULL && (status != MNSEC_E_DENIED || a_grant_may_help(detail))) {
        exit_hint("%s", _(hint));
    }
    return exit_code(status);
}

int exit_report(mnsec_status status, const mnsec_context *context)
{
    char detail[EXIT_DETAIL_BYTES];
    exit_detail(status, context, detail);
    return exit_report_detail(status, detail);
}
