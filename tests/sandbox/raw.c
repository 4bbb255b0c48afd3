/* raw.c: the answer of a service as a broken or hostile server would put it on the wire. */
#include "config.h"
#include "raw.h"

#include <string.h>

#define HEADER_BYTES (1 << 20)

static void
head(GString *out, const char *version, const Answer *answer, const char *more)
{
    g_string_append_printf(out, "%s %u Said\r\nContent-Type: %s\r\n%s\r\n", version, answer->status,
                           answer->type ? answer->type : "text/plain", more);
}

static void
whole(GString *out, const Answer *answer)
{
    g_string_append_len(out, answer->body->str, (gssize)answer->body->len);
}

/* As old proxies answer: no length, the end of the connection ends the body. */
static void
http10(GString *out, const Answer *answer)
{
    head(out, "HTTP/1.0", answer, "");
    whole(out, answer);
}

static void
bad_chunks(GString *out, const Answer *answer)
{
    head(out, "HTTP/1.1", answer, "Transfer-Encoding: chunked\r\n");
    g_string_append(out, "zz;\r\n");
    whole(out, answer);
    g_string_append(out, "\r\n-1\r\n\r\n");
}

static void
length_off_by(GString *out, const Answer *answer, gssize by)
{
    g_autofree char *length =
        g_strdup_printf("Content-Length: %" G_GSSIZE_FORMAT "\r\nConnection: close\r\n",
                        MAX((gssize)answer->body->len + by, 1));
    head(out, "HTTP/1.1", answer, length);
    whole(out, answer);
}

static void
long_length(GString *out, const Answer *answer)
{
    length_off_by(out, answer, 100);
}

static void
short_length(GString *out, const Answer *answer)
{
    length_off_by(out, answer, -(gssize)(answer->body->len / 2));
}

/* Said to be compressed, which nobody asked for; the bytes are a deflated stream's beginning. */
static void
gzip(GString *out, const Answer *answer)
{
    static const guchar bomb[] = {0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xec, 0xc1, 0x01};
    head(out, "HTTP/1.1", answer, "Content-Encoding: gzip\r\nConnection: close\r\n");
    g_string_append_len(out, (const char *)bomb, sizeof bomb);
    for (guint i = 0; i < 100000; i++)
        g_string_append_len(out, "\0\0\0\x80", 4);
}

static void
big_header(GString *out, const Answer *answer)
{
    g_autofree char *filler = g_strnfill(HEADER_BYTES, 'x');
    g_autofree char *line = g_strdup_printf("X-Filler: %s\r\nConnection: close\r\n", filler);
    head(out, "HTTP/1.1", answer, line);
    whole(out, answer);
}

static void
not_http(GString *out, const Answer *answer)
{
    (void)answer;
    g_string_append(out, "SSH-2.0-OpenSSH_9.2\r\n");
}

static const struct {
    const char *kind;
    void (*make)(GString *out, const Answer *answer);
} kinds[] = {
    {"bad_chunks", bad_chunks},
    {"big_header", big_header},
    {"gzip", gzip},
    {"http10", http10},
    {"long_length", long_length},
    {"not_http", not_http},
    {"short_length", short_length},
};

GString *
raw_make(const char *kind, const Answer *answer)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0)
            continue;
        GString *out = g_string_new(NULL);
        kinds[i].make(out, answer);
        return out;
    }
    return NULL;
}
