/* verify_plan.c: from the columns of the fetched SQL to the statement that groups them.
 *
 * The grouping runs in the warehouse. Every cell comes back as text and every sum is a decimal, so
 * that integers wider than 53 bits and fractions of a cent travel exactly. Only what Trino, Presto
 * and SQLite read alike is used: double-quoted identifiers, CAST, COALESCE, NULLIF, TRIM, SUBSTR
 * and GROUP BY ordinals. */
#include "calc/verify.h"

#include <string.h>

#include "base/error.h"

typedef struct {
    const char *key; /* of [calculator.verify] */
    const char *what;
    gboolean needed;
    const char *format; /* of the select list; the one %s is the column */
} ColumnRule;

/* The scale of 6 shows a fraction in a count instead of hiding it; a sum of nothing is NULL. */
#define SUM_COUNT  "CAST(SUM(CAST(%s AS DECIMAL(38,6))) AS VARCHAR)"
#define SUM_COST   "CAST(SUM(CAST(%s AS DECIMAL(38,12))) AS VARCHAR)"
#define GROUP_TEXT "COALESCE(NULLIF(TRIM(CAST(%s AS VARCHAR)), ''), '(none)')"

static const ColumnRule rules[N_COLUMNS] = {
    [COLUMN_DAY] = {"day", "day", TRUE, "SUBSTR(CAST(%s AS VARCHAR), 1, 10)"},
    [COLUMN_COUNTRY] = {"country", "country", TRUE, GROUP_TEXT},
    [COLUMN_DETAIL] = {"prefix", "prefix or carrier", FALSE, GROUP_TEXT},
    [COLUMN_ATTEMPTS] = {"attempts", "attempts", TRUE, SUM_COUNT},
    [COLUMN_CONVERSIONS] = {"conversions", "conversions", TRUE, SUM_COUNT},
    [COLUMN_COST] = {"cost", "cost", TRUE, SUM_COST},
    [COLUMN_ACCOUNT] = {"account", "account", FALSE, "CAST(MIN(%s) AS VARCHAR)"},
    [COLUMN_CURRENCY] = {"currency_column", "currency", FALSE, GROUP_TEXT},
};

/* The order of the select list; what is grouped by comes first. */
static const VerifyColumn select_order[] = {
    COLUMN_DAY,      COLUMN_COUNTRY,     COLUMN_DETAIL, COLUMN_CURRENCY,
    COLUMN_ATTEMPTS, COLUMN_CONVERSIONS, COLUMN_COST,   COLUMN_ACCOUNT,
};

const char *
verify_column_key(VerifyColumn column)
{
    return rules[column].key;
}

void
verify_plan_clear(VerifyPlan *plan)
{
    for (int i = 0; i < N_COLUMNS; i++)
        g_clear_pointer(&plan->names[i], g_free);
}

/* The whole name or what follows its last dot ("verify_attempts.created_date"), in any case. */
static gboolean
name_matches(const char *column, const char *alias)
{
    g_autofree char *a = g_utf8_casefold(alias, -1);
    g_autofree char *whole = g_utf8_casefold(column, -1);
    const char *dot = strrchr(whole, '.');
    return strcmp(whole, a) == 0 || (dot && strcmp(dot + 1, a) == 0);
}

static char *
columns_listed(const char *const *columns)
{
    return columns[0] ? g_strjoinv(", ", (char **)(guintptr)columns) : g_strdup("none");
}

/* Columns that match one alias. */
static GPtrArray *
matches_of(const char *const *columns, const char *alias)
{
    GPtrArray *found = g_ptr_array_new();
    for (gsize i = 0; columns[i]; i++) {
        if (name_matches(columns[i], alias))
            g_ptr_array_add(found, (gpointer)(guintptr)columns[i]);
    }
    return found;
}

static gboolean
ambiguous(VerifyColumn role, const char *first, const char *second, const char *const *columns,
          GError **error)
{
    g_autofree char *listed = columns_listed(columns);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "two columns of the SQL could be its %s, '%s' and '%s'; name the right one in "
                "[calculator.verify] %s; columns found: %s",
                rules[role].what, first, second, rules[role].key, listed);
    return FALSE;
}

/* A needed column must be named by exactly one column; of the optional ones the first alias wins.
 */
static gboolean
column_find(VerifyColumn role, const char *const *columns, const char *const *aliases,
            const char **name, GError **error)
{
    *name = NULL;
    for (gsize i = 0; aliases[i]; i++) {
        g_autoptr(GPtrArray) found = matches_of(columns, aliases[i]);
        if (found->len == 0)
            continue;
        const char *one = g_ptr_array_index(found, 0);
        if (found->len > 1)
            return ambiguous(role, one, g_ptr_array_index(found, 1), columns, error);
        if (*name && *name != one)
            return ambiguous(role, *name, one, columns, error);
        *name = one;
        if (!rules[role].needed)
            return TRUE;
    }
    if (*name || !rules[role].needed)
        return TRUE;
    g_autofree char *listed = columns_listed(columns);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "the SQL has no column for its %s; columns found: %s; add its name to "
                "[calculator.verify] %s",
                rules[role].what, listed, rules[role].key);
    return FALSE;
}

/* Two roles read from one column would count the same thing twice. */
static gboolean
columns_differ(const VerifyPlan *plan, const char *const *columns, GError **error)
{
    for (int a = 0; a < N_COLUMNS; a++) {
        for (int b = a + 1; b < N_COLUMNS; b++) {
            if (!plan->names[a] || g_strcmp0(plan->names[a], plan->names[b]) != 0)
                continue;
            g_autofree char *listed = columns_listed(columns);
            g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                        "column '%s' is configured both as %s and as %s; columns found: %s",
                        plan->names[a], rules[a].what, rules[b].what, listed);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
columns_resolve(VerifyPlan *plan, const char *const *columns, const char *const *const *aliases,
                GError **error)
{
    for (int role = 0; role < N_COLUMNS; role++) {
        const char *name;
        if (!column_find((VerifyColumn)role, columns, aliases[role], &name, error))
            return FALSE;
        plan->names[role] = g_strdup(name);
    }
    return columns_differ(plan, columns, error);
}

/* t."name", quotes doubled. The qualifier keeps SQLite from taking an unknown name for a string. */
static char *
column_quoted(const char *name)
{
    GString *out = g_string_new("t.\"");
    for (; *name; name++) {
        if (*name == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *name);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

static void
append_item(GString *out, int *n_cells, const char *format, const char *column)
{
    const char *hole = strstr(format, "%s");
    if (*n_cells > 0)
        g_string_append(out, ",\n       ");
    g_string_append_len(out, format, hole - format);
    g_string_append(out, column);
    g_string_append(out, hole + 2);
    (*n_cells)++;
}

static int
append_select(GString *out, VerifyPlan *plan)
{
    int grouped = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(select_order); i++) {
        VerifyColumn role = select_order[i];
        plan->cell[role] = -1;
        if (!plan->names[role])
            continue;
        g_autofree char *column = column_quoted(plan->names[role]);
        plan->cell[role] = plan->n_cells;
        append_item(out, &plan->n_cells, rules[role].format, column);
        if (role == COLUMN_CURRENCY || role <= COLUMN_DETAIL)
            grouped = plan->n_cells;
        if (role == COLUMN_ACCOUNT) {
            append_item(out, &plan->n_cells, "CAST(MAX(%s) AS VARCHAR)", column);
            plan->cell_distinct = plan->n_cells;
            append_item(out, &plan->n_cells, "CAST(COUNT(DISTINCT %s) AS VARCHAR)", column);
        }
    }
    plan->cell_rows = plan->n_cells;
    append_item(out, &plan->n_cells, "CAST(COUNT(%s) AS VARCHAR)", "*");
    return grouped;
}

char *
verify_plan_make(const char *sql, const char *const *columns, const char *const *const *aliases,
                 VerifyPlan *plan, GError **error)
{
    VerifyPlan made = {.cell_distinct = -1};
    if (!columns_resolve(&made, columns, aliases, error)) {
        verify_plan_clear(&made);
        return NULL;
    }
    GString *out = g_string_new("SELECT ");
    int grouped = append_select(out, &made);
    g_string_append_printf(out, "\nFROM (\n%s\n) t\nGROUP BY 1", sql);
    for (int i = 2; i <= grouped; i++)
        g_string_append_printf(out, ", %d", i);
    verify_plan_clear(plan);
    *plan = made;
    return g_string_free(out, FALSE);
}
