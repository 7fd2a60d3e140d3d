/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing over HMAC-SHA256 under a random key: whoever makes the file cannot make texts
 * collide, and what is left in memory tells no number.
 */
#include "api/api_import_table.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"

#define FIRST_SLOTS 1024U

struct mn_import_slot {
    uint8_t digest[MN_HASH_BYTES];
    mnsec_id id; /* none = an empty slot */
};

void mn_import_table_wipe(mn_import_table *table)
{
    if (table->slots) {
        mn_secret_erase(table->slots, table->slot_count * sizeof *table->slots);
    }
    free(table->slots);
    mn_secret_wipe(&table->key);
    *table = (mn_import_table){0};
}

static mnsec_status digest_of(mn_import_table *table, mn_bytes text, mn_secret *out_digest)
{
    if (mn_secret_is_empty(&table->key)) {
        MN_TRY(mn_random_secret(&table->key, MN_HASH_BYTES));
    }
    return mn_hash_hmac(&table->key, text, out_digest);
}

/* The slot of this digest, or the empty one where it belongs. */
static struct mn_import_slot *find(struct mn_import_slot *slots, size_t slot_count,
                                   const uint8_t digest[MN_HASH_BYTES])
{
    uint64_t spread = 0;
    memcpy(&spread, digest, sizeof spread);
    size_t at = (size_t)spread & (slot_count - 1);
    while (!mnsec_id_is_none(&slots[at].id) &&
           !mn_secret_equal_bytes(slots[at].digest, digest, MN_HASH_BYTES)) {
        at = (at + 1) & (slot_count - 1);
    }
    return &slots[at];
}

static mnsec_status make_room(mn_import_table *table)
{
    if (table->slot_count > 0 && table->used < table->slot_count / 2) {
        return MNSEC_OK;
    }
    const size_t count = table->slot_count == 0 ? FIRST_SLOTS : table->slot_count * 2;
    struct mn_import_slot *slots = calloc(count, sizeof *slots);
    if (!slots) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    for (size_t i = 0; i < table->slot_count; i++) {
        if (!mnsec_id_is_none(&table->slots[i].id)) {
            *find(slots, count, table->slots[i].digest) = table->slots[i];
        }
    }
    if (table->slots) {
        mn_secret_erase(table->slots, table->slot_count * sizeof *table->slots);
        free(table->slots);
    }
    table->slots = slots;
    table->slot_count = count;
    return MNSEC_OK;
}

mnsec_status mn_import_table_add(mn_import_table *table, mn_bytes text, const mnsec_id *id)
{
    if (mnsec_id_is_none(id)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_secret) digest = {0};
    MN_TRY(make_room(table));
    MN_TRY(digest_of(table, text, &digest));
    struct mn_import_slot *slot = find(table->slots, table->slot_count, digest.bytes);
    if (!mnsec_id_is_none(&slot->id)) {
        return MNSEC_E_STATE_CONFLICT;
    }
    memcpy(slot->digest, digest.bytes, sizeof slot->digest);
    slot->id = *id;
    table->used++;
    return MNSEC_OK;
}

mnsec_status mn_import_table_get(mn_import_table *table, mn_bytes text, mnsec_id *out_id)
{
    if (table->slot_count == 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    MN_AUTO(mn_secret) digest = {0};
    MN_TRY(digest_of(table, text, &digest));
    const struct mn_import_slot *slot = find(table->slots, table->slot_count, digest.bytes);
    if (mnsec_id_is_none(&slot->id)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    *out_id = slot->id;
    return MNSEC_OK;
}
