/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame around every call. The order in enter is the order of the real thing: a call is
 * counted, takes its time, fails or hangs on the way, finds the token there or not, and only then
 * is answered by it. The plan file is looked at before each call, so that a test may change it
 * under way.
 */
#include "fault_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fault_hash.h"

typedef enum scope { SCOPE_MODULE, SCOPE_SLOT, SCOPE_TOKEN, SCOPE_SESSION } scope;

static uint64_t plan_identity(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return 0;
    }
    const int64_t identity[] = {(int64_t)st.st_dev, (int64_t)st.st_ino, st.st_mtim.tv_sec,
                                st.st_mtim.tv_nsec, st.st_ctim.tv_sec,  st.st_ctim.tv_nsec,
                                (int64_t)st.st_size};
    return mn_fault_hash(identity, sizeof identity) | 1;
}

static bool read_plan(const char *path, mn_fault_plan *out_plan)
{
    char text[MN_FAULT_PLAN_MAX_BYTES + 1];
    char error[MN_FAULT_PLAN_ERROR_BYTES];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (len < 0) {
        mn_fault_module_complain(path, strerror(errno));
        return false;
    }
    if (!mn_fault_plan_parse(text, (size_t)len, out_plan, error)) {
        mn_fault_module_complain(path, error);
        return false;
    }
    return true;
}

/* The profile is read like a plan, once; it numbers no calls anew. */
static void read_profile(mn_fault_module *module)
{
    if (module->config.profile[0] != '\0' && module->profile_id == 0) {
        module->profile_id = 1;
        module->profile_refused = !read_plan(module->config.profile, &module->profile);
    }
}

/* A plan that is not understood makes every call fail: better than a test of nothing. */
static void refresh_plan(mn_fault_module *module)
{
    char path[PATH_MAX + 8];
    (void)snprintf(path, sizeof path, "%s/plan", module->config.state);
    const uint64_t id = plan_identity(path);
    if (id == module->plan_id) {
        return;
    }
    mn_fault_plan plan = {0};
    module->plan_refused = id != 0 && !read_plan(path, &plan);
    module->plan = plan;
    module->plan_id = id;
    mn_fault_counts_adopt_plan(module->counts, id);
}

static void sleep_ms(unsigned ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static _Noreturn void hang(void)
{
    for (;;) {
        (void)pause();
    }
}

/* Where the call goes: fills the call's slot. A session not in the table has none; the lower module
 * says what it thinks of such a handle. */
static void locate(mn_fault_module *module, mn_fault_call *call, scope where, CK_ULONG id,
                   bool *out_dead)
{
    *out_dead = false;
    if (where == SCOPE_SLOT || where == SCOPE_TOKEN) {
        call->has_slot = true;
        call->slot = id;
    } else if (where == SCOPE_SESSION) {
        const mn_fault_session *session = mn_fault_session_find(&module->sessions, id);
        call->has_slot = session != NULL;
        call->slot = session != NULL ? session->slot : 0;
        *out_dead = session != NULL && session->dead;
    }
}

/* Is what the call speaks to there? Looks at the markers, which may bury sessions. */
static CK_RV check_presence(mn_fault_module *module, mn_fault_call *call, scope where, CK_ULONG id)
{
    bool dead;
    if (!call->has_slot) {
        return CKR_OK;
    }
    mn_fault_slot *slot = mn_fault_presence_find(module, call->slot);
    if (slot == NULL) {
        return where == SCOPE_SESSION ? CKR_DEVICE_REMOVED : CKR_SLOT_ID_INVALID;
    }
    mn_fault_presence_refresh(module, slot);
    locate(module, call, where, id, &dead);
    call->generation = slot->generation;
    call->present = slot->stay != 0;
    memcpy(call->serial, slot->serial, sizeof call->serial);
    if (where == SCOPE_SESSION && dead) {
        return slot->stay == 0 ? CKR_DEVICE_REMOVED : CKR_SESSION_HANDLE_INVALID;
    }
    return where == SCOPE_TOKEN && slot->stay == 0 ? CKR_TOKEN_NOT_PRESENT : CKR_OK;
}

/* Applies a rule; CKR_OK: go on (nothing, or a removal that the presence check will find). */
static CK_RV apply(mn_fault_module *module, const mn_fault_rule *rule, const mn_fault_call *call)
{
    if (rule == NULL) {
        return CKR_OK;
    }
    if (rule->effect == MN_FAULT_EFFECT_ANSWER) {
        return rule->answer;
    }
    if (rule->effect == MN_FAULT_EFFECT_HANG) {
        (void)pthread_mutex_unlock(&module->lock);
        hang();
    }
    mn_fault_slot *slot = call->has_slot ? mn_fault_presence_find(module, call->slot) : NULL;
    if (slot != NULL || !call->has_slot) {
        mn_fault_presence_pull(module, slot);
    }
    return CKR_OK;
}

/* Everything of enter that is done under the module's lock. */
static CK_RV admit(mn_fault_module *module, mn_fault_call *call, scope where, CK_ULONG id,
                   const CK_MECHANISM *mechanism)
{
    bool dead;
    locate(module, call, where, id, &dead);
    const mn_fault_rule *rule =
        mn_fault_plan_match(&module->plan, call->fn, call->nth, call->nth_any, false);
    if (rule == NULL) {
        rule = mn_fault_plan_match(&module->profile, call->fn, call->nth, call->nth_any, false);
    }
    CK_RV rv = apply(module, rule, call);
    if (rv == CKR_OK) {
        rv = check_presence(module, call, where, id);
    }
    if (rv == CKR_OK && mechanism != NULL && mn_fault_module_hides(module, mechanism->mechanism)) {
        rv = CKR_MECHANISM_INVALID;
    }
    return rv;
}

void mn_fault_call_take(void)
{
    mn_fault_module *module = &mn_fault_module_only;
    if (module->config.serialise) {
        (void)pthread_rwlock_wrlock(&module->lower_lock);
        (void)flock(module->lower_file, LOCK_EX);
    } else {
        (void)pthread_rwlock_rdlock(&module->lower_lock);
    }
}

static CK_RV enter(mn_fault_call *out_call, mn_fault_fn fn, scope where, CK_ULONG id,
                   const CK_MECHANISM *mechanism)
{
    mn_fault_module *module = &mn_fault_module_only;
    mn_fault_call call = {.fn = fn};
    (void)pthread_mutex_lock(&module->lock);
    if (!module->ready || (!module->initialised && fn != MN_FAULT_C_Initialize)) {
        (void)pthread_mutex_unlock(&module->lock);
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    refresh_plan(module);
    read_profile(module);
    mn_fault_counts_add(module->counts, fn, &call.nth, &call.nth_any);
    const unsigned ms = mn_fault_plan_latency_ms(&module->plan, fn);
    if (ms > 0) {
        (void)pthread_mutex_unlock(&module->lock);
        sleep_ms(ms);
        (void)pthread_mutex_lock(&module->lock);
    }
    const CK_RV rv = module->plan_refused || module->profile_refused
                         ? CKR_GENERAL_ERROR
                         : admit(module, &call, where, id, mechanism);
    (void)pthread_mutex_unlock(&module->lock);
    if (rv != CKR_OK) {
        return rv;
    }
    mn_fault_call_take();
    *out_call = call;
    return CKR_OK;
}

CK_RV mn_fault_call_enter(mn_fault_call *out_call, mn_fault_fn fn)
{
    return enter(out_call, fn, SCOPE_MODULE, 0, NULL);
}

CK_RV mn_fault_call_enter_slot(mn_fault_call *out_call, mn_fault_fn fn, CK_SLOT_ID slot)
{
    return enter(out_call, fn, SCOPE_SLOT, slot, NULL);
}

CK_RV mn_fault_call_enter_token(mn_fault_call *out_call, mn_fault_fn fn, CK_SLOT_ID slot,
                                const CK_MECHANISM *mechanism)
{
    return enter(out_call, fn, SCOPE_TOKEN, slot, mechanism);
}

CK_RV mn_fault_call_enter_session(mn_fault_call *out_call, mn_fault_fn fn,
                                  CK_SESSION_HANDLE session, const CK_MECHANISM *mechanism)
{
    return enter(out_call, fn, SCOPE_SESSION, session, mechanism);
}

void mn_fault_call_give(void)
{
    mn_fault_module *module = &mn_fault_module_only;
    if (module->config.serialise) {
        (void)flock(module->lower_file, LOCK_UN);
    }
    (void)pthread_rwlock_unlock(&module->lower_lock);
}

CK_RV mn_fault_call_late(const mn_fault_call *call, CK_RV rv)
{
    mn_fault_module *module = &mn_fault_module_only;
    (void)pthread_mutex_lock(&module->lock);
    const CK_RV late =
        module->ready
            ? apply(module,
                    mn_fault_plan_match(&module->plan, call->fn, call->nth, call->nth_any, true),
                    call)
            : CKR_OK;
    (void)pthread_mutex_unlock(&module->lock);
    return late != CKR_OK ? late : rv;
}

CK_RV mn_fault_call_leave(const mn_fault_call *call, CK_RV rv)
{
    mn_fault_call_give();
    return mn_fault_call_late(call, rv);
}
