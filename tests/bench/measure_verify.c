/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G13: verifying an export, by default (the last signature of each card) and with every signature.
 * The bare side reads the same files, digests them whole and line by line, makes the tree, and
 * checks as many signatures; it compares and understands nothing.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "api/api_guard.h"
#include "bench.h"
#include "bench_house.h"
#include "mnsec/verify.h"
#include "scratch.h"

#define MUST      BENCH_HOUSE_MUST
#define ENTRIES   20000
#define SIGNED_OF 10 /* every so many is signed by a card */
#define FILE_MAX  (16U << 20)
#define DIGEST    32
#define LEVELS    32

static const char *directory;

/* --- the log -------------------------------------------------------------------------------------
 */

/* Every entry on its own, as people make them, but all durable at once. */
static void append_one(mn_store_txn *txn, bool is_signed)
{
    mnsec_session *session = house.session;
    mn_audit *audit = house.opened->audit;
    mn_audit_draft draft = {
        .action = is_signed ? MN_ACTION_RECORD_SHOW : MN_ACTION_SESSION_UNLOCK,
        .auth = is_signed ? MN_AUDIT_AUTH_CARD : MN_AUDIT_AUTH_SESSION,
        .department = &house.kaigo,
        .session = &session->log,
        .body = {.actor = &session->person, .card = session->card, .role = "handler"},
    };
    if (is_signed) {
        draft.body.record = &house.records[0].id;
        draft.body.purpose = BENCH_HOUSE_PURPOSE;
        draft.body.doc = BENCH_HOUSE_DOCUMENT;
    }
    mn_guard_entry_fill(house.opened, &draft.body);
    MN_AUTO(mn_audit_entry) entry = {0};
    MN_AUTO(mn_audit_signature) signature = {0};
    uint64_t index = 0;
    MUST(mn_audit_prepare(audit, &draft, &entry));
    if (is_signed) {
        MUST(mn_session_sign(session, mn_buf_view(&entry.statement), &signature));
    }
    MUST(mn_audit_append(audit, txn, &entry, &signature, is_signed ? 1 : 0, &index));
    session->log = entry.session;
    session->entries++;
}

static void append_many(void)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MUST(mn_store_begin(house.opened->store, MN_STORE_WRITE, &txn));
    for (size_t i = 0; i < ENTRIES; i++) {
        append_one(&txn, i % SIGNED_OF == 0);
    }
    MUST(mn_store_commit(&txn));
    mn_audit_settle(house.opened->audit, true);
}

static void export_all(void)
{
    directory = scratch_path("export");
    facility_fixture_login(house.fixture, NAOTO);
    MUST(mnsec_audit_export(house.fixture->session, directory));
    facility_fixture_logout(house.fixture);
}

/* --- verified ------------------------------------------------------------------------------------
 */

typedef struct verifying {
    bool all;
    size_t signatures;
} verifying;

static void verify(void *user)
{
    verifying *with = user;
    mnsec_bundle_options options = MNSEC_BUNDLE_OPTIONS_INIT;
    mnsec_bundle_result result = {0};
    options.directory = directory;
    options.check_all = with->all;
    cr_assert_eq(mnsec_bundle_verify(&options, &result), MNSEC_OK);
    cr_assert_eq(result.verdict, MNSEC_BUNDLE_REACHED);
    with->signatures = result.signatures_verified;
}

/* --- bare ----------------------------------------------------------------------------------------
 */

static char text[FILE_MAX];
static EVP_MD_CTX *hasher;
static EVP_MD_CTX *verifier;

static void digest(const void *head, size_t head_len, const void *bytes, size_t len,
                   uint8_t out[DIGEST])
{
    bool good = EVP_DigestInit_ex(hasher, EVP_sha256(), NULL) == 1;
    good = good && EVP_DigestUpdate(hasher, head, head_len) == 1;
    good = good && EVP_DigestUpdate(hasher, bytes, len) == 1;
    cr_assert(good && EVP_DigestFinal_ex(hasher, out, NULL) == 1);
}

typedef struct tree {
    uint8_t edge[LEVELS][DIGEST];
    uint64_t size;
} tree;

static void join(const uint8_t left[DIGEST], const uint8_t right[DIGEST], uint8_t out[DIGEST])
{
    uint8_t both[1 + 2 * DIGEST] = {1};
    memcpy(both + 1, left, DIGEST);
    memcpy(both + 1 + DIGEST, right, DIGEST);
    digest("", 0, both, sizeof both, out);
}

static void add_leaf(tree *of, const char *line, size_t len)
{
    uint8_t node[DIGEST];
    digest("\0", 1, line, len, node);
    unsigned level = 0;
    for (; (of->size >> level & 1) != 0; level++) {
        join(of->edge[level], node, node);
    }
    memcpy(of->edge[level], node, DIGEST);
    of->size++;
}

/* An entry tells the root of the tree before it, so there is one to be made at every size. */
static void make_root(const tree *of)
{
    uint8_t node[DIGEST];
    bool any = false;
    for (unsigned level = 0; of->size >> level != 0; level++) {
        if ((of->size >> level & 1) == 0) {
            continue;
        }
        if (any) {
            join(of->edge[level], node, node);
        } else {
            memcpy(node, of->edge[level], DIGEST);
        }
        any = true;
    }
}

static void digest_lines(size_t len, tree *leaves)
{
    uint8_t found[DIGEST];
    for (char *at = text, *end = text + len; at < end;) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t line_len = (size_t)(newline - at);
        if (leaves) {
            add_leaf(leaves, at, line_len);
            make_root(leaves);
        } else {
            digest("", 0, at, line_len, found);
        }
        at = newline + 1;
    }
}

static void digest_file(const char *path, bool lines, tree *leaves)
{
    uint8_t found[DIGEST];
    FILE *file = fopen(path, "re");
    cr_assert(file);
    const size_t len = fread(text, 1, sizeof text, file);
    cr_assert(len < sizeof text);
    (void)fclose(file);
    digest("", 0, text, len, found);
    if (lines) {
        digest_lines(len, leaves);
    }
}

static void digest_folder(const char *name, bool lines, tree *leaves)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s/%s", directory, name);
    DIR *listing = opendir(folder);
    cr_assert(listing);
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        char path[2 * PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_REG) {
            digest_file(path, lines, leaves);
        }
    }
    (void)closedir(listing);
}

/* One key, one message of an entry's length, one signature: again and again. */
static void verify_signatures(size_t count)
{
    static EVP_PKEY *key;
    static uint8_t signature[80];
    static size_t len = sizeof signature;
    static uint8_t statement[450];
    if (!key) {
        key = EVP_EC_gen("P-256");
        cr_assert(EVP_DigestSignInit(verifier, NULL, EVP_sha256(), NULL, key) == 1 &&
                  EVP_DigestSign(verifier, signature, &len, statement, sizeof statement) == 1);
    }
    for (size_t i = 0; i < count; i++) {
        cr_assert(EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, key) == 1 &&
                  EVP_DigestVerify(verifier, signature, len, statement, sizeof statement) == 1);
    }
}

static void verify_raw(void *user)
{
    const verifying *with = user;
    static tree leaves;
    leaves = (tree){.size = 0};
    digest_folder("log", true, &leaves);
    digest_folder("body", true, NULL);
    digest_folder("sig", true, NULL);
    digest_folder("certs", false, NULL);
    verify_signatures(with->signatures);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static void measure(bool all, const char *what, const char *against)
{
    verifying with = {.all = all};
    verify(&with);
    bench_compare(&(bench_goal){
        .name = "G13",
        .what = what,
        .against = against,
        .at_most = 1.20,
        .why = "every line and body parsed and judged",
        .rounds = 7,
        .items = ENTRIES,
        .alone = true,
        .ours = verify,
        .bare = verify_raw,
        .user = &with,
    });
}

Test(measure_verify, against_digests_tree_and_signatures)
{
    bench_house_found(BENCH_HOUSE_TIMED);
    bench_house_fill(1);
    append_many();
    facility_fixture_logout(house.fixture);
    export_all();
    hasher = EVP_MD_CTX_new();
    verifier = EVP_MD_CTX_new();
    bench_title("Verifying an export of %d entries, one in %d signed by a card", ENTRIES,
                SIGNED_OF);

    measure(false, "mnsec_bundle_verify", "read + digests + roots + signatures");
    measure(true, "the same, every signature", "likewise");

    EVP_MD_CTX_free(hasher);
    EVP_MD_CTX_free(verifier);
    bench_house_leave();
}
