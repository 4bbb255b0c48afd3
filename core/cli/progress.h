/* progress.h: one line on a terminal's stderr that tells how far a query is. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/session.h"

/* Nothing happens where stderr is no terminal, or with --json or --verbose. */
void progress_watch(Session *session);
void progress_show(const char *stage, double percent, gint64 rows);
void progress_end(const Session *session);
/* What tells there that an older state is made anew; NULL where nothing is told. */
void (*progress_migrating(const Session *session))(const StoreMigrating *now);

/* The same for a proof of the state; progress_end() ends it. */
StoreTell progress_proof(const Session *session);

#endif
