noinst_LIBRARIES += core/libengine.a
core_libengine_a_SOURCES =
