/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unicode text as people type it: UTF-8 checks, NFKC (libunistring), and the search for something
 * that looks like an Individual Number inside free text.
 */
#ifndef MN_TEXT_H
#define MN_TEXT_H

#include "buf.h"

/* Well-formed UTF-8 without NUL and C0/C1 control characters (TAB and LF allowed when multiline)?
 */
bool mn_text_is_clean(mn_bytes text, bool multiline);
/* NFKC form. Errors: USAGE_FORMAT where text is not UTF-8 */
MNSEC_MUST_USE mnsec_status mn_text_nfkc(mn_bytes text, mn_buf *out_text);
/*
 * An Individual Number anywhere? After NFKC, 12 digits with a valid check digit that stand together
 * (no digit on either side), as three groups of four, or as a whole run of digits with spaces,
 * hyphens or invisible characters of every kind between them. Text that is not UTF-8 counts as yes.
 */
bool mn_text_has_number(mn_bytes text);
/* What people put between digits, and the search sees through: blanks, hyphens of every kind and
 * width, invisible characters. */
bool mn_text_is_separator(uint32_t c);

#endif
