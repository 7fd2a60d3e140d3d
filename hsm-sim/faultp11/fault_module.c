/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginning and end: finds the configuration, opens the state directory, loads the lower module by
 * its absolute path. What is wrong with a file is said on stderr in one line, and C_Initialize
 * fails.
 */
#include "fault_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_call.h"

mn_fault_module mn_fault_module_only = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .lower_lock = PTHREAD_RWLOCK_INITIALIZER,
    .inserted_dir = -1,
    .removed_dir = -1,
    .tries_dir = -1,
    .lower_file = -1,
};

/* C_Initialize and C_Finalize, one at a time. Outermost: taken before the module's lock. */
static pthread_mutex_t life = PTHREAD_MUTEX_INITIALIZER;

void mn_fault_module_complain(const char *what, const char *why)
{
    (void)fprintf(stderr, "mnsec-faultp11: %s: %s\n", what, why);
}

/* MNSEC_FAULTP11_CONF, else faultp11.conf in the folder of this shared object. */
static bool find_config(char out_path[PATH_MAX])
{
    const char *named = secure_getenv("MNSEC_FAULTP11_CONF");
    if (named != NULL) {
        return snprintf(out_path, PATH_MAX, "%s", named) < PATH_MAX;
    }
    Dl_info self;
    char real[PATH_MAX];
    if (dladdr(&mn_fault_module_only, &self) == 0 || realpath(self.dli_fname, real) == NULL) {
        return false;
    }
    *strrchr(real, '/') = '\0';
    return snprintf(out_path, PATH_MAX, "%s/faultp11.conf", real) < PATH_MAX;
}

static bool read_config(mn_fault_config *out_config)
{
    char path[PATH_MAX];
    char text[MN_FAULT_CONFIG_MAX_BYTES];
    char error[MN_FAULT_CONFIG_ERROR_BYTES];
    if (!find_config(path)) {
        mn_fault_module_complain("configuration", "cannot tell where it should be");
        return false;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
    const int why = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (len < 0) {
        mn_fault_module_complain(path, strerror(why));
        return false;
    }
    if (!mn_fault_config_parse(text, (size_t)len, out_config, error)) {
        mn_fault_module_complain(path, error);
        return false;
    }
    return true;
}

bool mn_fault_module_hides(const mn_fault_module *module, CK_MECHANISM_TYPE mechanism)
{
    return mn_fault_plan_is_hidden(&module->plan, mechanism) ||
           mn_fault_plan_is_hidden(&module->profile, mechanism);
}

mn_fault_gcm_iv mn_fault_module_gcm_iv(const mn_fault_module *module)
{
    return module->plan.gcm_iv != MN_FAULT_GCM_IV_GIVEN ? module->plan.gcm_iv
                                                        : module->profile.gcm_iv;
}

/* A folder of the state directory, made when it is not there. */
static int open_folder(const char *state, const char *name)
{
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/%s", state, name);
    (void)mkdir(path, 0700);
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        mn_fault_module_complain(path, strerror(errno));
    }
    return fd;
}

static bool open_state(mn_fault_module *module)
{
    const char *state = module->config.state;
    (void)mkdir(state, 0700);
    module->inserted_dir = open_folder(state, "inserted");
    module->removed_dir = open_folder(state, "removed");
    module->tries_dir = open_folder(state, "tries");
    if (module->inserted_dir < 0 || module->removed_dir < 0 || module->tries_dir < 0) {
        return false;
    }
    module->lower_file =
        openat(module->inserted_dir, "../lower.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    module->counts = mn_fault_counts_open(state);
    if (module->lower_file < 0 || module->counts == NULL) {
        mn_fault_module_complain(state, strerror(errno));
        return false;
    }
    return true;
}

static void close_file(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static void close_state(mn_fault_module *module)
{
    module->ready = false;
    module->initialised = false;
    mn_fault_presence_wipe(module);
    mn_fault_session_wipe(&module->sessions);
    mn_fault_counts_free(module->counts);
    module->counts = NULL;
    close_file(&module->inserted_dir);
    close_file(&module->removed_dir);
    close_file(&module->tries_dir);
    close_file(&module->lower_file);
    module->plan = (mn_fault_plan){0};
    module->plan_id = 0;
    module->plan_refused = false;
    module->profile = (mn_fault_plan){0};
    module->profile_id = 0;
    module->profile_refused = false;
}

/* Never unloaded: SoftHSM does not survive it, and a second dlopen finds it again. */
static bool load_lower(mn_fault_module *module)
{
    CK_C_GetFunctionList get_list;
    void *handle = dlopen(module->config.lower, RTLD_NOW | RTLD_LOCAL);
    void *symbol = handle != NULL ? dlsym(handle, "C_GetFunctionList") : NULL;
    if (symbol == NULL) {
        mn_fault_module_complain(module->config.lower, dlerror());
        return false;
    }
    memcpy(&get_list, &symbol, sizeof get_list); /* POSIX's way from object to function pointer */
    if (get_list(&module->lower) != CKR_OK) {
        mn_fault_module_complain(module->config.lower, "gives no function list");
        return false;
    }
    return true;
}

/* SoftHSM reads SOFTHSM2_CONF in C_Initialize and never again; the caller's value is put back. */
static CK_RV initialise_lower(mn_fault_module *module, void *args)
{
    if (module->config.softhsm_conf[0] == '\0') {
        return module->lower->C_Initialize(args);
    }
    const char *before = getenv("SOFTHSM2_CONF");
    char *kept = before != NULL ? strdup(before) : NULL;
    (void)setenv("SOFTHSM2_CONF", module->config.softhsm_conf, 1);
    const CK_RV rv = module->lower->C_Initialize(args);
    if (kept != NULL) {
        (void)setenv("SOFTHSM2_CONF", kept, 1);
    } else {
        (void)unsetenv("SOFTHSM2_CONF");
    }
    free(kept);
    return rv;
}

CK_RV mn_fault_module_restart_lower(mn_fault_module *module)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    mn_fault_call_take();
    (void)module->lower->C_Finalize(NULL);
    const CK_RV rv = initialise_lower(module, &args);
    mn_fault_call_give();
    return rv;
}

/* Everything before the lower module's own C_Initialize. */
static CK_RV prepare(mn_fault_module *module)
{
    if (module->initialised) {
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    }
    module->ready = read_config(&module->config) && open_state(module) && load_lower(module);
    if (!module->ready) {
        close_state(module);
        return CKR_GENERAL_ERROR;
    }
    return CKR_OK;
}

/* The lower module runs: what is in its slots? */
static CK_RV begin(mn_fault_module *module)
{
    const CK_RV rv = mn_fault_presence_list(module);
    if (rv != CKR_OK) {
        (void)module->lower->C_Finalize(NULL);
        return rv;
    }
    for (size_t i = 0; i < module->slots.count; i++) {
        module->slots.items[i].told_stay = module->slots.items[i].stay;
    }
    module->initialised = true;
    module->era++;
    return CKR_OK;
}

static CK_RV initialise(mn_fault_module *module, void *args)
{
    mn_fault_call call;
    (void)pthread_mutex_lock(&module->lock);
    CK_RV rv = prepare(module);
    (void)pthread_mutex_unlock(&module->lock);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = mn_fault_call_enter(&call, MN_FAULT_C_Initialize);
    if (rv == CKR_OK) {
        rv = initialise_lower(module, args);
        mn_fault_call_give();
        (void)pthread_mutex_lock(&module->lock);
        rv = rv == CKR_OK ? begin(module) : rv;
        (void)pthread_mutex_unlock(&module->lock);
        rv = mn_fault_call_late(&call, rv);
    }
    (void)pthread_mutex_lock(&module->lock);
    if (!module->initialised) {
        close_state(module);
    }
    (void)pthread_mutex_unlock(&module->lock);
    return rv;
}

CK_RV C_Initialize(void *args)
{
    (void)pthread_mutex_lock(&life);
    const CK_RV rv = initialise(&mn_fault_module_only, args);
    (void)pthread_mutex_unlock(&life);
    return rv;
}

static CK_RV finalise(mn_fault_module *module, void *reserved)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter(&call, MN_FAULT_C_Finalize);
    if (rv != CKR_OK) {
        return rv;
    }
    const CK_RV lower_rv = module->lower->C_Finalize(reserved);
    rv = mn_fault_call_leave(&call, lower_rv);
    if (lower_rv == CKR_OK) {
        (void)pthread_mutex_lock(&module->lock);
        close_state(module);
        (void)pthread_mutex_unlock(&module->lock);
    }
    return rv;
}

CK_RV C_Finalize(void *reserved)
{
    (void)pthread_mutex_lock(&life);
    const CK_RV rv = finalise(&mn_fault_module_only, reserved);
    (void)pthread_mutex_unlock(&life);
    return rv;
}
