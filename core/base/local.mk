noinst_LIBRARIES += core/libbase.a
core_libbase_a_SOURCES =
