# themes: how each meaning looks; read at run time.
nobase_dist_pkgdata_DATA += themes/default.theme themes/light.theme themes/high-contrast.theme \
	themes/mono.theme
