/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check digit of an Individual Number: with s the weighted sum of the first eleven digits and
 * r = s mod 11, it is 0 where r is 0 or 1, else 11 - r. Digits are secret: the arithmetic is the
 * same for all of them.
 */
#include "check_digit.h"

unsigned mn_check_digit(const uint8_t digits[11])
{
    static const unsigned weights[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < 11; i++) {
        sum += weights[i] * (digits[i] & 0x0FU);
    }
    /* (11 - r) mod 11 is 0 for r = 0 and 10 for r = 1, which mod 10 brings to 0 as well. */
    return (11 - sum % 11) % 11 % 10;
}
