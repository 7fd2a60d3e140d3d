/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tools' share of the tree's idiom: early return and cleanup attribute, no goto. The library
 * has the same macros in base/base.h, which tools do not see: a tool is written against the public
 * headers alone, as any other program would be.
 */
#ifndef TOOLS_IDIOM_H
#define TOOLS_IDIOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mnsec/status.h"

/* A struct with T_wipe(T *), wiped when it leaves scope. */
#define MN_AUTO(T) __attribute__((cleanup(T##_wipe))) T
/* Leave the function with the status of a call that failed. */
#define MN_TRY(call)                                                                               \
    do {                                                                                           \
        const mnsec_status mn_try_status_ = (call);                                                \
        if (mn_try_status_ != MNSEC_OK) {                                                          \
            return mn_try_status_;                                                                 \
        }                                                                                          \
    } while (0)
/* Elements of an array. */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
