/* trino_error.c: an engine's own error as ours: what it says, where, and what to do. */
#include <string.h>
#include "base/error.h"
#include "services/trino_error.h"

#define MAX_SHOWN 1000 /* characters of the engine's message */

typedef struct {
    const char *name;
    CreditbotError code;
    const char *fix;
} Rule;

/* By errorName (StandardErrorCode.java), before the errorType is asked. */
static const Rule by_name[] = {
    {"ADMINISTRATIVELY_KILLED", ERR_REFUSED,
     "an administrator of the warehouse ended it; ask there"},
    {"EXCEEDED_TIME_LIMIT", ERR_TIMEOUT, "narrow the query or raise [warehouse] timeout"},
    {"PERMISSION_DENIED", ERR_AUTH, "have [warehouse] user granted what the message names"},
    {"SERVER_STARTING_UP", ERR_BUSY, "it has just been started; try again in a minute"},
    {"USER_CANCELED", ERR_CANCELLED, "it was cancelled on the warehouse"},
};

/* By errorType. */
static const Rule by_type[] = {
    {"USER_ERROR", ERR_INPUT, "correct the SQL in Looker"},
    {"INSUFFICIENT_RESOURCES", ERR_BUSY, "the warehouse lacks room for it now; try again later"},
    {"EXTERNAL", ERR_BUSY, "a system behind the warehouse failed; try again later"},
    {"INTERNAL_ERROR", ERR_BUSY, "the warehouse failed; try again later"},
};

static const Rule *
find_rule(const Rule *rules, gsize n, const char *name)
{
    for (gsize i = 0; i < n; i++)
        if (g_strcmp0(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

/* The engine's message without the "line 1:15: " that is said before it. Caller frees. */
static char *
message_of(const cJSON *failure, Log *log)
{
    g_autofree char *said = log_redact(log, json_string(failure, "message"));
    const char *text = said;
    if (!text)
        return g_strdup("no message");
    if (g_str_has_prefix(text, "line ")) {
        const char *colon = strstr(text, ": ");
        if (colon && strspn(text + 5, "0123456789:") == (gsize)(colon - text) - 4)
            text = colon + 2;
    }
    if (g_utf8_strlen(text, -1) <= MAX_SHOWN)
        return g_strdup(text);
    g_autofree char *start = g_utf8_substring(text, 0, MAX_SHOWN);
    return g_strconcat(start, "…", NULL);
}

void
trino_error(const cJSON *failure, const char *label, Log *log, GError **error)
{
    static const Rule unknown = {NULL, ERR_BUSY, "try again later"};
    const char *name = json_string(failure, "errorName");
    const Rule *rule = find_rule(by_name, G_N_ELEMENTS(by_name), name);
    if (!rule)
        rule = find_rule(by_type, G_N_ELEMENTS(by_type), json_string(failure, "errorType"));
    if (!rule)
        rule = &unknown;
    const cJSON *location = json_object(failure, "errorLocation");
    gint64 line = json_int(location, "lineNumber", 0);
    g_autofree char *message = message_of(failure, log);
    g_autofree char *shown = log_redact(log, name);
    g_autofree char *where =
        line > 0 ? g_strdup_printf(" at line %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, line,
                                   json_int(location, "columnNumber", 1))
                 : g_strdup("");
    g_set_error(error, CREDITBOT_ERROR, rule->code, "%s: %s%s: %s; %s", label,
                shown ? shown : "failed", where, message, rule->fix);
}
