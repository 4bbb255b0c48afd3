/* tour.h: the next useful step, in one line, for the first minutes with the console. */
#ifndef TUI_TOUR_H
#define TUI_TOUR_H

#include "tui/console_private.h"

/* The line for what is on the screen now; NULL: none. Caller frees. */
char *tour_words(Console *console);
/* FALSE when the operator has dismissed it for ever, by the settings. */
gboolean tour_wanted(const Console *console);

#endif
