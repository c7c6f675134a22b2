# What a recording must show before it may be published. Sourced by record.

LARGEST=600000

check_recording() {
    check_size
    check_addresses
    check_names
    check_no_copies
    check_browser_hello
}

# frames FILTER FIELD… : tab-separated fields of the frames that match.
frames() {
    local filter=$1 field
    local fields=()
    shift
    for field in "$@"; do
        fields+=(-e "$field")
    done
    tshark -r "$STATE/demo.pcap" -Y "$filter" -T fields "${fields[@]}" 2>/dev/null
}

check_size() {
    local size
    size=$(stat -c %s "$STATE/demo.pcap")
    ((size < LARGEST)) || fail "the capture has $size bytes, more than $LARGEST"
}

# check_addresses : nothing of the machine's own network, nothing of the real internet.
check_addresses() {
    local strange
    strange=$(frames 'not (
        (not ip or (ip.src in {0.0.0.0, 10.18.4.0/24, 198.51.100.0/24, 203.0.113.0/24} and
                    ip.dst in {255.255.255.255, 10.18.4.0/24, 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/4})) and
        (not ipv6 or (ipv6.src in {::, fe80::/10, 2001:db8::/32} and
                      ipv6.dst in {fe80::/10, 2001:db8::/32, ff02::/16})))' frame.number)
    [[ -z $strange ]] || fail "frame ${strange%%$'\n'*} has an address from outside the lab"
}

# check_names : what is asked for is what sites.tsv lists and what Kerberos needs, all of it.
check_names() {
    local strange missing
    frames 'dns.flags.response == 0' dns.qry.name | sort -u >"$STATE/asked"
    sites | cut -f 1 | sort -u >"$STATE/known"
    strange=$(comm -23 "$STATE/asked" "$STATE/known" | grep -viE "(^|\.)$DOMAIN\$" || true)
    [[ -z $strange ]] || fail "names that no story asks for: $strange"
    missing=$(comm -13 "$STATE/asked" "$STATE/known")
    [[ -z $missing ]] || fail "names that nobody asked for: $missing"
}

# check_no_copies : the mirror shows each frame once.
check_no_copies() {
    editcap -w 0.005 "$STATE/demo.pcap" "$STATE/without-copies.pcap" 2>"$STATE/logs/copies.log"
    [[ $(packet_count "$STATE/without-copies.pcap") == $(packet_count "$STATE/demo.pcap") ]] ||
        fail "the mirror shows frames twice: $(tail -1 "$STATE/logs/copies.log")"
}

packet_count() {
    capinfos -rcTM "$1" | cut -f 2
}

# check_browser_hello : the browser's hello is post-quantum and needs two segments.
check_browser_hello() {
    local hellos
    hellos=$(frames 'tls.handshake.type == 1 and tls.handshake.extensions_supported_group == 0x11ec and
        tcp.segment.count == 2' frame.number | wc -l)
    ((hellos >= 8)) || fail "only $hellos post-quantum hellos of two segments; the browser should send one a page"
}
