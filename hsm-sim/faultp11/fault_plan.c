/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's parser and what a plan says of one call. Pure: no file, no clock, no state.
 * A plan is taken whole or not at all; counting the calls is fault_counts.c's.
 */
#include "fault_plan.h"

#include <stdio.h>
#include <string.h>

/* The words of one line; no line of the grammar has more than five. */
#define MAX_WORDS 6

typedef struct word {
    const char *text;
    size_t len;
} word;

typedef struct line {
    word words[MAX_WORDS];
    size_t count;
} line;

static bool word_is(const word *w, const char *text)
{
    return w->len == strlen(text) && strncmp(w->text, text, w->len) == 0;
}

/* Splits at blanks; "#" begins a comment. Control bytes other than tab are no text. */
static const char *split(const char *text, size_t len, line *out_line)
{
    line result = {0};
    size_t at = 0;
    while (at < len && text[at] != '#') {
        if (text[at] == ' ' || text[at] == '\t') {
            at++;
            continue;
        }
        if (result.count == MAX_WORDS) {
            return "too many words";
        }
        word *w = &result.words[result.count++];
        w->text = text + at;
        while (at < len && text[at] != ' ' && text[at] != '\t' && text[at] != '#') {
            if ((unsigned char)text[at] < 0x20 || text[at] == 0x7f) {
                return "control character";
            }
            at++;
        }
        w->len = (size_t)(text + at - w->text);
    }
    *out_line = result;
    return NULL;
}

/* Decimal, 1 to 999 999 999, no sign, no leading zero. */
static bool parse_number(const char *text, size_t len, uint64_t *out_number)
{
    if (len == 0 || len > 9 || text[0] == '0') {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *out_number = number;
    return true;
}

static const char *parse_mechanism(const line *l, CK_MECHANISM_TYPE *list, size_t *count)
{
    CK_MECHANISM_TYPE mechanism;
    if (l->count != 2) {
        return "expected one CKM_NAME";
    }
    if (!mn_fault_name_mechanism(l->words[1].text, l->words[1].len, &mechanism)) {
        return "unknown mechanism";
    }
    if (*count == MN_FAULT_PLAN_MAX_RULES) {
        return "too many mechanisms";
    }
    list[(*count)++] = mechanism;
    return NULL;
}

static const char *parse_hide(const line *l, mn_fault_plan *plan)
{
    return parse_mechanism(l, plan->hidden, &plan->hidden_count);
}

static const char *parse_only(const line *l, mn_fault_plan *plan)
{
    return parse_mechanism(l, plan->only, &plan->only_count);
}

static const char *parse_gcm_iv(const line *l, mn_fault_plan *plan)
{
    static const char *const names[] = {
        [MN_FAULT_GCM_IV_IN_PLACE] = "in-place",
        [MN_FAULT_GCM_IV_APPENDED] = "appended",
        [MN_FAULT_GCM_IV_PREPENDED] = "prepended",
        [MN_FAULT_GCM_IV_APPENDED_16] = "appended-16",
    };
    for (size_t i = 1; l->count == 2 && i < sizeof names / sizeof names[0]; i++) {
        if (word_is(&l->words[1], names[i])) {
            plan->gcm_iv = (mn_fault_gcm_iv)i;
            return NULL;
        }
    }
    return "expected in-place, appended, appended-16 or prepended";
}

static const char *parse_no_trust(const line *l, mn_fault_plan *plan)
{
    plan->no_trust = true;
    return l->count == 1 ? NULL : "no-trust stands alone";
}

static const char *parse_lie_readable(const line *l, mn_fault_plan *plan)
{
    plan->lie_readable = true;
    return l->count == 1 ? NULL : "lie-readable stands alone";
}

static const char *parse_latency(const line *l, mn_fault_plan *plan)
{
    mn_fault_latency latency;
    if (l->count != 3) {
        return "expected: latency FUNCTION NUMBERms";
    }
    if (!mn_fault_name_function(l->words[1].text, l->words[1].len, &latency.fn)) {
        return "unknown function";
    }
    const word *time = &l->words[2];
    uint64_t ms;
    if (time->len < 3 || strncmp(time->text + time->len - 2, "ms", 2) != 0 ||
        !parse_number(time->text, time->len - 2, &ms) || ms > MN_FAULT_PLAN_MAX_LATENCY_MS) {
        return "expected a time of 1ms to 60000ms";
    }
    latency.ms = (unsigned)ms;
    if (plan->latency_count == MN_FAULT_PLAN_MAX_RULES) {
        return "too many latencies";
    }
    plan->latencies[plan->latency_count++] = latency;
    return NULL;
}

static const struct {
    const char *word;
    mn_fault_pin_flags flags;
} pin_flags[] = {
    {"none", MN_FAULT_PIN_FLAGS_NONE},
    {"no-count-low", MN_FAULT_PIN_FLAGS_NO_COUNT_LOW},
    {"always-final", MN_FAULT_PIN_FLAGS_ALWAYS_FINAL},
};

static const char *parse_pin_flags(const line *l, mn_fault_plan *plan)
{
    if (plan->pin_flags != MN_FAULT_PIN_FLAGS_TRUE) {
        return "pin-flags is given twice";
    }
    for (size_t i = 0; l->count == 2 && i < sizeof pin_flags / sizeof pin_flags[0]; i++) {
        if (word_is(&l->words[1], pin_flags[i].word)) {
            plan->pin_flags = pin_flags[i].flags;
            return NULL;
        }
    }
    return "expected: pin-flags none, no-count-low or always-final";
}

static const char *parse_effect(const word *w, mn_fault_rule *rule)
{
    if (word_is(w, "remove")) {
        rule->effect = MN_FAULT_EFFECT_REMOVE;
    } else if (word_is(w, "hang")) {
        rule->effect = MN_FAULT_EFFECT_HANG;
    } else if (mn_fault_name_answer(w->text, w->len, &rule->answer)) {
        rule->effect = MN_FAULT_EFFECT_ANSWER;
    } else {
        return "unknown effect: expected CKR_NAME, remove or hang";
    }
    return NULL;
}

static const char *parse_rule(const line *l, mn_fault_plan *plan)
{
    mn_fault_rule rule = {0};
    if (!mn_fault_name_function(l->words[0].text, l->words[0].len, &rule.fn)) {
        return "unknown function";
    }
    if (l->count < 2 || !parse_number(l->words[1].text, l->words[1].len, &rule.nth)) {
        return "expected the number of the call, from 1";
    }
    if (l->count < 3 || !(word_is(&l->words[2], "once") || word_is(&l->words[2], "always"))) {
        return "expected once or always";
    }
    rule.always = word_is(&l->words[2], "always");
    rule.late = l->count > 3 && word_is(&l->words[3], "late");
    const size_t effect_at = rule.late ? 4 : 3;
    if (l->count != effect_at + 1) {
        return "expected one effect: CKR_NAME, remove or hang";
    }
    const char *wrong = parse_effect(&l->words[effect_at], &rule);
    if (wrong != NULL) {
        return wrong;
    }
    if (plan->rule_count == MN_FAULT_PLAN_MAX_RULES) {
        return "too many faults";
    }
    plan->rules[plan->rule_count++] = rule;
    return NULL;
}

static const char *parse_line(const char *text, size_t len, mn_fault_plan *plan)
{
    static const struct {
        const char *word;
        const char *(*parse)(const line *l, mn_fault_plan *plan);
    } kinds[] = {
        {"hide", parse_hide},         {"only", parse_only},
        {"latency", parse_latency},   {"gcm-iv", parse_gcm_iv},
        {"no-trust", parse_no_trust}, {"lie-readable", parse_lie_readable},
    };
    line l;
    const char *wrong = split(text, len, &l);
    if (wrong != NULL || l.count == 0) {
        return wrong;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (word_is(&l.words[0], kinds[i].word)) {
            return kinds[i].parse(&l, plan);
        }
    }
    if (word_is(&l.words[0], "pin-flags")) {
        return parse_pin_flags(&l, plan);
    }
    return parse_rule(&l, plan);
}

bool mn_fault_plan_parse(const char *text, size_t len, mn_fault_plan *out_plan,
                         char out_error[MN_FAULT_PLAN_ERROR_BYTES])
{
    mn_fault_plan plan = {0};
    size_t at = 0;
    unsigned number = 0;
    if (len > MN_FAULT_PLAN_MAX_BYTES) {
        (void)snprintf(out_error, MN_FAULT_PLAN_ERROR_BYTES, "longer than %d bytes",
                       MN_FAULT_PLAN_MAX_BYTES);
        return false;
    }
    while (at < len) {
        number++;
        const char *end = memchr(text + at, '\n', len - at);
        /* Without this, a plan cut short in CKR_OPERATION_NOT_INITIALIZED could still be one. */
        const char *wrong = end == NULL ? "the last line has no end"
                                        : parse_line(text + at, (size_t)(end - text) - at, &plan);
        if (wrong != NULL) {
            (void)snprintf(out_error, MN_FAULT_PLAN_ERROR_BYTES, "line %u: %s", number, wrong);
            return false;
        }
        at = (size_t)(end - text) + 1;
    }
    *out_plan = plan;
    return true;
}

const mn_fault_rule *mn_fault_plan_match(const mn_fault_plan *plan, mn_fault_fn fn, uint64_t nth,
                                         uint64_t nth_any, bool late)
{
    for (size_t i = 0; i < plan->rule_count; i++) {
        const mn_fault_rule *rule = &plan->rules[i];
        if (rule->late != late || (rule->fn != MN_FAULT_ANY && rule->fn != fn)) {
            continue;
        }
        const uint64_t count = rule->fn == MN_FAULT_ANY ? nth_any : nth;
        if (count == rule->nth || (rule->always && count > rule->nth)) {
            return rule;
        }
    }
    return NULL;
}

unsigned mn_fault_plan_latency_ms(const mn_fault_plan *plan, mn_fault_fn fn)
{
    unsigned ms = 0;
    for (size_t i = 0; i < plan->latency_count; i++) {
        if (plan->latencies[i].fn == MN_FAULT_ANY || plan->latencies[i].fn == fn) {
            ms += plan->latencies[i].ms;
        }
    }
    return ms;
}

static bool is_among(const CK_MECHANISM_TYPE *list, size_t count, CK_MECHANISM_TYPE mechanism)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == mechanism) {
            return true;
        }
    }
    return false;
}

bool mn_fault_plan_is_hidden(const mn_fault_plan *plan, CK_MECHANISM_TYPE mechanism)
{
    return is_among(plan->hidden, plan->hidden_count, mechanism) ||
           (plan->only_count > 0 && !is_among(plan->only, plan->only_count, mechanism));
}
