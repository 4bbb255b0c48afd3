noinst_LIBRARIES += core/libcalc.a
core_libcalc_a_SOURCES =
