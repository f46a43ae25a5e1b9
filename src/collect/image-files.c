/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files of an image mean: accounts, the release, secrets, sources of packages, tools. No I/O; all of it was
 * written by whoever built the image. */
#include "collect/images.h"

#include "collect/proc.h"

#include <ctype.h>
#include <fnmatch.h>
#include <strings.h>

/* ---- passwd(5) ---- */

int hf_image_find_user(const char *text, size_t size, const char *user, uint32_t *ret_uid)
{
	const char *cursor = text, *line;
	size_t length, wanted = strlen(user);

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		const char *end = line + length;
		const char *password = length > wanted && memcmp(line, user, wanted) == 0 &&
						       line[wanted] == ':'
					       ? line + wanted + 1
					       : NULL;
		const char *uid = password ? memchr(password, ':', (size_t)(end - password)) : NULL;
		char number[16];
		uint64_t value;

		if (!password)
			continue;
		const char *stop = uid ? memchr(uid + 1, ':', (size_t)(end - uid - 1)) : NULL;

		if (!stop || (size_t)(stop - uid - 1) >= sizeof number)
			return -EBADMSG;
		memcpy(number, uid + 1, (size_t)(stop - uid - 1));
		number[stop - uid - 1] = '\0';
		if (hf_parse_u64(number, &value) < 0 || value > UINT32_MAX)
			return -EBADMSG;
		*ret_uid = (uint32_t)value;
		return 0;
	}
	return -ENOENT;
}

/* ---- os-release(5) ---- */

static void add_release_value(const char *text, size_t size, const char *key, hf_buffer *out)
{
	const char *cursor = text, *line, *value = "";
	size_t length, key_length = strlen(key), value_length = 0;

	/* the last one counts, as for a shell */
	while (hf_next_line(&cursor, text + size, &line, &length)) {
		if (length <= key_length || memcmp(line, key, key_length) != 0 || line[key_length] != '=')
			continue;
		value = line + key_length + 1;
		value_length = length - key_length - 1;
		if (value_length >= 2 && (*value == '"' || *value == '\'') &&
		    value[value_length - 1] == *value) {
			value++;
			value_length -= 2;
		}
	}
	hf_buffer_puts(out, " ");
	hf_buffer_add_word(out, value, value_length < 100 ? value_length : 100);
}

void hf_image_project_release(const char *text, size_t size, hf_buffer *out)
{
	static const char *const keys[] = {"ID", "VERSION_ID", "SUPPORT_END", "PRETTY_NAME"};

	hf_buffer_puts(out, "release");
	for (size_t i = 0; i < HF_ARRAY_SIZE(keys); i++)
		add_release_value(text, size, keys[i], out);
	hf_buffer_puts(out, "\n");
}

/* ---- secrets ---- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Keys that come with programs, for their tests and documentation, open nothing. */
static bool is_example(const char *path)
{
	static const char *const folders[] = {"/test/",	    "/tests/",	 "/testdata/", "/testing/", "/example/",
					      "/examples/", "/fixtures/", "/share/doc/", "/docs/"};

	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		if (strstr(path, folders[i]))
			return true;
	}
	return false;
}

typedef enum secret_form {
	FORM_PEM,      /* a private key in it */
	FORM_PASSWORD, /* "password = …", "_authToken=…", ":secret@" */
	FORM_JSON_AUTH,
	FORM_KUBE,
	FORM_PGPASS,
	FORM_HASH, /* a password's hash in shadow(5) */
} secret_form;

/* Patterns of fnmatch(3) without FNM_PATHNAME: '*' stands for '/', too. */
static const struct {
	const char *pattern;
	secret_form form;
	const char *kind;
} secrets[] = {
	{"*/id_rsa", FORM_PEM, "private-key"},
	{"*/id_dsa", FORM_PEM, "private-key"},
	{"*/id_ecdsa", FORM_PEM, "private-key"},
	{"*/id_ed25519", FORM_PEM, "private-key"},
	{"*/ssh_host_*_key", FORM_PEM, "host-key"},
	{"*.pem", FORM_PEM, "private-key"},
	{"*.key", FORM_PEM, "private-key"},
	{"*.ppk", FORM_PEM, "private-key"},
	{"*/.git-credentials", FORM_PASSWORD, "git-credentials"},
	{"*/.netrc", FORM_PASSWORD, "netrc"},
	{"*/.npmrc", FORM_PASSWORD, "npm-token"},
	{"*/.pypirc", FORM_PASSWORD, "pypi-token"},
	{"*/.aws/credentials", FORM_PASSWORD, "aws-credentials"},
	{"*/.docker/config.json", FORM_JSON_AUTH, "registry-login"},
	{"*/.dockercfg", FORM_JSON_AUTH, "registry-login"},
	{"*/.env", FORM_PASSWORD, "env-file"},
	{"*/.env.*", FORM_PASSWORD, "env-file"},
	{"*/.kube/config", FORM_KUBE, "kubeconfig"},
	{"*/kubeconfig", FORM_KUBE, "kubeconfig"},
	{"*/kubernetes/admin.conf", FORM_KUBE, "kubeconfig"},
	{"*/.pgpass", FORM_PGPASS, "pgpass"},
	{"/etc/shadow", FORM_HASH, "password-hash"},
};

static size_t find_secret(const char *path)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(secrets); i++) {
		if (fnmatch(secrets[i].pattern, path, 0) == 0)
			return is_example(path) ? HF_ARRAY_SIZE(secrets) : i;
	}
	return HF_ARRAY_SIZE(secrets);
}

bool hf_image_may_be_secret(const char *path)
{
	return find_secret(path) < HF_ARRAY_SIZE(secrets);
}

static bool has(const char *head, size_t size, const char *text)
{
	return memmem(head, size, text, strlen(text)) != NULL;
}

/* What hf_redact() would hide is one. Placeholders are not: "${TOKEN}", "changeme" is a bad one. */
static bool has_password(const char *head, size_t size)
{
	const char *cursor = head, *line;
	size_t length;

	while (hf_next_line(&cursor, head + size, &line, &length)) {
		hf_cleanup(hf_freep) char *clean = NULL;
		size_t clean_size;

		if (length == 0 || *line == '#' || *line == ';' || memchr(line, '$', length))
			continue;
		if (strcmp(hf_proc_shape_of(line, length), "-") != 0 ||
		    (hf_redact(line, length, &clean, &clean_size) == 0 && clean))
			return true;
		/* netrc(5): "machine h login l password p" */
		if (memmem(line, length, "password ", 9) && length > 9)
			return true;
	}
	return false;
}

/* "root:$6$…:": locked and empty ones have '!', '*' or nothing. */
static bool has_hash(const char *head, size_t size)
{
	const char *cursor = head, *line;
	size_t length;

	while (hf_next_line(&cursor, head + size, &line, &length)) {
		const char *colon = memchr(line, ':', length);

		if (colon && colon + 1 < line + length && (colon[1] == '$' || colon[1] == '_'))
			return true;
	}
	return false;
}

static bool is_of_form(secret_form form, const char *head, size_t size)
{
	switch (form) {
	case FORM_PEM:
		return (has(head, size, "-----BEGIN ") && has(head, size, "PRIVATE KEY-----")) ||
		       (has(head, size, "PuTTY-User-Key-File"));
	case FORM_PASSWORD:
		return has_password(head, size);
	case FORM_JSON_AUTH:
		return has(head, size, "\"auth\":") || has(head, size, "\"auth\" :") ||
		       has(head, size, "\"identitytoken\"");
	case FORM_KUBE:
		return has(head, size, "client-key-data:") || has(head, size, "token:") ||
		       has(head, size, "password:");
	case FORM_PGPASS:
		return has(head, size, ":");
	case FORM_HASH:
		return has_hash(head, size);
	}
	return false;
}

const char *hf_image_secret_kind(const char *path, const char *head, size_t size)
{
	size_t i = find_secret(path);

	return i < HF_ARRAY_SIZE(secrets) && is_of_form(secrets[i].form, head, size) ? secrets[i].kind
										      : NULL;
}

/* ---- sources of packages ---- */

static const char *const sources[] = {
	"/etc/apt/sources.list", "/etc/apt/sources.list.d/*", "/etc/apt/apt.conf", "/etc/apt/apt.conf.d/*",
	"/etc/yum.conf",	 "/etc/dnf/dnf.conf",	      "/etc/yum.repos.d/*", "/etc/zypp/repos.d/*",
	"/etc/pip.conf",	 "/root/.pip/pip.conf",	      "/root/.config/pip/pip.conf",
};

bool hf_image_is_source(const char *path)
{
	for (size_t i = 0; i < HF_ARRAY_SIZE(sources); i++) {
		if (fnmatch(sources[i], path, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}

/* Without blanks and quotes, in lower case: "Trusted: Yes" of a deb822 file is "trusted:yes". */
static size_t plain_line(const char *line, size_t length, char *plain, size_t room)
{
	size_t size = 0;

	for (size_t i = 0; i < length && size + 1 < room; i++) {
		if (!isspace((unsigned char)line[i]) && line[i] != '"' && line[i] != ';')
			plain[size++] = (char)tolower((unsigned char)line[i]);
	}
	plain[size] = '\0';
	return size;
}

const char *hf_image_source_fault(const char *path, const char *text, size_t size)
{
	static const struct {
		const char *folder; /* the path begins with it */
		const char *text;
		const char *fault;
	} faults[] = {
		{"/etc/apt/", "trusted=yes", "trusted=yes"},
		{"/etc/apt/", "trusted:yes", "trusted=yes"},
		{"/etc/apt/", "allow-insecure=yes", "allow-insecure=yes"},
		{"/etc/apt/", "allow-insecure:yes", "allow-insecure=yes"},
		{"/etc/apt/", "allowunauthenticatedtrue", "AllowUnauthenticated"},
		{"/etc/apt/", "allowunauthenticated1", "AllowUnauthenticated"},
		{"/etc/apt/", "allowinsecurerepositoriestrue", "AllowInsecureRepositories"},
		{"/etc/apt/", "allowinsecurerepositories1", "AllowInsecureRepositories"},
		{"/etc/apt/", "verify-peerfalse", "Verify-Peer=false"},
		{"/etc/", "gpgcheck=0", "gpgcheck=0"},
		{"/etc/", "gpgcheck=false", "gpgcheck=0"},
		{"/etc/", "gpgcheck=no", "gpgcheck=0"},
		{"/", "trusted-host=", "trusted-host"},
	};
	const char *cursor = text, *line;
	size_t length;
	char plain[512];

	while (hf_next_line(&cursor, text + size, &line, &length)) {
		(void)plain_line(line, length, plain, sizeof plain);
		if (*plain == '#' || hf_has_prefix(plain, "//") || hf_has_prefix(plain, "repo_gpgcheck"))
			continue;
		for (size_t i = 0; i < HF_ARRAY_SIZE(faults); i++) {
			if (hf_has_prefix(path, faults[i].folder) && strstr(plain, faults[i].text))
				return faults[i].fault;
		}
	}
	return NULL;
}

/* ---- programs ---- */

const char *hf_image_odd_program(const char *path)
{
	static const char *const programs[] = {
		"sudo",	 "sshd",    "dropbear", "telnetd", "in.telnetd", "gcc",	   "cc",     "clang",
		"gdb",	 "strace",  "nmap",	"tcpdump", "tshark",	 "ncat",   "nc.traditional", "socat",
	};
	static const char *const folders[] = {"/bin/",	       "/sbin/",	"/usr/bin/", "/usr/sbin/",
					      "/usr/local/bin/", "/usr/local/sbin/"};
	const char *base = base_of(path);

	for (size_t i = 0; i < HF_ARRAY_SIZE(folders); i++) {
		size_t length = strlen(folders[i]);

		if (!hf_has_prefix(path, folders[i]) || path + length != base)
			continue;
		for (size_t k = 0; k < HF_ARRAY_SIZE(programs); k++) {
			if (strcmp(base, programs[k]) == 0)
				return programs[k];
		}
	}
	return NULL;
}
