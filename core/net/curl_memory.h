/* curl_memory.h: memory for libcurl that is wiped when it is given back: it holds requests with
 * their credentials (CURLOPT_HTTPHEADER and CURLOPT_POSTFIELDS are copied into what it sends). */
#ifndef NET_CURL_MEMORY_H
#define NET_CURL_MEMORY_H

#include <stddef.h>

/* For curl_global_init_mem(); malloc(), strdup() and calloc() go with them. free(NULL) is nothing;
 * realloc never shrinks. Not for blocks of another allocator. */
void curl_memory_free(void *block);
void *curl_memory_realloc(void *block, size_t size);

#endif
