/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mnsec_bundle_verify() for scripts: bundle_probe DIRECTORY [pin=FILE] [remember=FILE]
 * [required=BITS] [all=1]. Prints a line for each finding, then the numbers of the result as
 * `name value`. Ends with 0 where there is a verdict, else with the class of the status.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mnsec/verify.h"

static int print_finding(void *user, const mnsec_bundle_finding *finding)
{
    (void)user;
    printf("finding %s %d %d %" PRId64 " %s\n", finding->code, finding->weight, finding->level,
           finding->entry == MNSEC_BUNDLE_NO_ENTRY ? -1 : (int64_t)finding->entry,
           finding->file != NULL ? finding->file : "-");
    return 0;
}

static const char *value_of(const char *argument, const char *name)
{
    const size_t len = strlen(name);
    return strncmp(argument, name, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

static void print_result(const mnsec_bundle_result *r)
{
    printf("verdict %d\nreached %u\nskipped %u\n", r->verdict, r->reached, r->skipped);
    printf("origin %s\ntree_size %" PRIu64 "\nentries %" PRIu64 "\n", r->origin, r->tree_size,
           r->entries);
    printf("proven %" PRIu64 "\nfirst_bad %" PRId64 "\nattested %" PRIu64 "\n", r->proven,
           r->first_bad == MNSEC_BUNDLE_NO_ENTRY ? -1 : (int64_t)r->first_bad, r->attested);
    printf("sessions %" PRIu64 "\nsignatures %" PRIu64 "\nsignatures_verified %" PRIu64 "\n",
           r->sessions, r->signatures, r->signatures_verified);
    printf("signatures_withheld %" PRIu64 "\nbodies %" PRIu64 "\nbodies_withheld %" PRIu64 "\n",
           r->signatures_withheld, r->bodies, r->bodies_withheld);
    printf("authority %" PRIu64 "\nunattested %" PRIu64 "\nfirst_contact %d\n", r->authority,
           r->unattested, r->first_contact);
    printf("remembered_size %" PRIu64 "\n", r->remembered_size);
}

int main(int argc, char *argv[])
{
    mnsec_bundle_options options = MNSEC_BUNDLE_OPTIONS_INIT;
    options.directory = argc > 1 ? argv[1] : NULL;
    options.finding = print_finding;
    for (int i = 2; i < argc; i++) {
        const char *number = value_of(argv[i], "required");
        options.pin = value_of(argv[i], "pin") ? value_of(argv[i], "pin") : options.pin;
        options.remember =
            value_of(argv[i], "remember") ? value_of(argv[i], "remember") : options.remember;
        options.check_all |= value_of(argv[i], "all") != NULL;
        if (number != NULL) {
            options.required = (mnsec_bundle_level)strtoul(number, NULL, 10);
        }
    }
    mnsec_bundle_result result;
    const mnsec_status status = mnsec_bundle_verify(&options, &result);
    if (status == MNSEC_OK) {
        print_result(&result);
    } else {
        printf("status %s\n", mnsec_status_name(status));
    }
    return (int)mnsec_status_class(status);
}
