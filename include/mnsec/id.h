/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of things: 128-bit random ids.
 *
 * Records, people, departments, grants and sessions appear in the store, in the log and on screens
 * by random id, never by anything derived from an Individual Number. The text form is RFC 4648
 * base32, lower case, unpadded: 26 characters of [a-z2-7].
 */
#ifndef MNSEC_ID_H
#define MNSEC_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "mnsec/status.h"

/** Bytes of an id. */
#define MNSEC_ID_BYTES 16
/** Bytes of the text form, its NUL included. */
#define MNSEC_ID_TEXT_BYTES 27

/** An id, by value. All zero = none. */
typedef struct mnsec_id {
    uint8_t bytes[MNSEC_ID_BYTES];
} mnsec_id;

/** Write the text form. */
MNSEC_API void mnsec_id_format(const mnsec_id *id, char out_text[MNSEC_ID_TEXT_BYTES]);

/**
 * Read the text form.
 *
 * @param text    NUL-terminated; upper case is accepted
 * @param out_id  the id. Untouched on failure
 * Errors: MNSEC_E_USAGE_FORMAT
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_id_parse(const char *text, mnsec_id *out_id);

/** Same id? */
MNSEC_API bool mnsec_id_equal(const mnsec_id *a, const mnsec_id *b);

/** No id at all (all zero)? */
MNSEC_API bool mnsec_id_is_none(const mnsec_id *id);

#endif
