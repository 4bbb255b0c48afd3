/* export.c: the export of a list. What is loaded is put into words here, what lies in the store is
 * read by a worker, page by page. */
#include "tui/export.h"

#include <string.h>
#include <glib/gstdio.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/money.h"
#include "base/outfile.h"
#include "base/text.h"
#include "tui/command.h"
#include "tui/views/feed.h"
#include "tui/widgets/dialogs.h"

#define JOB       (-2) /* request_id of exports among the work */
#define PAGE      1000
#define TELL_ROWS 20000

typedef struct {
    Console *console;
    char *path, *store;
    ExportFormat format;
    gboolean replace, marked;
    GString *text; /* rows that were loaded; NULL: they are read from the store */
    guint64 rows;
    guint hidden; /* marked rows that are left out */
    FeedAsk *ask; /* of the store's rows */
    const Feed *feed;
    Facts facts; /* the cells' context there */
    OutFile *out;
    Cancel *cancel;
} Export;

static void
export_free(gpointer data)
{
    Export *export = data;
    feed_ask_free(export->ask);
    outfile_free(export->out);
    if (export->text)
        g_string_free(export->text, TRUE);
    g_free(export->store);
    g_free(export->path);
    g_free(export);
}

/* -- rows as text -- */

gboolean
export_format(const char *path, ExportFormat *format, GError **error)
{
    gboolean csv = g_str_has_suffix(path, ".csv"), jsonl = g_str_has_suffix(path, ".jsonl");
    if (csv || jsonl) {
        *format = csv ? EXPORT_CSV : EXPORT_JSONL;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "'%s' ends with neither .csv nor .jsonl: that says which of the two it is", path);
    return FALSE;
}

char *
export_path(const char *name)
{
    if (g_str_has_prefix(name, "~/"))
        return g_build_filename(g_get_home_dir(), name + 2, NULL);
    return g_canonicalize_filename(name, NULL);
}

static char *
number_words(const ListColumn *column, gint64 number)
{
    switch (column->kind) {
    case QUERY_MONEY:
        return money_format(number);
    case QUERY_AGE:
    case QUERY_TIME:
        return number ? time_iso(number, FALSE) : g_strdup("");
    default:
        return g_strdup_printf("%" G_GINT64_FORMAT, number);
    }
}

/* What a column is worth; NULL: nothing. Caller frees. */
static char *
column_words(const ListColumn *column, const void *context, const void *row)
{
    gint64 number;
    if (column->number)
        return column->number(row, &number) ? number_words(column, number) : NULL;
    GString *text = g_string_new(NULL);
    Role role = ROLE_TEXT;
    column->cell(row, context, text, &role);
    char *words = g_strstrip(g_string_free(text, FALSE));
    if (strcmp(words, "-") == 0) /* what the screen shows for nothing */
        *words = '\0';
    return words;
}

static const ListColumn *
column_at(const ListOps *ops, guint i)
{
    return i < ops->n_columns ? &ops->columns[i] : &ops->more[i - ops->n_columns];
}

/* What is sparse is of this moment; the same name twice would be one column to who reads it. */
static gboolean
is_left_out(const ListOps *ops, guint i)
{
    if (column_at(ops, i)->sparse)
        return TRUE;
    for (guint k = 0; k < ops->n_columns && i >= ops->n_columns; k++) {
        if (strcmp(ops->columns[k].name, column_at(ops, i)->name) == 0)
            return TRUE;
    }
    return FALSE;
}

void
export_add_header(const ListOps *ops, ExportFormat format, GString *out)
{
    for (guint i = 0; i < ops->n_columns + ops->n_more && format == EXPORT_CSV; i++) {
        if (!is_left_out(ops, i))
            g_string_append_printf(out, "%s%s", i > 0 ? "," : "", column_at(ops, i)->name);
    }
    if (format == EXPORT_CSV)
        g_string_append(out, "\r\n");
}

static void
add_csv(const ListOps *ops, const void *context, const void *row, GString *out)
{
    for (guint i = 0; i < ops->n_columns + ops->n_more; i++) {
        if (is_left_out(ops, i))
            continue;
        g_autofree char *words = column_words(column_at(ops, i), context, row);
        g_autofree char *field = text_csv_field(words ? words : "");
        g_string_append_printf(out, "%s%s", i > 0 ? "," : "", field);
    }
    g_string_append(out, "\r\n");
}

static char *
json_line(const ListOps *ops, const void *context, const void *row)
{
    g_autoptr(cJSON) object = cJSON_CreateObject();
    for (guint i = 0; i < ops->n_columns + ops->n_more; i++) {
        const ListColumn *column = column_at(ops, i);
        gint64 number;
        g_autofree char *words = column_words(column, context, row);
        if (column->number && column->kind == QUERY_NUMBER && column->number(row, &number))
            json_add_int(object, column->name, number);
        else if (!is_left_out(ops, i))
            json_add(object, column->name, words);
    }
    return json_print(object);
}

void
export_add_row(const ListOps *ops, const void *context, const void *row, ExportFormat format,
               GString *out)
{
    if (format == EXPORT_CSV) {
        add_csv(ops, context, row, out);
        return;
    }
    g_autofree char *line = ops->json ? ops->json(row) : json_line(ops, context, row);
    g_string_append_printf(out, "%s\n", line);
}

/* -- on the worker -- */

typedef struct {
    Console *console;
    char *text;
} News;

static void
news_free(gpointer data)
{
    News *news = data;
    g_free(news->text);
    g_free(news);
}

static void
news_say(gpointer data)
{
    const News *news = data;
    console_say(news->console, ROLE_BUSY, "%s", news->text);
}

static void
tell(const Export *export)
{
    News *news = g_new0(News, 1);
    news->console = export->console;
    news->text =
        g_strdup_printf("exporting, %" G_GUINT64_FORMAT " rows so far; Esc stops it", export->rows);
    mailbox_post(export->console->mailbox, news_say, news, news_free);
}

static gboolean
write_rows(gpointer data, GPtrArray *rows, GError **error)
{
    Export *export = data;
    g_autoptr(GString) text = g_string_new(NULL);
    if (cancel_check(export->cancel, error))
        return FALSE;
    for (guint i = 0; i < rows->len; i++)
        export_add_row(export->feed->ops->list, &export->facts, g_ptr_array_index(rows, i),
                       export->format, text);
    if (export->rows / TELL_ROWS != (export->rows + rows->len) / TELL_ROWS)
        tell(export);
    export->rows += rows->len;
    return outfile_write(export->out, text->str, text->len, error);
}

static gboolean
write_store(Export *export, GError **error)
{
    StoreOptions options = {.path = export->store,
                            .group = config_string(export->console->config, "store", "group"),
                            .read_only = TRUE,
                            .once = TRUE};
    g_autoptr(Store) store = store_open(&options, error);
    g_autoptr(GString) header = g_string_new(NULL);
    FeedScan scan = {export->ask, write_rows, export};
    export_add_header(export->feed->ops->list, export->format, header);
    return store && outfile_write(export->out, header->str, header->len, error) &&
           feed_scan(&scan, store, error);
}

static gboolean
run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Export *export = data;
    (void)desk;
    export->cancel = cancel;
    if (export->ask) { /* a long search stops with the job */
        cancel_unref(export->ask->cancel);
        export->ask->cancel = cancel_ref(cancel);
    }
    export->out = outfile_new(export->path, error);
    if (!export->out)
        return FALSE;
    gboolean written = export->text
                           ? outfile_write(export->out, export->text->str, export->text->len, error)
                           : write_store(export, error);
    return written && outfile_done(export->out, export->replace, error);
}

static void
done(gpointer data, const GError *error)
{
    const Export *export = data;
    g_autofree char *n = wording_count((gint64) export->rows);
    g_autofree char *hidden =
        export->hidden ? g_strdup_printf(", %u marked ones are hidden and left out", export->hidden)
                       : g_strdup("");
    if (error && error->code == ERR_CANCELLED)
        console_say(export->console, ROLE_WARN, "the export was stopped; nothing was written");
    else if (error)
        console_say(export->console, ROLE_BAD, "export: %s", error->message);
    else
        console_say(export->console, ROLE_GOOD, "%s %srow%s in %s%s", n,
                    export->marked ? "marked " : "", export->rows == 1 ? "" : "s", export->path,
                    hidden);
}

/* -- on the screen's thread -- */

static void
add_loaded(Export *export, List *list)
{
    const ListOps *ops = list_spec(list);
    gboolean marks = list_has_marks(list);
    export->text = g_string_new(NULL);
    export_add_header(ops, export->format, export->text);
    for (guint i = 0; i < list_count(list); i++) {
        const void *row = list_row(list, i);
        if (marks && !list_is_marked(list, ops->id(row)))
            continue;
        export_add_row(ops, list_context(list), row, export->format, export->text);
        export->rows++;
    }
    export->marked = marks;
    if (marks)
        g_array_unref(list_marked(list, &export->hidden));
}

static guint
start(Console *console, const char *path, gboolean replace)
{
    g_autoptr(GError) error = NULL;
    List *list = console_list(console);
    g_autofree char *store = console_store_path(console, &error);
    if (!store) {
        console_say_error(console, "export", error);
        return CHANGED_SCREEN;
    }
    Export *export = g_new0(Export, 1);
    export->console = console;
    export->path = g_strdup(path);
    export->replace = replace;
    export->feed = list_feeder(list);
    export->store = g_steal_pointer(&store);
    export_format(path, &export->format, NULL);
    export->facts = console->facts;
    export->facts.progress = NULL; /* the screen's own, and of no decided request */
    gboolean loaded = !list_windowed(list) || !export->feed || list_has_marks(list);
    if (loaded)
        add_loaded(export, list);
    else
        export->ask = feed_ask_new(list_feeder(list), FEED_FIRST, NULL, PAGE);
    const JobSpec spec = {.what = g_strdup_printf("export to %s", path),
                          .request_id = JOB,
                          .run = run,
                          .done = done,
                          .data = export,
                          .free_data = export_free};
    console_say(console, ROLE_BUSY, "exporting to %s; Esc stops it", path);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

static guint
replace_it(Console *console, gpointer data)
{
    return console_list(console) ? start(console, data, TRUE) : CHANGED_NOTHING;
}

static guint
ask_to_replace(Console *console, const char *path, gint64 size)
{
    g_autofree char *text = g_strdup_printf(
        "%s is there already, %" G_GINT64_FORMAT " bytes.\nIt would be replaced.", path, size);
    return confirm_open(console, "Export", text, "replace it", replace_it, g_strdup(path));
}

static guint
export_to(Console *console, const char *name, gint64 data)
{
    g_autoptr(GError) error = NULL;
    ExportFormat format;
    GStatBuf there;
    g_autofree char *typed = name ? g_strstrip(g_strdup(name)) : NULL;
    (void)data;
    if (!typed || !*typed || !console_list(console))
        return CHANGED_SCREEN;
    if (!export_format(typed, &format, &error)) {
        console_say_error(console, "export", error);
        return CHANGED_SCREEN;
    }
    g_autofree char *path = export_path(typed);
    if (g_stat(path, &there) == 0)
        return ask_to_replace(console, path, there.st_size);
    return start(console, path, FALSE);
}

static char *
check_name(Console *console, const char *text, gint64 data)
{
    g_autoptr(GError) error = NULL;
    ExportFormat format;
    (void)console;
    (void)data;
    return export_format(text, &format, &error) ? NULL : g_strdup(error->message);
}

guint
cmd_export(Console *console, int by, const char *args)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(console_now(console) / G_USEC_PER_SEC);
    g_autofree char *when = g_date_time_format(now, "%Y%m%d-%H%M");
    g_autofree char *name =
        g_strdup_printf("~/creditbot-%s-%s.csv", console_ops(console)->name, when);
    const PromptSpec spec = {
        .label = "Export to:", .text = name, .done = export_to, .check = check_name};
    (void)by;
    return *args ? export_to(console, args, 0) : prompt_ask(console, &spec);
}

gboolean
export_cancel(Console *console)
{
    if (!work_cancel(console->work, JOB))
        return FALSE;
    console_say(console, ROLE_WARN, "stopping the export …");
    return TRUE;
}
