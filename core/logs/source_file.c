/* source_file.c: lines in the bytes of a file, found from both sides through one buffer. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "logs/source.h"

#include <string.h>
#include "logs/file.h"
#include "logs/index.h"
#include "logs/source_private.h"

#define BUFFER (256 * 1024)
#define BEFORE (BUFFER - 2 * LOG_PIECE_MAX) /* read before a place that is gone back from */

typedef struct {
    LogSource source;
    LogFile *file;
    LogIndex *index; /* NULL: lines are not counted */
    gboolean counts; /* it was told to: what is shown first comes first */
    char *bytes;
    gint64 offset; /* of bytes */
    gsize len;
    GString *clean; /* a line without its escape sequences */
    /* The lines that were read last: whoever looks ahead comes back to them. */
    struct {
        LogRecord record;
        gboolean whole;
        guint loads; /* of bytes, when it was read; another number: not valid */
    } known[2];
    guint loads, next_known;
} FileSource;

static FileSource *
self(LogSource *source)
{
    return (FileSource *)source;
}

/* Bytes from a place on, as many as want if the file has them; borrowed until the next call. */
static const char *
bytes_at(FileSource *file, gint64 place, gsize want, gboolean backwards, gsize *len)
{
    gint64 have = file->offset + (gint64)file->len;
    gboolean inside = place >= file->offset && place + (gint64)want <= have;
    if (!inside && !(place >= file->offset && place < have && have >= log_file_end(file->file))) {
        /* A little before it, too: whether a line begins here is asked next. */
        gint64 before = backwards ? BEFORE - (gint64)want : LOG_PIECE;
        file->offset = MAX(place - before, log_file_start(file->file));
        file->offset = MIN(file->offset, place);
        file->len = log_file_read(file->file, file->offset, file->bytes, BUFFER);
        file->loads++;
        have = file->offset + (gint64)file->len;
    }
    *len = place >= have ? 0 : (gsize)MIN((gint64)want, have - place);
    return file->bytes + (place - file->offset);
}

/* The end of the piece that begins at a place: behind its newline, or where it is cut. */
static gint64
piece_end(FileSource *file, gint64 place, gsize *len, const char **text)
{
    gsize limit = (gsize)(place % LOG_PIECE ? 2 * LOG_PIECE - place % LOG_PIECE : LOG_PIECE), got;
    *text = bytes_at(file, place, limit, FALSE, &got);
    const char *newline = got ? memchr(*text, '\n', got) : NULL;
    *len = newline ? (gsize)(newline - *text) : got;
    return newline ? place + (newline - *text) + 1 : place + (gint64)got;
}

/* The start of the piece that ends at a place (or holds the byte before it). */
static gint64
piece_start(FileSource *file, gint64 place)
{
    gint64 cut = (place - 1) / LOG_PIECE * LOG_PIECE;
    gint64 from = MAX(cut - LOG_PIECE, log_file_start(file->file));
    gsize got;
    const char *text = bytes_at(file, from, (gsize)(place - from), TRUE, &got);
    if (got == 0)
        return from;
    /* The newline that ends this piece is not one before it. */
    const char *newline = memrchr(text, '\n', got - 1);
    if (newline)
        return from + (newline - text) + 1;
    return cut - LOG_PIECE >= log_file_start(file->file) ? cut : from;
}

static gboolean
begins_line(FileSource *file, gint64 place)
{
    gsize got;
    if (place <= log_file_start(file->file))
        return TRUE;
    const char *before = bytes_at(file, place - 1, 1, TRUE, &got);
    return got == 0 || *before == '\n';
}

/* Behind the newline of a line that was cut. */
static gint64
line_end(FileSource *file, gint64 place)
{
    gsize got;
    const char *text;
    while ((text = bytes_at(file, place, BUFFER / 2, FALSE, &got)) && got > 0) {
        const char *newline = memchr(text, '\n', got);
        if (newline)
            return place + (newline - text) + 1;
        place += (gint64)got;
    }
    return place;
}

/* SGR, OSC and other sequences of terminals, the CR of CRLF, and NUL, which would end the text. */
static void
clean(FileSource *file, LogRecord *record)
{
    if (record->len > 0 && record->text[record->len - 1] == '\r')
        record->len--;
    if (record->len == 0 ||
        (!memchr(record->text, 27, record->len) && !memchr(record->text, 0, record->len)))
        return;
    log_strip(file->clean, record->text, record->len);
    record->text = file->clean->str;
    record->len = file->clean->len;
}

static void
fill(FileSource *file, gint64 place, gboolean whole, LogRecord *record)
{
    memset(record, 0, sizeof *record);
    record->pos = place;
    gboolean first = begins_line(file, place);
    record->next = piece_end(file, place, &record->len, &record->text);
    gboolean ended = record->next - place > (gint64)record->len;
    record->flags = (ended ? 0 : LOG_OPEN) | (first ? 0 : LOG_MIDST);
    if (!ended && whole && record->next < log_file_end(file->file)) {
        gint64 end = line_end(file, record->next); /* moves the buffer */
        piece_end(file, place, &record->len, &record->text);
        record->next = end;
    }
    if (record->next < log_file_end(file->file))
        record->flags &= ~(guint)LOG_OPEN;
    record->bytes = record->next - place - (ended || whole ? 1 : 0);
    record->bytes = MAX(record->bytes, (gint64)record->len);
    clean(file, record);
    log_record_read(record, file->source.now);
}

static gboolean
recall(const FileSource *file, gint64 place, gboolean whole, LogRecord *record)
{
    for (guint i = 0; i < G_N_ELEMENTS(file->known); i++) {
        if (file->known[i].loads != file->loads || file->known[i].record.pos != place ||
            file->known[i].whole != whole)
            continue;
        *record = file->known[i].record;
        return TRUE;
    }
    return FALSE;
}

static void
remember(FileSource *file, gboolean whole, const LogRecord *record)
{
    if (record->text == file->clean->str) /* that one is written over */
        return;
    file->known[file->next_known].record = *record;
    file->known[file->next_known].whole = whole;
    file->known[file->next_known].loads = file->loads;
    file->next_known = (file->next_known + 1) % G_N_ELEMENTS(file->known);
}

static gboolean
file_next(LogSource *source, gint64 place, gboolean whole, LogRecord *record)
{
    FileSource *file = self(source);
    if (recall(file, place, whole, record))
        return TRUE;
    place = MAX(place, log_file_start(file->file));
    if (place >= log_file_end(file->file))
        return FALSE;
    fill(file, place, whole, record);
    remember(file, whole, record);
    return record->next > place;
}

static gboolean
file_previous(LogSource *source, gint64 place, gboolean whole, LogRecord *record)
{
    FileSource *file = self(source);
    gint64 first = log_file_start(file->file);
    if (place <= first)
        return FALSE;
    gint64 from = piece_start(file, place);
    while (whole && from > first && !begins_line(file, from))
        from = piece_start(file, from);
    fill(file, from, whole, record);
    record->next = place;
    return TRUE;
}

static gint64
file_start(LogSource *source)
{
    return log_file_start(self(source)->file);
}

static gint64
file_end(LogSource *source)
{
    return log_file_end(self(source)->file);
}

static gint64
file_align(LogSource *source, gint64 place)
{
    FileSource *file = self(source);
    gint64 first = log_file_start(file->file);
    if (place <= first)
        return first;
    gint64 from = place >= log_file_end(file->file) || !begins_line(file, place)
                      ? piece_start(file, place)
                      : place;
    while (from > first && !begins_line(file, from))
        from = piece_start(file, from);
    return from;
}

static gint64
file_find(LogSource *source, const Needle *needle, gint64 from, int direction,
          const LogPatience *patience)
{
    FileSource *file = self(source);
    gint64 hit = log_scan(file->file, needle, from, direction, patience);
    return hit < 0 ? hit : file_align(source, hit);
}

static gboolean
file_poll(LogSource *source)
{
    FileSource *file = self(source);
    gboolean fresh = log_file_poll(file->file);
    if (fresh) /* a last line may be longer now */
        file->loads++;
    if ((fresh || !file->counts) && file->index)
        log_index_go_on(file->index);
    file->counts = TRUE;
    return fresh;
}

static gboolean
file_lives(LogSource *source)
{
    return log_file_lives(self(source)->file);
}

static char *
file_notice(LogSource *source)
{
    return log_file_notice(self(source)->file);
}

static gboolean
file_lines(LogSource *source, gint64 place, gint64 *line, gint64 *lines, gboolean *all)
{
    FileSource *file = self(source);
    gint64 bytes;
    if (!file->index)
        return FALSE;
    *all = log_index_state(file->index, &bytes, lines);
    *line = log_index_line_of(file->index, place);
    return *line >= 0;
}

static gint64
file_line_place(LogSource *source, gint64 line)
{
    FileSource *file = self(source);
    return file->index ? log_index_offset_of(file->index, line) : -1;
}

static void
file_free(LogSource *source)
{
    FileSource *file = self(source);
    log_index_free(file->index);
    log_file_free(file->file);
    g_string_free(file->clean, TRUE);
    g_free(file->bytes);
    g_free(file);
}

static const LogSourceOps ops = {
    .free = file_free,
    .start = file_start,
    .end = file_end,
    .next = file_next,
    .previous = file_previous,
    .align = file_align,
    .find = file_find,
    .poll = file_poll,
    .lives = file_lives,
    .notice = file_notice,
    .lines = file_lines,
    .line_place = file_line_place,
};

static LogSource *
source_new(LogFile *from, gboolean index)
{
    FileSource *file = g_new0(FileSource, 1);
    file->source.ops = &ops;
    file->source.name = g_strdup(log_file_name(from));
    file->source.now = g_get_real_time();
    file->file = from;
    file->bytes = g_malloc(BUFFER);
    file->loads = 1;
    file->clean = g_string_new(NULL);
    file->index = index ? log_index_new(from) : NULL;
    return &file->source;
}

LogSource *
log_source_file(const char *path, gboolean index)
{
    return source_new(log_file_open(path), index);
}

LogSource *
log_source_pipe(int fd, const char *name, gboolean index)
{
    return source_new(log_file_pipe(fd, name), index);
}
