# The school: a switch with a mirror port, the servers behind it, the internet beyond the gate.
# Sourced after network.sh and authority.sh.
#
#   pc1 … stranger ─┐                            ┌─ gate ── net (the web server for every name)
#   dc, radius, ap ─┴─ switch ═ mirror port ═ tap
#
# The mirror copies what enters the switch on every access port, so each frame appears exactly once.

DOMAIN=elmrow.example
REALM=ELMROW.EXAMPLE
DC=10.18.4.10
DC6=2001:db8:e1:4::10
RADIUS=10.18.4.11
ACCESS_POINT=10.18.4.12
RADIUS_SECRET=lab-secret

build_school() {
    build_switch
    build_gate
    build_servers
    build_devices
    configure_clients
    start_dhcp_and_dns
    start_kerberos
    start_radius
    start_web
}

build_switch() {
    add_host switch
    ip -n "$(namespace_of switch)" link add bridge0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
    silence switch bridge0
    link_up switch bridge0
    add_host tap
    cable switch mirror0 tap tap0
    silence switch mirror0
    silence tap tap0
    link_up switch mirror0
    link_up tap tap0
}

# plug_in HOST MAC : a cable from the host's lan0 to a mirrored access port; lan0 stays down.
# u32 with an empty match, because not every kernel has matchall.
plug_in() {
    local switch port=p-$1
    switch=$(namespace_of switch)
    cable "$1" lan0 switch "$port"
    ip -n "$(namespace_of "$1")" link set lan0 address "$2"
    silence switch "$port"
    ip -n "$switch" link set "$port" master bridge0 up
    tc -n "$switch" qdisc add dev "$port" clsact
    tc -n "$switch" filter add dev "$port" ingress protocol all prio 1 u32 match u32 0 0 \
        action mirred egress mirror dev mirror0
}

build_gate() {
    add_host gate
    add_host net
    plug_in gate 00:00:5e:00:53:01
    cable gate wan0 net wan0
    on gate sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    link_up gate lan0
    link_up gate wan0
    link_up net wan0
    give_address gate lan0 10.18.4.1/24 2001:db8:e1:4::1/64
    give_address gate wan0 192.0.2.1/30 2001:db8:ff::1/64
    give_address net wan0 192.0.2.2/30 2001:db8:ff::2/64
    route gate 198.51.100.0/24 via 192.0.2.2
    route gate 203.0.113.0/24 via 192.0.2.2
    route gate 2001:db8:80::/64 via 2001:db8:ff::2
    route net 10.18.4.0/24 via 192.0.2.1
    route net 2001:db8:e1:4::/64 via 2001:db8:ff::1
    route net local 198.51.100.0/24 dev lo
    route net local 203.0.113.0/24 dev lo
    route net local 2001:db8:80::/64 dev lo
    local ipv4 page
    while IFS=$'\t' read -r _ ipv4 _ page; do
        # A refused site's address ends at the gate, where nothing listens, as at a filter.
        [[ $page != refused ]] || give_address gate lo "$ipv4/32"
    done < <(sites)
}

route() {
    local host=$1
    shift
    ip -n "$(namespace_of "$host")" route add "$@"
}

build_servers() {
    add_server dc 00:00:5e:00:53:02 "$DC" "$DC6"
    add_server radius 00:00:5e:00:53:03 "$RADIUS"
    add_server ap 00:00:5e:00:53:04 "$ACCESS_POINT"
}

add_server() {
    local host=$1 mac=$2
    shift 2
    add_host "$host"
    plug_in "$host" "$mac"
    silence "$host" lan0
    link_up "$host" lan0
    local address
    for address in "$@"; do
        if [[ $address == *:* ]]; then
            on "$host" sysctl -qw net.ipv6.conf.lan0.disable_ipv6=0 net.ipv6.conf.lan0.accept_ra=0
            give_address "$host" lan0 "$address/64"
        else
            give_address "$host" lan0 "$address/24"
        fi
    done
    route "$host" default via 10.18.4.1
}

build_devices() {
    local name mac
    while IFS=$'\t' read -r name mac _; do
        add_host "$name"
        plug_in "$name" "$mac"
        on "$name" sysctl -qw net.ipv6.conf.lan0.use_tempaddr=2
    done < <(devices)
}

devices() {
    grep -v '^#' "$HERE/devices.tsv"
}

sites() {
    grep -v '^#' "$HERE/sites.tsv"
}

accounts() {
    tail -n +2 "$HERE/../../packaging/demo/directory.csv" | cut -d, -f1
}

password_of() {
    printf 'lab-%s' "$1"
}

# DHCP and DNS on the school's server, router advertisements at the gate. What sites.tsv does not
# list does not exist, so a client that talks of anything else is seen to fail.
start_dhcp_and_dns() {
    local name ipv4 ipv6
    {
        cat <<END
user=root
pid-file=
no-resolv
no-hosts
bind-interfaces
interface=lan0
local=/#/
domain=$DOMAIN
host-record=dc.$DOMAIN,$DC,$DC6
dhcp-authoritative
no-ping
dhcp-leasefile=$STATE/leases
dhcp-range=10.18.4.100,10.18.4.199,255.255.255.0,8h
dhcp-option=option:router,10.18.4.1
address=/test.wardline.example/203.0.113.99
END
        while IFS=$'\t' read -r name ipv4 ipv6 _; do
            [[ $ipv6 == - ]] && echo "host-record=$name,$ipv4" || echo "host-record=$name,$ipv4,$ipv6"
        done < <(sites)
    } >"$STATE/dc.conf"
    cat >"$STATE/gate.conf" <<END
user=root
pid-file=
port=0
interface=lan0
enable-ra
dhcp-range=2001:db8:e1:4::,ra-only,64,8h
dhcp-option=option6:dns-server,[$DC6]
END
    start dc-dnsmasq dc dnsmasq --keep-in-foreground --conf-file="$STATE/dc.conf"
    start gate-dnsmasq gate dnsmasq --keep-in-foreground --conf-file="$STATE/gate.conf"
    wait_for 10 "the DNS server" has_listener dc udp 53
}

start_kerberos() {
    local account host
    mkdir -m 755 "$STATE/kdc" "$STATE/keytabs" "$STATE/tickets"
    cat >"$STATE/kdc.conf" <<END
[kdcdefaults]
 kdc_listen = 88
 kdc_tcp_listen = 88
[realms]
 $REALM = {
  database_name = $STATE/kdc/principal
  key_stash_file = $STATE/kdc/stash
  default_principal_flags = +preauth
  max_life = 10h
 }
END
    {
        echo "add_principal -randkey host/dc.$DOMAIN"
        echo "add_principal -randkey cifs/dc.$DOMAIN"
        for account in $(accounts); do
            echo "add_principal -pw $(password_of "$account") $account"
        done
        while IFS=$'\t' read -r host _ _ account; do
            [[ $account != - ]] || continue
            echo "add_principal -randkey $account"
            echo "add_principal -randkey host/$host.$DOMAIN"
            echo "ktadd -k $STATE/keytabs/$host $account"
        done < <(devices)
    } >"$STATE/kdc/commands"
    on_dc_kerberos kdb5_util create -s -P "$(password_of master)" >"$STATE/logs/kdb5_util.log" 2>&1
    on_dc_kerberos kadmin.local <"$STATE/kdc/commands" >"$STATE/logs/kadmin.log" 2>&1
    start krb5kdc dc env KRB5_CONFIG="$STATE/krb5.conf" KRB5_KDC_PROFILE="$STATE/kdc.conf" krb5kdc -n
    wait_for 10 "the KDC" has_listener dc tcp 88
}

# One account's name is not ASCII: the tools take it as UTF-8 only in a UTF-8 locale.
on_dc_kerberos() {
    on dc env LC_ALL=C.UTF-8 KRB5_CONFIG="$STATE/krb5.conf" KRB5_KDC_PROFILE="$STATE/kdc.conf" "$@"
}

start_radius() {
    mkdir "$STATE/raddb"
    cat >"$STATE/raddb/radiusd.conf" <<END
prefix = /usr
raddbdir = $STATE/raddb
run_dir = $STATE/raddb
libdir = /usr/lib/freeradius
client ap {
    ipaddr = $ACCESS_POINT
    secret = $RADIUS_SECRET
}
thread pool {
    start_servers = 1
}
modules {
    detail {
        filename = $STATE/accounting
        header = "%t"
    }
}
server school {
    listen {
        type = acct
        ipaddr = $RADIUS
        port = 1813
    }
    accounting {
        detail
    }
}
END
    start freeradius radius freeradius -f -l stdout -d "$STATE/raddb" -n radiusd
    wait_for 10 "the RADIUS server" has_listener radius udp 1813
}

start_web() {
    mkdir "$STATE/certificates"
    start web net python3 "$HERE/web.py" "$HERE/sites.tsv" "$STATE/certificates" \
        "$STATE/authority.pem" "$STATE/authority.key"
    wait_for 10 "the web server" has_listener net tcp 443
}

# configure_clients : what a device reads instead of this machine's own files.
configure_clients() {
    printf 'nameserver %s\n' "$DC" >"$STATE/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$STATE/hosts"
    kerberos_settings 1400 "$DC" >"$STATE/krb5.conf"
    kerberos_settings 1 "[$DC6]" >"$STATE/krb5-tcp.conf"
}

# kerberos_settings LIMIT KDC : requests longer than that many bytes go over TCP.
kerberos_settings() {
    cat <<END
[libdefaults]
 default_realm = $REALM
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = $1
[realms]
 $REALM = {
  kdc = $2
 }
[domain_realm]
 .$DOMAIN = $REALM
END
}
