/* setup_screen.c: what the first run shows. */
#include "tui/setup_private.h"

#include <string.h>
#include "tui/wording.h"
#include "base/text.h"

#define MIN_WIDTH  60
#define MIN_HEIGHT 16
#define LABEL      20 /* columns of the labels */

/* Words broken at blanks, within width; returns the lines used. */
static int
draw_wrapped(Grid *grid, int x, int y, int width, Role role, const char *text)
{
    g_autofree char *rest = text_printable(text, -1, TEXT_LINE);
    int lines = 0;
    for (const char *p = rest; *p; lines++) {
        gsize n = text_fit(p, width, NULL), end = n;
        while (p[n] != '\0' && end > 0 && p[end] != ' ')
            end--;
        end = end > 0 ? end : MAX(n, 1);
        g_autofree char *line = g_strndup(p, end);
        grid_print(grid, x, y + lines, width, role, line);
        p += end;
        while (*p == ' ')
            p++;
    }
    return lines;
}

static void
draw_top(Setup *setup)
{
    Grid *grid = setup->grid;
    int width = grid_width(grid), x = 1;
    grid_fill(grid, (Rect){0, 0, width, 1}, ROLE_TOP);
    x += grid_print(grid, x, 0, width - x, ROLE_TITLE, "creditbot") + 2;
    x += grid_print(grid, x, 0, width - x, ROLE_STRONG, "Set-up") + 2;
    for (guint i = 0; i <= setup_n_pages; i++) {
        const char *title = i < setup_n_pages ? setup_pages[i].title : "Write";
        Tried tried = i < setup_n_pages ? setup->pages[i].tried : TRIED_NOT;
        const char *sign = tried == TRIED_WELL ? " ok" : tried == TRIED_NOT ? "" : " !";
        g_autofree char *label = g_strdup_printf(" %u %s%s ", i + 1, title, sign);
        x += grid_print(grid, x, 0, width - x, i == setup->page ? ROLE_TAB_HERE : ROLE_TAB, label);
    }
}

typedef struct {
    const char *key, *label;
} Hint;

static void
draw_hints(Setup *setup, const Hint *hints, guint n)
{
    Grid *grid = setup->grid;
    int width = grid_width(grid), y = grid_height(grid) - 1, x = 1;
    grid_fill(grid, (Rect){0, y, width, 1}, ROLE_HINTS);
    for (guint i = 0; i < n; i++) {
        if (x + text_width(hints[i].key) + 1 + text_width(hints[i].label) >= width)
            continue;
        x += grid_print(grid, x, y, width - x, ROLE_KEY, hints[i].key) + 1;
        x += grid_print(grid, x, y, width - x, ROLE_DIM, hints[i].label) + 2;
    }
}

/* -- the first screen -- */

static int
draw_way(Grid *grid, int y, const char *key, const char *what, const char *more)
{
    int width = grid_width(grid);
    grid_print(grid, 4, y, 8, ROLE_KEY, key);
    int lines = draw_wrapped(grid, 12, y, width - 14, ROLE_TEXT, what);
    if (more)
        lines += draw_wrapped(grid, 12, y + lines, width - 14, ROLE_DIM, more);
    return y + lines + 1;
}

static void
draw_start(Setup *setup)
{
    Grid *grid = setup->grid;
    g_autofree char *file = g_strdup_printf("It becomes %s, readable by you alone. Nothing is "
                                            "posted before you say so in it.",
                                            setup->options->path);
    int y = 2;
    grid_print(grid, 2, y++, grid_width(grid) - 3, ROLE_STRONG,
               setup->options->offer_demo ? "CreditBot has no configuration yet."
                                          : "A new configuration.");
    grid_print(grid, 2, y, grid_width(grid) - 3, ROLE_TEXT, "What would you like to do?");
    y = draw_way(grid, y + 2, "Enter",
                 "Set it up here: Slack, Looker and the warehouse, each tried at once.", file);
    if (setup->options->offer_demo)
        y = draw_way(grid, y, "d", "Look at the demo first.",
                     "A whole desk with two weeks of history on this machine; no credentials, "
                     "nothing leaves it.");
    draw_way(grid, y, "q", "Leave. Nothing was written.", NULL);
    static const Hint hints[] = {{"Enter", "set it up"}, {"d", "demo"}, {"q", "leave"}};
    draw_hints(setup, hints, G_N_ELEMENTS(hints));
}

/* -- a page -- */

/* As many dots as signs, so that a paste can be judged. */
static void
draw_secret(Setup *setup, guint field, int x, int y, int width, gboolean focus)
{
    Grid *grid = setup->grid;
    glong n = g_utf8_strlen(setup->form->values[field], -1);
    int dots = (int)MIN(n, (glong)width - 1);
    grid_fill(grid, (Rect){x, y, width, 1}, ROLE_FIELD);
    grid_repeat(grid, x, y, dots, ROLE_STRONG, grid_ascii(grid) ? "*" : "•");
    if (focus)
        grid_set_cursor(grid, x + dots, y, TRUE);
}

static void
draw_choice(Setup *setup, guint field, int x, int y, int width, gboolean focus)
{
    Grid *grid = setup->grid;
    grid_fill(grid, (Rect){x, y, width, 1}, ROLE_FIELD);
    grid_printf(grid, x, y, width, ROLE_STRONG, "< %s >", setup->form->values[field]);
    if (focus)
        grid_set_cursor(grid, x + 2, y, TRUE);
}

static void
draw_value(Setup *setup, guint field, int x, int y, int width, gboolean focus)
{
    Grid *grid = setup->grid;
    FieldKind kind = setup_fields[field].kind;
    if (kind == FIELD_SECRET)
        draw_secret(setup, field, x, y, width, focus);
    else if (kind == FIELD_CHOICE)
        draw_choice(setup, field, x, y, width, focus);
    else if (focus)
        input_draw(&setup->input, grid, x, y, width, TRUE);
    else {
        grid_fill(grid, (Rect){x, y, width, 1}, ROLE_FIELD);
        grid_print_cut(grid, x, y, width, ROLE_TEXT, setup->form->values[field]);
    }
    if (*setup->form->values[field] == '\0' && setup_given(setup->form, field))
        grid_print(grid, x + (focus ? 2 : 0), y, width - 2, ROLE_DIM,
                   "(from the environment: leave it empty)");
}

static int
draw_fields(Setup *setup, int y)
{
    Grid *grid = setup->grid;
    const SetupPage *page = &setup_pages[setup->page];
    int width = grid_width(grid);
    for (guint i = page->first; i < page->first + page->n; i++) {
        gboolean focus = i == setup->field && !setup->trying;
        if (!setup_asked(setup->form, i))
            continue;
        grid_print(grid, 1, y, 1, ROLE_KEY, focus ? ">" : " ");
        grid_print(grid, 3, y, LABEL - 1, focus ? ROLE_STRONG : ROLE_TEXT, setup_fields[i].label);
        draw_value(setup, i, 3 + LABEL, y, width - LABEL - 5, focus);
        y++;
    }
    return y;
}

static const struct {
    const char *word;
    Role role;
} statuses[] = {[CHECK_OK] = {"ok", ROLE_GOOD},
                [CHECK_WARN] = {"warn", ROLE_WARN},
                [CHECK_FAIL] = {"FAIL", ROLE_BAD},
                [CHECK_SKIP] = {"skip", ROLE_DIM}};

static void
draw_findings(Setup *setup, int y, int end)
{
    Grid *grid = setup->grid;
    int width = grid_width(grid);
    const GPtrArray *findings = setup->pages[setup->page].findings;
    if (setup->pages[setup->page].tried == TRIED_NOT || setup->trying)
        return;
    for (guint i = 0; findings && i < findings->len && y < end; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        grid_print(grid, 3, y, 4, statuses[finding->status].role, statuses[finding->status].word);
        g_autofree char *text = g_strconcat(finding->name, ": ", finding->found, NULL);
        y += draw_wrapped(grid, 8, y, width - 10, ROLE_TEXT, text);
        if (!finding->fix || y >= end)
            continue;
        grid_print(grid, 3, y, 4, ROLE_DIM, "fix");
        y += draw_wrapped(grid, 8, y, width - 10, ROLE_STRONG, finding->fix);
    }
}

static void
draw_page(Setup *setup)
{
    static const Hint trying[] = {{"Esc", "stop the test"}, {"Ctrl-C", "leave"}};
    static const Hint failed[] = {{"Enter", "try again"},
                                  {"Tab", "field"},
                                  {"Ctrl-N", "go on as it is"},
                                  {"Esc", "back"},
                                  {"Ctrl-C", "leave"}};
    static const Hint typing[] = {{"Enter", "next, and try it"},
                                  {"Tab", "field"},
                                  {"Esc", "back"},
                                  {"Ctrl-C", "leave"},
                                  {"Ctrl-U", "empty it"}};
    Grid *grid = setup->grid;
    const SetupPage *page = &setup_pages[setup->page];
    int room = grid_width(grid) - 4, y = 2;
    y += draw_wrapped(grid, 2, y, room, ROLE_TEXT, page->about);
    y += draw_wrapped(grid, 2, y, room, ROLE_DIM, page->needs);
    y = draw_fields(setup, y + 1);
    y += draw_wrapped(grid, 3, y, room - 1, ROLE_DIM, setup_fields[setup->field].help);
    draw_findings(setup, y + 1, grid_height(grid) - 3);
    if (setup->trying)
        draw_hints(setup, trying, G_N_ELEMENTS(trying));
    else if (setup->pages[setup->page].tried == TRIED_FAILED)
        draw_hints(setup, failed, G_N_ELEMENTS(failed));
    else
        draw_hints(setup, typing, G_N_ELEMENTS(typing));
}

/* -- the last one -- */

static int
draw_answers(Setup *setup, guint index, int y)
{
    static const struct {
        const char *word;
        Role role;
    } words[] = {[TRIED_NOT] = {"not tried", ROLE_WARN},
                 [TRIED_WELL] = {"works", ROLE_GOOD},
                 [TRIED_FAILED] = {"did not work", ROLE_BAD},
                 [TRIED_SKIPPED] = {"did not work when it was tried", ROLE_WARN}};
    Grid *grid = setup->grid;
    const SetupPage *page = &setup_pages[index];
    Tried tried = setup->pages[index].tried;
    int width = grid_width(grid);
    grid_print(grid, 2, y, LABEL, ROLE_STRONG, page->title);
    grid_print(grid, 3 + LABEL, y++, 40, words[tried].role, words[tried].word);
    for (guint i = page->first; i < page->first + page->n; i++) {
        const char *value = setup->form->values[i];
        if (!setup_asked(setup->form, i) || (*value == '\0' && !setup_given(setup->form, i)))
            continue;
        grid_print(grid, 3, y, LABEL - 1, ROLE_DIM, setup_fields[i].label);
        if (*value == '\0')
            grid_print(grid, 3 + LABEL, y, 40, ROLE_DIM, "from the environment");
        else if (setup_fields[i].kind == FIELD_SECRET)
            grid_repeat(grid, 3 + LABEL, y, 8, ROLE_TEXT, grid_ascii(grid) ? "*" : "•");
        else
            grid_print_cut(grid, 3 + LABEL, y, width - LABEL - 5, ROLE_TEXT, value);
        y++;
    }
    return y;
}

static void
draw_last(Setup *setup)
{
    static const Hint hints[] = {{"Enter", "write the file"}, {"Esc", "back"}, {"Ctrl-C", "leave"}};
    Grid *grid = setup->grid;
    int room = grid_width(grid) - 4, y = 2;
    g_autofree char *text =
        g_strdup_printf("Enter writes this to %s, mode 0600.", setup->options->path);
    y += draw_wrapped(grid, 2, y, room, ROLE_STRONG, text);
    y += draw_wrapped(grid, 2, y, room, ROLE_TEXT,
                      "It is a dry run: requests are read and calculated, nothing is posted "
                      "until dry_run=false stands there.");
    for (guint i = 0; i < setup_n_pages; i++)
        y = draw_answers(setup, i, y);
    draw_hints(setup, hints, G_N_ELEMENTS(hints));
}

void
setup_draw(Setup *setup)
{
    Grid *grid = setup->grid;
    int width = grid_width(grid), height = grid_height(grid);
    grid_clear(grid);
    if (width < MIN_WIDTH || height < MIN_HEIGHT) {
        g_autofree char *size = wording_too_small(width, height, MIN_WIDTH, MIN_HEIGHT);
        grid_print_cut(grid, 0, 0, width, ROLE_WARN, size);
        return;
    }
    draw_top(setup);
    if (setup->page == SETUP_START)
        draw_start(setup);
    else if (setup->page == setup_n_pages)
        draw_last(setup);
    else
        draw_page(setup);
    if (setup->message) {
        int lines = text_width(setup->message) > width - 2 ? 2 : 1;
        draw_wrapped(grid, 1, height - 1 - lines, width - 2, setup->message_role, setup->message);
    }
}
