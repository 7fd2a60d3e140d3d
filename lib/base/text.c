/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unicode text as people type it. The search for an Individual Number keeps numbers out of the
 * log, the ledgers and free-text fields, so it errs on the side of finding one: full-width and
 * other decimal digits, blanks, hyphens and invisible characters between them are seen through.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "check_digit.h"
#include "secret.h"

#define NUMBER_DIGITS 12U
#define QUAD_DIGITS   4U

/* Digits that stand together but for separators: a run of groups. Only what can still be a number
 * is kept: the last twelve digits, and how long the run and its last groups are. */
typedef struct run {
    uint8_t last[NUMBER_DIGITS];
    size_t total;
    size_t groups[3]; /* lengths: the one before the last, the last, the present one */
} run;

typedef enum kind { KIND_OTHER, KIND_DIGIT, KIND_SEPARATOR } kind;

static void run_wipe(run *digits)
{
    mn_secret_erase(digits, sizeof(*digits));
}

static bool is_control(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

static kind kind_of(ucs4_t c)
{
    if (uc_decimal_value(c) >= 0) {
        return KIND_DIGIT;
    }
    return mn_text_is_separator(c) ? KIND_SEPARATOR : KIND_OTHER;
}

static void run_add_digit(run *digits, uint8_t digit)
{
    memmove(digits->last, digits->last + 1, NUMBER_DIGITS - 1);
    digits->last[NUMBER_DIGITS - 1] = digit;
    digits->total++;
    digits->groups[2]++;
}

static void run_end_group(run *digits)
{
    if (digits->groups[2] > 0) {
        digits->groups[0] = digits->groups[1];
        digits->groups[1] = digits->groups[2];
        digits->groups[2] = 0;
    }
}

/* The last twelve digits hold together as a number? All zero is a placeholder. */
static bool run_ends_in_number(const run *digits)
{
    static const uint8_t placeholder[NUMBER_DIGITS];
    return digits->total >= NUMBER_DIGITS &&
           mn_check_digit(digits->last) == digits->last[NUMBER_DIGITS - 1] &&
           !mn_secret_equal_bytes(digits->last, placeholder, NUMBER_DIGITS);
}

/* At the end of a group: is it a number by itself, or the third of three groups of four? */
static bool group_is_number(const run *digits)
{
    const bool whole = digits->groups[2] == NUMBER_DIGITS;
    const bool quads = digits->groups[0] == QUAD_DIGITS && digits->groups[1] == QUAD_DIGITS &&
                       digits->groups[2] == QUAD_DIGITS;
    return (whole || quads) && run_ends_in_number(digits);
}

static bool has_number(mn_bytes text)
{
    MN_AUTO(run) digits = {0};
    for (size_t at = 0; at <= text.len;) {
        ucs4_t c = 0; /* past the end: something that is no digit ends the last run */
        const int taken = at < text.len ? u8_mbtouc(&c, text.bytes + at, text.len - at) : 1;
        at += (size_t)taken;
        const kind what = kind_of(c);
        if (what == KIND_DIGIT) {
            run_add_digit(&digits, (uint8_t)uc_decimal_value(c));
            continue;
        }
        if (group_is_number(&digits)) {
            return true;
        }
        run_end_group(&digits);
        if (what == KIND_OTHER) {
            if (digits.total == NUMBER_DIGITS && run_ends_in_number(&digits)) {
                return true;
            }
            digits = (run){0};
        }
    }
    return false;
}

bool mn_text_is_clean(mn_bytes text, bool multiline)
{
    if (text.len == 0) {
        return true;
    }
    if (u8_check(text.bytes, text.len) != NULL) {
        return false;
    }
    for (size_t at = 0; at < text.len;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, text.bytes + at, text.len - at);
        const bool allowed = multiline && (c == '\t' || c == '\n');
        if (is_control(c) && !allowed) {
            return false;
        }
    }
    return true;
}

mnsec_status mn_text_nfkc(mn_bytes text, mn_buf *out_text)
{
    MN_AUTO(mn_buf) normal = {0};
    if (text.len > 0) {
        if (u8_check(text.bytes, text.len) != NULL) {
            return MNSEC_E_USAGE_FORMAT;
        }
        size_t len = 0;
        uint8_t *bytes = u8_normalize(UNINORM_NFKC, text.bytes, text.len, NULL, &len);
        if (bytes == NULL) {
            return MNSEC_E_INTERNAL_MEMORY;
        }
        const mnsec_status status = mn_buf_append(&normal, bytes, len);
        mn_secret_erase(bytes, len);
        free(bytes);
        MN_TRY(status);
    }
    mn_buf_move(out_text, &normal);
    return MNSEC_OK;
}

bool mn_text_has_number(mn_bytes text)
{
    MN_AUTO(mn_buf) normal = {0};
    if (mn_text_nfkc(text, &normal) != MNSEC_OK) {
        return true;
    }
    return has_number(mn_buf_view(&normal));
}

bool mn_text_is_separator(uint32_t c)
{
    /* Beside Unicode's own hyphens: the long-vowel mark and the box line, typed in their place. */
    const bool hyphen = uc_is_property_dash(c) || uc_is_property_hyphen(c) || c == 0x30FC ||
                        c == 0xFF70 || c == 0x2500 || c == 0x2501;
    return hyphen || uc_is_property_white_space(c) ||
           uc_is_property_default_ignorable_code_point(c);
}
