/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about containers: what the kernel says of each (the effective side), and what its runtime's
 * records say (the declared side).
 *
 * A container is what the kernel shows as one: processes in a control group that a runtime names after a
 * container, or in a mount namespace whose root is not the host's. Who started it does not matter.
 * Everything that a container can choose (names, paths, labels, commands) is hostile text. */
#ifndef HOLDFAST_CONTAINER_H
#define HOLDFAST_CONTAINER_H

#include <holdfast/daemon.h>
#include <holdfast/kernel.h>
#include <holdfast/process.h>

HF_BEGIN_DECLS

/* ---- namespaces: namespaces(7) ---- */

typedef enum hf_ns_type {
	HF_NS_CGROUP = 0,
	HF_NS_IPC,
	HF_NS_MNT,
	HF_NS_NET,
	HF_NS_PID,
	HF_NS_TIME,
	HF_NS_USER,
	HF_NS_UTS,
	HF_NS_COUNT
} hf_ns_type;

/* "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts": the names in /proc/PID/ns. */
HF_PUBLIC const char *hf_ns_name(hf_ns_type type);

/* The namespaces that the kernel was born with: those of kthreadd (pid 2), which never leaves them. */
typedef struct hf_ns_reference {
	hf_fact fact;                /* present: pid 2 is kthreadd and each link that exists was read */
	uint64_t inode[HF_NS_COUNT]; /* 0: this kernel has no such namespace, or it could not be read */
	uint64_t own[HF_NS_COUNT];   /* of the collector that read them */
	const char *why[HF_NS_COUNT]; /* .inode 0: why; NULL: the kernel has none of this type */
} hf_ns_reference;

HF_PUBLIC const hf_ns_reference *hf_ns_reference_get(hf_check_run *run);

/* ---- tasks ---- */

/* One task (thread) of a container. Sources: /proc/PID/{stat,status,ns,attr} and
 * /proc/PID/task/TID/{status,ns,attr}, proc(5). A task that ended while it was read is not there. */
typedef struct hf_task {
	hf_fact fact; /* unreadable: status could not be read, and nothing below .tid is known */
	int32_t pid;  /* of its process (thread group), in the initial pid namespace */
	int32_t tid;
	const char *name; /* comm: 15 bytes of the task's own choice */
	const char *exe;  /* link text of its process, or NULL */
	int32_t parent;   /* pid of the parent process */
	uint64_t start_ticks;
	int32_t ns_pid;   /* its pid in its innermost pid namespace; 0 not known */
	uint32_t ns_depth; /* number of pid namespaces it is in: 1 is the host's alone */
	uint32_t uid[4];  /* real, effective, saved, file system; ids of the initial user namespace */
	uint32_t gid[4];
	const uint32_t *groups;
	size_t group_count;
	uint64_t cap_inheritable;
	uint64_t cap_permitted;
	uint64_t cap_effective;
	uint64_t cap_bounding;
	uint64_t cap_ambient;
	bool no_new_privs;
	int32_t seccomp_mode;    /* 0 none, 1 strict, 2 filter; -1: the kernel has no seccomp */
	int32_t seccomp_filters; /* number of filters; -1: the kernel does not tell (before 5.9) */
	int32_t tracer; /* pid, 0: none */
	const char *speculation_store_bypass;     /* text of status, or NULL */
	const char *speculation_indirect_branch;
	uint64_t ns[HF_NS_COUNT]; /* inode; 0: could not be read, or this kernel has none */
	hf_fact ns_fact;          /* unreadable: one of them could not be read */
	const char *label; /* of the security module (attr/current), without line end; NULL not read */
	hf_fact label_fact; /* absent: no module of this kernel labels tasks */
	const char *source; /* "/proc/812/status", for evidence */
	bool is_outsider; /* its control group is not the container's: it was moved out of it, or entered the
			   * container by setns(2) */
} hf_task;

/* ---- containers ---- */

typedef struct hf_container {
	const char *id; /* 64 hex digits; else the cgroup path or "mnt:[inode]" where it has none */
	int32_t pid;    /* its first process: pid 1 of its pid namespace, else the oldest */
	const char *cgroup; /* path of its own group, without controllers; NULL: it has none */
	const char *name;    /* from the runtime's records, or NULL */
	const char *runtime; /* "docker", "containerd", "podman", "kubernetes", "cri-o", "lxc", "runc", "crun",
			      * "systemd-nspawn", "buildkit", "unknown" */
	const char *image;   /* reference as the runtime's records have it, or NULL */
	const char *pod;     /* id of the pod or sandbox it belongs to, or NULL */
	const char *user;    /* name of the host user who runs its first process's uid, or "uid N" */
	bool is_sandbox;     /* a pod's infrastructure ("pause") container */
	hf_fact tasks_fact; /* unreadable: some task could not be read, .why names it */
	const hf_task *tasks; /* by pid, then tid; the first process's main task is .init */
	size_t task_count;
	const hf_task *init; /* NULL: not read */
	/* A runtime's own processes at work in its group (runc on its way into the container, conmon): children
	 * of a runtime outside. They are not among .tasks. */
	const hf_task *helpers;
	size_t helper_count;
} hf_container;

typedef struct hf_containers {
	hf_fact fact;
	const hf_container *const *all; /* by id */
	size_t count;
} hf_containers;

/* Every running container of the node. Unreadable: there may be more than these. */
HF_PUBLIC const hf_containers *hf_containers_get(hf_check_run *run);

/* The container that a check with subject HF_SUBJECT_CONTAINER is asked about; never NULL there. */
HF_PUBLIC const hf_container *hf_container_of(hf_check_run *run);

/* NULL: @task's user namespace is the initial one, or it is not known. Else present with the maps of
 * /proc/PID/{uid_map,gid_map}: ids of the initial user namespace that it maps. */
typedef struct hf_id_map {
	uint32_t inside;
	uint32_t outside; /* in the initial user namespace */
	uint32_t length;
} hf_id_map;

typedef struct hf_id_maps {
	hf_fact fact;
	const hf_id_map *uid;
	size_t uid_count;
	const hf_id_map *gid;
	size_t gid_count;
} hf_id_maps;

HF_PUBLIC const hf_id_maps *hf_task_id_maps(hf_check_run *run, const hf_task *task);

/* True when @task's user namespace is proven to be another than the initial one; false also when it cannot
 * be told. Capabilities of such a task do not reach the host's resources. */
HF_PUBLIC bool hf_task_is_remapped(hf_check_run *run, const hf_task *task);

/* A task together with its container. */
typedef struct hf_located_task {
	const hf_task *task;
	const hf_container *container;
} hf_located_task;

/* One task of each container that has one with @uid (of the initial user namespace) among its four. */
HF_PUBLIC const hf_located_task *hf_tasks_with_uid(hf_check_run *run, uint32_t uid, size_t *ret_count);

/* The first task of a process that is in no container: what status tells, and no namespaces or label. It is
 * read only where the initial pid namespace is a container's, too. */
HF_PUBLIC const hf_task *hf_host_task(hf_check_run *run, int32_t pid);

/* When the process of @task was started, in nanoseconds since the epoch, rounded down to 10 ms; false: not
 * known. */
HF_PUBLIC HF_MUST_CHECK bool hf_task_start(hf_check_run *run, const hf_task *task, int64_t *ret_ns);

/* Containers that have something in common, the one that was asked about among them. */
typedef struct hf_peers {
	hf_fact fact; /* unreadable: there may be more */
	const hf_container *const *all; /* by id; none: it is not concerned */
	size_t count;
	size_t total; /* containers of the node that could be among them */
} hf_peers;

/* Those with a task in the same namespace of @type as one of @container's, the initial one left out. */
HF_PUBLIC const hf_peers *hf_container_ns_peers(hf_check_run *run, const hf_container *container,
						hf_ns_type type);

/* Those whose user namespaces map ids of the host that one of @container's maps, too. None: it has no user
 * namespace of its own. */
HF_PUBLIC const hf_peers *hf_container_id_peers(hf_check_run *run, const hf_container *container);

/* Something that a process of a container holds open. Sources: /proc/PID/{fd,cwd,root,exe} by statx(2). */
typedef struct hf_open {
	const char *name;   /* "0" … for descriptors, "cwd", "root", "exe" */
	const char *target; /* text of the link */
	uint64_t mount_id;  /* 0 where the kernel does not tell */
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t inode;
	uint32_t mode; /* st_mode with type bits */
	uint32_t rdev_major;
	uint32_t rdev_minor;
	const hf_mount *mount; /* that it is on, of the process's own mount namespace; NULL: on none of them */
} hf_open;

typedef struct hf_opens {
	hf_fact fact; /* unreadable: some could not be read */
	const hf_open *all;
	size_t count;
	hf_fact mounts_fact; /* unreadable: .mount is not known of any of them */
} hf_opens;

HF_PUBLIC const hf_opens *hf_process_opens(hf_check_run *run, int32_t pid);

/* The environment of a process of a container, without values. Source: /proc/PID/environ. */
typedef struct hf_variable {
	const char *name;
	uint32_t value_length;
	const char *shape; /* "pem", "token", "url-password", "jwt" …; "": none that is known */
	bool is_secret_name; /* by its name alone: "DB_PASSWORD", and not "DB_PASSWORD_FILE" */
} hf_variable;

typedef struct hf_variables {
	hf_fact fact;
	const hf_variable *all;
	size_t count;
} hf_variables;

HF_PUBLIC const hf_variables *hf_process_variables(hf_check_run *run, int32_t pid);

/* Its value looks like a secret, by its shape or by its name; empty values, switches ("ALLOW_EMPTY_PASSWORD") and names of
 * keys ("AWS_ACCESS_KEY_ID") do not. */
HF_PUBLIC bool hf_variable_is_secret(const hf_variable *variable);

/* A listening socket in the network namespace of @container. Sources: /proc/PID/net/{tcp,tcp6,udp,udp6,unix}. */
typedef struct hf_socket {
	const char *family;  /* "tcp", "udp", "unix" */
	const char *address; /* "0.0.0.0", "::", path or "@abstract" */
	uint16_t port;
	bool is_loopback;
	bool is_wildcard;
	uint64_t inode;
} hf_socket;

typedef struct hf_sockets {
	hf_fact fact;
	const hf_socket *all;
	size_t count;
} hf_sockets;

HF_PUBLIC const hf_sockets *hf_container_sockets(hf_check_run *run, const hf_container *container);
/* Of the initial network namespace: unix sockets that listen. .address is the path as it was bound. */
HF_PUBLIC const hf_sockets *hf_host_unix_sockets(hf_check_run *run);

/* ---- mounts ---- */

/* A mount as a container sees it. Source: /proc/PID/mountinfo of its first process. */
typedef struct hf_container_mount {
	const hf_mount *mount;
	uint32_t id;
	uint32_t parent;
	uint32_t shared; /* peer group, 0: none */
	uint32_t master; /* the group it follows, 0: none */
	bool is_read_only; /* by its own options (per mount) */
	bool is_covered;   /* a later mount on the same place or above hides it */
	bool is_declared_by_runtime; /* the runtime's own: /proc, /dev, /sys, masks, resolv.conf, hostname,
				      * hosts, secrets of the engine */
	const char *host_path; /* where the host has the same files, longest match; NULL: nowhere or not known */
	bool has_host_path;    /* false with .host_path NULL: proven that the host has it mounted nowhere */
} hf_container_mount;

typedef struct hf_container_mounts {
	hf_fact fact; /* unreadable: mountinfo of the container or of the host could not be read, or its first process
		       * is in a chroot; present with .why: a task elsewhere sees more */
	const hf_container_mount *all; /* in the order of mountinfo */
	size_t count;
} hf_container_mounts;

HF_PUBLIC const hf_container_mounts *hf_container_mounts_get(hf_check_run *run,
							     const hf_container *container);

/* What is at @path below the container's root (its first process's), seen through that root and never past
 * it. Only what the collector looks at is known: see src/collect/inside.h. */
HF_PUBLIC const hf_file *hf_container_stat(hf_check_run *run, const hf_container *container,
					   const char *path);
HF_PUBLIC const hf_dir *hf_container_dir(hf_check_run *run, const hf_container *container,
					 const char *path);

/* The mount that is on top at @path of the container; NULL: none is known. @mounts must be present. */
HF_PUBLIC const hf_container_mount *hf_container_mount_at(const hf_container_mounts *mounts,
							  const char *path);

/* How what a mount shows stands to a file or folder of the host. It is compared in the file system itself, so
 * that no detour (a volume that is a bind in disguise, a link) hides it. */
typedef enum hf_mount_relation {
	HF_MOUNT_APART = 0, /* shows nothing of it; also where the host's mounts could not be read */
	HF_MOUNT_SAME,	    /* shows just it */
	HF_MOUNT_BELOW,	    /* shows something that lies in it */
	HF_MOUNT_ABOVE	    /* shows a folder that it lies in, and nothing lies over it there */
} hf_mount_relation;

/* @mount: one of @container's; @ret_path (NULL allowed): where the container has it, for HF_MOUNT_BELOW where it has
 * the part. */
HF_PUBLIC hf_mount_relation hf_container_mount_relation(hf_check_run *run,
							const hf_container *container,
							const hf_container_mount *mount,
							const char *host_path, const char **ret_path);

/* Whether a peer group of mounts is the host's, too. False also when that could not be read. */
HF_PUBLIC bool hf_host_has_peer_group(hf_check_run *run, uint32_t group);

/* A socket, directory or file of the host at @host_path, as far as the container can reach it: through any
 * mount whose file system and root field hold it, confirmed by device and inode. */
typedef struct hf_reach {
	hf_fact fact; /* present: it is reachable at .path; absent: proven that it is not */
	const char *path; /* in the container */
	const hf_container_mount *mount;
	const hf_file *file; /* as seen there */
} hf_reach;

HF_PUBLIC const hf_reach *hf_container_reach(hf_check_run *run, const hf_container *container,
					     const char *host_path);

/* A UNIX socket on which a process of the host listens. */
typedef struct hf_host_socket {
	const char *name;    /* as it was bound; "@…": an abstract one */
	const char *path;    /* the same without links; NULL: abstract, or it could not be found */
	const char *holder;  /* program of the engine that holds it, "dockerd"; NULL: another's, or not known */
	const hf_file *file; /* what is at .path; not present: why not */
} hf_host_socket;

typedef struct hf_host_sockets {
	hf_fact fact; /* unreadable also where nobody asked, since no container has a mount that could show one */
	const hf_host_socket *all; /* by name */
	size_t count;
} hf_host_sockets;

/* Sockets by their files, to be looked for with hf_container_reach(). Source: /proc/2/net/unix, and the usual
 * places of rootless engines. */
HF_PUBLIC const hf_host_sockets *hf_host_sockets_get(hf_check_run *run);

/* Something that another container, of another pod, has mounted as well. */
typedef struct hf_shared_mount {
	const hf_container *other;
	const hf_container_mount *mine;
} hf_shared_mount;

typedef struct hf_shared_mounts {
	hf_fact fact; /* unreadable: there may be more, for some container could not be read */
	const hf_shared_mount *all; /* at most a few for each mount */
	size_t count;
} hf_shared_mounts;

/* The same /dev/shm; and folders of the host that both may write, one of which is or lies in the other. */
HF_PUBLIC const hf_shared_mounts *hf_container_shared_memory(hf_check_run *run,
							     const hf_container *container);
HF_PUBLIC const hf_shared_mounts *hf_container_shared_data(hf_check_run *run,
							   const hf_container *container);

/* What a walk over the files of @container found that a plain file is not: set-id programs, files with
 * capabilities, device nodes. Only a scan with --deep walks, and one file system at a time. */
typedef struct hf_special_file {
	const char *path; /* in the container */
	uint32_t mode;    /* with type bits */
	uint32_t uid;     /* of the initial user namespace */
	uint32_t gid;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	bool has_caps; /* an attribute security.capability, capabilities(7) */
	uint64_t cap_permitted;
	uint32_t cap_root_uid; /* of a version 3 attribute: the user namespace that it is for; 0: all */
	bool is_nosuid; /* by its mount */
	bool is_nodev;
} hf_special_file;

typedef struct hf_special_files {
	hf_fact fact; /* absent: nobody walked, for that takes --deep; unreadable: not all of it was walked */
	const hf_special_file *all;
	size_t count;
} hf_special_files;

HF_PUBLIC const hf_special_files *hf_container_special_files(hf_check_run *run,
							     const hf_container *container);

/* ---- control groups ---- */

typedef enum hf_cgroup_mode { HF_CGROUP_V1 = 1, HF_CGROUP_V2, HF_CGROUP_HYBRID } hf_cgroup_mode;

/* One file of control groups at one level. */
typedef struct hf_cgroup_value {
	hf_fact fact;     /* absent: the controller or file is not there at this level */
	const char *path; /* of the group in its hierarchy, "/docker/<id>" */
	const char *text;
} hf_cgroup_value;

typedef struct hf_cgroup_values {
	hf_fact fact;      /* absent: no level has the file (controller missing); unreadable: a level that could
			    * decide could not be read */
	const hf_cgroup_value *levels; /* from the container's own group up to the root's child; of files that say
					* nothing of those below, its own alone */
	size_t count;
	bool is_v1;
} hf_cgroup_values;

/* @v2_file "memory.max", with @v1_file "memory.limit_in_bytes" of @v1_controller "memory" (NULL: v1 has
 * none). The hierarchy that holds the controller on this node decides which is read. */
HF_PUBLIC const hf_cgroup_values *hf_cgroup_values_get(hf_check_run *run,
						       const hf_container *container,
						       const char *v2_file,
						       const char *v1_controller,
						       const char *v1_file);

typedef enum hf_limit_kind {
	HF_LIMIT_MEMORY = 0, /* bytes */
	HF_LIMIT_SWAP,       /* bytes of swap alone; v1: memsw less memory */
	HF_LIMIT_PIDS,       /* tasks */
	HF_LIMIT_CPU,        /* thousandths of a CPU: quota / period */
	HF_LIMIT_COUNT
} hf_limit_kind;

/* The minimum over the container's group and all above. */
typedef struct hf_limit {
	hf_fact fact;
	bool is_limited;
	uint64_t value;      /* is_limited: the effective one */
	const char *path;    /* of the group that decides, or of its own */
	bool is_own_limited; /* its own level has one (of crun's two, the lower) */
	uint64_t own;
} hf_limit;

HF_PUBLIC const hf_limit *hf_container_limit(hf_check_run *run, const hf_container *container,
					     hf_limit_kind kind);

HF_PUBLIC const hf_fact *hf_cgroup_mode_get(hf_check_run *run, hf_cgroup_mode *ret_mode);

/* The highest oom_score_adj of a runtime's daemon outside of containers: whoever has less outlives it. Absent: none
 * runs. */
typedef struct hf_oom_floor {
	hf_fact fact;
	int32_t score;
	const char *name; /* of the daemon's program */
} hf_oom_floor;

HF_PUBLIC const hf_oom_floor *hf_oom_floor_get(hf_check_run *run);

/* ---- devices ---- */

/* The rule of the container's device controller for one device and one access. Sources: v1 devices.list;
 * v2 the BPF programs attached to its group and those above, evaluated. */
typedef enum hf_device_rule { HF_DEVICE_UNKNOWN = 0, HF_DEVICE_DENIED, HF_DEVICE_ALLOWED } hf_device_rule;

/* @type 'b' or 'c'; @access of "rwm", all of them wanted. @ret_fact (NULL allowed): source and reason. */
HF_PUBLIC hf_device_rule hf_container_device_rule(hf_check_run *run, const hf_container *container,
						  char type, uint32_t major, uint32_t minor,
						  const char *access, const hf_fact **ret_fact);

/* One line of a device filter; where several speak of a device, v1 takes any that grants all of the access, and
 * v2 (whose programs are written as such lines) the most specific. */
typedef struct hf_device_grant {
	char type; /* 'b', 'c'; 'a' for both */
	bool is_any_major;
	bool is_any_minor;
	uint32_t major;
	uint32_t minor;
	bool can_read;
	bool can_write;
	bool can_mknod;
} hf_device_grant;

/* Whether any filter is in force. */
typedef struct hf_device_filter {
	hf_fact fact;
	bool is_active;
	const char *text; /* v1: the list; v2: how many programs and where */
	hf_fact rules_fact; /* unreadable: whether there is a filter is known, and not what it grants */
	const hf_device_grant *rules;
	size_t rule_count;
} hf_device_filter;

HF_PUBLIC const hf_device_filter *hf_container_device_filter(hf_check_run *run,
							     const hf_container *container);

/* A node that @container can see, but for those that every container has (null, zero, full, random, urandom, tty,
 * ptmx, terminals). st_rdev decides and never the name. */
typedef struct hf_container_node {
	const char *path; /* in the container */
	char type;        /* 'b' or 'c' */
	uint32_t major;
	uint32_t minor;
	uint32_t mode; /* permission bits */
	uint32_t uid;  /* of the initial user namespace */
	uint32_t gid;
	bool is_nodev; /* by its mount: nobody opens it there */
} hf_container_node;

typedef struct hf_container_nodes {
	hf_fact fact; /* unreadable: there may be more than these */
	const hf_container_node *all;
	size_t count;
} hf_container_nodes;

/* Below its /dev, at mount points, and where the host's /dev is mounted elsewhere. */
HF_PUBLIC const hf_container_nodes *hf_container_nodes_get(hf_check_run *run,
							   const hf_container *container);

/* ---- the declared side ---- */

/* The OCI runtime configuration of its bundle (config.json, opencontainers/runtime-spec), whichever runtime
 * keeps it. By path as in hf_api_get(): "linux/namespaces/0/type", "process/capabilities/bounding". Values of
 * environment, arguments and labels are not in it. HF_ABSENT with .source "declared": no record of it. */
HF_PUBLIC const hf_api_value *hf_container_oci(hf_check_run *run, const hf_container *container,
					       const char *path);

/* These and hf_container_inspect() without the text (.text is NULL): for objects and lists, which can be long. */
HF_PUBLIC hf_api_value hf_container_oci_outline(hf_check_run *run, const hf_container *container,
						const char *path);
HF_PUBLIC hf_api_value hf_container_inspect_outline(hf_check_run *run,
						    const hf_container *container, const char *path);

/* One of the "mounts" of that configuration. */
typedef struct hf_declared_mount {
	const char *target;  /* without a slash at its end; hostile text, which need not begin with one */
	bool is_read_only; /* "ro" */
	bool is_recursive; /* "rbind": with all that is mounted below */
} hf_declared_mount;

typedef struct hf_declared_mounts {
	hf_fact fact; /* absent: no record of them */
	const hf_declared_mount *all;
	size_t count;
} hf_declared_mounts;

HF_PUBLIC const hf_declared_mounts *hf_container_declared_mounts(hf_check_run *run,
								 const hf_container *container);

/* The engine's own record ("/containers/ID/json" of a Docker engine: "HostConfig/PidMode"), from the files in
 * which it keeps it (written at each change), else from the API. HF_ABSENT with .source "declared": this runtime
 * keeps none in this form. */
HF_PUBLIC const hf_api_value *hf_container_inspect(hf_check_run *run, const hf_container *container,
						   const char *path);

/* The name of the @index-th member of an object of either; NULL past the end or where it is no object. */
HF_PUBLIC const char *hf_container_oci_member(hf_check_run *run, const hf_container *container,
					      const char *path, size_t index);
HF_PUBLIC const char *hf_container_inspect_member(hf_check_run *run, const hf_container *container,
						  const char *path, size_t index);

/* Whether a runtime's record names this container. Absent: every record that this node can hold was read and
 * none does. .source names the record. */
HF_PUBLIC const hf_fact *hf_container_record(hf_check_run *run, const hf_container *container);

/* A runtime's record of a container that it takes for running, whether the kernel has it or not. */
typedef struct hf_runtime_record {
	const char *id;	     /* as the runtime has it: 64 hex digits, or a name */
	const char *runtime; /* words of hf_container.runtime, "runc" or "crun" alone where nobody above them is known */
	const char *source;  /* path of the record */
	int32_t pid;	     /* of its first process as the record has it; 0: it does not say */
} hf_runtime_record;

typedef struct hf_runtime_records {
	hf_fact fact; /* unreadable: there may be more */
	const hf_runtime_record *const *all;
	size_t count;
} hf_runtime_records;

HF_PUBLIC const hf_runtime_records *hf_runtime_records_get(hf_check_run *run);

/* A process that the engine was asked to start in a running container ("docker exec"), while it runs. */
typedef struct hf_exec {
	const char *id;
	int32_t pid;	  /* 0: not known */
	const char *user; /* as it was asked for; "": the container's own; NULL: not known */
	bool is_privileged;
} hf_exec;

typedef struct hf_execs {
	hf_fact fact; /* absent with .source "declared": its runtime keeps no such record */
	const hf_exec *all;
	size_t count;
} hf_execs;

HF_PUBLIC const hf_execs *hf_container_execs(hf_check_run *run, const hf_container *container);

/* What the local tag that @container was started by names today. */
typedef struct hf_image_tag {
	hf_fact fact; /* present: .reference and .image are known, and the tags of the node were read */
	const char *reference; /* as it was started: "debian:12", "debian", "debian@sha256:…", an id */
	const char *image;     /* id of the image that it runs: "sha256:…" */
	const char *now;       /* id that the tag names today; NULL: there is no such tag any more */
	bool is_tagged;	       /* some tag or digest names .image */
	bool has_repository;   /* .reference names a registry's repository and no bare id */
} hf_image_tag;

/* Of the engines of Docker and Podman. HF_ABSENT with .source "declared" for others. */
HF_PUBLIC const hf_image_tag *hf_container_image_tag(hf_check_run *run, const hf_container *container);

/* ---- seccomp ---- */

typedef enum hf_call_abi {
	HF_CALL_ABI_NATIVE = 0,
	HF_CALL_ABI_I386, /* or the 32-bit companion of another architecture */
	HF_CALL_ABI_X32,
	HF_CALL_ABI_FOREIGN, /* an architecture that the kernel does not run: what a filter makes of it */
	HF_CALL_ABI_COUNT
} hf_call_abi;

/* What happens to a call, arguments unknown; a stricter filter of a stack wins. */
typedef enum hf_call_verdict {
	HF_CALL_UNKNOWN = 0, /* neither the filter nor a declared profile could be read */
	HF_CALL_DENIED,      /* refused (errno, trap, kill) whatever the arguments */
	HF_CALL_CONDITIONAL, /* it depends on the arguments */
	HF_CALL_SUPERVISED,  /* handed to a supervisor or tracer */
	HF_CALL_LOGGED,      /* allowed, and logged */
	HF_CALL_ALLOWED
} hf_call_verdict;

/* The loosest verdict over all tasks of @container for the call named @name ("mount") on @abi; "clone(CLONE_NEWUSER)"
 * and "unshare(CLONE_NEWUSER)" ask with that flag set, whatever else is; seccomp.h asks more.
 * *ret_fact (NULL allowed): where from (the filter in force, the declared profile, mode 0), or why unknown. */
HF_PUBLIC hf_call_verdict hf_container_call(hf_check_run *run, const hf_container *container,
					    hf_call_abi abi, const char *name, const hf_fact **ret_fact);

HF_END_DECLS

#endif
