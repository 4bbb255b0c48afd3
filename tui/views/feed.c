/* feed.c: questions to the store and their answers, for all views that show a list. */
#include "tui/views/feed.h"

#include <string.h>

gpointer
feed_open(Console *console, gsize size, const FeedOps *ops)
{
    Feed *feed = g_malloc0(size);
    feed->ops = ops;
    feed->console = console;
    feed->list = list_new(ops->list);
    list_set_context(feed->list, &console->facts);
    if (ops->page)
        list_set_more(feed->list, FALSE, FALSE);
    return feed;
}

void
feed_close(gpointer view)
{
    Feed *feed = view;
    list_free(feed->list);
    g_free(feed->filter);
    g_free(feed->error);
    g_free(feed);
}

static void
ask_free(gpointer data)
{
    FeedAsk *ask = data;
    if (ask->rows)
        g_ptr_array_unref(ask->rows);
    g_free(ask->query);
    g_free(ask->filter);
    g_free(ask->error);
    g_free(ask);
}

static void
ask_read(Store *store, gpointer data)
{
    FeedAsk *ask = data;
    g_autoptr(GError) error = NULL;
    ask->rows = g_ptr_array_new_with_free_func(ask->feed->ops->list->free_row);
    if (!ask->feed->ops->read(store, ask, &error))
        ask->error = g_strdup(error->message);
}

/* What lies beyond the rows that came is known from whether their page was full. */
static void
take_page(Feed *feed, FeedAsk *ask)
{
    gboolean full = ask->rows->len >= ask->limit, any = ask->rows->len > 0;
    gboolean before = list_more_before(feed->list), after = list_more_after(feed->list);
    switch (ask->part) {
    case FEED_AFTER:
        list_set_more(feed->list, before, feed->ops->open_ended ? after : full);
        break;
    case FEED_BEFORE:
        list_set_more(feed->list, full, after);
        break;
    default:
        list_set_more(feed->list, ask->part == FEED_LAST && full, ask->part != FEED_LAST && full);
        list_set_rows(feed->list, g_steal_pointer(&ask->rows));
        return;
    }
    if (any)
        list_extend(feed->list, g_steal_pointer(&ask->rows), ask->part == FEED_AFTER,
                    feed->ops->keep);
}

static void
ask_done(gpointer data)
{
    FeedAsk *ask = data;
    Feed *feed = ask->feed;
    gboolean taken = !ask->error && ask->serial == feed->serial;
    feed->asked = FALSE;
    feed->loaded = TRUE;
    g_free(feed->error);
    feed->error = g_steal_pointer(&ask->error);
    if (taken && feed->ops->page)
        take_page(feed, ask);
    else if (taken)
        list_set_rows(feed->list, g_steal_pointer(&ask->rows));
    console_touch(feed->console);
    if (feed->next)
        feed_ask(feed, feed->next);
    else if (feed->stale)
        feed->ops->refresh(feed);
    if (taken && feed->ops->taken)
        feed->ops->taken(feed, ask->part, feed->asked);
}

void
feed_ask(Feed *feed, FeedPart part)
{
    const FeedOps *ops = feed->ops;
    guint total = list_total(feed->list);
    gboolean longer = part == FEED_AGAIN && total > ops->page && !list_more_before(feed->list);
    FeedAsk *ask = g_new0(FeedAsk, 1);
    ask->feed = feed;
    ask->part = part;
    ask->serial = feed->serial;
    ask->limit = longer ? MIN(total, ops->keep) : ops->page;
    ask->filter = g_strdup(feed->filter);
    ask->inverse = ask->filter && ask->filter[0] == '!';
    ask->grep = ask->inverse ? NULL : ask->filter;
    if (ops->ask)
        ops->ask(feed, ask);
    feed->asked = TRUE;
    feed->stale = FALSE;
    feed->next = FEED_NOTHING;
    reader_ask(ops->page ? feed->console->bulk : feed->console->live, ask_read, ask_done, ask,
               ask_free);
}

gboolean
feed_busy(Feed *feed)
{
    feed->stale = feed->asked;
    return feed->asked;
}

void
feed_restart(Feed *feed, FeedPart part)
{
    feed->serial++;
    if (feed->asked)
        feed->next = part;
    else
        feed_ask(feed, part);
}

void
feed_reset(Feed *feed, FeedPart part)
{
    feed->loaded = FALSE;
    list_set_more(feed->list, FALSE, FALSE);
    feed_restart(feed, part);
}

void
feed_want(Feed *feed)
{
    gboolean at_end;
    if (!feed->asked && list_wants(feed->list, &at_end))
        feed_ask(feed, at_end ? FEED_AFTER : FEED_BEFORE);
}

gboolean
feed_set_filter(Feed *feed, const char *text)
{
    const char *used = text && *text && strcmp(text, "!") != 0 ? text : NULL;
    list_set_filter(feed->list, text);
    if (g_strcmp0(feed->filter, used) == 0)
        return FALSE;
    g_free(feed->filter);
    feed->filter = g_strdup(used);
    return TRUE;
}

gboolean
feed_passes(const FeedAsk *ask, const void *row)
{
    return !ask->inverse || list_row_matches(ask->feed->list, row, ask->filter);
}

gboolean
feed_waits(const Feed *feed)
{
    return !feed->loaded || (feed->ops->page && feed->asked);
}

void
feed_draw_empty(const Feed *feed, Grid *grid, Rect area, const char *no_match, const char *none)
{
    gboolean filtered = feed->ops->page ? feed->filter != NULL : list_filter(feed->list) != NULL;
    const char *text = feed->error        ? feed->error
                       : feed_waits(feed) ? "reading …"
                       : filtered         ? no_match
                                          : none;
    grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, feed->error ? ROLE_BAD : ROLE_TEXT,
                   text);
}

void
feed_refresh(gpointer view)
{
    Feed *feed = view;
    if (!feed_busy(feed))
        feed_ask(feed, FEED_AGAIN);
}

List *
feed_list(gpointer view)
{
    Feed *feed = view;
    return feed->list;
}
