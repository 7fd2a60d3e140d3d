/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility ひまわり苑 for tests through the public API: real cards behind the card worker, a
 * real token and its spare, a store, a workstation; all in one folder below the scratch directory.
 * Who is who stands below; everybody answers what is asked unless the test says otherwise, and what
 * was asked and told is kept.
 *
 *     TestSuite(session, .init = facility_fixture_make, .fini = facility_fixture_remove);
 *     mnsec_session *session = facility_fixture_login(&himawari, TARO);
 *
 * Founding takes seconds, so a test program founds once, beside itself, and each test has a copy.
 * Every step of the fixture that fails fails the test.
 */
#ifndef FACILITY_FIXTURE_H
#define FACILITY_FIXTURE_H

#include <limits.h>

#include "fault_counts.h"
#include "mnsec.h"

/* Founders, responsible persons. */
#define HARUKO "春山春子" /* standard card */
#define AKIO   "秋本秋夫" /* standard card */
/* Enrolled afterwards. */
#define TARO   "介護太郎" /* handler of KAIGO, standard card */
#define HANAKO "総務花子" /* handler of SOMU, card by ECDH */
#define NAOTO  "監査直人" /* auditor, sign-only card in the manner of JPKI */
/* Has a card, and is nobody here. */
#define SABURO "新人三郎"

#define KAIGO  "介護"
#define SOMU   "総務"

/* All that a handler does. */
#define FACILITY_FIXTURE_ACTIONS                                                                   \
    "record.register record.import record.list record.show record.search record.change"

#define FACILITY_FIXTURE_NUMBER       "123456789018"
#define FACILITY_FIXTURE_OTHER_NUMBER "314159265352"

typedef struct facility_fixture facility_fixture;

typedef struct facility_fixture_asked {
    mnsec_secret_kind kind;
    char subject[100];
    char reason[100];
    int count_low;
    int final_try;
} facility_fixture_asked;

typedef struct facility_fixture_told {
    mnsec_notice_kind kind;
    char subject[100];
} facility_fixture_told;

/* Answer of a test in the place of the usual one. */
typedef struct facility_fixture_answer {
    mnsec_secret_kind kind;
    char subject[100]; /* empty = whoever */
    char text[300];    /* empty = the person gives up */
} facility_fixture_answer;

/* What founding showed once. */
typedef struct facility_fixture_shown {
    char so_pin[300];
    char spare_so_pin[300];
    char spare_pin[300];
    char share[600];
} facility_fixture_shown;

struct facility_fixture {
    char directory[200];  /* holds all of the following */
    char place[PATH_MAX]; /* the facility directory */
    char store[PATH_MAX]; /* its database */
    char workstation[PATH_MAX];
    char head[PATH_MAX];
    char card_module[PATH_MAX];
    char token_uri[PATH_MAX]; /* of the blank slots, before founding */
    char spare_uri[PATH_MAX];
    char reader_state[PATH_MAX]; /* state directories of the fault module */
    char token_state[PATH_MAX];
    mn_fault_counts *reader_counts;
    mn_fault_counts *token_counts;

    mnsec_founding_options founding; /* ready to be founded; a test changes what it is about */
    mnsec_founding_slip slip;
    mnsec_context *context;
    mnsec_session *session; /* the newest log-in */
    /* The context's clocks stand still; a test moves them. */
    int64_t started; /* seconds since 1970 */
    int64_t seconds; /* passed since then */

    facility_fixture_answer answers[16];
    size_t answer_count;
    unsigned refused; /* notices, 1 << kind */
    bool one_reader;  /* INSERT_CARD pulls whatever is in the reader first */
    /* Called before a secret is given or a notice accepted; NULL = nothing more happens. */
    void (*on_ask)(facility_fixture *f, const mnsec_secret_request *request);
    void (*on_notice)(facility_fixture *f, const mnsec_notice *notice);
    int (*on_progress)(facility_fixture *f, const char *step);

    facility_fixture_asked asked[64];
    size_t asked_count;
    facility_fixture_told told[64];
    size_t told_count;
    facility_fixture_shown shown;
};

extern facility_fixture himawari;

/* --- facility_fixture.c: where it is, how it is founded ------------------------------------------
 */
/* Scratch directory, and in it himawari, founded and staffed, context open, no card inserted. */
void facility_fixture_make(void);
/* The same with cards and blank tokens only. */
void facility_fixture_make_blank(void);
void facility_fixture_remove(void);
/* Another facility in a folder of this name beside himawari. */
void facility_fixture_add(facility_fixture *f, const char *name);
void facility_fixture_add_blank(facility_fixture *f, const char *name);
/* The facility in this folder, as a test in another process has made it. */
void facility_fixture_add_existing(facility_fixture *f, const char *directory);
void facility_fixture_end(facility_fixture *f);

/* Close session and context, begin with another: as a program that is started again. */
void facility_fixture_reopen(facility_fixture *f);
void facility_fixture_close(facility_fixture *f);
/* Seconds since 1970 by the context's clock. */
int64_t facility_fixture_now(const facility_fixture *f);
/* Found as f->founding says, all cards of the founders being inserted. */
mnsec_status facility_fixture_found(facility_fixture *f);
/* TARO, HANAKO and NAOTO enrolled, with their grants. */
void facility_fixture_staff(facility_fixture *f);

/* --- facility_fixture_people.c: what people do and answer
 * -----------------------------------------
 */
void facility_fixture_options(facility_fixture *f, mnsec_context_options *out_options);
void facility_fixture_answers(facility_fixture *f, mnsec_secret_kind kind, const char *subject,
                              const char *text);
/* The usual answers again, and nothing was asked or told. */
void facility_fixture_forget(facility_fixture *f);
size_t facility_fixture_asked_count(const facility_fixture *f, mnsec_secret_kind kind);
size_t facility_fixture_told_count(const facility_fixture *f, mnsec_notice_kind kind);
/* The usual password of a person, the usual operation password of a department. */
const char *facility_fixture_password(const char *name);
const char *facility_fixture_operation(const char *department);

void facility_fixture_insert(facility_fixture *f, const char *card);
void facility_fixture_pull(facility_fixture *f, const char *card);
void facility_fixture_pull_all(facility_fixture *f);
/* A new card, not inserted. */
void facility_fixture_card(facility_fixture *f, const char *name, const char *profile);

mnsec_id facility_fixture_department(facility_fixture *f, const char *name);
mnsec_id facility_fixture_person(facility_fixture *f, const char *name);

/* Only this card is inserted, and its person logs in. */
mnsec_status facility_fixture_try_login(facility_fixture *f, const char *name);
mnsec_session *facility_fixture_login(facility_fixture *f, const char *name);
/* The same, while others' cards stay in their readers. */
mnsec_status facility_fixture_try_login_beside(facility_fixture *f, const char *name);
void facility_fixture_logout(facility_fixture *f);
mnsec_session *facility_fixture_login_unlock(facility_fixture *f, const char *name,
                                             const char *department);
/* An employee with FACILITY_FIXTURE_NUMBER, or this number; the session has unlocked it. */
mnsec_status facility_fixture_try_register(facility_fixture *f, const char *department,
                                           const char *code, const char *number, mnsec_id *out_id);
mnsec_id facility_fixture_register(facility_fixture *f, const char *department, const char *code,
                                   const char *number);
mnsec_subject facility_fixture_employee(const char *code);

/* --- facility_fixture_store.c: what stands in the store, behind everybody's back
 * ------------------
 */
/* The whole store aside, and back; no context is open. */
void facility_fixture_save(facility_fixture *f, const char *name);
void facility_fixture_restore(facility_fixture *f, const char *name);
/* SQL without rows; answers the number of rows changed. */
int facility_fixture_sql(facility_fixture *f, const char *sql);
/* First column of the first row. */
int64_t facility_fixture_sql_integer(facility_fixture *f, const char *sql);
/* Entries of the log with this event, and the newest of them: line and body. Text of a static
 * buffer, "" = none. */
size_t facility_fixture_log_count(facility_fixture *f, const char *event);
const char *facility_fixture_log_line(facility_fixture *f, const char *event);
const char *facility_fixture_log_body(facility_fixture *f, const char *event);
int64_t facility_fixture_log_size(facility_fixture *f);

/* --- calls of PKCS#11, and their faults ----------------------------------------------------------
 */
void facility_fixture_card_plan(facility_fixture *f, const char *plan);
void facility_fixture_token_plan(facility_fixture *f, const char *plan);
void facility_fixture_count_reset(facility_fixture *f);
uint64_t facility_fixture_card_count(const facility_fixture *f, mn_fault_fn fn);
uint64_t facility_fixture_token_count(const facility_fixture *f, mn_fault_fn fn);

#define FACILITY_FIXTURE_MUST(f, call)                                                             \
    do {                                                                                           \
        const mnsec_status must_status_ = (call);                                                  \
        cr_assert_eq(must_status_, MNSEC_OK, "%s: %s (%ld)", mnsec_status_name(must_status_),      \
                     mnsec_context_last_error((f)->context).text,                                  \
                     mnsec_context_last_error((f)->context).native);                               \
    } while (0)

/* Which kind of facility token the environment asks for (MNSEC_SIM_PROFILE); "" = all that the
 * simulator can. And whether founding takes a spare with it. */
const char *facility_fixture_profile(void);
bool facility_fixture_has_spare(void);
/* What the test tells of a spare does not apply to this kind of token: passed over, and said so. */
#define FACILITY_FIXTURE_NEEDS_SPARE()                                                             \
    do {                                                                                           \
        if (!facility_fixture_has_spare()) {                                                       \
            cr_skip_test("this kind of facility token keeps nothing at a spare");                  \
        }                                                                                          \
    } while (0)

#endif
