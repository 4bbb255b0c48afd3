/* fuzz_term_input.c: what a terminal sends: the same events however the bytes are cut, nothing that
 * is stuck, and plain text as plain keys. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "tui/term_input.h"

#define START G_GINT64_CONSTANT(1000000000)
#define LATER (10 * G_TIME_SPAN_SECOND)

static void
note(GString *out, const TermEvent *event)
{
    g_assert_cmpint(event->type, !=, EVENT_NONE);
    g_assert_true(event->type != EVENT_KEY || event->key != KEY_NONE);
    g_string_append_printf(out, "%d %x %d,%d %d,%d %d %s\n", (int)event->type, event->key, event->x,
                           event->y, event->from_x, event->from_y, event->clicks,
                           event->type == EVENT_PASTE ? event->text : "");
}

static void
drain(TermInput *input, gint64 now, GString *out)
{
    TermEvent event;
    while (term_input_next(input, now, &event))
        note(out, &event);
}

/* The bytes in pieces of so many; then what is left after all time has passed. */
static char *
read_in_pieces(const char *bytes, gsize len, gsize piece, gboolean *whole)
{
    g_autoptr(TermInput) input = term_input_new();
    g_autoptr(GString) out = g_string_new(NULL);
    TermEvent event;
    term_input_learn(input, "\033[11~", KEYS_F1);
    for (gsize at = 0; at < len; at += piece) {
        term_input_feed(input, bytes + at, MIN(piece, len - at), START);
        drain(input, START, out);
    }
    *whole = term_input_timeout(input, START) < 0;
    drain(input, START + LATER, out);
    g_assert_cmpint(term_input_timeout(input, START + LATER), ==, -1);
    /* Whatever came before, a letter is a letter. */
    term_input_feed(input, "q", 1, START + 2 * LATER);
    g_assert_true(term_input_next(input, START + 2 * LATER, &event));
    g_assert_cmpint(event.type, ==, EVENT_KEY);
    g_assert_cmpuint(event.key, ==, 'q');
    return g_strdup(out->str);
}

/* Without ESC and beyond ASCII: a key a byte, at once. */
static void
check_plain(const char *bytes, gsize len, const char *got, gboolean whole)
{
    g_autoptr(GString) want = g_string_new(NULL);
    for (gsize i = 0; i < len; i++) {
        guint8 c = (guint8)bytes[i];
        TermEvent event = {.type = EVENT_KEY, .key = c};
        if (c == 27 || c >= 128)
            return;
        if (c == 8 || c == 127)
            event.key = KEYS_BACKSPACE;
        if (c == '\n')
            event.key = KEYS_ENTER;
        if (c != 0)
            note(want, &event);
    }
    g_assert_true(whole);
    g_assert_cmpstr(got, ==, want->str);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    gboolean whole, pieces;
    if (size > 2048) /* far from where a sequence is too long to be one */
        return 0;
    g_autofree char *once = read_in_pieces(bytes, size, MAX(size, 1), &whole);
    g_autofree char *singly = read_in_pieces(bytes, size, 1, &pieces);
    g_autofree char *threes = read_in_pieces(bytes, size, 3, &pieces);
    g_assert_cmpstr(once, ==, singly);
    g_assert_cmpstr(once, ==, threes);
    check_plain(bytes, size, once, whole);
    return 0;
}
