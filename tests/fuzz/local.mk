# tests/fuzz/local.mk -- one entry per parser, with its seeds in corpus/NAME. libFuzzer drives it in a build with
# --enable-fuzzing (make check-fuzz); in any other build make check replays the seeds. A new one is its source, its
# seeds, its line in fuzz_programs and a block of three lines below.
fuzz_programs = \
	%D%/fuzz-audit-rules \
	%D%/fuzz-boot-entry \
	%D%/fuzz-bootline \
	%D%/fuzz-daemon-config \
	%D%/fuzz-device-filter \
	%D%/fuzz-document \
	%D%/fuzz-filter-legacy \
	%D%/fuzz-filter-nft \
	%D%/fuzz-grub \
	%D%/fuzz-grub-default \
	%D%/fuzz-image \
	%D%/fuzz-image-facts \
	%D%/fuzz-kconfig \
	%D%/fuzz-kernel-option \
	%D%/fuzz-modprobe-d \
	%D%/fuzz-mount-table \
	%D%/fuzz-mountinfo \
	%D%/fuzz-network \
	%D%/fuzz-proc \
	%D%/fuzz-proc-collector \
	%D%/fuzz-profile \
	%D%/fuzz-records \
	%D%/fuzz-redact \
	%D%/fuzz-seccomp \
	%D%/fuzz-seccomp-profile \
	%D%/fuzz-selinux-policy \
	%D%/fuzz-sockets \
	%D%/fuzz-swarm \
	%D%/fuzz-sysctl-d \
	%D%/fuzz-tasks \
	%D%/fuzz-unit \
	%D%/fuzz-way

check_PROGRAMS += $(fuzz_programs)
EXTRA_DIST += %D%/corpus
if FUZZING
fuzz_driver =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_driver = %D%/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
TESTS += $(fuzz_programs)
endif

%C%_fuzz_audit_rules_SOURCES = %D%/fuzz-audit-rules.c $(fuzz_driver)
%C%_fuzz_audit_rules_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_audit_rules_LDADD = libholdfast.la

%C%_fuzz_boot_entry_SOURCES = %D%/fuzz-boot-entry.c $(fuzz_driver)
%C%_fuzz_boot_entry_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_boot_entry_LDADD = libholdfast.la

%C%_fuzz_bootline_SOURCES = %D%/fuzz-bootline.c $(fuzz_driver)
%C%_fuzz_bootline_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_bootline_LDADD = libholdfast.la

%C%_fuzz_daemon_config_SOURCES = %D%/fuzz-daemon-config.c $(fuzz_driver)
%C%_fuzz_daemon_config_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_daemon_config_LDADD = libholdfast.la

%C%_fuzz_device_filter_SOURCES = %D%/fuzz-device-filter.c $(fuzz_driver)
%C%_fuzz_device_filter_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_device_filter_LDADD = libholdfast.la

%C%_fuzz_document_SOURCES = %D%/fuzz-document.c $(fuzz_driver)
%C%_fuzz_document_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_document_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_filter_legacy_SOURCES = %D%/fuzz-filter-legacy.c %D%/fuzz-filter.h $(fuzz_driver)
%C%_fuzz_filter_legacy_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_filter_legacy_LDADD = libholdfast.la

%C%_fuzz_filter_nft_SOURCES = %D%/fuzz-filter-nft.c %D%/fuzz-filter.h $(fuzz_driver)
%C%_fuzz_filter_nft_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_filter_nft_LDADD = libholdfast.la

%C%_fuzz_grub_SOURCES = %D%/fuzz-grub.c $(fuzz_driver)
%C%_fuzz_grub_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_grub_LDADD = libholdfast.la

%C%_fuzz_grub_default_SOURCES = %D%/fuzz-grub-default.c $(fuzz_driver)
%C%_fuzz_grub_default_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_grub_default_LDADD = libholdfast.la

%C%_fuzz_image_SOURCES = %D%/fuzz-image.c $(fuzz_driver)
%C%_fuzz_image_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_image_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_image_facts_SOURCES = %D%/fuzz-image-facts.c $(fuzz_driver)
%C%_fuzz_image_facts_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_image_facts_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_kconfig_SOURCES = %D%/fuzz-kconfig.c $(fuzz_driver)
%C%_fuzz_kconfig_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_kconfig_LDADD = libholdfast.la

%C%_fuzz_kernel_option_SOURCES = %D%/fuzz-kernel-option.c $(fuzz_driver)
%C%_fuzz_kernel_option_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/checks
%C%_fuzz_kernel_option_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_kernel_option_LDADD = checks/kernel/liboptions.la libholdfast.la

%C%_fuzz_modprobe_d_SOURCES = %D%/fuzz-modprobe-d.c $(fuzz_driver)
%C%_fuzz_modprobe_d_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_modprobe_d_LDADD = libholdfast.la

%C%_fuzz_mount_table_SOURCES = %D%/fuzz-mount-table.c $(fuzz_driver)
%C%_fuzz_mount_table_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_mount_table_LDADD = libholdfast.la

%C%_fuzz_mountinfo_SOURCES = %D%/fuzz-mountinfo.c $(fuzz_driver)
%C%_fuzz_mountinfo_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_mountinfo_LDADD = libholdfast.la

%C%_fuzz_profile_SOURCES = %D%/fuzz-profile.c $(fuzz_driver)
%C%_fuzz_profile_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_profile_LDADD = libholdfast.la

%C%_fuzz_proc_SOURCES = %D%/fuzz-proc.c $(fuzz_driver)
%C%_fuzz_proc_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_proc_LDADD = libholdfast.la

%C%_fuzz_proc_collector_SOURCES = %D%/fuzz-proc-collector.c $(fuzz_driver)
%C%_fuzz_proc_collector_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_proc_collector_LDADD = libholdfast.la

%C%_fuzz_records_SOURCES = %D%/fuzz-records.c $(fuzz_driver)
%C%_fuzz_records_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_records_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_redact_SOURCES = %D%/fuzz-redact.c $(fuzz_driver)
%C%_fuzz_redact_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_redact_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_seccomp_SOURCES = %D%/fuzz-seccomp.c $(fuzz_driver)
%C%_fuzz_seccomp_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_seccomp_LDADD = libholdfast.la

%C%_fuzz_seccomp_profile_SOURCES = %D%/fuzz-seccomp-profile.c $(fuzz_driver)
%C%_fuzz_seccomp_profile_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_seccomp_profile_LDADD = libholdfast.la

%C%_fuzz_selinux_policy_SOURCES = %D%/fuzz-selinux-policy.c checks/selinux/policy.c $(fuzz_driver)
%C%_fuzz_selinux_policy_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/checks
%C%_fuzz_selinux_policy_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_selinux_policy_LDADD = libholdfast.la

%C%_fuzz_network_SOURCES = %D%/fuzz-network.c $(fuzz_driver)
%C%_fuzz_network_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_network_LDADD = libholdfast.la

%C%_fuzz_sockets_SOURCES = %D%/fuzz-sockets.c $(fuzz_driver)
%C%_fuzz_sockets_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_sockets_LDADD = libholdfast.la

%C%_fuzz_swarm_SOURCES = %D%/fuzz-swarm.c $(fuzz_driver)
%C%_fuzz_swarm_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_swarm_LDADD = libholdfast.la $(JANSSON_LIBS)

%C%_fuzz_sysctl_d_SOURCES = %D%/fuzz-sysctl-d.c $(fuzz_driver)
%C%_fuzz_sysctl_d_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_sysctl_d_LDADD = libholdfast.la

%C%_fuzz_tasks_SOURCES = %D%/fuzz-tasks.c $(fuzz_driver)
%C%_fuzz_tasks_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_tasks_LDADD = libholdfast.la

%C%_fuzz_unit_SOURCES = %D%/fuzz-unit.c $(fuzz_driver)
%C%_fuzz_unit_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_unit_LDADD = libholdfast.la

# Each entry for some seconds over a copy of its seeds.
fuzz_seconds = 10
check-fuzz: $(fuzz_programs)
	@status=0; for program in $(fuzz_programs); do \
		name=$${program##*/fuzz-}; \
		rm -rf "corpus-$$name" && cp -r "$(srcdir)/%D%/corpus/$$name" "corpus-$$name" && chmod -R u+w "corpus-$$name"; \
		if ./$$program -max_total_time=$(fuzz_seconds) -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=0 \
			"corpus-$$name" >"fuzz-$$name.out" 2>&1; then echo "ok: fuzz $$name"; \
		else echo "not ok: fuzz $$name"; tail -n 40 "fuzz-$$name.out"; status=1; fi; \
		rm -rf "corpus-$$name"; \
	done; exit $$status
.PHONY: check-fuzz

%C%_fuzz_way_SOURCES = %D%/fuzz-way.c $(fuzz_driver)
%C%_fuzz_way_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_way_LDADD = libholdfast.la
