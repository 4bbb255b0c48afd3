# Unit tests of core/net.
if TESTS
check_PROGRAMS += tests/unit/net/test_http
tests_unit_net_test_http_SOURCES = tests/unit/net/test_http.c \
	tests/unit/net/fake_http.c tests/unit/net/fake_http.h
tests_unit_net_test_http_CFLAGS = $(TEST_CFLAGS)
tests_unit_net_test_http_LDADD = $(LIB_NET) $(CURL_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/net/test_http

check_PROGRAMS += tests/unit/net/test_memory
tests_unit_net_test_memory_SOURCES = tests/unit/net/test_memory.c \
	tests/unit/net/fake_http.c tests/unit/net/fake_http.h
tests_unit_net_test_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_net_test_memory_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/net/test_memory

check_PROGRAMS += tests/unit/net/test_url
tests_unit_net_test_url_SOURCES = tests/unit/net/test_url.c
tests_unit_net_test_url_CFLAGS = $(TEST_CFLAGS)
tests_unit_net_test_url_LDADD = $(LIB_NET) $(CURL_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/net/test_url
endif
