// Parts of a script that runs a host. Its systemd has control groups of its own, named by the script's $group, as otherwise
// two hosts at once would share theirs.

export const MAKE_GROUPS = `
  hierarchies=
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    if [ -e "$hierarchy/cgroup.procs" ] && mkdir "$hierarchy/$group" 2>/dev/null; then
      hierarchies="$hierarchies $hierarchy"
    fi
  done`

/** In a shell of its own: from here on, it is in them. */
export const JOIN_GROUPS = `
  for hierarchy in $hierarchies; do sh -c 'echo "$PPID"' >"$hierarchy/$group/cgroup.procs"; done`

/** Ends what is still in them. */
export const REMOVE_GROUPS = `
  for hierarchy in $hierarchies; do
    tries=250
    until find "$hierarchy/$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ $((tries -= 1)) -le 0 ]; do
      kill -KILL $(find "$hierarchy/$group" -name cgroup.procs -exec cat {} +) 2>/dev/null || true
      sleep 0.02
    done
  done`
