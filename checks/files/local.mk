# checks/files/local.mk
checks_LTLIBRARIES += %D%/files.la
%C%_files_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h %D%/lists.c \
	%D%/units.c %D%/config.c %D%/tls.c %D%/sockets.c %D%/data.c
%C%_files_la_CFLAGS = $(hf_plugin_cc)
%C%_files_la_LDFLAGS = $(hf_plugin_link)
%C%_files_la_LIBADD = libholdfast.la
