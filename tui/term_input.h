/* term_input.h: bytes that a terminal sends → events; knows no terminal, so that tests can feed it.
 *
 * Sequences are those of xterm's ctlseqs (CSI, SS3, SGR mouse 1006, bracketed paste 2004, OSC 11),
 * of the Linux console (console_codes(4)), of rxvt and of CSI u; a terminal's own are learned from
 * its description. They may come in any pieces: only a lone ESC is decided by time. Answers of the
 * terminal are never taken for keys, however late they come. */
#ifndef TUI_TERM_INPUT_H
#define TUI_TERM_INPUT_H

#include "tui/term.h"

/* Milliseconds until a lone ESC is the key of that name. */
#define INPUT_ESCAPE_MS 25

typedef struct TermInput TermInput;

TermInput *term_input_new(void);
void term_input_free(TermInput *input);
/* A sequence of this terminal, beginning with ESC; others are passed over. */
void term_input_learn(TermInput *input, const char *sequence, guint32 key);
/* Bytes as they were read at a time (monotonic microseconds). */
void term_input_feed(TermInput *input, const char *bytes, gsize len, gint64 now);
/* The next event; FALSE: none yet. Never EVENT_NONE. */
gboolean term_input_next(TermInput *input, gint64 now, TermEvent *event);
/* Milliseconds after which term_input_next() is to be asked again without new bytes; -1: not
 * before bytes come. */
int term_input_timeout(const TermInput *input, gint64 now);
/* The terminal answered "device attributes" (CSI c): whatever was asked before it is answered or
 * never will be. */
gboolean term_input_answered(const TermInput *input);
/* The terminal said that it knows synchronised output (DECRPM of mode 2026). */
gboolean term_input_sync(const TermInput *input);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TermInput, term_input_free)

#endif
