/* test_term_input.c: bytes of terminals become events, in whatever pieces they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/term_input.h"

#define MS G_TIME_SPAN_MILLISECOND

static void
feed(TermInput *input, const char *bytes, gint64 at)
{
    term_input_feed(input, bytes, strlen(bytes), at);
}

static guint32
next_key(TermInput *input, gint64 at)
{
    TermEvent event;
    if (!term_input_next(input, at, &event))
        return KEY_NONE;
    assert_int_equal(event.type, EVENT_KEY);
    return event.key;
}

static const struct {
    const char *bytes;
    guint32 key;
} known[] = {
    {"a", 'a'},
    {"\r", KEYS_ENTER},
    {"\t", KEYS_TAB},
    {"\001", KEYS_CTRL('a')},
    {"\177", KEYS_BACKSPACE},
    {"\303\251", 0xe9},
    {"\346\227\245", 0x65e5},
    {"\033[A", KEYS_UP},
    {"\033OB", KEYS_DOWN},
    {"\033[1;5C", KEYS_RIGHT | KEYS_CONTROL},
    {"\033[1;2D", KEYS_LEFT | KEYS_SHIFT},
    {"\033[1;3A", KEYS_UP | KEYS_ALT},
    {"\033[Z", KEYS_BACKTAB},
    {"\033[H", KEYS_HOME},
    {"\033OF", KEYS_END},
    {"\033[1~", KEYS_HOME},
    {"\033[4~", KEYS_END},
    {"\033[5~", KEYS_PGUP},
    {"\033[6;5~", KEYS_PGDN | KEYS_CONTROL},
    {"\033[3~", KEYS_DELETE},
    {"\033OP", KEYS_F1},
    {"\033[[E", KEYS_F1 + 4},
    {"\033[15~", KEYS_F1 + 4},
    {"\033[17~", KEYS_F1 + 5},
    {"\033[24~", KEYS_F12},
    {"\033OM", KEYS_ENTER},
    {"\033Oj", '*'},
    {"\033x", 'x' | KEYS_ALT},
    {"\033[97;3u", 'a' | KEYS_ALT},
    {"\033[99;5u", KEYS_CTRL('c')},
    {"\033[27;5;108~", KEYS_CTRL('l')},
};

/* Whole, and byte by byte with a pause longer than that of a lone ESC after each but the first. */
static void
test_keys(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        g_autoptr(TermInput) whole = term_input_new(), split = term_input_new();
        feed(whole, known[i].bytes, 0);
        assert_int_equal(next_key(whole, 0), known[i].key);
        assert_int_equal(next_key(whole, 0), KEY_NONE);
        gint64 at = 0;
        guint32 key = KEY_NONE;
        for (gsize k = 0; known[i].bytes[k]; k++) {
            assert_int_equal(key, KEY_NONE);
            term_input_feed(split, known[i].bytes + k, 1, at);
            key = next_key(split, at);
            at += k == 0 ? 20 * MS : 60 * MS;
        }
        assert_int_equal(key, known[i].key);
    }
}

static void
test_escape(void **state)
{
    (void)state;
    g_autoptr(TermInput) input = term_input_new();
    assert_int_equal(term_input_timeout(input, 0), -1);
    feed(input, "\033", 0);
    assert_int_equal(next_key(input, 24 * MS), KEY_NONE);
    assert_true(term_input_timeout(input, 0) <= INPUT_ESCAPE_MS);
    assert_int_equal(next_key(input, 25 * MS), KEYS_ESC);
    assert_int_equal(term_input_timeout(input, 25 * MS), -1);
    /* Twice, at once. */
    feed(input, "\033\033", 3000 * MS);
    assert_int_equal(next_key(input, 3000 * MS), KEYS_ESC);
    assert_int_equal(next_key(input, 3025 * MS), KEYS_ESC);
    /* The rest of a sequence that a slow line tore off its ESC is no typing. */
    feed(input, "[B", 3200 * MS);
    assert_int_equal(next_key(input, 3200 * MS), KEYS_DOWN);
    feed(input, "\033", 5000 * MS);
    assert_int_equal(next_key(input, 5030 * MS), KEYS_ESC);
    feed(input, "]11;rgb:ffff/ffff/ffff\033\\x", 5400 * MS);
    TermEvent event;
    assert_true(term_input_next(input, 5400 * MS, &event));
    assert_int_equal(event.type, EVENT_GROUND);
    assert_int_equal(next_key(input, 5400 * MS), 'x');
    /* A bracket that somebody types stays one. */
    feed(input, "\033", 9000 * MS);
    assert_int_equal(next_key(input, 9030 * MS), KEYS_ESC);
    feed(input, "[", 9300 * MS);
    assert_int_equal(next_key(input, 9300 * MS), '[');
}

/* What never ends is given up and takes nothing that is typed later with it. */
static void
test_broken(void **state)
{
    (void)state;
    static const char *const broken[] = {"\033[", "\033[12;", "\033]11;rgb:", "\033P",
                                         "\033O", "\346\227", "\033[M "};
    for (guint i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(TermInput) input = term_input_new();
        feed(input, broken[i], 0);
        assert_int_equal(next_key(input, 500 * MS), KEY_NONE);
        assert_true(term_input_timeout(input, 0) > 0);
        assert_int_equal(next_key(input, 1001 * MS), KEY_NONE);
        feed(input, "q", 2000 * MS);
        assert_int_equal(next_key(input, 2000 * MS), 'q');
    }
    /* A NUL (Ctrl-Space) holds nothing up, alone or within a character. */
    g_autoptr(TermInput) nul = term_input_new();
    term_input_feed(nul, "\0a\346\0b", 5, 0);
    assert_int_equal(next_key(nul, 0), 'a');
    assert_int_equal(next_key(nul, 0), 'b');
    assert_int_equal(term_input_timeout(nul, 0), -1);
    term_input_feed(nul, "\033[200~x\0y\033[201~q", 16, 0);
    TermEvent paste;
    assert_true(term_input_next(nul, 0, &paste));
    assert_int_equal(paste.type, EVENT_PASTE);
    assert_string_equal(paste.text, "xy");
    assert_int_equal(next_key(nul, 0), 'q');
    g_autoptr(TermInput) input = term_input_new();
    feed(input, "\033[1;\033[A\xff\xfez\033[I\033[?62;4c\033[?2026;2$yq", 0);
    assert_int_equal(next_key(input, 0), KEYS_UP);
    assert_int_equal(next_key(input, 0), 'z');
    assert_false(term_input_answered(input));
    assert_int_equal(next_key(input, 0), 'q');
    assert_true(term_input_answered(input));
    assert_true(term_input_sync(input));
}

static void
test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        guint32 rgb;
    } cases[] = {{"\033]11;rgb:1e1e/2020/ffff\033\\", 0x1e20ff},
                 {"\033]11;rgb:ff/00/80\a", 0xff0080},
                 {"\033]11;rgba:ffff/ffff/ffff/ffff\a", 0xffffff},
                 {"\033]11;rgb:f/0/8\a", 0xff0088}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(TermInput) input = term_input_new();
        TermEvent event;
        feed(input, cases[i].bytes, 0);
        assert_true(term_input_next(input, 0, &event));
        assert_int_equal(event.type, EVENT_GROUND);
        assert_int_equal(event.key, cases[i].rgb);
    }
    g_autoptr(TermInput) input = term_input_new();
    feed(input, "\033]11;puce\a\033]4;1;rgb:0/0/0\a\033P1$r0m\033\\k", 0);
    assert_int_equal(next_key(input, 0), 'k');
}

static void
test_mouse(void **state)
{
    (void)state;
    g_autoptr(TermInput) input = term_input_new();
    TermEvent event;
    feed(input, "\033[<0;5;3M\033[<32;6;4M\033[<0;6;4m", 0);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.type, EVENT_CLICK);
    assert_int_equal(event.clicks, 1);
    assert_int_equal(event.x, 4);
    assert_int_equal(event.y, 2);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.type, EVENT_DRAG);
    assert_int_equal(event.from_y, 2);
    assert_int_equal(event.y, 3);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.type, EVENT_RELEASE);
    /* Twice at one place, quickly; a third click is a first one again. */
    const int clicks[] = {1, 2, 1};
    for (guint i = 0; i < G_N_ELEMENTS(clicks); i++) {
        feed(input, "\033[<0;9;9M\033[<0;9;9m", 1000 * MS + i * 100 * MS);
        assert_true(term_input_next(input, 1000 * MS + i * 100 * MS, &event));
        assert_int_equal(event.clicks, clicks[i]);
        assert_true(term_input_next(input, 1000 * MS + i * 100 * MS, &event));
        assert_int_equal(event.type, EVENT_RELEASE);
    }
    feed(input, "\033[<65;1;2M\033[<64;1;2M", 0);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.type, EVENT_WHEEL);
    assert_int_equal(event.key, KEYS_DOWN);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.key, KEYS_UP);
    /* Other buttons do nothing; the old protocol is understood. */
    feed(input, "\033[<2;1;2M\033[<66;1;1M\033[M !!", 0);
    assert_true(term_input_next(input, 0, &event));
    assert_int_equal(event.type, EVENT_CLICK);
    assert_int_equal(event.x, 0);
    assert_false(term_input_next(input, 0, &event));
}

static void
test_paste(void **state)
{
    (void)state;
    g_autoptr(TermInput) input = term_input_new();
    TermEvent event;
    feed(input, "\033[200~qx\033[A\r", 0);
    assert_false(term_input_next(input, 0, &event));
    feed(input, "a\033[20", 10 * MS);
    assert_false(term_input_next(input, 10 * MS, &event));
    feed(input, "1~y", 2000 * MS);
    assert_true(term_input_next(input, 2000 * MS, &event));
    assert_int_equal(event.type, EVENT_PASTE);
    assert_string_equal(event.text, "qx\033[A\na");
    assert_int_equal(next_key(input, 2000 * MS), 'y');
    /* The end never comes: nothing is stuck. */
    feed(input, "\033[200~lost", 3000 * MS);
    assert_false(term_input_next(input, 3000 * MS, &event));
    assert_true(term_input_next(input, 9000 * MS, &event));
    assert_string_equal(event.text, "lost");
    feed(input, "k", 9001 * MS);
    assert_int_equal(next_key(input, 9001 * MS), 'k');
}

static void
test_learned(void **state)
{
    (void)state;
    g_autoptr(TermInput) input = term_input_new();
    term_input_learn(input, "\033A", KEYS_UP);
    term_input_learn(input, "\013", KEYS_UP);
    term_input_learn(input, NULL, KEYS_UP);
    feed(input, "\033A\013", 0);
    assert_int_equal(next_key(input, 0), KEYS_UP);
    assert_int_equal(next_key(input, 0), KEYS_CTRL('k'));
}

/* Whatever comes, it ends, and nothing is kept for ever. */
static void
test_random(void **state)
{
    (void)state;
    static const char alphabet[] = "\033\033\033[[[O]P<;?$0123459MmAu~\\\a\r\177 xq\303\251\346";
    g_autoptr(GRand) random = g_rand_new_with_seed(4);
    g_autoptr(TermInput) input = term_input_new();
    gint64 at = 0;
    TermEvent event;
    for (int i = 0; i < 200000; i++) {
        char byte = alphabet[g_rand_int_range(random, 0, sizeof alphabet - 1)];
        term_input_feed(input, &byte, 1, at);
        at += g_rand_int_range(random, 0, 3) ? 0 : 30 * MS;
        while (term_input_next(input, at, &event))
            assert_int_not_equal(event.type, EVENT_NONE);
    }
    at += 10 * G_TIME_SPAN_SECOND;
    while (term_input_next(input, at, &event)) {
    }
    assert_int_equal(term_input_timeout(input, at), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),    cmocka_unit_test(test_escape),
        cmocka_unit_test(test_broken),  cmocka_unit_test(test_answers),
        cmocka_unit_test(test_mouse),   cmocka_unit_test(test_paste),
        cmocka_unit_test(test_learned), cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
