/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4648 text forms of public bytes. base64 (padded, for C2SP notes and PEM-like places),
 * base64url (unpadded, for log lines), base32 (ids), hex (fingerprints on paper). Decoders are
 * strict: no white space, no foreign letter, no non-zero trailing bits. An append adds to buf, a
 * read replaces out_bytes; both leave it as it was on failure. Errors: USAGE_FORMAT
 */
#ifndef MN_BASE64_H
#define MN_BASE64_H

#include "buf.h"

MNSEC_MUST_USE mnsec_status mn_base64_append(mn_buf *buf, const void *bytes, size_t len);
MNSEC_MUST_USE mnsec_status mn_base64_read(mn_bytes text, mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_base64_url_append(mn_buf *buf, const void *bytes, size_t len);
MNSEC_MUST_USE mnsec_status mn_base64_url_read(mn_bytes text, mn_buf *out_bytes);
/* Fixed 32-byte digests, the commonest case: 43 characters and NUL. */
#define MN_BASE64_URL_DIGEST_BYTES 44
void mn_base64_url_digest(const uint8_t digest[32], char out_text[MN_BASE64_URL_DIGEST_BYTES]);
MNSEC_MUST_USE mnsec_status mn_base64_url_digest_read(mn_bytes text, uint8_t out_digest[32]);
MNSEC_MUST_USE mnsec_status mn_base64_hex_append(mn_buf *buf, const void *bytes, size_t len);

#endif
