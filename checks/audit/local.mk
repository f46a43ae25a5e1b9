# checks/audit/local.mk
checks_LTLIBRARIES += %D%/audit.la
%C%_audit_la_SOURCES = %D%/plugin.c %D%/judge.c %D%/judge.h \
	%D%/declared.c %D%/files.c %D%/programs.c %D%/sockets.c %D%/units.c
%C%_audit_la_CFLAGS = $(hf_plugin_cc)
%C%_audit_la_LDFLAGS = $(hf_plugin_link)
%C%_audit_la_LIBADD = libholdfast.la
