/* index.c: newlines a block, four bytes for each MiB of log. */
#include "logs/index.h"

#include <string.h>
#include "logs/needle.h"

#define BLOCK (1024 * 1024)
#define CHUNK (128 * 1024)

struct LogIndex {
    LogFile *file;
    GThread *thread;
    GMutex lock;
    GCond wake;
    gboolean stop, more;
    GArray *blocks; /* guint32 newlines of each whole block, and of the last one so far */
    gint64 bytes, lines;
};

/* A chunk never crosses the border of a block. */
static gboolean
count_chunk(LogIndex *index, char *bytes)
{
    gsize want = (gsize)MIN(CHUNK, BLOCK - index->bytes % BLOCK);
    gsize got = log_file_read(index->file, index->bytes, bytes, want);
    gint64 start = log_file_start(index->file), end = log_file_end(index->file);
    if (got == 0 && index->bytes < MIN(start, end)) /* truncated away: holds no lines any more */
        got = (gsize)MIN((gint64)want, start - index->bytes);
    else if (got == 0)
        return FALSE;
    guint32 lines = (guint32)newlines_count(bytes, index->bytes < start ? 0 : got);
    g_mutex_lock(&index->lock);
    if (index->bytes % BLOCK == 0) {
        guint32 none = 0;
        g_array_append_val(index->blocks, none);
    }
    g_array_index(index->blocks, guint32, index->blocks->len - 1) += lines;
    index->bytes += (gint64)got;
    index->lines += lines;
    gboolean on = !index->stop;
    g_mutex_unlock(&index->lock);
    return on;
}

static gpointer
count(gpointer data)
{
    LogIndex *index = data;
    char *bytes = g_malloc(CHUNK);
    g_mutex_lock(&index->lock);
    while (!index->stop) {
        while (!index->stop && !index->more)
            g_cond_wait(&index->wake, &index->lock);
        index->more = FALSE;
        g_mutex_unlock(&index->lock);
        while (count_chunk(index, bytes))
            ;
        g_mutex_lock(&index->lock);
    }
    g_mutex_unlock(&index->lock);
    g_free(bytes);
    return NULL;
}

LogIndex *
log_index_new(LogFile *file)
{
    LogIndex *index = g_new0(LogIndex, 1);
    index->file = file;
    index->blocks = g_array_new(FALSE, TRUE, sizeof(guint32));
    g_mutex_init(&index->lock);
    g_cond_init(&index->wake);
    index->thread = g_thread_new("log-index", count, index);
    return index;
}

static void
tell(LogIndex *index, gboolean stop)
{
    g_mutex_lock(&index->lock);
    index->more = TRUE;
    index->stop = index->stop || stop;
    g_cond_signal(&index->wake);
    g_mutex_unlock(&index->lock);
}

void
log_index_free(LogIndex *index)
{
    if (!index)
        return;
    tell(index, TRUE);
    g_thread_join(index->thread);
    g_array_unref(index->blocks);
    g_mutex_clear(&index->lock);
    g_cond_clear(&index->wake);
    g_free(index);
}

void
log_index_go_on(LogIndex *index)
{
    tell(index, FALSE);
}

gboolean
log_index_state(LogIndex *index, gint64 *bytes, gint64 *lines)
{
    g_mutex_lock(&index->lock);
    *bytes = index->bytes;
    *lines = index->lines;
    g_mutex_unlock(&index->lock);
    return *bytes >= log_file_end(index->file);
}

/* The newlines before a block; -1 when it is not counted up to offset. */
static gint64
lines_before(LogIndex *index, gint64 offset)
{
    gint64 lines = 0, block = offset / BLOCK;
    g_mutex_lock(&index->lock);
    if (offset > index->bytes)
        lines = -1;
    for (gint64 i = 0; lines >= 0 && i < block; i++)
        lines += g_array_index(index->blocks, guint32, i);
    g_mutex_unlock(&index->lock);
    return lines;
}

gint64
log_index_line_of(LogIndex *index, gint64 offset)
{
    gint64 lines = lines_before(index, offset), at = offset - offset % BLOCK;
    g_autofree char *bytes = lines >= 0 ? g_malloc(CHUNK) : NULL;
    while (bytes && at < offset) {
        gsize got = log_file_read(index->file, at, bytes, (gsize)MIN(CHUNK, offset - at));
        if (got == 0)
            break;
        lines += (gint64)newlines_count(bytes, got);
        at += (gint64)got;
    }
    return lines;
}

/* The block that holds a newline by its number, and how many of that block come before it. */
static gint64
find_block(LogIndex *index, gint64 newline, gint64 *left)
{
    gint64 block = -1;
    g_mutex_lock(&index->lock);
    for (guint i = 0; i < index->blocks->len && block < 0; i++) {
        gint64 here = g_array_index(index->blocks, guint32, i);
        if (newline <= here)
            block = i;
        else
            newline -= here;
    }
    g_mutex_unlock(&index->lock);
    *left = newline;
    return block;
}

gint64
log_index_offset_of(LogIndex *index, gint64 line)
{
    gint64 bytes_done, lines, left;
    gboolean all = log_index_state(index, &bytes_done, &lines);
    if (line <= 0)
        return log_file_start(index->file);
    if (line > lines)
        return all ? log_file_end(index->file) : -1;
    gint64 block = find_block(index, line, &left), at = block * BLOCK;
    g_autofree char *bytes = g_malloc(CHUNK);
    for (gsize got; block >= 0 && (got = log_file_read(index->file, at, bytes, CHUNK)) > 0;
         at += (gint64)got) {
        gint64 here = (gint64)newlines_count(bytes, got);
        if (here < left) {
            left -= here;
            continue;
        }
        const char *newline = bytes - 1;
        for (; left > 0 && newline; left--)
            newline = memchr(newline + 1, '\n', (gsize)(bytes + got - newline - 1));
        return newline ? at + (newline - bytes) + 1 : at;
    }
    return at;
}
