/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When an export is made, and when not: then nothing is left of it. That an outsider can verify
 * what was made is for tests/interop/check_export.sh to show.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit_log.h"
#include "base/config.h"
#include "base/encode.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"
#include "policy/document.h"
#include "scratch.h"

TestSuite(audit_export, .init = log_fixture_make, .fini = log_fixture_remove);

/* What a test may change before it exports. */
typedef struct wanted {
    uint8_t founding_hash[32];
    mn_buf attestation;
    mn_audit_export_options options;
} wanted;

static void wanted_wipe(wanted *w)
{
    mn_buf_wipe(&w->attestation);
}

static void prepare(wanted *w)
{
    char *line = log_line(MN_TABLE_LOG_ENTRY, 0);
    mn_hash_bytes(mn_bytes_of(line, strcspn(line, "\t")), w->founding_hash);
    free(line);
    cr_assert_eq(mn_encode_begin(&w->attestation, "mnsec/key-attributes/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&w->attestation, 0), MNSEC_OK);
    w->options = (mn_audit_export_options){
        .directory = scratch_path("export"),
        .signer = &the_log.signer,
        .founding_hash = w->founding_hash,
        .pin_certificate = mn_buf_view(&the_log.audit_certificate),
        .attestation = mn_buf_view(&w->attestation),
        .facility_name = "ひまわり苑",
    };
}

/* A log of some entries with a checkpoint. */
static void fill(void)
{
    log_fill(5);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
}

static mnsec_status export_as(const wanted *w)
{
    mn_error_clear(&the_log.err);
    return mn_audit_export(the_log.audit, &w->options);
}

/* Nothing of an export, and nothing beside it. */
static void expect_nothing(void)
{
    cr_expect_neq(access(scratch_path("export"), F_OK), 0);
    cr_expect_leq(scratch_count(), 3, "store, its WAL and its index");
}

static void read_file(const char *name, mn_buf *out_text)
{
    MN_AUTO(mn_buf) path = {0};
    cr_assert_eq(mn_buf_printf(&path, "export/%s", name), MNSEC_OK);
    cr_assert_eq(
        mn_config_read_file(scratch_path(mn_buf_text(&path)), 1U << 20, &the_log.err, out_text),
        MNSEC_OK, "%s", name);
}

Test(audit_export, holds_every_line_up_to_the_checkpoint)
{
    fill();
    log_login(); /* after the checkpoint: of the next export */
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) found = {0};
    prepare(&w);

    cr_assert_eq(export_as(&w), MNSEC_OK, "%s", the_log.err.text);

    for (uint64_t i = 0; i < 7; i++) {
        char *line = log_line(MN_TABLE_LOG_ENTRY, i);
        cr_assert_eq(mn_buf_printf(&expected, "%s\n", line), MNSEC_OK);
        free(line);
    }
    read_file("log/000000.tsv", &found);
    cr_expect_str_eq(mn_buf_text(&found), mn_buf_text(&expected));
}

Test(audit_export, begins_its_readme_with_the_founding_slip)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    MN_AUTO(mn_buf) readme = {0};
    MN_AUTO(mn_buf) founding = {0};
    prepare(&w);
    cr_assert_eq(export_as(&w), MNSEC_OK, "%s", the_log.err.text);

    read_file("README.txt", &readme);
    read_file("founding.txt", &founding);

    const char *place = mn_buf_text(&readme);
    for (char *value = strtok((char *)founding.bytes, "\n"); value; value = strtok(NULL, "\n")) {
        place = strstr(place, value);
        cr_assert_not_null(place, "%s is not in its place", value);
    }
    cr_expect_null(strstr(mn_buf_text(&readme), "@ORIGIN@"));
    cr_expect_null(strstr(mn_buf_text(&readme), "@TIME@"));
    cr_expect_not_null(strstr(mn_buf_text(&readme), "ひまわり苑"));
}

Test(audit_export, explains_every_event_and_document_kind)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    MN_AUTO(mn_buf) readme = {0};
    prepare(&w);
    cr_assert_eq(export_as(&w), MNSEC_OK, "%s", the_log.err.text);

    read_file("README.txt", &readme);

    for (int action = MN_ACTION_NONE + 1; action < MN_ACTION_COUNT; action++) {
        MN_AUTO(mn_buf) start = {0};
        cr_assert_eq(mn_buf_printf(&start, "\n  %s ", mn_action_event((mn_action)action)),
                     MNSEC_OK);
        cr_expect_not_null(strstr(mn_buf_text(&readme), mn_buf_text(&start)), "%s",
                           mn_action_event((mn_action)action));
    }
    for (size_t n = 0; n < mn_document_count(); n++) {
        cr_expect_not_null(strstr(mn_buf_text(&readme), mn_document_at(n)->name));
    }
}

Test(audit_export, is_not_made_where_something_is)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    cr_assert_eq(export_as(&w), MNSEC_OK);

    cr_expect_eq(export_as(&w), MNSEC_E_STATE_CONFLICT);
}

Test(audit_export, is_not_made_without_a_checkpoint)
{
    log_fill(1);
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);

    cr_expect_eq(export_as(&w), MNSEC_E_STATE_NOT_FOUND);
    expect_nothing();
}

static int cancel(void *user, const char *step, uint64_t done, uint64_t total)
{
    (void)step;
    (void)done;
    *(uint64_t *)user = total;
    return 1;
}

Test(audit_export, can_be_cancelled)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    uint64_t total = 0;
    prepare(&w);
    w.options.progress = cancel;
    w.options.progress_user = &total;

    cr_expect_eq(export_as(&w), MNSEC_E_STATE_CANCELLED);

    cr_expect_eq(total, 7);
    expect_nothing();
}

Test(audit_export, is_not_made_when_the_token_does_not_sign)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    the_log.audit_key.damage = 1;

    cr_expect_neq(export_as(&w), MNSEC_OK);
    expect_nothing();
}

Test(audit_export, is_not_made_of_another_founding)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    w.founding_hash[0] ^= 1;

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_LOG);
    expect_nothing();
}

Test(audit_export, is_not_made_under_another_audit_key)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    const mn_audit_signer other = {.signer = the_log.card.signer,
                                   .certificate = mn_buf_view(&the_log.card_certificate)};
    w.options.signer = &other;

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_LOG);
    expect_nothing();
}

Test(audit_export, is_not_made_with_a_malformed_attestation)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    w.options.attestation.len--;

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_AUTHORITY);
    expect_nothing();
}

typedef struct table_case {
    mn_store_table_id table;
} table_case;

static table_case tables[] = {{MN_TABLE_LOG_ENTRY}, {MN_TABLE_LOG_BODY}, {MN_TABLE_LOG_SIG}};

ParameterizedTestParameters(audit_export, is_not_made_of_a_log_with_a_row_lost)
{
    return cr_make_param_array(table_case, tables, sizeof(tables) / sizeof(tables[0]));
}

ParameterizedTest(const table_case *c, audit_export, is_not_made_of_a_log_with_a_row_lost)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    log_forge(c->table, 3, NULL);

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_LOG);
    cr_expect_not_null(strstr(the_log.err.text, "entry 3"), "%s", the_log.err.text);
    expect_nothing();
}

ParameterizedTestParameters(audit_export, is_not_made_of_a_log_with_a_row_altered)
{
    return cr_make_param_array(table_case, tables, sizeof(tables) / sizeof(tables[0]));
}

ParameterizedTest(const table_case *c, audit_export, is_not_made_of_a_log_with_a_row_altered)
{
    fill();
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);
    char *line = log_line(c->table, 3);
    line[strlen(line) - 2] ^= 1;
    log_forge(c->table, 3, line);
    free(line);

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_LOG);
    expect_nothing();
}

/* Entry of a log-in whose body says what append would have refused, made to fit all the same. */
static void forge_number(void)
{
    static const char body[] =
        "{\"d\":{\"reason\":\"123456789018\"},\"salt\":\"AAECAwQFBgcICQoLDA0ODw\"}";
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_buf) statement = {0};
    mn_audit_statement parsed;
    uint64_t index = 0;
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_ATTEMPT, .auth = MN_AUDIT_AUTH_NONE};
    cr_assert_eq(mn_audit_prepare(the_log.audit, &draft, &entry), MNSEC_OK);
    mn_buf_reset(&entry.body);
    cr_assert_eq(mn_buf_append_text(&entry.body, body), MNSEC_OK);
    cr_assert_eq(mn_audit_line_statement_read(mn_buf_view(&entry.statement), &parsed), MNSEC_OK);
    mn_hash_bytes(mn_buf_view(&entry.body), parsed.bh);
    cr_assert_eq(mn_audit_line_statement_write(&parsed, &statement), MNSEC_OK);
    mn_buf_move(&entry.statement, &statement);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_audit_append(the_log.audit, &txn, &entry, NULL, 0, &index), MNSEC_OK);
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    mn_audit_settle(the_log.audit, true);
}

Test(audit_export, lets_no_number_out)
{
    log_fill(1);
    forge_number();
    cr_assert_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
    MN_AUTO(wanted) w = {.founding_hash = {0}};
    prepare(&w);

    cr_expect_eq(export_as(&w), MNSEC_E_INTEGRITY_LOG);

    cr_expect_not_null(strstr(the_log.err.text, "looks like a number"), "%s", the_log.err.text);
    expect_nothing();
}
