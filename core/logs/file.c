/* file.c: a log file as one row of bytes, across rotations; a pipe by way of a temporary file. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "logs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENTS_MAX 8 /* files that were rotated away and are kept open */
#define HEAD         64
#define SPOOL_CHUNK  (256 * 1024)

/* The bytes of one incarnation of the file. */
typedef struct {
    int fd;
    gint64 base, size; /* its first byte among all, how many are known */
    gboolean gone;     /* truncated: they cannot be read any more */
    dev_t device;
    ino_t inode;
    char head[HEAD]; /* its first bytes: another start is another log */
    gsize head_len;
} Segment;

struct LogFile {
    char *path, *name;
    GRWLock lock;     /* segments and notice */
    GArray *segments; /* Segment, the last one grows */
    char *notice;
    gboolean waiting; /* the notice says that it is not there */
    gint missed;      /* atomic: bytes that were known could not be read */
    /* A pipe. */
    GThread *spooler;
    int pipe_fd, spool_fd, stop_fds[2];
    gint spool_ended;  /* atomic */
    gint64 spool_size; /* under lock */
};

static void
say(LogFile *file, char *notice)
{
    g_free(file->notice);
    file->notice = notice;
}

static Segment *
last_segment(LogFile *file)
{
    return file->segments->len ? &g_array_index(file->segments, Segment, file->segments->len - 1)
                               : NULL;
}

static gsize
read_fully(int fd, char *bytes, gsize len, gint64 offset)
{
    gsize got = 0;
    while (got < len) {
        ssize_t n = pread(fd, bytes + got, len - got, (off_t)(offset + (gint64)got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (gsize)n;
    }
    return got;
}

static void
add_segment(LogFile *file, int fd, const struct stat *stat)
{
    const Segment *last = last_segment(file);
    Segment segment = {.fd = fd,
                       .base = last ? last->base + last->size : 0,
                       .size = stat->st_size,
                       .device = stat->st_dev,
                       .inode = stat->st_ino};
    segment.head_len = read_fully(fd, segment.head, MIN(HEAD, (gsize)stat->st_size), 0);
    g_array_append_val(file->segments, segment);
    if (file->segments->len > SEGMENTS_MAX) {
        Segment *first = &g_array_index(file->segments, Segment, 0);
        if (!first->gone)
            close(first->fd);
        g_array_remove_index(file->segments, 0);
    }
}

/* -- a pipe -- */

static gboolean
spool_write(int fd, const char *bytes, gsize len, gint64 offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        bytes += n;
        offset += n;
        len -= (gsize)n;
    }
    return TRUE;
}

static gpointer
spool(gpointer data)
{
    LogFile *file = data;
    g_autofree char *bytes = g_malloc(SPOOL_CHUNK);
    struct pollfd fds[2] = {{file->pipe_fd, POLLIN, 0}, {file->stop_fds[0], POLLIN, 0}};
    gint64 size = 0;
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
        if (fds[1].revents)
            break;
        ssize_t n = read(file->pipe_fd, bytes, SPOOL_CHUNK);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            break;
        gboolean kept = spool_write(file->spool_fd, bytes, (gsize)n, size);
        g_rw_lock_writer_lock(&file->lock);
        if (kept)
            file->spool_size = size += n;
        else
            say(file, g_strdup_printf("%s: no room to keep more of it in %s: %s", file->name,
                                      g_get_tmp_dir(), g_strerror(errno)));
        g_rw_lock_writer_unlock(&file->lock);
        if (!kept)
            break;
    }
    g_atomic_int_set(&file->spool_ended, 1);
    return NULL;
}

static int
temporary(void)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "creditbot-log-XXXXXX", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static void
start_spooling(LogFile *file, int fd)
{
    struct stat stat = {0};
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    file->pipe_fd = fd;
    file->spool_fd = temporary();
    if (file->spool_fd < 0 || pipe2(file->stop_fds, O_CLOEXEC) < 0 ||
        fstat(file->spool_fd, &stat) < 0) {
        say(file, g_strdup_printf("%s: cannot be kept in %s: %s", file->name, g_get_tmp_dir(),
                                  g_strerror(errno)));
        file->spool_ended = 1;
        return;
    }
    add_segment(file, file->spool_fd, &stat);
    file->spooler = g_thread_new("log-pipe", spool, file);
}

static gboolean
poll_pipe(LogFile *file)
{
    Segment *last = last_segment(file);
    gboolean grew = last && file->spool_size > last->size;
    if (grew)
        last->size = file->spool_size;
    return grew;
}

/* -- a file -- */

static gboolean
wait_for(LogFile *file)
{
    gboolean told = file->waiting;
    if (!told)
        say(file, g_strdup_printf("waiting for %s: %s", file->path, g_strerror(errno)));
    file->waiting = TRUE;
    return !told;
}

/* The path's present file becomes the last segment. */
static gboolean
open_path(LogFile *file)
{
    struct stat stat;
    int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return wait_for(file);
    if (fstat(fd, &stat) < 0 || S_ISDIR(stat.st_mode)) {
        close(fd);
        errno = EISDIR;
        return wait_for(file);
    }
    if (file->waiting)
        say(file, g_strdup_printf("%s: it is there now", file->path));
    file->waiting = FALSE;
    if (S_ISREG(stat.st_mode)) {
        add_segment(file, fd, &stat);
        return TRUE;
    }
    start_spooling(file, fd);
    return TRUE;
}

/* Another file has the path now. What was written to the old one meanwhile is taken first. */
static gboolean
was_renamed(LogFile *file, Segment *last)
{
    struct stat there, here;
    if (stat(file->path, &there) < 0 ||
        (there.st_dev == last->device && there.st_ino == last->inode))
        return FALSE;
    if (!last->gone && fstat(last->fd, &here) == 0)
        last->size = MAX(last->size, here.st_size);
    guint before = file->segments->len;
    open_path(file);
    if (file->segments->len > before || file->waiting == FALSE)
        say(file, g_strdup_printf("%s was rotated; its new file follows", file->path));
    return TRUE;
}

/* The same file begins with other bytes or is shorter: it was emptied and written anew. */
static gboolean
was_truncated(const Segment *last, const struct stat *stat)
{
    char head[HEAD];
    if (stat->st_size < last->size)
        return TRUE;
    return stat->st_size > last->size && last->head_len > 0 &&
           (read_fully(last->fd, head, last->head_len, 0) < last->head_len ||
            memcmp(head, last->head, last->head_len) != 0);
}

static gboolean
poll_path(LogFile *file)
{
    struct stat stat;
    Segment *last = last_segment(file);
    if (!last)
        return open_path(file);
    if (fstat(last->fd, &stat) < 0)
        return FALSE;
    if (was_truncated(last, &stat)) {
        last->gone = TRUE;
        add_segment(file, last->fd, &stat);
        say(file, g_strdup_printf("%s was emptied; what was in it is gone", file->path));
        return TRUE;
    }
    if (stat.st_size > last->size) {
        last->size = stat.st_size;
        if (last->head_len < HEAD)
            last->head_len = read_fully(last->fd, last->head, MIN(HEAD, (gsize)last->size), 0);
        return TRUE;
    }
    return was_renamed(file, last);
}

/* What was rotated away and emptied then holds nothing any more, and ends what lies before it. */
static gboolean
drop_emptied(LogFile *file)
{
    gboolean any = FALSE;
    for (guint i = 0; i + 1 < file->segments->len; i++) {
        Segment *segment = &g_array_index(file->segments, Segment, i);
        struct stat stat;
        if (segment->gone || (fstat(segment->fd, &stat) == 0 && stat.st_size >= segment->size))
            continue;
        close(segment->fd);
        segment->gone = any = TRUE;
    }
    if (any)
        say(file, g_strdup_printf("%s: what was rotated away was emptied; it is gone", file->path));
    return any;
}

/* -- both -- */

static LogFile *
file_new(const char *path, const char *name)
{
    LogFile *file = g_new0(LogFile, 1);
    file->path = g_strdup(path);
    file->name = g_strdup(name);
    file->segments = g_array_new(FALSE, TRUE, sizeof(Segment));
    file->pipe_fd = file->spool_fd = file->stop_fds[0] = file->stop_fds[1] = -1;
    g_rw_lock_init(&file->lock);
    return file;
}

LogFile *
log_file_open(const char *path)
{
    LogFile *file = file_new(path, path);
    open_path(file);
    return file;
}

LogFile *
log_file_pipe(int fd, const char *name)
{
    LogFile *file = file_new(NULL, name);
    start_spooling(file, fd);
    return file;
}

void
log_file_free(LogFile *file)
{
    if (!file)
        return;
    if (file->spooler) {
        ssize_t ignored = write(file->stop_fds[1], "", 1);
        (void)ignored;
        g_thread_join(file->spooler);
    }
    for (int i = 0; i < 2; i++) {
        if (file->stop_fds[i] >= 0)
            close(file->stop_fds[i]);
    }
    if (file->pipe_fd >= 0)
        close(file->pipe_fd);
    for (guint i = 0; i < file->segments->len; i++) {
        const Segment *segment = &g_array_index(file->segments, Segment, i);
        if (!segment->gone)
            close(segment->fd);
    }
    g_array_unref(file->segments);
    g_rw_lock_clear(&file->lock);
    g_free(file->notice);
    g_free(file->path);
    g_free(file->name);
    g_free(file);
}

const char *
log_file_name(const LogFile *file)
{
    return file->name;
}

gboolean
log_file_poll(LogFile *file)
{
    g_rw_lock_writer_lock(&file->lock);
    gboolean missed = g_atomic_int_exchange(&file->missed, 0) && file->path;
    gboolean fresh = file->pipe_fd >= 0 ? poll_pipe(file) : file->path && poll_path(file);
    if (missed && drop_emptied(file))
        fresh = TRUE;
    g_rw_lock_writer_unlock(&file->lock);
    return fresh;
}

char *
log_file_notice(LogFile *file)
{
    g_rw_lock_reader_lock(&file->lock);
    char *notice = g_strdup(file->notice);
    g_rw_lock_reader_unlock(&file->lock);
    return notice;
}

gboolean
log_file_lives(LogFile *file)
{
    if (file->pipe_fd < 0)
        return file->path != NULL;
    g_rw_lock_reader_lock(&file->lock);
    const Segment *last = last_segment(file);
    gboolean ended =
        g_atomic_int_get(&file->spool_ended) && (!last || last->size >= file->spool_size);
    g_rw_lock_reader_unlock(&file->lock);
    return !ended;
}

gint64
log_file_start(LogFile *file)
{
    g_rw_lock_reader_lock(&file->lock);
    gint64 start = 0;
    for (guint i = 0; i < file->segments->len; i++) {
        const Segment *segment = &g_array_index(file->segments, Segment, i);
        if (i == 0 || segment->gone)
            start = segment->base + (segment->gone ? segment->size : 0);
    }
    g_rw_lock_reader_unlock(&file->lock);
    return start;
}

gint64
log_file_end(LogFile *file)
{
    g_rw_lock_reader_lock(&file->lock);
    const Segment *last = last_segment(file);
    gint64 end = last ? last->base + last->size : 0;
    g_rw_lock_reader_unlock(&file->lock);
    return end;
}

gsize
log_file_read(LogFile *file, gint64 offset, char *bytes, gsize len)
{
    gsize got = 0;
    g_rw_lock_reader_lock(&file->lock);
    for (guint i = 0; i < file->segments->len && got < len; i++) {
        const Segment *segment = &g_array_index(file->segments, Segment, i);
        gint64 from = offset + (gint64)got - segment->base;
        if (from < 0 || from >= segment->size)
            continue;
        if (segment->gone)
            break;
        gsize want = (gsize)MIN((gint64)(len - got), segment->size - from);
        gsize n = read_fully(segment->fd, bytes + got, want, from);
        got += n;
        if (n < want) {
            g_atomic_int_set(&file->missed, 1);
            break;
        }
    }
    g_rw_lock_reader_unlock(&file->lock);
    return got;
}
