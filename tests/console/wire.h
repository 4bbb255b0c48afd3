/* wire.h: what a program may write to a terminal: text, and the few sequences that a console needs.
 *
 * ECMA-48 for the forms, xterm's ctlseqs for OSC and private modes. */
#ifndef TESTS_CONSOLE_WIRE_H
#define TESTS_CONSOLE_WIRE_H

#include <glib.h>

/* NULL when all is well; else what is wrong and where, with the bytes around it; caller frees. A
 * sequence that the end cuts off is well. */
char *wire_fault(const char *bytes, gsize len);

#endif
