# What is done each night. What it prints is in the log of the launch; an exit code other than 0 makes the launch fail.
set -eu
echo "the report of $NOMAD_JOB_NAME, made with $(uname -s) $(uname -m)"
