# checks/container/local.mk
checks_LTLIBRARIES += %D%/container.la
%C%_container_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h \
	%D%/declared.c %D%/entered.c %D%/image.c %D%/login.c %D%/ports.c %D%/privileged.c %D%/publish.c
%C%_container_la_CFLAGS = $(hf_plugin_cc)
%C%_container_la_LDFLAGS = $(hf_plugin_link)
%C%_container_la_LIBADD = libholdfast.la
