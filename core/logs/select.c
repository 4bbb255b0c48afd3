/* select.c: level, fields, texts: what passes, and where it matched. */
#include "logs/select.h"

#include <string.h>
#include "base/error.h"
#include "base/log.h"

#define REGEX_MAX 500
#define MARKS_MAX 200 /* of one line */

static const char *const level_names[] = {"trace", "debug", "info", "warn", "error", NULL};

enum { LEVEL, AREA, PASS, REQUEST, RUN, TEXT, SINCE, UNTIL };

const QueryField log_fields[] = {
    [LEVEL] = {"level", QUERY_WORD, level_names, "how grave it is"},
    [AREA] = {"area", QUERY_TEXT, NULL, "which part of the program said it"},
    [PASS] = {"pass", QUERY_NUMBER, NULL, "said in a pass"},
    [REQUEST] = {"request", QUERY_NUMBER, NULL, "about a request"},
    [RUN] = {"run", QUERY_NUMBER, NULL, "about a run, by its id"},
    [TEXT] = {"text", QUERY_TEXT, NULL, "the line holds it"},
    [SINCE] = {"since", QUERY_TIME, NULL, "said then or later: 2h, today, 2026-09-01"},
    [UNTIL] = {"until", QUERY_TIME, NULL, "said then or before"},
    {NULL, QUERY_TEXT, NULL, NULL},
};

struct LogSelect {
    gint refs;
    int min_level;
    Query *query; /* NULL: all */
    gint64 since, until;
    gboolean reads;
    Needle *needle;     /* that all that passes holds; NULL */
    Needle *find;       /* a line must hold it; NULL */
    GRegex *find_regex; /* or this; NULL */
    GPtrArray *needles; /* of the query, for marks */
    GPtrArray *regexes;
};

static int
level_of(const LogRecord *record)
{
    return record->level == LOG_UNKNOWN ? LOG_LEVEL_INFO : record->level;
}

/* -- reading a group -- */

typedef struct {
    const LogRecord *head;
    const char *text;
} Row;

static void
column(const void *row, guint number, GString *text, gpointer data)
{
    (void)number;
    (void)data;
    g_string_append(text, ((const Row *)row)->text);
}

/* The word behind the level of our own lines, or what JSON says. */
static gboolean
read_area(const LogRecord *head, GString *text)
{
    LogRecord copy = *head;
    g_autofree char *area = NULL;
    if (head->flags & LOG_JSON) {
        log_json_read(&copy, &area, NULL);
        if (area)
            g_string_append(text, area);
        return area != NULL;
    }
    gsize end = head->message;
    while (end < head->len && !strchr(" :[", head->text[end]))
        end++;
    g_string_append_len(text, head->text + head->message, (gssize)(end - head->message));
    return head->message > 0;
}

static gboolean
field(const void *data, guint which, GString *text, gint64 *number, gpointer unused)
{
    const Row *row = data;
    const LogRecord *head = row->head;
    (void)unused;
    switch (which) {
    case LEVEL:
        g_string_append(text, log_level_name((LogLevel)level_of(head)));
        return TRUE;
    case AREA:
        return read_area(head, text);
    case TEXT:
        g_string_append(text, row->text);
        return TRUE;
    case PASS:
        *number = head->pass;
        return head->pass != 0;
    case REQUEST:
        *number = head->request;
        return head->request != 0;
    case RUN:
        *number = head->run;
        return head->run != 0;
    default:
        /* Times are bounds, looked up before anything is read. */
        return FALSE;
    }
}

/* -- making one -- */

/* Every form that a text may have in bytes is found: only ASCII folds in a needle. */
static gboolean
is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80)
            return FALSE;
    }
    return TRUE;
}

static void
take_text(LogSelect *select, const QueryTerm *term)
{
    if (term->inverse || (term->field >= 0 && term->field != TEXT))
        return;
    if (term->regex) {
        g_ptr_array_add(select->regexes, g_regex_ref(term->regex));
        return;
    }
    for (guint i = 0; i < term->values->len; i++) {
        const char *text = g_array_index(term->values, QueryValue, i).text;
        Needle *needle = text ? needle_new(text, TRUE) : NULL;
        if (!needle)
            continue;
        g_ptr_array_add(select->needles, needle);
        gboolean rarer = !select->needle || needle_length(needle) > needle_length(select->needle);
        if (term->values->len == 1 && is_ascii(text) && rarer)
            select->needle = needle; /* borrowed from needles */
    }
}

static gboolean
take_time(LogSelect *select, const QueryTerm *term, GError **error)
{
    const QueryValue *value = &g_array_index(term->values, QueryValue, 0);
    if (term->inverse || term->values->len != 1 || value->none) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "%s: takes one time, as in %s:2h or %s:2026-09-01T08:30",
                    log_fields[term->field].name, log_fields[term->field].name,
                    log_fields[term->field].name);
        return FALSE;
    }
    gint64 from = value->min, to = value->max;
    if (term->field == SINCE)
        select->since = MAX(select->since, from != G_MININT64 ? from : to);
    else
        select->until = MIN(select->until, to != G_MAXINT64 ? to : from);
    return TRUE;
}

/* The text without its since: and until: terms, which the query would ask every line for. */
static char *
without_times(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at;) {
        gboolean time = g_str_has_prefix(at, "since:") || g_str_has_prefix(at, "until:");
        gboolean quoted = FALSE;
        const char *from = at;
        while (*at && (quoted || *at != ' ')) {
            quoted = *at == '"' ? !quoted : quoted;
            at++;
        }
        if (!time)
            g_string_append_len(out, from, at - from);
        while (*at == ' ')
            at++;
        if (!time && *at)
            g_string_append_c(out, ' ');
    }
    return g_string_free(out, FALSE);
}

static gboolean
take_query(LogSelect *select, const char *text, gint64 now, GError **error)
{
    guint n;
    g_autoptr(Query) whole = query_parse(text, log_fields, now, error);
    const QueryTerm *terms = whole ? query_terms(whole, &n) : NULL;
    if (!whole)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        if (terms[i].field == SINCE || terms[i].field == UNTIL) {
            if (!take_time(select, &terms[i], error))
                return FALSE;
            continue;
        }
        select->reads = TRUE;
        take_text(select, &terms[i]);
    }
    g_autofree char *rest = select->reads ? without_times(text) : NULL;
    if (rest && !(select->query = query_parse(rest, log_fields, now, error)))
        return FALSE;
    return TRUE;
}

static LogSelect *
select_new(void)
{
    LogSelect *select = g_new0(LogSelect, 1);
    select->refs = 1;
    select->until = G_MAXINT64;
    select->needles = g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))needle_free);
    select->regexes = g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))g_regex_unref);
    return select;
}

LogSelect *
log_select_new(int min_level, const char *text, gint64 now, GError **error)
{
    g_autoptr(LogSelect) select = select_new();
    select->min_level = min_level;
    if (text && *text && !take_query(select, text, now, error))
        return NULL;
    return g_steal_pointer(&select);
}

static gboolean
take_find(LogSelect *select, const char *text, GError **error)
{
    gsize len = strlen(text);
    if (len > 2 && text[0] == '/' && text[len - 1] == '/') {
        g_autofree char *pattern = g_strndup(text + 1, len - 2);
        g_autoptr(GError) wrong = NULL;
        if (len <= REGEX_MAX)
            select->find_regex =
                g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, &wrong);
        if (!select->find_regex)
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "the expression %.60s: %s", text,
                        wrong ? wrong->message : "too long");
        return select->find_regex != NULL;
    }
    select->find = needle_new(text, TRUE);
    if (!select->find)
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "what is searched for has 1 to %d bytes",
                    NEEDLE_MAX);
    return select->find != NULL;
}

LogSelect *
log_select_find(const LogSelect *from, const char *text, GError **error)
{
    g_autoptr(LogSelect) select = select_new();
    if (from) {
        select->min_level = from->min_level;
        select->query = from->query ? query_ref(from->query) : NULL;
        select->since = from->since;
        select->until = from->until;
        select->reads = from->reads;
    }
    if (!take_find(select, text, error))
        return NULL;
    select->needle = select->find;
    return g_steal_pointer(&select);
}

LogSelect *
log_select_ref(LogSelect *select)
{
    if (select)
        g_atomic_int_inc(&select->refs);
    return select;
}

void
log_select_unref(LogSelect *select)
{
    if (!select || !g_atomic_int_dec_and_test(&select->refs))
        return;
    query_unref(select->query);
    needle_free(select->find);
    if (select->find_regex)
        g_regex_unref(select->find_regex);
    g_ptr_array_unref(select->needles);
    g_ptr_array_unref(select->regexes);
    g_free(select);
}

/* -- asking it -- */

gboolean
log_select_all(const LogSelect *select)
{
    return !select || (select->min_level <= LOG_TRACE && !select->query);
}

const Needle *
log_select_needle(const LogSelect *select)
{
    return select ? select->needle : NULL;
}

gboolean
log_select_reads(const LogSelect *select)
{
    return select && select->reads;
}

void
log_select_times(const LogSelect *select, gint64 *since, gint64 *until)
{
    *since = select ? select->since : 0;
    *until = select ? select->until : G_MAXINT64;
}

gboolean
log_select_group(const LogSelect *select, const LogRecord *head, const char *text)
{
    static const QueryReader reader = {1, column, field, NULL};
    Row row = {head, text};
    if (log_select_all(select))
        return TRUE;
    if (level_of(head) < select->min_level)
        return FALSE;
    return !select->query || query_matches(select->query, &reader, &row);
}

gboolean
log_select_line(const LogSelect *select, const LogRecord *record, gint64 hit)
{
    if (!select || (!select->find && !select->find_regex) || hit >= 0)
        return TRUE;
    if (select->find)
        return needle_first(select->find, record->text, record->len) != NULL;
    return g_regex_match_full(select->find_regex, record->text, (gssize)record->len, 0, 0, NULL,
                              NULL);
}

static void
mark(GArray *marks, gsize from, gsize to)
{
    guint pair[2] = {(guint)from, (guint)to};
    if (to > from && marks->len < 2 * MARKS_MAX)
        g_array_append_vals(marks, pair, 2);
}

static void
mark_needle(GArray *marks, const Needle *needle, const char *text, gsize len)
{
    gsize at = 0;
    for (const char *hit; (hit = needle_first(needle, text + at, len - at));) {
        gsize from = (gsize)(hit - text);
        at = from + needle_length(needle);
        mark(marks, from, at);
        if (marks->len >= 2 * MARKS_MAX)
            break;
    }
}

static void
mark_regex(GArray *marks, const GRegex *regex, const char *text, gsize len)
{
    GMatchInfo *info = NULL;
    gboolean found = g_regex_match_full(regex, text, (gssize)len, 0, 0, &info, NULL);
    for (int from, to; found && marks->len < 2 * MARKS_MAX; found = g_match_info_next(info, NULL)) {
        if (g_match_info_fetch_pos(info, 0, &from, &to))
            mark(marks, (gsize)from, (gsize)to);
    }
    g_match_info_free(info);
}

static gint
by_start(gconstpointer a, gconstpointer b)
{
    const guint *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

GArray *
log_select_marks(const LogSelect *select, const char *text, gsize len)
{
    GArray *marks = g_array_new(FALSE, FALSE, sizeof(guint));
    if (!select)
        return marks;
    if (select->find)
        mark_needle(marks, select->find, text, len);
    if (select->find_regex)
        mark_regex(marks, select->find_regex, text, len);
    for (guint i = 0; i < select->needles->len; i++)
        mark_needle(marks, g_ptr_array_index(select->needles, i), text, len);
    for (guint i = 0; i < select->regexes->len; i++)
        if (g_utf8_validate(text, (gssize)len, NULL))
            mark_regex(marks, g_ptr_array_index(select->regexes, i), text, len);
    if (marks->len > 2)
        qsort(marks->data, marks->len / 2, 2 * sizeof(guint), by_start);
    return marks;
}
