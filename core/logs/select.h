/* select.h: which lines of a log are wanted.
 *
 * A line without a time belongs to the line before it, a stack trace to its message: they pass
 * together, if any of them holds what is looked for. */
#ifndef LOGS_SELECT_H
#define LOGS_SELECT_H

#include "base/query.h"
#include "logs/entry.h"

/* Fields: level area pass run request text since until. */
extern const QueryField log_fields[];

typedef struct LogSelect LogSelect;

/* min_level: lines that name no level count as info. text: in the language of query.h; NULL or "":
 * all. A plain word is looked for in the line as it stands. now: microseconds. */
LogSelect *log_select_new(int min_level, const char *text, gint64 now, GError **error);
/* The same, and of what passes only the lines that themselves hold a text: /expression/, or plain,
 * without regard to case unless it has a capital. select may be NULL. */
LogSelect *log_select_find(const LogSelect *select, const char *text, GError **error);
LogSelect *log_select_ref(LogSelect *select);
void log_select_unref(LogSelect *select);
/* TRUE when every line passes. NULL: TRUE. */
gboolean log_select_all(const LogSelect *select);
/* What every group that passes must hold; NULL: unknown. Borrowed. */
const Needle *log_select_needle(const LogSelect *select);
/* TRUE when the text of a group is looked at, not only its first line's level. */
gboolean log_select_reads(const LogSelect *select);
/* Times between which all must lie: 0 and G_MAXINT64 when open. */
void log_select_times(const LogSelect *select, gint64 *since, gint64 *until);
/* head: its first line; text: of all its lines, NUL-terminated, NULL when it isn't read. */
gboolean log_select_group(const LogSelect *select, const LogRecord *head, const char *text);
/* Whether a line itself is what is looked for; hit: where the needle stands in its source, -1: that
 * is not known. */
gboolean log_select_line(const LogSelect *select, const LogRecord *record, gint64 hit);
/* Where the texts that were asked for stand in a line: pairs of offsets (guint), ordered, for
 * showing. Caller unrefs. */
GArray *log_select_marks(const LogSelect *select, const char *text, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogSelect, log_select_unref)

#endif
