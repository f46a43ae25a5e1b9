libholdfast_la_SOURCES += \
	%D%/capture.c \
	%D%/record.c \
	%D%/record.h \
	%D%/stream.c
