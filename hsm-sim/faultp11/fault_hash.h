/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits: tells one state of a file from another. Nothing secret rests on it. */
#ifndef MN_FAULT_HASH_H
#define MN_FAULT_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t mn_fault_hash(const void *bytes, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    }
    return hash;
}

#endif
