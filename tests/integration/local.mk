# tests/integration/local.mk -- what the integration tests need built; they themselves are scripts
check_PROGRAMS += %D%/fake-engine
%C%_fake_engine_SOURCES = %D%/fake-engine.c %D%/fake.c %D%/fake.h
EXTRA_DIST += %D%/engine %D%/lib %D%/live %D%/plugins %D%/validate
dist-integration:
	$(MKDIR_P) $(distdir)/%D%
	cp $(srcdir)/%D%/*.sh $(distdir)/%D%
.PHONY: dist-integration
dist-hook: dist-integration
