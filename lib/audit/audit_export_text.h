/* SPDX-License-Identifier: Apache-2.0 */
/* The files of lib/audit/export/, put into the library by embed.cmake. */
#ifndef MN_AUDIT_EXPORT_TEXT_H
#define MN_AUDIT_EXPORT_TEXT_H

#include <stddef.h>

typedef struct mn_embedded {
    const char *name; /* path in an export */
    const unsigned char *bytes;
    size_t len;
} mn_embedded;

/* Ends with an element without a name. The first is the README, with @NAMES@ to be filled in. */
extern const mn_embedded mn_audit_export_texts[];

#endif
