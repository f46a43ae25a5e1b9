/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands out in one command of an image's history: packages, downloads, secrets. Only words of our own, names,
 * lengths and shapes come out of here. */
#include "collect/image-step.h"

#include "collect/proc.h"
#include "collect/redact.h"

#include <ctype.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 64 };

/* ---- marks ---- */

static bool has_room(hf_step *d)
{
	if (d->marks++ < HF_IMAGE_MARKS)
		return true;
	if (!d->was_cut)
		hf_buffer_puts(d->out, " cut,marks");
	d->was_cut = true;
	return false;
}

void hf_step_mark(hf_step *d, const char *kind, const char *what)
{
	if (has_room(d))
		hf_buffer_printf(d->out, " %s,%s", kind, what);
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static void mark_secret(hf_step *d, const char *name, size_t name_length, size_t length,
			const char *shape)
{
	if (name_length == 0 || name_length > NAME_MAX_BYTES) {
		name = "?";
		name_length = 1;
	}
	if (has_room(d))
		hf_buffer_printf(d->out, " secret,%.*s,%zu,%s", (int)name_length, name, length,
				 shape);
}

/* ---- secrets ---- */

static bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(text, *list) == 0)
			return true;
	}
	return false;
}

/* A variable, a command's output, a place or a placeholder is no secret. */
static bool is_literal(const char *value, size_t length)
{
	const char *slash = length > 1 && *value == '/' ? memchr(value + 1, '/', length - 1) : NULL;

	return length > 0 && !strchr("$`<*", *value) && !slash &&
	       !(length > 1 && value[0] == '-' && value[1] == '-');
}

/* "//registry/:_authToken" -> "_authToken", "--password" -> "password". */
static size_t name_before(const char *text, size_t end, const char **ret_name)
{
	size_t start = end;

	while (start > 0 && is_name_char(text[start - 1]))
		start--;
	while (start < end && text[start] == '-')
		start++;
	*ret_name = text + start;
	return end - start;
}

static void look_at_value(hf_step *d, const char *name, size_t name_length, const char *value,
			  size_t length)
{
	const char *shape = length > 0 ? hf_proc_shape_of(value, length) : "-";

	/* https://user:$TOKEN@host */
	if (strcmp(shape, "url-password") == 0 && memchr(value, '$', length))
		shape = "-";
	if (strcmp(shape, "-") != 0 ||
	    (is_literal(value, length) && hf_is_secret_variable(name, name_length)))
		mark_secret(d, name, name_length, length, shape);
}

void hf_step_look_at_word(hf_step *d, const hf_step_word *w, const hf_step_word *next)
{
	static const char header[] = "authorization:";
	const char *equal = memchr(w->text, '=', w->length), *name;
	size_t length;

	if (equal && equal > w->text) {
		length = name_before(w->text, (size_t)(equal - w->text), &name);
		look_at_value(d, name, length, equal + 1, w->length - (size_t)(equal + 1 - w->text));
		return;
	}
	if (w->length > 2 && w->text[0] == '-' && w->text[1] == '-' && next) {
		length = name_before(w->text, w->length, &name);
		if (next->length > 0 && *next->text != '-' && is_literal(next->text, next->length) &&
		    hf_is_secret_variable(name, length)) {
			mark_secret(d, name, length, next->length, "-");
			return;
		}
	}
	if (strncasecmp(w->text, header, strlen(header)) == 0 && !strchr(w->text, '$')) {
		mark_secret(d, "Authorization", strlen("Authorization"), w->length - strlen(header),
			    "-");
		return;
	}
	look_at_value(d, "", 0, w->text, w->length);
}

/* ---- packages and downloads ---- */

typedef struct manager {
	const char *name;
	const char *const *refresh;
	const char *const *install;
} manager;

static const char *const apt_refresh[] = {"update", NULL};
static const char *const apt_install[] = {"install",	  "upgrade",   "dist-upgrade", "full-upgrade",
					  "safe-upgrade", "build-dep", "satisfy",      NULL};
static const char *const apk_install[] = {"add", "upgrade", "fix", NULL};
static const char *const rpm_refresh[] = {"update", "up", "makecache", "check-update", NULL};
static const char *const rpm_install[] = {"install",	 "upgrade",   "localinstall", "groupinstall",
					  "group",	 "reinstall", "module",	      "swap",
					  "distro-sync", "builddep",  "in",	      NULL};
static const char *const zypper_refresh[] = {"refresh", "ref", "update", "up", NULL};
static const char *const zypper_install[] = {"install", "in", "dist-upgrade", "dup", "patch",
					     "install-new-recommends", NULL};

static const manager managers[] = {
	{"apt-get", apt_refresh, apt_install},	  {"apt", apt_refresh, apt_install},
	{"aptitude", apt_refresh, apt_install},	  {"apk", apt_refresh, apk_install},
	{"yum", rpm_refresh, rpm_install},	  {"dnf", rpm_refresh, rpm_install},
	{"dnf5", rpm_refresh, rpm_install},	  {"microdnf", rpm_refresh, rpm_install},
	{"tdnf", rpm_refresh, rpm_install},	  {"zypper", zypper_refresh, zypper_install},
};

/* Options of apt-get, dnf, apk and zypper whose value is a word of its own. */
static bool takes_value(const char *option)
{
	static const char *const options[] = {
		"-o",	     "-c",	  "-t",		  "--option", "--config-file", "--target-release",
		"--repository", "-X",	  "--enablerepo", "--disablerepo", "--releasever",  "--installroot",
		"-p",	     "--root",	  "--setopt",	  "--exclude",	   "-x",	    "--repo",
		"--plus-repo",	"--arch",	NULL,
	};

	return is_one_of(option, options);
}

static void look_at_manager(hf_step *d, const manager *m, const hf_step_word *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (*words[i].text == '-') {
			i += takes_value(words[i].text);
			continue;
		}
		if (is_one_of(words[i].text, m->refresh))
			hf_step_mark(d, "refresh", m->name);
		else if (is_one_of(words[i].text, m->install))
			hf_step_mark(d, "install", m->name);
		return;
	}
}

/* "-fsSLk": letters up to the first that takes a value. */
static bool has_curl_k(const char *text)
{
	if (text[0] != '-' || text[1] == '-')
		return false;
	for (text++; *text && !strchr("oHduXAebcFTmwxCDEKQrtUyYz", *text); text++) {
		if (*text == 'k')
			return true;
	}
	return false;
}

/* By which package managers and downloads are told not to look whose it is; without regard to case. */
static const struct {
	const char *text;
	bool is_whole;
	const char *mark; /* NULL: the text */
} unverified[] = {
	{"--allow-unauthenticated", true, NULL},
	{"--force-yes", true, NULL},
	{"--allow-insecure-repositories", true, NULL},
	{"--allow-untrusted", true, NULL},
	{"--nogpgcheck", true, NULL},
	{"--no-gpg-checks", true, NULL},
	{"--nosignature", true, NULL},
	{"--trusted-host", false, NULL},
	{"--no-check-certificate", true, NULL},
	{"allowunauthenticated=true", false, "AllowUnauthenticated"},
	{"allowunauthenticated=1", false, "AllowUnauthenticated"},
	{"allowunauthenticated=yes", false, "AllowUnauthenticated"},
	{"allowinsecurerepositories=true", false, "AllowInsecureRepositories"},
	{"allowinsecurerepositories=1", false, "AllowInsecureRepositories"},
	{"allowinsecurerepositories=yes", false, "AllowInsecureRepositories"},
	{"verify-peer=false", false, "Verify-Peer=false"},
	{"gpgcheck=0", false, "gpgcheck=0"},
	{"gpgcheck=false", false, "gpgcheck=0"},
	{"trusted=yes", false, "trusted=yes"},
	{"sslverify=false", false, "sslverify=false"},
	{"sslverify=0", false, "sslverify=false"},
};

static void look_at_option(hf_step *d, const char *program, const hf_step_word *w)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(unverified); i++) {
		const char *text = unverified[i].text;

		if (unverified[i].is_whole ? strcasecmp(w->text, text) == 0
					   : strcasestr(w->text, text) != NULL) {
			hf_step_mark(d, "unverified", unverified[i].mark ? unverified[i].mark : text);
			return;
		}
	}
	if (strcmp(program, "curl") == 0 && (has_curl_k(w->text) || strcmp(w->text, "--insecure") == 0))
		hf_step_mark(d, "unverified", "--insecure");
}

bool hf_step_is_plain_url(const char *text)
{
	const char *url = strcasestr(text, "http://");

	if (!url)
		return false;
	url += strlen("http://");
	return !hf_has_prefix(url, "localhost") && !hf_has_prefix(url, "127.") &&
	       !hf_has_prefix(url, "[::1]");
}

static bool is_downloader(const char *program)
{
	static const char *const programs[] = {"curl", "wget",  "aria2c", "fetch", "git", "pip",
					       "pip3", "npm",	"gem",	  "rpm",   NULL};

	return is_one_of(program, programs);
}

static void look_at_download(hf_step *d, const char *program, const hf_step_word *words, size_t count)
{
	static const char *const proxies[] = {"-x", "--proxy", "--preproxy", NULL};

	if (!is_downloader(program))
		return;
	for (size_t i = 1; i < count; i++) {
		if (is_one_of(words[i].text, proxies))
			i++;
		else if (!strcasestr(words[i].text, "proxy") && hf_step_is_plain_url(words[i].text))
			d->has_plain = true;
	}
}

/* A digest or signature is compared, and the layer is not made where it is wrong. */
static bool is_comparison(const char *program, const hf_step_word *words, size_t count)
{
	static const char *const sums[] = {"sha256sum", "sha384sum", "sha512sum", "shasum", "b2sum",
					   "sha1sum",	NULL};
	static const char *const signatures[] = {"gpgv", "cosign", "minisign", "signify", NULL};

	if (is_one_of(program, signatures))
		return true;
	for (size_t i = 1; i < count; i++) {
		const char *text = words[i].text;

		if (is_one_of(program, sums) &&
		    (strcmp(text, "--check") == 0 ||
		     (text[0] == '-' && text[1] != '-' && strchr(text, 'c'))))
			return true;
		if (hf_has_prefix(program, "gpg") && strcmp(text, "--verify") == 0)
			return true;
	}
	return false;
}

static bool is_interpreter(const char *program)
{
	static const char *const programs[] = {"sh",	 "bash", "ash",	 "dash", "zsh",	 "ksh",
					       "python", "perl", "ruby", "node", "php", "python3",
					       "python2", NULL};

	return is_one_of(program, programs);
}

/* bash -c "$(curl …)", bash <(curl …) */
static bool holds_download(const char *text)
{
	static const char *const forms[] = {"(curl ", "(wget ", "`curl ", "`wget "};

	for (size_t i = 0; i < HF_ARRAY_SIZE(forms); i++) {
		if (strstr(text, forms[i]))
			return true;
	}
	return false;
}

/* ---- one command of a shell ---- */

/* What stands before a command and changes nothing in it. */
static bool is_wrapper(const char *text)
{
	static const char *const words[] = {
		"if",	"then",	 "elif", "else", "do",	  "while",	"until", "!",	 "{",
		"time", "exec",	 "sudo", "env",	 "nohup", "command",	"eatmydata", "nice", "ionice",
		"eval", "yes",	 NULL,
	};

	return is_one_of(text, words);
}

static bool is_assignment(const hf_step_word *w)
{
	const char *equal = memchr(w->text, '=', w->length);

	if (!equal || equal == w->text)
		return false;
	for (const char *at = w->text; at < equal; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_')
			return false;
	}
	return true;
}

/* Where the program's name stands. */
static size_t find_program(const hf_step_word *words, size_t count)
{
	bool is_wrapped = false;
	size_t i = 0;

	for (; i < count; i++) {
		if (is_wrapper(words[i].text))
			is_wrapped = true;
		else if (!is_assignment(&words[i]) && !(is_wrapped && *words[i].text == '-'))
			break;
	}
	return i;
}

/* sh -euxc 'command' */
static void look_at_inner(hf_step *d, const hf_step_word *words, size_t count)
{
	for (size_t i = 1; i + 1 < count && *words[i].text == '-'; i++) {
		const char *text = words[i].text;

		if (text[1] != '-' && strchr(text, 'c') && d->depth < HF_STEP_DEPTH) {
			d->depth++;
			hf_step_describe_shell(d, words[i + 1].text, words[i + 1].length);
			d->depth--;
			return;
		}
		i += strcmp(text, "-o") == 0;
	}
}

void hf_step_look_at_command(hf_step *d, const hf_step_word *words, size_t count, char before, char after)
{
	size_t at = find_program(words, count);

	if (before != '|')
		d->is_loaded = false;
	for (size_t i = 0; i < count; i++)
		hf_step_look_at_word(d, &words[i], i + 1 < count ? &words[i + 1] : NULL);
	if (at >= count)
		return;
	const char *slash = strrchr(words[at].text, '/');
	const char *program = slash ? slash + 1 : words[at].text;

	words += at;
	count -= at;
	for (size_t i = 1; i < count; i++)
		look_at_option(d, program, &words[i]);
	for (size_t i = 0; i < HF_ARRAY_SIZE(managers); i++) {
		if (strcmp(program, managers[i].name) == 0)
			look_at_manager(d, &managers[i], words, count);
	}
	look_at_download(d, program, words, count);
	d->has_check = d->has_check || is_comparison(program, words, count);
	if (is_interpreter(program)) {
		bool is_fed = before == '|' && d->is_loaded;

		for (size_t i = 1; i < count; i++)
			is_fed = is_fed || holds_download(words[i].text);
		if (is_fed)
			hf_step_mark(d, "unverified", "pipe");
		look_at_inner(d, words, count);
	}
	if (strcmp(program, "curl") == 0 || strcmp(program, "wget") == 0)
		d->is_loaded = after == '|';
}
