/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for the scenarios: the facility of the test, and what a call must answer. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facility_fixture.h"

#define F          (&himawari)
#define MUST(call) FACILITY_FIXTURE_MUST(F, call)

/* The detail stands beside what was answered instead. */
#define EXPECT(status, call)                                                                       \
    do {                                                                                           \
        const mnsec_status expect_status_ = (call);                                                \
        cr_expect_eq(expect_status_, status, "%s: %s", mnsec_status_name(expect_status_),          \
                     mnsec_context_last_error(F->context).text);                                   \
    } while (0)

#define EXPECT_CLASS(class, call)                                                                  \
    do {                                                                                           \
        const mnsec_status expect_status_ = (call);                                                \
        cr_expect_eq(mnsec_status_class(expect_status_), class, "%s: %s",                          \
                     mnsec_status_name(expect_status_),                                            \
                     mnsec_context_last_error(F->context).text);                                   \
    } while (0)

/* The detail of the last failure names this. */
#define EXPECT_TEXT(part)                                                                          \
    cr_expect(strstr(mnsec_context_last_error(F->context).text, part), "%s",                       \
              mnsec_context_last_error(F->context).text)

/* The newest entry of this event says this. */
#define EXPECT_BODY(event, part)                                                                   \
    cr_expect(strstr(facility_fixture_log_body(F, event), part), "%s",                             \
              facility_fixture_log_body(F, event))
#define EXPECT_LINE(event, part)                                                                   \
    cr_expect(strstr(facility_fixture_log_line(F, event), part), "%s",                             \
              facility_fixture_log_line(F, event))

/* SQL: this column's bytes, the one at this place (from 1) being another than it was. */
#define SPOILED(column, before, at, after)                                                         \
    "CAST(substr(" column ", 1, " before ") || CASE substr(" column ", " at                        \
    ", 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(" column ", " after ") AS BLOB)"

/* HARUKO does it in another program, at the same facility (scenario_elsewhere.c). A token is logged
 * in to once in a process. */
static inline void scenario_elsewhere(const char *command, const char *what)
{
    char line[PATH_MAX];
    (void)snprintf(line, sizeof line, "'%s' '%s' '%s' '%s'", SCENARIO_ELSEWHERE, F->directory,
                   command, what);
    cr_assert_eq(system(line), 0, "%s", line);
}

#endif
