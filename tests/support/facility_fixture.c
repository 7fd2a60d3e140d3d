/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the facility of the tests is and how it comes to be. The template beside the test program
 * is made by whichever test comes first and is made anew when the program was built anew; the
 * others wait, and copy. Paths in the copied configurations are rewritten.
 */
#include "facility_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api_context.h"
#include "scratch.h"

#define MUST(f, call) FACILITY_FIXTURE_MUST(f, call)

facility_fixture himawari;

/* --- commands ------------------------------------------------------------------------------------
 */

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[8 * PATH_MAX];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    cr_assert(len > 0 && (size_t)len < sizeof command);
    cr_assert_eq(system(command), 0, "%s", command);
}

static void simulate(const facility_fixture *f, const char *script, const char *arguments)
{
    run("MNSEC_BUILD='%s' '%s/provision/%s' '%s/sim' %s", FACILITY_FIXTURE_BUILD,
        FACILITY_FIXTURE_SCRIPTS, script, f->directory, arguments);
}

static void join(char out_path[PATH_MAX], const char *directory, const char *name)
{
    const int len = snprintf(out_path, PATH_MAX, "%s%s", directory, name);
    cr_assert(len > 0 && len < PATH_MAX);
}

void facility_fixture_card(facility_fixture *f, const char *name, const char *profile)
{
    char arguments[200];
    snprintf(arguments, sizeof arguments, "'%s' --profile %s", name, profile);
    simulate(f, "card", arguments);
}

/* --- the folder ----------------------------------------------------------------------------------
 */

static const char *const departments[] = {KAIGO, SOMU};
static const mnsec_founder founders[] = {{.name = HARUKO, .card = HARUKO},
                                         {.name = AKIO, .card = AKIO}};

static void name_paths(facility_fixture *f, const char *directory)
{
    *f = (facility_fixture){0};
    snprintf(f->directory, sizeof f->directory, "%s", directory);
    join(f->place, directory, "/facility");
    join(f->store, directory, "/facility/store.db");
    join(f->workstation, directory, "/workstation.conf");
    join(f->head, directory, "/head");
    join(f->card_module, directory, "/sim/reader/mnsec-cards.so");
    join(f->reader_state, directory, "/sim/reader/state");
    join(f->token_state, directory, "/sim/facility/state");
    /* SoftHSM shows one slot more than there are tokens. */
    snprintf(f->token_uri, PATH_MAX, "pkcs11:slot-id=0?module-path=%s/sim/facility/mnsec-tokens.so",
             directory);
    snprintf(f->spare_uri, PATH_MAX, "pkcs11:slot-id=1?module-path=%s/sim/facility/mnsec-tokens.so",
             directory);
    f->founding = (mnsec_founding_options){
        .struct_size = sizeof f->founding,
        .name = "ひまわり苑",
        .departments = departments,
        .department_count = 2,
        .founders = founders,
        .founder_count = 2,
        .token_uri = f->token_uri,
        .spare_uri = facility_fixture_has_spare() ? f->spare_uri : NULL,
        .card_module = f->card_module,
        .workstation_name = "事務室1",
        .argon2_floor = 1,
    };
}

const char *facility_fixture_profile(void)
{
    const char *profile = getenv("MNSEC_SIM_PROFILE");
    return profile != NULL ? profile : "";
}

/* With which kinds of token a spare is no use: see hsm-sim/profiles. */
bool facility_fixture_has_spare(void)
{
    return facility_fixture_profile()[0] == '\0';
}

int64_t facility_fixture_now(const facility_fixture *f)
{
    return f->started + f->seconds;
}

static int64_t shifted_now(void *user)
{
    return facility_fixture_now(user);
}

static int64_t shifted_monotonic_ms(void *user)
{
    return ((const facility_fixture *)user)->seconds * 1000;
}

static void open_context(facility_fixture *f)
{
    mnsec_context_options options = MNSEC_CONTEXT_OPTIONS_INIT;
    facility_fixture_options(f, &options);
    cr_assert_eq(mnsec_context_new(&options, &f->context), MNSEC_OK);
    f->context->clock =
        (mn_clock){.now = shifted_now, .monotonic_ms = shifted_monotonic_ms, .user = f};
}

static void begin(facility_fixture *f)
{
    f->reader_counts = mn_fault_counts_open(f->reader_state);
    f->token_counts = mn_fault_counts_open(f->token_state);
    cr_assert(f->reader_counts && f->token_counts);
    f->started = mn_clock_now(&mn_clock_system);
    open_context(f);
}

void facility_fixture_close(facility_fixture *f)
{
    mnsec_context_free(f->context);
    f->context = NULL;
    f->session = NULL;
}

void facility_fixture_reopen(facility_fixture *f)
{
    facility_fixture_close(f);
    open_context(f);
}

void facility_fixture_end(facility_fixture *f)
{
    facility_fixture_close(f);
    mn_fault_counts_free(f->reader_counts);
    mn_fault_counts_free(f->token_counts);
    *f = (facility_fixture){0};
}

/* --- founding ------------------------------------------------------------------------------------
 */

mnsec_status facility_fixture_found(facility_fixture *f)
{
    for (size_t i = 0; i < f->founding.founder_count; i++) {
        facility_fixture_insert(f, f->founding.founders[i].name);
    }
    return mnsec_facility_found(f->context, &f->founding, &f->slip);
}

static mnsec_id enrol(facility_fixture *f, const char *name, mnsec_role role)
{
    mnsec_enrolment_options options = MNSEC_ENROLMENT_OPTIONS_INIT;
    options.name = name;
    options.role = role;
    options.card = name;
    mnsec_id id = {0};
    facility_fixture_insert(f, name);
    MUST(f, mnsec_staff_enrol(f->session, &options, &id));
    facility_fixture_pull(f, name);
    return id;
}

static void grant(facility_fixture *f, const mnsec_id *person, const char *department)
{
    const mnsec_grant given = {
        .person = *person,
        .department = facility_fixture_department(f, department),
        .actions = FACILITY_FIXTURE_ACTIONS,
        .document = "*",
    };
    mnsec_id id = {0};
    MUST(f, mnsec_grant_give(f->session, &given, NULL, &id));
}

void facility_fixture_staff(facility_fixture *f)
{
    facility_fixture_login(f, HARUKO);
    const mnsec_id taro = enrol(f, TARO, MNSEC_ROLE_HANDLER);
    const mnsec_id hanako = enrol(f, HANAKO, MNSEC_ROLE_HANDLER);
    enrol(f, NAOTO, MNSEC_ROLE_AUDITOR);
    grant(f, &taro, KAIGO);
    grant(f, &hanako, SOMU);
    facility_fixture_logout(f);
    facility_fixture_pull_all(f);
}

/* --- the template --------------------------------------------------------------------------------
 */

static void program_path(char out_path[PATH_MAX])
{
    const ssize_t len = readlink("/proc/self/exe", out_path, PATH_MAX - 1);
    cr_assert(len > 0);
    out_path[len] = '\0';
}

/* Which build the template belongs to. */
static void program_stamp(const char *program, char out_stamp[64])
{
    struct stat status;
    cr_assert_eq(stat(program, &status), 0);
    snprintf(out_stamp, 64, "%lld.%09ld %lld\n", (long long)status.st_mtim.tv_sec,
             status.st_mtim.tv_nsec, (long long)status.st_size);
}

static bool read_file(const char *path, void *out_bytes, size_t size)
{
    FILE *file = fopen(path, "re");
    const bool done = file && fread(out_bytes, 1, size, file) > 0;
    if (file) {
        (void)fclose(file);
    }
    return done;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "we");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* The token's URI has the path percent-encoded. */
static void encode_path(const char *path, char out_encoded[3 * PATH_MAX])
{
    size_t len = 0;
    for (; *path; path++) {
        len += (size_t)snprintf(out_encoded + len, 3 * PATH_MAX - len, *path == '/' ? "%%2F" : "%c",
                                *path);
    }
}

static void copy_folder(const char *from, const char *to)
{
    char encoded_from[3 * PATH_MAX];
    char encoded_to[3 * PATH_MAX];
    encode_path(from, encoded_from);
    encode_path(to, encoded_to);
    run("cp -a '%s' '%s' && cd '%s' && sed -i 's#%s#%s#g;s#%s#%s#g' sim/*/softhsm2.conf "
        "sim/*/faultp11.conf $(ls workstation.conf 2>/dev/null)",
        from, to, to, from, to, encoded_from, encoded_to);
}

static void make_cards(const char *directory)
{
    static const struct {
        const char *name;
        const char *profile;
    } cards[] = {{HARUKO, "standard"}, {AKIO, "standard"}, {TARO, "standard"},
                 {HANAKO, "ec"},       {NAOTO, "rsa"},     {SABURO, "standard"}};
    facility_fixture f;
    name_paths(&f, directory);
    run("mkdir -p '%s'", directory);
    simulate(&f, "provision", "");
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        facility_fixture_card(&f, cards[i].name, cards[i].profile);
    }
}

static void make_founded(const char *directory)
{
    static facility_fixture f;
    char shown[PATH_MAX];
    name_paths(&f, directory);
    begin(&f);
    MUST(&f, facility_fixture_found(&f));
    facility_fixture_pull_all(&f);
    facility_fixture_staff(&f);
    join(shown, directory, "/shown");
    write_file(shown, &f.shown, sizeof f.shown);
    facility_fixture_end(&f);
}

static void make_template(const char *template, const char *stamp)
{
    char blank[PATH_MAX];
    char founded[PATH_MAX];
    char path[PATH_MAX];
    join(blank, template, "/blank");
    join(founded, template, "/founded");
    join(path, template, "/stamp");
    run("rm -rf '%s'", template);
    make_cards(blank);
    copy_folder(blank, founded);
    make_founded(founded);
    write_file(path, stamp, strlen(stamp));
}

static void find_template(char out_template[PATH_MAX])
{
    char program[PATH_MAX];
    char path[PATH_MAX];
    char stamp[64];
    char found[64] = "";
    char suffix[64];
    program_path(program);
    program_stamp(program, stamp);
    snprintf(suffix, sizeof suffix, ".template%s%.40s", facility_fixture_profile()[0] ? "-" : "",
             facility_fixture_profile());
    join(path, program, ".lock");
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(lock >= 0 && flock(lock, LOCK_EX) == 0);
    join(out_template, program, suffix);
    join(path, out_template, "/stamp");
    if (!read_file(path, found, sizeof found - 1) || strcmp(found, stamp) != 0) {
        make_template(out_template, stamp);
    }
    close(lock);
}

void facility_fixture_add_existing(facility_fixture *f, const char *directory)
{
    char path[PATH_MAX];
    name_paths(f, directory);
    join(path, directory, "/shown");
    (void)read_file(path, &f->shown, sizeof f->shown);
    begin(f);
}

static void add(facility_fixture *f, const char *name, const char *kind)
{
    char template[PATH_MAX];
    char path[PATH_MAX];
    find_template(template);
    join(path, template, kind);
    const char *directory = scratch_path(name);
    copy_folder(path, directory);
    facility_fixture_add_existing(f, directory);
}

void facility_fixture_add(facility_fixture *f, const char *name)
{
    add(f, name, "/founded");
}

void facility_fixture_add_blank(facility_fixture *f, const char *name)
{
    add(f, name, "/blank");
}

void facility_fixture_make(void)
{
    scratch_make();
    facility_fixture_add(&himawari, "himawari");
}

void facility_fixture_make_blank(void)
{
    scratch_make();
    facility_fixture_add_blank(&himawari, "himawari");
}

void facility_fixture_remove(void)
{
    facility_fixture_end(&himawari);
    scratch_remove();
}
