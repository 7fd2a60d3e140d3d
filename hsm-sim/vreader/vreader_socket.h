/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's end of vreader_wire.h: a listening socket in the file system, and frames. What the
 * other side sends is hostile: it is measured before it is believed, and nothing here waits longer
 * than it was told to. Who may be in the reader is decided in vreader_slot.h.
 */
#ifndef VREADER_SOCKET_H
#define VREADER_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vreader_wire.h"

typedef enum vreader_got {
    VREADER_GOT_FRAME,
    VREADER_GOT_NOTHING, /* not yet; with a limit: not in time */
    VREADER_GOT_END      /* closed, broken, empty, or longer than there is room for */
} vreader_got;

/* Milliseconds of a clock that nobody sets. */
int64_t vreader_socket_now(void);

/* A socket at path, mode 0600, in place of an older socket; -1: errno says why. */
int vreader_socket_listen(const char *path);
/* Whoever waits at the listening socket; -1: nobody. */
int vreader_socket_accept(int listener);
/* Is the other side gone? Frames that it left behind do not count. */
bool vreader_socket_is_closed(int fd);
/* False: the frame did not go out whole. */
bool vreader_socket_send(int fd, uint8_t type, const uint8_t *payload, size_t len);
/* One frame, waiting at most limit_ms for it; out_frame: its type, then its payload. */
vreader_got vreader_socket_receive(int fd, int64_t limit_ms, uint8_t *out_frame, size_t size,
                                   size_t *out_len);

#endif
