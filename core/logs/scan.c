/* scan.c: looking for a text in all bytes of a file, in chunks, by several threads. */
#include "logs/source_private.h"

#include <string.h>

#define CHUNK   (64 * 1024)
#define STRIDE  (16 * 1024 * 1024) /* of the file for one round of all threads */
#define THREADS 2

/* One thread's part of a round. */
typedef struct {
    LogFile *file;
    const Needle *needle;
    gint64 from, to; /* where a hit may begin */
    int direction;
    gint64 hit;
    char *bytes;
    gint *stop; /* atomic: another one has found what comes before; NULL: nobody can */
    gint found; /* atomic: this one has; what the other's stop points to */
} Part;

static gint64
look(const Part *part, gint64 from, gint64 to)
{
    gsize more = needle_length(part->needle) - 1;
    gsize got = log_file_read(part->file, from, part->bytes, (gsize)(to - from) + more);
    const char *hit = part->direction > 0 ? needle_first(part->needle, part->bytes, got)
                                          : needle_last(part->needle, part->bytes, got);
    return hit ? from + (hit - part->bytes) : -1;
}

static gpointer
scan_part(gpointer data)
{
    Part *part = data;
    gint64 left = part->to - part->from;
    part->hit = -1;
    while (left > 0 && part->hit < 0 && !(part->stop && g_atomic_int_get(part->stop))) {
        gint64 step = MIN(left, CHUNK);
        gint64 from = part->direction > 0 ? part->to - left : part->from + left - step;
        part->hit = look(part, from, from + step);
        left -= step;
    }
    return NULL;
}

/* The first part in the direction is worked on here, the other one elsewhere. */
static gint64
scan_round(Part parts[THREADS], gint64 from, gint64 to, int direction)
{
    gint64 middle = from + (to - from) / 2;
    for (int i = 0; i < THREADS; i++) {
        gboolean lower = (i == 0) == (direction > 0);
        parts[i].from = lower ? from : middle;
        parts[i].to = lower ? middle : to;
        parts[i].stop = i == 0 ? NULL : &parts[0].found;
        parts[i].found = 0;
        parts[i].hit = -1;
    }
    if (to - from <= 4 * CHUNK) {
        for (int i = 0; i < THREADS && (i == 0 || parts[0].hit < 0); i++)
            scan_part(&parts[i]);
        return parts[0].hit >= 0 ? parts[0].hit : parts[1].hit;
    }
    GThread *other = g_thread_new("log-scan", scan_part, &parts[1]);
    scan_part(&parts[0]);
    if (parts[0].hit >= 0)
        g_atomic_int_set(&parts[0].found, 1);
    g_thread_join(other);
    return parts[0].hit >= 0 ? parts[0].hit : parts[1].hit;
}

gint64
log_scan(LogFile *file, const Needle *needle, gint64 from, int direction,
         const LogPatience *patience)
{
    gint64 first = log_file_start(file), end = log_file_end(file), hit = -1;
    gint64 low = direction > 0 ? MAX(from, first) : first;
    gint64 high = direction > 0 ? end : MIN(from, end) - (gint64)needle_length(needle) + 1;
    gint64 all = high - low, stride = CHUNK; /* what is near is found without a thread */
    Part parts[THREADS];
    for (int i = 0; i < THREADS; i++)
        parts[i] = (Part){.file = file,
                          .needle = needle,
                          .direction = direction,
                          .bytes = g_malloc(CHUNK + NEEDLE_MAX)};
    while (low < high && hit < 0) {
        gint64 step = MIN(high - low, stride);
        if (direction > 0)
            hit = scan_round(parts, low, low + step, direction);
        else
            hit = scan_round(parts, high - step, high, direction);
        low += direction > 0 ? step : 0;
        high -= direction > 0 ? 0 : step;
        stride = MIN(stride * 2, STRIDE);
        if (patience && patience->on &&
            !patience->on(patience->data, all - MAX(high - low, 0), all))
            break;
    }
    for (int i = 0; i < THREADS; i++)
        g_free(parts[i].bytes);
    return hit;
}

/* One escape sequence at text[at] == ESC; the offset behind it (ECMA-48, 5.4). */
static gsize
skip_sequence(const char *text, gsize len, gsize at)
{
    at++;
    if (at >= len)
        return at;
    char kind = text[at++];
    if (kind == '[') {
        while (at < len && text[at] >= 0x20 && text[at] < 0x40)
            at++;
        return at < len ? at + 1 : at;
    }
    if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
        for (gsize i = 0; at < len && i < 4096; i++, at++) {
            if (text[at] == 7)
                return at + 1;
            if (text[at] == 27 && at + 1 < len && text[at + 1] == '\\')
                return at + 2;
        }
        return at;
    }
    return kind == '(' || kind == ')' ? MIN(at + 1, len) : at;
}

void
log_strip(GString *out, const char *text, gsize len)
{
    g_string_truncate(out, 0);
    for (gsize at = 0; at < len;) {
        gsize plain = at;
        while (plain < len && text[plain] != 27 && text[plain] != 0)
            plain++;
        g_string_append_len(out, text + at, (gssize)(plain - at));
        at = plain;
        if (at < len && text[at] == 0) {
            g_string_append(out, "\357\277\275");
            at++;
        } else if (at < len) {
            at = skip_sequence(text, len, at);
        }
    }
}
