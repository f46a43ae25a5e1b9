# tests/local.mk -- make check: hermetic, no root, no network, no engine
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)' builddir='$(builddir)' CC='$(CC)' CXX='$(CXX)'; \
	export srcdir builddir CC CXX;

if HAVE_CMOCKA
include %D%/unit/local.mk
endif
include %D%/checks/local.mk
include %D%/integration/local.mk
include %D%/fuzz/local.mk

check_PROGRAMS += %D%/evidence-loss
%C%_evidence_loss_SOURCES = %D%/evidence-loss.c %D%/replay.c %D%/replay.h
%C%_evidence_loss_LDADD = libholdfast.la
check_PROGRAMS += %D%/verdicts
%C%_verdicts_SOURCES = %D%/verdicts.c %D%/replay.c %D%/replay.h
%C%_verdicts_LDADD = libholdfast.la
check_PROGRAMS += %D%/profiles
%C%_profiles_SOURCES = %D%/profiles.c %D%/replay.c %D%/replay.h
%C%_profiles_LDADD = libholdfast.la
TESTS += %D%/evidence-loss %D%/verdicts %D%/profiles %D%/structure.sh %D%/manual.sh %D%/shellcheck.sh
dist_noinst_SCRIPTS += %D%/structure.sh %D%/manual.sh %D%/shellcheck.sh %D%/run %D%/vm/scan.sh %D%/vm/runtimes.sh %D%/vm/selinux.sh \
	%D%/vm/audit.sh %D%/vm/vm
EXTRA_DIST += %D%/vm/lib %D%/vm/guest-lib %D%/vm/runtimes.guest %D%/vm/selinux.guest %D%/vm/audit.guest %D%/vm/audit-try.c
EXTRA_DIST += %D%/captures
dist_noinst_SCRIPTS += %D%/structure.sh %D%/manual.sh %D%/shellcheck.sh %D%/run
EXTRA_DIST += %D%/captures %D%/vm
include %D%/bench/local.mk
