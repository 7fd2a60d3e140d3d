/* SPDX-License-Identifier: Apache-2.0 */
/* Counting is by taking the place of libc's two functions: nothing beside the call is traced. */
#include "bench_disk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "scratch.h"

#define PAGE  4096U
#define PAGES 64U
#define TRIES 25

static uint64_t syncs;

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    syncs++;
    return (int)syscall(SYS_fsync, fd);
}

uint64_t bench_disk_syncs(void)
{
    return syncs;
}

void bench_disk_reset(void)
{
    syncs = 0;
}

static void write_page(int fd, unsigned n)
{
    static uint8_t page[PAGE];
    page[0]++;
    if (pwrite(fd, page, PAGE, (off_t)(n % PAGES * PAGE)) != (ssize_t)PAGE || fdatasync(fd) != 0) {
        abort();
    }
}

void bench_disk_write(void)
{
    static int fd = -1;
    static unsigned n;
    if (fd < 0) {
        fd = open(scratch_path("disk"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        for (unsigned i = 0; i < PAGES; i++) {
            write_page(fd, i);
        }
    }
    write_page(fd, n++);
}

double bench_disk_cost(void)
{
    double costs[TRIES];
    bench_disk_write();
    for (int i = 0; i < TRIES; i++) {
        const double begun = bench_now();
        bench_disk_write();
        costs[i] = bench_now() - begun;
    }
    return bench_median(costs, TRIES);
}
