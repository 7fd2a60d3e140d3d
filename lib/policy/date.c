/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of the calendar. A date that is not certain is refused, never guessed: a two-digit year
 * without its era, a day that its month has not, a day outside the era that is named.
 */
#include "policy/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define JAPAN_SECONDS (9 * 3600)
#define YEAR_MIN      1868
#define YEAR_MAX      9999

typedef struct day {
    unsigned year, month, day;
} day;

typedef struct era {
    const char *name;
    char letter;
    day first, last;
} era;

static const era eras[] = {
    {"明治", 'M', {1868, 1, 25}, {1912, 7, 29}},     {"大正", 'T', {1912, 7, 30}, {1926, 12, 24}},
    {"昭和", 'S', {1926, 12, 25}, {1989, 1, 7}},     {"平成", 'H', {1989, 1, 8}, {2019, 4, 30}},
    {"令和", 'R', {2019, 5, 1}, {YEAR_MAX, 12, 31}},
};

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (leap && month == 2);
}

static bool is_day(const day *date)
{
    return date->year >= YEAR_MIN && date->year <= YEAR_MAX && date->month >= 1 &&
           date->month <= 12 && date->day >= 1 && date->day <= days_in(date->year, date->month);
}

static unsigned order_of(const day *date)
{
    return (date->year * 100 + date->month) * 100 + date->day;
}

/* Passes over word, or one of the letters, at *at. */
static bool take_word(const char **at, const char *word)
{
    const size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0) {
        return false;
    }
    *at += len;
    return true;
}

static bool take_letter(const char **at, const char *letters)
{
    if (**at == '\0' || strchr(letters, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

/* A number of min to max digits. */
static bool take_number(const char **at, size_t min, size_t max, unsigned *out_number)
{
    const size_t digits = strspn(*at, "0123456789");
    if (digits < min || digits > max) {
        return false;
    }
    *out_number = 0;
    for (size_t i = 0; i < digits; i++) {
        *out_number = *out_number * 10 + (unsigned)((*at)[i] - '0');
    }
    *at += digits;
    return true;
}

static const era *take_era(const char **at)
{
    for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
        const char letters[] = {eras[i].letter, (char)(eras[i].letter + 'a' - 'A'), '\0'};
        if (take_word(at, eras[i].name) || take_letter(at, letters)) {
            return &eras[i];
        }
    }
    return NULL;
}

static bool take_year(const char **at, const era *named, unsigned *out_year)
{
    if (named == NULL) {
        return take_number(at, 4, 4, out_year);
    }
    unsigned year = 1;
    if (!take_word(at, "元") && !take_number(at, 1, 2, &year)) {
        return false;
    }
    *out_year = named->first.year + year - 1;
    return year > 0;
}

/* Month and day in the form that the mark behind the year begins. */
static bool take_rest(const char **at, day *date)
{
    if (take_word(at, "年")) {
        return take_number(at, 1, 2, &date->month) && take_word(at, "月") &&
               take_number(at, 1, 2, &date->day) && take_word(at, "日");
    }
    const char mark[] = {**at, '\0'};
    return take_letter(at, "-/.") && take_number(at, 1, 2, &date->month) && take_word(at, mark) &&
           take_number(at, 1, 2, &date->day);
}

static bool read_day(const char *text, day *date)
{
    const char *at = text;
    if (strspn(at, "0123456789") == 8) {
        unsigned number = 0;
        const bool whole = take_number(&at, 8, 8, &number);
        *date = (day){number / 10000, number / 100 % 100, number % 100};
        return whole && *at == '\0';
    }
    const era *named = take_era(&at);
    if (!take_year(&at, named, &date->year) || !take_rest(&at, date) || *at != '\0') {
        return false;
    }
    return named == NULL ||
           (order_of(date) >= order_of(&named->first) && order_of(date) <= order_of(&named->last));
}

static void write_day(const day *date, char out_date[MN_DATE_TEXT_BYTES])
{
    (void)snprintf(out_date, MN_DATE_TEXT_BYTES, "%04u-%02u-%02u", date->year % 10000,
                   date->month % 100, date->day % 100);
}

mnsec_status mn_date_read(const char *text, char out_date[MN_DATE_TEXT_BYTES])
{
    day date = {0};
    if (!read_day(text, &date) || !is_day(&date)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    write_day(&date, out_date);
    return MNSEC_OK;
}

void mn_date_of(int64_t seconds, char out_date[MN_DATE_TEXT_BYTES])
{
    const time_t local = (time_t)(seconds + JAPAN_SECONDS);
    struct tm parts = {0};
    (void)gmtime_r(&local, &parts);
    const day date = {(unsigned)(parts.tm_year + 1900), (unsigned)(parts.tm_mon + 1),
                      (unsigned)parts.tm_mday};
    write_day(&date, out_date);
}
