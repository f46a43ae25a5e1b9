/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who could replace, or read, the files by which the Engine API knows itself and its clients. */
#include "judge.h"

typedef struct tls_file {
	const char *option;
	const char *name; /* where nothing names it, in ~/.docker */
	uint32_t allowed;
	const char *wanted;
} tls_file;

static void check_owner(hf_check_run *run)
{
	const tls_file *file = hf_check_param(run);
	files_tally tally = files_begin_daemon(run, "owner and group root");
	const char *path = files_tls(run, file->option, file->name);

	if (!path)
		return;
	files_owner(&tally, path);
	files_end(&tally, "the engine has no such file");
}

static void check_mode(hf_check_run *run)
{
	const tls_file *file = hf_check_param(run);
	files_tally tally = files_begin_daemon(run, file->wanted);
	const char *path = files_tls(run, file->option, file->name);

	if (!path)
		return;
	files_mode(&tally, path, file->allowed);
	files_end(&tally, "the engine has no such file");
}

#define READ_ONLY "mode 0444 or stricter, also by an access control list"
#define PRIVATE	  "mode 0400 or stricter, also by an access control list"

static const tls_file ca = {"tlscacert", "ca.pem", 0444, READ_ONLY};
static const tls_file certificate = {"tlscert", "cert.pem", 0444, READ_ONLY};
static const tls_file key = {"tlskey", "key.pem", 0400, PRIVATE};

static const hf_check checks[] = {
	{
		.id = "files.tls-ca-owner",
		.title = "The CA file of the Engine API belongs to root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.9", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04", "DOCKER-BENCH:check_3_9"),
		.risk = "Whoever controls the CA file decides which clients the API admits, and a "
			"client of the API is root of the node.",
		.threat = "A local user puts his own CA there, signs himself a certificate, and "
			  "after "
			  "the next start of the engine the API takes him for an administrator.",
		.remediation =
			"chown root:root on the file of tlscacert (daemon.json, or the flag of "
			"dockerd)",
		.run = check_owner,
		.param = &ca,
	},
	{
		.id = "files.tls-ca-mode",
		.title = "The CA file of the Engine API is read-only",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.10", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_10"),
		.risk = "Whoever controls the CA file decides which clients the API admits, and a "
			"client of the API is root of the node.",
		.threat = "A local user puts his own CA there, signs himself a certificate, and "
			  "after "
			  "the next start of the engine the API takes him for an administrator.",
		.remediation =
			"chmod 0444 on the file of tlscacert (daemon.json, or the flag of "
			"dockerd), "
			"and setfacl -b where an access control list names others. Root needs no "
			"write bit to renew it.",
		.run = check_mode,
		.param = &ca,
	},
	{
		.id = "files.tls-cert-owner",
		.title = "The server certificate of the Engine API belongs to root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.11", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_11"),
		.risk = "Whoever controls the certificate decides which one the API shows: clients "
			"are turned away, or taught to accept another.",
		.threat = "A local user replaces certificate and key by his own, and where clients "
			  "trust that issuer he sees and changes what they send.",
		.remediation =
			"chown root:root on the file of tlscert (daemon.json, or the flag of "
			"dockerd)",
		.run = check_owner,
		.param = &certificate,
	},
	{
		.id = "files.tls-cert-mode",
		.title = "The server certificate of the Engine API is read-only",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_T | HF_STRIDE_E,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.12", "CWE:732", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_12"),
		.risk = "Whoever controls the certificate decides which one the API shows: clients "
			"are turned away, or taught to accept another.",
		.threat = "A local user replaces certificate and key by his own, and where clients "
			  "trust that issuer he sees and changes what they send.",
		.remediation =
			"chmod 0444 on the file of tlscert (daemon.json, or the flag of dockerd), "
			"and setfacl -b where an access control list names others. Root needs no "
			"write bit to renew it.",
		.run = check_mode,
		.param = &certificate,
	},
	{
		.id = "files.tls-key-owner",
		.title = "The server key of the Engine API belongs to root",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:M/Au:S/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.13", "CWE:732", "CWE:282", "ATTACK:T1543.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_13"),
		.risk = "Whoever has the key can be the API to every client that trusts this "
			"node's "
			"certificate.",
		.threat = "A local user copies the key, answers in the node's place on the network "
			  "and takes the commands, and with them the secrets, of administrators.",
		.remediation = "chown root:root on the file of tlskey (daemon.json, or the flag of "
			       "dockerd)",
		.run = check_owner,
		.param = &key,
	},
	{
		.id = "files.tls-key-mode",
		.title = "Only root can read the server key of the Engine API",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:N/C:C/I:C/A:C"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:3.14", "CWE:522", "CWE:276", "ATTACK:T1222.002",
				"NIST-800-190:4.5.5", "OWASP-Docker:D04",
				"DOCKER-BENCH:check_3_14"),
		.risk = "Whoever has the key can be the API to every client that trusts this "
			"node's "
			"certificate.",
		.threat = "A local user copies the key, answers in the node's place on the network "
			  "and takes the commands, and with them the secrets, of administrators.",
		.remediation =
			"chmod 0400 on the file of tlskey (daemon.json, or the flag of dockerd), "
			"and setfacl -b where an access control list names others. Root needs no "
			"write bit to renew it.",
		.run = check_mode,
		.param = &key,
	},
};

HF_CHECK_SET(files_tls_set, checks);
