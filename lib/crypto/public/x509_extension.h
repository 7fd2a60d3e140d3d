/* SPDX-License-Identifier: Apache-2.0 */
/* The extension of our own in the pin: an OCTET STRING of 32 bytes, the founding hash
 * (docs/FORMATS.md, section 4.5). The arc is 2.25 and a UUID as one decimal number (X.667). */
#ifndef MN_X509_EXTENSION_H
#define MN_X509_EXTENSION_H

/* UUID a16ec18a-3178-4037-bc4c-e31cd3b2055d */
#define MN_X509_EXTENSION_FOUNDING_HASH "2.25.214580785429660358156715662100021773661"

#endif
