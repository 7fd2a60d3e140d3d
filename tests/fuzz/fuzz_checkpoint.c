/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoint texts, signed notes and the stored tree. The first byte is the decoder. What is read
 * is written back byte for byte.
 */
#include "crypto/secret/crypto.h"
#include "fuzz.h"
#include "tlog/tlog.h"

/* Notes of the corpus are by this name and key. */
#define NAME "mnsec/test"
static const uint8_t spki[] = "a key";

static void try_text(mn_bytes input)
{
    MN_AUTO(mn_buf) again = {0};
    mn_tlog_checkpoint checkpoint;
    if (mn_tlog_checkpoint_parse(input, &checkpoint) == MNSEC_OK) {
        FUZZ_HOLDS(mn_tlog_checkpoint_origin_is_valid(checkpoint.origin));
        FUZZ_HOLDS(mn_tlog_checkpoint_format(&checkpoint, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

static void try_note(mn_bytes input)
{
    MN_AUTO(mn_buf) signature = {0};
    mn_bytes text = {0};
    if (mn_tlog_checkpoint_note_parse(input, NAME, mn_bytes_of(spki, sizeof(spki)), &text,
                                      &signature) == MNSEC_OK) {
        FUZZ_HOLDS(text.len > 0 && text.len < input.len);
        FUZZ_HOLDS(text.bytes == input.bytes && text.bytes[text.len - 1] == '\n');
    }
}

static void try_tree(mn_bytes input)
{
    MN_AUTO(mn_buf) again = {0};
    mn_tlog_tree tree;
    if (mn_tlog_tree_decode(input, &tree) == MNSEC_OK) {
        mn_tlog_hash root;
        mn_tlog_tree_root(&tree, &root);
        FUZZ_HOLDS(mn_tlog_tree_encode(&tree, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_text, try_note, try_tree};
    mn_bytes input = mn_bytes_of(data, size);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
