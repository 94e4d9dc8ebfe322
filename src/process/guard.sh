#!/bin/sh
# The guard of one run: it outlives a killed scheduler just long enough to end its children. Its
# standard input is a pipe whose other end only the scheduler has, so however that ends, reading ends.
#   +GROUP  a child leads this process group      -GROUP  nothing of that group is left
#   .       the scheduler ends by itself, and has ended its children
# $1 is in the environment of every process of the run, and in no other; $2 is the temporary folder, or
# empty; the groups that there are already come after them.
trap '' HUP INT QUIT TERM
PATH=$PATH:/usr/bin:/bin
mark=$1
folder=$2
shift 2
groups=' '

# With its start time a pid means one process for ever. Empty where the process or /proc is missing.
look_at() {
  stat=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null
  set -- ${stat##*) }
  started=${20-}
}

# The descendants of the given leaders, in whatever group: found while their parents still live.
descendants() {
  if [ -e /proc/self/stat ]; then cat /proc/[0-9]*/stat | sed 's/(.*) [A-Z] //'
  else ps -A -o pid= -o ppid=; fi 2>/dev/null | awk -v roots="$*" '
    BEGIN { count = split(roots, root); for (i = 1; i <= count; i++) found[root[i]] }
    { parent[$1] = $2 }
    END { do { more = 0; for (pid in parent) if (!(pid in found) && (parent[pid] in found)) {
      found[pid]; print pid; more = 1 } } while (more) }'
}

add() { look_at "$1"; groups="$groups$1:$started "; }

for group; do add "$group"; done
while read -r line; do
  group=${line#?}
  case $line,$groups in
    .,*) exit ;;
    +*) add "$group" ;;
    -*" $group:"*) rest=${groups#* "$group":}; groups="${groups%% "$group":*} ${rest#* }" ;;
  esac
done

leaders=
for entry in $groups; do
  look_at "${entry%:*}"
  # A leader that is gone may have left its group behind; its pid in other hands is not ours to end.
  case $started in '' | "${entry#*:}") leaders="$leaders ${entry%:*}" ;; esac
done
strays=${leaders:+$(descendants $leaders)}
{
  for pid in $leaders; do kill -s KILL -- "-$pid"; done
  for pid in $strays; do kill -s KILL -- "$pid"; done
  # Who left its group and lost its parent is known by its environment (Linux). Some may still fork.
  for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    marked=$(grep -lsF -- "$mark" /proc/[0-9]*/environ) || [ "$marked" ] || break
    for path in $marked; do pid=${path#/proc/}; kill -s KILL -- "${pid%/*}"; done
    sleep 0.02
  done
  [ -z "$folder" ] || rm -rf -- "$folder"
} 2>/dev/null
