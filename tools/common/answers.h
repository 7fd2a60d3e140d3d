/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of --secrets-fd: lines KEY=VALUE up to the end of the file, for tests and unattended
 * software. The keys are those of the table in answers.c.
 *
 *     pin=123456
 *     operation=介護部門:correct horse battery     for this department only
 *     new-pin=123456                               for whoever is asked first
 *
 * Which line answers a request: the first that names the request's subject before a ":", else one
 * that has already answered this subject, else the next one that has answered nobody; PINs and
 * passwords of operator, second person and tokens also answer again under another name. A refused
 * answer is never given twice: a wrong PIN must not be repeated by a machine.
 */
#ifndef TOOLS_ANSWERS_H
#define TOOLS_ANSWERS_H

#include "locked.h"
#include "mnsec/context.h"

#define ANSWERS_MAX        128
#define ANSWERS_TEXT_BYTES 32768U
#define ANSWERS_SUBJECT    128

typedef struct answers {
    locked text;
    struct {
        mnsec_secret_kind kind;
        const char *value; /* in text */
        size_t len;
        char subject[ANSWERS_SUBJECT]; /* whom it answered; "" = nobody yet */
        bool is_used;
        bool is_refused;
    } lines[ANSWERS_MAX];
    size_t count;
} answers;

/* Errors: USAGE (said: unknown key, too long, not readable) */
MNSEC_MUST_USE mnsec_status answers_read(int fd, answers *out_answers);
void answers_wipe(answers *given);
/* The answer, borrowed. Errors: STATE_NOT_FOUND (no line is left for it) */
MNSEC_MUST_USE mnsec_status answers_find(answers *given, const mnsec_secret_request *request,
                                         const char **out_value, size_t *out_len);
/* Key of a kind, such as "new-pin"; NULL for an unknown kind. */
const char *answers_key(mnsec_secret_kind kind);

#endif
