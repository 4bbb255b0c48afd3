/* summary.c: how things stand, for the second line: read on the reader's thread. */
#include "tui/console_private.h"

#include <string.h>
#include "base/clock.h"

typedef struct {
    Console *console;
    gint64 now, schedule, late, last_event;
    Summary *summary;
} Ask;

void
summary_free(Summary *summary)
{
    if (!summary)
        return;
    g_clear_pointer(&summary->progress, g_ptr_array_unref);
    g_clear_pointer(&summary->claims, g_ptr_array_unref);
    g_clear_pointer(&summary->notices, g_ptr_array_unref);
    pass_free(summary->last);
    g_free(summary->runner);
    g_free(summary->paused);
    g_free(summary->error);
    g_free(summary);
}

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    summary_free(ask->summary);
    g_free(ask);
}

/* The newest pass that ended, and when one that the schedule makes is due. */
static void
read_passes(const Ask *ask, Store *store, GError **error)
{
    Summary *summary = ask->summary;
    g_autoptr(GPtrArray) passes = store_passes(store, 0, 20, error);
    for (guint i = 0; passes && i < passes->len; i++) {
        Pass *pass = g_ptr_array_index(passes, i);
        if (g_strcmp0(pass->trigger, "cron") == 0 && summary->next_at == 0 && ask->schedule > 0)
            summary->next_at = pass->started_at + ask->schedule;
        if (!summary->last && pass->finished_at > 0) {
            summary->last = g_new0(Pass, 1);
            summary->last->id = pass->id;
            summary->last->status = g_strdup(pass->status);
            summary->last->finished_at = pass->finished_at;
            summary->last->started_at = pass->started_at;
            summary->last->exit_code = pass->exit_code;
        }
    }
}

static void
read_holder(Summary *summary, Store *store)
{
    LeaseInfo lease = {0};
    if (!store_lease_info(store, "pass", &lease))
        return;
    summary->running = TRUE;
    summary->runner = g_strdup_printf("%s, pid %" G_GINT64_FORMAT, lease.host, lease.pid);
    lease_info_clear(&lease);
}

/* "mara: the warehouse is being moved"; the time until when stands beside it. */
static void
read_pause(const Ask *ask)
{
    g_auto(PauseInfo) info = {0};
    if (!desk_pause_info(ask->console->desk, &info))
        return;
    ask->summary->paused = g_strdup_printf("%s: %s", info.actor ? info.actor : "somebody",
                                           info.reason ? info.reason : "");
    ask->summary->paused_until = info.until;
}

static void
summary_read(Store *store, gpointer data)
{
    Ask *ask = data;
    g_autoptr(GError) error = NULL;
    Summary *summary = ask->summary = g_new0(Summary, 1);
    summary->last_event = ask->last_event;
    if (store_counts(store, ask->now - ask->late, &summary->counts, &error))
        read_passes(ask, store, &error);
    summary->progress = store_progress(store, error ? NULL : &error);
    if (!summary->progress)
        summary->progress = g_ptr_array_new();
    read_holder(summary, store);
    summary->claims = store_claims(store, 0, NULL);
    g_autoptr(GPtrArray) glasses = store_break_glass(store, TRUE, NULL);
    summary->to_review = glasses ? glasses->len : 0;
    summary->notices = notices_read(store, &summary->last_event, NULL);
    if (error)
        summary->error = g_strdup(error->message);
    read_pause(ask);
}

static void
summary_done(gpointer data)
{
    Ask *ask = data;
    console_set_summary(ask->console, g_steal_pointer(&ask->summary));
}

void
summary_ask(Console *console)
{
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->now = console_now(console);
    ask->late = console->facts.late;
    ask->last_event = console->last_event;
    ask->schedule = config_duration(console->config, "general", "schedule");
    reader_ask(console->live, summary_read, summary_done, ask, ask_free);
}
