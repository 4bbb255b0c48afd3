/* term_runs.c: the cells that changed as runs of one look, in the order that takes the fewest
 * bytes: a colour costs up to 20 bytes, a step of the cursor one to eight. So what has the same
 * colour is written together where it stands close, often down a column. */
#include "tui/term_draw_private.h"

#include <string.h>

#define GAP_MAX    4     /* unchanged cells that are cheaper to write again than to jump over */
#define ERASE_MIN  12    /* blanks within a row from which on erasing them is cheaper */
#define LINK_COST  40    /* bytes that opening and closing a link takes at least */
#define CHOICES    40000 /* comparisons for one frame */
#define WINDOW_MIN 24    /* runs that are looked at for the next one */
#define WINDOW_MAX 240
#define FEW        16 /* runs whose order is improved */
#define ROUNDS     4
#define TOGETHER   4 /* runs that are moved as one */

/* -- moving -- */

/* Where a move goes by way of: the corner of the screen, or from where it stands. */
typedef enum { MOVE_ABSOLUTE, MOVE_DIRECT, MOVE_FROM_EDGE } MoveWay;

static int
digits(int n)
{
    return n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : 4;
}

/* Steps in one direction, each of them by a control of so many bytes (0: there is none) or all by
 * one sequence. */
static int
steps_cost(int n, int control)
{
    int sequence = n == 0 ? 0 : n == 1 ? 3 : 3 + digits(n);
    return control && n * control < sequence ? n * control : sequence;
}

static void
steps(GString *out, int n, const char *control, char final)
{
    int cost = control ? steps_cost(n, (int)strlen(control)) : 0;
    if (control && n * (int)strlen(control) == cost) {
        for (int i = 0; i < n; i++)
            g_string_append(out, control);
    } else if (n == 1) {
        g_string_append_printf(out, "\033[%c", final);
    } else if (n > 1) {
        g_string_append_printf(out, "\033[%d%c", n, final);
    }
}

static gboolean
steps_back_up(const TermDraw *draw)
{
    return g_strcmp0(draw->caps->text[CAP_SCROLL_DOWN], "\033M") == 0;
}

/* At the edge of the rows that scroll a step would scroll them, or go nowhere. */
static gboolean
leaves_region(const Place *at, int y)
{
    if (at->bottom < 0)
        return FALSE;
    return y > at->y ? at->y <= at->bottom && y > at->bottom : at->y >= at->top && y < at->top;
}

static int
move_cost(const TermDraw *draw, int x, int y, MoveWay *way)
{
    const Place *at = &draw->at;
    int best = x == 0 ? 3 + digits(y + 1) : 4 + digits(y + 1) + digits(x + 1);
    *way = MOVE_ABSOLUTE;
    if (at->x == x && at->y == y)
        return 0;
    if (!draw->caps->ecma || at->x < 0 || leaves_region(at, y))
        return best;
    int down = y - at->y, right = x - at->x;
    int rows = down >= 0 ? steps_cost(down, 1) : steps_cost(-down, steps_back_up(draw) ? 2 : 0);
    int direct = rows + (right >= 0 ? steps_cost(right, 0) : steps_cost(-right, 1));
    int edge = rows + 1 + steps_cost(x, 0);
    if (edge < best) {
        best = edge;
        *way = MOVE_FROM_EDGE;
    }
    if (direct < best) {
        best = direct;
        *way = MOVE_DIRECT;
    }
    return best;
}

void
runs_move(TermDraw *draw, int x, int y, GString *out)
{
    MoveWay way;
    Place *at = &draw->at;
    if (move_cost(draw, x, y, &way) == 0)
        return;
    if (way == MOVE_ABSOLUTE) {
        term_caps_move(draw->caps, out, x, y);
    } else {
        if (y >= at->y)
            steps(out, y - at->y, "\n", 'B');
        else
            steps(out, at->y - y, steps_back_up(draw) ? "\033M" : NULL, 'A');
        if (way == MOVE_FROM_EDGE) {
            g_string_append_c(out, '\r');
            at->x = 0;
        }
        if (x >= at->x)
            steps(out, x - at->x, NULL, 'C');
        else
            steps(out, at->x - x, "\b", 'D');
    }
    at->x = x;
    at->y = y;
}

/* -- which runs there are -- */

static gboolean
can_erase(const TermDraw *draw, const Cell *cell)
{
    const Pen *pen = pen_at(draw, cell->pen);
    return cell_is_blank(cell) && !pen->attrs && (pen->bg < 0 || draw->caps->erases_in_colour);
}

/* How many blanks of one ground begin here. */
static int
blanks(const TermDraw *draw, const Cell *row, int x)
{
    int n = 0;
    if (!can_erase(draw, &row[x]))
        return 0;
    while (x + n < draw->width && cell_is_blank(&row[x + n]) && row[x + n].pen == row[x].pen)
        n++;
    return n;
}

static void
add_run(TermDraw *draw, Run run)
{
    g_array_append_val(draw->runs, run);
}

/* A run that erases, where that is shorter; returns the cells that it settles. */
static int
erase_run(TermDraw *draw, const Cell *row, const Cell *old, int x, int y)
{
    int n = blanks(draw, row, x), changed = 0;
    for (int i = x; i < x + n; i++)
        changed += !cell_same(&row[i], &old[i]);
    gboolean tail = x + n == draw->width && changed > 3 && draw->caps->text[CAP_ERASE_LINE];
    gboolean middle =
        changed >= ERASE_MIN && draw->caps->ecma && draw->caps->text[CAP_ERASE_CHARS] != NULL;
    if (!tail && !middle)
        return 0;
    add_run(draw, (Run){.x = x,
                        .y = y,
                        .n = n,
                        .pen = row[x].pen,
                        .kind = tail ? RUN_ERASE_TAIL : RUN_ERASE,
                        .blank = TRUE});
    return n;
}

/* A cell can be written in a run, if need be by giving a run of blanks its pen. */
static gboolean
joins(const TermDraw *draw, Run *run, const Cell *cell)
{
    gboolean blank = cell_is_blank(cell);
    if (cell->link != run->link)
        return FALSE;
    if (pen_fits(draw, run->pen, cell->pen, blank)) {
        run->blank = run->blank && blank;
        return TRUE;
    }
    if (!run->blank || !pen_fits(draw, cell->pen, run->pen, TRUE))
        return FALSE;
    run->pen = cell->pen;
    run->blank = FALSE;
    return TRUE;
}

/* Where the cells behind a run go on with it: the end of those, or the run's own. */
static int
run_goes_on(const TermDraw *draw, Run *run, const Cell *row, const Cell *old)
{
    Run longer = *run;
    int end = run->x + run->n;
    for (int x = end; x < draw->width && x - end <= GAP_MAX; x++) {
        gboolean changed = !cell_same(&row[x], &old[x]);
        int gap = changed && row[x].width == 2 ? 2 : 1;
        if (row[x].width == 0 || blanks(draw, row, x) >= ERASE_MIN ||
            (!changed && (row[x].width != 1 || row[x].unsure)) || !joins(draw, &longer, &row[x]))
            break;
        longer.unsure = longer.unsure || row[x].unsure;
        if (changed) {
            *run = longer;
            return x + gap;
        }
    }
    return end;
}

static void
find_row_runs(TermDraw *draw, const Cell *row, const Cell *old, int y)
{
    gboolean corner = y == draw->height - 1 && draw->caps->wraps && !draw->caps->wraps_late;
    int width = draw->width - (corner ? 1 : 0);
    for (int x = 0; x < width;) {
        if (cell_same(&row[x], &old[x])) {
            x++;
            continue;
        }
        int erased = erase_run(draw, row, old, x, y);
        if (erased > 0) {
            x += erased;
            continue;
        }
        if (row[x].width == 0) /* its left half has not changed: both are written */
            x--;
        Run run = {.x = x, .y = y, .pen = row[x].pen, .link = row[x].link};
        run.blank = cell_is_blank(&row[x]);
        run.unsure = row[x].unsure;
        run.n = row[x].width == 2 ? 2 : 1;
        for (int end; (end = run_goes_on(draw, &run, row, old)) > run.x + run.n && end <= width;)
            run.n = end - run.x;
        add_run(draw, run);
        x = run.x + run.n;
    }
}

/* -- which comes next -- */

/* Unchanged cells up to a run on the same row that what is switched on would show as they are. */
static gboolean
gap_fits(const TermDraw *draw, const Run *run)
{
    const Place *at = &draw->at;
    const Cell *row = &draw->wanted[run->y * draw->width];
    if (at->y != run->y || at->x < 0 || at->x >= run->x || run->x - at->x > GAP_MAX)
        return FALSE;
    for (int x = at->x; x < run->x; x++) {
        if (row[x].width != 1 || row[x].text[1] || row[x].unsure || row[x].link != at->link ||
            !pen_fits(draw, at->pen, row[x].pen, cell_is_blank(&row[x])))
            return FALSE;
    }
    return TRUE;
}

static int
run_cost(TermDraw *draw, const Run *run)
{
    MoveWay way;
    int cost = move_cost(draw, run->x, run->y, &way), gap = run->x - draw->at.x;
    if (gap > 0 && gap < cost && gap_fits(draw, run))
        cost = gap;
    if (!pen_fits(draw, draw->at.pen, run->pen, run->blank))
        cost += (int)pen_cost(draw, draw->at.pen, run->pen);
    return cost + (run->link != draw->at.link ? LINK_COST : 0);
}

/* How the terminal stands behind a run. */
static void
pass_run(TermDraw *draw, const Run *run)
{
    Place *at = &draw->at;
    int end = run->x + run->n;
    at->y = run->y;
    at->x = run->kind != RUN_WRITE ? run->x : run->unsure || end >= draw->width ? -1 : end;
    at->link = run->link;
    if (!pen_fits(draw, at->pen, run->pen, run->blank))
        at->pen = run->pen;
}

/* Each time the one that is nearest: swaps it to where the order has come. */
static void
order_by_nearest(TermDraw *draw)
{
    Run *runs = (Run *)(void *)draw->runs->data;
    guint n = draw->runs->len, window = CLAMP(CHOICES / n, WINDOW_MIN, WINDOW_MAX);
    for (guint done = 0; done < n; done++) {
        int least = G_MAXINT;
        guint best = done, end = MIN(done + window, n);
        for (guint i = done; i < end && least > 0; i++) {
            int cost = run_cost(draw, &runs[i]);
            if (cost < least) {
                least = cost;
                best = i;
            }
        }
        const Run next = runs[best];
        memmove(&runs[done + 1], &runs[done], (best - done) * sizeof *runs);
        runs[done] = next;
        pass_run(draw, &next);
    }
}

static int
order_cost(TermDraw *draw, const Run *runs, guint n, const Place *from)
{
    int sum = 0;
    draw->at = *from;
    for (guint i = 0; i < n; i++) {
        sum += run_cost(draw, &runs[i]);
        pass_run(draw, &runs[i]);
    }
    return sum;
}

/* Takes some runs out and puts them in before the one at a place of what is left. */
static void
move_runs(Run *runs, guint from, guint some, guint to)
{
    Run moved[TOGETHER];
    memcpy(moved, &runs[from], some * sizeof *runs);
    if (from < to)
        memmove(&runs[from], &runs[from + some], (to - from) * sizeof *runs);
    else
        memmove(&runs[to + some], &runs[to], (from - to) * sizeof *runs);
    memcpy(&runs[to], moved, some * sizeof *runs);
}

/* Puts a run, or some that follow one another, elsewhere; returns what all cost then. */
static int
improve_one(TermDraw *draw, const Place *from, guint some, int least)
{
    Run *runs = (Run *)(void *)draw->runs->data;
    guint n = draw->runs->len, places = n - some + 1;
    for (guint here = 0; here < places; here++) {
        for (guint there = 0; there < places; there++) {
            if (here == there)
                continue;
            move_runs(runs, here, some, there);
            int cost = order_cost(draw, runs, n, from);
            if (cost < least)
                least = cost;
            else
                move_runs(runs, there, some, here);
        }
    }
    return least;
}

/* The nearest first is not always the shortest way. */
static void
improve_order(TermDraw *draw, const Place *from)
{
    guint n = draw->runs->len;
    int before, now = order_cost(draw, (const Run *)(const void *)draw->runs->data, n, from);
    int rounds = ROUNDS;
    do {
        before = now;
        for (guint some = 1; some <= TOGETHER && some < n; some++)
            now = improve_one(draw, from, some, now);
    } while (now < before && --rounds > 0);
}

static void
put_in_order(TermDraw *draw)
{
    const Place from = draw->at;
    order_by_nearest(draw);
    if (draw->runs->len <= FEW)
        improve_order(draw, &from);
    draw->at = from;
}

/* -- writing -- */

static void
put(TermDraw *draw, const Cell *cell, GString *out)
{
    pen_set(draw, cell->pen, cell_is_blank(cell), out);
    pen_set_link(draw, cell->link, out);
    g_string_append(out, cell->text);
    draw->at.x += cell->width;
    if (cell->unsure || draw->at.x >= draw->width)
        draw->at.x = -1;
}

/* Goes to a run; what lies between is written again where that is shorter. */
static void
reach(TermDraw *draw, const Run *run, GString *out)
{
    MoveWay way;
    const Cell *row = &draw->wanted[run->y * draw->width];
    if (run->x - draw->at.x < move_cost(draw, run->x, run->y, &way) && gap_fits(draw, run)) {
        while (draw->at.x < run->x)
            put(draw, &row[draw->at.x], out);
    }
    runs_move(draw, run->x, run->y, out);
}

static void
write_run(TermDraw *draw, const Run *run, GString *out)
{
    const Cell *row = &draw->wanted[run->y * draw->width];
    reach(draw, run, out);
    if (run->kind == RUN_WRITE) {
        pen_set(draw, run->pen, run->blank, out);
        for (int x = run->x; x < run->x + run->n; x += MAX(row[x].width, 1)) {
            runs_move(draw, x, run->y, out); /* behind what may be wider there */
            put(draw, &row[x], out);
        }
        return;
    }
    pen_set_link(draw, 0, out);
    pen_set(draw, run->pen, TRUE, out);
    if (run->kind == RUN_ERASE_TAIL)
        g_string_append(out, draw->caps->ecma ? "\033[K" : draw->caps->text[CAP_ERASE_LINE]);
    else
        g_string_append_printf(out, "\033[%dX", run->n);
}

void
runs_write(TermDraw *draw, const Cell *shown, GString *out)
{
    g_array_set_size(draw->runs, 0);
    for (int y = 0; y < draw->height; y++)
        find_row_runs(draw, &draw->wanted[y * draw->width], &shown[y * draw->width], y);
    if (draw->caps->ecma && draw->runs->len > 1)
        put_in_order(draw);
    for (guint i = 0; i < draw->runs->len; i++)
        write_run(draw, &g_array_index(draw->runs, Run, i), out);
}
