/* http_url.c: the strict URL parser and the percent-encoding that all services share (RFC 3986). */
#include "net/http.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>
#include "base/error.h"
#include "base/text.h"

#define URL_MAX   8192
#define HOST_MAX  253
#define LABEL_MAX 63

static gboolean
url_error(GError **error, const char *why)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "not a well-formed URL: %s", why);
    return FALSE;
}

static gboolean
is_unreserved(unsigned char c)
{
    return g_ascii_isalnum(c) || strchr("-._~", c) != NULL;
}

/* pchar, '/' and '?' of RFC 3986 3.3-3.5, without '%', which check_part() reads itself. */
static gboolean
is_url_char(unsigned char c)
{
    return c != '\0' && (is_unreserved(c) || strchr("!$&'()*+,;=:@/?", c) != NULL);
}

/* Percent-escapes must be whole; %00 is no text that anybody means. */
static gboolean
check_part(const char *part, GError **error)
{
    for (const char *p = part; *p; p++) {
        if (*p == '%') {
            if (!g_ascii_isxdigit(p[1]) || !g_ascii_isxdigit(p[2]))
                return url_error(error, "'%' without two hexadecimal digits");
            if (p[1] == '0' && p[2] == '0')
                return url_error(error, "an encoded NUL");
            p += 2;
        } else if (!is_url_char((unsigned char)*p)) {
            return url_error(error, "a character that must be percent-encoded");
        }
    }
    return TRUE;
}

/* What no part of a URL may hold, said in words that fit. */
static gboolean
check_bytes(const char *text, GError **error)
{
    if (strlen(text) > URL_MAX)
        return url_error(error, "longer than 8192 bytes");
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            return url_error(error, "a control character");
        if (*p == ' ')
            return url_error(error, "a space");
        if (*p == '\\')
            return url_error(error, "a backslash");
        if (*p >= 0x80)
            return url_error(error, "a letter outside ASCII");
    }
    return TRUE;
}

static gboolean
check_label(const char *label, gsize len)
{
    if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
        return FALSE;
    for (gsize i = 0; i < len; i++) {
        if (!g_ascii_isalnum(label[i]) && label[i] != '-' && label[i] != '_')
            return FALSE;
    }
    return TRUE;
}

/* Names by labels. A name whose last label begins with a digit is an IPv4 address in some notation
 * to some resolvers (127.1, 0x7f.1, 2130706433): only the plain dotted quad is taken. */
static gboolean
check_name(const char *host, GError **error)
{
    const char *last = strrchr(host, '.');
    struct in_addr addr;

    if (strlen(host) > HOST_MAX)
        return url_error(error, "a host name longer than 253 bytes");
    for (const char *p = host;; p++) {
        gsize len = strcspn(p, ".");

        if (!check_label(p, len))
            return url_error(error, "a malformed host name");
        p += len;
        if (*p == '\0')
            break;
    }
    last = last ? last + 1 : host;
    if (g_ascii_isdigit(*last) && inet_pton(AF_INET, host, &addr) != 1)
        return url_error(error, "a malformed IPv4 address");
    return TRUE;
}

static gboolean
parse_port(HttpUrl *url, const char *digits, GError **error)
{
    gsize len = strlen(digits);
    long port = 0;

    for (gsize i = 0; i < len; i++) {
        if (!g_ascii_isdigit(digits[i]) || len > 5)
            return url_error(error, "a malformed port");
        port = port * 10 + (digits[i] - '0');
    }
    if (len > 0 && (port < 1 || port > 65535))
        return url_error(error, "a port outside 1 to 65535");
    if (len > 0)
        url->port = (int)port;
    return TRUE;
}

/* "[::1]:80" */
static gboolean
parse_ipv6(HttpUrl *url, const char *text, GError **error)
{
    const char *end = strchr(text, ']');
    g_autofree char *inner = NULL;
    struct in6_addr addr;
    char canonical[INET6_ADDRSTRLEN];

    if (end == NULL)
        return url_error(error, "'[' without ']'");
    inner = g_strndup(text + 1, (gsize)(end - text - 1));
    if (inet_pton(AF_INET6, inner, &addr) != 1 ||
        inet_ntop(AF_INET6, &addr, canonical, sizeof canonical) == NULL)
        return url_error(error, "a malformed IPv6 address");
    if (end[1] != '\0' && end[1] != ':')
        return url_error(error, "something after ']'");
    url->host = g_strdup(canonical);
    return end[1] == '\0' || parse_port(url, end + 2, error);
}

static gboolean
parse_authority(HttpUrl *url, const char *authority, GError **error)
{
    const char *at = strrchr(authority, '@');
    const char *hostport = at ? at + 1 : authority;
    const char *colon;
    gsize len;

    url->has_userinfo = at != NULL;
    if (at != NULL && memchr(authority, '@', (gsize)(at - authority)) != NULL)
        return url_error(error, "more than one '@' before the host");
    if (*hostport == '[')
        return parse_ipv6(url, hostport, error);
    colon = strchr(hostport, ':');
    len = colon ? (gsize)(colon - hostport) : strlen(hostport);
    if (len > 0 && hostport[len - 1] == '.')
        len--;
    if (len == 0)
        return url_error(error, "no host");
    url->host = g_ascii_strdown(hostport, (gssize)len);
    return check_name(url->host, error) && (colon == NULL || parse_port(url, colon + 1, error));
}

static const char *
parse_scheme(HttpUrl *url, const char *text, GError **error)
{
    static const struct {
        const char *name;
        int port;
    } schemes[] = {{"https", 443}, {"http", 80}};

    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
        gsize len = strlen(schemes[i].name);

        if (g_ascii_strncasecmp(text, schemes[i].name, len) == 0 &&
            strncmp(text + len, "://", 3) == 0) {
            url->scheme = g_strdup(schemes[i].name);
            url->port = schemes[i].port;
            return text + len + 3;
        }
    }
    url_error(error, "it does not begin with https:// or http://");
    return NULL;
}

/* "/path?query#fragment", each part optional. */
static gboolean
parse_rest(HttpUrl *url, const char *rest, GError **error)
{
    const char *hash = strchr(rest, '#');
    const char *end = hash ? hash : rest + strlen(rest);
    const char *mark = memchr(rest, '?', (gsize)(end - rest));
    const char *path_end = mark ? mark : end;

    url->path = path_end > rest ? g_strndup(rest, (gsize)(path_end - rest)) : g_strdup("/");
    if (mark != NULL)
        url->query = g_strndup(mark + 1, (gsize)(end - mark - 1));
    if (hash != NULL)
        url->fragment = g_strdup(hash + 1);
    return check_part(url->path, error) && (mark == NULL || check_part(url->query, error)) &&
           (hash == NULL || check_part(url->fragment, error));
}

static gboolean
parse_into(HttpUrl *url, const char *text, GError **error)
{
    const char *rest = parse_scheme(url, text, error);
    g_autofree char *authority = NULL;
    gsize len;

    if (rest == NULL)
        return FALSE;
    len = strcspn(rest, "/?#");
    authority = g_strndup(rest, len);
    return parse_authority(url, authority, error) && parse_rest(url, rest + len, error);
}

HttpUrl *
http_url_parse(const char *text, GError **error)
{
    HttpUrl *url;

    if (!check_bytes(text, error))
        return NULL;
    url = g_new0(HttpUrl, 1);
    if (parse_into(url, text, error))
        return url;
    http_url_free(url);
    return NULL;
}

void
http_url_free(HttpUrl *url)
{
    if (url == NULL)
        return;
    g_free(url->scheme);
    g_free(url->host);
    g_free(url->path);
    g_free(url->query);
    g_free(url->fragment);
    g_free(url);
}

/* One name or value of a query: '+' is a space (WHATWG form encoding, which browsers write). */
static char *
decode_query(const char *text, gsize len)
{
    GString *out = g_string_sized_new(len);

    for (gsize i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(text[i + 1]) * 16 +
                                          g_ascii_xdigit_value(text[i + 2])));
            i += 2;
        } else {
            g_string_append_c(out, text[i] == '+' ? ' ' : text[i]);
        }
    }
    return g_string_free(out, FALSE);
}

char *
http_url_query(const HttpUrl *url, const char *name)
{
    const char *p = url->query;

    while (p != NULL && *p) {
        gsize len = strcspn(p, "&");
        const char *eq = memchr(p, '=', len);
        gsize name_len = eq ? (gsize)(eq - p) : len;
        g_autofree char *key = decode_query(p, name_len);

        if (strcmp(key, name) == 0)
            return eq ? decode_query(eq + 1, len - name_len - 1) : g_strdup("");
        p += len;
        if (*p == '&')
            p++;
    }
    return NULL;
}

gboolean
http_url_same_origin(const HttpUrl *a, const HttpUrl *b)
{
    return a->port == b->port && strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0;
}

char *
http_encode(const char *text)
{
    GString *out = g_string_sized_new(3 * strlen(text) + 1);

    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (is_unreserved(*p))
            g_string_append_c(out, (char)*p);
        else
            g_string_append_printf(out, "%%%02X", *p);
    }
    return g_string_free(out, FALSE);
}

/* Bytes that the longest encoding of all pairs takes. */
static gsize
form_size(const char *name, va_list args)
{
    gsize size = 1;

    for (; name != NULL; name = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);

        size += 3 * (strlen(name) + strlen(value ? value : "")) + 2;
    }
    return size;
}

char *
http_form(const char *name, ...)
{
    va_list args;

    va_start(args, name);
    GString *out = g_string_sized_new(form_size(name, args)); /* never moves: it may hold secrets */
    va_end(args);
    va_start(args, name);
    while (name != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): false when files share a run */
        const char *value = va_arg(args, const char *);

        if (value != NULL) {
            g_autofree char *key = http_encode(name);
            char *encoded = http_encode(value);

            /* Not by printf, which leaves what it wrote on the stack. */
            if (out->len > 0)
                g_string_append_c(out, '&');
            g_string_append(out, key);
            g_string_append_c(out, '=');
            g_string_append(out, encoded);
            text_wipe_free(encoded);
        }
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
        name = va_arg(args, const char *);
    }
    va_end(args);
    return g_string_free(out, FALSE);
}
