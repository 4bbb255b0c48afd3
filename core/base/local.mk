noinst_LIBRARIES += core/libbase.a
core_libbase_a_SOURCES = \
	core/base/cancel.c core/base/cancel.h \
	core/base/clock.c core/base/clock.h \
	core/base/config.c core/base/config.h core/base/config_internal.h \
	core/base/config_env.c core/base/config_keys.c core/base/config_show.c \
	core/base/config_value.c \
	core/base/digits.h \
	core/base/error.c core/base/error.h \
	core/base/failpoint.c core/base/failpoint.h \
	core/base/json.c core/base/json.h \
	core/base/log.c core/base/log.h \
	core/base/money.c core/base/money.h \
	core/base/outfile.c core/base/outfile.h \
	core/base/query.c core/base/query.h core/base/query_internal.h \
	core/base/query_complete.c core/base/query_range.c \
	core/base/text.c core/base/text.h core/base/text_escape.c
