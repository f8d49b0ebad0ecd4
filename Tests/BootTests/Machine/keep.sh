#!/bin/bash
# Keeps a machine for as long as somebody holds the other end of standard input, then removes all that is left of it.
#
# It outlives the tests on purpose: when they are killed, the kernel closes their end, and this clears up. Should this
# be killed as well, the machine dies with it; the next run removes the folder and the cgroup.
#
# usage: keep.sh FOLDER CGROUP PROGRAM [ARGUMENT...]   (the program assembles the machine's root and becomes its init)
set -u
folder=$1 cgroup=$2
shift 2
trap '' HUP INT TERM

enter='echo 0 >"$1/cgroup.procs" && shift && exec setpriv --pdeathsig KILL unshare --mount --propagation private \
    --pid --fork --kill-child --uts --ipc --net --cgroup "$@"'
mkdir "$cgroup"
bash -c "$enter" machine "$cgroup" "$@" </dev/null >"$folder/console" 2>&1 &
outer=$!

while read -r _; do :; done
# With unshare dies its child, and with the first process of a PID namespace all others in it.
kill -KILL "$outer" 2>/dev/null
wait "$outer" 2>/dev/null
for _ in {1..500}; do
    find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$cgroup" ] || break
    sleep 0.01
done
rm -rf -- "$folder"
