# tests/bench/local.mk -- `make bench` as root: ratios and counts, never a timed test
EXTRA_PROGRAMS += %D%/read-sources
%C%_read_sources_SOURCES = %D%/read-sources.c
dist_noinst_SCRIPTS += %D%/run
bench: all %D%/read-sources$(EXEEXT)
	$(srcdir)/%D%/run ./holdfast %D%/read-sources
.PHONY: bench
