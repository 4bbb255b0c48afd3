# tests/interop

# Against real peers; see tests/interop/README.md. Built on demand: make interop-programs.
EXTRA_PROGRAMS += tests/interop/interop_warehouse
tests_interop_interop_warehouse_SOURCES = tests/interop/interop_warehouse.c \
	tests/interop/interop_report.c tests/interop/interop_report.h
tests_interop_interop_warehouse_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/interop
tests_interop_interop_warehouse_LDADD = core/libcalc.a $(LIB_SERVICES) $(ENGINE_LIBS) -lm
EXTRA_PROGRAMS += tests/interop/interop_prism
tests_interop_interop_prism_SOURCES = tests/interop/interop_prism.c
tests_interop_interop_prism_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
interop-programs: tests/interop/interop_warehouse$(EXEEXT) tests/interop/interop_prism$(EXEEXT)
EXTRA_DIST += tests/interop/run tests/interop/README.md tests/interop/TrinoPeer.java \
	tests/interop/trino-peer.pom.xml tests/interop/prism_patch.js
.PHONY: interop-programs
