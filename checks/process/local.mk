# checks/process/local.mk
checks_LTLIBRARIES += %D%/process.la
%C%_process_la_SOURCES = %D%/common.c %D%/confined.c %D%/environ.c %D%/files.c %D%/helpers.c %D%/ids.c \
	%D%/limits.c %D%/mac.c %D%/masks.c %D%/opens.c %D%/plugin.c %D%/process.h %D%/programs.c \
	%D%/records.c %D%/trace.c
%C%_process_la_CFLAGS = $(hf_plugin_cc)
%C%_process_la_LDFLAGS = $(hf_plugin_link)
%C%_process_la_LIBADD = libholdfast.la
