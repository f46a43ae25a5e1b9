# include/local.mk -- the headers a plugin may use; src/ headers are private
pluginincludedir = $(includedir)/holdfast
plugininclude_HEADERS = \
	%D%/holdfast/api.h \
	%D%/holdfast/audit.h \
	%D%/holdfast/check.h \
	%D%/holdfast/container.h \
	%D%/holdfast/daemon.h \
	%D%/holdfast/facts.h \
	%D%/holdfast/files.h \
	%D%/holdfast/holdfast.h \
	%D%/holdfast/image.h \
	%D%/holdfast/kernel.h \
	%D%/holdfast/network.h \
	%D%/holdfast/process.h \
	%D%/holdfast/seccomp.h \
	%D%/holdfast/swarm.h \
	%D%/holdfast/verdict.h
