/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card worker as a process: what it is given, how it ends, and what its parent makes of one
 * that hangs, dies or talks nonsense.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "card_fixture.h"
#include "scratch.h"
#include "token/card_worker.h"

static mn_error err;
static mn_card_worker *worker;
static uint8_t spki_hash[32];

static mnsec_status list(void)
{
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 0;
    mn_error_clear(&err);
    const mnsec_status status = mn_card_list(worker, cards, &count);
    for (size_t i = 0; i < count; i++) {
        memcpy(spki_hash, cards[i].spki_hash, sizeof(spki_hash));
        mn_card_info_wipe(&cards[i]);
    }
    return status;
}

static mnsec_status log_in(void)
{
    MN_AUTO(mn_secret) pin = {0};
    cr_assert_eq(mn_secret_copy(&pin, CARD_FIXTURE_PIN, strlen(CARD_FIXTURE_PIN)), MNSEC_OK);
    mn_error_clear(&err);
    return mn_card_login(worker, spki_hash, &pin, false);
}

/* A card in the reader and a worker that has seen it. */
static void begin(void)
{
    card_fixture_make();
    card_fixture_card("taro", "ec");
    worker = card_fixture_start(0, &err);
    cr_assert_eq(list(), MNSEC_OK, "%s", err.text);
}

static void end(void)
{
    mn_card_worker_free(worker);
    card_fixture_remove();
}

TestSuite(card_worker, .init = begin, .fini = end);
TestSuite(card_worker_alone, .init = card_fixture_make, .fini = end);

static bool has_news(int milliseconds)
{
    struct pollfd item = {.fd = mn_card_worker_descriptor(worker), .events = POLLIN};
    return poll(&item, 1, milliseconds) == 1;
}

/* No child is left, neither running nor as a zombie. */
static bool is_childless(void)
{
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static mnsec_status start_program(const char *program)
{
    const mn_card_worker_options options = {.program = program,
                                            .module_path = card_fixture_module()};
    mn_error_clear(&err);
    return mn_card_worker_new(&options, &err, &worker);
}

/* A program in the place of the worker, as a shell script. */
static const char *script(const char *text)
{
    const char *path = scratch_path("worker.sh");
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    (void)fprintf(file, "#!/bin/sh\n%s\n", text);
    (void)fclose(file);
    cr_assert_eq(chmod(path, 0700), 0);
    return path;
}

static void read_all(const char *path, char *out_text, size_t size, size_t *out_len)
{
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s is not there", path);
    *out_len = fread(out_text, 1, size - 1, file);
    out_text[*out_len] = '\0';
    (void)fclose(file);
}

/* --- start --- */

Test(card_worker_alone, takes_no_path_that_depends_on_where_one_stands)
{
    const mn_card_worker_options relative = {.program = "worker", .module_path = "/m.so"};
    const mn_card_worker_options bare = {.program = "/worker", .module_path = "m.so"};
    const mn_card_worker_options none = {.program = "/worker"};

    cr_expect_eq(mn_card_worker_new(&relative, &err, &worker), MNSEC_E_USAGE_CONFIG);
    cr_expect_eq(mn_card_worker_new(&bare, &err, &worker), MNSEC_E_USAGE_CONFIG);
    cr_expect_eq(mn_card_worker_new(&none, &err, &worker), MNSEC_E_USAGE_CONFIG);
    cr_expect_null(worker);
}

Test(card_worker_alone, says_that_its_program_is_missing)
{
    cr_assert_eq(start_program("/nonexistent/worker"), MNSEC_E_CARD_FAULT);

    cr_assert_eq(err.native, ENOENT);
    cr_assert(is_childless());
}

Test(card_worker_alone, is_refused_when_its_program_is_no_worker)
{
    cr_assert_eq(start_program("/bin/true"), MNSEC_OK);

    cr_assert_eq(list(), MNSEC_E_CARD_FAULT);

    cr_assert(is_childless());
}

Test(card_worker_alone, says_that_the_module_is_missing)
{
    const mn_card_worker_options options = {.program = card_fixture_worker(),
                                            .module_path = "/nonexistent/module.so"};
    cr_assert_eq(mn_card_worker_new(&options, &err, &worker), MNSEC_OK);

    cr_assert_eq(list(), MNSEC_E_CARD_FAULT);

    cr_assert_not_null(strstr(err.text, "/nonexistent/module.so"), "%s", err.text);
}

Test(card_worker_alone, has_no_descriptor_but_the_pair)
{
    char text[256];
    size_t len;
    const int leaked = open("/etc/passwd", O_RDONLY);
    cr_assert_geq(leaked, 0);
    cr_assert_neq(dup2(leaked, 77), -1);
    const char *path = scratch_path("descriptors");
    char body[512];
    (void)snprintf(body, sizeof(body),
                   "for fd in /proc/$$/fd/*; do /usr/bin/readlink $fd; done >'%s.new'\n"
                   "/bin/mv '%s.new' '%s'",
                   path, path, path);
    cr_assert_eq(start_program(script(body)), MNSEC_OK);
    cr_assert_eq(list(), MNSEC_E_CARD_FAULT);

    read_all(path, text, sizeof(text), &len);

    cr_expect_null(strstr(text, "passwd"), "%s", text);
    cr_expect_not_null(strstr(text, "socket:"), "%s", text);
    cr_expect_not_null(strstr(text, "/dev/null"), "%s", text);
    (void)close(leaked);
}

Test(card_worker_alone, has_no_environment)
{
    char text[256];
    size_t len;
    char body[512];
    const char *path = scratch_path("environment");
    (void)setenv("MNSEC_TEST_SECRET", "hidden", 1);
    (void)snprintf(body, sizeof(body), "/bin/cat /proc/$$/environ >'%s'", path);
    cr_assert_eq(start_program(script(body)), MNSEC_OK);
    cr_assert_eq(list(), MNSEC_E_CARD_FAULT);

    read_all(path, text, sizeof(text), &len);

    cr_assert_eq(len, 0, "%s", text);
}

/* --- end --- */

Test(card_worker, leaves_no_process_behind)
{
    mn_card_worker_free(worker);
    worker = NULL;

    cr_assert(is_childless());
}

Test(card_worker, logs_the_card_out_when_it_ends)
{
    cr_assert_eq(log_in(), MNSEC_OK);

    mn_card_worker_free(worker);
    worker = NULL;

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Logout), 1);
    cr_assert_eq(card_fixture_count(MN_FAULT_C_Finalize), 1);
}

/* Also that it has lost no memory, where it is built to look. */
Test(card_worker_alone, ends_in_good_order)
{
    char text[16];
    size_t len;
    char body[1024];
    const char *path = scratch_path("status");
    (void)snprintf(body, sizeof(body), "'%s' \"$@\" 2>'%s.stderr'; echo $? >'%s'",
                   card_fixture_worker(), path, path);
    card_fixture_card("taro", "standard");
    cr_assert_eq(start_program(script(body)), MNSEC_OK);
    cr_assert_eq(list(), MNSEC_OK);
    cr_assert_eq(log_in(), MNSEC_OK);

    mn_card_worker_free(worker);
    worker = NULL;

    read_all(path, text, sizeof(text), &len);
    cr_assert_str_eq(text, "0\n");
}

Test(card_worker, logs_the_card_out_when_its_parent_dies)
{
    int told[2];
    pid_t pid = 0;
    cr_assert_eq(pipe(told), 0);
    cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    const pid_t parent = fork();
    if (parent == 0) {
        worker = card_fixture_start(0, &err);
        const bool in = log_in() == MNSEC_OK;
        _exit(in && write(told[1], &worker->pid, sizeof(pid)) == sizeof(pid) ? 0 : 1);
    }
    cr_assert_eq(waitpid(parent, NULL, 0), parent);
    cr_assert_eq(read(told[0], &pid, sizeof(pid)), sizeof(pid));

    cr_assert_eq(waitpid(pid, NULL, 0), pid); /* it is ours now, and ends */

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Logout), 1);
}

Test(card_worker, does_not_end_with_a_forked_child)
{
    cr_assert_eq(log_in(), MNSEC_OK);
    const pid_t child = fork();
    if (child == 0) {
        const mnsec_status status = list();
        mn_card_logout(worker);
        mn_card_worker_free(worker);
        _exit(status == MNSEC_E_INTERNAL_FORKED ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);

    cr_expect_eq(status, 0);
    cr_expect_eq(mn_card_present(worker), MNSEC_OK);
}

/* --- one that hangs or dies --- */

static void start_hanging(const char *plan)
{
    card_fixture_card("taro", "ec");
    worker = card_fixture_start(700, &err);
    cr_assert_eq(list(), MNSEC_OK);
    card_fixture_plan(plan);
}

Test(card_worker_alone, is_killed_when_it_does_not_answer_in_time)
{
    start_hanging("C_Login 1 once hang\n");

    cr_assert_eq(log_in(), MNSEC_E_CARD_TIMEOUT);

    cr_assert(is_childless());
}

Test(card_worker_alone, is_followed_by_another_after_it_was_killed)
{
    start_hanging("C_GetSlotList 1 once hang\n");
    cr_assert_eq(list(), MNSEC_E_CARD_TIMEOUT);

    cr_assert_eq(list(), MNSEC_OK, "%s", err.text);

    cr_assert_eq(log_in(), MNSEC_OK);
}

Test(card_worker_alone, takes_the_log_in_with_it_when_it_is_killed)
{
    start_hanging(NULL);
    cr_assert_eq(log_in(), MNSEC_OK);
    card_fixture_plan("C_GetSlotInfo 1 once hang\n");

    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_TIMEOUT);

    cr_expect(has_news(0));
    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
}

Test(card_worker_alone, does_not_keep_its_parent_when_it_hangs_at_the_end)
{
    start_hanging(NULL);
    cr_assert_eq(log_in(), MNSEC_OK);
    card_fixture_plan("C_Logout 1 once hang\n");

    mn_card_worker_free(worker);
    worker = NULL;

    cr_assert(is_childless());
}

Test(card_worker, that_died_gives_an_error_and_then_another)
{
    cr_assert_eq(kill(worker->pid, SIGKILL), 0);
    cr_assert(has_news(10000));

    cr_assert_eq(list(), MNSEC_E_CARD_FAULT);

    cr_assert_eq(list(), MNSEC_OK, "%s", err.text);
}

Test(card_worker, that_died_has_taken_the_log_in_with_it)
{
    cr_assert_eq(log_in(), MNSEC_OK);
    cr_assert_eq(kill(worker->pid, SIGKILL), 0);
    cr_assert(has_news(10000));

    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
    cr_expect_eq(log_in(), MNSEC_OK, "%s", err.text);
}

Test(card_worker, is_not_missed_where_the_host_reaps_all_children)
{
    (void)signal(SIGCHLD, SIG_IGN);
    cr_assert_eq(kill(worker->pid, SIGKILL), 0);
    cr_assert(has_news(10000));

    cr_expect_eq(list(), MNSEC_E_CARD_FAULT);
    cr_expect_eq(list(), MNSEC_OK);
}

/* --- one that talks nonsense --- */

/* A process that answers the first request with these bytes, in the worker's place. */
static void put_hostile(const mn_buf *messages, size_t count)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    worker = calloc(1, sizeof(*worker));
    cr_assert_not_null(worker);
    worker->err = &err;
    worker->owner = getpid();
    worker->deadline_ms = 10000;
    worker->program = strdup("/bin/true");
    worker->module_path = strdup("/bin/true");
    worker->fd = pair[0];
    worker->pid = fork();
    if (worker->pid == 0) {
        char request[4096];
        (void)close(pair[0]);
        (void)!recv(pair[1], request, sizeof(request), 0);
        for (size_t i = 0; i < count; i++) {
            (void)send(pair[1], messages[i].bytes, messages[i].len, MSG_NOSIGNAL);
        }
        (void)!recv(pair[1], request, sizeof(request), 0);
        _exit(0);
    }
    (void)close(pair[1]);
}

static void put_answer(const mn_card_wire_answer *answer, mn_buf *out_bytes)
{
    MN_AUTO(mn_secret) message = {0};
    cr_assert_eq(mn_card_wire_put_answer(answer, &message), MNSEC_OK);
    cr_assert_eq(mn_buf_append(out_bytes, message.bytes, message.len), MNSEC_OK);
}

typedef struct nonsense {
    char name[40];
    mn_card_wire_answer_kind kind;
    char payload[32];
    size_t cut; /* bytes taken off the end */
} nonsense;

ParameterizedTestParameters(card_worker_alone, is_killed_when_it_makes_no_sense)
{
    static nonsense cases[] = {
        {"an answer cut short", MN_CARD_ANSWER_RESULT, "", 1},
        {"an answer cut to one byte", MN_CARD_ANSWER_RESULT, "", 100},
        {"a list that is no list", MN_CARD_ANSWER_RESULT, "no list", 0},
        {"an empty list", MN_CARD_ANSWER_RESULT, "", 0},
    };
    return cr_make_param_array(nonsense, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(nonsense *param, card_worker_alone, is_killed_when_it_makes_no_sense)
{
    MN_AUTO(mn_card_wire_answer) answer = {.kind = param->kind};
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_buf_append_text(&answer.payload, param->payload), MNSEC_OK);
    put_answer(&answer, &bytes);
    bytes.len = bytes.len > param->cut ? bytes.len - param->cut : 1;
    put_hostile(&bytes, 1);

    cr_expect_eq(list(), MNSEC_E_CARD_FAULT, "%s", param->name);

    cr_expect(is_childless(), "%s", param->name);
}

Test(card_worker_alone, is_killed_when_its_answer_is_longer_than_any)
{
    MN_AUTO(mn_buf) bytes = {0};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&bytes, MN_CARD_WIRE_MAX_BYTES + 1, &room), MNSEC_OK);
    put_hostile(&bytes, 1);

    cr_expect_eq(list(), MNSEC_E_CARD_FAULT);

    cr_expect(is_childless());
}

Test(card_worker_alone, is_not_believed_to_have_logged_in_another_card)
{
    MN_AUTO(mn_card_wire_answer) answer = {.kind = MN_CARD_ANSWER_RESULT};
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_buf_append_text(&answer.payload, "another key"), MNSEC_OK);
    put_answer(&answer, &bytes);
    put_hostile(&bytes, 1);

    cr_expect_eq(log_in(), MNSEC_E_CARD_FAULT);

    cr_expect_not(worker->logged_in);
    cr_expect(is_childless());
}

Test(card_worker_alone, is_not_believed_to_have_signed)
{
    MN_AUTO(mn_card_wire_answer)
    answer = {.kind = MN_CARD_ANSWER_RESULT, .alg = MN_SIGNATURE_ECDSA_P256_SHA256};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg = MN_SIGNATURE_NONE;
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&answer.payload, 64, &room), MNSEC_OK);
    put_answer(&answer, &bytes);
    put_hostile(&bytes, 1);
    worker->logged_in = true;

    cr_expect_eq(mn_card_sign(worker, mn_bytes_of("{", 1), &alg, &signature),
                 MNSEC_E_CARD_UNSUITABLE);

    cr_expect_eq(signature.len, 0);
    cr_expect_not(worker->logged_in);
}

Test(card_worker_alone, is_killed_when_its_secret_is_too_short)
{
    MN_AUTO(mn_card_wire_answer) answer = {.kind = MN_CARD_ANSWER_RESULT};
    MN_AUTO(mn_card_binding) binding = {.method = MN_CARD_METHOD_RSA_SIGN};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_secret) secret = {0};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&binding.data, 32, &room), MNSEC_OK);
    cr_assert_eq(mn_buf_extend(&binding.key_spki, 91, &room), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&answer.secret, "short", 5), MNSEC_OK);
    put_answer(&answer, &bytes);
    put_hostile(&bytes, 1);
    worker->logged_in = true;

    cr_expect_eq(mn_card_secret(worker, &binding, &secret), MNSEC_E_CARD_FAULT);

    cr_expect(mn_secret_is_empty(&secret));
    cr_expect(is_childless());
}

Test(card_worker_alone, may_tell_of_a_removal_before_it_answers)
{
    MN_AUTO(mn_card_wire_answer)
    answer = {.kind = MN_CARD_ANSWER_RESULT, .status = MNSEC_E_CARD_REMOVED};
    const mn_card_wire_answer removed = {.kind = MN_CARD_ANSWER_REMOVED};
    mn_buf messages[2] = {{0}, {0}};
    put_answer(&removed, &messages[0]);
    put_answer(&answer, &messages[1]);
    put_hostile(messages, 2);
    worker->logged_in = true;

    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);

    cr_expect(worker->removed);
    cr_expect_neq(worker->pid, 0);
    mn_buf_wipe(&messages[0]);
    mn_buf_wipe(&messages[1]);
}

Test(card_worker_alone, is_not_waited_for_once_the_card_has_left)
{
    const mn_card_wire_answer removed = {.kind = MN_CARD_ANSWER_REMOVED};
    MN_AUTO(mn_buf) bytes = {0};
    put_answer(&removed, &bytes);
    put_hostile(&bytes, 1); /* and then hangs, as OpenSC does */
    worker->logged_in = true;

    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);

    cr_expect(worker->removed);
    cr_expect(is_childless());
}

Test(card_worker_alone, gives_no_secret_of_a_card_that_left_meanwhile)
{
    const mn_card_wire_answer removed = {.kind = MN_CARD_ANSWER_REMOVED};
    MN_AUTO(mn_card_wire_answer) answer = {.kind = MN_CARD_ANSWER_RESULT};
    MN_AUTO(mn_card_binding) binding = {.method = MN_CARD_METHOD_RSA_SIGN};
    MN_AUTO(mn_secret) secret = {0};
    mn_buf messages[2] = {{0}, {0}};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&binding.data, 32, &room), MNSEC_OK);
    cr_assert_eq(mn_buf_extend(&binding.key_spki, 91, &room), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&answer.secret, "0123456789abcdef0123456789abcdef", 32), MNSEC_OK);
    put_answer(&removed, &messages[0]);
    put_answer(&answer, &messages[1]);
    put_hostile(messages, 2);
    worker->logged_in = true;

    cr_expect_eq(mn_card_secret(worker, &binding, &secret), MNSEC_E_CARD_REMOVED);

    cr_expect(mn_secret_is_empty(&secret));
    cr_expect_not(worker->logged_in);
    mn_buf_wipe(&messages[0]);
    mn_buf_wipe(&messages[1]);
}

Test(card_worker_alone, is_killed_when_it_answers_unasked)
{
    MN_AUTO(mn_card_wire_answer) answer = {.kind = MN_CARD_ANSWER_RESULT};
    mn_buf messages[2] = {{0}, {0}};
    cr_assert_eq(mn_card_wire_put_cards(NULL, 0, &answer.payload), MNSEC_OK);
    put_answer(&answer, &messages[0]);
    put_answer(&answer, &messages[1]);
    put_hostile(messages, 2);
    cr_assert_eq(list(), MNSEC_OK);
    cr_assert(has_news(10000));

    cr_expect_eq(list(), MNSEC_E_CARD_FAULT);

    cr_expect(is_childless());
    mn_buf_wipe(&messages[0]);
    mn_buf_wipe(&messages[1]);
}
