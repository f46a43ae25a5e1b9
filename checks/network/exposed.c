/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services in containers that should not answer just anybody: data stores and administration ports.
 */
#include "common.h"

/* ---- who gets to a port of a container ---- */

typedef struct exposure {
	network_tally tally;
	bool is_published; /* beyond loopback, or in the node's own namespace */
} exposure;

static bool host_address(hf_check_run *run, const hf_ip *bound, const network_origin *origin,
			 hf_ip *ret_ip)
{
	const hf_netns *host = hf_host_netns(run);

	*ret_ip = *bound;
	if (!network_is_any(bound))
		return true;
	for (size_t i = 0; i < host->address_count; i++) {
		const hf_interface_address *own = &host->addresses[i];

		if (own->interface == origin->in && own->ip.family == bound->family &&
		    !own->is_link_local) {
			*ret_ip = own->ip;
			return true;
		}
	}
	return false;
}

static void try_node_port(hf_check_run *run, exposure *e, const hf_ip *bound, uint8_t protocol,
			  uint16_t port, const char *what)
{
	network_origins origins;

	e->is_published = true;
	network_origins_get(run, bound->family, &origins);
	for (size_t i = 0; i < origins.count; i++) {
		hf_packet packet = {
			.from = origins.all[i].from,
			.protocol = protocol,
			.to_port = port,
			.in = origins.all[i].in,
			.in_port = origins.all[i].in_port,
		};

		if (host_address(run, bound, &origins.all[i], &packet.to))
			(void)network_try(run, &e->tally, &packet,
					  hf_text(run, "%s from %s", what, origins.all[i].name));
	}
}

static uint8_t protocol_of(const hf_socket *socket)
{
	return strcmp(socket->family, "udp") == 0 ? HF_PROTOCOL_UDP : HF_PROTOCOL_TCP;
}

static void try_publications(hf_check_run *run, const hf_container *container,
			     const hf_socket *socket, const char *what, exposure *e)
{
	const hf_publications *publications = hf_publications_get(run);

	for (size_t i = 0; i < publications->count; i++) {
		const hf_publication *p = &publications->all[i];

		if (p->container == container && p->to_port == socket->port &&
		    p->protocol == protocol_of(socket) && !network_is_loopback(&p->host_ip))
			try_node_port(
				run, e, &p->host_ip, p->protocol, p->host_port,
				hf_text(run, "%s, published as port %u,", what, p->host_port));
	}
}

/* On the default bridge are containers that nobody chose as neighbours. */
static void try_neighbours(hf_check_run *run, const hf_container *container,
			   const hf_socket *socket, const char *what, exposure *e)
{
	const hf_attachments *attachments = hf_container_attachments(run, container);
	const hf_networks *networks = hf_networks_get(run);

	for (size_t i = 0; i < networks->count; i++) {
		const hf_network *network = networks->all[i];
		const hf_attachment *own = NULL, *other = NULL;

		for (size_t k = 0; k < attachments->count; k++) {
			if (attachments->all[k].bridge == network->bridge)
				own = &attachments->all[k];
		}
		for (size_t k = 0; !other && k < network->member_count; k++) {
			if (network->members[k]->container != container &&
			    network_address(network->members[k], 4))
				other = network->members[k];
		}
		if (!network->is_default || !own || !other || !network_address(own, 4))
			continue;
		const hf_packet packet = {
			.from = other->ip,
			.to = own->ip,
			.protocol = protocol_of(socket),
			.to_port = socket->port,
			.in = network->bridge,
			.in_port = other->port,
		};

		(void)network_try(run, &e->tally, &packet,
				  hf_text(run, "%s from neighbours on the default bridge", what));
	}
}

static void find_exposure(hf_check_run *run, const hf_container *container, const hf_socket *socket,
			  const char *what, bool with_neighbours, exposure *e)
{
	hf_ip bound;

	if (socket->is_loopback)
		return;
	if (network_has_host_network(run, container)) {
		if (hf_ip_parse(socket->address, &bound))
			try_node_port(run, e, &bound, protocol_of(socket), socket->port, what);
		return;
	}
	try_publications(run, container, socket, what, e);
	if (with_neighbours)
		try_neighbours(run, container, socket, what, e);
}

/* The task of the container that holds the socket; NULL: not known. */
static const hf_task *holder_of(hf_check_run *run, const hf_container *container, uint64_t inode)
{
	const char *target = hf_text(run, "socket:[%llu]", (unsigned long long)inode);

	for (size_t i = 0; i < container->task_count; i++) {
		if (container->tasks[i].tid != container->tasks[i].pid)
			continue;
		const hf_opens *opens = hf_process_opens(run, container->tasks[i].pid);

		for (size_t k = 0; k < opens->count; k++) {
			if (strcmp(opens->all[k].target, target) == 0)
				return &container->tasks[i];
		}
	}
	return NULL;
}

/* The listener is the container's own: in the node's namespace there are others'. */
static bool is_candidate(hf_check_run *run, const hf_container *container, const hf_socket *socket)
{
	return strcmp(socket->family, "unix") != 0 &&
	       (!network_has_host_network(run, container) ||
		network_holds_socket(run, container, socket->inode) != NETWORK_NO);
}

/* ---- network.datastore-exposed ---- */

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct store {
	uint16_t port;
	const char *name;
	const char *const *programs;  /* NULL: a program that runs anything, such as java */
	const char *const *passwords; /* variables that give it a password or certificates */
	const char *const *openings;  /* variables that take the password away; NULL: none */
	bool asks;		      /* unless it is told not to */
	bool needs_program;	      /* many other things listen on that port */
} store;

static const store stores[] = {
	{.port = 6379,
	 .name = "redis",
	 .programs = WORDS("redis-server", "valkey-server", "keydb-server"),
	 .passwords = WORDS("REDIS_PASSWORD", "REDIS_PASSWORD_FILE", "VALKEY_PASSWORD",
			    "REDIS_REQUIREPASS")},
	{.port = 11211,
	 .name = "memcached",
	 .programs = WORDS("memcached"),
	 .passwords = WORDS("MEMCACHED_PASSWORD")},
	{.port = 27017,
	 .name = "mongodb",
	 .programs = WORDS("mongod", "mongos"),
	 .passwords = WORDS("MONGO_INITDB_ROOT_PASSWORD", "MONGO_INITDB_ROOT_PASSWORD_FILE",
			    "MONGODB_ROOT_PASSWORD")},
	{.port = 2379,
	 .name = "etcd",
	 .programs = WORDS("etcd"),
	 .passwords = WORDS("ETCD_CLIENT_CERT_AUTH", "ETCD_TRUSTED_CA_FILE", "ETCD_ROOT_PASSWORD")},
	{.port = 9200,
	 .name = "elasticsearch",
	 .passwords = WORDS("ELASTIC_PASSWORD", "ELASTIC_PASSWORD_FILE"),
	 .asks = true},
	{.port = 3306,
	 .name = "mysql",
	 .programs = WORDS("mysqld", "mariadbd"),
	 .passwords = WORDS("MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE",
			    "MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD_FILE",
			    "MYSQL_RANDOM_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD"),
	 .openings = WORDS("MYSQL_ALLOW_EMPTY_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
			   "MARIADB_ALLOW_EMPTY_PASSWORD"),
	 .asks = true},
	{.port = 5432,
	 .name = "postgresql",
	 .programs = WORDS("postgres"),
	 .passwords = WORDS("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRESQL_PASSWORD"),
	 .openings = WORDS("POSTGRES_HOST_AUTH_METHOD"),
	 .asks = true},
	{.port = 9042, .name = "cassandra", .passwords = WORDS("CASSANDRA_PASSWORD")},
	{.port = 15672,
	 .name = "rabbitmq management",
	 .passwords = WORDS("RABBITMQ_DEFAULT_PASS", "RABBITMQ_DEFAULT_PASS_FILE"),
	 .asks = true},
	{.port = 5000,
	 .name = "image registry",
	 .programs = WORDS("registry"),
	 .passwords =
		 WORDS("REGISTRY_AUTH", "REGISTRY_AUTH_HTPASSWD_PATH", "REGISTRY_AUTH_TOKEN_REALM"),
	 .needs_program = true},
};

static bool is_one_of(const char *exe, const char *const *programs)
{
	for (; programs && exe && *programs; programs++) {
		if (network_is_program(exe, *programs))
			return true;
	}
	return false;
}

static const store *find_store(const hf_socket *socket, const hf_task *holder)
{
	const char *exe = holder ? holder->exe : NULL;

	for (size_t i = 0; exe && i < NETWORK_COUNT(stores); i++) {
		if (is_one_of(exe, stores[i].programs) &&
		    (!stores[i].needs_program || socket->port == stores[i].port))
			return &stores[i];
	}
	for (size_t i = 0; i < NETWORK_COUNT(stores); i++) {
		if (stores[i].port == socket->port && !stores[i].needs_program)
			return &stores[i];
	}
	return NULL;
}

static bool has_variable(hf_check_run *run, int32_t pid, const char *const *names, bool *is_known)
{
	const hf_variables *variables = hf_process_variables(run, pid);

	*is_known &= variables->fact.state == HF_PRESENT;
	for (; names && *names; names++) {
		for (size_t i = 0; i < variables->count; i++) {
			if (strcmp(variables->all[i].name, *names) == 0 &&
			    variables->all[i].value_length > 0)
				return true;
		}
	}
	return false;
}

/* Whether it asks for a password, as far as its variables tell: without one of them it does what
 * its kind does. */
static network_answer asks_for_password(hf_check_run *run, const hf_container *container,
					const hf_task *holder, const store *s)
{
	bool is_known = true, is_opened, has_password;

	is_opened = has_variable(run, container->pid, s->openings, &is_known);
	has_password = has_variable(run, container->pid, s->passwords, &is_known);
	if (holder && holder->pid != container->pid) {
		is_opened |= has_variable(run, holder->pid, s->openings, &is_known);
		has_password |= has_variable(run, holder->pid, s->passwords, &is_known);
	}
	if (is_opened && !has_password)
		return NETWORK_NO;
	if (has_password)
		return is_opened ? NETWORK_UNKNOWN : NETWORK_YES;
	return s->asks || !is_known ? NETWORK_UNKNOWN : NETWORK_NO;
}

typedef struct verdicts {
	network_list bad;     /* open to others */
	network_list guarded; /* open, with a password */
	network_list maybe;   /* open, and whether it asks is not known */
	const char *source;   /* of a packet whose fate is not known */
	const char *why;
	size_t listeners;
} verdicts;

static void judge_store(hf_check_run *run, const hf_container *container, const hf_socket *socket,
			verdicts *v)
{
	const hf_task *holder = holder_of(run, container, socket->inode);
	const store *s = find_store(socket, holder);
	exposure e = {0};

	if (!s)
		return;
	v->listeners++;
	find_exposure(run, container, socket, hf_text(run, "%s on port %u", s->name, socket->port),
		      true, &e);
	if (e.tally.source && !v->source) {
		v->source = e.tally.source;
		v->why = e.tally.why;
	}
	if (e.tally.open.count == 0)
		return;
	switch (asks_for_password(run, container, holder, s)) {
	case NETWORK_NO:
		network_add(run, &v->bad, network_text(run, &e.tally.open));
		break;
	case NETWORK_YES:
		network_add(run, &v->guarded, s->name);
		break;
	case NETWORK_UNKNOWN:
		network_add(run, &v->maybe, network_text(run, &e.tally.open));
		break;
	}
}

static void check_datastore(hf_check_run *run)
{
	static const char wanted[] =
		"data stores within reach of their own clients alone, or with a password";
	const hf_container *container = hf_container_of(run);
	const hf_sockets *sockets = hf_container_sockets(run, container);
	const hf_publications *publications = hf_publications_get(run);
	const hf_networks *networks = hf_networks_get(run);
	verdicts v = {0};

	for (size_t i = 0; i < sockets->count; i++) {
		if (is_candidate(run, container, &sockets->all[i]))
			judge_store(run, container, &sockets->all[i], &v);
	}
	if (v.bad.count > 0)
		(void)hf_expect(
			run, network_walk_source,
			hf_text(run, "no sign of a password: %s", network_text(run, &v.bad)),
			wanted, false);
	if (!hf_need(run, &sockets->fact))
		return;
	if (v.listeners == 0) {
		hf_not_applicable(run, "listening sockets of its network namespace",
				  "no data store", "there is nothing to protect");
		return;
	}
	if (!hf_need(run, &publications->fact) || !hf_need(run, &networks->fact))
		return;
	if (v.maybe.count > 0)
		hf_unknown(
			run, network_text(run, &v.maybe),
			"others get to it, and whether it asks for a password could not be read");
	else if (v.source)
		hf_unknown(run, v.source, v.why);
	else if (v.bad.count == 0)
		(void)hf_expect(run, network_walk_source,
				v.guarded.count > 0 ? hf_text(run, "with a password: %s",
							      network_text(run, &v.guarded))
						    : "others do not get to it",
				wanted, true);
}

/* ---- network.admin-port-exposed ---- */

typedef struct admin {
	uint16_t port;
	const char *what;
	const char *const
		*hints; /* many other things listen there: the program or image has one of these */
} admin;

static const admin admins[] = {
	{22, "ssh", NULL},
	{2375, "engine API without TLS", NULL},
	{2376, "engine API", NULL},
	{2377, "swarm management", NULL},
	{4194, "cAdvisor", NULL},
	{6443, "Kubernetes API", NULL},
	{10250, "kubelet", NULL},
	{10255, "kubelet, read-only", NULL},
	{16509, "libvirt", NULL},
	{5000, "image registry", WORDS("registry")},
	{8001, "Kubernetes dashboard or proxy", WORDS("dashboard", "kubectl", "envoy")},
	{8080, "administration",
	 WORDS("cadvisor", "traefik", "dashboard", "adminer", "phpmyadmin", "jenkins",
	       "kube-apiserver", "portainer")},
	{8443, "dashboard", WORDS("dashboard")},
	{9000, "Portainer", WORDS("portainer")},
	{9443, "Portainer", WORDS("portainer")},
	{15000, "Envoy administration", WORDS("envoy", "pilot-agent", "proxyv2")},
	{15001, "Envoy", WORDS("envoy", "pilot-agent", "proxyv2")},
};

static bool is_hinted(const admin *a, const char *exe, const char *image)
{
	if (!a->hints)
		return true;
	for (const char *const *hint = a->hints; *hint; hint++) {
		if ((exe && strstr(network_base_name(exe), *hint)) ||
		    (image && strstr(image, *hint)))
			return true;
	}
	return false;
}

static const admin *find_admin(hf_check_run *run, const hf_container *container,
			       const hf_socket *socket)
{
	if (strcmp(socket->family, "tcp") != 0)
		return NULL;
	for (size_t i = 0; i < NETWORK_COUNT(admins); i++) {
		if (admins[i].port != socket->port)
			continue;
		const hf_task *holder =
			admins[i].hints ? holder_of(run, container, socket->inode) : NULL;

		return is_hinted(&admins[i], holder ? holder->exe : NULL, container->image)
			       ? &admins[i]
			       : NULL;
	}
	return NULL;
}

static void check_admin_port(hf_check_run *run)
{
	static const char wanted[] =
		"no administration port of a container answers on the node's addresses";
	const hf_container *container = hf_container_of(run);
	const hf_sockets *sockets = hf_container_sockets(run, container);
	const hf_publications *publications = hf_publications_get(run);
	size_t listeners = 0;
	exposure e = {0};

	for (size_t i = 0; i < sockets->count; i++) {
		const hf_socket *socket = &sockets->all[i];
		const admin *a = is_candidate(run, container, socket)
					 ? find_admin(run, container, socket)
					 : NULL;

		if (!a)
			continue;
		listeners++;
		find_exposure(run, container, socket,
			      hf_text(run, "%s on port %u", a->what, a->port), false, &e);
	}
	if (e.tally.open.count > 0)
		network_conclude(run, &e.tally, wanted);
	if (!hf_need(run, &sockets->fact))
		return;
	if (listeners == 0) {
		hf_not_applicable(run, "listening sockets of its network namespace",
				  "no administration port", "there is nothing to reach");
		return;
	}
	if (e.tally.open.count > 0 || !hf_need(run, &publications->fact))
		return;
	if (e.tally.walked > 0)
		network_conclude(run, &e.tally, wanted);
	else
		(void)hf_expect(run, publications->fact.source,
				e.is_published ? "no interface leads outside"
					       : "not published beyond loopback",
				wanted, true);
}

static const hf_check checks[] = {
	{
		.id = "network.datastore-exposed",
		.title = "Data stores in containers are not exposed without protection",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_I | HF_STRIDE_T | HF_STRIDE_D,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:306", "CWE:1327", "ATTACK:T1190", "ATTACK:T1133",
				"MS-K8S-MATRIX:MS-TA9005", "OWASP-Docker:D03"),
		.risk = "Whoever gets to it reads, changes and deletes all that it holds.",
		.threat =
			"Scanners find an open Redis or MongoDB within minutes; Redis writes files "
			"where it is told, and so runs the attacker's program.",
		.remediation = "docker run without -p for it: its clients share a network of their "
			       "own (docker network create NAME); and give it a password "
			       "(--requirepass, --auth, MONGO_INITDB_ROOT_PASSWORD_FILE).",
		.run = check_datastore,
	},
	{
		.id = "network.admin-port-exposed",
		.title = "No administration port of the node is published from a container",
		.subject = HF_SUBJECT_CONTAINER,
		.stride = HF_STRIDE_E | HF_STRIDE_I,
		.severity = HF_CCSS("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
		.level = 1,
		.refs = HF_REFS("CWE:306", "CWE:1327", "ATTACK:T1133", "MS-K8S-MATRIX:MS-TA9005",
				"CIS-Docker-1.6:5.9"),
		.risk = "What rules containers or the node can be tried from anywhere.",
		.threat = "A dashboard or agent that holds the runtime's socket is taken over with "
			  "one guessed password, and with it the node.",
		.remediation =
			"docker run -p 127.0.0.1:PORT:PORT, and reach it through SSH or a VPN; "
			"for a shell use docker exec, and no sshd in the container.",
		.run = check_admin_port,
	},
};

HF_CHECK_SET(network_exposed, checks);
