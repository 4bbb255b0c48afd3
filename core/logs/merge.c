/* merge.c: of the groups that the sources have next, the earliest goes first. */
#include "logs/group.h"

struct LogMerge {
    LogSource *sources[LOG_SOURCES_MAX];
    guint n;
};

LogMerge *
log_merge_new(void)
{
    return g_new0(LogMerge, 1);
}

void
log_merge_free(LogMerge *merge)
{
    if (!merge)
        return;
    for (guint i = 0; i < merge->n; i++)
        log_source_free(merge->sources[i]);
    g_free(merge);
}

gboolean
log_merge_add(LogMerge *merge, LogSource *source)
{
    if (merge->n < LOG_SOURCES_MAX) {
        merge->sources[merge->n++] = source;
        return TRUE;
    }
    log_source_free(source);
    return FALSE;
}

guint
log_merge_count(const LogMerge *merge)
{
    return merge->n;
}

LogSource *
log_merge_source(const LogMerge *merge, guint i)
{
    return merge->sources[i];
}

/* The stream whose group is next; -1: all have ended. */
static int
choose(const LogStream *streams, guint n, int direction)
{
    int best = -1;
    for (guint i = 0; i < n; i++) {
        if (streams[i].entries->len == 0)
            continue;
        if (best < 0 ||
            (direction > 0 ? streams[i].at < streams[best].at : streams[i].at >= streams[best].at))
            best = (int)i;
    }
    return best;
}

static void
give(LogStream *stream, GPtrArray *out)
{
    for (guint i = 0; i < stream->entries->len; i++)
        g_ptr_array_add(out, g_ptr_array_index(stream->entries, i));
    g_ptr_array_set_free_func(stream->entries, NULL);
    g_ptr_array_set_size(stream->entries, 0);
    g_ptr_array_set_free_func(stream->entries, log_entry_free);
    stream->place = stream->after;
}

gboolean
log_merge_read(LogMerge *merge, LogCut *cut, const LogWant *want, GPtrArray *out)
{
    LogStream streams[LOG_SOURCES_MAX];
    gint64 until = want->budget ? g_get_monotonic_time() + want->budget : G_MAXINT64;
    gboolean more = TRUE, stopped = FALSE;
    guint before = out->len;
    for (guint i = 0; i < merge->n; i++) {
        log_stream_init(&streams[i], merge->sources[i], i, cut->place[i], want);
        log_stream_load(&streams[i]);
        stopped = stopped || streams[i].stopped;
    }
    while (!stopped && out->len - before < want->lines && more) {
        int best = choose(streams, merge->n, want->direction);
        more = best >= 0;
        if (!more)
            break;
        give(&streams[best], out);
        log_stream_load(&streams[best]);
        stopped = streams[best].stopped;
        if (out->len > before && until < G_MAXINT64 && g_get_monotonic_time() > until)
            break;
    }
    more = stopped;
    for (guint i = 0; i < merge->n; i++) {
        more = more || streams[i].entries->len > 0;
        cut->place[i] = streams[i].place;
        log_stream_clear(&streams[i]);
    }
    return more;
}

void
log_merge_start(LogMerge *merge, LogCut *cut)
{
    for (guint i = 0; i < merge->n; i++)
        cut->place[i] = merge->sources[i]->ops->start(merge->sources[i]);
}

void
log_merge_end(LogMerge *merge, LogCut *cut)
{
    for (guint i = 0; i < merge->n; i++)
        cut->place[i] = merge->sources[i]->ops->end(merge->sources[i]);
}

void
log_merge_seek(LogMerge *merge, gint64 at, LogCut *cut)
{
    for (guint i = 0; i < merge->n; i++)
        cut->place[i] = log_source_seek(merge->sources[i], at);
}

void
log_merge_before(LogMerge *merge, guint source, gint64 pos, gint64 at, LogCut *cut)
{
    for (guint i = 0; i < merge->n; i++) {
        /* Of the same time, those of the sources before it come first. */
        if (i != source)
            cut->place[i] = log_source_seek(merge->sources[i], i < source ? at + 1 : at);
    }
    cut->place[source] = pos;
}

void
log_merge_part(LogMerge *merge, gint64 millionths, LogCut *cut)
{
    guint largest = 0;
    gint64 most = -1;
    for (guint i = 0; i < merge->n; i++) {
        LogSource *source = merge->sources[i];
        gint64 size = source->ops->end(source) - source->ops->start(source);
        if (size > most) {
            most = size;
            largest = i;
        }
    }
    if (merge->n == 0)
        return;
    /* The place in the largest; the others by its time. */
    LogSource *source = merge->sources[largest];
    gint64 start = source->ops->start(source);
    gint64 place = start + (gint64)((double)most * (double)millionths / 1e6);
    LogRecord record = {0};
    place = source->ops->align(source, place);
    for (int i = 0; i < 200 && source->ops->next(source, place, TRUE, &record) && !record.at; i++)
        place = record.next;
    if (merge->n == 1)
        cut->place[0] = place;
    else
        log_merge_before(merge, largest, place, record.at, cut);
}

gint64
log_merge_part_of(LogMerge *merge, const LogCut *cut)
{
    double done = 0, all = 0;
    for (guint i = 0; i < merge->n; i++) {
        LogSource *source = merge->sources[i];
        gint64 start = source->ops->start(source);
        done += (double)(cut->place[i] - start);
        all += (double)(source->ops->end(source) - start);
    }
    return all > 0 ? (gint64)CLAMP(done / all * 1e6, 0, 1e6) : 1000000;
}
