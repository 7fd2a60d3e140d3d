/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an export says: a line of the log, of signatures, a body, an authority document of each
 * kind. The first byte is the decoder. A line that is read is made of its statement and what
 * follows, and what is borrowed lies in it.
 */
#include "crypto/secret/crypto.h"
#include "fuzz.h"
#include "verify/verify_read.h"

static bool is_within(mn_bytes part, mn_bytes whole)
{
    return part.bytes >= whole.bytes && part.bytes + part.len <= whole.bytes + whole.len;
}

static void try_line(mn_bytes input)
{
    mn_verify_line line;
    if (mn_verify_line_read(input, &line) == MNSEC_OK) {
        FUZZ_HOLDS(line.statement.bytes == input.bytes && line.statement.len < input.len);
        FUZZ_HOLDS(is_within(line.event, line.statement) && is_within(line.origin, line.statement));
        FUZZ_HOLDS(is_within(line.department, line.statement) && line.department.len <= 26);
        (void)mn_verify_line_is_authority(&line);
    }
}

static void try_signatures(mn_bytes input)
{
    MN_AUTO(mn_verify_line_groups) groups = {0};
    uint64_t index = 0;
    if (mn_verify_line_signatures(input, &groups) == MNSEC_OK) {
        FUZZ_HOLDS(mn_verify_line_signature_index(input, &index) == MNSEC_OK);
        FUZZ_HOLDS(groups.count > 0 && groups.count <= MN_VERIFY_GROUPS);
    }
}

static void try_body(mn_bytes input)
{
    MN_AUTO(mn_buf) document = {0};
    (void)!mn_verify_body_read(input, &document);
}

static void try_document(mn_bytes input)
{
    static const char *const events[] = {
        "facility.found", "staff.enrol",     "staff.withdraw",     "grant.give",
        "grant.withdraw", "password.change", "password.operation", "policy.change",
    };
    const size_t count = sizeof(events) / sizeof(events[0]);
    const char *event = events[fuzz_choice(&input, (unsigned)count)];
    const mn_verify_line line = {.event = mn_bytes_of(event, strlen(event))};
    mn_verify_document document;
    if (mn_verify_document_read(&line, input, &document) == MNSEC_OK) {
        FUZZ_HOLDS(document.person_count <= MN_VERIFY_PERSONS);
        FUZZ_HOLDS(document.audit_certificate.len == 0 ||
                   is_within(document.audit_certificate, input));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_line, try_signatures, try_body,
                                                       try_document};
    mn_bytes input = mn_bytes_of(data, size);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
