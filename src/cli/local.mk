sbin_PROGRAMS += holdfast
holdfast_SOURCES = \
	%D%/cli.h \
	%D%/config.c \
	%D%/job.c \
	%D%/judge.c \
	%D%/list-items.c \
	%D%/list-items.h \
	%D%/list.c \
	%D%/main.c \
	%D%/options.c \
	%D%/options.h \
	%D%/output.c \
	%D%/plugins.c \
	%D%/profile.c \
	%D%/report.c \
	%D%/scan.c \
	%D%/version.c
holdfast_LDADD = libholdfast.la $(SECCOMP_LIBS) $(CAP_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(ZLIB_LIBS)
