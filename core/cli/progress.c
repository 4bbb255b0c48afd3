/* progress.c: writes over its own line, so it must know that nothing else does. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

static gboolean
wanted(const Session *session)
{
    return isatty(STDERR_FILENO) && !session->globals->json && !session->globals->verbose &&
           !session->globals->log_level;
}

void
progress_show(const char *stage, double percent, gint64 rows)
{
    g_autofree char *whole = text_printable(stage, -1, TEXT_LINE);
    g_autofree char *safe = text_ellipsize(whole, 30, TEXT_LINE);
    g_autofree char *bar = percent < 0 ? g_strdup("") : g_strdup_printf("%5.1f %%  ", percent);
    g_autofree char *line =
        g_strdup_printf("\r\033[K%s  %s%" G_GINT64_FORMAT " rows", safe, bar, rows);
    fputs(line, stderr);
    fflush(stderr);
}

static void
on_progress(const Progress *progress, void *data)
{
    (void)data;
    progress_show(progress->stage, progress->percent, progress->rows);
}

void
progress_watch(Session *session)
{
    if (wanted(session))
        desk_on_progress(session->desk, on_progress, NULL);
}

void
progress_end(const Session *session)
{
    if (!wanted(session))
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

static void
show_migrating(const StoreMigrating *now)
{
    if (now->doing)
        fprintf(stderr, "\r\033[Kthe state is of an older version: %s (step %u of %u), %u s",
                now->doing, now->step, now->steps, now->seconds);
    else
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

void (*progress_migrating(const Session *session))(const StoreMigrating *now)
{
    return wanted(session) ? show_migrating : NULL;
}

static void
show_proof(const char *what, gint64 done, gint64 all, void *data)
{
    (void)data;
    fprintf(stderr, "\r\033[K%s: %" G_GINT64_FORMAT, what, done);
    if (all > 0)
        fprintf(stderr, " of %" G_GINT64_FORMAT, all);
    fflush(stderr);
}

StoreTell
progress_proof(const Session *session)
{
    return wanted(session) ? show_proof : NULL;
}
