/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one canonical, length-prefixed form of whatever is signed, hashed, authenticated or sealed:
 *
 *     0x00, field(purpose), field…        field = 4-byte big-endian length, bytes
 *
 * An integer is a field of 8 big-endian bytes; an id a field of 16; a text is UTF-8 without NUL.
 * The first byte 0x00 and the purpose tell these bytes apart from log statements, checkpoint texts
 * and DER (FORMATS.md). Decoding refuses anything an encoder would not have written.
 */
#ifndef MN_ENCODE_H
#define MN_ENCODE_H

#include "buf.h"
#include "secret.h"

/* Start an encoding in an empty buffer; purpose is a literal such as "mnsec/number-inner/1".
 * Errors: USAGE (the buffer is not empty) */
MNSEC_MUST_USE mnsec_status mn_encode_begin(mn_buf *buf, const char *purpose);
MNSEC_MUST_USE mnsec_status mn_encode_bytes(mn_buf *buf, const void *bytes, size_t len);
/* Errors: USAGE_FORMAT (not UTF-8) */
MNSEC_MUST_USE mnsec_status mn_encode_text(mn_buf *buf, const char *text);
MNSEC_MUST_USE mnsec_status mn_encode_u64(mn_buf *buf, uint64_t value);
MNSEC_MUST_USE mnsec_status mn_encode_id(mn_buf *buf, const mnsec_id *id);
/* What head holds and one field more, which is secret: all of it in secure memory. */
MNSEC_MUST_USE mnsec_status mn_encode_secret(const mn_buf *head, const mn_secret *field,
                                             mn_secret *out_encoded);

/* Reader over borrowed bytes. */
typedef struct mn_decode {
    mn_bytes rest;
} mn_decode;

/* All answer USAGE_FORMAT on anything malformed, and set outputs on success only. */
MNSEC_MUST_USE mnsec_status mn_decode_begin(mn_decode *out_decode, mn_bytes encoded,
                                            const char *purpose);
MNSEC_MUST_USE mnsec_status mn_decode_bytes(mn_decode *decode, mn_bytes *out_bytes);
/* A field of exactly len bytes, copied out. */
MNSEC_MUST_USE mnsec_status mn_decode_fixed(mn_decode *decode, void *out_bytes, size_t len);
/* A text field, borrowed; not ended by NUL. */
MNSEC_MUST_USE mnsec_status mn_decode_text_view(mn_decode *decode, mn_bytes *out_text);
/* A text field, copied; out_text's former content is replaced. */
MNSEC_MUST_USE mnsec_status mn_decode_text(mn_decode *decode, mn_buf *out_text);
MNSEC_MUST_USE mnsec_status mn_decode_u64(mn_decode *decode, uint64_t *out_value);
MNSEC_MUST_USE mnsec_status mn_decode_id(mn_decode *decode, mnsec_id *out_id);
/* Nothing may be left. */
MNSEC_MUST_USE mnsec_status mn_decode_end(const mn_decode *decode);
bool mn_decode_is_done(const mn_decode *decode);

#endif
