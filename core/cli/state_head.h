/* state_head.h: the head of a log of events as it lies beside a backup. */
#ifndef CLI_STATE_HEAD_H
#define CLI_STATE_HEAD_H

#include "store/store.h"

typedef struct {
    gint64 id;  /* of the last event; 0: there was none */
    char *hash; /* its hash */
    char *time; /* when it was written, ISO 8601 UTC */
} Head;
void head_clear(Head *head);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Head, head_clear)

/* A file of one line, "id hash time". ERR_USAGE: cannot be read, or is none. */
gboolean head_read(const char *path, Head *head, GError **error);
gboolean head_write(const Head *head, const char *path, GError **error);
gboolean head_of(Store *store, Head *head, GError **error);
/* What is wrong with the store if that head (of name, a file) is right, as a part of a sentence
 * after "it"; NULL: the log goes through it, or error is set. Caller frees. */
char *head_compare(Store *store, const Head *head, const char *name, GError **error);

#endif
