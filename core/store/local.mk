noinst_LIBRARIES += core/libstore.a
core_libstore_a_SOURCES = \
	core/store/model.c core/store/model.h \
	core/store/store.c core/store/store.h \
	core/store/sql.c core/store/sql.h \
	core/store/table.c core/store/table.h \
	core/store/fault.c \
	core/store/access.c core/store/access.h \
	core/store/schema.c core/store/schema_v2.c core/store/schema_v3.c core/store/schema.h \
	core/store/counts.c core/store/counts.h \
	core/store/search.c core/store/search.h \
	core/store/claims.c \
	core/store/request_fields.c core/store/request_fields.h \
	core/store/filter.c core/store/filter_terms.c core/store/filter.h \
	core/store/requests.c \
	core/store/runs.c \
	core/store/posts.c \
	core/store/reviews.c \
	core/store/evidence.c core/store/evidence_past.c core/store/evidence.h \
	core/store/events.c core/store/events.h \
	core/store/passes.c \
	core/store/lease.c core/store/lease.h \
	core/store/backup.c core/store/backup.h \
	core/store/restore.c \
	core/store/whole.c \
	core/store/processed.c \
	core/store/verify.c core/store/verify_evidence.c core/store/verify_schema.c core/store/verify.h \
	core/store/stats.c
EXTRA_DIST += docs/state.md
