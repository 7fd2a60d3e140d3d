/* SPDX-License-Identifier: Apache-2.0 */
/* Names of functions, return values and mechanisms, looked up in tables made from .def files. */
#include "fault_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11x.h>

typedef struct name_value {
    const char *name;
    unsigned long value;
} name_value;

static const char *const function_names[MN_FAULT_FN_END] = {
    [MN_FAULT_ANY] = "*",
#define OWN(name)                     [MN_FAULT_##name] = #name,
#define GLOBAL(name, params, args)    [MN_FAULT_##name] = #name,
#define SESSION(name, params, args)   [MN_FAULT_##name] = #name,
#define MECHANISM(name, params, args) [MN_FAULT_##name] = #name,
#include "fault_call.def"
};

#define X(name) {#name, name},
static const name_value answers[] = {
#include "fault_ckr.def"
};
static const name_value mechanisms[] = {
#include "fault_ckm.def"
};
#undef X

static bool is_name(const char *wanted, const char *name, size_t len)
{
    return strlen(wanted) == len && strncmp(wanted, name, len) == 0;
}

/* 0x and one to eight hexadecimal digits: CK_ULONG holds 32 bits on every platform. */
static bool parse_hex(const char *text, size_t len, unsigned long *out_value)
{
    if (len < 3 || len > 10 || strncmp(text, "0x", 2) != 0) {
        return false;
    }
    char digits[9] = {0};
    for (size_t i = 2; i < len; i++) {
        if (!isxdigit((unsigned char)text[i])) {
            return false;
        }
        digits[i - 2] = text[i];
    }
    *out_value = strtoul(digits, NULL, 16);
    return true;
}

static bool look_up(const name_value *table, size_t count, const char *name, size_t len,
                    unsigned long *out_value)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(table[i].name, name, len)) {
            *out_value = table[i].value;
            return true;
        }
    }
    return parse_hex(name, len, out_value);
}

const char *mn_fault_name_of_function(mn_fault_fn fn)
{
    return (unsigned)fn < MN_FAULT_FN_END ? function_names[fn] : "?";
}

bool mn_fault_name_function(const char *name, size_t len, mn_fault_fn *out_fn)
{
    for (size_t i = 0; i < MN_FAULT_FN_END; i++) {
        if (is_name(function_names[i], name, len)) {
            *out_fn = (mn_fault_fn)i;
            return true;
        }
    }
    return false;
}

bool mn_fault_name_answer(const char *name, size_t len, CK_RV *out_rv)
{
    return look_up(answers, sizeof answers / sizeof answers[0], name, len, out_rv);
}

bool mn_fault_name_mechanism(const char *name, size_t len, CK_MECHANISM_TYPE *out_mechanism)
{
    return look_up(mechanisms, sizeof mechanisms / sizeof mechanisms[0], name, len, out_mechanism);
}
