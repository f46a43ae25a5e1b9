# checks/kernel/local.mk
checks_LTLIBRARIES += %D%/kernel.la
%C%_kernel_la_SOURCES = \
	%D%/boot.c \
	%D%/build.c \
	%D%/cpu.c \
	%D%/devices.c \
	%D%/digest.c \
	%D%/drift.h \
	%D%/exposure.c \
	%D%/filesystems.c \
	%D%/hardening.c \
	%D%/integrity.c \
	%D%/loaded.c \
	%D%/loaded.h \
	%D%/module-policy.c \
	%D%/modules.c \
	%D%/mounted.c \
	%D%/mounted.h \
	%D%/net.c \
	%D%/node.c \
	%D%/plugin.c \
	%D%/release.c \
	%D%/release.h \
	%D%/sets.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/support-table.h \
	%D%/support.c \
	%D%/sysctl-state.c \
	%D%/usermode.c \
	%D%/userns.c \
	%D%/version.c \
	%D%/weakening.c \
	%D%/weakening.h
%C%_kernel_la_CFLAGS = $(hf_plugin_cc)
%C%_kernel_la_LDFLAGS = $(hf_plugin_link)
%C%_kernel_la_LIBADD = %D%/liboptions.la libholdfast.la

# Kernel options, with what they share with the other topics; unit tests link it, too.
noinst_LTLIBRARIES += %D%/liboptions.la
%C%_liboptions_la_SOURCES = \
	%D%/audit.c \
	%D%/common.c \
	%D%/common.h \
	%D%/core-pattern.c \
	%D%/core-pattern.h \
	%D%/expr.c \
	%D%/hardware.c \
	%D%/options.c \
	%D%/options.h \
	%D%/runtime.c \
	%D%/taint.c \
	%D%/taint.h \
	%D%/terms.c \
	%D%/usage.c \
	%D%/usage.h \
	%D%/wanted.c
nodist_%C%_liboptions_la_SOURCES = %D%/options-table.c
%C%_liboptions_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
%C%_liboptions_la_CFLAGS = $(hf_plugin_cc)

# Their rows are data: see options.tsv.
%D%/options-table.c: %D%/options.awk %D%/options-threats.tsv %D%/options.tsv
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(AWK) -f $(srcdir)/%D%/options.awk $(srcdir)/%D%/options-threats.tsv \
		$(srcdir)/%D%/options.tsv >$@-t && mv -f $@-t $@
BUILT_SOURCES += %D%/options-table.c
CLEANFILES += %D%/options-table.c %D%/options-table.c-t
EXTRA_DIST += %D%/options.awk %D%/options-threats.tsv %D%/options.tsv
