libholdfast_la_SOURCES += \
	%D%/ccss.c \
	%D%/ccss.h \
	%D%/engine.h \
	%D%/registry.c \
	%D%/run.c \
	%D%/select.c \
	%D%/status.c \
	%D%/trust.c \
	%D%/yaml.c \
	%D%/yaml.h
