# What people and devices do at the school. Sourced after school.sh.

# as_device DEVICE COMMAND… : with the lab's DNS and Kerberos settings instead of this machine's.
# `ip netns exec` gives a mount namespace of its own, so the two mounts are seen by this command only.
as_device() {
    local device=$1
    shift
    on "$device" env KRB5_CONFIG="$STATE/krb5.conf" STATE="$STATE" bash -c '
        mount --bind "$STATE/resolv.conf" /etc/resolv.conf
        mount --bind "$STATE/hosts" /etc/hosts
        exec "$@"' as_device "$@"
}

# facts_of DEVICE FIELD : its row of devices.tsv; 2 is the MAC, 3 the host name, 4 the machine account.
facts_of() {
    devices | awk -F '\t' -v device="$1" -v field="$2" '$1 == device { print $field }'
}

ipv4_of() {
    ip -n "$(namespace_of "$1")" -4 -json address show dev lan0 | jq -r '.[].addr_info[].local'
}

# addresses_of DEVICE : every address by which the world may know it, as a JSON list.
addresses_of() {
    ip -n "$(namespace_of "$1")" -json address show dev lan0 scope global | jq -c '[.[].addr_info[].local // empty]'
}

has_private_ipv6() {
    [[ -n $(ip -n "$(namespace_of "$1")" -6 -o address show dev lan0 scope global temporary -tentative) ]]
}

# switch_on DEVICE : link, DHCP, and the IPv6 addresses it makes for itself.
switch_on() {
    local device=$1 hostname
    hostname=$(facts_of "$device" 3)
    {
        echo "initial-interval 1; request subnet-mask, routers;"
        [[ $hostname == - ]] || echo "send host-name \"$hostname\";"
    } >"$STATE/$device.dhclient"
    link_up "$device" lan0
    on "$device" dhclient -4 -1 -q -sf "$HERE/dhclient-script" -cf "$STATE/$device.dhclient" \
        -lf "$STATE/$device.leases" -pf "$STATE/$device.pid" lan0 >>"$STATE/logs/dhclient.log" 2>&1
    wait_for 10 "an IPv6 address of $device" has_private_ipv6 "$device"
}

# machine_logs_in DEVICE : the computer's own account, before anybody sits down.
machine_logs_in() {
    as_device "$1" env KRB5CCNAME="$STATE/tickets/$1.machine" kinit -k -t "$STATE/keytabs/$1" "$(facts_of "$1" 4)"
}

# log_in DEVICE ACCOUNT [tcp] : a ticket for the person, then one for the computer, as a desktop login
# does: over UDP and IPv4, or over TCP and IPv6.
log_in() {
    local device=$1 account=$2 settings=$STATE/krb5${3:+-$3}.conf
    password_of "$account" | with_tickets "$device" "$account" "$settings" kinit "$account" >/dev/null
    with_tickets "$device" "$account" "$settings" kvno -q "host/$device.$DOMAIN"
}

# get_ticket DEVICE ACCOUNT SERVICE : a task of the account, nobody at the keyboard.
get_ticket() {
    password_of "$2" | with_tickets "$1" "$2" "$STATE/krb5.conf" kinit "$2" >/dev/null
    with_tickets "$1" "$2" "$STATE/krb5.conf" kvno -q "$3"
}

mistype_password() {
    if echo wrong | with_tickets "$1" "$2" "$STATE/krb5.conf" kinit "$2" >/dev/null 2>&1; then
        fail "the KDC took a wrong password of $2"
    fi
}

with_tickets() {
    local device=$1 account=$2 settings=$3
    shift 3
    as_device "$device" env LC_ALL=C.UTF-8 KRB5_CONFIG="$settings" \
        KRB5CCNAME="$STATE/tickets/$device.$account" "$@"
}

# account STATUS SESSION ACCOUNT DEVICE [ADDRESS] : the access point tells RADIUS who is on its Wi-Fi.
account() {
    local status=$1 session=$2 account=$3 device=$4 address=${5:-}
    {
        printf 'Acct-Status-Type = %s\nAcct-Session-Id = "%s"\nUser-Name = "%s"\n' "$status" "$session" "$account"
        printf 'Calling-Station-Id = "%s"\n' "$(facts_of "$device" 2 | tr a-f: A-F-)"
        printf 'Called-Station-Id = "00-00-5E-00-53-04:ElmRow"\nNAS-Identifier = "ap-hall"\n'
        printf 'NAS-IP-Address = %s\nNAS-Port-Type = Wireless-802.11\n' "$ACCESS_POINT"
        printf 'Event-Timestamp = "%s"\nAcct-Delay-Time = 0\n' "$(($(story_clock) / 1000000))"
        [[ -z $address ]] || printf 'Framed-IP-Address = %s\n' "$address"
        [[ $status != Stop ]] || printf 'Acct-Terminate-Cause = User-Request\n'
    } | on ap radclient -q -t 2 -r 1 "$RADIUS:1813" acct "$RADIUS_SECRET"
}

# story_clock : now, in microseconds, by the clock of the story. A recording is moved to another
# day afterwards; what is written inside a packet must already tell that day.
story_clock() {
    echo $((${EPOCHREALTIME/./} + ${STORY_OFFSET:-0}))
}

# look_up DEVICE NAME : the question and the answer, no connection.
look_up() {
    as_device "$1" getent ahosts "$2" >/dev/null
}

# fetch DEVICE NAME : a small program gets the page.
fetch() {
    as_device "$1" curl -s -o /dev/null --max-time 10 --cacert "$STATE/authority.pem" "https://$2/"
}

# fetch_with_old_tls DEVICE NAME : the same by TLS 1.2, whose certificate is in clear.
fetch_with_old_tls() {
    printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$2" |
        as_device "$1" timeout 10 openssl s_client -quiet -tls1_2 -CAfile "$STATE/authority.pem" \
            -connect "$2:443" -servername "$2" >/dev/null 2>>"$STATE/logs/s_client.log"
}

fetch_in_vain() {
    if fetch "$1" "$2"; then
        fail "$2 answered, but it was to refuse"
    fi
}

# open_page DEVICE NAME : a person opens the page in a real browser, which then closes. The browser may
# resolve no other name: whatever its maker has it ask for in the background is no part of a story.
open_page() {
    local profile
    profile=$(mktemp -d "$STATE/browser.XXXXXX")
    as_device "$1" env HOME="$profile" timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic \
        --no-first-run --disable-background-networking --disable-component-update --disable-sync \
        --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE $2" --ignore-certificate-errors \
        --user-data-dir="$profile" --dump-dom "https://$2/" \
        >"$profile/page" 2>>"$STATE/logs/chromium.log"
    grep -q 'A harmless page' "$profile/page" || fail "$1 could not open $2"
    rm -rf "$profile"
}
