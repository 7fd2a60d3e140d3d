/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disk: what one durable 4 KiB costs, and how often this process asked for one. fsync(2) and
 * fdatasync(2) of the whole process, SQLite's included, pass through here.
 */
#ifndef BENCH_DISK_H
#define BENCH_DISK_H

#include <stdint.h>

/* Calls of either since the last reset. */
uint64_t bench_disk_syncs(void);
void bench_disk_reset(void);

/* pwrite of 4 KiB and fdatasync, in a file of the scratch directory whose size stays the same. */
void bench_disk_write(void);
/* Median of some, in seconds. Above BENCH_DISK_SLOW whatever is durable is the disk alone. */
#define BENCH_DISK_SLOW 1e-3
double bench_disk_cost(void);

#endif
