/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of docs/FORMATS.md section 3, one for each kind of authority document. */
#ifndef MN_STATEMENT_LAYOUT_H
#define MN_STATEMENT_LAYOUT_H

#include "registry/statement.h"
#include "registry/statement_field.h"

/* Layout of an mn_statement of this kind; NULL for NONE and unknown values. */
const mn_statement_layout *mn_statement_layout_get(mn_statement_kind kind);
/* Its event; NULL likewise. */
const char *mn_statement_layout_event(mn_statement_kind kind);

#endif
