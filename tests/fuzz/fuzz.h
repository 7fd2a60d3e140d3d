/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is one function that takes any bytes: libFuzzer calls it (preset "fuzz"), and so
 * does fuzz_replay.c, which every build has. It may refuse the bytes; it may not crash, leak, or
 * break what FUZZ_HOLDS says, such as "what was read is written back byte for byte".
 */
#ifndef MN_FUZZ_H
#define MN_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/* The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HOLDS(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            __builtin_trap();                                                                      \
        }                                                                                          \
    } while (0)

static inline bool fuzz_is_same(mn_bytes a, mn_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

/* The first byte says which of several decoders reads the rest. */
static inline unsigned fuzz_choice(mn_bytes *input, unsigned choices)
{
    if (input->len == 0) {
        return 0;
    }
    const unsigned choice = input->bytes[0] % choices;
    *input = mn_bytes_of(input->bytes + 1, input->len - 1);
    return choice;
}

#endif
