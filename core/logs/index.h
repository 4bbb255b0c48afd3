/* index.h: the lines of a file, counted in the background, a number for each block of bytes. */
#ifndef LOGS_INDEX_H
#define LOGS_INDEX_H

#include "logs/file.h"

typedef struct LogIndex LogIndex;

/* A thread of its own counts to the end each time that it is told to go on. file is borrowed. */
LogIndex *log_index_new(LogFile *file);
/* Ends the thread after the block that it reads. */
void log_index_free(LogIndex *index);
/* Counts what is not counted yet. */
void log_index_go_on(LogIndex *index);
/* Bytes that are counted, and the newlines in them. TRUE when that is all of the file. */
gboolean log_index_state(LogIndex *index, gint64 *bytes, gint64 *lines);
/* Newlines before an offset; -1: not counted so far yet. Reads at most a block. */
gint64 log_index_line_of(LogIndex *index, gint64 offset);
/* Where a line (0: the first) begins; the end when there are fewer; -1: not counted so far yet. */
gint64 log_index_offset_of(LogIndex *index, gint64 line);

#endif
