/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document kinds: the forms that need an Individual Number by law, which are the only purposes for
 * which one may be kept and shown. A fixed list; it needs no facility and no log-in.
 *
 *     static int add_to_menu(void *user, const mnsec_document *document) { …; return 0; }
 *     (void)mnsec_document_list(add_to_menu, menu);
 */
#ifndef MNSEC_DOCUMENT_H
#define MNSEC_DOCUMENT_H

#include "mnsec/status.h"

/** A document kind. Texts are static. */
typedef struct mnsec_document {
    const char *code; /**< such as "TAX_SLIP"; what the other calls take */
    const char *name; /**< Japanese, the law's words */
    int employee;     /**< non-zero: needs the number of an employee */
    int dependant;    /**< … of a dependant */
    int payee;        /**< … of a payee */
} mnsec_document;
typedef int (*mnsec_document_fn)(void *user, const mnsec_document *document);

/** Every document kind, in the order of the list; each may answer non-zero to stop. Errors: USAGE
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_document_list(mnsec_document_fn each, void *user);

#endif
