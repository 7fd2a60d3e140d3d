/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry says of its place, held against all entries before it: numbering, clock, authority,
 * history. Memory: the roots of the last 65,536 sizes, since an entry may refer back so far and no
 * further, and one counter for each department. Sessions: verify_session.c.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/secret/hash.h"
#include "verify_state.h"

#define RING (MN_VERIFY_BLOCK + 1U)

static mn_verify_finding check_place(mn_verify_past *past, const mn_verify_line *line)
{
    if (line->index != past->tree.size) {
        return MN_VERIFY_LOG_INDEX;
    }
    const char *origin = past->origin;
    return line->origin.len == strlen(origin) &&
                   memcmp(line->origin.bytes, origin, line->origin.len) == 0
               ? MN_VERIFY_FINDING_NONE
               : MN_VERIFY_LOG_ORIGIN;
}

static mn_verify_finding check_founding(mn_verify_past *past, const mn_verify_line *line)
{
    (void)past;
    const bool is_founding = mn_verify_line_is(line, "facility.found") && line->outcome == 0;
    const bool is_bare = line->at == 0 && line->ses == 0 && line->sn == 0 && !line->has_head;
    if (line->index == 0) {
        return is_founding && is_bare ? MN_VERIFY_FINDING_NONE : MN_VERIFY_LOG_FOUNDING;
    }
    return is_founding ? MN_VERIFY_LOG_FOUNDING : MN_VERIFY_FINDING_NONE;
}

static mn_verify_finding check_clock(mn_verify_past *past, const mn_verify_line *line)
{
    if (line->time < past->time && !mn_verify_line_is(line, "clock.step")) {
        return MN_VERIFY_LOG_CLOCK;
    }
    past->time = line->time;
    return MN_VERIFY_FINDING_NONE;
}

static mn_verify_finding check_department(mn_verify_past *past, const mn_verify_line *line)
{
    size_t n = 0;
    while (n < past->department_count &&
           (strlen(past->departments[n].name) != line->department.len ||
            memcmp(past->departments[n].name, line->department.bytes, line->department.len) != 0)) {
        n++;
    }
    if (n == MN_VERIFY_DEPARTMENTS) {
        return MN_VERIFY_LOG_DEPARTMENT;
    }
    mn_verify_department *found = &past->departments[n];
    if (n == past->department_count) {
        *found = (mn_verify_department){.count = 0};
        memcpy(found->name, line->department.bytes, line->department.len);
        past->department_count++;
    }
    found->count++;
    return line->department_index == found->count ? MN_VERIFY_FINDING_NONE
                                                  : MN_VERIFY_LOG_DEPARTMENT;
}

static mn_verify_finding check_head(mn_verify_past *past, const mn_verify_line *line)
{
    if (line->has_head != past->has_head ||
        (past->has_head && memcmp(line->head, past->head, sizeof(past->head)) != 0)) {
        return MN_VERIFY_LOG_HEAD;
    }
    if (mn_verify_line_is_authority(line)) {
        mn_hash_bytes(line->statement, past->head);
        past->has_head = true;
        past->authority++;
    }
    return MN_VERIFY_FINDING_NONE;
}

/* at and pre: this entry's own record of what came before it. */
static mn_verify_finding check_history(mn_verify_past *past, const mn_verify_line *line)
{
    const uint64_t size = past->tree.size;
    if (line->at > size || size - line->at > MN_VERIFY_BLOCK ||
        !mn_tlog_tree_hash_equal(&line->root, &past->ring[line->at % RING])) {
        return MN_VERIFY_LOG_HISTORY;
    }
    if (line->at > past->proven) {
        past->proven = line->at;
    }
    return MN_VERIFY_FINDING_NONE;
}

/* Which entries may be unsigned: what the log notes by itself, and what did not succeed. */
static mn_verify_finding check_auth(mn_verify_past *past, const mn_verify_line *line)
{
    static const char *const notes[] = {
        "session.attempt",      "session.login_failed", "session.unlock_failed", "session.lock",
        "session.card_removed", "clock.step",           "integrity.alarm",
    };
    (void)past;
    const bool is_card = line->auth == MN_VERIFY_AUTH_CARD;
    if (line->is_signed != is_card) {
        return MN_VERIFY_LOG_UNSIGNED;
    }
    if (is_card || line->outcome != 0) {
        return MN_VERIFY_FINDING_NONE;
    }
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        if (mn_verify_line_is(line, notes[i])) {
            return MN_VERIFY_FINDING_NONE;
        }
    }
    return line->auth == MN_VERIFY_AUTH_SESSION && !mn_verify_line_is_authority(line) &&
                   !mn_verify_line_is(line, "session.logout")
               ? MN_VERIFY_FINDING_NONE
               : MN_VERIFY_LOG_UNSIGNED;
}

typedef mn_verify_finding (*check_fn)(mn_verify_past *past, const mn_verify_line *line);
static const check_fn checks[] = {check_place,      check_founding, check_history, check_clock,
                                  check_department, check_head,     check_auth};

void mn_verify_past_wipe(mn_verify_past *past)
{
    free(past->ring);
    *past = (mn_verify_past){0};
}

mnsec_status mn_verify_past_init(mn_verify_past *out_past, const char *origin)
{
    mn_tlog_hash *ring = malloc(RING * sizeof(*ring));
    if (ring == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out_past = (mn_verify_past){.origin = origin, .ring = ring};
    mn_tlog_tree_root(&out_past->tree, &ring[0]);
    return MNSEC_OK;
}

mn_verify_finding mn_verify_past_check(mn_verify_past *past, const mn_verify_line *line)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        const mn_verify_finding finding = checks[i](past, line);
        if (finding != MN_VERIFY_FINDING_NONE) {
            return finding;
        }
    }
    return MN_VERIFY_FINDING_NONE;
}

const mn_tlog_hash *mn_verify_past_grow(mn_verify_past *past, mn_bytes line)
{
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(line, &leaf);
    mn_tlog_tree_append(&past->tree, &leaf);
    mn_tlog_hash *root = &past->ring[past->tree.size % RING];
    mn_tlog_tree_root(&past->tree, root);
    return root;
}
