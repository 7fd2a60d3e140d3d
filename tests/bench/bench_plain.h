/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same rows without us: a plain SQLite file with the store's tables, WAL and synchronous=FULL,
 * and rows as long as those that the store has. No check, no hash, no secure delete.
 */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <stddef.h>

/* A copy of the store as it is now. */
void bench_plain_open(void);
void bench_plain_close(void);

void bench_plain_begin(void);
void bench_plain_commit(void); /* durable */
/* Rows of one record: directory side, value, blind index. */
void bench_plain_record(void);
/* Rows of one entry of the log: line, body, signature, a node of the tree. 0 = a body as long as
 * that of one act; else of a list of so many records. */
void bench_plain_entry(size_t items);

#endif
