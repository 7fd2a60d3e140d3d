/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is checked but that each call succeeds: an error would be fast. */
#include "bench_raw.h"

#include <criterion/criterion.h>
#include <gcrypt.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "token/keyring_internal.h"

#define IV_BYTES    12U
#define TAG_BYTES   16U
#define HEAD_BYTES  (1U + IV_BYTES)
#define INDEX_BYTES 32U
#define MAC_INPUT   54U /* `mnsec/index/1`: t */
#define TEXT_MAX    1024U
#define CARD_PIN    "123456"

/* What the token and SQLite are told of a record. */
typedef struct known {
    uint8_t index[INDEX_BYTES];
    mn_buf outer; /* method || iv || ciphertext || tag */
    mn_buf aad;
} known;

static struct {
    known *records;
    sqlite3 *db;
    sqlite3_stmt *find;
    sqlite3_stmt *get;
    sqlite3_stmt *scan;
    CK_OBJECT_HANDLE data_key;
    CK_OBJECT_HANDLE index_key;
    gcry_cipher_hd_t cipher;
    mn_p11 *card;
    mn_p11_session card_session;
    CK_OBJECT_HANDLE card_key;
    CK_KEY_TYPE card_key_type;
} raw;

/* --- the store -----------------------------------------------------------------------------------
 */

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v3(raw.db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL),
                 SQLITE_OK, "%s", sqlite3_errmsg(raw.db));
    return statement;
}

static void bind(sqlite3_stmt *statement, int at, const void *bytes, size_t len)
{
    cr_assert_eq(sqlite3_bind_blob(statement, at, bytes, (int)len, SQLITE_STATIC), SQLITE_OK);
}

static void read_one(sqlite3_stmt *statement)
{
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_assert_not_null(sqlite3_column_blob(statement, 0));
    (void)sqlite3_reset(statement);
}

static void open_store(void)
{
    cr_assert_eq(sqlite3_open_v2(house.fixture->store, &raw.db,
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL),
                 SQLITE_OK);
    raw.find = prepare("SELECT v.outer FROM blind_index b JOIN value v ON v.record = b.record "
                       "WHERE b.department = ?1 AND b.s_version = 1 AND b.epoch = 1 AND b.tag = ?2 "
                       "AND v.field = 1");
    raw.get = prepare("SELECT outer FROM value WHERE record = ?1 AND field = 1");
    raw.scan = prepare("SELECT record, outer FROM value");
}

void bench_raw_begin(void)
{
    cr_assert_eq(sqlite3_exec(raw.db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
}

void bench_raw_end(void)
{
    cr_assert_eq(sqlite3_exec(raw.db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

void bench_raw_find(size_t record)
{
    bind(raw.find, 1, house.kaigo.bytes, sizeof house.kaigo.bytes);
    bind(raw.find, 2, raw.records[record].index, INDEX_BYTES);
    read_one(raw.find);
}

void bench_raw_get(size_t record)
{
    bind(raw.get, 1, house.records[record].id.bytes, sizeof house.records[record].id.bytes);
    read_one(raw.get);
}

void bench_raw_scan(void)
{
    size_t rows = 0;
    while (sqlite3_step(raw.scan) == SQLITE_ROW) {
        rows += sqlite3_column_blob(raw.scan, 1) != NULL;
    }
    (void)sqlite3_reset(raw.scan);
    cr_assert_geq(rows, house.count);
}

/* --- what is known of each record ----------------------------------------------------------------
 */

static void read_blob(const char *sql, const mnsec_id *record, mn_buf *out_bytes)
{
    sqlite3_stmt *statement = prepare(sql);
    bind(statement, 1, record->bytes, sizeof record->bytes);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    BENCH_HOUSE_MUST(mn_buf_append(out_bytes, sqlite3_column_blob(statement, 0),
                                   (size_t)sqlite3_column_bytes(statement, 0)));
    (void)sqlite3_finalize(statement);
}

/* As docs/FORMATS.md 4.3 has it. */
static void make_aad(const bench_house_record *record, mn_buf *aad)
{
    BENCH_HOUSE_MUST(mn_encode_begin(aad, "mnsec/number-outer/1"));
    BENCH_HOUSE_MUST(mn_encode_id(aad, &house.opened->vault.facility));
    BENCH_HOUSE_MUST(mn_encode_id(aad, &house.kaigo));
    BENCH_HOUSE_MUST(mn_encode_id(aad, &record->id));
    BENCH_HOUSE_MUST(mn_encode_u64(aad, 1));
    BENCH_HOUSE_MUST(mn_encode_u64(aad, 1));
    BENCH_HOUSE_MUST(mn_encode_id(aad, &record->value));
}

static void know(size_t record)
{
    const bench_house_record *from = &house.records[record];
    known *to = &raw.records[record];
    MN_AUTO(mn_buf) index = {0};
    read_blob("SELECT tag FROM blind_index WHERE record = ?1", &from->id, &index);
    read_blob("SELECT outer FROM value WHERE record = ?1", &from->id, &to->outer);
    cr_assert_eq(index.len, INDEX_BYTES);
    memcpy(to->index, index.bytes, INDEX_BYTES);
    make_aad(from, &to->aad);
}

/* --- the facility token --------------------------------------------------------------------------
 */

static const mn_keyring_entry *key_of(mn_key_kind kind)
{
    const mn_key_ref ref = {.kind = kind, .department = house.kaigo, .epoch = 1};
    const mn_keyring_entry *entry = mn_keyring_key_get(house.opened->keyring, &ref);
    cr_assert_not_null(entry);
    return entry;
}

void bench_raw_use_token_keys(bool token_keys)
{
    const mn_keyring_entry *data = key_of(MN_KEY_DATA);
    const mn_keyring_entry *index = key_of(MN_KEY_INDEX);
    raw.data_key = token_keys ? data->token : data->use;
    raw.index_key = token_keys ? index->token : index->use;
}

static CK_FUNCTION_LIST *token(CK_SESSION_HANDLE *out_session)
{
    *out_session = house.opened->keyring->work.handle;
    return mn_keyring_calls(house.opened->keyring);
}

static void set_gcm(CK_MECHANISM *mechanism, CK_GCM_PARAMS *gcm, const uint8_t *iv, mn_bytes aad)
{
    *gcm = (CK_GCM_PARAMS){
        .iv_ptr = mn_keyring_lend(iv),
        .iv_len = IV_BYTES,
        .iv_bits = IV_BYTES * 8,
        .aad_ptr = mn_keyring_lend(aad.bytes),
        .aad_len = aad.len,
        .tag_bits = TAG_BYTES * 8,
    };
    *mechanism = (CK_MECHANISM){CKM_AES_GCM, gcm, sizeof *gcm};
}

void bench_raw_mac(void)
{
    static uint8_t message[MAC_INPUT];
    uint8_t mac[32];
    CK_ULONG len = sizeof mac;
    CK_MECHANISM mechanism = {.mechanism = CKM_SHA256_HMAC};
    CK_SESSION_HANDLE session;
    const CK_FUNCTION_LIST *calls = token(&session);
    cr_assert_eq(calls->C_SignInit(session, &mechanism, raw.index_key), CKR_OK);
    cr_assert_eq(calls->C_Sign(session, message, sizeof message, mac, &len), CKR_OK);
}

void bench_raw_decrypt(size_t record)
{
    const known *of = &raw.records[record];
    uint8_t opened[TEXT_MAX];
    CK_ULONG len = sizeof opened;
    CK_GCM_PARAMS gcm;
    CK_MECHANISM mechanism;
    CK_SESSION_HANDLE session;
    const CK_FUNCTION_LIST *calls = token(&session);
    set_gcm(&mechanism, &gcm, of->outer.bytes + 1, mn_buf_view(&of->aad));
    cr_assert_eq(calls->C_DecryptInit(session, &mechanism, raw.data_key), CKR_OK);
    cr_assert_eq(calls->C_Decrypt(session, of->outer.bytes + HEAD_BYTES, of->outer.len - HEAD_BYTES,
                                  opened, &len),
                 CKR_OK);
}

void bench_raw_encrypt(size_t len)
{
    static uint8_t text[TEXT_MAX];
    static uint8_t iv[IV_BYTES];
    uint8_t sealed[TEXT_MAX + TAG_BYTES];
    CK_ULONG sealed_len = sizeof sealed;
    CK_GCM_PARAMS gcm;
    CK_MECHANISM mechanism;
    CK_SESSION_HANDLE session;
    const CK_FUNCTION_LIST *calls = token(&session);
    iv[0]++;
    set_gcm(&mechanism, &gcm, iv, mn_buf_view(&raw.records[0].aad));
    cr_assert_eq(calls->C_EncryptInit(session, &mechanism, raw.data_key), CKR_OK);
    cr_assert_eq(calls->C_Encrypt(session, text, len, sealed, &sealed_len), CKR_OK);
}

/* --- the host ------------------------------------------------------------------------------------
 */

void bench_raw_host_mac(void)
{
    static uint8_t key[32];
    static uint8_t message[48];
    uint8_t mac[32];
    const gcry_buffer_t parts[] = {{.data = key, .len = sizeof key},
                                   {.data = message, .len = sizeof message}};
    cr_assert_eq(gcry_md_hash_buffers(GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC, mac, parts, 2), 0);
}

void bench_raw_host_cipher(size_t len)
{
    static uint8_t key[32];
    static uint8_t aad[128];
    uint8_t iv[IV_BYTES] = {0};
    uint8_t text[TEXT_MAX] = {0};
    uint8_t tag[TAG_BYTES];
    bool good = gcry_cipher_setkey(raw.cipher, key, sizeof key) == 0;
    good = good && gcry_cipher_setiv(raw.cipher, iv, sizeof iv) == 0;
    good = good && gcry_cipher_authenticate(raw.cipher, aad, sizeof aad) == 0;
    good = good && gcry_cipher_final(raw.cipher) == 0;
    good = good && gcry_cipher_encrypt(raw.cipher, text, len, NULL, 0) == 0;
    good = good && gcry_cipher_gettag(raw.cipher, tag, sizeof tag) == 0;
    cr_assert(good);
}

/* --- the card ------------------------------------------------------------------------------------
 */

static void open_card_session(const char *card)
{
    CK_TOKEN_INFO info;
    char label[33];
    MN_AUTO(mn_buf) slots = {0};
    BENCH_HOUSE_MUST(mn_p11_slots(raw.card, true, NULL, &slots));
    for (size_t at = 0; at < slots.len; at += sizeof(CK_SLOT_ID)) {
        CK_SLOT_ID slot;
        memcpy(&slot, slots.bytes + at, sizeof slot);
        cr_assert_eq(mn_p11_calls(raw.card)->C_GetTokenInfo(slot, &info), CKR_OK);
        mn_p11_text(info.label, sizeof info.label, label);
        if (strcmp(label, card) == 0) {
            BENCH_HOUSE_MUST(
                mn_p11_session_open(raw.card, slot, false, MN_P11_CARD, NULL, &raw.card_session));
            return;
        }
    }
    cr_assert_fail("the card is not in the reader");
}

static void open_card(const char *card)
{
    uint8_t pin[] = CARD_PIN;
    CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[] = {{CKA_CLASS, &private_key, sizeof private_key},
                              {CKA_SIGN, &yes, sizeof yes}};
    MN_AUTO(mn_buf) found = {0};
    BENCH_HOUSE_MUST(mn_p11_load(house.fixture->card_module, NULL, &raw.card));
    open_card_session(card);
    cr_assert_eq(
        mn_p11_calls(raw.card)->C_Login(raw.card_session.handle, CKU_USER, pin, sizeof pin - 1),
        CKR_OK);
    BENCH_HOUSE_MUST(mn_p11_session_find(&raw.card_session, pattern, 2, &found));
    cr_assert_geq(mn_p11_session_found(&found), 1);
    raw.card_key = mn_p11_session_handle(&found, 0);
    CK_ATTRIBUTE type = {CKA_KEY_TYPE, &raw.card_key_type, sizeof raw.card_key_type};
    cr_assert_eq(mn_p11_calls(raw.card)->C_GetAttributeValue(raw.card_session.handle, raw.card_key,
                                                             &type, 1),
                 CKR_OK);
}

void bench_raw_card_sign(void)
{
    static uint8_t text[51]; /* as long as a DigestInfo of SHA-256 */
    uint8_t signature[512];
    CK_ULONG len = sizeof signature;
    const bool ec = raw.card_key_type == CKK_EC;
    CK_MECHANISM mechanism = {.mechanism = ec ? CKM_ECDSA : CKM_RSA_PKCS};
    const CK_FUNCTION_LIST *calls = mn_p11_calls(raw.card);
    text[0]++;
    cr_assert_eq(calls->C_SignInit(raw.card_session.handle, &mechanism, raw.card_key), CKR_OK);
    cr_assert_eq(
        calls->C_Sign(raw.card_session.handle, text, ec ? 32 : sizeof text, signature, &len),
        CKR_OK);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

void bench_raw_open(const char *card)
{
    raw.records = calloc(house.count, sizeof *raw.records);
    cr_assert(raw.records);
    open_store();
    for (size_t i = 0; i < house.count; i++) {
        know(i);
    }
    bench_raw_use_token_keys(false);
    cr_assert_eq(
        gcry_cipher_open(&raw.cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, GCRY_CIPHER_SECURE),
        0);
    open_card(card);
}

void bench_raw_close(void)
{
    mn_p11_session_wipe(&raw.card_session);
    mn_p11_free(raw.card);
    gcry_cipher_close(raw.cipher);
    (void)sqlite3_finalize(raw.find);
    (void)sqlite3_finalize(raw.get);
    (void)sqlite3_finalize(raw.scan);
    (void)sqlite3_close(raw.db);
    for (size_t i = 0; i < house.count; i++) {
        mn_buf_wipe(&raw.records[i].outer);
        mn_buf_wipe(&raw.records[i].aad);
    }
    free(raw.records);
    memset(&raw, 0, sizeof raw);
}
