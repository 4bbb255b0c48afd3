# tests/interop

# Against real peers; see tests/interop/README.md. Built on demand: make interop-programs.
EXTRA_PROGRAMS += tests/interop/interop_warehouse
tests_interop_interop_warehouse_SOURCES = tests/interop/interop_warehouse.c \
	tests/interop/interop_report.c tests/interop/interop_report.h
tests_interop_interop_warehouse_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/interop
tests_interop_interop_warehouse_LDADD = core/libcalc.a $(LIB_SERVICES) $(ENGINE_LIBS) -lm
interop-programs: tests/interop/interop_warehouse$(EXEEXT)
.PHONY: interop-programs
