/* SPDX-License-Identifier: Apache-2.0 */
/* The counts file: mapped shared, raised with atomic adds, laid out as fault_counts.h says. */
#include "fault_counts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "mnsec faultp11 counts 1"

typedef struct record {
    char name[24];
    _Atomic uint64_t total;
    _Atomic uint64_t planned;
} record;
_Static_assert(sizeof(record) == 40, "the layout in fault_counts.h");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "counts are shared between processes");

#define RECORDS    (1 + MN_FAULT_FN_END)
#define FILE_BYTES (RECORDS * sizeof(record))

struct mn_fault_counts {
    int fd; /* also carries the lock under which a plan is adopted */
    record *records;
};

/* Under the file's lock: a new file gets its names, an old one must have them. */
static bool prepare(int fd)
{
    record records[RECORDS];
    const ssize_t got = pread(fd, records, sizeof records, 0);
    if (got == 0) {
        memset(records, 0, sizeof records);
        memcpy(records[0].name, MAGIC, sizeof MAGIC);
        records[0].total = RECORDS - 1;
        for (size_t i = 0; i < MN_FAULT_FN_END; i++) {
            (void)snprintf(records[1 + i].name, sizeof records[1 + i].name, "%s",
                           mn_fault_name_of_function((mn_fault_fn)i));
        }
        return pwrite(fd, records, sizeof records, 0) == (ssize_t)sizeof records;
    }
    if (got != (ssize_t)sizeof records || strncmp(records[0].name, MAGIC, sizeof MAGIC) != 0 ||
        records[0].total != RECORDS - 1) {
        errno = EINVAL;
        return false;
    }
    return true;
}

mn_fault_counts *mn_fault_counts_open(const char *state_dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" MN_FAULT_COUNTS_FILE, state_dir) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    mn_fault_counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL) {
        return NULL;
    }
    counts->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (counts->fd < 0) {
        free(counts);
        return NULL;
    }
    (void)flock(counts->fd, LOCK_EX);
    const bool prepared = prepare(counts->fd);
    (void)flock(counts->fd, LOCK_UN);
    void *map = prepared ? mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, counts->fd, 0)
                         : MAP_FAILED;
    if (map == MAP_FAILED) {
        const int why = errno;
        mn_fault_counts_free(counts);
        errno = why;
        return NULL;
    }
    counts->records = map;
    return counts;
}

void mn_fault_counts_free(mn_fault_counts *counts)
{
    if (counts == NULL) {
        return;
    }
    if (counts->records != NULL) {
        (void)munmap(counts->records, FILE_BYTES);
    }
    (void)close(counts->fd);
    free(counts);
}

uint64_t mn_fault_counts_get(const mn_fault_counts *counts, mn_fault_fn fn)
{
    return atomic_load(&counts->records[1 + fn].total);
}

void mn_fault_counts_reset(mn_fault_counts *counts)
{
    (void)flock(counts->fd, LOCK_EX);
    for (size_t i = 1; i < RECORDS; i++) {
        atomic_store(&counts->records[i].total, 0);
        atomic_store(&counts->records[i].planned, 0);
    }
    (void)flock(counts->fd, LOCK_UN);
}

void mn_fault_counts_add(mn_fault_counts *counts, mn_fault_fn fn, uint64_t *out_nth,
                         uint64_t *out_nth_any)
{
    record *all = &counts->records[1 + MN_FAULT_ANY];
    record *one = &counts->records[1 + fn];
    (void)atomic_fetch_add(&all->total, 1);
    (void)atomic_fetch_add(&one->total, 1);
    *out_nth_any = atomic_fetch_add(&all->planned, 1) + 1;
    *out_nth = atomic_fetch_add(&one->planned, 1) + 1;
}

void mn_fault_counts_adopt_plan(mn_fault_counts *counts, uint64_t plan_id)
{
    (void)flock(counts->fd, LOCK_EX);
    if (atomic_load(&counts->records[0].planned) != plan_id) {
        for (size_t i = 1; i < RECORDS; i++) {
            atomic_store(&counts->records[i].planned, 0);
        }
        atomic_store(&counts->records[0].planned, plan_id);
    }
    (void)flock(counts->fd, LOCK_UN);
}
