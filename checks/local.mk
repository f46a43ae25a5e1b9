# checks/local.mk -- one line per plugin
include %D%/daemon/local.mk
include %D%/kernel/local.mk
