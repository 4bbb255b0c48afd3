/* present.c: one place for the wording of text output. */
#include "cli/present.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "store/request_fields.h"

static const Role state_roles[STATE_COUNT] = {
    [STATE_NEW] = ROLE_PLAIN,    [STATE_RESOLVED] = ROLE_PLAIN,  [STATE_CALCULATING] = ROLE_BUSY,
    [STATE_PENDING] = ROLE_BOLD, [STATE_APPROVED] = ROLE_BUSY,   [STATE_POSTING] = ROLE_BUSY,
    [STATE_POSTED] = ROLE_GOOD,  [STATE_UNCONFIRMED] = ROLE_BAD, [STATE_REJECTED] = ROLE_DIM,
    [STATE_IGNORED] = ROLE_DIM,  [STATE_NEEDS_LINK] = ROLE_WARN, [STATE_FAILED] = ROLE_WARN,
    [STATE_DEAD] = ROLE_BAD,
};

Role
present_state_role(RequestState state)
{
    return (guint)state < STATE_COUNT ? state_roles[state] : ROLE_PLAIN;
}

char *
present_money(gint64 micro, const char *currency)
{
    return money_display_in(micro, currency);
}

char *
present_amount(const Request *request)
{
    return request->has_amount ? present_money(request->amount, request->currency) : g_strdup("-");
}

const char *
present_customer(const Request *request)
{
    if (request->customer)
        return request->customer;
    if (request->requester_name)
        return request->requester_name;
    return request->requester ? request->requester : "-";
}

char *
present_note(const Request *request)
{
    if (request->state == STATE_FAILED || request->state == STATE_DEAD)
        return g_strdup(request->error ? request->error : "");
    if (request->unusual && request->note)
        return g_strconcat(request->unusual, "; ", request->note, NULL);
    return g_strdup(request->unusual ? request->unusual : request->note ? request->note : "");
}

char *
present_time(gint64 at)
{
    if (at <= 0)
        return g_strdup("-");
    g_autofree char *iso = time_iso(at, FALSE);
    char *t = strchr(iso, 'T'), *z = strchr(iso, 'Z');
    if (t)
        *t = ' ';
    if (z)
        *z = '\0';
    return g_strconcat(iso, " UTC", NULL);
}

static gboolean
add_state(const char *word, guint *states, GError **error)
{
    const char *names[STATE_COUNT + 3];
    RequestState state;
    if (strcmp(word, "open") == 0) {
        *states |= STATES_OPEN;
        return TRUE;
    }
    if (strcmp(word, "closed") == 0) {
        *states |= STATES_CLOSED;
        return TRUE;
    }
    if (state_parse(word, &state)) {
        *states |= STATE_BIT(state);
        return TRUE;
    }
    for (int i = 0; i < STATE_COUNT; i++)
        names[i] = state_name((RequestState)i);
    names[STATE_COUNT] = "open";
    names[STATE_COUNT + 1] = "closed";
    names[STATE_COUNT + 2] = NULL;
    g_autofree char *all = g_strjoinv(", ", (char **)(guintptr)names);
    const char *nearest = text_nearest(word, names);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "no state '%s'%s%s%s; they are %s", word,
                nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
                all);
    return FALSE;
}

gboolean
present_states(char **words, guint *states, GError **error)
{
    guint found = 0;
    for (char **word = words; word && *word; word++) {
        g_auto(GStrv) parts = g_strsplit(*word, ",", -1);
        for (char **part = parts; *part; part++) {
            if (!add_state(g_strdelimit(g_strstrip(*part), "-", '_'), &found, error))
                return FALSE;
        }
    }
    *states = found;
    return TRUE;
}

gboolean
present_query(const char *text, gint64 now, Query **query, GError **error)
{
    if (!text)
        return TRUE;
    *query = query_parse(text, request_fields, now, error);
    if (!*query)
        g_prefix_error(error, "--filter: ");
    return *query != NULL;
}

char *
present_bar(gint64 n, gint64 most, int columns)
{
    gint64 length = most > 0 ? (n * columns + most - 1) / most : 0;
    return g_strnfill((gsize)CLAMP(length, 0, columns), '#');
}
