/* out.c: a buffer in front of a descriptor, and the few things that make text fit to read. */
#include "cli/out.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define FLUSH_AT  65536
#define LABEL     13
#define MIN_WIDTH 40

struct Out {
    int fd;
    gboolean terminal, colour, broken;
    int failed; /* errno of the first write that failed */
    int columns;
    TextFlags ascii;
    GString *buffer;
};

static const char *const sgr[ROLE_COUNT] = {
    [ROLE_PLAIN] = "",        [ROLE_DIM] = "\033[2m",   [ROLE_BOLD] = "\033[1m",
    [ROLE_GOOD] = "\033[32m", [ROLE_BUSY] = "\033[36m", [ROLE_WARN] = "\033[33m",
    [ROLE_BAD] = "\033[31m",
};

static gboolean
colour_wanted(void)
{
    const char *no_color = g_getenv("NO_COLOR"), *term = g_getenv("TERM");
    if (no_color && *no_color)
        return FALSE;
    return term && *term && strcmp(term, "dumb") != 0;
}

static int
terminal_columns(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return MAX(size.ws_col, MIN_WIDTH);
}

Out *
out_new(int fd, gboolean colour)
{
    Out *out = g_new0(Out, 1);
    out->fd = fd;
    out->terminal = isatty(fd);
    out->colour = colour && out->terminal && colour_wanted();
    out->columns = out->terminal ? terminal_columns(fd) : 0;
    if (out->terminal && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        out->ascii = TEXT_ASCII;
    out->buffer = g_string_sized_new(FLUSH_AT + 4096);
    return out;
}

void
out_free(Out *out)
{
    if (!out)
        return;
    g_string_free(out->buffer, TRUE);
    g_free(out);
}

gboolean
out_is_terminal(const Out *out)
{
    return out->terminal;
}

gboolean
out_has_colour(const Out *out)
{
    return out->colour;
}

int
out_columns(const Out *out)
{
    return out->columns;
}

static void
write_out(Out *out)
{
    const char *text = out->buffer->str;
    gsize left = out->buffer->len;
    while (left > 0 && !out->broken && !out->failed) {
        ssize_t n = write(out->fd, text, left);
        if (n >= 0) {
            text += n;
            left -= (gsize)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = out->fd, .events = POLLOUT}, 1, -1);
        } else if (errno == EPIPE) {
            out->broken = TRUE;
        } else if (errno != EINTR) {
            out->failed = errno;
        }
    }
    g_string_truncate(out->buffer, 0);
}

static void
room(Out *out)
{
    if (out->buffer->len >= FLUSH_AT)
        write_out(out);
}

gboolean
out_flush(Out *out, GError **error)
{
    write_out(out);
    if (!out->failed)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "cannot write the output: %s",
                g_strerror(out->failed));
    return FALSE;
}

gboolean
out_broken(const Out *out)
{
    if (out->broken)
        return TRUE;
    struct pollfd poll_fd = {.fd = out->fd};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLERR | POLLNVAL));
}

/* Most of what is put are a few bytes for which there is room. */
static inline void
put(Out *out, const char *text, gsize len)
{
    GString *buffer = out->buffer;
    if (buffer->len + len < buffer->allocated_len) {
        memcpy(buffer->str + buffer->len, text, len);
        buffer->len += len;
        buffer->str[buffer->len] = '\0';
    } else {
        g_string_append_len(buffer, text, (gssize)len);
    }
}

void
out_raw(Out *out, const char *text, gsize len)
{
    put(out, text, len);
    room(out);
}

void
out_printf(Out *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(out->buffer, format, args);
    va_end(args);
    room(out);
}

/* Most text is plain ASCII, one byte a column: worth not asking the Unicode tables. */
static gboolean
is_plain(const char *text, gsize *len)
{
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte >= 0x20 && *byte < 0x7f)
        byte++;
    *len = (gsize)(byte - (const unsigned char *)text);
    return *byte == '\0';
}

static void
begin(Out *out, Role role)
{
    if (out->colour && role != ROLE_PLAIN)
        g_string_append(out->buffer, sgr[role]);
}

static void
end(Out *out, Role role)
{
    if (out->colour && role != ROLE_PLAIN)
        g_string_append(out->buffer, "\033[0m");
    room(out);
}

void
out_text(Out *out, Role role, const char *text)
{
    gsize len;
    begin(out, role);
    if (is_plain(text ? text : "", &len)) {
        put(out, text ? text : "", len);
    } else {
        g_autofree char *safe = text_printable(text, -1, TEXT_LINE | out->ascii);
        g_string_append(out->buffer, safe);
    }
    end(out, role);
}

void
out_block(Out *out, int indent, const char *text)
{
    if (!text)
        return;
    g_autofree char *safe = text_printable(text, -1, TEXT_MULTILINE | out->ascii);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(safe), "\n", -1);
    for (char **line = lines; *line; line++) {
        g_string_append_printf(out->buffer, "%*s%s\n", **line ? indent : 0, "", *line);
        room(out);
    }
}

static void
pad(Out *out, int n)
{
    static const char blanks[] = "                                ";
    for (; n > 0; n -= (int)sizeof blanks - 1)
        put(out, blanks, (gsize)MIN(n, (int)sizeof blanks - 1));
}

void
out_cell(Out *out, Role role, int columns, const char *text)
{
    int want = ABS(columns), width;
    gsize len;
    g_autofree char *fitted = NULL;
    if (!text)
        text = "";
    if (is_plain(text, &len) && (len <= (gsize)want || !out->terminal)) {
        width = (int)len;
    } else {
        fitted = text_printable(text, -1, TEXT_LINE | out->ascii);
        if (out->terminal) {
            char *cut = text_ellipsize(fitted, want, TEXT_LINE | out->ascii);
            g_free(fitted);
            fitted = cut;
        }
        text = fitted;
        len = strlen(text);
        width = text_width(text);
    }
    begin(out, role);
    if (columns < 0)
        pad(out, want - width);
    put(out, text, len);
    if (columns > 0)
        pad(out, want - width);
    end(out, role);
}

void
out_field(Out *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    begin(out, ROLE_DIM);
    g_string_append_printf(out->buffer, "  %-*s", LABEL, label);
    end(out, ROLE_DIM);
    out_text(out, ROLE_PLAIN, text);
    out_line(out);
}

void
out_field_f(Out *out, const char *label, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    out_field(out, label, text);
}

void
out_line(Out *out)
{
    out_raw(out, "\n", 1);
}

/* A terminal gets nothing but printable text, also inside JSON. */
void
out_json(Out *out, cJSON *object)
{
    g_autofree char *text = json_print(object);
    cJSON_Delete(object);
    if (out->terminal) {
        out_text(out, ROLE_PLAIN, text);
    } else {
        out_raw(out, text, strlen(text));
    }
    out_line(out);
}
