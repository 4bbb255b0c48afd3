/* test_out.c: what is printed is safe on a terminal, whole in a pipe, and quiet when nobody reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/out.h"
#include "cli/present.h"

/* A pseudo-terminal of so many columns, or a pipe for 0. */
typedef struct {
    int reader, writer;
} Ends;

static Ends
open_ends(unsigned short columns)
{
    int fds[2];
    if (!columns) {
        assert_int_equal(pipe(fds), 0);
        return (Ends){fds[0], fds[1]};
    }
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(openpty(&fds[0], &fds[1], NULL, NULL, &size), 0);
    return (Ends){fds[0], fds[1]};
}

static char *
read_back(Ends ends, Out *out)
{
    char buffer[4096];
    assert_true(out_flush(out, NULL));
    ssize_t n = read(ends.reader, buffer, sizeof buffer - 1);
    assert_true(n > 0);
    close(ends.reader);
    close(ends.writer);
    return g_strndup(buffer, (gsize)n);
}

static void
hostile_text_is_neutralised(void **state)
{
    (void)state;
    Ends ends = open_ends(80);
    g_autoptr(Out) out = out_new(ends.writer, TRUE);
    out_text(out, ROLE_PLAIN, "a\033]0;t\007b\xc2\x9b\xe2\x80\xae");
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "k", "\xc2\x9b\xe2\x80\xae\x7f");
    out_json(out, json);
    g_autofree char *text = read_back(ends, out);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\007'));
    assert_null(strchr(text, '\x7f'));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
}

static void
colour_needs_a_terminal_that_has_it(void **state)
{
    (void)state;
    const struct {
        unsigned short columns;
        gboolean asked;
        const char *no_color, *term;
        gboolean coloured;
    } cases[] = {
        {80, TRUE, NULL, "xterm", TRUE},   {80, TRUE, "", "xterm", TRUE},
        {80, TRUE, "1", "xterm", FALSE},   {80, TRUE, NULL, "dumb", FALSE},
        {80, FALSE, NULL, "xterm", FALSE}, {0, TRUE, NULL, "xterm", FALSE},
        {80, TRUE, NULL, NULL, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Ends ends = open_ends(cases[i].columns);
        g_unsetenv("NO_COLOR");
        g_unsetenv("TERM");
        if (cases[i].no_color)
            g_setenv("NO_COLOR", cases[i].no_color, TRUE);
        if (cases[i].term)
            g_setenv("TERM", cases[i].term, TRUE);
        g_autoptr(Out) out = out_new(ends.writer, cases[i].asked);
        assert_int_equal(out_has_colour(out), cases[i].coloured);
        out_text(out, ROLE_BAD, "x");
        g_autofree char *text = read_back(ends, out);
        assert_int_equal(strchr(text, '\033') != NULL, cases[i].coloured);
    }
}

static void
cells_are_cut_on_a_terminal_only(void **state)
{
    (void)state;
    Ends narrow = open_ends(40), wide = open_ends(0);
    g_autoptr(Out) terminal = out_new(narrow.writer, FALSE), piped = out_new(wide.writer, FALSE);
    assert_int_equal(out_columns(terminal), 40);
    assert_int_equal(out_columns(piped), 0);
    Out *both[] = {terminal, piped};
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        out_cell(both[i], ROLE_PLAIN, 4, "ab");
        out_cell(both[i], ROLE_PLAIN, -4, "cd");
        out_cell(both[i], ROLE_PLAIN, 4, "abcdefgh");
        out_cell(both[i], ROLE_PLAIN, 5, "\xe6\x97\xa5\xe6\x9c\xac"); /* two wide characters */
        out_raw(both[i], "|", 1);
    }
    g_autofree char *cut = read_back(narrow, terminal);
    g_autofree char *whole = read_back(wide, piped);
    assert_string_equal(cut, "ab    cdabc\xe2\x80\xa6\xe6\x97\xa5\xe6\x9c\xac |");
    assert_string_equal(whole, "ab    cdabcdefgh\xe6\x97\xa5\xe6\x9c\xac |");
}

static void
a_reader_that_went_is_no_error(void **state)
{
    (void)state;
    Ends ends = open_ends(0);
    g_autoptr(Out) out = out_new(ends.writer, FALSE);
    assert_false(out_broken(out));
    close(ends.reader);
    out_printf(out, "nobody reads this\n");
    assert_true(out_flush(out, NULL));
    assert_true(out_broken(out));
    close(ends.writer);
}

static char *
any_text(GRand *random)
{
    static const char *const parts[] = {"a",
                                        "Zz 9",
                                        "~",
                                        " ",
                                        "\t",
                                        "\n",
                                        "\x7f",
                                        "\033[31m",
                                        "\xc3\xa4",
                                        "\xcc\x81",
                                        "\xe6\x97\xa5",
                                        "\xff",
                                        "\xe2\x80\xae",
                                        "\xf0\x9f\x91\x8d"};
    GString *text = g_string_new(NULL);
    for (int n = g_rand_int_range(random, 0, 9); n > 0; n--)
        g_string_append(text, parts[g_rand_int_range(random, 0, (int)G_N_ELEMENTS(parts))]);
    return g_string_free(text, FALSE);
}

/* A cell by the sanitiser alone, without the short way for plain text. */
static char *
slow_cell(const char *text, int columns, gboolean cut)
{
    int want = ABS(columns);
    g_autofree char *safe = text_printable(text, -1, TEXT_LINE);
    g_autofree char *fitted = cut ? text_ellipsize(safe, want, TEXT_LINE) : g_steal_pointer(&safe);
    g_autofree char *blanks = g_strnfill((gsize)MAX(want - text_width(fitted), 0), ' ');
    return columns < 0 ? g_strconcat(blanks, fitted, NULL) : g_strconcat(fitted, blanks, NULL);
}

static void
the_short_way_changes_nothing(void **state)
{
    (void)state;
    g_autoptr(GRand) random = g_rand_new_with_seed(11);
    for (int i = 0; i < 600; i++) {
        unsigned short terminal = i % 2 ? 80 : 0;
        int columns = g_rand_int_range(random, -40, 41);
        Ends ends = open_ends(terminal);
        g_autoptr(Out) out = out_new(ends.writer, FALSE);
        g_autofree char *text = any_text(random);
        g_autofree char *cell = slow_cell(text, columns, terminal != 0);
        g_autofree char *whole = text_printable(text, -1, TEXT_LINE);
        g_autofree char *wanted = g_strdup_printf("%s|%s|", cell, whole);
        out_cell(out, ROLE_PLAIN, columns, text);
        out_raw(out, "|", 1);
        out_text(out, ROLE_PLAIN, text);
        out_raw(out, "|", 1);
        g_autofree char *got = read_back(ends, out);
        assert_string_equal(got, wanted);
    }
}

static void
a_full_disk_is_an_error(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0)
        skip();
    g_autoptr(GError) error = NULL;
    g_autoptr(Out) out = out_new(fd, FALSE);
    out_printf(out, "x");
    assert_false(out_flush(out, &error));
    assert_non_null(error);
    close(fd);
}

static void
numbers_read_well(void **state)
{
    (void)state;
    g_autoptr(Request) request = request_new();
    g_autofree char *none = present_amount(request);
    assert_string_equal(none, "-");
    assert_string_equal(present_customer(request), "-");
    request->has_amount = TRUE;
    request->amount = G_GINT64_CONSTANT(12480500000);
    request->currency = g_strdup("USD");
    g_autofree char *amount = present_amount(request);
    assert_string_equal(amount, "12,480.50 USD");
    g_autofree char *never = present_time(0);
    assert_string_equal(never, "-");
    g_autofree char *time = present_time(G_GINT64_CONSTANT(1789374600000000));
    assert_string_equal(time, "2026-09-14 08:30:00 UTC");
    g_autofree char *bar = present_bar(1, 100, 10);
    assert_string_equal(bar, "#");
    g_autofree char *full = present_bar(100, 100, 10);
    assert_string_equal(full, "##########");
    g_autofree char *empty = present_bar(0, 0, 10);
    assert_string_equal(empty, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_is_neutralised),
        cmocka_unit_test(colour_needs_a_terminal_that_has_it),
        cmocka_unit_test(cells_are_cut_on_a_terminal_only),
        cmocka_unit_test(a_reader_that_went_is_no_error),
        cmocka_unit_test(the_short_way_changes_nothing),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(numbers_read_well),
    };
    signal(SIGPIPE, SIG_IGN);
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
