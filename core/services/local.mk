noinst_LIBRARIES += core/libservices.a
core_libservices_a_SOURCES =
