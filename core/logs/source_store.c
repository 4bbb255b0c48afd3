/* source_store.c: the log that the store keeps, as a source; a place is the id of the line before.
 */
#include "logs/source.h"

#include <string.h>
#include "base/log.h"

#define PAGE 500

typedef struct {
    LogSource source;
    char *path, *group;
    Store *store; /* NULL: not open yet */
    char *failure;
    gint64 pass, request, run;
    GPtrArray *rows;  /* LogRow *, a page of them in order */
    gint64 low, high; /* rows hold all with low < id <= high */
    gint64 last;      /* the newest id that is known */
    gint64 stamp;
    GString *text;
} StoreSource;

static StoreSource *
self(LogSource *source)
{
    return (StoreSource *)source;
}

static void
row_free(gpointer row)
{
    log_row_free(row);
}

static gboolean
add_row(const LogRow *row, void *data)
{
    LogRow *copy = g_new0(LogRow, 1);
    *copy = *row;
    copy->area = g_strdup(row->area);
    copy->message = g_strdup(row->message);
    g_ptr_array_add(data, copy);
    return TRUE;
}

static gboolean
query(StoreSource *store, LogFilter filter, GPtrArray *rows)
{
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.path = store->path, .group = store->group, .read_only = TRUE};
    filter.pass_id = store->pass;
    filter.request_id = store->request;
    filter.run_id = store->run;
    if (!store->store)
        store->store = store_open(&options, &error);
    g_clear_pointer(&store->failure, g_free);
    if (store->store && store_logs(store->store, &filter, add_row, rows, &error))
        return TRUE;
    store->failure = g_strdup_printf("the state's log: %s", error->message);
    return FALSE;
}

static gint64
newest(StoreSource *store)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
    query(store, (LogFilter){.limit = 1}, rows);
    return rows->len ? ((const LogRow *)g_ptr_array_index(rows, 0))->id : 0;
}

/* The page before a place: the newest of what is older. */
static void
load_before(StoreSource *store, gint64 place)
{
    g_ptr_array_set_size(store->rows, 0);
    store->high = place;
    query(store, (LogFilter){.before_id = place + 1, .limit = PAGE}, store->rows);
    store->low =
        store->rows->len < PAGE ? 0 : ((const LogRow *)g_ptr_array_index(store->rows, 0))->id - 1;
}

/* The store gives the newest of a range; so the range grows until it holds a row. */
static void
load_after(StoreSource *store, gint64 place)
{
    g_ptr_array_set_size(store->rows, 0);
    store->low = store->high = place;
    for (gint64 span = PAGE; store->rows->len == 0 && store->high < store->last; span *= 4) {
        gint64 to = MIN(store->high + span, store->last);
        if (!query(store, (LogFilter){.after_id = store->high, .before_id = to + 1}, store->rows))
            break;
        store->high = to;
        /* A wide range with much in it: back to what a page may hold. */
        if (store->rows->len > 4 * PAGE) {
            const LogRow *last = g_ptr_array_index(store->rows, PAGE - 1);
            store->high = last->id;
            g_ptr_array_set_size(store->rows, PAGE);
        }
    }
}

/* The first row with an id above place among those held; their number: none. */
static guint
position(const StoreSource *store, gint64 place)
{
    guint low = 0, high = store->rows->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        const LogRow *row = g_ptr_array_index(store->rows, middle);
        if (row->id <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
fill(StoreSource *store, const LogRow *row, LogRecord *record)
{
    LogLine line = {.at = row->at,
                    .level = (LogLevel)row->level,
                    .area = row->area,
                    .request_id = row->request_id,
                    .run_id = row->run_id,
                    .message = row->message};
    g_autofree char *text = log_line_format(&line, LOG_FORMAT_TEXT, FALSE);
    g_string_assign(store->text, text);
    *record = (LogRecord){.pos = row->id - 1,
                          .next = row->id,
                          .text = store->text->str,
                          .len = store->text->len,
                          .bytes = (gint64)store->text->len};
    log_record_read(record, store->source.now);
    record->at = row->at;
    record->level = row->level;
    record->pass = row->pass_id;
    record->request = row->request_id;
    record->run = row->run_id;
}

static gboolean
store_next(LogSource *source, gint64 place, gboolean whole, LogRecord *record)
{
    StoreSource *store = self(source);
    (void)whole;
    if (place >= store->last)
        return FALSE;
    if (place < store->low || place >= store->high)
        load_after(store, place);
    guint at = position(store, place);
    if (at >= store->rows->len && store->high < store->last) {
        load_after(store, MAX(place, store->high));
        at = position(store, place);
    }
    if (at >= store->rows->len)
        return FALSE;
    fill(store, g_ptr_array_index(store->rows, at), record);
    return TRUE;
}

static gboolean
store_previous(LogSource *source, gint64 place, gboolean whole, LogRecord *record)
{
    StoreSource *store = self(source);
    (void)whole;
    if (place <= 0)
        return FALSE;
    if (place <= store->low || place > store->high)
        load_before(store, place);
    guint at = position(store, place);
    if (at == 0 && store->low > 0) {
        load_before(store, store->low);
        at = position(store, place);
    }
    if (at == 0)
        return FALSE;
    fill(store, g_ptr_array_index(store->rows, at - 1), record);
    return TRUE;
}

static gint64
store_start(LogSource *source)
{
    (void)source;
    return 0;
}

static gint64
store_end(LogSource *source)
{
    StoreSource *store = self(source);
    if (store->last == 0)
        store->last = newest(store);
    return store->last;
}

static gint64
store_align(LogSource *source, gint64 place)
{
    (void)source;
    return place;
}

/* Line by line: what the store could look for is the message alone. */
static gint64
store_find(LogSource *source, const Needle *needle, gint64 from, int direction,
           const LogPatience *patience)
{
    LogRecord record;
    gint64 all = store_end(source);
    for (guint n = 1; direction > 0 ? store_next(source, from, TRUE, &record)
                                    : store_previous(source, from, TRUE, &record);
         n++) {
        if (needle_first(needle, record.text, record.len))
            return record.pos;
        from = direction > 0 ? record.next : record.pos;
        if (n % PAGE == 0 && patience && patience->on &&
            !patience->on(patience->data, direction > 0 ? from : all - from, all))
            break;
    }
    return -1;
}

static gboolean
store_poll(LogSource *source)
{
    StoreSource *store = self(source);
    gint64 stamp = store->store ? store_stamp(store->store) : -1;
    if (store->store && stamp == store->stamp)
        return FALSE;
    store->stamp = stamp;
    gint64 last = newest(store), before = store->last;
    store->last = MAX(last, before);
    return store->last > before || store->failure;
}

static gboolean
store_lives(LogSource *source)
{
    (void)source;
    return TRUE;
}

static char *
store_notice(LogSource *source)
{
    return g_strdup(self(source)->failure);
}

static gboolean
store_lines(LogSource *source, gint64 place, gint64 *line, gint64 *lines, gboolean *all)
{
    (void)source;
    (void)place;
    (void)line;
    (void)lines;
    (void)all;
    return FALSE;
}

static gint64
store_line_place(LogSource *source, gint64 line)
{
    (void)source;
    return line;
}

static void
store_source_free(LogSource *source)
{
    StoreSource *store = self(source);
    store_close(store->store);
    g_ptr_array_unref(store->rows);
    g_string_free(store->text, TRUE);
    g_free(store->failure);
    g_free(store->path);
    g_free(store->group);
    g_free(store);
}

static const LogSourceOps ops = {
    .free = store_source_free,
    .start = store_start,
    .end = store_end,
    .next = store_next,
    .previous = store_previous,
    .align = store_align,
    .find = store_find,
    .poll = store_poll,
    .lives = store_lives,
    .notice = store_notice,
    .lines = store_lines,
    .line_place = store_line_place,
};

LogSource *
log_source_store(const LogStoreOptions *options)
{
    StoreSource *store = g_new0(StoreSource, 1);
    store->source.ops = &ops;
    store->source.name = g_strdup("creditbot");
    store->source.now = g_get_real_time();
    store->path = g_strdup(options->path);
    store->group = g_strdup(options->group);
    store->pass = options->pass;
    store->request = options->request;
    store->run = options->run;
    store->rows = g_ptr_array_new_with_free_func(row_free);
    store->text = g_string_new(NULL);
    store->stamp = -1;
    return &store->source;
}
