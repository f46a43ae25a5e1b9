/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot loader would use next: GRUB's script, entries of the Boot Loader Specification,
 * systemd-boot, and the files that the next entry is made of. debian[] is what grub-mkconfig 2.06
 * of Debian 12 writes for two kernels with GRUB_DEFAULT=saved, without its theme and its comments.
 */
#include "facts/boot-loader.h"
#include "facts/kernel-text.h"

#include <stdio.h>

#include "record.h"

static const char debian[] =
	"if [ -s $prefix/grubenv ]; then\n"
	"  set have_grubenv=true\n"
	"  load_env\n"
	"fi\n"
	"if [ \"${next_entry}\" ] ; then\n"
	"   set default=\"${next_entry}\"\n"
	"   set next_entry=\n"
	"   save_env next_entry\n"
	"   set boot_once=true\n"
	"else\n"
	"   set default=\"${saved_entry}\"\n"
	"fi\n"
	"\n"
	"if [ x\"${feature_menuentry_id}\" = xy ]; then\n"
	"  menuentry_id_option=\"--id\"\n"
	"else\n"
	"  menuentry_id_option=\"\"\n"
	"fi\n"
	"export menuentry_id_option\n"
	"function savedefault {\n"
	"  if [ -z \"${boot_once}\" ]; then\n"
	"    saved_entry=\"${chosen}\"\n"
	"    save_env saved_entry\n"
	"  fi\n"
	"}\n"
	"if loadfont unicode ; then\n"
	"  set gfxmode=auto\n"
	"  insmod gfxterm\n"
	"fi\n"
	"menuentry 'Debian GNU/Linux' --class debian --class os $menuentry_id_option "
	"'gnulinux-simple-UUID' {\n"
	"\tinsmod gzio\n"
	"\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi\n"
	"\techo\t'Loading Linux 6.1.0-28-amd64 ...'\n"
	"\tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=/dev/vda1 ro audit=1 dyndbg=\"file ec.c +p\" "
	"quiet\n"
	"\tinitrd\t/boot/initrd.img-6.1.0-28-amd64\n"
	"}\n"
	"submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option "
	"'gnulinux-advanced-UUID' {\n"
	"\tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-28-amd64' $menuentry_id_option "
	"'gnulinux-6.1.0-28-amd64-advanced-UUID' {\n"
	"\t\tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=/dev/vda1 ro audit=1 new\n"
	"\t}\n"
	"\tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-28-amd64 (recovery mode)' "
	"$menuentry_id_option 'gnulinux-6.1.0-28-amd64-recovery-UUID' {\n"
	"\t\tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=/dev/vda1 ro single\n"
	"\t}\n"
	"\tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-27-amd64' $menuentry_id_option "
	"'gnulinux-6.1.0-27-amd64-advanced-UUID' {\n"
	"\t\tlinux\t/boot/vmlinuz-6.1.0-27-amd64 root=/dev/vda1 ro audit=0 old\n"
	"\t}\n"
	"}\n"
	"if [ \"$grub_platform\" = \"efi\" ]; then\n"
	"\tmenuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {\n"
	"\t\tfwsetup\n"
	"\t}\n"
	"fi\n"
	"if [ -f  ${config_directory}/custom.cfg ]; then\n"
	"  source ${config_directory}/custom.cfg\n"
	"elif [ -z \"${config_directory}\" -a -f  $prefix/custom.cfg ]; then\n"
	"  source $prefix/custom.cfg\n"
	"fi\n";

static int choose(hf_arena *arena, const char *config, const char *environment, const char *custom,
		  hf_grub_choice *choice, hf_error *err)
{
	const hf_grub_input input = {
		.config = {"grub.cfg", config, strlen(config)},
		.environment = {"grubenv", environment, environment ? strlen(environment) : 0},
		.custom = {"custom.cfg", custom, custom ? strlen(custom) : 0},
	};

	return hf_grub_choose(arena, &input, choice, err);
}

static void expect_line(const char *config, const char *environment, const char *line)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_grub_choice choice;
	hf_error err = {0};

	assert_int_equal(hf_arena_new(&arena), 0);
	int r = choose(arena, config, environment, NULL, &choice, &err);

	if (r < 0)
		fail_msg("%d: %s", r, err.text);
	assert_string_equal(choice.line, line);
}

static void expect_error(const char *config, const char *environment, int code)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_grub_choice choice = {.number = 77};
	hf_error err = {0};

	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(choose(arena, config, environment, NULL, &choice, &err), code);
	assert_true(err.text[0] != '\0');
	assert_int_equal(choice.number, 77);
}

#define DEBIAN_FIRST "root=/dev/vda1 ro audit=1 \"dyndbg=file ec.c +p\" quiet"
#define DEBIAN_OLD   "root=/dev/vda1 ro audit=0 old"

static void test_debian(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_grub_choice choice;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(choose(arena, debian, NULL, NULL, &choice, NULL), 0);
	assert_string_equal(choice.title, "Debian GNU/Linux");
	assert_string_equal(choice.line, DEBIAN_FIRST);
	assert_string_equal(choice.path, "grub.cfg");
	assert_int_equal(choice.number, 34);

	expect_line(debian, "# GRUB Environment Block\n######", DEBIAN_FIRST);
	expect_line(debian, "saved_entry=1>2\n", DEBIAN_OLD);
	expect_line(debian,
		    "saved_entry=gnulinux-advanced-UUID>gnulinux-6.1.0-27-amd64-advanced-UUID\n",
		    DEBIAN_OLD);
	expect_line(
		debian,
		"saved_entry=Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux "
		"6.1.0-27-amd64\n",
		DEBIAN_OLD);
	/* once, whatever is saved */
	expect_line(debian, "saved_entry=0\nnext_entry=1>2\n", DEBIAN_OLD);
	/* what is not there is the first, as in GRUB */
	expect_line(debian, "saved_entry=removed\n", DEBIAN_FIRST);
	expect_line(debian, "saved_entry=7\n", DEBIAN_FIRST);
}

static void test_debian_open(void **state)
{
	(void)state;
	/* a submenu waits for a key; the firmware entry is there on EFI only, and starts no kernel
	 */
	expect_error(debian, "saved_entry=1\n", -ENOTSUP);
	expect_error(debian, "saved_entry=uefi-firmware\n", -ENOTSUP);
	expect_error(debian, "saved_entry=2\n", -ENOTSUP);
}

static void test_custom(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_grub_choice choice;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(choose(arena, debian, NULL,
				"set default=mine\nsource ${config_directory}/custom.cfg\n"
				"menuentry Mine --id mine { linux /k a=b ; }\n",
				&choice, NULL),
			 0);
	assert_string_equal(choice.line, "a=b");
	assert_string_equal(choice.path, "custom.cfg");
	assert_int_equal(choice.number, 3);
}

static void test_language(void **state)
{
	(void)state;
	expect_line("x=\"a b\"; menuentry A { linux /k $x \"$x\" '$x' ${x}c \\$x # no\n}", NULL,
		    "a b \"a b\" $x a bc $x");
	expect_line("set e=; menuentry A { linux /k p${e}q $none r }", NULL, "pq r");
	expect_line("menuentry A {\n linux /k one \\\n   two\n}", NULL, "one two");
	expect_line("menuentry A { linuxefi /k a }\n", NULL, "a");
	expect_line(
		"menuentry Xen { multiboot2 /xen.gz x\n module2 /vmlinuz-6 placeholder root=a ro\n"
		"module2 /initrd.img\n}",
		NULL, "root=a ro");
	expect_line(
		"if [ 1 = 2 ]; then set default=1; elif [ a != b ]; then set default=2; else set "
		"default=0; fi\n"
		"menuentry A { linux /k a }\nmenuentry B { linux /k b }\nmenuentry C { linux /k c "
		"}",
		NULL, "c");
	expect_line("if ! [ -n \"$x\" -o -z \"\" -a a = b ]; then set default=1; fi\n"
		    "menuentry A { linux /k a }\nmenuentry B { linux /k b }",
		    NULL, "b");
	expect_line(
		"set default='T>>U'\nmenuentry A { linux /k a }\nmenuentry 'T>U' { linux /k b }",
		NULL, "b");
	/* the body is run when the entry is chosen, so later assignments count */
	expect_line("menuentry A { linux /k $late }\nset late=now", NULL, "now");
	expect_line("function f { set default=1; menuentry Z { linux /k z } }\nmenuentry A { linux "
		    "/k a }",
		    NULL, "a");
}

static void test_unsure(void **state)
{
	(void)state;
	expect_error("if [ $grub_platform = efi ]; then set default=1; fi\n"
		     "menuentry A { linux /k a }\nmenuentry B { linux /k b }",
		     NULL, -ENOTSUP);
	expect_error("if test_cpuid; then x=mitigations=off; fi\nmenuentry A { linux /k $x }", NULL,
		     -ENOTSUP);
	expect_error("menuentry A { if [ -f /flag ]; then linux /k a; else linux /k b; fi }", NULL,
		     -ENOTSUP);
	expect_error(
		"if keystatus; then menuentry A { linux /k a }; fi\nmenuentry B { linux /k b }",
		NULL, -ENOTSUP);
	expect_error("for i in 1 2; do set default=$i; done\nmenuentry A { linux /k a }", NULL,
		     -ENOTSUP);
	/* what does not decide does not matter */
	expect_line("if [ $grub_platform = efi ]; then set gfx=1; else set gfx=2; fi\n"
		    "menuentry A { linux ($root)/k a }",
		    NULL, "a");
	expect_error("configfile /other.cfg\n", NULL, -ENOTSUP);
	expect_error("menuentry Windows { chainloader /w.efi }", NULL, -ENOTSUP);
	expect_error("", NULL, -ENOENT);
	expect_error("\"", NULL, -ENOENT);
}

static void test_limits(void **state)
{
	hf_cleanup(hf_buffer_free) hf_buffer deep = {0};
	hf_cleanup(hf_buffer_free) hf_buffer wide = {0};
	hf_cleanup(hf_buffer_free) hf_buffer large = {0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		hf_buffer_puts(&deep, "if [ a ]; then ");
	expect_error(deep.data, NULL, -EBADMSG);
	hf_buffer_puts(&wide, "set a=0123456789012345678901234567890123456789\n");
	for (int i = 0; i < 40; i++)
		hf_buffer_puts(&wide, "set a=$a$a\n");
	expect_error(wide.data, NULL, -EBADMSG);
	for (int i = 0; i < 100001; i++)
		hf_buffer_puts(&large, "a\n");
	expect_error(large.data, NULL, -EBADMSG);
}

/* ---- Boot Loader Specification ---- */

static hf_boot_entry entry_of(hf_arena *arena, const char *path, const char *text)
{
	hf_boot_entry entry;

	assert_int_equal(hf_boot_entry_parse(arena, path, text, strlen(text), &entry), 0);
	return entry;
}

static void test_entry(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	hf_boot_entry entry =
		entry_of(arena, "/e/m-6.1+3-1.conf",
			 "# c\ntitle   Fedora Linux (6.1)\nversion 6.1\nmachine-id abc\n"
			 "sort-key fedora\nlinux /vmlinuz\noptions root=a ro\n"
			 "options\tquiet");

	assert_string_equal(entry.id, "m-6.1");
	assert_string_equal(entry.title, "Fedora Linux (6.1)");
	assert_string_equal(entry.options, "root=a ro quiet");
	assert_int_equal(entry.options_number, 7);
	entry = entry_of(arena, "x+y.conf", "efi /shell.efi\noptions -nomap\n");
	assert_string_equal(entry.id, "x+y");
	assert_null(entry.options);
	assert_string_equal(entry_of(arena, "x.conf", "linux /k").options, "");
}

static void test_entry_order(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;

	(void)state;
	assert_int_equal(hf_arena_new(&arena), 0);
	hf_boot_entry entries[] = {
		entry_of(arena, "old-9.conf", "linux /k\n"),
		entry_of(arena, "m-6.1.9.conf", "linux /k\nsort-key a\nversion 6.1.9\n"),
		entry_of(arena, "m-6.1.10.conf", "linux /k\nsort-key a\nversion 6.1.10\n"),
		entry_of(arena, "z-1.conf", "linux /k\nsort-key 0\nversion 1\n"),
	};

	qsort(entries, 4, sizeof entries[0], hf_boot_entry_by_key);
	assert_string_equal(entries[0].id, "z-1");
	assert_string_equal(entries[1].id, "m-6.1.10");
	assert_string_equal(entries[2].id, "m-6.1.9");
	assert_string_equal(entries[3].id, "old-9");
	assert_ptr_equal(hf_loader_choose(entries, 4, NULL), &entries[0]);
	assert_ptr_equal(hf_loader_choose(entries, 4, "M-*"), &entries[1]);
	assert_ptr_equal(hf_loader_choose(entries, 4, "old-9.conf"), &entries[3]);
	assert_null(hf_loader_choose(entries, 4, "arch-*.efi"));
	assert_null(hf_loader_choose(entries, 0, NULL));
	qsort(entries, 4, sizeof entries[0], hf_boot_entry_by_name);
	assert_string_equal(entries[0].id, "z-1");
	assert_string_equal(entries[1].id, "old-9");
	assert_string_equal(entries[2].id, "m-6.1.10");
}

/* ---- /etc/default/grub ---- */

static void expect_default(const char *text, const char *line, const char *extra)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	hf_grub_default values = {0};

	assert_int_equal(hf_arena_new(&arena), 0);
	assert_int_equal(hf_grub_default_parse(arena, "grub", text, strlen(text), &values, NULL),
			 0);
	assert_true(hf_streq(values.line, line));
	assert_true(hf_streq(values.extra, extra));
}

static void test_grub_default(void **state)
{
	hf_cleanup(hf_arena_freep) hf_arena *arena = NULL;
	static const char *const shell[] = {
		"GRUB_CMDLINE_LINUX=\"a $(cat /x)\"\n",
		"GRUB_CMDLINE_LINUX_DEFAULT=`x`\n",
		"GRUB_CMDLINE_LINUX=\"$OTHER\"\n",
		"GRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX:+x}\"\n",
		"GRUB_CMDLINE_LINUX=\"a\n",
		"if [ -f /x ]; then\n  GRUB_CMDLINE_LINUX=a\nfi\n",
	};
	hf_grub_default values = {0};

	(void)state;
	expect_default("GRUB_DEFAULT=0\nGRUB_DISTRIBUTOR=`lsb_release -i -s`\n"
		       "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\nGRUB_CMDLINE_LINUX=''\n",
		       "", "quiet splash");
	expect_default("#GRUB_CMDLINE_LINUX=no\nGRUB_CMDLINE_LINUX_XEN=no\n", NULL, NULL);
	expect_default(
		"GRUB_CMDLINE_LINUX=a\nexport GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\" # c\n",
		"a b", NULL);
	expect_default("GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX+=' b'\n", "a b", NULL);
	expect_default(
		"GRUB_CMDLINE_LINUX=\"a \\\n b \\\"c\\\"\"\nGRUB_CMDLINE_LINUX_DEFAULT=d\\ e",
		"a  b \"c\"", "d e");
	expect_default("if true; then\nX=1\nfi\nGRUB_CMDLINE_LINUX=a\n", "a", NULL);
	assert_int_equal(hf_arena_new(&arena), 0);
	for (size_t i = 0; i < HF_ARRAY_SIZE(shell); i++)
		assert_int_equal(hf_grub_default_parse(arena, "grub", shell[i], strlen(shell[i]),
						       &values, NULL),
				 -ENOTSUP);
	assert_null(values.line);
}

/* ---- the fact ---- */

static void put_absent(hf_host *host, const char *path)
{
	hf_host_fails(host, HF_ASK_FILE, path, ENOENT);
}

/* A node without any boot loader's files. */
static hf_host bare(void)
{
	static const char *const files[] = {
		"/boot/grub2/grub.cfg",	    "/boot/grub/grub.cfg",
		"/efi/loader/loader.conf",  "/boot/efi/loader/loader.conf",
		"/boot/loader/loader.conf", "/etc/kernel/cmdline",
		"/etc/default/grub",
	};
	static const char *const folders[] = {
		"/boot/grub2",
		"/boot/grub",
		"/efi",
		"/efi/loader",
		"/efi/loader/entries",
		"/boot/efi",
		"/boot/efi/loader",
		"/boot/efi/loader/entries",
		"/boot/loader",
		"/boot/loader/entries",
		"/etc/kernel",
		"/etc/default/grub.d",
		"/sys/firmware/efi",
		"/sys/firmware/efi/efivars",
		"/efi/EFI",
		"/efi/EFI/Linux",
		"/boot/efi/EFI",
		"/boot/efi/EFI/Linux",
		"/boot/EFI",
		"/boot/EFI/Linux",
	};
	hf_host host = hf_host_new();

	for (size_t i = 0; i < HF_ARRAY_SIZE(files); i++)
		put_absent(&host, files[i]);
	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++)
		hf_host_fails(&host, HF_ASK_DIR, folders[i], ENOENT);
	hf_host_dir(&host, "/", "boot etc sys");
	hf_host_dir(&host, "/boot", "");
	hf_host_dir(&host, "/etc", "default");
	hf_host_dir(&host, "/etc/default", "");
	hf_host_dir(&host, "/sys/firmware", "acpi");
	return host;
}

static void expect_fact(const hf_host *host, const char *text, const char *source)
{
	const hf_bootline *line = hf_facts_bootline_declared(host->facts);

	assert_int_equal(line->fact.state, HF_PRESENT);
	assert_string_equal(line->text, text);
	assert_string_equal(line->fact.source, source);
}

static void expect_unreadable(const hf_host *host, const char *source)
{
	const hf_bootline *line = hf_facts_bootline_declared(host->facts);

	assert_int_equal(line->fact.state, HF_UNREADABLE);
	assert_string_equal(line->fact.source, source);
	assert_non_null(line->fact.why);
	assert_null(hf_bootline_value(line, "quiet"));
}

static void test_nothing(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = bare();
	hf_cleanup(hf_host_free) hf_host empty = hf_host_new();

	(void)state;
	expect_unreadable(&host, "/boot");
	expect_unreadable(&empty, "/boot/grub2/grub.cfg");
}

static void put_grub(hf_host *host, const char *folder, const char *config)
{
	char path[64];

	hf_host_dir(host, folder, "grub.cfg");
	(void)snprintf(path, sizeof path, "%s/grub.cfg", folder);
	hf_host_file(host, path, config);
	(void)snprintf(path, sizeof path, "%s/grubenv", folder);
	put_absent(host, path);
	(void)snprintf(path, sizeof path, "%s/custom.cfg", folder);
	put_absent(host, path);
}

static void test_grub_fact(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = bare();
	hf_cleanup(hf_host_free) hf_host denied = bare();
	hf_cleanup(hf_host_free) hf_host saved = bare();
	hf_cleanup(hf_host_free) hf_host locked = bare();

	(void)state;
	put_grub(&host, "/boot/grub", debian);
	hf_host_file(&host, "/etc/kernel/cmdline", "other\n");
	expect_fact(&host, DEBIAN_FIRST, "/boot/grub/grub.cfg:34");
	assert_string_equal(hf_bootline_value(hf_facts_bootline_declared(host.facts), "dyndbg"),
			    "file ec.c +p");

	put_grub(&denied, "/boot/grub", debian);
	hf_host_fails(&denied, HF_ASK_FILE, "/boot/grub/grub.cfg", EACCES);
	hf_host_file(&denied, "/etc/kernel/cmdline", "other\n");
	expect_unreadable(&denied, "/boot/grub/grub.cfg");

	put_grub(&saved, "/boot/grub", debian);
	hf_host_file(&saved, "/boot/grub/grubenv", "saved_entry=1>2\n");
	expect_fact(&saved, DEBIAN_OLD, "/boot/grub/grub.cfg:45");

	put_grub(&locked, "/boot/grub", debian);
	hf_host_fails(&locked, HF_ASK_FILE, "/boot/grub/grubenv", EACCES);
	expect_unreadable(&locked, "/boot/grub/grubenv");
}

static const char fedora[] = "if [ -f ${config_directory}/grubenv ]; then\n"
			     "  load_env -f ${config_directory}/grubenv\n"
			     "elif [ -s $prefix/grubenv ]; then\n"
			     "  load_env\n"
			     "fi\n"
			     "if [ \"${next_entry}\" ] ; then\n"
			     "   set default=\"${next_entry}\"\n"
			     "else\n"
			     "   set default=\"${saved_entry}\"\n"
			     "fi\n"
			     "if [ -z \"${kernelopts}\" ]; then\n"
			     "  set kernelopts=\"root=b ro \"\n"
			     "fi\n"
			     "insmod blscfg\n"
			     "blscfg\n";

static void test_fedora(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = bare();
	hf_cleanup(hf_host_free) hf_host newest = bare();
	hf_cleanup(hf_host_free) hf_host hidden = bare();
	static const char path_9[] = "/boot/loader/entries/id-6.9.9.conf";
	static const char path_10[] = "/boot/loader/entries/id-6.9.10.conf";
	hf_host *const hosts[] = {&host, &newest, &hidden};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(hosts); i++) {
		put_grub(hosts[i], "/boot/grub2", fedora);
		hf_host_dir(hosts[i], "/boot/loader/entries", "id-6.9.10.conf id-6.9.9.conf");
		hf_host_file(hosts[i], path_9,
			     "title Old\nlinux /k9\noptions $kernelopts $tuned_params\n");
		hf_host_file(hosts[i], path_10, "title New\nlinux /k10\noptions root=a quiet\n");
	}
	hf_host_file(&host, "/boot/grub2/grubenv",
		     "saved_entry=id-6.9.9\nkernelopts=root=c audit=1\ntuned_params=skew_tick=1\n");
	expect_fact(&host, "root=c audit=1 skew_tick=1", "/boot/loader/entries/id-6.9.9.conf:3");
	expect_fact(&newest, "root=a quiet", "/boot/loader/entries/id-6.9.10.conf:3");
	hf_host_fails(&hidden, HF_ASK_FILE, path_9, EACCES);
	expect_unreadable(&hidden, path_9);
}

#define EFIVARS "/sys/firmware/efi/efivars"
#define GUID	"4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static void put_systemd_boot(hf_host *host, const char *loader_conf)
{
	hf_host_dir(host, "/boot/efi/loader", "entries loader.conf");
	hf_host_file(host, "/boot/efi/loader/loader.conf", loader_conf);
	hf_host_dir(host, "/boot/efi/loader/entries", "m-6.1.conf m-6.6.conf");
	hf_host_file(host, "/boot/efi/loader/entries/m-6.1.conf",
		     "linux /k\nversion 6.1\nsort-key x\noptions old $literal\n");
	hf_host_file(host, "/boot/efi/loader/entries/m-6.6.conf",
		     "linux /k\nversion 6.6\nsort-key x\noptions new\n");
}

static void test_systemd_boot(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = bare();
	hf_cleanup(hf_host_free) hf_host pattern = bare();
	hf_cleanup(hf_host_free) hf_host image = bare();
	hf_cleanup(hf_host_free) hf_host other = bare();
	hf_cleanup(hf_host_free) hf_host chosen = bare();

	(void)state;
	put_systemd_boot(&host, "timeout 3\n#default m-6.1*\n");
	expect_fact(&host, "new", "/boot/efi/loader/entries/m-6.6.conf:4");
	put_systemd_boot(&pattern, "default m-6.1*\n");
	expect_fact(&pattern, "old $literal", "/boot/efi/loader/entries/m-6.1.conf:4");

	/* a unified image may sort first, and its line cannot be read */
	put_systemd_boot(&image, "timeout 3\n");
	hf_host_dir(&image, "/boot/efi/EFI/Linux", "m.efi");
	expect_unreadable(&image, "/boot/efi/EFI/Linux");
	put_systemd_boot(&other, "default arch.efi\n");
	expect_unreadable(&other, "/boot/efi/loader/loader.conf");

	/* the key "d" in its menu writes a variable, which beats loader.conf */
	put_systemd_boot(&chosen, "default m-6.6*\n");
	hf_host_dir(&chosen, EFIVARS, "LoaderEntryDefault-" GUID);
	hf_host_bytes(&chosen, HF_ASK_FILE, EFIVARS "/LoaderEntryDefault-" GUID,
		      "\7\0\0\0m\0-\0006\0.\0001\0.\0c\0o\0n\0f\0\0\0", 26);
	expect_fact(&chosen, "old $literal", "/boot/efi/loader/entries/m-6.1.conf:4");
}

static void test_running_systemd_boot(void **state)
{
	hf_cleanup(hf_host_free) hf_host host = bare();

	(void)state;
	/* grub.cfg is a leftover: the loader that runs says its name */
	put_grub(&host, "/boot/grub", debian);
	put_systemd_boot(&host, "");
	hf_host_dir(&host, EFIVARS, "LoaderInfo-" GUID);
	hf_host_bytes(&host, HF_ASK_FILE, EFIVARS "/LoaderInfo-" GUID,
		      "\6\0\0\0s\0y\0s\0t\0e\0m\0d\0-\0b\0o\0o\0t\0 \0002\0005\0\0\0", 36);
	expect_fact(&host, "new", "/boot/efi/loader/entries/m-6.6.conf:4");
}

static void test_sources_of_entries(void **state)
{
	hf_cleanup(hf_host_free) hf_host install = bare();
	hf_cleanup(hf_host_free) hf_host host = bare();
	hf_cleanup(hf_host_free) hf_host shell = bare();

	(void)state;
	hf_host_dir(&install, "/etc/kernel", "cmdline");
	hf_host_file(&install, "/etc/kernel/cmdline", "root=a\nquiet\n");
	expect_fact(&install, "root=a\nquiet", "/etc/kernel/cmdline:1");
	assert_string_equal(hf_bootline_value(hf_facts_bootline_declared(install.facts), "quiet"),
			    "");

	hf_host_file(&host, "/etc/default/grub",
		     "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"audit=1\"\n");
	hf_host_dir(&host, "/etc/default/grub.d", "50-x.cfg note");
	hf_host_file(&host, "/etc/default/grub.d/50-x.cfg",
		     "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT slab_nomerge\"\n");
	expect_fact(&host, "audit=1 quiet slab_nomerge",
		    "/etc/default/grub:2, /etc/default/grub.d/50-x.cfg:1");

	hf_host_file(&shell, "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"$(x)\"\n");
	expect_unreadable(&shell, "/etc/default/grub");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debian),
		cmocka_unit_test(test_debian_open),
		cmocka_unit_test(test_custom),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_entry_order),
		cmocka_unit_test(test_grub_default),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_grub_fact),
		cmocka_unit_test(test_fedora),
		cmocka_unit_test(test_systemd_boot),
		cmocka_unit_test(test_running_systemd_boot),
		cmocka_unit_test(test_sources_of_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
