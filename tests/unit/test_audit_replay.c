/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that another wrote, with everything about them in form but one thing: what is taken in is
 * judged by the same rules as what is appended. (Flipped bits: test_audit_checkpoint.c.)
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "log_fixture.h"

TestSuite(audit_replay, .init = log_fixture_make, .fini = log_fixture_remove);

/* Rewrite the stamp of the newest line and open the log afresh. */
static mnsec_status reopen_with(uint64_t index, uint64_t dn, int64_t t)
{
    const uint64_t newest = mn_audit_size(the_log.audit) - 1;
    char *text = log_line(MN_TABLE_LOG_ENTRY, newest);
    mn_audit_line line;
    MN_AUTO(mn_buf) forged = {0};
    cr_assert_eq(mn_audit_line_read(mn_bytes_of(text, strlen(text)), &line), MNSEC_OK);
    line.index = index;
    line.dn = dn;
    line.t = t;
    cr_assert_eq(mn_audit_line_write(&line, &forged), MNSEC_OK);
    log_forge(MN_TABLE_LOG_ENTRY, newest, mn_buf_text(&forged));
    free(text);
    return log_reopen();
}

Test(audit_replay, takes_a_stamp_that_is_right)
{
    log_fill(3);

    cr_expect_eq(reopen_with(4, 3, the_log.now + 5), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit_replay, refuses_another_index)
{
    log_fill(3);

    cr_expect_eq(reopen_with(5, 3, the_log.now), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_replay, refuses_a_department_that_does_not_count_on)
{
    log_fill(3);

    cr_expect_eq(reopen_with(4, 4, the_log.now), MNSEC_E_INTEGRITY_LOG);
    cr_expect_not_null(strstr(the_log.err.text, "entry 4"), "%s", the_log.err.text);
}

Test(audit_replay, refuses_a_clock_that_goes_back_unsaid)
{
    log_fill(3);

    cr_expect_eq(reopen_with(4, 3, the_log.now - 1), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_replay, refuses_a_line_left_out)
{
    log_fill(3);
    log_forge(MN_TABLE_LOG_ENTRY, 2, NULL);

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
    cr_expect_not_null(strstr(the_log.err.text, "entry 2"), "%s", the_log.err.text);
}

Test(audit_replay, refuses_a_statement_of_authority_that_is_not_listed)
{
    log_fill(0);
    const mn_audit_draft draft = {.action = MN_ACTION_GRANT_GIVE,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .body = {.authority = mn_bytes_of("grant", 5)}};
    log_append(&draft);
    log_forge(MN_TABLE_AUTHORITY, 1, NULL);

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
}
