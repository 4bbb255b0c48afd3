/* curl_api.c: finds libcurl at run time and hands our calls on to it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "net/curl_api.h"

#ifndef CURL_SONAME /* linked as usual */

gboolean
curl_api_load(GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

#else

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"

/* Macros in front of the functions of the same name. */
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt
#undef curl_share_setopt

#define FUNCTIONS(X)                                                                               \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_init)                                                                              \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_strerror)                                                                          \
    X(curl_getdate)                                                                                \
    X(curl_global_init_mem)                                                                        \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_init)                                                                             \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_wakeup)                                                                           \
    X(curl_share_cleanup)                                                                          \
    X(curl_share_init)                                                                             \
    X(curl_share_setopt)                                                                           \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

/* Written once, under the lock of g_once(), and read only afterwards. */
#define MEMBER(name) __typeof__(name) *name; /* NOLINT(bugprone-macro-parentheses) */
static struct {
    FUNCTIONS(MEMBER)
} api;

#define PLACE(name) {#name, G_STRUCT_OFFSET(__typeof__(api), name)},
static const struct {
    const char *name;
    gsize offset;
} places[] = {FUNCTIONS(PLACE)};

/* What went wrong, NULL: nothing. Kept for ever. */
static gpointer
load(gpointer unused G_GNUC_UNUSED)
{
    void *library = dlopen(CURL_SONAME, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return g_strdup(dlerror());
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        void *function = dlsym(library, places[i].name);
        if (!function)
            return g_strdup(dlerror());
        memcpy((char *)&api + places[i].offset, &function, sizeof function);
    }
    return NULL;
}

gboolean
curl_api_load(GError **error)
{
    static GOnce once = G_ONCE_INIT;
    const char *failure = g_once(&once, load, NULL);
    if (!failure)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "libcurl could not be loaded: %s; install the package that has %s", failure,
                CURL_SONAME);
    return FALSE;
}

/* ---- libcurl's functions ---- */

/* NOLINTBEGIN(bugprone-branch-clone): the branches differ in the type that they take */

CURL *
curl_easy_init(void)
{
    return api.curl_easy_init();
}

void
curl_easy_cleanup(CURL *easy)
{
    api.curl_easy_cleanup(easy);
}

const char *
curl_easy_strerror(CURLcode code)
{
    return api.curl_easy_strerror(code);
}

/* CURLOPT_: the thousands of an option tell the type of its value (curl.h, CURLOPTTYPE_). */
CURLcode
curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list values;
    CURLcode code;
    va_start(values, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = api.curl_easy_setopt(easy, option, va_arg(values, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = api.curl_easy_setopt(easy, option, va_arg(values, curl_off_t));
    else
        code = api.curl_easy_setopt(easy, option, va_arg(values, void *));
    va_end(values);
    return code;
}

CURLcode
curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    va_list values;
    va_start(values, info);
    CURLcode code = api.curl_easy_getinfo(easy, info, va_arg(values, void *));
    va_end(values);
    return code;
}

CURLcode
curl_global_init_mem(long flags, curl_malloc_callback m, curl_free_callback f,
                     curl_realloc_callback r, curl_strdup_callback s, curl_calloc_callback c)
{
    return api.curl_global_init_mem(flags, m, f, r, s, c);
}

time_t
curl_getdate(const char *text, const time_t *unused)
{
    return api.curl_getdate(text, unused);
}

CURLM *
curl_multi_init(void)
{
    return api.curl_multi_init();
}

CURLMcode
curl_multi_cleanup(CURLM *multi)
{
    return api.curl_multi_cleanup(multi);
}

CURLMcode
curl_multi_add_handle(CURLM *multi, CURL *easy)
{
    return api.curl_multi_add_handle(multi, easy);
}

CURLMcode
curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
    return api.curl_multi_remove_handle(multi, easy);
}

CURLMcode
curl_multi_perform(CURLM *multi, int *running)
{
    return api.curl_multi_perform(multi, running);
}

CURLMcode
curl_multi_poll(CURLM *multi, struct curl_waitfd fds[], unsigned int n, int timeout, int *ready)
{
    return api.curl_multi_poll(multi, fds, n, timeout, ready);
}

CURLMcode
curl_multi_wakeup(CURLM *multi)
{
    return api.curl_multi_wakeup(multi);
}

CURLMsg *
curl_multi_info_read(CURLM *multi, int *left)
{
    return api.curl_multi_info_read(multi, left);
}

CURLMcode
curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    va_list values;
    CURLMcode code;
    va_start(values, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT)
        code = api.curl_multi_setopt(multi, option, va_arg(values, long));
    else
        code = api.curl_multi_setopt(multi, option, va_arg(values, void *));
    va_end(values);
    return code;
}

CURLSH *
curl_share_init(void)
{
    return api.curl_share_init();
}

CURLSHcode
curl_share_cleanup(CURLSH *share)
{
    return api.curl_share_cleanup(share);
}

CURLSHcode
curl_share_setopt(CURLSH *share, CURLSHoption option, ...)
{
    va_list values;
    CURLSHcode code;
    va_start(values, option);
    if (option == CURLSHOPT_SHARE || option == CURLSHOPT_UNSHARE)
        code = api.curl_share_setopt(share, option, va_arg(values, int));
    else
        code = api.curl_share_setopt(share, option, va_arg(values, void *));
    va_end(values);
    return code;
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *text)
{
    return api.curl_slist_append(list, text);
}

void
curl_slist_free_all(struct curl_slist *list)
{
    api.curl_slist_free_all(list);
}

/* NOLINTEND(bugprone-branch-clone) */

#endif
