# checks/network/local.mk
checks_LTLIBRARIES += %D%/network.la
%C%_network_la_SOURCES = %D%/plugin.c %D%/common.c %D%/common.h \
	%D%/bridge.c %D%/cni.c %D%/exposed.c %D%/filter.c %D%/forward.c %D%/inside.c %D%/listeners.c \
	%D%/metadata.c %D%/publish.c %D%/routing.c %D%/settings.c
%C%_network_la_CFLAGS = $(hf_plugin_cc)
%C%_network_la_LDFLAGS = $(hf_plugin_link)
%C%_network_la_LIBADD = libholdfast.la
