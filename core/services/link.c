/* link.c: one URL: is it a link to the configured Looker, and to what. */
#include "services/link.h"

#include <string.h>
#include "net/http.h"

#define REF_MAX 128

static const struct {
    LinkKind kind;
    const char *name;
} kinds[] = {
    {LINK_NONE, "none"},           {LINK_LOOK, "look"}, {LINK_SLUG, "slug"},
    {LINK_DASHBOARD, "dashboard"}, {LINK_SQL, "sql"},   {LINK_OTHER, "other"},
};

const char *
link_kind_name(LinkKind kind)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].kind == kind)
            return kinds[i].name;
    }
    return "none";
}

gboolean
link_kind_parse(const char *name, LinkKind *kind)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *kind = kinds[i].kind;
            return TRUE;
        }
    }
    return FALSE;
}

void
link_free(Link *link)
{
    if (link == NULL)
        return;
    g_free(link->url);
    g_free(link->ref);
    g_free(link);
}

/* ---- reading the URL ---- */

/* Looker's own address bar writes f[view.field]= and people's filters raw; only the host, the path
 * and qid decide, so what is loose after the '?' is encoded before the strict parser sees it. */
static char *
encode_loose_query(const char *url)
{
    gsize head = strcspn(url, "?#");
    GString *out = g_string_new_len(url, (gssize)head);

    for (const unsigned char *p = (const unsigned char *)url + head; *p; p++) {
        if (*p >= 0x80 || strchr("[]{}|^`\"<>", *p) != NULL)
            g_string_append_printf(out, "%%%02X", *p);
        else if (*p == '#' && memchr(out->str, '#', out->len) != NULL)
            g_string_append(out, "%23");
        else
            g_string_append_c(out, (char)*p);
    }
    return g_string_free(out, FALSE);
}

static gboolean
host_has_foreign_letters(const char *url)
{
    const char *host = strstr(url, "//");
    gsize len = host ? strcspn(host + 2, "/?#") : 0;

    for (gsize i = 0; i < len; i++) {
        if ((unsigned char)host[2 + i] >= 0x80)
            return TRUE;
    }
    return FALSE;
}

static HttpUrl *
parse_url(const char *text, char **why)
{
    g_autofree char *url = NULL;
    g_autoptr(GError) error = NULL;
    HttpUrl *parsed;

    if (host_has_foreign_letters(text)) {
        *why = g_strdup("letters outside ASCII in the host name (a look-alike?)");
        return NULL;
    }
    url = encode_loose_query(text);
    parsed = http_url_parse(url, &error);
    if (parsed == NULL)
        *why = g_strdup(error->message);
    return parsed;
}

/* ---- is it ours? ---- */

static gboolean
has_default_port(const HttpUrl *url)
{
    return url->port == (strcmp(url->scheme, "https") == 0 ? 443 : 80);
}

static char *
explain_host(const HttpUrl *url, const HttpUrl *base)
{
    const char *host = url->host;
    const char *dot = strrchr(host, '.');

    if (strchr(host, ':') != NULL || g_ascii_isdigit(dot ? dot[1] : host[0]))
        return g_strdup_printf("an IP address (%s), not %s", host, base->host);
    if (g_str_has_prefix(host, "xn--") || strstr(host, ".xn--") != NULL)
        return g_strdup_printf("a look-alike in encoded letters (%s), not %s", host, base->host);
    if (strstr(host, base->host) != NULL)
        return g_strdup_printf("a look-alike (%s), not %s", host, base->host);
    return g_strdup_printf("another host (%s)", host);
}

/* NULL: it is the configured Looker. http:// counts, only its id is used. */
static char *
explain_origin(const HttpUrl *url, const HttpUrl *base)
{
    if (url->has_userinfo)
        return g_strdup_printf("a user name before the host (%s)", url->host);
    if (strcmp(url->host, base->host) != 0)
        return explain_host(url, base);
    if (url->port != base->port && !(has_default_port(url) && has_default_port(base)))
        return g_strdup_printf("another port (%d) of %s", url->port, url->host);
    return NULL;
}

/* ---- to what? ---- */

static char *
decode_segment(const char *segment)
{
    char *decoded = g_uri_unescape_string(segment, NULL);

    if (decoded != NULL && g_utf8_validate(decoded, -1, NULL))
        return decoded;
    g_free(decoded);
    return NULL;
}

/* Decoded segments of the path, without empty ones at the end; NULL with *why for tricks. */
static char **
split_path(const char *path, char **why)
{
    g_auto(GStrv) raw = g_strsplit(path + 1, "/", -1);
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; raw[i] != NULL && *why == NULL; i++) {
        char *segment = decode_segment(raw[i]);

        if (segment == NULL)
            *why = g_strdup("a path that is not text");
        else if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
            *why = g_strdup("'.' or '..' in the path");
        else if (strpbrk(segment, "/\\") != NULL)
            *why = g_strdup("an encoded slash in the path");
        else if (*segment == '\0' && raw[i + 1] != NULL)
            *why = g_strdup("an empty part in the path");
        if (segment != NULL && *segment != '\0')
            g_ptr_array_add(out, segment);
        else
            g_free(segment);
    }
    g_ptr_array_add(out, NULL);
    if (*why == NULL)
        return (char **)g_ptr_array_free(out, FALSE);
    g_ptr_array_unref(out);
    return NULL;
}

/* The segments behind the base's own path prefix; NULL when the prefix is another. */
static char **
after_prefix(char **segments, const HttpUrl *base)
{
    g_auto(GStrv) prefix = g_strsplit(base->path + 1, "/", -1);

    for (guint i = 0; prefix[i] != NULL; i++) {
        if (*prefix[i] == '\0')
            continue;
        if (*segments == NULL || strcmp(*segments, prefix[i]) != 0)
            return NULL;
        segments++;
    }
    return segments;
}

typedef enum { REF_NUMBER, REF_SLUG, REF_DASHBOARD } RefShape;

static gboolean
ref_fits(const char *ref, RefShape shape)
{
    gsize len = ref ? strlen(ref) : 0;

    if (len == 0 || len > (shape == REF_NUMBER ? 18 : REF_MAX))
        return FALSE;
    for (gsize i = 0; i < len; i++) {
        gboolean fits = shape == REF_NUMBER
                            ? g_ascii_isdigit(ref[i])
                            : g_ascii_isalnum(ref[i]) ||
                                  (shape == REF_DASHBOARD && strchr("_-:.", ref[i]) != NULL);

        if (!fits)
            return FALSE;
    }
    return TRUE;
}

/* Forms from the facts in protocols.md 2; count is the number of segments. */
static const struct {
    const char *first;
    guint count;
    LinkKind kind;
    RefShape shape;
    gboolean by_qid;     /* ref is the query parameter qid, else the second segment */
    gboolean embed_only; /* only behind /embed */
} forms[] = {
    {"looks", 2, LINK_LOOK, REF_NUMBER, FALSE, FALSE},
    {"x", 2, LINK_SLUG, REF_SLUG, FALSE, FALSE},
    {"explore", 3, LINK_SLUG, REF_SLUG, TRUE, FALSE},
    {"query", 3, LINK_SLUG, REF_SLUG, TRUE, TRUE},
    {"dashboards", 2, LINK_DASHBOARD, REF_DASHBOARD, FALSE, FALSE},
    {"dashboards-next", 2, LINK_DASHBOARD, REF_DASHBOARD, FALSE, FALSE},
    {"dashboards-legacy", 2, LINK_DASHBOARD, REF_DASHBOARD, FALSE, FALSE},
    {"sql", 2, LINK_SQL, REF_SLUG, FALSE, FALSE},
};

/* However the name is written: which of two counts is not for us to choose. */
static gboolean
has_two_qids(const HttpUrl *url)
{
    g_auto(GStrv) pairs = g_strsplit(url->query ? url->query : "", "&", -1);
    guint count = 0;

    for (guint i = 0; pairs[i] != NULL; i++) {
        g_autofree char *name =
            g_uri_unescape_segment(pairs[i], pairs[i] + strcspn(pairs[i], "="), NULL);

        count += g_strcmp0(name, "qid") == 0;
    }
    return count > 1;
}

static void
classify(const HttpUrl *url, char **segments, Link *link)
{
    gboolean embed = segments[0] != NULL && strcmp(segments[0], "embed") == 0;
    char **parts = segments + (embed ? 1 : 0);
    guint count = g_strv_length(parts);

    link->kind = LINK_OTHER;
    for (gsize i = 0; i < G_N_ELEMENTS(forms) && count > 0; i++) {
        g_autofree char *ref = NULL;

        if (strcmp(parts[0], forms[i].first) != 0 || count != forms[i].count ||
            (forms[i].embed_only && !embed))
            continue;
        if (forms[i].by_qid && has_two_qids(url))
            continue;
        ref = forms[i].by_qid ? http_url_query(url, "qid") : g_strdup(parts[1]);
        if (!ref_fits(ref, forms[i].shape))
            continue;
        link->kind = forms[i].kind;
        link->ref = g_steal_pointer(&ref);
        return;
    }
}

static Link *
parse_ours(const char *text, const HttpUrl *url, const HttpUrl *base, char **why)
{
    g_auto(GStrv) segments = NULL;
    char **rest;
    Link *link;

    *why = explain_origin(url, base);
    if (*why != NULL)
        return NULL;
    segments = split_path(url->path, why);
    if (segments == NULL)
        return NULL;
    rest = after_prefix(segments, base);
    if (rest == NULL) {
        *why = g_strdup_printf("outside %s", base->path);
        return NULL;
    }
    link = g_new0(Link, 1);
    link->url = g_strdup(text);
    classify(url, rest, link);
    return link;
}

Link *
link_parse(const char *url, const char *looker_base, char **why)
{
    g_autoptr(HttpUrl) base = http_url_parse(looker_base, NULL);
    g_autoptr(HttpUrl) parsed = NULL;
    g_autofree char *reason = NULL;
    Link *link = NULL;

    if (base == NULL)
        reason = g_strdup("the configured Looker address is not a URL ([looker] base_url)");
    else
        parsed = parse_url(url, &reason);
    if (parsed != NULL)
        link = parse_ours(url, parsed, base, &reason);
    if (link == NULL && why != NULL)
        *why = g_steal_pointer(&reason);
    return link;
}
