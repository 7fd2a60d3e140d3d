/* SPDX-License-Identifier: Apache-2.0 */
/* The version that the build was told (CMakeLists.txt); contract in mnsec/version.h. */
#include "mnsec/version.h"

const char *mnsec_version(void)
{
    return MNSEC_VERSION_TEXT;
}
