/* source.c: what all sources have in common. */
#include "logs/source.h"

#define TIMELESS 400 /* lines without a time that are read over to find one */

void
log_source_free(LogSource *source)
{
    if (!source)
        return;
    char *name = source->name;
    source->ops->free(source);
    g_free(name);
}

/* The time of the first line at or after a place that has one; FALSE: none. */
static gboolean
time_from(LogSource *source, gint64 place, gint64 *at)
{
    LogRecord record;
    for (int i = 0; i < TIMELESS && source->ops->next(source, place, TRUE, &record); i++) {
        *at = record.at;
        if (record.at)
            return TRUE;
        place = record.next;
    }
    return FALSE;
}

gint64
log_source_seek(LogSource *source, gint64 at)
{
    gint64 low = source->ops->start(source), high = source->ops->end(source), there;
    gint64 first = low;
    /* Everything before low is earlier; what begins at high or later is not. */
    while (high - low > 1) {
        gint64 middle = source->ops->align(source, low + (high - low) / 2);
        if (middle <= low)
            break;
        if (time_from(source, middle, &there) && there < at)
            low = middle;
        else
            high = middle;
    }
    LogRecord record;
    for (gint64 place = low; source->ops->next(source, place, TRUE, &record); place = record.next) {
        if (record.at && record.at >= at)
            return place;
        if (place > high + 64 * LOG_PIECE)
            return first; /* there are no times */
    }
    return source->ops->end(source);
}
