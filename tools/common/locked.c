/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locked memory: whole pages of our own, so that locking and leaving out of dumps hit nothing else.
 * Each region stands in a small table, so that a signal handler can wipe them all.
 */
#include "locked.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGIONS_MAX 64

static struct {
    char *volatile bytes;
    volatile size_t size;
} regions[REGIONS_MAX];

static size_t whole_pages(size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

static bool remember(char *bytes, size_t size)
{
    for (size_t i = 0; i < REGIONS_MAX; i++) {
        if (regions[i].bytes == NULL) {
            regions[i].size = size;
            regions[i].bytes = bytes;
            return true;
        }
    }
    return false;
}

static void forget(const char *bytes)
{
    for (size_t i = 0; i < REGIONS_MAX; i++) {
        if (regions[i].bytes == bytes) {
            regions[i].bytes = NULL;
        }
    }
}

mnsec_status locked_init(locked *out, size_t size)
{
    const size_t len = whole_pages(size);
    char *bytes = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    if (mlock(bytes, len) != 0 || madvise(bytes, len, MADV_DONTDUMP) != 0 ||
        madvise(bytes, len, MADV_WIPEONFORK) != 0 || !remember(bytes, len)) {
        (void)munmap(bytes, len);
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out = (locked){.bytes = bytes, .size = size};
    return MNSEC_OK;
}

void locked_wipe(locked *memory)
{
    if (memory->bytes == NULL) {
        return;
    }
    const size_t len = whole_pages(memory->size);
    explicit_bzero(memory->bytes, len);
    forget(memory->bytes);
    (void)munmap(memory->bytes, len);
    *memory = (locked){0};
}

void locked_clear(locked *memory)
{
    explicit_bzero(memory->bytes, memory->size);
    memory->len = 0;
}

bool locked_add(locked *memory, char byte)
{
    if (memory->len + 1 >= memory->size) {
        return false;
    }
    memory->bytes[memory->len++] = byte;
    return true;
}

bool locked_equal(const locked *a, const locked *b)
{
    if (a->len != b->len) {
        return false;
    }
    unsigned char differs = 0;
    for (size_t i = 0; i < a->len; i++) {
        differs |= (unsigned char)(a->bytes[i] ^ b->bytes[i]);
    }
    return differs == 0;
}

void locked_erase_all(void)
{
    for (size_t i = 0; i < REGIONS_MAX; i++) {
        if (regions[i].bytes != NULL) {
            explicit_bzero(regions[i].bytes, regions[i].size);
        }
    }
}
