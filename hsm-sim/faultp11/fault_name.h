/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that plans and counts use, and what they stand for: PKCS#11 functions, return values
 * and mechanisms. One table each, made from the .def files, so that a name can be neither missing
 * nor misspelt in only one place.
 */
#ifndef MN_FAULT_NAME_H
#define MN_FAULT_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <p11-kit/pkcs11.h>

/* A PKCS#11 function; MN_FAULT_ANY is the "*" of a plan and the sum of the counts. */
typedef enum mn_fault_fn {
    MN_FAULT_ANY = 0,
#define OWN(name)                     MN_FAULT_##name,
#define GLOBAL(name, params, args)    MN_FAULT_##name,
#define SESSION(name, params, args)   MN_FAULT_##name,
#define MECHANISM(name, params, args) MN_FAULT_##name,
#include "fault_call.def"
    MN_FAULT_FN_END
} mn_fault_fn;

/* "C_Sign", "*" for MN_FAULT_ANY. */
const char *mn_fault_name_of_function(mn_fault_fn fn);

/* Each looks up exactly the len bytes of name; false when there is no such name. Return values and
 * mechanisms are also taken as hexadecimal numbers (0x80000001), for what vendors define. */
bool mn_fault_name_function(const char *name, size_t len, mn_fault_fn *out_fn);
bool mn_fault_name_answer(const char *name, size_t len, CK_RV *out_rv);
bool mn_fault_name_mechanism(const char *name, size_t len, CK_MECHANISM_TYPE *out_mechanism);

#endif
