# themes: how each meaning looks; read at run time.
nobase_dist_pkgdata_DATA += themes/default.theme themes/deuteranopia.theme themes/gruvbox.theme \
	themes/high-contrast.theme themes/light.theme themes/mono.theme themes/nord.theme \
	themes/solarized-dark.theme themes/solarized-light.theme themes/tritanopia.theme
