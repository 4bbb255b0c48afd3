# keys: presets of keys, in the language of [keys]; read at run time.
nobase_dist_pkgdata_DATA += keys/vi.keys keys/emacs.keys
