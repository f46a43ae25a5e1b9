# checks/cgroup/local.mk
checks_LTLIBRARIES += %D%/cgroup.la
%C%_cgroup_la_SOURCES = %D%/plugin.c %D%/common.c %D%/common.h \
	%D%/ceiling.c %D%/drift.c %D%/limits.c %D%/node.c %D%/placement.c %D%/reach.c
%C%_cgroup_la_CFLAGS = $(hf_plugin_cc)
%C%_cgroup_la_LDFLAGS = $(hf_plugin_link)
%C%_cgroup_la_LIBADD = libholdfast.la
