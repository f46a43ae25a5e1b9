# src/local.mk -- src/ but for cli/ is libholdfast; cli/ is the command
lib_LTLIBRARIES += libholdfast.la
libholdfast_la_SOURCES =
libholdfast_la_CFLAGS = $(AM_CFLAGS)
libholdfast_la_LIBADD = $(SECCOMP_LIBS) $(CAP_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(ZLIB_LIBS) \
	$(MNL_LIBS)
libholdfast_la_LDFLAGS = $(AM_LDFLAGS) $(HF_LIB_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/%D%/libholdfast.map
libholdfast_la_DEPENDENCIES = %D%/libholdfast.map
EXTRA_DIST += %D%/libholdfast.map

include %D%/base/local.mk
include %D%/collect/local.mk
include %D%/process/local.mk
include %D%/record/local.mk
include %D%/facts/local.mk
include %D%/engine/local.mk
include %D%/assess/local.mk
include %D%/report/local.mk
include %D%/cli/local.mk
