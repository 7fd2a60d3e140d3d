/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Individual Number (個人番号): 12 digits, the last of which is a check digit (行政手続における
 * 特定の個人を識別するための番号の利用等に関する法律…総務省令第85号第5条). Pure; the digits are
 * secret, so nothing here depends on them in time or keeps them.
 */
#ifndef MN_NUMBER_H
#define MN_NUMBER_H

#include "base/base.h"
#include "base/secret.h"

#define MN_NUMBER_DIGITS 12

/* As people type it: full-width digits, spaces and hyphens (of every width) between digits are
 * accepted. Errors: USAGE_FORMAT (not 12 digits), USAGE_CHECK_DIGIT */
MNSEC_MUST_USE mnsec_status mn_number_normalise(const void *typed, size_t len,
                                                mn_secret *out_digits);
/* Exactly 12 ASCII digits with the right check digit? */
bool mn_number_is_valid(const char *digits, size_t len);
/* Check digit (0 to 9) of the first 11 digits. */
unsigned mn_number_check_digit(const uint8_t digits[11]);

#endif
