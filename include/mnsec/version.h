/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version of the library, as it stands in every entry of the log.
 *
 * Semantic versioning; what lasts on disk has version numbers of its own (docs/FORMATS.md).
 */
#ifndef MNSEC_VERSION_H
#define MNSEC_VERSION_H

#include "mnsec/status.h"

/** Version of the library that runs, such as "0.1.0"; static. */
MNSEC_API const char *mnsec_version(void);

#endif
