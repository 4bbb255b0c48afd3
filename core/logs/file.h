/* file.h: the bytes of a log file that grows, is rotated or truncated, or of a pipe.
 *
 * Offsets never change their meaning: where a file is rotated (renamed and created anew) or
 * truncated, the new bytes follow the old ones, and what was rotated away can still be read as long
 * as the file is open here. A pipe is copied to an unlinked temporary file, so that memory stays
 * bounded. Bytes are read with pread(): a file that shrinks gives fewer bytes, never a signal.
 * Reading and log_file_end() are safe from any thread, everything else belongs to one. */
#ifndef LOGS_FILE_H
#define LOGS_FILE_H

#include <glib.h>

typedef struct LogFile LogFile;

/* Never fails: a file that is not there yet is waited for, one that cannot be read says so in
 * log_file_notice(). A FIFO or device is read as a pipe. */
LogFile *log_file_open(const char *path);
/* Takes fd. name: to show. */
LogFile *log_file_pipe(int fd, const char *name);
void log_file_free(LogFile *file);
const char *log_file_name(const LogFile *file); /* as it was given */
/* Where the bytes that can still be read begin and end. */
gint64 log_file_start(LogFile *file);
gint64 log_file_end(LogFile *file);
/* Looks for new bytes, a rotation, a truncation; TRUE when anything is new, a notice too. */
gboolean log_file_poll(LogFile *file);
/* A sentence about the last rotation, truncation, failure, or that the file is not there yet; NULL:
 * nothing. Caller frees. */
char *log_file_notice(LogFile *file);
/* FALSE when nothing more can come: a pipe that was closed. */
gboolean log_file_lives(LogFile *file);
/* At most len bytes from offset on; 0 at the end and where they are gone. */
gsize log_file_read(LogFile *file, gint64 offset, char *bytes, gsize len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogFile, log_file_free)

#endif
