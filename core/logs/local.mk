# core/logs: log lines from files, pipes and the store: read, merged, selected, searched.
noinst_LIBRARIES += core/liblogs.a
core_liblogs_a_SOURCES = \
	core/logs/entry.h \
	core/logs/file.c core/logs/file.h \
	core/logs/group.c core/logs/group.h \
	core/logs/index.c core/logs/index.h \
	core/logs/merge.c core/logs/merge.h \
	core/logs/needle.c core/logs/needle.h \
	core/logs/record.c core/logs/record.h core/logs/record_private.h \
	core/logs/record_json.c core/logs/record_time.c \
	core/logs/scan.c \
	core/logs/select.c core/logs/select.h \
	core/logs/source.c core/logs/source.h core/logs/source_private.h \
	core/logs/source_file.c core/logs/source_store.c
