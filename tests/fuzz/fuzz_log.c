/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines, signature lines, bodies and checkpoint objects of the log. The first byte is the decoder.
 * What is read is written back byte for byte, unless it may not be written: a number in a text.
 */
#include "audit/audit_body.h"
#include "audit/audit_line.h"
#include "base/base64.h"
#include "crypto/secret/crypto.h"
#include "fuzz.h"

#define SALT_LETTERS 22U

static void try_line(mn_bytes input)
{
    MN_AUTO(mn_buf) statement = {0};
    MN_AUTO(mn_buf) again = {0};
    mn_audit_line line;
    if (mn_audit_line_read(input, &line) == MNSEC_OK) {
        FUZZ_HOLDS(mn_audit_line_statement_write(&line.statement, &statement) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(line.text, mn_buf_view(&statement)));
        FUZZ_HOLDS(mn_audit_line_write(&line, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

static void try_signatures(mn_bytes input)
{
    MN_AUTO(mn_audit_line_groups) groups = {.count = 0};
    mn_audit_signature signatures[MN_AUDIT_LINE_MAX_GROUPS] = {{.alg = MN_SIGNATURE_NONE}};
    if (mn_audit_line_groups_read(input, &groups) != MNSEC_OK) {
        return;
    }
    FUZZ_HOLDS(groups.count > 0 && groups.count <= MN_AUDIT_LINE_MAX_GROUPS);
    bool is_proper = true; /* a signature itself may be no DER; that is found when it is verified */
    for (size_t i = 0; i < groups.count; i++) {
        const mn_audit_line_group *group = &groups.groups[i];
        signatures[i].alg = group->alg;
        memcpy(signatures[i].certificate, group->certificate, sizeof(group->certificate));
        is_proper = is_proper && mn_audit_line_raw(group->alg, mn_buf_view(&group->signature),
                                                   &signatures[i].signature) == MNSEC_OK;
    }
    MN_AUTO(mn_buf) again = {0};
    if (is_proper) {
        FUZZ_HOLDS(mn_audit_line_groups_write(groups.index, signatures, groups.count, &again) ==
                   MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
    for (size_t i = 0; i < groups.count; i++) {
        mn_audit_signature_wipe(&signatures[i]);
    }
}

static void try_body(mn_bytes input)
{
    MN_AUTO(mn_audit_body_copy) copy = {.items = NULL};
    MN_AUTO(mn_buf) salt = {0};
    MN_AUTO(mn_buf) again = {0};
    if (mn_audit_body_read(input, &copy) != MNSEC_OK) {
        return;
    }
    FUZZ_HOLDS(input.len > SALT_LETTERS + 2);
    FUZZ_HOLDS(
        mn_base64_url_read(mn_bytes_of(input.bytes + input.len - SALT_LETTERS - 2, SALT_LETTERS),
                           &salt) == MNSEC_OK);
    const mnsec_status status = mn_audit_body_write(&copy.body, salt.bytes, NULL, &again);
    FUZZ_HOLDS(status == MNSEC_OK || status == MNSEC_E_USAGE_FORMAT);
    FUZZ_HOLDS(status != MNSEC_OK || fuzz_is_same(input, mn_buf_view(&again)));
}

static void try_object(mn_bytes input)
{
    mn_tlog_checkpoint checkpoint;
    static const uint8_t no_key[] = {0x30, 0x00};
    FUZZ_HOLDS(mn_audit_checkpoint_object_open(input, mn_bytes_of(no_key, sizeof(no_key)),
                                               &checkpoint) != MNSEC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_line, try_signatures, try_body,
                                                       try_object};
    mn_bytes input = mn_bytes_of(data, size);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
