/* filter_terms.c: the terms of a query as conditions on requests r and request_texts t.
 *
 * Each term gives its exact condition. One that an index answers also offers the ids of all rows
 * that can pass: the smallest such set, if it is small, is what the statement reads. */
#include "store/filter.h"

#include <string.h>

#include "store/request_fields.h"
#include "store/search.h"

/* What a word without a field is looked for in. */
#define ROW_TEXTS                                                                                  \
    "r.customer, r.requester, r.requester_name, r.product, r.title, r.link_ref, r.note, "          \
    "r.unusual, r.error, r.decided_by"
#define ALL_TEXTS ROW_TEXTS ", t.text, t.sql"

typedef struct {
    const char
        *exprs; /* of texts: several, by commas; of numbers: one, NULL where it is not there */
    const char *range; /* indexed, for BETWEEN; NULL: none */
    gboolean found;    /* its words are in the search index */
    gboolean texts;
} FieldSql;

static const FieldSql fields[FIELD_COUNT] = {
    [FIELD_ID] = {"r.id", "id", FALSE, FALSE},
    [FIELD_STATE] = {"r.state", NULL, FALSE, FALSE},
    [FIELD_AMOUNT] = {"r.amount", "amount_key", FALSE, FALSE},
    [FIELD_CURRENCY] = {"r.currency", NULL, FALSE, FALSE},
    [FIELD_AGE] = {"r.received_at", "received_at", FALSE, FALSE},
    [FIELD_ASKED] = {"r.received_at", "received_at", FALSE, FALSE},
    [FIELD_DECIDED] = {"nullif(r.decided_at, 0)", "decided_at <> 0 AND decided_at", FALSE, FALSE},
    [FIELD_POSTED] = {"nullif(r.posted_at, 0)", NULL, FALSE, FALSE},
    [FIELD_CUSTOMER] = {"r.customer", NULL, TRUE, FALSE},
    [FIELD_PRODUCT] = {"r.product", NULL, TRUE, FALSE},
    [FIELD_WHO] = {"r.requester_name, r.requester", NULL, TRUE, FALSE},
    [FIELD_DECIDED_BY] = {"r.decided_by", NULL, TRUE, FALSE},
    [FIELD_CHANNEL] = {"r.channel_name, r.channel", NULL, FALSE, FALSE},
    [FIELD_LOOK] = {"r.link_ref", NULL, TRUE, FALSE},
    [FIELD_TITLE] = {"r.title", NULL, TRUE, FALSE},
    [FIELD_NOTE] = {"r.unusual, r.note", NULL, TRUE, FALSE},
    [FIELD_ERROR] = {"r.error", NULL, TRUE, FALSE},
    [FIELD_TEXT] = {"t.text", NULL, TRUE, TRUE},
    [FIELD_SQL] = {"t.sql", NULL, TRUE, TRUE},
    [FIELD_CORRECTS] = {"r.corrects", NULL, FALSE, FALSE},
    [FIELD_CORRECTED] = {"r.corrected_by", NULL, FALSE, FALSE},
};

static const char *
or_first(guint i)
{
    return i ? " OR " : "";
}

/* -- plain words -- */

/* A word that is a number is also an id and the beginning of an amount: "12,480.5". */
static Query *
number_query(const char *word)
{
    g_auto(GStrv) parts = g_strsplit(word, ",", -1);
    g_autofree char *digits = g_strjoinv("", parts);
    if (!*digits || strlen(digits) > 16 || strspn(digits, ".0123456789") != strlen(digits))
        return NULL;
    g_autofree char *text = g_strconcat("amount:", digits, NULL);
    return query_parse(text, request_fields, 0, NULL);
}

static void
add_number(Plan *plan, const char *word, GString *condition, GString *offer)
{
    g_autoptr(Query) query = number_query(word);
    if (!query)
        return;
    guint n;
    const QueryTerm *term = query_terms(query, &n);
    const QueryValue *value = &g_array_index(term->values, QueryValue, 0);
    int min = plan_int(plan, value->min), max = plan_int(plan, value->max);
    int id = plan_int(plan, g_ascii_strtoll(word, NULL, 10));
    g_string_append_printf(condition, " OR r.id = ?%d OR ifnull(r.amount BETWEEN ?%d AND ?%d, 0)",
                           id, min, max);
    g_string_append_printf(offer,
                           " UNION ALL SELECT ?%d UNION ALL SELECT id FROM requests WHERE "
                           "amount_key BETWEEN ?%d AND ?%d",
                           id, min, max);
}

/* A word that is part of a state's name: that column is shown, too. */
static void
add_states(const char *word, GString *condition, GString *offer)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (int i = 0; i < STATE_COUNT; i++)
        if (strstr(state_name((RequestState)i), word))
            g_string_append_printf(names, "%s'%s'", names->len ? ", " : "",
                                   state_name((RequestState)i));
    if (!names->len)
        return;
    g_string_append_printf(condition, " OR r.state IN (%s)", names->str);
    g_string_append_printf(offer, " UNION ALL SELECT id FROM requests WHERE state IN (%s)",
                           names->str);
}

static gboolean
add_word(Plan *plan, const char *folded, gboolean inverse, gboolean columns, GError **error)
{
    g_autoptr(GString) condition = g_string_new(NULL);
    g_autoptr(GString) offer = g_string_new(NULL);
    g_autofree char *match = inverse ? NULL : search_match(folded);
    plan->texts = TRUE;
    g_string_append_printf(condition, "contains(?%d, " ALL_TEXTS ")", plan_text(plan, folded));
    if (match)
        search_add_hits(offer, plan_text(plan, match));
    if (columns) {
        add_number(plan, folded, condition, offer);
        add_states(folded, condition, offer);
    }
    g_string_append_printf(plan->where, " AND %s(%s)", inverse ? "NOT " : "", condition->str);
    return !match || plan_offer(plan, offer->str, error);
}

gboolean
filter_add_grep(Plan *plan, const char *needle, GError **error)
{
    g_autofree char *folded = query_fold(needle);
    return add_word(plan, folded, FALSE, FALSE, error);
}

/* -- fields -- */

static void
add_text_values(Plan *plan, const FieldSql *field, const QueryField *kind, const GArray *values,
                GString *condition)
{
    for (guint i = 0; i < values->len; i++) {
        const QueryValue *value = &g_array_index(values, QueryValue, i);
        int at = plan_text(plan, value->text);
        if (kind->words)
            g_string_append_printf(condition, "%s+%s = ?%d", or_first(i), field->exprs, at);
        else
            g_string_append_printf(condition, "%s%s(?%d, %s)", or_first(i),
                                   kind->kind == QUERY_TEXT ? "contains" : "begins", at,
                                   field->exprs);
    }
}

static void
add_ranges(Plan *plan, const FieldSql *field, const GArray *values, GString *condition,
           GString *offer)
{
    for (guint i = 0; i < values->len; i++) {
        const QueryValue *value = &g_array_index(values, QueryValue, i);
        if (value->none) {
            g_string_append_printf(condition, "%s%s IS NULL", or_first(i), field->exprs);
            continue;
        }
        int min = plan_int(plan, value->min), max = plan_int(plan, value->max);
        g_string_append_printf(condition, "%sifnull(+%s BETWEEN ?%d AND ?%d, 0)", or_first(i),
                               field->exprs, min, max);
        if (field->range)
            g_string_append_printf(offer,
                                   "%sSELECT id FROM requests WHERE %s BETWEEN max(?%d, "
                                   "-9223372036854775806) AND ?%d",
                                   offer->len ? " UNION ALL " : "", field->range, min, max);
    }
}

/* All values must be known to the index, else it does not know all rows. */
static void
offer_words(Plan *plan, const GArray *values, GString *offer)
{
    for (guint i = 0; i < values->len; i++) {
        g_autofree char *match = search_match(g_array_index(values, QueryValue, i).text);
        if (!match) {
            g_string_truncate(offer, 0);
            return;
        }
        g_string_append(offer, i ? " UNION ALL " : "");
        search_add_hits(offer, plan_text(plan, match));
    }
}

static gboolean
any_none(const GArray *values)
{
    for (guint i = 0; i < values->len; i++)
        if (g_array_index(values, QueryValue, i).none)
            return TRUE;
    return FALSE;
}

static gboolean
add_field(Plan *plan, const QueryField *kind, const QueryTerm *term, GError **error)
{
    const FieldSql *field = &fields[term->field];
    g_autoptr(GString) condition = g_string_new(NULL);
    g_autoptr(GString) offer = g_string_new(NULL);
    gboolean text = kind->kind == QUERY_TEXT || kind->kind == QUERY_WORD;
    plan->texts = plan->texts || field->texts;
    if (term->regex)
        g_string_append_printf(condition, "matches(?%d, %s)", plan_regex(plan, term->regex),
                               field->exprs);
    else if (text)
        add_text_values(plan, field, kind, term->values, condition);
    else
        add_ranges(plan, field, term->values, condition, offer);
    if (text && !term->regex && field->found && !term->inverse)
        offer_words(plan, term->values, offer);
    g_string_append_printf(plan->where, " AND %s(%s)", term->inverse ? "NOT " : "", condition->str);
    gboolean offers = offer->len && !term->inverse && !any_none(term->values);
    return !offers || plan_offer(plan, offer->str, error);
}

static gboolean
add_term(Plan *plan, const QueryTerm *term, GError **error)
{
    if (term->field >= 0)
        return add_field(plan, &request_fields[term->field], term, error);
    if (!term->regex)
        return add_word(plan, g_array_index(term->values, QueryValue, 0).text, term->inverse, TRUE,
                        error);
    plan->texts = TRUE;
    g_string_append_printf(plan->where, " AND %smatches(?%d, " ALL_TEXTS ")",
                           term->inverse ? "NOT " : "", plan_regex(plan, term->regex));
    return TRUE;
}

/* A list may keep the fields in a table of its own: their names count. */
static gboolean
find_field(const QueryField *kinds, int field, int *own, GError **error)
{
    const char *name = kinds && field >= 0 ? kinds[field].name : NULL;
    for (*own = 0; name && *own < FIELD_COUNT; ++*own)
        if (strcmp(request_fields[*own].name, name) == 0)
            return TRUE;
    *own = -1;
    if (!name)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "requests have no field '%s'", name);
    return FALSE;
}

gboolean
filter_add_query(Plan *plan, const Query *query, GError **error)
{
    guint n = 0;
    const QueryTerm *terms = query_terms(query, &n);
    for (guint i = 0; i < n; i++) {
        QueryTerm term = terms[i];
        if (!find_field(query_fields(query), term.field, &term.field, error) ||
            !add_term(plan, &term, error))
            return FALSE;
    }
    return TRUE;
}
