# checks/daemon/local.mk
checks_LTLIBRARIES += %D%/daemon.la
%C%_daemon_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h \
	%D%/access.c %D%/authorization.c %D%/config.c %D%/isolation.c %D%/logging.c %D%/network.c \
	%D%/privileges.c %D%/publish.c %D%/registry.c %D%/resources.c %D%/storage.c \
	%D%/users.c
%C%_daemon_la_CFLAGS = $(hf_plugin_cc)
%C%_daemon_la_LDFLAGS = $(hf_plugin_link)
%C%_daemon_la_LIBADD = libholdfast.la
