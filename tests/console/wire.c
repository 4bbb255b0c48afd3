/* wire.c: reads a terminal's input as strictly as no terminal does. */
#include "wire.h"

#include <string.h>

#define CSI_MAX 64
#define OSC_MAX 100000

typedef struct {
    const char *at, *end;
    const char *fault;
} Wire;

/* Final bytes of the control sequences that curses and the console use. */
static const char finals[] = "@ABCDEFGHJKLMPSTXZ`bcdfghlmnprstuqt";

static void
skip_csi(Wire *wire)
{
    const char *start = wire->at;
    while (wire->at < wire->end && *wire->at >= 0x20 && *wire->at < 0x40)
        wire->at++;
    if (wire->at == wire->end)
        return;
    if (wire->at - start > CSI_MAX || !strchr(finals, *wire->at) || !*wire->at)
        wire->fault = "a control sequence of no known kind";
    else
        wire->at++;
}

/* Ends with BEL or ESC \; nothing but printable text in between. */
static void
skip_osc(Wire *wire)
{
    static const int known[] = {0, 2, 8, 9, 10, 11, 12, 52, 777};
    const char *start = wire->at;
    int number = 0;
    gboolean good = FALSE;
    while (wire->at < wire->end && g_ascii_isdigit(*wire->at) && wire->at - start < 4)
        number = number * 10 + (*wire->at++ - '0');
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        good = good || known[i] == number;
    while (wire->at < wire->end && (guchar)*wire->at >= 0x20 && *wire->at != 0x7f)
        wire->at++;
    if (!good || wire->at - start > OSC_MAX || !g_utf8_validate(start, wire->at - start, NULL))
        wire->fault = "an OSC of no known kind";
    else if (wire->at < wire->end && *wire->at == '\a')
        wire->at++;
    else if (wire->at + 1 < wire->end && wire->at[0] == '\033' && wire->at[1] == '\\')
        wire->at += 2;
    else if (wire->at + 1 < wire->end)
        wire->fault = "an OSC that does not end";
    else
        wire->at = wire->end;
}

static void
skip_escape(Wire *wire)
{
    if (++wire->at == wire->end)
        return;
    char kind = *wire->at++;
    if (kind == '[')
        skip_csi(wire);
    else if (kind == ']')
        skip_osc(wire);
    else if ((kind == '(' || kind == ')') && wire->at < wire->end)
        wire->fault = strchr("B0", *wire->at++) ? NULL : "a character set of no known kind";
    else if (kind != '(' && kind != ')' && !strchr("78=>MDEH\\", kind))
        wire->fault = "an escape sequence of no known kind";
}

/* Controls, what turns the reading direction, and what nobody sees are no text. The joiner may
 * stand between two pictographs. */
static gboolean
is_text(gunichar c)
{
    static const struct {
        gunichar first, last;
    } hidden[] = {
        {0x80, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x180b, 0x180f}, {0x200b, 0x200c}, {0x200e, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
    };
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        if (c >= hidden[i].first && c <= hidden[i].last)
            return FALSE;
    }
    return TRUE;
}

static void
skip_character(Wire *wire)
{
    gunichar c = g_utf8_get_char_validated(wire->at, wire->end - wire->at);
    if (c == (gunichar)-2) {
        wire->at = wire->end; /* cut off */
    } else if (c == (gunichar)-1 || !is_text(c)) {
        wire->fault = c == (gunichar)-1 ? "no UTF-8" : "a character that is a control";
    } else {
        wire->at = g_utf8_find_next_char(wire->at, NULL);
    }
}

char *
wire_fault(const char *bytes, gsize len)
{
    Wire wire = {bytes, bytes + len, NULL};
    const char *from = bytes;
    while (wire.at < wire.end && !wire.fault) {
        guchar c = (guchar)*wire.at;
        from = wire.at;
        if (c == 033)
            skip_escape(&wire);
        else if (c >= 0x80)
            skip_character(&wire);
        else if (c >= 0x20 ? c != 0x7f : strchr("\r\n\b\t\a\016\017", c) && c)
            wire.at++;
        else
            wire.fault = "a control character";
    }
    if (!wire.fault)
        return NULL;
    const char *start = MAX(bytes, from - 40), *end = MIN(wire.end, from + 40);
    g_autofree char *around = g_strndup(start, (gsize)(end - start));
    g_autofree char *shown = g_strescape(around, NULL);
    return g_strdup_printf("%s at byte %ld: %s", wire.fault, (long)(from - bytes), shown);
}
