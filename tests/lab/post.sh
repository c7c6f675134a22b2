# The school's mail server: Debian's Postfix with its own configuration, queue and mailboxes, which
# delivers to the school's staff and to nobody else. Sourced after authority.sh and school.sh.

POST=10.18.5.2
POST_NAME=mail.$DOMAIN

# start_post : a mail server on a cable of its own to the tap's host, as on a management network.
start_post() {
    add_host mail
    cable tap lan0 mail lan0
    silence tap lan0
    silence mail lan0
    link_up tap lan0
    link_up mail lan0
    give_address tap lan0 10.18.5.1/30
    give_address mail lan0 "$POST/30"
    printf '127.0.0.1 localhost\n%s %s\n' "$POST" "$POST_NAME" >"$STATE/tap-hosts"
    mkdir -m 755 "$STATE/post" "$STATE/post/config" "$STATE/post/queue"
    install -d -o postfix "$STATE/post/data"
    install -d -o nobody -g nogroup "$STATE/post/boxes"
    issue_certificate "$STATE/post/server" "$POST_NAME"
    mailboxes >"$STATE/post/config/mailboxes"
    postfix_settings >"$STATE/post/config/main.cf"
    postfix_services >"$STATE/post/config/master.cf"
    on mail postfix -c "$STATE/post/config" start >"$STATE/logs/postfix-start.log" 2>&1 </dev/null
    wait_for 10 "the mail server" has_listener mail tcp 587
}

# mailboxes : one for each member of staff; any other recipient is refused.
mailboxes() {
    awk -F, -v domain="$DOMAIN" '$3 == "staff" { print $1 "@" domain " " $1 "/" }' \
        "$HERE/../../packaging/demo/directory.csv"
}

postfix_settings() {
    cat <<END
compatibility_level = 3.6
myhostname = $POST_NAME
config_directory = $STATE/post/config
queue_directory = $STATE/post/queue
data_directory = $STATE/post/data
maillog_file = $STATE/logs/postfix.log
maillog_file_prefixes = $STATE/logs
inet_interfaces = $POST
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_tls_cert_file = $STATE/post/server.pem
smtpd_tls_key_file = $STATE/post/server.key
smtpd_tls_security_level = may
smtpd_relay_restrictions = reject_unauth_destination
mydestination =
mynetworks =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = $DOMAIN
virtual_mailbox_base = $STATE/post/boxes
virtual_mailbox_maps = texthash:$STATE/post/config/mailboxes
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
default_transport = error:no mail leaves the lab
END
}

# postfix_services : port 25 offers STARTTLS, port 587 insists on it.
postfix_services() {
    cat <<'END'
25         inet       n       -       n       -       -       smtpd
587        inet       n       -       n       -       -       smtpd
    -o smtpd_tls_security_level=encrypt
cleanup    unix       n       -       n       -       0       cleanup
qmgr       unix       n       -       n       300     1       qmgr
tlsmgr     unix       -       -       n       1000?   1       tlsmgr
rewrite    unix       -       -       n       -       -       trivial-rewrite
bounce     unix       -       -       n       -       0       bounce
defer      unix       -       -       n       -       0       bounce
trace      unix       -       -       n       -       0       bounce
error      unix       -       -       n       -       -       error
virtual    unix       -       n       n       -       -       virtual
anvil      unix       -       -       n       -       1       anvil
postlog    unix-dgram n       -       n       -       1       postlogd
END
}
