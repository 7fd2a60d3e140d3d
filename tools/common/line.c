/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a typed line. An ideographic space does not part words: it stands inside names.
 */
#include "line.h"

#include <string.h>

#define CHOICE_MAX 9999U

/* The value of the digit that text begins with, and its bytes; -1 where there is none. */
int line_digit(const char *text, size_t *out_len)
{
    static const char wide[] = "\xEF\xBC"; /* U+FF10 to U+FF19 end with 0x90 to 0x99 */
    int digit = *text - '0';
    *out_len = 1;
    if (strncmp(text, wide, 2) == 0 && text[2] != '\0') {
        digit = (unsigned char)text[2] - 0x90;
        *out_len = 3;
    }
    return digit >= 0 && digit <= 9 ? digit : -1;
}

bool line_choice(const char *line, unsigned *out_number)
{
    unsigned number = 0;
    if (line[0] == '\0') {
        return false;
    }
    for (size_t len = 0; *line != '\0'; line += len) {
        const int digit = line_digit(line, &len);
        if (digit < 0) {
            return false;
        }
        number = number * 10 + (unsigned)digit;
        if (number > CHOICE_MAX) {
            return false;
        }
    }
    *out_number = number;
    return true;
}

size_t line_split(char *line, char *out_words[], size_t max)
{
    size_t count = 0;
    char *at = line + strspn(line, " \t");
    while (*at != '\0' && count < max) {
        const bool quoted = *at == '"';
        at += quoted;
        out_words[count++] = at;
        at += strcspn(at, quoted ? "\"" : " \t");
        if (*at != '\0') {
            *at++ = '\0';
        }
        at += strspn(at, " \t");
    }
    return count;
}

void line_trim(char *line)
{
    const size_t start = strspn(line, " \t");
    size_t len = strlen(line);
    while (len > start && strchr(" \t\r", line[len - 1]) != NULL) {
        len--;
    }
    memmove(line, line + start, len - start);
    line[len - start] = '\0';
}
