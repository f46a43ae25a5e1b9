# checks/runtime/local.mk
checks_LTLIBRARIES += %D%/runtime.la
%C%_runtime_la_SOURCES = %D%/plugin.c %D%/support.c %D%/support.h %D%/users.c
nodist_%C%_runtime_la_SOURCES = %D%/support-table.c
%C%_runtime_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
%C%_runtime_la_CFLAGS = $(hf_plugin_cc)
%C%_runtime_la_LDFLAGS = $(hf_plugin_link)
%C%_runtime_la_LIBADD = libholdfast.la

# Dated facts are data: see support.tsv.
%D%/support-table.c: %D%/support.tsv
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { echo '#include "support.h"'; \
		echo 'const char runtime_support_table[] ='; \
		$(SED) -e '/^#/d' -e 's/\t/\\t/g' -e 's/.*/"&\\n"/' "$(srcdir)/%D%/support.tsv"; echo ';'; } >$@.tmp && mv $@.tmp $@
BUILT_SOURCES += %D%/support-table.c
CLEANFILES += %D%/support-table.c
EXTRA_DIST += %D%/support.tsv
