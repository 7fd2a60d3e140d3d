/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person at a terminal, for tests: a child with a pseudo-terminal of its own does something, and
 * what is typed there and shown there is the test's.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

/* Runs act in a child with a terminal, types the texts one after another (each when something new
 * was shown), and gives what act returned (0 to 255); -1 when it died. What was shown is
 * pty_screen(). */
int pty_run(int (*act)(void), const char *const typed[]);
/* Everything shown, control sequences included; until the next run. */
const char *pty_screen(void);
/* Runs act in a child without any terminal. */
int pty_run_without(int (*act)(void));

#endif
