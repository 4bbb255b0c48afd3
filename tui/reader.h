/* reader.h: a thread with a read-only Store of its own, that reads for the screen and sees changes.
 *
 * Questions are answered in order. Between them the stamp of the store is compared, so that what
 * other processes commit appears by itself. */
#ifndef TUI_READER_H
#define TUI_READER_H

#include <glib.h>
#include "store/store.h"
#include "tui/mailbox.h"

typedef struct Reader Reader;

/* Runs on the reader's thread. */
typedef void (*ReadFunc)(Store *store, gpointer data);

typedef struct {
    gpointer data;
    char *text;
} ReaderFailure;

typedef struct {
    const char *path;  /* of the store; copied */
    const char *group; /* [store] group; copied. NULL: none */
    MailFunc changed;  /* screen thread, after anything was committed; NULL: not watched, and
                          the store is opened with the first question */
    MailFunc failed;   /* screen thread, when the store cannot be opened: a ReaderFailure */
    gpointer data;     /* for changed and failed */
} ReaderOptions;
Reader *reader_new(Mailbox *mailbox, const ReaderOptions *options);
/* Ends the thread after the question that it works on. */
void reader_free(Reader *reader);
/* read(store, data) there, then done(data) on the screen thread, then free_data(data). */
void reader_ask(Reader *reader, ReadFunc read, MailFunc done, gpointer data,
                GDestroyNotify free_data);

#endif
