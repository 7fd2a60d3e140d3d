/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and processes: two contexts in two threads do not disturb each other, a child after fork
 * is refused, two programs share a facility. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

TestSuite(scenario_threads, .init = facility_fixture_make, .fini = facility_fixture_remove);

#define ROUNDS 8

/* No assertion in a thread: Criterion hears the test's own only. */
static mnsec_status work(facility_fixture *f)
{
    mnsec_id kaigo = {0};
    mnsec_status status = facility_fixture_try_login(f, TARO);
    if (status == MNSEC_OK) {
        status = mnsec_department_find(f->context, KAIGO, &kaigo);
    }
    if (status == MNSEC_OK) {
        status = mnsec_session_unlock(f->session, &kaigo);
    }
    const mnsec_subject subject = facility_fixture_employee("E-1");
    mnsec_id record = {0};
    if (status == MNSEC_OK) {
        status = mnsec_record_register(f->session, &kaigo, &subject, &record);
    }
    for (int i = 0; i < ROUNDS && status == MNSEC_OK; i++) {
        char number[MNSEC_NUMBER_TEXT_BYTES] = "";
        status = mnsec_record_show(f->session, &record, "作成", "TAX_SLIP", number);
        if (status == MNSEC_OK && strcmp(number, FACILITY_FIXTURE_NUMBER) != 0) {
            status = MNSEC_E_INTERNAL;
        }
    }
    mnsec_session_close(f->session);
    f->session = NULL;
    return status;
}

struct job {
    facility_fixture *f;
    mnsec_status status;
};

static void *run(void *argument)
{
    struct job *job = argument;
    job->status = work(job->f);
    return NULL;
}

Test(scenario_threads, work_on_two_facilities_at_once)
{
    static facility_fixture sakura;
    facility_fixture_add(&sakura, "sakura");
    struct job jobs[2] = {{.f = F}, {.f = &sakura}};
    pthread_t threads[2];

    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_expect_eq(jobs[i].status, MNSEC_OK, "%zu: %s: %s", i, mnsec_status_name(jobs[i].status),
                     mnsec_context_last_error(jobs[i].f->context).text);
    }

    facility_fixture_end(&sakura);
}

/* Answers of a forked child, which ends without touching anything. */
static int answers_in_child(const mnsec_id *record)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    const char *name = NULL;
    mnsec_session_event event;
    const mnsec_status answers[] = {
        mnsec_facility_name(F->context, &name),
        mnsec_record_show(F->session, record, "作成", "TAX_SLIP", number),
        mnsec_session_poll(F->session, &event),
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        wrong += answers[i] != MNSEC_E_INTERNAL_FORKED;
    }
    mnsec_session_close(F->session);
    mnsec_context_free(F->context);
    return wrong;
}

Test(scenario_threads, child_after_fork_is_refused_and_harms_nothing)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);

    const pid_t child = fork();
    if (child == 0) {
        _exit(answers_in_child(&record));
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);

    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    EXPECT(MNSEC_OK, mnsec_record_show(F->session, &record, "作成", "TAX_SLIP", number));
    cr_expect_eq(facility_fixture_log_count(F, "session.logout"), 1, "the child logged nobody out");
}

Test(scenario_threads, two_programs_write_one_log)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);

    scenario_elsewhere("set-operation", SOMU);
    facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_reopen(F);

    facility_fixture_login(F, TARO);
}
