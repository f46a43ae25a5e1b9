# checks/local.mk -- one line per plugin
include %D%/cgroup/local.mk
include %D%/container/local.mk
include %D%/daemon/local.mk
include %D%/device/local.mk
include %D%/kernel/local.mk
include %D%/mount/local.mk
include %D%/capability/local.mk
include %D%/apparmor/local.mk
include %D%/seccomp/local.mk
include %D%/selinux/local.mk
include %D%/process/local.mk
include %D%/namespace/local.mk
