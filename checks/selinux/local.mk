# checks/selinux/local.mk
checks_LTLIBRARIES += %D%/selinux.la
%C%_selinux_la_SOURCES = %D%/containers.c %D%/context.c %D%/context.h %D%/node.c %D%/plugin.c %D%/policy.c %D%/policy.h
%C%_selinux_la_CFLAGS = $(hf_plugin_cc) $(SELINUX_CFLAGS)
%C%_selinux_la_LDFLAGS = $(hf_plugin_link)
%C%_selinux_la_LIBADD = libholdfast.la $(SELINUX_LIBS)
