/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eras, newest first, each with its first day. Everything else is looked up in this table.
 */
#include "era.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct era {
    const char *name;
    char letter;
    int year, month, day; /* the first day */
} era;

static const era eras[] = {
    {"令和", 'R', 2019, 5, 1},  {"平成", 'H', 1989, 1, 8},  {"昭和", 'S', 1926, 12, 25},
    {"大正", 'T', 1912, 7, 30}, {"明治", 'M', 1868, 1, 25},
};

/* Years before this one have no Gregorian date in Japan. */
#define FIRST_YEAR 1873

typedef struct date {
    int year, month, day;
} date;

static bool date_exists(date d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (d.year < FIRST_YEAR || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1) {
        return false;
    }
    const bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    return d.day <= days[d.month - 1] + (leap && d.month == 2);
}

static bool is_before(date a, date b)
{
    if (a.year != b.year) {
        return a.year < b.year;
    }
    return a.month != b.month ? a.month < b.month : a.day < b.day;
}

static date first_day(const era *e)
{
    return (date){e->year, e->month, e->day};
}

/* The era that a text begins with, by name or by letter; moves *text past it. */
static const era *read_era(const char **text)
{
    for (size_t i = 0; i < COUNT_OF(eras); i++) {
        const size_t len = strlen(eras[i].name);
        if (strncmp(*text, eras[i].name, len) == 0) {
            *text += len;
            return &eras[i];
        }
        if (((*text)[0] & ~0x20) == eras[i].letter) {
            *text += 1;
            return &eras[i];
        }
    }
    return NULL;
}

/* One to four digits, or 元 for the first year; moves *text past them. */
static bool read_number(const char **text, int *out_number)
{
    static const char first[] = "元";
    if (strncmp(*text, first, sizeof(first) - 1) == 0) {
        *text += sizeof(first) - 1;
        *out_number = 1;
        return true;
    }
    const size_t digits = strspn(*text, "0123456789");
    if (digits < 1 || digits > 4) {
        return false;
    }
    *out_number = 0;
    for (size_t i = 0; i < digits; i++) {
        *out_number = *out_number * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    return true;
}

/* A separator of dates, or the character that follows a year, month or day. */
static bool read_mark(const char **text, const char *kanji)
{
    const size_t len = strlen(kanji);
    if (strncmp(*text, kanji, len) == 0) {
        *text += len;
        return true;
    }
    if (**text != '\0' && strchr("-/.", **text) != NULL) {
        *text += 1;
        return true;
    }
    return false;
}

bool era_format(int year, int month, int day, char out_text[ERA_TEXT_BYTES])
{
    const date d = {year, month, day};
    if (!date_exists(d)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(eras); i++) {
        if (is_before(d, first_day(&eras[i]))) {
            continue;
        }
        const int of_era = year - eras[i].year + 1;
        char count[16];
        (void)snprintf(count, sizeof(count), "%d", of_era);
        (void)snprintf(out_text, ERA_TEXT_BYTES, "%s%s年%d月%d日", eras[i].name,
                       of_era == 1 ? "元" : count, month, day);
        return true;
    }
    return false;
}

bool era_format_iso(const char *iso, char out_text[ERA_TEXT_BYTES])
{
    char normal[11];
    int year = 0;
    int month = 0;
    int day = 0;
    return era_parse(iso, normal) && sscanf(normal, "%d-%d-%d", &year, &month, &day) == 3 &&
           era_format(year, month, day, out_text);
}

bool era_format_time(int64_t seconds, char out_text[ERA_TEXT_BYTES])
{
    const time_t when = (time_t)seconds;
    struct tm local;
    return localtime_r(&when, &local) != NULL &&
           era_format(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, out_text);
}

bool era_parse(const char *typed, char out_iso[11])
{
    const char *at = typed;
    const era *e = read_era(&at);
    date d;
    if (!read_number(&at, &d.year) || !read_mark(&at, "年") || !read_number(&at, &d.month) ||
        !read_mark(&at, "月") || !read_number(&at, &d.day)) {
        return false;
    }
    static const char mark[] = "日";
    if (strncmp(at, mark, sizeof(mark) - 1) == 0) {
        at += sizeof(mark) - 1;
    }
    if (e != NULL) {
        d.year += e->year - 1;
    }
    if (*at != '\0' || !date_exists(d) || (e != NULL && is_before(d, first_day(e)))) {
        return false;
    }
    (void)snprintf(out_iso, 11, "%04d-%02d-%02d", d.year, d.month, d.day);
    return true;
}

bool era_parse_time(const char *typed, bool after, int64_t *out_seconds)
{
    char iso[11];
    struct tm local = {.tm_isdst = -1};
    if (!era_parse(typed, iso) || strptime(iso, "%Y-%m-%d", &local) == NULL) {
        return false;
    }
    local.tm_mday += after ? 1 : 0;
    *out_seconds = (int64_t)mktime(&local);
    return true;
}
