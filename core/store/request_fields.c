/* request_fields.c: the fields of requests that a filter can name. */
#include "store/request_fields.h"

static const char *const state_words[] = {
    "new",         "resolved", "calculating", "pending",    "approved", "posting", "posted",
    "unconfirmed", "rejected", "ignored",     "needs_link", "failed",   "dead",    NULL,
};

const QueryField request_fields[] = {
    [FIELD_ID] = {"id", QUERY_NUMBER, NULL, "the number of the request"},
    [FIELD_STATE] = {"state", QUERY_WORD, state_words, "where it stands"},
    [FIELD_AMOUNT] = {"amount", QUERY_MONEY, NULL, "the credit: >500, 100..200, none"},
    [FIELD_CURRENCY] = {"currency", QUERY_WORD, NULL, "of the credit"},
    [FIELD_AGE] = {"age", QUERY_AGE, NULL, "since it was asked: >2h"},
    [FIELD_ASKED] = {"asked", QUERY_TIME, NULL, "when it was asked: 2d, yesterday"},
    [FIELD_DECIDED] = {"decided", QUERY_TIME, NULL, "when it was posted, rejected or ignored"},
    [FIELD_POSTED] = {"posted", QUERY_TIME, NULL, "when the result was posted"},
    [FIELD_CUSTOMER] = {"customer", QUERY_TEXT, NULL, "whose credit it is"},
    [FIELD_PRODUCT] = {"product", QUERY_WORD, NULL, "what the credit is for"},
    [FIELD_WHO] = {"who", QUERY_TEXT, NULL, "who asked"},
    [FIELD_DECIDED_BY] = {"decided-by", QUERY_TEXT, NULL, "who approved or rejected"},
    [FIELD_CHANNEL] = {"channel", QUERY_TEXT, NULL, "where it was asked"},
    [FIELD_LOOK] = {"look", QUERY_WORD, NULL, "the id of the Look or the tile"},
    [FIELD_TITLE] = {"title", QUERY_TEXT, NULL, "of the Look or the tile"},
    [FIELD_NOTE] = {"note", QUERY_TEXT, NULL, "what is unusual, why it stands where it stands"},
    [FIELD_ERROR] = {"error", QUERY_TEXT, NULL, "the last failure"},
    [FIELD_TEXT] = {"text", QUERY_TEXT, NULL, "the message"},
    [FIELD_SQL] = {"sql", QUERY_TEXT, NULL, "the SQL behind the link"},
    [FIELD_CORRECTS] = {"corrects", QUERY_NUMBER, NULL, "the request that it corrects, or none"},
    [FIELD_CORRECTED] = {"corrected", QUERY_NUMBER, NULL, "the request that corrects it, or none"},
    [FIELD_COUNT] = {NULL, QUERY_TEXT, NULL, NULL},
};

static gboolean
add_texts(GString *text, const char *a, const char *b)
{
    if (a)
        g_string_append(text, a);
    if (a && b)
        g_string_append_c(text, ' ');
    if (b)
        g_string_append(text, b);
    return a || b;
}

static gboolean
read_text(const Request *r, guint field, GString *text)
{
    const char *const pairs[FIELD_COUNT][2] = {
        [FIELD_STATE] = {state_name(r->state), NULL},
        [FIELD_CURRENCY] = {r->has_amount ? r->currency : NULL, NULL},
        [FIELD_CUSTOMER] = {r->customer, NULL},
        [FIELD_PRODUCT] = {r->product, NULL},
        [FIELD_WHO] = {r->requester_name, r->requester},
        [FIELD_DECIDED_BY] = {r->decided_by, NULL},
        [FIELD_CHANNEL] = {r->channel_name, r->channel},
        [FIELD_LOOK] = {r->link_ref, NULL},
        [FIELD_TITLE] = {r->title, NULL},
        [FIELD_NOTE] = {r->unusual, r->note},
        [FIELD_ERROR] = {r->error, NULL},
        [FIELD_TEXT] = {r->text, NULL},
        [FIELD_SQL] = {r->sql, NULL},
    };
    return add_texts(text, pairs[field][0], pairs[field][1]);
}

gboolean
request_field(const void *row, guint field, GString *text, gint64 *number, gpointer data)
{
    const Request *r = row;
    const gint64 numbers[FIELD_COUNT] = {
        [FIELD_ID] = r->id,
        [FIELD_AMOUNT] = r->amount,
        [FIELD_AGE] = r->received_at,
        [FIELD_ASKED] = r->received_at,
        [FIELD_DECIDED] = r->decided_at,
        [FIELD_POSTED] = r->posted_at,
        [FIELD_CORRECTS] = r->corrects,
        [FIELD_CORRECTED] = r->corrected_by,
    };
    (void)data;
    if (field >= FIELD_COUNT)
        return FALSE;
    QueryKind kind = request_fields[field].kind;
    if (kind == QUERY_TEXT || kind == QUERY_WORD)
        return read_text(r, field, text);
    *number = numbers[field];
    return field == FIELD_AMOUNT ? r->has_amount : numbers[field] != 0;
}
