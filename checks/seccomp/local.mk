# checks/seccomp/local.mk
checks_LTLIBRARIES += %D%/seccomp.la
%C%_seccomp_la_SOURCES = %D%/abi.c %D%/arguments.c %D%/compare.c %D%/families.c %D%/judge.c %D%/judge.h \
	%D%/node.c %D%/plugin.c %D%/profiles.c %D%/tasks.c
%C%_seccomp_la_CFLAGS = $(hf_plugin_cc)
%C%_seccomp_la_LDFLAGS = $(hf_plugin_link)
%C%_seccomp_la_LIBADD = libholdfast.la
