/* SPDX-License-Identifier: Apache-2.0 */
/* The workstation's configuration: written and read back, and every way in which it is refused. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "api/api_workstation.h"
#include "base/config.h"
#include "scratch.h"

#define FACILITY "aaaqeayeaudaocajbifqydiob4"
#define STATION  "caireeyuculbogazdinryhi6d4"
#define HASH     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const char whole[] = "facility = " FACILITY "\nworkstation = " STATION "\nfounding = " HASH
                            "\ntoken = pkcs11:token=x?module-path=/lib/t.so\n"
                            "card_module = /lib/c.so\nhead_file = /var/lib/head\n";

static mnsec_status read_text(const char *text, mn_error *err, mn_workstation *out)
{
    static const char *path = NULL;
    path = path ? path : scratch_path("workstation.conf");
    cr_assert_eq(mn_config_write_file(path, mn_bytes_of(text, strlen(text)), 0644, err), MNSEC_OK);
    return mn_workstation_read(path, err, out);
}

TestSuite(api_workstation, .init = scratch_make, .fini = scratch_remove);

Test(api_workstation, is_read_with_all_its_keys)
{
    mn_error err = {0};
    MN_AUTO(mn_workstation) read = {0};

    cr_assert_eq(read_text(whole, &err, &read), MNSEC_OK, "%s", err.text);

    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&read.facility, id);
    cr_expect_str_eq(id, FACILITY);
    cr_expect_eq(read.founding_hash[31], 0x1f);
    cr_expect_str_eq(mn_buf_text(&read.card_module), "/lib/c.so");
    cr_expect_str_eq(mn_buf_text(&read.head_file), "/var/lib/head");
}

Test(api_workstation, comes_back_as_it_was_written)
{
    mn_error err = {0};
    MN_AUTO(mn_workstation) first = {0};
    MN_AUTO(mn_workstation) second = {0};
    cr_assert_eq(read_text(whole, &err, &first), MNSEC_OK);
    const char *path = scratch_path("again.conf");

    cr_assert_eq(mn_workstation_write(path, &first, &err), MNSEC_OK, "%s", err.text);
    cr_assert_eq(mn_workstation_read(path, &err, &second), MNSEC_OK, "%s", err.text);

    cr_expect(mnsec_id_equal(&first.facility, &second.facility));
    cr_expect(mnsec_id_equal(&first.id, &second.id));
    cr_expect_eq(memcmp(first.founding_hash, second.founding_hash, 32), 0);
    cr_expect_str_eq(mn_buf_text(&first.token_uri), mn_buf_text(&second.token_uri));
}

Test(api_workstation, that_is_not_there_means_not_founded)
{
    mn_error err = {0};
    MN_AUTO(mn_workstation) read = {0};

    cr_expect_eq(mn_workstation_read(scratch_path("none.conf"), &err, &read),
                 MNSEC_E_STATE_NOT_FOUNDED);
}

struct edit {
    char name[32];
    char from[80];
    char to[96];
};

ParameterizedTestParameters(api_workstation, is_refused_when)
{
    static struct edit edits[] = {
        {"no facility", "facility = " FACILITY "\n", ""},
        {"no workstation", "workstation = " STATION "\n", ""},
        {"no founding", "founding = " HASH "\n", ""},
        {"no card module", "card_module = /lib/c.so\n", ""},
        {"no head file", "head_file = /var/lib/head\n", ""},
        {"facility none", FACILITY, "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"hash cut", "1e1f\n", "1e\n"},
        {"hash of no hex", "1e1f\n", "1e1g\n"},
        {"hash in capitals", "0a0b", "0A0B"},
        {"relative module", "/lib/c.so", "c.so"},
        {"relative head", "/var/lib/head", "head"},
        {"unknown key", "head_file = ", "extra = 1\nhead_file = "},
        {"key twice", "head_file = ", "card_module = /lib/d.so\nhead_file = "},
    };
    return cr_make_param_array(struct edit, edits, sizeof edits / sizeof edits[0]);
}

ParameterizedTest(struct edit *edit, api_workstation, is_refused_when)
{
    const char *at = strstr(whole, edit->from);
    cr_assert_not_null(at, "%s", edit->name);
    char text[1024];
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, edit->to,
             at + strlen(edit->from));
    mn_error err = {0};
    MN_AUTO(mn_workstation) read = {0};

    cr_expect_eq(read_text(text, &err, &read), MNSEC_E_USAGE_CONFIG, "%s", edit->name);
}

Test(api_workstation, is_refused_at_every_truncation)
{
    for (size_t len = 0; len + 1 < strlen(whole); len++) {
        char text[1024];
        snprintf(text, sizeof text, "%.*s", (int)len, whole);
        if (len > strlen(whole) - strlen("/var/lib/head\n")) {
            break; /* a shorter path is a path */
        }
        mn_error err = {0};
        MN_AUTO(mn_workstation) read = {0};
        cr_expect_neq(read_text(text, &err, &read), MNSEC_OK, "at %zu", len);
    }
}
