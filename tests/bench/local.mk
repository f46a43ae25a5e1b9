# tests/bench/local.mk -- `make bench` as root: ratios and counts, never a timed test
EXTRA_PROGRAMS += %D%/read-sources %D%/judge-load
%C%_read_sources_SOURCES = %D%/read-sources.c
%C%_judge_load_SOURCES = %D%/judge-load.c
%C%_judge_load_LDADD = libholdfast.la $(JANSSON_LIBS)
dist_noinst_SCRIPTS += %D%/run %D%/containers %D%/multiply
bench: all %D%/read-sources$(EXEEXT) %D%/judge-load$(EXEEXT)
	$(srcdir)/%D%/run ./holdfast %D%/read-sources
	%D%/judge-load$(EXEEXT) 300 200
.PHONY: bench
