/* calc.c: `creditbot calc`: one calculation from a link or a file; nothing stored, nothing posted.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/money.h"
#include "cli/breakdown.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/session.h"

#define MOST_SQL ((gsize)4 << 20)

typedef struct {
    char *looker, *sql, *notebook, *product;
    gboolean days;
} Options;

static const OptSpec specs[] = {
    {"days", 'd', OPT_FLAG, G_STRUCT_OFFSET(Options, days), NULL,
     "break the amount down by day, not only by country"},
    {"looker", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, looker), "URL", "of this look, query or tile"},
    {"notebook", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, notebook), "FILE",
     "with this notebook (not in this build)"},
    {"product", 'p', OPT_TEXT, G_STRUCT_OFFSET(Options, product), "NAME",
     "as this product, whatever the SQL says"},
    {"sql", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, sql), "FILE",
     "of the SQL in a file; - reads stdin"},
    {NULL},
};

static char *
read_stdin(GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || text->len + (gsize)n > MOST_SQL) {
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot read the SQL from stdin: %s",
                        n < 0 ? g_strerror(errno) : "more than 4 MB");
            return NULL;
        }
        g_string_append_len(text, block, n);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *
read_sql(const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char *text = NULL;
    gsize len = 0;
    if (strcmp(path, "-") == 0)
        return read_stdin(error);
    if (g_file_get_contents(path, &text, &len, &failure) && len <= MOST_SQL)
        return text;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot read the SQL: %s",
                failure ? failure->message : "more than 4 MB");
    g_free(text);
    return NULL;
}

static gboolean
check_source(const Options *options, GError **error)
{
    int sources = (options->looker != NULL) + (options->sql != NULL) + (options->notebook != NULL);
    const char *wrong = NULL;
    if (sources != 1)
        wrong = "give exactly one of --looker URL and --sql FILE";
    else if (options->notebook)
        wrong = "this build has no notebook calculator; use --looker URL or --sql FILE, which the "
                "native one works out";
    if (wrong)
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, wrong);
    return wrong == NULL;
}

static void
on_progress(const char *stage, double percent, gint64 rows, void *data)
{
    (void)data;
    progress_show(stage, percent, rows);
}

static void
print_text(Out *out, const CalcResult *result, const char *sha256, gboolean days)
{
    g_autofree char *amount = present_money(result->amount, result->currency);
    g_autofree char *low = money_display(result->low), *high = money_display(result->high);
    g_autofree char *spend = present_money(result->spend, result->currency);
    out_text(out, ROLE_BOLD, amount);
    out_printf(out, ", between %s and %s at 95 %%\n", low, high);
    out_field(out, "customer", result->customer);
    out_field(out, "product", result->product);
    out_field_f(out, "calculator", "%s %s", result->calculator, result->version);
    out_field(out, "spend", spend);
    for (guint i = 0; i < result->unusual->len; i++)
        out_field(out, i ? "" : "unusual", g_ptr_array_index(result->unusual, i));
    out_field(out, "SQL", sha256);
    breakdown_print(out, result, days);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    g_autofree char *sql = NULL;
    g_autofree char *sha256 = NULL;
    if (!check_source(options, error) || (options->sql && !(sql = read_sql(options->sql, error))) ||
        !session_desk(session, FALSE, error))
        return 2;
    CalcAsk ask = {.looker_url = options->looker, .sql = sql, .product = options->product};
    if (isatty(STDERR_FILENO) && !session->globals->json)
        ask.progress = on_progress;
    g_autoptr(CalcResult) result = desk_calc(session->desk, &ask, &sha256, session->cancel, error);
    progress_end(session);
    if (!result)
        return 1;
    if (session->globals->json) {
        cJSON *json = calc_result_to_json(result);
        if (!cJSON_HasObjectItem(json, "sql_sha256"))
            json_add(json, "sql_sha256", sha256);
        out_json(session->out, json);
    } else {
        print_text(session->out, result, sha256, options->days);
    }
    return session_stopped(session, 0);
}

const Command command_calc = {
    .name = "calc",
    .args = "(--looker URL | --sql FILE)",
    .help = "work out one credit; nothing is stored or posted",
    .about =
        "Fetches the SQL behind the link, or reads it from the file, runs it on the warehouse and\n"
        "prints the credit with its breakdown and reasons.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .func = run,
};
