# Unit tests of core/engine.
