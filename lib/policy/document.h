/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document kinds: the lawful purposes for which a number may be taken and used, as a table in data
 * (document.def). A purpose outside the table is refused.
 */
#ifndef MN_DOCUMENT_H
#define MN_DOCUMENT_H

#include "base/base.h"

typedef struct mn_document {
    const char *code;                /* such as "TAX_SLIP"; [A-Z0-9_], at most 31 bytes */
    const char *name;                /* Japanese, the law's words */
    bool employee, dependant, payee; /* whose numbers it may need */
} mn_document;

size_t mn_document_count(void);
const mn_document *mn_document_at(size_t n);
/* NULL where the code is unknown. */
const mn_document *mn_document_get(const char *code);
/* Codes separated by single spaces, each known, none twice? Names the first bad one (borrowed from
 * codes) and its length. */
bool mn_document_list_is_valid(const char *codes, const char **out_bad, size_t *out_bad_len);

#endif
