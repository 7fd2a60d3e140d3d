/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The founding slip: the page that is signed and filed, against which a new workstation and an
 * auditor compare the facility. Text, so that it prints everywhere; a QR code holds the same three
 * values as founding.txt of an export.
 */
#ifndef TOOLS_SLIP_H
#define TOOLS_SLIP_H

#include "idiom.h"
#include "mnsec/facility.h"

typedef struct slip {
    const mnsec_founding_slip *values;
    const mnsec_founding_options *founding;
    int64_t founded_at;
} slip;

/* Write it to path, in the chosen language. Errors: STORE (said), INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status slip_write(const slip *s, const char *path);

#endif
