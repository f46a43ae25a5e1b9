# checks/namespace/local.mk
checks_LTLIBRARIES += %D%/namespace.la
%C%_namespace_la_SOURCES = %D%/drift.c %D%/host.c %D%/limits.c %D%/membership.c %D%/nested.c %D%/plugin.c \
	%D%/shared.c %D%/spaces.c %D%/spaces.h %D%/subids.c %D%/user.c
%C%_namespace_la_CFLAGS = $(hf_plugin_cc)
%C%_namespace_la_LDFLAGS = $(hf_plugin_link)
%C%_namespace_la_LIBADD = libholdfast.la
