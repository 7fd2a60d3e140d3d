/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority documents: the first byte is the kind. What is read is written back byte for byte, but
 * for text that holds an Individual Number, which is read and never written.
 */
#include "fuzz.h"
#include "registry/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mn_bytes input = mn_bytes_of(data, size);
    const unsigned choice = fuzz_choice(&input, MN_STATEMENT_POLICY_CHANGE + 2);
    MN_AUTO_PTR(mn_statement) statement = NULL;
    MN_AUTO(mn_buf) again = {0};

    const mnsec_status status = mn_statement_decode((mn_statement_kind)choice, input, &statement);
    FUZZ_HOLDS((statement != NULL) == (status == MNSEC_OK));
    if (status != MNSEC_OK) {
        return 0;
    }
    const mnsec_status written = mn_statement_encode(statement, &again);
    FUZZ_HOLDS(written == MNSEC_OK || written == MNSEC_E_USAGE_FORMAT);
    FUZZ_HOLDS(written != MNSEC_OK || fuzz_is_same(input, mn_buf_view(&again)));
    return 0;
}
