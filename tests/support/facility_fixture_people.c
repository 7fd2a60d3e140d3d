/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people of the facility: what they answer when they are asked, how their cards come and go,
 * and the few steps that nearly every test begins with.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "facility_fixture.h"
#include "fault_client.h"

#define MUST(f, call) FACILITY_FIXTURE_MUST(f, call)
#define PIN           "123456" /* the simulator's */

/* --- answers -------------------------------------------------------------------------------------
 */

static const struct {
    const char *whose;
    const char *password;
} passwords[] = {
    {HARUKO, "kumo no ue no tsuki"}, {AKIO, "mizuumi to yama to ku"},
    {TARO, "hidamari no neko da"},   {HANAKO, "soroban hajiku yubi"},
    {NAOTO, "megane wo fuku gogo"},  {SABURO, "asa no densha no mado"},
    {KAIGO, "asagao ga saku niwa"},  {SOMU, "tana no oku no chouba"},
};

const char *facility_fixture_password(const char *name)
{
    for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++) {
        if (strcmp(passwords[i].whose, name) == 0) {
            return passwords[i].password;
        }
    }
    return "dare demo nai hito no";
}

const char *facility_fixture_operation(const char *department)
{
    return facility_fixture_password(department);
}

static const char *usual_answer(const facility_fixture *f, const mnsec_secret_request *request)
{
    switch (request->kind) {
    case MNSEC_SECRET_PIN:
    case MNSEC_SECRET_SECOND_PIN:
    case MNSEC_SECRET_NEW_PIN:
        return PIN;
    case MNSEC_SECRET_PASSWORD:
    case MNSEC_SECRET_SECOND_PASSWORD:
    case MNSEC_SECRET_NEW_PASSWORD:
    case MNSEC_SECRET_OPERATION:
    case MNSEC_SECRET_NEW_OPERATION:
        return facility_fixture_password(request->subject);
    case MNSEC_SECRET_SO_PIN:
        return strcmp(request->subject, "spare token") == 0 ? f->shown.spare_so_pin
                                                            : f->shown.so_pin;
    case MNSEC_SECRET_SPARE_PIN:
        return f->shown.spare_pin;
    case MNSEC_SECRET_SHARE:
        return f->shown.share;
    case MNSEC_SECRET_NUMBER:
    case MNSEC_SECRET_NUMBER_AGAIN:
        return FACILITY_FIXTURE_NUMBER;
    default:
        return "";
    }
}

void facility_fixture_answers(facility_fixture *f, mnsec_secret_kind kind, const char *subject,
                              const char *text)
{
    size_t place = 0;
    while (place < f->answer_count &&
           (f->answers[place].kind != kind || strcmp(f->answers[place].subject, subject) != 0)) {
        place++;
    }
    cr_assert_lt(place, sizeof f->answers / sizeof f->answers[0]);
    f->answer_count = place == f->answer_count ? place + 1 : f->answer_count;
    facility_fixture_answer *answer = &f->answers[place];
    answer->kind = kind;
    snprintf(answer->subject, sizeof answer->subject, "%s", subject);
    snprintf(answer->text, sizeof answer->text, "%s", text);
}

static const char *find_answer(const facility_fixture *f, const mnsec_secret_request *request)
{
    for (size_t i = 0; i < f->answer_count; i++) {
        const facility_fixture_answer *answer = &f->answers[i];
        if (answer->kind == request->kind &&
            (answer->subject[0] == '\0' || strcmp(answer->subject, request->subject) == 0)) {
            return answer->text;
        }
    }
    return usual_answer(f, request);
}

void facility_fixture_forget(facility_fixture *f)
{
    f->answer_count = 0;
    f->refused = 0;
    f->asked_count = 0;
    f->told_count = 0;
    f->on_ask = NULL;
    f->on_notice = NULL;
    f->on_progress = NULL;
}

/* --- being asked and told ------------------------------------------------------------------------
 */

static mnsec_status be_asked(void *user, const mnsec_secret_request *request,
                             mnsec_secret_sink *sink)
{
    facility_fixture *f = user;
    if (f->asked_count < sizeof f->asked / sizeof f->asked[0]) {
        facility_fixture_asked *asked = &f->asked[f->asked_count++];
        *asked = (facility_fixture_asked){
            .kind = request->kind,
            .count_low = request->count_low,
            .final_try = request->final_try,
        };
        snprintf(asked->subject, sizeof asked->subject, "%s", request->subject);
        snprintf(asked->reason, sizeof asked->reason, "%s", request->reason ? request->reason : "");
    }
    if (f->on_ask) {
        f->on_ask(f, request);
    }
    const char *text = find_answer(f, request);
    return text[0] == '\0' ? MNSEC_E_STATE_CANCELLED : mnsec_secret_give(sink, text, strlen(text));
}

static void keep_shown(facility_fixture *f, const mnsec_notice *notice)
{
    const bool is_spare = strcmp(notice->subject, "spare token") == 0;
    switch (notice->kind) {
    case MNSEC_NOTICE_SHOW_SO_PIN:
        snprintf(is_spare ? f->shown.spare_so_pin : f->shown.so_pin, sizeof f->shown.so_pin, "%s",
                 notice->text);
        break;
    case MNSEC_NOTICE_SHOW_SPARE_PIN:
        snprintf(f->shown.spare_pin, sizeof f->shown.spare_pin, "%s", notice->text);
        break;
    case MNSEC_NOTICE_SHOW_SHARE:
        snprintf(f->shown.share, sizeof f->shown.share, "%s", notice->text);
        break;
    default:
        break;
    }
}

/* Whose card is meant: named by label, else by its person. */
static void bring_card(facility_fixture *f, const mnsec_notice *notice)
{
    if (f->one_reader) {
        facility_fixture_pull_all(f);
    }
    facility_fixture_insert(f, notice->text ? notice->text : notice->subject);
}

static mnsec_status be_told(void *user, const mnsec_notice *notice)
{
    facility_fixture *f = user;
    if (f->told_count < sizeof f->told / sizeof f->told[0]) {
        facility_fixture_told *told = &f->told[f->told_count++];
        told->kind = notice->kind;
        snprintf(told->subject, sizeof told->subject, "%s", notice->subject);
    }
    keep_shown(f, notice);
    if (f->refused & 1U << notice->kind) {
        return MNSEC_E_STATE_CANCELLED;
    }
    if (f->on_notice) {
        f->on_notice(f, notice);
    } else if (notice->kind == MNSEC_NOTICE_INSERT_CARD) {
        bring_card(f, notice);
    }
    return MNSEC_OK;
}

static int be_kept_waiting(void *user, const char *step, uint64_t done, uint64_t total)
{
    facility_fixture *f = user;
    (void)done;
    (void)total;
    return f->on_progress ? f->on_progress(f, step) : 0;
}

void facility_fixture_options(facility_fixture *f, mnsec_context_options *out_options)
{
    *out_options = (mnsec_context_options)MNSEC_CONTEXT_OPTIONS_INIT;
    out_options->facility = f->place;
    out_options->workstation = f->workstation;
    out_options->card_worker = FACILITY_FIXTURE_WORKER;
    out_options->secret = be_asked;
    out_options->secret_user = f;
    out_options->notice = be_told;
    out_options->notice_user = f;
    out_options->progress = be_kept_waiting;
    out_options->progress_user = f;
}

size_t facility_fixture_asked_count(const facility_fixture *f, mnsec_secret_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < f->asked_count; i++) {
        count += f->asked[i].kind == kind;
    }
    return count;
}

size_t facility_fixture_told_count(const facility_fixture *f, mnsec_notice_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < f->told_count; i++) {
        count += f->told[i].kind == kind;
    }
    return count;
}

/* --- cards ---------------------------------------------------------------------------------------
 */

void facility_fixture_insert(facility_fixture *f, const char *card)
{
    cr_assert(mn_fault_client_insert(f->reader_state, card));
}

void facility_fixture_pull(facility_fixture *f, const char *card)
{
    cr_assert(mn_fault_client_remove(f->reader_state, card));
}

void facility_fixture_pull_all(facility_fixture *f)
{
    static const char *const cards[] = {HARUKO, AKIO, TARO, HANAKO, NAOTO, SABURO};
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        (void)mn_fault_client_remove(f->reader_state, cards[i]);
    }
}

/* --- what nearly every test begins with ----------------------------------------------------------
 */

mnsec_id facility_fixture_department(facility_fixture *f, const char *name)
{
    mnsec_id id = {0};
    MUST(f, mnsec_department_find(f->context, name, &id));
    return id;
}

mnsec_id facility_fixture_person(facility_fixture *f, const char *name)
{
    mnsec_id id = {0};
    MUST(f, mnsec_staff_find(f->context, name, &id));
    return id;
}

mnsec_status facility_fixture_try_login(facility_fixture *f, const char *name)
{
    facility_fixture_pull_all(f);
    facility_fixture_insert(f, name);
    f->session = NULL;
    return mnsec_session_open(f->context, NULL, &f->session);
}

mnsec_session *facility_fixture_login(facility_fixture *f, const char *name)
{
    MUST(f, facility_fixture_try_login(f, name));
    return f->session;
}

mnsec_status facility_fixture_try_login_beside(facility_fixture *f, const char *name)
{
    mnsec_session_options options = MNSEC_SESSION_OPTIONS_INIT;
    options.card = name;
    facility_fixture_insert(f, name);
    return mnsec_session_open(f->context, &options, &f->session);
}

void facility_fixture_logout(facility_fixture *f)
{
    mnsec_session_close(f->session);
    f->session = NULL;
}

mnsec_session *facility_fixture_login_unlock(facility_fixture *f, const char *name,
                                             const char *department)
{
    facility_fixture_login(f, name);
    const mnsec_id id = facility_fixture_department(f, department);
    MUST(f, mnsec_session_unlock(f->session, &id));
    return f->session;
}

mnsec_subject facility_fixture_employee(const char *code)
{
    mnsec_subject subject = MNSEC_SUBJECT_INIT;
    subject.kind = MNSEC_SUBJECT_EMPLOYEE;
    subject.code = code;
    subject.name = "山田 一郎";
    subject.kana = "ヤマダ イチロウ";
    subject.birth_date = "1985-04-01";
    subject.documents = "TAX_SLIP SI_HP";
    subject.verification.method = "card";
    subject.verification.number_doc = "my-number-card";
    subject.verification.channel = "face";
    return subject;
}

mnsec_status facility_fixture_try_register(facility_fixture *f, const char *department,
                                           const char *code, const char *number, mnsec_id *out_id)
{
    const mnsec_id id = facility_fixture_department(f, department);
    const mnsec_subject subject = facility_fixture_employee(code);
    facility_fixture_answers(f, MNSEC_SECRET_NUMBER, "", number);
    facility_fixture_answers(f, MNSEC_SECRET_NUMBER_AGAIN, "", number);
    return mnsec_record_register(f->session, &id, &subject, out_id);
}

mnsec_id facility_fixture_register(facility_fixture *f, const char *department, const char *code,
                                   const char *number)
{
    mnsec_id id = {0};
    MUST(f, facility_fixture_try_register(f, department, code, number, &id));
    return id;
}

/* --- calls of PKCS#11 ----------------------------------------------------------------------------
 */

void facility_fixture_card_plan(facility_fixture *f, const char *plan)
{
    cr_assert(mn_fault_client_plan(f->reader_state, plan));
}

void facility_fixture_token_plan(facility_fixture *f, const char *plan)
{
    cr_assert(mn_fault_client_plan(f->token_state, plan));
}

void facility_fixture_count_reset(facility_fixture *f)
{
    mn_fault_counts_reset(f->reader_counts);
    mn_fault_counts_reset(f->token_counts);
}

uint64_t facility_fixture_card_count(const facility_fixture *f, mn_fault_fn fn)
{
    return mn_fault_counts_get(f->reader_counts, fn);
}

uint64_t facility_fixture_token_count(const facility_fixture *f, mn_fault_fn fn)
{
    return mn_fault_counts_get(f->token_counts, fn);
}
