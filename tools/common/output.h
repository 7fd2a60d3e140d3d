/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a tool writes: beside their place and renamed, so that a failure leaves none and a
 * reader never sees half of one.
 */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include "idiom.h"

/* Write a whole file, 0600. Errors: STORE (said) */
MNSEC_MUST_USE mnsec_status output_write(const char *path, const char *text, size_t len);

#endif
