/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and certificates of a swarm: how long they hold, and what locks them. */
#include "judge.h"

enum { DAY = 86400, HOUR = 3600 };

/* ---- swarm.autolock ---- */

/* After a restart with autolock the node is locked, and tells nothing but that. */
static bool is_locked(hf_check_run *run)
{
	const hf_api_value *state = hf_api_get(run, "/info", "Swarm/LocalNodeState");

	return state->fact.state == HF_PRESENT && strcmp(state->text, "locked") == 0;
}

static void check_autolock(hf_check_run *run)
{
	static const char wanted[] = "on, and the key of this node encrypted";
	const hf_swarm *swarm = hf_swarm_get(run);

	if (is_locked(run)) {
		if (hf_need(run, &swarm->key))
			(void)hf_expect(run, swarm->key.source,
					swarm->is_key_encrypted ? "locked, encrypted" : "locked, not encrypted",
					wanted, swarm->is_key_encrypted);
		return;
	}
	if (!swarm_is_managed(run))
		return;
	const hf_api_value *lock =
		hf_api_get(run, "/info", "Swarm/Cluster/Spec/EncryptionConfig/AutoLockManagers");
	bool is_on;

	if (!hf_need(run, &lock->fact))
		return;
	if (!hf_parse_go_bool(lock->text, &is_on)) {
		hf_unknown(run, lock->fact.source, "is neither true nor false");
		return;
	}
	(void)hf_expect(run, lock->fact.source, lock->text, wanted, is_on);
	if (is_on && hf_need(run, &swarm->key))
		(void)hf_expect(run, swarm->key.source,
				swarm->is_key_encrypted ? "encrypted" : "not encrypted", wanted,
				swarm->is_key_encrypted);
}

/* ---- swarm.autolock-key-rotation ---- */

enum { KEY_AGE_MAX = 180 * DAY };

static const char *version_text(hf_check_run *run, const hf_swarm *swarm)
{
	return swarm->kek_version < 0 ? "kek-version not told"
				      : hf_text(run, "kek-version %lld", (long long)swarm->kek_version);
}

/* What bounds its age: the swarm is younger, or the file was not written for longer; it is written at each renewal of the
 * certificate, too, so that a young file proves nothing. */
static void judge_key_age(hf_check_run *run, const hf_swarm *swarm, int64_t now)
{
	static const char wanted[] = "renewed within 180 days";
	const hf_api_value *created = hf_api_get(run, "/info", "Swarm/Cluster/CreatedAt");
	const hf_file *file = hf_stat_get(run, swarm->key.source);
	int64_t born;

	if (!hf_need(run, &created->fact) || !hf_need(run, &file->fact))
		return;
	if (!swarm_parse_time(created->text, &born)) {
		hf_unknown(run, created->fact.source, "is no time");
		return;
	}
	int64_t written = file->mtime_ns / 1000000000;

	if (now - born <= KEY_AGE_MAX)
		(void)hf_expect(run, created->fact.source,
				hf_text(run, "the swarm itself is of %s", swarm_date(run, born)), wanted,
				true);
	else if (now - written > KEY_AGE_MAX)
		(void)hf_expect(run, swarm->key.source,
				hf_text(run, "not written since %s", swarm_date(run, written)), wanted,
				false);
	else
		hf_review(run, swarm->key.source, version_text(run, swarm),
			  "whether the number has grown in the last 180 days, by your record of "
			  "\"docker swarm unlock-key --rotate\"");
}

static void check_key_rotation(hf_check_run *run)
{
	const hf_swarm *swarm = hf_swarm_get(run);
	int64_t now;

	if (!swarm_is_managed(run))
		return;
	const hf_api_value *lock =
		hf_api_get(run, "/info", "Swarm/Cluster/Spec/EncryptionConfig/AutoLockManagers");

	if (!hf_need(run, &lock->fact))
		return;
	if (strcmp(lock->text, "true") != 0)
		hf_not_applicable(run, lock->fact.source, lock->text,
				  "there is no unlock key: swarm.autolock decides");
	else if (swarm_now(run, &now) && hf_need(run, &swarm->key))
		judge_key_age(run, swarm, now);
}

/* ---- certificates ---- */

static const hf_certificates *certificates_of(hf_check_run *run, const char *name)
{
	const hf_swarm *swarm = hf_swarm_get(run);
	const hf_certificates *all;

	if (!swarm->root) {
		hf_unknown(run, swarm->fact.source, swarm->fact.why);
		return NULL;
	}
	all = hf_certificates_get(run, hf_text(run, "%s/certificates/%s", swarm->root, name));
	return hf_need(run, &all->fact) ? all : NULL;
}

static void check_node_cert(hf_check_run *run)
{
	/* the CA dates each an hour back: clocks differ */
	const int64_t longest = 90 * DAY + HOUR;
	static const char wanted[] = "valid now, and for not more than 90 days in all";
	const hf_api_value *expiry = hf_api_get(run, "/info", "Swarm/Cluster/Spec/CAConfig/NodeCertExpiry");
	const hf_certificates *all;
	int64_t now, told;

	if (!swarm_is_on(run) || !swarm_now(run, &now))
		return;
	all = certificates_of(run, "swarm-node.crt");
	if (!all)
		return;
	/* the node's own comes first, the CA that gave it may follow */
	const hf_certificate *own = &all->all[0];
	int64_t lifetime = own->not_after - own->not_before;

	(void)hf_expect(run, all->fact.source,
			hf_text(run, "from %s to %s (%lld days)", swarm_date(run, own->not_before),
				swarm_date(run, own->not_after), (long long)(lifetime / DAY)),
			wanted, lifetime <= longest && own->not_after > now && own->not_before <= now + HOUR);
	if (expiry->fact.state == HF_PRESENT &&
	    swarm_number(run, "Swarm/Cluster/Spec/CAConfig/NodeCertExpiry", &told))
		(void)hf_expect(run, expiry->fact.source,
				hf_text(run, "%lld days", (long long)(told / 1000000000 / DAY)),
				"90 days at most", told > 0 && told / 1000000000 <= 90 * DAY);
}

/* A rotation that has not ended within a day has nodes that cannot follow. */
static void judge_rotation(hf_check_run *run, int64_t now)
{
	const hf_api_value *running = hf_api_get(run, "/info", "Swarm/Cluster/RootRotationInProgress");
	const hf_api_value *updated = hf_api_get(run, "/info", "Swarm/Cluster/UpdatedAt");
	int64_t since;

	if (running->fact.state != HF_PRESENT || strcmp(running->text, "true") != 0)
		return;
	if (!hf_need(run, &updated->fact))
		return;
	if (!swarm_parse_time(updated->text, &since))
		hf_unknown(run, updated->fact.source, "is no time");
	else
		(void)hf_expect(run, running->fact.source,
				hf_text(run, "a rotation runs since %s or longer", swarm_date(run, since)),
				"no rotation for more than a day", now - since <= DAY);
}

static void check_ca(hf_check_run *run)
{
	static const char wanted[] = "not older than 365 days, and valid";
	const hf_certificates *all;
	int64_t now;

	if (!swarm_is_on(run) || !swarm_now(run, &now))
		return;
	all = certificates_of(run, "swarm-root-ca.crt");
	if (!all)
		return;
	const hf_certificate *newest = &all->all[0];
	bool is_valid = true;

	for (size_t i = 0; i < all->count; i++) {
		if (all->all[i].not_before > newest->not_before)
			newest = &all->all[i];
		is_valid = is_valid && all->all[i].not_after > now;
	}
	(void)hf_expect(run, all->fact.source,
			hf_text(run, "of %s%s", swarm_date(run, newest->not_before),
				is_valid ? "" : ", one has expired"),
			wanted, is_valid && now - newest->not_before <= (int64_t)365 * DAY);
	judge_rotation(run, now);
}

static const hf_check checks[] = {
	{
		.id = "swarm.autolock",
		.title = "Managers need an unlock key after a restart",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I | HF_STRIDE_S,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:C/I:N/A:N"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.5", "CWE:522", "CWE:311", "ATTACK:T1552.004",
				"NIST-800-190:4.3.5", "OWASP-Docker:D06", "DOCKER-BENCH:check_7_5"),
		.risk = "The manager's key and the key of the swarm's log, with every secret in it, lie "
			"readable on the disk.",
		.threat = "Whoever gets at a disk, a backup or a snapshot of one manager has all secrets "
			  "of the swarm and can pose as a manager.",
		.remediation = "docker swarm update --autolock=true; keep the key that it prints away "
			       "from the managers, for docker swarm unlock after each restart.",
		.run = check_autolock,
	},
	{
		.id = "swarm.autolock-key-rotation",
		.title = "The unlock key is renewed in time",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_I,
		.severity = HF_CCSS("AV:L/AC:L/Au:S/C:P/I:N/A:N"),
		.level = 1,
		.flags = HF_CHECK_MANUAL,
		.refs = HF_REFS("CIS-Docker-1.6:7.6", "CWE:324", "NIST-800-190:4.3.5",
				"OWASP-Docker:D06", "DOCKER-BENCH:check_7_6"),
		.risk = "A key that somebody noted years ago still opens today's state.",
		.threat = "A former administrator, or who found his notes, unlocks a stolen backup.",
		.remediation = "docker swarm unlock-key --rotate on a manager, at least every half "
			       "year; keep the old key until all managers are restarted.",
		.run = check_key_rotation,
	},
	{
		.id = "swarm.node-cert-expiry",
		.title = "Node certificates are short-lived and valid",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.7", "CWE:324", "CWE:298", "ATTACK:T1552.004",
				"NIST-800-190:4.3.5", "OWASP-Docker:D06", "DOCKER-BENCH:check_7_7"),
		.risk = "A stolen certificate is good until it ends: nothing revokes it.",
		.threat = "A copy of a node's disk poses as the node, and as a manager where it was one.",
		.remediation = "docker swarm update --cert-expiry 720h (a month; the default is 2160h). "
			       "Nodes renew theirs in time by themselves.",
		.run = check_node_cert,
	},
	{
		.id = "swarm.ca-rotation",
		.title = "The swarm root CA is renewed in time",
		.subject = HF_SUBJECT_DAEMON,
		.stride = HF_STRIDE_S,
		.severity = HF_CCSS("AV:N/AC:H/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CIS-Docker-1.6:7.8", "CWE:324", "NIST-800-190:4.3.5",
				"OWASP-Docker:D06", "DOCKER-BENCH:check_7_8"),
		.risk = "The root that all nodes trust is made for twenty years; each manager that ever "
			"was has its key.",
		.threat = "Whoever once read a manager's disk signs certificates that every node takes.",
		.remediation = "docker swarm ca --rotate on a manager, once a year and whenever a "
			       "manager was lost; docker swarm ca shows how far it is.",
		.run = check_ca,
	},
};

HF_CHECK_SET(swarm_keys, checks);
