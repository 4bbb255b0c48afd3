/* curl_memory.c: what libcurl frees or outgrows is wiped first. */
#include "net/curl_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void
curl_memory_free(void *block)
{
    if (block == NULL)
        return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

void *
curl_memory_realloc(void *block, size_t size)
{
    size_t have = block ? malloc_usable_size(block) : 0;
    void *larger;

    if (block != NULL && size <= have)
        return block;
    larger = malloc(size);
    if (larger != NULL && block != NULL) {
        memcpy(larger, block, have);
        curl_memory_free(block);
    }
    return larger;
}
