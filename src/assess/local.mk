libholdfast_la_SOURCES += \
	%D%/assess.h \
	%D%/ccss.c \
	%D%/findings.c \
	%D%/findings.h \
	%D%/score.c \
	%D%/severity.c \
	%D%/stride.c
