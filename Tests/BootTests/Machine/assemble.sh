#!/bin/bash
# The first process of a machine, in namespaces of its own: makes a root of copies-on-write of this machine's files,
# moves into it and becomes systemd. What is written in there is memory, and gone when the machine is.
#
# usage: assemble.sh FOLDER SYSTEMD     FOLDER/image: files laid over the root; FOLDER/empty: folders that begin empty
set -eu
folder=$1 systemd=$2
memory=$folder/memory root=$folder/root
umask 022

mkdir "$memory" "$root"
mount -t tmpfs -o mode=755,size=1g tmpfs "$memory"
mkdir "$memory/changes" "$memory/work"
mount -t overlay -o "lowerdir=/,upperdir=$memory/changes,workdir=$memory/work" overlay "$root"

# What this machine was set up for stays outside: its units, clusters and data.
while read -r path; do
    mkdir -p "$root$path"
    mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root$path"
done <"$folder/empty"
cp -R "$folder/image/." "$root/"

# /proc shows this namespace, and nothing in it can turn a knob of the kernel that both share.
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
if [ -e "$root/proc/sysrq-trigger" ]; then mount --bind /dev/null "$root/proc/sysrq-trigger"; fi
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"

# Devices: the harmless ones.
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev/"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "$root/dev/${number#*:}"; done

# /proc is still that of outside, where this process has another number: by it the tests find the machine.
read -r id _ </proc/self/stat
echo "$id" >"$folder/init.new"
mv "$folder/init.new" "$folder/init"

mkdir "$root/run/outside"
cd "$root"
pivot_root . run/outside
cd /
umount -l /run/outside
rmdir /run/outside
# Without it LoadCredential= yields an empty folder: systemd takes this for a container's duty.
mount --make-rshared /
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog \
    env -i container=rekindle-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "$systemd" --system --unit=multi-user.target --log-target=journal --show-status=no </dev/null
