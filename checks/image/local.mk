# checks/image/local.mk
checks_LTLIBRARIES += %D%/image.la
%C%_image_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h %D%/config.c %D%/files.c %D%/history.c \
	%D%/origin.c %D%/patched.c %D%/releases.c %D%/secrets.c %D%/trust.c
%C%_image_la_CFLAGS = $(hf_plugin_cc)
%C%_image_la_LDFLAGS = $(hf_plugin_link)
%C%_image_la_LIBADD = libholdfast.la
