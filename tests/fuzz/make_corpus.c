/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the inputs that the fuzz targets begin with: FOLDER/TARGET/NAME, one valid encoding each.
 * Run it when a format has changed; what a fuzzer has found stands beside them under its own name.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/audit_body.h"
#include "base/base64.h"
#include "base/config.h"
#include "base/encode.h"
#include "crypto/public/x509.h"
#include "crypto/secret/crypto.h"
#include "soft_key.h"
#include "statement_samples.h"
#include "tlog/tlog.h"
#include "token/card_wire.h"
#include "token/keyring.h"
#include "vault/vault_share.h"

static const char *folder;

static void must(mnsec_status status)
{
    if (status != MNSEC_OK) {
        (void)fprintf(stderr, "%s\n", mnsec_status_name(status));
        abort();
    }
}

/* choice: the first byte of targets with several decoders; -1 = none. */
static void put(const char *target, const char *name, int choice, const void *bytes, size_t len)
{
    char path[PATH_MAX];
    MN_AUTO(mn_buf) input = {0};
    const uint8_t first = (uint8_t)choice;
    must(mn_buf_append(&input, &first, choice < 0 ? 0 : 1));
    must(mn_buf_append(&input, bytes, len));
    (void)snprintf(path, sizeof(path), "%s/%s", folder, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        abort();
    }
    (void)snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
    must(mn_config_write_file(path, mn_buf_view(&input), 0644, NULL));
}

static void put_buf(const char *target, const char *name, int choice, const mn_buf *bytes)
{
    put(target, name, choice, bytes->bytes, bytes->len);
}

static void put_text(const char *target, const char *name, const char *text)
{
    put(target, name, -1, text, strlen(text));
}

static void make_statements(void)
{
    for (int kind = MN_STATEMENT_FACILITY_FOUND; kind <= MN_STATEMENT_POLICY_CHANGE; kind++) {
        MN_AUTO_PTR(mn_statement) statement = sample_statement((mn_statement_kind)kind);
        MN_AUTO(mn_buf) bytes = {0};
        must(mn_statement_encode(statement, &bytes));
        put_buf("statement", mn_statement_event((mn_statement_kind)kind), kind, &bytes);
    }
}

static void make_encodings(void)
{
    const mnsec_id id = sample_id(0x21);
    MN_AUTO(mn_buf) bytes = {0};
    must(mn_encode_begin(&bytes, "mnsec/test/1"));
    put_buf("encode", "empty", -1, &bytes);
    must(mn_encode_text(&bytes, "苑"));
    must(mn_encode_u64(&bytes, 1));
    must(mn_encode_id(&bytes, &id));
    must(mn_encode_bytes(&bytes, bytes.bytes, 0));
    put_buf("encode", "one-of-each", -1, &bytes);
}

static void make_texts(void)
{
    put_text("config", "workstation",
             "# workstation\nfacility = aaaaaaaaaaaaaaaaaaaaaaaaaa\n\nwitness = a b\n"
             "witness = c\nname = 事務所\n");
    put_text("config", "no-line-end", "facility=x");
    put_text("base64", "padded", "Zm9vYg==");
    put_text("base64", "url", "-_8");
    put_text("base64", "digest", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    put_text("base64", "id", "aaaqeayeaudaocajbifqydiob4");
    put_text("text", "quads", "番号は 1234-5678-9018 です");
    put_text("text", "full-width", "１２３４５６７８９０１８");
    put_text("text", "number", "123456789018");
    put_text("text", "kana", "ﾔﾏﾀﾞ ハナコ é");
    put_text("csv", "rows", "\x05kind,name\r\nemployee,\"山田, \"\"花子\"\"\"\r\n\r\nx,\"a\nb\"\n");
    put_text("csv", "stray",
             "\x01"
             "a\"b,c\n\"d\"e\n\"unclosed");
    put_text("uri", "token",
             "pkcs11:token=mnsec;serial=1%20a;manufacturer=SoftHSM%20project"
             "?module-path=/usr/lib/softhsm/libsofthsm2.so");
    put_text("uri", "slot", "pkcs11:slot-id=3?module-path=/m.so");
}

static void make_shares(void)
{
    static const uint8_t bytes[33] = {1, 2, 3};
    MN_AUTO(mn_secret) share = {0};
    MN_AUTO(mn_secret) text = {0};
    must(mn_secret_copy(&share, bytes, sizeof(bytes)));
    must(mn_vault_share_format(&share, &text));
    put("share", "typed", -1, text.bytes, text.len);
}

static void make_messages(void)
{
    static const uint8_t spki_hash[32] = {7};
    MN_AUTO(mn_secret) message = {0};
    MN_AUTO(mn_card_wire_request) login = {.command = MN_CARD_COMMAND_LOGIN};
    memcpy(login.spki_hash, spki_hash, sizeof(spki_hash));
    must(mn_secret_copy(&login.pin, "1234", 4));
    must(mn_card_wire_put_request(&login, &message));
    put("card_wire", "login", 0, message.bytes, message.len);

    MN_AUTO(mn_card_wire_request) sign = {.command = MN_CARD_COMMAND_SIGN};
    must(mn_buf_append_text(&sign.payload, "{\"_\":\"mnsec-audit/1\"}"));
    must(mn_card_wire_put_request(&sign, &message));
    put("card_wire", "sign", 0, message.bytes, message.len);

    MN_AUTO(mn_card_wire_answer) answer = {
        .kind = MN_CARD_ANSWER_RESULT, .status = MNSEC_E_CARD_PIN, .native = 0xA0};
    must(mn_buf_append_text(&answer.text, "wrong PIN"));
    must(mn_card_wire_put_answer(&answer, &message));
    put("card_wire", "wrong-pin", 1, message.bytes, message.len);

    MN_AUTO(mn_card_info) card = {.label = "card",
                                  .reader = "reader",
                                  .can_bind_ecdh = true,
                                  .sign_alg = MN_SIGNATURE_ECDSA_P256_SHA256};
    MN_AUTO(mn_buf) cards = {0};
    memcpy(card.spki_hash, spki_hash, sizeof(spki_hash));
    must(mn_buf_append_text(&card.certificate, "certificate"));
    must(mn_card_wire_put_cards(&card, 1, &cards));
    put_buf("card_wire", "cards", 2, &cards);

    soft_key key;
    MN_AUTO(mn_card_binding) binding = {.method = MN_CARD_METHOD_ECDH};
    MN_AUTO(mn_buf) bytes = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    must(mn_buf_append(&binding.key_spki, key.spki.bytes, key.spki.len));
    must(mn_x509_point(mn_buf_view(&key.spki), &binding.data));
    must(mn_card_binding_encode(&binding, &bytes));
    put_buf("card_wire", "binding", 3, &bytes);
    soft_key_wipe(&key);
}

static void make_passports(void)
{
    const mn_passport passport = {
        .manufacturer = "SoftHSM project",
        .model = "SoftHSM v2",
        .serial = "0123456789abcdef",
        .label = "mnsec",
        .outer = MN_OUTER_AES_GCM,
        .mac = MN_MAC_HMAC_SHA256,
        .audit_alg = MN_SIGNATURE_ECDSA_P256_SHA256,
        .trusted_honoured = true,
        .wrap = MN_RSA_OAEP_SHA1,
        .pin_max = 255,
        .objects_max = 88,
    };
    static const uint8_t answer[32] = {7};
    const mnsec_id department = {{1}};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) keys = {0};
    must(mn_passport_encode(&passport, &bytes));
    put_buf("passport", "softhsm", 0, &bytes);
    must(mn_encode_begin(&keys, "mnsec/key-attributes/1"));
    must(mn_encode_u64(&keys, 1));
    must(mn_encode_u64(&keys, MN_KEY_DATA));
    must(mn_encode_id(&keys, &department));
    must(mn_encode_u64(&keys, 1));
    must(mn_encode_text(&keys, "label"));
    for (uint64_t i = 0; i < 5; i++) { /* type, bytes, mechanism, known, set */
        must(mn_encode_u64(&keys, i));
    }
    must(mn_encode_bytes(&keys, answer, sizeof(answer)));
    put_buf("passport", "one-key", 1, &keys);
}

static void make_checkpoints(void)
{
    static const uint8_t spki[] = "a key";
    mn_tlog_checkpoint checkpoint = {.origin = "mnsec/test", .tree_size = 65537};
    mn_tlog_tree tree = {0};
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) note = {0};
    MN_AUTO(mn_buf) bytes = {0};
    for (size_t i = 0; i < 5; i++) {
        mn_tlog_hash leaf;
        mn_tlog_tree_leaf(mn_bytes_of("line", 4), &leaf);
        mn_tlog_tree_append(&tree, &leaf);
    }
    mn_tlog_tree_root(&tree, &checkpoint.root);
    must(mn_tlog_checkpoint_format(&checkpoint, &text));
    put_buf("checkpoint", "text", 0, &text);
    must(mn_tlog_checkpoint_note(mn_buf_view(&text), "mnsec/test", mn_bytes_of(spki, sizeof(spki)),
                                 mn_bytes_of("0\6\2\1\1\2\1\1", 8), &note));
    put_buf("checkpoint", "note", 1, &note);
    must(mn_tlog_tree_encode(&tree, &bytes));
    put_buf("checkpoint", "tree", 2, &bytes);
}

static void make_cms(const soft_key *key, const mn_buf *certificate)
{
    MN_AUTO(mn_buf) cms = {0};
    MN_AUTO(mn_buf) input = {0};
    const uint8_t len[2] = {(uint8_t)(certificate->len >> 8), (uint8_t)certificate->len};
    must(mn_cms_sign(mn_bytes_of("content", 7), mn_buf_view(certificate), &key->signer, 1700000000,
                     &cms));
    must(mn_buf_append(&input, len, sizeof(len)));
    must(mn_buf_append(&input, certificate->bytes, certificate->len));
    must(mn_buf_append(&input, cms.bytes, cms.len));
    put_buf("x509", "cms", 4, &input);
}

static void make_certificates(void)
{
    static const uint8_t founding_hash[32] = {9};
    soft_key key;
    MN_AUTO(mn_buf) certificate = {0};
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) raw = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    const mn_x509_request request = {
        .subject_cn = "監査",
        .issuer_cn = "監査",
        .subject_spki = mn_buf_view(&key.spki),
        .not_before = 1700000000,
        .serial = {1},
        .is_ca = true,
        .founding_hash = mn_bytes_of(founding_hash, sizeof(founding_hash)),
    };
    must(mn_x509_issue(&request, &key.signer, &certificate));
    put_buf("x509", "certificate", 0, &certificate);
    must(mn_x509_to_pem(mn_buf_view(&certificate), &pem));
    put_buf("x509", "pem", 1, &pem);
    put_buf("x509", "key-p256", 2, &key.spki);
    soft_key_sign(&key, mn_bytes_of("content", 7), &raw);
    must(mn_signature_der_from_raw(mn_buf_view(&raw), &der));
    put_buf("x509", "signature", 3, &der);
    make_cms(&key, &certificate);
    soft_key_wipe(&key);

    soft_key_make(&key, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);
    put_buf("x509", "key-rsa", 2, &key.spki);
    soft_key_wipe(&key);
}

#define BUNDLE_DIGEST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void put_document(mn_statement_kind kind, uint8_t choice)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(kind);
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) chosen = {0};
    must(mn_statement_encode(statement, &bytes));
    must(mn_buf_append(&chosen, &choice, 1));
    must(mn_buf_append(&chosen, bytes.bytes, bytes.len));
    put_buf("bundle", mn_statement_event(kind), 3, &chosen);
}

static void make_bundle_lines(void)
{
    static const char line[] =
        "{\"_\":\"mnsec-audit/1\",\"ah\":\"" BUNDLE_DIGEST
        "\",\"at\":41,\"auth\":\"card\",\"bh\":\"" BUNDLE_DIGEST
        "\",\"dept\":\"-\",\"ev\":\"record.show\",\"log\":\"mnsec/"
        "x\",\"out\":0,\"pre\":\"" BUNDLE_DIGEST
        "\",\"ses\":7,\"sn\":3,\"st\":\"use\",\"ts\":1767225600}\t42 5 1767225601\t" BUNDLE_DIGEST;
    static const char signatures[] = "42 rs256 " BUNDLE_DIGEST " AAAA ps256 " BUNDLE_DIGEST
                                     " AAAA es256 " BUNDLE_DIGEST " MAYCAQECAQE";
    static const char body[] = "{\"d\":{\"authdoc\":\"AAAA\",\"items\":[],\"year\":2026},"
                               "\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\"}";
    put("bundle", "line", 0, line, strlen(line));
    put("bundle", "signatures", 1, signatures, strlen(signatures));
    put("bundle", "body", 2, body, strlen(body));
    put("log", "line", 0, line, strlen(line));
    put("log", "signatures", 1, signatures, strlen(signatures));
    put_document(MN_STATEMENT_FACILITY_FOUND, 0);
    put_document(MN_STATEMENT_STAFF_ENROL, 1);
    put_document(MN_STATEMENT_STAFF_WITHDRAW, 2);
    put_document(MN_STATEMENT_GRANT_GIVE, 3);
}

/* Lines of the log are those of a bundle; a body with a member of each form, and what a token
 * keeps. */
static void make_log(void)
{
    static const uint8_t salt[16];
    const mnsec_id id = sample_id(1);
    const mnsec_id items[1][2] = {{sample_id(2), sample_id(3)}};
    const uint8_t card[32] = {1};
    const mn_audit_body body = {.actor = &id,
                                .authority = mn_bytes_of("document", 8),
                                .card = card,
                                .has_count = true,
                                .items = items,
                                .item_count = 1,
                                .kind = "employee",
                                .reason = "\"年末調整\" \\",
                                .year = 2026};
    MN_AUTO(mn_buf) line = {0};
    MN_AUTO(mn_buf) object = {0};
    must(mn_audit_body_write(&body, salt, NULL, &line));
    put_buf("log", "body", 2, &line);
    must(mn_audit_checkpoint_object(mn_bytes_of("mnsec/a\n", 8), MN_SIGNATURE_ECDSA_P256_SHA256,
                                    mn_bytes_of("0\6\2\1\1\2\1\1", 8), &object));
    put_buf("log", "object", 3, &object);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    must(mn_crypto_init());
    make_statements();
    make_encodings();
    make_texts();
    make_shares();
    make_messages();
    make_passports();
    make_checkpoints();
    make_certificates();
    make_bundle_lines();
    make_log();
    return 0;
}
