/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check digit of an Individual Number (平成26年総務省令第85号, article 5), here and nowhere
 * else: for numbers that are entered (policy/number.c) and for those that must not slip into free
 * text (text.c).
 */
#ifndef MN_CHECK_DIGIT_H
#define MN_CHECK_DIGIT_H

#include "base.h"

/* 0 to 9, of the first eleven digits, left to right. Values or ASCII: the low four bits count, so
 * that a secret need not be copied to be converted. No branch and no index depends on a digit. */
unsigned mn_check_digit(const uint8_t digits[11]);

#endif
