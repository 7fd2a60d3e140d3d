/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Individual Number as it is typed and as it is kept. Its digits are secret: they are written
 * to secure memory and nowhere else, and no branch depends on which digit it is. The check digit
 * itself: base/check_digit.c.
 */
#include "policy/number.h"

#include <unistr.h>

#include "base/check_digit.h"
#include "base/text.h"

#define FULL_WIDTH_ZERO 0xFF10U

/* Value of an ASCII or full-width digit; 10 or more where it is none. */
static uint32_t digit_value(ucs4_t c)
{
    return c >= FULL_WIDTH_ZERO ? c - FULL_WIDTH_ZERO : c - '0';
}

/* Digits to ASCII, separators left out; USAGE_FORMAT where there is anything else, more or fewer
 * than twelve digits, or a separator at either end. */
static mnsec_status read_digits(mn_bytes typed, mn_secret *digits)
{
    size_t count = 0;
    bool at_digit = false;
    for (size_t at = 0; at < typed.len;) {
        ucs4_t c = 0;
        const int taken = u8_mbtoucr(&c, typed.bytes + at, typed.len - at);
        if (taken < 0) {
            return MNSEC_E_USAGE_FORMAT;
        }
        at += (size_t)taken;
        const uint32_t value = digit_value(c);
        at_digit = value < 10;
        if (at_digit && count < MN_NUMBER_DIGITS) {
            digits->bytes[count++] = (uint8_t)('0' + value);
        } else if (at_digit || count == 0 || !mn_text_is_separator(c)) {
            return MNSEC_E_USAGE_FORMAT;
        }
    }
    return count == MN_NUMBER_DIGITS && at_digit ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

mnsec_status mn_number_normalise(const void *typed, size_t len, mn_secret *out_digits)
{
    MN_AUTO(mn_secret) digits = {0};
    MN_TRY(mn_secret_init(&digits, MN_NUMBER_DIGITS));
    MN_TRY(read_digits(mn_bytes_of(typed, len), &digits));
    if (!mn_number_is_valid((const char *)digits.bytes, digits.len)) {
        return MNSEC_E_USAGE_CHECK_DIGIT;
    }
    mn_secret_move(out_digits, &digits);
    return MNSEC_OK;
}

bool mn_number_is_valid(const char *digits, size_t len)
{
    if (len != MN_NUMBER_DIGITS) {
        return false;
    }
    const uint8_t *bytes = (const uint8_t *)digits;
    unsigned strange = 0;
    unsigned any = 0;
    for (size_t i = 0; i < MN_NUMBER_DIGITS; i++) {
        const unsigned value = bytes[i] - (unsigned)'0';
        strange |= value > 9;
        any |= value;
    }
    /* 000000000000 passes the formula and is what people write where there is no number. */
    const unsigned wrong = mn_check_digit(bytes) ^ (bytes[MN_NUMBER_DIGITS - 1] & 0x0FU);
    return (strange | wrong) == 0 && any != 0;
}

unsigned mn_number_check_digit(const uint8_t digits[11])
{
    return mn_check_digit(digits);
}
