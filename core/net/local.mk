noinst_LIBRARIES += core/libnet.a
core_libnet_a_SOURCES =
