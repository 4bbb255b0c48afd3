/* curl_api.h: libcurl, loaded when the first service is used.
 *
 * libcurl brings some thirty libraries with it, and loading them is most of what a start costs:
 * `list`, `show` or the console's first frame never need them. curl_api.c defines the functions of
 * libcurl that we call, with libcurl's own prototypes, and each goes on to the library. Callers
 * include <curl/curl.h> as always. ./configure --disable-lazy-curl links it as usual. */
#ifndef NET_CURL_API_H
#define NET_CURL_API_H

#include <glib.h>

/* To be called before any function of libcurl; any thread, any number of times. ERR_CONFIG says why
 * the library can't be loaded. It stays loaded. */
gboolean curl_api_load(GError **error);

#endif
