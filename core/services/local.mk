noinst_LIBRARIES += core/libservices.a
core_libservices_a_SOURCES =
core_libservices_a_SOURCES += \
	core/services/sql_guard.c core/services/sql_guard.h core/services/sql_guard_token.c \
	core/services/trino_cell.c core/services/trino_cell.h \
	core/services/trino_error.c core/services/trino_error.h \
	core/services/trino_page.c core/services/trino_page.h \
	core/services/warehouse.c core/services/warehouse.h core/services/warehouse_driver.h \
	core/services/warehouse_deadline.c core/services/warehouse_deadline.h \
	core/services/warehouse_sqlite.c core/services/warehouse_trino.c
core_libservices_a_SOURCES += \
	core/services/link.c core/services/link.h core/services/link_extract.c \
	core/services/looker.c core/services/looker.h core/services/looker_private.h \
	core/services/looker_fetch.c core/services/looker_sql.c \
	core/services/slack.c core/services/slack.h core/services/slack_private.h \
	core/services/slack_error.c core/services/slack_post.c core/services/slack_read.c
