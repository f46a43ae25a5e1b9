/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose record is whose, and what it says: formats of Docker 20.10, containerd 1.6, runc 1.1,
 * Podman 4.3, CRI-O. */
#include "facts-fixture.h"

#include "facts/declared.h"

#define ID     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2    "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define DOCKER "/var/lib/docker/containers/" ID
#define BUNDLE "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json"

static hf_declared_identity identify(fixture *f, hf_declared_key key)
{
	hf_declared_identity identity;

	(void)fixture_start(f);
	hf_declared_identify(f->facts, &key, &identity);
	return identity;
}

static void put_docker(fixture *f)
{
	answer(f, "call:records",
	       "docker - /var/lib/docker/containers\ndocker " ID " " DOCKER "\n");
	answer(f, "file:" DOCKER "/config.v2.json",
	       "{\"ID\":\"" ID
	       "\",\"Name\":\"/web\",\"Image\":\"sha256:aa\",\"State\":{\"Running\":true,"
	       "\"Paused\":false},\"Config\":{\"Image\":\"nginx:1\",\"Labels\":{}},\"MountPoints\":"
	       "{"
	       "\"/data\":{\"Source\":\"/srv\",\"Destination\":\"/"
	       "data\",\"RW\":true,\"Relabel\":\"z\"}}}");
	answer(f, "file:" DOCKER "/hostconfig.json",
	       "{\"PidMode\":\"host\",\"Sysctls\":{\"net.ipv4.ip_forward\":\"1\"}}");
}

/* ---- names ---- */

static void test_docker_name(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	put_docker(f);
	hf_declared_identity identity = identify(f, (hf_declared_key){.id = ID});

	assert_string_equal(identity.name, "web");
	assert_string_equal(identity.image, "nginx:1");
	assert_string_equal(identity.runtime, "docker");
	assert_string_equal(identity.source, DOCKER);
	assert_null(identify(f, (hf_declared_key){.id = ID2}).source);
}

static void test_kubernetes_name(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	answer(f, "call:records", "bundle " ID " " BUNDLE "\n");
	answer(f, "file:" BUNDLE,
	       "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
	       "\"io.kubernetes.cri.container-name\":\"app\",\"io.kubernetes.cri.sandbox-name\":"
	       "\"web-0\","
	       "\"io.kubernetes.cri.sandbox-namespace\":\"shop\",\"io.kubernetes.cri.image-name\":"
	       "\"web:1\","
	       "\"io.kubernetes.cri.sandbox-id\":\"" ID2 "\"}}");
	hf_declared_identity identity = identify(f, (hf_declared_key){.id = ID});

	assert_string_equal(identity.name, "shop/web-0/app");
	assert_string_equal(identity.image, "web:1");
	assert_string_equal(identity.pod, ID2);
	assert_string_equal(identity.runtime, "kubernetes");
	assert_false(identity.is_sandbox);
	answer(f, "file:" BUNDLE,
	       "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\","
	       "\"io.kubernetes.cri.sandbox-name\":\"web-0\",\"io.kubernetes.cri.sandbox-id\":\"" ID
	       "\"}}");
	identity = identify(f, (hf_declared_key){.id = ID});
	assert_string_equal(identity.name, "web-0");
	assert_true(identity.is_sandbox);
	/* a value that was taken out is no name */
	answer(f, "file:" BUNDLE, "{\"annotations\":{\"nerdctl/name\":\"[redacted]\"}}");
	assert_null(identify(f, (hf_declared_key){.id = ID}).name);
}

static void test_storage_name(void **state)
{
	static const char config[] =
		"/var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json";
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	char question[256];

	(void)state;
	(void)snprintf(question, sizeof question, "file:%s", config);
	answer(f, "call:records",
	       "storage " ID " /var/lib/containers/storage/overlay-containers/" ID
	       "/userdata/config.json\nnames - "
	       "/var/lib/containers/storage/overlay-containers/containers.json\n");
	answer(f, question, "{\"annotations\":{\"io.container.manager\":\"libpod\"}}");
	answer(f, "file:/var/lib/containers/storage/overlay-containers/containers.json",
	       "[{\"id\":\"" ID "\",\"names\":[\"hfpod\"],\"image\":\"" ID2
	       "\",\"metadata\":\"{\\\"image-name\\\":\\\"localhost/"
	       "hf-test:1\\\",\\\"name\\\":\\\"hfpod\\\"}\"}]");
	hf_declared_identity identity = identify(f, (hf_declared_key){.id = ID});

	assert_string_equal(identity.name, "hfpod");
	assert_string_equal(identity.image, "localhost/hf-test:1");
	assert_string_equal(identity.runtime, "podman");
	answer(f, question,
	       "{\"annotations\":{\"io.container.manager\":\"cri-o\",\"io.kubernetes.cri-o."
	       "ContainerType\":"
	       "\"container\",\"io.kubernetes.cri-o.SandboxID\":\"" ID2
	       "\",\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"shop\","
	       "\"io.kubernetes.container.name\":\"app\"}}");
	identity = identify(f, (hf_declared_key){.id = ID});
	assert_string_equal(identity.runtime, "cri-o");
	assert_string_equal(identity.name, "shop/web-0/app");
	assert_string_equal(identity.pod, ID2);
}

/* ---- whose it is ---- */

static void test_by_process(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_declared_key key = {.id = "/web", .cgroup = "/web", .pid = 12, .start_ticks = 345};

	(void)state;
	answer(f, "call:records",
	       "runc web /run/runc/web/state.json\nbundle web /srv/web/config.json\n"
	       "bundle a\\040b "
	       "/run/containerd/io.containerd.runtime.v2.task/default/a\\040b/config.json\n"
	       "pid a\\040b "
	       "/run/containerd/io.containerd.runtime.v2.task/default/a\\040b/init.pid\n"
	       "crun box /run/crun/box/status\n");
	answer(f, "file:/run/runc/web/state.json",
	       "{\"id\":\"web\",\"init_process_pid\":12,\"init_process_start\":345}");
	answer(f, "file:/srv/web/config.json", "{}");
	answer(f, "file:/run/containerd/io.containerd.runtime.v2.task/default/a b/init.pid", "14");
	answer(f, "file:/run/containerd/io.containerd.runtime.v2.task/default/a b/config.json",
	       "{}");
	answer(f, "file:/run/crun/box/status", "{\"pid\":13,\"process-start-time\":346}");
	assert_string_equal(identify(f, key).name, "web");
	assert_string_equal(identify(f, key).source, "/srv/web/config.json");
	/* the number of a process that ended, given to another */
	key.start_ticks = 999;
	assert_null(identify(f, key).source);
	key = (hf_declared_key){.id = "mnt:[7]", .pid = 14, .start_ticks = 1};
	assert_string_equal(identify(f, key).name, "a b");
	assert_string_equal(identify(f, key).runtime, "containerd");
	key.pid = 13;
	assert_null(identify(f, key).source);
	key.start_ticks = 346;
	assert_string_equal(identify(f, key).runtime, "crun");
}

static void test_by_name(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_declared_key key = {.id = "/lxc.payload.ct", .cgroup = "/lxc.payload.ct", .pid = 5};

	(void)state;
	answer(f, "call:records",
	       "lxc ct /var/lib/lxc/ct/config\nmachine box /run/systemd/machines/box\n");
	answer(f, "file:/var/lib/lxc/ct/config", "");
	answer(f, "file:/run/systemd/machines/box", "NAME=box\nLEADER=15\n");
	assert_string_equal(identify(f, key).runtime, "lxc");
	key.cgroup = "/lxc.payload.ct2";
	assert_null(identify(f, key).source);
	key.pid = 15;
	assert_string_equal(identify(f, key).runtime, "systemd-nspawn");
}

static void test_users_record(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	answer(f, "call:records", "bundle " ID " " BUNDLE "\nuser !EACCES /run/user/1001\n");
	fixture_put(f, "file:" BUNDLE,
		    (hf_answer){.data = "{}",
				.size = 2,
				.meta = {.mode = S_IFREG | 0644, .uid = 1000}});
	assert_null(identify(f, (hf_declared_key){.id = ID, .cgroup = "/system.slice/" ID}).source);
	assert_non_null(identify(f,
				 (hf_declared_key){
					 .id = ID,
					 .cgroup = "/user.slice/user-1000.slice/x/" ID,
				 })
				.source);
	assert_int_equal(hf_declared_fact_for(f->facts, "/system.slice/x").state, HF_PRESENT);
	assert_int_equal(hf_declared_fact_for(f->facts, "/user.slice/user-1001.slice/x").state,
			 HF_UNREADABLE);
}

/* ---- what it says ---- */

static const hf_container docker = {.id = ID, .runtime = "docker", .cgroup = "/docker/" ID};

static void test_inspect(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	put_docker(f);
	hf_check_run *run = fixture_start(f);

	assert_string_equal(hf_container_inspect(run, &docker, "Id")->text, ID);
	assert_string_equal(hf_container_inspect(run, &docker, "HostConfig/PidMode")->text, "host");
	assert_string_equal(hf_container_inspect(run, &docker, "State/Status")->text, "running");
	assert_string_equal(hf_container_inspect(run, &docker, "Mounts/0/Mode")->text, "z");
	assert_int_equal(hf_container_inspect(run, &docker, "Mounts")->count, 1);
	assert_string_equal(hf_container_inspect_member(run, &docker, "HostConfig/Sysctls", 0),
			    "net.ipv4.ip_forward");
	assert_null(hf_container_inspect_member(run, &docker, "HostConfig/Sysctls", 1));
	const hf_api_value *none = hf_container_inspect(run, &docker, "HostConfig/NoSuch");

	assert_int_equal(none->fact.state, HF_ABSENT);
	assert_string_not_equal(none->fact.source, "declared");
	/* its absence in the files says nothing */
	assert_int_equal(hf_container_inspect(run, &docker, "ExecIDs")->fact.state, HF_UNREADABLE);
	answer_error(f, "file:" DOCKER "/hostconfig.json", EACCES, NULL);
	run = fixture_start(f);
	assert_int_equal(hf_container_inspect(run, &docker, "Id")->fact.state, HF_UNREADABLE);
}

static void test_no_record(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	const hf_container other = {.id = "/x", .runtime = "lxc", .cgroup = "/x"};

	(void)state;
	answer(f, "call:records", "bundle - /run/x\n");
	hf_check_run *run = fixture_start(f);

	assert_int_equal(hf_container_record(run, &other)->state, HF_ABSENT);
	assert_string_equal(hf_container_inspect(run, &other, "Id")->fact.source, "declared");
	assert_int_equal(hf_container_inspect(run, &other, "Id")->fact.state, HF_ABSENT);
	assert_int_equal(hf_container_oci(run, &other, "linux")->fact.state, HF_ABSENT);
	/* some engine made it, and could not be asked */
	assert_int_equal(hf_container_inspect(run, &docker, "Id")->fact.state, HF_UNREADABLE);
	answer(f, "call:records", "bundle !EACCES /run/x\n");
	run = fixture_start(f);
	assert_int_equal(hf_container_record(run, &other)->state, HF_UNREADABLE);
	assert_int_equal(hf_container_oci(run, &other, "linux")->fact.state, HF_UNREADABLE);
	answer_error(f, "call:records", ETIMEDOUT, NULL);
	run = fixture_start(f);
	assert_int_equal(hf_container_record(run, &other)->state, HF_UNREADABLE);
}

/* Two bundles with one profile, one without, and one where the word stands in a string. */
static void test_profiles(void **state)
{
	static const char profile[] = "{\"linux\":{\"seccomp\":{\"defaultAction\":\"A\",\"x\":[\"}"
				      "\",\"\\\"{\"]},\"z\":\"%s\"}}";
	static const char *const ids[] = {ID, ID2};
	hf_cleanup(fixture_freep) fixture *f = fixture_new();
	hf_container container = {.runtime = "containerd"};
	char text[256], question[300];

	(void)state;
	answer(f, "call:records",
	       "bundle " ID " /b/" ID "/config.json\nbundle " ID2 " /b/" ID2 "/config.json\n");
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof text, profile, ids[i]);
		(void)snprintf(question, sizeof question, "file:/b/%s/config.json", ids[i]);
		answer(f, question, text);
	}
	hf_check_run *run = fixture_start(f);

	for (size_t i = 0; i < 2; i++) {
		container.id = ids[i];
		assert_string_equal(
			hf_container_oci(run, &container, "linux/seccomp/defaultAction")->text,
			"A");
		assert_string_equal(hf_container_oci(run, &container, "linux/seccomp/x/1")->text,
				    "\"{");
		assert_string_equal(hf_container_oci(run, &container, "linux/z")->text, ids[i]);
	}
	answer(f, "file:/b/" ID "/config.json",
	       "{\"seccomp\":null,\"a\":{\"b\":\"\\\"seccomp\\\":{\"}}");
	run = fixture_start(f);
	container.id = ID;
	assert_string_equal(hf_container_oci(run, &container, "a/b")->text, "\"seccomp\":{");
	assert_true(hf_container_oci(run, &container, "seccomp")->is_null);
	answer(f, "file:/b/" ID "/config.json", "{\"seccomp\":{\"a\":");
	run = fixture_start(f);
	assert_int_equal(hf_container_oci(run, &container, "seccomp")->fact.state, HF_UNREADABLE);
	/* one that was cut is nobody else's, though all begin alike */
	answer(f, "file:/b/" ID2 "/config.json", "{\"seccomp\":{\"a\":\"b\"}}");
	run = fixture_start(f);
	assert_int_equal(hf_container_oci(run, &container, "seccomp")->fact.state, HF_UNREADABLE);
	container.id = ID2;
	assert_string_equal(hf_container_oci(run, &container, "seccomp/a")->text, "b");
}

/* RLIM_INFINITY, in a plain document and in one that takes the long way. */
static void test_large_numbers(void **state)
{
	static const char *const texts[] = {
		"{\"a\":[18446744073709551615,-1,12]}",
		"{\"a\":[18446744073709551615,-1,12],\"b\":\"\xc3\xa4\"}",
	};
	hf_container container = {.id = ID, .runtime = "containerd"};

	(void)state;
	for (size_t i = 0; i < HF_ARRAY_SIZE(texts); i++) {
		hf_cleanup(fixture_freep) fixture *f = fixture_new();

		answer(f, "call:records", "bundle " ID " /b/config.json\n");
		answer(f, "file:/b/config.json", texts[i]);
		hf_check_run *run = fixture_start(f);

		assert_int_equal(hf_container_oci(run, &container, "a")->fact.state, HF_PRESENT);
		assert_string_equal(hf_container_oci(run, &container, "a/1")->text, "-1");
		assert_string_equal(hf_container_oci(run, &container, "a/2")->text, "12");
	}
}

static void test_runtime_records(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	answer(f, "call:records",
	       "docker " ID " " DOCKER
	       "\nlxc ct /var/lib/lxc/ct/config\nrunc web /run/runc/web/state.json\n");
	answer(f, "file:/run/runc/web/state.json", "{\"init_process_pid\":12}");
	const hf_runtime_records *records = hf_runtime_records_get(fixture_start(f));

	/* Docker and LXC keep theirs of what does not run, too */
	assert_int_equal(records->fact.state, HF_PRESENT);
	assert_int_equal(records->count, 1);
	assert_string_equal(records->all[0]->id, "web");
	assert_string_equal(records->all[0]->runtime, "runc");
	assert_int_equal(records->all[0]->pid, 12);
}

static void test_image_tag(void **state)
{
	hf_cleanup(fixture_freep) fixture *f = fixture_new();

	(void)state;
	put_docker(f);
	answer(f, "call:records",
	       "docker " ID " " DOCKER
	       "\nimages - /var/lib/docker/image/overlay2/repositories.json\n");
	answer(f, "file:/var/lib/docker/image/overlay2/repositories.json",
	       "{\"Repositories\":{\"nginx\":{\"nginx:1\":\"sha256:bb\",\"nginx:2\":\"sha256:aa\"}}"
	       "}");
	const hf_image_tag *tag = hf_container_image_tag(fixture_start(f), &docker);

	assert_int_equal(tag->fact.state, HF_PRESENT);
	assert_string_equal(tag->reference, "nginx:1");
	assert_string_equal(tag->image, "sha256:aa");
	assert_string_equal(tag->now, "sha256:bb");
	assert_true(tag->is_tagged);
	assert_true(tag->has_repository);
	answer_error(f, "file:/var/lib/docker/image/overlay2/repositories.json", EIO, NULL);
	assert_int_equal(hf_container_image_tag(fixture_start(f), &docker)->fact.state,
			 HF_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker_name),  cmocka_unit_test(test_kubernetes_name),
		cmocka_unit_test(test_storage_name), cmocka_unit_test(test_by_process),
		cmocka_unit_test(test_by_name),	     cmocka_unit_test(test_users_record),
		cmocka_unit_test(test_inspect),	     cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_profiles),     cmocka_unit_test(test_runtime_records),
		cmocka_unit_test(test_image_tag),    cmocka_unit_test(test_large_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
