/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The idiom of the whole tree: early return and cleanup attribute, no goto.
 * What must end on every path (secret bytes, open transactions, log-ins) ends by construction.
 * A type T used with MN_AUTO has T_wipe(T *); one used with MN_AUTO_PTR has T_free(T *).
 */
#ifndef MN_BASE_H
#define MN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mnsec/id.h"
#include "mnsec/status.h"

/* A struct with T_wipe(T *), wiped when it leaves scope. */
#define MN_AUTO(T) __attribute__((cleanup(T##_wipe))) T
/* A pointer to T, freed by T_free when it leaves scope; needs MN_AUTO_PTR_DECLARE(T). */
#define MN_AUTO_PTR(T) __attribute__((cleanup(T##_auto_free))) T *
#define MN_AUTO_PTR_DECLARE(T)                                                                     \
    static inline void T##_auto_free(T **pointer)                                                  \
    {                                                                                              \
        T##_free(*pointer);                                                                        \
        *pointer = NULL;                                                                           \
    }
/* Leave the function with the status of a call that failed. */
#define MN_TRY(call)                                                                               \
    do {                                                                                           \
        const mnsec_status mn_try_status_ = (call);                                                \
        if (mn_try_status_ != MNSEC_OK) {                                                          \
            return mn_try_status_;                                                                 \
        }                                                                                          \
    } while (0)
/* Move ownership out of an MN_AUTO_PTR variable. */
#define mn_take(pointer)                                                                           \
    __extension__({                                                                                \
        __typeof__(pointer) mn_taken_ = (pointer);                                                 \
        (pointer) = NULL;                                                                          \
        mn_taken_;                                                                                 \
    })

/* A borrowed run of public bytes. */
typedef struct mn_bytes {
    const uint8_t *bytes;
    size_t len;
} mn_bytes;

static inline mn_bytes mn_bytes_of(const void *bytes, size_t len)
{
    return (mn_bytes){.bytes = (const uint8_t *)bytes, .len = len};
}

#endif
