# tests/integration/local.mk -- what the integration tests need built; they themselves are scripts
check_PROGRAMS += %D%/fake-engine
%C%_fake_engine_SOURCES = %D%/fake-engine.c %D%/fake.c %D%/fake.h
EXTRA_DIST += %D%/audit-rules.c %D%/engine %D%/lib %D%/live %D%/measured %D%/packet-oracle %D%/plugins %D%/validate
dist-integration:
	$(MKDIR_P) $(distdir)/%D%
	cp $(srcdir)/%D%/*.sh $(distdir)/%D%
.PHONY: dist-integration
dist-hook: dist-integration
check_PROGRAMS += %D%/task
%C%_task_SOURCES = %D%/task.c
# what runs in containers without a libc: sanitizers cannot be linked into it
%C%_task_CFLAGS = -Wall -Wextra
%C%_task_LDFLAGS = -all-static -pthread
check_PROGRAMS += %D%/hostile
%C%_hostile_SOURCES = %D%/hostile.c
%C%_hostile_CFLAGS = -Wall -Wextra
%C%_hostile_LDFLAGS = -all-static -pthread
check_PROGRAMS += %D%/packets
%C%_packets_SOURCES = %D%/packets.c
%C%_packets_LDADD = libholdfast.la $(MNL_LIBS)
