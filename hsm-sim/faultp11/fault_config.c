/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's parser: a table of keys, each with the function that takes its value. */
#include "fault_config.h"

#include <stdio.h>
#include <string.h>

typedef bool (*take_fn)(const char *value, size_t len, void *out_field);

typedef struct key {
    const char *name;
    take_fn take;
    size_t offset;
    bool required;
} key;

static bool take_path(const char *value, size_t len, void *out_field)
{
    if (len == 0 || len >= PATH_MAX || value[0] != '/' || memchr(value, '\0', len) != NULL) {
        return false;
    }
    char *path = out_field;
    memcpy(path, value, len);
    path[len] = '\0';
    return true;
}

static bool take_bool(const char *value, size_t len, void *out_field)
{
    const bool yes = len == 3 && strncmp(value, "yes", 3) == 0;
    const bool no = len == 2 && strncmp(value, "no", 2) == 0;
    *(bool *)out_field = yes;
    return yes || no;
}

static bool take_tries(const char *value, size_t len, void *out_field)
{
    if (len == 0 || len > 2 || (len == 2 && value[0] == '0')) {
        return false;
    }
    unsigned tries = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9') {
            return false;
        }
        tries = tries * 10 + (unsigned)(value[i] - '0');
    }
    *(unsigned *)out_field = tries;
    return tries <= 15;
}

static const key keys[] = {
    {"lower", take_path, offsetof(mn_fault_config, lower), true},
    {"softhsm_conf", take_path, offsetof(mn_fault_config, softhsm_conf), false},
    {"state", take_path, offsetof(mn_fault_config, state), true},
    {"cards", take_bool, offsetof(mn_fault_config, cards), false},
    {"pin_tries", take_tries, offsetof(mn_fault_config, pin_tries), false},
    {"serialise", take_bool, offsetof(mn_fault_config, serialise), false},
    {"profile", take_path, offsetof(mn_fault_config, profile), false},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_blank(**text)) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_blank((*text)[*len - 1])) {
        (*len)--;
    }
}

static const char *parse_line(const char *text, size_t len, mn_fault_config *config,
                              bool seen[KEY_COUNT])
{
    trim(&text, &len);
    if (len == 0 || text[0] == '#') {
        return NULL;
    }
    const char *equals = memchr(text, '=', len);
    if (equals == NULL) {
        return "expected: key = value";
    }
    size_t name_len = (size_t)(equals - text);
    const char *value = equals + 1;
    size_t value_len = len - name_len - 1;
    trim(&text, &name_len);
    trim(&value, &value_len);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strlen(keys[i].name) != name_len || strncmp(keys[i].name, text, name_len) != 0) {
            continue;
        }
        if (seen[i]) {
            return "key given twice";
        }
        seen[i] = true;
        return keys[i].take(value, value_len, (char *)config + keys[i].offset)
                   ? NULL
                   : "value not allowed here";
    }
    return "unknown key";
}

bool mn_fault_config_parse(const char *text, size_t len, mn_fault_config *out_config,
                           char out_error[MN_FAULT_CONFIG_ERROR_BYTES])
{
    mn_fault_config config = {.pin_tries = 3};
    bool seen[KEY_COUNT] = {false};
    size_t at = 0;
    unsigned number = 0;
    while (at < len) {
        number++;
        const char *end = memchr(text + at, '\n', len - at);
        const char *wrong = end == NULL
                                ? "the last line has no end"
                                : parse_line(text + at, (size_t)(end - text) - at, &config, seen);
        if (wrong != NULL) {
            (void)snprintf(out_error, MN_FAULT_CONFIG_ERROR_BYTES, "line %u: %s", number, wrong);
            return false;
        }
        at = (size_t)(end - text) + 1;
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].required && !seen[i]) {
            (void)snprintf(out_error, MN_FAULT_CONFIG_ERROR_BYTES, "%s is missing", keys[i].name);
            return false;
        }
    }
    *out_config = config;
    return true;
}
