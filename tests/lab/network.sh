# Namespaces, cables and jobs: what every lab is made of. Sourced by the scripts beside it.
#
# A lab has a name. Its namespaces are wl-NAME-HOST, all its files are in /run/wl-NAME, and
# remove_lab takes away both, whatever state an earlier run left them in.

choose_lab() {
    [[ $1 =~ ^[a-z0-9]{1,12}$ ]] || fail "a lab's name is 1 to 12 small letters and digits, not '$1'"
    LAB=$1
    STATE=/run/wl-$LAB
}

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# require COMMAND… : stop at once, with one sentence, when a part of the lab is not installed.
require() {
    local command missing=()
    for command in "$@"; do
        [[ -n $(type -P "$command") ]] || missing+=("$command")
    done
    ((${#missing[@]} == 0)) || fail "not installed: ${missing[*]} (see README.md beside this script)"
    ((EUID == 0)) || fail "network namespaces need root"
}

make_state() {
    mkdir -m 755 "$STATE" "$STATE/logs"
}

namespace_of() {
    printf 'wl-%s-%s' "$LAB" "$1"
}

add_host() {
    ip netns add "$(namespace_of "$1")"
    ip -n "$(namespace_of "$1")" link set lo up
}

# on HOST COMMAND… : run a command in the host's namespace.
on() {
    local host=$1
    shift
    ip netns exec "$(namespace_of "$host")" "$@"
}

# cable HOST INTERFACE HOST INTERFACE : both ends down, and no offloads, so that a frame on the
# cable is a frame as a real card would send it: 1,514 bytes at most, checksums filled in.
cable() {
    ip -n "$(namespace_of "$1")" link add "$2" type veth peer name "$4" netns "$(namespace_of "$3")"
    on "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null
    on "$3" ethtool -K "$4" tx off rx off tso off gso off gro off >/dev/null
}

# silence HOST INTERFACE : the interface carries frames of others and says nothing itself.
silence() {
    on "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1"
}

link_up() {
    ip -n "$(namespace_of "$1")" link set "$2" up
}

give_address() {
    local host=$1 interface=$2 address
    shift 2
    for address in "$@"; do
        if [[ $address == *:* ]]; then
            ip -n "$(namespace_of "$host")" address add "$address" dev "$interface" nodad
        else
            ip -n "$(namespace_of "$host")" address add "$address" dev "$interface"
        fi
    done
}

# start JOB HOST COMMAND… : leave a program running in the host's namespace; its words go to a log.
start() {
    local job=$1 host=$2
    shift 2
    ip netns exec "$(namespace_of "$host")" "$@" >"$STATE/logs/$job.log" 2>&1 </dev/null &
}

# wait_for SECONDS WHAT COMMAND… : until the command succeeds, or stop with the name of what is missing.
wait_for() {
    local tries=$(($1 * 10)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || fail "waited in vain for $what (logs: $STATE/logs)"
        sleep 0.1
    done
}

# has_listener HOST tcp|udp PORT
has_listener() {
    [[ -n $(on "$1" ss -H -l -n --"$2" "sport = :$3") ]]
}

namespaces_of_lab() {
    ip netns list | awk -v prefix="wl-$LAB-" 'index($1, prefix) == 1 { print $1 }'
}

processes_of_lab() {
    local namespace
    for namespace in $(namespaces_of_lab); do
        ip netns pids "$namespace"
    done
}

# end_processes : everything that still runs in the lab's own namespaces, by its id.
end_processes() {
    local signal pids tries
    for signal in TERM KILL; do
        mapfile -t pids < <(processes_of_lab)
        ((${#pids[@]} > 0)) || return 0
        kill -"$signal" "${pids[@]}" 2>/dev/null || true
        for ((tries = 30; tries > 0; tries--)); do
            [[ -n $(processes_of_lab) ]] || return 0
            sleep 0.1
        done
    done
    fail "processes of the lab would not end: $(processes_of_lab | tr '\n' ' ')"
}

remove_network() {
    local namespace
    end_processes
    for namespace in $(namespaces_of_lab); do
        ip netns delete "$namespace"
    done
}

remove_lab() {
    remove_network
    rm -rf "$STATE"
}

# say_where : for `trap say_where ERR`: which command failed, and where the programs' own words are.
say_where() {
    trap - ERR
    printf '%s: failed: %s (%s:%s)\n' "${0##*/}" "$BASH_COMMAND" "${BASH_SOURCE[1]##*/}" "${BASH_LINENO[0]}" >&2
    [[ ! -d $STATE/logs ]] || printf '%s: logs are kept in %s\n' "${0##*/}" "$STATE/logs" >&2
}
