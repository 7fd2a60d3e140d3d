/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line that a person typed at a menu: a choice by number, or words.
 */
#ifndef TOOLS_LINE_H
#define TOOLS_LINE_H

#include "idiom.h"

/* A number up to 9999, in ASCII or full-width digits, as a Japanese keyboard gives them. */
bool line_choice(const char *line, unsigned *out_number);
/* Cut a line into words, in place, separated by blanks; "…" keeps blanks. At most max words; the
 * rest of the line is then left out. Returns how many. */
size_t line_split(char *line, char *out_words[], size_t max);

/* The digit at text, ASCII or full-width, and its bytes; -1 = none, and *out_len is 1. */
int line_digit(const char *text, size_t *out_len);
/* Without blanks at both ends, in place. */
void line_trim(char *line);

#endif
