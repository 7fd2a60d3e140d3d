/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card in a reader, watched until it leaves: by a thread that waits in the smart-card service, so
 * that a removal is known at once, also while the card's module is in the middle of a call or hangs
 * in it. For the card worker; no thread is started in a program that uses the library.
 */
#ifndef MN_READER_WATCH_H
#define MN_READER_WATCH_H

#include "base/base.h"
#include "base/error.h"

typedef struct mn_reader_watch mn_reader_watch;

/* Called at most once, from the watch's own thread. */
typedef void (*mn_reader_watch_fn)(void *user);

/* Watches the card that is now in the reader of a PKCS#11 slot, known by the slot's description,
 * which is the reader's name or its beginning. A card that left and is back has left; so has one
 * whose reader or service is gone. Errors: STATE_NOT_FOUND (no service, not one such reader, or no
 * card in it: the slot has to be asked now and then), CARD_FAULT */
MNSEC_MUST_USE mnsec_status mn_reader_watch_new(const char *description, mn_reader_watch_fn left,
                                                void *user, mn_error *err,
                                                mn_reader_watch **out_watch);
/* Readable once the card has left: for poll(2). */
int mn_reader_watch_descriptor(const mn_reader_watch *watch);
/* Ends the thread; left is not called afterwards. */
void mn_reader_watch_free(mn_reader_watch *watch);
MN_AUTO_PTR_DECLARE(mn_reader_watch)

#endif
