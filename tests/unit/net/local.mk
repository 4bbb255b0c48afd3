# Unit tests of core/net.
