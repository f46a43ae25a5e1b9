libholdfast_la_SOURCES += \
	%D%/answer.c \
	%D%/answer.h \
	%D%/collect.h \
	%D%/collectors.c \
	%D%/engine-api.c \
	%D%/engine-config.c \
	%D%/engine-files.c \
	%D%/engine.h \
	%D%/host.c \
	%D%/http.c \
	%D%/http.h \
	%D%/proc-details.c \
	%D%/proc.c \
	%D%/proc.h \
	%D%/process.c \
	%D%/project.c \
	%D%/project.h \
	%D%/reader.c \
	%D%/redact.c \
	%D%/redact.h \
	%D%/requests.c \
	%D%/restricted.c \
	%D%/runtime.c \
	%D%/sink.c
