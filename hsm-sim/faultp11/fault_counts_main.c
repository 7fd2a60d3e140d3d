/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mnsec-fault-counts: shows the counts of a state directory, "FUNCTION NUMBER" a line, those that
 * are not zero or those asked for; or sets them all to zero.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fault_counts.h"

#define NAME "mnsec-fault-counts"

static int use_error(const char *why)
{
    (void)fprintf(stderr, NAME ": %s (see --help)\n", why);
    return 1;
}

static int show(const mn_fault_counts *counts, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        mn_fault_fn fn;
        if (!mn_fault_name_function(argv[i], strlen(argv[i]), &fn)) {
            return use_error("unknown function");
        }
        (void)printf("%s %" PRIu64 "\n", argv[i], mn_fault_counts_get(counts, fn));
    }
    for (int fn = 0; argc == 0 && fn < MN_FAULT_FN_END; fn++) {
        const uint64_t count = mn_fault_counts_get(counts, (mn_fault_fn)fn);
        if (count != 0) {
            (void)printf("%s %" PRIu64 "\n", mn_fault_name_of_function((mn_fault_fn)fn), count);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)printf("usage: " NAME " STATE [FUNCTION...]\n       " NAME " STATE --reset\n\n"
                     "STATE is the module's state directory; \"*\" is the sum of all calls\n");
        return 0;
    }
    if (argc < 2) {
        return use_error("STATE is missing");
    }
    mn_fault_counts *counts = mn_fault_counts_open(argv[1]);
    if (counts == NULL) {
        (void)fprintf(stderr, NAME ": %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int result = 0;
    if (argc == 3 && strcmp(argv[2], "--reset") == 0) {
        mn_fault_counts_reset(counts);
    } else {
        result = show(counts, argc - 2, argv + 2);
    }
    mn_fault_counts_free(counts);
    return result;
}
