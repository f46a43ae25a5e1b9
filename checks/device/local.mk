# checks/device/local.mk
checks_LTLIBRARIES += %D%/device.la
%C%_device_la_SOURCES = %D%/plugin.c %D%/common.c %D%/common.h \
	%D%/classes.c %D%/filter.c %D%/making.c %D%/nodes.c %D%/specs.c
%C%_device_la_CFLAGS = $(hf_plugin_cc)
%C%_device_la_LDFLAGS = $(hf_plugin_link)
%C%_device_la_LIBADD = libholdfast.la
