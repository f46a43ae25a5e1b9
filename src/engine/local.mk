libholdfast_la_SOURCES += \
	%D%/engine.h \
	%D%/registry.c \
	%D%/run.c \
	%D%/select.c \
	%D%/status.c \
	%D%/trust.c
