/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: registered with a number typed twice, shown for a stated purpose, changed, listed. What
 * the log says of a record is what counts: rows put back, taken away or exchanged are found.
 */
#include "scenario.h"

static void login_as_handler(void)
{
    facility_fixture_make();
    facility_fixture_login_unlock(F, TARO, KAIGO);
}

TestSuite(scenario_record, .init = login_as_handler, .fini = facility_fixture_remove);

static mnsec_status show(const mnsec_id *record, char out_number[MNSEC_NUMBER_TEXT_BYTES])
{
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", out_number);
}

static void expect_number(const mnsec_id *record, const char *wanted)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(show(record, number));
    cr_expect_str_eq(number, wanted);
}

static mnsec_id registered(void)
{
    return facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
}

/* Closed, changed by somebody with the file, opened again. */
static void tamper(const char *sql)
{
    facility_fixture_close(F);
    cr_assert_geq(facility_fixture_sql(F, sql), 1, "nothing was changed: %s", sql);
    facility_fixture_reopen(F);
    facility_fixture_forget(F);
    facility_fixture_login_unlock(F, TARO, KAIGO);
}

/* --- registering ---------------------------------------------------------------------------------
 */

static mnsec_status try_number(const char *number, const char *again)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    const mnsec_subject subject = facility_fixture_employee("E-1");
    mnsec_id record = {0};
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", number);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", again);
    return mnsec_record_register(F->session, &kaigo, &subject, &record);
}

static int64_t record_count(void)
{
    return facility_fixture_sql_integer(F, "SELECT count(*) FROM record");
}

Test(scenario_record, is_registered_with_its_entry)
{
    registered();

    cr_expect_eq(record_count(), 1);
    EXPECT_LINE("record.register", "\"auth\":\"card\"");
    EXPECT_LINE("record.register", "\"st\":\"acquire\"");
    EXPECT_BODY("record.register", "\"doc\":\"TAX_SLIP SI_HP\"");
    EXPECT_BODY("record.register", "\"value\":");
}

Test(scenario_record, takes_a_number_as_japanese_people_type_it)
{
    EXPECT(MNSEC_OK, try_number("１２３４－５６７８－９０１８", "1234 5678 9018"));
}

Test(scenario_record, refuses_two_numbers_that_differ)
{
    EXPECT(MNSEC_E_USAGE_MISMATCH,
           try_number(FACILITY_FIXTURE_NUMBER, FACILITY_FIXTURE_OTHER_NUMBER));

    cr_expect_eq(record_count(), 0);
}

Test(scenario_record, refuses_a_wrong_check_digit)
{
    EXPECT(MNSEC_E_USAGE_CHECK_DIGIT, try_number("123456789010", "123456789010"));

    cr_expect_eq(record_count(), 0);
}

Test(scenario_record, refuses_what_is_no_number)
{
    EXPECT(MNSEC_E_USAGE_FORMAT, try_number("12345678901", "12345678901"));
}

Test(scenario_record, refuses_a_number_twice_and_names_the_record)
{
    const mnsec_id first = registered();
    char text[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&first, text);

    mnsec_id second = {0};
    EXPECT(MNSEC_E_STATE_CONFLICT,
           facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_NUMBER, &second));

    EXPECT_TEXT(text);
    cr_expect_eq(record_count(), 1);
    EXPECT_LINE("record.register", "\"out\":4");
}

Test(scenario_record, takes_a_number_that_another_department_has)
{
    registered();
    facility_fixture_logout(F);
    facility_fixture_login_unlock(F, HANAKO, SOMU);

    mnsec_id record = {0};
    EXPECT(MNSEC_OK,
           facility_fixture_try_register(F, SOMU, "E-1", FACILITY_FIXTURE_NUMBER, &record));
}

Test(scenario_record, refuses_a_code_twice)
{
    registered();

    mnsec_id second = {0};
    EXPECT(MNSEC_E_STATE_CONFLICT,
           facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_OTHER_NUMBER, &second));

    EXPECT_TEXT("code");
    cr_expect_eq(record_count(), 1);
}

Test(scenario_record, takes_the_number_of_a_refused_record_afterwards)
{
    registered();
    mnsec_id second = {0};
    EXPECT(MNSEC_E_STATE_CONFLICT,
           facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_OTHER_NUMBER, &second));

    EXPECT(MNSEC_OK,
           facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER, &second));
}

static mnsec_id registered_without_number(void)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_subject subject = facility_fixture_employee("E-9");
    subject.verification = (mnsec_verification){0};
    subject.not_provided_reason = "本人が拒否した";
    mnsec_id record = {0};
    MUST(mnsec_record_register(F->session, &kaigo, &subject, &record));
    return record;
}

Test(scenario_record, keeps_that_no_number_was_provided)
{
    const mnsec_id record = registered_without_number();

    char number[MNSEC_NUMBER_TEXT_BYTES];
    EXPECT(MNSEC_E_STATE_NOT_FOUND, show(&record, number));
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NUMBER), 0);
}

Test(scenario_record, refuses_residents)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_subject subject = facility_fixture_employee("R-1");
    subject.kind = MNSEC_SUBJECT_RESIDENT;
    mnsec_id record = {0};

    EXPECT(MNSEC_E_USAGE_FORMAT, mnsec_record_register(F->session, &kaigo, &subject, &record));

    EXPECT_TEXT("residents");
}

Test(scenario_record, links_a_dependant_to_an_employee)
{
    const mnsec_id employee = registered();
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_subject subject = MNSEC_SUBJECT_INIT;
    subject.kind = MNSEC_SUBJECT_DEPENDANT;
    subject.name = "山田 春";
    subject.relation = "妻";
    subject.documents = "TAX_DEP";
    subject.linked = &employee;
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", FACILITY_FIXTURE_OTHER_NUMBER);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", FACILITY_FIXTURE_OTHER_NUMBER);
    mnsec_id dependant = {0};
    MUST(mnsec_record_register(F->session, &kaigo, &subject, &dependant));
    subject.linked = &dependant;
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", "111111111118");
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", "111111111118");

    mnsec_id other = {0};
    EXPECT(MNSEC_E_STATE_CONFLICT, mnsec_record_register(F->session, &kaigo, &subject, &other));
}

Test(scenario_record, refuses_a_number_among_its_texts)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_subject subject = facility_fixture_employee("E-1");
    subject.address = "千代田区 1234-5678-9018";
    mnsec_id record = {0};

    EXPECT(MNSEC_E_USAGE_FORMAT, mnsec_record_register(F->session, &kaigo, &subject, &record));
}

/* --- showing -------------------------------------------------------------------------------------
 */

Test(scenario_record, is_shown_with_purpose_and_document_in_the_log)
{
    const mnsec_id record = registered();

    expect_number(&record, FACILITY_FIXTURE_NUMBER);

    EXPECT_LINE("record.show", "\"auth\":\"card\"");
    EXPECT_LINE("record.show", "\"st\":\"use\"");
    EXPECT_BODY("record.show", "\"purpose\":\"源泉徴収票の作成\"");
    EXPECT_BODY("record.show", "\"doc\":\"TAX_SLIP\"");
}

Test(scenario_record, is_not_shown_without_purpose_or_document)
{
    const mnsec_id record = registered();
    char number[MNSEC_NUMBER_TEXT_BYTES];

    EXPECT(MNSEC_E_USAGE, mnsec_record_show(F->session, &record, NULL, "TAX_SLIP", number));
    EXPECT(MNSEC_E_USAGE, mnsec_record_show(F->session, &record, "", "TAX_SLIP", number));
    EXPECT(MNSEC_E_USAGE, mnsec_record_show(F->session, &record, "作成", NULL, number));
    EXPECT(MNSEC_E_USAGE, mnsec_record_show(F->session, &record, "作成", "LOVE_LETTER", number));
}

Test(scenario_record, is_in_the_log_before_its_number_is_opened)
{
    const mnsec_id record = registered();
    const int64_t size = facility_fixture_log_size(F);
    facility_fixture_token_plan(F, "C_Decrypt 1 once CKR_DEVICE_ERROR\n");

    char number[MNSEC_NUMBER_TEXT_BYTES] = "untouched";
    const mnsec_status status = show(&record, number);

    cr_expect_neq(status, MNSEC_OK);
    cr_expect_geq(facility_fixture_log_size(F), size + 2, "the entry, and that it failed");
    cr_expect_eq(number[0], '\0');
}

Test(scenario_record, is_not_shown_where_the_card_does_not_sign)
{
    const mnsec_id record = registered();
    facility_fixture_count_reset(F);
    facility_fixture_card_plan(F, "C_Sign 1 once CKR_GENERAL_ERROR\n");

    char number[MNSEC_NUMBER_TEXT_BYTES] = "untouched";
    EXPECT(MNSEC_E_CARD_FAULT, show(&record, number));

    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_Decrypt), 0);
}

Test(scenario_record, that_is_not_there_is_denied_like_one_that_may_not_be_seen)
{
    const mnsec_id nowhere = {{1, 2, 3}};
    char number[MNSEC_NUMBER_TEXT_BYTES];

    EXPECT(MNSEC_E_DENIED, show(&nowhere, number));

    EXPECT_BODY("record.show", "\"reason\":\"no-record\"");
}

static int keep_number(void *user, const mnsec_id *id, const char *number)
{
    char(*numbers)[MNSEC_NUMBER_TEXT_BYTES] = user;
    (void)id;
    snprintf(numbers[numbers[0][0] ? 1 : 0], MNSEC_NUMBER_TEXT_BYTES, "%s", number);
    return 0;
}

Test(scenario_record, is_shown_among_many_in_order)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    const mnsec_id one = registered();
    const mnsec_id ids[] = {
        facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER), one};

    char numbers[2][MNSEC_NUMBER_TEXT_BYTES] = {""};
    MUST(mnsec_record_show_many(F->session, &kaigo, ids, 2, "年末調整", "TAX_SLIP", keep_number,
                                numbers));

    cr_expect_str_eq(numbers[0], FACILITY_FIXTURE_OTHER_NUMBER);
    cr_expect_str_eq(numbers[1], FACILITY_FIXTURE_NUMBER);
    EXPECT_BODY("record.show", "\"count\":2");
}

/* --- changing ------------------------------------------------------------------------------------
 */

static void change_number(const mnsec_id *record, const char *number)
{
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", number);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", number);
    MUST(mnsec_record_change_number(F->session, record, "番号が変わった"));
}

Test(scenario_record, has_its_new_number_after_a_change)
{
    const mnsec_id record = registered();

    change_number(&record, FACILITY_FIXTURE_OTHER_NUMBER);

    expect_number(&record, FACILITY_FIXTURE_OTHER_NUMBER);
    EXPECT_BODY("record.change", "\"reason\":\"番号が変わった\"");
}

Test(scenario_record, frees_its_old_number_by_a_change)
{
    const mnsec_id record = registered();
    change_number(&record, FACILITY_FIXTURE_OTHER_NUMBER);

    mnsec_id other = {0};
    EXPECT(MNSEC_OK,
           facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_NUMBER, &other));
}

Test(scenario_record, does_not_change_to_a_number_that_another_has)
{
    const mnsec_id record = registered();
    facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", FACILITY_FIXTURE_OTHER_NUMBER);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", FACILITY_FIXTURE_OTHER_NUMBER);

    EXPECT(MNSEC_E_STATE_CONFLICT, mnsec_record_change_number(F->session, &record, "訂正"));

    expect_number(&record, FACILITY_FIXTURE_NUMBER);
}

/* While the new number is typed the record becomes another, as if changed by somebody else. */
static void change_elsewhere(facility_fixture *f, const mnsec_secret_request *request)
{
    if (request->kind == MNSEC_SECRET_NUMBER_AGAIN) {
        facility_fixture_sql(
            f, "UPDATE record SET directory = (SELECT value FROM meta WHERE key = 'former')");
    }
}

Test(scenario_record, keeps_what_somebody_else_changed_meanwhile)
{
    const mnsec_id record = registered();
    facility_fixture_sql(F, "INSERT INTO meta (key, value) SELECT 'former', directory FROM record");
    mnsec_subject subject = MNSEC_SUBJECT_INIT;
    subject.address = "東京都千代田区1-1";
    MUST(mnsec_record_change(F->session, &record, &subject));
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER, "", FACILITY_FIXTURE_OTHER_NUMBER);
    facility_fixture_answers(F, MNSEC_SECRET_NUMBER_AGAIN, "", FACILITY_FIXTURE_OTHER_NUMBER);
    F->on_ask = change_elsewhere;

    EXPECT(MNSEC_E_STATE_CHANGED, mnsec_record_change_number(F->session, &record, "訂正"));

    expect_number(&record, FACILITY_FIXTURE_NUMBER);
}

Test(scenario_record, gets_the_number_that_was_not_provided_at_first)
{
    const mnsec_id record = registered_without_number();

    change_number(&record, FACILITY_FIXTURE_NUMBER);

    expect_number(&record, FACILITY_FIXTURE_NUMBER);
}

static int keep_subject(void *user, const mnsec_subject *subject)
{
    char *text = user;
    snprintf(text, 200, "%s|%s|%s|%d", subject->code, subject->name, subject->address,
             (int)subject->state);
    return 0;
}

Test(scenario_record, keeps_what_is_not_named_in_a_change)
{
    const mnsec_id record = registered();
    mnsec_subject subject = MNSEC_SUBJECT_INIT;
    subject.address = "東京都千代田区1-1";

    MUST(mnsec_record_change(F->session, &record, &subject));

    char text[200];
    MUST(mnsec_record_get(F->session, &record, keep_subject, text));
    cr_expect_str_eq(text, "E-1|山田 一郎|東京都千代田区1-1|2");
    expect_number(&record, FACILITY_FIXTURE_NUMBER);
}

/* --- listing and searching -----------------------------------------------------------------------
 */

static int count_subjects(void *user, const mnsec_subject *subject)
{
    (void)subject;
    ++*(size_t *)user;
    return 0;
}

static size_t count_listed(const char *filter)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    size_t count = 0;
    MUST(mnsec_record_list(F->session, &kaigo, filter, count_subjects, &count));
    return count;
}

Test(scenario_record, is_listed_by_code_name_and_kana_in_any_width)
{
    registered();
    registered_without_number();

    cr_expect_eq(count_listed(NULL), 2);
    cr_expect_eq(count_listed("e-1"), 1);
    cr_expect_eq(count_listed("ﾔﾏﾀﾞ"), 2);
    cr_expect_eq(count_listed("鈴木"), 0);
}

Test(scenario_record, is_found_by_its_number)
{
    const mnsec_id record = registered();
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_id found = {0};

    MUST(mnsec_record_search(F->session, &kaigo, &found));

    cr_expect(mnsec_id_equal(&found, &record));
    EXPECT_LINE("record.search", "\"auth\":\"card\"");
}

Test(scenario_record, is_not_found_by_a_number_that_nobody_has)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_id found = {0};

    EXPECT(MNSEC_E_STATE_NOT_FOUND, mnsec_record_search(F->session, &kaigo, &found));

    EXPECT_LINE("record.search", "\"out\":4");
}

Test(scenario_record, is_searched_for_sixty_times_an_hour)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_id found = {0};
    for (int i = 0; i < 60; i++) {
        EXPECT(MNSEC_E_STATE_NOT_FOUND, mnsec_record_search(F->session, &kaigo, &found));
    }

    EXPECT(MNSEC_E_DENIED_BACKOFF, mnsec_record_search(F->session, &kaigo, &found));
}

/* --- behind everybody's back ---------------------------------------------------------------------
 */

Test(scenario_record, is_refused_when_its_old_value_was_put_back)
{
    const mnsec_id record = registered();
    facility_fixture_close(F);
    facility_fixture_save(F, "before");
    facility_fixture_reopen(F);
    facility_fixture_login_unlock(F, TARO, KAIGO);
    change_number(&record, FACILITY_FIXTURE_OTHER_NUMBER);

    char sql[PATH_MAX + 400];
    snprintf(sql, sizeof sql,
             "ATTACH '%s/saved-before' AS old; DELETE FROM main.blind_index; DELETE FROM "
             "main.value; INSERT INTO main.value SELECT * FROM old.value; INSERT INTO "
             "main.blind_index SELECT * FROM old.blind_index",
             F->directory);
    tamper(sql);

    char number[MNSEC_NUMBER_TEXT_BYTES];
    EXPECT(MNSEC_E_INTEGRITY_RECORD, show(&record, number));
}

Test(scenario_record, is_refused_when_its_value_is_gone)
{
    const mnsec_id record = registered();

    tamper("DELETE FROM blind_index; DELETE FROM value");

    char number[MNSEC_NUMBER_TEXT_BYTES];
    EXPECT(MNSEC_E_INTEGRITY_RECORD, show(&record, number));
}

Test(scenario_record, is_missed_when_its_rows_are_gone)
{
    registered();

    tamper("DELETE FROM blind_index; DELETE FROM value; DELETE FROM record");

    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    size_t count = 0;
    EXPECT(MNSEC_E_INTEGRITY_RECORD,
           mnsec_record_list(F->session, &kaigo, NULL, count_subjects, &count));
}

Test(scenario_record, is_refused_when_a_bit_of_its_value_was_changed)
{
    const mnsec_id record = registered();

    tamper("UPDATE value SET outer = " SPOILED("outer", "40", "41", "42"));

    char number[MNSEC_NUMBER_TEXT_BYTES];
    EXPECT(MNSEC_E_INTEGRITY_RECORD, show(&record, number));
}

Test(scenario_record, is_refused_when_its_directory_was_changed)
{
    registered();

    tamper("UPDATE record SET directory = " SPOILED("directory", "40", "41", "42"));

    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    size_t count = 0;
    EXPECT(MNSEC_E_INTEGRITY_RECORD,
           mnsec_record_list(F->session, &kaigo, NULL, count_subjects, &count));
}

Test(scenario_record, is_refused_with_the_value_of_another)
{
    const mnsec_id record = registered();
    facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER);

    tamper("CREATE TEMP TABLE o AS SELECT record, outer, tag FROM value; UPDATE value SET "
           "outer = (SELECT o.outer FROM o WHERE o.record <> value.record), "
           "tag = (SELECT o.tag FROM o WHERE o.record <> value.record)");

    char number[MNSEC_NUMBER_TEXT_BYTES];
    EXPECT(MNSEC_E_INTEGRITY_RECORD, show(&record, number));
}

Test(scenario_record, is_not_shown_for_a_document_it_was_not_taken_for)
{
    const mnsec_id record = registered();
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";

    EXPECT(MNSEC_E_DENIED,
           mnsec_record_show(F->session, &record, "雇用保険の届出", "EI_MEM", number));

    cr_expect_str_eq(number, "");
    EXPECT_LINE("record.show", "\"out\":4");
    EXPECT_BODY("record.show", "\"reason\":\"other-purpose\"");
}
