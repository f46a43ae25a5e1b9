# checks/mount/local.mk
checks_LTLIBRARIES += %D%/mount.la
%C%_mount_la_SOURCES = %D%/common.c %D%/common.h %D%/declared.c %D%/host-paths.c %D%/host-paths.h %D%/kernel-fs.c \
	%D%/plugin.c %D%/secrets.c %D%/shared.c %D%/sockets.c %D%/table.c %D%/writable.c
%C%_mount_la_CFLAGS = $(hf_plugin_cc)
%C%_mount_la_LDFLAGS = $(hf_plugin_link)
%C%_mount_la_LIBADD = libholdfast.la
