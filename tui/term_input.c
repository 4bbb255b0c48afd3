/* term_input.c: the state machine that reads keys, mouse, pastes and answers. */
#ifdef HAVE_CONFIG_H
#include "config.h" /* memmem() is GNU's */
#endif

#include "tui/term_input.h"

#include <string.h>

#define ESC           0x1b
#define SEQUENCE_MAX  4096                     /* bytes; what is longer is no sequence */
#define SEQUENCE_TIME G_TIME_SPAN_SECOND       /* then what began is given up */
#define PASTE_TIME    (5 * G_TIME_SPAN_SECOND) /* without a byte: the end was lost */
#define PASTE_MAX     65536
#define DOUBLE_CLICK  (400 * G_TIME_SPAN_MILLISECOND)
#define PARAMS_MAX    4
#define PASTE_END     "\033[201~"

typedef struct {
    char *sequence;
    guint32 key;
} Learned;

struct TermInput {
    GByteArray *bytes; /* not understood yet */
    GArray *learned;   /* Learned */
    GString *paste;
    gboolean pasting;
    gint64 fed_at, began_at; /* the newest bytes; the oldest of them */
    gint64 escape_at;        /* when a lone ESC was given out; 0: long ago */
    gint64 click_at;
    int click_x, click_y, from_x, from_y;
    gboolean button, answered, sync;
};

static void
learned_clear(gpointer data)
{
    Learned *learned = data;
    g_free(learned->sequence);
}

TermInput *
term_input_new(void)
{
    TermInput *input = g_new0(TermInput, 1);
    input->bytes = g_byte_array_new();
    input->learned = g_array_new(FALSE, FALSE, sizeof(Learned));
    g_array_set_clear_func(input->learned, learned_clear);
    input->paste = g_string_new(NULL);
    return input;
}

void
term_input_free(TermInput *input)
{
    if (!input)
        return;
    g_byte_array_unref(input->bytes);
    g_array_unref(input->learned);
    g_string_free(input->paste, TRUE);
    g_free(input);
}

void
term_input_learn(TermInput *input, const char *sequence, guint32 key)
{
    Learned learned = {NULL, key};
    if (!sequence || sequence[0] != ESC || !sequence[1])
        return;
    learned.sequence = g_strdup(sequence);
    g_array_append_val(input->learned, learned);
}

gboolean
term_input_answered(const TermInput *input)
{
    return input->answered;
}

gboolean
term_input_sync(const TermInput *input)
{
    return input->sync;
}

/* The rest of a sequence whose ESC came long before it: "[A", "OB", "]11;…". A person does not type
 * that in one piece. */
static gboolean
is_tail(const char *bytes, gsize len)
{
    gsize i = 1;
    if (len < 2)
        return FALSE;
    if (bytes[0] == 'O')
        return len == 2 && bytes[1] && strchr("ABCDHFPQRS", bytes[1]);
    if (bytes[0] == ']')
        return g_ascii_isdigit(bytes[1]);
    if (bytes[0] != '[')
        return FALSE;
    while (i < len && bytes[i] >= 0x30 && bytes[i] <= 0x3f)
        i++;
    return i < len && bytes[i] >= 0x40 && bytes[i] <= 0x7e;
}

void
term_input_feed(TermInput *input, const char *bytes, gsize len, gint64 now)
{
    static const guint8 escape = ESC;
    if (len == 0)
        return;
    if (input->bytes->len == 0) {
        input->began_at = now;
        if (input->escape_at && now - input->escape_at < SEQUENCE_TIME && is_tail(bytes, len))
            g_byte_array_append(input->bytes, &escape, 1);
        input->escape_at = 0;
    }
    g_byte_array_append(input->bytes, (const guint8 *)bytes, (guint)len);
    input->fed_at = now;
}

static void
drop(TermInput *input, gsize n)
{
    g_byte_array_remove_range(input->bytes, 0, (guint)MIN(n, input->bytes->len));
    input->began_at = input->fed_at;
}

/* -- what one sequence means -- */

typedef struct {
    char mark, middle, final; /* '<', '?' or '>' before the numbers; '$' after them */
    int params[PARAMS_MAX], n;
} Sequence;

/* xterm: 1 + 1 for Shift, 2 for Alt, 4 for Control, 8 for Meta. */
static guint32
modifiers(int param)
{
    int bits = param > 1 && param <= 16 ? param - 1 : 0;
    return (bits & 1 ? KEYS_SHIFT : 0u) | (bits & 10 ? KEYS_ALT : 0u) |
           (bits & 4 ? KEYS_CONTROL : 0u);
}

/* A character with modifiers, as CSI u and modifyOtherKeys tell it. */
static guint32
modified_char(int code, int param)
{
    guint32 mods = modifiers(param), key = (guint32)MAX(code, 0);
    if (key == 127)
        key = KEYS_BACKSPACE;
    if (key == KEYS_TAB && (mods & KEYS_SHIFT))
        return KEYS_BACKTAB;
    if (key >= KEYS_SPECIAL && key != KEYS_BACKSPACE)
        return KEY_NONE;
    if ((mods & KEYS_CONTROL) && key < 128 && g_ascii_isalpha((char)key))
        key = KEYS_CTRL(key);
    return key ? key | (mods & KEYS_ALT) : KEY_NONE;
}

static guint32
tilde_key(const Sequence *s)
{
    static const struct {
        guint8 from, to;
        guint32 key;
    } numbers[] = {
        {1, 1, KEYS_HOME}, {2, 2, KEYS_INSERT},   {3, 3, KEYS_DELETE},    {4, 4, KEYS_END},
        {5, 5, KEYS_PGUP}, {6, 6, KEYS_PGDN},     {7, 7, KEYS_HOME},      {8, 8, KEYS_END},
        {11, 15, KEYS_F1}, {17, 21, KEYS_F1 + 5}, {23, 24, KEYS_F1 + 10},
    };
    if (s->params[0] == 27 && s->n >= 3)
        return modified_char(s->params[2], s->params[1]);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        int n = s->params[0];
        if (n >= numbers[i].from && n <= numbers[i].to)
            return (numbers[i].key + (guint32)(n - numbers[i].from)) | modifiers(s->params[1]);
    }
    return KEY_NONE;
}

static guint32
letter_key(char final)
{
    static const struct {
        char final;
        guint32 key;
    } letters[] = {
        {'A', KEYS_UP},     {'B', KEYS_DOWN},   {'C', KEYS_RIGHT},   {'D', KEYS_LEFT},
        {'H', KEYS_HOME},   {'F', KEYS_END},    {'P', KEYS_F1},      {'Q', KEYS_F1 + 1},
        {'R', KEYS_F1 + 2}, {'S', KEYS_F1 + 3}, {'Z', KEYS_BACKTAB}, {'M', KEYS_ENTER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (letters[i].final == final)
            return letters[i].key;
    }
    return KEY_NONE;
}

static void
mouse_event(TermInput *input, int code, int x, int y, gboolean release, gint64 now,
            TermEvent *event)
{
    event->x = x;
    event->y = y;
    event->from_x = input->from_x;
    event->from_y = input->from_y;
    if (code & 64) {
        event->type = (code & 3) > 1 ? EVENT_NONE : EVENT_WHEEL;
        event->key = (code & 3) == 0 ? KEYS_UP : KEYS_DOWN;
    } else if (release && input->button) {
        input->button = FALSE;
        event->type = EVENT_RELEASE;
    } else if ((code & 35) == 32 && input->button) {
        event->type = EVENT_DRAG;
    } else if ((code & 35) == 0 && !release) {
        gboolean again = now - input->click_at < DOUBLE_CLICK && x == input->click_x &&
                         y == input->click_y && input->click_at > 0;
        event->type = EVENT_CLICK;
        event->clicks = again ? 2 : 1;
        input->click_at = again ? 0 : now;
        input->click_x = input->from_x = event->from_x = x;
        input->click_y = input->from_y = event->from_y = y;
        input->button = TRUE;
    }
}

static void
control_sequence(TermInput *input, const Sequence *s, gint64 now, TermEvent *event)
{
    event->type = EVENT_KEY;
    if (s->mark == '<' && (s->final == 'M' || s->final == 'm') && s->n >= 3) {
        event->type = EVENT_NONE;
        mouse_event(input, s->params[0], s->params[1] - 1, s->params[2] - 1, s->final == 'm', now,
                    event);
    } else if (s->mark || s->middle) {
        input->answered = input->answered || s->final == 'c';
        if (s->middle == '$' && s->final == 'y' && s->params[0] == 2026)
            input->sync = s->params[1] == 1 || s->params[1] == 2 || s->params[1] == 3;
    } else if (s->final == '~' && s->params[0] == 200) {
        input->pasting = TRUE;
        g_string_truncate(input->paste, 0);
    } else if (s->final == '~') {
        event->key = tilde_key(s);
    } else if (s->final == 'u') {
        event->key = modified_char(s->params[0], s->params[1]);
    } else if (s->final != 'M' && !(s->final == 'R' && s->params[0] != 1)) { /* R: a position */
        event->key = letter_key(s->final);
        if (event->key && event->key != KEYS_BACKTAB)
            event->key |= modifiers(s->params[1]);
    }
}

/* "rgb:RRRR/GGGG/BBBB" with one to four digits each, as XParseColor takes it. */
static gboolean
parse_ground(const char *text, guint32 *rgb)
{
    guint32 value = 0;
    if (g_str_has_prefix(text, "rgba:"))
        text++;
    if (strncmp(text, "rgb:", 4) != 0 && strncmp(text, "gba:", 4) != 0)
        return FALSE;
    text += 4;
    for (int part = 0; part < 3; part++) {
        guint32 level = 0, most = 0;
        for (int digits = 0; digits < 4 && g_ascii_isxdigit(*text); digits++, text++) {
            level = level * 16 + (guint32)g_ascii_xdigit_value(*text);
            most = most * 16 + 15;
        }
        if (most == 0 || (part < 2 && *text++ != '/'))
            return FALSE;
        value = value << 8 | (level * 255 + most / 2) / most;
    }
    *rgb = value;
    return TRUE;
}

static void
answer(const char *text, TermEvent *event)
{
    if (g_str_has_prefix(text, "11;") && parse_ground(text + 3, &event->key))
        event->type = EVENT_GROUND;
}

/* -- taking one off the bytes: how many it took, 0: more is needed -- */

static gsize
take_csi(TermInput *input, const char *b, gsize len, gint64 now, TermEvent *event)
{
    Sequence s = {0};
    gsize i = 2;
    if (len > 2 && b[2] == '[') { /* the Linux console's F1 to F5 */
        if (len > 3 && b[3] >= 'A' && b[3] <= 'E') {
            event->type = EVENT_KEY;
            event->key = KEYS_F1 + (guint32)(b[3] - 'A');
        }
        return len > 3 ? 4 : 0;
    }
    if (len > 2 && b[2] == 'M') { /* the old mouse: three bytes */
        if (len >= 6)
            mouse_event(input, (guchar)b[3] - 32, (guchar)b[4] - 33, (guchar)b[5] - 33,
                        ((guchar)b[3] & 3) == 3 && !((guchar)b[3] & 64), now, event);
        return len >= 6 ? 6 : 0;
    }
    if (i < len && b[i] >= '<' && b[i] <= '?')
        s.mark = b[i++];
    for (; i < len && b[i] >= '0' && b[i] <= ';'; i++) {
        if (b[i] == ';' || s.n == 0)
            s.n++;
        if (g_ascii_isdigit(b[i]) && s.n <= PARAMS_MAX && s.params[s.n - 1] < 100000000)
            s.params[s.n - 1] = s.params[s.n - 1] * 10 + (b[i] - '0');
    }
    for (; i < len && b[i] >= ' ' && b[i] <= '/'; i++)
        s.middle = b[i];
    if (i == len)
        return len < SEQUENCE_MAX ? 0 : len;
    if (b[i] < 0x40 || b[i] > 0x7e) /* broken off by something else */
        return i;
    s.final = b[i];
    control_sequence(input, &s, now, event);
    return i + 1;
}

static gsize
take_ss3(const char *b, gsize len, TermEvent *event)
{
    gsize i = 2;
    int mods = 0;
    for (; i < len && g_ascii_isdigit(b[i]) && i < 6; i++)
        mods = mods * 10 + (b[i] - '0');
    if (i == len)
        return 0;
    event->type = EVENT_KEY;
    event->key = letter_key(b[i]);
    if (event->key)
        event->key |= modifiers(mods);
    else if (b[i] >= 'j' && b[i] <= 'y') /* the keypad in application mode */
        event->key = (guint32)(b[i] - 'j' + '*');
    return i + 1;
}

/* OSC, DCS, APC, PM, SOS: text up to BEL or ST. */
static gsize
take_string(const char *b, gsize len, TermEvent *event)
{
    for (gsize i = 2; i < len; i++) {
        gboolean st = b[i] == ESC && i + 1 < len && b[i + 1] == '\\';
        if (b[i] != '\a' && !st && b[i] != ESC)
            continue;
        if (b[i] == ESC && i + 1 == len)
            return 0;
        g_autofree char *text = g_strndup(b + 2, i - 2);
        if (b[1] == ']')
            answer(text, event);
        return st ? i + 2 : b[i] == '\a' ? i + 1 : i;
    }
    return len < SEQUENCE_MAX ? 0 : len;
}

/* One character, decoded; Alt when an ESC stands before it. */
static gsize
take_char(const char *b, gsize len, guint32 mods, TermEvent *event)
{
    gsize want = (gsize)g_utf8_skip[(guchar)b[0]];
    gunichar c = g_utf8_get_char_validated(b, (gssize)len);
    if (c ==
        (gunichar)-2) /* GLib says so of a NUL (Ctrl-Space) too, which is no start of anything */
        return len >= want || memchr(b, '\0', len) ? 1 : 0;
    if (c == (gunichar)-1)
        return 1;
    event->type = EVENT_KEY;
    event->key = c == 127 || c == 8 ? KEYS_BACKSPACE : c == '\n' ? KEYS_ENTER : c;
    event->key |= mods;
    return want;
}

static gsize
take_learned(const TermInput *input, const char *b, gsize len, TermEvent *event)
{
    for (guint i = 0; i < input->learned->len; i++) {
        const Learned *learned = &g_array_index(input->learned, Learned, i);
        gsize n = strlen(learned->sequence);
        if (n <= len && memcmp(b, learned->sequence, n) == 0) {
            event->type = EVENT_KEY;
            event->key = learned->key;
            return n;
        }
    }
    return 0;
}

static gsize
take_escape(TermInput *input, const char *b, gsize len, gint64 now, TermEvent *event)
{
    gsize taken = take_learned(input, b, len, event);
    if (taken > 0 || len == 1)
        return taken;
    if (b[1] == '[')
        return take_csi(input, b, len, now, event);
    if (b[1] == 'O')
        return take_ss3(b, len, event);
    if (b[1] == ESC || b[1] == 0) {
        event->type = EVENT_KEY;
        event->key = KEYS_ESC;
        return 1;
    }
    if (strchr("]P_^X", b[1]))
        return take_string(b, len, event);
    taken = take_char(b + 1, len - 1, KEYS_ALT, event);
    return taken > 0 ? taken + 1 : 0;
}

/* What is pasted is one event: no letter of it can be taken for a command. */
static gboolean
take_paste(TermInput *input, gint64 now, TermEvent *event)
{
    const char *b = (const char *)input->bytes->data;
    gsize len = input->bytes->len, keep = strlen(PASTE_END) - 1;
    /* not by strstr: a NUL may be pasted */
    const char *end = len ? memmem(b, len, PASTE_END, strlen(PASTE_END)) : NULL;
    gboolean lost = !end && now - input->fed_at >= PASTE_TIME;
    gsize n = end ? (gsize)(end - b) : lost ? len : len > keep ? len - keep : 0;
    for (gsize i = 0; i < n && input->paste->len < PASTE_MAX; i++)
        if (b[i])
            g_string_append_c(input->paste, b[i] == '\r' ? '\n' : b[i]);
    if (n > 0 || end)
        drop(input, n + (end ? strlen(PASTE_END) : 0));
    if (!end && !lost)
        return FALSE;
    input->pasting = FALSE;
    event->type = EVENT_PASTE;
    event->text = input->paste->str;
    return TRUE;
}

/* What began is not complete: a lone ESC becomes a key after its time, anything else is given up
 * after a longer one. */
static gboolean
waited(TermInput *input, gint64 now, TermEvent *event)
{
    gboolean lone = input->bytes->len == 1 && input->bytes->data[0] == ESC;
    if (now - input->began_at < (lone ? INPUT_ESCAPE_MS * G_TIME_SPAN_MILLISECOND : SEQUENCE_TIME))
        return FALSE;
    drop(input, input->bytes->len);
    if (!lone)
        return FALSE;
    input->escape_at = now;
    event->type = EVENT_KEY;
    event->key = KEYS_ESC;
    return TRUE;
}

gboolean
term_input_next(TermInput *input, gint64 now, TermEvent *event)
{
    for (;;) {
        *event = (TermEvent){0};
        if (input->pasting)
            return take_paste(input, now, event);
        const char *b = (const char *)input->bytes->data;
        gsize len = input->bytes->len;
        if (len == 0)
            return FALSE;
        gsize taken =
            b[0] == ESC ? take_escape(input, b, len, now, event) : take_char(b, len, 0, event);
        if (taken == 0)
            return waited(input, now, event);
        drop(input, taken);
        if (event->type != EVENT_NONE && !(event->type == EVENT_KEY && event->key == KEY_NONE))
            return TRUE;
    }
}

int
term_input_timeout(const TermInput *input, gint64 now)
{
    gint64 until = 0;
    if (input->pasting)
        until = input->fed_at + PASTE_TIME;
    else if (input->bytes->len == 1 && input->bytes->data[0] == ESC)
        until = input->began_at + INPUT_ESCAPE_MS * G_TIME_SPAN_MILLISECOND;
    else if (input->bytes->len > 0)
        until = input->began_at + SEQUENCE_TIME;
    else
        return -1;
    return (int)MAX((until - now + 999) / 1000, 0);
}
