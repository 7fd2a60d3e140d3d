/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-verify: verify an export, offline. It has exit codes of its own, because "not enough
 * evidence" is neither success nor failure: 0 the required level is reached, 1 proven bad, 2 usage,
 * 3 not enough evidence. Needs no facility, no card, no log-in.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "exit.h"
#include "mnsec/verify.h"
#include "print.h"
#include "progress.h"
#include "words.h"

enum { EXIT_REACHED = 0, EXIT_REFUTED = 1, EXIT_USAGE = 2, EXIT_INSUFFICIENT = 3 };

#define HEX_BYTES 65

static const cli_option options[] = {
    {"pin", "CERT", NULL,
     N_("the facility's pin or audit certificate, from a trusted source; PEM or DER")},
    {"remember", "FILE", NULL, N_("the checkpoint seen last time; kept up to date")},
    {"require", "LEVEL", NULL,
     N_("INTACT, SIGNED, ATTESTED, ANCHORED or CONTINUOUS; else ATTESTED")},
    {"all", NULL, NULL, N_("every card signature, not only the last of each card")},
    {0},
};

static const struct {
    mnsec_bundle_level level;
    const char *name;
    const char *meaning;
} levels[] = {
    {MNSEC_BUNDLE_INTACT, "INTACT", N_("nothing was changed, left out or put in")},
    {MNSEC_BUNDLE_SIGNED, "SIGNED", N_("signed by the facility's audit key")},
    {MNSEC_BUNDLE_ATTESTED, "ATTESTED", N_("the people's cards vouch for the history")},
    {MNSEC_BUNDLE_ANCHORED, "ANCHORED", N_("confirmed by an outside operator")},
    {MNSEC_BUNDLE_CONTINUOUS, "CONTINUOUS", N_("continues what was seen last time")},
};

static const struct {
    mnsec_bundle_skip skip;
    const char *code;
    const char *text;
} skips[] = {
    {MNSEC_BUNDLE_SKIP_PIN, "pin",
     N_("whether this is your facility: compare the founding hash with the founding slip, or give "
        "--pin")},
    {MNSEC_BUNDLE_SKIP_SIGNATURES, "signatures", N_("earlier card signatures: give --all")},
    {MNSEC_BUNDLE_SKIP_BODIES, "bodies", N_("details of entries that the export withholds")},
    {MNSEC_BUNDLE_SKIP_WITHHELD, "withheld", N_("signatures that the export withholds")},
    {MNSEC_BUNDLE_SKIP_ANCHOR, "anchor", N_("an outside operator: the export holds no anchor")},
    {MNSEC_BUNDLE_SKIP_REMEMBER, "remember",
     N_("whether it continues an earlier export: give --remember, now and next time")},
    {MNSEC_BUNDLE_SKIP_REST, "rest", N_("what comes after the first bad entry")},
};

static const char *const weights[] = {
    [MNSEC_BUNDLE_NOTE] = N_("note"),
    [MNSEC_BUNDLE_MISSING] = N_("missing"),
    [MNSEC_BUNDLE_BAD] = N_("bad"),
};

static const struct {
    const char *code;
    const char *text;
    int exit_code;
} verdicts[] = {
    [MNSEC_BUNDLE_INSUFFICIENT] = {"insufficient",
                                   N_("not enough evidence: the level asked for is not reached"),
                                   EXIT_INSUFFICIENT},
    [MNSEC_BUNDLE_REACHED] = {"reached", N_("good: the level asked for is reached"), EXIT_REACHED},
    [MNSEC_BUNDLE_REFUTED] = {"refuted", N_("BAD: the export is not what it claims to be"),
                              EXIT_REFUTED},
};

static const print_column finding_columns[] = {
    {"weight", N_("WEIGHT"), PRINT_WORD},  {"level", N_("LEVEL"), PRINT_TEXT},
    {"entry", N_("ENTRY"), PRINT_COUNT},   {"file", N_("FILE"), PRINT_TEXT},
    {"text", N_("FINDING"), PRINT_PHRASE}, {"code", N_("CODE"), PRINT_HIDDEN},
};

static const print_column level_columns[] = {
    {"level", N_("LEVEL"), PRINT_TEXT},
    {"state", N_("STATE"), PRINT_WORD},
    {"meaning", N_("MEANING"), PRINT_PHRASE},
};

static const print_column summary_columns[] = {
    {"verdict", N_("VERDICT"), PRINT_WORD},
    {"origin", N_("LOG"), PRINT_TEXT},
    {"founding_hash", N_("FOUNDING HASH"), PRINT_TEXT},
    {"audit_fingerprint", N_("AUDIT CERTIFICATE"), PRINT_TEXT},
    {"tree_size", N_("ENTRIES"), PRINT_COUNT},
    {"proven", N_("OF THESE PROVEN"), PRINT_COUNT},
    {"attested", N_("OF THESE ATTESTED"), PRINT_COUNT},
    {"first_bad", N_("FIRST BAD ENTRY"), PRINT_COUNT},
};

/* What is told while verifying. */
typedef struct report {
    print_table findings;
    unsigned bad; /* levels with a bad finding */
    mnsec_status failed;
} report;

static void report_wipe(report *r)
{
    print_table_wipe(&r->findings);
}

static const char *level_name(mnsec_bundle_level level)
{
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (levels[i].level == level) {
            return levels[i].name;
        }
    }
    return "-";
}

static json_t *entry_or_null(uint64_t entry)
{
    return entry == MNSEC_BUNDLE_NO_ENTRY ? json_null() : json_integer((json_int_t)entry);
}

static int see(void *user, const mnsec_bundle_finding *finding)
{
    report *r = user;
    if (finding->weight == MNSEC_BUNDLE_BAD) {
        r->bad |= finding->level;
    }
    r->failed = print_table_add(
        &r->findings,
        json_pack("{s:s,s:s,s:o,s:s?,s:s,s:s}", "weight", weights[finding->weight], "level",
                  level_name(finding->level), "entry", entry_or_null(finding->entry), "file",
                  finding->file, "text", finding->text, "code", finding->code));
    return r->failed != MNSEC_OK;
}

static void to_hex(const uint8_t digest[32], char out_text[HEX_BYTES])
{
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(out_text + 2 * i, 3, "%02x", digest[i]);
    }
}

/* --- for people ---------------------------------------------------------------------------------
 */

static const char *state_of(const report *r, const mnsec_bundle_result *result, size_t i)
{
    const unsigned level = levels[i].level;
    if ((result->reached & level) != 0) {
        return N_("reached");
    }
    if ((r->bad & level) != 0) {
        return N_("bad");
    }
    const bool is_skipped =
        (level == MNSEC_BUNDLE_ANCHORED && (result->skipped & MNSEC_BUNDLE_SKIP_ANCHOR) != 0) ||
        (level == MNSEC_BUNDLE_CONTINUOUS && (result->skipped & MNSEC_BUNDLE_SKIP_REMEMBER) != 0);
    return is_skipped ? N_("not checked") : N_("not reached");
}

static mnsec_status print_summary(const mnsec_bundle_result *result)
{
    MN_AUTO(print_table) summary = {0};
    char founding[HEX_BYTES];
    char audit[HEX_BYTES];
    to_hex(result->founding_hash, founding);
    to_hex(result->audit_fingerprint, audit);
    MN_TRY(print_table_init(&summary, summary_columns, COUNT_OF(summary_columns)));
    MN_TRY(print_table_add(
        &summary,
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:o}", "verdict", verdicts[result->verdict].text,
                  "origin", result->origin, "founding_hash", founding, "audit_fingerprint", audit,
                  "tree_size", (json_int_t)result->tree_size, "proven", (json_int_t)result->proven,
                  "attested", (json_int_t)result->attested, "first_bad",
                  entry_or_null(result->first_bad))));
    return print_table_show(&summary, false);
}

static mnsec_status print_levels(const report *r, const mnsec_bundle_result *result)
{
    MN_AUTO(print_table) table = {0};
    MN_TRY(print_table_init(&table, level_columns, COUNT_OF(level_columns)));
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        MN_TRY(print_table_add(&table,
                               json_pack("{s:s,s:s,s:s}", "level", levels[i].name, "state",
                                         state_of(r, result, i), "meaning", levels[i].meaning)));
    }
    putchar('\n');
    return print_table_list(&table, false);
}

static void print_skipped(const mnsec_bundle_result *result)
{
    unsigned told = result->skipped;
    if (result->first_contact != 0) {
        told &= ~(unsigned)MNSEC_BUNDLE_SKIP_REMEMBER; /* it was given, and is told by itself */
    }
    printf("\n%s\n", _("Not checked:"));
    for (size_t i = 0; i < COUNT_OF(skips); i++) {
        if ((told & skips[i].skip) != 0) {
            printf("- %s\n", _(skips[i].text));
        }
    }
}

static mnsec_status print_for_people(const report *r, const mnsec_bundle_result *result)
{
    MN_TRY(print_summary(result));
    MN_TRY(print_levels(r, result));
    if (print_table_rows(&r->findings) > 0) {
        putchar('\n');
        MN_TRY(print_table_list(&r->findings, false));
    }
    print_skipped(result);
    if (result->first_contact != 0) {
        printf("\n%s\n", _("First contact: there was no remembered checkpoint yet."));
    }
    return MNSEC_OK;
}

/* --- for programs -------------------------------------------------------------------------------
 */

/* A NULL out of these is found when all is packed. */
static json_t *names_of_levels(unsigned bits)
{
    json_t *names = json_array();
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if ((bits & levels[i].level) != 0) {
            (void)json_array_append_new(names, json_string(levels[i].name));
        }
    }
    return names;
}

static json_t *codes_of_skips(unsigned bits)
{
    json_t *codes = json_array();
    for (size_t i = 0; i < COUNT_OF(skips); i++) {
        if ((bits & skips[i].skip) != 0) {
            (void)json_array_append_new(codes, json_string(skips[i].code));
        }
    }
    return codes;
}

static json_t *counts_of(const mnsec_bundle_result *result)
{
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {
        {"tree_size", result->tree_size},
        {"entries", result->entries},
        {"proven", result->proven},
        {"attested", result->attested},
        {"sessions", result->sessions},
        {"signatures", result->signatures},
        {"signatures_verified", result->signatures_verified},
        {"signatures_withheld", result->signatures_withheld},
        {"bodies", result->bodies},
        {"bodies_withheld", result->bodies_withheld},
        {"authority", result->authority},
        {"unattested", result->unattested},
        {"remembered_size", result->remembered_size},
    };
    json_t *object = json_object();
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        (void)json_object_set_new(object, counts[i].key, json_integer((json_int_t)counts[i].value));
    }
    return object;
}

static mnsec_status print_for_programs(const report *r, const mnsec_bundle_result *result,
                                       mnsec_bundle_level required)
{
    char founding[HEX_BYTES];
    char audit[HEX_BYTES];
    char root[HEX_BYTES];
    to_hex(result->founding_hash, founding);
    to_hex(result->audit_fingerprint, audit);
    to_hex(result->root, root);
    json_t *object = json_pack(
        "{s:s,s:s,s:o,s:o,s:s,s:s,s:s,s:s,s:o,s:b,s:o,s:o}", "verdict",
        verdicts[result->verdict].code, "required", level_name(required), "reached",
        names_of_levels(result->reached), "skipped", codes_of_skips(result->skipped), "origin",
        result->origin, "founding_hash", founding, "audit_fingerprint", audit, "root", root,
        "first_bad", entry_or_null(result->first_bad), "first_contact", result->first_contact,
        "counts", counts_of(result), "findings", print_table_json(&r->findings));
    const mnsec_status status = print_json(object);
    json_decref(object);
    return status;
}

/* --- the command --------------------------------------------------------------------------------
 */

static mnsec_status read_level(const cli_command *command, mnsec_bundle_level *out_level)
{
    const char *name = cli_get(command, "require");
    if (name == NULL) {
        *out_level = MNSEC_BUNDLE_ATTESTED;
        return MNSEC_OK;
    }
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (strcasecmp(levels[i].name, name) == 0) {
            *out_level = levels[i].level;
            return MNSEC_OK;
        }
    }
    return cli_refuse(command,
                      _("--require wants INTACT, SIGNED, ATTESTED, ANCHORED or CONTINUOUS"));
}

/* There is no verdict. What was asked for cannot be read: usage; else evidence that is missing. */
static int report_failure(mnsec_status status)
{
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        exit_say("%s", _("there is no such export, or no such pinned certificate"));
        return EXIT_USAGE;
    }
    if (status == MNSEC_E_USAGE_FORMAT) {
        exit_say("%s", _("the pinned certificate or the remembered checkpoint is malformed"));
        return EXIT_USAGE;
    }
    (void)exit_report(status, NULL);
    return mnsec_status_class(status) == MNSEC_CLASS_USAGE ? EXIT_USAGE : EXIT_INSUFFICIENT;
}

static mnsec_status verify(const cli_command *command, mnsec_bundle_verdict *out_verdict)
{
    MN_AUTO(report) r = {0};
    mnsec_bundle_result result = {0};
    mnsec_bundle_options wanted = MNSEC_BUNDLE_OPTIONS_INIT;
    wanted.directory = cli_operand(command, 0);
    wanted.pin = cli_get(command, "pin");
    wanted.remember = cli_get(command, "remember");
    wanted.check_all = cli_has(command, "all");
    wanted.finding = see;
    wanted.finding_user = &r;
    wanted.progress = progress_tell;
    MN_TRY(read_level(command, &wanted.required));
    MN_TRY(print_table_init(&r.findings, finding_columns, COUNT_OF(finding_columns)));
    const mnsec_status status = mnsec_bundle_verify(&wanted, &result);
    progress_clear();
    MN_TRY(r.failed);
    MN_TRY(status);
    MN_TRY(cli_has(command, "json") ? print_for_programs(&r, &result, wanted.required)
                                    : print_for_people(&r, &result));
    *out_verdict = result.verdict;
    return MNSEC_OK;
}

static int run_verify(const cli_command *command)
{
    mnsec_bundle_verdict verdict = MNSEC_BUNDLE_INSUFFICIENT;
    const mnsec_status status = verify(command, &verdict);
    return status == MNSEC_OK ? verdicts[verdict].exit_code : report_failure(status);
}

static const cli_verb verbs[] = {
    {"", "DIR", N_("verify an export"), .plain = run_verify},
    {0},
};

const cli_tool mncard_verify = {
    .name = "mncard-verify",
    .summary = N_("verify an export of the log, offline"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_JSON,
};
