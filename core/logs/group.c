/* group.c: a line with a time and the lines without one behind it go together. */
#include "logs/group.h"

#include <string.h>
#include "base/log.h"

#define GROUP_LINES 200
#define GROUP_TEXT  (64 * 1024)
#define STEPS       256 /* groups between two looks at the patience */

LogEntry *
log_entry_new(const LogRecord *record, guint source, gint64 at, int level)
{
    LogEntry *entry = g_malloc(sizeof *entry + record->len + 1);
    *entry = (LogEntry){.source = source,
                        .pos = record->pos,
                        .next = record->next,
                        .at = record->at ? record->at : at,
                        .level = record->level != LOG_UNKNOWN ? record->level : level,
                        .head = record->at != 0,
                        .flags = record->flags,
                        .bytes = record->bytes,
                        .pass = record->pass,
                        .request = record->request,
                        .run = record->run,
                        .message = record->message,
                        .len = record->len};
    memcpy(entry->text, record->text, record->len);
    entry->text[record->len] = '\0';
    return entry;
}

void
log_entry_free(gpointer entry)
{
    g_free(entry);
}

void
log_stream_init(LogStream *stream, LogSource *source, guint number, gint64 place,
                const LogWant *want)
{
    gint64 since, until;
    log_select_times(want->select, &since, &until);
    *stream =
        (LogStream){.source = source,
                    .number = number,
                    .want = want,
                    .place = place,
                    .low = since > 0 ? log_source_seek(source, since) : G_MININT64,
                    .high = until < G_MAXINT64 ? log_source_seek(source, until + 1) : G_MAXINT64,
                    .last_level = LOG_UNKNOWN,
                    .text = g_string_new(NULL),
                    .entries = g_ptr_array_new_with_free_func(log_entry_free)};
    stream->place = CLAMP(place, stream->low, stream->high);
}

void
log_stream_clear(LogStream *stream)
{
    g_ptr_array_unref(stream->entries);
    g_string_free(stream->text, TRUE);
}

static gboolean
next(LogStream *stream, gint64 place, LogRecord *record)
{
    return place < stream->high &&
           stream->source->ops->next(stream->source, place, stream->want->whole, record);
}

static gboolean
previous(LogStream *stream, gint64 place, LogRecord *record)
{
    return place > stream->low &&
           stream->source->ops->previous(stream->source, place, stream->want->whole, record);
}

static gboolean
patient(LogStream *stream)
{
    const LogPatience *patience = stream->want->patience;
    if (++stream->steps % STEPS || !patience || !patience->on)
        return TRUE;
    gint64 start = stream->source->ops->start(stream->source),
           end = stream->source->ops->end(stream->source);
    gint64 done = stream->want->direction > 0 ? stream->place - start : end - stream->place;
    stream->stopped = !patience->on(patience->data, done, end - start);
    return !stream->stopped;
}

/* The place of the line with a time that the one before a place belongs to; -1: there is none
 * near. */
static gint64
head_before(LogStream *stream, gint64 place)
{
    LogRecord record;
    for (int i = 0; i < GROUP_LINES && previous(stream, place, &record); i++) {
        if (record.at)
            return record.pos;
        place = record.pos;
    }
    return -1;
}

/* -- what passes -- */

/* One group: lines from first on, up to end; context: a head before first, or -1. */
typedef struct {
    gint64 context, first, end;
    gint64 at;
    int level;
} Group;

static gboolean
passes(LogStream *stream, const Group *group)
{
    const LogSelect *select = stream->want->select;
    LogRecord head, record;
    gint64 place = group->context >= 0 ? group->context : group->first;
    if (log_select_all(select))
        return TRUE;
    if (!next(stream, place, &head))
        return FALSE;
    if (!log_select_reads(select))
        return log_select_group(select, &head, NULL);
    g_string_truncate(stream->text, 0);
    g_string_append_len(stream->text, head.text, (gssize)head.len);
    LogRecord first = head;
    for (place = head.next;
         place < group->end && stream->text->len < GROUP_TEXT && next(stream, place, &record);
         place = record.next) {
        g_string_append_c(stream->text, '\n');
        g_string_append_len(stream->text, record.text, (gssize)record.len);
    }
    first.text = stream->text->str; /* the source's buffer may have moved */
    return log_select_group(select, &first, stream->text->str);
}

static void
take(LogStream *stream, const Group *group, gint64 hit)
{
    LogRecord record;
    guint from = stream->entries->len;
    for (gint64 place = group->first; place < group->end && next(stream, place, &record);
         place = record.next) {
        gint64 here = hit >= record.pos && hit < record.next ? hit : -1;
        if (log_select_line(stream->want->select, &record, here))
            g_ptr_array_add(stream->entries,
                            log_entry_new(&record, stream->number, group->at, group->level));
    }
    for (guint i = from, j = stream->entries->len; stream->want->direction < 0 && i + 1 < j; i++) {
        gpointer *lines = stream->entries->pdata, last = lines[--j];
        lines[j] = lines[i];
        lines[i] = last;
    }
}

/* -- forwards -- */

/* Moves to the group of the next hit; FALSE: there is none. */
static gboolean
jump(LogStream *stream, gint64 *hit)
{
    const Needle *needle = log_select_needle(stream->want->select);
    const LogSourceOps *ops = stream->source->ops;
    *hit = -1;
    if (!needle)
        return TRUE;
    *hit = ops->find(stream->source, needle, stream->place, stream->want->direction,
                     stream->want->patience);
    if (*hit < 0 || *hit >= stream->high || *hit < stream->low) {
        stream->stopped = *hit < 0 && stream->want->patience && stream->want->patience->on &&
                          !stream->want->patience->on(stream->want->patience->data, 0, 0);
        return FALSE;
    }
    return TRUE;
}

/* Where a group ends that begins with a line; lines without a time go with it. */
static gint64
group_end(LogStream *stream, const LogRecord *first)
{
    LogRecord record;
    gint64 end = first->next;
    for (int i = 0; i < GROUP_LINES && next(stream, end, &record) && !record.at; i++)
        end = record.next;
    return end;
}

static gboolean
read_group(LogStream *stream, gint64 place, Group *group)
{
    LogRecord record, head;
    if (!next(stream, place, &record))
        return FALSE;
    *group = (Group){-1, place, record.next, record.at, record.level};
    if (!record.at && !stream->joined)
        group->context = head_before(stream, place);
    if (group->context >= 0 && next(stream, group->context, &head)) {
        group->at = head.at;
        group->level = head.level;
        record.next = group->end;
    } else if (!record.at) {
        group->at = stream->last_at;
        group->level = record.level != LOG_UNKNOWN ? record.level : stream->last_level;
    }
    if (record.at || group->context >= 0)
        group->end = group_end(stream, &record);
    stream->last_at = group->at;
    stream->last_level = record.at || group->context >= 0 ? group->level : stream->last_level;
    return TRUE;
}

static gboolean
load_forwards(LogStream *stream)
{
    Group group;
    gint64 hit;
    while (jump(stream, &hit)) {
        gint64 place = stream->place;
        if (hit > place) {
            LogRecord record;
            gint64 head = next(stream, hit, &record) && !record.at ? head_before(stream, hit) : hit;
            stream->joined = FALSE;
            place = head >= place ? head : head < 0 ? hit : place;
        }
        if (!read_group(stream, place, &group))
            break;
        stream->joined = TRUE;
        group.end = MAX(group.end, hit >= 0 ? hit + 1 : group.end);
        if (passes(stream, &group))
            take(stream, &group, hit);
        LogRecord record;
        if (hit >= group.first && next(stream, hit, &record)) /* never the same hit again */
            group.end = MAX(group.end, record.next);
        if (stream->entries->len > 0) {
            stream->place = group.first;
            stream->after = group.end;
            stream->at = group.at;
            return TRUE;
        }
        stream->place = group.end;
        if (!patient(stream))
            return FALSE;
    }
    if (!stream->stopped)
        stream->place = MIN(stream->source->ops->end(stream->source), stream->high);
    stream->ended = !stream->stopped;
    return FALSE;
}

/* -- backwards -- */

/* The group that ends at a place; where no time is near, the lines are each by themselves. */
static gboolean
group_before(LogStream *stream, gint64 place, Group *group, gboolean *timed)
{
    LogRecord record;
    gint64 first = place;
    *group = (Group){-1, place, place, stream->last_at, LOG_UNKNOWN};
    *timed = FALSE;
    for (int i = 0; i < GROUP_LINES && !*timed && previous(stream, first, &record); i++) {
        first = record.pos;
        *timed = record.at != 0;
    }
    if (first == place)
        return FALSE;
    group->first = first;
    if (*timed) {
        stream->last_at = group->at = record.at;
        group->level = record.level;
    }
    return TRUE;
}

/* Lines that know of no time, the last one first. */
static void
take_singly(LogStream *stream, const Group *block, gint64 hit)
{
    LogRecord record;
    for (gint64 place = block->end; place > block->first && previous(stream, place, &record);
         place = record.pos) {
        Group one = {-1, record.pos, place, block->at, LOG_UNKNOWN};
        if (passes(stream, &one))
            take(stream, &one, hit);
    }
}

static gboolean
load_backwards(LogStream *stream)
{
    Group group;
    gint64 hit;
    gboolean timed;
    while (jump(stream, &hit)) {
        LogRecord record;
        gint64 place = stream->place;
        if (hit >= 0 && next(stream, hit, &record)) {
            /* What follows the hit up to the next time is of its group. */
            gint64 end = group_end(stream, &record);
            place = MIN(place, MAX(end, record.next));
        }
        if (!group_before(stream, place, &group, &timed))
            break;
        if (!timed)
            take_singly(stream, &group, hit);
        else if (passes(stream, &group))
            take(stream, &group, hit);
        if (hit >= 0)
            group.first = MIN(group.first, hit);
        if (stream->entries->len > 0) {
            stream->after = group.first;
            stream->at = group.at;
            return TRUE;
        }
        stream->place = group.first;
        if (!patient(stream))
            return FALSE;
    }
    if (!stream->stopped)
        stream->place = MAX(stream->source->ops->start(stream->source), stream->low);
    stream->ended = !stream->stopped;
    return FALSE;
}

gboolean
log_stream_load(LogStream *stream)
{
    g_ptr_array_set_size(stream->entries, 0);
    if (stream->ended)
        return FALSE;
    return stream->want->direction > 0 ? load_forwards(stream) : load_backwards(stream);
}
