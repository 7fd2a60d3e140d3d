/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates as a Japanese form has them: 令和8年11月25日. Calendar days only; the change of an era is a
 * day, not an hour.
 */
#ifndef TOOLS_ERA_H
#define TOOLS_ERA_H

#include "idiom.h"

/* Bytes of the longest text, its NUL included. */
#define ERA_TEXT_BYTES 64

/* A day of the Gregorian calendar. False before 明治6年 (1873), when Japan took that calendar, and
 * for a day that does not exist. The first year of an era is 元年. */
bool era_format(int year, int month, int day, char out_text[ERA_TEXT_BYTES]);
/* YYYY-MM-DD likewise. */
bool era_format_iso(const char *iso, char out_text[ERA_TEXT_BYTES]);
/* The local day of a time in seconds. */
bool era_format_time(int64_t seconds, char out_text[ERA_TEXT_BYTES]);
/* A day as a person types it, to YYYY-MM-DD: 1965-03-02, 1965/3/2, S40.3.2, 昭和40年3月2日. False
 * when it is none of these or does not exist. */
bool era_parse(const char *typed, char out_iso[11]);
/* Local midnight before that day, or after it. */
bool era_parse_time(const char *typed, bool after, int64_t *out_seconds);

#endif
