/* feed.c: questions to the store and their answers, for all views that show a list. */
#include "tui/views/feed.h"

#include <string.h>

/* Another filter or order: the store is asked anew. */
static void
on_order(gpointer data)
{
    Feed *feed = data;
    g_free(feed->filter);
    feed->filter = g_strdup(list_filter(feed->list));
    if (!feed->quiet)
        feed_reset(feed, FEED_FIRST);
}

static void
on_resume(gpointer data)
{
    Feed *feed = data;
    feed->ops->refresh(feed);
}

static const ListHooks hooks = {on_order, on_resume};

gpointer
feed_open(Console *console, gsize size, const FeedOps *ops)
{
    Feed *feed = g_malloc0(size);
    feed->ops = ops;
    feed->console = console;
    feed->list = list_new(ops->list);
    list_set_context(feed->list, &console->facts);
    list_set_clock(feed->list, &console->facts.now);
    list_set_hooks(feed->list, &hooks, feed);
    if (ops->page)
        list_set_more(feed->list, FALSE, FALSE);
    return feed;
}

void
feed_close(gpointer view)
{
    Feed *feed = view;
    list_free(feed->list);
    cancel_unref(feed->cancel);
    g_free(feed->filter);
    g_free(feed->error);
    g_free(feed);
}

void
feed_ask_free(gpointer data)
{
    FeedAsk *ask = data;
    if (!ask)
        return;
    if (ask->rows)
        g_ptr_array_unref(ask->rows);
    query_unref(ask->where);
    cancel_unref(ask->cancel);
    g_free(ask->query);
    g_free(ask->edge_text);
    g_free(ask->error);
    g_free(ask);
}

static gboolean
goes_back(FeedPart part)
{
    return part == FEED_LAST || part == FEED_BEFORE;
}

static void
turn(GPtrArray *rows)
{
    for (guint i = 0; i + 1 < rows->len - i; i++) {
        gpointer other = rows->pdata[rows->len - 1 - i];
        rows->pdata[rows->len - 1 - i] = rows->pdata[i];
        rows->pdata[i] = other;
    }
}

static void
ask_read(Store *store, gpointer data)
{
    FeedAsk *ask = data;
    g_autoptr(GError) error = NULL;
    ask->rows = g_ptr_array_new_with_free_func(ask->feed->ops->list->free_row);
    if (!ask->feed->ops->read(store, ask, &error))
        ask->error = g_strdup(error->message);
    if (ask->feed->ops->backwards && goes_back(ask->part) && ask->rows->len > 0)
        turn(ask->rows);
}

/* What lies beyond the rows that came is known from whether their page was full. */
static void
take_page(Feed *feed, FeedAsk *ask)
{
    gboolean full = ask->rows->len >= ask->limit, any = ask->rows->len > 0;
    gboolean before = list_more_before(feed->list), after = list_more_after(feed->list);
    if (ask->part == FEED_AGAIN && list_paused(feed->list)) {
        list_refresh_rows(feed->list, g_steal_pointer(&ask->rows));
        return;
    }
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
    gboolean fresh = !feed->loaded;
    feed->asked = FALSE;
    feed->loaded = TRUE;
    list_set_busy(feed->list, FALSE);
    g_free(feed->error);
    feed->error = ask->serial == feed->serial ? g_steal_pointer(&ask->error) : NULL;
    if (feed->error && list_total(feed->list) > 0) /* else the view has room to say it */
        console_say(feed->console, ROLE_BAD, "%s", feed->error);
    if (taken && feed->ops->page)
        take_page(feed, ask);
    else if (taken && fresh)
        list_set_rows(feed->list, g_steal_pointer(&ask->rows));
    else if (taken)
        list_refresh_rows(feed->list, g_steal_pointer(&ask->rows));
    console_touch(feed->console);
    if (feed->next)
        feed_ask(feed, feed->next);
    else if (feed->stale)
        feed->ops->refresh(feed);
    if (taken && feed->ops->taken)
        feed->ops->taken(feed, ask->part, feed->asked);
}

/* One text that any column or the store's texts may hold: NULL when the filter is more than that.
 */
static const char *
plain_text(const Query *where)
{
    guint n = 0;
    const QueryTerm *terms = where ? query_terms(where, &n) : NULL;
    gboolean plain = n == 1 && terms[0].field < 0 && !terms[0].inverse && !terms[0].regex;
    return plain ? g_array_index(terms[0].values, QueryValue, 0).text : NULL;
}

FeedAsk *
feed_ask_new(Feed *feed, FeedPart part, const void *edge, guint limit)
{
    gboolean reverse;
    int sort = list_sorted_by(feed->list, &reverse);
    const ListColumn *column = sort < 0 ? NULL : &feed->ops->list->columns[sort];
    Query *where = feed->ops->page ? list_query(feed->list) : NULL;
    FeedAsk *ask = g_new0(FeedAsk, 1);
    ask->feed = feed;
    ask->part = part;
    ask->serial = feed->serial;
    ask->limit = limit;
    ask->order = column ? column->order : 0;
    ask->descending = ((column && column->big_first) != reverse) != goes_back(part);
    ask->where = where ? query_ref(where) : NULL;
    ask->grep = plain_text(ask->where);
    ask->sift = ask->where && !ask->grep;
    ask->cancel = cancel_new();
    ask->edge = edge;
    if (feed->ops->ask)
        feed->ops->ask(feed, ask);
    ask->edge = NULL;
    return ask;
}

void
feed_ask(Feed *feed, FeedPart part)
{
    const FeedOps *ops = feed->ops;
    guint total = list_total(feed->list);
    gboolean longer = part == FEED_AGAIN && total > ops->page && !list_more_before(feed->list);
    const void *edge = part == FEED_AFTER    ? list_last(feed->list)
                       : part == FEED_BEFORE ? list_first(feed->list)
                                             : NULL;
    FeedAsk *ask = feed_ask_new(feed, part, edge, longer ? MIN(total, ops->keep) : ops->page);
    feed->asked = TRUE;
    feed->stale = FALSE;
    feed->next = FEED_NOTHING;
    cancel_unref(feed->cancel);
    feed->cancel = cancel_ref(ask->cancel);
    list_set_busy(feed->list, !feed->loaded);
    reader_ask(ops->page ? feed->console->bulk : feed->console->live, ask_read, ask_done, ask,
               feed_ask_free);
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
    if (!feed->asked) {
        feed_ask(feed, part);
        return;
    }
    feed->next = part;
    cancel_fire(feed->cancel); /* a long search for what nobody wants any more */
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
    g_autofree char *before = g_strdup(list_filter(feed->list));
    feed->quiet = TRUE;
    gboolean ok = list_set_filter(feed->list, text, NULL);
    feed->quiet = FALSE;
    return ok && g_strcmp0(before, list_filter(feed->list)) != 0;
}

gboolean
feed_passes(const FeedAsk *ask, const void *row)
{
    return !ask->sift || list_row_passes(ask->feed->list, row, ask->where);
}

gboolean
feed_waits(const Feed *feed)
{
    return !feed->loaded || (feed->ops->page && feed->asked);
}

void
feed_draw_empty(const Feed *feed, Grid *grid, Rect area, const char *no_match, const char *none)
{
    gboolean filtered = list_filter(feed->list) != NULL;
    const char *text = feed->error        ? feed->error
                       : feed_waits(feed) ? "reading …"
                       : filtered         ? no_match
                                          : none;
    grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, feed->error ? ROLE_BAD : ROLE_TEXT,
                   text);
}

static FeedAsk *
next_page(const FeedAsk *before, const void *edge)
{
    FeedAsk *ask = g_new0(FeedAsk, 1);
    *ask = *before;
    ask->part = edge ? FEED_AFTER : FEED_FIRST;
    ask->where = before->where ? query_ref(before->where) : NULL;
    ask->cancel = cancel_ref(before->cancel);
    ask->edge_text = NULL;
    ask->grep = plain_text(ask->where);
    ask->query = NULL;
    ask->error = NULL;
    ask->rows = g_ptr_array_new_with_free_func(before->feed->ops->list->free_row);
    ask->edge = edge;
    if (before->feed->ops->ask)
        before->feed->ops->ask(before->feed, ask);
    ask->edge = NULL;
    return ask;
}

gboolean
feed_scan(const FeedScan *scan, Store *store, GError **error)
{
    const FeedOps *ops = scan->first->feed->ops;
    FeedAsk *page = next_page(scan->first, NULL);
    for (;;) {
        gboolean ok = ops->read(store, page, error) &&
                      (page->rows->len == 0 || scan->rows(scan->data, page->rows, error));
        if (!ok || page->rows->len < page->limit) {
            feed_ask_free(page);
            return ok;
        }
        FeedAsk *next = next_page(page, g_ptr_array_index(page->rows, page->rows->len - 1));
        feed_ask_free(page);
        page = next;
    }
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
