/* diff.c: the shortest way from one text to another, in lines. */
#include "tui/diff.h"

#include <string.h>

/* What is left of both texts between what they have in common at start and end. */
typedef struct {
    const guint *a, *b; /* lines by number: equal lines have equal numbers */
    int n, m;
} Middle;

/* Whether the best way to diagonal k with d changes ends with a new line (else with one that is
 * gone). before: how far the diagonals were reached with one change less. */
static gboolean
comes_down(const int *before, int d, int k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* The furthest x on diagonal k that d changes reach. */
static int
reach(const Middle *middle, const int *before, int d, int k)
{
    int x = 0;
    if (d > 0)
        x = comes_down(before, d, k) ? before[k + 1] : before[k - 1] + 1;
    while (x < middle->n && x - k < middle->m && middle->a[x] == middle->b[x - k])
        x++;
    return x;
}

/* Signs of the way that was found, the last first. */
static void
walk_back(const Middle *middle, int **trace, int d, GString *signs)
{
    int x = middle->n, y = middle->m;
    for (; d > 0; d--) {
        const int *before = trace[d - 1] + d - 1;
        gboolean down = comes_down(before, d, x - y);
        int from = down ? x - y + 1 : x - y - 1, start = before[from];
        int common = down ? x - start : x - start - 1;
        for (int i = 0; i < common; i++)
            g_string_append_c(signs, ' ');
        g_string_append_c(signs, down ? '+' : '-');
        x = start;
        y = start - from;
    }
    for (; x > 0; x--)
        g_string_append_c(signs, ' ');
}

/* FALSE when it takes more changes than the limit. */
static gboolean
shortest(const Middle *middle, GString *signs)
{
    int most = MIN(middle->n + middle->m, DIFF_CHANGES_MAX), found = -1;
    g_autofree int **trace = g_new0(int *, (gsize)most + 1);
    for (int d = 0; d <= most && found < 0; d++) {
        trace[d] = g_new0(int, 2 * (gsize)d + 1); /* diagonals -d to d */
        for (int k = -d; k <= d && found < 0; k += 2) {
            int x = reach(middle, d > 0 ? trace[d - 1] + d - 1 : NULL, d, k);
            trace[d][k + d] = x;
            if (x >= middle->n && x - k >= middle->m)
                found = d;
        }
    }
    if (found >= 0)
        walk_back(middle, trace, found, signs);
    for (int d = 0; d <= most; d++)
        g_free(trace[d]);
    return found >= 0;
}

/* -- lines -- */

static char **
split(const char *text, guint *n, gboolean *whole)
{
    char **lines = g_strsplit(text ? text : "", "\n", DIFF_LINES_MAX + 1);
    *n = g_strv_length(lines);
    /* A newline at the end ends the last line; it does not begin an empty one. */
    if (*n > 0 && *n <= DIFF_LINES_MAX && *lines[*n - 1] == '\0')
        (*n)--;
    if (*n > DIFF_LINES_MAX) {
        *n = DIFF_LINES_MAX;
        *whole = FALSE;
    }
    return lines;
}

static guint *
numbered(char **lines, guint n, GHashTable *numbers)
{
    guint *result = g_new0(guint, n + 1);
    for (guint i = 0; i < n; i++) {
        gpointer number = g_hash_table_lookup(numbers, lines[i]);
        if (!number) {
            number = GUINT_TO_POINTER(g_hash_table_size(numbers) + 1);
            g_hash_table_insert(numbers, lines[i], number);
        }
        result[i] = GPOINTER_TO_UINT(number);
    }
    return result;
}

static void
append(Diff *diff, char sign, guint *before, guint *after)
{
    DiffLine line = {sign, *before, *after,
                     sign == '-' ? diff->before[*before] : diff->after[*after]};
    g_array_append_val(diff->lines, line);
    *before += sign == '+' ? 0 : 1;
    *after += sign == '-' ? 0 : 1;
    diff->gone += sign == '-' ? 1 : 0;
    diff->fresh += sign == '+' ? 1 : 0;
}

/* Compares the middle; signs are put in the order of reading. */
static void
compare(Diff *diff, const guint *a, const guint *b)
{
    guint n = diff->n_before, m = diff->n_after, head = 0, tail = 0, before = 0, after = 0;
    g_autoptr(GString) signs = g_string_new(NULL);
    while (head < MIN(n, m) && a[head] == b[head])
        head++;
    while (tail < MIN(n, m) - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    Middle middle = {a + head, b + head, (int)(n - head - tail), (int)(m - head - tail)};
    if (!shortest(&middle, signs)) {
        for (int i = 0; i < middle.m; i++)
            g_string_append_c(signs, '+');
        for (int i = 0; i < middle.n; i++)
            g_string_append_c(signs, '-');
    }
    for (guint i = 0; i < head; i++)
        append(diff, ' ', &before, &after);
    for (gsize i = signs->len; i > 0; i--)
        append(diff, signs->str[i - 1], &before, &after);
    for (guint i = 0; i < tail; i++)
        append(diff, ' ', &before, &after);
}

Diff *
diff_texts(const char *before, const char *after)
{
    Diff *diff = g_new0(Diff, 1);
    diff->whole = TRUE;
    diff->lines = g_array_new(FALSE, FALSE, sizeof(DiffLine));
    diff->before = split(before, &diff->n_before, &diff->whole);
    diff->after = split(after, &diff->n_after, &diff->whole);
    g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree guint *a = numbered(diff->before, diff->n_before, numbers),
                     *b = numbered(diff->after, diff->n_after, numbers);
    compare(diff, a, b);
    return diff;
}

void
diff_free(Diff *diff)
{
    if (!diff)
        return;
    g_strfreev(diff->before);
    g_strfreev(diff->after);
    g_array_unref(diff->lines);
    g_free(diff);
}

void
diff_within(const char *before, const char *after, gsize *head, gsize *tail)
{
    gsize n = strlen(before), m = strlen(after), h = 0, t = 0;
    while (h < MIN(n, m) && before[h] == after[h])
        h++;
    while (h > 0 && ((guchar)before[h] & 0xc0) == 0x80)
        h--;
    while (t < MIN(n, m) - h && before[n - 1 - t] == after[m - 1 - t])
        t++;
    while (t > 0 && ((guchar)before[n - t] & 0xc0) == 0x80)
        t--;
    *head = h;
    *tail = t;
}
