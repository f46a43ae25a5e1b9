# checks/profiles/local.mk -- selections of checks, as data that names their references
profilesdir = $(prefix)/lib/holdfast/profiles
dist_profiles_DATA = %D%/cis-docker.yaml
