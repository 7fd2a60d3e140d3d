/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact counts of calls, shared by all processes that load the module with one state directory: a
 * file mapped into each, every number raised atomically, no call lost.
 *
 * The file is a row of 40-byte records, native byte order, describing itself:
 *     name (24 bytes, zero-padded) · total (8) · since plan (8)
 * Record 0 is the head: name "mnsec faultp11 counts 1", total = number of records that follow,
 * since plan = identity of the plan the second column counts from. Record 1 is "*", the sum; then
 * one per PKCS#11 function in the order of CK_FUNCTION_LIST.
 *
 * Counted is every call that reaches the initialised module, also one that a plan makes fail.
 * C_GetFunctionList is not: it speaks to no token.
 */
#ifndef MN_FAULT_COUNTS_H
#define MN_FAULT_COUNTS_H

#include <stdint.h>

#include "fault_name.h"

#define MN_FAULT_COUNTS_FILE "counts"

typedef struct mn_fault_counts mn_fault_counts;

/* The counts file of a state directory, made when it is not there. NULL: errno says why (EINVAL:
 * the file is something else). */
mn_fault_counts *mn_fault_counts_open(const char *state_dir);
void mn_fault_counts_free(mn_fault_counts *counts);

/* Calls since the last reset. */
uint64_t mn_fault_counts_get(const mn_fault_counts *counts, mn_fault_fn fn);
/* Both columns to zero: numbers in a plan count from here again. */
void mn_fault_counts_reset(mn_fault_counts *counts);

/* One call more. The outputs are its numbers since the plan in force: of this function, of all. */
void mn_fault_counts_add(mn_fault_counts *counts, mn_fault_fn fn, uint64_t *out_nth,
                         uint64_t *out_nth_any);
/* The plan in force is this one (0 = none). When it is another than before, by whichever process,
 * the second column begins at zero. */
void mn_fault_counts_adopt_plan(mn_fault_counts *counts, uint64_t plan_id);

#endif
