/* mailbox.c: results of worker threads on their way to the screen. */
#include "tui/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    MailFunc func;
    gpointer data;
    GDestroyNotify free_data;
} Mail;

struct Mailbox {
    GAsyncQueue *queue; /* Mail */
    int fd;
};

static void
mail_free(gpointer data)
{
    Mail *mail = data;
    if (mail->free_data)
        mail->free_data(mail->data);
    g_free(mail);
}

Mailbox *
mailbox_new(void)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);
    mailbox->queue = g_async_queue_new_full(mail_free);
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return mailbox;
}

void
mailbox_free(Mailbox *mailbox)
{
    if (!mailbox)
        return;
    g_async_queue_unref(mailbox->queue);
    close(mailbox->fd);
    g_free(mailbox);
}

void
mailbox_post(Mailbox *mailbox, MailFunc func, gpointer data, GDestroyNotify free_data)
{
    Mail *mail = g_new0(Mail, 1);
    *mail = (Mail){func, data, free_data};
    g_async_queue_push(mailbox->queue, mail);
    guint64 one = 1;
    ssize_t ignored = write(mailbox->fd, &one, sizeof one);
    (void)ignored;
}

int
mailbox_fd(Mailbox *mailbox)
{
    return mailbox->fd;
}

gboolean
mailbox_run(Mailbox *mailbox)
{
    guint64 count;
    gboolean any = FALSE;
    ssize_t ignored = read(mailbox->fd, &count, sizeof count);
    (void)ignored;
    for (Mail *mail; (mail = g_async_queue_try_pop(mailbox->queue)); any = TRUE) {
        mail->func(mail->data);
        mail_free(mail);
    }
    return any;
}
