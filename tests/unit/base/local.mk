# Unit tests of core/base.
