/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoint texts and notes. Vectors: the example of C2SP tlog-checkpoint, and the notes with
 * ECDSA signatures of two public logs (Sigstore Rekor, Pixel 6) in the tests of
 * transparency-dev/formats.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/base64.h"
#include "tlog/tlog.h"

static const char example[] = "example.com/behind-the-sofa\n"
                              "20852163\n"
                              "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

typedef struct log_case {
    char name[32];
    char key_id[9];
    char spki[128]; /* base64 */
    char text[96];
    char signature[128]; /* base64, key id in front */
} log_case;

static log_case logs[] = {
    {"rekor.sigstore.dev", "c0d23d6a",
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8"
     "Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
     "Rekor\n798034\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n",
     "wNI9ajBEAiARInWIWyCdyG27CO6LPnPekyw20qO0YJfoaPaowGp/XgIgc+qEHS3+GKVClgqq20uDLet7MCoTURUCRdxw"
     "WBHHufk="},
    {"pixel6_transparency_log", "91c16e30",
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE37jHQmTXJPC8sUj0Dg0N0ZlxfRqJZV1YzlclXLQzhVYPcC/JblDoez0D"
     "SZwOSlShiCf4oo83MULQfec3erolDw==",
     "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n",
     "kcFuMDBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/+g5O1FmYj"
     "Xl06owL4"},
};

#define LOGS (sizeof(logs) / sizeof(logs[0]))

typedef struct text_case {
    char text[320];
} text_case;

static mn_bytes bytes_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

static void read_base64(const char *text, mn_buf *out_bytes)
{
    cr_assert_eq(mn_base64_read(bytes_of(text), out_bytes), MNSEC_OK);
}

/* The note of one of the two logs, as it was published. */
static void published_note(const log_case *c, mn_buf *out_note)
{
    cr_assert_eq(mn_buf_printf(out_note, "%s\n\u2014 %s %s\n", c->text, c->name, c->signature),
                 MNSEC_OK);
}

Test(tlog_checkpoint, is_read_as_c2sp_writes_it)
{
    mn_tlog_checkpoint checkpoint;
    MN_AUTO(mn_buf) root = {0};
    read_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", &root);

    cr_assert_eq(mn_tlog_checkpoint_parse(bytes_of(example), &checkpoint), MNSEC_OK);

    cr_expect_str_eq(checkpoint.origin, "example.com/behind-the-sofa");
    cr_expect_eq(checkpoint.tree_size, 20852163);
    cr_expect_arr_eq(checkpoint.root.bytes, root.bytes, 32);
}

Test(tlog_checkpoint, is_written_as_it_was_read)
{
    mn_tlog_checkpoint checkpoint;
    MN_AUTO(mn_buf) text = {0};
    cr_assert_eq(mn_tlog_checkpoint_parse(bytes_of(example), &checkpoint), MNSEC_OK);

    cr_assert_eq(mn_tlog_checkpoint_format(&checkpoint, &text), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&text), example);
}

Test(tlog_checkpoint, cut_anywhere_is_refused)
{
    for (size_t len = 0; len < sizeof(example) - 1; len++) {
        mn_tlog_checkpoint checkpoint = {.tree_size = 42};
        cr_expect_eq(mn_tlog_checkpoint_parse(mn_bytes_of(example, len), &checkpoint),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
        cr_expect_eq(checkpoint.tree_size, 42);
    }
}

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

ParameterizedTestParameters(tlog_checkpoint, of_another_form_is_refused)
{
    static text_case cases[] = {
        {"mnsec/a\n1\n" ROOT "extension\n"},
        {"mnsec/a\n1\n" ROOT "\n"},
        {"mnsec/a\r\n1\n" ROOT},
        {"\n1\n" ROOT},
        {"{mnsec\n1\n" ROOT}, /* these two begin other signed things */
        {"1mnsec\n1\n" ROOT},
        {"mnsec a\n1\n" ROOT}, /* no key name of a note */
        {"mnsec+a\n1\n" ROOT},
        {"苑\n1\n" ROOT},
        {"mnsec/a\n01\n" ROOT},
        {"mnsec/a\n+1\n" ROOT},
        {"mnsec/a\n-1\n" ROOT},
        {"mnsec/a\n1 \n" ROOT},
        {"mnsec/a\n\n" ROOT},
        {"mnsec/a\n0x1\n" ROOT},
        {"mnsec/a\n9007199254740992\n" ROOT}, /* 2^53 */
        {"mnsec/a\n18446744073709551617\n" ROOT},
        {"mnsec/a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n"},
        {"mnsec/a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n"},
        {"mnsec/a\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n"},
        {"mnsec/a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n"},
        {"mnsec/a\n1\n\n"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, tlog_checkpoint, of_another_form_is_refused)
{
    mn_tlog_checkpoint checkpoint;

    cr_expect_eq(mn_tlog_checkpoint_parse(bytes_of(c->text), &checkpoint), MNSEC_E_USAGE_FORMAT,
                 "%s", c->text);
}

Test(tlog_checkpoint, with_a_nul_in_its_origin_is_refused)
{
    static const char text[] = "mnsec\0a\n1\n" ROOT;
    mn_tlog_checkpoint checkpoint;

    cr_expect_eq(mn_tlog_checkpoint_parse(mn_bytes_of(text, sizeof(text) - 1), &checkpoint),
                 MNSEC_E_USAGE_FORMAT);
}

ParameterizedTestParameters(tlog_checkpoint, of_the_smallest_and_largest_size_is_read)
{
    static text_case cases[] = {{"mnsec/a\n0\n" ROOT}, {"mnsec/a\n9007199254740991\n" ROOT}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, tlog_checkpoint, of_the_smallest_and_largest_size_is_read)
{
    mn_tlog_checkpoint checkpoint;
    MN_AUTO(mn_buf) text = {0};

    cr_assert_eq(mn_tlog_checkpoint_parse(bytes_of(c->text), &checkpoint), MNSEC_OK);
    cr_assert_eq(mn_tlog_checkpoint_format(&checkpoint, &text), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&text), c->text);
}

Test(tlog_checkpoint, has_an_origin_of_bounded_length)
{
    char origin[MN_TLOG_ORIGIN_MAX_BYTES + 2];
    memset(origin, 'm', sizeof(origin));
    origin[MN_TLOG_ORIGIN_MAX_BYTES + 1] = '\0';

    cr_expect_not(mn_tlog_checkpoint_origin_is_valid(origin));
    origin[MN_TLOG_ORIGIN_MAX_BYTES] = '\0';
    cr_expect(mn_tlog_checkpoint_origin_is_valid(origin));
}

Test(tlog_checkpoint, is_not_written_with_an_origin_that_cannot_be_read)
{
    const mn_tlog_checkpoint checkpoint = {.origin = "two\nlines"};
    const mn_tlog_checkpoint too_large = {.origin = "m", .tree_size = MN_TLOG_MAX_SIZE + 1};
    MN_AUTO(mn_buf) text = {0};

    cr_expect_eq(mn_tlog_checkpoint_format(&checkpoint, &text), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_tlog_checkpoint_format(&too_large, &text), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(text.len, 0);
}

ParameterizedTestParameters(tlog_checkpoint, note_of_a_public_log_is_written_alike)
{
    return cr_make_param_array(log_case, logs, LOGS);
}

ParameterizedTest(const log_case *c, tlog_checkpoint, note_of_a_public_log_is_written_alike)
{
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};
    MN_AUTO(mn_buf) note = {0};
    published_note(c, &expected);
    read_base64(c->spki, &spki);
    read_base64(c->signature, &signature);

    cr_assert_eq(mn_tlog_checkpoint_note(bytes_of(c->text), c->name, mn_buf_view(&spki),
                                         mn_bytes_of(signature.bytes + 4, signature.len - 4),
                                         &note),
                 MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&note), mn_buf_text(&expected));
}

ParameterizedTestParameters(tlog_checkpoint, note_of_a_public_log_is_read)
{
    return cr_make_param_array(log_case, logs, LOGS);
}

ParameterizedTest(const log_case *c, tlog_checkpoint, note_of_a_public_log_is_read)
{
    MN_AUTO(mn_buf) note = {0};
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) signature = {0};
    mn_bytes text;
    mn_tlog_checkpoint checkpoint;
    published_note(c, &note);
    read_base64(c->spki, &spki);
    read_base64(c->signature, &expected);

    cr_assert_eq(mn_tlog_checkpoint_note_parse(mn_buf_view(&note), c->name, mn_buf_view(&spki),
                                               &text, &signature),
                 MNSEC_OK);

    cr_assert_eq(signature.len, expected.len - 4);
    cr_expect_arr_eq(signature.bytes, expected.bytes + 4, signature.len);
    cr_expect_eq(text.len, strlen(c->text));
    cr_expect_eq(text.bytes, note.bytes);
    cr_expect_eq(mn_tlog_checkpoint_parse(text, &checkpoint), MNSEC_OK);
}

ParameterizedTestParameters(tlog_checkpoint, verifier_key_of_a_public_log_is_written_alike)
{
    return cr_make_param_array(log_case, logs, LOGS);
}

ParameterizedTest(const log_case *c, tlog_checkpoint, verifier_key_of_a_public_log_is_written_alike)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) key = {0};
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) vkey = {0};
    read_base64(c->spki, &spki);
    cr_assert_eq(mn_buf_append(&key, "\x02", 1), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&key, spki.bytes, spki.len), MNSEC_OK);
    cr_assert_eq(mn_buf_printf(&expected, "%s+%s+", c->name, c->key_id), MNSEC_OK);
    cr_assert_eq(mn_base64_append(&expected, key.bytes, key.len), MNSEC_OK);

    cr_assert_eq(mn_tlog_checkpoint_vkey(c->name, mn_buf_view(&spki), &vkey), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&vkey), mn_buf_text(&expected));
}

static mnsec_status read_note(mn_bytes note, const char *name, const log_case *key)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};
    mn_bytes text;
    read_base64(key->spki, &spki);
    return mn_tlog_checkpoint_note_parse(note, name, mn_buf_view(&spki), &text, &signature);
}

Test(tlog_checkpoint, note_cut_anywhere_is_refused)
{
    MN_AUTO(mn_buf) note = {0};
    published_note(&logs[0], &note);

    for (size_t len = 0; len < note.len; len++) {
        cr_expect_eq(read_note(mn_bytes_of(note.bytes, len), logs[0].name, &logs[0]),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

Test(tlog_checkpoint, note_by_another_key_or_name_is_not_found)
{
    MN_AUTO(mn_buf) note = {0};
    published_note(&logs[0], &note);

    cr_expect_eq(read_note(mn_buf_view(&note), logs[0].name, &logs[1]), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(read_note(mn_buf_view(&note), "rekor", &logs[0]), MNSEC_E_STATE_NOT_FOUND);
}

Test(tlog_checkpoint, note_with_a_witness_beside_is_read)
{
    MN_AUTO(mn_buf) note = {0};
    cr_assert_eq(mn_buf_printf(&note, "%s\n\u2014 %s %s\n\u2014 %s %s\n", logs[0].text,
                               logs[1].name, logs[1].signature, logs[0].name, logs[0].signature),
                 MNSEC_OK);

    cr_expect_eq(read_note(mn_buf_view(&note), logs[0].name, &logs[0]), MNSEC_OK);
    cr_expect_eq(read_note(mn_buf_view(&note), logs[1].name, &logs[1]), MNSEC_OK);
}

ParameterizedTestParameters(tlog_checkpoint, note_of_another_form_is_refused)
{
    static text_case cases[] = {
        {"text\n\n"},                             /* no signature */
        {"text\n\u2014 name wNI9ajBE\n"},         /* no empty line */
        {"text\n\n- name wNI9ajBE\n"},            /* another dash */
        {"text\n\n\u2014 name wNI9ag==\n"},       /* key id without signature */
        {"text\n\n\u2014 name wNI9\n"},           /* shorter than a key id */
        {"text\n\n\u2014 name \n"},               /* nothing */
        {"text\n\n\u2014  wNI9ajBE\n"},           /* no name */
        {"text\n\n\u2014 wNI9ajBE\n"},            /* one word only */
        {"text\n\n\u2014 name wNI9ajBE \n"},      /* a space behind */
        {"text\n\n\u2014 name wNI9ajBE\n\n"},     /* an empty line behind */
        {"text\n\n\u2014 name wNI9ajBE\nmore\n"}, /* something else behind */
        {"te\txt\n\n\u2014 name wNI9ajBE\n"},
        {"te\rxt\n\n\u2014 name wNI9ajBE\n"},
        {"te\xFFxt\n\n\u2014 name wNI9ajBE\n"},
        {"\n\u2014 name wNI9ajBE\n"}, /* no text */
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, tlog_checkpoint, note_of_another_form_is_refused)
{
    cr_expect_eq(read_note(bytes_of(c->text), "name", &logs[0]), MNSEC_E_USAGE_FORMAT, "%s",
                 c->text);
}

ParameterizedTestParameters(tlog_checkpoint, note_is_not_written_over)
{
    static text_case cases[] = {{""}, {"no line end"}, {"a\tb\n"}, {"a\x01\n"}, {"\xFF\n"}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, tlog_checkpoint, note_is_not_written_over)
{
    MN_AUTO(mn_buf) note = {0};

    cr_expect_eq(mn_tlog_checkpoint_note(bytes_of(c->text), "name", bytes_of("key"),
                                         bytes_of("signature"), &note),
                 MNSEC_E_USAGE_FORMAT);
}

Test(tlog_checkpoint, note_is_not_written_without_name_or_signature)
{
    MN_AUTO(mn_buf) note = {0};

    cr_expect_eq(mn_tlog_checkpoint_note(bytes_of("text\n"), "a name", bytes_of("key"),
                                         bytes_of("signature"), &note),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(
        mn_tlog_checkpoint_note(bytes_of("text\n"), "name", bytes_of("key"), bytes_of(""), &note),
        MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_tlog_checkpoint_vkey("a+name", bytes_of("key"), &note), MNSEC_E_USAGE_FORMAT);
}
