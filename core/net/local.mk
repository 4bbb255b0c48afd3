noinst_LIBRARIES += core/libnet.a
core_libnet_a_SOURCES = \
	core/net/curl_api.c \
	core/net/curl_api.h \
	core/net/curl_memory.c \
	core/net/curl_memory.h \
	core/net/http.c \
	core/net/http.h \
	core/net/http_url.c \
	core/net/wire.c \
	core/net/wire.h
