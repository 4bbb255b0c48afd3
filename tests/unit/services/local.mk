# Unit tests of core/services.
