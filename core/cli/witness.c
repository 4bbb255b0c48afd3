/* witness.c: `creditbot state verify --against-slack`: asks Slack's threads what they testify. */
#include "cli/witness.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static void
show_progress(const char *what, guint done, guint total, void *data)
{
    (void)data;
    fprintf(stderr, "\r\033[Kreading Slack: %s %u of %u", what, done, total);
    fflush(stderr);
}

static void
end_progress(void)
{
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

WitnessReport *
witness_ask(Session *session, const char *since, GError **error)
{
    gboolean told = isatty(STDERR_FILENO) && !session->globals->json;
    WitnessOptions options = {.progress = told ? show_progress : NULL};

    if (!session_desk(session, TRUE, error) ||
        (since && !time_parse_since(since, desk_now(session->desk), &options.since, error)))
        return NULL;
    WitnessReport *report = desk_verify_slack(session->desk, &options, session->cancel, error);
    if (told)
        end_progress();
    return report;
}

char *
witness_words(const WitnessReport *report)
{
    g_autofree char *last =
        report->last_id ? g_strdup_printf(", up to record %" G_GINT64_FORMAT, report->last_id)
                        : g_strdup("");

    return g_strdup_printf("Slack testifies the same: %u result%s in %u thread%s, %u of them with "
                           "their record of the log%s.",
                           report->posts, report->posts == 1 ? "" : "s", report->threads,
                           report->threads == 1 ? "" : "s", report->heads, last);
}

cJSON *
witness_json(const WitnessReport *report)
{
    cJSON *json = cJSON_CreateObject();

    json_add_int(json, "threads", report->threads);
    json_add_int(json, "results", report->posts);
    json_add_int(json, "records", report->heads);
    json_add_int(json, "last_record", report->last_id);
    return json;
}
