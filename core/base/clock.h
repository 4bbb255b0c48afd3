/* clock.h: time comes in from outside, so that tests can pin it.
 *
 * All instants are microseconds since 1970-01-01 UTC in a gint64; all durations are microseconds.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <glib.h>

typedef struct {
    gint64 (*now)(void *data); /* microseconds since the epoch, UTC */
    void *data;
} Clock;

extern const Clock clock_system;
gint64 clock_now(const Clock *clock); /* NULL means the system's */

/* "2026-09-14T08:30:00Z"; with_usec adds ".123456". Caller frees. */
char *time_iso(gint64 at, gboolean with_usec);
/* Accepts what time_iso() writes, also with an offset or only a date. */
gboolean time_parse_iso(const char *text, gint64 *at, GError **error);
/* A point in the past as people write it: "2d", "3h ago", "since 2d", "yesterday", "today",
 * "last week", an ISO date or time. now is the reference. */
gboolean time_parse_since(const char *text, gint64 now, gint64 *at, GError **error);

/* "1s 30s 10m 2h 7d 500ms", also summed: "1h30m". A bare number is refused. */
gboolean duration_parse(const char *text, gint64 *usec, GError **error);
/* "58m", "2h14m", "3d4h", "12s": at most six columns. Caller frees. */
char *duration_short(gint64 usec);

/* Slack's "1512085950.000216" to microseconds, exactly; FALSE when malformed. Never via double. */
gboolean slack_ts_parse(const char *ts, gint64 *usec);
/* The opposite: fixed width, six decimals. Caller frees. */
char *slack_ts_format(gint64 usec);

#endif
