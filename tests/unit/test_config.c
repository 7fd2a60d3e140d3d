/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration files: what is read, what is refused and in which words; files read within a limit
 * and replaced whole.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"

static char directory[64];
static char path[80];

static void make_directory(void)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/mnsec-config.XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/a.conf", directory);
}

static void remove_directory(void)
{
    (void)unlink(path);
    (void)rmdir(directory);
}

static mn_bytes text_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *stream = opendir(directory);
    cr_assert_not_null(stream);
    for (const struct dirent *e = readdir(stream); e != NULL; e = readdir(stream)) {
        count += e->d_name[0] != '.';
    }
    (void)closedir(stream);
    return count;
}

Test(config, reads_keys_values_comments_and_empty_lines)
{
    MN_AUTO_PTR(mn_config) config = NULL;
    mn_error err = {0};

    cr_assert_eq(mn_config_parse(text_of("# head\n\nname = ひまわり苑 別館 \n\t idle=600\n  # end"),
                                 &err, &config),
                 MNSEC_OK);

    cr_expect_str_eq(mn_config_get(config, "name"), "ひまわり苑 別館");
    cr_expect_str_eq(mn_config_get(config, "idle"), "600");
    cr_expect_null(mn_config_get(config, "head"));
}

Test(config, keeps_equals_signs_and_hashes_inside_a_value)
{
    MN_AUTO_PTR(mn_config) config = NULL;

    cr_assert_eq(mn_config_parse(text_of("uri = pkcs11:token=a#b\n"), NULL, &config), MNSEC_OK);

    cr_expect_str_eq(mn_config_get(config, "uri"), "pkcs11:token=a#b");
}

Test(config, tells_an_empty_value_from_an_absent_key)
{
    MN_AUTO_PTR(mn_config) config = NULL;

    cr_assert_eq(mn_config_parse(text_of("a =\n"), NULL, &config), MNSEC_OK);

    cr_expect_str_eq(mn_config_get(config, "a"), "");
    cr_expect_null(mn_config_get(config, "b"));
}

Test(config, may_be_empty)
{
    static const char *const none[] = {NULL};
    MN_AUTO_PTR(mn_config) config = NULL;

    cr_assert_eq(mn_config_parse(mn_bytes_of(NULL, 0), NULL, &config), MNSEC_OK);

    cr_expect_null(mn_config_get(config, "a"));
    cr_expect_eq(mn_config_only(config, none, NULL), MNSEC_OK);
}

Test(config, lists_the_values_of_a_repeated_key_in_order)
{
    MN_AUTO_PTR(mn_config) config = NULL;

    cr_assert_eq(mn_config_parse(text_of("w = 1\nx = 9\nw = 2\n"), NULL, &config), MNSEC_OK);

    cr_expect_str_eq(mn_config_get_at(config, "w", 0), "1");
    cr_expect_str_eq(mn_config_get_at(config, "w", 1), "2");
    cr_expect_null(mn_config_get_at(config, "w", 2));
}

typedef struct bad_config {
    char text[40];
    char words[80];
} bad_config;

ParameterizedTestParameters(config, refuses_what_it_does_not_understand)
{
    static bad_config cases[] = {
        {"a", "configuration: line 1 has no \"=\""},
        {"a = 1\n\n# c\nb\n", "configuration: line 4 has no \"=\""},
        {"= 1\n", "configuration: line 1 has no proper key"},
        {"a b = 1\n", "configuration: line 1 has no proper key"},
        {"A = 1\n", "configuration: line 1 has no proper key"},
        {"鍵 = 1\n", "configuration: line 1 has no proper key"},
        {"[part]\na = 1\n", "configuration: line 1 has no \"=\""},
        {"a = 1\r\n", "configuration: not UTF-8 text, or a control character"},
        {"a = \x1b[2J\n", "configuration: not UTF-8 text, or a control character"},
        {"a = \x82\xA0\n", "configuration: not UTF-8 text, or a control character"},
    };
    return cr_make_param_array(bad_config, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad_config *c, config, refuses_what_it_does_not_understand)
{
    mn_config *config = NULL;
    mn_error err = {0};

    cr_expect_eq(mn_config_parse(text_of(c->text), &err, &config), MNSEC_E_USAGE_CONFIG);
    cr_expect_null(config);
    cr_expect_str_eq(err.text, c->words);
}

Test(config, refuses_a_nul)
{
    mn_config *config = NULL;

    cr_expect_eq(mn_config_parse(mn_bytes_of("a = 1\0\n", 7), NULL, &config), MNSEC_E_USAGE_CONFIG);
}

Test(config, refuses_more_than_64_kib)
{
    mn_config *config = NULL;
    MN_AUTO(mn_buf) text = {0};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&text, 64 * 1024 + 1, &room), MNSEC_OK);
    memset(room, '\n', text.len);

    cr_expect_eq(mn_config_parse(mn_buf_view(&text), NULL, &config), MNSEC_E_USAGE_CONFIG);
    cr_expect_eq(mn_config_parse(mn_bytes_of(room, text.len - 1), NULL, &config), MNSEC_OK);
    mn_config_free(config);
}

/* A file cut anywhere is read or refused, never half a line taken for another key's value. */
Test(config, survives_every_truncation)
{
    static const char whole[] = "# 注\nname = 苑\nidle = 600\n";

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        MN_AUTO_PTR(mn_config) config = NULL;
        char *exact = malloc(len == 0 ? 1 : len);
        memcpy(exact, whole, len);

        const mnsec_status status = mn_config_parse(mn_bytes_of(exact, len), NULL, &config);
        free(exact);

        const char *name = status == MNSEC_OK ? mn_config_get(config, "name") : NULL;
        cr_expect(status == MNSEC_OK || status == MNSEC_E_USAGE_CONFIG, "%zu bytes", len);
        cr_expect(name == NULL || *name == '\0' || strcmp(name, "苑") == 0, "%zu bytes", len);
    }
}

Test(config, accepts_known_keys_and_repeats_of_those_that_may)
{
    static const char *const keys[] = {"name", "witness*", NULL};
    MN_AUTO_PTR(mn_config) config = NULL;
    cr_assert_eq(mn_config_parse(text_of("witness = a\nname = n\nwitness = b\n"), NULL, &config),
                 MNSEC_OK);

    cr_expect_eq(mn_config_only(config, keys, NULL), MNSEC_OK);
}

Test(config, refuses_a_key_outside_the_list_and_names_it)
{
    static const char *const keys[] = {"name", "names*", NULL};
    MN_AUTO_PTR(mn_config) config = NULL;
    mn_error err = {0};
    cr_assert_eq(mn_config_parse(text_of("name = n\nnam = m\n"), NULL, &config), MNSEC_OK);

    cr_expect_eq(mn_config_only(config, keys, &err), MNSEC_E_USAGE_CONFIG);
    cr_expect_str_eq(err.text, "unknown key \"nam\"");
}

Test(config, refuses_a_repeated_key_that_may_not)
{
    static const char *const keys[] = {"name", NULL};
    MN_AUTO_PTR(mn_config) config = NULL;
    mn_error err = {0};
    cr_assert_eq(mn_config_parse(text_of("name = n\nname = n\n"), NULL, &config), MNSEC_OK);

    cr_expect_eq(mn_config_only(config, keys, &err), MNSEC_E_USAGE_CONFIG);
    cr_expect_str_eq(err.text, "key \"name\" is given twice");
}

Test(config, is_freed_even_where_there_is_none)
{
    mn_config_free(NULL);
}

Test(config, writes_a_file_that_it_reads_back, .init = make_directory, .fini = remove_directory)
{
    MN_AUTO_PTR(mn_config) config = NULL;
    mn_error err = {0};

    cr_assert_eq(mn_config_write_file(path, text_of("name = 苑\n"), 0600, &err), MNSEC_OK);
    cr_assert_eq(mn_config_read(path, &err, &config), MNSEC_OK);

    cr_expect_str_eq(mn_config_get(config, "name"), "苑");
}

Test(config, replaces_a_file_with_the_asked_mode_and_leaves_nothing_beside, .init = make_directory,
     .fini = remove_directory)
{
    struct stat about;
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_config_write_file(path, text_of("a long first content"), 0644, NULL), MNSEC_OK);

    cr_assert_eq(mn_config_write_file(path, text_of("second"), 0640, NULL), MNSEC_OK);

    cr_assert_eq(mn_config_read_file(path, 100, NULL, &bytes), MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&bytes), "second");
    cr_assert_eq(stat(path, &about), 0);
    cr_expect_eq(about.st_mode & 07777, 0640);
    cr_expect_eq(count_files(), 1);
}

Test(config, leaves_nothing_beside_when_it_cannot_replace, .init = make_directory)
{
    mn_error err = {0};
    cr_assert_eq(mkdir(path, 0700), 0); /* a directory is in the place of the file */

    cr_expect_eq(mn_config_write_file(path, text_of("x"), 0600, &err), MNSEC_E_STORE);

    cr_expect_eq(err.native, EISDIR);
    cr_expect_eq(count_files(), 1);
    (void)rmdir(path);
    (void)rmdir(directory);
}

Test(config, says_that_there_is_no_directory_to_write_in)
{
    mn_error err = {0};

    cr_expect_eq(mn_config_write_file("/nonexistent/a.conf", text_of("x"), 0600, &err),
                 MNSEC_E_STORE_ABSENT);
    cr_expect_eq(err.native, ENOENT);
}

Test(config, refuses_a_path_that_is_too_long_to_write_beside)
{
    char longer[8192];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';

    cr_expect_eq(mn_config_write_file(longer, text_of("x"), 0600, NULL), MNSEC_E_USAGE);
}

Test(config, says_when_there_is_no_such_file, .init = make_directory, .fini = remove_directory)
{
    mn_config *config = NULL;
    mn_error err = {0};

    cr_expect_eq(mn_config_read(path, &err, &config), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(err.native, ENOENT);
    cr_expect_null(config);
}

Test(config, names_the_file_in_an_error, .init = make_directory, .fini = remove_directory)
{
    mn_config *config = NULL;
    mn_error err = {0};
    char words[128];
    cr_assert_eq(mn_config_write_file(path, text_of("a = 1\nb\n"), 0600, NULL), MNSEC_OK);

    cr_expect_eq(mn_config_read(path, &err, &config), MNSEC_E_USAGE_CONFIG);

    (void)snprintf(words, sizeof(words), "%s: line 2 has no \"=\"", path);
    cr_expect_str_eq(err.text, words);
}

Test(config, reads_a_file_of_exactly_the_limit_and_refuses_one_byte_more, .init = make_directory,
     .fini = remove_directory)
{
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) bytes = {0};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&text, 20000, &room), MNSEC_OK);
    memset(room, 'x', text.len);
    cr_assert_eq(mn_config_write_file(path, mn_buf_view(&text), 0600, NULL), MNSEC_OK);

    cr_expect_eq(mn_config_read_file(path, 19999, NULL, &bytes), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(bytes.len, 0);
    cr_assert_eq(mn_config_read_file(path, 20000, NULL, &bytes), MNSEC_OK);

    cr_expect_eq(bytes.len, 20000);
    cr_expect_arr_eq(bytes.bytes, text.bytes, 20000);
}

Test(config, refuses_to_read_a_directory)
{
    MN_AUTO(mn_buf) bytes = {0};

    cr_expect_eq(mn_config_read_file("/tmp", 100, NULL, &bytes), MNSEC_E_USAGE_FORMAT);
}

Test(config, does_not_wait_for_a_fifo, .init = make_directory, .fini = remove_directory)
{
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mkfifo(path, 0600), 0);

    cr_expect_eq(mn_config_read_file(path, 100, NULL, &bytes), MNSEC_E_USAGE_FORMAT);
}
