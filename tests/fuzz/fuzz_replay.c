/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a target over a folder of inputs, as they are and changed so many times, always in the same
 * way: a find is found again by its number. Each input runs in a process of its own, so that a
 * crash is told as "not ok" with the number of the change, and what crashed is written to a file.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"
#include "fuzz.h"

#define INPUT_MAX_BYTES (1024U * 1024U)
#define INPUTS_MAX      256
#define STEPS_MAX       4
#define RUN_MAX         64 /* bytes that one step cuts, repeats or inserts */

typedef struct input {
    char name[NAME_MAX + 1];
    mn_buf bytes;
} input;

static input inputs[INPUTS_MAX];
static size_t input_count;

/* --- numbers that are random and always the same (splitmix64) -------------------------------- */

static uint64_t state;

static uint64_t next_number(void)
{
    uint64_t z = (state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static size_t below(size_t bound)
{
    return bound == 0 ? 0 : (size_t)(next_number() % bound);
}

static void begin_change(const char *name, uint64_t number)
{
    state = number;
    for (; *name != '\0'; name++) {
        state = (state ^ (uint8_t)*name) * 0x100000001B3U;
    }
}

/* --- changes --------------------------------------------------------------------------------- */

static void must(mnsec_status status)
{
    if (status != MNSEC_OK) {
        abort();
    }
}

/* Replace what is at [at, at + len) by bytes. */
static void replace(mn_buf *bytes, size_t at, size_t len, mn_bytes by)
{
    mn_buf changed = {0};
    must(mn_buf_append(&changed, bytes->bytes, at));
    must(mn_buf_append(&changed, by.bytes, by.len));
    must(mn_buf_append(&changed, bytes->bytes + at + len, bytes->len - at - len));
    mn_buf_move(bytes, &changed);
}

static void flip_a_bit(mn_buf *bytes)
{
    bytes->bytes[below(bytes->len)] ^= (uint8_t)(1U << below(8));
}

static void set_a_byte(mn_buf *bytes)
{
    static const uint8_t values[] = {0x00, 0x01, 0x04, 0x20, 0x7F, 0x80, 0xFF, '\n', '"', '=', ','};
    bytes->bytes[below(bytes->len)] = values[below(sizeof(values))];
}

/* Four or eight big-endian bytes: a length, a count, a number, one too large or far too large. */
static void set_a_number(mn_buf *bytes)
{
    static const uint64_t values[] = {0, 1, 2, 3, 0x7FFFFFFF, 0xFFFFFFFF, INT64_MAX, UINT64_MAX};
    const size_t len = below(2) == 0 ? 4 : 8;
    if (bytes->len < len) {
        return;
    }
    uint8_t *at = bytes->bytes + below(bytes->len - len + 1);
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | at[i];
    }
    const uint64_t near[] = {value + 1, value - 1};
    value = below(2) == 0 ? near[below(2)] : values[below(sizeof(values) / sizeof(values[0]))];
    for (size_t i = 0; i < len; i++) {
        at[len - 1 - i] = (uint8_t)(value >> (8 * i));
    }
}

static void cut_off(mn_buf *bytes)
{
    const size_t at = below(bytes->len);
    replace(bytes, at, bytes->len - at, (mn_bytes){0});
}

static void cut_out(mn_buf *bytes)
{
    const size_t at = below(bytes->len);
    const size_t rest = bytes->len - at;
    replace(bytes, at, 1 + below(rest < RUN_MAX ? rest : RUN_MAX), (mn_bytes){0});
}

static void repeat_a_run(mn_buf *bytes)
{
    uint8_t run[RUN_MAX];
    const size_t at = below(bytes->len);
    const size_t rest = bytes->len - at;
    const size_t len = 1 + below(rest < RUN_MAX ? rest : RUN_MAX);
    memcpy(run, bytes->bytes + at, len);
    replace(bytes, at, 0, mn_bytes_of(run, len));
}

static void insert_a_run(mn_buf *bytes)
{
    uint8_t run[RUN_MAX];
    const size_t len = 1 + below(RUN_MAX);
    for (size_t i = 0; i < len; i++) {
        run[i] = (uint8_t)next_number();
    }
    replace(bytes, below(bytes->len + 1), 0, mn_bytes_of(run, len));
}

/* The head of this one, the tail of another. */
static void splice(mn_buf *bytes)
{
    const mn_buf *other = &inputs[below(input_count)].bytes;
    const size_t at = below(bytes->len);
    const size_t from = below(other->len);
    replace(bytes, at, bytes->len - at, mn_bytes_of(other->bytes + from, other->len - from));
}

static void (*const steps[])(mn_buf *bytes) = {
    flip_a_bit, set_a_byte, set_a_number, cut_off, cut_out, repeat_a_run, insert_a_run, splice,
};

/* Change number 0 is none. */
static void make_change(const input *from, uint64_t number, mn_buf *out_bytes)
{
    mn_buf_reset(out_bytes);
    must(mn_buf_append(out_bytes, from->bytes.bytes, from->bytes.len));
    if (number == 0) {
        return;
    }
    begin_change(from->name, number);
    for (size_t i = 1 + below(STEPS_MAX); i > 0; i--) {
        if (out_bytes->len == 0) {
            insert_a_run(out_bytes);
        }
        steps[below(sizeof(steps) / sizeof(steps[0]))](out_bytes);
    }
}

/* --- running --------------------------------------------------------------------------------- */

/* The exact bytes in memory of their own, so that a sanitizer sees one byte too far. */
static void run_target(const mn_buf *bytes)
{
    uint8_t *exact = malloc(bytes->len == 0 ? 1 : bytes->len);
    if (exact == NULL) {
        abort();
    }
    if (bytes->len > 0) {
        memcpy(exact, bytes->bytes, bytes->len);
    }
    (void)LLVMFuzzerTestOneInput(exact, bytes->len);
    free(exact);
}

static void run_changes(const input *from, uint64_t changes, volatile uint64_t *number)
{
    mn_buf bytes = {0};
    for (*number = 0; *number <= changes; (*number)++) {
        make_change(from, *number, &bytes);
        run_target(&bytes);
    }
    mn_buf_wipe(&bytes);
    for (size_t i = 0; i < input_count; i++) {
        mn_buf_wipe(&inputs[i].bytes); /* leaks that remain are the target's */
    }
}

static void tell_find(const input *from, uint64_t number)
{
    char path[sizeof(from->name) + 32];
    mn_buf bytes = {0};
    make_change(from, number, &bytes);
    (void)snprintf(path, sizeof(path), "find-%s-%llu", from->name, (unsigned long long)number);
    must(mn_config_write_file(path, mn_buf_view(&bytes), 0600, NULL));
    printf("# change %llu, written to %s\n", (unsigned long long)number, path);
    mn_buf_wipe(&bytes);
}

static bool passes(const input *from, uint64_t changes, volatile uint64_t *number)
{
    (void)fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        run_changes(from, changes, number);
        exit(0);
    }
    int verdict = 0;
    if (child < 0 || waitpid(child, &verdict, 0) != child) {
        abort();
    }
    return WIFEXITED(verdict) && WEXITSTATUS(verdict) == 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_inputs(const char *folder)
{
    struct dirent **names = NULL;
    const int found = scandir(folder, &names, is_visible, alphasort);
    for (int i = 0; i < found; i++) {
        char path[PATH_MAX];
        input *next = &inputs[input_count];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        (void)snprintf(next->name, sizeof(next->name), "%s", names[i]->d_name);
        if (input_count < INPUTS_MAX &&
            mn_config_read_file(path, INPUT_MAX_BYTES, NULL, &next->bytes) == MNSEC_OK) {
            input_count++;
        }
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s FOLDER CHANGES\n", argv[0]);
        return 2;
    }
    const uint64_t changes = strtoull(argv[2], NULL, 10);
    uint64_t *number =
        mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    read_inputs(argv[1]);
    if (input_count == 0 || number == MAP_FAILED) {
        (void)fprintf(stderr, "no inputs in %s\n", argv[1]);
        return 1;
    }
    size_t failed = 0;
    printf("1..%zu\n", input_count);
    for (size_t i = 0; i < input_count; i++) {
        const bool passed = passes(&inputs[i], changes, number);
        printf("%s %zu - %s as it is, and %s changes of it\n", passed ? "ok" : "not ok", i + 1,
               inputs[i].name, argv[2]);
        if (!passed) {
            tell_find(&inputs[i], *number);
            failed++;
        }
    }
    return failed > 0;
}
