/* seed.h: a desk with known contents, written through the store's interface. */
#ifndef TESTS_CONSOLE_SEED_H
#define TESTS_CONSOLE_SEED_H

#include <glib.h>
#include "store/store.h"

#define SEED_NOW (G_GINT64_CONSTANT(1789646400) * G_TIME_SPAN_SECOND) /* 2026-09-17T12:00:00Z */

/* Six open requests, three decided ones, passes, logs, in STATE_DIR/creditbot.db. */
gboolean seed_desk(const char *state_dir, GError **error);
/* The i-th of a series of changes, as another process makes them: requests come and are decided, a
 * query goes on, passes end, lines are logged. */
gboolean seed_change(Store *store, guint i, GError **error);
/* As many decided requests, a minute apart before SEED_NOW. */
gboolean seed_history(const char *state_dir, guint n, GError **error);
/* mara broke the glass for the first request: approved, and not reviewed yet. */
gboolean seed_glass(const char *state_dir, GError **error);
/* The second and the third request are of one customer: together they pass a tier. */
gboolean seed_split(const char *state_dir, GError **error);
/* A configuration file in the folder for that state; extra is appended. Returns its path; caller
 * frees. */
char *seed_config(const char *state_dir, gboolean dry_run, const char *extra, GError **error);

#endif
