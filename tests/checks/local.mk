# tests/checks/local.mk -- `make check TESTS=tests/checks/run-cases`; one check: tests/checks/run-cases ID
check_PROGRAMS += %D%/run-cases
TESTS += %D%/run-cases
%C%_run_cases_SOURCES = %D%/run-cases.c
%C%_run_cases_LDADD = libholdfast.la
EXTRA_DIST += %D%/data
# by pattern, so that a check's cases need no line here
dist-cases:
	$(MKDIR_P) $(distdir)/%D%
	cp $(srcdir)/%D%/*.cases $(distdir)/%D%
.PHONY: dist-cases
dist-hook: dist-cases
