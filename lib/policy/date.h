/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of the calendar, as text YYYY-MM-DD, which sorts as it should. Japanese eras are read, since
 * that is how people there write a date of birth. Pure.
 */
#ifndef MN_DATE_H
#define MN_DATE_H

#include "base/base.h"

#define MN_DATE_TEXT_BYTES 11

/*
 * A day as people type it: 1985-04-01, 1985/4/1, 1985.4.1, 19850401, 1985年4月1日, and the year of
 * an era instead: 昭和60年4月1日, S60.4.1, 令和元年5月1日. Text in NFKC without blanks around.
 * Errors: USAGE_FORMAT (no such day, before 明治, or not within its era)
 */
MNSEC_MUST_USE mnsec_status mn_date_read(const char *text, char out_date[MN_DATE_TEXT_BYTES]);
/* The day in Japan (UTC+9) at this time. */
void mn_date_of(int64_t seconds, char out_date[MN_DATE_TEXT_BYTES]);

#endif
