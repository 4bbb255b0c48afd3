/* mailbox.h: how other threads hand something to the screen thread: a queue and a descriptor. */
#ifndef TUI_MAILBOX_H
#define TUI_MAILBOX_H

#include <glib.h>

typedef struct Mailbox Mailbox;
typedef void (*MailFunc)(gpointer data);

Mailbox *mailbox_new(void);
/* Drops what is still in it (each freed by its own function). */
void mailbox_free(Mailbox *mailbox);
/* From any thread: func(data) runs on the screen thread, then free_data(data) (may be NULL). */
void mailbox_post(Mailbox *mailbox, MailFunc func, gpointer data, GDestroyNotify free_data);
/* Readable when there is something. */
int mailbox_fd(Mailbox *mailbox);
/* On the screen thread: runs what is there; TRUE when there was something. */
gboolean mailbox_run(Mailbox *mailbox);

#endif
