# SPDX-License-Identifier: GPL-2.0-or-later
# Makes options-table.c, the rows of kernel_options, of options-threats.tsv and options.tsv (in this order).
# POSIX awk: no gensub, no length of arrays.

function die(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}

# HF_REFS("a", "b") of "a,b"; what ends in _READS is a macro
function list(macro, text,    part, n, i, out) {
	n = split(text, part, ",")
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? ", " : "") (part[i] ~ /^[A-Z_]+_READS$/ ? part[i] : quoted(part[i]))
	return macro "(" out ")"
}

# ---- words for people ----

function item_words(item) {
	if (item == "not-set")
		return "not set"
	if (item == "helper-ok")
		return "a handler of the system or a plain file"
	if (item == "taint-ok")
		return "no mark of forced, unsigned or crashed code"
	if (item == "!off")
		return "not off"
	if (item ~ /^!=/)
		return "not " substr(item, 3)
	if (item ~ /^!~/)
		return "without " substr(item, 3)
	if (item ~ /^~/)
		return substr(item, 2) " among its words"
	if (item ~ /^>=/)
		return "at least " substr(item, 3)
	if (item ~ /^<=/)
		return "at most " substr(item, 3)
	if (item ~ /^field1<=/)
		return "first number at most " substr(item, 9)
	if (item ~ /^max\(/)
		return "the value of " substr(item, 5, length(item) - 5)
	if (item ~ /^[0-9]+\.\.[0-9]+$/) {
		sub(/\.\./, " to ", item)
		return item
	}
	return item
}

function wanted_words(wanted,    part, n, i, out) {
	n = split(wanted, part, ",")
	for (i = 1; i <= n; i++)
		out = out (i == 1 ? "" : (i == n ? " or " : ", ")) item_words(part[i])
	return out
}

# The whole text stands in one pair of parentheses.
function is_enclosed(text,    i, depth) {
	for (i = 1; i <= length(text); i++) {
		if (substr(text, i, 1) == "(")
			depth++
		else if (substr(text, i, 1) == ")")
			depth--
		if (depth == 0)
			return i > 1 && i == length(text)
	}
	return 0
}

function words(text) {
	if (is_enclosed(text))
		text = substr(text, 2, length(text) - 2)
	gsub(/K:LOCALVERSION\?/, "the build configuration can be read", text)
	gsub(/K:/, "CONFIG_", text)
	gsub(/C:/, "boot parameter ", text)
	gsub(/S:absent/, "the sysctl does not exist", text)
	gsub(/S:/, "sysctl ", text)
	gsub(/V>=/, "kernel >=", text)
	gsub(/V</, "kernel <", text)
	gsub(/A:/, "architecture ", text)
	gsub(/HW:vm-no-passthrough/, "a virtual machine without passed-through devices", text)
	gsub(/HW:vm/, "a virtual machine", text)
	gsub(/HW:amd/, "an AMD processor", text)
	gsub(/HW:intel/, "an Intel processor", text)
	gsub(/HW:no-tpm/, "a machine without TPM", text)
	gsub(/HW:no-rtm/, "a processor without transactional memory", text)
	gsub(/HW:pan/, "a processor with PAN", text)
	gsub(/RT:lsm~/, "running security module ", text)
	gsub(/RT:lockdown>=integrity/, "lockdown at integrity or above", text)
	gsub(/RT:lockdown=/, "lockdown at ", text)
	gsub(/RT:cgroup=/, "cgroup ", text)
	gsub(/RT:smt=off/, "sibling threads off", text)
	gsub(/RT:userns-in-use/, "user namespaces in use", text)
	gsub(/RT:rootless-in-use/, "rootless engines in use", text)
	gsub(/RT:no-kubelet/, "no kubelet", text)
	gsub(/RT:no-bridge-networks/, "no bridge networks", text)
	gsub(/RT:host-network-only/, "containers on the host network only", text)
	gsub(/RT:vm-runtimes/, "runtimes with virtual machines", text)
	gsub(/RT:core-pattern-safe/, "a safe core_pattern", text)
	gsub(/RT:no-kconfig/, "a build configuration that cannot be read", text)
	gsub(/RT:audit-before-containers/, "audit that starts before containers", text)
	gsub(/RT:audit-backlog-ok/, "an audit backlog that is large enough", text)
	gsub(/RT:fw-drops-martian-loopback/, "a firewall that drops loopback addresses from outside", text)
	gsub(/RT:/, "", text)
	gsub(/!set/, " not set", text)
	gsub(/\?/, " given", text)
	gsub(/!off/, " not off", text)
	gsub(/!~/, " without ", text)
	gsub(/!=/, " other than ", text)
	gsub(/~/, " with ", text)
	gsub(/ & /, " and ", text)
	gsub(/ \| /, " or ", text)
	return text
}

# ---- what a row reads beyond what every scan reads ----

function reads(name) {
	if (!((id, name) in is_read)) {
		is_read[id, name] = 1
		row_reads = row_reads (row_reads == "" ? "" : ",") name
	}
}

function reads_all(names,    part, n, i) {
	n = split(names, part, " ")
	for (i = 1; i <= n; i++)
		reads(part[i])
}

function reads_core_pattern() {
	reads("sysctl:kernel.core_pattern")
	reads("KERNEL_CORE_PATTERN_READS")
}

function reads_term(term,    name) {
	name = term
	sub(/[=<>!~? ].*/, "", name)
	if (term ~ /^S:absent/)
		return
	if (term ~ /^S:/) {
		name = substr(name, 3)
		if (name ~ /\*/) {
			gsub(/\./, "/", name)
			reads("/proc/sys/" name)
		} else {
			reads("sysctl:" name)
		}
	} else if (term ~ /^HW:no-tpm/) {
		reads_all("dir:/sys/class/tpm dir:/sys/firmware/acpi/tables")
	} else if (term ~ /^HW:/) {
		reads("/proc/cpuinfo")
		if (term ~ /^HW:vm/)
			reads_all("/sys/class/dmi/id/product_name /sys/class/dmi/id/sys_vendor")
		if (term ~ /^HW:vm-no-passthrough/)
			reads("/proc/bus/pci/devices")
	} else if (term ~ /^RT:vulnerabilities/) {
		reads("/sys/devices/system/cpu/" substr(name, 4))
	} else if (term ~ /^RT:\//) {
		reads(substr(name, 4))
	} else if (term ~ /^RT:smt/) {
		reads("/sys/devices/system/cpu/smt/active")
	} else if (term ~ /^RT:(no-bridge-networks|host-network-only)/) {
		reads_all("dir:/sys/devices/virtual/net /sys/devices/virtual/net/*/bridge/bridge_id")
	} else if (term ~ /^RT:core-pattern-safe/) {
		reads_core_pattern()
	} else if (term ~ /^RT:(userns|rootless)-in-use/) {
		reads("USAGE_USERNS_READS")
	} else if (term ~ /^RT:vm-runtimes/) {
		reads("stat:/dev/kvm")
	} else if (term ~ /^V[<>]=?[0-9]+\.[0-9]+\.[0-9]/) {
		reads("/proc/version_signature")
	} else if (term !~ /^(K:|C:|A:|V[<>]|RT:)/) {
		die(id ": no term: " term)
	}
}

function reads_expression(text,    part, n, i) {
	gsub(/[()]/, " ", text)
	n = split(text, part, /[&|]/)
	for (i = 1; i <= n; i++) {
		gsub(/^ +| +$/, "", part[i])
		reads_term(part[i])
	}
}

# ---- clauses ----

function parse_condition(text,    part, n, i, kind, rest) {
	clauses = peer = conflict = also = denies = ""
	clause_count = 0
	n = text == "" ? 0 : split(text, part, / ; /)
	for (i = 1; i <= n; i++) {
		if (part[i] ~ /^(peer|conflict)\(.*\)$/) {
			rest = substr(part[i], index(part[i], "(") + 1)
			rest = substr(rest, 1, length(rest) - 1)
			if (part[i] ~ /^peer/)
				peer = rest
			else
				conflict = rest
			continue
		}
		kind = toupper(substr(part[i], 1, index(part[i], " ") - 1))
		rest = substr(part[i], index(part[i], " ") + 1)
		if (kind !~ /^(OR|AND|NA|SEE)$/)
			die(id ": no clause: " part[i])
		clauses = clauses "\n\t{ .kind = OPTION_" kind ",\n\t  .text = " quoted(rest) \
			",\n\t  .words = " quoted(words(rest)) " },"
		clause_count++
		reads_expression(rest)
		# alternatives that can be had without another kernel
		if (kind == "OR" && rest ~ /^(C:|S:|RT:lockdown|RT:cgroup)[^&|]*$/)
			also = also (also == "" ? "" : "; ") words(rest)
		if (kind == "OR" && rest ~ /^RT:module [a-z0-9_]+ denied$/)
			denies = substr(rest, 11, length(rest) - 17)
	}
}

# ---- remediation ----

function kconfig_remedy(name, wanted) {
	if (wanted == "not-set")
		return "Boot a distribution kernel without " name ", or build one with '# " name " is not set'."
	if (wanted == "not-set,m")
		return "Boot a distribution kernel without " name " or with it as a module only, or build one so."
	if (wanted == "y,m")
		return "Boot a distribution kernel with " name "=y or =m, or build one so."
	if (wanted == "y")
		return "Boot a distribution kernel with " name "=y, or build one so."
	return "Boot a distribution kernel with " name " of " wanted_words(wanted) ", or build one so."
}

function cmdline_remedy(name, wanted,    value, where) {
	where = "GRUB_CMDLINE_LINUX in /etc/default/grub and update-grub, or /etc/kernel/cmdline and " \
		"kernel-install; then reboot."
	value = wanted
	sub(/,.*/, "", value)
	if (value == "absent" || value ~ /^!/)
		return "Remove " name (value == "absent" ? "" : (value ~ /^!~/ ? " or " substr(value, 3) " in it" : \
			"=" (value ~ /^!=/ ? substr(value, 3) : substr(value, 2)))) " from the boot line: " where
	if (value == "present")
		return "Add " name " to the boot line: " where
	sub(/^(>=|~)/, "", value)
	return "Add " name "=" value " to the boot line: " where
}

function sysctl_remedy(name, wanted,    value) {
	value = wanted
	sub(/,.*/, "", value)
	sub(/^(>=|<=)/, "", value)
	sub(/\.\..*/, "", value)
	if (value == "empty")
		value = ""
	return "Set " name " = " value " in a file under /etc/sysctl.d/, then run sysctl --system."
}

# "CONFIG_X=y", "no CONFIG_X", "nosmt", "init_on_free=1"
function peer_words(kind, name) {
	if (peer == "not-set")
		return "no " name
	if (peer == "present")
		return name
	if (peer ~ / /)
		return peer
	if (peer ~ /^~/)
		return substr(peer, 2) " in " name
	return name (kind == "sysctl" ? " = " : "=") peer
}

function remedy(kind, name, wanted,    text) {
	if (wanted == "info") {
		text = "Nothing to change by itself."
		if (peer != "")
			text = text " Advice for kernels without containers: " peer_words(kind, name) "."
		return text (conflict == "" ? "" : " It breaks: " conflict_words() ".")
	}
	if (kind == "kconfig")
		text = kconfig_remedy(name, wanted)
	else if (kind == "cmdline")
		text = cmdline_remedy(name, wanted)
	else
		text = sysctl_remedy(name, wanted)
	if (denies != "")
		text = text " A module can be denied: 'install " denies " /bin/false' in /etc/modprobe.d/."
	else if (also != "")
		text = text " Enough, too: " also "."
	if (conflict != "")
		text = text " Check first who needs the other value: " conflict_words() "."
	return text
}

function conflict_words(    text) {
	text = conflict
	gsub(/,/, ", ", text)
	return text
}

# ---- the files ----

function stride(letters,    part, n, i, out) {
	n = split(letters, part, ",")
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? " | " : "") "HF_STRIDE_" part[i]
	return out
}

BEGIN {
	FS = "\t"
	print "/* Made by options.awk of options.tsv; change that. */"
	print "#include \"core-pattern.h\"\n#include \"options.h\"\n#include \"usage.h\"\n"
}

/^#/ || NF == 0 {
	next
}

NF == 3 {
	threat_refs[$1] = $2
	threat[$1] = $3
	next
}

NF != 15 {
	die("15 columns are needed, there are " NF)
}

{
	id = $1
	row_reads = ""
	if (!($10 in threat))
		die(id ": no such threat: " $10)
	if ($2 == "sysctl")
		reads("sysctl:" $3)
	if ($4 == "helper-ok")
		reads_core_pattern()
	if ($6 ~ /\.[0-9]+\./)
		reads("/proc/version_signature")
	parse_condition($12)
	n_rows++
	if (clause_count)
		print "static const option_clause clauses_" n_rows "[] = {" clauses "\n};\n"
	param[n_rows] = "\t{ .kind = OPTION_" toupper($2) ",\n\t  .name = " quoted($3) \
		",\n\t  .wanted = " quoted($4) ",\n\t  .wanted_text = " quoted(wanted_words($4)) \
		",\n\t  .arches = " quoted($5) ",\n\t  .kernels = " quoted($6) \
		(clause_count ? ",\n\t  .clauses = clauses_" n_rows ",\n\t  .clause_count = " clause_count : "") \
		(peer == "" ? "" : ",\n\t  .peer = " quoted(peer)) \
		(conflict == "" ? "" : ",\n\t  .conflict = " quoted(conflict)) " },"
	row[n_rows] = "\t{ .id = " quoted(id) ",\n\t  .title = " quoted($13) \
		",\n\t  .subject = HF_SUBJECT_HOST,\n\t  .stride = " stride($7) \
		",\n\t  .severity = HF_CCSS(" quoted($8) "),\n\t  .level = " $9 \
		($4 == "info" ? ",\n\t  .flags = HF_CHECK_INFO" : "") \
		",\n\t  .refs = " list("HF_REFS", $11 "," threat_refs[$10]) \
		(row_reads == "" ? "" : ",\n\t  .reads = " list("HF_READS", row_reads)) \
		",\n\t  .risk = " quoted($14) ",\n\t  .threat = " quoted(threat[$10]) \
		",\n\t  .remediation = " quoted($15 == "" ? remedy($2, $3, $4) : $15) \
		",\n\t  .run = option_check,\n\t  .param = &options[" n_rows - 1 "] },"
}

END {
	if (failed)
		exit 1
	print "static const option_row options[] = {"
	for (i = 1; i <= n_rows; i++)
		print param[i]
	print "};\n\nstatic const hf_check checks[] = {"
	for (i = 1; i <= n_rows; i++)
		print row[i]
	print "};\n\nHF_CHECK_SET(kernel_options, checks);"
}
