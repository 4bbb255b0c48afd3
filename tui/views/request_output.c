/* request_output.c: what can be taken out of a request: to the clipboard, to a pager. */
#include "tui/views/request.h"

#include <string.h>
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "engine/signature.h"
#include "store/evidence.h"

#define LOG_LINES 5000

struct OutputSource {
    Store *store;
    const Request *request;
    gint64 run_id;
};

/* Indented, as far as it is JSON. */
static char *
pretty(const char *text)
{
    g_autoptr(cJSON) json = text ? json_parse(text, strlen(text), "output", NULL) : NULL;
    return json ? json_print_pretty(json) : g_strdup(text);
}

static char *
put_amount(const OutputSource *source, GError **error)
{
    const Request *request = source->request;
    (void)error;
    if (!request->has_amount)
        return NULL;
    g_autofree char *amount = money_format(request->amount);
    return g_strdup_printf("%s %s", amount, request->currency ? request->currency : "");
}

static char *
put_link(const OutputSource *source, GError **error)
{
    (void)error;
    return g_strdup(source->request->link_url);
}

static char *
put_sql(const OutputSource *source, GError **error)
{
    g_autoptr(Run) run =
        source->run_id ? store_run_get(source->store, source->run_id, error) : NULL;
    return g_strdup(run && run->sql ? run->sql : source->request->sql);
}

/* What was posted as the result; before that, nothing is in the store. */
static char *
put_post(const OutputSource *source, GError **error)
{
    g_autoptr(GPtrArray) posts = store_posts(source->store, source->request->id, error);
    GString *text = g_string_new(NULL);
    for (guint i = 0; posts && i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);
        if (post->text)
            g_string_append_printf(text, "%s%s", text->len ? "\n\n" : "", post->text);
    }
    return g_string_free(text, text->len == 0);
}

static char *
put_text(const OutputSource *source, GError **error)
{
    (void)error;
    return g_strdup(source->request->text);
}

static char *
put_message(const OutputSource *source, GError **error)
{
    (void)error;
    return pretty(source->request->message);
}

static char *
put_result(const OutputSource *source, GError **error)
{
    gint64 id = source->run_id ? source->run_id : source->request->run_id;
    g_autoptr(Run) run = id ? store_run_get(source->store, id, error) : NULL;
    return run ? pretty(run->result) : NULL;
}

static char *
put_events(const OutputSource *source, GError **error)
{
    g_autoptr(GPtrArray) events = store_events(source->store, source->request->id, 0, 0, error);
    GString *text = g_string_new(NULL);
    for (guint i = events ? events->len : 0; i > 0; i--) {
        g_autoptr(cJSON) json = event_to_json(g_ptr_array_index(events, i - 1));
        g_autofree char *line = json_print(json);
        g_string_append_printf(text, "%s\n", line);
    }
    return g_string_free(text, text->len == 0);
}

static gboolean
add_log_row(const LogRow *row, void *data)
{
    GString *text = data;
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(row->at / G_USEC_PER_SEC);
    g_autofree char *when = at ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    g_string_append_printf(text, "%s %s %s: %s\n", when ? when : "-",
                           log_level_name((LogLevel)row->level), row->area ? row->area : "-",
                           row->message ? row->message : "");
    return TRUE;
}

static char *
put_log(const OutputSource *source, GError **error)
{
    GString *text = g_string_new(NULL);
    LogFilter filter = {.request_id = source->request->id, .limit = LOG_LINES};
    gboolean well = store_logs(source->store, &filter, add_log_row, text, error);
    return g_string_free(text, !well || text->len == 0);
}

/* The run that counts, with its result. */
static Run *
counting_run(const OutputSource *source, GError **error)
{
    gint64 id = source->request->run_id;
    return id ? store_run_get(source->store, id, error) : NULL;
}

static char *
put_digest(const OutputSource *source, GError **error)
{
    g_autoptr(Run) run = counting_run(source, error);
    return run ? g_strdup(run->digest) : NULL;
}

static char *
put_evidence(const OutputSource *source, GError **error)
{
    g_autoptr(Run) run = counting_run(source, error);
    return run ? evidence_form(source->request, run) : NULL;
}

/* What somebody signs who approves from elsewhere: of evidence that is as it was recorded. */
static char *
put_to_sign(const OutputSource *source, GError **error)
{
    const Request *request = source->request;
    if (request->state != STATE_PENDING) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " is %s; only a pending one is signed", request->id,
                    state_name(request->state));
        return NULL;
    }
    g_autoptr(Run) run = counting_run(source, error);
    g_autoptr(GPtrArray) approvals =
        run ? store_approvals(source->store, request->id, error) : NULL;
    g_autofree char *digest = approvals ? evidence_digest(request, run) : NULL;
    if (!digest || g_strcmp0(digest, run->digest) == 0)
        return digest ? signature_text(request, run, approvals) : NULL;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "the evidence of request %" G_GINT64_FORMAT " is not what was recorded; rerun it",
                request->id);
    return NULL;
}

const OutputKind request_outputs[] = {
    {"amount", "the amount", put_amount},
    {"link", "the link", put_link},
    {"sql", "the SQL", put_sql},
    {"post", "the text of the post", put_post},
    {"text", "the text of the message", put_text},
    {"message", "the message as Slack sent it (JSON)", put_message},
    {"result", "the result of the run (JSON)", put_result},
    {"events", "the events (JSON Lines)", put_events},
    {"log", "the log of this request", put_log},
    {"digest", "the digest of the evidence", put_digest},
    {"evidence", "the evidence in its canonical form", put_evidence},
    {"to-sign", "the text to sign", put_to_sign},
    {NULL, NULL, NULL},
};

const OutputKind *
request_output_kind(const char *name)
{
    for (const OutputKind *kind = request_outputs; kind->name; kind++) {
        if (strcmp(kind->name, name) == 0)
            return kind;
    }
    return NULL;
}

char *
request_output(Store *store, const OutputKind *kind, gint64 request_id, gint64 run_id,
               GError **error)
{
    g_autoptr(Request) request = store_request_get(store, request_id, error);
    g_autoptr(GError) cause = NULL;
    if (!request)
        return NULL;
    OutputSource source = {store, request, run_id};
    g_autofree char *text = kind->put(&source, &cause);
    if (text && *text)
        return g_steal_pointer(&text);
    if (cause)
        g_propagate_error(error, g_steal_pointer(&cause));
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                    "request %" G_GINT64_FORMAT ": %s is not there (yet)", request_id, kind->what);
    return NULL;
}
